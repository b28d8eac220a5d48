"""`wizard export` as it is typed: what it writes applies, and shows no secret unless asked to."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.sample import CONCLUDED, VERDICT, events
from wizard.engine.journal import Journal
from wizard.fixes.patch import unified
from wizard.model.finding import Proposal

PROJECT = Path(__file__).parents[1]
SECRET = "hunter2Zq9"
pytestmark = pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")

BEFORE = (
    "server {\r\n"
    "    listen 80;\r\n"
    f"    set $api_key {SECRET};\r\n"
    "    location / {\r\n"
    "        proxy_pass http://127.0.0.1:3000;\r\n"
    "    }\r\n"
    "}\r\n"
)
AFTER = BEFORE.replace("3000", "3001")
OWN = f"proxy_pass http://shop:{SECRET}@127.0.0.1:3000;\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the proxy; the newest session has two diffs of such files, and a command."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    path, other = tmp_path / "site.conf", tmp_path / "own.conf"
    path.write_bytes(BEFORE.encode())
    other.write_text(OWN)
    diffs = [
        Proposal(kind="diff", when="lasting", title="Ask 3001", then="true", validated=True,
                 text=unified(str(path), BEFORE, AFTER)),
        Proposal(kind="diff", when="lasting", title="Ask 3001 with a password", then="true",
                 text=unified(str(other), OWN, OWN.replace("3000", "3001"))),
    ]  # fmt: skip
    command = Proposal(
        kind="command", when="now", title="Try it", verify="true", undo=f"rm {tmp_path}/ran",
        text=f"touch {tmp_path}/ran\nPASSWORD={SECRET} true",
    )  # fmt: skip
    verdict = msgspec.structs.replace(VERDICT, proposals=(command, *diffs))
    journal = Journal("20261121-031500-00bb")
    for event in events(msgspec.structs.replace(CONCLUDED, verdicts=(verdict,))):
        journal.append(event)
    journal.close()
    return path


def export(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    argv = [sys.executable, "-m", "wizard", "export", *arguments]
    return subprocess.run(argv, capture_output=True, timeout=60, cwd="/")


def patch(diff: bytes, *options: str) -> None:
    argv = ["patch", "-p0", "-F0", "-d", "/", *options]
    subprocess.run(argv, input=diff, check=True, capture_output=True)


def test_the_first_diff_is_written_and_applies_byte_for_byte(site: Path) -> None:
    done = export("--patch")
    assert (done.returncode, done.stderr) == (0, b"")
    assert SECRET.encode() not in done.stdout
    patch(done.stdout)
    assert site.read_bytes() == AFTER.encode()
    patch(done.stdout, "-R")
    assert site.read_bytes() == BEFORE.encode()


def test_several_diffs_make_one_patch_with_what_each_is(site: Path) -> None:
    done = export("--format", "patch", "--fix", "2", "--fix", "3", "--with-secrets")
    assert done.returncode == 0, done.stderr
    assert b"# Fix 3: Ask 3001 with a password\n" in done.stdout
    patch(done.stdout)
    assert site.read_bytes() == AFTER.encode()
    assert "3001" in (site.parent / "own.conf").read_text()


def test_a_masked_change_says_so_and_is_whole_only_when_asked_for(site: Path) -> None:
    masked = export("--patch", "--fix", "3")
    assert SECRET.encode() not in masked.stdout
    assert b"holds a secret, shown as [masked:" in masked.stderr
    whole = export("--patch", "--fix", "3", "--with-secrets")
    assert b"This file holds secrets of this host" in whole.stderr
    patch(whole.stdout)
    assert (site.parent / "own.conf").read_text() == OWN.replace("3000", "3001")


def test_the_secret_is_in_no_file_of_the_session_and_in_no_report(site: Path) -> None:
    export("--patch", "--fix", "3", "--with-secrets")
    folder = site.parent / "state"
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert not [each for each in kept if SECRET.encode() in each]
    for form in ("--patch", "--commands"):
        assert SECRET.encode() not in export(form).stdout


def test_the_commands_are_a_shell_script_that_does_it(site: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (programs / "sudo").chmod(0o755)
    done = export("--commands", "--fix", "1", "--fix", "2")
    assert b"A secret of this host is shown as [masked:" in done.stderr
    env = {"PATH": f"{programs}:/usr/bin:/bin"}
    subprocess.run(["sh"], input=done.stdout, check=True, capture_output=True, env=env)
    assert (tmp_path / "ran").exists()
    assert site.read_bytes() == AFTER.encode()


def test_a_file_is_new_and_for_its_owner_only(site: Path, tmp_path: Path) -> None:
    path = tmp_path / "fix.patch"
    assert export("--patch", "-o", str(path)).returncode == 0
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    content = path.read_bytes()
    again = export("--patch", "-o", str(path))
    assert again.returncode == 2
    assert b"already; it was left alone" in again.stderr
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--patch", "--fix", "9"], "There is no fix 9: this session has 3"),
        (["--patch", "--fix", "1"], "Fix 1 is no diff; --commands"),
        (["--commands", "--with-secrets"], "it needs --patch"),
        (["--patch", "--fix", "two"], "a number from 1"),
        (["1999", "--patch"], "There is no session '1999'"),
        (["--format", "md", "--fix", "1"], "--fix chooses a fix"),
        (["--format", "md", "--as", "html"], "it needs --format postmortem"),
        (["--patch", "--force"], "it needs -o FILE"),
    ],
)
def test_wrong_usage_is_told(site: Path, arguments: list[str], says: str) -> None:
    done = export(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says.lower() in done.stderr.decode().lower()
