"""What a person can type at a prompt: one letter or its word, with or without a number."""

from __future__ import annotations

import re
from typing import NamedTuple

WORDS = {
    "b": ("back", "back to the question before"),
    "r": ("again", "look again: make the looks of this question anew"),
    "s": ("stale", "look again at all that is too old to confirm anything"),
    "a": ("auto", "walk on to the verdict without waiting"),
    "j": ("jump", "jump to any question: j alone lists them, j 7 goes there"),
    "e": ("evidence", "e alone lists the evidence, e 4 shows the whole of e4"),
    "l": ("learn", "why this question is asked, and how to read what was seen"),
    "p": ("paste", "paste the output of a command that could not be run here"),
    "n": ("note", "n and a sentence: keep a note"),
    "v": ("verify", "ask the site again as a client, and compare"),
    "w": ("watch", "ask the site for a while and count what fails: w 60s, w 200r"),
    "c": ("card", "c alone lists the proposals, c 1 shows and saves the first"),
    "k": ("keep", "k alone lists what keeps it from coming back, k 1 shows and saves the first"),
    "t": ("transcript", "t alone shows it, t md (html, text, json, short, postmortem) saves it"),
    "q": ("quit", "leave; nothing is lost"),
    "?": ("help", "these words"),
}
_LETTERS = {word: letter for letter, (word, _) in WORDS.items()} | {"h": "?", "exit": "q"}
_WITH_NUMBER = re.compile(r"([a-z])\s?(\d+)", re.IGNORECASE)


class Command(NamedTuple):
    """What was typed."""

    letter: str
    """A key of `WORDS`; a number alone is `#`; empty for Enter, `!` for what is not known."""
    rest: str = ""


def read(typed: str) -> Command:
    """The command in a line."""
    line = typed.strip()
    if not line:
        return Command("")
    if line.isascii() and line.isdigit():
        return Command("#", line)
    if (glued := _WITH_NUMBER.fullmatch(line)) and glued[1].lower() in WORDS:
        return Command(glued[1].lower(), glued[2])
    first, _, rest = line.partition(" ")
    first = first.lower()
    letter = first if first in WORDS else _LETTERS.get(first, "!")
    return Command(letter, rest.strip() if letter != "!" else line)


def number(text: str) -> int | None:
    """The number in `4` or `e4`; None when there is none."""
    digits = text.strip().lower().removeprefix("e")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None
