"""A moment can be written in the ways in which people write it at night."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.when import WhenError, parse


@pytest.fixture(autouse=True, params=["UTC", "Europe/Berlin", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is that of the host, wherever it stands."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def local(*parts: int) -> float:
    return datetime(*parts).timestamp()  # type: ignore[arg-type]


def now() -> float:
    return local(2026, 11, 21, 12, 30)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("15m", 900),
        ("-15min", 900),
        ("-15m", 900),
        ("90s", 90),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1h 30min", 5400),
        ("2 hours ago", 7200),
        ("3 minutes", 180),
        ("1d", 86400),
        ("2weeks", 1209600),
        ("now", 0),
    ],
)
def test_so_long_ago(typed: str, seconds: int) -> None:
    assert parse(typed, now()) == now() - seconds


def test_a_time_of_day_is_the_last_that_has_passed() -> None:
    assert parse("03:10", now()) == local(2026, 11, 21, 3, 10)
    assert parse("3:10", now()) == local(2026, 11, 21, 3, 10)
    assert parse("23:10:05", now()) == local(2026, 11, 20, 23, 10, 5)


def test_days() -> None:
    assert parse("today", now()) == local(2026, 11, 21)
    assert parse("yesterday", now()) == local(2026, 11, 20)
    assert parse("2026-11-20", now()) == local(2026, 11, 20)


@pytest.mark.parametrize(
    "typed",
    [
        *("2026-11-21T03:10:00Z", "2026-11-21 03:10Z", "2026-11-21T04:10:00+01:00"),
        *("2026-11-21T04:10:00+0100", "2026-11-21T03:10:00.000000000Z", "2026-11-20t22:10-05:00"),
    ],
)
def test_iso_8601_with_a_zone(typed: str) -> None:
    moment = datetime(2026, 11, 21, 3, 10, tzinfo=timezone.utc)
    assert parse(typed, now()) == moment.timestamp()


def test_iso_8601_without_a_zone_is_local() -> None:
    assert parse("2026-11-21T03:10", now()) == local(2026, 11, 21, 3, 10)
    assert parse("2026-11-21 03:10:07.5", now()) == local(2026, 11, 21, 3, 10, 7) + 0.5


def test_seconds_since_the_epoch() -> None:
    assert parse("@1795230600", now()) == 1795230600
    assert parse("@1795230600.5", now()) == 1795230600.5


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "soon",
            "25:10",
            "03:60",
            "15",
            "15x",
            "2026-13-01",
            "2026-11-31",
            "@",
            "@nan",
            "@inf",
        ),
        *("-", "--", "@-5", "1e5", "99999999h", "15m15", "2026-11-21T", "@99999999999999", "٣h"),
    ],
)
def test_what_is_no_time_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(WhenError, match=r"is no time\. Write one of: 15m, 2h"):
        parse(typed, now())


@given(st.text(alphabet="0123456789:-@TZ. hmsdago+", max_size=25))
def test_any_text_is_either_a_moment_or_refused(typed: str) -> None:
    with contextlib.suppress(WhenError):
        assert parse(typed, 1_795_230_600.0) >= 0
