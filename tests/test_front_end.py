"""Choosing a front end asks the terminal, and loads no screen for it."""

from __future__ import annotations

import io
import sys

import pytest

from tests.test_imports import loaded_by
from wizard import options
from wizard.front_end import Chosen, choose
from wizard.options import Refused


def test_plain_is_plain_wherever_it_is_asked_for() -> None:
    assert choose(plain=True, environment={}) == Chosen("plain")


def test_where_the_report_goes_into_a_pipe_it_is_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert choose(plain=False, environment={"TERM": "xterm"}) == Chosen("text")


def test_closed_streams_are_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert choose(plain=False).name == "text"
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    assert choose(plain=False).name == "text"


@pytest.mark.parametrize(
    ("typed", "command", "url"),
    [
        ([], "walk", None),
        (["http://a/"], "walk", "http://a/"),
        (["--plain", "http://a/"], "walk", "http://a/"),
        (["--plain"], "walk", None),
        (["diagnose", "http://a/"], "diagnose", "http://a/"),
        (["diagnose"], "diagnose", None),
    ],
)
def test_a_url_alone_is_walked(typed: list[str], command: str, url: str | None) -> None:
    read = options.read(typed)
    assert (read.command, read.url) == (command, url)


def test_how_to_walk_may_stand_before_the_command() -> None:
    read = options.read(["--plain", "--no-mouse", "replay", "x.tape"])
    assert (read.command, read.tape, read.plain, read.no_mouse, read.step) == (
        *("replay", "x.tape"),
        *(True, True, False),
    )


def test_only_diagnose_has_a_form_by_itself() -> None:
    assert options.read(["diagnose", "a"]).form == "text"
    assert options.read(["a"]).form is None
    assert options.read(["a", "--json"]).form == "json"


def test_a_report_cannot_be_stepped_through() -> None:
    with pytest.raises(Refused, match="choose one"):
        options.read(["demo", "--short", "--step"])


def test_choosing_loads_neither_the_screen_nor_the_engine() -> None:
    loaded = loaded_by("from wizard.front_end import choose; choose(plain=False)")
    assert not loaded & {"textual", "rich", "msgspec", "asyncio"}
    assert not any(name.startswith(("wizard.engine", "wizard.probes")) for name in loaded)


def test_the_prompts_load_no_screen() -> None:
    loaded = loaded_by("import wizard.plain.prompts, wizard.interactive")
    assert not loaded & {"textual", "rich", "httpx", "asyncio", "yaml"}
