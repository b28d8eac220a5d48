"""A session in any of the forms in which it is handed over, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from wizard.model.events import Event
from wizard.model.session import Session, fold
from wizard.report.document.blocks import Block
from wizard.report.document.transcript import RawText
from wizard.report.words import answer

Form = Literal["md", "html", "text", "json", "short", "postmortem"]
Look = Literal["md", "html", "text"]
"""How a document for people is written down."""

NAMES: dict[Form, str] = {
    "md": "the transcript for a ticket (Markdown)",
    "html": "the transcript as one page for a browser (HTML)",
    "text": "the transcript as text of 80 columns",
    "json": "the report for programs (JSON)",
    "short": "seven lines for a chat",
    "postmortem": "the draft of a post-mortem (Markdown)",
}
"""What each is, for a person."""


def written(
    form: Form,
    events: Sequence[Event],
    raw: RawText = lambda evidence: evidence.raw,
    look: Look = "md",
) -> Iterator[str]:
    """The session in this form; `look` is that of a post-mortem."""
    session = fold(events)
    if form == "json":
        from wizard.report import json

        return json.pieces(session, raw)
    if form == "short":
        from wizard.report import short

        return iter([short.render([session], None, "more in its transcript")])
    if form == "postmortem":
        from wizard.report.document.postmortem import postmortem

        return _document(postmortem(events), look, session, appendix=False)
    from wizard.report.document.transcript import transcript

    return _document(transcript(events, raw), form, session)


def file_name(form: Form, look: Look = "md") -> str:
    """What it is called as a file beside the session."""
    suffix = {"text": "txt"}
    if form == "postmortem":
        return f"postmortem.{suffix.get(look, look)}"
    if form == "short":
        return "short.txt"
    return f"{'report' if form == 'json' else 'transcript'}.{suffix.get(form, form)}"


def _document(
    blocks: Iterable[Block], look: Look, session: Session, *, appendix: bool = True
) -> Iterator[str]:
    if look == "html":
        from wizard.report.document import html

        return html.write(blocks, answer(session), appendix=appendix)
    if look == "text":
        from wizard.report.document import plain

        return plain.write(blocks)
    from wizard.report.document import markdown

    return markdown.write(blocks)
