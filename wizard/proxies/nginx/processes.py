"""nginx's processes, from /proc: masters, single processes, and the workers of each."""

from __future__ import annotations

import os
import re

import msgspec

from wizard.probes import processes
from wizard.proxies.facts import Instance

_TITLE = re.compile(r"nginx: (master|worker|cache manager|cache loader|privileged agent)\b")
_ONLY_ASKS = {"-t", "-T", "-v", "-V", "-h", "-?", "-s"}


class Process(msgspec.Struct, frozen=True):
    """One process called nginx."""

    pid: int
    parent: int
    title: str
    """`nginx: master process /usr/sbin/nginx -c ...`; the plain command line when untouched."""
    arguments: tuple[str, ...]
    """The words after the program's name that it was started with, where the title has them."""
    program: str | None
    """Path of the program file; None when hidden."""
    user_id: int
    started: float
    """Seconds since the epoch, as exact as the kernel's clock ticks (10 ms)."""

    @property
    def is_worker(self) -> bool:
        """A worker that takes connections."""
        return self.title.startswith("nginx: worker process")

    @property
    def is_leaving(self) -> bool:
        """A worker of a former configuration that finishes its last connections."""
        return self.title.endswith("is shutting down")

    def option(self, letter: str) -> str | None:
        """The value of `-c`, `-p` or `-e`, attached or as the next word."""
        words = iter(self.arguments)
        for word in words:
            if word == f"-{letter}":
                return next(words, None)
            if word.startswith(f"-{letter}"):
                return word[2:]
        return None


class Family(msgspec.Struct, frozen=True):
    """One running nginx: the process that leads and the current workers."""

    leader: Process
    workers: tuple[Process, ...]

    @property
    def pids(self) -> tuple[int, ...]:
        """All its processes."""
        return (self.leader.pid, *(worker.pid for worker in self.workers))


def families() -> list[Family]:
    """Every nginx that runs here and shares this process's network, oldest first."""
    found = {known.pid: known for known in map(_process, processes.pids()) if known}
    leaders = [process for process in found.values() if _leads(process, found)]
    here = [leader for leader in leaders if shares_network(leader.pid)]
    children: dict[int, list[Process]] = {leader.pid: [] for leader in here}
    for process in found.values():
        if process.parent in children and process.is_worker:
            children[process.parent].append(process)
    ordered = sorted(here, key=lambda leader: (leader.started, leader.pid))
    return [Family(leader, tuple(children[leader.pid])) for leader in ordered]


def family(pid: int) -> Family | None:
    """The running nginx that this process leads."""
    return next((known for known in families() if known.leader.pid == pid), None)


def pids_of(instance: Instance) -> list[int]:
    """The processes of an instance, the leading one first."""
    return [] if instance.pid is None else [instance.pid, *instance.worker_pids]


def shares_network(pid: int) -> bool:
    """The process sees the same network as the wizard; told by its container where hidden."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net") == os.readlink("/proc/self/ns/net")
    except OSError:
        return not in_other_container(pid)


def in_other_container(pid: int) -> bool:
    """The process belongs to a container, and the wizard does not run in the same one."""
    return _container(pid) != _container(os.getpid())


def unit_of(pid: int) -> str | None:
    """The service unit that started the process, from its control group."""
    for part in reversed((processes.cgroup(pid) or "").split("/")):
        if part.endswith(".scope"):
            return None
        if part.endswith(".service") and not part.startswith("user@"):
            return part
    return None


def _container(pid: int) -> str | None:
    found = re.search(r"[0-9a-f]{64}", processes.cgroup(pid) or "")
    return found.group() if found else None


def _leads(process: Process, found: dict[int, Process]) -> bool:
    title = _TITLE.match(process.title)
    if title:
        return title.group(1) == "master"
    if _ONLY_ASKS.intersection(process.arguments):
        return False
    above = found.get(process.parent)
    return above is None or not _TITLE.match(above.title)


def _process(pid: int) -> Process | None:
    words = [word for word in processes.command(pid) if word]
    title = " ".join(words)
    titled = _TITLE.match(title) is not None
    name = None if titled else processes.name(pid)
    # A kernel thread has no command line; a changed title leaves the process's name.
    if not words or not (titled or name == "nginx" or "nginx" in words[0]):
        return None
    program = _program(pid)
    if not titled and (os.path.basename(program) if program else name) != "nginx":
        return None
    known, user_id = processes.process(pid), _effective_user(pid)
    if known is None or known.state in ("zombie", "dead"):
        return None
    started_with = title.partition("process ")[2].split() if titled else words
    return Process(
        pid=pid,
        parent=known.parent,
        title=title,
        arguments=tuple(started_with[1:]),
        program=program or (started_with[0] if started_with else None),
        user_id=user_id,
        started=known.started,
    )


def _program(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
    except OSError:
        return None


def _effective_user(pid: int) -> int:
    """From `status`: the owner of /proc/PID itself is root for a process that gave up root."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            found = re.search(rb"^Uid:\s+\d+\s+(\d+)", file.read(), re.MULTILINE)
    except OSError:
        return -1
    return int(found.group(1)) if found else -1
