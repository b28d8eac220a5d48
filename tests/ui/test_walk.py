"""What the keys do: every one that a footer names, over tapes of real incidents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.driving import (
    LONG,
    TAPES,
    at_rest,
    frame,
    press,
    recorded,
    setup_over,
    text_in,
    text_of,
    until,
    wizard_over,
)
from wizard.engine.look import TapeLook
from wizard.ui.app import Wizard
from wizard.ui.screens.fix import Fix
from wizard.ui.screens.go import GoTo
from wizard.ui.screens.help import Help
from wizard.ui.screens.learn import Learn
from wizard.ui.screens.look import Look
from wizard.ui.screens.opening import Opening
from wizard.ui.screens.panels import Panels
from wizard.ui.screens.prevention import Prevention
from wizard.ui.screens.verdict import VerdictScreen
from wizard.ui.screens.walk import Walk
from wizard.ui.widgets.rows import Rows

PORT, OOM, DROP = "wrong-port-in-site", "oom-export", "drop-iptables-input"
TWO = "no-live-because-both-are-stopped"


def walking(
    app: Wizard,
    check: Callable[[Pilot[None]], Coroutine[Any, Any, None]],
    *,
    size: tuple[int, int] = (80, 24),
) -> None:
    """Run the app and a check of it, from when it is told whose error it is."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await at_rest(pilot)
            await check(pilot)

    asyncio.run(asyncio.wait_for(run(), LONG * 2))


def test_the_first_screen_says_whose_error_it_is() -> None:
    app = wizard_over(PORT)

    async def check(pilot: Pilot[None]) -> None:
        assert isinstance(app.screen, Opening)
        shown = text_of(app)
        assert "Whose error is it?  nginx made the 502." in shown
        assert "^ made the 502" in shown
        assert "client" in shown
        assert "127.0.0.1:3100" in shown

    walking(app, check)


@pytest.mark.parametrize("tape", [PORT, OOM, DROP, TWO])
def test_enter_alone_leads_to_the_cause_and_to_what_to_do(tape: str) -> None:
    app = wizard_over(tape)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)
        ended = app.view.session.conclusion
        assert ended is not None
        assert ended.verdicts[0].title in text_of(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, Fix)
        for _ in range(9):
            if isinstance(app.screen, Fix):
                await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)

    walking(app, check)


def test_step_waits_at_each_question_and_enter_takes_the_recommended_way() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        asked = []
        while isinstance(app.screen, Walk):
            asked.append((app.view.key, app.view.scope))
            assert app.view.decided is not None
            assert app.view.decided.said in " ".join(text_in(app, "decision").split())
            await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)
        assert len(asked) == len(set(asked)) > 5
        assert asked == [(d.node, d.scope) for d in app.view.session.path if d.step != "whose"]

    walking(app, check)


def test_asked_for_step_by_step_enter_goes_step_by_step() -> None:
    app = wizard_over(OOM, auto=False)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert isinstance(app.screen, Walk)

    walking(app, check)


def test_auto_and_step_can_be_switched_at_any_time() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s", "enter", "s")
        assert isinstance(app.screen, VerdictScreen)
        assert app.view.pace == "auto"
        await press(pilot, "b")
        assert isinstance(app.screen, Walk)
        assert app.view.pace == "step"

    walking(app, check)


def test_another_way_than_the_recommended_can_be_taken() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        while len(app.view.ways) < 2:
            await press(pilot, "enter")
        other = app.view.ways[1]
        await press(pilot, "2")
        assert app.view.session.chosen[-1].goto == other
        await press(pilot, "b")
        await press(pilot, "down", "enter")
        assert len(app.view.session.chosen) == 2

    walking(app, check)


def test_back_takes_back_what_was_decided() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        first = app.view.key
        await press(pilot, "enter")
        assert app.view.key != first
        await press(pilot, "b")
        assert app.view.key == first
        await press(pilot, "b", "b", "b")
        assert app.view.key == "answer/front"
        await until(pilot, lambda: "This is the first question." in text_of(app), "the words")

    walking(app, check)


