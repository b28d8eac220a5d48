"""Text to copy goes wherever it can go from here, and always into a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.ui.driving import LONG, at_rest, wizard_over
from wizard.ui.clipboard import send


def sent(name: str, text: str) -> tuple[str, str, Path]:
    """What is said, what the terminal was given, and where the session lies."""
    app = wizard_over("oom-export")

    async def run() -> tuple[str, str, Path]:
        async with app.run_test(size=(80, 24)) as pilot:
            await at_rest(pilot)
            said = send(app, name, text)
            return said, app.clipboard, Path(app.setup.folder())

    return asyncio.run(asyncio.wait_for(run(), LONG))


def test_inside_tmux_its_own_buffer_takes_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tmux"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat > {tmp_path}/taken\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    said, clipboard, _ = sent("fix-1.sh", "sudo true\n")
    assert said.startswith("Sent to tmux's buffer and clipboard.")
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "taken").read_text() == "sudo true\n"
    assert not clipboard


def test_where_tmux_does_not_answer_the_terminal_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tmux"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    said, clipboard, folder = sent("fix-1.sh", "sudo true\n")
    assert said.startswith("Sent to your terminal's clipboard.")
    assert clipboard == "sudo true\n"
    assert (folder / "fix-1.sh").read_text() == "sudo true\n"


def test_what_is_too_long_for_a_terminal_goes_into_the_file_alone() -> None:
    said, clipboard, folder = sent("e1.txt", "x" * 80_000)
    assert said.startswith("Too long for a terminal's clipboard; it is in ")
    assert not clipboard
    assert len((folder / "e1.txt").read_text()) == 80_000
