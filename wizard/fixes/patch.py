"""An edit as a unified diff that `patch -p0 -d /` and `git apply` take, without a secret in it.

A line around the change that holds a secret is left out: the hunk ends before it, and is as long
above the change as below, because patch(1) takes a hunk with less above for one at the beginning
of the file. A changed line that holds a secret is shown masked; such a diff does not apply as it
stands (`wizard.fixes.unmasked` makes it whole).
"""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

from wizard.model.masking import mask
from wizard.model.text import clean

_CONTEXT = 3
_QUOTED = re.compile(r'["\\]')
_NO_FILE = "/dev/null"
_NO_NEWLINE = "\\ No newline at end of file"


class UnshowableError(ValueError):
    """A changed line cannot be shown: it holds bytes that are no text, or control characters."""


class _Change(NamedTuple):
    """Lines `begin` to `end` of the old text become those of the new one; the ends are not in."""

    begin: int
    end: int
    new_begin: int
    new_end: int


def unified(path: str, before: str | None, after: str) -> str:
    """The diff of a file, or of one that is new; empty where nothing differs.

    The file is named without its leading slash: patch refuses absolute names.

    Raises:
        UnshowableError: a changed line cannot be shown as it is.
    """
    old, new = _lines(before or ""), _lines(after)
    changes = _changes(old, new)
    if not changes:
        return ""
    shown_old, shown_new = _shown(old), _shown(new)
    kept = [line == shown for line, shown in zip(old, shown_old, strict=True)]
    name = _name(path.lstrip("/"))
    written = [f"--- {_NO_FILE if before is None else name}\n", f"+++ {name}\n"]
    for hunk in _hunks(changes, kept):
        above, below = _context(hunk, kept)
        written += _hunk(hunk, above, below, shown_old, shown_new)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n" for line in written)


def _name(path: str) -> str:
    """As GNU diff and git write it: a tab ends a name with blanks, quotes come in quotes."""
    if _QUOTED.search(path):
        return '"' + _QUOTED.sub(r"\\\g<0>", path) + '"'
    return f"{path}\t" if " " in path else path


def _changes(old: list[str], new: list[str]) -> list[_Change]:
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [_Change(*where) for kind, *where in codes if kind != "equal"]


def _hunks(changes: list[_Change], kept: list[bool]) -> list[list[_Change]]:
    """Changes that are near each other in one hunk, if all between them may be shown."""
    hunks: list[list[_Change]] = []
    for change in changes:
        last = hunks[-1][-1] if hunks else None
        between = range(last.end, change.begin) if last else range(0)
        if last and len(between) <= 2 * _CONTEXT and all(kept[at] for at in between):
            hunks[-1].append(change)
        else:
            hunks.append([change])
    return hunks


def _context(hunk: list[_Change], kept: list[bool]) -> tuple[int, int]:
    """How many lines above and below are shown."""
    begin, end = hunk[0].begin, hunk[-1].end
    above = below = 0
    while above < _CONTEXT and begin > above and kept[begin - above - 1]:
        above += 1
    while below < _CONTEXT and end + below < len(kept) and kept[end + below]:
        below += 1
    if above < below and begin > above:
        below = above
    if below < above and end + below < len(kept):
        above = below
    return above, below


def _hunk(hunk: list[_Change], above: int, below: int, old: list[str], new: list[str]) -> list[str]:
    first, last = hunk[0], hunk[-1]
    begin, end = first.begin - above, last.end + below
    lines = [
        f"@@ -{_range(begin, end)} +{_range(first.new_begin - above, last.new_end + below)} @@\n"
    ]
    at = begin
    for change in hunk:
        lines += [f" {line}" for line in old[at : change.begin]]
        lines += [f"-{line}" for line in old[change.begin : change.end]]
        lines += [f"+{line}" for line in new[change.new_begin : change.new_end]]
        at = change.end
        for line in (*old[change.begin : change.end], *new[change.new_begin : change.new_end]):
            if clean(line) != line:
                raise UnshowableError("a changed line holds characters that cannot be shown")
    return lines + [f" {line}" for line in old[at:end]]


def _range(begin: int, end: int) -> str:
    """As diff(1) writes it: an empty range is named by the line before it."""
    length = end - begin
    if length == 1:
        return f"{begin + 1}"
    return f"{begin + 1 if length else begin},{length}"


def _shown(lines: list[str]) -> list[str]:
    """The lines with their secrets masked; those that cannot be shown differ from what they are."""
    shown, in_key = [], False
    for line in lines:
        in_key = in_key or "-----BEGIN " in line
        masked = mask(line)
        shown.append(f"{mask(f'password={line.strip()}')}\n" if in_key else masked)
        in_key = in_key and "-----END " not in line
    return [each if clean(each) == each else f"{each}\0" for each in shown]


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: a carriage return is part of its line."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
