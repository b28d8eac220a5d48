"""Which application server runs behind an address, and how it is set up."""

from __future__ import annotations

import shlex

import msgspec

from wizard.model import route
from wizard.model.evidence import Sighting
from wizard.runtimes.applications import kinds, program
from wizard.runtimes.applications.facts import Application
from wizard.runtimes.applications.room import more_workers
from wizard.runtimes.facts import Owner


def application(owner: Owner, server: route.Server) -> Sighting:
    """The application server among the owner's processes, with its settings."""
    found = program.of(owner)
    command = f"tr '\\0' ' ' </proc/{found.pid}/cmdline" if found.pid else "ps -ef"
    if not found.argv:
        return Sighting(
            status="unreadable", command=command, reading="its command line cannot be seen",
            reason="neither a process nor a command of its unit is known",
            remedy="sudo ps -ef",
        )  # fmt: skip
    serving, module = next(
        ((one, module) for one in program.each_member(found) if (module := kinds.server_of(one))),
        (found, None),
    )
    facts = module.read(serving, server) if module else Application(pid=found.pid)
    fds, limit = program.nearest_to_file_limit(found)
    facts = msgspec.structs.replace(
        facts,
        running=found.running,
        capacity=_capacity(facts),
        more_workers=more_workers(facts.workers_allowed, serving.members)
        if facts.running
        else None,
        fds=fds,
        fd_limit=limit,
        fds_left=max(0, limit - fds) if fds is not None and limit is not None else None,
    )
    settings = "\n".join(f"{name} = {value}" for name, value in facts.settings.items())
    return Sighting(
        status="present", facts=facts, reading=_shown(facts), command=command,
        raw=f"{shlex.join(serving.argv)}\n{settings}".rstrip(),
    )  # fmt: skip


def _capacity(facts: Application) -> int | None:
    """All that run, or may be started, at once."""
    if facts.capacity is not None or facts.concurrency is None or not facts.workers:
        return facts.capacity
    return max(facts.workers, facts.workers_allowed or 0) * facts.concurrency


def _shown(facts: Application) -> str:
    if facts.kind is None:
        return "none of the known application servers"
    version = f" {facts.version}" if facts.version else ""
    many = f", {facts.workers_allowed} workers" if facts.workers_allowed else ""
    limit = f", {facts.request_seconds:g} s a request" if facts.request_seconds else ""
    return f"{facts.kind}{version}{many}{limit}"