def test_re_run_makes_the_looks_again() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        before = len(app.view.session.evidence)
        await press(pilot, "r")
        assert len(app.view.session.evidence) > before
        assert isinstance(app.screen, Walk)
        await until(pilot, lambda: "Looked again." in text_of(app), "the words")

    walking(app, check)


def test_any_question_can_be_gone_to() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "g")
        assert isinstance(app.screen, GoTo)
        await press(pilot, "down", "down", "enter")
        assert isinstance(app.screen, Walk)
        assert app.view.key == "backend/service"

    walking(app, check)


def test_a_note_is_kept_with_the_session() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        await pilot.press("n", *"qbs")
        await press(pilot, "enter")
        assert [note.text for note in app.view.session.notes] == ["qbs"]
        await pilot.press("n")
        await press(pilot, "escape")
        assert len(app.view.session.notes) == 1

    walking(app, check)


def test_evidence_opens_whole_and_leads_to_its_neighbours() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "e")
        assert isinstance(app.screen, Look)
        whole = text_in(app, "page")
        for part in ("THE SAME BY HAND", "FACTS", "RAW TEXT", "WHAT IT DECIDED", "as root"):
            assert part in whole
        await press(pilot, "n")
        assert text_in(app, "page") != whole
        await press(pilot, "p")
        assert text_in(app, "page") == whole
        await press(pilot, "w", "w", "b")
        assert isinstance(app.screen, VerdictScreen)

    walking(app, check)


def test_text_is_found_in_the_evidence() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "e")
        await pilot.press("slash", *"RAW")
        await press(pilot, "enter")
        assert "RAW TEXT" in text_of(app)
        await pilot.press("slash", "x", "y")
        await press(pilot, "enter")
        await until(pilot, lambda: "is not on this page" in text_of(app), "the words")

    walking(app, check)


def test_the_panels_show_route_servers_log_and_timeline() -> None:
    app = wizard_over(TWO)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "p")
        assert isinstance(app.screen, Panels)
        assert "/etc/nginx/" in text_of(app)
        await press(pilot, "2")
        assert "! 127.0.0.1:7201" in text_of(app)
        assert "Connection refused" in text_of(app)
        await press(pilot, "3")
        assert "> 2026/11/21" in text_in(app, "page")
        await press(pilot, "right")
        assert "the wizard asked" in text_in(app, "page")
        await press(pilot, "enter")
        assert isinstance(app.screen, Look)
        await press(pilot, "b", "b")
        assert isinstance(app.screen, VerdictScreen)

    walking(app, check)


def test_learn_shows_the_flows_own_words() -> None:
    app = wizard_over(DROP)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s", "l")
        assert "WHY THIS IS ASKED" in text_in(app, "decision")
        await press(pilot, "l")
        assert "WHY THIS IS ASKED" not in text_in(app, "decision")
        await press(pilot, "s", "l")
        assert isinstance(app.screen, Learn)
        assert "THIS HOST'S PACKET FILTER" in text_in(app, "page")

    walking(app, check)


def test_help_names_every_key_of_the_screen_it_was_asked_from() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s", "question_mark")
        assert isinstance(app.screen, Help)
        shown = text_in(app, "page")
        for word in ("Back:", "Evidence:", "Panels:", "Re-run:", "Note:", "Learn:", "Go to:"):
            assert word in shown
        await press(pilot, "enter")
        assert isinstance(app.screen, Walk)

    walking(app, check)


def test_copying_says_sent_and_always_writes_the_file() -> None:
    app = wizard_over(DROP)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f", "c")
        assert "Sent to your terminal's clipboard." in text_in(app, "page")
        kept = Path(app.setup.folder()) / "fix-1.sh"
        assert "sudo iptables -I INPUT" in kept.read_text()
        assert app.clipboard == kept.read_text()

    walking(app, check)


def test_what_keeps_it_from_coming_back_is_a_key_away_from_the_verdict() -> None:
    app = wizard_over("crashed-variable-missing")

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert "So that it does not come back" in text_of(app)
        await press(pilot, "k", "c")
        assert isinstance(app.screen, Prevention)
        assert "/etc/systemd/system/shop.service.d/50-restart.conf" in text_in(app, "page")
        kept = Path(app.setup.folder()) / "50-restart.conf"
        assert kept.read_text() == "[Service]\nRestart=on-failure\nRestartSec=2\n"
        await press(pilot, "n")
        assert "Prometheus" in text_in(app, "page")
        for _ in range(6):
            if isinstance(app.screen, Prevention):
                await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)

    walking(app, check)


