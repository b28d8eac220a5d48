"""One rule of iptables: its words as tests and a verdict.

What a word means is looked up by option. A module or option that is not known here makes a test
that cannot be judged, never one that is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec.structs import replace

from wizard.probes.firewall import matches
from wizard.probes.firewall.packet import (
    Packet,
    Span,
    Test,
    mixed_mark,
    never,
    opposite,
    unknowable,
)
from wizard.probes.firewall.rules import Change, Step, Translate, Verdict

_JUDGED = frozenset(
    {
        "tcp", "udp", "icmp", "icmp6", "multiport", "state", "conntrack", "owner", "comment",
        "mark", "connmark", "addrtype", "iprange", "rpfilter",
    }
)  # fmt: skip
_OTHER_HEADERS = frozenset({"rt", "frag", "hbh", "dst", "ah", "esp", "mh"})
"""Modules for headers that a plain TCP packet does not have: ufw's first IPv6 rule is of them."""
_PASSING_TARGETS = frozenset(
    {
        "LOG", "NFLOG", "ULOG", "TRACE", "AUDIT", "TCPMSS", "TOS", "DSCP", "TTL", "HL", "CLASSIFY",
        "SET", "SECMARK", "CONNSECMARK", "CHECKSUM", "TCPOPTSTRIP", "RATEEST", "LED", "IDLETIMER",
        "ECN",
    }
)  # fmt: skip
_WITHOUT_VALUE = frozenset(
    {"--socket-exists", "--syn", "--limit-iface-in", "--limit-iface-out", "--loose", "--validmark",
     "--accept-local", "--invert", "--suppl-groups"}
)  # fmt: skip
_ALL_PORTS = (0, 65535)


def steps(words: Sequence[str], family: Literal[4, 6], chains: frozenset[str]) -> tuple[Step, ...]:
    """The rule's tests in order, then what it does. `words` start after `-A CHAIN`."""
    made: list[Step] = []
    negated = False
    module = ""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "!":
            negated = True
            continue
        if word in ("-j", "-g"):
            return (*made, *_target(word, list(words[at:]), family, chains))
        values = _values(words, at, word)
        at += len(values)
        if word == "-m":
            module = values[0] if values else ""
            if module in _OTHER_HEADERS:
                made.append(never)
            elif module not in _JUDGED:
                made.append(unknowable)
            elif module == "rpfilter" and "--invert" in words:
                made.append(never)
            continue
        if module in _JUDGED or word[1:2] != "-":
            test = _test(word, values, negated, family, module)
            made.append(opposite(test) if negated and word not in _NEGATES_ITSELF else test)
        negated = False
    return tuple(made)


_NEGATES_ITSELF = frozenset({"--uid-owner"})


def _values(words: Sequence[str], at: int, word: str) -> Sequence[str]:
    if word in _WITHOUT_VALUE:
        return ()
    count = 2 if word == "--tcp-flags" else 1
    end = at
    while end < len(words) and end - at < count and not _is_option(words[end]):
        end += 1
    return words[at:end]


def _is_option(word: str) -> bool:
    return word == "!" or (len(word) > 1 and word[0] == "-" and not word[1:].isdigit())


def _test(
    word: str, values: Sequence[str], negated: bool, family: Literal[4, 6], module: str
) -> Test:
    make = _OPTIONS.get(word)
    if word == "--uid-owner" and values:
        spans = _user_spans(values[0])
        if spans is None:
            return unknowable
        return matches.of_owner(spans, negated=negated, nobody=negated)
    if word in ("--mark",) and values:
        value, mask = _mark(values[0])
        return matches.of_mark(value, mask, of_connection=module == "connmark")
    if word == "--comment" or (module == "rpfilter" and word in _WITHOUT_VALUE):
        return opposite(never)
    if make is None or not values:
        return unknowable
    try:
        return make(values)
    except (ValueError, IndexError):
        return unknowable


def _user_spans(text: str) -> list[Span] | None:
    low, _, high = text.partition("-")
    if low.isdigit() and (high.isdigit() or not high):
        return [(int(low), int(high or low))]
    return None


def _mark(text: str) -> tuple[int, int]:
    value, _, mask = text.partition("/")
    return int(value, 0), int(mask, 0) if mask else 0xFFFFFFFF


def _network(values: Sequence[str], make: Callable[[Sequence[Span]], Test]) -> Test:
    spans = []
    for text in values[0].split(","):
        found = matches.network_span(text)
        if found is None:
            return unknowable
        spans.append(found[1])
    return make(spans)


def _addresses(values: Sequence[str], make: Callable[[Sequence[Span]], Test]) -> Test:
    low, _, high = values[0].partition("-")
    return make([(matches.address(low)[1], matches.address(high or low)[1])])


def _ports(values: Sequence[str], make: Callable[[Sequence[Span]], Test]) -> Test:
    spans = []
    for part in values[0].split(","):
        low, colon, high = part.partition(":")
        first = matches.port_number(low or "0")
        last = matches.port_number((high or "65535") if colon else low)
        if first is None or last is None:
            return unknowable
        spans.append((first, last))
    return make(spans)


def _either_port(spans: Sequence[Span]) -> Test:
    to, of = matches.of_target_port(spans), matches.of_source_port(spans)
    return lambda packet: to(packet) or of(packet)


