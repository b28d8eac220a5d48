"""Which way the kernel sends the proxy's packets, and the route or rule that refuses them."""

from __future__ import annotations

import pwd
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from wizard.model.command_line import CommandLine
from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import one_line
from wizard.probes.addresses import addresses_of
from wizard.probes.declare import probe
from wizard.probes.firewall.matches import address as address_number
from wizard.probes.firewall.matches import network_span
from wizard.probes.network.iproute import Refusal, family_option, listed, refusal_in

_MOST_ADDRESSES = 4
_REFUSING = ("prohibit", "blackhole", "unreachable", "throw")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The route that a new connection of the proxy's user takes."""

    kind: Literal["local", "unicast", "prohibit", "blackhole", "unreachable", "missing"] | None = (
        None
    )
    """`prohibit`, `blackhole`, `unreachable`: a route or rule of this type refuses, with error 13,
    22 or 113. `missing`: no route fits (101)."""
    address: str | None = None
    device: str | None = None
    gateway: str | None = None
    next_hop: str | None = None
    """The machine on the same link that gets the packet: the gateway, or the server itself."""
    source: str | None = None
    via: CommandLine | None = None
    """Device and gateway as `ip route` takes them: `via 10.0.0.1 dev eth0`."""
    refused_by: str | None = None
    """The route or rule that refuses, as `ip` takes it: `prohibit 10.6.0.0/16 table 100`."""
    delete: CommandLine | None = None
    """The command that would take it away, without sudo."""
    restore: CommandLine | None = None
    """The command that puts it back."""
    for_user: str | None = None
    """Set when only this user's packets are refused, not root's."""
    own_networks: list[str] = []
    """The networks that this host has routes to, without the local table; at most 20."""


@probe("net.route", kind="config", facts=Way)
def route(*, server: Server, user: str | None = None) -> Sighting:
    """Ask the routing tables for each address of the server, as the proxy's user."""
    if server.host is None:
        return Sighting(status="absent", facts=Way(), reading="no packet: a unix socket")
    found = addresses_of(server, limit=1.0)
    if not found.found:
        return Sighting(
            status="unreadable", facts=Way(), reading=f"{server.host} has no address",
            reason=found.reason, remedy=f"getent ahosts {shlex.quote(server.host)}",
        )  # fmt: skip
    uid = _uid(user)
    ways = []
    for address in found.found[:_MOST_ADDRESSES]:
        way = _way(address.host, uid, user)
        if way is None:
            return _not_asked(address.host)
        ways.append(way)
    passable = [way for way in ways if way.kind in ("local", "unicast")]
    # One refused family of several does not stop a proxy that tries the next address.
    worst = (passable or ways)[0]
    return Sighting(
        status="present",
        facts=worst,
        reading=_reading(worst),
        raw="\n".join(_reading(way) for way in ways),
        command=f"ip route get {worst.address}{_as_user(uid)}; ip rule",
    )


def _way(address: str, uid: int | None, user: str | None) -> Way | None:
    family = family_option(address)
    told = listed([family, "route", "get", address, *_as_user(uid).split()])
    if told is None:
        return None
    objects, complaint = told
    if objects:
        return open_way(address, objects[0])
    kind = refusal_in(complaint)
    if kind is None:
        return None
    way = _refused(address, kind, uid)
    if uid:
        of_root = listed([family, "route", "get", address])
        if of_root and of_root[0]:
            way = msgspec.structs.replace(way, for_user=user)
    return way


def open_way(address: str, entry: Mapping[str, Any]) -> Way:
    """From what `ip -j route get` tells of an address that can be reached."""
    gateway = entry.get("gateway") or (entry.get("via") or {}).get("host")
    local = entry.get("type") == "local"
    leaves = f"dev {shlex.quote(str(entry.get('dev')))}"
    return Way(
        kind="local" if local else "unicast",
        address=address,
        device=entry.get("dev"),
        gateway=gateway,
        next_hop=None if local else gateway or address,
        source=entry.get("prefsrc"),
        via=None if local else f"via {gateway} {leaves}" if gateway else leaves,
    )


