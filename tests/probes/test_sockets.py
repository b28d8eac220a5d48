"""The socket table of real sockets on loopback, and what it says of a server's address."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec
import pytest

from wizard.model.route import Server
from wizard.probes import sockets
from wizard.probes.sockets import Listener, Listening, Table, proc_net, ss
from wizard.probes.sockets.addresses import is_local, resolve, similar_paths, takes


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def listen(
    stack: ExitStack, address: str, port: int = 0, backlog: int = 5, v6only: bool = True
) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        one = stack.enter_context(closing(socket.socket(family, socket.SOCK_STREAM)))
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
        one.bind((address, port))
    except OSError as error:
        pytest.skip(f"this machine has no {address}: {error}")
    one.listen(backlog)
    return int(one.getsockname()[1])


def table() -> Table:
    facts = sockets.table().facts
    assert isinstance(facts, Table)
    return facts


def at(name: str, seen: Table) -> Listening:
    host, _, port = name.rpartition(":")
    server = Server(name=name, host=host.strip("[]"), port=int(port))
    facts = sockets.at(server=server, table=seen).facts
    assert isinstance(facts, Listening)
    return facts


def test_a_listener_is_in_the_table_with_its_owner_and_backlog(stack: ExitStack) -> None:
    port = listen(stack, "127.0.0.1", backlog=7)
    (one,) = [one for one in table().listeners if one.port == port]
    assert (one.address, one.family, one.pids, one.queue, one.backlog) == (
        "127.0.0.1", "ipv4", [os.getpid()], 0, 7,
    )  # fmt: skip
    assert one.process == Path("/proc/self/comm").read_text().strip()
    assert one.uid == os.getuid()


def test_all_processes_that_hold_a_socket_are_its_owners(stack: ExitStack) -> None:
    shared = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
    child = stack.enter_context(subprocess.Popen(["sleep", "60"], pass_fds=[shared.fileno()]))
    stack.callback(child.kill)
    (one,) = [one for one in table().listeners if one.port == shared.getsockname()[1]]
    assert one.pids == sorted([os.getpid(), child.pid])


def test_proc_net_tells_the_same_listeners_as_ss(stack: ExitStack) -> None:
    ports = {listen(stack, "127.0.0.1"), listen(stack, "0.0.0.0")}
    read = proc_net.read_all()
    assert read is not None
    by_proc = {(one.address, one.port, one.inode) for one in read[0] if one.port in ports}
    by_ss = {(one.address, one.port, one.inode) for one in table().listeners if one.port in ports}
    assert by_proc == by_ss
    assert len(by_proc) == 2


def test_without_ss_the_table_comes_from_proc(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.probes.run.shutil.which", lambda *_, **__: None)
    port = listen(stack, "127.0.0.1")
    (one,) = [one for one in table().listeners if one.port == port]
    assert (one.address, one.pids, one.backlog) == ("127.0.0.1", [os.getpid()], None)


def test_an_ordinary_user_sees_listeners_and_not_who_owns_them(stack: ExitStack) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    port = listen(stack, "127.0.0.1")
    code = (
        "import os,sys; os.setgid(65534); os.setuid(65534);"
        "from wizard.probes import sockets; import msgspec;"
        "sys.stdout.buffer.write(msgspec.json.encode(sockets.table().facts))"
    )
    done = subprocess.run(
        [shutil.which("python3") or "python3", "-c", code],
        capture_output=True, env={"PYTHONPATH": os.pathsep.join(map(str, _paths()))}, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"nobody may not read this checkout: {done.stderr[-200:]!r}")
    seen = msgspec.json.decode(done.stdout, type=Table)
    (one,) = [one for one in seen.listeners if one.port == port]
    assert seen.owners_hidden is True
    assert one.pids == []


def _paths() -> list[Path]:
    return [Path(sockets.__file__).parents[3], Path(msgspec.__file__).parents[1]]


def test_a_full_accept_queue_is_seen(stack: ExitStack) -> None:
    port = listen(stack, "127.0.0.1", backlog=1)
    for _ in range(4):
        waiting = stack.enter_context(closing(socket.socket()))
        waiting.setblocking(False)
        waiting.connect_ex(("127.0.0.1", port))
    facts = at(f"127.0.0.1:{port}", table())
    assert (facts.queue, facts.backlog, facts.queue_full) == (2, 1, True)


def test_a_queue_as_long_as_its_backlog_is_not_full_yet(stack: ExitStack) -> None:
    port = listen(stack, "127.0.0.1", backlog=1)
    waiting = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
    assert waiting.getpeername()[1] == port
    assert at(f"127.0.0.1:{port}", table()).queue_full is False


def test_the_wildcard_takes_every_address(stack: ExitStack) -> None:
    port = listen(stack, "0.0.0.0")
    seen = table()
    for host in ("127.0.0.1", "127.0.0.9", "localhost", "0.0.0.0"):
        assert at(f"{host}:{port}", seen).listens is True, host


def test_another_loopback_address_is_elsewhere(stack: ExitStack) -> None:
    port = listen(stack, "127.0.0.1")
    facts = at(f"127.0.0.2:{port}", table())
    assert (facts.listens, facts.on_port, facts.elsewhere) == (False, True, [f"127.0.0.1:{port}"])
    assert facts.other_family is False
    assert facts.owner_pid == os.getpid()


def test_an_ipv6_only_loopback_is_the_other_family(stack: ExitStack) -> None:
    port = listen(stack, "::1")
    facts = at(f"127.0.0.1:{port}", table())
    assert facts.listens is False
    assert (facts.other_family, facts.same_loopback_other_family) == (True, True)
    assert at(f"[::1]:{port}", table()).listens is True


def test_an_ipv4_loopback_is_the_other_family_of_the_ipv6_one(stack: ExitStack) -> None:
    port = listen(stack, "127.0.0.1")
    facts = at(f"[::1]:{port}", table())
    assert (facts.listens, facts.same_loopback_other_family) == (False, True)


def test_a_dual_stack_wildcard_takes_ipv4(stack: ExitStack) -> None:
    port = listen(stack, "::", v6only=False)
    facts = at(f"127.0.0.1:{port}", table())
    assert (facts.listens, facts.other_family) == (True, False)


def test_an_ipv6_only_wildcard_does_not_take_ipv4(stack: ExitStack) -> None:
    port = listen(stack, "::", v6only=True)
    facts = at(f"127.0.0.1:{port}", table())
    assert (facts.listens, facts.same_loopback_other_family) == (False, True)


def test_a_name_is_listened_on_when_one_of_its_addresses_is(stack: ExitStack) -> None:
    port = listen(stack, "127.0.0.1")
    facts = at(f"localhost:{port}", table())
    assert facts.listens is True
    assert "127.0.0.1" in facts.addresses


def test_nothing_on_a_free_port(stack: ExitStack) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(name=f"127.0.0.1:{port}", host="127.0.0.1", port=port)
    sighting = sockets.at(server=server, table=table())
    assert sighting.status == "absent"
    assert sighting.facts == Listening(
        listens=False, on_port=False, other_family=False, same_loopback_other_family=False,
        owner_hidden=False, local=True, addresses=["127.0.0.1"], not_taken=["127.0.0.1"],
    )  # fmt: skip


def test_another_host_cannot_be_told_from_here() -> None:
    server = Server(name="192.0.2.1:80", host="192.0.2.1", port=80)
    sighting = sockets.at(server=server, table=Table())
    assert sighting.status == "unreadable"
    assert isinstance(sighting.facts, Listening)
    assert (sighting.facts.local, sighting.facts.listens) == (False, None)


def test_a_name_that_does_not_resolve_is_not_known_to_be_local() -> None:
    server = Server(name="no-such.invalid:80", host="no-such.invalid", port=80, is_name=True)
    sighting = sockets.at(server=server, table=Table())
    assert sighting.status == "unreadable"
    assert isinstance(sighting.facts, Listening)
    assert sighting.facts.local is None


def test_a_unix_listener_is_found_by_its_path(stack: ExitStack, tmp_path: Path) -> None:
    one = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
    one.bind(str(tmp_path / "app.sock"))
    one.listen(3)
    link = tmp_path / "link.sock"
    link.symlink_to(tmp_path / "app.sock")
    for path in (tmp_path / "app.sock", link):
        facts = _at_path(path)
        assert (facts.listens, facts.owner_pid, facts.backlog) == (True, os.getpid(), 3)


def test_a_socket_file_that_took_anothers_place_is_not_listened_on(
    stack: ExitStack, tmp_path: Path
) -> None:
    path = tmp_path / "app.sock"
    listening = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
    listening.bind(str(path))
    listening.listen()
    path.rename(tmp_path / "kept")
    dead = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
    dead.bind(str(path))
    assert _at_path(path).listens is False


def test_a_missing_unix_socket_names_the_likely_ones(stack: ExitStack, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    one = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
    one.bind(str(tmp_path / "shop/shop.sock"))
    one.listen()
    facts = _at_path(tmp_path / "shop/app.sock")
    assert facts.listens is False
    assert facts.similar_paths == [str(tmp_path / "shop/shop.sock")]


def _at_path(path: Path) -> Listening:
    facts = sockets.at(server=Server(name=f"unix:{path}", path=str(path)), table=table()).facts
    assert isinstance(facts, Listening)
    return facts


def test_similar_paths_prefer_the_same_name() -> None:
    known = ["/run/php/php8.2-fpm.sock", "/run/other/app.sock", "/run/dbus/system_bus_socket"]
    listeners = [Listener(address=path, family="unix") for path in known]
    assert similar_paths("/run/shop/app.sock", listeners) == ["/run/other/app.sock"]
    assert similar_paths("/run/php/php7.4-fpm.sock", listeners) == ["/run/php/php8.2-fpm.sock"]


SS_OUTPUT = """\
u_str LISTEN 0 4096 /run/systemd/journal/stdout 95405 * 0 <-> ino:34 dev:0/48 peers:
u_str LISTEN 0 64   /srv/my shop/app.sock 95500 * 0 <-> ino:77 dev:0/48 peers:
u_str LISTEN 0 64   @abstract 95501 * 0
u_str LISTEN 0 4096 * 95502 * 0
u_seq LISTEN 0 128  /run/udev/control 95503 * 0
tcp   LISTEN 3 2    127.0.0.53%lo:53  0.0.0.0:* uid:101 ino:1 cgroup:/system.slice/dns.service
tcp   LISTEN 0 511  *:80   *:* ino:2 sk:2 cgroup:/system.slice/nginx.service v6only:0 <->
tcp   LISTEN 0 511  [::]:81   [::]:* ino:3 sk:3 v6only:1 <->
tcp   LISTEN 0 511  [fe80::1]%eth0:82 [::]:* uid:1000 ino:4 sk:4 cgroup:unreachable:1f v6only:0 <->
"""


def test_what_ss_prints_is_read() -> None:
    found = {one.port: one for one in ss.read_tcp(SS_OUTPUT)}
    assert (found[53].address, found[53].queue, found[53].backlog) == ("127.0.0.53", 3, 2)
    assert found[53].cgroup == "/system.slice/dns.service"
    assert (found[80].address, found[80].only_ipv6, found[80].where()) == ("::", False, "*:80")
    assert (found[81].address, found[81].only_ipv6, found[81].where()) == ("::", True, "[::]:81")
    assert (found[82].address, found[82].uid, found[82].cgroup) == ("fe80::1", 1000, None)


def test_unix_paths_may_hold_spaces() -> None:
    paths = [(one.address, one.file_inode) for one in ss.read_unix(SS_OUTPUT)]
    assert paths == [
        ("/run/systemd/journal/stdout", 34), ("/srv/my shop/app.sock", 77), ("@abstract", None),
    ]  # fmt: skip


def test_a_wildcard_of_unknown_families_is_unknown_for_ipv4() -> None:
    listener = Listener(address="::", port=80, family="ipv6")
    assert takes(listener, "127.0.0.1") is None
    assert takes(listener, "::1") is True


def test_a_mapped_address_is_the_ipv4_one() -> None:
    assert takes(Listener(address="::ffff:127.0.0.1", port=80, family="ipv6"), "127.0.0.1") is True


def test_own_and_foreign_addresses_are_told_apart() -> None:
    assert is_local("127.0.0.1") is True
    assert is_local("0.0.0.0") is True
    assert is_local("192.0.2.1") is False


def test_a_literal_needs_no_resolver() -> None:
    assert resolve("[::1]") == ["::1"]
    assert resolve("127.0.0.1") == ["127.0.0.1"]
