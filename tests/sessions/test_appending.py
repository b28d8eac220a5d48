"""Only one writes in a journal, and what is appended stays readable however the file ended."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample import AT, events
from wizard.engine.journal import Journal, read
from wizard.model.events import Noted
from wizard.sessions.appending import Appending
from wizard.sessions.kept import SessionError

NOTE = Noted(at=AT + 9, text="later", by="test")


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = Journal("20261121-031500-00bb")
    for event in events():
        made.append(event)
    made.close()
    assert made.path is not None
    return made.path


def append(path: Path) -> None:
    appending = Appending(path)
    appending.append(NOTE)
    appending.close()


def test_what_is_appended_comes_after_what_was_there(journal: Path) -> None:
    before = read(journal)
    append(journal)
    assert read(journal) == [*before, NOTE]


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_last_line_that_was_cut_off_does_not_swallow_it(journal: Path, cut: int) -> None:
    content = journal.read_bytes()
    journal.write_bytes(content[:-cut])
    before = read(journal)
    append(journal)
    assert read(journal) == [*before, NOTE]


def test_a_second_writer_is_told_and_writes_nothing(journal: Path) -> None:
    content = journal.read_bytes()
    first = Appending(journal)
    with pytest.raises(SessionError, match="Another wizard is writing in"):
        Appending(journal)
    first.close()
    assert journal.read_bytes() == content
    append(journal)


def test_another_process_is_kept_out_while_a_walk_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    walking = Journal("20261121-031500-00cc")
    script = (
        "import sys; from pathlib import Path; from wizard.sessions.appending import Appending\n"
        "Appending(Path(sys.argv[1]))"
    )
    argv = [sys.executable, "-c", script, str(walking.path)]
    assert (
        "Another wizard is writing" in subprocess.run(argv, capture_output=True, text=True).stderr
    )
    walking.close()
    assert subprocess.run(argv, capture_output=True).returncode == 0


def test_a_link_a_folder_and_a_packed_tape_are_refused(journal: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(journal)
    tape = tmp_path / "tape.gz"
    tape.write_bytes(gzip.compress(journal.read_bytes()))
    content = journal.read_bytes()
    for path, why in ((link, "cannot be written"), (tmp_path, "cannot be written"), (tape, "tape")):
        with pytest.raises(SessionError, match=why):
            Appending(path)
    assert journal.read_bytes() == content


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_a_journal_of_another_user_is_not_written_to(journal: Path) -> None:
    os.chown(journal, 65534, 65534)
    with pytest.raises(SessionError, match="belongs to another user"):
        Appending(journal)


def test_secrets_are_masked_on_the_way(journal: Path) -> None:
    appending = Appending(journal)
    appending.append(Noted(at=AT, text="DB_PASSWORD=hunter2", by="test"))
    appending.close()
    assert b"hunter2" not in journal.read_bytes()
