"""The socket addresses of a server: a unix path, an IP literal, or a name looked up with a limit.

`socket.getaddrinfo` has no timeout of its own and a broken resolver holds it for half a minute, so
it runs in a daemon thread that is left behind when it does not answer.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from wizard.model.route import Server

Failure = Literal["not-found", "failed", "timed-out"]


class Address(msgspec.Struct, frozen=True):
    """One place to connect to."""

    family: int
    target: Any
    """What `connect` takes for this family."""
    text: str
    """`127.0.0.1:3000`, `[::1]:3000`, `unix:/run/app.sock`."""

    @property
    def host(self) -> str:
        """The IP address alone; empty for a unix socket."""
        return "" if self.family == socket.AF_UNIX else str(self.target[0])


class Addresses(msgspec.Struct, frozen=True):
    """What a server's host is now; empty with a failure when its name does not resolve."""

    found: tuple[Address, ...] = ()
    failure: Failure | None = None
    reason: str = ""


def url_host(host: str) -> str:
    """The host as it stands in a URL: IPv6 literals in brackets."""
    return f"[{host}]" if ":" in host else host


def is_literal(host: str) -> bool:
    """The host is an IPv4 or IPv6 address and needs no resolving."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host.partition("%")[0])
        except (OSError, ValueError):
            continue
        return True
    return False


def unix(path: str) -> Address:
    """The address of a unix socket."""
    return Address(socket.AF_UNIX, path, f"unix:{path}")


def addresses_of(server: Server, *, limit: float, known: Sequence[str] | None = None) -> Addresses:
    """Where the server is: at the `known` IP addresses, else as the system names it."""
    if known:
        port = server.port or _default_port(server.scheme)
        found = [address for each in known for address in look_up(each, port, limit=limit).found]
        return Addresses(tuple(found))
    if server.path is not None:
        return Addresses((unix(server.path),))
    if server.host is None:
        return Addresses(failure="failed", reason="the server has neither a host nor a path")
    return look_up(server.host, server.port or _default_port(server.scheme), limit=limit)


def look_up(host: str, port: int, *, limit: float) -> Addresses:
    """Every stream address of the host, without repetition."""
    if is_literal(host):
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        try:
            return Addresses(
                _distinct(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags))
            )
        except OSError as error:
            return Addresses(failure="failed", reason=str(error))
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="getaddrinfo", daemon=True).start()
    try:
        answer = answers.get(timeout=limit)
    except queue.Empty:
        return Addresses(failure="timed-out", reason=f"no answer for {host} in {limit:g} s")
    if isinstance(answer, Exception):
        return Addresses(failure=_failure(answer), reason=str(answer))
    return Addresses(_distinct(answer))


def _distinct(answer: list[Any]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for family, _type, _protocol, _canonical, target in answer:
        if family in (socket.AF_INET, socket.AF_INET6):
            text = f"{url_host(target[0])}:{target[1]}"
            found.setdefault(text, Address(family, target, text))
    return tuple(found.values())


def _failure(error: Exception) -> Failure:
    # A name that cannot be encoded (an empty or overlong label) exists nowhere. EAI_AGAIN is what
    # glibc says when no name server answered, and also for SERVFAIL and REFUSED.
    if isinstance(error, UnicodeError):
        return "not-found"
    unknown = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    return "not-found" if error.args and error.args[0] in unknown else "failed"


def _default_port(scheme: str) -> int:
    return 443 if scheme in ("https", "grpcs") else 80
