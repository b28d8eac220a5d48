"""Whether a unit wants an address that somebody else has."""

from __future__ import annotations

import re

from wizard.probes import processes
from wizard.probes.sockets import Listener, Table
from wizard.runtimes import bare, liveness
from wizard.runtimes.mentions import Aim
from wizard.runtimes.systemd import candidates, journal, program_files, state
from wizard.runtimes.systemd.expected import STATED, Tie, expected
from wizard.runtimes.systemd.show import Unit

_ANY_ADDRESS = re.compile(r"\b0\.0\.0\.0\b|\[::\]|(?:^|[\s=])(?:\*:|::(?:\s|$))", re.MULTILINE)


def wants(unit: Unit, listener: Listener, table: Table) -> bool:
    """It tries to listen where the listener is, or sits there without any listening socket."""
    if unit["ActiveState"] in ("failed", "activating"):
        return True
    if unit["ActiveState"] != "active" or unit["SubState"] != "running" or not unit.main_pid:
        return False
    if unit.main_pid in [above for pid in listener.pids[:3] for above in bare.ancestors(pid)]:
        return False
    seen = not table.owners_hidden or listener.cgroup is not None
    return seen and not liveness.listeners_of(unit["ControlGroup"], unit.main_pid, table)


def in_the_way(rival: Listener, unit: Unit) -> bool:
    """A listener on another address keeps the unit from its port only if it wants all addresses."""
    if unit["ActiveState"] == "inactive":
        return False
    if rival.address in ("0.0.0.0", "::") or _ANY_ADDRESS.search(_settings(unit)):  # noqa: S104
        return True
    return _said_in_use(unit) is True


def crowded_out(aim: Aim, holder: Unit) -> Tie | None:
    """The enabled unit that cannot have the address, because one that is not enabled holds it."""
    if holder["UnitFileState"] == "enabled":
        return None
    for tie in expected(aim, candidates.candidates(aim.port).units, search_files=False):
        rival = tie.unit
        down = rival["ActiveState"] == "failed" or state.looping(rival)
        if (
            tie.level == STATED
            and rival.name != holder.name
            and down
            and _said_in_use(rival) is not False
        ):
            return tie if rival["UnitFileState"] == "enabled" else None
    return None


def _said_in_use(unit: Unit) -> bool | None:
    from wizard.runtimes import phrases

    told = journal.lines(unit.name, 60)
    if told.reason:
        return None
    return any(phrases.FLAGS["address_in_use"].search(entry.message) for entry in told.entries)


def _settings(unit: Unit) -> str:
    files = (program_files.text_of(path) or "" for path in unit.environment_files)
    return "\n".join((unit["ExecStart"], unit["Environment"], *files))


def is_of(listener: Listener, unit: Unit) -> bool:
    """The listener belongs to the unit."""
    cgroup = unit["ControlGroup"]
    if cgroup and listener.cgroup == cgroup:
        return True
    return any(processes.cgroup(pid) == cgroup for pid in listener.pids if cgroup)
