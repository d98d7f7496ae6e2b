"""The world around the vault: command line, settings, clipboard, imports from other tools, AWS posture.

`custodian` may import `vault` and nothing of `screens`, apart from the one command that opens the app. It decides how
things are asked for and shown; it decides nothing about custody, which is all in `vault`. Start reading at
`custodian.cli.program`.
"""

from __future__ import annotations

__version__ = "0.1.0"
