"""Folders for temporary files, judged for users who are not here, on real file systems."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probes.loopback import needs_root
from wizard.probes.temporary import Temporary, temporary


def looked(body: Path, user: str | None = "nobody") -> Temporary:
    facts = temporary(body=str(body), user=user).facts
    assert isinstance(facts, Temporary)
    return facts


def test_without_a_folder_there_is_nothing_to_say() -> None:
    assert temporary().status == "unreadable"


def test_rights_are_unknown_where_the_workers_user_is(open_folder: Path) -> None:
    facts = looked(open_folder, None)
    assert (facts.body_full, facts.body_writable) == (False, None)


@needs_root
def test_the_owner_of_the_folder_may_write(open_folder: Path) -> None:
    os.chown(open_folder, 65534, 65534)
    assert looked(open_folder).body_writable is True


@needs_root
def test_a_folder_of_root_stops_the_worker(open_folder: Path) -> None:
    folder = open_folder / "body"
    folder.mkdir(mode=0o700)
    facts = looked(folder)
    assert facts.body_writable is False
    assert (facts.body_blocked_at, facts.body_owner) == (str(folder), "root:root 0700")


@needs_root
def test_a_closed_folder_above_stops_it_too(open_folder: Path) -> None:
    above = open_folder / "nginx"
    (above / "body").mkdir(parents=True, mode=0o755)
    os.chown(above / "body", 65534, 65534)
    above.chmod(0o700)
    assert looked(above / "body").body_blocked_at == str(above)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_is_full(small_disk: Path) -> None:
    assert looked(small_disk).body_full is False
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "core").write_bytes(b"x" * 100_000)
    facts = looked(small_disk)
    assert (facts.body_full, facts.body_free_bytes) == (True, 0)
    assert facts.body_mount == str(small_disk)
