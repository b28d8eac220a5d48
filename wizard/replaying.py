"""Walks a tape again with today's flows, and says how that differs from what was recorded.

The events of such a walk carry the times of the recorded one: what is made of them tells of that
incident, and is the same however often it is made.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from wizard import output
from wizard.engine.diagnose import FIRST_FLOW, diagnose
from wizard.engine.look import TapeLook
from wizard.engine.parting import parting, verdicts
from wizard.engine.recording import JournalError, Recording, recording
from wizard.engine.rereading import Read, RereadLook, sentences
from wizard.model.events import Event, Looked, Looking
from wizard.model.incident import Incident
from wizard.model.session import Session, fold
from wizard.opening import DEMO, journal_of
from wizard.report.moment import of_day
from wizard.unattended import knowledge

_MOST_NAMED = 5


class Taped(NamedTuple):
    """A tape, and the session that was recorded on it."""

    recording: Recording
    session: Session
    incident: Incident

    def look(self, *, reread: bool = False) -> RereadLook:
        """A way of looking that answers from the tape."""
        return RereadLook(TapeLook(self.session.evidence_of_the_walk()), everything=reread)


class Replayed(NamedTuple):
    """What came of walking again."""

    taped: Taped
    events: list[Event]
    session: Session
    read: list[Read]
    """Looks whose text was read again."""

    def said(self, *, reread: bool = False) -> list[str]:
        """Sentences for a person, before the report: whose record it is, then and today."""
        return [
            *recorded_where(self.taped),
            *then_and_today(self),
            *sentences([each for each in self.read if reread or each.fields]),
        ]


def opened(tape: str) -> Taped:
    """What is on a tape, in a journal or in a session's folder.

    Raises:
        JournalError: it cannot be read, or holds no session.
    """
    read = recording(journal_of(tape))
    session = fold(read.events)
    if session.incident is None:
        raise JournalError(f"{tape}: holds no session.")
    return Taped(read, session, session.incident)


def replay(tape: str, *, reread: bool = False) -> Replayed:
    """Walk again over the evidence of a tape, with today's knowledge.

    Raises:
        JournalError: it cannot be read, or holds no session.
    """
    return walked_again(opened(tape), reread=reread)


def told(options: argparse.Namespace) -> Session:
    """The session to report on, after it was said whose record it is.

    Raises:
        JournalError: the tape cannot be read, or holds no session.
    """
    if options.as_recorded:
        taped = opened(options.tape)
        _say([*recorded_where(taped), "As it was recorded; nothing was walked again."], options)
        return taped.session
    replayed = replay(options.tape, reread=options.reread)
    _say(replayed.said(reread=options.reread), options)
    return replayed.session


def page_as_recorded(tape: str) -> str:
    """All that happened then, as a page of 80 columns."""
    from wizard.report.document import plain
    from wizard.report.document.transcript import transcript

    return "".join(plain.write(transcript(opened(tape).recording.events)))


def _say(sentences: Sequence[str], options: argparse.Namespace) -> None:
    """Above a page for a person; beside what is for a program or a chat."""
    if options.form in (None, "text"):
        lines = [line for each in sentences for line in textwrap.wrap(each, output.columns())]
        output.page("\n".join([*lines, ""]) + "\n")
    else:
        for each in sentences:
            output.warn(each)


def demo() -> Session:
    """Walk over the recorded incident that comes with the wizard."""
    return replay(DEMO).session


def walked_again(taped: Taped, *, reread: bool = False) -> Replayed:
    """Walk over what was recorded, with today's knowledge."""
    catalogue, library = knowledge()
    flow = taped.session.flow if taped.session.flow in library.flows else FIRST_FLOW
    look = taped.look(reread=reread)
    clock = _RecordedClock(taped.session)
    events: list[Event] = []
    diagnose(
        taped.incident, look, library, catalogue,
        lambda event: events.append(clock.stamped(event)), flow=flow, session=taped.session.id,
    )  # fmt: skip
    return Replayed(taped, events, fold(events), sorted(look.told))


class _RecordedClock:
    """Gives each event the time at which its evidence was there."""

    def __init__(self, recorded: Session) -> None:
        self._now = recorded.started or 0.0
        self._end = recorded.at or self._now

    def stamped(self, event: Event) -> Event:
        """The event at its time of then."""
        if isinstance(event, Looking):
            return event
        if isinstance(event, Looked):
            seen = event.evidence
            if not 0 < seen.started <= self._end:  # it is not on the tape
                event = replace(event, evidence=replace(seen, started=self._now, seconds=0.0))
            else:
                self._now = max(self._now, seen.started + seen.seconds)
        return replace(event, at=self._now)


def recorded_where(taped: Taped) -> Iterator[str]:
    """Whose record it is, and what of it could not be read."""
    session, incident = taped.session, taped.incident
    where = f" on {incident.hostname}" if incident.hostname else ""
    by = f" as {incident.user}" if incident.user else ""
    yield (
        f"Recorded{where} at {of_day(session.started) or 'no known time'}{by}, with Gateway "
        f"Wizard {session.version or 'of no known version'}."
    )
    left_out = taped.recording.left_out
    if left_out:
        count = sum(left_out.values())
        yield (
            f"Left out: {count} event{'' if count == 1 else 's'} that only a newer wizard knows "
            f"({', '.join(sorted(left_out)[:_MOST_NAMED])})."
        )
    if taped.recording.is_cut:
        yield "Its last line was cut off; everything before that is here."


def then_and_today(replayed: Replayed) -> Iterator[str]:
    """How today's walk differs from the recorded one; nothing where the flows are the same."""
    then, today = replayed.taped.session, replayed.session
    first, second = verdicts(then), verdicts(today)
    if first == second and then.flow_digest == today.flow_digest:
        return
    parted = parting(then, today, [*replayed.taped.recording.events, *replayed.events])
    if first == second and parted is None:
        yield "With today's flows: the same verdict by the same path."
        return
    if first == second:
        yield "With today's flows: the same verdict by another path."
    else:
        yield f"Then: {first}."
        yield f"With today's flows: {second}."
    if parted is not None:
        at = f' at "{parted.ask}"' if parted.ask else ""
        of = f", {parted.scope}" if parted.scope else ""
        yield f"They part{at} ({parted.node}{of}): then {parted.then}; today {parted.today}."
    if parted is not None and then.chosen:
        yield "A person chose the way at some questions then; today the walk went by itself."
