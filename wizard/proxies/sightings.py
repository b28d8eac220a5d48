"""The looks `find`, `check`, `loaded` and `route`: the adapters' answers as sightings."""

from __future__ import annotations

import os
import shlex
import time
from urllib.parse import urlsplit

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.model.text import clean, one_line, shorten
from wizard.proxies import choosing
from wizard.proxies.adapters import Adapter, adapter_for
from wizard.proxies.facts import Check, Instance, Loaded

_RAW = 20_000


def find(url: str, kind: str | None, config: str | None) -> Sighting:
    """The proxies of this host, and the one that the URL concerns."""
    facts = choosing.instances(url, kind, config)
    port = _port(url)
    command = f"ss -Hltnp 'sport = :{port}'; ps -C nginx -o pid,ppid,user,lstart,args"
    if not facts.found or facts.instance is None:
        return Sighting(
            status="absent", facts=facts, reading="no proxy runs or is installed", command=command
        )
    chosen = facts.instance
    name = f"{chosen.kind} {chosen.version or ''}".strip()
    if not chosen.running:
        state = f"; {facts.unit} is {facts.unit_state}" if facts.unit_state else ""
        return Sighting(
            status="present",
            facts=facts,
            reading=f"{name} does not run{state}",
            raw=facts.last_words or "",
            command=f"{command}; systemctl status {shlex.quote(facts.unit)}"
            if facts.unit
            else command,
        )
    others = f", {len(facts.instances) - 1} more" if len(facts.instances) > 1 else ""
    serves = "" if facts.serves else f", not on port {port}"
    return Sighting(
        status="present",
        facts=facts,
        reading=f"{name}, pid {chosen.pid}{serves}{others}",
        raw="\n".join(_line(each) for each in facts.instances),
        command=command,
    )


def check(instance: Instance) -> Sighting:
    """The proxy's own verdict on its files."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _unknown(instance)
    facts, raw = adapter.check(instance)
    command = shlex.join(adapter.check_command(instance))
    remedy = f"sudo {command}"
    if facts.by is None or (facts.by == "parser" and facts.passes is None):
        return Sighting(
            status="unreadable",
            facts=facts,
            reading="the check could not be run",
            raw=shorten(raw, _RAW),
            command=command,
            reason=f"{command} did not run to its end, and a parser cannot vouch for the files",
            remedy=remedy,
        )
    return _judged(facts, raw, command, remedy)


def _judged(facts: Check, raw: str, command: str, remedy: str) -> Sighting:
    if facts.passes is None:
        reading = "stopped at a file that only root may read"
        if facts.syntax_ok:
            reading = f"syntax is ok; {reading}"
        return Sighting(
            status="present", facts=facts, reading=reading, raw=shorten(raw, _RAW),
            command=command, reason=facts.message or "", remedy=remedy,
        )  # fmt: skip
    said = "passes" if facts.passes else one_line(facts.message or "fails", 120)
    return Sighting(
        status="present", facts=facts, reading=said, raw=shorten(raw, _RAW), command=command
    )


def pasted_check(text: str, instance: Instance) -> Sighting:
    """The proxy's verdict as a person pasted it."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _unknown(instance)
    facts = adapter.pasted_check(clean(text), instance)
    if facts is None:
        return Sighting(
            status="unparsed",
            reason=f"it is not what {instance.kind}'s own check prints",
            remedy=check_command(instance),
        )
    return _judged(facts, text, check_command(instance), check_command(instance))


def check_command(instance: Instance) -> str:
    """What to run as root to get the proxy's verdict on all of its files."""
    adapter = adapter_for(instance.kind)
    return f"sudo {shlex.join(adapter.check_command(instance))}" if adapter else ""


