"""The judge: what counts as right, as honestly less, and as wrong."""

from __future__ import annotations

from typing import Any

import pytest

from .case import Case
from .judge import good_enough, judge
from .play import Asked

BROKEN = Case("c", "backend-stopped", "w", "http://localhost/", 502, "service", never=("oom",))
WELL = Case("h", None, "w", "http://localhost/", 200, "healthy")


def said(exit_status: int, *verdicts: tuple[str, str]) -> Asked:
    """An answer with these causes and confidences, in order."""
    report: dict[str, Any] = {
        "verdicts": [{"cause": cause, "confidence": sure} for cause, sure in verdicts]
    }
    return Asked(exit_status, report, "", "", 0.1)


SURE, GUESS = "confirmed", "suspected"


@pytest.mark.parametrize(
    ("case", "asked", "kind"),
    [
        (BROKEN, said(1, ("backend-stopped", SURE)), "exact"),
        (BROKEN, said(1, ("backend-stopped", SURE), ("oom", GUESS)), "wrong"),
        (BROKEN, said(1, ("backend-stopped", SURE), ("oom", SURE)), "wrong-confirmed"),
        (BROKEN, said(1, ("wrong-upstream-port", GUESS)), "wrong"),
        (BROKEN, said(1, ("wrong-upstream-port", SURE)), "wrong-confirmed"),
        (BROKEN, said(3), "abstained"),
        (BROKEN, said(0), "called-healthy"),
        (BROKEN, said(0, ("backend-stopped", SURE)), "broken-contract"),
        (BROKEN, said(4), "broken-contract"),
        (BROKEN, Asked(1, None, "", "Traceback", 0.1), "broken-contract"),
        (WELL, said(0), "exact"),
        (WELL, said(3), "false-alarm"),
        (WELL, said(1, ("backend-stopped", GUESS)), "false-alarm"),
    ],
)
def test_the_kind_of_an_answer(case: Case, asked: Asked, kind: str) -> None:
    assert judge(case, asked).kind == kind


def test_an_ordinary_person_may_be_told_less_but_nothing_wrong_with_certainty() -> None:
    fine = [said(3), said(1, ("backend-stopped", GUESS)), said(1, ("other", GUESS))]
    bad = [said(0), said(1, ("other", SURE)), said(1, ("other", "supported"))]
    assert all(good_enough("ops", judge(BROKEN, asked)) for asked in fine)
    assert not any(good_enough("ops", judge(BROKEN, asked)) for asked in bad)


def test_root_must_be_told_the_cause() -> None:
    assert good_enough("root", judge(BROKEN, said(1, ("backend-stopped", GUESS))))
    assert not good_enough("root", judge(BROKEN, said(3)))
