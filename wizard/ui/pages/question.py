"""The open question: its looks filling in, the decision with its reasons, the ways on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from wizard.flows.model import Node
from wizard.model.events import Decided
from wizard.model.evidence import Evidence
from wizard.model.finding import Finding
from wizard.report import panels
from wizard.ui.page import Page, Piece, Tone
from wizard.ui.pages.marks import EVIDENCE, HOLDS
from wizard.ui.view import View

_TITLE_AT_MOST = 28


class Wanted(NamedTuple):
    """A look of the open question: what came back, or that it is under way."""

    look: str
    title: str
    evidence: Evidence | None
    under_way: bool


def ask(view: View) -> str:
    """The open question, with the server it is asked about where there are several."""
    entered = view.session.node
    if entered is not None and entered.node == view.key:
        named = not entered.scope or entered.scope in entered.ask
        return entered.ask if named else f"{entered.ask}  ({entered.scope})"
    if view.library is None or not view.key:
        return ""
    return panels.question(view.library, view.key, view.scope, view.session)


def wanted(view: View, node: Node) -> Iterator[Wanted]:
    """The looks of the open question in the flow's order."""
    from wizard.engine.walk import looks_of

    assert view.library is not None  # noqa: S101 - a node comes from a library
    for name in looks_of(node):
        record = view.library.looks[name]
        scopes = (view.scope,) if record.each else ("", view.scope)
        under_way = any(each.look == name and each.scope in scopes for each in view.session.looking)
        found = None
        for evidence in view.session.evidence.values():
            if evidence.look == name and evidence.scope in scopes:
                found = evidence
        yield Wanted(name, record.title or name, found, under_way)


def looks(page: Page, view: View, *, height: int) -> None:
    """Each look with its state, its reading, and what a person would type; less where it is low."""
    node = view.node
    if node is None:
        return
    every = list(wanted(view, node))
    begin = len(page.rows)
    _looks(page, view, every, roomy=True)
    if len(page.rows) - begin > height:
        del page.rows[begin:]
        _looks(page, view, every, roomy=False)


def _looks(page: Page, view: View, every: Sequence[Wanted], *, roomy: bool) -> None:
    widest = max((cell_len(each.title) for each in every), default=0)
    name_width = min(widest, _TITLE_AT_MOST if roomy else page.width * 2 // 5)
    for each in every:
        evidence = each.evidence
        if evidence is None or (each.under_way and view.busy):
            mark, number = ".", ""
            tone: Tone = "dim"
            reading = Piece("looking..." if each.under_way else "waiting", "dim")
            lines = [reading, Piece("")]
        else:
            mark, tone, words = EVIDENCE[evidence.status]
            number = evidence.id
            command = " ".join(evidence.command.split())
            stale = "stale: " if evidence.id in view.session.stale else ""
            lines = [
                Piece(f"{stale}{evidence.reading or words}", "warn" if stale else "strong"),
                Piece(f"$ {command}" if command else "", "dim"),
            ]
        key = evidence.id if evidence else ""
        sign = Piece(f"{mark} {number:<4}", tone)
        if roomy:
            page.beside(sign, each.title, lines, name_width=name_width, key=key, cut=1)
        else:
            page.columns(
                [sign, each.title, lines[0]],
                [6, name_width, page.width - name_width - 9],
                key=key,
            )


def decision(page: Page, view: View) -> None:
    """What was decided, and the comparisons that made it so."""
    decided = view.decided
    if decided is None:
        return
    because = panels.because(decided, view.session)
    page.sentence(because.sentence, "strong")
    told = because.comparisons or tuple(each.compared for each in because.passed)
    for compared in told:
        mark, tone, _ = HOLDS[compared.holds]
        page.line(Piece(f"  {mark} ", tone), compared.text)


def is_found(view: View) -> bool:
    """The decision named a cause or a consequence."""
    return view.decided is not None and bool(_found(view, view.decided))


def _found(view: View, decided: Decided) -> list[Finding]:
    here = (decided.node, decided.scope)
    return [each for each in view.session.findings if (each.node, each.scope) == here]


def decision_title(view: View) -> str:
    """What the decision amounts to, in a word or two."""
    decided = view.decided
    if decided is None:
        return "Looking" if view.busy else ""
    if decided.outcome == "unknown":
        return "Cannot be decided"
    found = _found(view, decided)
    if not found:
        return "Nothing wrong here"
    causes = view.library.causes if view.library else {}
    cause = causes.get(found[0].cause)
    return f"Found: {cause.title if cause else found[0].cause}"


def ways(page: Page, view: View) -> None:
    """Where it can go on from here, the recommended way first."""
    for number, choice in enumerate(_choices(view), 1):
        name = f"{number}" if number < 10 else " "
        page.line(
            Piece(f" {name}  ", "strong"),
            choice.label,
            Piece("  <- Enter" if choice.recommended else "", "good"),
            key=choice.goto,
        )


def _choices(view: View) -> tuple[panels.Choice, ...]:
    if view.decided is None or view.library is None:
        return ()
    return panels.choices(view.library, view.decided, view.ways, view.session)
