"""How far a start came, from the properties of real units (systemd 252)."""

from __future__ import annotations

import pytest

from wizard.runtimes.systemd.show import Unit
from wizard.runtimes.systemd.spawning import became_ready, failed_step

NO_USER = {
    "ActiveState": "failed", "SubState": "failed", "ExecMainCode": "1", "ExecMainStatus": "217",
    "ExecMainStartTimestampMonotonic": "1286672741",
    "ExecMainExitTimestampMonotonic": "1286673868",
}  # fmt: skip


def test_a_status_of_the_service_manager_names_the_step() -> None:
    assert failed_step(Unit(NO_USER)) == "USER"


@pytest.mark.parametrize(
    "change",
    [
        {"ExecMainStatus": "1"},
        {"ExecMainCode": "2", "ExecMainStatus": "6"},
        {"ExecMainExitTimestampMonotonic": "1299673868"},
        {"ActiveState": "active", "SubState": "running"},
    ],
    ids=["own status", "signal", "ran for seconds", "runs"],
)
def test_a_program_that_ran_has_no_such_step(change: dict[str, str]) -> None:
    assert failed_step(Unit({**NO_USER, **change})) == ""


def test_a_start_that_timed_out_was_never_active() -> None:
    times = {
        "InactiveExitTimestampMonotonic": "1295308933",
        "ActiveEnterTimestampMonotonic": "1294082231",
    }
    assert became_ready(Unit(times)) is False
    assert became_ready(Unit({**times, "ActiveEnterTimestampMonotonic": "1295308933"})) is True
    assert became_ready(Unit({"InactiveExitTimestampMonotonic": "0"})) is None
