"""The commands about the rule that stops a connection: take it away, or let this packet pass.

Each comes with the command that takes it back: a rule is put again where it stood.
"""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Sequence
from typing import Literal

import msgspec

from wizard.probes.firewall import firewalld, ufw
from wizard.probes.firewall.hooks import LEAVING
from wizard.probes.firewall.iptables import tokens
from wizard.probes.firewall.rules import Base, Rule, Table
from wizard.probes.firewall.walk import End
from wizard.probes.firewall.way import Stop

Tool = Literal["iptables", "nft", "ufw", "firewalld"]
Direction = Literal["out", "in", "reply"]


class Advice(msgspec.Struct, frozen=True):
    """Commands without sudo; None where the tool has none."""

    tool: Tool
    delete_rule: str | None = None
    restore_rule: str | None = None
    """Puts the deleted rule back at its place."""
    allow_rule: str | None = None
    forbid_rule: str | None = None
    """Takes the allowance back."""
    allow_always: str | None = None
    """The allowance, kept over a restart; None where the tool keeps what it is told, or nothing."""
    forbid_always: str | None = None


def direction_of(stop: Stop) -> Direction:
    """Whether the packet was stopped going out, coming in, or as an answer."""
    if stop.role in ("answer", "data"):
        return "reply"
    return "out" if stop.hook in LEAVING else "in"


def advise(stop: Stop, end: End, tables: Sequence[Table]) -> Advice:
    """What to do about the rule at which the connection ends."""
    direction, rule, base, packet = direction_of(stop), end.rule, end.base, end.packet
    make = ipaddress.IPv4Address if packet.family == 4 else ipaddress.IPv6Address
    server, ports = packet.target, packet.target_port
    if direction == "reply":
        server, ports = packet.source or 0, packet.source_port
    address, port = str(make(server)), ports[0]
    if ufw.keeps(rule) or (rule.is_policy and ufw.runs(tables) and rule.place.tool == "iptables"):
        return _by_ufw(rule, direction, address, port)
    if firewalld.keeps(rule):
        allow = firewalld.allow_rule(rule, direction, packet.family, address, port)
        return _by_firewalld(allow)
    if rule.place.tool == "iptables":
        delete, restore = _iptables_rule(rule, _beside(rule, tables))
        allow, forbid = _iptables_pass(rule, base, direction, address, port)
        return Advice("iptables", delete, restore, allow, forbid)
    delete, restore = _nft_rule(rule, _beside(rule, tables))
    allow, forbid = _nft_pass(base, direction, packet.family, address, port)
    return Advice("nft", delete, restore, allow, forbid)


def _beside(rule: Rule, tables: Sequence[Table]) -> list[Rule]:
    """The rules of its chain, in order."""
    place = rule.place
    for table in tables:
        if (table.family, table.name) == (place.family, place.table):
            return table.chains.get(place.chain, [])
    return []


def _by_ufw(rule: Rule, direction: Direction, address: str, port: int) -> Advice:
    delete, restore = ufw.rule_commands(rule)
    if direction == "reply":
        return Advice("ufw", delete, restore)
    return Advice("ufw", delete, restore, *ufw.pass_commands(rule, direction, address, port))


def _by_firewalld(allow: str | None) -> Advice:
    if allow is None:
        return Advice("firewalld")
    forbid = allow.replace(" --add-", " --remove-", 1)
    return Advice(
        "firewalld",
        allow_rule=allow,
        forbid_rule=forbid,
        allow_always=_always(allow),
        forbid_always=_always(forbid),
    )


def _always(command: str) -> str:
    return command.replace("firewall-cmd ", "firewall-cmd --permanent ", 1)


def _iptables(rule: Rule) -> list[str]:
    table = [] if rule.place.table == "filter" else ["-t", rule.place.table]
    return [rule.place.program, *table]


def _iptables_rule(rule: Rule, beside: Sequence[Rule]) -> tuple[str | None, str | None]:
    """`-D` takes the first of several equal rules, so that is the place to put it back."""
    if rule.is_policy:
        return None, None
    chain, *words = tokens(rule.text)[1:]
    delete = shlex.join([*_iptables(rule), "-D", chain, *words])
    number = next((n for n, each in enumerate(beside, 1) if each.text == rule.text), None)
    if number is None:
        return delete, None
    return delete, shlex.join([*_iptables(rule), "-I", chain, str(number), *words])


def _iptables_pass(
    rule: Rule, base: Base, direction: str, address: str, port: int
) -> tuple[str, str]:
    words = ["-p", "tcp"]
    if direction == "reply":
        words += ["-s", address, "--sport", str(port)]
        if base.order > -200:
            words += ["-m", "conntrack", "--ctstate", "ESTABLISHED"]
    else:
        words += ["-d", address, "--dport", str(port)]
    words += ["-j", "ACCEPT"]
    tool, chain = _iptables(rule), base.place.chain
    return shlex.join([*tool, "-I", chain, "1", *words]), shlex.join([*tool, "-D", chain, *words])


def _nft_rule(rule: Rule, beside: Sequence[Rule]) -> tuple[str | None, str | None]:
    if rule.is_policy or rule.handle is None:
        return None, None
    chain = _nft_chain(rule)
    delete = f"nft delete rule {chain} handle {rule.handle}"
    at = next((n for n, each in enumerate(beside) if each.handle == rule.handle), None)
    if at is None or rule.text.startswith("handle "):
        return delete, None
    after = next((each.handle for each in beside[at + 1 :]), None)
    words = shlex.quote(rule.text)
    if after is None:
        return delete, f"nft add rule {chain} {words}"
    return delete, f"nft insert rule {chain} handle {after} {words}"


def _nft_chain(of: Rule | Base) -> str:
    return shlex.join([of.place.family, of.place.table, of.place.chain])


def _nft_pass(base: Base, direction: str, family: int, address: str, port: int) -> tuple[str, str]:
    """What is inserted is told its handle by nft alone, so the way back looks for it."""
    ip = "ip" if family == 4 else "ip6"
    match = f"{ip} daddr {address} tcp dport {port}"
    if direction == "reply":
        match = f"{ip} saddr {address} tcp sport {port}"
        if base.order > -200:
            match += " ct state established"
    chain = _nft_chain(base)
    own = f'grep -m1 -F "{match} accept # handle"'
    handle = f'nft -a list chain {chain} | {own} | grep -o "[0-9]*$"'
    forbid = f"nft delete rule {chain} handle $({handle})"
    return f"nft insert rule {chain} {match} accept", shlex.join(["sh", "-c", forbid])
