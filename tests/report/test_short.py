"""Seven lines of ASCII, whatever came out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.sample import CONCLUDED, HEALTHY, UNPROVEN, VERDICT, events
from wizard.model.events import Concluded
from wizard.model.session import fold
from wizard.report.short import render

KEPT = Path("/var/lib/x/sessions/20261121-031000-9f3c")
STRANGE = msgspec.structs.replace(
    CONCLUDED,
    summary="é\n\n→ " * 300,
    verdicts=(msgspec.structs.replace(VERDICT, title="漢\n" * 300, proposals=()),),
)


@pytest.mark.parametrize("concluded", [CONCLUDED, HEALTHY, UNPROVEN, STRANGE])
def test_there_are_seven_lines_of_ascii(concluded: Concluded) -> None:
    text = render([fold(events(concluded))], KEPT)
    assert text.isascii()
    assert text.count("\n") == 7
    assert all(line.strip() for line in text.splitlines())


def test_every_prefix_of_a_session_gives_seven_lines() -> None:
    for length in range(len(events()) + 1):
        assert render([fold(events()[:length])], None).count("\n") == 7


def test_the_lines_of_a_cause() -> None:
    lines = render([fold(events())], KEPT).splitlines()
    assert lines[0] == "http://shop.example.com/ answers 502 Bad Gateway (on web1)"
    assert lines[1] == "Whose error: nginx made this answer itself: its built-in page."
    assert lines[2] == "Cause: The proxy asks the wrong port: 127.0.0.1:3000"
    assert lines[3].startswith("Confidence: confirmed, a connection and the socket table agree")
    assert lines[4] == "Chain: wrong-upstream-port -> nothing-listens -> bad-gateway"
    assert lines[5] == f"First: {VERDICT.proposals[1].text}"
    assert lines[6].startswith("Session: 20261121-031000-9f3c, kept in /var/lib/x/")


def test_several_commands_are_not_cut_but_named() -> None:
    proposal = msgspec.structs.replace(VERDICT.proposals[1], text="one\ntwo")
    verdict = msgspec.structs.replace(VERDICT, proposals=(proposal,))
    concluded = msgspec.structs.replace(CONCLUDED, verdicts=(verdict,))
    assert (
        "First: Start the app on the port that the proxy asks (2 commands, see --text)"
        in render([fold(events(concluded))], None)
    )


def test_more_broken_routes_are_counted() -> None:
    text = render([fold(events()), fold(events(UNPROVEN)), fold(events(HEALTHY))], None)
    assert text.splitlines()[0].endswith("(on web1); 1 more broken")
