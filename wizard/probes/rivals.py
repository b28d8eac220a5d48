"""Who else takes the CPUs: the processes that ran most while somebody waited.

The time on a CPU is utime and stime of /proc/PID/stat (proc_pid_stat(5)), in clock ticks.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection
from pathlib import Path

import msgspec

from wizard.model.text import clean, one_line

_LEAST_PERCENT = 15.0
"""Of one CPU; who takes less is no reason for anybody to wait."""
_MOST = 8
_UNIT = re.compile(r"/([^/\n]+\.service)(?:/|$)", re.MULTILINE)


class Rival(msgspec.Struct, frozen=True):
    """One process that took a good part of a CPU."""

    pid: int
    percent: float
    command: str
    unit: str | None
    nice: int


class Clock(msgspec.Struct, frozen=True):
    """The time that every process has had so far, in seconds, and when that was read."""

    at: float
    ran: dict[int, float]


def clock(proc: Path = Path("/proc")) -> Clock:
    """Read it for all processes that can be seen."""
    ticks = os.sysconf("SC_CLK_TCK")
    ran = {}
    for folder in proc.iterdir():
        if folder.name.isdigit() and (spent := _ticks(folder)) is not None:
            ran[int(folder.name)] = spent / ticks
    return Clock(time.monotonic(), ran)


def between(first: Clock, last: Clock, own: Collection[int]) -> list[Rival]:
    """Those that ran most from the first to the last reading, most first, without `own`."""
    watched = last.at - first.at
    if watched <= 0:
        return []
    shares = {
        pid: 100 * (last.ran[pid] - before) / watched
        for pid, before in first.ran.items()
        if pid in last.ran and pid not in own
    }
    most = sorted(shares, key=lambda pid: shares[pid], reverse=True)[:_MOST]
    return [
        Rival(pid, round(shares[pid], 1), _command(pid), _unit(pid), _nice(pid))
        for pid in most
        if shares[pid] >= _LEAST_PERCENT
    ]


def _ticks(folder: Path) -> int | None:
    try:
        # The name in brackets may hold anything; utime and stime are the 12th and 13th after it.
        words = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return int(words[11]) + int(words[12])
    except (OSError, IndexError, ValueError):
        return None


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return "?"
    return one_line(clean(" ".join(words).strip() or "?"), 80)


def _nice(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except OSError:
        return 0


def _unit(pid: int) -> str | None:
    try:
        found = _UNIT.search(Path(f"/proc/{pid}/cgroup").read_text(errors="replace"))
    except OSError:
        return None
    return clean(found[1]) if found else None
