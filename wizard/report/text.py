"""The report for a person: a page of 80 columns, the verdict first, then how it is known.

Headings stand at the margin in capitals, as in a manual page. Sentences wrap; commands and diffs
stand on lines of their own and never do, so that they can be copied. The page reads the same
without colour, in a pager and in a ticket.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from wizard.model.events import Concluded
from wizard.model.evidence import Evidence
from wizard.model.finding import (
    PATCH,
    Proposal,
    RuledOut,
    Untested,
    Verdict,
    application,
    checked,
    secret,
)
from wizard.model.masking import mask
from wizard.model.session import Session
from wizard.model.text import clean
from wizard.report import again
from wizard.report.moment import of_day, zone_of
from wizard.report.words import answer, at_home, made_by, status_of, titles

_MOST_RULED_OUT = 6
_MOST_ROUTES = 20


class _Page:
    """Lines, some of them headings."""

    def __init__(self, width: int, bold: bool) -> None:
        self._width = width
        self._bold = bold
        self._lines: list[str] = []

    def heading(self, text: str) -> None:
        """Begin a part, with an empty line before it."""
        self.gap()
        self.strong(text.upper())

    def strong(self, text: str, indent: int = 0) -> None:
        """Text that stands out where the terminal can do that."""
        begin = len(self._lines)
        self.sentence(text, indent)
        if self._bold:
            self._lines[begin:] = [f"\x1b[1m{line}\x1b[0m" for line in self._lines[begin:]]

    def sentence(self, text: str, indent: int = 0, first: str = "") -> None:
        """Prose, wrapped; `first` stands before it and further lines align with the text."""
        margin = " " * indent
        self._lines += textwrap.wrap(
            " ".join(clean(text).split()),
            self._width,
            initial_indent=margin + first,
            subsequent_indent=margin + " " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )

    def verbatim(self, text: str, indent: int) -> None:
        """What will be copied: never wrapped."""
        lines = clean(text).removesuffix("\n").split("\n")
        # A carriage return at its end belongs to the line of a diff.
        self._lines += [f"{' ' * indent}{line}".rstrip(" \t") for line in lines]

    def gap(self) -> None:
        """An empty line."""
        self._lines.append("")

    def text(self) -> str:
        """The whole page."""
        return "\n".join(self._lines) + "\n"


def render(
    sessions: Sequence[Session], kept: Path | None, *, width: int = 80, bold: bool = False
) -> str:
    """The page of the first session; the others, when several URLs were asked, as a list."""
    page = _Page(width, bold)
    session = sessions[0]
    ended = session.conclusion
    if ended is None:
        page.sentence("The walk was stopped before it came to a conclusion.")
    elif ended.outcome == "healthy":
        _healthy(page, session, ended)
    elif ended.verdicts:
        _cause(page, session, ended)
    else:
        _unproven(page, session, ended)
    if len(sessions) > 1:
        _other_routes(page, sessions[1:])
    _asked_again(page, session)
    _footer(page, session, kept)
    return page.text()


def _healthy(page: _Page, session: Session, ended: Concluded) -> None:
    page.strong(f"Nothing wrong found: {answer(session)}.")
    page.sentence(
        f"{_counted(len(session.path), 'question')} asked, "
        f"{_counted(len(session.evidence), 'look')} made; nothing stands between this URL and its "
        "answer."
    )
    if ended.untested:
        looks = ", ".join(each.look for each in ended.untested)
        page.sentence(f"Not looked at, and not needed for this: {looks}.")


def _cause(page: _Page, session: Session, ended: Concluded) -> None:
    _symptom(page, session)
    cited: set[str] = set()
    for number, verdict in enumerate(ended.verdicts, 1):
        several = f" {number} of {len(ended.verdicts)}" if len(ended.verdicts) > 1 else ""
        page.heading(f"Cause{several}")
        _verdict(page, verdict, session, cited)
    _preventions(page, ended)
    known = titles(ended)
    shown = {cause for verdict in ended.verdicts for cause in verdict.chain}
    further = [each for each in ended.consequences if each not in shown]
    if further:
        page.heading("Also seen, as a consequence")
        for cause in further:
            said = [each.said for each in session.findings if each.cause == cause]
            page.sentence((said or [known.get(cause, cause)])[0], 2, "- ")
    _ruled_out(page, ended.ruled_out)
    if ended.untested:
        page.heading("Not looked at")
        _untested(page, ended.untested, known)


def _unproven(page: _Page, session: Session, ended: Concluded) -> None:
    _symptom(page, session)
    page.heading("No cause is proven")
    page.sentence(ended.summary, 2)
    said = list(dict.fromkeys(each.said for each in session.path if each.said != ended.summary))
    if said:
        page.heading("What is known")
        for sentence in said:
            page.sentence(sentence, 2, "- ")
    if ended.untested:
        page.heading("What would settle it")
        _untested(page, sorted(ended.untested, key=_cost), titles(ended))
    _ruled_out(page, ended.ruled_out)


def _symptom(page: _Page, session: Session) -> None:
    page.strong(f"{answer(session)}.")
    if whose := made_by(session):
        page.sentence(whose)


def _verdict(page: _Page, verdict: Verdict, session: Session, cited: set[str]) -> None:
    page.strong(f"{verdict.title}: {verdict.subject}", 2)
    if verdict.said:
        page.sentence(verdict.said, 2)
    rule = verdict.confidence_rule.rstrip(".")
    page.sentence(f"{verdict.confidence.capitalize()}: {rule}.", 2)
    if len(verdict.chain_titles) > 1:
        page.heading("From the cause to the symptom")
        page.sentence(verdict.chain_titles[0], 2)
        for title in verdict.chain_titles[1:]:
            page.sentence(title, 2, "→ ")
    seen = [session.evidence[each] for each in verdict.evidence if each in session.evidence]
    if seen:
        page.heading("How it is known")
        for evidence in seen:
            _evidence(page, evidence, is_first=evidence.id not in cited)
            cited.add(evidence.id)
    _proposals(page, verdict)
    if verdict.verify:
        page.heading("Check that it worked")
        page.verbatim(verdict.verify, 4)


def _evidence(page: _Page, evidence: Evidence, *, is_first: bool) -> None:
    scope = f" ({evidence.scope})" if evidence.scope else ""
    reading = evidence.reading or evidence.status
    page.sentence(f"{evidence.title or evidence.look}{scope}: {reading}", 2, f"[{evidence.id}] ")
    if evidence.command and is_first:
        page.verbatim(evidence.command, 4 + len(evidence.id) + 1)


def _proposals(page: _Page, verdict: Verdict) -> None:
    for when, heading in (("now", "Do now"), ("lasting", "Do to make it last")):
        chosen = [each for each in verdict.proposals if each.when == when]
        if chosen:
            page.heading(heading)
        for number, proposal in enumerate(chosen):
            if number:
                page.gap()
            _proposal(page, proposal, verdict.verify)


def _proposal(page: _Page, proposal: Proposal, usual_verify: str) -> None:
    page.sentence(proposal.title, 2)
    if proposal.kind == "advice":
        for line in proposal.text.splitlines():
            if line.startswith(" "):
                page.verbatim(line, 4)
            else:
                page.sentence(line, 4)
    else:
        page.verbatim(proposal.text, 4)
    for note in _notes(proposal):
        page.sentence(note, 4)
    if application(proposal):
        page.sentence(f"Apply, saved as {PATCH}:", 4)
        page.verbatim(application(proposal), 6)
    if proposal.verify and proposal.verify != usual_verify:
        page.sentence("Check:", 4)
        page.verbatim(proposal.verify, 6)
    if proposal.undo:
        page.sentence("Undo:", 4)
        page.verbatim(proposal.undo, 6)


def _preventions(page: _Page, ended: Concluded) -> None:
    """Titles with reasons only: the snippets are long, and stand in the session and in --json."""
    if ended.preventions:
        page.heading("So that it does not come back")
    for each in ended.preventions:
        page.sentence(f"{each.title}. {each.reason}", 2, "- ")
    if ended.preventions:
        page.sentence("Each is made for this host: wizard shows it whole, --json too.", 2)


def _notes(proposal: Proposal) -> Iterator[str]:
    if checked(proposal):
        yield checked(proposal)
    if secret(proposal):
        yield secret(proposal)
    if proposal.because:
        yield f"Why in this order: {proposal.because}"
    if proposal.touches:
        yield f"Touches: {', '.join(proposal.touches)}."


def _ruled_out(page: _Page, ruled_out: Sequence[RuledOut]) -> None:
    by_title = {each.title: each for each in ruled_out}
    if not by_title:
        return
    page.heading("Ruled out")
    for title, each in list(by_title.items())[:_MOST_RULED_OUT]:
        cited = "".join(f" [{evidence}]" for evidence in each.evidence)
        page.sentence(f"{title}: {each.because}{cited}", 2, "- ")
    if len(by_title) > _MOST_RULED_OUT:
        page.sentence(f"and {len(by_title) - _MOST_RULED_OUT} more; --json has them all", 2, "- ")


def _untested(page: _Page, untested: Iterable[Untested], known: dict[str, str]) -> None:
    for each in untested:
        because = f": {each.because}" if each.because else ""
        decides = ", ".join(known.get(cause, cause) for cause in each.causes)
        page.sentence(
            each.look + because + (f". It would decide: {decides}" if decides else ""), 2, "- "
        )
        if each.settle_with:
            page.verbatim(each.settle_with, 6)


def _cost(untested: Untested) -> tuple[bool, bool, bool]:
    """Cheapest first: what decides something, what can be typed, what needs no rights."""
    command = untested.settle_with
    return not untested.causes, not command, command.startswith("sudo ")


def _other_routes(page: _Page, sessions: Sequence[Session]) -> None:
    broken = [each for each in sessions if each.conclusion and each.conclusion.outcome != "healthy"]
    well = len(sessions) - len(broken)
    page.heading("Other routes of this host")
    for session in broken[:_MOST_ROUTES]:
        ended = session.conclusion
        first = ended.verdicts[0] if ended and ended.verdicts else None
        named = f"{first.title}: {first.subject}" if first else "no cause is proven"
        status = status_of(session)
        url = mask(session.incident.url) if session.incident else ""
        page.sentence(f"{url}  {named}", 2, f"{status or '---'}  ")
    if len(broken) > _MOST_ROUTES:
        page.sentence(f"and {len(broken) - _MOST_ROUTES} more; --json has them all", 2, "- ")
    if well:
        page.sentence(f"Nothing wrong found with {_counted(well, 'route')}.", 2)
    if broken:
        page.sentence("The whole of one: wizard diagnose URL", 2)


def _asked_again(page: _Page, session: Session) -> None:
    if not session.verified and not session.watched:
        return
    page.heading("Asked again")
    for verified in session.verified:
        page.sentence(
            f"{of_day(verified.at, zone_of(session))}: {again.outcome(verified)}", 2, "- "
        )
        for label, text in again.before_and_after(verified):
            page.sentence(text, 4, f"{label} ")
    for watched in session.watched:
        page.sentence(f"{of_day(watched.at, zone_of(session))}: {again.watched(watched)}", 2, "- ")


def _footer(page: _Page, session: Session, kept: Path | None) -> None:
    page.gap()
    incident = session.incident
    if incident is not None:
        where = f" on {incident.hostname}" if incident.hostname else ""
        user = f" as {incident.user}" if incident.user else ""
        when = of_day(incident.started, zone_of(session))
        page.sentence(f"Looked{where}{user} at {when}. Nothing was changed.")
    if kept is not None:
        page.verbatim(f"Kept in {at_home(kept)}", 0)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
