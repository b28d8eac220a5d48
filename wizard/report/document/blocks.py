"""What a document is made of. Every text is plain: nothing in it is markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind = Literal["", "strong", "code", "cite"]


@dataclass(frozen=True)
class Span:
    """A run of text on a line."""

    text: str
    kind: Kind = ""
    """`cite`: the id of a piece of evidence, which stands in the appendix."""


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """The title of the document (level 1), of a part, of something in it."""

    level: int
    text: str
    anchor: str = ""
    """The id of the evidence that it is about."""


@dataclass(frozen=True)
class Paragraph:
    """A sentence or some."""

    line: Line


@dataclass(frozen=True)
class Items:
    """A list."""

    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Pairs:
    """Names with values; a short table without a head."""

    rows: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Verbatim:
    """Text that is never wrapped: commands, diffs, what a look saw."""

    text: str
    language: Literal["text", "sh", "diff"] = "text"


@dataclass(frozen=True)
class Folded:
    """What may be closed where that is possible: a title, and what stands under it."""

    title: Heading
    blocks: tuple[Block, ...]


Block: TypeAlias = "Heading | Paragraph | Items | Pairs | Verbatim | Folded"


def words(text: str, kind: Kind = "") -> Line:
    """The text as a line of one span."""
    return (Span(text, kind),)


def ids(evidence: Sequence[str]) -> Line:
    """Evidence that is cited, with blanks between."""
    spans = [Span(each, "cite") for each in dict.fromkeys(evidence)]
    return tuple(each for span in spans for each in (Span(" "), span))[1:]


def cited(text: str, evidence: Sequence[str]) -> Line:
    """A sentence with the evidence that it rests on."""
    return (Span(text), Span(" "), *ids(evidence)) if evidence else (Span(text),)
