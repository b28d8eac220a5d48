"""An edit as a unified diff that `patch -p0 -d /` and `git apply` take."""

from __future__ import annotations

import difflib
import re

from wizard.model.masking import mask
from wizard.model.text import clean

_CONTEXTS = (3, 2, 1)
"""Lines around a change. git apply takes no hunk without any."""
_QUOTED = re.compile(r'["\\]')
_NO_NEWLINE = "\\ No newline at end of file"


def unified(path: str, before: str, after: str) -> str:
    """The diff of a file; empty where nothing differs.

    The file is named without its leading slash: patch refuses absolute names. Where a line beside
    the change holds a secret or bytes that are not shown as they are, there is less around it.
    """
    diffs = (_unified(path, before, after, context) for context in _CONTEXTS)
    return next(filter(is_whole, diffs), None) or _unified(path, before, after, _CONTEXTS[0])


def is_whole(diff: str) -> bool:
    """It comes through cleaning and masking as it is, so that what is shown can be applied."""
    return mask(clean(diff)) == diff


def _unified(path: str, before: str, after: str, context: int) -> str:
    name = _name(path.lstrip("/"))
    lines = difflib.unified_diff(
        _lines(before), _lines(after), name, name, n=context, lineterm="\n"
    )
    shown = []
    for line in lines:
        shown.append(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n")
    return "".join(shown)


def _name(path: str) -> str:
    """As GNU diff and git write it: a tab ends a name with blanks, quotes come in quotes."""
    if _QUOTED.search(path):
        return '"' + _QUOTED.sub(r"\\\g<0>", path) + '"'
    return f"{path}\t" if " " in path else path


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: a carriage return is part of its line."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
