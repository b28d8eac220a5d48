"""Connecting to addresses side by side, without blocking, each failure told apart by its errno."""

from __future__ import annotations

import errno
import os
import select
import socket
import stat
import time
from collections.abc import Sequence
from typing import Literal

import msgspec

from wizard.probes.addresses import Address

DialOutcome = Literal[
    "connected", "refused", "timed-out", "unreachable", "no-route", "denied", "no-file",
    "not-a-socket", "queue-full", "name-failed", "reset", "mixed", "failed",
]  # fmt: skip
"""`queue-full`: a unix socket whose accept queue is full. A full TCP accept queue drops the SYN and
is `timed-out`, as behind a firewall that drops. `failed` with errno 99: no free port is left to
connect from."""

_OUTCOMES: dict[int, DialOutcome] = {
    0: "connected",
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed-out",
    errno.EHOSTUNREACH: "unreachable",
    errno.EHOSTDOWN: "unreachable",
    errno.ENETUNREACH: "no-route",
    errno.ENETDOWN: "no-route",
    errno.EAFNOSUPPORT: "no-route",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ENOENT: "no-file",
    errno.ENOTDIR: "no-file",
    errno.ENOTSOCK: "not-a-socket",
    errno.EPROTOTYPE: "not-a-socket",
    errno.EAGAIN: "queue-full",
    errno.ECONNRESET: "reset",
}


class Attempt(msgspec.Struct):
    """One connection that was tried; `socket` is open only when it is `connected`."""

    address: Address
    outcome: DialOutcome
    milliseconds: float
    errno: int | None = None
    socket: socket.socket | None = None

    @property
    def error(self) -> str:
        """The errno in words, as the proxy's log has it."""
        return "" if not self.errno else f"{os.strerror(self.errno)} ({self.errno})"


def dial(address: Address, *, limit: float, segment_bytes: int | None = None) -> Attempt:
    """Connect to one address; the caller closes the socket."""
    return dial_all((address,), limit=limit, segment_bytes=segment_bytes)[0]


def dial_all(
    addresses: Sequence[Address], *, limit: float, segment_bytes: int | None = None
) -> list[Attempt]:
    """Connect to all addresses at the same time and wait for all, at most `limit` seconds.

    `segment_bytes` is the largest segment that is sent and asked for (TCP_MAXSEG, tcp(7)).
    """
    began = time.perf_counter()
    attempts: dict[int, Attempt] = {}
    waiting: dict[int, tuple[int, socket.socket]] = {}
    poller = select.poll()
    for place, address in enumerate(addresses):
        try:
            opened = socket.socket(address.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            if segment_bytes is not None and address.family != socket.AF_UNIX:
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment_bytes)
        except OSError as error:
            attempts[place] = _attempt(address, error.errno or 0, began, None)
            continue
        try:
            code = opened.connect_ex(address.target)
        except (OSError, ValueError):  # a unix path over 107 bytes or with a NUL in it
            code = errno.ENAMETOOLONG
        if code == errno.EINPROGRESS:
            waiting[opened.fileno()] = (place, opened)
            poller.register(opened, select.POLLOUT)
        else:
            attempts[place] = _attempt(address, code, began, opened)
    while waiting and (left := limit - (time.perf_counter() - began)) > 0:
        for descriptor, _events in poller.poll(left * 1000):
            poller.unregister(descriptor)
            place, opened = waiting.pop(descriptor)
            code = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            attempts[place] = _attempt(addresses[place], code, began, opened)
    for place, opened in waiting.values():
        attempts[place] = _attempt(addresses[place], errno.ETIMEDOUT, began, opened)
    return [attempts[place] for place in range(len(addresses))]


def _attempt(address: Address, code: int, began: float, opened: socket.socket | None) -> Attempt:
    if code == 0 and opened is not None and _met_itself(opened, address):
        code = errno.ECONNREFUSED
    took = round((time.perf_counter() - began) * 1000, 2)
    if code == 0 and opened is not None:
        opened.setblocking(True)
        return Attempt(address, "connected", took, socket=opened)
    if opened is not None:
        opened.close()
    return Attempt(address, _outcome(address, code), took, errno=code or None)


def _outcome(address: Address, code: int) -> DialOutcome:
    # Linux answers ECONNREFUSED for a path that is a plain file or a directory.
    if address.family == socket.AF_UNIX and code == errno.ECONNREFUSED:
        try:
            return "refused" if stat.S_ISSOCK(os.stat(address.target).st_mode) else "not-a-socket"
        except OSError:
            return "refused"
    # Where IPv6 is switched off, connecting to ::1 fails with EADDRNOTAVAIL.
    if code == errno.EADDRNOTAVAIL and address.family == socket.AF_INET6 and not _has_ipv6():
        return "no-route"
    return _OUTCOMES.get(code, "failed")


def _has_ipv6() -> bool:
    try:
        with open("/proc/net/if_inet6", "rb") as table:
            return bool(table.read(1))
    except OSError:
        return False


def _met_itself(opened: socket.socket, address: Address) -> bool:
    """The kernel chose the very port that was dialled as the local one, and both ends are ours."""
    if address.family == socket.AF_UNIX:
        return False
    try:
        return bool(opened.getsockname() == opened.getpeername())
    except OSError:
        return False
