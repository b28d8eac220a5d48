"""Looks on a tape: each is answered by the evidence of its own question."""

from __future__ import annotations

from typing import Any

from wizard.engine.catalogue import probes
from wizard.engine.look import TapeLook
from wizard.model.evidence import Evidence


def an_edit(number: int, changes: list[dict[str, Any]]) -> Evidence:
    return Evidence(
        id=f"e{number}", look="edit", scope="127.0.0.1:3000", probe="proxy.edit", kind="config",
        parameters={"changes": changes}, status="present", reading="passes",
        facts={"diff": f"diff {number}"}, started=0.0, seconds=0.1, user="root",
    )  # fmt: skip


def test_two_edits_of_a_server_are_told_apart_by_their_changes() -> None:
    first, second = [{"file": "/a", "set": "x"}], [{"file": "/b", "set": "y"}]
    tape = TapeLook([an_edit(1, first), an_edit(2, second)])
    probe = probes()["proxy.edit"]

    def diff(changes: list[dict[str, Any]]) -> Any:
        return tape.see("edit", "127.0.0.1:3000", probe, {"changes": changes}).facts["diff"]

    assert diff(first) == "diff 1"
    assert diff(second) == "diff 2"
    assert diff([{"file": "/of an older wizard"}]) == "diff 2"
