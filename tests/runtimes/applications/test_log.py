"""What is made of the lines of application servers; the samples are what real ones wrote."""

from __future__ import annotations

import pytest

from wizard.runtimes.applications import gunicorn, node
from wizard.runtimes.applications.facts import ApplicationLog
from wizard.runtimes.applications.log import Phrases, events_in, read
from wizard.runtimes.applications.stamps import stamp

ASKED = 100.0

TIMEOUT = "[2026-11-21 15:05:38 +0000] [71] [CRITICAL] WORKER TIMEOUT (pid:83)"
KILLED = (
    "[2026-11-21 15:05:39 +0000] [71] [WARNING] Worker with pid 83 was terminated due to signal 9"
)
KILLED_BY_NAME = "[ERROR] Worker (pid:83) was sent SIGKILL! Perhaps out of memory?"
KEY_ERROR = ("Traceback (most recent call last):", '  File "prices.py", line 12', "KeyError: '/x'")
CACHE_DOWN = "Error 111 connecting to 127.0.0.1:6379. Connection refused. Going on without it."
NODE_DIES = (
    "/srv/checkout/server.js:8",
    "      response.end(String(cart.items.length));",
    "TypeError: Cannot read properties of undefined (reading 'items')",
    "    at Timeout._onTimeout (/srv/checkout/server.js:8:40)",
    "Node.js v18.20.4",
)


def said(
    *lines: str, own: Phrases = gunicorn.EVENTS, at: float = ASKED + 1, alive: bool = True
) -> ApplicationLog:
    return read(events_in(((at, line) for line in lines), own), ASKED, alive=alive)


@pytest.mark.parametrize("killed", [KILLED, KILLED_BY_NAME])
def test_a_kill_after_a_timeout_of_the_same_worker_is_the_masters(killed: str) -> None:
    facts = said(TIMEOUT, killed)
    assert facts.now == ["worker-killed", "worker-timeout"]
    assert facts.killed_after_timeout is True


def test_a_kill_of_another_worker_is_not_the_masters() -> None:
    assert said(TIMEOUT, KILLED_BY_NAME.replace("83", "84")).killed_after_timeout is False
    assert said(TIMEOUT).killed_after_timeout is False


def test_a_worker_that_had_begun_to_end_was_killed_for_being_slow_only() -> None:
    exiting = "[2026-11-21 15:05:38 +0000] [83] [INFO] Worker exiting (pid: 83)"
    facts = said(TIMEOUT, exiting, KILLED)
    assert facts.killed_after_timeout is False
    assert facts.count == 2


def test_lines_of_before_the_request_are_not_of_now() -> None:
    facts = said(TIMEOUT, at=ASKED - 30)
    assert (facts.kinds, facts.now) == (["worker-timeout"], [])


def test_the_last_error_is_the_reason() -> None:
    assert said(*KEY_ERROR).reason == "fatal-error"
    assert said(CACHE_DOWN).reason == "dependency-failed"
    assert said(CACHE_DOWN, *KEY_ERROR).reason == "fatal-error"
    assert said("[INFO] Booting worker with pid: 84").reason == "none"


def test_of_a_chain_of_exceptions_the_first_is_the_reason() -> None:
    chained = (
        "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.",
        "During handling of the above exception, another exception occurred:",
        *KEY_ERROR,
    )
    facts = said(*chained)
    assert facts.reason == "dependency-failed"
    assert facts.reason_line == chained[0]


def test_a_client_that_left_is_no_error_of_the_application() -> None:
    assert said(CACHE_DOWN, "BrokenPipeError: [Errno 32] Broken pipe").reason == "dependency-failed"


def test_of_what_does_not_run_the_last_error_counts_however_old() -> None:
    lines = ("ModuleNotFoundError: No module named 'sqlalchemy'", "Reason: Worker failed to boot.")
    facts = said(*lines, at=ASKED - 5000, alive=False)
    assert (facts.reason, facts.kinds) == ("import-failed", ["boot-failed", "import-failed"])
    assert said(*lines, at=ASKED - 5000).reason == "none"


def test_a_master_that_dies_of_two_workers_says_so_by_its_exception_alone() -> None:
    """Both workers could not boot: the second one's end interrupts the halt, and status is 1."""
    lines = (
        "ModuleNotFoundError: No module named 'sqlalchemy'",
        "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
        "During handling of the above exception, another exception occurred:",
        "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
    )
    facts = said(*lines, alive=False)
    assert (facts.reason, facts.kinds) == ("import-failed", ["boot-failed", "import-failed"])


def test_node_names_the_exception_and_then_itself() -> None:
    facts = said(*NODE_DIES, own=node.EVENTS)
    assert (facts.reason, facts.kinds[0]) == ("fatal-error", "uncaught-exception")
    assert facts.reason_line == NODE_DIES[2]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Error: connect ECONNREFUSED 127.0.0.1:5432", "dependency-failed"),
        ("Error: getaddrinfo ENOTFOUND db.internal", "dependency-failed"),
        ("dial tcp 10.0.0.5:5432: connect: connection refused", "dependency-failed"),
        ("FATAL:  sorry, too many clients already", "dependency-failed"),
        ("OSError: [Errno 28] No space left on device: '/var/lib/x'", "no-space"),
        ("OSError: [Errno 24] Too many open files: 'page.html'", "too-many-files"),
        ("accept tcp [::]:8080: accept4: too many open files; retrying in 5ms", "too-many-files"),
        ("Error: listen EADDRINUSE: address already in use 127.0.0.1:3100", "address-in-use"),
    ],
)
def test_what_an_application_lacks(line: str, kind: str) -> None:
    assert said(line, own=()).reason == kind


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-21T04:29:50.500Z error: gone",
        "[2026-11-21 04:29:50 +0000] [1] [ERROR] gone",
        "2026-11-21 05:29:50,500+01:00 ERROR gone",
    ],
)
def test_the_time_of_a_line(line: str) -> None:
    assert int(stamp(line) or 0) == 1795235390


def test_a_line_without_a_time_has_none() -> None:
    assert stamp("Traceback (most recent call last):") is None
    assert stamp("2026-13-41 99:29:50 nonsense") is None