def loaded(instance: Instance) -> Sighting:
    """Whether the running configuration is as old as the files."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _unknown(instance)
    facts = adapter.loaded(instance)
    folder = os.path.dirname(instance.config) if instance.config else "/etc/nginx"
    command = (
        f"ps -C {shlex.quote(instance.kind)} -o pid,lstart,args; "
        f"find -L {shlex.quote(folder)} -type f -printf '%t %p\\n'"
    )
    if facts.loaded is None:
        return Sighting(
            status="absent", facts=facts, reading="it does not run: nothing is loaded",
            command=command,
        )  # fmt: skip
    if facts.stale is None:
        return Sighting(
            status="unreadable", facts=facts, reading="some files are hidden", command=command,
            reason="not allowed to look at every file of the configuration",
            remedy="sudo wizard",
        )  # fmt: skip
    return Sighting(
        status="present", facts=facts, reading=_age(facts), raw=_times(facts), command=command
    )


def route(instance: Instance, url: str) -> Sighting:
    """The way of a URL through the configuration."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return _unknown(instance)
    command = _route_command(instance)
    if instance.config is None or not os.path.exists(instance.config):
        where = instance.config or "the configuration file"
        return Sighting(
            status="unreadable",
            command=command,
            reading="its configuration cannot be seen from here",
            reason=f"{where} is not visible here: it may belong to a container, or to another user",
            remedy="wizard --config PATH",
        )
    facts = adapter.route(instance, url)
    if facts.found:
        return Sighting(
            status="present", facts=facts, reading=_way(facts), raw=_way_in_full(facts),
            command=command,
        )  # fmt: skip
    return _not_found(adapter, instance, facts, command)


def _not_found(adapter: Adapter, instance: Instance, facts: Route, command: str) -> Sighting:
    if not facts.unsettled:
        return Sighting(
            status="absent", facts=facts, reading="no listener of the proxy takes this URL",
            command=command, raw="\n".join(adapter.configured_listens(instance)),
        )  # fmt: skip
    # Files that could not be read may hold the virtual host: that it is missing is not proven.
    words = ("llowed", "may not", "denied")
    denied = any(word in note for word in words for note in facts.unsettled)
    return Sighting(
        status="unreadable" if denied else "unparsed",
        facts=facts,
        reading=one_line(facts.unsettled[0], 100),
        raw="\n".join(facts.unsettled),
        command=command,
        reason="; ".join(facts.unsettled)[:500],
        remedy=f"sudo {command}" if denied else "",
    )


def _way(facts: Route) -> str:
    place = f"{facts.location or 'no location'}"
    if facts.action == "proxy":
        group = f" ({facts.server_count} servers)" if facts.upstream else ""
        return one_line(f"location {place}: {facts.passed_by} {facts.pass_value}{group}", 120)
    status = f" {facts.return_status}" if facts.return_status else ""
    return one_line(f"location {place}: {facts.action}{status}", 120)


def _way_in_full(facts: Route) -> str:
    lines = [f"listener {facts.listener}", f"server {' '.join(facts.server_names)} at "
             f"{facts.server_place}"]  # fmt: skip
    if facts.location:
        lines.append(f"location {facts.location} at {facts.location_place}")
    if facts.passed_by:
        lines.append(f"{facts.passed_by} {facts.pass_value} at {facts.pass_place}")
    if facts.upstream:
        lines.append(f"upstream {facts.upstream} at {facts.upstream_place}")
    lines += [f"  server {server.name} at {server.place}" for server in facts.servers]
    if facts.return_place:
        lines.append(f"{facts.action} {facts.return_status or ''} at {facts.return_place}")
    lines += [f"not settled: {note}" for note in facts.unsettled]
    return shorten("\n".join(lines), _RAW)


def _route_command(instance: Instance) -> str:
    words = [instance.kind, "-T"]
    if instance.config is not None:
        words += ["-c", instance.config]
    return shlex.join(words)


def _age(facts: Loaded) -> str:
    at = time.strftime("%H:%M:%S", time.localtime(facts.loaded))
    if not facts.stale:
        return f"loaded at {at}, no file is newer"
    more = f" and {len(facts.changed_files) - 1} more" if len(facts.changed_files) > 1 else ""
    failed = "; the reload was refused" if facts.reload_failed else ""
    return f"{facts.changed_files[0]}{more} changed after the load at {at}{failed}"


def _times(facts: Loaded) -> str:
    lines = [f"loaded {_local(facts.loaded)}", f"newest change {_local(facts.changed)}"]
    lines += [f"changed since: {path}" for path in facts.changed_files]
    return "\n".join([*lines, *([facts.reload_error] if facts.reload_error else [])])


def _local(at: float | None) -> str:
    return "unknown" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _line(instance: Instance) -> str:
    where = " ".join(instance.listens[:20])
    return f"{instance.kind} pid {instance.pid} config {instance.config} listens {where}"


def _port(url: str) -> int:
    parts = urlsplit(url if "//" in url else f"http://{url}")
    return parts.port or (443 if parts.scheme == "https" else 80)


def _unknown(instance: Instance) -> Sighting:
    return Sighting(status="unreadable", reason=f"no adapter for {instance.kind}", remedy="")
