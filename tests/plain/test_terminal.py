"""The prompts and the choice of the front end on a real terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plain.session import PROJECT
from tests.taped import tape

TAPE = str(tape("oom-gunicorn-worker"))


@dataclass
class Terminal:
    """A program on a pty of its own."""

    process: subprocess.Popen[bytes]
    master: int
    seen: str = ""

    def wait_for(self, text: str, seconds: float = 20.0) -> str:
        """Read until this was written."""
        over = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0.0, over - time.monotonic()))
            if not ready:
                pytest.fail(f"{text!r} was not written in {seconds:g} s, but:\n{self.seen}")
            try:
                read = os.read(self.master, 65536)
            except OSError:
                read = b""
            if not read:
                pytest.fail(f"it ended without {text!r}:\n{self.seen}")
            self.seen += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return self.seen

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self, seconds: float = 10.0) -> int:
        """Read to the end; the exit status."""
        with contextlib.suppress(OSError):
            while select.select([self.master], [], [], seconds)[0]:
                read = os.read(self.master, 65536)
                if not read:
                    break
                self.seen += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return self.process.wait(seconds)


@contextlib.contextmanager
def terminal(
    *arguments: str, home: Path, size: tuple[int, int] = (80, 24), **settings: str
) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    kept = {key: value for key, value in os.environ.items() if key not in ("TMUX", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=PROJECT,
        env={**kept, "HOME": str(home), "XDG_STATE_HOME": "", "TERM": "xterm", **settings},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        os.close(master)


def test_a_person_answers_at_the_prompts(tmp_path: Path) -> None:
    with terminal("--plain", "--step", "replay", TAPE, home=tmp_path) as person:
        person.wait_for("Enter takes 1, ? for help) ")
        person.type("\n")
        person.wait_for("Which hop made this answer?")
        person.wait_for("Enter takes 1, ? for help) ")
        person.type("a\n")
        person.wait_for("What next? (? for help) ")
        person.type("q\n")
        assert person.end() == 1
    assert "Cause (confirmed): The kernel killed the backend for memory" in person.seen
    assert "\x1b" not in person.seen


def test_ctrl_c_leaves_at_once_and_says_where_the_session_lies(tmp_path: Path) -> None:
    with terminal("--plain", "--step", "replay", TAPE, home=tmp_path) as person:
        person.wait_for("Which way?")
        begun = time.monotonic()
        person.type("\x03")
        assert person.end() == 130
    assert time.monotonic() - begun < 2
    assert "The session is in " in person.seen
    assert "Traceback" not in person.seen


def test_ctrl_d_leaves_with_the_verdicts_status(tmp_path: Path) -> None:
    with terminal("--plain", "demo", home=tmp_path) as person:
        person.wait_for("What next? (? for help) ")
        person.type("\x04")
        assert person.end() == 1
    assert "Walk it again with: wizard replay " in person.seen


def test_ctrl_c_leaves_while_a_look_hangs(tmp_path: Path, silent_port: int) -> None:
    url = f"http://127.0.0.1:{silent_port}/"
    with terminal("--plain", url, home=tmp_path) as person:
        person.wait_for("What does a client get now?")
        begun = time.monotonic()
        person.type("\x03")
        assert person.end() == 130
    assert time.monotonic() - begun < 2
    assert "Left before there was a verdict." in person.seen
    assert "The session is in " in person.seen


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("size", "settings", "why"),
    [
        ((80, 24), {"TERM": "dumb"}, "TERM is dumb"),
        ((80, 24), {"TERM": ""}, "TERM is not set"),
        ((59, 24), {}, "the terminal has 59x24 characters, the screen needs 60x20"),
        ((80, 19), {}, "the terminal has 80x19 characters, the screen needs 60x20"),
    ],
)
def test_a_terminal_without_a_screen_gets_prompts_and_the_reason(
    size: tuple[int, int], settings: dict[str, str], why: str, tmp_path: Path
) -> None:
    with terminal("demo", home=tmp_path, size=size, **settings) as person:
        person.wait_for("What next? (? for help) ")
        person.type("q\n")
        person.end()
    flat = " ".join(person.seen.split())
    assert f"wizard: Prompts instead of the full screen: {why}." in flat
    assert person.seen.count("Prompts instead") == 1
    assert "\x1b" not in person.seen


def test_a_form_prints_the_report_on_a_terminal_too(tmp_path: Path) -> None:
    with terminal("demo", "--short", home=tmp_path) as person:
        assert person.end() == 0
    assert "Cause: The kernel killed the backend for memory" in person.seen
    assert "What next?" not in person.seen
