"""The rules that `iptables-save -c` and `ip6tables-save -c` print."""

from __future__ import annotations

import re
import shlex
from functools import partial
from typing import Literal

from wizard.probes.firewall.iptables_rule import steps
from wizard.probes.firewall.rules import Base, Hook, Place, Rule, Step, Table, Verdict

_HOOKS: dict[str, Hook] = {
    "OUTPUT": "output",
    "POSTROUTING": "postrouting",
    "PREROUTING": "prerouting",
    "INPUT": "input",
}
_PRIORITIES = {"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}
_COUNTED = re.compile(r"^\[(\d+):\d+\] ")


def tokens(line: str) -> list[str]:
    """The words of a rule as iptables-save prints it: only double quotes and backslashes quote."""
    if '"' not in line:
        return line.split()
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.quotes, lexer.commenters = True, '"', ""
    try:
        return list(lexer)
    except ValueError:
        return line.split()


def parse(text: str, program: str) -> list[Table]:
    """Tables with their rules, in order. `program` is what edits them: `iptables`, `ip6tables`."""
    family = "ip6" if program.startswith("ip6") else "ip"
    tables: list[Table] = []
    for line in text.splitlines():
        if line.startswith("*"):
            tables.append(Table("iptables", family, line[1:].strip()))
        elif not tables:
            continue
        elif line.startswith(":"):
            _add_chain(tables[-1], line, program)
        else:
            counted = _COUNTED.match(line)
            rule_text = line[counted.end() :] if counted else line
            if rule_text.startswith("-A "):
                packets = int(counted.group(1)) if counted else None
                _add_rule(tables[-1], rule_text, packets, program)
    return tables


def _add_chain(table: Table, line: str, program: str) -> None:
    words = line[1:].split()
    name, policy = words[0], words[1] if len(words) > 1 else "-"
    table.chains[name] = []
    if policy == "-" or name not in _HOOKS:
        return
    place = Place("iptables", program, table.family, table.name, name)
    packets = re.search(r"\[(\d+):", line)
    verdict = Verdict("accept" if policy == "ACCEPT" else "drop")
    rule = Rule(
        f"-P {name} {policy}",
        place,
        lambda: (verdict,),
        packets=int(packets.group(1)) if packets else None,
        is_policy=True,
    )
    kind = "nat" if table.name == "nat" else "filter"
    table.bases.append(Base(_HOOKS[name], _PRIORITIES.get(table.name, 0), kind, rule, place))


def _add_rule(table: Table, text: str, packets: int | None, program: str) -> None:
    chain = text.split(None, 2)[1]
    place = Place("iptables", program, table.family, table.name, chain)
    family: Literal[4, 6] = 6 if table.family == "ip6" else 4
    table.chains.setdefault(chain, []).append(
        Rule(text, place, partial(_compiled, text, family, table), packets=packets)
    )


def _compiled(text: str, family: Literal[4, 6], table: Table) -> tuple[Step, ...]:
    return steps(tokens(text)[2:], family, frozenset(table.chains))
