"""Posture: what AWS says about an account's root user, as findings with evidence; only reading, never changing.

Start at `engine.scan` (one account, blocking, for a worker thread) or `engine.scan_many`. A check is one file in
`checks/`, a question to AWS one file in `reads/`. May import `vault` for text and time; must never know a screen, a
secret of the vault, or how to write to AWS. botocore is imported by the first scan and not before.
"""

from __future__ import annotations

from custodian.posture.access import Access, Window, windows_from
from custodian.posture.board import light, posture_lines
from custodian.posture.check import Check, actions, catalogue
from custodian.posture.engine import Scanned, scan, scan_many
from custodian.posture.finding import Evidence, Finding, Severity, Status, as_json, glyph, word, worst
from custodian.posture.timing import Timeouts, Timing

__all__ = [
    "ROOT_CHECKS",
    "Access",
    "Check",
    "Evidence",
    "Finding",
    "Scanned",
    "Severity",
    "Status",
    "Timeouts",
    "Timing",
    "Window",
    "actions",
    "as_json",
    "catalogue",
    "glyph",
    "light",
    "posture_lines",
    "scan",
    "scan_many",
    "windows_from",
    "word",
    "worst",
]


def __getattr__(name: str) -> object:
    if name == "ROOT_CHECKS":  # found by looking into the folder, so only when somebody asks
        return catalogue()
    raise AttributeError(name)
