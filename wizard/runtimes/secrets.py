"""Command lines without the secrets in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_NAMED = re.compile(
    r"(?i)^(-{0,2}[\w.-]*(?:pass(?:word|wd)?|secret|token|api[_-]?key|credential|private[_-]?key)[\w.-]*)=(.+)$",
    re.DOTALL,
)
_OPTION = re.compile(
    r"(?i)^--?[\w.-]*(?:pass(?:word|wd)?|secret|token|api[_-]?key|credential)[\w.-]*$"
)
_IN_URL = re.compile(r"(\w+://[^/\s:@]*):[^/\s@]+@")
_HIDDEN = "***"


def masked(argv: Sequence[str]) -> str:
    """The argument list quoted for the shell, passwords and tokens replaced by `***`."""
    shown = []
    hide_next = False
    for word in argv:
        if hide_next and not word.startswith("-"):
            shown.append(_HIDDEN)
            hide_next = False
            continue
        hide_next = _OPTION.match(word) is not None
        word = _IN_URL.sub(rf"\1:{_HIDDEN}@", _NAMED.sub(rf"\1={_HIDDEN}", word))
        shown.append(word if word == _HIDDEN else _quoted(word))
    return " ".join(shown)


def _quoted(word: str) -> str:
    # `***` and `${PORT}` are for reading, not for the shell.
    return word if re.fullmatch(r"[\w@%+=:,./*${}-]+", word) else shlex.quote(word)
