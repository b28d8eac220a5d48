"""Names: what the system and what the proxy's own resolver say."""

from __future__ import annotations

import re
import shlex
import threading
import time
from typing import TYPE_CHECKING, Literal

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.model.text import one_line
from wizard.probes.addresses import Address, Addresses, is_literal, look_up
from wizard.probes.declare import probe
from wizard.probes.durations import took
from wizard.probes.importing import one_at_a_time

if TYPE_CHECKING:
    from wizard.probes.name_server import Answer

NameOutcome = Literal["literal", "resolved", "not-found", "failed", "refused", "timed-out"]
"""`failed`: server failure or no server reachable; `literal`: nothing to resolve."""

_SYSTEM_SERVERS = 3
"""The C library asks no more of them: MAXNS in resolv.h."""
_SYSTEM_SERVER_SECONDS = 1.0
_PORT = re.compile(r"(?P<host>.*?)(?::(?P<port>\d+))?$")


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """Answers for one name."""

    name: str | None = None
    outcome: NameOutcome | None = None
    """Through the system (hosts file, resolv.conf)."""
    addresses: list[str] = []
    families: list[str] = []
    """`ipv4`, `ipv6`, in the order in which the system gives them."""
    resolver_outcome: NameOutcome | None = None
    """Through the proxy's own resolver; None where the route has none. With several resolvers
    `resolved` when one of them answers: proxies ask them in turn."""
    used: list[str] | None = None
    """The addresses that the proxy uses, where it asks its own resolver for each request; None
    where it takes what the system says, or where its resolver gives none."""
    resolver_addresses: list[str] = []
    resolver_asked: list[str] = []
    resolver_failed: list[str] = []
    """Resolvers that gave no address, and how: `127.0.0.1:5353 SERVFAIL`."""
    dns_server: str | None = None
    """The first name server of resolv.conf that knows the name, as a proxy would write it; None
    where only the hosts file does."""
    seconds: float | None = None
    """Through the system."""


@probe("dns.resolve", kind="names", facts=Name, deadline=7, touches="DNS queries for the name")
def resolve(*, server: Server, route: Route, timeout: float = 3.0) -> Sighting:
    """Resolve the server's host through the system and through the proxy's resolver."""
    host = server.host
    if host is None or is_literal(host):
        family = ["ipv6" if ":" in host else "ipv4"] if host else []
        facts = Name(
            name=host, outcome="literal", addresses=[host] if host else [], families=family
        )
        return Sighting(
            status="present", facts=facts, reading=f"{host or 'a unix socket'} needs no resolving"
        )
    own: list[Answer] = []
    asking: threading.Thread | None = None
    if route.resolver:
        # A list that the thread fills at the end: when it is late, what it would have said is lost.
        asking = threading.Thread(
            target=lambda: own.extend(_ask_own(route.resolver, host, timeout)), daemon=True
        )
        asking.start()
    knowing: list[str] = []
    also = threading.Thread(target=lambda: knowing.extend(_knowing(host)), daemon=True)
    also.start()
    began = time.perf_counter()
    system = look_up(host, server.port or 80, limit=timeout)
    seconds = time.perf_counter() - began
    if asking is not None:
        asking.join(max(0.0, began + 2 * timeout - time.perf_counter()))
    also.join(max(0.0, began + _SYSTEM_SERVER_SECONDS - time.perf_counter()))
    facts = _facts(host, system, seconds, own, route)
    facts = msgspec.structs.replace(facts, dns_server=knowing[0] if knowing else None)
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        raw=_raw(facts, system),
        command=_command(host, route),
    )


def _ask_own(resolvers: list[str], host: str, timeout: float) -> list[Answer]:
    from wizard.probes.name_server import ask_all

    with one_at_a_time:
        from dns.exception import DNSException

    types = ("A",) if "ipv6=off" in resolvers else ("A", "AAAA")
    places = [place for text in resolvers for place in _places(text, timeout / 2)]
    try:
        return ask_all(places, f"{host.rstrip('.')}.", types, timeout)
    except (DNSException, UnicodeError):
        return []


def _knowing(host: str) -> list[str]:
    """The name servers that the system asks (resolv.conf(5)) and that know the name."""
    try:
        with open("/etc/resolv.conf", encoding="utf-8", errors="replace") as file:
            words = [line.split() for line in file]
    except OSError:
        return []
    servers = [each[1] for each in words if len(each) > 1 and each[0] == "nameserver"]
    written = [f"[{each}]" if ":" in each else each for each in servers if "%" not in each]
    answers = _ask_own(written[:_SYSTEM_SERVERS], host, _SYSTEM_SERVER_SECONDS)
    return [
        text for text, answer in zip(written, answers, strict=False) if answer.outcome == "resolved"
    ]


def _places(text: str, limit: float) -> tuple[Address, ...]:
    """`127.0.0.1:5353`, `[::1]`, `::1`, `dns.internal`; options (`valid=10s`) are no place."""
    if "=" in text:
        return ()
    if is_literal(text):
        return look_up(text, 53, limit=limit).found
    match = _PORT.match(text)
    host, port = (match["host"], match["port"]) if match else (text, None)
    return look_up(host.strip("[]"), int(port or 53), limit=limit).found


def _facts(host: str, system: Addresses, seconds: float, own: list[Answer], route: Route) -> Name:
    outcome: NameOutcome | None = None
    if route.resolver:
        told = sorted(own, key=lambda answer: answer.outcome != "resolved")
        outcome = told[0].outcome if told else "failed"
    addresses = [address.host for address in system.found]
    given = list(dict.fromkeys(a for answer in own for a in answer.addresses))
    return Name(
        name=one_line(host),
        outcome="resolved" if addresses else system.failure or "failed",
        addresses=addresses,
        families=list(dict.fromkeys("ipv6" if ":" in a else "ipv4" for a in addresses)),
        resolver_outcome=outcome,
        used=given if given and route.pass_has_variable else None,
        resolver_addresses=given,
        resolver_asked=[answer.server.text for answer in own],
        resolver_failed=[
            one_line(f"{answer.server.text} {answer.code or answer.outcome}")
            for answer in own
            if answer.outcome != "resolved"
        ],
        seconds=round(seconds, 4),
    )


def _reading(facts: Name) -> str:
    said = ", ".join(facts.addresses[:3]) or f"{(facts.outcome or '').replace('-', ' ')}"
    system = f"{one_line(facts.name or '', 40)}: {said} after {took(facts.seconds or 0)}"
    if facts.resolver_outcome is None:
        return system
    own = ", ".join(facts.resolver_addresses[:3]) or facts.resolver_outcome.replace("-", " ")
    return f"{system}; its resolver: {own}"


def _raw(facts: Name, system: Addresses) -> str:
    lines = [f"system: {' '.join(facts.addresses) or system.reason or facts.outcome}"]
    if facts.resolver_asked:
        asked = ", ".join(facts.resolver_asked)
        lines.append(f"asked {asked}: {' '.join(facts.resolver_addresses) or 'no address'}")
        lines += facts.resolver_failed
    return one_line("\n".join(lines), 4000) if len(lines) == 1 else "\n".join(lines)


def _command(host: str, route: Route) -> str:
    commands = [f"getent ahosts {shlex.quote(host)}"]
    for text in route.resolver[:1]:
        match = _PORT.match(text)
        if "=" in text or match is None:
            continue
        server, port = (text, None) if is_literal(text) else (match["host"], match["port"])
        at = shlex.quote("@" + server.strip("[]"))
        commands.append(f"dig {at}{f' -p {port}' if port else ''} {shlex.quote(host)}")
    return "; ".join(commands)


PROBES = (resolve,)
