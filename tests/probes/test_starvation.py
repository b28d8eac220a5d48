"""Processes that sleep, and processes that compete for one CPU."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wizard.probes import rivals
from wizard.probes.starvation import Starving, starving

BUSY = "import time; end = time.time() + 20\nwhile time.time() < end: pass"


@contextmanager
def on_one_cpu(count: int, nice: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    cpu = min(os.sched_getaffinity(0))
    made = []
    for _ in range(count):
        child = subprocess.Popen(["nice", "-n", str(nice), sys.executable, "-c", BUSY])
        os.sched_setaffinity(child.pid, {cpu})
        made.append(child)
    try:
        yield made
    finally:
        for child in made:
            child.kill()
            child.wait()


def looked(pid: int) -> Starving:
    facts = starving(pid=pid).facts
    assert isinstance(facts, Starving)
    return facts


def test_a_process_that_sleeps_is_not_starved() -> None:
    with subprocess.Popen(["sleep", "20"]) as child:
        facts = looked(child.pid)
        child.kill()
    assert facts.starved is False
    assert (facts.waited_percent or 0) < 20


def test_a_process_among_many_that_want_the_same_cpu_is_starved() -> None:
    with on_one_cpu(8, nice=0), on_one_cpu(1, nice=10) as (last,):
        time.sleep(0.3)
        facts = looked(last.pid)
    assert facts.starved is True
    assert (facts.waited_percent or 0) > 50
    assert (facts.pids, facts.policy, facts.nice) == (str(last.pid), "other", 10)


def test_who_ran_most_is_named_first_with_its_command() -> None:
    with on_one_cpu(1, nice=0) as (busy,):
        time.sleep(1)
        ran = {busy.pid: 1.0, 1: 2.0, os.getpid(): 0.0}
        more = {busy.pid: 1.9, 1: 2.2, os.getpid(): 1.0}
        found = rivals.between(rivals.Clock(10.0, ran), rivals.Clock(11.0, more), {os.getpid()})
    assert [(each.pid, each.percent) for each in found] == [(busy.pid, 90.0), (1, 20.0)]
    assert "import time" in found[0].command


def test_the_clock_of_a_process_that_works_goes_on() -> None:
    before = rivals.clock()
    end = time.thread_time() + 0.1
    while time.thread_time() < end:
        pass
    after = rivals.clock()
    assert after.ran[os.getpid()] - before.ran[os.getpid()] >= 0.08


def test_the_policy_of_a_batch_job_is_told() -> None:
    with subprocess.Popen(["chrt", "--idle", "0", "sleep", "20"]) as child:
        time.sleep(0.3)
        facts = looked(child.pid)
        child.kill()
    assert (facts.policy, facts.nice) == ("idle", 0)
