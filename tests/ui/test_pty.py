"""The program on a real terminal: what it writes, how it leaves, what it leaves behind."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.driving import TAPES

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
TAPE = TAPES / "oom-export.tape.gz"
TOLD = b"<- Enter"
NORMAL_SCREEN = b"\x1b[?1049l"
CURSOR_BACK = b"\x1b[?25h"


class Terminal:
    """A terminal with the wizard in it."""

    def __init__(self, home: Path, *arguments: str, size: tuple[int, int] = (80, 24)) -> None:
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(Path(__file__).parents[2]),
            }
            os.execve(sys.executable, [sys.executable, "-m", "wizard", *arguments], environment)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._before = termios.tcgetattr(self._file)

    def read(self, seconds: float, until: bytes = b"") -> bytes:
        """What is written within this time, or until something is."""
        seen = b""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self._file], [], [], 0.02)[0]:
                try:
                    piece = os.read(self._file, 65536)
                except OSError:  # nobody holds the other end any more
                    break
                if not piece:
                    break
                seen += piece
            if until and until in seen:
                break
        return seen

    def press(self, key: bytes, seconds: float = 0.6) -> bytes:
        """What a key makes it write."""
        os.write(self._file, key)
        return self.read(seconds)

    def is_as_before(self) -> bool:
        """The terminal echoes and takes lines again."""
        return termios.tcgetattr(self._file)[3] == self._before[3]

    def ended(self) -> int:
        """The exit status; the program has to be at its end."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        """Take the terminal away."""
        os.close(self._file)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, "replay", str(TAPE))
    yield opened
    try:
        os.kill(opened.pid, signal.SIGKILL)
        os.waitpid(opened.pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    opened.close()


def test_leaving_gives_the_terminal_back_and_prints_the_verdict(terminal: Terminal) -> None:
    terminal.read(10, TOLD)
    terminal.press(b"\r", 1.5)
    pressed = time.monotonic()
    os.write(terminal._file, b"q")
    left = terminal.read(5)
    took = time.monotonic() - pressed
    assert terminal.ended() == 1
    assert took < 1.0
    _, _, normal = left.rpartition(NORMAL_SCREEN)
    assert CURSOR_BACK in left
    assert b"The kernel killed the backend for memory" in normal
    assert b"sudo systemctl restart shop.service" in normal
    assert b"wizard replay " in normal
    assert terminal.is_as_before()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(terminal: Terminal, number: signal.Signals) -> None:
    terminal.read(10, TOLD)
    os.kill(terminal.pid, number)
    left = terminal.read(5)
    assert NORMAL_SCREEN in left
    assert CURSOR_BACK in left
    terminal.ended()
    assert terminal.is_as_before()


def test_ctrl_c_leaves_at_once(terminal: Terminal) -> None:
    terminal.read(10, TOLD)
    left = terminal.press(b"\x03", 5)
    assert NORMAL_SCREEN in left
    assert terminal.ended() == 130


def test_it_writes_little(terminal: Terminal) -> None:
    first = terminal.read(10, TOLD) + terminal.read(1.0)
    assert len(first) < 40_000
    assert len(terminal.read(2.0)) < 400
    terminal.press(b"\x1b[A")
    assert len(terminal.press(b"\x1b[A")) < 2_000
    assert len(terminal.press(b"\x1b[B")) < 2_000
