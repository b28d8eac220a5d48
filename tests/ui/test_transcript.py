"""The transcript on the screen: what was done until now, written where the person says."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from tests.ui.driving import LONG, at_rest, press, text_in, text_of, wizard_over
from wizard.model.events import Copied
from wizard.ui.app import Wizard

Steps = Callable[[Wizard, Pilot[None]], Awaitable[None]]


def drive(steps: Steps, tape: str = "wrong-port-in-site") -> Wizard:
    app = wizard_over(tape)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await at_rest(pilot)
            await steps(app, pilot)

    asyncio.run(asyncio.wait_for(run(), LONG * 2))
    return app


def copies(app: Wizard) -> list[Copied]:
    return [each for each in app.setup.trail.events() if isinstance(each, Copied)]


def test_t_shows_what_happened_so_far_on_the_walk_and_at_the_verdict() -> None:
    async def steps(app: Wizard, pilot: Pilot[None]) -> None:
        await press(pilot, "s", "t")
        assert "The walk was left before there was a verdict" in text_in(app, "page")
        await press(pilot, "b", "s", "t")
        shown = text_in(app, "page")
        assert "FROM THE CAUSE TO THE SYMPTOM" in shown.upper()
        assert "EVIDENCE" in shown
        assert all(len(line) <= 80 for line in shown.split("\n"))
        await press(pilot, "b")
        assert app.view.ended

    drive(steps)


def test_w_writes_the_chosen_form_beside_the_session_and_says_where() -> None:
    async def steps(app: Wizard, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "t", "w", "4")
        assert "Written for you alone: " in text_of(app)
        await press(pilot, "w", "enter", "w", "1")

    app = drive(steps)
    folder = Path(app.setup.folder())
    report = json.loads((folder / "report.json").read_text())
    assert report["session"] == app.setup.trail.id
    assert stat.S_IMODE((folder / "report.json").stat().st_mode) == 0o600
    first, second = folder / "transcript.md", folder / "transcript-2.md"
    assert first.read_text().startswith("# ")
    # what was written before stands in what is written after
    assert "copied the report for programs" in first.read_text()
    assert second.read_text().count("copied the transcript for a ticket") == 1
    assert [each.where for each in copies(app)] == [
        "the file report.json", "the file transcript.md", "the file transcript-2.md",
    ]  # fmt: skip


def test_what_is_copied_is_in_the_journal_with_what_and_where() -> None:
    async def steps(app: Wizard, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f", "c", "C", "b", "c", "e", "c")

    app = drive(steps)
    told = copies(app)
    assert [each.what for each in told] == [
        "fix 1", "fix 1", "the verdict", f"the raw text of {told[3].what.rpartition(' ')[2]}",
    ]  # fmt: skip
    assert told[0].where == "the clipboard and the file fix-1.patch"
    assert told[0].proposal == told[1].proposal != ""
    assert told[0].by == app.setup.incident.user
