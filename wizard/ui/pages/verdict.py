"""The verdict: the cause, what to do about it, the chain to the symptom, and how it is known."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.report import again, panels
from wizard.report.panels import Cause, Ending
from wizard.ui.page import Page, Piece, Tone
from wizard.ui.pages import hops
from wizard.ui.pages.marks import EVIDENCE
from wizard.ui.view import View

_MOST_RULED_OUT = 12
_TITLE_AT_MOST = 30


def verdict(page: Page, view: View) -> None:
    """The whole verdict, openable where there is more behind it."""
    ending = panels.verdict(view.session)
    if ending is None:
        page.sentence("The walk has not come to its end.", "dim")
        return
    verified(page, view)
    _stale(page, view)
    if ending.outcome == "healthy":
        _healthy(page, view, ending)
    elif ending.causes:
        _causes(page, view, ending)
    else:
        _unproven(page, view, ending)


def _stale(page: Page, view: View) -> None:
    """What was seen before the session was resumed confirms nothing."""
    if count := len(view.session.stale):
        page.sentence(
            f"{count} of {len(view.session.evidence)} looks are stale: seen too long ago to "
            "confirm anything. R looks again at all of them.",
            "warn",
        )
        page.gap()


def verified(page: Page, view: View) -> None:
    """What the site answered before, and what it answers now."""
    known = view.verified
    if known is not None:
        tone: Tone = "good" if known.mended else "bad"
        word = "FIXED" if known.mended else "NOT YET FIXED"
        page.line(Piece(f"{word}  ", tone), Piece(f"asked again: {known.after}", "strong"))
        page.line(Piece(f"before: {known.before}", "dim"))
    if view.watching is not None:
        count = view.watching
        tone = "bad" if count.failed else "here"
        said = f"{count.failed} of {count.asked} requests failed so far"
        page.line(Piece("WATCHING  ", tone), Piece(said, "strong"))
        page.line(Piece(f"last: {count.last or 'not asked yet'}", "dim"))
    elif view.watched is not None:
        tone = "bad" if view.watched.failed else "good"
        page.sentence(again.watched(view.watched), "strong" if tone == "good" else tone)
    if page.rows:
        page.gap()


def _causes(page: Page, view: View, ending: Ending) -> None:
    _whose(page, view, ending)
    offered = panels.precautions(view.session)
    for index, cause in enumerate(ending.causes, 1):
        several = f" {index} OF {len(ending.causes)}" if len(ending.causes) > 1 else ""
        page.heading(f"CAUSE{several}")
        page.sentence(f"{cause.title}: {cause.subject}", "strong", indent=1)
        if cause.said:
            page.sentence(cause.said, indent=1)
        _confidence(page, cause)
        mends = f"{cause.title}: {cause.subject}"
        mine = [card for card in ending.cards if card.cause == mends]
        if mine:
            page.heading("WHAT TO DO")
        for card in mine:
            name = f"{card.number}" if card.number < 10 else " "
            when = "now   " if card.when == "now" else "lasting"
            page.sentence(card.title, first=f" {name}  {when:<9}", key=f"fix {card.number}")
        if index == 1 and offered:
            told = f"So that it does not come back: {len(offered)} things worth doing"
            page.sentence(told, first=" k  later    ", key="keep")
        if len(cause.chain) > 1:
            page.heading("FROM THE CAUSE TO THE SYMPTOM")
            for depth, title in enumerate(cause.chain):
                page.sentence(title, first=f" {'   ' * (depth - 1)}-> " if depth else " ")
        _known(page, view, cause.evidence)
    if offered:
        page.heading("SO THAT IT DOES NOT COME BACK")
    for precaution in offered:
        page.sentence(precaution.title, first=" - ", key=f"keep {precaution.number}")
    if ending.consequences:
        page.heading("ALSO SEEN, AS A CONSEQUENCE")
        for each in ending.consequences:
            page.sentence(each, first=" - ")
    _ruled_out(page, ending)
    _untested(page, ending, "NOT LOOKED AT")


def _unproven(page: Page, view: View, ending: Ending) -> None:
    _whose(page, view, ending)
    page.heading("NO CAUSE IS PROVEN")
    page.sentence(ending.summary, "strong", indent=1)
    _untested(page, ending, "WHAT WOULD SETTLE IT")
    said = list(dict.fromkeys(d.said for d in view.session.path if d.said != ending.summary))
    if said:
        page.heading("WHAT IS KNOWN")
        for sentence in said:
            page.sentence(sentence, first=" - ")
    _ruled_out(page, ending)


def _healthy(page: Page, view: View, ending: Ending) -> None:
    page.heading("NOTHING WRONG FOUND")
    page.sentence(f"{ending.headline}.", "strong", indent=1)
    page.sentence(
        f"{len(view.session.path)} questions asked, {len(view.session.evidence)} looks made; "
        "nothing stands between this URL and its answer.",
        indent=1,
    )
    _known(page, view, list(view.session.evidence))
    _untested(page, ending, "NOT LOOKED AT, AND NOT NEEDED FOR THIS")


def _whose(page: Page, view: View, ending: Ending) -> None:
    page.line(*hops.one_line(view))
    if ending.whose:
        page.sentence(ending.whose, "dim")


def _confidence(page: Page, cause: Cause) -> None:
    tone: Tone = "good" if cause.confidence == "confirmed" else "warn"
    rung = cause.confidence.capitalize()
    before = len(page.rows)
    page.sentence(f"{cause.rule.rstrip('.')}.", "dim", first=f" {rung}: ")
    first = page.rows[before]
    page.rows[before] = first._replace(
        pieces=(Piece(first.pieces[0].text, tone), *first.pieces[1:])
    )


def _known(page: Page, view: View, ids: Sequence[str]) -> None:
    evidence = view.session.evidence
    seen = [evidence[each] for each in ids if each in evidence]
    if not seen:
        return
    page.heading("HOW IT IS KNOWN")
    width = min(max(len(each.title or each.look) for each in seen), _TITLE_AT_MOST)
    for each in seen:
        mark, tone, words = EVIDENCE[each.status]
        stale = "stale: " if each.id in view.session.stale else ""
        reading = Piece(f"{stale}{each.reading or words}")
        sign = Piece(f" {mark} {each.id:<4}", tone)
        page.beside(sign, each.title or each.look, [reading], name_width=width, key=each.id)


def _ruled_out(page: Page, ending: Ending) -> None:
    if not ending.ruled_out:
        return
    page.heading("RULED OUT")
    for each in ending.ruled_out[:_MOST_RULED_OUT]:
        cited = "".join(f" [{evidence}]" for evidence in each.evidence)
        page.sentence(f"{each.title}: {each.because}{cited}", first=" - ")
    if len(ending.ruled_out) > _MOST_RULED_OUT:
        more = len(ending.ruled_out) - _MOST_RULED_OUT
        page.sentence(f"and {more} more", "dim", first=" - ")


def _untested(page: Page, ending: Ending, heading: str) -> None:
    if not ending.untested:
        return
    page.heading(heading)
    for each in ending.untested:
        because = f": {each.because}" if each.because else ""
        page.sentence(f"{each.look}{because}", first=" - ")
        if each.decides:
            page.sentence(f"It would decide: {', '.join(each.decides)}", "dim", indent=3)
        if each.settle_with:
            page.verbatim(f"$ {each.settle_with}", indent=3)
