"""A diff with masked secrets made whole: they are read from the live file, where they stand.

Nothing else is taken from the file. Every line that the diff names has to stand there as it did,
so a file that was changed since gives no diff.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from wizard.model.finding import MASKED

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+")


class UnmaskError(ValueError):
    """The diff cannot be made whole; the message says why."""


class _OldLine(NamedTuple):
    path: str
    number: int
    """In the live file, from 1."""
    text: str


def unmasked(diff: str, read: Callable[[str], str]) -> str:
    """The diff with the secrets in it; `read` gives the text of a live file.

    Raises:
        UnmaskError: the file is another one by now, or does not hold all of the secrets.
        OSError: it cannot be read.
    """
    files: dict[str, list[str]] = {}
    secrets: dict[str, str] = {}
    for old in _old_lines(diff):
        if old.path not in files:
            files[old.path] = read(old.path).split("\n")
        lines = files[old.path]
        live = lines[old.number - 1] if old.number <= len(lines) else ""
        for token, secret in _secrets(old, live).items():
            if secrets.setdefault(token, secret) != secret:
                raise UnmaskError(f"{old.path}:{old.number} holds another secret by now")
    missing = sorted({each for each in MASKED.findall(diff) if each not in secrets})
    if missing:
        raise UnmaskError(f"{missing[0]} stands in none of the lines that are changed")
    return MASKED.sub(lambda match: secrets[match.group()], diff)


def _old_lines(diff: str) -> Iterator[_OldLine]:
    """The lines of the diff that are in the live files."""
    path, number, left = "", 0, 0
    for line in diff.split("\n"):
        if not left and line.startswith("--- "):
            path = "/" + line[4:].rstrip("\t\r")
        elif not left and (match := _HUNK.match(line)):
            number, left = int(match[1]), int(match[2] or 1)
        elif left and line[:1] in (" ", "-", ""):
            yield _OldLine(path, number, line[1:])
            number, left = number + 1, left - 1


def _secrets(old: _OldLine, live: str) -> dict[str, str]:
    """What stands in the live line where the diff has masks."""
    groups: dict[str, str] = {}
    pattern, at = "", 0
    for match in MASKED.finditer(old.text):
        pattern += re.escape(old.text[at : match.start()])
        known = groups.get(match.group())
        if known:
            pattern += f"(?P={known})"
        else:
            name = groups[match.group()] = f"secret{len(groups)}"
            pattern += f"(?P<{name}>.+?)"
        at = match.end()
    found = re.fullmatch(pattern + re.escape(old.text[at:]), live)
    if found is None:
        raise UnmaskError(f"{old.path}:{old.number} has changed since: diagnose again")
    return {token: found[name] for token, name in groups.items()}
