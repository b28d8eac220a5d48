"""Connections to a server: TCP and unix sockets, each failure told apart by its errno."""

from __future__ import annotations

import shlex
import time

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import one_line
from wizard.probes.addresses import addresses_of, url_host
from wizard.probes.connecting import Attempt, DialOutcome, dial_all
from wizard.probes.declare import probe

_PAUSE = 0.5


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """How connecting went, at every address that the server's name has now."""

    outcome: DialOutcome | None = None
    """`mixed` when some addresses of one name connect and some do not: see `connected` and
    `failed`."""
    connected: list[str] = []
    failed: list[str] = []
    """`127.0.0.1:3000`, `[::1]:3000`."""
    failed_outcome: DialOutcome | None = None
    """For `mixed`: how the failed ones failed."""
    milliseconds: float | None = None
    """Until the last of them was known."""
    errno: int | None = None
    error: str | None = None


@probe(
    "tcp.connect", kind="connection", facts=Dial, deadline=4, touches="one connection an address"
)
def connect(
    *, server: Server, timeout: float = 1.5, addresses: list[str] | None = None
) -> Sighting:
    """Connect to each address of the server, side by side, and close again.

    `addresses` are those that the proxy's own resolver gives, where only that knows the name.
    """
    places = addresses_of(server, limit=timeout, known=addresses)
    command = _command(server)
    if not places.found:
        facts = Dial(outcome="name-failed", error=one_line(places.reason))
        return Sighting(
            status="present", facts=facts, command=command, raw=places.reason,
            reading=one_line(f"{server.host or server.name} does not resolve"),
        )  # fmt: skip
    attempts = dial_all(places.found, limit=timeout)
    for attempt in attempts:
        if attempt.socket is not None:
            attempt.socket.close()
    facts = _facts(attempts)
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts, attempts),
        raw="\n".join(
            f"{a.address.text}: {a.error or 'connected'}, {a.milliseconds:g} ms" for a in attempts
        ),
        command=command,
    )


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a server that refused takes connections when it is given some seconds."""

    listens: bool | None = None
    """It took a connection before the wait was over."""
    seconds: float | None = None
    """Until it did, or how long was waited."""


@probe(
    "tcp.later", kind="connection", facts=Later, deadline=8,
    touches="a connection every half second, for six seconds at most",
)  # fmt: skip
def later(*, server: Server, patience: float = 6.0) -> Sighting:
    """Connect again and again until the server takes a connection, or until time is over."""
    addresses = addresses_of(server, limit=1.0)
    if not addresses.found:
        return Sighting(status="absent", facts=Later(), reading=one_line(addresses.reason))
    begin = time.monotonic()
    while True:
        attempts = dial_all(addresses.found, limit=1.0)
        for attempt in attempts:
            if attempt.socket is not None:
                attempt.socket.close()
        listens = any(attempt.outcome == "connected" for attempt in attempts)
        waited = round(time.monotonic() - begin, 1)
        if listens or waited >= patience:
            break
        time.sleep(_PAUSE)
    reading = f"{'connected' if listens else 'not connected'} after {waited:g} s"
    return Sighting(
        status="present", facts=Later(listens=listens, seconds=waited), reading=reading,
        command=_command(server),
    )  # fmt: skip


def _facts(attempts: list[Attempt]) -> Dial:
    connected = [a.address.text for a in attempts if a.outcome == "connected"]
    failures = [a for a in attempts if a.outcome != "connected"]
    milliseconds = max(a.milliseconds for a in attempts)
    if not failures:
        return Dial(outcome="connected", connected=connected, milliseconds=milliseconds)
    telling = _telling(failures)
    return Dial(
        outcome="mixed" if connected else telling.outcome,
        connected=connected,
        failed=[a.address.text for a in failures],
        failed_outcome=telling.outcome,
        milliseconds=milliseconds,
        errno=telling.errno,
        error=telling.error,
    )


def _telling(failures: list[Attempt]) -> Attempt:
    """The failure that says something about the server, before one of a missing address family."""
    reached = (a for a in failures if a.outcome not in ("no-route", "unreachable"))
    return next(reached, failures[0])


def _reading(facts: Dial, attempts: list[Attempt]) -> str:
    took = f"{facts.milliseconds:g} ms"
    if facts.outcome == "connected":
        count = f" to {len(attempts)} addresses" if len(attempts) > 1 else ""
        return f"connected{count} in {took}"
    if facts.outcome == "mixed":
        return f"{', '.join(facts.connected)} connects, {', '.join(facts.failed)} {facts.error}"
    if facts.outcome == "timed-out":
        return f"no answer in {took}"
    return f"{facts.error or facts.outcome} in {took}"


def _command(server: Server) -> str:
    if server.path is not None:
        return f"curl -sS -o /dev/null --unix-socket {shlex.quote(server.path)} http://localhost/"
    url = f"telnet://{url_host(server.host or '')}:{server.port or 80}"
    return f"curl -v --connect-timeout 2 {shlex.quote(url)} < /dev/null"


PROBES = (connect, later)
