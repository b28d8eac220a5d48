"""Blocks as Markdown that GitHub and GitLab render and that reads well in a pager.

What comes from outside cannot become markup. A word that holds a character with a meaning in
Markdown is written as code, where nothing is interpreted: no emphasis, link, mention or HTML. It
reads better than backslashes. Blocks of code are fenced by more backticks than stand in them.
Syntax: GitHub Flavored Markdown, https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from wizard.model.text import clean
from wizard.report.document.blocks import (
    Block,
    Folded,
    Heading,
    Items,
    Line,
    Pairs,
    Paragraph,
    Span,
    Verbatim,
)

_MEANING = re.compile(
    r"[\\`*_\[\]<>|~#@&$^{}]|://|www\.|\w\.[^\W\d_]{2,}"  # markup, references, addresses, domains
    r"|:[+a-z_-][\w+-]*:|(?<!\w):\d+:|(?:mailto|xmpp|tel|javascript|data):"  # emoji, schemes
    r"|[!%]\d|\bGH-\d|\b[0-9a-f]{7,64}\b"  # a tracker's merge requests, milestones, issues, commits
    r"|={2,}|-{2,}|\.{3,}|\(c\)|\(r\)|\(tm\)",  # underlines, rules, typography
    re.I,
)
"""A word with any of it is written as code. GitLab's references: docs.gitlab.com/user/markdown/"""
_STARTS_ITEM = re.compile(r"[-+]\s|\d{1,9}[.)](?:\s|$)|[-+]$")
_CORE = re.compile(r"^([(\"']*)(.*?)([)\"'.,;:?]*)$", re.S)
_TICKS = re.compile(r"`+")


def write(blocks: Iterable[Block]) -> Iterator[str]:
    """The document, a piece at a time."""
    for number, block in enumerate(blocks):
        if number:
            yield "\n"
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {line((Span(text),))}\n"
        case Paragraph(inline):
            yield f"{_begun(inline)}\n"
        case Items(lines, numbered):
            for number, each in enumerate(lines, 1):
                yield f"{f'{number}.' if numbered else '-'} {_begun(each)}\n"
        case Pairs(rows):
            # A list, no table: a bar in a cell is escaped in as many ways as there are readers.
            for name, value in rows:
                yield f"- {line((Span(name, 'strong'),))}: {line(value)}\n"
        case Verbatim(text, language):
            yield from _fenced(text, language)
        case Folded(title, inside):
            yield from _block(title)
            for block_inside in inside:
                yield "\n"
                yield from _block(block_inside)


def _begun(spans: Line) -> str:
    """A line that stands first in its block, and begins no list there."""
    text = line(spans)
    if not _STARTS_ITEM.match(text):
        return text
    mark = re.search(r"[-+.)]", text)
    return f"{text[: mark.start()]}\\{text[mark.start() :]}" if mark else text


def line(spans: Line) -> str:
    """The spans as one line of Markdown."""
    return "".join(map(_span, spans))


def _span(span: Span) -> str:
    text = span.text if span.text.isspace() else _on_one_line(span.text)
    if span.kind == "cite":
        return f"[{text}]"
    if span.kind == "code":
        return code(text)
    plain = _prose(text)
    inner = plain.strip()
    if span.kind != "strong" or not inner:
        return plain
    before, _, after = plain.partition(inner)
    return f"{before}**{inner}**{after}"


def _on_one_line(text: str) -> str:
    inner = " ".join(clean(text).split())
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() else ""
    return f"{before}{inner}{after}"


def _prose(text: str) -> str:
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    if not _MEANING.search(word):
        return word
    parts = _CORE.match(word)
    before, core, after = parts.groups() if parts else ("", word, "")
    return f"{before}{code(core)}{after}" if core else code(word)


def code(text: str) -> str:
    """The text between as many backticks as it takes."""
    if not text:
        return ""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _fenced(text: str, language: str) -> Iterator[str]:
    text = clean(text)
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}\n"
    yield text if text.endswith("\n") or not text else f"{text}\n"
    yield f"{fence}\n"
