"""Whether a unit that was restarted lately stays up while it is watched."""

from __future__ import annotations

import shlex
import time

from wizard.model.evidence import Sighting
from wizard.runtimes.facts import Owner, Watched
from wizard.runtimes.systemd.show import show

_PAUSE = 0.25


def steadiness(owner: Owner, seconds: float) -> Sighting:
    """Read the restart counter and the main process again until they change or time is over."""
    if owner.unit is None or owner.restarts is None:
        reason = "no unit whose restarts are counted"
        return Sighting(status="absent", facts=Watched(), reading=reason)
    command = f"systemctl show {shlex.quote(owner.unit)} -p NRestarts,MainPID,SubState   # twice"
    begin = time.monotonic()
    while True:
        units = show([owner.unit]).units
        waited = time.monotonic() - begin
        if not units:
            return Sighting(
                status="unreadable",
                reason="the service manager does not answer",
                remedy=command,
                command=command,
            )
        now = units[0]
        changed = now.number("NRestarts") != owner.restarts or now.main_pid != owner.pid
        if changed or waited >= seconds:
            break
        time.sleep(min(_PAUSE, max(0.0, seconds - waited)))
    facts = Watched(
        restarted=changed,
        seconds=round(waited, 1),
        restarts=now.number("NRestarts"),
        sub=now["SubState"] or None,
    )
    said = f"restarted again ({facts.restarts} times)" if changed else "stayed up"
    return Sighting(
        status="present", facts=facts, reading=f"{said}, watched {waited:.1f} s", command=command
    )
