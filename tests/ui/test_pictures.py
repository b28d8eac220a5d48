"""The pictures are those of the app as it is now; other terminals get the same words."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from screenshots.make import HERE, PICTURES, SIZES, Picture, picture
from tests.ui.driving import LONG, at_rest, press, text_of, wizard_over

_ID = re.compile(r"terminal-\d+")
ANSI = Path(__file__).parent / "snapshots"
MAKE = os.environ.get("WIZARD_SNAPSHOTS") == "make"


def same_ids(svg: str) -> str:
    """Without the number that each picture gets of its contents."""
    return _ID.sub("terminal", svg)


MAIN = ("whose-error", "question", "verdict", "fix", "evidence")
"""Compared in every run; the others with the slow tests."""


def picked(each: Picture) -> Any:
    """The picture as a parameter."""
    marks = () if each.name in MAIN else (pytest.mark.slow,)
    return pytest.param(each, marks=marks, id=each.name)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("each", [picked(each) for each in PICTURES])
def test_a_picture_shows_the_app_as_it_is(each: Picture, size: str) -> None:
    """`make screenshots` makes them anew; look at what has changed."""
    made = asyncio.run(asyncio.wait_for(picture(each, SIZES[size]), LONG * 2))
    kept = (HERE / f"{each.name}-{size}.svg").read_text(encoding="utf-8")
    assert same_ids(made) == same_ids(kept)


@pytest.mark.parametrize("each", PICTURES[:6], ids=[each.name for each in PICTURES[:6]])
def test_sixteen_colours_and_ascii_show_the_same_screens(
    each: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WIZARD_SNAPSHOTS=make keeps what it shows now."""
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("LANG", "C")
    made = asyncio.run(asyncio.wait_for(picture(each, SIZES["80x24"]), LONG * 2))
    kept = ANSI / f"{each.name}-ansi.svg"
    if MAKE:
        ANSI.mkdir(exist_ok=True)
        kept.write_text(made, encoding="utf-8")
    assert same_ids(made) == same_ids(kept.read_text(encoding="utf-8"))


def test_without_utf_8_every_character_is_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")

    async def run() -> None:
        app = wizard_over("drop-iptables-input")
        async with app.run_test(size=(120, 40)) as pilot:
            await at_rest(pilot)
            assert text_of(app).isascii()
            for key in ("s", "l", "l", "s", "enter", "b", "e", "b", "p", "4"):
                await press(pilot, key)
                # the rule beside the main part and the scroll bar are Textual's own
                shown = re.sub("[▏▎▍▌▋▊▉█▁▂▃▄▅▆▇]", "", text_of(app))
                assert shown.isascii(), shown

    asyncio.run(asyncio.wait_for(run(), LONG * 2))


def test_no_colour_is_written_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def run() -> None:
        app = wizard_over("oom-export")
        async with app.run_test(size=(80, 24)) as pilot:
            await at_rest(pilot)
            assert app.theme == "wizard-ansi"
            assert app.no_color

    asyncio.run(asyncio.wait_for(run(), LONG))
