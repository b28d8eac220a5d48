"""The cases as a whole: every cause with its proofs, on hosts that differ."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.taped import library
from wizard.flows.model import Cause

from .case import Case, CaseError, load_cases

CASES = load_cases()
BY_NAME = {case.id: case for case in CASES}
VARIANTS = Counter(case.cause for case in CASES)


def roots() -> dict[str, Cause]:
    return {name: each for name, each in library().causes.items() if each.kind == "cause"}


@pytest.mark.parametrize("cause", sorted(roots()))
def test_the_proofs_of_a_cause_are_hosts_of_the_lab(cause: str) -> None:
    """One that has it, one on which another cause is right, one that is well."""
    proofs = roots()[cause].proofs
    causes = {role: BY_NAME[name].cause for role, name in proofs.items()}
    assert causes["real"] == cause
    assert causes["look_alike"] not in (cause, None)
    assert causes["healthy"] is None


@pytest.mark.parametrize("cause", sorted(roots()))
def test_a_cause_is_mended_by_its_own_proposal_or_says_why_not(cause: str) -> None:
    mended = [case.id for case in CASES if case.cause == cause and case.mends]
    assert bool(mended) is not bool(roots()[cause].unmended)


def test_every_case_is_about_a_cause_that_can_be_named() -> None:
    known = library().causes
    strange = {case.id: case.cause for case in CASES if case.cause not in {None, *known}}
    strange |= {case.id: name for case in CASES for name in case.never if name not in known}
    assert strange == {}


def test_six_hosts_at_least_are_healthy() -> None:
    assert VARIANTS[None] >= 6


@pytest.mark.parametrize("cause", sorted(filter(None, VARIANTS)))
def test_the_cases_of_a_cause_look_different(cause: str) -> None:
    """Not twice the same files on the same base: the tool is asked about hosts nobody has seen."""
    mine = [case for case in CASES if case.cause == cause]
    shapes = {(case.base, repr(sorted(case.files.items())), case.breaks) for case in mine}
    assert len(shapes) >= len([case for case in mine if not case.slow])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_a_case_must_not_be_called_is_not_its_own_cause(case: Case) -> None:
    assert case.cause not in case.never
    assert case.look_alike_of is None or case.look_alike_of != case.cause


def test_a_case_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "typing.yaml").write_text("- {id: a, cuase: b}\n")
    with pytest.raises(CaseError, match=r"a in typing\.yaml: unknown key cuase"):
        load_cases(tmp_path)


def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    entry = "- {id: a, cause: null, what: w, url: 'http://localhost/', status: 200}\n"
    (tmp_path / "twice.yaml").write_text(entry * 2)
    with pytest.raises(CaseError, match="more than one case is called a"):
        load_cases(tmp_path)
