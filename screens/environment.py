"""What the environment may ask of Textual before a secret is typed, and what it may not.

Textual reads a dozen variables when it is imported: one writes every key to a file, one takes a picture and leaves, one
swaps the driver for a web page without a password. So `disarm` runs before the first import of textual and takes out
every one that is not known to be harmless; what was ignored is told, never honoured in silence.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

from vault.errors import Refused

HARMLESS = frozenset(
    {
        "TEXTUAL_ANIMATIONS",
        "TEXTUAL_COLOR_SYSTEM",
        "TEXTUAL_DIM_FACTOR",
        "TEXTUAL_DISABLE_KITTY_KEY",
        "TEXTUAL_FPS",
        "TEXTUAL_SMOOTH_SCROLL",
        "TEXTUAL_SPEEDUPS",
    }
)
"""Variables that change how the screen is drawn and nothing else."""

REASONS = {
    "TEXTUAL_LOG": "it would write every key you press to a file",
    "TEXTUAL": "it would turn on the developer tools, which see every key",
    "TEXTUAL_DEVTOOLS_HOST": "it would send what happens here to another program",
    "TEXTUAL_DEVTOOLS_PORT": "it would send what happens here to another program",
    "TEXTUAL_SCREENSHOT": "it would save a picture of the screen",
    "TEXTUAL_SCREENSHOT_LOCATION": "it would save a picture of the screen",
    "TEXTUAL_SCREENSHOT_FILENAME": "it would save a picture of the screen",
    "TEXTUAL_PRESS": "it would press keys in your place",
    "TEXTUAL_DRIVER": "it would replace the program that draws the screen and reads the keys",
}

_CONSTANTS: dict[str, object] = {
    "DEBUG": False,
    "DRIVER": None,
    "LOG_FILE": None,
    "SCREENSHOT_DELAY": -1,
    "SCREENSHOT_LOCATION": None,
    "SCREENSHOT_FILENAME": None,
    "PRESS": "",
    "SHOW_RETURN": False,
    "FILTERS": "",
}
"""What `textual.constants` holds when none of the variables was set."""


def disarm(environ: MutableMapping[str, str]) -> list[str]:
    """Remove every variable that Textual must not see; return one sentence for each that was there.

    Raises Refused under a web driver: whoever reaches such a page would be the custodian.
    """
    served = "web_driver" in environ.get("TEXTUAL_DRIVER", "")
    told: list[str] = []
    for name in sorted(environ):
        if (name == "TEXTUAL" or name.startswith("TEXTUAL_")) and name not in HARMLESS:
            del environ[name]
            told.append(f"{name} is ignored: {REASONS.get(name, 'it is not known to be harmless')}")
    _disarm_what_was_read_already()
    if served:
        raise web_refusal()
    return told


def web_refusal() -> Refused:
    """The refusal to run where a browser, and whoever reaches it, would be the terminal."""
    return Refused(
        "the app does not open in a browser",
        "a page served by textual-serve asks nobody who they are",
        "Run breakglass in a terminal, over ssh where it must be remote.",
    )


def _disarm_what_was_read_already() -> None:
    """Somebody may have imported textual before us; then its constants hold what the environment said."""
    constants = sys.modules.get("textual.constants")
    if constants is not None:
        for name, value in _CONSTANTS.items():
            setattr(constants, name, value)
