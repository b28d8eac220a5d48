"""What a proxy's workers have open and may open, from /proc."""

from __future__ import annotations

import os
import re
from pathlib import Path

from wizard.model.evidence import Sighting
from wizard.proxies.facts import Instance, Workers

_LIMIT = re.compile(r"^Max open files\s+(\d+)\s+(\d+)", re.MULTILINE)


def workers(instance: Instance, connections: int | None) -> Sighting:
    """The smallest limit and the fullest worker; its descriptors may be hidden from this user."""
    limits: list[tuple[int, int]] = []
    opened: list[tuple[int, int]] = []
    lines: list[str] = []
    for pid in instance.worker_pids:
        limit, held = _limit(pid), _held(pid)
        limits += [] if limit is None else [limit]
        opened += [] if held is None else [held]
        count = "hidden" if held is None else f"{held[0]} open, {held[1]} of them sockets"
        lines.append(f"worker {pid}: at most {limit and limit[0]} descriptors; {count}")
    first = instance.worker_pids[0] if instance.worker_pids else ""
    command = f"grep 'open files' /proc/{first}/limits; sudo ls /proc/{first}/fd | wc -l"
    if not limits:
        return Sighting(status="unreadable", reason="its workers cannot be seen", command=command)
    most = max((count for count, _ in opened), default=None)
    sockets = max((count for _, count in opened), default=None)
    soft, hard = min(limits)
    facts = Workers(
        open_files_limit=soft,
        open_files_most=hard,
        open_files=most,
        files_left=_left(soft, most),
        sockets=sockets,
        connections_left=_left(connections, sockets),
    )
    seen = "hidden from this user" if most is None else str(most)
    return Sighting(
        status="present",
        facts=facts,
        reading=f"{seen} of {facts.open_files_limit} descriptors in use",
        raw="\n".join(lines),
        command=command,
    )


def _left(allowed: int | None, used: int | None) -> int | None:
    return None if allowed is None or used is None else allowed - used


def _limit(pid: int) -> tuple[int, int] | None:
    """The soft and the hard one."""
    try:
        found = _LIMIT.search(Path(f"/proc/{pid}/limits").read_text(errors="replace"))
    except OSError:
        return None
    return (int(found[1]), int(found[2])) if found else None


def _held(pid: int) -> tuple[int, int] | None:
    """Descriptors of a process, and how many of them are sockets."""
    folder = f"/proc/{pid}/fd"
    sockets = count = 0
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    for name in names:
        try:
            sockets += os.readlink(f"{folder}/{name}").startswith("socket:")
        except OSError:
            continue
        count += 1
    return count, sockets
