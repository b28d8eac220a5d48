"""What is told of a unit that owns an address, or that should."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from wizard.model.evidence import Sighting
from wizard.model.text import shorten
from wizard.probes.sockets import Listener, Table
from wizard.runtimes import bare, liveness
from wizard.runtimes.facts import Owner
from wizard.runtimes.mentions import Aim
from wizard.runtimes.systemd import boot, candidates, cgroups, state
from wizard.runtimes.systemd.show import Unit, show

_RAW = (
    "Id", "LoadState", "ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus",
    "NRestarts", "MainPID", "UnitFileState", "FragmentPath", "DropInPaths", "ExecStart",
    "EnvironmentFiles", "WorkingDirectory", "User", "Restart", "MemoryMax",
)  # fmt: skip


def unit_sighting(
    aim: Aim, table: Table, unit: Unit, *, found_by: str, certain: bool, listening: bool,
    others: Sequence[str] = (), instead: Listener | None = None, instead_unit: str | None = None,
) -> Sighting:  # fmt: skip
    facts: dict[str, Any] = {
        **state.facts(unit),
        **liveness.of_unit(unit, aim, table),
        **_socket_unit(unit),
        **_boot(unit),
        "found": True,
        "runtime": "systemd",
        "listening": listening,
        "found_by": found_by,
        "certain": certain,
        "others": list(others),
    }
    facts["kept_out"] = False if listening and certain else None
    if instead is not None:
        facts["kept_out"] = True
        facts["intended_port_owner"] = _called(instead, instead_unit)
        holder = cgroups.unit_of(instead.cgroup)
        facts["intruder_unit"] = holder if holder and not candidates.is_system(holder) else None
        facts["intruder_pid"] = next((pid for pid in instead.pids if pid != 1), None)
    owner = Owner(**facts)
    return Sighting(
        status="present",
        facts=owner,
        reading=_reading(owner),
        raw=shorten("\n".join(f"{key}={unit[key]}" for key in _RAW if unit[key]), 20_000),
        command=f"systemctl status {shlex.quote(unit.name)}",
    )


def _socket_unit(unit: Unit) -> dict[str, Any]:
    """The state of the socket unit that starts it; empty where there is none."""
    names = [name for name in unit["TriggeredBy"].split() if name.endswith(".socket")]
    sockets = show(names[:1]).units if names else []
    if not sockets:
        return {}
    return {
        "socket_unit": sockets[0].name,
        "socket_active": sockets[0]["ActiveState"] or None,
        "socket_result": sockets[0]["Result"] or None,
    }


def _boot(unit: Unit) -> dict[str, Any]:
    """Whether a unit that does not run was ever started in this boot."""
    if (unit["ActiveState"], unit["Result"]) != ("inactive", "success"):
        return {}
    booted = boot.booted_at()
    if booted is None:
        return {}
    ran = boot.ran_since(unit, booted)
    before = boot.last_line_before(unit, booted) if ran is False else None
    return {"booted": booted, "ran_since_boot": ran, "ran_before_boot": before}


def _called(listener: Listener, unit: str | None) -> str:
    name = unit or cgroups.unit_of(listener.cgroup)
    if listener.pids:
        process = f"{listener.process} (pid {listener.pids[0]})"
    else:
        user = bare.user_name(listener.uid)
        process = f"a process of {user}" if user else "a hidden process"
    return f"{name}, {process}" if name and listener.pids else name or process


def _reading(owner: Owner) -> str:
    how = f"{owner.name} is {owner.active}"
    if owner.active in ("failed", "activating") and owner.result not in (None, "success"):
        how += f" ({owner.result})"
    if owner.frozen:
        how += ", frozen"
    if owner.listening is False and owner.listens_on:
        how += f", listens on {', '.join(owner.listens_on[:2])}"
    return how
