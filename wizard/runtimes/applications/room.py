"""How many more workers the host has memory for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_SHARE = 2
"""Half of what is available may be used: the load that asks for more workers needs some too."""


def more_workers(
    allowed: int | None, members: Sequence[int], proc: Path = Path("/proc")
) -> int | None:
    """Twice as many as now, or as many as the memory allows; None where that is no more.

    A worker's own memory is its resident pages without the shared ones, /proc/PID/statm (proc(5)).
    """
    available = _available(proc)
    own = [size for pid in members if (size := _own(proc / str(pid) / "statm"))]
    if not allowed or available is None or not own:
        return None
    more = min(2 * allowed, allowed + available // _SHARE // max(own))
    return more if more > allowed else None


def _available(proc: Path) -> int | None:
    """MemAvailable in bytes."""
    for line in _words(proc / "meminfo"):
        if line[:1] == ["MemAvailable:"]:
            return int(line[1]) * 1024
    return None


def _own(statm: Path) -> int | None:
    for line in _words(statm):
        return (int(line[1]) - int(line[2])) * os.sysconf("SC_PAGE_SIZE")
    return None


def _words(path: Path) -> list[list[str]]:
    try:
        return [line.split() for line in path.read_text().splitlines()]
    except (OSError, ValueError):
        return []
