"""What a person pasted of nginx: lines of its error log, the output of `nginx -t`."""

from __future__ import annotations

import shlex

from msgspec.structs import replace

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.probes.local_time import LocalClock
from wizard.proxies.facts import USUAL_WINDOW, Check, Instance, Window
from wizard.proxies.nginx import error_line, error_log
from wizard.proxies.nginx.check import understood
from wizard.proxies.nginx.error_reader import Reader
from wizard.proxies.nginx.log_sources import journal_command, shown, source

_ENOUGH = 5000


def error_log_command(instance: Instance, route: Route, window: Window) -> str:
    """What to run as root to get the lines of the route's first log."""
    written = window.log or (
        route.error_logs[0] if route.error_logs else "/var/log/nginx/error.log"
    )
    found = source(written, instance)
    if found.unit or found.identifier:
        return f"sudo {shown(journal_command(found, window.begin()))}"
    return f"sudo tail -n {_ENOUGH} {shlex.quote(found.path or written)}"


def pasted_error_log(text: str, instance: Instance, route: Route, window: Window) -> Sighting:
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
            remedy=error_log_command(instance, route, window),
        )
    asked_at = window.asked_at
    begin = window.since or (asked_at or window.end()) - USUAL_WINDOW
    # A text that ends before the wizard asked cannot say that nothing was written then.
    covered = asked_at if asked_at is not None and max(times) >= asked_at - 1.0 else None
    window = replace(window, since=begin, until=window.end(), asked_at=covered)
    reader = Reader(route, window)
    reader.take(block, LocalClock())
    return error_log.of_lines(reader.sum, route, window, oldest=max(begin, min(times)))


def pasted_check(text: str, instance: Instance) -> Check | None:
    """Its verdict; None when the text is not what `nginx -t` prints."""
    passes = "test is successful" in text
    if not passes and "test failed" not in text and "[emerg]" not in text:
        return None
    return understood(text, passes)
