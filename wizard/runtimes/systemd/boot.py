"""Whether a unit has run since this host was booted."""

from __future__ import annotations

import time

from wizard.model.text import decode
from wizard.probes.run import run
from wizard.runtimes.systemd import journal
from wizard.runtimes.systemd.show import Unit

_RAN = ("ExecMainStart", "ActiveEnter", "InactiveEnter", "InactiveExit")


def booted_at() -> float | None:
    """When the service manager started, seconds since the epoch.

    In a container this is the container's start, which the kernel's uptime knows nothing of.
    """
    said = run(["systemctl", "show", "-p", "UserspaceTimestampMonotonic"], timeout=2)
    value = decode(said.out).strip().rpartition("=")[2]
    if not value.isdigit() or value == "0":
        return None
    return time.time() - time.monotonic() + int(value) / 1e6


def ran_since(unit: Unit, booted: float) -> bool | None:
    """It was started since the boot; None where the journal that would tell may not be read.

    The service manager forgets a disabled unit as soon as it is stopped, and its times with it:
    only the journal tells "stopped" from "never started".
    """
    if any(unit.number(f"{name}TimestampMonotonic") for name in _RAN):
        return True
    told = journal.lines(unit.name, 1, since=booted)
    if told.entries:
        return True
    return None if told.reason or not _reaches_back(booted) else False


def last_line_before(unit: Unit, booted: float) -> float | None:
    """When the unit wrote, or was written of, last before the boot; None where nothing tells."""
    told = journal.lines(unit.name, 1)
    if not told.entries or told.entries[-1].at >= booted:
        return None
    return told.entries[-1].at


def _reaches_back(booted: float) -> bool:
    """The journal still has the first lines of this boot."""
    return journal.has_lines(booted, booted + 60.0)
