"""The commands about the rule that stops a connection: take it away, or let this packet pass."""

from __future__ import annotations

import ipaddress
import shlex
from typing import Literal

import msgspec

from wizard.probes.firewall import firewalld, ufw
from wizard.probes.firewall.hooks import LEAVING
from wizard.probes.firewall.rules import Base, Rule
from wizard.probes.firewall.walk import End
from wizard.probes.firewall.way import Stop

Tool = Literal["iptables", "nft", "ufw", "firewalld"]
Direction = Literal["out", "in", "reply"]


class Advice(msgspec.Struct, frozen=True):
    """Commands without sudo; None where the tool has none."""

    tool: Tool
    delete_rule: str | None
    allow_rule: str | None


def direction_of(stop: Stop) -> Direction:
    """Whether the packet was stopped going out, coming in, or as an answer."""
    if stop.role in ("answer", "data"):
        return "reply"
    return "out" if stop.hook in LEAVING else "in"


def advise(stop: Stop, end: End, *, ufw_runs: bool) -> Advice:
    """What to do about the rule at which the connection ends."""
    direction, rule, base, packet = direction_of(stop), end.rule, end.base, end.packet
    make = ipaddress.IPv4Address if packet.family == 4 else ipaddress.IPv6Address
    server, ports = packet.target, packet.target_port
    if direction == "reply":
        server, ports = packet.source or 0, packet.source_port
    address, port = str(make(server)), ports[0]
    if ufw.keeps(rule) or (rule.is_policy and ufw_runs and rule.place.tool == "iptables"):
        allow = None
        if direction != "reply":
            allow = ufw.allow_rule(direction, address, port, "lo")
        return Advice("ufw", ufw.delete_rule(rule), allow)
    if firewalld.keeps(rule):
        allow = firewalld.allow_rule(rule, direction, packet.family, address, port)
        return Advice("firewalld", None, allow)
    if rule.place.tool == "iptables":
        return Advice(
            "iptables",
            _iptables_delete(rule),
            _iptables_allow(rule, base, direction, address, port),
        )
    return Advice(
        "nft", _nft_delete(rule), _nft_allow(base, direction, packet.family, address, port)
    )


def _iptables(rule: Rule) -> list[str]:
    table = [] if rule.place.table == "filter" else ["-t", rule.place.table]
    return [rule.place.program, *table]


def _iptables_delete(rule: Rule) -> str | None:
    if rule.is_policy:
        return None
    words = _words(rule.text)
    return shlex.join([*_iptables(rule), "-D", *words[words[0] == "-A" :]])


def _words(text: str) -> list[str]:
    """The words of a rule as iptables-save prints it: only double quotes and backslashes quote."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.quotes, lexer.commenters = True, '"', ""
    return list(lexer)


def _iptables_allow(rule: Rule, base: Base, direction: str, address: str, port: int) -> str:
    words = [*_iptables(rule), "-I", base.place.chain, "1", "-p", "tcp"]
    if direction == "reply":
        words += ["-s", address, "--sport", str(port)]
        if base.order > -200:
            words += ["-m", "conntrack", "--ctstate", "ESTABLISHED"]
    else:
        words += ["-d", address, "--dport", str(port)]
    return " ".join([*words, "-j", "ACCEPT"])


def _nft_delete(rule: Rule) -> str | None:
    place = rule.place
    if rule.is_policy or rule.handle is None:
        return None
    at = shlex.join([place.family, place.table, place.chain])
    return f"nft delete rule {at} handle {rule.handle}"


def _nft_allow(base: Base, direction: str, family: int, address: str, port: int) -> str:
    place = base.place
    ip = "ip" if family == 4 else "ip6"
    match = f"{ip} daddr {address} tcp dport {port}"
    if direction == "reply":
        match = f"{ip} saddr {address} tcp sport {port}"
        if base.order > -200:
            match += " ct state established"
    at = shlex.join([place.family, place.table, place.chain])
    return f"nft insert rule {at} {match} accept"
