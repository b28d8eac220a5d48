"""The process table, read from /proc: who runs, in which state, in which control group.

Every function answers None (or nothing) for a process that has gone or that is not ours to read.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from wizard.model.text import decode

State = Literal[
    "running", "sleeping", "stopped", "traced", "uninterruptible", "zombie", "dead"
]  # fmt: skip

_STATES: dict[str, State] = {
    "R": "running", "S": "sleeping", "I": "sleeping", "D": "uninterruptible", "T": "stopped",
    "t": "traced", "Z": "zombie", "X": "dead", "x": "dead",
}  # fmt: skip
_OPEN_FILES = re.compile(rb"^Max open files\s+(\d+)", re.MULTILINE)
_SOCKET = "socket:["


class Process(msgspec.Struct, frozen=True):
    """One line of the process table."""

    pid: int
    parent: int
    name: str
    state: State | None
    started: float
    """Seconds since the epoch."""


def pids() -> Iterator[int]:
    """All processes of this pid namespace."""
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def process(pid: int) -> Process | None:
    """The process, if it still runs."""
    raw = _read(pid, "stat")
    if raw is None or b")" not in raw:
        return None
    head, _, tail = raw.rpartition(b")")
    fields = tail.split()
    ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return Process(
        pid=pid,
        parent=int(fields[1]),
        name=decode(head.partition(b"(")[2]),
        state=_STATES.get(fields[0].decode()),
        started=time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks,
    )


def name(pid: int) -> str | None:
    """Its name, 15 characters at most."""
    raw = _read(pid, "comm")
    return None if raw is None else decode(raw.rstrip(b"\n"))


def command(pid: int) -> list[str]:
    """Its argument list; empty for a kernel thread."""
    raw = _read(pid, "cmdline") or b""
    return [decode(part) for part in raw.rstrip(b"\0").split(b"\0")] if raw else []


def environment(pid: int) -> dict[str, str] | None:
    """What it was started with; None when not ours to read."""
    raw = _read(pid, "environ")
    if raw is None:
        return None
    pairs = (decode(entry).partition("=") for entry in raw.split(b"\0") if b"=" in entry)
    return {key: value for key, _, value in pairs}


def user(pid: int) -> int | None:
    """Its real user id."""
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None


def working_directory(pid: int) -> str | None:
    """Where it stands; None when not ours to read."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None


def cgroup(pid: int) -> str | None:
    """Its control group as the service manager knows it (cgroup v2, else v1's `name=systemd`)."""
    raw = _read(pid, "cgroup")
    return None if raw is None else named_cgroup(decode(raw))


def named_cgroup(text: str) -> str | None:
    """The group of /proc/PID/cgroup in which systemd would name a unit."""
    groups = [line.split(":", 2) for line in text.splitlines() if line.count(":") >= 2]
    unified = next((path for number, _, path in groups if number == "0"), None)
    named = next((path for _, names, path in groups if names == "name=systemd"), None)
    # On a hybrid host both are there, and inside a container one of them may be the bare root.
    return max(filter(None, (unified, named)), key=len, default=None)


def open_files(pid: int) -> tuple[int | None, int | None]:
    """How many files it has open (None when hidden), and its soft limit."""
    try:
        count: int | None = len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        count = None
    match = _OPEN_FILES.search(_read(pid, "limits") or b"")
    return count, int(match[1]) if match else None


def output_file(pid: int) -> str | None:
    """The regular file that its standard output or error goes to."""
    for number in (2, 1):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:
            continue
        if target.startswith("/") and os.path.isfile(target):
            return target
    return None


def socket_holders(inodes: Collection[int]) -> tuple[dict[int, list[int]], bool]:
    """Processes by the inode of the sockets that they hold, and whether some could not be seen."""
    wanted = {f"{_SOCKET}{inode}]": inode for inode in inodes}
    holders: dict[int, list[int]] = {}
    hidden = False
    if not wanted:
        return holders, hidden
    for pid in pids():
        try:
            folder = os.open(f"/proc/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY)
        except PermissionError:
            hidden = True
            continue
        except OSError:
            continue
        try:
            for inode in _held(folder, wanted):
                holders.setdefault(inode, []).append(pid)
        except PermissionError:
            hidden = True
        except OSError:
            continue
        finally:
            os.close(folder)
    return holders, hidden


def _held(folder: int, wanted: dict[str, int]) -> set[int]:
    held = set()
    for number in os.listdir(folder):
        try:
            target = os.readlink(number, dir_fd=folder)
        except FileNotFoundError:
            continue
        if target in wanted:
            held.add(wanted[target])
    return held


def _read(pid: int, what: str) -> bytes | None:
    try:
        with open(f"/proc/{pid}/{what}", "rb") as file:
            return file.read(256 * 1024)
    except OSError:
        return None
