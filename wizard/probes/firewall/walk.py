"""One packet through one hooked chain and all that it jumps to.

A rule that may or may not match splits the way: what it would do is noted as possible and the
walk goes on. The ends that come out are all that can happen to the packet in this chain.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wizard.probes.firewall.packet import Packet, Truth
from wizard.probes.firewall.rules import Base, Change, Choice, Rule, Table, Translate, Verdict

_DEPTH = 40


class End(msgspec.Struct, frozen=True):
    """One thing that can happen to the packet: accepted, dropped, rejected, or not known."""

    verdict: Verdict
    rule: Rule
    base: Base
    packet: Packet
    """The packet as the rule sees it."""
    certain: bool


class Walk(msgspec.Struct):
    """The walk through one hooked chain; `ends` and `packet` are its result."""

    table: Table
    base: Base
    packet: Packet
    translate: Callable[[Packet, Translate], Packet]
    ends: list[End] = []
    doubts: list[Rule] = []
    """Rules that would have decided but for a test that cannot be judged."""
    has_translated: bool = False

    def run(self) -> Walk:
        """Walk until no way is left open; what comes out at the bottom meets the policy."""
        alive = self._chain(self.base.place.chain, True, 0)
        if alive is not False:
            policy = self.base.policy.steps[0]
            if isinstance(policy, Verdict):
                self._end(policy, self.base.policy, alive)
        return self

    def _end(self, verdict: Verdict, rule: Rule, hit: Truth) -> None:
        self.ends.append(End(verdict, rule, self.base, self.packet, hit is True))

    def _chain(self, name: str, alive: Truth, depth: int) -> Truth:
        """Whether the packet comes out at the chain's end (or by `return`)."""
        rules = self.table.chains.get(name)
        if rules is None or depth > _DEPTH:
            return None
        returned: Truth = False
        for rule in rules:
            alive, left = self._rule(rule, alive, depth)
            returned = True if left is True else returned if left is False else returned or None
            if alive is False:
                break
        if returned is True or alive is True:
            return True
        return None if returned is None or alive is None else False

    def _rule(self, rule: Rule, alive: Truth, depth: int) -> tuple[Truth, Truth]:
        """Whether the packet goes on to the next rule, and whether it leaves the chain here."""
        hit = alive
        doubted = False
        for step in rule.steps:
            if isinstance(step, Verdict):
                return self._verdict(step, rule, hit, doubted, depth)
            if isinstance(step, Choice):
                return self._choice(step.pick(self.packet), rule, alive, hit, doubted, depth)
            if isinstance(step, Change):
                self.packet = step.apply(self.packet, hit is True)
            elif isinstance(step, Translate):
                return self._translate(step, rule, hit, doubted)
            else:
                answer = step(self.packet)
                if answer is False:
                    return alive, False
                if answer is None:
                    hit, doubted = None, True
        return alive, False

    def _verdict(
        self, verdict: Verdict, rule: Rule, hit: Truth, doubted: bool, depth: int
    ) -> tuple[Truth, Truth]:
        ends_before = len(self.ends)
        goes_on: Truth = False
        leaves: Truth = False
        if verdict.kind == "return":
            leaves = hit
        elif verdict.kind == "jump":
            goes_on = self._chain(verdict.chain, hit, depth + 1)
        elif verdict.kind == "goto":
            leaves = self._chain(verdict.chain, hit, depth + 1)
        else:
            self._end(verdict, rule, hit)
        decides = leaves is not False or len(self.ends) > ends_before
        if verdict.kind == "unknown" or (doubted and decides):
            self.doubts.append(rule)
        return (None if doubted else goes_on), leaves

    def _choice(
        self,
        entries: list[tuple[Truth, Verdict]],
        rule: Rule,
        alive: Truth,
        hit: Truth,
        doubted: bool,
        depth: int,
    ) -> tuple[Truth, Truth]:
        leaves: Truth = False
        for has_key, verdict in entries:
            if has_key:
                return self._verdict(verdict, rule, hit, doubted, depth)
        possible = [verdict for has_key, verdict in entries if has_key is None]
        for verdict in possible:
            if self._verdict(verdict, rule, None, True, depth)[1] is not False:
                leaves = None
        return (None if possible else alive), leaves

    def _translate(
        self, step: Translate, rule: Rule, hit: Truth, doubted: bool
    ) -> tuple[Truth, Truth]:
        if hit is True and step.known:
            self.packet = self.translate(self.packet, step)
            self.has_translated = True
            self._end(Verdict("accept"), rule, hit)
            return False, False
        self._end(Verdict("unknown"), rule, hit)
        self.doubts.append(rule)
        return (None if doubted else False), False
