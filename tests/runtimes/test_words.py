"""Last words, in recorded journals and in samples of what runtimes write."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd.journal import Entry
from wizard.runtimes.systemd.journal import read as read_line
from wizard.runtimes.words import last_exception, of, read

DATA = Path(__file__).parent / "data"


def recorded(unit: str) -> list[Entry]:
    lines = (DATA / f"journal-{unit}.jsonl").read_bytes().splitlines()
    return [entry for line in lines if (entry := read_line(line))]


def said(*lines: str, at: float = 0.0) -> list[Entry]:
    return [Entry(at, line, 1, False, "", "", 6) for line in lines]


def test_a_unit_that_was_given_up_is_read_to_its_exception() -> None:
    owner = Owner(unit="gaveup.service", active="failed", gave_up=True)
    facts = read(recorded("gaveup"), owner, None)
    assert facts.exception == "KeyError: 'DATABASE_URL'"
    assert facts.start_limit is True
    assert facts.end_line == "gaveup.service: Main process exited, code=exited, status=1/FAILURE"
    assert facts.last_line == "KeyError: 'DATABASE_URL'"
    assert facts.address_in_use is False


def test_a_stopped_unit_has_no_exception_and_a_time_of_its_stop() -> None:
    owner = Owner(unit="shop.service", active="inactive")
    facts = read(recorded("shop"), owner, None)
    assert facts.exception is None
    assert facts.stopped_at is not None


def test_an_old_exception_of_a_unit_that_runs_does_not_count() -> None:
    now = time.time()
    entries = [*said("ValueError: old", at=now - 3600), *said("GET / 200", at=now)]
    facts = read(entries, Owner(unit="x", active="active", started=now - 7200), now - 1)
    assert (facts.exception, facts.errors_now) == (None, False)


def test_an_exception_since_the_request_is_an_error_now() -> None:
    now = time.time()
    entries = said("Traceback (most recent call last):", '  File "a"', "KeyError: 'total'", at=now)
    facts = read(entries, Owner(unit="x", active="active", started=now - 50), now - 0.5)
    assert (facts.exception, facts.errors_now) == ("KeyError: 'total'", True)


@pytest.mark.parametrize(
    "line",
    [
        "RuntimeError: no DATABASE_URL",
        "Error: Cannot find module './db'",
        "TypeError [ERR_INVALID_ARG_TYPE]: The path",
        "Error: listen EADDRINUSE: address already in use 127.0.0.1:3000",
        'Exception in thread "main" java.lang.IllegalStateException: no datasource',
        "Caused by: java.net.BindException: Address already in use",
        "panic: runtime error: invalid memory address or nil pointer dereference",
        "2026/11/21 02:00:00 panic: no config",
        "thread 'main' panicked at src/main.rs:4:5:",
        "app.rb:3:in `<main>': no config (RuntimeError)",
        "PHP Fatal error:  Uncaught Error: Class not found",
        "Segmentation fault (core dumped)",
        "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
        "[2026-11-21 02:13:01 +0000] [51] [ERROR] Connection in use: ('127.0.0.1', 8000)",
        "ERROR: could not load the catalogue",
        "[2026-11-21 02:13:01] FATAL: cannot connect",
    ],
)
def test_lines_that_name_what_went_wrong(line: str) -> None:
    found = last_exception(said("starting", line, "stopping"))
    assert found is not None
    assert found.message == line


@pytest.mark.parametrize(
    "line",
    [
        "GET /errors 200", "DeprecationWarning: Error: x is deprecated", "0 errors, 2 warnings",
        "listening on http://127.0.0.1:3000", "Booting worker with pid: 12",
    ],
)  # fmt: skip
def test_lines_that_do_not(line: str) -> None:
    assert last_exception(said(line)) is None


def test_the_line_after_a_traceback_counts_whatever_its_name() -> None:
    entries = said("Traceback (most recent call last):", '  File "a", line 1', "billing.Refused: 3")
    found = last_exception(entries)
    assert found is not None
    assert found.message == "billing.Refused: 3"


def test_bytes_and_empty_messages_of_the_journal_are_read() -> None:
    entry = read_line(b'{"__REALTIME_TIMESTAMP":"1000000","MESSAGE":[104,105,27,255]}')
    assert entry is not None
    assert entry.message == "hi\\x1b\ufffd"
    assert read_line(b'{"__REALTIME_TIMESTAMP":"1","MESSAGE":null}') is not None
    assert read_line(b"torn {") is None


def test_a_bare_process_without_an_output_file_is_not_silent_but_unread() -> None:
    sighting = of(Owner(found=True, pid=2_000_000_000), None)
    assert sighting.status == "unreadable"
    assert sighting.remedy