def test_what_a_command_printed_elsewhere_can_be_pasted() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        look = app.view.pasteable[0][0]
        found = next(e for e in app.view.session.evidence.values() if e.look == look)
        app.push_screen(Look(found.id))
        await at_rest(pilot)
        await pilot.press("i", *"nothing", "f2")
        await at_rest(pilot)
        newest = [e for e in app.view.session.evidence.values() if e.look == look][-1]
        assert newest.reading.startswith("pasted: ")
        assert isinstance(app.screen, Walk | VerdictScreen)

    walking(app, check)


def test_a_walk_that_cannot_begin_leaves_and_says_why() -> None:
    app = wizard_over(OOM)

    def fails(tell: Any) -> Any:
        raise OSError("no flows")

    app.driver._open = fails

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.driver.mistake is not None, "the mistake")
            await until(pilot, lambda: app._exit, "the end")

    asyncio.run(asyncio.wait_for(run(), LONG))
    assert str(app.driver.mistake) == "no flows"


def test_verify_says_before_and_after() -> None:
    session = recorded(TAPES / f"{OOM}.tape.gz")

    class Mended(TapeLook):
        asked = 0

        def see(self, name: str, *rest: Any) -> Any:
            seen = super().see(name, *rest)
            if name == "front":
                self.asked += 1
                if self.asked > 1:
                    import msgspec

                    sighting = msgspec.structs.replace(seen.sighting, reading="200 in 3 ms")
                    facts = {**seen.facts, "status": 200}
                    return msgspec.structs.replace(seen, sighting=sighting, facts=facts)
            return seen

    app = Wizard(setup_over(session, look=Mended(session.evidence.values())))

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "v")
        assert app.view.verified is not None
        shown = text_of(app)
        assert "FIXED" in shown
        assert "200 in 3 ms" in shown
        assert "before: 502" in shown

    walking(app, check)


def test_the_cursor_runs_through_looks_and_ways_as_through_one_list() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        assert frame(app).active.id == "ways"
        await press(pilot, "up")
        looks = frame(app).active
        assert looks.id == "looks"
        assert looks.key == looks.keys[-1]
        await press(pilot, "enter")
        assert isinstance(app.screen, Look)
        await press(pilot, "b", "down")
        assert frame(app).active.id == "ways"

    walking(app, check)


def test_a_wide_screen_has_more_beside_and_the_same_main_part() -> None:
    app = wizard_over(OOM)

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        assert "PATH" in text_of(app)
        assert app.screen.query_one("#main").size.width == 80
        await pilot.resize_terminal(80, 24)
        await at_rest(pilot)
        assert "PATH" not in text_of(app)
        assert app.screen.query_one("#looks", Rows).size.width == 78

    walking(app, check, size=(120, 40))


def test_the_screen_may_change_its_size_at_any_time() -> None:
    app = wizard_over(TWO)

    async def check(pilot: Pilot[None]) -> None:
        for size in ((60, 20), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await at_rest(pilot)
            assert max(map(len, text_of(app).split("\n"))) <= size[0]
        await press(pilot, "enter")
        await pilot.resize_terminal(60, 20)
        await at_rest(pilot)
        assert "CAUSE 1 OF 2" in text_of(app)

    walking(app, check)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_leaving_waits_for_no_look(key: str) -> None:
    import threading
    import time

    session = recorded(TAPES / f"{OOM}.tape.gz")
    hanging = threading.Event()

    class Hangs(TapeLook):
        def see(self, name: str, *rest: Any) -> Any:
            if name == "front":
                hanging.wait(LONG)
            return super().see(name, *rest)

    app = Wizard(setup_over(session, look=Hangs(session.evidence.values())))

    async def run() -> float:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.view.busy == "looking", "a look under way")
            await pilot.press(key)
            return time.monotonic()

    pressed = asyncio.run(asyncio.wait_for(run(), LONG))
    took = time.monotonic() - pressed
    hanging.set()
    assert took < 0.3
