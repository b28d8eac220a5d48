"""Whether the processes of an owner can answer: their state, files and listening sockets."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from wizard.probes import processes
from wizard.probes.sockets import Listener, Table
from wizard.runtimes.mentions import Aim
from wizard.runtimes.systemd import cgroups, journal
from wizard.runtimes.systemd.show import Unit

_RECENT = 600.0


def of_unit(unit: Unit, aim: Aim, table: Table) -> dict[str, Any]:
    """Fields of `Owner` about the processes of a unit."""
    cgroup = unit["ControlGroup"]
    listening = listeners_of(cgroup, unit.main_pid, table)
    holders = [one for listener in listening for one in listener.pids]
    # A process may outlive its unit's run, and still hold the socket.
    pid = unit.main_pid or next((one for one in holders if one != 1), None)
    process = processes.process(pid) if pid else None
    count, limit = processes.open_files(pid) if pid else (None, None)
    kills = cgroups.oom_kills(cgroup)
    program = unit.commands[0][0].rpartition("/")[2][:15] if unit.commands else None
    frozen_by_manager = unit["FreezerState"] in ("frozen", "freezing")
    return {
        "pid": pid,
        "process": process.name if process else program,
        "process_state": process.state if process else None,
        "frozen": True if frozen_by_manager else frozen(pid, holders, cgroup),
        "fds": count,
        "fd_limit": limit,
        "oom_kills": max(kills or 0, 1) if unit["Result"] == "oom-kill" else kills,
        "recent_starts": recent_starts(unit),
        "age": _age(unit),
        "listens_anywhere": _listens_anywhere(unit, listening, table),
        **addresses(listening, aim),
    }


def _age(unit: Unit) -> float | None:
    started = unit.moment("ExecMainStart")
    alive = unit.main_pid is not None and started is not None
    return round(time.time() - started, 1) if alive and started is not None else None


def _listens_anywhere(unit: Unit, listening: Sequence[Listener], table: Table) -> bool | None:
    if listening:
        return True
    hidden = (one for one in (*table.listeners, *table.unix) if not (one.pids or one.cgroup))
    unknown = table.owners_hidden and any(_may_be_of(unit, one) for one in hidden)
    return None if unknown else False


def _may_be_of(unit: Unit, listener: Listener) -> bool:
    """A socket of a hidden owner was opened by the user that the unit runs as."""
    if listener.port is not None:
        opened_by = listener.uid
    else:
        try:
            opened_by = os.stat(listener.address).st_uid
        except FileNotFoundError:
            # Nobody can connect to it: it is not the address that is looked for.
            return False
        except OSError:
            opened_by = None
    theirs = processes.user(unit.main_pid) if unit.main_pid else None
    return opened_by is None or theirs is None or opened_by == theirs


def listeners_of(cgroup: str | None, pid: int | None, table: Table) -> list[Listener]:
    """The listening sockets that the processes of a group (or one process) hold."""
    pids = {*cgroups.members(cgroup), *([pid] if pid else [])}
    return [
        one
        for one in (*table.listeners, *table.unix)
        if pids.intersection(one.pids)
        or (cgroup and one.cgroup and f"{one.cgroup}/".startswith(f"{cgroup}/"))
    ]


def addresses(listening: Sequence[Listener], aim: Aim) -> dict[str, Any]:
    """Where it listens, as the facts have it."""
    ports = list(dict.fromkeys(one.port for one in listening if one.port is not None))
    return {
        "listens_on": list(dict.fromkeys(one.where() for one in listening)),
        "ports": ports,
        "other_ports": [port for port in ports if port != aim.port],
    }


def frozen(pid: int | None, holders: Sequence[int], cgroup: str | None) -> bool | None:
    """It cannot answer: whoever accepts its connections is stopped.

    Workers accept; a master that is stopped while they run harms nobody yet.
    """
    if cgroups.frozen(cgroup):
        return True
    group = set(holders) | set(_same_program(pid, cgroup) if pid else ())
    workers = [one for one in group if one not in (pid, 1)] or ([pid] if pid else [])
    states = [process.state for one in workers if (process := processes.process(one))]
    if not states:
        return None
    return all(state in ("stopped", "traced") for state in states)


def recent_starts(unit: Unit) -> int | None:
    """Starts in the last ten minutes."""
    started = unit.moment("ExecMainStart")
    restarts = unit.number("NRestarts")
    if started is None:
        return 0 if unit.exists else None
    if time.time() - started > _RECENT:
        return 0
    by_journal = (
        journal.starts(unit.name, time.time() - _RECENT) if restarts or not unit.running else None
    )
    if by_journal is not None:
        return by_journal
    return None if restarts is None else restarts + 1


def _same_program(pid: int, cgroup: str | None) -> list[int]:
    """Its children of the same name: the workers of a master."""
    main = processes.process(pid)
    if main is None:
        return []
    group = (processes.process(one) for one in cgroups.members(cgroup)[:200])
    return [one.pid for one in group if one and one.parent == pid and one.name == main.name]
