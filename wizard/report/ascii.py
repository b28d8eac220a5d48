"""Text for a terminal, or a chat, that knows nothing but ASCII."""

from __future__ import annotations

_DRAWN = str.maketrans(
    {
        "→": "->", "←": "<-", "…": "...", "–": "-", "—": "-", "·": "-", "•": "*", "×": "x",
        "‘": "'", "’": "'", "“": '"', "”": '"', "≥": ">=", "≤": "<=", "≠": "!=", "\xa0": " ",
        "µ": "u", "└": "`", "├": "|", "─": "-", "│": "|",
    }
)  # fmt: skip


def ascii_only(text: str) -> str:
    """The text with arrows and dashes drawn in ASCII, and everything else as an escape."""
    return text.translate(_DRAWN).encode("ascii", "backslashreplace").decode("ascii")
