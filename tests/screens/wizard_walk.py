"""Walking through the founding of a vault as a person does: the app on a machine with nothing on it, and the answers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from screens.app import Breakglass
from screens.wizard.words import RecoveryWords
from tests.screens.opened import SMALL, press, settle, text

PASSPHRASE = "correct stapler pond violet hammock"


@asynccontextmanager
async def new_machine(folder: Path, size: tuple[int, int] = SMALL) -> AsyncIterator[Pilot[int]]:
    """The app where nothing is in `folder` yet, or what an earlier start left there."""
    app = Breakglass(folder / "data" / "vault", folder / "data" / "identity")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def write(pilot: Pilot[int], words: str, *then: str) -> None:
    """Put `words` into the focused field as the terminal's paste does, then press keys."""
    await pilot.app.on_event(events.Paste(words))
    await press(pilot, *then)


async def to_passphrase(pilot: Pilot[int]) -> None:
    """From the welcome to the question for a passphrase."""
    await press(pilot, "enter")
    await write(pilot, "Acme", "enter")
    await write(pilot, "anna", "enter")


async def to_device_secret(pilot: Pilot[int]) -> None:
    """On to what the keyring says."""
    await to_passphrase(pilot)
    await write(pilot, PASSPHRASE, "enter")
    await write(pilot, PASSPHRASE, "enter")


async def to_words(pilot: Pilot[int], *choice: str) -> None:
    """On to the recovery words, which are masked; `choice` are the keys pressed at the device secret."""
    await to_device_secret(pilot)
    await press(pilot, *choice, "enter")
    await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
    await press(pilot, "enter")
    await settle(pilot, lambda: "12  ••••••" in text(pilot))


async def unlocked(pilot: Pilot[int], passphrase: str = PASSPHRASE) -> None:
    """Type the passphrase at the lock."""
    await write(pilot, passphrase, "enter")


def words_of(pilot: Pilot[int]) -> list[str]:
    """The words that stand on the screen, as somebody would write them down."""
    found = {}
    for row in text(pilot).split("\n"):
        if re.fullmatch(r"(\s+\d{1,2}  [a-z]+)+\s*", row):
            parts = row.split()
            found.update(zip(map(int, parts[::2]), parts[1::2], strict=True))
    return [found[at] for at in sorted(found)]


def place_asked(pilot: Pilot[int]) -> int:
    """Which word is asked for, from 0."""
    row = next(r for r in text(pilot).split("\n") if r.strip().startswith("Word "))
    return int(row.split()[1]) - 1


async def give_back(pilot: Pilot[int], words: list[str]) -> None:
    """Type each word that is asked for."""
    while isinstance(pilot.app.screen, RecoveryWords) and pilot.app.screen.has_class("-asking"):
        await write(pilot, words[place_asked(pilot)], "enter")
