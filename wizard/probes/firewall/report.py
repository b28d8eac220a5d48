"""From judgements to the sighting: the worst address decides, its rule is shown."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec.structs import asdict, replace

from wizard.model.evidence import Sighting
from wizard.model.text import clean, one_line
from wizard.probes.firewall import Filter, firewalld, ufw
from wizard.probes.firewall.advice import Tool, advise, direction_of
from wizard.probes.firewall.judgement import Judgement, judge
from wizard.probes.firewall.kept import kept
from wizard.probes.firewall.sources import Rules
from wizard.probes.firewall.way import Stop

_WORST_FIRST = ("drop", "reject", None, "accept")


def reported(
    rules: Rules,
    addresses: Sequence[tuple[Literal[4, 6], int]],
    port: int,
    owner: Callable[[], int | None],
) -> Sighting:
    """Judge each address and tell the worst.

    Raises:
        OSError: the kernel could not be asked for a route.
    """
    judged = [(judge(rules.tables, address, port, owner), address) for address in addresses]
    judgement, address = min(judged, key=lambda pair: _WORST_FIRST.index(pair[0].verdict))
    unsure = [text for other, _ in judged if other.verdict is None for text in other.unsure]
    verdict = judgement.verdict
    if verdict == "accept" and rules.unread:
        verdict = None
    if verdict is None:
        unsure += rules.unread
    facts = _facts(judgement, verdict, address, [clean(text) for text in unsure], rules)
    if verdict in ("drop", "reject") and owner():
        of_root = judge(rules.tables, address, port, lambda: 0)
        facts = replace(facts, root_passes=of_root.verdict == "accept")
    facts = _counted(facts, judgement, rules)
    if not rules.tables and not rules.programs and rules.unread:
        return Sighting(
            status="unreadable",
            facts=facts,
            reading="packet filter not readable",
            command="nft -a list ruleset",
            reason="; ".join(rules.unread),
            remedy="sudo apt-get install nftables iptables",
        )
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts, rules),
        raw=rules.text,
        command=_command(facts, rules),
    )


def _facts(
    judgement: Judgement,
    verdict: Literal["accept", "drop", "reject"] | None,
    address: tuple[Literal[4, 6], int],
    unsure: list[str],
    rules: Rules,
) -> Filter:
    make = ipaddress.IPv4Address if address[0] == 4 else ipaddress.IPv6Address
    told = str(make(address[1]))
    stop = judgement.stop
    if stop is None:
        return Filter(
            verdict=verdict,
            tool=_tool_in_use(rules),
            unsure=list(dict.fromkeys(unsure)),
            address=told,
        )
    end = stop.end
    return replace(
        _remedies(stop, rules),
        verdict=verdict,
        rule=clean(end.rule.text),
        chain=clean(str(end.rule.place)),
        reject_with=end.verdict.reject_with,
        packets=end.rule.packets,
        direction=direction_of(stop),
        unsure=list(dict.fromkeys(unsure)),
        address=told,
    )


def _remedies(stop: Stop, rules: Rules) -> Filter:
    """What may be done about the rule, as facts."""
    advice = advise(stop, stop.end, rules.tables)
    place = kept(stop.end.rule) if advice.tool in ("iptables", "nft") else None
    return Filter(
        delete_rule=_told(advice.delete_rule),
        restore_rule=_told(advice.restore_rule),
        allow_rule=_told(advice.allow_rule),
        forbid_rule=_told(advice.forbid_rule),
        allow_always=_told(advice.allow_always),
        forbid_always=_told(advice.forbid_always),
        tool=advice.tool,
        kept_file=place.file if place else None,
        kept_line=place.line if place else None,
    )


def _told(command: str | None) -> str | None:
    return None if command is None else clean(command)


_COUNTS = re.compile(
    r"-m (?:connlimit|hashlimit|limit|recent)\b|\bct count\b|\blimit rate\b|\bf2b-|fail2ban"
)
_STOPS = re.compile(r"-j (?:DROP|REJECT)\b|\b(?:drop|reject)\b")


def _counted(facts: Filter, judgement: Judgement, rules: Rules) -> Filter:
    """With the rule that counts, and what may be done about it where it alone is in doubt."""
    rule = _counting(facts)
    facts = replace(facts, counting_rule=rule)
    stop = next((each for each in judgement.doubts if clean(each.end.rule.text) == rule), None)
    if stop is None or facts.rule is not None:
        return facts
    remedies = asdict(_remedies(stop, rules))
    return replace(facts, **{name: value for name, value in remedies.items() if value})


def _counting(facts: Filter) -> str | None:
    """The first rule among those that decide which counts and stops."""
    deciding = [f"{facts.rule} {facts.chain or ''}"] if facts.rule else []
    found = next(
        (
            text
            for text in [*deciding, *facts.unsure]
            if _COUNTS.search(text) and _STOPS.search(text)
        ),
        None,
    )
    return facts.rule if found is not None and deciding == [found] else found


def _tool_in_use(rules: Rules) -> Tool | None:
    if ufw.runs(rules.tables):
        return "ufw"
    if firewalld.runs(rules.tables):
        return "firewalld"
    if any(program.startswith("ip") for program in rules.programs):
        return "iptables"
    return "nft" if rules.programs else None


def _reading(facts: Filter, rules: Rules) -> str:
    if facts.verdict is None:
        first = one_line(facts.unsure[0], 40) if facts.unsure else "the rules"
        return f"cannot be judged: {first}"
    if facts.verdict == "accept":
        return "passes"
    does = "dropped" if facts.verdict == "drop" else "rejected"
    counted = f" ({facts.packets} packets)" if facts.packets is not None else ""
    return one_line(f"{does} by {facts.rule}{counted}", 110)


def _command(facts: Filter, rules: Rules) -> str:
    commands = []
    for program in dict.fromkeys(rules.programs):
        if facts.tool == "nft" and facts.rule and program != "nft":
            continue
        if facts.tool not in ("nft", "firewalld", None) and program == "nft":
            continue
        commands.append(
            "nft -a list ruleset" if program == "nft" else f"{program} -L -n -v --line-numbers"
        )
    return "; ".join(commands) or "iptables -L -n -v --line-numbers; nft -a list ruleset"
