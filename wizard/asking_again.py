"""`wizard verify`: whether the incident of a session that was kept is over."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from wizard import output
from wizard.engine.look import LiveLook
from wizard.engine.verifying import Verification
from wizard.engine.watching import Count, Limit
from wizard.model.events import Event, Verified, Watched
from wizard.model.session import Session, after
from wizard.options import Refused
from wizard.report import again
from wizard.report.words import at_home
from wizard.sessions.appending import Appending
from wizard.sessions.kept import Recorded, SessionError, recorded
from wizard.unattended import knowledge

MENDED, FAILING, UNCLEAR = 0, 1, 3


def run(options: argparse.Namespace) -> int:
    """Ask again, say what was and what is, write it into the session; the exit status.

    Raises:
        Refused: there is no such session.
        JournalError: it cannot be read.
    """
    try:
        known = recorded(options.session)
    except SessionError as problem:
        raise Refused(str(problem)) from problem
    journal = _opened(known)
    try:
        return _asked(options, known, journal)
    finally:
        if journal is not None:
            journal.close()


def _asked(options: argparse.Namespace, known: Recorded, journal: Appending | None) -> int:
    session = known.session
    kept = _Keeping(session, journal)
    _say_where_it_was(session)
    catalogue, library = knowledge()
    verification = Verification(session, LiveLook(), library, catalogue, output.progress)
    events = verification.events()
    output.progress("")
    for event in events:
        kept.tell(event)
    verified = kept.session.verified[-1]
    if options.form == "text":
        where = f"Written into {at_home(known.path)}" if journal else "It is written nowhere."
        output.page(again.render(_url(session), _verdict(session), verified, where))
    elif options.form == "short":
        output.page(again.outcome(verified))
    status = _status(verified)
    if options.watch is not None:
        watched = verification.investigation.watch(
            options.watch, _counting(options.watch), lambda: False, verified.by
        )
        output.progress("")
        kept.tell(watched)
        status = _with(status, watched)
        if options.form != "json":
            output.page(again.watched(watched))
    if options.form == "json":
        from wizard.report import json

        output.page(json.render([kept.session]))
    return status


class _Keeping:
    """The session with what is told now, in its journal too where that can be written."""

    def __init__(self, session: Session, journal: Appending | None) -> None:
        self.session = session
        self._journal = journal

    def tell(self, event: Event) -> None:
        if self._journal is not None:
            try:
                event = self._journal.append(event)
            except OSError as error:
                output.warn(f"The session takes no more ({error.strerror}); this is not kept.")
                self._journal = None
        self.session = after(self.session, event)


def _opened(known: Recorded) -> Appending | None:
    """The session's journal to write in; None, and a sentence, where that is not possible."""
    try:
        return Appending(known.path)
    except SessionError as problem:
        output.warn(f"{problem} What is seen now is not written into it.")
        return None


def _say_where_it_was(session: Session) -> None:
    incident, here = session.incident, os.uname().nodename
    if incident is not None and incident.hostname not in ("", here):
        output.warn(f"The session was recorded on {incident.hostname}; this is {here}.")


def _counting(limit: Limit) -> Callable[[Count], None]:
    return lambda count: output.progress(
        f"Watching: {count.failed} of {count.asked} failed, {limit.left(count)}; Ctrl-C ends it"
    )


def _status(verified: Verified) -> int:
    if verified.mended:
        return MENDED
    return UNCLEAR if verified.unclear else FAILING


def _with(status: int, watched: Watched) -> int:
    return FAILING if watched.failed else status


def _url(session: Session) -> str:
    return session.incident.url if session.incident else ""


def _verdict(session: Session) -> str:
    ended = session.conclusion
    first = ended.verdicts[0] if ended and ended.verdicts else None
    return f"{first.title}: {first.subject}" if first else "no cause was proven"
