"""The diff applies with the real patch(1) and git apply, and no secret stands in it."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from wizard.fixes.patch import UnshowableError, unified
from wizard.fixes.unmasked import UnmaskError, unmasked
from wizard.model.text import clean

SECRET = "hunter2Zq9"
HIDDEN = f'    proxy_set_header Authorization "Bearer {SECRET}";\n'
PLAIN = [f"    set $word{number} {number};\n" for number in range(30)]

needs_patch = pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def patched(path: Path, diff: str, *options: str) -> bytes:
    """What patch makes of the file, without any fuzz."""
    argv = ["patch", "-p0", "-F0", "-d", "/", *options]
    done = subprocess.run(argv, input=diff.encode(), capture_output=True)
    assert done.returncode == 0, done.stdout
    assert b"fuzz" not in done.stdout
    assert b"offset" not in done.stdout
    return path.read_bytes()


def file(folder: Path, text: str, name: str = "site.conf") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def changed(lines: list[str], *places: int) -> str:
    return "".join("    changed;\n" if at in places else line for at, line in enumerate(lines))


@needs_patch
@pytest.mark.parametrize("seed", range(60))
def test_wherever_the_secrets_stand_it_applies_and_none_is_shown(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    lines = [HIDDEN if dice.random() < 0.3 else line for line in PLAIN]
    places = [at for at in dice.sample(range(30), 4) if lines[at] != HIDDEN]
    before, after = "".join(lines), changed(lines, *places)
    if dice.random() < 0.3:
        before, after = before.rstrip("\n"), after.rstrip("\n")
    if dice.random() < 0.3:
        before, after = before.replace("\n", "\r\n"), after.replace("\n", "\r\n")
    path = file(tmp_path, before)
    diff = unified(str(path), before, after)
    assert SECRET not in diff
    assert clean(diff) == diff
    assert patched(path, diff, "--binary") == after.encode()
    assert patched(path, diff, "--binary", "-R") == before.encode()


@needs_patch
def test_lines_with_carriage_returns_apply_with_the_card_s_own_command(tmp_path: Path) -> None:
    before = "".join(PLAIN).replace("\n", "\r\n")
    after = before.replace("$word9 9", "$word9 8")
    path = file(tmp_path, before)
    assert patched(path, unified(str(path), before, after)) == after.encode()


@needs_git
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_git_apply_takes_it_too(tmp_path: Path, ending: str) -> None:
    lines = [*PLAIN[:4], HIDDEN, *PLAIN[4:]]
    before = "".join(lines).replace("\n", ending)
    after = changed(lines, 6).replace("    changed;\n", "    changed;" + "\n").replace("\n", ending)
    after = "".join(after)
    path = file(tmp_path, before)
    diff = unified(str(path), before, after)
    assert SECRET not in diff
    argv = ["git", "apply", "-p0", "--unsafe-paths", "--directory=/", "-"]
    done = subprocess.run(argv, input=diff.encode(), capture_output=True, cwd="/")
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == after.encode()


@needs_patch
def test_a_name_with_a_space_is_found(tmp_path: Path) -> None:
    before, after = "".join(PLAIN), changed(PLAIN, 3)
    path = file(tmp_path, before, "my site.conf")
    assert patched(path, unified(str(path), before, after)) == after.encode()


def test_a_private_key_in_the_file_is_not_shown() -> None:
    key = ["-----BEGIN PRIVATE KEY-----\n", "MIIEvQIBADANBgkq\n", "-----END PRIVATE KEY-----\n"]
    lines = [*PLAIN[:3], *key, *PLAIN[3:]]
    diff = unified("/x", "".join(lines), changed(lines, 7))
    assert "MIIE" not in diff
    assert "+    changed;" in diff


def test_what_cannot_be_shown_is_refused_on_a_changed_line_and_left_out_beside_it() -> None:
    odd = "    set $x \u202eodd;\n"
    assert "odd" not in unified("/x", odd + "".join(PLAIN), odd + changed(PLAIN, 1))
    with pytest.raises(UnshowableError):
        unified("/x", odd + "".join(PLAIN), "".join(PLAIN))


WITH_SECRET = f"    proxy_pass http://shop:{SECRET}@127.0.0.1:3000;\n"


@needs_patch
def test_a_secret_on_the_changed_line_is_masked_and_can_be_read_from_the_live_file(
    tmp_path: Path,
) -> None:
    before = "".join([*PLAIN[:5], WITH_SECRET, *PLAIN[5:]])
    after = before.replace("3000", "3001")
    path = file(tmp_path, before)
    diff = unified(str(path), before, after)
    assert SECRET not in diff
    assert diff.count("[masked:") == 2
    whole = unmasked(diff, lambda name: Path(name).read_text())
    assert patched(path, whole) == after.encode()


def test_a_file_that_was_changed_since_gives_no_secret() -> None:
    before = "".join([*PLAIN[:5], WITH_SECRET, *PLAIN[5:]])
    diff = unified("/x", before, before.replace("3000", "3001"))
    with pytest.raises(UnmaskError, match="/x:6 has changed since"):
        unmasked(diff, lambda name: before.replace("3000", "3002"))


def test_a_mask_that_no_old_line_explains_is_refused() -> None:
    before = "".join(PLAIN)
    diff = unified("/x", before, before.replace(PLAIN[3], WITH_SECRET))
    with pytest.raises(UnmaskError, match="none of the lines"):
        unmasked(diff, lambda name: before)
