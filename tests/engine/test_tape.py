"""A tape is the session in one file: the same bytes each time, and nothing of it lost on the way.

What is no tape, or a hostile one, is refused in a sentence that names the file.
"""

from __future__ import annotations

import gzip
import json
import resource
from pathlib import Path
from typing import Any

import pytest

from tests.sample import AT, events
from tests.taped import TAPES
from wizard.engine.recording import SCHEMA, JournalError, recording
from wizard.engine.tape import tape
from wizard.model.events import Event, Looking, Noted
from wizard.report.document import plain
from wizard.report.document.transcript import transcript

KEPT = [event for event in events() if not isinstance(event, Looking)]
RECORDED = sorted(TAPES.glob("*.tape.gz"))


def packed(what: list[Event]) -> bytes:
    return b"".join(tape(what))


def lines_of(content: bytes) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(content).splitlines()]


def told(what: list[Event]) -> str:
    return "".join(plain.write(transcript(what)))


def noted(text: str) -> Noted:
    return Noted(at=AT, text=text, by="test")


def test_a_tape_tells_in_its_first_line_what_it_is() -> None:
    first, *others = lines_of(packed(KEPT))
    assert (first["type"], first["schema"]) == ("tape", SCHEMA)
    assert (first["session"], first["flow"]) == (others[0]["session"], others[0]["flow"])
    assert first["host"] == others[0]["incident"]["hostname"]
    assert first["events"] == len(others) == len(KEPT)


def round_trip(path: Path, folder: Path) -> None:
    before = recording(path).events
    content = packed(before)
    copy = folder / "copy.tape"
    copy.write_bytes(content)
    after = recording(copy).events
    assert after == before
    assert told(after) == told(before)
    assert packed(after) == content == packed(before)


@pytest.mark.parametrize("path", RECORDED[::60], ids=lambda path: path.name)
def test_a_tape_of_a_tape_is_that_tape(path: Path, tmp_path: Path) -> None:
    round_trip(path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("path", RECORDED[2::3], ids=lambda path: path.name)
def test_recorded_tapes_go_round(path: Path, tmp_path: Path) -> None:
    round_trip(path, tmp_path)


def test_a_secret_in_the_journal_does_not_reach_the_tape() -> None:
    """As in a journal that an older detector masked; `[masked:1]` there is another secret."""
    content = packed([*KEPT, noted("[masked:1], then DB_PASSWORD=hunter2-is-not-it")])
    first, *others = lines_of(content)
    assert others[-1]["text"] == "[masked:1], then DB_PASSWORD=[masked:password-2]"
    assert first["masked"]["places"] == 2
    assert first["masked"]["secrets"] == 2
    assert b"hunter2" not in gzip.decompress(content)


def changed(tmp_path: Path, lines: list[Any]) -> Path:
    path = tmp_path / "changed.tape"
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return path


def test_what_only_a_newer_wizard_knows_is_left_out_and_counted(tmp_path: Path) -> None:
    first, *others = lines_of(packed(KEPT))
    first["mood"] = "from a newer wizard"
    sung: dict[str, Any] = {"type": "sung", "at": 1.0}
    read = recording(changed(tmp_path, [first, others[0], sung, sung, *others[1:]]))
    assert read.events == KEPT
    assert read.left_out == {"sung": 2}


def test_a_tape_of_a_newer_form_is_refused_with_the_version_that_reads_it(tmp_path: Path) -> None:
    first, *others = lines_of(packed(KEPT))
    newer = {**first, "schema": "wizard/tape/2", "written_with": "9.1.0"}
    with pytest.raises(JournalError, match=r"wizard/tape/2.*written by a wizard 9\.1\.0"):
        recording(changed(tmp_path, [newer, *others]))


@pytest.mark.parametrize(
    "line",
    [
        [],
        "text",
        3,
        None,
        {"type": 3},
        {"type": ["noted"]},
        {"type": "tape"},
        {"type": "tape", "schema": 1, "written_with": "1"},
        {"type": "tape", "schema": "song/1", "written_with": "1"},
        {"type": "noted", "at": "soon", "text": "", "by": ""},
    ],
)
def test_a_line_that_is_no_event_is_named(line: Any, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"changed\.tape"):
        recording(changed(tmp_path, [line, {"type": "noted", "at": 1, "text": "", "by": ""}]))


@pytest.mark.parametrize("byte", [b"0", b"\n", b"[", b"{}\n"])
def test_a_bomb_costs_neither_memory_nor_a_minute(byte: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.tape"
    path.write_bytes(gzip.compress(byte * (300_000_000 // len(byte)), 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(JournalError, match=r"bomb\.tape"):
        recording(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_deep_brackets_are_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "deep.tape"
    path.write_bytes(b"[" * 100_000 + b"\n{}\n")
    with pytest.raises(JournalError, match="line 1"):
        recording(path)
