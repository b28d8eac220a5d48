"""Recorded hosts as proofs of the causes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.taped import TAPES, library
from wizard.engine.catalogue import probes
from wizard.engine.journal import JournalError
from wizard.engine.proofs import prove, walk
from wizard.flows.model import Library

REAL, ALIKE, WELL = "wrong-port-in-site", "not-reloaded-after-port-move", "healthy-noisy"


def only(cause: str, **proofs: str) -> Library:
    """The library with this one root cause to prove."""
    whole = library()
    others = {
        name: replace(each, proofs={}) if each.kind == "cause" else each
        for name, each in whole.causes.items()
    }
    return replace(whole, causes={**others, cause: replace(whole.causes[cause], proofs=proofs)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (REAL, ALIKE, WELL):
        (tmp_path / f"{name}.tape.gz").symlink_to(TAPES / f"{name}.tape.gz")
    (tmp_path / "notes.txt").write_text("not a tape")
    return tmp_path


def faults(known: Library, folder: Path) -> list[str]:
    return [problem.message for problem in prove(known, probes(), folder).problems]


def test_three_proofs_that_hold(folder: Path) -> None:
    known = only("wrong-upstream-port", real=REAL, look_alike=ALIKE, healthy=WELL)
    proof = prove(known, probes(), folder)
    assert (proof.tapes, proof.problems) == (3, [])


def test_a_proof_that_does_not_hold_says_what_the_walk_names(folder: Path) -> None:
    known = only("wrong-upstream-port", real=ALIKE, look_alike=REAL, healthy=REAL)
    assert faults(known, folder) == [
        f"tape `{ALIKE}`, real of `wrong-upstream-port`: the walk names proxy-config-not-reloaded",
        f"tape `{REAL}`, look_alike of `wrong-upstream-port`: the walk takes it for this cause",
        f"tape `{REAL}`, healthy of `wrong-upstream-port`: the walk names wrong-upstream-port",
    ]


def test_a_look_alike_that_is_well_tells_nothing_apart(folder: Path) -> None:
    known = only("wrong-upstream-port", look_alike=WELL)
    assert faults(known, folder)[0].endswith("so nothing was told apart")


def test_a_tape_that_is_missing_is_named_with_the_nearest(folder: Path) -> None:
    known = only("wrong-upstream-port", real="wrong-port-in-sight")
    [problem] = prove(known, probes(), folder).problems
    assert "no tape `wrong-port-in-sight`" in problem.message
    assert problem.suggestion == f"did you mean `{REAL}`?"


def test_rules_that_no_tape_takes_are_told(folder: Path) -> None:
    proof = prove(only("wrong-upstream-port", real=REAL), probes(), folder)
    assert 0 < len(proof.untaken) < proof.rules
    assert any("network/filter-verdict rule 1" in rule for rule in proof.untaken)
    seen = walk(REAL, folder / f"{REAL}.tape.gz", library(), probes())
    taken = {f"{node} {rule}" for node, rule in seen.taken}
    assert not [rule for rule in proof.untaken if rule.partition(": ")[2] in taken]
    first = f"3 tapes take {proof.rules - len(proof.untaken)} of {proof.rules} rules"
    assert proof.lines()[0] == first


def test_a_broken_tape_is_an_error_that_names_it(folder: Path) -> None:
    (folder / "torn.tape").write_text("{}\n{}\n")
    with pytest.raises(JournalError, match=r"torn\.tape"):
        prove(only("wrong-upstream-port"), probes(), folder)
