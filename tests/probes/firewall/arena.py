"""A network namespace of a test's own: real rules, a real listener, a real connection.

A thread may leave the process's network namespace alone, and what it starts goes with it. So the
probe runs here unchanged, and many arenas stand side by side.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import socket
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes.firewall import Filter, verdict

_NEW_NETWORK, _NEW_MOUNTS = 0x40000000, 0x20000
_LIBC = ctypes.CDLL(None, use_errno=True)
PATIENCE = {socket.AF_INET: 0.7, socket.AF_INET6: 1.8}
"""Seconds. Over IPv6 the kernel heeds a refusal by ICMP only for the second SYN, after 1 s."""

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 and os.environ.get("WIZARD_LAB") != "required",
    reason="needs root for a network namespace with rules of its own",
)


def in_namespace(work: Callable[[], Any]) -> Any:
    """What `work` returns, run in a new network namespace with the loopback device up."""
    result: list[Any] = []

    def enter() -> None:
        try:
            leave_network()
            shell("ip link set lo up")
            result.append(work())
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    thread.join()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def leave_network() -> None:
    if _LIBC.unshare(_NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def shell(script: str) -> str:
    done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def as_user(uid: int, work: Callable[[], Any]) -> Any:
    """This thread's sockets belong to the user while `work` runs."""
    _LIBC.setfsuid(uid)
    try:
        return work()
    finally:
        _LIBC.setfsuid(0)


def look(host: str, port: int, user: str | None = "www-data") -> tuple[Sighting, Filter]:
    sighting = verdict(server=Server(name=f"{host}:{port}", host=host, port=port), user=user)
    assert isinstance(sighting.facts, Filter), sighting
    return sighting, sighting.facts


def felt(host: str, port: int, uid: int = 33) -> str:
    """What a connection with one line there and back comes to: accept, drop or reject."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    def talk() -> str:
        with socket.socket(family) as client:
            client.settimeout(PATIENCE[family])
            try:
                client.connect((host, port))
                client.sendall(b"hello")
                return "accept" if client.recv(5) == b"hello" else "reject"
            except TimeoutError:
                return "drop"
            except OSError:
                return "reject"

    answer = as_user(uid, talk)
    assert isinstance(answer, str)
    return answer


@dataclass
class Echo:
    """Listeners that send back what they get, on all addresses of this namespace."""

    ports: tuple[int, ...]
    uid: int = 0
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> Echo:
        as_user(self.uid, self._listen)
        self._stop, self._stopped = os.pipe()
        self._selector.register(self._stop, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def _listen(self) -> None:
        for port in self.ports:
            for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                listener = socket.socket(family)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((address, port))
                listener.listen()
                self._open.append(listener)
                self._selector.register(listener, selectors.EVENT_READ, "listener")

    def _serve(self) -> None:
        _LIBC.setfsuid(self.uid)
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                if key.data == "listener":
                    connection = sock.accept()[0]
                    self._open.append(connection)
                    self._selector.register(connection, selectors.EVENT_READ, "connection")
                    continue
                try:
                    data = sock.recv(64)
                    sock.send(data)
                except OSError:
                    data = b""
                if not data:
                    self._selector.unregister(sock)
                    sock.close()

    def __exit__(self, *_: object) -> None:
        os.close(self._stopped)
        self._thread.join()
        os.close(self._stop)
        self._selector.close()
        for sock in self._open:
            sock.close()


@dataclass
class Peer:
    """A second host: 10.9.0.2 and fd00:9::2, behind the device `wan` (10.9.0.1 is ours)."""

    ports: tuple[int, ...]

    def __enter__(self) -> Peer:
        self._entered, self._wired = threading.Event(), threading.Event()
        self._listens, self._done = threading.Event(), threading.Event()
        self._path = ""
        self._thread = threading.Thread(target=self._be, daemon=True)
        self._thread.start()
        self._entered.wait(5)
        shell(
            "ip link add wan type veth peer name lan\n"
            f"ip link set lan netns {self._path}\n"
            "ip link set wan up\nip addr add 10.9.0.1/24 dev wan\n"
            "ip -6 addr add fd00:9::1/64 dev wan nodad"
        )
        self._wired.set()
        assert self._listens.wait(5)
        for host in ("10.9.0.2", "fd00:9::2"):
            while felt(host, self.ports[0]) != "accept":
                assert self._thread.is_alive()
        return self

    def _be(self) -> None:
        leave_network()
        self._path = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"
        self._entered.set()
        self._wired.wait(5)
        shell(
            "ip link set lan up\nip addr add 10.9.0.2/24 dev lan\n"
            "ip -6 addr add fd00:9::2/64 dev lan nodad"
        )
        with Echo(self.ports):
            self._listens.set()
            self._done.wait()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def leave_files() -> None:
    """This thread's mounts are its own from here on."""
    if _LIBC.unshare(_NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    shell("mount --make-rprivate /")
