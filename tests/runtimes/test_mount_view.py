"""A unix socket as two processes see it, one of them in a mount namespace of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.probes.loopback import needs_root, unix
from wizard.probes.sockets import Listener, Table
from wizard.proxies.facts import Instance
from wizard.runtimes.facts import Owner
from wizard.runtimes.mount_view import MountView, of

LISTEN = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listens", flush=True)
sys.stdin.read()
"""


@contextmanager
def listening(path: Path, *, private: bool) -> Iterator[int]:
    """A process that listens on the path, with a directory of its own where `private`."""
    argv = [sys.executable, "-c", LISTEN, str(path)]
    if private:
        mount = f'mount -t tmpfs none {path.parent} && exec "$@"'
        argv = ["unshare", "--mount", "sh", "-c", mount, "sh", *argv]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "listens\n"
    try:
        yield process.pid
    finally:
        process.communicate("")


def seen(path: Path, pid: int) -> MountView:
    table = Table(unix=[Listener(address=str(path), family="unix", pids=[pid])])
    proxy = Instance(kind="nginx", running=True, worker_pids=[os.getpid()])
    facts = of(unix(path), Owner(found=True, pid=pid), table, proxy).facts
    assert isinstance(facts, MountView)
    return facts


@needs_root
def test_a_socket_in_a_private_directory_is_seen_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    with listening(path, private=True) as pid:
        facts = seen(path, pid)
    assert (facts.apart, facts.private) == (True, "backend")
    assert (facts.seen_by_backend, facts.seen_by_proxy) == (True, False)


def test_in_one_namespace_both_see_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    with listening(path, private=False) as pid:
        facts = seen(path, pid)
    assert facts.apart is False
    assert facts.private is None


def test_where_no_process_listens_there_is_nothing_to_compare(tmp_path: Path) -> None:
    nobody = Owner(found=False)
    proxy = Instance(kind="nginx", running=True)
    facts = of(unix(tmp_path / "app.sock"), nobody, Table(), proxy).facts
    assert facts == MountView(applies=False)
