"""One session in several terminals: killed and resumed, followed and taken over, hung up."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ui.test_pty import CURSOR_BACK, NORMAL_SCREEN, Terminal
from wizard.engine.journal import read
from wizard.model.session import Session, fold

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
LONG = 30.0
URL = "http://127.0.0.1:9/"
"""Nothing listens there, and nothing has to: the walk is the same on every host."""
TOLD = b"Enter"

Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """Opens terminals over one home."""
    opened: list[Terminal] = []

    def make(*arguments: str) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments))
        return opened[-1]

    yield make
    for each in opened:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(each.pid, signal.SIGKILL)
            os.waitpid(each.pid, 0)
        with contextlib.suppress(OSError):  # closed in the test
            each.close()


def journal(home: Path) -> Path:
    [path] = home.glob(".local/state/gateway-wizard/sessions/*/journal.jsonl")
    return path


def session(home: Path) -> Session:
    return fold(read(journal(home)))


def until(holds: Callable[[], bool], *terminals: Terminal) -> None:
    """Wait for it, while what the terminals write is read away."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end
        for each in terminals:
            each.read(0.05)


def noted(terminal: Terminal, text: str, home: Path) -> None:
    """Write a note, and see it in the journal."""
    os.write(terminal._file, b"n")
    terminal.read(1.0)
    os.write(terminal._file, text.encode() + b"\r")
    until(lambda: text in [each.text for each in session(home).notes], terminal)


def test_after_a_kill_the_session_opens_where_it_was(terminal: Open, tmp_path: Path) -> None:
    first = terminal("--step", URL)
    assert TOLD in first.read(LONG, TOLD)
    noted(first, "pager went at 03:10", tmp_path)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    with journal(tmp_path).open("ab") as file:
        file.write(b'{"type":"noted","at":1.0,"te')
    before = session(tmp_path)

    again = terminal("resume", "--stale-after", "0s")
    assert b"stale" in again.read(LONG, b"stale")
    noted(again, "gone on", tmp_path)
    now = session(tmp_path)
    assert now.id == before.id
    assert [each.text for each in now.notes] == ["pager went at 03:10", "gone on"]
    assert now.path[: len(before.path)] == before.path
    assert now.stale
    os.write(again._file, b"R")
    until(lambda: not session(tmp_path).stale, again)
    os.write(again._file, b"q")
    left = again.read(LONG, NORMAL_SCREEN)
    again.read(1.0)
    assert CURSOR_BACK in left
    assert len(os.listdir(journal(tmp_path).parents[1])) == 1, "no second session was made"


def test_a_second_terminal_follows_and_takes_over(terminal: Open, tmp_path: Path) -> None:
    first = terminal("--step", URL)
    assert TOLD in first.read(LONG, TOLD)
    second = terminal("resume", session_id := journal(tmp_path).parent.name)
    assert b"following" in second.read(LONG, b"following")
    noted(first, "seen by both", tmp_path)
    size = journal(tmp_path).stat().st_size
    os.write(second._file, b"n")
    assert b"You follow" in second.read(LONG, b"You follow")
    os.write(second._file, b"T")
    assert b"still leads" in second.read(LONG, b"still leads")
    assert journal(tmp_path).stat().st_size == size

    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert b"takes over" in second.read(LONG, b"takes over")
    os.write(second._file, b"T")
    until(lambda: len(session(tmp_path).resumed) == 1, second)
    second.read(2.0)
    noted(second, "mine now", tmp_path)
    assert session(tmp_path).id == session_id
    assert [each.text for each in session(tmp_path).notes] == ["seen by both", "mine now"]


@pytest.mark.parametrize("arguments", [("--step", URL), ("--plain", "--step", URL)])
def test_a_line_that_drops_keeps_the_session_and_leaves_nothing_running(
    terminal: Open, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """The terminal is gone at once: no hand gives it back, and nobody reads what is written."""
    dropped = terminal(*arguments)
    dropped.read(LONG, TOLD)
    until(lambda: bool(session(tmp_path).path), dropped)
    dropped.close()
    end = time.monotonic() + LONG
    while not os.waitpid(dropped.pid, os.WNOHANG)[0]:
        assert time.monotonic() < end, "it still runs"
        time.sleep(0.05)
    assert session(tmp_path).path
    assert os.listdir(journal(tmp_path).parent) == ["journal.jsonl"], "no traceback"
