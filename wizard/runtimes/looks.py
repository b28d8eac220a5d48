"""The looks of the runtime adapters: who owns an address, in which state, what it said.

The adapters are imported where they are used: most walks need only some of them.
"""

from __future__ import annotations

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes.declare import Paste, probe
from wizard.probes.resources import OomKills
from wizard.probes.sockets import Listening, Table
from wizard.proxies.facts import ErrorLog, Instance
from wizard.runtimes.applications.facts import (
    Application,
    ApplicationLog,
    Dependency,
    Framework,
    Load,
)
from wizard.runtimes.facts import Alternatives, Killed, Owner, Sides, Spare, Watched, Words
from wizard.runtimes.mount_view import MountView
from wizard.runtimes.restart import Restart

__all__ = [
    "PROBES",
    "Alternatives",
    "Application",
    "ApplicationLog",
    "Dependency",
    "Framework",
    "Killed",
    "Load",
    "MountView",
    "Owner",
    "Restart",
    "Sides",
    "Spare",
    "Watched",
    "Words",
    "alternatives",
    "application",
    "application_log",
    "dependency",
    "framework",
    "journal",
    "last_restart",
    "load",
    "oom",
    "owner",
    "sides",
    "socket_view",
    "spare",
    "steadiness",
]


@probe("runtime.owner", kind="service", facts=Owner, deadline=5)
def owner(*, server: Server, table: Table, listening: Listening) -> Sighting:
    """Find the unit or process that owns the server's address, or the one that should."""
    from wizard.runtimes import ownership

    return ownership.of(server, table, listening)


def _journal_command(*, owner: Owner, asked_at: float | None = None) -> str:
    from wizard.runtimes import words

    return words.paste_command(owner)


def _pasted_journal(*, text: str, owner: Owner, asked_at: float | None = None) -> Sighting:
    from wizard.runtimes import words

    return words.of_paste(text, owner, asked_at)


@probe(
    "runtime.journal", kind="journal", facts=Words, deadline=4,
    paste=Paste(_journal_command, _pasted_journal),
)  # fmt: skip
def journal(*, owner: Owner, asked_at: float | None = None) -> Sighting:
    """Read the end of what the owner's unit wrote."""
    from wizard.runtimes import words

    return words.of(owner, asked_at)


@probe("runtime.oom", kind="kernel", facts=Killed)
def oom(*, owner: Owner, kills: OomKills) -> Sighting:
    """Match the kernel's OOM kills with the owner (main pid, cgroup, process name and time)."""
    from wizard.runtimes import kernel_kills

    return kernel_kills.of(owner, kills)


@probe("runtime.watch", kind="service", facts=Watched, deadline=9)
def steadiness(*, owner: Owner, seconds: float = 5.0) -> Sighting:
    """Watch the unit's restart counter for some seconds, or until it changes."""
    from wizard.runtimes import watch

    return watch.steadiness(owner, seconds)


@probe(
    "runtime.alternatives", kind="sockets", facts=Alternatives, deadline=8,
    touches="one GET request to each of at most five local listeners that no route uses",
)  # fmt: skip
def alternatives(
    *, server: Server, route: Route, table: Table, owner: Owner, instance: Instance
) -> Sighting:
    """Find the listeners that may be the backend under another port, address or socket path.

    Same-port listeners on other addresses count. Asks as the proxy would. System daemons,
    listeners that another route of the proxy uses, and the proxy itself are left out.
    """
    from wizard.runtimes import alternative

    return alternative.find(server, route, table, owner, instance)


@probe("runtime.sides", kind="config", facts=Sides, deadline=4)
def sides(
    *, server: Server, route: Route, alternatives: Alternatives, instance: Instance, url: str
) -> Sighting:
    """Compare where the proxy asks with where the backend is: what changed last, who else uses it.

    Reads file times, the unit, the proxy's routes and the kernel's table of connections.
    """
    from wizard.runtimes import sides

    return sides.of(server, route, alternatives, instance, url)


@probe("runtime.application", kind="config", facts=Application, deadline=3)
def application(*, owner: Owner, server: Server) -> Sighting:
    """Recognise the application server behind the address and read its settings."""
    from wizard.runtimes.applications import reading

    return reading.application(owner, server)


@probe("runtime.application_log", kind="journal", facts=ApplicationLog, deadline=4)
def application_log(
    *,
    owner: Owner,
    app: Application,
    asked_at: float | None = None,
    since: float | None = None,
) -> Sighting:
    """Read what the application server wrote about itself, in the journal and in its own files."""
    from wizard.runtimes.applications import log

    return log.log(owner, app, asked_at, since)


@probe(
    "runtime.dependency", kind="connection", facts=Dependency, deadline=8,
    touches="one connection to the address that the application says it cannot reach",
)  # fmt: skip
def dependency(*, log: ApplicationLog, table: Table) -> Sighting:
    """Connect to the database, cache or API that the application's own words name."""
    from wizard.runtimes.applications import dependencies

    return dependencies.of(log, table)


@probe("runtime.framework", kind="files", facts=Framework, deadline=3)
def framework(*, owner: Owner, app: Application, route: Route) -> Sighting:
    """Read the application's own files for the framework that it was written with."""
    from wizard.runtimes.applications import frameworks

    return frameworks.framework(owner, app, route)


@probe("runtime.spare", kind="sockets", facts=Spare)
def spare(*, server: Server, table: Table, owner: Owner) -> Sighting:
    """Find the next port at which a second process of the backend could listen."""
    from wizard.runtimes import spare as ports

    return ports.of(server, table, owner)


@probe("runtime.load", kind="sockets", facts=Load)
def load(*, server: Server) -> Sighting:
    """Count the connections at a server's address: those accepted, and those that wait."""
    from wizard.runtimes.applications import connections

    return connections.at(server)


@probe("runtime.mount_view", kind="files", facts=MountView, deadline=3)
def socket_view(*, server: Server, owner: Owner, table: Table, instance: Instance) -> Sighting:
    """Look at a unix socket's path as the backend and as the proxy see it."""
    from wizard.runtimes import mount_view

    return mount_view.of(server, owner, table, instance)


@probe("runtime.restart", kind="service", facts=Restart)
def last_restart(*, owner: Owner, errors: ErrorLog) -> Sighting:
    """Hold the times of the unit's last restart against those of the route's failures."""
    from wizard.runtimes import restart

    return restart.of(owner, errors)


PROBES = (
    owner, journal, oom, steadiness, alternatives, sides, application, application_log, dependency,
    load, socket_view, last_restart, framework, spare,
)  # fmt: skip
