"""ufw: its chains, and its own commands for a rule in them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from wizard.probes.firewall.iptables import tokens
from wizard.probes.firewall.rules import Rule, Table

_FILES = {"ip": "/etc/ufw/user.rules", "ip6": "/etc/ufw/user6.rules"}


def keeps(rule: Rule) -> bool:
    """The rule is ufw's: it stands in one of its chains."""
    return rule.place.chain.startswith(("ufw-", "ufw6-"))


def runs(tables: Iterable[Table]) -> bool:
    """The firewall in force is ufw's."""
    return any("ufw-user-input" in t.chains or "ufw6-user-input" in t.chains for t in tables)


def rule_commands(rule: Rule) -> tuple[str | None, str | None]:
    """The commands that take away a rule that a person gave to ufw, and put it back at its place.

    None for ufw's own rules. ufw counts the rules of IPv4 first, then those of IPv6.
    """
    given = {family: _given(family) for family in _FILES}
    own = given.get(rule.place.family, [])
    wanted = _essence(rule.text)
    at = next((n for n, (_, lines) in enumerate(own) if wanted in lines), None)
    words = _words(own[at][0]) if at is not None else None
    if at is None or words is None:
        return None, None
    is_last = at == len(own) - 1
    number = at + 1 + (len(given["ip"]) if rule.place.family == "ip6" else 0)
    place = [] if is_last else ["insert", str(number)]
    return shlex.join(["ufw", "delete", *words]), shlex.join(["ufw", *place, *words])


def _given(family: str) -> list[tuple[list[str], list[frozenset[str]]]]:
    """What ufw was told, in order: each with the words of the rules that it made of it."""
    try:
        with open(_FILES[family], encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    found: list[tuple[list[str], list[frozenset[str]]]] = []
    for line in lines:
        if line.startswith("### tuple ###"):
            found.append((line.split()[3:], []))
        elif line.startswith("-A ") and found:
            found[-1][1].append(_essence(line))
    return found


def _essence(text: str) -> frozenset[str]:
    """The rule's words without those that only one of its two writers uses."""
    words = [w for w in tokens(text) if w not in ("-m", "tcp", "udp", "multiport")]
    return frozenset(w.removesuffix("/32").removesuffix("/128") for w in words)


def _words(told: list[str]) -> list[str] | None:
    """From `deny tcp 5432 10.0.0.5 any 0.0.0.0/0 out`; application profiles are left alone."""
    told = [word for word in told if not word.startswith("comment=")]
    if len(told) != 7:
        return None
    action, protocol, port, target, source_port, source, way = told
    direction, _, device = way.partition("_")
    words = [*action.split("_")[:1], direction]
    if device:
        words += ["on", device]
    if protocol != "any":
        words += ["proto", protocol]
    words += ["from", _host(source), *(["port", source_port] if source_port != "any" else [])]
    words += ["to", _host(target), *(["port", port] if port != "any" else [])]
    return words


def _host(text: str) -> str:
    return "any" if text in ("0.0.0.0/0", "::/0") else text


def pass_commands(rule: Rule, direction: str, address: str, port: int) -> tuple[str, str]:
    """The commands that let a connection pass before all rules given so far, and take that back.

    A rule that differs by its action alone cannot stand beside: ufw changes it where it stands.
    """
    way = ["in", "on", "lo"] if direction == "in" else ["out"]
    passing = [*way, "proto", "tcp", "from", "any", "to", address, "port", str(port)]
    given = _given(rule.place.family)
    wanted = _essence(rule.text)
    told = next((_words(told) for told, lines in given if wanted in lines), None)
    if told is not None and told[1:] == passing:
        return shlex.join(["ufw", "allow", *passing]), shlex.join(["ufw", *told])
    allow = shlex.join(["allow", *(each for each in passing if each not in ("from", "any"))])
    return f"ufw prepend {allow}", f"ufw delete {allow}"
