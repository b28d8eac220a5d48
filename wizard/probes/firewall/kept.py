"""Where a rule is loaded from at boot: a rule that is only taken away comes back with the file.

/etc/iptables is netfilter-persistent's (Debian) and OpenRC's, /etc/sysconfig is that of Fedora's
iptables-services and nftables; /etc/nftables.conf is Debian's, Arch's and Alpine's (.nft there).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.model.route import Place
from wizard.probes.firewall.iptables import tokens
from wizard.probes.firewall.rules import Rule

_FILES = {
    ("iptables", "ip"): (
        "/etc/iptables/rules.v4", "/etc/sysconfig/iptables", "/etc/iptables/rules-save",
        "/etc/iptables/iptables.rules",
    ),
    ("iptables", "ip6"): (
        "/etc/iptables/rules.v6", "/etc/sysconfig/ip6tables", "/etc/iptables/rules6-save",
        "/etc/iptables/ip6tables.rules",
    ),
}  # fmt: skip
_NFT_FILES = ("/etc/nftables.conf", "/etc/nftables.nft", "/etc/sysconfig/nftables.conf")
_COUNTER = re.compile(r"^\[\d+:\d+\] |\bcounter(?: packets \d+ bytes \d+)?|[\",]")
_LARGEST = 1024 * 1024


def kept(rule: Rule) -> Place | None:
    """The line of a file that has the rule; None where none has it, or several lines do."""
    place = rule.place
    files = _NFT_FILES if place.tool == "nft" else _FILES.get((place.tool, place.family), ())
    wanted = _essence(rule.text)
    for path in files:
        found = [number for number, text in _rules(path, place.table) if _essence(text) == wanted]
        if len(found) == 1:
            return Place(path, found[0])
    return None


def _rules(path: str, table: str) -> Iterator[tuple[int, str]]:
    """The lines of the table, with their numbers."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(_LARGEST)
    except OSError:
        return
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if opened := re.match(r"\*(\S+)|\s*table (?:\w+ )?(\S+)", line):
            here = opened[1] or opened[2]
        elif here == table:
            yield number, line


def _essence(text: str) -> list[str]:
    """The rule's words without counters and quotes, which a file need not have."""
    return tokens(_COUNTER.sub(" ", text).strip())
