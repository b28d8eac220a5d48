"""The rules that `nft -j -a list ruleset` prints, with their text from `nft -a list ruleset`.

Tables that iptables-nft keeps are in the same listing, but matches of its own kind are opaque
there. For such a rule the line of `iptables-save` at the same place is taken. The other way
round would be wrong: iptables-save prints what nft wrote into its tables without the parts that
it cannot express.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from wizard.probes.firewall.nft_match import Sets
from wizard.probes.firewall.nft_rule import steps
from wizard.probes.firewall.rules import Base, Hook, Place, Rule, Table, Verdict

_HOOKS: dict[str, Hook] = {
    "output": "output",
    "postrouting": "postrouting",
    "egress": "egress",
    "ingress": "ingress",
    "prerouting": "prerouting",
    "input": "input",
}
_CHAIN = re.compile(r"^\tchain (\S+) \{")
_TABLE = re.compile(r"^table (\S+) (\S+) \{")
_DEVICES = re.compile(r"^\t\ttype .* hook \S+ devices? (.*) priority ")
_HANDLE = re.compile(r"^\t\t(.*) # handle (\d+)$")


class Listing(msgspec.Struct):
    """What only the text listing tells, or tells in the words of the person who wrote it."""

    rules: dict[tuple[str, str, int], str] = {}
    """The text of each rule by family, table and handle."""
    devices: dict[tuple[str, str, str], frozenset[str]] = {}
    """The devices that a chain is hooked to; some versions leave them out of the JSON."""
    asleep: set[tuple[str, str]] = set()
    """Tables that are switched off; nft 1.0.6 prints noise for it in the JSON."""


def listing_of(text: str) -> Listing:
    """The text listing, by lines."""
    found = Listing()
    family = table = chain = ""
    for line in text.splitlines():
        if opened := _TABLE.match(line):
            family, table = opened.groups()
        elif line.startswith("\tflags ") and "dormant" in line:
            found.asleep.add((family, table))
        elif line.startswith("\t") and not line.startswith("\t\t"):
            named = _CHAIN.match(line)
            chain = named.group(1) if named else ""
        elif chain and (hooked := _DEVICES.match(line)):
            names = re.findall(r"[^\s,{}\"=]+", hooked.group(1))
            found.devices[family, table, chain] = frozenset(names)
        elif chain and (rule := _HANDLE.match(line)):
            found.rules[family, table, int(rule.group(2))] = " ".join(rule.group(1).split())
    return found


def parse(raw: bytes, listing: str, saved: Sequence[Table] = ()) -> list[Table]:
    """All tables of the ruleset; `saved` are those that iptables-save prints of it.

    Raises:
        ValueError: it is not what `nft -j` prints.
    """
    try:
        objects = msgspec.json.decode(raw)["nftables"]
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error
    printed = listing_of(listing)
    twins = {(table.family, table.name): table for table in saved}
    tables: dict[tuple[str, str], Table] = {}
    sets: dict[tuple[str, str], dict[str, list[Any] | None]] = {}
    waiting: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for told in objects:
        ((kind, value),) = told.items()
        if kind == "table":
            key = value["family"], value["name"]
            tables[key] = Table("nft", *key)
            sets[key] = {}
        elif kind == "chain":
            key = value["family"], value["table"]
            _add_chain(tables[key], value, twins.get(key), printed)
        elif kind in ("set", "map"):
            sets[value["family"], value["table"]][value["name"]] = _known_elements(value)
        elif kind == "rule":
            waiting.setdefault((value["family"], value["table"], value["chain"]), []).append(value)
    for (family, name, chain), rules in waiting.items():
        table = tables[family, name]
        twin_table = twins.get((family, name))
        beside = twin_table.chains.get(chain) if twin_table else None
        if beside is not None and len(beside) != len(rules):
            beside = None
        for index, value in enumerate(rules):
            twin = beside[index] if beside else None
            table.chains[chain].append(_rule(value, twin, sets[family, name], printed))
    return [table for key, table in tables.items() if key not in printed.asleep]


def has_iptables(raw: bytes) -> bool:
    """Some of it is kept by iptables-nft, so that iptables-save is needed to read it."""
    return b'"xt"' in raw or any(
        b'"name": "%s"' % name in raw
        for name in (b"INPUT", b"OUTPUT", b"PREROUTING", b"POSTROUTING")
    )


def _known_elements(value: dict[str, Any]) -> list[Any] | None:
    if "dynamic" in (value.get("flags") or ()):
        return None
    elements = value.get("elem") or []
    return [
        element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element
        for element in elements
    ]


def _add_chain(table: Table, value: dict[str, Any], twin: Table | None, printed: Listing) -> None:
    name = value["name"]
    table.chains[name] = []
    hook = _HOOKS.get(value.get("hook", ""))
    if hook is None:
        return
    policy = value.get("policy", "accept")
    place = Place("nft", "nft", table.family, table.name, name)
    verdict = Verdict("drop" if policy == "drop" else "accept")
    rule = Rule(f"policy {policy}", place, lambda: (verdict,), is_policy=True)
    for base in twin.bases if twin else ():
        if base.place.chain == name:
            rule = base.policy
    devices = printed.devices.get((table.family, table.name, name), frozenset())
    table.bases.append(
        Base(hook, value.get("prio", 0), value.get("type", "filter"), rule, place, devices)
    )


def _rule(
    value: dict[str, Any],
    twin: Rule | None,
    sets: Sets,
    printed: Listing,
) -> Rule:
    expressions = value.get("expr") or []
    place = Place("nft", "nft", value["family"], value["table"], value["chain"])
    packets = next(
        (
            told["counter"].get("packets")
            for told in expressions
            if isinstance(told, dict) and isinstance(told.get("counter"), dict)
        ),
        None,
    )
    handle = value["handle"]
    text = printed.rules.get((value["family"], value["table"], handle), f"handle {handle}")
    foreign = any(isinstance(told, dict) and "xt" in told for told in expressions)
    if twin is not None and foreign:
        return Rule(twin.text, twin.place, lambda: twin.steps, packets=packets)
    if twin is not None and packets is not None and not _speaks_only_nft(expressions):
        text, place = twin.text, twin.place
    return Rule(text, place, partial(steps, expressions, sets), packets=packets, handle=handle)


def _speaks_only_nft(expressions: list[Any]) -> bool:
    """Iptables could not have written this rule: sets, maps and field lists are nft's own."""
    for told in expressions:
        ((kind, value),) = told.items()
        if kind == "vmap":
            return True
        if kind == "match":
            right, left = value.get("right"), value.get("left")
            named = isinstance(right, str) and right.startswith("@")
            if named or (isinstance(right, dict) and "set" in right) or "concat" in left:
                return True
    return False
