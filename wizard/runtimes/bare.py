"""The adapter for bare processes: started by hand, by cron, by a container's proxy."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from typing import Any

from wizard.probes import processes
from wizard.probes.sockets import Listener, Table
from wizard.runtimes import liveness
from wizard.runtimes.mentions import Aim, in_command, in_environment
from wizard.runtimes.secrets import masked

_ASKERS = frozenset(
    {
        "curl",
        "wget",
        "ss",
        "grep",
        "watch",
        "wrk",
        "ab",
        "tail",
        "less",
        "vim",
        "wizard",
        "sudo",
        "ssh",
    }
)
"""Programs that name an address because they ask it."""

_ENVIRONMENTS_READ = 400


def facts(pid: int | None, aim: Aim, listener: Listener | None, table: Table) -> dict[str, Any]:
    """Fields of `Owner` that the process table tells; pid is None where it is hidden."""
    if pid is None:
        return {"runtime": "process", "name": None}
    process = processes.process(pid)
    listening = liveness.listeners_of(None, pid, table)
    count, limit = processes.open_files(pid)
    return {
        "runtime": "process",
        "name": process.name if process else listener.process if listener else None,
        "process": process.name if process else None,
        "pid": pid,
        "last_pid": pid,
        "command": masked(processes.command(pid)) or None,
        "working_directory": processes.working_directory(pid),
        "run_as": user_name(processes.user(pid)),
        "started": process.started if process else None,
        "since": process.started if process else None,
        "process_state": process.state if process else None,
        "frozen": liveness.frozen(pid, listener.pids if listener else [], processes.cgroup(pid)),
        "fds": count,
        "fd_limit": limit,
        "cgroup": processes.cgroup(pid),
        **liveness.addresses(listening, aim),
    }


def ancestors(pid: int, limit: int = 12) -> Iterator[int]:
    """Its parents, the nearest first, without process 1."""
    for _ in range(limit):
        process = processes.process(pid)
        if process is None or process.parent <= 1:
            return
        pid = process.parent
        yield pid


def naming(aim: Aim, user: int | None = None) -> int | None:
    """A process whose command line (or environment, where it may be read) names the address."""
    mine = {os.getpid(), *ancestors(os.getpid())}
    by_environment = None
    for number, pid in enumerate(processes.pids()):
        if pid in mine or (user is not None and processes.user(pid) != user):
            continue
        argv = processes.command(pid)
        if not argv or os.path.basename(argv[0]) in _ASKERS:
            continue
        if any(one.meets(aim) for one in in_command(argv)):
            return pid
        if by_environment is None and number < _ENVIRONMENTS_READ:
            environment = processes.environment(pid) or {}
            if any(one.meets(aim) for one in in_environment(environment)):
                by_environment = pid
    return by_environment


def user_name(uid: int | None) -> str | None:
    """The account's name, its number where it has none."""
    if uid is None:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
