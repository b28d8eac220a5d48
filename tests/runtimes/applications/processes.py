"""Real processes that bear the command lines of application servers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wizard.probes import processes
from wizard.runtimes.applications import program
from wizard.runtimes.applications.program import Program
from wizard.runtimes.facts import Owner


@contextmanager
def called(*argv: str, folder: Path | None = None, command: str | None = None) -> Iterator[Program]:
    """A shell that waits under another name; `-s --` stands between its name and its words."""
    words = [argv[0], "-s", "--", *argv[1:]]
    if len(argv) == 1 and " " in argv[0]:
        words = [argv[0]]
    with subprocess.Popen(
        words, executable="/bin/sh", stdin=subprocess.PIPE, cwd=folder
    ) as process:
        try:
            while processes.command(process.pid) != words:  # the kernel sets it late in execve
                time.sleep(0.01)
            unit = "x.service" if command else None
            yield program.of(Owner(pid=process.pid, unit=unit, command=command))
        finally:
            process.kill()
