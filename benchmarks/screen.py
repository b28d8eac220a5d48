"""How soon the screen stands: `make bench`. Against a one-widget Textual app in the same run.

Both run on a real terminal of 80x24, one after the other, many times. First frame: from the start
of the process until the marker of the first screen is written. Memory is the resident size.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
TAPE = PROJECT / "tests" / "tapes" / "oom-export.tape.gz"
NOBODY = "http://127.0.0.1:1/"
"""Nobody listens there: the walk has something to look at and little to do."""
ONE_WIDGET = """
from textual.app import App
from textual.widgets import Static
class One(App):
    def compose(self):
        yield Static("read-only")
One().run()
"""
TARGET = 1.25


def started(arguments: list[str], home: str) -> tuple[int, int]:
    """Process and terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(PROJECT),
        }
        os.execve(sys.executable, [sys.executable, *arguments], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return pid, terminal


def read(terminal: int, seconds: float, until: bytes = b"") -> bytes:
    seen = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.005)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        if until and until in seen:
            break
    return seen


def resident(pid: int) -> float:
    """MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def once(arguments: list[str], home: str, *, rest: bool) -> dict[str, float]:
    began = time.perf_counter()
    pid, terminal = started(arguments, home)
    first = read(terminal, 10, b"read-only")
    took = {"first frame ms": (time.perf_counter() - began) * 1000}
    if rest:
        first += read(terminal, 1.2)
        took["first bytes"] = len(first)
        took["idle bytes/s"] = len(read(terminal, 2.0)) / 2
        os.write(terminal, b"\x1b[A")
        read(terminal, 0.3)
        os.write(terminal, b"\x1b[A")
        took["key bytes"] = len(read(terminal, 0.3))
        took["idle MiB"] = resident(pid)
        os.write(terminal, b"\r")
        read(terminal, 0.8)
        took["loaded MiB"] = resident(pid)
        began = time.perf_counter()
        os.write(terminal, b"\x03")
        read(terminal, 5, b"\x1b[?1049l")
        os.waitpid(pid, 0)
        took["leave ms"] = (time.perf_counter() - began) * 1000
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(terminal)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    wizard = ["-m", "wizard", "replay", str(TAPE)]
    live = ["-m", "wizard", NOBODY]
    with tempfile.TemporaryDirectory() as home:
        once(["-c", ONE_WIDGET], home, rest=False)
        once(live, home, rest=False)
        one, ours = [], []
        for _ in range(runs):
            one.append(once(["-c", ONE_WIDGET], home, rest=False)["first frame ms"])
            ours.append(once(live, home, rest=False)["first frame ms"])
        rest = once(wizard, home, rest=True)
    print(f"{'first frame, ms':<24}{'best':>9}{'middle':>9}   ({runs} runs)")
    for name, took in (("one widget", one), ("wizard", ours)):
        print(f"{name:<24}{min(took):>9.0f}{statistics.median(took):>9.0f}")
    ratio = statistics.median(ours) / statistics.median(one)
    print(f"{'ratio':<24}{ratio:>18.2f}   target {TARGET}")
    for name, value in rest.items():
        if name != "first frame ms":
            print(f"{name:<24}{value:>18.0f}")
    return 1 if ratio > TARGET else 0


if __name__ == "__main__":
    sys.exit(main())
