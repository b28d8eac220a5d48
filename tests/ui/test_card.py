"""The card: each part copied alone, secrets only when asked for, and watching that can be ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from textual.pilot import Pilot

from tests.ui.driving import LONG, TAPES, at_rest, press, recorded, setup_over, text_in, until
from wizard.engine.journal import read
from wizard.engine.look import TapeLook
from wizard.fixes.patch import unified
from wizard.model.events import Watched
from wizard.model.evidence import Evidence
from wizard.ui.app import Wizard

SECRET = "hunter2Zq9"
PORT = TAPES / "wrong-port-in-site.tape.gz"


def walking(app: Wizard, check: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await at_rest(pilot)
            await check(pilot)

    asyncio.run(asyncio.wait_for(run(), LONG * 3))


def over(evidence: dict[str, Evidence] | None = None) -> Wizard:
    return Wizard(setup_over(recorded(PORT), evidence=evidence))


def with_diff(diff: str) -> Wizard:
    """The recorded walk, with another diff than was made then."""
    session = recorded(PORT)
    evidence = {
        key: msgspec.structs.replace(each, facts={**each.facts, "diff": diff}, raw=diff)
        if "diff" in each.facts
        else each
        for key, each in session.evidence.items()
    }
    return over(evidence)


def test_the_part_under_the_cursor_is_copied_alone_and_kept_in_a_file() -> None:
    app = over()

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f", "c")
        folder = Path(app.setup.folder())
        assert app.clipboard == (folder / "fix-1.patch").read_text()
        assert app.clipboard.startswith("--- etc/nginx/sites-available/shop\n")
        await press(pilot, "down", "c")
        assert app.clipboard.startswith("sudo patch -p0 -d / < fix.patch\n")
        assert app.clipboard == (folder / "fix-1-apply.sh").read_text()
        await press(pilot, "end", "c")
        assert app.clipboard == (folder / "fix-1-undo.sh").read_text()
        assert "sudo patch -R" in app.clipboard
        assert "Sent to your terminal's clipboard" in text_in(app, "page")

    walking(app, check)


def test_the_whole_card_is_a_script_with_the_diff_in_it() -> None:
    app = over()

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f", "C")
        assert "sudo patch -p0 -d / <<'END_OF_PATCH'\n--- etc/nginx" in app.clipboard
        assert "# to take it back:\n#   sudo patch -R" in app.clipboard

    walking(app, check)


def test_a_secret_is_shown_when_asked_for_and_kept_nowhere(tmp_path: Path) -> None:
    live = tmp_path / "site.conf"
    text = f"proxy_pass http://shop:{SECRET}@127.0.0.1:3100;\n"
    live.write_text(text)
    app = with_diff(unified(str(live), text, text.replace("3100", "3000")))

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f")
        assert "holds a secret, shown as [masked:" in " ".join(text_in(app, "page").split())
        assert SECRET not in text_in(app, "page")
        await press(pilot, "c")
        assert SECRET not in app.clipboard
        await press(pilot, "s")
        assert SECRET in text_in(app, "page")
        await press(pilot, "c")
        assert SECRET in app.clipboard
        await press(pilot, "s")
        assert SECRET not in text_in(app, "page")
        folder = Path(app.setup.folder())
        assert not [each for each in folder.iterdir() if SECRET in each.read_text()]

    walking(app, check)


class Failing(TapeLook):
    """The tape, but of the requests made later every second one fails."""

    asked = 0

    def see(self, name: str, *rest: Any) -> Any:
        seen = super().see(name, *rest)
        if name != "front":
            return seen
        self.asked += 1
        status = 200 if self.asked % 2 else 502
        return msgspec.structs.replace(seen, facts={**seen.facts, "status": status})


def test_watching_counts_on_the_screen_and_the_same_key_ends_it() -> None:
    session = recorded(PORT)
    look = Failing(session.evidence.values())
    app = Wizard(setup_over(session, look=look))

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f")
        await pilot.press("V")
        await until(
            pilot, lambda: app.view.watching is not None and app.view.watching.asked >= 2, "two"
        )
        await until(pilot, lambda: "requests failed so far" in text_in(app, "page"), "the count")
        await pilot.press("V")
        await at_rest(pilot)
        assert app.view.watched is not None
        assert app.view.watched.stopped
        assert app.view.watched.failed >= 1
        assert "requests failed in" in text_in(app, "page")
        kept = read(Path(app.setup.folder()) / "journal.jsonl")
        assert kept[-1] == app.view.watched
        assert isinstance(kept[-1], Watched)

    walking(app, check)


def test_a_recorded_session_is_not_watched() -> None:
    app = Wizard(setup_over(recorded(PORT), tape=str(PORT)))

    async def check(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "V")
        assert app.view.watched is None
        assert app.view.watching is None

    walking(app, check)
