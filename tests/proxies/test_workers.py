"""What a process has open and may open, seen on one that was started for it."""

from __future__ import annotations

import subprocess
import sys

from wizard.proxies.facts import Instance, Workers
from wizard.proxies.workers import workers

CODE = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
kept = [socket.socket() for _ in range(5)]
print("ready", flush=True)
sys.stdin.read()
"""


def test_the_limit_and_what_is_open() -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        instance = Instance(kind="nginx", running=True, worker_pids=[process.pid])
        facts = workers(instance, 7).facts
        assert process.stdin is not None
        process.stdin.close()
    assert isinstance(facts, Workers)
    assert (facts.open_files_limit, facts.sockets, facts.connections_left) == (20, 5, 2)
    assert facts.open_files is not None
    assert facts.files_left == 20 - facts.open_files


def test_workers_that_are_gone_say_nothing() -> None:
    found = workers(Instance(kind="nginx", running=True, worker_pids=[2**22 - 1]), None)
    assert found.status == "unreadable"
