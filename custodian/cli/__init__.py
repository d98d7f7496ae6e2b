"""The command line: one file per group of commands, each loaded when it is asked for.

What lives here asks, calls `vault` and the rest of `custodian`, and prints; it knows no rule of custody. Only `app`
imports `screens`, and only when the app is opened. `program` is the place to start: it lists the commands, and turns
every way of ending into an exit code.
"""
