"""Text from outside is shown as what it is: it moves no cursor, runs no action, hides nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from tests.ui.driving import (
    LONG,
    TAPES,
    at_rest,
    press,
    recorded,
    setup_over,
    text_in,
    text_of,
)
from wizard.model.evidence import Evidence
from wizard.ui.app import Wizard
from wizard.ui.screens.look import Look

HOSTILE = (
    "\x1b[2J\x1b]52;c;aGFjaw==\x07\x9b31m\u202etxt\u200b [/ [error] [@click=app.exit]x[/] \ufffd"
)
TAPE = TAPES / "oom-export.tape.gz"


def spoilt(each: Evidence, by: str) -> Evidence:
    """The same evidence from a host whose every word is hostile."""

    def worse(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: worse(one) for name, one in value.items()}
        if isinstance(value, list):
            return [worse(one) for one in value]
        return f"{value}{by}" if isinstance(value, str) and value.startswith("/") else value

    return msgspec.structs.replace(
        each,
        reading=f"{each.reading}{by}",
        raw=f"{each.raw}\n{by}",
        command=f"{each.command} {by}",
        facts=worse(each.facts),
    )


def app_with(text: str, *, only: str = "") -> Wizard:
    session = recorded(TAPE)
    incident = msgspec.structs.replace(session.incident, hostname=f"web1{text[:80]}")
    session = msgspec.structs.replace(session, incident=incident)
    evidence = {
        key: spoilt(each, text) if only in ("", each.look) else each
        for key, each in session.evidence.items()
    }
    return Wizard(setup_over(session, evidence=evidence))


def assert_harmless(shown: str) -> None:
    acting = {c for c in shown if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)}
    assert not acting
    assert not {"\u202e", "\u200b"} & set(shown)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_hostile_text_is_harmless_on_every_screen(size: tuple[int, int]) -> None:
    app = app_with(HOSTILE)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await at_rest(pilot)
            assert_harmless(text_of(app))
            for key in ("s", "up", "enter", "b", "l", "l", "s", "f", "c", "b", "e"):
                await press(pilot, key)
                assert_harmless(text_of(app))
            assert isinstance(app.screen, Look)
            whole = " ".join(text_in(app, "page").split())
            assert "[error] [@click=app.exit]x[/]" in whole
            assert "\\x1b[2J" in whole
            await press(pilot, "b", "p", "2", "3", "4", "b", "question_mark", "b", "g")
            assert_harmless(text_of(app))
            assert app.is_running

    asyncio.run(asyncio.wait_for(run(), LONG * 3))


def test_a_line_of_a_megabyte_neither_stops_nor_fills_the_screen() -> None:
    app = app_with("A" * 1_000_000, only="errors")

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await at_rest(pilot)
            await press(pilot, "up", "e", "end", "b", "enter", "p", "3")
            assert max(map(len, text_of(app).split("\n"))) <= 80

    asyncio.run(asyncio.wait_for(run(), LONG * 3))


def test_what_is_copied_holds_nothing_that_acts(tmp_path: Path) -> None:
    app = app_with(HOSTILE)

    async def run(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "e", "c")
        assert_harmless(app.clipboard)
        (kept,) = Path(app.setup.folder()).glob("e*.txt")
        assert_harmless(kept.read_text())

    async def start() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await at_rest(pilot)
            await run(pilot)

    asyncio.run(asyncio.wait_for(start(), LONG * 2))
