"""An app whose vault is open already, at the two sizes that everything must fit, and what its screen says."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

import vault
from screens.app import Breakglass
from tests.vault.founding import record
from vault import Vault
from vault.events import AccountAdded
from vault.identity import Identity

SMALL, LARGE = (80, 24), (120, 40)
HOSTILE = "[red]x[/] \x1b[31mpay\x1b[0m\u202eedoc\u200b [@click=app.quit]click[/]"
"""Markup, escape sequences, a right-to-left override, a zero-width space, and a link."""


def found(folder: Path, name: str = "Acme", member: str = "anna") -> Vault:
    """A new vault of one custodian."""
    return vault.create(folder, name, member, Identity.from_secret(bytearray(b"k" * 32)))


def with_accounts(folder: Path, *names: str) -> tuple[Vault, list[str]]:
    """A vault with an account for each name, and their ids."""
    made = found(folder)
    ids = [f"{111122223333 + at}" for at in range(len(names))]
    for account, name in zip(ids, names, strict=True):
        # Not `add_account`: another member's client may say what ours refuses.
        made._ledger.say(AccountAdded(record(account, name)))
    return made, ids


@asynccontextmanager
async def app(opened: Vault, tmp_path: Path, size: tuple[int, int] = SMALL) -> AsyncIterator[Pilot[int]]:
    """The app on top of `opened`, with the accounts in front."""
    identity_file = tmp_path / "identity"
    identity_file.write_bytes(b"")
    made = Breakglass(tmp_path / "nowhere", identity_file)
    async with made.run_test(size=size) as pilot:
        made.session.adopt(Identity.from_secret(bytearray(os.urandom(32))), opened)
        made.enter()
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[int], until: Callable[[], object] = lambda: True) -> None:
    """Let threads and messages come to rest, and wait for `until` to hold."""
    for _ in range(400):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        if until():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"never came to pass; the screen says:\n{text(pilot)}")


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys and let what they start come to rest."""
    await pilot.press(*keys)
    await settle(pilot)


def text(pilot: Pilot[int]) -> str:
    """All rows of the screen as they stand, without trailing space."""
    screen = pilot.app.screen
    strips = screen._compositor.render_strips(screen.size)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def rows(pilot: Pilot[int]) -> list[str]:
    """The rows of the screen."""
    return text(pilot).split("\n")
