"""Processes that sleep, and processes that compete for one CPU."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
