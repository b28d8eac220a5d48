"""An edit as a unified diff that `patch -p0 -d /` and `git apply` take."""

from __future__ import annotations

import difflib

_CONTEXT = 3
_NO_FILE = "/dev/null"
_NO_NEWLINE = "\\ No newline at end of file"


def unified(path: str, before: str | None, after: str) -> str:
    """The diff of a file, or of one that is new; empty where nothing differs.

    The file is named without its leading slash: patch refuses absolute names.
    """
    name = path.lstrip("/")
    old = _NO_FILE if before is None else name
    lines = difflib.unified_diff(
        _lines(before or ""), _lines(after), old, name, n=_CONTEXT, lineterm="\n"
    )
    shown = []
    for line in lines:
        shown.append(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n")
    return "".join(shown)


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: a carriage return is part of its line."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
