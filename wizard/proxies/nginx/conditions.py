"""`if (...)`: decided as nginx does where all that it asks is known, else None."""

from __future__ import annotations

import os
import stat

from wizard.proxies.nginx.config import Directive
from wizard.proxies.nginx.regexes import pattern
from wizard.proxies.nginx.variables import Request


def holds(directive: Directive, request: Request) -> bool | None:
    """Whether the request takes this `if`."""
    words = directive.args
    if len(words) == 1:
        value = request.text(words[0])
        return None if value is None else value not in ("", "0")
    if len(words) == 2:
        return _file_test(words[0], request.text(words[1]))
    if len(words) == 3:
        return _compares(words, request)
    return None


def _file_test(test: str, path: str | None) -> bool | None:
    if path is None:
        return None
    wanted = not test.startswith("!")
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return not wanted
    except (OSError, ValueError):
        return None
    answers = {
        "-f": stat.S_ISREG(mode),
        "-d": stat.S_ISDIR(mode),
        "-e": True,
        "-x": bool(mode & 0o111),
    }
    answer = answers.get(test.lstrip("!"))
    return None if answer is None else answer == wanted


def _compares(words: list[str], request: Request) -> bool | None:
    left, operator, right = words
    value = request.text(left)
    if value is None:
        return None
    if operator in ("=", "!="):
        other = request.text(right)
        return None if other is None else (value == other) == (operator == "=")
    if operator in ("~", "~*", "!~", "!~*"):
        compiled = pattern(right, operator.endswith("*"))
        if compiled is None:
            return None
        found = compiled.search(value)
        if found:
            request.capture(found)
        return (found is not None) == (not operator.startswith("!"))
    return None


def as_written(directive: Directive) -> str:
    """The condition as the file has it, without `if` and its brackets."""
    return directive.written.removeprefix("if ")
