"""What the front ends show, over recorded incidents of real hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.taped import SEVERAL, TAPES, library, walked
from wizard.model.session import Session, fold
from wizard.model.text import clean
from wizard.report import panels

MANY_LINES = {"text", "apply", "verify", "undo"}


def strings(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every string in rows, with the name of its field."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, tuple):
        names = getattr(value, "_fields", [field] * len(value))
        for name, each in zip(names, value, strict=True):
            yield from strings(each, name)


def everything(session: Session) -> tuple[object, ...]:
    """Every panel of the session."""
    return (
        panels.steps(session),
        panels.hops(session, library()),
        panels.route(session),
        panels.matrix(session),
        panels.log(session),
        panels.timeline(session),
        panels.verdict(session),
        tuple(panels.because(each, session) for each in session.path),
        tuple(panels.choices(library(), each, session=session) for each in session.path),
    )


@pytest.mark.parametrize("name", SEVERAL)
def test_every_string_is_clean_and_one_line_unless_it_may_be_copied(name: str) -> None:
    for field, text in strings(everything(walked(name))):
        assert clean(text) == text
        if field not in MANY_LINES:
            assert "\n" not in text
            assert "\t" not in text


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(TAPES.glob("*.gz"))[::3], ids=lambda path: path.name[:-8])
def test_recorded_hosts_can_be_shown(path: Path) -> None:
    assert everything(walked(path.name.removesuffix(".tape.gz")))


def test_a_session_without_anything_can_be_shown() -> None:
    empty = fold([])
    assert [each.mark for each in panels.steps(empty)] == ["open"] * 6
    assert panels.route(empty) == panels.log(empty) == panels.timeline(empty) == ()
    assert panels.matrix(empty).rows == ()
    assert panels.verdict(empty) is None
    assert panels.cards(empty) == ()
    assert panels.errors_per_minute(empty) == []
    assert [hop.name for hop in panels.hops(empty)] == ["client"]


def test_the_step_of_the_cause_is_marked_and_named() -> None:
    session = walked("wrong-port-in-site")
    steps = {each.step: each for each in panels.steps(session)}
    assert [each.number for each in steps.values()] == [0, 1, 2, 3, 4, 5]
    assert steps["connectivity"].mark == "failed"
    assert "another port" in steps["connectivity"].words
    assert steps["whose"].mark == "done"


def test_a_healthy_host_has_no_step_that_failed() -> None:
    marks = {each.mark for each in panels.steps(walked("healthy-noisy"))}
    assert "failed" not in marks


def test_the_hop_that_made_the_status_is_marked_with_its_proof() -> None:
    line = panels.hops(walked("app-says-502-about-its-own-backend"))
    (made,) = [hop for hop in line if hop.made_it]
    assert made.name == "127.0.0.1:8850"
    assert "502 by itself" in made.proof
    assert [hop.name for hop in line[:2]] == ["client", "nginx"]
    assert [hop.level for hop in line] == sorted(hop.level for hop in line)


def test_the_servers_behind_an_inner_proxy_stand_one_step_further_in() -> None:
    line = panels.hops(walked("chain-inner-server-block-has-the-wrong-port"))
    assert [(hop.name, hop.level, hop.made_it) for hop in line[1:]] == [
        ("nginx", 1, False),
        ("127.0.0.1:8081", 2, True),
        ("127.0.0.1:3010", 3, False),
    ]


def test_servers_of_one_pool_stand_side_by_side() -> None:
    line = panels.hops(walked("ejected-by-application-errors"))
    assert [(hop.name, hop.level, hop.made_it) for hop in line[1:]] == [
        ("nginx", 1, True),
        ("127.0.0.1:7301", 2, False),
        ("127.0.0.1:7302", 2, False),
    ]


def test_before_the_end_the_library_tells_who_made_it() -> None:
    ended = walked("wrong-port-in-site")
    before = type(ended)(findings=ended.findings, evidence=ended.evidence)
    assert [hop.name for hop in panels.hops(before, library()) if hop.made_it] == ["nginx"]
    assert not any(hop.made_it for hop in panels.hops(before))


def test_the_route_names_file_and_line() -> None:
    rows = {row.label: row for row in panels.route(walked("wrong-port-in-site"))}
    assert rows["passes on"].value == "proxy_pass http://127.0.0.1:3100"
    assert rows["passes on"].place == "/etc/nginx/sites-enabled/shop:7"
    assert rows["time limits"].place == ""


def test_the_matrix_has_a_row_for_every_server_with_its_evidence() -> None:
    session = walked("ejected-by-application-errors")
    found = panels.matrix(session)
    assert found.header[0] == "server"
    assert [row.name for row in found.rows] == ["127.0.0.1:7301", "127.0.0.1:7302"]
    assert found.rows[0].tls == "-"
    assert not found.rows[0].troubled
    assert all(each in session.evidence for row in found.rows for each in row.evidence if each)


def test_a_server_that_refuses_is_troubled() -> None:
    (row,) = panels.matrix(walked("wrong-port-in-site")).rows
    assert row.troubled
    assert "refused" in row.connect


def test_the_line_of_the_wizards_own_request_matters() -> None:
    lines = panels.log(walked("oom-gunicorn-worker"))
    assert [line.matters for line in lines].count(True) == 1
    assert lines[-1].matters
    assert "/yearly" in lines[-1].text


def test_moments_come_in_their_order_and_end_with_the_request() -> None:
    moments = panels.timeline(walked("oom-gunicorn-worker"))
    assert [each.at for each in moments] == sorted(each.at for each in moments)
    said = [each.text for each in moments]
    killed = next(at for at, text in enumerate(said) if "the kernel killed gunicorn" in text)
    asked = next(at for at, text in enumerate(said) if text.startswith("the wizard asked: 502"))
    assert said.index("stats.service started") < killed < asked
    assert all(each.at > 1_000_000_000 for each in moments)


def test_errors_are_counted_by_the_minute_and_drawn_in_one_line() -> None:
    counts = panels.errors_per_minute(walked("oom-gunicorn-worker"))
    assert counts[:-1] == [0] * 14
    assert counts[-1] > 0
    assert panels.spark(counts) == " " * 14 + "█"
    assert panels.spark([0, 1, 4, 8], ascii_only=True).isascii()
    assert panels.spark([0, 1, 4, 8]) == " ▁▄█"
    assert panels.spark([0, 0]) == "  "


def test_a_decision_is_explained_by_its_comparisons_and_their_evidence() -> None:
    session = walked("wrong-port-in-site")
    dial = next(each for each in session.path if each.node == "backend/dial")
    because = panels.because(dial, session)
    assert because.sentence.startswith("Nothing listens on 127.0.0.1:3100")
    asked = next(each for each in because.comparisons if "dial.outcome" in each.text)
    assert asked.text == f"{asked.evidence} dial.outcome is refused"
    assert session.evidence[asked.evidence].look == "dial"
    assert asked.evidence in because.evidence
    assert all(each.compared.holds != "true" for each in because.passed)


def test_a_last_rule_is_explained_by_those_that_did_not_hold() -> None:
    session = walked("ejected-by-application-errors")
    dial = next(each for each in session.path if each.node == "backend/dial")
    because = panels.because(dial, session)
    assert because.comparisons == ()
    assert because.passed


def test_ways_are_named_by_the_question_that_waits_there() -> None:
    session = walked("wrong-port-in-site")
    first = session.path[0]
    choices = panels.choices(library(), first, [first.goto, "end"], session)
    assert [choice.recommended for choice in choices] == [True, False]
    assert choices[0].label == "Which hop made this answer?"
    assert choices[1].label == "No further question: the verdict."
    waits = panels.question(library(), "backend/dial", session=session)
    assert waits == "Does 127.0.0.1:3100 take a connection?"
    assert panels.question(library(), "backend/dial") == "Does each server take a connection?"


def test_proposals_are_numbered_cards_those_for_now_first() -> None:
    ended = panels.verdict(walked("oom-gunicorn-worker"))
    assert ended is not None
    assert [card.number for card in ended.cards] == [1, 2]
    assert [card.when for card in ended.cards] == ["now", "lasting"]
    assert ended.cards[0].text == "sudo systemctl restart stats.service"
    assert ended.causes[0].confidence == "confirmed"
    assert ended.causes[0].chain[-1] == "The proxy answers 502 Bad Gateway"
    assert ended.headline.endswith("answers 502 Bad Gateway")
