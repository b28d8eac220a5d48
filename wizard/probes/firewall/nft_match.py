"""One match of nftables: the expression on its left, and the values that it may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wizard.probes.firewall import matches
from wizard.probes.firewall.packet import (
    Packet,
    Span,
    Test,
    Truth,
    all_of,
    any_of,
    never,
    opposite,
    unknowable,
)

Sets = Mapping[str, "list[Any] | None"]
"""Elements of the table's named sets and maps; None for one that packets may change."""

_OTHER_PROTOCOLS = frozenset(
    {"udp", "udplite", "sctp", "dccp", "esp", "ah", "comp", "igmp", "arp", "vlan", "gre"}
)


def match(value: dict[str, Any], sets: Sets) -> Test:
    """The test of one `match` statement."""
    operator, left, right = value.get("op"), value.get("left"), value.get("right")
    if operator not in ("==", "!=", "in", "<", ">", "<=", ">="):
        return unknowable
    if operator in ("<", ">", "<=", ">="):
        if not isinstance(right, int):
            return unknowable
        highest = (1 << 128) - 1
        spans = {
            "<": (0, right - 1),
            "<=": (0, right),
            ">": (right + 1, highest),
            ">=": (right, highest),
        }
        return equals(left, {"range": list(spans[operator])}, sets, "==")
    if operator == "!=":
        return _unequal(left, right, sets)
    return equals(left, right, sets, operator)


def _unequal(left: Any, right: Any, sets: Sets) -> Test:
    """Turned round, but for packets that do not have the field at all: they match neither way."""
    equal, has = equals(left, right, sets, "=="), has_field(left)
    return lambda packet: all_of((has(packet), opposite(equal)(packet)))


def has_field(left: Any) -> Test:
    """The packet has the field."""
    if isinstance(left, dict):
        if "&" in left:
            return has_field(left["&"][0])
        if "concat" in left:
            parts = [has_field(part) for part in left["concat"]]
            return lambda packet: all_of(part(packet) for part in parts)
        payload = left.get("payload")
        if isinstance(payload, dict):
            return PROTOCOLS.get(str(payload.get("protocol")), unknowable)
        header = left.get("exthdr")
        if isinstance(header, dict) and header.get("field"):
            return never
        meta = left.get("meta")
        if isinstance(meta, dict) and meta.get("key") in ("skuid", "skgid"):
            return matches.of_owner([(0, 0xFFFFFFFF)], negated=False, nobody=False)
    return lambda packet: True


PROTOCOLS: dict[str, Test] = {
    "tcp": matches.of_protocol("tcp"),
    "th": matches.of_protocol("tcp"),
    "ip": lambda packet: packet.family == 4,
    "ip6": lambda packet: packet.family == 6,
    "icmp": matches.of_protocol("icmp"),
    "icmpv6": matches.of_protocol("icmpv6"),
    **dict.fromkeys(_OTHER_PROTOCOLS, never),
}


def equals(left: Any, right: Any, sets: Sets, operator: str) -> Test:
    """The test that the packet's field is the value, or one of the set's."""
    elements = elements_of(right, sets)
    if elements is None:
        return unknowable
    has = has_field(left)
    if key_of(left) == "flags" and operator == "in":  # any of them is set
        tests = [_flag_set(name) for name in elements]
    elif key_of(left) in ("flags", "&") and isinstance(right, list):  # exactly these are set
        tests = [_one(left, right, sets)]
    else:
        tests = [_one(left, element, sets) for element in elements]

    def test(packet: Packet) -> Truth:
        present = has(packet)
        if present is False:
            return False
        return all_of((present, any_of(one(packet) for one in tests)))

    return test


def elements_of(right: Any, sets: Sets) -> list[Any] | None:
    """The values on the right side, of a set its elements; None for a set that packets change."""
    if isinstance(right, str) and right.startswith("@"):
        return sets.get(right[1:])
    if isinstance(right, dict) and "set" in right:
        inner = right["set"]
        return [bare(element) for element in (inner if isinstance(inner, list) else [inner])]
    return right if isinstance(right, list) else [right]


def bare(element: Any) -> Any:
    """An element without its timeout, counter and comment."""
    if isinstance(element, dict) and "elem" in element:
        return element["elem"].get("val")
    return element


def key_of(left: Any) -> str:
    """What the left side is called in the table of fields: `dport`, `meta mark`, `concat`."""
    if not isinstance(left, dict):
        return ""
    if "payload" in left:
        return str(left["payload"].get("field", ""))
    for kind in ("meta", "ct"):
        if kind in left:
            return f"{kind} {left[kind].get('key')}"
    return next(iter(left), "")


def _flag_set(name: Any) -> Test:
    return matches.of_flags(frozenset({str(name)}), frozenset({str(name)}))


def _one(left: Any, value: Any, sets: Sets) -> Test:
    """The test for one field and one value, range or prefix."""
    key = key_of(left)
    if key == "concat":
        return _concatenated(left["concat"], value, sets)
    if key == "&":
        return _masked(left["&"], value)
    make = _FIELDS.get(key)
    if make is not None and (not isinstance(left, dict) or _is_modelled(left)):
        try:
            return make(value)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return unknowable
    if key == "fib":
        return _routing(left["fib"], value)
    return unknowable


