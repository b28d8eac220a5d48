"""The way of a request: client, what stands between, the proxy, its servers; and who answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wizard.flows.model import Library
from wizard.model.masking import mask
from wizard.model.scopes import proxy_of
from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.panels.latest import facts, latest, servers, servers_behind


class Hop(NamedTuple):
    """One box of the line from the client to the backend."""

    name: str
    detail: str
    """What it is and how it is: `502 from nginx/1.22.1 after 11 ms`, `refused in 0.2 ms`."""
    made_it: bool
    """The status that the client got was made here."""
    proof: str
    """How that is known; empty unless it made it."""
    level: int
    """0 the client, then each further step of the request; servers of one pool share theirs."""
    evidence: str
    """Id of the evidence that `detail` is from; empty before it was looked at."""


def hops(session: Session, library: Library | None = None) -> tuple[Hop, ...]:
    """From the client to the servers.

    Before the walk has concluded only the library can tell which finding names the hop.
    """
    name, proof = _made_by(session, library)
    line = [_client(session), *_between(session)]
    level = line[-1].level + 1
    proxy = _proxy(session, name, proof, level)
    if proxy is not None:
        line.append(proxy)
        level += 1
    asked = [
        (scope, depth)
        for server, _ in servers(session)
        for scope, depth in _with_behind(session, server, level)
    ]
    if name and proxy is not None and name not in (proxy.name, *dict(asked)):
        line[-1] = proxy._replace(made_it=False, proof="")
        line.append(Hop(one_line(name), "holds the port instead", True, proof, level - 1, ""))
    elif name and proxy is None:
        line.append(Hop(one_line(name), "", True, proof, level, ""))
    line += [_server(session, scope, name, proof, depth) for scope, depth in asked]
    return tuple(line)


def _with_behind(session: Session, server: str, level: int) -> Iterator[tuple[str, int]]:
    """A server and, where it is a proxy itself, those that it passes to, each with its level."""
    yield server, level
    for scope in servers_behind(session, server):
        yield from _with_behind(session, scope, level + 1)


def _made_by(session: Session, library: Library | None) -> tuple[str, str]:
    if session.conclusion is not None:
        known = session.conclusion.made_by
        return known.get("hop", ""), one_line(known.get("how", ""), 400)
    for finding in reversed(session.findings) if library else ():
        cause = library.causes.get(finding.cause) if library else None
        if cause is not None and cause.kind == "hop":
            return proxy_of(finding.scope) or finding.subject, one_line(finding.said, 400)
    return "", ""


def _client(session: Session) -> Hop:
    front = latest(session, "front")
    incident = session.incident
    detail = front.reading if front else ""
    if not detail and incident is not None:
        detail = mask(incident.url)
    return Hop("client", one_line(detail), False, "", 0, front.id if front else "")


def _between(session: Session) -> list[Hop]:
    """What says of itself that it handed the answer on (Via), the nearest to the client first."""
    front = latest(session, "front")
    via = facts(session, "front").get("via") or []
    return [
        Hop(one_line(str(each), 60), "handed the answer on", False, "", level, front.id)
        for level, each in enumerate(via, 1)
        if front is not None
    ]


def _proxy(session: Session, made_it: str, proof: str, level: int) -> Hop | None:
    evidence = latest(session, "proxy")
    known = facts(session, "proxy")
    instance = known.get("instance") or {}
    name = facts(session, "route").get("proxy") or instance.get("kind")
    if evidence is None or not name:
        return None
    made = bool(name == made_it)
    return Hop(
        one_line(str(name), 60),
        one_line(evidence.reading),
        made,
        proof if made else "",
        level,
        evidence.id,
    )


def _server(session: Session, scope: str, made_it: str, proof: str, level: int) -> Hop:
    made = scope == made_it
    seen = [latest(session, look, scope) for look in ("ask", "dial", "listening", "owner")]
    known = next((each for each in seen if each is not None and each.status == "present"), None)
    return Hop(
        one_line(scope, 100),
        one_line(known.reading) if known else "not looked at yet",
        made,
        proof if made else "",
        level,
        known.id if known else "",
    )
