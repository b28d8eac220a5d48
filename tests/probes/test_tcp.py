"""Connecting to real listeners: each way of failing has a name of its own."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.probes.loopback import (
    as_nobody,
    at,
    full_queue,
    needs_root,
    serving,
    silent,
    unix,
    unused_port,
)
from wizard.model.route import Server
from wizard.probes.tcp import Dial, Later, connect, later


def dial(server: Server, **parameters: float) -> Dial:
    facts = connect(server=server, **parameters).facts
    assert isinstance(facts, Dial)
    return facts


def test_a_name_that_only_the_proxy_knows_is_dialled_at_its_addresses() -> None:
    with serving(silent) as running:
        named = Server(
            name=f"app.invalid:{running.port}", host="app.invalid", port=running.port, is_name=True
        )
        facts = connect(server=named, addresses=["127.0.0.1"]).facts
        assert isinstance(facts, Dial)
        assert facts.connected == [f"127.0.0.1:{running.port}"]


def test_a_listener_connects_in_milliseconds() -> None:
    with serving(silent) as running:
        facts = dial(running.server())
        assert facts.outcome == "connected"
        assert facts.connected == [f"127.0.0.1:{running.port}"]
        assert facts.milliseconds is not None
        assert facts.milliseconds < 100


def test_no_listener_is_refused_with_the_errno() -> None:
    port = unused_port()
    sighting = connect(server=at(port))
    assert sighting.status == "present"
    assert isinstance(sighting.facts, Dial)
    assert sighting.facts.outcome == "refused"
    assert sighting.facts.errno == 111
    assert sighting.facts.failed == [f"127.0.0.1:{port}"]
    assert "Connection refused (111)" in sighting.reading


def test_a_full_accept_queue_does_not_answer() -> None:
    with full_queue() as listener:
        facts = dial(at(listener.getsockname()[1]), timeout=0.3)
    assert facts.outcome == "timed-out"
    assert facts.errno == 110


def test_the_limit_holds_for_all_addresses_together() -> None:
    with full_queue() as listener:
        began = time.perf_counter()
        dial(at(listener.getsockname()[1]), timeout=0.2)
        assert time.perf_counter() - began < 1


def test_an_address_without_a_route_is_told_from_a_refusal() -> None:
    facts = dial(at(80, host="255.255.255.255"), timeout=0.3)
    assert facts.outcome in ("no-route", "denied")


def test_a_name_that_does_not_resolve() -> None:
    server = Server(name="nowhere.invalid:80", host="nowhere.invalid", port=80, is_name=True)
    facts = dial(server)
    assert facts.outcome == "name-failed"
    assert facts.connected == facts.failed == []


_MIXED = """
import msgspec
from tests.probes.loopback import serving, silent
from wizard.probes.tcp import connect
with serving(silent) as running:
    facts = connect(server=running.server(host="both.example")).facts
    print(facts.outcome, facts.connected, facts.failed, facts.failed_outcome, running.port)
"""


@needs_root
def test_a_name_with_a_listener_on_one_of_its_families(tmp_path: Path) -> None:
    """As `localhost` is on most hosts; the hosts file is replaced in a mount namespace."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 both.example\n::1 both.example\n")
    script = 'mount --bind "$1" /etc/hosts && exec "$2" -c "$3"'
    argv = ["unshare", "-m", "sh", "-c", script, "sh", str(hosts), sys.executable, _MIXED]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    outcome, *rest, port = done.stdout.split()
    assert outcome == "mixed"
    assert rest == [f"['127.0.0.1:{port}']", f"['[::1]:{port}']", "refused"]


def test_a_listener_on_ipv6_only() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    with serving(silent, listener=listener) as running:
        assert dial(running.server(host="::1")).connected == [f"[::1]:{running.port}"]
        assert dial(running.server()).outcome == "refused"


class TestUnixSockets:
    def test_one_with_a_listener(self, tmp_path: Path) -> None:
        path = tmp_path / "app.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        with serving(silent, listener=listener):
            assert dial(unix(path)).connected == [f"unix:{path}"]

    def test_one_that_is_missing(self, tmp_path: Path) -> None:
        assert dial(unix(tmp_path / "app.sock")).outcome == "no-file"

    def test_one_below_a_plain_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert dial(unix(tmp_path / "file" / "app.sock")).outcome == "no-file"

    def test_one_left_behind_by_a_dead_process_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "app.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert dial(unix(path)).outcome == "refused"

    def test_a_plain_file_is_not_a_socket_though_the_kernel_says_refused(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "app.sock"
        path.touch()
        facts = dial(unix(path))
        assert (facts.outcome, facts.errno) == ("not-a-socket", 111)

    def test_a_datagram_socket_is_the_wrong_kind(self, tmp_path: Path) -> None:
        path = tmp_path / "log.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            assert dial(unix(path)).outcome == "not-a-socket"

    def test_a_full_queue_is_said_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "app.sock"
        with full_queue(path):
            facts = dial(unix(path))
        assert (facts.outcome, facts.errno) == ("queue-full", 11)

    @needs_root
    def test_one_without_the_write_right_is_denied(self, open_folder: Path) -> None:
        path = open_folder / "app.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            path.chmod(0o660)
            assert dial(unix(path)).outcome == "connected"
            imports = (
                "from tests.probes.loopback import unix; from wizard.probes.tcp import connect"
            )
            code = f"print(connect(server=unix({str(path)!r})).facts.outcome)"
            assert as_nobody(imports, code) == "denied"

    def test_a_path_that_is_too_long_fails_without_raising(self, tmp_path: Path) -> None:
        facts = dial(unix(tmp_path / ("x" * 120)))
        assert (facts.outcome, facts.errno) == ("failed", 36)


def test_a_backend_that_is_starting_listens_later() -> None:
    port = unused_port()
    begun: list[socket.socket] = []
    starting = threading.Timer(
        0.7, lambda: begun.append(socket.create_server(("127.0.0.1", port), reuse_port=True))
    )
    starting.start()
    facts = later(server=at(port), patience=5.0).facts
    starting.join()
    begun[0].close()
    assert isinstance(facts, Later)
    assert facts.listens is True
    assert facts.seconds is not None
    assert 0.5 < facts.seconds < 4


def test_where_nothing_ever_listens_the_wait_ends() -> None:
    facts = later(server=at(unused_port()), patience=0.6).facts
    assert isinstance(facts, Later)
    assert facts.listens is False
