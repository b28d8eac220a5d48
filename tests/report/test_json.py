"""The contract of `diagnose --json`."""

from __future__ import annotations

import json
from datetime import datetime

import msgspec
import pytest

from tests.sample import CONCLUDED, HEALTHY, INCIDENT, UNPROVEN, events
from wizard.model.session import fold
from wizard.report.json import SCHEMA, render

REPORT = json.loads(render([fold(events())]))


def test_every_key_of_the_contract_is_there() -> None:
    assert REPORT["schema"] == SCHEMA == "wizard/report/1"
    assert set(REPORT) >= {
        *("incident", "verdicts", "findings", "ruled_out", "untested", "path", "evidence"),
        *("started", "finished", "outcome", "summary"),
    }
    assert set(REPORT["incident"]) >= {"url", "status", "made_by", "since", "until"}
    assert set(REPORT["verdicts"][0]) >= {
        *("cause", "title", "subject", "confidence", "step", "chain", "evidence", "proposals"),
        *("said", "confidence_rule"),
    }
    assert set(REPORT["verdicts"][0]["proposals"][0]) == {
        *(
            "kind",
            "when",
            "because",
            "checked_by",
            "title",
            "text",
            "validated",
            "unchecked",
            "then",
            "apply",
            "verify",
            "undo",
            "touches",
        ),
    }
    assert set(REPORT["findings"][0]) >= {"cause", "subject", "said", "evidence", "node"}
    assert set(REPORT["ruled_out"][0]) == {"cause", "title", "subject", "because", "evidence"}
    assert set(REPORT["untested"][0]) >= {"look", "because", "settle_with"}
    assert set(REPORT["path"][0]) >= {"node", "step", "outcome", "said", "scope"}
    assert set(REPORT["evidence"][0]) >= {
        *("id", "probe", "command", "status", "started", "seconds", "facts", "raw"),
        *("kind", "look", "scope", "reading", "reason", "remedy", "user"),
    }


def test_the_values_are_those_of_the_session() -> None:
    assert REPORT["incident"]["url"] == "http://shop.example.com/"
    assert REPORT["incident"]["status"] == 502
    assert REPORT["incident"]["made_by"]["hop"] == "nginx"
    verdict = REPORT["verdicts"][0]
    assert verdict["cause"] == "wrong-upstream-port"
    assert verdict["chain"] == ["wrong-upstream-port", "nothing-listens", "bad-gateway"]
    assert {each["id"] for each in REPORT["evidence"]} >= set(verdict["evidence"])


def test_moments_have_a_zone() -> None:
    moments = [REPORT["started"], REPORT["finished"], REPORT["evidence"][0]["started"]]
    assert all(datetime.fromisoformat(moment).tzinfo for moment in moments)
    assert REPORT["started"] < REPORT["finished"]


@pytest.mark.parametrize("concluded", [HEALTHY, UNPROVEN])
def test_without_a_cause_there_are_no_verdicts(concluded: object) -> None:
    report = json.loads(render([fold(events(concluded))]))  # type: ignore[arg-type]
    assert report["verdicts"] == []


def test_a_window_of_time_is_written_as_moments() -> None:
    incident = msgspec.structs.replace(INCIDENT, since=INCIDENT.started - 900, status=502)
    report = json.loads(render([fold(events(incident=incident))]))
    assert datetime.fromisoformat(report["incident"]["since"]).timestamp() == incident.since
    assert report["incident"]["until"] is None


def test_a_session_that_was_cut_gives_what_is_known() -> None:
    for length in range(len(events())):
        report = json.loads(render([fold(events()[:length])]))
        assert report["outcome"] == "unproven"
        assert report["verdicts"] == []


def test_several_routes_are_listed_with_the_worst_as_the_report() -> None:
    sessions = [fold(events()), fold(events(UNPROVEN)), fold(events(HEALTHY))]
    report = json.loads(render(sessions))
    assert report["verdicts"][0]["cause"] == "wrong-upstream-port"
    assert [(each["status"], each["outcome"], each["verdict"]) for each in report["routes"]] == [
        (502, "cause", "wrong-upstream-port"),
        (502, "unproven", None),
        (200, "healthy", None),
    ]
    assert "routes" not in REPORT


def test_it_is_ascii_so_that_every_terminal_prints_valid_json() -> None:
    concluded = msgspec.structs.replace(CONCLUDED, summary="→ é … 漢")
    written = render([fold(events(concluded))])
    assert written.isascii()
    assert json.loads(written)["summary"] == "→ é … 漢"


def test_secrets_in_the_url_are_masked() -> None:
    incident = msgspec.structs.replace(INCIDENT, url="http://shop.example.com/?token=hunter2")
    assert "hunter2" not in render([fold(events(incident=incident))])
