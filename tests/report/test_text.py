"""The page for a person: the verdict first, commands to copy, nothing that is not known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.sample import CONCLUDED, HEALTHY, INCIDENT, UNPROVEN, VERDICT, events
from wizard.model.events import Concluded
from wizard.model.finding import Proposal
from wizard.model.session import fold
from wizard.report.text import render

KEPT = Path("/var/lib/x/sessions/20261121-031000-9f3c")


def page(concluded: Concluded = CONCLUDED, **how: object) -> str:
    return render([fold(events(concluded))], KEPT, **how)  # type: ignore[arg-type]


def with_proposal(**fields: object) -> Concluded:
    proposal = msgspec.structs.replace(VERDICT.proposals[1], **fields)
    verdict = msgspec.structs.replace(VERDICT, proposals=(proposal,))
    return msgspec.structs.replace(CONCLUDED, verdicts=(verdict,))


def test_the_verdict_comes_first() -> None:
    lines = page().splitlines()
    assert lines[0] == "http://shop.example.com/ answers 502 Bad Gateway."
    assert lines[3:6] == [
        "CAUSE",
        "  The proxy asks the wrong port: 127.0.0.1:3000",
        "  shop.service runs and listens on 8080; the proxy asks 3000.",
    ]
    assert lines[6].startswith("  Confirmed: a connection and the socket table agree")


def test_the_parts_stand_in_the_order_in_which_they_are_needed() -> None:
    headings = [line for line in page().splitlines() if line.isupper() and line[0] != " "]
    assert headings == [
        "CAUSE",
        "FROM THE CAUSE TO THE SYMPTOM",
        "HOW IT IS KNOWN",
        "DO NOW",
        "DO TO MAKE IT LAST",
        "CHECK THAT IT WORKED",
        "RULED OUT",
        "NOT LOOKED AT",
    ]


def test_evidence_is_cited_with_the_command_that_shows_it() -> None:
    assert "  [e3] listen: nothing on :3000; python3[41] on :8080\n       ss -H -tlnp\n" in page()


def test_commands_are_never_wrapped() -> None:
    command = VERDICT.proposals[1].text
    assert len(command) > 80
    assert f"    {command}\n" in page()


def test_everything_else_fits_in_the_width() -> None:
    verbatim = {VERDICT.proposals[1].text}
    for width in (60, 80):
        long = [line for line in page(width=width).splitlines() if len(line) > width]
        assert {line.strip() for line in long} <= verbatim | {
            line.strip() for line in long if "curl" in line
        }


def test_a_diff_says_whether_it_passed_the_proxys_check() -> None:
    assert "The proxy's own check passes with this change (tried on a copy)." in page()
    assert "does not pass" in page(with_proposal(kind="diff", validated=False))
    unchecked = with_proposal(kind="diff", validated=None, unchecked="nginx is not installed here")
    assert "Not checked on a copy: nginx is not installed here." in page(unchecked)
    assert "own check" not in page(with_proposal(kind="command", validated=None))


def test_advice_is_prose() -> None:
    text = page(with_proposal(kind="advice", text="Ask whoever deployed at ten past three. " * 4))
    assert all(len(line) <= 80 for line in text.splitlines() if "deployed" in line)


def test_a_healthy_route_is_told_in_two_lines() -> None:
    text = page(HEALTHY)
    assert text.splitlines()[0] == "Nothing wrong found: http://shop.example.com/ answers 200."
    assert len(text.splitlines()) <= 6
    assert "CAUSE" not in text


def test_unproven_says_what_is_known_and_what_would_settle_it() -> None:
    text = page(UNPROVEN)
    assert "NO CAUSE IS PROVEN" in text
    assert "  - shop.service runs and listens on 8080; the proxy asks 3000." in text
    assert "      sudo wizard diagnose http://shop.example.com/\n" in text
    assert text.index("WHAT WOULD SETTLE IT") < text.index("RULED OUT")


def test_several_causes_are_counted_and_cite_evidence_once() -> None:
    text = page(msgspec.structs.replace(CONCLUDED, verdicts=(VERDICT, VERDICT)))
    assert "CAUSE 1 OF 2" in text
    assert "CAUSE 2 OF 2" in text
    assert text.count("ss -H -tlnp") == 1


def test_other_routes_are_listed_below_the_worst() -> None:
    sessions = [fold(events()), fold(events(UNPROVEN)), fold(events(HEALTHY))]
    text = render(sessions, None)
    assert "  502  http://shop.example.com/ no cause is proven\n" in text
    assert "Nothing wrong found with 1 route." in text
    assert text.index("CAUSE") < text.index("OTHER ROUTES OF THIS HOST")


def test_it_ends_with_where_the_session_is() -> None:
    assert page().splitlines()[-1] == f"Kept in {KEPT}"
    assert "Kept in" not in render([fold(events())], None)


def test_the_home_folder_is_written_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/var/lib")
    assert page().splitlines()[-1] == "Kept in ~/x/sessions/20261121-031000-9f3c"


def test_bold_is_the_only_difference_on_a_terminal() -> None:
    bold = page(bold=True)
    assert "\x1b[1mCAUSE\x1b[0m" in bold
    assert bold.replace("\x1b[1m", "").replace("\x1b[0m", "") == page()


def test_control_characters_never_reach_the_terminal() -> None:
    hostile = "x\x1b]52;c;AAAA\x07\u202e[bold]"
    verdict = msgspec.structs.replace(
        VERDICT,
        title=hostile,
        said=hostile,
        proposals=(Proposal(kind="command", when="now", title=hostile, text=hostile),),
    )
    text = page(msgspec.structs.replace(CONCLUDED, verdicts=(verdict,), summary=hostile))
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert "\\x1b]52;c;AAAA\\x07\\u202e[bold]" in text


def test_a_status_that_was_only_reported_is_told_as_such() -> None:
    incident = msgspec.structs.replace(INCIDENT, status=504)
    concluded = msgspec.structs.replace(UNPROVEN, status=None)
    text = render([fold(events(concluded, incident))], None)
    assert text.startswith("http://shop.example.com/ answered 504 Gateway Timeout, as reported.")


def test_every_prefix_of_a_session_renders() -> None:
    for length in range(len(events()) + 1):
        assert render([fold(events()[:length])], None)
