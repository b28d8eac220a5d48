"""The docker command: the lab's only way to the containers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass


class LabError(Exception):
    """The lab itself does not work: no docker, an image that cannot be built, a host that hangs."""


@dataclass(frozen=True)
class Ran:
    """A finished command: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether the command said that it succeeded."""
        return self.status == 0


def docker(*argv: str, stdin: bytes = b"", timeout: float = 60) -> Ran:
    """Runs one docker command and returns what it said, whatever its exit status."""
    try:
        done = subprocess.run(
            ["docker", *argv], input=stdin, capture_output=True, timeout=timeout, check=False
        )
    except FileNotFoundError as error:
        raise LabError("the docker command is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no answer after {timeout:.0f} s: docker {' '.join(argv[:6])}") from error
    return Ran(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


def must(ran: Ran, doing: str) -> Ran:
    """Passes a successful command on; a failed one is the end of what the lab was doing."""
    if not ran.ok:
        raise LabError(f"{doing} failed ({ran.status}): {(ran.err or ran.out).strip()[-2000:]}")
    return ran


def why_unusable(programs: Sequence[str] = ("docker",)) -> str | None:
    """The reason why no lab can be run on this machine, or None where one can."""
    for program in programs:
        if shutil.which(program) is None:
            return f"{program} is not installed"
    asked = docker("info", "--format", "{{.ServerVersion}}", timeout=20)
    if not asked.ok or not asked.out.strip():
        return "the docker daemon gives no answer"
    return None
