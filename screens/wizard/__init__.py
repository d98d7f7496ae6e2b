"""The first run: from nothing to a vault with an identity, words on paper, an account, and a way for AWS to be asked.

`Founding` is the order of the steps; each step is a file and a screen of its own. Everything after the vault exists can be put off,
and what was put off is either due afterwards or one key away on the accounts.
"""

from __future__ import annotations

from screens.wizard.founding import Founding

__all__ = ["Founding"]
