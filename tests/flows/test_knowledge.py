"""The knowledge that comes with the program."""

from __future__ import annotations

import pytest

from wizard.engine.catalogue import probes
from wizard.flows import sources
from wizard.flows.checks import check
from wizard.flows.graph import mermaid, tree
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.flows.sources import Folder


@pytest.fixture(scope="module")
def library() -> Library:
    return load(probes, [Folder(sources.packaged(), "flows")])


def test_nothing_is_wrong_with_it(library: Library) -> None:
    assert [str(problem) for problem in check(library)] == []


def test_every_flow_can_be_drawn(library: Library) -> None:
    for flow in library.flows.values():
        assert tree(library, flow, 80)
        drawn = mermaid(library, flow)
        assert all(line.count('"') % 2 == 0 for line in drawn.splitlines())
