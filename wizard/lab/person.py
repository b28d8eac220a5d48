"""Who the loopback lab's programs run as: the user who asks, never root."""

from __future__ import annotations

import functools
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """An ordinary user. `drop` tells whether becoming that user takes a change of identity."""

    name: str
    uid: int
    gid: int
    drop: bool

    @property
    def identity(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this person."""
        if not self.drop:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def ordinary_person() -> Person:
    """Whoever runs this; root is replaced by `nobody`."""
    drop = os.geteuid() == 0
    entry = pwd.getpwnam("nobody") if drop else pwd.getpwuid(os.geteuid())
    return Person(entry.pw_name, entry.pw_uid, entry.pw_gid, drop)


def python_of(person: Person) -> str:
    """A Python that this person can start: this one, or else the system's.

    Raises:
        OSError: there is none.
    """
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        if not person.drop or _starts(python, person):
            return python
    raise OSError(f"{person.name} can start neither {sys.executable} nor /usr/bin/python3")


@functools.cache
def _starts(python: str, person: Person) -> bool:
    try:
        done = subprocess.run(
            [python, "-S", "-c", "pass"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            check=False,
            **person.identity,
        )
    except OSError:
        return False
    return done.returncode == 0