def _flags(values: Sequence[str]) -> Test:
    mask, wanted = (
        frozenset() if part == "NONE" else frozenset(part.lower().split(","))
        for part in (values[0], values[1])
    )
    every = frozenset({"fin", "syn", "rst", "psh", "ack", "urg"})
    return matches.of_flags(every if "all" in mask else mask, every if "all" in wanted else wanted)


def _direction(values: Sequence[str]) -> Test:
    reply = values[0].lower() == "reply"
    return lambda packet: packet.reply == reply


def _of_names(values: Sequence[str]) -> frozenset[str]:
    return frozenset(values[0].lower().split(","))


_OPTIONS: dict[str, Callable[[Sequence[str]], Test]] = {
    "-s": lambda values: _network(values, matches.of_source),
    "-d": lambda values: _network(values, matches.of_target),
    "-p": lambda values: matches.of_protocol(values[0]),
    "-i": lambda values: matches.of_device(True, values[0], "+"),
    "-o": lambda values: matches.of_device(False, values[0], "+"),
    "--dport": lambda values: _ports(values, matches.of_target_port),
    "--sport": lambda values: _ports(values, matches.of_source_port),
    "--dports": lambda values: _ports(values, matches.of_target_port),
    "--sports": lambda values: _ports(values, matches.of_source_port),
    "--ports": lambda values: _ports(values, _either_port),
    "--tcp-flags": _flags,
    "--state": lambda values: matches.of_state(_of_names(values)),
    "--ctstate": lambda values: matches.of_state(_of_names(values)),
    "--ctdir": _direction,
    "--ctproto": lambda values: matches.of_protocol(values[0]),
    "--src-range": lambda values: _addresses(values, matches.of_source),
    "--dst-range": lambda values: _addresses(values, matches.of_target),
    "--src-type": lambda values: matches.of_address_type(True, _of_names(values)),
    "--dst-type": lambda values: matches.of_address_type(False, _of_names(values)),
    "--icmp-type": lambda values: matches.of_icmp_type(values[0]),
    "--icmpv6-type": lambda values: matches.of_icmp_type(values[0]),
}


def _target(
    word: str, words: list[str], family: Literal[4, 6], chains: frozenset[str]
) -> tuple[Step, ...]:
    name = words[0] if words else ""
    options = dict(zip(words[1::2], words[2::2], strict=False))
    if name in ("ACCEPT", "DROP", "RETURN"):
        kinds: dict[str, Literal["accept", "drop", "return"]] = {
            "ACCEPT": "accept",
            "DROP": "drop",
            "RETURN": "return",
        }
        return (Verdict(kinds[name]),)
    if name == "REJECT":
        default = "icmp-port-unreachable" if family == 4 else "icmp6-port-unreachable"
        return (Verdict("reject", reject_with=options.get("--reject-with", default)),)
    if name in chains:
        return (Verdict("goto" if word == "-g" else "jump", chain=name),)
    if name in ("DNAT", "SNAT", "REDIRECT", "MASQUERADE"):
        return (_translation(name, options, family),)
    if name in ("MARK", "CONNMARK"):
        return (_marking(name, words[1:], options),)
    if name == "NOTRACK" or (name == "CT" and "--notrack" in words):
        return (Change(untrack),)
    return () if name in _PASSING_TARGETS or name == "CT" else (Verdict("unknown"),)


def untrack(packet: Packet, certain: bool) -> Packet:
    """Connection tracking leaves this packet alone."""
    return replace(packet, untracked=True if certain else packet.untracked or None)


def _translation(name: str, options: dict[str, str], family: Literal[4, 6]) -> Translate:
    if name == "MASQUERADE":
        return Translate("source", address=0)
    if name == "REDIRECT":
        port = options.get("--to-ports", "")
        if port and not port.isdigit():
            return Translate("target", known=False)
        return Translate("target", address=0, port=(int(port), int(port)) if port else None)
    where = options.get("--to-destination" if name == "DNAT" else "--to-source", "")
    side: Literal["source", "target"] = "target" if name == "DNAT" else "source"
    return endpoint(where, side, family)


def endpoint(where: str, side: Literal["source", "target"], family: Literal[4, 6]) -> Translate:
    """The translation to `127.0.0.1:8080`, `[::1]:80`, `10.0.0.1` or `:8080`."""
    host, port = where, ""
    if family == 6 and where.startswith("["):
        host, _, port = where[1:].partition("]")
        port = port.lstrip(":")
    elif family == 4 and ":" in where:
        host, _, port = where.partition(":")
    try:
        number = matches.address(host)[1] if host else None
        span = (int(port), int(port)) if port else None
    except ValueError:
        return Translate(side, known=False)
    return Translate(side, address=number, port=span)


def _marking(name: str, words: list[str], options: dict[str, str]) -> Change:
    of_connection = name == "CONNMARK"
    text = options.get("--set-xmark") or options.get("--set-mark")
    value, mask = _mark(text) if text else (0, 0)

    def apply(packet: Packet, certain: bool) -> Packet:
        if "--restore-mark" in words:
            known = certain and packet.connection_mark == packet.mark
            return packet if known else replace(packet, mark=None)
        old = packet.connection_mark if of_connection else packet.mark
        new = mixed_mark(old, value, mask) if text and certain else None
        return replace(packet, connection_mark=new) if of_connection else replace(packet, mark=new)

    return Change(apply)
