"""The two themes, dark and light, and the words in which every state is written.

Blue says well, orange says wrong, in both themes and with enough contrast to be read; red and green are never set against
each other. No state is told by colour alone, so what stands in `GLYPHS` is always shown with its word.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="breakglass-dark",
    dark=True,
    primary="#6cb6ff",
    secondary="#8fa3b5",
    accent="#ffffff",
    foreground="#e4e8ec",
    background="#11161b",
    surface="#11161b",
    panel="#232c35",
    success="#6cb6ff",
    warning="#ffab4a",
    error="#ffab4a",
    variables={
        "well": "#6cb6ff",
        "wrong": "#ffab4a",
        "quiet": "#97a5b2",
        "line": "#4d5b68",
        "scrollbar": "#4d5b68",
        "scrollbar-hover": "#97a5b2",
        "scrollbar-active": "#97a5b2",
        "scrollbar-background": "#11161b",
        "scrollbar-background-hover": "#11161b",
        "scrollbar-background-active": "#11161b",
        "scrollbar-corner-color": "#11161b",
        "block-cursor-foreground": "#11161b",
        "block-cursor-background": "#e4e8ec",
        "input-cursor-background": "#e4e8ec",
        "input-selection-background": "#3b5a78",
        "border": "#e4e8ec",
        "border-blurred": "#4d5b68",
    },
)

LIGHT = Theme(
    name="breakglass-light",
    dark=False,
    primary="#0b5cad",
    secondary="#51606d",
    accent="#000000",
    foreground="#1a2026",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#e6e9ec",
    success="#0b5cad",
    warning="#9a4a00",
    error="#9a4a00",
    variables={
        "well": "#0b5cad",
        "wrong": "#9a4a00",
        "quiet": "#55626e",
        "line": "#a4afb9",
        "scrollbar": "#a4afb9",
        "scrollbar-hover": "#55626e",
        "scrollbar-active": "#55626e",
        "scrollbar-background": "#fbfbf9",
        "scrollbar-background-hover": "#fbfbf9",
        "scrollbar-background-active": "#fbfbf9",
        "scrollbar-corner-color": "#fbfbf9",
        "block-cursor-foreground": "#fbfbf9",
        "block-cursor-background": "#1a2026",
        "input-cursor-background": "#1a2026",
        "input-selection-background": "#b9d4ef",
        "border": "#1a2026",
        "border-blurred": "#a4afb9",
    },
)

GLYPHS = {"pass": "●", "fail": "▲", "unknown": "?", "not_applicable": "–"}
WORDS = {"pass": "pass", "fail": "fail", "unknown": "unknown", "not_applicable": "n/a"}
COLOURS = {"pass": "$well", "fail": "bold $wrong", "unknown": "$wrong", "not_applicable": "$quiet"}
"""Of each status as stored: its glyph, its word, its style."""
