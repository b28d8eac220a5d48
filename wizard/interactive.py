"""Starts a walk with a person: what is looked into, then the front end that was chosen."""

from __future__ import annotations

import argparse
import os
from typing import Literal

from wizard import output
from wizard.engine.look import LiveLook
from wizard.front_end import Setup
from wizard.model.address import parse as parse_address
from wizard.opening import DEMO, incident_of
from wizard.trail import Trail


def run(options: argparse.Namespace, front_end: Literal["screen", "plain"], trail: Trail) -> int:
    """Walk, and return the exit status.

    Raises:
        Refused: there is nothing to look into.
        JournalError: the tape cannot be read.
    """
    setup = _setup(options, trail)
    if setup is None:
        return 0
    try:
        if front_end == "screen":
            from wizard.ui import app

            return int(app.run(setup))
        from wizard.plain import prompts

        return prompts.run(setup)
    finally:
        trail.close()


def _setup(options: argparse.Namespace, trail: Trail) -> Setup | None:
    """What to look into; None when the person chose nothing."""
    if options.command == "demo":
        return _of_tape(DEMO, options, trail)
    if options.command == "replay":
        return _of_tape(options.tape, options, trail)
    _check_flow(options.flow)
    if options.address is None:
        from wizard.plain import picking

        picked = picking.pick()
        if picked is None:
            return None
        if picked.url == picking.DEMO:
            return _of_tape(DEMO, options, trail)
        options.address = parse_address(picked.url)
        options.connect = options.connect or picked.address
    if options.address.left_out:
        output.warn(f"Left {options.address.left_out} out of the URL: the wizard sends none.")
    return Setup(
        incident=incident_of(options.address, options),
        trail=trail,
        make_look=LiveLook,
        flow=options.flow,
        auto=not options.step,
        mouse=not options.no_mouse,
    )


def _of_tape(tape: str, options: argparse.Namespace, trail: Trail) -> Setup:
    from wizard import replaying

    reread = options.command == "replay" and options.reread
    # A walk over a tape takes some 50 ms: what differs is known before a person asks.
    replayed = replaying.replay(tape, reread=reread)
    taped = replayed.taped
    return Setup(
        incident=taped.incident,
        trail=trail,
        make_look=lambda: taped.look(reread=reread),
        flow=taped.session.flow,
        tape=os.fspath(tape),
        recorded=tuple(replayed.said(reread=reread)),
        auto=not options.step,
        mouse=not options.no_mouse,
    )


def _check_flow(asked: str | None) -> None:
    """A wrong name is told before a screen opens."""
    if asked is not None:
        from wizard.unattended import flow_asked_for, knowledge

        flow_asked_for(asked, knowledge()[1])
