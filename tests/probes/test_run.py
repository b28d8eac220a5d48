"""Programs are started in one way: limited, without a shell, and never left behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.probes import run as running
from wizard.probes.run import ALLOWED, run


@pytest.fixture
def ps(tmp_path: Path) -> Path:
    """Where a test puts a program of an allowed name."""
    return tmp_path / "ps"


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def pids_in(file: Path, count: int) -> list[int]:
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError, ValueError):
            pids = [int(word) for word in file.read_text().split()]
            if len(pids) >= count:
                return pids
        time.sleep(0.005)
    raise AssertionError(f"{file} never named {count} processes")


def ends(pid: int) -> bool:
    give_up = time.monotonic() + 5
    while lives(pid) and time.monotonic() < give_up:
        time.sleep(0.005)
    return not lives(pid)


def test_what_a_program_says_is_returned(ps: Path) -> None:
    said = run(["ps", "a b", "$HOME"], path=script(ps, 'echo "$1|$2"; echo no >&2; exit 3'))
    assert (said.out, said.err, said.exit_status) == (b"a b|$HOME\n", b"no\n", 3)
    assert not said.ok


def test_a_program_that_hangs_is_killed_with_its_children(ps: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    hang = script(ps, f"sleep 60 & echo $$ $! > {pids}; echo begun; wait")
    began = time.monotonic()
    said = run(["ps"], path=hang, timeout=0.3)
    assert time.monotonic() - began < 3
    assert said.timed_out
    assert said.exit_status is None
    assert said.out == b"begun\n"
    assert all(ends(pid) for pid in pids_in(pids, 2))


def test_a_program_that_ignores_signals_is_killed_too(ps: Path) -> None:
    stubborn = script(ps, "trap '' TERM INT HUP; while :; do sleep 1; done")
    assert run(["ps"], path=stubborn, timeout=0.3).timed_out


def test_a_child_that_holds_the_pipes_is_not_waited_for(ps: Path, tmp_path: Path) -> None:
    """The program has ended well; what it left in the background is ended."""
    pids = tmp_path / "pids"
    began = time.monotonic()
    said = run(
        ["ps"], path=script(ps, f"echo done; sleep 60 & echo $! > {pids}; exit 0"), timeout=5
    )
    assert time.monotonic() - began < 3
    assert said.exit_status == 0
    assert not said.timed_out
    assert ends(*pids_in(pids, 1))
    assert said.out == b"done\n"


def test_a_flood_is_cut(ps: Path) -> None:
    began = time.monotonic()
    said = run(["ps"], path=script(ps, "exec yes"), limit=10_000, timeout=10)
    assert time.monotonic() - began < 5
    assert said.cut
    assert said.out == b"y\n" * 5000


def test_exactly_the_limit_is_not_cut(ps: Path) -> None:
    said = run(["ps"], path=script(ps, "printf 12345"), limit=5)
    assert (said.out, said.cut, said.exit_status) == (b"12345", False, 0)


def test_a_missing_program_is_an_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(running, "_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    said = run(["ufw", "status"])
    assert said.missing
    assert not said.ok


@pytest.mark.parametrize(("mode", "text"), [(0o644, "#!/bin/sh\n"), (0o755, "no program\0")])
def test_a_file_that_cannot_be_started_is_an_answer(ps: Path, mode: int, text: str) -> None:
    ps.write_text(text)
    ps.chmod(mode)
    assert run(["ps"], path=str(ps)).missing


@pytest.mark.parametrize("argv", [["sh", "-c", "id"], ["rm"], ["/bin/ps"], ["../ps"], [""]])
def test_a_program_that_is_not_allowed_is_a_mistake_of_the_wizard(argv: list[str]) -> None:
    with pytest.raises(ValueError, match="not a program that the wizard may start"):
        run(argv)


def test_another_program_cannot_come_in_by_its_path() -> None:
    with pytest.raises(ValueError, match="/bin/sh is not a program"):
        run(["ps"], path="/bin/sh")


def test_no_shell_is_allowed() -> None:
    assert not ALLOWED & {"sh", "bash", "dash", "env", "sudo", "python3", "perl", "awk", "xargs"}


def test_a_program_that_reads_gets_nothing(ps: Path) -> None:
    said = run(["ps"], path=script(ps, "cat; echo end"), timeout=5)
    assert said.out == b"end\n"


def test_programs_speak_english_whatever_the_person_speaks(
    ps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    said = run(["ps"], path=script(ps, "env"))
    lines = set(said.out.decode().splitlines())
    assert {"LC_ALL=C", "LANG=C", "PAGER=cat"} <= lines
    assert not any(line.startswith(("SECRET_TOKEN", "LANGUAGE")) for line in lines)


def test_a_program_has_no_terminal(ps: Path) -> None:
    """What asks for a password at the terminal fails at once instead of waiting for ever."""
    said = run(["ps"], path=script(ps, "(: < /dev/tty) 2>/dev/null && echo terminal; pwd"))
    assert said.out == b"/\n"


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[int]:
    file = os.open(tmp_path / "kept", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(file, True)
    yield file
    os.close(file)


def test_a_program_gets_none_of_our_files(ps: Path, open_file: int) -> None:
    said = run(["ps"], path=script(ps, "ls -l /proc/self/fd"))
    assert b"kept" not in said.out


def test_no_zombie_is_left(ps: Path) -> None:
    run(["ps"], path=script(ps, "exit 0"))
    run(["ps"], path=script(ps, "sleep 60"), timeout=0.1)
    shown = subprocess.run(
        ["ps", "-o", "stat=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    assert not [state for state in shown.stdout.split() if state.startswith("Z")]