def _is_modelled(left: dict[str, Any]) -> bool:
    payload = left.get("payload")
    return payload is None or payload.get("protocol") in PROTOCOLS


def _concatenated(fields: list[Any], value: Any, sets: Sets) -> Test:
    values = value.get("concat") if isinstance(value, dict) else None
    if not isinstance(values, list) or len(values) != len(fields):
        return unknowable
    tests = [equals(field, part, sets, "==") for field, part in zip(fields, values, strict=True)]
    return lambda packet: all_of(test(packet) for test in tests)


def _masked(parts: list[Any], value: Any) -> Test:
    field, mask = parts
    key = key_of(field)
    if key == "flags":
        return matches.of_flags(_names(mask), _names(value))
    if key in ("meta mark", "ct mark") and isinstance(mask, int) and isinstance(value, int):
        return matches.of_mark(value, mask, of_connection=key == "ct mark")
    return unknowable


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, dict) and "|" in value:
        return frozenset().union(*(_names(part) for part in value["|"]))
    if value == 0:
        return frozenset()
    return frozenset(map(str, value if isinstance(value, list) else [value]))


def _address_span(value: Any) -> list[Span]:
    if isinstance(value, dict) and "prefix" in value:
        prefix = value["prefix"]
        found = matches.network_span(f"{prefix['addr']}/{prefix['len']}")
    elif isinstance(value, dict):
        low, high = value["range"]
        return [(matches.address(low)[1], matches.address(high)[1])]
    else:
        found = matches.network_span(value)
    if found is None:
        raise ValueError(value)
    return [found[1]]


def _number_span(value: Any) -> list[Span]:
    low, high = value["range"] if isinstance(value, dict) else (value, value)
    first, last = matches.port_number(low), matches.port_number(high)
    if first is None or last is None:
        raise ValueError(value)
    return [(first, last)]


def _user(value: Any) -> Test:
    if isinstance(value, str) and not value.isdigit():
        import pwd

        value = pwd.getpwnam(value).pw_uid
    return matches.of_owner(_number_span(value), negated=False, nobody=False)


def _mark(of_connection: bool) -> Callable[[Any], Test]:
    def make(value: Any) -> Test:
        number = int(value, 0) if isinstance(value, str) else int(value)
        return matches.of_mark(number, 0xFFFFFFFF, of_connection=of_connection)

    return make


def _family(value: Any) -> Test:
    wanted = {"ipv4": 4, "ip": 4, "ipv6": 6, "ip6": 6}.get(str(value))
    return lambda packet: packet.family == wanted


def _status(value: Any) -> Test:
    if value not in ("dnat", "snat"):
        return unknowable
    return lambda packet: value in packet.translated


def _device_type(incoming: bool) -> Callable[[Any], Test]:
    def make(value: Any) -> Test:
        if value != "loopback":
            return unknowable
        return lambda packet: (packet.iif if incoming else packet.oif) == "lo"

    return make


_FIELDS: dict[str, Callable[[Any], Test]] = {
    "saddr": lambda value: matches.of_source(_address_span(value)),
    "daddr": lambda value: matches.of_target(_address_span(value)),
    "dport": lambda value: matches.of_target_port(_number_span(value)),
    "sport": lambda value: matches.of_source_port(_number_span(value)),
    "protocol": lambda value: matches.of_protocol(str(value)),
    "nexthdr": lambda value: matches.of_protocol(str(value)),
    "version": lambda value: lambda packet: packet.family == value,
    "flags": lambda value: matches.of_flags(
        frozenset({"fin", "syn", "rst", "psh", "ack", "urg"}), _names(value)
    ),
    "type": lambda value: matches.of_icmp_type(str(value)),
    "meta l4proto": lambda value: matches.of_protocol(str(value)),
    "meta nfproto": _family,
    "meta protocol": _family,
    "meta iif": lambda value: matches.of_device(True, value, "*"),
    "meta iifname": lambda value: matches.of_device(True, value, "*"),
    "meta oif": lambda value: matches.of_device(False, value, "*"),
    "meta oifname": lambda value: matches.of_device(False, value, "*"),
    "meta iiftype": _device_type(True),
    "meta oiftype": _device_type(False),
    "meta skuid": _user,
    "meta mark": _mark(False),
    "ct mark": _mark(True),
    "ct state": lambda value: matches.of_state(frozenset({str(value)})),
    "ct direction": lambda value: lambda packet: packet.reply == (value == "reply"),
    "ct status": _status,
}


def _routing(fib: dict[str, Any], value: Any) -> Test:
    flags, result = set(fib.get("flags") or []), fib.get("result")
    if result == "type" and flags in ({"daddr"}, {"saddr"}):
        return matches.of_address_type("saddr" in flags, frozenset({str(value)}))
    if result == "oif" and "saddr" in flags and value is False:
        # The check for a way back. An answer is taken to come by the device that was asked.
        return never
    return unknowable
