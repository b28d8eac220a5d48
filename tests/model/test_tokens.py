"""A secret has one token in a session, whichever process meets it."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

from wizard.model.tokens import NAME, Token, Tokens, kept_in

MEET = """
import sys
from pathlib import Path
from wizard.model.masking import Masker
from wizard.model.tokens import Tokens
tokens = Tokens()
tokens.keep_in(Path(sys.argv[1]), "20261121-031500-9f3c")
for secret in sys.argv[2:]:
    print(Masker(tokens).mask(f"password={secret}"))
"""


def meet(folder: Path, *secrets: str) -> list[str]:
    """What another process writes for these passwords."""
    command = [sys.executable, "-c", MEET, str(folder), *secrets]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def in_session(folder: Path) -> Tokens:
    tokens = Tokens()
    tokens.keep_in(folder, "20261121-031500-9f3c")
    return tokens


def test_the_next_process_gives_the_same_token(tmp_path: Path) -> None:
    assert meet(tmp_path, "hunter2", "swordfish") == [
        "password=[masked:password-1]",
        "password=[masked:password-2]",
    ]
    assert meet(tmp_path, "tulip", "swordfish") == [
        "password=[masked:password-3]",
        "password=[masked:password-2]",
    ]


def test_processes_at_the_same_time_agree(tmp_path: Path) -> None:
    secrets = [f"hunter{number}" for number in range(40)]
    command = [sys.executable, "-c", MEET, str(tmp_path)]
    running = [
        subprocess.Popen([*command, *order], stdout=subprocess.PIPE, text=True)
        for order in (secrets, secrets[::-1])
    ]
    first, second = (each.communicate()[0].splitlines() for each in running)
    assert first == second[::-1]
    assert len(set(first)) == 40


def test_the_file_is_private_and_holds_no_secret(tmp_path: Path) -> None:
    meet(tmp_path, "hunter2")
    kept = tmp_path / NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "hunter2" not in kept.read_text()
    assert kept_in(tmp_path) == {1: Token(1, "password", "password of a setting", 7)}


def test_two_sessions_hash_the_same_secret_differently(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        meet(tmp_path / name, "hunter2")
        hashes.append(re.findall(r'"hash":"(\w{64})"', (tmp_path / name / NAME).read_text()))
    assert hashes[0] != hashes[1]
    assert len(hashes[0]) == len(hashes[1]) == 1


def test_what_was_met_before_the_folder_was_there_is_taken_along(tmp_path: Path) -> None:
    tokens = Tokens()
    assert str(tokens.of("hunter2", "password")) == "[masked:password-1]"
    tokens.keep_in(tmp_path, "20261121-031500-9f3c")
    assert meet(tmp_path, "hunter2") == ["password=[masked:password-1]"]


def test_another_session_begins_anew(tmp_path: Path) -> None:
    tokens = in_session(tmp_path)
    tokens.of("hunter2", "password")
    tokens.keep_in(None, "20261121-040000-aaaa")
    assert str(tokens.of("swordfish", "password")) == "[masked:password-1]"


def test_without_the_file_new_numbers_begin_after_those_of_the_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text('{"text":"a [masked:cookie-7] b"}\n')
    assert str(in_session(tmp_path).of("hunter2", "password")) == "[masked:password-8]"


def test_a_line_that_was_cut_off_costs_that_line_only(tmp_path: Path) -> None:
    meet(tmp_path, "hunter2", "swordfish")
    kept = tmp_path / NAME
    kept.write_bytes(kept.read_bytes()[:-9])
    assert meet(tmp_path, "hunter2", "tulip", "hunter2") == [
        "password=[masked:password-1]",
        "password=[masked:password-2]",
        "password=[masked:password-1]",
    ]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / NAME).symlink_to(other)
    assert str(in_session(folder).of("hunter2", "password")) == "[masked:password-1]"
    assert other.read_text() == "mine"


def test_a_folder_that_takes_nothing_costs_the_file_only(tmp_path: Path) -> None:
    tokens = in_session(tmp_path / "gone")
    assert str(tokens.of("hunter2", "password")) == "[masked:password-1]"
    assert str(tokens.of("swordfish", "password")) == "[masked:password-2]"
    assert str(tokens.of("hunter2", "password")) == "[masked:password-1]"
