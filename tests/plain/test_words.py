from __future__ import annotations

import pytest

from wizard.plain.words import Command, number, read


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("", Command("")),
        ("  ", Command("")),
        ("2", Command("#", "2")),
        ("b", Command("b")),
        ("BACK", Command("b")),
        ("e 4", Command("e", "4")),
        ("e4", Command("e", "4")),
        ("evidence e4", Command("e", "e4")),
        ("n deploy at 03:12, says #ops", Command("n", "deploy at 03:12, says #ops")),
        ("j backend/dial", Command("j", "backend/dial")),
        ("help", Command("?")),
        ("exit", Command("q")),
        ("rm -rf /", Command("!", "rm -rf /")),
        ("²", Command("!", "²")),
    ],
)
def test_a_line_is_a_word_with_what_follows(typed: str, means: Command) -> None:
    assert read(typed) == means


def test_evidence_is_named_with_and_without_its_letter() -> None:
    assert (number("e4"), number("4"), number("E4 "), number("four"), number("")) == (
        *(4, 4, 4),
        *(None, None),
    )
