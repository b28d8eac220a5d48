"""A unit's properties as the facts of an owner."""

from __future__ import annotations

import signal
import time
from typing import Any, Literal

from wizard.runtimes.secrets import masked
from wizard.runtimes.systemd import sandbox, spawning
from wizard.runtimes.systemd.show import Unit

_EXIT_KINDS: dict[int, Literal["exited", "killed", "dumped"]] = {
    1: "exited", 2: "killed", 3: "dumped",
}  # fmt: skip
"""CLD_EXITED, CLD_KILLED, CLD_DUMPED: what ExecMainCode holds."""

_LOOP_RESTARTS = 3
_LOOP_SECONDS = 300.0
_YOUNG_SECONDS = 10.0


def facts(unit: Unit) -> dict[str, Any]:
    """Fields of `Owner` that the service manager alone can tell."""
    kind = _EXIT_KINDS.get(unit.number("ExecMainCode") or 0)
    status = unit.number("ExecMainStatus")
    fragment = unit["FragmentPath"] or unit["SourcePath"]
    commands = unit.commands
    signal_name = _signal_name(status) if kind in ("killed", "dumped") else None
    step = spawning.failed_step(unit)
    sandboxed = sandbox.settings(unit)
    return {
        "unit": unit.name,
        "name": unit.name,
        "load_state": unit["LoadState"] or None,
        "active": unit["ActiveState"] or None,
        "sub": unit["SubState"] or None,
        "result": unit["Result"] or None,
        "exit_kind": kind,
        "exit_code": status if kind == "exited" else None,
        "signal": signal_name,
        "restarts": unit.number("NRestarts"),
        "looping": looping(unit),
        "gave_up": gave_up(unit),
        "stopped_by_person": stopped(unit),
        "enabled": unit["UnitFileState"] or None,
        "since": unit.moment("StateChange"),
        "started": unit.moment("ExecMainStart"),
        "ended": unit.moment("ExecMainExit"),
        "last_pid": unit.number("ExecMainPID") or None,
        "restart_policy": unit["Restart"] or None,
        "memory_limit": unit.number("MemoryMax"),
        "memory_peak": unit.number("MemoryPeak"),
        "fragment": fragment or None,
        "dropins": unit["DropInPaths"].split(),
        "command": "; ".join(masked(argv) for argv in commands) or None,
        "working_directory": unit["WorkingDirectory"].lstrip("!-") or None,
        "run_as": unit["User"]
        or ("root" if unit.exists and unit["DynamicUser"] != "yes" else None),
        "needs_daemon_reload": {"yes": True, "no": False}.get(unit["NeedDaemonReload"]),
        "pid": unit.main_pid,
        "cgroup": unit["ControlGroup"] or None,
        "type": unit["Type"] or None,
        "start_timeout": unit["TimeoutStartUSec"] or None,
        "watchdog": "" if unit["WatchdogUSec"] in ("0", "infinity") else unit["WatchdogUSec"],
        "became_ready": spawning.became_ready(unit),
        "failed_step": step,
        "sandbox": sandboxed,
        "barred_by": sandbox.bars_alone(unit, sandboxed, step, signal_name),
        "left_active": unit.moment("ActiveExit"),
        "active_since": unit.moment("ActiveEnter"),
    }


def looping(unit: Unit) -> bool | None:
    """It keeps dying and being restarted."""
    if unit["SubState"] == "auto-restart":
        return True
    if unit["ActiveState"] in ("failed", "inactive"):
        return False
    restarts, started = unit.number("NRestarts"), unit.moment("ExecMainStart")
    if restarts is None:
        return None
    if restarts < _LOOP_RESTARTS:
        return False
    return started is not None and time.time() - started < _LOOP_SECONDS


def restarting(unit: Unit) -> bool:
    """It waits for its next start, or was restarted and has not run for long since."""
    if unit["SubState"] == "auto-restart":
        return True
    started = unit.moment("ExecMainStart")
    young = started is not None and time.time() - started < _YOUNG_SECONDS
    return unit.running and young and (unit.number("NRestarts") or 0) > 0


def gave_up(unit: Unit) -> bool | None:
    """The start limit was hit: the result says so, or a unit that is to be restarted is not."""
    if unit["Result"] == "start-limit-hit":
        return True
    if unit["ActiveState"] != "failed":
        return False
    return (unit.number("NRestarts") or 0) > 0 and unit["Restart"] not in ("no", "")


def how_it_died(
    unit: Unit,
) -> Literal["failed", "killed", "oom-killed", "gave-up", "looping"]:
    """In one word, of a unit that is failed or being restarted."""
    if unit["Result"] == "oom-kill":
        return "oom-killed"
    if gave_up(unit):
        return "gave-up"
    if unit["ActiveState"] != "failed":
        return "looping"
    kind = _EXIT_KINDS.get(unit.number("ExecMainCode") or 0)
    return "killed" if kind in ("killed", "dumped") else "failed"


def stopped(unit: Unit) -> bool | None:
    """It is down because it was told to be, not because its process ended by itself.

    A stop job takes the unit out of `active` before the main process ends; where the process ends
    by itself the order is the other way round. A unit that was never started, or that systemd has
    forgotten since its stop (it forgets disabled ones), shows neither.
    """
    if not unit.exists:
        return None
    if (unit["ActiveState"], unit["Result"]) != ("inactive", "success"):
        return False
    left, ended = (
        unit.number(f"{name}TimestampMonotonic") or 0 for name in ("ActiveExit", "ExecMainExit")
    )
    return not ended or not left or left <= ended


def _signal_name(number: int | None) -> str | None:
    if number is None:
        return None
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)
