"""The proxy asks one address, the backend has another: what tells which of them is right.

Nothing decides it for sure. What was changed last is the likelier mistake; and a side that others
use too cannot be moved without them. Both are read from file times, the proxy's routes and the
kernel's table of connections.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from wizard.model.evidence import Sighting
from wizard.model.route import Place, Route, Server
from wizard.model.text import clean, one_line
from wizard.proxies.adapters import adapter_for
from wizard.proxies.facts import Instance
from wizard.runtimes import mentions
from wizard.runtimes.facts import Alternatives, Sides
from wizard.runtimes.systemd import program_files
from wizard.runtimes.systemd.show import Unit, show

_ROUTES, _SECONDS, _SHOWN = 100, 1.0, 5
_SAME_MOMENT = 2.0
"""Seconds: a deployment writes the files of both sides within them."""
_LISTENS = re.compile(r"(?i)(?:^|[\s\"'=-])(?:host|bind|listen\w*|addr\w*)\W{1,5}$")
_COMMENT = re.compile(r"^\s*(?:#|;|//)")
_ADDRESS = re.compile(r"[\w.:/-]+")
_ESTABLISHED = "01"
"""include/net/tcp_states.h"""


def of(
    server: Server, route: Route, alternatives: Alternatives, instance: Instance, url: str
) -> Sighting:
    """Compare the two sides."""
    best = alternatives.best
    if best is None or alternatives.server is None:
        return Sighting(status="absent", facts=Sides(), reading="the backend was not found")
    unit = _unit(best.unit)
    asking = server.place or route.pass_place
    proxy_changed = _changed(asking.file) if asking else None
    backend_file, backend_changed = _newest(unit) if unit else (None, None)
    place = _stated(unit, alternatives.server, server) if unit else None
    facts = Sides(
        proxy_file=asking.file if asking else None,
        proxy_changed=proxy_changed,
        backend_unit=best.unit,
        backend_file=backend_file,
        backend_changed=backend_changed,
        backend_started=unit.moment("ExecMainStart") if unit else None,
        last=_last(proxy_changed, backend_changed),
        also_asked_by=_also_asked_by(server, route, instance, url),
        other_clients=_other_clients(alternatives.server),
        place=place[0] if place else None,
        stated=place[1] if place else None,
        wanted=place[2] if place else None,
        edit=_edit(*place) if place else None,
        edit_back=_edit(place[0], place[2], place[1]) if place else None,
    )
    return Sighting(
        status="present", facts=facts, reading=_reading(facts), raw="\n".join(_lines(facts)),
        command=f"stat -c '%y %n' {asking.file if asking else ''}; ss -Htn state established",
    )  # fmt: skip


def _unit(name: str | None) -> Unit | None:
    units = show([name]).units if name else []
    return units[0] if units and units[0].exists else None


def _changed(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def _settings(unit: Unit) -> Iterator[str]:
    """Files that may say where it listens: what is read last comes first."""
    yield from unit.environment_files
    yield from reversed(unit["DropInPaths"].split())
    yield from filter(None, [unit["FragmentPath"]])
    yield from (file.path for file in program_files.of(unit) if not file.is_source)


def _newest(unit: Unit) -> tuple[str | None, float | None]:
    times = {path: _changed(path) for path in _settings(unit)}
    known = {path: at for path, at in times.items() if at is not None}
    newest = max(known, key=lambda path: known[path], default=None)
    return (clean(newest), known[newest]) if newest else (None, None)


def _last(proxy: float | None, backend: float | None) -> Literal["proxy", "backend"] | None:
    if proxy is None or backend is None or abs(proxy - backend) < _SAME_MOMENT:
        return None
    return "proxy" if proxy > backend else "backend"


def _stated(unit: Unit, has: Server, asked: Server) -> tuple[Place, str, str] | None:
    """The line of the backend's settings that names its address, what it says, what it should."""
    old, new = _differing(has, asked)
    if old is None or new is None:
        return None
    for path in _settings(unit):
        text = program_files.text_of(path) or ""
        found = (
            _line_of_host(text, old)
            if old == has.host
            else mentions.in_text(text, mentions.Aim(port=has.port, path=has.path))
        )
        if found and found[1].count(old) == 1:
            return Place(clean(path), found[0]), old, new
    return None


def _line_of_host(text: str, host: str) -> tuple[int, str] | None:
    """The first line that says to listen on this host: `HOST=127.0.0.1`, `--bind 127.0.0.1:80`."""
    for number, line in enumerate(text.splitlines(), 1):
        start = line.find(host)
        if start > 0 and not _COMMENT.match(line) and _LISTENS.search(line[:start]):
            return number, line
    return None


def _differing(has: Server, asked: Server) -> tuple[str | None, str | None]:
    """The part of the address in which they differ: port, host or path."""
    if asked.path is not None or has.path is not None:
        return has.path, asked.path
    if has.port != asked.port:
        return str(has.port), str(asked.port)
    return (None, None) if asked.is_name else (has.host, asked.host)


def _edit(place: Place, old: str, new: str) -> str | None:
    """What `sed` is told; None where the text holds more than an address does."""
    if not _ADDRESS.fullmatch(old) or not _ADDRESS.fullmatch(new):
        return None
    plain = old.replace(".", "\\.")
    return f"{place.line}s|{plain}|{new}|"


def _also_asked_by(server: Server, route: Route, instance: Instance, url: str) -> list[str]:
    """Other locations of the proxy that lead to the address that is asked in vain."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return []
    found, until = [], time.monotonic() + _SECONDS
    for way in adapter.urls(instance)[:_ROUTES]:
        if way.url.rstrip("/") == url.rstrip("/") or time.monotonic() > until:
            continue
        other = adapter.route(instance, way.url)
        apart = other.pass_place not in (None, route.pass_place)
        if apart and any(each.name == server.name for each in other.servers):
            found.append(way.url)
    return found[:_SHOWN]


def _other_clients(server: Server) -> int | None:
    """Connections that others have open to the address that the backend has."""
    if server.port is None:
        return None
    count = 0
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{name}", encoding="ascii") as table:
                rows = [line.split()[1:4] for line in table.readlines()[1:]]
        except OSError:
            continue
        port = f":{server.port:04X}"
        count += sum(local.endswith(port) and state == _ESTABLISHED for local, _, state in rows)
    return count


def _reading(facts: Sides) -> str:
    if facts.last is None:
        return "what was changed last cannot be told"
    file = facts.proxy_file if facts.last == "proxy" else facts.backend_file
    return one_line(f"{file} was changed last", 100)


def _lines(facts: Sides) -> Iterator[str]:
    for path, at in (
        (facts.proxy_file, facts.proxy_changed),
        (facts.backend_file, facts.backend_changed),
    ):
        if path and at:
            yield f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S} {path}"
    if facts.place:
        yield f"{facts.place}: {facts.stated}"
    yield f"other routes to it: {', '.join(facts.also_asked_by) or 'none'}"
    if facts.other_clients is not None:
        yield f"connections to the backend now: {facts.other_clients}"
