"""The processes of a backend, as an application server's module gets them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

import msgspec

from wizard.probes import processes
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd import cgroups

_MOST_MEMBERS = 50


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What runs (or would run) behind a server of the route."""

    argv: list[str]
    """Of the leader; the unit's command where nothing runs, or where the leader shows a title."""
    running: bool
    pid: int | None = None
    """The leader: a master that started the others, or the only one."""
    title: str = ""
    """What the leader calls itself in the process table instead of showing its command line."""
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

    def absolute(self, path: str) -> str:
        """A path as the program means it."""
        return os.path.normpath(os.path.join(self.working_directory or "/", path))

    def workers(self) -> int | None:
        """How many children the leader has in its family; None where nothing runs."""
        if not self.running or self.pid is None:
            return None
        family = (processes.process(member) for member in self.members)
        return sum(1 for one in family if one and one.parent == self.pid)


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
    title = argv[0] if _is_title(argv) else ""
    return Program(
        argv=_split(owner.command) if title and owner.unit else argv,
        running=True,
        pid=pid,
        title=title,
        members=[pid, *sorted(family)],
        working_directory=processes.working_directory(pid) or owner.working_directory,
        environment=processes.environment(pid),
        unit=owner.unit,
    )


def each_member(program: Program) -> Iterator[Program]:
    """The program itself, then its other processes: what npm, a shell or pm2 has started."""
    yield program
    for pid in program.members[1:_MOST_MEMBERS]:
        argv = processes.command(pid)
        if argv:
            yield msgspec.structs.replace(
                program, argv=argv, pid=pid, title=argv[0] if _is_title(argv) else "",
                working_directory=processes.working_directory(pid) or program.working_directory,
            )  # fmt: skip


def nearest_to_file_limit(program: Program) -> tuple[int | None, int | None]:
    """Open files and limit of that process of the family that may open the fewest more."""
    counts = [processes.open_files(pid) for pid in program.members[:_MOST_MEMBERS]]
    known = [(count, limit) for count, limit in counts if count is not None and limit is not None]
    if not known:
        return None, next((limit for _, limit in counts if limit is not None), None)
    return min(known, key=lambda one: one[1] - one[0])


def program_name(argv: list[str]) -> str:
    """The bare name of what the command runs, past an interpreter: `gunicorn`, `node`."""
    names = [os.path.basename(word) for word in argv[:4] if not word.startswith("-")]
    if names and names[0].startswith(("python", "ruby", "sh", "bash", "env", "bundle", "perl")):
        return names[1] if len(names) > 1 else names[0]
    return names[0] if names else ""


def _is_title(argv: list[str]) -> bool:
    """A process that rewrote its command line leaves one word with blanks in it."""
    return " " in argv[0].strip() and not os.path.exists(argv[0])


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
