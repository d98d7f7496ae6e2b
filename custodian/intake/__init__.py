"""Bringing credentials in from where they live today: other password managers, lists, pictures of QR codes.

Start with `reading.read`, which takes any file that is understood and gives candidates; `plan.plan` says what they would
add to a vault, and `plan.apply` does it. For a single MFA device there are `otpauth.parse` and `qr.read`. Everything here
reads hostile input: each parser has bounds, raises only a BreakglassError, and quotes no secret in it. This package
may import `vault`; it never draws, prompts, or talks to a network, and it writes nothing but through the vault.
"""
