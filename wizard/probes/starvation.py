"""Whether a service's processes want a CPU and do not get one.

The host's own figures say that somebody waits; /proc/PID/task/TID/schedstat says who: the time on
a CPU and the time ready to run and waiting for one, in nanoseconds (proc_pid_schedstat(5)).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import msgspec

from wizard.model.evidence import Sighting
from wizard.probes import rivals
from wizard.probes.declare import probe

_SECONDS = 1.2
_SAMPLES = 4
_WAITED_PERCENT = 50.0
"""Of the time watched in which a process that is owed a CPU had to wait for it."""
_MOST_PROCESSES = 200
_POLICIES = {os.SCHED_OTHER: "other", os.SCHED_BATCH: "batch", os.SCHED_IDLE: "idle"}


class Starving(msgspec.Struct, frozen=True, kw_only=True):
    """What the service's processes got while they were watched."""

    processes: int | None = None
    seconds: float | None = None
    ran_percent: float | None = None
    """Share of the time in which they ran, all threads together; over 100 with several CPUs."""
    waited_percent: float | None = None
    """Share of the time in which the thread that waited most was ready and had no CPU."""
    load_per_cpu: float | None = None
    """The host's load of the last minute, divided by its CPUs."""
    starved: bool | None = None
    """A thread of it waited most of the time, and far longer than it ran."""
    pids: str | None = None
    """Its processes, `812 815`."""
    policy: str | None = None
    """How they are scheduled, all alike: `other`, `batch`, `idle` (sched(7)); as chrt calls it."""
    nice: int | None = None
    """Their nice value, where all have the same."""
    rivals: list[str] = []
    """Who ran most meanwhile, `python3 report.py (pid 812): 97 %` of one CPU."""
    rival_pids: str | None = None
    """Those of them that belong to no unit and have the usual nice value of 0."""
    rival_unit: str | None = None
    """The unit of the one that ran most."""


class _Times(msgspec.Struct, frozen=True):
    ran: int
    waited: int
    ready: bool


@probe("process.starving", kind="process", facts=Starving, deadline=8)
def starving(*, pid: int) -> Sighting:
    """Read the scheduler's figures of a process and its descendants over a second."""
    command = f"cat /proc/{pid}/schedstat; sleep 1; cat /proc/{pid}/schedstat; cat /proc/loadavg"
    pids = family(pid, Path("/proc"))
    began = time.monotonic()
    busy = rivals.clock()
    samples = [_read(pids)]
    if not samples[0]:
        return Sighting(
            status="unreadable", facts=Starving(), reading="its threads cannot be seen",
            reason=f"/proc/{pid}/task cannot be read", command=command, remedy=f"sudo {command}",
        )  # fmt: skip
    while len(samples) < _SAMPLES:
        time.sleep(_SECONDS / (_SAMPLES - 1))
        samples.append(_read(pids))
    watched = (time.monotonic() - began) * 1e9
    shares = [
        _share([sample[thread] for sample in samples], watched)
        for thread in samples[0]
        if all(thread in sample for sample in samples)
    ]
    ran = sum(share.ran for share in shares)
    worst = max(shares, key=lambda share: share.waited, default=_Times(0, 0, ready=False))
    others = rivals.between(busy, rivals.clock(), {*pids, os.getpid()})
    facts = Starving(
        **_place(pids),
        rivals=[f"{each.command} (pid {each.pid}): {each.percent:.0f} %" for each in others],
        rival_pids=_without_unit(others),
        rival_unit=next((each.unit for each in others), None),
        processes=len(pids),
        seconds=round(watched / 1e9, 2),
        ran_percent=round(100 * ran / watched, 1),
        waited_percent=min(100.0, round(100 * worst.waited / watched, 1)),
        load_per_cpu=round(os.getloadavg()[0] / (os.cpu_count() or 1), 2),
        starved=100 * worst.waited / watched >= _WAITED_PERCENT and worst.waited > 3 * worst.ran,
    )
    return Sighting(
        status="present",
        facts=facts,
        reading=f"ran {facts.ran_percent:.0f}% of the time, "
        f"waited for a CPU {facts.waited_percent:.0f}%",
        command=command,
    )


def _without_unit(others: list[rivals.Rival]) -> str | None:
    found = [str(each.pid) for each in others if each.unit is None and each.nice == 0]
    return " ".join(found) or None


def _place(pids: list[int]) -> dict[str, Any]:
    """How the kernel is told to treat the processes; nothing where they differ."""
    policies, values = set(), set()
    for pid in pids:
        try:
            policies.add(_POLICIES.get(os.sched_getscheduler(pid)))
            values.add(os.getpriority(os.PRIO_PROCESS, pid))
        except OSError:
            continue
    return {
        "pids": " ".join(map(str, pids)),
        "policy": policies.pop() if len(policies) == 1 else None,
        "nice": values.pop() if len(values) == 1 else None,
    }


def _share(samples: list[_Times], watched: float) -> _Times:
    """How long one thread ran and waited in the time watched."""
    first, last = samples[0], samples[-1]
    ran, waited = last.ran - first.ran, last.waited - first.waited
    ready = all(sample.ready for sample in samples)
    return _Times(ran, max(waited, int(watched) - ran) if ready else waited, ready)


def family(pid: int, proc: Path) -> list[int]:
    """The process and its descendants, at most 200."""
    children: dict[int, list[int]] = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            children.setdefault(_parent(folder), []).append(int(folder.name))
    found, waiting = [pid], [pid]
    while waiting and len(found) < _MOST_PROCESSES:
        new = children.get(waiting.pop(), [])
        found += new
        waiting += new
    return found


def _parent(folder: Path) -> int:
    try:
        # The name in brackets may hold anything; the parent is the second word after it.
        return int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return -1


def _read(pids: list[int]) -> dict[str, _Times]:
    """By thread; those that have ended meanwhile are left out."""
    found = {}
    for pid in pids:
        try:
            threads = list(Path(f"/proc/{pid}/task").iterdir())
        except OSError:
            continue
        for thread in threads:
            try:
                ran, waited, _ = (thread / "schedstat").read_text().split()
                state = (thread / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except (OSError, ValueError):
                continue
            found[str(thread)] = _Times(int(ran), int(waited), ready=state[:1] == ["R"])
    return found


PROBES = (starving,)
