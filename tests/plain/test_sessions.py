"""`wizard sessions` and `wizard resume --plain`, typed at a prompt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.plain.session import PROJECT, walk
from wizard.engine.journal import read
from wizard.model.session import Session, fold

URL = "http://127.0.0.1:9/"
"""Nothing listens there, and nothing has to: the walk is the same on every host."""
LONG = 60.0


def test_nothing_is_there_at_first(tmp_path: Path) -> None:
    assert "No session of yours" in walk("sessions", home=tmp_path).said
    refused = walk("resume", "--plain", home=tmp_path)
    assert refused.status == 2
    assert "No session of yours" in refused.warned


def test_a_session_is_listed_gone_on_with_and_removed(tmp_path: Path) -> None:
    first = walk("--plain", "--step", URL, typed="n before\n", home=tmp_path)
    assert first.session.conclusion is None
    [known] = json.loads(walk("sessions", "--json", home=tmp_path).said)["sessions"]
    assert (known["id"], known["state"], known["url"]) == (first.session.id, "unfinished", URL)
    assert "unfinished" in walk("sessions", home=tmp_path).said

    again = walk(
        "resume", "--plain", "--stale-after", "0s", typed="n after\na\ns\nq\n", home=tmp_path
    )
    assert "looks are stale" in again.said
    assert "Note: before" in again.said
    assert "Verdict" in again.said
    assert again.session.id == first.session.id
    assert [note.text for note in again.session.notes] == ["before", "after"]
    assert not again.session.stale
    listed = walk("sessions", home=tmp_path).said
    assert "finished" in listed
    assert max(map(len, listed.splitlines())) <= 80

    assert walk("sessions", "prune", "--keep", "0", home=tmp_path).status == 2
    assert (
        "1 session would be"
        in walk("sessions", "prune", "--keep", "0", "--dry-run", home=tmp_path).said
    )
    walk("sessions", "keep", known["id"], home=tmp_path)
    assert (
        "nothing to remove" in walk("sessions", "prune", "--keep", "0", "--yes", home=tmp_path).said
    )
    walk("sessions", "release", known["id"], home=tmp_path)
    assert (
        "1 session removed" in walk("sessions", "prune", "--keep", "0", "--yes", home=tmp_path).said
    )
    assert "No session of yours" in walk("sessions", home=tmp_path).said


def test_without_a_name_it_is_the_newest_unfinished_one(tmp_path: Path) -> None:
    unfinished = walk("--plain", "--step", URL, home=tmp_path).session.id
    walk("diagnose", URL, home=tmp_path)
    walk("resume", "--plain", typed="n here\n", home=tmp_path)
    [path] = tmp_path.glob(f".local/state/gateway-wizard/sessions/{unfinished}/journal.jsonl")
    assert [note.text for note in fold(read(path)).notes] == ["here"]


def test_a_session_of_another_host_is_only_replayed(tmp_path: Path) -> None:
    walk("demo", "--plain", typed="q\n", home=tmp_path)
    refused = walk("resume", "2", "--plain", home=tmp_path)
    assert refused.status == 2
    assert "wizard replay" in refused.warned


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["resume", "nosuch", "--plain"], "There is no session 'nosuch'"),
        (["resume", "--plain", "--stale-after", "soon"], "--stale-after: 'soon' is no length"),
        (["sessions", "prune"], "Say which"),
        (["sessions", "prune", "--keep", "-1"], "is no number of sessions"),
        (["sessions", "prune", "--keep", "many"], "'many' is no number"),
        (["sessions", "prune", "--older-than", "x"], "--older-than: 'x' is no length"),
        (["sessions", "keep", "x"], "There is no session 'x'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    typed: list[str], told: str, tmp_path: Path
) -> None:
    refused = walk(*typed, home=tmp_path)
    assert refused.status == 2
    assert told.lower() in refused.warned.lower()


def test_a_follower_tells_what_comes_and_takes_over(tmp_path: Path) -> None:
    """The leader waits at a prompt and is killed there."""
    argv = [sys.executable, "-m", "wizard"]
    home = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": "", "COLUMNS": "80"}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*argv, *arguments], cwd=PROJECT, env=home,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def session() -> Session:
        found = list(tmp_path.glob(".local/state/gateway-wizard/sessions/*/journal.jsonl"))
        return fold(read(found[0])) if found else Session()

    with start("--plain", "--step", URL) as leader:
        end = time.monotonic() + LONG
        while not session().path:
            assert time.monotonic() < end
            time.sleep(0.05)
        with start("resume", "--plain") as follower:
            assert follower.stdout is not None
            said = b""
            while b"Decided" not in said:
                said += follower.stdout.readline()
            assert b"You follow, read-only" in said
            leader.send_signal(signal.SIGKILL)
            leader.wait()
            rest, _ = follower.communicate(b"t\nn mine\nq\n", timeout=LONG)
    assert b"has left this session" in rest
    assert b"Resumed: " in rest
    assert [note.text for note in session().notes] == ["mine"]
    assert len(session().resumed) == 1
