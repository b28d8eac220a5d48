"""The tests that all packet filters have in common, made from values that are already parsed."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from wizard.probes.firewall.packet import (
    NOBODY,
    Packet,
    Span,
    Test,
    Truth,
    among,
    never,
    unknowable,
    within,
)

_FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr", "ece")
_PORT_NAMES = {"http": 80, "https": 443, "ssh": 22, "domain": 53, "http-alt": 8080}


def address(text: str) -> tuple[int, int]:
    """An address's family and number.

    Raises:
        ValueError: it is not an address.
    """
    # A tenth of what the ipaddress module takes; ban lists hold thousands.
    version = 6 if ":" in text else 4
    try:
        packed = socket.inet_pton(socket.AF_INET6 if version == 6 else socket.AF_INET, text)
    except OSError as error:
        raise ValueError(text) from error
    return version, int.from_bytes(packed, "big")


def network_span(text: str) -> tuple[int, Span] | None:
    """The family and the range of addresses of `10.0.0.0/8`; None for what is not a prefix."""
    host, _, length = text.partition("/")
    try:
        version, number = address(host)
        bits = 128 if version == 6 else 32
        free = bits - (int(length) if length else bits)
    except ValueError:
        return None
    low = number >> free << free
    return version, (low, low | (1 << free) - 1)


def port_number(text: str | int) -> int | None:
    """A port as number; None for a name that is not known."""
    if isinstance(text, int):
        return text
    return int(text) if text.isdigit() else _PORT_NAMES.get(text)


def of_source(spans: Sequence[Span]) -> Test:
    """The source address lies in one of the ranges."""

    def test(packet: Packet) -> Truth:
        if packet.source is None:
            return None
        return within((packet.source, packet.source), spans)

    return test


def of_target(spans: Sequence[Span]) -> Test:
    """The destination address lies in one of the ranges."""
    return lambda packet: within((packet.target, packet.target), spans)


def of_target_port(spans: Sequence[Span]) -> Test:
    """The destination port lies in one of the ranges."""
    return lambda packet: packet.protocol == "tcp" and within(packet.target_port, spans)


def of_source_port(spans: Sequence[Span]) -> Test:
    """The source port lies in one of the ranges."""
    return lambda packet: packet.protocol == "tcp" and within(packet.source_port, spans)


def of_protocol(name: str) -> Test:
    """The transport protocol, by name or number."""
    if name in ("all", "0", "ip", "ipv6"):
        return lambda packet: True
    if name in ("tcp", "6"):
        return lambda packet: packet.protocol == "tcp"
    if name in ("icmp", "1"):
        return lambda packet: packet.protocol == "icmp" and packet.family == 4
    if name in ("ipv6-icmp", "icmpv6", "58"):
        return lambda packet: packet.protocol == "icmp" and packet.family == 6
    return never


def of_icmp_type(name: str) -> Test:
    """The type of an ICMP error. All that are sent here are `destination unreachable`."""
    kind, _, code = name.partition("/")

    def test(packet: Packet) -> Truth:
        if packet.protocol != "icmp":
            return False
        own = "3" if packet.family == 4 else "1"
        if kind not in (own, "any", "255", "destination-unreachable"):
            return None if not kind.isdigit() and kind.endswith("-unreachable") else False
        return None if code else True

    return test


def of_device(incoming: bool, name: str, wildcard: str) -> Test:
    """The device that it came in or goes out by; `wildcard` at the end matches any rest.

    Where a hook knows no device its name is empty, which no name equals.
    """
    if name.endswith(wildcard):
        start = name[: -len(wildcard)]
        return lambda packet: (packet.iif if incoming else packet.oif).startswith(start)
    return lambda packet: (packet.iif if incoming else packet.oif) == name


def of_state(states: frozenset[str]) -> Test:
    """The state of its connection is one of these."""
    virtual = states & {"snat", "dnat"}

    def test(packet: Packet) -> Truth:
        if virtual and packet.translated & virtual:
            return True
        return among(packet.states, states)

    return test


def of_flags(mask: frozenset[str], wanted: frozenset[str]) -> Test:
    """Of the TCP flags in `mask` exactly the `wanted` ones are set."""
    if not (mask | wanted) <= set(_FLAGS):
        return unknowable

    def test(packet: Packet) -> Truth:
        if packet.protocol != "tcp":
            return False
        certain = mask - {"psh"}
        if packet.flags & certain != wanted & certain:
            return False
        if "psh" not in mask:
            return True
        # Whether a data packet pushes is the sender's choice.
        return None if "psh?" in packet.flags else "psh" not in wanted

    return test


def of_owner(spans: Sequence[Span], *, negated: bool, nobody: bool) -> Test:
    """The user id of the sending socket; `nobody` is the answer for a packet without one."""

    def test(packet: Packet) -> Truth:
        owner = packet.owner()
        if owner is None:
            return None
        if owner == NOBODY:
            return nobody
        return (within((owner, owner), spans) is True) != negated

    return test


def of_mark(value: int, mask: int, *, of_connection: bool = False) -> Test:
    """The packet's (or its connection's) mark under the mask."""

    def test(packet: Packet) -> Truth:
        mark = packet.connection_mark if of_connection else packet.mark
        return None if mark is None else mark & mask == value

    return test


def of_address_type(source: bool, kinds: frozenset[str]) -> Test:
    """What the routing table calls the address: local (this host's) or unicast (another's)."""

    def test(packet: Packet) -> Truth:
        local = packet.source_local if source else packet.target_local
        return ("local" if local else "unicast") in kinds

    return test
