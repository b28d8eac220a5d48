"""The list says of each session when, where, what and how it ended, and reads little for it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import msgspec
import pytest

from tests.sample import AT, CONCLUDED, HEALTHY, INCIDENT, events
from wizard.engine.journal import Journal
from wizard.model.events import Event, Noted, Resumed, Returned, Verified
from wizard.sessions.listing import listed

ID = "20261121-031500-00bb"
MANY = 2000


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path / "gateway-wizard/sessions"


def session(told: list[Event], session_id: str = ID, name: str = "journal.jsonl") -> Journal:
    made = Journal(session_id, name=name)
    for event in told:
        made.append(event)
    made.close()
    return made


RETURNED = Returned(at=AT + 5, node="answer/front", scope="", by="mo")
NOTED = Noted(at=AT + 6, text="gone on", by="mo")
RESUMED = Resumed(at=AT + 4, by="mo", version="0", flow_digest="")
VERIFIED = Verified(at=AT + 7, before="502", after="200", mended=True, evidence="e9")


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (events(), "finished"),
        (events()[:-1], "unfinished"),
        ([*events(), RESUMED, NOTED], "finished"),
        ([*events(), RESUMED, RETURNED, NOTED], "unfinished"),
        ([*events(), VERIFIED, NOTED], "mended"),
        ([*events(), VERIFIED, msgspec.structs.replace(VERIFIED, mended=False)], "finished"),
    ],
)
def test_the_state_is_that_of_the_end(told: list[Event], state: str) -> None:
    session(told)
    [row], problems = listed()
    assert (row.state, problems) == (state, [])
    assert (row.id, row.url, row.host) == (ID, INCIDENT.url, INCIDENT.hostname)
    assert bool(row.outcome) == (state != "unfinished")


def test_the_verdict_stands_in_the_list() -> None:
    session(events())
    [row], _ = listed()
    first = CONCLUDED.verdicts[0]
    assert row.verdict == f"{first.title}: {first.subject}"
    assert (row.confidence, row.status) == (first.confidence, CONCLUDED.status)


def test_a_session_that_is_written_in_runs() -> None:
    open_now = Journal(ID)
    for event in events():
        open_now.append(event)
    assert listed()[0][0].state == "running"
    open_now.close()
    assert listed()[0][0].state == "finished"


def test_of_several_urls_it_is_the_one_that_went_worst() -> None:
    session(events(HEALTHY))
    session(events(), name="journal-2.jsonl")
    [row], _ = listed()
    assert (row.outcome, row.more) == ("cause", 1)


def test_a_torn_end_and_a_long_one_are_read_over(state_home: Path) -> None:
    long = [Noted(at=AT, text=f"{number} {'x' * 5000}", by="mo") for number in range(100)]
    path = session([*events(), *long]).path
    assert path is not None
    with path.open("ab") as file:
        file.write(b'{"type":"returned","at":')
    [row], _ = listed()
    assert row.state == "finished"


def test_what_cannot_be_read_is_told_and_hides_nothing(state_home: Path, tmp_path: Path) -> None:
    session(events())
    (state_home / "20261121-031501-00aa").mkdir()
    (state_home / "20261121-031502-00aa").symlink_to(tmp_path)
    torn = state_home / "20261121-031503-00aa"
    torn.mkdir()
    (torn / "journal.jsonl").write_bytes(b'{"type":"star')
    rows, problems = listed()
    assert {row.id: row.state for row in rows} == {
        ID: "finished",
        "20261121-031501-00aa": "unreadable",
        torn.name: "unreadable",
    }
    assert [(each.path.name, "link" in each.why) for each in problems] == [
        ("20261121-031502-00aa", True)
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
def test_a_folder_of_another_user_is_named(state_home: Path) -> None:
    path = session(events()).path
    assert path is not None
    os.chown(path.parent, 65534, 65534)
    rows, [problem] = listed()
    assert rows == []
    assert problem.why == "belongs to another user"


def test_two_thousand_sessions_are_listed_within_a_second(state_home: Path) -> None:
    """By the time of the processor: what else runs on the machine does not count."""
    long = [Noted(at=AT, text="x" * 20_000, by="mo") for _ in range(5)]
    folder = session([*events()[:-1], *long, events()[-1]]).folder
    assert folder is not None
    for number in range(MANY - 1):
        shutil.copytree(folder, state_home / f"20261120-{number:06}-00aa")
    begin = time.process_time()
    rows, _ = listed()
    took = time.process_time() - begin
    assert len(rows) == MANY
    assert {row.state for row in rows} == {"finished"}
    assert took < 1.0
