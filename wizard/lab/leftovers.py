"""Nothing stays behind, however the lab ends.

A small shell waits for the end of its standard input. The lab tells it which process groups live;
when the lab dies, even by SIGKILL, the pipe closes: the shell ends those groups and removes the
folder. After an orderly end there is nothing left to do for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Collection
from pathlib import Path

from wizard.lab.person import Person

_SCRIPT = (
    "while read -r line; do groups=$line; done; "
    'for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done; '
    'rm -rf -- "$1"'
)


class Cleaner:
    """The shell that outlives the lab."""

    def __init__(self, folder: Path, person: Person) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "sh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **person.identity,
        )

    def watch(self, groups: Collection[int]) -> None:
        """These process groups are to end with the lab, and no others."""
        pipe = self._shell.stdin
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(f"{' '.join(map(str, groups))}\n".encode())
                pipe.flush()

    def finish(self) -> None:
        """Let it do what is left, and wait for it."""
        if self._shell.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._shell.stdin.close()
        self._shell.wait(10)


def end_group(process: subprocess.Popen[bytes], how: signal.Signals, patience: float = 2.0) -> None:
    """Signal a process and everything in its group, by force if it does not go."""
    for chosen in (how, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, chosen)
        # A frozen process takes no signal but SIGKILL until it goes on.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived their parent
