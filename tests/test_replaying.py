"""A replay says whose record it is and what differs today, and is the same each time it is made."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.taped import TAPES, tape
from wizard import replaying
from wizard.engine.tape import tape as packed
from wizard.report.document import plain
from wizard.report.document.transcript import transcript

NAME = "wrong-port-in-site"
PROJECT = Path(__file__).parents[1]


def wizard(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wizard", *map(str, arguments)],
        capture_output=True, text=True, cwd=PROJECT, timeout=60, check=False,
    )  # fmt: skip


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(tape(name).read_bytes()).splitlines()]


def written(lines: list[dict[str, Any]], folder: Path) -> Path:
    path = folder / "x.tape"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def of_today(name: str, folder: Path) -> Path:
    """The tape of today's walk over a recorded one."""
    path = folder / "today.tape"
    path.write_bytes(b"".join(packed(replaying.replay(str(tape(name))).events)))
    return path


def said(path: Path) -> str:
    return "\n".join(replaying.replay(str(path)).said())


def test_it_says_where_and_when_it_was_recorded(tmp_path: Path) -> None:
    text = said(of_today(NAME, tmp_path))
    assert text.startswith("Recorded on web1 at 2026-11-21 ")
    assert " as root, with Gateway Wizard " in text
    assert "today" not in text


def round_trip(name: str, folder: Path) -> None:
    """To a tape, replayed, to a tape again."""
    once = of_today(name, folder)
    first = once.read_bytes()
    again = replaying.replay(str(once))
    assert b"".join(packed(again.events)) == first
    assert "".join(plain.write(transcript(again.events))) == "".join(
        plain.write(transcript(replaying.opened(str(once)).recording.events))
    )


NAMES = [path.name.removesuffix(".tape.gz") for path in sorted(TAPES.glob("*.tape.gz"))]


@pytest.mark.parametrize("name", NAMES[::60])
def test_a_replay_of_a_replay_is_the_same_to_the_byte(name: str, tmp_path: Path) -> None:
    round_trip(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[1::3])
def test_recorded_tapes_replay_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    round_trip(name, tmp_path)


def test_another_verdict_than_then_is_told_with_the_question_at_which_they_part(
    tmp_path: Path,
) -> None:
    lines = lines_of(NAME)
    lines[0]["flow_digest"] = "other"
    for line in lines:
        if line["type"] == "concluded":
            line["verdicts"][0]["title"] = "The moon is full"
        if line["type"] == "decided" and line["node"] == "backend/dial":
            line.update(outcome="unknown", goto="end", said="It could not be told.")
    text = said(written(lines, tmp_path))
    assert "Then: The moon is full: " in text
    assert "With today's flows: " in text
    assert '(backend/dial, 127.0.0.1:3100): then "It could not be told."; today "' in text


def test_other_flows_that_come_to_the_same_are_told_in_one_sentence(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in gzip.decompress(
        of_today(NAME, tmp_path).read_bytes()
    ).splitlines()]  # fmt: skip
    next(line for line in lines if line["type"] == "started")["flow_digest"] = "other"
    assert said(written(lines, tmp_path)).endswith(
        "With today's flows: the same verdict by the same path."
    )


def test_a_walk_that_was_left_has_no_verdict_then(tmp_path: Path) -> None:
    lines = [line for line in lines_of(NAME) if line["type"] != "concluded"]
    assert "Then: no verdict, the walk was left before." in said(written(lines[:-4], tmp_path))


def test_what_only_a_newer_wizard_knows_is_said(tmp_path: Path) -> None:
    lines = lines_of(NAME)
    path = written([*lines[:3], {"type": "sung", "at": 1.0}, *lines[3:]], tmp_path)
    done = wizard("replay", path, "--short")
    assert done.returncode == 1
    assert "Left out: 1 event that only a newer wizard knows (sung)." in done.stderr


def test_a_page_begins_with_whose_record_it_is_and_json_stays_json(tmp_path: Path) -> None:
    page = wizard("replay", tape(NAME), "--text")
    assert page.stdout.startswith("Recorded on web1 at ")
    machine = wizard("replay", tape(NAME), "--json")
    assert json.loads(machine.stdout)["verdicts"]
    assert machine.stderr.startswith("wizard: Recorded on web1 at ")


def test_as_recorded_shows_what_was_and_walks_nothing(tmp_path: Path) -> None:
    lines = lines_of(NAME)
    for line in lines:
        if line["type"] == "concluded":
            line["verdicts"][0]["title"] = "The moon is full"
    path = written(lines, tmp_path)
    assert "The moon is full" in wizard("replay", path, "--as-recorded").stdout
    assert "The moon is full" in wizard("replay", path, "--as-recorded", "--short").stdout
    today = wizard("replay", path, "--json").stdout
    assert "The moon is full" not in today


def test_a_prompt_says_it_too() -> None:
    assert "\nRecorded on web1 at 2026-11-21 " in wizard("--plain", "replay", tape(NAME)).stdout


@pytest.mark.parametrize("wrong", ["--plain", "--step", "--reread"])
def test_as_recorded_goes_with_no_walk(wrong: str) -> None:
    done = wizard("replay", tape(NAME), "--as-recorded", wrong)
    assert done.returncode == 2
    assert "--as-recorded" in done.stderr


@pytest.mark.parametrize(
    ("look", "facts"),
    [
        ("route", {"servers": "none", "location": 3}),
        ("front", {"status": "many", "headers": [[["a"]]], "milliseconds": {}}),
        ("errors", {"tallies": [{"count": "x"}], "recent": 7}),
        ("owner", {"pid": "../../x", "unit": ["a"], "started": "never"}),
    ],
)
def test_facts_of_another_shape_are_no_traceback(
    look: str, facts: dict[str, Any], tmp_path: Path
) -> None:
    lines = lines_of(NAME)
    for line in lines:
        if line["type"] == "looked" and line["evidence"]["look"] == look:
            line["evidence"]["facts"].update(facts)
    done = wizard("replay", written(lines, tmp_path))
    assert done.returncode in (0, 1, 3)
    assert "itself failed" not in done.stderr


def test_ids_that_are_paths_and_controls_in_evidence_do_nothing(tmp_path: Path) -> None:
    lines = lines_of(NAME)
    lines[0]["session"] = "../../../tmp/x"
    for line in lines:
        if line["type"] == "looked":
            line["evidence"].update(id="../../x", raw="\x1b]52;c;AAAA\x07", title="\x1b[2J[red]")
    path = written(lines, tmp_path)
    for form in ("--text", "--short", "--json", "--as-recorded"):
        done = wizard("replay", path, form)
        assert done.returncode in (1, 3)
        assert "\x1b" not in done.stdout + done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["x.tape"]
