"""The part of a proxy's error log that concerns one upstream server; computed, nothing is read."""

from __future__ import annotations

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.proxies.facts import ErrorLog, LogEntry, ServerErrors, Tally

_LINES_SHOWN = 40


def pick(server: Server, errors: ErrorLog, addresses: list[str]) -> Sighting:
    """The server's lines, known by its address, its path or the addresses of its name."""
    if errors.count is None:
        return Sighting(
            status="unreadable",
            reason="the error log was not read",
            reading="error log not read",
            rests_on=("errors",),
        )
    own = _own(server, addresses, errors)
    failed = [
        tally for tally in errors.tallies if tally.failure != "disabled" and tally.upstream in own
    ]
    entries = [entry for entry in errors.recent if entry.upstream in own]
    facts = _facts(failed, entries[0] if entries else None, not own.isdisjoint(errors.disabled))
    facts = _with_request(facts, _exact(server, addresses), errors)
    if not failed:
        return Sighting(
            status="absent", facts=facts, reading="no line about this server", rests_on=("errors",)
        )
    reading = f"{facts.count} x {facts.last_failure} while {facts.last_phase}"
    raw = "\n".join(entry.message for entry in reversed(entries[:_LINES_SHOWN]))
    return Sighting(status="present", facts=facts, reading=reading, raw=raw, rests_on=("errors",))


def _own(server: Server, addresses: list[str], errors: ErrorLog) -> set[str | None]:
    """The upstreams of the log that are this server."""
    seen = {tally.upstream for tally in errors.tallies if tally.upstream} | set(errors.disabled)
    known = _exact(server, addresses)
    own: set[str | None] = {upstream for upstream in seen if upstream.lower() in known}
    if not own and server.is_name and server.port:
        # The workers may hold addresses that the name no longer has; its port is what stays.
        own = {upstream for upstream in seen if upstream.endswith(f":{server.port}")}
    return own


def _exact(server: Server, addresses: list[str]) -> set[str]:
    """The upstreams that are this server now, in small letters."""
    known = {server.name.lower()}
    if server.path:
        known.add(f"unix:{server.path}".lower())
    elif server.host is not None:
        for host in (server.host, *addresses):
            bare = host.strip("[]").lower()
            bracketed = f"[{bare}]" if ":" in bare else bare
            known.add(f"{bracketed}:{server.port}" if server.port else bracketed)
    return known


def _with_request(facts: ServerErrors, exact: set[str], errors: ErrorLog) -> ServerErrors:
    """The facts with what the log says of the wizard's own request at this server."""
    named = [entry for entry in errors.request_entries if entry.upstream]
    if not named:
        return facts
    here = [entry for entry in named if entry.upstream and entry.upstream.lower() in exact]
    last = here[-1] if here else None
    return msgspec.structs.replace(
        facts,
        request_here=bool(here),
        request_failure=last.failure if last else None,
        request_phase=last.phase if last else None,
        request_line=last.message if last else None,
    )


def _facts(tallies: list[Tally], last: LogEntry | None, disabled: bool) -> ServerErrors:
    newest = sorted(tallies, key=lambda tally: tally.last, reverse=True)
    first = newest[0] if newest else None
    return ServerErrors(
        count=sum(tally.count for tally in tallies),
        failures=list(dict.fromkeys(tally.failure for tally in newest)),
        phases=list(dict.fromkeys(tally.phase for tally in newest)),
        last_failure=last.failure if last else (first.failure if first else None),
        last_phase=last.phase if last else (first.phase if first else None),
        last_errno=last.errno if last else None,
        last_alert=last.alert if last else None,
        last_at=last.at if last else (first.last if first else None),
        last_line=last.message if last else None,
        last_method=last.request.partition(" ")[0] if last and last.request else None,
        upstreams=list(dict.fromkeys(tally.upstream for tally in newest if tally.upstream)),
        disabled=disabled,
    )