def _refused(address: str, kind: Refusal, uid: int | None) -> Way:
    """The refusal with the rule or the route that gives it, where one is found."""
    family = family_option(address)
    rules, _ = listed([family, "rule"]) or ([], "")
    routes, _ = listed([family, "route", "show", "table", "all"]) or ([], "")
    networks = [
        str(each["dst"])
        for each in routes
        if each.get("table") in (None, "main") and "dev" in each and "dst" in each
    ]
    way = Way(kind=kind, address=address, own_networks=networks[:20])
    rule = refusing_rule(rules, address, uid)
    if rule is not None:
        return msgspec.structs.replace(
            way,
            kind=rule["action"],
            refused_by=f"rule {_rule_words(rule)}",
            delete=f"ip {family} rule del {_rule_words(rule)}",
            restore=f"ip {family} rule add {_rule_words(rule)}",
        )
    entry = refusing_route(routes, address, kind)
    if entry is None:
        return way
    words = _route_words(entry)
    return msgspec.structs.replace(
        way,
        refused_by=words,
        delete=f"ip {family} route del {words}",
        restore=f"ip {family} route add {words}",
    )


def refusing_rule(
    rules: Iterable[Mapping[str, Any]], address: str, uid: int | None
) -> Mapping[str, Any] | None:
    """The first rule that itself refuses what goes to the address.

    Rules with conditions that are not modelled here (a mark, a source, a device) are left out.
    """
    for rule in rules:
        if rule.get("action") not in _REFUSING[:3] or rule.get("src", "all") != "all":
            continue
        if {"fwmark", "iif", "oif", "ipproto", "sport", "dport", "not"} & rule.keys():
            continue
        if "uid_start" in rule and not rule["uid_start"] <= (uid or 0) <= rule.get("uid_end", 0):
            continue
        if _covers(_network(rule.get("dst", "all"), rule.get("dstlen")), address):
            return rule
    return None


def refusing_route(
    routes: Iterable[Mapping[str, Any]], address: str, kind: Refusal
) -> Mapping[str, Any] | None:
    """The most specific route of this type that covers the address."""
    fitting = [
        each
        for each in routes
        if each.get("type") == kind and _covers(str(each.get("dst", "default")), address)
    ]
    return max(fitting, key=lambda each: _length(str(each.get("dst", "default"))), default=None)


def _network(destination: str, length: int | None) -> str:
    return f"{destination}/{length}" if length is not None else destination


def _covers(network: str, address: str) -> bool:
    if network in ("all", "default"):
        return True
    span = network_span(network)
    family, number = address_number(address)
    return span is not None and span[0] == family and span[1][0] <= number <= span[1][1]


def _length(network: str) -> int:
    """The prefix length; a single address is longer than any network."""
    length = network.partition("/")[2]
    return 0 if network == "default" else int(length) if length.isdigit() else 128


def _rule_words(rule: Mapping[str, Any]) -> str:
    words = [f"pref {rule.get('priority', 0)}"]
    if "uid_start" in rule:
        words.append(f"uidrange {rule['uid_start']}-{rule['uid_end']}")
    if rule.get("dst", "all") != "all":
        words.append(f"to {_network(rule['dst'], rule.get('dstlen'))}")
    return " ".join([*words, str(rule["action"])])


def _route_words(entry: Mapping[str, Any]) -> str:
    words = [str(entry["type"]), str(entry.get("dst", "default"))]
    for name in ("table", "metric"):
        if entry.get(name):
            words += [name, str(entry[name])]
    return " ".join(words)


def _as_user(uid: int | None) -> str:
    return f" uid {uid}" if uid else ""


def _uid(user: str | None) -> int | None:
    if user is None or user.isdigit():
        return None if user is None else int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return None


def _reading(way: Way) -> str:
    if way.kind == "local":
        return f"{way.address} is this host's own"
    if way.kind == "unicast":
        via = f" via {way.gateway}" if way.gateway else ""
        return f"{way.address} goes out by {way.device}{via}"
    if way.kind == "missing" and not way.refused_by:
        return f"no route leads to {way.address}"
    by = f" by {way.refused_by}" if way.refused_by else ""
    whom = f" for {way.for_user} alone" if way.for_user else ""
    return one_line(f"{way.address} is refused{by}{whom}", 110)


def _not_asked(address: str) -> Sighting:
    return Sighting(
        status="unreadable",
        facts=Way(),
        reading="the routing tables could not be asked",
        command=f"ip route get {address}",
        reason="`ip` (iproute2) is not installed or gave no answer",
        remedy=f"ip route get {address}; ip rule; ip route show table all",
    )
