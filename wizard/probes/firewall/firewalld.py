"""firewalld: its tables and chains, and its own command to let a connection pass."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from wizard.probes.firewall.rules import Rule, Table

_POLICY = re.compile(r"^(?:filter_)?(?:IN|OUT)_policy_(.+?)_(?:pre|log|deny|allow|post)$")


def runs(tables: Iterable[Table]) -> bool:
    """The firewall in force is firewalld's."""
    return any(
        (table.tool == "nft" and table.name == "firewalld") or "INPUT_ZONES" in table.chains
        for table in tables
    )


def keeps(rule: Rule) -> bool:
    """The rule is firewalld's."""
    place = rule.place
    return (place.tool == "nft" and place.table == "firewalld") or bool(
        place.tool == "iptables" and re.match(r"(IN|OUT|FWDI|FWDO)_", place.chain)
    )


def allow_rule(rule: Rule, direction: str, family: int, address: str, port: int) -> str | None:
    """The firewall-cmd that lets a connection pass; None where its policy is not known."""
    if direction == "in":
        return f"firewall-cmd --add-port={port}/tcp"
    policy = _POLICY.match(rule.place.chain)
    if policy is None:
        return None
    rich = (
        f'rule priority="-100" family="ipv{family}" destination address="{address}" '
        f'port port="{port}" protocol="tcp" accept'
    )
    return f"firewall-cmd --policy={shlex.quote(policy.group(1))} --add-rich-rule='{rich}'"
