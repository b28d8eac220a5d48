"""A session is kept as a tape with what is expected of it, and flows are held to that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.taped import tape

PROJECT = Path(__file__).parents[1]
NAME = "drop-iptables-input"


def wizard(*arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wizard", "flow", *map(str, arguments)],
        capture_output=True, text=True, cwd=home, timeout=60, check=False,
        env={**os.environ, "XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one fixture."""
    done = wizard("keep", tape(NAME), "dropped", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path


def test_what_was_kept_is_a_tape_and_the_path_that_a_walk_over_it_takes(folder: Path) -> None:
    expected = (folder / "dropped.expected.yaml").read_text()
    assert expected.startswith("outcome: cause\nverdicts:\n- firewall-drop: confirmed\npath:\n")
    assert "- network/filter-verdict 127.0.0.1:3000\n" in expected
    done = wizard("test", home=folder)
    assert (done.returncode, done.stdout) == (0, "1 tape walked: 1 as expected\n")


def test_a_walk_that_comes_to_something_else_is_shown_as_a_diff(folder: Path) -> None:
    file = folder / "dropped.expected.yaml"
    file.write_text(file.read_text().replace("firewall-drop: confirmed", "port-moved: confirmed"))
    done = wizard("test", folder, home=folder)
    assert done.returncode == 1
    assert "  -- port-moved: confirmed\n  +- firewall-drop: confirmed\n" in done.stdout
    assert done.stdout.endswith("1 tape walked: 0 as expected, 1 not\n")


def test_comments_outlive_an_update(folder: Path) -> None:
    file = folder / "dropped.expected.yaml"
    kept = file.read_text()
    commented = (
        kept.replace("path:", "# asked in May\npath:")
        .replace("- answer/front\n", "- answer/front  # whose error\n")
        .replace("firewall-drop: confirmed", "port-moved: confirmed  # as Ann thought")
    )
    file.write_text(commented)
    assert wizard("test", "--update", folder, home=folder).returncode == 0
    assert file.read_text() == (
        kept.replace("path:", "# asked in May\npath:").replace(
            "- answer/front\n", "- answer/front  # whose error\n"
        )
        + "# as Ann thought\n"
    )


def test_what_a_file_does_not_say_is_not_compared(folder: Path) -> None:
    file = folder / "dropped.expected.yaml"
    file.write_text("verdicts: [firewall-drop]\n")
    assert wizard("test", folder, home=folder).returncode == 0
    file.write_text("verdicts: []\n")
    assert wizard("test", folder, home=folder).returncode == 1


@pytest.mark.parametrize(
    "content",
    ["outcome: fine\n", "verdict: x\n", "[1]\n", "a: b: c\n", "path: [[]]\n", "\x00", "&a [*a]\n"],
)
def test_a_file_that_cannot_be_understood_is_named(content: str, folder: Path) -> None:
    (folder / "dropped.expected.yaml").write_text(content)
    done = wizard("test", folder, home=folder)
    assert done.returncode == 1
    assert "dropped.expected.yaml: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_broken_tape_is_not_as_expected(folder: Path) -> None:
    (folder / "dropped.tape.gz").write_bytes(b"{}\n{}\n")
    done = wizard("test", folder, home=folder)
    assert done.returncode == 1
    assert "dropped.tape.gz, line 1: not an event" in done.stdout


def test_nothing_to_test_is_no_success(tmp_path: Path) -> None:
    assert wizard("test", home=tmp_path).returncode == 2
    (tmp_path / "x.tape.gz").write_bytes(tape(NAME).read_bytes())
    done = wizard("test", home=tmp_path)
    assert done.returncode == 2
    assert "Nothing is expected of 1 tape" in done.stderr
    named = wizard("test", "x.tape.gz", home=tmp_path)
    assert named.returncode == 1
    assert "x.expected.yaml: No such file" in named.stdout


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "A", "", "x" * 90, "x\n", "-"])
def test_a_name_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    done = wizard("keep", tape(NAME), "--", name, home=tmp_path)
    assert done.returncode == 2
    assert "is no name for a fixture" in done.stderr
    assert not list(tmp_path.rglob("*.gz"))


def test_a_fixture_that_is_there_is_replaced_only_when_told(folder: Path) -> None:
    refused = wizard("keep", tape("oom-gunicorn-worker"), "dropped", home=folder)
    assert refused.returncode == 2
    assert "already; it was left alone" in refused.stderr
    file = folder / "dropped.expected.yaml"
    file.write_text("# mine\n" + file.read_text())
    told = wizard("keep", tape("oom-gunicorn-worker"), "dropped", "--replace", home=folder)
    assert told.returncode == 0
    assert file.read_text().startswith("# mine\noutcome: cause\n")
    assert wizard("test", home=folder).returncode == 0
    assert sorted(path.name for path in folder.glob("*drop*")) == [
        "dropped.expected.yaml", "dropped.tape.gz",
    ]  # fmt: skip
