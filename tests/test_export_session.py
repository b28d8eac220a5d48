"""`wizard export` of a whole session: every form, wherever it is written, whoever reads it."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.documents import full
from wizard.engine.journal import Journal
from wizard.model.events import encode

PROJECT = Path(__file__).parents[1]
ID = "20261121-031000-9f3c"
FORMS = ("md", "html", "text", "json", "short", "postmortem")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the session lies."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    journal = Journal(ID)
    for event in full():
        journal.append(event)
    journal.close()
    assert journal.path is not None
    return journal.path


def export(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "wizard", "export", *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(argv, capture_output=True, timeout=60, cwd="/", env=env, text=True)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_for_every_reader_on_every_day(form: str, state: Path) -> None:
    """Another zone, another home, another language, another host: nothing of them is in it."""
    here = export("--format", form)
    assert (here.returncode, here.stderr) == (0, "")
    there = export(str(state), "--format", form, TZ="Asia/Tokyo", HOME="/nonexistent", LANG="C",
                   COLUMNS="40", USER="other")  # fmt: skip
    assert there.stdout == here.stdout


@pytest.mark.parametrize("form", FORMS)
def test_a_tape_tells_the_same_as_the_journal(form: str, state: Path, tmp_path: Path) -> None:
    tape = tmp_path / "sent.tape.gz"
    tape.write_bytes(gzip.compress(state.read_bytes()))
    assert export(str(tape), "--format", form).stdout == export("2026", "--format", form).stdout


def test_without_a_format_it_is_markdown() -> None:
    assert export().stdout == export("--format", "md").stdout
    assert export().stdout.startswith("# `http://shop.example.com/` answers 502 Bad Gateway\n")


def test_json_is_the_report_of_diagnose_with_the_raw_text() -> None:
    from wizard.model.session import fold
    from wizard.report.json import render

    assert json.loads(export("--format", "json").stdout) == json.loads(render([fold(full())]))


def test_short_is_seven_lines_of_ascii() -> None:
    made = export("--format", "short").stdout
    assert made.isascii()
    assert made.count("\n") == 7


def test_text_is_never_wider_than_80_columns_but_where_it_is_verbatim() -> None:
    for form in (("text",), ("postmortem", "--as", "text")):
        lines = export("--format", *form).stdout.split("\n")
        assert not [line for line in lines if len(line) > 80 and not line.startswith("    ")]


def test_everything_that_was_done_is_in_it() -> None:
    made = export().stdout
    for said in (
        "ann noted:** deploy at 03:12, says ops",
        "ann copied fix 2 (Point the proxy at 8080) to the clipboard.",
        "ann pasted 90 characters for: The log",
        "ann chose to go on at: **What does a client get?**",
        "Looked again; no longer counted: [e4]",
        "before: 502 in 2 ms; after: 200 in 3 ms. It is mended",
        "1 of 120 requests failed in 60 s: 1 x 504.",
        "Let systemd start it again",
        "Two files name it now.",
        "not allowed to read `/var/log/nginx/error.log`",
    ):
        assert said in made, said


def test_a_file_is_for_its_owner_and_replaces_another_only_when_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    assert export("-o", str(path)).returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    refused = export("-o", str(path), "--format", "text")
    assert (refused.returncode, path.read_text()) == (2, before)
    assert "--force replaces it" in refused.stderr
    assert export("-o", str(path), "--format", "text", "--force").returncode == 0
    assert path.read_text() == export("--format", "text").stdout
    assert os.listdir(tmp_path) == sorted(["out.md", "state"])


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_no_link_is_followed(tmp_path: Path, force: tuple[str, ...]) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    link = tmp_path / "link.md"
    link.symlink_to(target)
    done = export("-o", str(link), *force)
    assert done.returncode == 2
    assert "is a symbolic link; it was left alone" in done.stderr
    assert (target.read_text(), link.is_symlink()) == ("mine", True)


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    """The size of files is limited for the process, as a quota would."""
    argv = ["bash", "-c", 'trap "" XFSZ; ulimit -f 2; exec "$@"', "-", sys.executable, "-m"]
    argv += ["wizard", "export", "-o", str(tmp_path / "out.md")]
    done = subprocess.run(argv, capture_output=True, timeout=60, cwd="/", text=True)
    assert done.returncode == 2
    assert "cannot be written: File too large" in done.stderr
    assert os.listdir(tmp_path) == ["state"]


def test_a_reader_that_goes_away_is_no_error() -> None:
    argv = f"{sys.executable} -m wizard export --format json | head -c 10"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {argv}"], capture_output=True, cwd="/")
    assert done.stderr == b""


def test_standard_output_that_takes_nothing_is_told() -> None:
    argv = [sys.executable, "-m", "wizard", "export"]
    with open("/dev/full", "w") as full_disk:
        done = subprocess.run(argv, stdout=full_disk, stderr=subprocess.PIPE, cwd="/", text=True)
    assert done.returncode == 4
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_torn_last_line_costs_that_line_only(state: Path) -> None:
    whole = export().stdout
    with state.open("ab") as file:
        file.write(encode(full()[-1])[:40])
    assert export().stdout == whole


def test_what_a_newer_wizard_wrote_is_left_out(state: Path) -> None:
    whole = export().stdout
    with state.open("ab") as file:
        file.write(b'{"type":"unheard-of","at":1.0}\n')
    assert export().stdout == whole


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x8b\x08garbage", b"no json\n{}\n", b"[1]\n[2]\n", b"\x00" * 4096 + b"\nx\n"],
)
def test_what_is_no_session_is_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.tape"
    path.write_bytes(content)
    done = export(str(path))
    assert done.returncode in (2, 4)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "itself failed" not in done.stderr
