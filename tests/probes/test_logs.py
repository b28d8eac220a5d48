"""Logs of every shape, read backwards."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.probes.local_time import LocalClock
from wizard.probes.logs import BLOCK, EVERY_LINE, Backwards, Budget, pieces, why_not

STARTS = re.compile(rb"^(?=\d{10} )", re.MULTILINE)


def stamp(text: bytes) -> float | None:
    return float(text[:10]) if text[:10].isdigit() else None


def read(path: Path, since: float, budget: Budget | None = None) -> tuple[bytes, Backwards]:
    log = Backwards(
        str(path), since=since, starts=STARTS, stamp=stamp, budget=budget or Budget(seconds=30)
    )
    blocks = list(log)
    return b"".join(reversed(blocks)), log


def write(path: Path, first: int, count: int, *, text: bytes = b"x" * 90) -> None:
    with path.open("ab") as out:
        out.writelines(b"%010d %s\n" % (first + n, text) for n in range(count))


def test_only_the_window_is_read_of_a_long_log(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    write(path, 1_000_000_000, 60_000)
    got, log = read(path, 1_000_059_000)
    assert got.endswith(b"1000059999 " + b"x" * 90 + b"\n")
    assert b"1000059000 " in got
    assert len(got) < 2 * BLOCK
    assert log.complete
    assert not log.bounded


def test_blocks_begin_where_entries_begin_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    write(path, 1_000_000_000, 15_000, text=b"head\nand its second line " + b"y" * 60)
    got, _ = read(path, 0)
    assert got == path.read_bytes()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.binary(max_size=300).map(lambda raw: raw.replace(b"\n", b"")), max_size=40),
    st.integers(0, 3),
)
def test_any_bytes_between_the_lines_are_survived(texts: list[bytes], cut: int) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"wizard-log-{os.getpid()}"
    try:
        whole = b"".join(b"%010d %s\n" % (1_000_000_000 + n, t) for n, t in enumerate(texts))
        path.write_bytes(whole[: len(whole) - cut])
        got, log = read(path, 0)
        assert got == whole[: len(whole) - cut]
        assert not log.unread
    finally:
        path.unlink()


def test_an_empty_log_is_read_and_has_nothing(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    path.touch()
    got, log = read(path, 0)
    assert got == b""
    assert log.read == [str(path)]
    assert log.complete


def test_a_log_of_one_huge_line_without_newline_ends_soon(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    path.write_bytes(b"z" * (8 * BLOCK))
    began = time.monotonic()
    _, log = read(path, 0)
    assert time.monotonic() - began < 1
    assert log.read


def test_a_sparse_log_of_ten_gigabytes_ends_at_the_bound_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    with path.open("wb") as out:
        out.truncate(10_000_000_000)
    began = time.monotonic()
    _, log = read(path, 0, Budget(bytes_left=64 * 1024 * 1024))
    assert time.monotonic() - began < 2
    assert log.bounded
    assert not log.complete


def test_a_time_bound_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    write(path, 1_000_000_000, 30_000)
    _, log = read(path, 0, Budget(seconds=0.0))
    assert log.bounded


def test_the_rest_of_the_window_comes_from_the_rotated_log(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    now = int(time.time())
    write(tmp_path / "error.log.1", now - 600, 500)
    write(path, now - 90, 80)
    (tmp_path / "error.log.2.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "error.log.swp").write_bytes(b"not a piece")
    for name, age in (("error.log.1", 100), ("error.log.2.gz", 500), ("error.log", 10)):
        os.utime(tmp_path / name, (now - age, now - age))
    got, log = read(path, now - 900)
    assert [os.path.basename(piece) for piece in log.read] == ["error.log", "error.log.1"]
    assert len(got.splitlines()) == 580
    assert log.unread == [f"{tmp_path}/error.log.2.gz: compressed"]
    assert not log.complete


def test_what_was_written_last_is_read_first_whatever_its_name(tmp_path: Path) -> None:
    now = time.time()
    for name, age in (("error.log", 60), ("error.log.1", 1), ("error.log-20261120", 99_999)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (now - age, now - age))
    found = [os.path.basename(piece) for piece in pieces(str(tmp_path / "error.log"), now - 900)]
    assert found == ["error.log.1", "error.log"]


def test_a_missing_log_a_folder_and_a_pipe_are_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    began = time.monotonic()
    assert read(tmp_path / "none", 0)[1].unread == [f"{tmp_path}/none: missing"]
    assert why_not(str(tmp_path / "pipe")) == "a pipe, not a file"
    assert why_not(str(tmp_path / "folder")) == "a directory, not a file"
    assert why_not("/dev/null") == "a device, not a file"
    assert read(tmp_path / "pipe", 0)[1].unread == [f"{tmp_path}/pipe: a pipe, not a file"]
    assert time.monotonic() - began < 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_log_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    path.touch(mode=0)
    assert why_not(str(path)) == "not allowed"


def test_a_log_that_is_truncated_while_it_is_read_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    write(path, 1_000_000_000, 40_000)
    log = Backwards(str(path), since=0, starts=STARTS, stamp=stamp, budget=Budget(seconds=30))
    blocks = iter(log)
    next(blocks)
    os.truncate(path, 0)
    assert list(blocks) == []


def test_lines_that_are_added_meanwhile_are_left_for_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    write(path, 1_000_000_000, 20_000)
    size = path.stat().st_size
    log = Backwards(str(path), since=0, starts=EVERY_LINE, stamp=stamp, budget=Budget(seconds=30))
    blocks = iter(log)
    got = [next(blocks)]
    write(path, 1_000_020_000, 100)
    got += list(blocks)
    assert sum(map(len, got)) == size


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_hour_that_happens_twice_is_read_backwards(berlin: None) -> None:
    after, second, first, before = (
        b"2026/10/25 03:10:00", b"2026/10/25 02:30:00", b"2026/10/25 02:40:00",
        b"2026/10/25 01:50:00",
    )  # fmt: skip
    clock = LocalClock()
    clock.calibrate(after, 1792894200.0)
    assert clock.offset == 0
    assert clock.at(after) == 1792894200
    assert clock.at(second) == 1792891800
    assert clock.at(first) == 1792891800 - 3000
    assert clock.at(before) == 1792891800 - 6000


def test_a_log_of_another_zone_is_known_by_the_time_of_its_last_write(berlin: None) -> None:
    clock = LocalClock()
    clock.calibrate(b"2026/11/20 21:37:01", 1795210621.4)
    assert clock.at(b"2026/11/20 21:37:01") == 1795210621
    assert clock.at(b"2026/11/20 21:00:00") == 1795210621 - 2221


def test_an_old_log_is_not_taken_for_one_of_another_zone(berlin: None) -> None:
    clock = LocalClock()
    clock.calibrate(b"2026/11/20 21:37:01", 1795207021.0 + 400)
    assert clock.at(b"2026/11/20 21:37:01") == 1795207021


@pytest.mark.parametrize(
    "text", [b"", b"2026/13/20 21:37:01", b"2026/11/20 21:37:0x", b"\xff" * 19]
)
def test_what_is_no_stamp_has_no_time(text: bytes) -> None:
    assert LocalClock().at(text) is None
