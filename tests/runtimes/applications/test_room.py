"""How many workers there may be, by the memory of real processes and by files of a host."""

from __future__ import annotations

import os
from pathlib import Path

from wizard.runtimes.applications.room import more_workers


def a_host(folder: Path, available_kb: int, own_pages: int) -> Path:
    (folder / "7").mkdir()
    (folder / "meminfo").write_text(f"MemTotal: 9999999 kB\nMemAvailable: {available_kb} kB\n")
    (folder / "7/statm").write_text(f"90000 {own_pages + 500} 500 1 0 200 0\n")
    return folder


def test_twice_as_many_where_there_is_memory(tmp_path: Path) -> None:
    assert more_workers(5, [7], a_host(tmp_path, 8_000_000, 1000)) == 10


def test_no_more_than_half_of_the_memory_holds(tmp_path: Path) -> None:
    pages = 40 * 1024 * 1024 // os.sysconf("SC_PAGE_SIZE")
    assert more_workers(20, [7], a_host(tmp_path, 240 * 1024, pages)) == 23


def test_none_where_the_memory_is_used_up(tmp_path: Path) -> None:
    assert more_workers(5, [7], a_host(tmp_path, 1000, 100_000)) is None
    assert more_workers(5, [8], tmp_path) is None
    assert more_workers(None, [7], tmp_path) is None


def test_real_processes_have_memory_of_their_own() -> None:
    assert more_workers(1, [os.getpid()]) == 2
