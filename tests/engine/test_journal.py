"""The journal keeps every event, for nobody else's eyes, wherever there is a place for it."""

from __future__ import annotations

import errno
import gzip
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample import AT, events
from wizard.engine.journal import Journal, JournalError, new_session_id, read
from wizard.model.events import Event, Looking, Noted
from wizard.model.session import fold

ROOT = os.geteuid() == 0
KEPT = [event for event in events() if not isinstance(event, Looking)]


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own state folder, and a temporary folder that is ours to look into."""
    for name in ("run", "tmp"):
        (tmp_path / name).mkdir(mode=0o700)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path / "state"


def written(journal: Journal, what: list[Event] | None = None) -> Journal:
    for event in KEPT if what is None else what:
        journal.append(event)
    return journal


def noted(text: str) -> Noted:
    return Noted(at=AT, text=text, by="test")


def test_what_was_appended_reads_back(state_home: Path) -> None:
    journal = written(Journal("one"), events())
    assert journal.path == state_home / "gateway-wizard/sessions/one/journal.jsonl"
    assert journal.warning is None
    assert read(journal.path) == KEPT
    assert fold(read(journal.path)).conclusion == fold(events()).conclusion


def test_an_event_that_is_not_waited_for_is_written_all_the_same() -> None:
    """Another process reads it at once; only a power cut could take it."""
    journal = Journal("one")
    journal.append(Noted(at=1.0, text="told to nobody", by="t"), wait=False)
    assert journal.path is not None
    assert [event.at for event in read(journal.path)] == [1.0]


def test_an_event_is_on_disk_before_append_returns() -> None:
    journal = Journal("one")
    assert journal.path is not None
    for number, event in enumerate(KEPT, 1):
        journal.append(event)
        assert len(journal.path.read_bytes().splitlines()) == number


def test_folders_and_files_are_for_the_owner_only(state_home: Path) -> None:
    path = written(Journal("one")).path
    assert path is not None
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, *path.parents[:3])]
    assert modes == [0o600, 0o700, 0o700, 0o700]


def test_a_folder_that_was_open_to_others_is_closed(state_home: Path) -> None:
    (state_home / "gateway-wizard").mkdir(parents=True, mode=0o755)
    written(Journal("one"))
    assert stat.S_IMODE((state_home / "gateway-wizard").stat().st_mode) == 0o700


def test_secrets_are_masked_before_they_are_written() -> None:
    journal = written(Journal("one"), [noted("DB_PASSWORD=hunter2 was set at 03:10")])
    assert journal.path is not None
    assert b"hunter2" not in journal.path.read_bytes()


def test_a_symbolic_link_in_the_place_of_a_folder_is_not_followed(
    state_home: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    state_home.mkdir()
    (state_home / "gateway-wizard").symlink_to(elsewhere)
    journal = written(Journal("one"))
    assert not list(elsewhere.iterdir())
    assert journal.path == tmp_path / "run/gateway-wizard/one/journal.jsonl"
    assert read(journal.path) == KEPT
    assert journal.warning is not None


def test_a_file_that_is_there_already_is_not_written_to(state_home: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("before")
    folder = state_home / "gateway-wizard/sessions/one"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").symlink_to(target)
    journal = written(Journal("one"))
    assert target.read_text() == "before"
    assert journal.path is not None
    assert read(journal.path) == KEPT


@pytest.mark.skipif(not ROOT, reason="needs root to give a folder away")
def test_a_folder_of_another_user_is_not_used(state_home: Path, tmp_path: Path) -> None:
    (state_home / "gateway-wizard").mkdir(parents=True)
    os.chown(state_home / "gateway-wizard", 65534, 65534)
    journal = Journal("one")
    assert journal.folder == tmp_path / "run/gateway-wizard/one"


@pytest.mark.skipif(not ROOT, reason="needs root to own another user's home")
def test_root_with_another_users_home_writes_to_roots_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(home))
    journal = Journal(f"test-{new_session_id()}")
    try:
        assert journal.folder is not None
        assert home not in journal.folder.parents
        assert not list(home.iterdir())
    finally:
        journal.close()
        if journal.path is not None and journal.folder is not None:
            journal.path.unlink()
            journal.folder.rmdir()


def test_a_state_folder_that_cannot_be_made_is_told_once(state_home: Path, tmp_path: Path) -> None:
    state_home.write_text("a file in its place")
    told: list[str] = []
    journal = written(Journal("one", warn=told.append))
    assert journal.folder == tmp_path / "run/gateway-wizard/one"
    assert told == [journal.warning]
    assert "it is kept in" in told[0]


def test_without_any_place_it_stays_in_memory(
    state_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state_home.write_text("a file in its place")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(state_home))
    monkeypatch.setattr("tempfile.tempdir", str(state_home))
    told: list[str] = []
    journal = written(Journal("one", warn=told.append))
    assert journal.path is None
    assert len(told) == 1
    assert "in memory only" in told[0]
    assert journal.keep("crash.txt", "x") is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.skipif(not ROOT, reason="needs root to mount a small disk")
def test_a_disk_that_fills_up_moves_the_whole_session(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(small_disk))
    long = [noted("x" * 10_000 + str(number)) for number in range(12)]
    told: list[str] = []
    journal = Journal("one", warn=told.append)
    first = journal.path
    assert first is not None
    assert small_disk in first.parents
    written(journal, long)
    assert journal.path == tmp_path / "run/gateway-wizard/one/journal.jsonl"
    assert read(journal.path) == long
    assert len(told) == 1
    assert os.strerror(errno.ENOSPC) in told[0]
    left = read(first)
    assert left == long[: len(left)], "what is left on the full disk is whole too"


def test_a_limit_on_the_size_of_files_is_no_end(tmp_path: Path) -> None:
    """The kernel says EFBIG in the middle of a line; in a process of its own for the limit."""
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from wizard.engine.journal import Journal, read
from wizard.model.events import Noted
journal = Journal("one")
journal.append(Noted(at=1.0, text="before", by="t"))
first = journal.path
resource.setrlimit(resource.RLIMIT_FSIZE, (100, {resource.RLIM_INFINITY}))
journal.append(Noted(at=2.0, text="y" * 500, by="t"))
assert journal.path is None and "in memory only" in journal.warning, journal.warning
assert [event.text for event in read(first)] == ["before"]
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])


def test_a_journal_cut_at_any_byte_reads() -> None:
    journal = written(Journal("one"))
    assert journal.path is not None
    whole = journal.path.read_bytes()
    cut = journal.path.with_name("cut.tape")
    for end in range(0, len(whole), 7):
        cut.write_bytes(whole[:end])
        assert read(cut) == KEPT[: len(read(cut))]
        fold(read(cut))


def test_a_gzipped_tape_reads_even_when_cut(tmp_path: Path) -> None:
    journal = written(Journal("one"))
    assert journal.path is not None
    packed = gzip.compress(journal.path.read_bytes())
    tape = tmp_path / "one.tape"
    tape.write_bytes(packed)
    assert read(tape) == KEPT
    tape.write_bytes(packed[: len(packed) // 2])
    assert read(tape) == KEPT[: len(read(tape))]


def test_a_bad_line_in_the_middle_is_named(tmp_path: Path) -> None:
    journal = written(Journal("one"))
    assert journal.path is not None
    lines = journal.path.read_bytes().splitlines(keepends=True)
    tape = tmp_path / "bad.tape"
    tape.write_bytes(b"".join([lines[0], b'{"type": "noted"}\n', *lines[1:]]))
    with pytest.raises(JournalError, match="line 2: not an event"):
        read(tape)


@pytest.mark.parametrize("make", ["missing", "folder", "binary"])
def test_what_is_no_tape_is_refused_in_a_sentence(make: str, tmp_path: Path) -> None:
    path = tmp_path / "x.tape"
    if make == "folder":
        path.mkdir()
    if make == "binary":
        path.write_bytes(b"\x1f\x8bnonsense\n" * 10)
    with pytest.raises(JournalError, match=r"x\.tape"):
        read(path)


def test_control_characters_on_a_tape_are_made_visible(tmp_path: Path) -> None:
    tape = tmp_path / "hostile.tape"
    tape.write_bytes(
        b'{"type":"noted","at":1.0,"text":"\\u001b]52;c;AAAA\\u0007\\u202e","by":"x"}\n'
    )
    (event,) = read(tape)
    assert isinstance(event, Noted)
    assert event.text == "\\x1b]52;c;AAAA\\x07\\u202e"


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.engine.recording.READ_LIMIT", 1_000_000)
    tape = tmp_path / "bomb.tape"
    tape.write_bytes(gzip.compress(b"x" * 50_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(JournalError, match="larger than"):
        read(tape)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def test_a_text_file_can_be_kept_beside_the_journal() -> None:
    journal = Journal("one")
    path = journal.keep("crash.txt", "Traceback \udc80")
    assert path is not None
    assert path.read_text() == "Traceback \\udc80"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert journal.keep("crash.txt", "again") is None


def test_ids_sort_by_time() -> None:
    assert new_session_id(AT) < new_session_id(AT + 1)
