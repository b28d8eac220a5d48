"""A long session is exported without all of it in memory."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.report.documents import full
from tests.sample import evidence
from wizard.model.events import Looked, encode

PROJECT = Path(__file__).parents[1]
PEAK = 150
"""Megabytes of resident memory at most; docs/benchmarks.md has what was measured."""
MEGABYTES = 50


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50 MB: 480 looks of 100 kB, and one of 4 MB."""
    path = tmp_path_factory.mktemp("long") / "journal.jsonl"
    line = '2026/11/21 03:10:00 [error] 66#66: *7 connect() failed <b>&"x" | `y` number %06d\n'
    with path.open("wb") as file:
        for event in full():
            file.write(encode(event) + b"\n")
        for number in range(10, 491):
            raw = "".join(line % each for each in range(52_000 if number == 490 else 1_250))
            look = evidence(number, look="words", scope=f"s{number}", kind="journal", raw=raw)
            file.write(encode(Looked(at=look.started, evidence=look)) + b"\n")
    assert path.stat().st_size > MEGABYTES * 1_000_000
    return path


@pytest.mark.slow
@pytest.mark.parametrize("form", ["md", "html", "text", "json"])
def test_a_long_session_takes_little_memory(form: str, journal: Path, tmp_path: Path) -> None:
    code = (
        "import re, sys; from wizard import cli; status = cli.main(sys.argv[1:]);"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read());"
        "print(int(peak[1]) // 1024); sys.exit(status)"
    )
    out = tmp_path / "out"
    argv = [sys.executable, "-c", code, "export", str(journal), "--format", form, "-o", str(out)]
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd=PROJECT, timeout=100, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > MEGABYTES * 900_000
    print(form, done.stdout.strip(), "MB")
    assert int(done.stdout) < PEAK


@pytest.mark.slow
def test_so_does_one_that_is_packed(journal: Path, tmp_path: Path) -> None:
    tape = tmp_path / "long.tape.gz"
    with gzip.open(tape, "wb", compresslevel=1) as file:
        file.write(journal.read_bytes())
    test_a_long_session_takes_little_memory("md", tape, tmp_path)


def test_the_raw_text_is_that_of_its_own_look(journal: Path) -> None:
    from wizard.sessions.outline import Outline

    with Outline(journal) as read, journal.open("rb") as lines:
        looked = [each.evidence for each in read.events if isinstance(each, Looked)]
        assert not any(each.raw for each in looked)
        kept = {
            one["evidence"]["id"]: one["evidence"]["raw"]
            for one in map(msgspec.json.decode, lines)
            if one["type"] == "looked"
        }
        for each in (looked[-1], looked[0], looked[20]):
            assert read.raw(each) == kept[each.id]
