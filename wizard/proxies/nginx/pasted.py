"""What a person pasted of nginx: lines of its error log, the output of `nginx -t`."""

from __future__ import annotations

import shlex
import time

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.probes.local_time import LocalClock
from wizard.proxies.facts import Check, Instance
from wizard.proxies.nginx import error_line, error_log
from wizard.proxies.nginx.check import understood
from wizard.proxies.nginx.error_reader import Reader
from wizard.proxies.nginx.log_route import OwnLines, OwnRequest
from wizard.proxies.nginx.log_sources import journal_command, shown, source

_ENOUGH = 5000


def error_log_command(
    instance: Instance, route: Route, *, since: float | None, log: str | None
) -> str:
    """What to run as root to get the lines of the route's first log."""
    written = log or (route.error_logs[0] if route.error_logs else "/var/log/nginx/error.log")
    found = source(written, instance)
    if found.unit or found.identifier:
        begin = since if since is not None else time.time() - error_log.WINDOW
        return f"sudo {shown(journal_command(found, begin))}"
    return f"sudo tail -n {_ENOUGH} {shlex.quote(found.path or written)}"


def pasted_error_log(
    text: str,
    instance: Instance,
    route: Route,
    *,
    asked_at: float | None,
    since: float | None,
    until: float | None,
    log: str | None,
    changed: float | None,
    url: str | None,
) -> Sighting:
    """What the lines say of this route, by the reader of the log itself.

    The window is that of the look: what is older than it does not count.
    """
    block = error_line.own_lines(text.encode())
    clock = LocalClock()
    times = [at for entry in error_line.entries(block) if (at := clock.at(entry[:19])) is not None]
    if not times:
        return Sighting(
            status="unparsed",
            reason="no line of it is one of nginx's error log",
            remedy=error_log_command(instance, route, since=since, log=log),
        )
    end = until if until is not None else time.time() + 1.0
    begin = since if since is not None else (asked_at or end) - error_log.WINDOW
    # A text that ends before the wizard asked cannot say that nothing was written then.
    covered = asked_at if asked_at is not None and max(times) >= asked_at - 1.0 else None
    own = OwnLines(route, url)
    reader = Reader(own, OwnRequest(url, own), begin, end, covered, changed, several=False)
    reader.take(block, LocalClock())
    return error_log.of_lines(
        reader.sum, route, begin, end, covered, changed, oldest=max(begin, min(times))
    )


def pasted_check(text: str, instance: Instance) -> Check | None:
    """Its verdict; None when the text is not what `nginx -t` prints."""
    passes = "test is successful" in text
    if not passes and "test failed" not in text and "[emerg]" not in text:
        return None
    return understood(text, passes)
