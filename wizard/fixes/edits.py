"""Edits of a configuration file by splice: what is not meant stays as it was, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from wizard.fixes.nginx_text import Block, Directive, TextError, directives, every

_PLAIN = re.compile(r"(?:\$\{\w+\}|[^\s;{}\"'\\#])+")
_INDENT = "    "


class EditError(ValueError):
    """The edit cannot be made here; the message says why."""


def replace_in(text: str, line: int, old: str, new: str) -> str:
    """Replace `old` in the arguments of the directives that stand on this line.

    An argument that nothing is put in place of is left out.

    Raises:
        EditError: there is no such directive, or `old` stands there not exactly once.
    """
    there = [each for each in every(_parsed(text)) if _covers(text, each, line)]
    if not there:
        raise EditError(f"no directive stands in line {line}")
    before = r"(?<![\w.])" if old[:1].isalnum() else ""
    after = r"(?![\w.]|:\d)" if old[-1:].isalnum() else ""
    bounded = re.compile(f"{before}{re.escape(old)}{after}")
    found = [
        (directive, word.start + match.start(), word.start + match.end())
        for directive in there
        for word in directive.words[1:]
        for match in bounded.finditer(text[word.start : word.end])
    ]
    if len(found) != 1:
        often = f"{len(found)} times" if found else "not"
        raise EditError(f"`{old}` stands {often} in line {line}")
    [(directive, start, end)] = found
    if not new:
        return _without_word(text, directive, start, end)
    return text[:start] + _safe(new) + text[end:]


def set_in(
    text: str, line: int | None, name: str, *arguments: str, within: str | None = None
) -> str:
    """Give a directive of the block that begins on this line these arguments; add it where missing.

    Without a line it is a directive of the file's outermost level. `within` names the block
    (`location`) where several begin on the line; without it the line may also be the directive's
    own.

    Raises:
        EditError: no block begins there, or the directive stands in it more than once.
    """
    own = _standing(text, line, name) if line is not None and within is None else []
    outer, inside = (None, own) if own else _level(text, line, within)
    known = [each for each in inside if each.name == name]
    if len(known) > 1:
        raise EditError(f"`{name}` stands {len(known)} times in the block of line {line}")
    if known:
        [directive] = known
        if directive.block is not None:
            raise EditError(f"`{name}` of line {directive.line} is a block")
        return text[: directive.start] + _statement(name, arguments) + text[directive.end :]
    return _added(text, outer, inside, _statement(name, arguments))


def add_in(
    text: str, line: int | None, name: str, *arguments: str, within: str | None = None
) -> str:
    """Add a directive to the block that begins on this line, beside those of the same name.

    Raises:
        EditError: no block begins there.
    """
    outer, inside = _level(text, line, within)
    return _added(text, outer, inside, _statement(name, arguments))


def put_in(
    text: str, line: int | None, name: str, *arguments: str,
    within: str | None = None, inherited: Iterable[str] = (),
) -> str:  # fmt: skip
    """Add a directive whose first argument is a key, as a header's name: one value for each key.

    `inherited` are the statements of outer levels, as they are written there. nginx takes them only
    where a block has none of its own, so the first that comes to a block brings them along.

    Raises:
        EditError: no block begins there, or the key stands in it more than once.
    """
    outer, inside = _level(text, line, within)
    own = [each for each in inside if each.name == name and len(each.words) > 1]
    same = [each for each in own if _is_key(each, arguments[0])]
    if len(same) > 1:
        raise EditError(f"`{name} {arguments[0]}` stands {len(same)} times in line {line}")
    statement = _statement(name, arguments)
    if same:
        return text[: same[0].start] + statement + text[same[0].end :]
    kept = []
    for each in [] if own else inherited:
        if not any(_is_key(directive, arguments[0]) for directive in _parsed(each)):
            kept.append(each)
    for each in (*kept, statement):
        outer, inside = _level(text, line, within)
        text = _added(text, outer, inside, each)
    return text


def put_above(text: str, line: int, lines: str, *, within: str | None = None) -> str:
    """Put lines before the block that begins on this line, indented as it is.

    Raises:
        EditError: no block begins there, or it does not begin its line.
    """
    directive, _ = _with_block(text, line, within)
    start = text.rfind("\n", 0, directive.start) + 1
    indent = text[start : directive.start]
    if indent.strip():
        raise EditError(f"the block of line {line} does not begin its line")
    newline = "\r\n" if "\r\n" in text else "\n"
    above = "".join(f"{indent}{each}{newline}" for each in lines.splitlines())
    return text[:start] + above + text[start:]


def _is_key(directive: Directive, key: str) -> bool:
    return len(directive.words) > 1 and directive.words[1].value.lower() == key.lower()


def remove(text: str, line: int, name: str) -> str:
    """Take out the directive of this name that stands on this line, with its line if it was alone.

    Raises:
        EditError: there is none, or more than one.
    """
    directive = _directive(
        text, lambda each: each.name == name and _covers(text, each, line),
        f"`{name}` in line {line}",
    )  # fmt: skip
    start, end = directive.start, directive.end
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end + 1
    if not text[line_start:start].strip() and not text[end:line_end].strip():
        return text[:line_start] + text[line_end:]
    while start > line_start and text[start - 1] in " \t":
        start -= 1
    return text[:start] + text[end:]


def quoted(value: str) -> str:
    """The value as one word of the configuration."""
    if "\n" in value or "\r" in value or "\0" in value:
        raise EditError("a value has a line end in it")
    if _PLAIN.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _statement(name: str, arguments: tuple[str, ...]) -> str:
    return f"{name} {' '.join(quoted(each) for each in arguments)};"


def _standing(text: str, line: int, name: str) -> list[Directive]:
    """The simple directives of this name that stand on the line."""
    return [
        each
        for each in every(_parsed(text))
        if each.name == name and each.block is None and _covers(text, each, line)
    ]


def _without_word(text: str, directive: Directive, start: int, end: int) -> str:
    if len(directive.words) < 3 or all((start, end) != (w.start, w.end) for w in directive.words):
        raise EditError(f"`{text[start:end]}` is no argument that can be left out")
    return text[:start].rstrip(" \t") + text[end:]


def _safe(new: str) -> str:
    if not _PLAIN.fullmatch(new):
        raise EditError(f"`{new}` is not one plain word")
    return new


def _parsed(text: str) -> list[Directive]:
    try:
        return directives(text)
    except TextError as error:
        raise EditError(f"the file cannot be read: {error}") from error


def _directive(text: str, wanted: Callable[[Directive], bool], what: str) -> Directive:
    found = [each for each in every(_parsed(text)) if wanted(each)]
    if len(found) > 1:
        # Several on one line: only one of them is simple, as in `location / { proxy_pass ...; }`.
        found = [each for each in found if each.block is None] or found
    if len(found) != 1:
        raise EditError(f"no directive stands in {what}" if not found else f"{what} is ambiguous")
    return found[0]


def _level(
    text: str, line: int | None, name: str | None
) -> tuple[tuple[Directive, Block] | None, list[Directive]]:
    """The block that begins on this line with what is in it; without a line the outermost level."""
    if line is None:
        return None, _parsed(text)
    outer = _with_block(text, line, name)
    return outer, outer[1].inside


def _with_block(text: str, line: int, name: str | None) -> tuple[Directive, Block]:
    found = [
        (each, each.block)
        for each in every(_parsed(text))
        if each.line == line and each.block is not None and name in (None, each.name)
    ]
    if len(found) != 1:
        what = "no block begins" if not found else "several blocks begin"
        raise EditError(f"{what} in line {line}")
    return found[0]


def _covers(text: str, directive: Directive, line: int) -> bool:
    head = directive.end if directive.block is None else directive.block.opens
    return directive.line <= line <= directive.line + text.count("\n", directive.start, head)


def _added(
    text: str, outer: tuple[Directive, Block] | None, inside: list[Directive], statement: str
) -> str:
    """Put a statement behind the simple ones of the block, else at its beginning."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if outer is not None and "\n" not in text[outer[1].opens : outer[1].closes]:
        place = len(text[: outer[1].closes].rstrip(" \t"))
        return f"{text[:place]} {statement}{text[place:]}"
    simple = [each for each in inside if each.block is None]
    if simple:
        place, indent = _line_end(text, simple[-1].end), _indent(text, simple[-1].start)
    elif outer is not None:
        place = _line_end(text, outer[1].opens + 1)
        indent = _indent(text, outer[0].start) + _INDENT
    else:
        lead = "" if not text or text.endswith("\n") else newline
        return f"{text}{lead}{statement}{newline}"
    return f"{text[:place]}{newline}{indent}{statement}{text[place:]}"


def _line_end(text: str, after: int) -> int:
    """The end of the line, comment included; right here where more of the configuration follows."""
    end = text.find("\n", after)
    end = len(text) if end < 0 else end - (text[end - 1] == "\r")
    rest = text[after:end].strip()
    return end if not rest or rest.startswith("#") else after


def _indent(text: str, start: int) -> str:
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return line[: len(line) - len(line.lstrip(" \t"))]
