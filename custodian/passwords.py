"""New passwords for root users: random, long, and typable from a screen when nothing can be pasted."""

from __future__ import annotations

import secrets
import string

LENGTH = 40
"""Characters; about 240 bits. AWS takes up to 128."""
SPECIAL = "!@#$%^&*()<>[]{}|_+-="
"""The characters that AWS counts as special in a root password."""
MISTAKABLE = frozenset("0O1Il|")
"""Left out: they may have to be read from a screen and typed."""

_CLASSES = tuple(
    "".join(c for c in one if c not in MISTAKABLE)
    for one in (string.ascii_uppercase, string.ascii_lowercase, string.digits, SPECIAL)
)


def generate_password() -> str:
    """A random password that AWS takes for root: something of each class, nothing that is mistaken for another."""
    while True:
        made = "".join(secrets.choice("".join(_CLASSES)) for _ in range(LENGTH))
        if all(any(c in one for c in made) for one in _CLASSES):
            return made
