"""Sessions are found again by id, by its beginning, by path; links and strangers do not count."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.sample import CONCLUDED, HEALTHY, INCIDENT, events
from wizard.engine.journal import Journal
from wizard.model.incident import Incident
from wizard.sessions.kept import SessionError, kept, recorded

OLD, NEW = "20261120-031500-00aa", "20261121-031500-00bb"


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path / "gateway-wizard/sessions"


def session(session_id: str, incident: Incident = INCIDENT, **journal: str) -> Path:
    made = Journal(session_id, **journal)  # type: ignore[arg-type]
    ended = HEALTHY if incident.url.endswith("well") else CONCLUDED
    for event in events(ended, incident):
        made.append(event)
    made.close()
    assert made.path is not None
    return made.path


def test_without_a_name_it_is_the_newest() -> None:
    session(OLD)
    newest = session(NEW)
    assert [each.id for each in kept()] == [NEW, OLD]
    assert recorded(None).path == newest


def test_a_folder_without_a_journal_is_not_the_newest(state_home: Path) -> None:
    old = session(OLD)
    (state_home / NEW).mkdir()
    assert recorded(None).path == old


def test_the_beginning_of_an_id_is_enough_where_only_one_begins_so() -> None:
    old = session(OLD)
    session(NEW)
    assert recorded("20261120").path == old
    with pytest.raises(SessionError, match=f"Several sessions begin with '2026'.*{NEW}, {OLD}"):
        recorded("2026")
    with pytest.raises(SessionError, match=f"There is no session '1999'. There are: {NEW}"):
        recorded("1999")


def test_a_path_is_taken_as_it_is_named() -> None:
    path = session(OLD)
    assert recorded(str(path)) == recorded(str(path.parent)) == recorded(OLD)


def test_of_several_urls_it_is_the_one_that_went_worst() -> None:
    well = msgspec.structs.replace(INCIDENT, url="http://shop.example.com/well")
    session(OLD, well)
    broken = session(OLD, name="journal-2.jsonl")
    assert recorded(OLD).path == broken


def test_a_link_to_a_session_is_none(state_home: Path, tmp_path: Path) -> None:
    path = session(OLD)
    path.parent.rename(tmp_path / "elsewhere")
    (state_home / OLD).symlink_to(tmp_path / "elsewhere")
    assert kept() == []
    with pytest.raises(SessionError, match="No session of yours"):
        recorded(None)
