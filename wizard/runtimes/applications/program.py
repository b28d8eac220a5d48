"""The processes of a backend, as an application server's module gets them."""

from __future__ import annotations

import os
import shlex

import msgspec

from wizard.probes import processes
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd import cgroups


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What runs (or would run) behind a server of the route."""

    argv: list[str]
    """Of the leader; the unit's command where nothing runs."""
    running: bool
    pid: int | None = None
    """The leader: a master that started the others, or the only one."""
    members: list[int] = []
    """All processes of the same unit or family, the leader first."""
    working_directory: str | None = None
    environment: dict[str, str] | None = None
    """None when not ours to read."""
    unit: str | None = None

    def option(self, *names: str) -> str | None:
        """The value of a command line option: `--timeout 30`, `--timeout=30`, `-t 30`, `-t30`."""
        for index, word in enumerate(self.argv):
            for name in names:
                if word == name and index + 1 < len(self.argv):
                    return self.argv[index + 1]
                if name.startswith("--") and word.startswith(f"{name}="):
                    return word.partition("=")[2]
                short = len(name) == 2 and name != "--"
                if short and word.startswith(name) and len(word) > 2 and word[1] != "-":
                    return word[2:]
        return None


def of(owner: Owner) -> Program:
    """The program of an owner: running, or as its unit would start it."""
    pid = owner.pid or None
    argv = processes.command(pid) if pid else []
    if pid is None or not argv:
        return Program(
            argv=_split(owner.command), running=False,
            working_directory=owner.working_directory, unit=owner.unit,
        )  # fmt: skip
    family = [one for one in cgroups.members(owner.cgroup) if one != pid] or _children(pid)
    return Program(
        argv=argv,
        running=True,
        pid=pid,
        members=[pid, *sorted(family)],
        working_directory=processes.working_directory(pid) or owner.working_directory,
        environment=processes.environment(pid),
        unit=owner.unit,
    )


def program_name(argv: list[str]) -> str:
    """The bare name of what the command runs, past an interpreter: `gunicorn`, `node`."""
    names = [os.path.basename(word) for word in argv[:4] if not word.startswith("-")]
    if names and names[0].startswith(("python", "ruby", "sh", "bash", "env", "bundle", "perl")):
        return names[1] if len(names) > 1 else names[0]
    return names[0] if names else ""


def _split(command: str | None) -> list[str]:
    try:
        return shlex.split(command or "")
    except ValueError:
        return (command or "").split()


def _children(pid: int) -> list[int]:
    return [
        one.pid
        for each in processes.pids()
        if (one := processes.process(each))
        if one.parent == pid
    ]
