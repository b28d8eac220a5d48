"""allow and deny: whether a plain request is refused."""

from __future__ import annotations

import ipaddress

from wizard.proxies.nginx.config import Directive
from wizard.proxies.nginx.levels import Levels
from wizard.proxies.nginx.variables import Request


def denying(levels: Levels, request: Request) -> Directive | None:
    """The `deny` that refuses a client on this host; a rule that others meet is a doubt."""
    rules: list[Directive] = []
    for block in reversed(levels.blocks):
        rules = [each for each in block.directives if each.name in ("allow", "deny")]
        if rules:
            break
    if not rules:
        return None
    if levels.value("satisfy", "all") == "any":
        request.doubt(f"satisfy any at {levels.place('satisfy')}")
        return None
    if rules[0].name == "deny" and rules[0].args[:1] == ["all"]:
        return rules[0]
    request.doubt(f"allow and deny at {rules[0].place} depend on the client's address")
    for rule in rules:
        if rule.args and _covers_loopback(rule.args[0]):
            return rule if rule.name == "deny" else None
    return None


def _covers_loopback(written: str) -> bool:
    if written == "all":
        return True
    try:
        network = ipaddress.ip_network(written, strict=False)
    except ValueError:
        return False
    return ipaddress.ip_address("127.0.0.1" if network.version == 4 else "::1") in network
