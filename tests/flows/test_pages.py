"""The manual pages of the causes are what the flows say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from tests.taped import library
from wizard.flows.pages import index, page, roots

DOCS = Path(__file__).parents[2] / "docs"


def test_the_pages_in_the_repository_are_those_that_are_generated() -> None:
    """After a change of the flows: `make pages`."""
    wanted = dict(runpy.run_path(str(DOCS / "make.py"))["texts"](library()))
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "causes").glob("*.md")}
    assert sorted(kept) == sorted(wanted)
    assert [name for name in wanted if kept[name] != wanted[name]] == []


def test_every_page_says_what_a_person_needs() -> None:
    lacking = [
        (cause.id, heading)
        for cause in roots(library())
        for heading in ("What it is", "How the wizard knows", "See it by hand", "How to fix it",
                        "How to see that it is gone", "Recorded hosts")
        if f"\n## {heading}\n" not in page(library(), cause)
    ]  # fmt: skip
    assert lacking == []


def test_every_page_is_in_the_index_once() -> None:
    linked = re.findall(r"\]\((\S+)\.md\)", index(library()))
    assert sorted(linked) == sorted(cause.id for cause in roots(library()))
