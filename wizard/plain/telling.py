"""How the walk is told in lines: questions, looks, decisions, choices, the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.flows.model import STEPS
from wizard.model.events import Decided, Entered
from wizard.model.evidence import Evidence
from wizard.model.session import Session
from wizard.plain.console import Console
from wizard.report import panels
from wizard.report.farewell import card_lines
from wizard.report.panels.latest import servers

_STEP_NAMES = ("Whose error?", "Service", "Connect", "Logs", "Config", "Network")
_MOST_PASSED = 3


def tell_question(console: Console, entered: Entered) -> None:
    """The question, with its place among the steps."""
    number = STEPS.index(entered.step) if entered.step in STEPS else 0
    name = _STEP_NAMES[number]
    console.say()
    console.say(f"Step {number} of 5, {name}: {entered.ask}" if number else f"{name} {entered.ask}")


def tell_resumed(console: Console, session: Session) -> None:
    """What is there already, and what of it is too old."""
    if session.conclusion is None:
        count = len(session.path)
        console.say(f"Resumed: {count} question{'' if count == 1 else 's'} were answered before.")
    for note in session.notes:
        console.item("  Note: ", note.text)
    if session.stale:
        console.say(
            f"{len(session.stale)} of {len(session.evidence)} looks are stale: too old to confirm "
            "anything. s looks again at all of them."
        )


def tell_look(console: Console, evidence: Evidence, session: Session) -> None:
    """What came back, and what a person would type to see the same."""
    console.item(f"  {evidence.id} {named(evidence, session)}: ", read_out(evidence))
    if evidence.command:
        console.verbatim(evidence.command, "       by hand: ")
    if evidence.remedy and evidence.remedy != evidence.command:
        console.verbatim(evidence.remedy, "       readable with: ")


def named(evidence: Evidence, session: Session) -> str:
    """The look's name, with the server's where there are several, and whether it is stale."""
    several = len(servers(session)) > 1
    name = f"{evidence.look} {evidence.scope}" if evidence.scope and several else evidence.look
    return f"{name} (stale)" if evidence.id in session.stale else name


def read_out(evidence: Evidence) -> str:
    """The reading; what could not be read says so."""
    if evidence.status in ("unreadable", "unparsed"):
        why = evidence.reason or evidence.reading
        return f"{'not readable' if evidence.status == 'unreadable' else 'not understood'}: {why}"
    return evidence.reading or evidence.status


def tell_decision(
    console: Console, decided: Decided, session: Session, just_told: set[str]
) -> None:
    """What was decided, with the comparisons that made it."""
    because = panels.because(decided, session)
    for each in because.evidence if because.comparisons else ():
        if each not in just_told:
            seen = session.evidence[each]
            console.item(f"  {each} {named(seen, session)}: ", f"{read_out(seen)} (seen before)")
    console.item("  Decided: ", because.sentence)
    held = [each for each in because.comparisons if each.holds == "true"]
    for compared in held or because.comparisons:
        console.item("    because ", compared.text)
    if not because.comparisons and because.passed:
        told = [each.compared for each in because.passed if each.compared.evidence]
        texts = list(dict.fromkeys(each.text for each in told))[:_MOST_PASSED]
        console.item("    because ", "; ".join(["nothing else holds", *texts]))


def tell_choices(console: Console, choices: Sequence[panels.Choice]) -> None:
    """The ways on, numbered."""
    console.say("  Ways on:")
    for number, choice in enumerate(choices, 1):
        mark = " (recommended: Enter takes it)" if choice.recommended else ""
        console.item(f"    {number}. ", f"{choice.label}{mark}")


def tell_verdict(console: Console, session: Session) -> None:
    """All that the walk came to, proposals at the end."""
    ended = panels.verdict(session)
    if ended is None:
        return
    console.say()
    console.say("Verdict")
    if ended.outcome == "healthy":
        console.say(f"Nothing wrong found: {ended.headline}.", "  ")
    else:
        console.say(f"{ended.headline}.", "  ")
    if ended.whose:
        console.say(ended.whose, "  ")
    for cause in ended.causes:
        _tell_cause(console, cause, session)
    if ended.outcome == "unproven":
        console.say(_unproven(ended), "  ")
    for sentence in ended.consequences:
        console.item("  Also seen, as a consequence: ", sentence)
    for row in ended.ruled_out:
        console.item("  Ruled out: ", f"{row.title}: {row.because} {' '.join(row.evidence)}")
    for untested in ended.untested:
        console.item("  Not looked at: ", f"{untested.look}: {untested.because}")
        if untested.settle_with:
            console.verbatim(untested.settle_with, "       settles it: ")
    for card in ended.cards:
        console.say()
        tell_card(console, card)


def _tell_cause(console: Console, cause: panels.Cause, session: Session) -> None:
    console.item("  Cause: ", f"{cause.title}: {cause.subject}")
    if cause.said:
        console.say(cause.said, "    ")
    console.item(f"    {cause.confidence.capitalize()}: ", cause.rule)
    if len(cause.chain) > 1:
        console.item("    From the cause to the symptom: ", " -> ".join(cause.chain))
    for each in cause.evidence:
        if each in session.evidence:
            seen = session.evidence[each]
            console.item(f"    {each} {named(seen, session)}: ", read_out(seen))


def tell_card(console: Console, card: panels.Card) -> None:
    """A proposal, whole."""
    console.verbatim("\n".join(card_lines(card)), "  ")


def _unproven(ended: panels.Ending) -> str:
    said = "No cause is proven."
    return ended.summary if said in ended.summary else f"{said} {ended.summary}"
