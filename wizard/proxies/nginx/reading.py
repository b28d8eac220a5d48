"""Read nginx configuration files with crossplane, one file at a time.

Files are parsed singly and includes are followed here, because crossplane's own way of combining
them attributes directives after an include to the included file, and forgets includes that one
may not read. Its checks of contexts and arguments are off: third-party modules must not lose us
directives, and `nginx -t` judges better.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from typing import Any

import msgspec

Statement = dict[str, Any]
"""crossplane's shape: directive, line, args, block; `files` is added to an include."""

_DEEPEST_INCLUDE = 20
_OPEN, _CLOSE, _END = "{", "}", (";",)
_BYTE_ORDER_MARK = "\ufeff"


class Trouble(msgspec.Struct, frozen=True):
    """A file that could not be read or understood as a whole."""

    file: str
    line: int | None
    message: str
    unreadable: bool = False
    """Not allowed, rather than wrong."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"


class Files(msgspec.Struct):
    """Every file of one configuration, by path, in the order in which nginx reads them."""

    main: str
    statements: dict[str, list[Statement]] = msgspec.field(default_factory=dict)
    patterns: list[str] = msgspec.field(default_factory=list)
    """Absolute include patterns that hold wildcards."""
    troubles: list[Trouble] = msgspec.field(default_factory=list)


def read(main: str) -> Files:
    """Parse the main file and everything that it includes.

    Relative includes are taken from the main file's folder, as nginx does.
    """
    files = Files(main)
    folder = os.path.dirname(main)
    waiting = [main]
    for path in waiting:
        if path in files.statements:
            continue
        files.statements[path] = _parse(path, files.troubles)
        for include in _includes(files.statements[path]):
            include["files"] = _included(include, path, folder, files)
            waiting.extend(include["files"])
    return files


def expanded(
    files: Files, path: str, statements: list[Statement], depth: int = 0
) -> Iterator[tuple[Statement, str]]:
    """The statements of a block with includes replaced by what they include, each with its file."""
    for statement in statements:
        if "files" not in statement:
            yield statement, path
        elif depth < _DEEPEST_INCLUDE:
            for included in statement["files"]:
                yield from expanded(files, included, files.statements[included], depth + 1)


def _includes(statements: list[Statement]) -> Iterator[Statement]:
    for statement in statements:
        if statement["directive"] == "include" and statement["args"]:
            yield statement
        elif "block" in statement:
            yield from _includes(statement["block"])


def _included(include: Statement, path: str, folder: str, files: Files) -> list[str]:
    pattern = os.path.normpath(os.path.join(folder, include["args"][0]))
    if not glob.has_magic(pattern):
        if os.path.exists(pattern):
            return [pattern]
        hidden = not _reachable(os.path.dirname(pattern))
        reason = "may not be looked at" if hidden else "does not exist"
        message = f'the included file "{pattern}" {reason}'
        files.troubles.append(Trouble(path, include["line"], message, hidden))
        return []
    files.patterns.append(pattern)
    fixed = pattern
    while glob.has_magic(fixed):
        fixed = os.path.dirname(fixed)
    if os.path.isdir(fixed) and not os.access(fixed, os.R_OK | os.X_OK):
        message = f"not allowed to list {fixed}"
        files.troubles.append(Trouble(path, include["line"], message, unreadable=True))
    return sorted(glob.glob(pattern))


def _reachable(folder: str) -> bool:
    while folder not in ("", "/"):
        if os.path.isdir(folder):
            return os.access(folder, os.X_OK)
        folder = os.path.dirname(folder)
    return True


def _parse(path: str, troubles: list[Trouble]) -> list[Statement]:
    import crossplane

    payload = crossplane.parse(
        path, single=True, check_ctx=False, check_args=False, onerror=lambda error: error
    )
    statements: list[Statement] = payload["config"][0]["parsed"]
    for error in payload["errors"]:
        found = error["callback"]
        if isinstance(found, OSError):
            message = found.strerror or "cannot be read"
            denied = isinstance(found, PermissionError)
            troubles.append(Trouble(path, None, message, unreadable=denied))
            return []
        said = getattr(found, "strerror", "") or "unexpected end of file"
        troubles.append(Trouble(path, error["line"], said))
        statements = _salvaged(path)
    if statements and statements[0]["directive"].startswith(_BYTE_ORDER_MARK):
        name = statements[0]["directive"].lstrip(_BYTE_ORDER_MARK)
        statements[0]["directive"] = name
        troubles.append(Trouble(path, 1, f'a byte order mark stands before "{name}"'))
    return statements


def _salvaged(path: str) -> list[Statement]:
    """What can be had of a file with unbalanced braces or an open quote.

    crossplane yields nothing of such a file; nginx may still be running with its former state,
    which is nearly the same.
    """
    from crossplane.lexer import lex

    top: list[Statement] = []
    blocks = [top]
    words: list[str] = []
    first_line = 0
    tokens = lex(path)
    while True:
        try:
            token, line, quoted = next(tokens)
        except Exception:  # the lexer's own end at the fault, of whatever class
            return top
        opens, closes = token == _OPEN and not quoted, token == _CLOSE and not quoted
        if quoted or not (opens or closes or token in _END):
            if quoted or not token.startswith("#"):
                first_line = first_line if words else line
                words.append(token)
            continue
        if words:
            statement: Statement = {"directive": words[0], "line": first_line, "args": words[1:]}
            blocks[-1].append(statement)
            words = []
            if opens:
                statement["block"] = []
                blocks.append(statement["block"])
        if closes and len(blocks) > 1:
            blocks.pop()
