"""The looks that every proxy adapter answers: find, check, loaded, route, logs.

An adapter is a module that has these functions, listed in `wizard.proxies.adapters.ADAPTERS`:

    find() -> list[Instance]                       running instances, and one that should run
    check(instance) -> Check                       the proxy's own verdict on its files
    loaded(instance) -> Loaded                     is what runs what the files say?
    route(instance, url) -> Route                  the way of a URL
    error_log(instance, route, window) -> ErrorLog
    access_log(instance, route, window) -> AccessLog
    urls(instance) -> list[Way]                    what it can be asked for
"""

from __future__ import annotations

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes.declare import Paste, Reread, probe
from wizard.probes.http import Asked
from wizard.proxies.facts import (
    AccessLog,
    Aside,
    Check,
    ErrorLog,
    Inner,
    Instance,
    Instances,
    Loaded,
    ServerErrors,
    Window,
    Workers,
)


@probe("proxy.find", kind="process", facts=Instances, deadline=5)
def find(*, url: str, kind: str | None = None, config: str | None = None) -> Sighting:
    """Find every proxy of this host and choose the one that the URL concerns."""
    from wizard.proxies import sightings

    return sightings.find(url, kind, config)


def _check_command(*, instance: Instance) -> str:
    from wizard.proxies import sightings

    return sightings.check_command(instance)


def _pasted_check(*, text: str, instance: Instance) -> Sighting:
    from wizard.proxies import sightings

    return sightings.pasted_check(text, instance)


@probe(
    "proxy.check",
    kind="config",
    facts=Check,
    deadline=15,
    touches="what the proxy's own check opens: its logs, its pid file, for a moment its ports",
    paste=Paste(_check_command, _pasted_check),
    reread=Reread(_pasted_check),
)
def check(*, instance: Instance) -> Sighting:
    """Run the proxy's own check of its configuration (nginx -t)."""
    from wizard.proxies import sightings

    return sightings.check(instance)


@probe("proxy.loaded", kind="process", facts=Loaded)
def loaded(*, instance: Instance) -> Sighting:
    """Compare the files' times with the time of the last load."""
    from wizard.proxies import sightings

    return sightings.loaded(instance)


@probe("proxy.route", kind="config", facts=Route, deadline=10)
def route(*, instance: Instance, url: str) -> Sighting:
    """Resolve the URL through the effective configuration."""
    from wizard.proxies import sightings

    return sightings.route(instance, url)


@probe("proxy.workers", kind="process", facts=Workers)
def workers(*, instance: Instance, connections: int | None = None) -> Sighting:
    """Count what the workers have open, beside what they may (/proc/PID/limits and fd)."""
    from wizard.proxies.workers import workers as look

    return look(instance, connections)


def _error_log_command(
    *,
    instance: Instance,
    route: Route,
    since: float | None = None,
    log: str | None = None,
    **others: float | str | None,
) -> str:
    from wizard.proxies.adapters import adapter_for

    adapter = adapter_for(instance.kind)
    window = Window(since=since, log=log)
    return adapter.error_log_command(instance, route, window) if adapter else ""


def _pasted_error_log(
    *,
    text: str,
    instance: Instance,
    route: Route,
    asked_at: float | None = None,
    since: float | None = None,
    until: float | None = None,
    log: str | None = None,
    changed: float | None = None,
    url: str | None = None,
) -> Sighting:
    from wizard.proxies.adapters import adapter_for

    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _no_reader(instance)
    window = Window(url=url, asked_at=asked_at, since=since, until=until, log=log, changed=changed)
    return adapter.pasted_error_log(text, instance, route, window)


@probe(
    "proxy.error_log",
    kind="log",
    facts=ErrorLog,
    deadline=6,
    paste=Paste(_error_log_command, _pasted_error_log),
    reread=Reread(
        _pasted_error_log,
        beside=(
            *("paths", "unread", "from_time", "to_time", "bounded"),
            *("last_age", "shortage_age", "crash_age"),
        ),
        clock="last_at",
        counts="count",
    ),
)
def error_log(
    *,
    instance: Instance,
    route: Route,
    asked_at: float | None = None,
    since: float | None = None,
    until: float | None = None,
    log: str | None = None,
    changed: float | None = None,
    url: str | None = None,
) -> Sighting:
    """Read this route's error lines, backwards from the end; 15 minutes unless told otherwise.

    With `url` the wizard's own request is known by its request line, not only by its location.
    """
    from wizard.proxies.adapters import adapter_for

    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _no_reader(instance)
    window = Window(url=url, asked_at=asked_at, since=since, until=until, log=log, changed=changed)
    return adapter.error_log(instance, route, window)


def _no_reader(instance: Instance) -> Sighting:
    return Sighting(
        status="unreadable",
        reason=f"logs of {instance.kind} cannot be read by this version",
        reading="logs not read",
    )


def _server_errors_again(
    *,
    text: str,
    server: Server,
    errors: ErrorLog,
    addresses: list[str],
    used: list[str] | None = None,
) -> Sighting:
    from wizard.proxies.server_errors import pick

    return pick(server, errors, [*addresses, *(used or [])])


@probe(
    "proxy.server_errors", kind="log", facts=ServerErrors,
    reread=Reread(_server_errors_again, needs_text=False),
)  # fmt: skip
def server_errors(
    *, server: Server, errors: ErrorLog, addresses: list[str], used: list[str] | None = None
) -> Sighting:
    """Pick the lines whose upstream is this server.

    It is known by its address, its path, the `addresses` of its name, or those that the proxy's own
    resolver gives (`used`).
    """
    from wizard.proxies.server_errors import pick

    return pick(server, errors, [*addresses, *(used or [])])


@probe("proxy.access_log", kind="log", facts=AccessLog, deadline=6)
def access_log(
    *,
    instance: Instance,
    route: Route,
    asked_at: float | None = None,
    since: float | None = None,
    until: float | None = None,
    url: str | None = None,
) -> Sighting:
    """Count this route's answers, backwards from the end; 15 minutes unless told otherwise."""
    from wizard.proxies.adapters import adapter_for

    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _no_reader(instance)
    window = Window(url=url, asked_at=asked_at, since=since, until=until)
    return adapter.access_log(instance, route, window)


@probe("proxy.inner", kind="config", facts=Inner, deadline=10)
def inner(*, server: Server, route: Route, asked: Asked | None = None) -> Sighting:
    """Find out whether a server is itself a proxy of this host, and what it is asked."""
    from wizard.proxies import inner as behind

    return behind.inner(server, route, asked)


@probe("proxy.aside", kind="log", facts=Aside)
def aside(*, route: Route, errors: ErrorLog) -> Sighting:
    """Find the server that was asked beside the location's own: for leave, or as a second hop."""
    from wizard.proxies import aside as beside

    return beside.aside(route, errors)


PROBES = (find, check, loaded, route, workers, error_log, server_errors, access_log, inner, aside)
