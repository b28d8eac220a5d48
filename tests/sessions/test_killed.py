"""SIGKILL, a cut line, a lost line to the host: what was told is there, opens, and goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.sample import AT, events
from wizard.engine.catalogue import probes
from wizard.engine.investigation import Investigation
from wizard.engine.journal import Journal, read
from wizard.engine.look import TapeLook
from wizard.flows.loading import load
from wizard.model.events import Event, Looking, Noted, Started
from wizard.model.session import fold
from wizard.sessions.appending import Appending
from wizard.sessions.following import Following

PROJECT = Path(__file__).parents[2]
TAPE = PROJECT / "tests/tapes/oom-export.tape.gz"
KILLS = 100


def timeless(event: Event) -> Event:
    """The event without what differs from run to run."""
    if isinstance(event, Started):
        event = msgspec.structs.replace(event, session="")
    assert not isinstance(event, Looking)
    return msgspec.structs.replace(event, at=0.0)


def test_killed_at_a_hundred_moments_the_journal_is_a_prefix_of_the_whole(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.sessions.killing", str(TAPE), str(KILLS), "1795287699"],
        check=True,
        cwd=PROJECT,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "WIZARD_RETENTION": "off"},
        timeout=300,
    )
    folders = list((tmp_path / "gateway-wizard/sessions").iterdir())
    journals = [path for folder in folders for path in folder.glob("journal.jsonl")]
    walks = sorted(([timeless(each) for each in read(path)] for path in journals), key=len)
    whole = walks[-1]
    assert fold(whole).conclusion is not None
    lengths = {len(walk) for walk in walks}
    assert len(lengths) > 10, "they were killed at different moments"
    for walk in walks:
        assert walk == whole[: len(walk)]
        assert fold(walk) == fold(whole[: len(walk)])
    _resumes(whole, walks[:: max(1, len(walks) // 8)])


def _resumes(whole: list[Event], walks: list[list[Event]]) -> None:
    """From each of them another process comes to the same verdict."""
    catalogue = probes()
    library = load(catalogue)
    tape = fold(read(TAPE))
    assert tape.incident is not None
    wanted = fold(whole).conclusion
    assert wanted is not None
    for walk in filter(None, walks):
        told: list[Event] = []
        look = TapeLook(tape.evidence_of_the_walk())
        again = Investigation(tape.incident, look, library, catalogue, told.append)
        again.resume(walk, 1e12)
        ended = again.walk_to_the_end()
        assert ended.verdicts == wanted.verdicts


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A short one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = Journal("20261121-031500-00bb")
    for event in events()[:4]:
        made.append(event)
    made.append(Noted(at=AT + 8, text="zwölf € \N{PILE OF POO}", by="mo"))
    made.close()
    assert made.path is not None
    return made.path


def test_cut_at_every_byte_it_opens_and_takes_what_comes_next(journal: Path) -> None:
    content = journal.read_bytes()
    whole = read(journal)
    note = Noted(at=AT + 9, text="later", by="mo")
    for end in range(1, len(content)):
        journal.write_bytes(content[:end])
        before = read(journal)
        assert before == whole[: len(before)]
        assert len(before) >= content[:end].count(b"\n")
        followed = Following(journal).news()
        assert followed == whole[: len(followed)]
        appending = Appending(journal)
        appending.append(note)
        appending.close()
        assert read(journal) == [*before, note], end
        assert journal.read_bytes().endswith(b"\n")


def test_a_walk_that_goes_on_writes_behind_the_torn_line(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-9])
    before = read(journal)
    goes_on = Appending(journal).journal(journal, lambda sentence: None)
    note = goes_on.append(Noted(at=AT + 9, text="later", by="mo"))
    goes_on.close()
    assert read(journal) == [*before, note]


def test_a_resumed_walk_on_a_full_disk_goes_on_elsewhere_with_all_of_it(
    journal: Path, tmp_path: Path
) -> None:
    """The kernel takes no longer file; in a process of its own for the limit."""
    (tmp_path / "run").mkdir(mode=0o700)
    script = f"""
import resource, signal
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from wizard.engine.journal import read
from wizard.model.events import Noted
from wizard.sessions.appending import Appending
path, told = Path({str(journal)!r}), []
before = read(path)
journal = Appending(path).journal(path, told.append)
size = path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, resource.RLIM_INFINITY))
journal.append(Noted(at=2.0, text="y" * 500, by="t"))
assert journal.path is None and "in memory only" in told[0], told
assert read(path) == before
"""
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    subprocess.run([sys.executable, "-c", script], check=True, cwd=PROJECT, env=environment)
