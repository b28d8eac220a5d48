"""Owners of real listeners, found without a service manager or beside one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from wizard.model.route import Server
from wizard.probes import sockets
from wizard.probes.sockets import Listening, Table
from wizard.runtimes import bare, ownership
from wizard.runtimes.facts import Owner
from wizard.runtimes.liveness import frozen
from wizard.runtimes.looks import owner as look
from wizard.runtimes.mentions import Aim
from wizard.runtimes.secrets import masked

HOLD = "import socket,sys; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1]); sys.stdout.flush(); sys.stdin.read()"  # noqa: E501


@pytest.fixture
def holder() -> Iterator[tuple[subprocess.Popen[str], int]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, "--password=hunter2"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        yield child, int(child.stdout.readline())
        child.kill()


def asked(port: int) -> Owner:
    server = Server(name=f"127.0.0.1:{port}", host="127.0.0.1", port=port)
    table = sockets.table().facts
    assert isinstance(table, Table)
    listening = sockets.at(server=server, table=table).facts
    assert isinstance(listening, Listening)
    facts = look(server=server, table=table, listening=listening).facts
    assert isinstance(facts, Owner)
    return facts


def test_a_listener_is_owned_by_its_process(holder: tuple[subprocess.Popen[str], int]) -> None:
    child, port = holder
    facts = asked(port)
    assert (facts.found, facts.listening, facts.certain) == (True, True, True)
    assert facts.found_by == f"listens on 127.0.0.1:{port}"
    if facts.runtime == "process":
        assert facts.pid == child.pid
        assert facts.listens_on == [f"127.0.0.1:{port}"]
        assert facts.frozen is False
        assert facts.fds is not None
        assert "hunter2" not in (facts.command or "")


def test_a_stopped_process_is_frozen(holder: tuple[subprocess.Popen[str], int]) -> None:
    child, port = holder
    os.kill(child.pid, 19)
    os.waitpid(child.pid, os.WUNTRACED)
    try:
        assert frozen(child.pid, [child.pid], None) is True
        assert frozen(None, [child.pid], None) is True
        assert asked(port).found is True
    finally:
        os.kill(child.pid, 18)


def test_a_process_that_names_a_port_and_does_not_listen_is_told() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-c", "import sys; print(); sys.stdout.flush(); sys.stdin.read()"]
    with subprocess.Popen(
        [*argv, "--port", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert bare.naming(Aim(port=port)) == child.pid
        facts = asked(port)
        child.kill()
    assert (facts.found, facts.listening, facts.certain) == (True, False, False)


def test_nobody_is_found_for_a_port_that_nothing_names() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert asked(port) == Owner(found=False, listening=False)


def test_an_owner_on_another_host_is_out_of_sight() -> None:
    server = Server(name="192.0.2.1:80", host="192.0.2.1", port=80)
    sighting = look(server=server, table=Table(), listening=Listening(local=False))
    assert sighting.status == "unreadable"


def test_secrets_are_masked_in_commands() -> None:
    argv = ["app", "--password=a", "--api-key", "b", "DB=postgres://u:c@h/d", "--port", "3000"]
    assert masked(argv) == "app --password=*** --api-key *** DB=postgres://u:***@h/d --port 3000"


def test_a_listener_that_has_gone_since_the_table_was_read_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        table = sockets.table().facts
        assert isinstance(table, Table)
        [seen] = [one for one in table.listeners if one.port == port]
        assert ownership.still_listens(seen)
    assert not ownership.still_listens(seen)
