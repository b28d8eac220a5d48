"""Whether the failures in the proxy's log are those of one restart of the backend."""

from __future__ import annotations

import shlex

import msgspec

from wizard.model.evidence import Sighting
from wizard.proxies.facts import ErrorLog
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd import journal

_BEFORE = 1.5
"""The log has whole seconds, and a request that is cut off is logged after the stop."""
_AFTER = 10.0
"""Until a backend that was started again listens."""
_DOWN = 120.0
"""What was down for longer was stopped and started, not restarted."""


class Restart(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `restart`."""

    stopped: float | None = None
    """When the unit last left `active`."""
    started: float | None = None
    """When it became active again."""
    seconds_down: float | None = None
    around: bool | None = None
    """Every line of the route in the window falls into the seconds around that restart."""
    lines: int | None = None
    asked_to: bool | None = None
    """It was told to stop, it did not die; None where the journal may not be read."""


def of(owner: Owner, errors: ErrorLog) -> Sighting:
    """Hold the times of the unit's last restart against those of the log's lines."""
    stopped, started = owner.left_active, owner.active_since
    if owner.unit is None or stopped is None or started is None or started < stopped:
        return Sighting(status="absent", facts=Restart(), reading="it was not restarted")
    command = (
        f"systemctl show {shlex.quote(owner.unit)} -p ActiveExitTimestamp,ActiveEnterTimestamp"
    )
    down = round(started - stopped, 1)
    around = None
    if errors.count and errors.first_at is not None and errors.last_at is not None:
        short = down <= _DOWN
        around = (
            short and errors.first_at >= stopped - _BEFORE and errors.last_at <= started + _AFTER
        )
    facts = Restart(
        stopped=stopped,
        started=started,
        seconds_down=down,
        around=around,
        lines=errors.count,
        asked_to=_asked_to(owner.unit, stopped) if around else None,
    )
    return Sighting(
        status="present", facts=facts, command=command,
        reading=f"down for {down:g} s" + (", when every failure was" if around else ""),
    )  # fmt: skip


def _asked_to(unit: str, stopped: float) -> bool | None:
    told = journal.lines(unit, 100, since=stopped - _BEFORE)
    if told.reason:
        return None
    return any(entry.message_id == journal.STOPPING for entry in told.entries)
