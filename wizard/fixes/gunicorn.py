"""gunicorn.conf.py: a Python program, of which a plain assignment is changed. It is never run.

https://docs.gunicorn.org/en/stable/configure.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from wizard.fixes.edits import EditError
from wizard.fixes.facts import Trial
from wizard.model.change import Change
from wizard.model.text import one_line
from wizard.proxies.facts import Instance

NAME = "gunicorn"

_LINE_END = re.compile(r"\r\n|\r|\n")


def file_of(change: Change) -> str:
    """The file that the change names."""
    return change.file


def changed(text: str, change: Change, instance: Instance, url: str | None) -> str:
    """The text with a setting assigned."""
    if not change.set:
        raise EditError("only `set` is known here")
    return assigned(text, change.set, change.to)


def assigned(text: str, name: str, value: str) -> str:
    """Give a name this value (a number or a quoted text), by its assignment or by a new last line.

    Raises:
        EditError: the text is no Python, the name's value is computed, or depends on something.
    """
    _literal(value)
    tree = _tree(text)
    found = [each for each in ast.walk(tree) if _binds(each, name)]
    if not found:
        newline = "\r\n" if "\r\n" in text else "\n"
        lead = "" if not text or text.endswith(("\n", "\r")) else newline
        tail = newline if not lead else ""
        return f"{text}{lead}{name} = {value}{tail}"
    [only, *others] = found
    where = f"line {getattr(only, 'lineno', '?')}"
    if others or only not in tree.body or not isinstance(only, ast.Assign):
        raise EditError(f"`{name}` is not simply assigned ({where})")
    if len(only.targets) != 1 or not _is_plain(only.value):
        raise EditError(f"`{name}` is computed ({where})")
    start = _offset(text, only.value.lineno, only.value.col_offset)
    end = _offset(text, only.value.end_lineno or 0, only.value.end_col_offset or 0)
    return text[:start] + value + text[end:]


def tried(
    instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """Whether Python can read the files."""
    for path, text in after.items():
        try:
            ast.parse(text)
        except (SyntaxError, ValueError) as problem:
            return "Python's parser", Trial(False, one_line(f"{path}: {problem}", 200))
    return "Python's parser", Trial(True)


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as problem:
        raise EditError(one_line(f"it is no Python: {problem}", 200)) from problem


def _literal(value: str) -> None:
    try:
        made = ast.literal_eval(value)
    except (SyntaxError, ValueError) as problem:
        raise EditError(f"`{value}` is no plain value") from problem
    if not isinstance(made, (int, float, str)) or "\n" in value or "\r" in value:
        raise EditError(f"`{value}` is no plain value")


def _binds(node: ast.AST, name: str) -> bool:
    """A statement that gives the module's name a value, or may."""
    if isinstance(node, ast.Assign):
        targets = [inner for target in node.targets for inner in ast.walk(target)]
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    else:
        return False
    return any(isinstance(each, ast.Name) and each.id == name for each in targets)


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _offset(text: str, line: int, column: int) -> int:
    """From Python's line and its column in UTF-8 bytes."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    start = starts[line - 1]
    return start + len(text[start : starts[line]].encode()[:column].decode())
