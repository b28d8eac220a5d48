"""The hosts that prove the causes: each is broken for real, and the wizard names the cause.

Played are those that a cause names as its proofs and those that are mended by their own proposal;
`python -m tests.lab.accuracy` plays all the others, too. `pytest -m lab -n 2` plays two hosts at a
time; `-m "lab and not slow"` leaves out the cases that wait for a default timeout of a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.taped import library

from .case import Case, load_cases
from .judge import good_enough, judge
from .play import play


def proving() -> Iterator[Case]:
    """The cases that are proofs, or are mended; not those that need a quiet machine."""
    proofs = {name for cause in library().causes.values() for name in cause.proofs.values()}
    for case in load_cases():
        if (case.id in proofs or case.mends) and not case.quiet:
            yield case


CASES = [
    pytest.param(case, id=case.id, marks=[pytest.mark.slow] if case.slow else [])
    for case in proving()
]


@pytest.mark.lab
@pytest.mark.timeout(400)
@pytest.mark.parametrize("case", CASES)
def test_the_wizard_names_the_cause_of_a_broken_host(case: Case, wizard: Path) -> None:
    """Root is told the very cause; an ordinary person the same, or honestly less."""
    played = play(case, wizard=wizard)
    assert played.problem is None, f"the case is not real: {played.problem}"
    judged = {person: judge(case, asked) for person, asked in played.asked.items()}
    bad = {who: said for who, said in judged.items() if not good_enough(who, said)}
    assert not bad, "\n".join(
        f"{who}: {said.kind} {said.named} {said.confidence} {said.why}" for who, said in bad.items()
    )
