"""One piece of evidence, whole: facts, how to see the same by hand, the raw text, who used it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from rich.cells import cell_len

from wizard.flows.model import Library
from wizard.model.evidence import Evidence
from wizard.model.session import Session
from wizard.report import panels
from wizard.ui.page import Page, Piece
from wizard.ui.pages.marks import EVIDENCE, HOLDS

RAW = "RAW TEXT"
_MOST_FACTS = 200


def evidence(
    page: Page,
    each: Evidence,
    session: Session,
    library: Library | None,
    *,
    wrap: bool,
    find: str,
    pasteable: bool = False,
) -> None:
    """The whole of it."""
    mark, tone, words = EVIDENCE[each.status]
    scope = f" ({each.scope})" if each.scope else ""
    page.sentence(f"{each.title or each.look}{scope}", "strong", first=f"{each.id}  ")
    page.line(Piece(f"{mark} {words}  ", tone), Piece(circumstances(each), "dim"))
    if each.id in session.stale:
        page.sentence(
            "Stale: seen too long before this session was resumed to confirm anything. R looks "
            "again at all that is stale.",
            "warn",
        )
    page.gap()
    page.sentence(each.reading or words, "strong")
    if each.reason and each.reason != each.reading:
        page.sentence(each.reason)
    if each.remedy:
        page.heading("WHAT WOULD MAKE IT READABLE")
        page.verbatim(f"$ {each.remedy}", indent=2)
    if pasteable and each.status in ("unreadable", "unparsed"):
        page.gap()
        page.sentence("i takes what the command prints where you may run it.", "here")
    if each.command:
        page.heading("THE SAME BY HAND")
        page.verbatim(f"$ {each.command}", indent=2)
    record = library.looks.get(each.look) if library else None
    if record and record.how:
        page.heading("HOW TO READ IT")
        page.sentence(record.how, indent=2)
    if record and record.misleads:
        page.heading("WHAT MISLEADS")
        page.sentence(record.misleads, indent=2)
    _decided(page, each, session)
    facts = [pair for pair in flat(each.facts) if pair[1] not in ("", "unknown")]
    if facts:
        page.heading("FACTS")
        width = min(max(cell_len(name) for name, _ in facts), page.width // 3)
        for name, value in facts[:_MOST_FACTS]:
            page.fact(f"  {name}", value, label_width=width + 2)
        if len(facts) > _MOST_FACTS:
            page.line(Piece(f"  and {len(facts) - _MOST_FACTS} more", "dim"))
    page.heading(RAW)
    if each.raw:
        page.verbatim(each.raw, "", indent=2, wrap=wrap, find=find)
    else:
        page.line(Piece("  none was kept", "dim"))


def circumstances(each: Evidence) -> str:
    """When it was looked at, for how long, by whom, with what."""
    began = (
        datetime.datetime.fromtimestamp(each.started).strftime("%H:%M:%S") if each.started else ""
    )
    took = f"{each.seconds:.2f} s" if each.seconds >= 0.01 else f"{each.seconds * 1000:.1f} ms"
    parts = [began, took, f"as {each.user}" if each.user else "", each.probe]
    return "  ".join(part for part in parts if part)


def _decided(page: Page, each: Evidence, session: Session) -> None:
    """The decisions that rest on it, with the comparison and whether it held."""
    told: dict[tuple[str, str], panels.Compared] = {}
    for decided in session.path:
        because = panels.because(decided, session)
        for compared in (*because.comparisons, *(passed.compared for passed in because.passed)):
            if compared.evidence == each.id:
                text = compared.text.removeprefix(f"{each.id} ")
                told.setdefault((because.sentence, text), compared)
    if told:
        page.heading("WHAT IT DECIDED")
    before = ""
    for (sentence, text), compared in told.items():
        if sentence != before:
            page.sentence(sentence, indent=2)
            before = sentence
        mark, tone, _ = HOLDS[compared.holds]
        page.line("    ", Piece(f"{mark} ", tone), Piece(text, "dim"))


def flat(facts: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """The facts as names and values; nested ones by their path."""
    for name, value in facts.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}.")
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            for number, each in enumerate(value, 1):
                if isinstance(each, Mapping):
                    yield from flat(each, f"{path} {number}.")
                else:
                    yield f"{path} {number}", _written(each)
        elif isinstance(value, list):
            yield path, ", ".join(_written(each) for each in value)
        else:
            yield path, _written(value)


def _written(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
