"""Whether the kernel killed an owner for memory: its kills matched with the owner's last run."""

from __future__ import annotations

import pwd
import shlex
import time

from wizard.model.evidence import Sighting
from wizard.model.text import one_line
from wizard.probes.resources import OomKill, OomKills
from wizard.runtimes.facts import Killed, Owner

_CLOSE_SECONDS = 5.0
"""The kernel's clock and the service manager's differ by this much at most."""
_LOOP_SECONDS = 300.0
_RESTART_SECONDS = 120.0
_RECENT_SECONDS = 600.0
_COMMAND = "dmesg -T | grep -iE 'killed process|out of memory'"


def of(owner: Owner, kills: OomKills) -> Sighting:
    """Match the kernel's kills with the owner (pid, control group, process name, user and time)."""
    if not owner.found and owner.unit is None and owner.pid is None:
        return Sighting(
            status="absent", facts=Killed(), reading="no owner is known",
            command=_COMMAND,
        )  # fmt: skip
    match = next((kill for kill in reversed(kills.kills) if _is_of(owner, kill)), None)
    if match is not None:
        return Sighting(
            status="present",
            facts=Killed(killed=True, at=match.at, line=match.line),
            reading=f"the kernel killed {match.process} (pid {match.pid}) for memory",
            raw=match.line,
            command=_COMMAND,
        )
    if owner.result == "oom-kill":
        return Sighting(
            status="present",
            facts=Killed(killed=True, at=owner.ended),
            reading="the service manager says oom-kill",
            command=f"systemctl status {shlex.quote(owner.unit or '')}",
        )
    if kills.count is None:
        return Sighting(
            status="unreadable",
            facts=Killed(),
            reason="the kernel log may not be read",
            remedy=f"sudo {_COMMAND}",
            command=_COMMAND,
        )
    others = f" ({kills.count} of others)" if kills.count else ""
    return Sighting(
        status="absent",
        facts=Killed(killed=False),
        reading=one_line(f"no out-of-memory kill of {owner.name}{others}", 70),
        command=_COMMAND,
    )


def _is_of(owner: Owner, kill: OomKill) -> bool:
    """The kill ended the owner's present or last run, or one of its workers in it."""
    if not _in_this_run(owner, kill):
        return False
    named = bool(owner.unit and kill.cgroup and owner.unit in kill.cgroup.split("/"))
    if named:
        return True
    if kill.cgroup and ".service" in kill.cgroup:
        return False
    same_user = (
        kill.uid is None or owner.run_as is None or _user_id(owner.run_as) in (None, kill.uid)
    )
    same_name = owner.process is not None and kill.process[:15] == owner.process[:15]
    if kill.pid == owner.last_pid and same_user and same_name:
        return True
    at_its_end = (
        kill.at is not None
        and owner.ended is not None
        and abs(kill.at - owner.ended) <= _CLOSE_SECONDS
        and owner.signal == "KILL"
    )
    # A worker's death leaves the main process alone: then only name and user can tell.
    in_a_run = owner.active in ("active", "activating") and kill.uid is not None
    return same_user and same_name and (at_its_end or in_a_run)


def _in_this_run(owner: Owner, kill: OomKill) -> bool:
    if kill.at is None:
        return kill.pid == owner.last_pid
    began = owner.started
    if began is None:
        return False
    if owner.looping:
        began -= _LOOP_SECONDS
    elif owner.restarts and time.time() - kill.at < _RECENT_SECONDS:
        # It looks well, but it was restarted because of this kill.
        began -= _RESTART_SECONDS
    if kill.at < began - 1.0:
        return False
    ended = owner.ended if owner.active in ("failed", "inactive") else None
    return ended is None or kill.at <= ended + _CLOSE_SECONDS


def _user_id(name: str) -> int | None:
    try:
        return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid
    except KeyError:
        return None
