"""ufw: its chains, and its own commands for a rule in them."""

from __future__ import annotations

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


def delete_rule(rule: Rule) -> str | None:
    """The `ufw delete` for a rule that a person gave to ufw; None for ufw's own rules."""
    try:
        with open(_FILES[rule.place.family], encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except (OSError, KeyError):
        return None
    wanted = _essence(rule.text)
    told: list[str] = []
    for line in lines:
        if line.startswith("### tuple ###"):
            told = line.split()[3:]
        elif line.startswith("-A ") and told and _essence(line) == wanted:
            return _deletion(told)
    return None


def _essence(text: str) -> frozenset[str]:
    """The rule's words without those that only one of its two writers uses."""
    words = [w for w in tokens(text) if w not in ("-m", "tcp", "udp", "multiport")]
    return frozenset(w.removesuffix("/32").removesuffix("/128") for w in words)


def _deletion(told: list[str]) -> str | None:
    """From `deny tcp 5432 10.0.0.5 any 0.0.0.0/0 out`; application profiles are left alone."""
    told = [word for word in told if not word.startswith("comment=")]
    if len(told) != 7:
        return None
    action, protocol, port, target, source_port, source, way = told
    direction, _, device = way.partition("_")
    words = ["ufw", "delete", *action.split("_")[:1], direction]
    if device:
        words += ["on", device]
    if protocol != "any":
        words += ["proto", protocol]
    words += ["from", _host(source), *(["port", source_port] if source_port != "any" else [])]
    words += ["to", _host(target), *(["port", port] if port != "any" else [])]
    return " ".join(words)


def _host(text: str) -> str:
    return "any" if text in ("0.0.0.0/0", "::/0") else text


def allow_rule(direction: str, address: str, port: int, device: str) -> str:
    """The ufw command that lets a connection pass, before all rules given so far."""
    way = f"in on {device}" if direction == "in" else "out"
    return f"ufw prepend allow {way} proto tcp to {address} port {port}"
