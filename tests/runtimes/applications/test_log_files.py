"""What application servers wrote to files of their own, since the wizard asked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.runtimes.applications.facts import Application, ApplicationLog
from wizard.runtimes.applications.log import log
from wizard.runtimes.facts import Owner

SECOND = 1_790_000_000.0


def seen(folder: Path, at: float, asked_at: float) -> ApplicationLog:
    file = folder / "php-fpm.log"
    stamp = time.strftime("%d-%b-%Y %H:%M:%S", time.localtime(at))
    file.write_text(f"[{stamp}] WARNING: [pool www] child 7 exited on signal 11 (SIGSEGV) after\n")
    app = Application(kind="php-fpm", log_files=[str(file)])
    facts = log(Owner(), app, asked_at=asked_at).facts
    assert isinstance(facts, ApplicationLog)
    return facts


@pytest.mark.parametrize(
    ("at", "asked_at", "now"),
    [
        (SECOND + 1, SECOND + 0.4, ["worker-crashed"]),
        (SECOND, SECOND + 0.9, ["worker-crashed"]),
        (SECOND - 1, SECOND + 0.1, []),
    ],
)
def test_a_line_of_the_requests_own_second_may_be_about_it(
    tmp_path: Path, at: float, asked_at: float, now: list[str]
) -> None:
    facts = seen(tmp_path, at, asked_at)
    assert (facts.now, facts.kinds) == (now, ["worker-crashed"])


def test_a_line_from_before_the_window_does_not_count(tmp_path: Path) -> None:
    assert seen(tmp_path, SECOND - 3600, SECOND).count == 0
