"""Old sessions go; those in use, those that were marked and what lies behind links stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.sample import events
from wizard.engine.journal import Journal
from wizard.sessions import pruning
from wizard.sessions.kept import SessionError, kept, named

NOW = time.time()
DAY = 86_400.0


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv(pruning.OFF, raising=False)
    return tmp_path / "gateway-wizard/sessions"


def session(days_old: float) -> Journal:
    """A session into which something was written last so long ago."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(NOW - days_old * DAY))
    made = Journal(f"{moment}-00aa")
    for event in events():
        made.append(event)
    assert made.path is not None
    made.keep("fix-1.sh", "true")
    os.utime(made.path, (NOW, NOW - days_old * DAY))
    return made


def left() -> list[str]:
    return [each.id for each in kept()]


def test_by_itself_only_what_is_older_than_ninety_days_goes() -> None:
    old, young = session(91), session(89)
    old.close()
    pruning.prune_quietly(NOW, "mine")
    assert left() == [young.session_id]
    assert old.folder is not None
    assert not old.folder.exists()


def test_by_itself_only_what_is_beyond_the_most_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [session(days) for days in (4, 3, 2, 1)]
    for each in made:
        each.close()
    monkeypatch.setattr(pruning, "MOST", 2)
    pruning.prune_quietly(NOW, "mine")
    assert left() == [made[3].session_id, made[2].session_id]


def test_an_old_session_that_was_gone_on_with_yesterday_stays() -> None:
    old = session(200)
    old.close()
    assert old.path is not None
    os.utime(old.path, (NOW, NOW - DAY))
    pruning.prune_quietly(NOW, "mine")
    assert left() == [old.session_id]


def test_what_is_in_use_or_marked_stays() -> None:
    used, marked = session(200), session(100)
    marked.close()
    pruning.mark(named(marked.session_id), True)
    pruning.prune_quietly(NOW, "mine")
    assert set(left()) == {used.session_id, marked.session_id}
    with pytest.raises(SessionError, match="A wizard is writing in"):
        pruning.remove(named(used.session_id))
    with pytest.raises(SessionError, match="marked to be kept"):
        pruning.remove(named(marked.session_id))
    used.close()
    pruning.mark(named(marked.session_id), False)
    pruning.prune_quietly(NOW, "mine")
    assert left() == []


def test_it_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    session(200).close()
    monkeypatch.setenv(pruning.OFF, "off")
    pruning.prune_quietly(NOW, "mine")
    assert len(left()) == 1


def test_nothing_outside_the_folder_is_touched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    made = session(200)
    made.close()
    assert made.folder is not None
    (made.folder / "link").symlink_to(elsewhere / "precious")
    pruning.remove(named(made.session_id))
    assert (elsewhere / "precious").read_text() == "x"
    assert not made.folder.exists()


def test_a_folder_that_somebody_made_in_it_stays_with_all_the_rest() -> None:
    made = session(200)
    made.close()
    assert made.folder is not None
    (made.folder / "mine").mkdir()
    with pytest.raises(SessionError, match="which the wizard did not make"):
        pruning.remove(named(made.session_id))
    assert (made.folder / "journal.jsonl").exists()
