"""Whatever stands in a file, the loader gives a library or mistakes that have a line."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.small import CATALOGUE, CAUSES, FLOW, LOOKS, written
from wizard.flows.checks import check
from wizard.flows.graph import mermaid, tree
from wizard.flows.loading import load
from wizard.flows.mistakes import FlowErrors

TEXTS = {"looks": LOOKS, "causes": CAUSES, "gateway": FLOW}
WORDS = ["", "end", "gateway", "whose", "server", "{server}", "{", "front.status", "route|known"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=5,
)


def loads_or_says_why(**files: str) -> None:
    with TemporaryDirectory() as folder:
        lines = {f"flows/{name}.yaml": text.count("\n") + 2 for name, text in files.items()}
        try:
            library = load(CATALOGUE, [written(Path(folder), **files)])
        except FlowErrors as errors:
            for mistake in errors.mistakes:
                assert 1 <= mistake.line <= lines.get(mistake.file, 1000)
                assert mistake.message
            return
        check(library)
        for flow in library.flows.values():
            mermaid(library, flow)
            tree(library, flow, 60)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values in a document."""
    found = [way] if way else []
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, each in pairs:
        found += places(each, (*way, key))
    return found


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(TEXTS)), ODD)
def test_any_value_may_be_anything(data: st.DataObject, name: str, odd: Any) -> None:
    document = yaml.safe_load(TEXTS[name])
    *way, last = data.draw(st.sampled_from(places(document)))
    inside = document
    for key in way:
        inside = inside[key]
    inside[last] = odd
    loads_or_says_why(**{name: json.dumps(document)})


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(TEXTS)))
def test_any_stretch_may_be_missing_or_doubled(data: st.DataObject, name: str) -> None:
    text = TEXTS[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    piece = data.draw(st.sampled_from(["", text[start:end] * 2, "\t", "\x00", "&a *a", "'"]))
    loads_or_says_why(**{name: text[:start] + piece + text[end:]})
