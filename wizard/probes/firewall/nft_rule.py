"""One rule of nftables: the statements of `nft -j` as tests, effects and verdicts."""

from __future__ import annotations

from typing import Any, Literal

from msgspec.structs import replace

from wizard.probes.firewall.iptables_rule import endpoint, untrack
from wizard.probes.firewall.nft_match import (
    PROTOCOLS,
    Sets,
    bare,
    elements_of,
    equals,
    has_field,
    key_of,
    match,
)
from wizard.probes.firewall.packet import Packet, Test, Truth, unknowable
from wizard.probes.firewall.rules import Change, Choice, Step, Translate, Verdict

_PASSING = frozenset(
    {"counter", "log", "dup", "secmark", "last", "flow", "ct helper", "add map", "continue"}
)
_XT_PASSING = frozenset({"LOG", "NFLOG", "MARK", "CONNMARK", "TCPMSS", "CT", "SET", "TRACE"})


def steps(expressions: list[Any], sets: Sets) -> tuple[Step, ...]:
    """The rule's statements in order."""
    made: list[Step] = []
    for expression in expressions:
        if not isinstance(expression, dict) or len(expression) != 1:
            made.append(unknowable)
            continue
        ((kind, value),) = expression.items()
        made += _statement(kind, value, sets)
    return tuple(made)


def _statement(kind: str, value: Any, sets: Sets) -> list[Step]:
    if kind == "match":
        return [match(value, sets)]
    if kind in _PASSING:
        return []
    verdict = _verdict(kind, value)
    if verdict is not None:
        return [*_implied(verdict), verdict]
    if kind == "vmap":
        return [_choice(value, sets)]
    if kind == "mangle":
        return [_mangle(value)]
    if kind == "notrack":
        return [Change(untrack)]
    if kind in ("dnat", "snat", "redirect", "masquerade"):
        return [_translation(kind, value if isinstance(value, dict) else {})]
    if kind == "set" and isinstance(value, dict) and not value.get("stmt"):
        return []
    if kind == "xt":
        return _foreign(value)
    if kind in ("queue", "tproxy", "synproxy", "fwd"):
        return [Verdict("unknown")]
    return [unknowable]


def _verdict(kind: str, value: Any) -> Verdict | None:
    if kind == "accept":
        return Verdict("accept")
    if kind == "drop":
        return Verdict("drop")
    if kind == "return":
        return Verdict("return")
    if kind == "jump":
        return Verdict("jump", chain=str(value["target"]))
    if kind == "goto":
        return Verdict("goto", chain=str(value["target"]))
    if kind == "reject":
        told = value if isinstance(value, dict) else {}
        parts = [str(told[key]) for key in ("type", "expr") if key in told]
        return Verdict("reject", reject_with=" ".join(parts) or "icmpx port-unreachable")
    return None


def _implied(verdict: Verdict) -> list[Step]:
    """The test that nft puts before a refusal of one protocol, and does not print."""
    kind = (verdict.reject_with or "").partition(" ")[0]
    name = {"tcp": "tcp", "icmp": "ip", "icmpv6": "ip6"}.get(kind)
    return [PROTOCOLS[name]] if name else []


def _foreign(value: Any) -> list[Step]:
    """An expression of iptables that nft cannot read."""
    told = value if isinstance(value, dict) else {}
    if told.get("type") == "match":
        return [] if told.get("name") == "comment" else [unknowable]
    if told.get("name") == "REJECT":
        return [Verdict("reject", reject_with="icmp port-unreachable")]
    if told.get("name") in _XT_PASSING:
        return []
    return [Verdict("unknown")]


def _choice(value: dict[str, Any], sets: Sets) -> Step:
    left, data = value.get("key"), value.get("data")
    pairs = elements_of(data, sets)
    if pairs is None:
        return Verdict("unknown")
    entries: list[tuple[Test, Verdict]] = []
    for pair in pairs:
        key, told = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        key = bare(key)
        made = _verdict(*next(iter(told.items()))) if isinstance(told, dict) and told else None
        test = has_field(left) if key == "*" else equals(left, key, sets, "==")
        entries.append((test if key is not None else unknowable, made or Verdict("unknown")))

    def pick(packet: Packet) -> list[tuple[Truth, Verdict]]:
        return [(test(packet), verdict) for test, verdict in entries]

    return Choice(pick)


def _mangle(value: dict[str, Any]) -> Change:
    key, new = key_of(value.get("key")), value.get("value")
    number = new if isinstance(new, int) else None

    def apply(packet: Packet, certain: bool) -> Packet:
        if key == "meta mark":
            return replace(packet, mark=number if certain else None)
        if key == "ct mark":
            return replace(packet, connection_mark=number if certain else None)
        return packet

    return Change(apply)


def _translation(kind: str, value: dict[str, Any]) -> Translate:
    side: Literal["source", "target"] = "target" if kind in ("dnat", "redirect") else "source"
    host, port = value.get("addr"), value.get("port")
    if not isinstance(host, (str, type(None))) or not isinstance(port, (int, type(None))):
        return Translate(side, known=False)
    if kind in ("redirect", "masquerade"):
        return Translate(side, address=0, port=(port, port) if port else None)
    made = endpoint(host or "", side, 6 if ":" in (host or "") else 4)
    if host and ":" in host:
        made = endpoint(f"[{host}]", side, 6)
    return replace(made, port=(port, port)) if port else made
