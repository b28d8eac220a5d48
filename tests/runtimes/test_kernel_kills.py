"""Whose kill it was: not that of another program, nor an old one that healthy starts followed."""

from __future__ import annotations

import time

from wizard.probes.resources import OomKill, OomKills
from wizard.runtimes.facts import Killed, Owner
from wizard.runtimes.kernel_kills import of

NOW = time.time()


def killed(owner: Owner, *kills: OomKill) -> bool | None:
    facts = of(owner, OomKills(count=len(kills), kills=list(kills))).facts
    assert isinstance(facts, Killed)
    return facts.killed


DEAD = Owner(
    unit="shop.service", name="shop.service", active="failed", process="python3", run_as="root",
    signal="KILL", started=NOW - 600, ended=NOW - 60, last_pid=53,
)  # fmt: skip


def test_a_kill_at_the_moment_of_its_end_is_its_own() -> None:
    assert killed(DEAD, OomKill(at=NOW - 60.1, pid=9053, process="python3", uid=0)) is True


def test_a_kill_in_its_control_group_is_its_own() -> None:
    kill = OomKill(at=NOW - 61, pid=1, process="x", cgroup="/system.slice/shop.service")
    assert killed(DEAD, kill) is True


def test_a_kill_in_anothers_control_group_is_not() -> None:
    kill = OomKill(at=NOW - 60, pid=53, process="python3", cgroup="/system.slice/blog.service")
    assert killed(DEAD, kill) is False


def test_a_kill_of_another_program_is_not_its_own() -> None:
    assert killed(DEAD, OomKill(at=NOW - 60, pid=7, process="mysqld", uid=0)) is False


def test_a_kill_of_another_user_is_not_its_own() -> None:
    assert killed(DEAD, OomKill(at=NOW - 60, pid=7, process="python3", uid=4242)) is False


def test_a_kill_before_its_start_is_over() -> None:
    runs = Owner(
        unit="shop.service", active="active", process="python3", run_as="root", started=NOW - 600,
        last_pid=53, restarts=0,
    )  # fmt: skip
    assert killed(runs, OomKill(at=NOW - 3600, pid=53, process="python3", uid=0)) is False


def test_a_worker_killed_in_this_run_counts() -> None:
    runs = Owner(
        unit="stats.service", active="active", process="gunicorn", run_as="root",
        started=NOW - 600, last_pid=53, restarts=0,
    )  # fmt: skip
    assert killed(runs, OomKill(at=NOW - 10, pid=99, process="gunicorn", uid=0)) is True


def test_the_kill_that_made_it_restart_counts_while_it_is_fresh() -> None:
    runs = Owner(
        unit="shop.service", active="active", process="python3", run_as="root", started=NOW - 29,
        last_pid=60, restarts=1,
    )  # fmt: skip
    assert killed(runs, OomKill(at=NOW - 30.5, pid=53, process="python3", uid=0)) is True


def test_without_the_kernel_log_nothing_is_known() -> None:
    sighting = of(DEAD, OomKills())
    assert sighting.status == "unreadable"
    assert sighting.facts == Killed()


def test_the_service_manager_may_know_without_the_kernel_log() -> None:
    facts = of(Owner(unit="a.service", result="oom-kill", ended=5.0), OomKills()).facts
    assert facts == Killed(killed=True, at=5.0)
