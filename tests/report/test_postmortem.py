"""The draft of a post-mortem: numbers from the logs, sentences without internals."""

from __future__ import annotations

import msgspec
import pytest

from tests.report.documents import full
from tests.sample import AT, CONCLUDED, INCIDENT, events, evidence
from tests.taped import TAPES
from wizard.engine.journal import read
from wizard.model.events import Event, Looked
from wizard.model.session import fold
from wizard.report.document.forms import written
from wizard.report.document.postmortem import status_page

replace = msgspec.structs.replace


def draft(told: list[Event]) -> str:
    return "".join(written("postmortem", told, look="text"))


def for_customers(told: list[Event]) -> str:
    return status_page(fold(told))


def with_logs() -> list[Event]:
    errors = evidence(7, look="errors", kind="log", facts={
        "count": 40, "first_at": AT - 7200.0, "last_at": AT - 60.0})  # fmt: skip
    access = evidence(8, look="access", kind="log", facts={
        "count": 400, "count_5xx": 40, "last_5xx_at": AT - 50.0})  # fmt: skip
    return [*full()[:-9], *(Looked(at=AT + 1, evidence=each) for each in (errors, access)),
            *full()[-9:]]  # fmt: skip


def test_the_window_the_counts_and_the_share_are_those_of_the_logs() -> None:
    text = " ".join(draft(with_logs()).split())
    assert "First failure in the logs 2026-11-21 01:10:00 +0000" in text
    assert "Last failure in the logs 2026-11-21 03:09:10 +0000" in text
    assert "Between them 1 h 59 min" in text
    assert "40 of 400 requests (10.0 %) [e8]" in text
    assert "That was 2 h 0 min after the first failure in the logs." in text


def test_without_logs_no_number_is_made_up() -> None:
    text = draft(full())
    assert "no log that was read says when" in text
    assert "requests (" not in text
    assert "When did it begin?" in text


def test_what_mended_it_is_what_was_copied_and_verified() -> None:
    text = " ".join(draft(full()).split())
    assert "Copied to be carried out, fix 2: Point the proxy at 8080" in text
    assert "2026-11-21 03:10:30 +0000 by ann" in text
    assert "502 in 2 ms became 200 in 3 ms. It is mended" in text
    assert "When did it end?" not in text
    not_mended = " ".join(draft(events()).split())
    assert "not verified in this session" in not_mended
    assert "no fix was copied from here" in not_mended
    assert "When did it end?" in not_mended


def test_what_prevents_it_wants_an_owner() -> None:
    text = " ".join(draft(full()).split())
    assert "Let systemd start it again. It came back by hand only. To be filled in: owner" in text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "web1", "localhost", "shop.internal", "shop.local", "10.0.0.7"]
)
def test_names_of_the_inside_are_not_on_the_status_page(host: str) -> None:
    told = for_customers(events(CONCLUDED, replace(INCIDENT, host=host)))
    assert told.startswith("The site answers some or all requests with an error.")
    assert host not in told


@pytest.mark.parametrize("tape", sorted(TAPES.glob("o*.gz")) + sorted(TAPES.glob("w*.gz")),
                         ids=lambda path: path.name)  # fmt: skip
def test_the_status_page_has_two_sentences_and_no_product(tape: object) -> None:
    told = for_customers(read(str(tape))).replace("shop.example.com", "SHOP")
    assert told.count(". ") == 1
    assert told.endswith(".")
    for inside in ("nginx", "php", "127.", "service", ":80", "upstream", "gunicorn", "proxy"):
        assert inside not in told.lower()
