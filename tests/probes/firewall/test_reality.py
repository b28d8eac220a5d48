"""The verdict is what a real connection through the same rules comes to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.probes.firewall.arena import (
    Echo,
    Peer,
    felt,
    in_namespace,
    look,
    needs_namespaces,
    shell,
)
from tests.probes.firewall.cases import CASES, Case
from wizard.probes.firewall import Filter

pytestmark = needs_namespaces


@dataclass
class Played:
    facts: Filter
    felt: str


def play(case: Case) -> Played:
    def work() -> Played:
        with contextlib.ExitStack() as stack:
            stack.enter_context(Echo((3000, 3001), uid=case.listener_uid))
            if case.remote:
                stack.enter_context(Peer((3000, 3001)))
            shell(case.rules)
            facts = look(case.host, case.port, case.user)[1]
            return Played(facts, felt(case.host, case.port))

    played = in_namespace(work)
    assert isinstance(played, Played)
    return played


QUICK_WITH_LEGACY = (
    "drop-port", "reject-port", "owner-of-proxy", "policy-drop", "chain-goto", "redirect", "snat",
    "remote-rejected-out",
)  # fmt: skip


def parameter(case: Case) -> object:
    """The older variant of iptables is walked by the same code: few of its cases run always."""
    name = case.name.removeprefix("iptables-legacy-")
    slow = name != case.name and name not in QUICK_WITH_LEGACY
    return pytest.param(case, id=case.name, marks=[pytest.mark.slow] if slow else [])


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Played]]]:
    """All arenas, many at a time: most of the time they wait for a dropped packet's answer."""
    with ThreadPoolExecutor(20) as pool:
        names = {item.callspec.id for item in request.session.items
                 if hasattr(item, "callspec")}  # fmt: skip
        yield {case.name: pool.submit(play, case) for case in CASES if case.name in names}


@pytest.mark.parametrize("case", map(parameter, CASES))
def test_verdict_agrees_with_a_real_connection(
    case: Case, plays: dict[str, Future[Played]]
) -> None:
    played = plays[case.name].result()
    assert played.facts.verdict == case.verdict, played
    if case.verdict is None:
        assert played.facts.unsure
        return
    assert played.felt == case.verdict, played
    assert case.rule is None or case.rule in (played.facts.rule or ""), played
    assert case.direction in (None, played.facts.direction), played
    assert case.tool in (None, played.facts.tool), played
