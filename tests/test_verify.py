"""`wizard verify` as it is typed: against a real server that fails, and then does not."""

from __future__ import annotations

import http.server
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.engine.journal import read
from wizard.model.events import Verified, Watched
from wizard.sessions.appending import Appending

PROJECT = Path(__file__).parents[1]


class Site(http.server.ThreadingHTTPServer):
    """Answers with the status that it is told to."""

    status = 502
    asked = 0
    daemon_threads = True


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        self.server.asked += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_RUNTIME_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return tmp_path / "gateway-wizard/sessions"


def wizard(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "wizard", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd="/")


def url(site: Site) -> str:
    return f"http://127.0.0.1:{site.server_address[1]}/"


def diagnosed(site: Site, state: Path) -> Path:
    assert wizard("diagnose", "--short", url(site)).returncode in (1, 3)
    (journal,) = state.glob("*/journal.jsonl")
    return journal


def test_what_still_fails_and_what_is_mended_have_their_exit_status(
    site: Site, state: Path
) -> None:
    journal = diagnosed(site, state)
    failing = wizard("verify")
    assert (failing.returncode, failing.stderr) == (1, "")
    assert "It is not mended" in failing.stdout
    site.status = 200
    mended = wizard("verify", journal.parent.name[:15])
    assert (mended.returncode, mended.stderr) == (0, "")
    assert "It is mended" in mended.stdout
    assert "before: 502" in mended.stdout
    assert "now:    200" in mended.stdout
    said = [event for event in read(journal) if isinstance(event, Verified)]
    assert [event.mended for event in said] == [False, True]


def test_what_was_seen_later_does_not_change_the_walk_that_was_recorded(
    site: Site, state: Path
) -> None:
    journal = diagnosed(site, state)
    before = json.loads(wizard("replay", "--json", str(journal)).stdout)
    site.status = 200
    wizard("verify")
    after = json.loads(wizard("replay", "--json", str(journal)).stdout)
    assert after["outcome"] == before["outcome"] != "healthy"


def test_a_watch_counts_and_a_failed_request_is_a_failure(site: Site, state: Path) -> None:
    journal = diagnosed(site, state)
    site.status = 200
    done = wizard("verify", "--watch", "2r")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "0 of 2 requests failed in 1 s.")
    watched = read(journal)[-1]
    assert isinstance(watched, Watched)
    assert (watched.asked, watched.failed) == (2, 0)


def test_ctrl_c_ends_a_watch_with_the_count_so_far(site: Site, state: Path) -> None:
    journal = diagnosed(site, state)
    site.status, site.asked = 200, 0
    argv = [sys.executable, "-m", "wizard", "verify", "--watch", "5m"]
    running = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd="/")
    end = time.monotonic() + 30
    while not any(isinstance(event, Verified) for event in read(journal)) or site.asked < 4:
        assert time.monotonic() < end
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert "requests failed in" in said
    assert "stopped early" in said.splitlines()[-1]


def test_while_another_wizard_writes_nothing_is_written_and_it_is_said(
    site: Site, state: Path
) -> None:
    journal = diagnosed(site, state)
    content = journal.read_bytes()
    other = Appending(journal)
    done = wizard("verify")
    other.close()
    assert done.returncode == 1
    assert "Another wizard is writing in" in done.stderr
    assert "written nowhere" in done.stdout
    assert journal.read_bytes() == content


def test_without_a_session_it_is_wrong_usage(state: Path) -> None:
    done = wizard("verify")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No session of yours is kept here yet" in done.stderr
