"""The screen and the prompts are the same walk: path, evidence and verdict agree over tapes."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.taped import SEVERAL, tape, walked
from wizard.engine.journal import read
from wizard.front_end import Setup
from wizard.model.session import Session, fold
from wizard.plain import prompts
from wizard.replaying import opened
from wizard.trail import Trail

QUICK = ("maintenance-flag-file", "config-unknown-directive", "healthy-noisy")
"""A few questions each; a whole walk key by key takes the screen some seconds."""


def same(sessions: Iterable[Session]) -> list[object]:
    """What has to agree, without when it happened."""
    return [
        (
            [(each.node, each.scope, each.outcome, each.said, each.goto) for each in one.path],
            [
                (each.id, each.look, each.scope, each.status, each.reading, each.facts)
                for each in one.evidence.values()
            ],
            one.findings,
            one.conclusion
            and (
                one.conclusion.outcome,
                one.conclusion.status,
                one.conclusion.made_by,
                one.conclusion.verdicts,
                one.conclusion.ruled_out,
                one.conclusion.untested,
            ),
        )
        for one in sessions
    ]


def setup_of(name: str, *, auto: bool) -> Setup:
    """What either front end is given for a replay."""
    taped = opened(str(tape(name)))
    return Setup(
        incident=taped.incident,
        trail=Trail(lambda sentence: None),
        make_look=taped.look,
        flow=taped.session.flow,
        auto=auto,
    )


def at_the_prompts(name: str, typed: str, *, auto: bool) -> tuple[int, Session]:
    """Walk with these answers; the status and the session as it was kept."""
    setup = setup_of(name, auto=auto)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        left = prompts.run(setup)
    setup.trail.close()
    return left, fold(read(Path(setup.folder()) / "journal.jsonl"))


async def on_the_screen(name: str) -> Session:
    """Walk with Enter alone, as a person on the screen can."""
    from wizard.ui.app import Wizard

    setup = setup_of(name, auto=False)
    app = Wizard(setup)
    async with app.run_test(size=(80, 24)) as pilot:
        over = time.monotonic() + 30
        answered: object = None
        while app.view.session.conclusion is None and time.monotonic() < over:
            assert not app.view.failed
            # One Enter a question: what it starts takes a moment to show.
            open_now = (app.view.pace, app.view.key, app.view.scope)
            waits = app.view.decided or app.view.pace == "opening"
            if not app.view.busy and waits and open_now != answered:
                answered = open_now
                await pilot.press("enter")
            await pilot.pause(0.02)
    setup.trail.close()
    return fold(read(Path(setup.folder()) / "journal.jsonl"))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


@pytest.mark.parametrize("name", SEVERAL)
def test_the_prompts_walk_as_diagnose_does(name: str) -> None:
    left, session = at_the_prompts(name, "", auto=True)
    prompted, unattended = same([session, walked(name)])
    assert prompted == unattended
    assert session.conclusion is not None
    assert left == {"healthy": 0, "cause": 1, "unproven": 3}[session.conclusion.outcome]


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SEVERAL],
)
def test_the_screen_walks_as_the_prompts_do(name: str) -> None:
    _, prompted = at_the_prompts(name, "\n" * 60, auto=False)
    screen = asyncio.run(on_the_screen(name))
    assert screen.conclusion is not None
    assert same([screen]) == same([prompted])
