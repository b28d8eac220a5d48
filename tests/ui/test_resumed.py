"""A resumed session on the screen: where it was, what is stale, looking again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.driving import TAPES, at_rest, press, text_in, text_of
from wizard.engine.journal import Journal, read
from wizard.engine.look import TapeLook
from wizard.front_end import Setup
from wizard.model.events import Decided, Event
from wizard.model.session import fold
from wizard.sessions.appending import Appending
from wizard.trail import Trail
from wizard.ui.app import Wizard

EVENTS = read(TAPES / "oom-export.tape.gz")
LONG = 1e12


def resumed(events: list[Event], stale_after: float) -> tuple[Wizard, Path]:
    """The app in a session that ended with these events."""
    journal = Journal("20261121-031500-00bb")
    for event in events:
        journal.append(event)
    journal.close()
    assert journal.path is not None
    recorded = fold(EVENTS)
    assert recorded.incident is not None
    trail = Trail.continued(journal.path, Appending(journal.path), lambda sentence: None)
    look = TapeLook(recorded.evidence_of_the_walk())
    setup = Setup(
        incident=recorded.incident,
        trail=trail,
        make_look=lambda: look,
        flow=recorded.flow,
        auto=False,
        before=tuple(read(journal.path)),
        stale_after=stale_after,
    )
    return Wizard(setup), journal.path


def up_to_decision(number: int) -> list[Event]:
    """The events up to the decision of this number."""
    places = [at for at, event in enumerate(EVENTS) if isinstance(event, Decided)]
    return EVENTS[: places[number] + 1]


@pytest.mark.anyio
async def test_it_opens_at_the_question_where_it_was(tmp_path: Path) -> None:
    events = up_to_decision(3)
    last = events[-1]
    assert isinstance(last, Decided)
    app, path = resumed(events, LONG)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert (app.view.key, app.view.scope) == (last.node, last.scope)
        assert last.said.split(".")[0][:40] in text_in(app, "decision")
        assert "stale" not in text_of(app)
        await press(pilot, "enter")
        assert app.view.key != last.node
    before = [(each.node, each.scope, each.said) for each in fold(events).path]
    now = [(each.node, each.scope, each.said) for each in fold(read(path)).path]
    assert now[: len(before)] == before


@pytest.mark.anyio
async def test_a_verdict_that_rests_on_stale_evidence_is_confirmed_by_looking_again(
    tmp_path: Path,
) -> None:
    app, path = resumed(EVENTS, 60.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert "looks are stale" in text_in(app, "page")
        assert "Supported: " in text_in(app, "page")
        assert "stale: " in text_in(app, "page")
        assert " stale" in text_in(app, "title")
        await press(pilot, "e")
        assert "Stale: seen too long before" in text_in(app, "page")
        await press(pilot, "b", "R")
        while app.view.key:
            await press(pilot, "s")
        assert "stale" not in text_in(app, "page")
        assert "Confirmed: " in text_in(app, "page")
    session = fold(read(path))
    assert not session.stale
    assert session.conclusion is not None
    assert session.conclusion.verdicts[0].confidence == "confirmed"
