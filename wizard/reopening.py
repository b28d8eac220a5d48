"""`wizard resume`: go on in a session that was kept, or follow it where another one leads it."""

from __future__ import annotations

import argparse
import os
from typing import Literal

from wizard import output
from wizard.engine.journal import JournalError, read
from wizard.engine.look import LiveLook
from wizard.front_end import Setup
from wizard.model.session import fold
from wizard.options import Refused
from wizard.sessions.appending import Appending, Busy
from wizard.sessions.kept import Recorded, SessionError, recorded
from wizard.sessions.listing import listed
from wizard.trail import Trail


def run(
    options: argparse.Namespace, front_end: Literal["screen", "plain"], kept: list[Trail]
) -> int:
    """Walk on, and return the exit status.

    Raises:
        Refused: there is no such session, or it cannot be gone on with here.
        JournalError: it cannot be read.
    """
    try:
        known = _wanted(options.session)
        _check_host(known)
        while True:
            try:
                appending = Appending(known.path)
            except Busy:
                status = _follow(options, front_end, known)
                if status is not None:
                    return status
            else:
                break
    except SessionError as problem:
        raise Refused(str(problem)) from problem
    trail = Trail.continued(known.path, appending, output.warn)
    kept.append(trail)
    setup = _setup(options, known, trail)
    try:
        if front_end == "screen":
            from wizard.ui import app

            return int(app.run(setup))
        from wizard.plain import prompts

        return prompts.run(setup)
    finally:
        trail.close()


def _wanted(typed: str | None) -> Recorded:
    """The session that was named; without a name the newest unfinished one of this host."""
    if typed is not None:
        return recorded(typed)
    rows = [row for row in listed()[0] if row.url and row.host in ("", os.uname().nodename)]
    unfinished = [row for row in rows if row.state in ("unfinished", "running")]
    for row in [*unfinished, *rows]:
        try:
            return recorded(os.fspath(row.path))
        except (SessionError, JournalError):
            continue  # torn at its very beginning
    return recorded(None)


def _check_host(known: Recorded) -> None:
    """What is looked at now has to be the host of then, or the evidence would be mixed up."""
    incident, here = known.session.incident, os.uname().nodename
    if incident is not None and incident.hostname not in ("", here):
        raise Refused(
            f"This session was recorded on {incident.hostname}; this is {here}. "
            f"To walk over what was seen there: wizard replay {known.path}"
        )


def _setup(options: argparse.Namespace, known: Recorded, trail: Trail) -> Setup:
    """The walk as it stands in the journal now that nobody else writes in it."""
    events = tuple(read(known.path))
    session = fold(events)
    if session.incident is None:
        raise Refused(f"{known.path} holds no session.")
    return Setup(
        incident=session.incident,
        trail=trail,
        make_look=LiveLook,
        flow=session.flow,
        auto=options.auto,
        mouse=not options.no_mouse,
        before=events,
        stale_after=options.stale_after,
    )


def _follow(
    options: argparse.Namespace, front_end: Literal["screen", "plain"], known: Recorded
) -> int | None:
    """Show what another wizard does; None when the person takes the session over."""
    if front_end == "screen":
        from wizard.ui import app

        return app.follow(known.path, known.session, mouse=not options.no_mouse)
    from wizard.plain import following

    return following.run(known.path, known.session)
