"""The upstream matrix: every server of the route, and how far a request to it comes."""

from __future__ import annotations

from typing import NamedTuple

from wizard.model.evidence import Evidence
from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.panels.latest import latest, servers

_COLUMNS = ("dial", "tls", "ask", "owner")
NOT_YET = "..."
NOT_ASKED = "-"


class ServerRow(NamedTuple):
    """One server. A cell is what the look says, `-` where it does not apply, `...` before."""

    name: str
    connect: str
    tls: str
    http: str
    owner: str
    evidence: tuple[str, str, str, str]
    """Ids behind connect, TLS, HTTP and owner; empty where there is none."""
    troubled: bool
    """One of the looks says that it cannot serve."""


class Matrix(NamedTuple):
    """The servers side by side."""

    header: tuple[str, str, str, str, str]
    rows: tuple[ServerRow, ...]


def matrix(session: Session) -> Matrix:
    """A row for every server of the route; none while the route is not known."""
    rows = tuple(
        _row(session, scope, bool(server.get("down"))) for scope, server in servers(session)
    )
    return Matrix(("server", "connect", "TLS", "HTTP", "owner"), rows)


def _row(session: Session, scope: str, down: bool) -> ServerRow:
    seen = [latest(session, look, scope) for look in _COLUMNS]
    connect, tls, http, owner = (_cell(each, session) for each in seen)
    name = f"{scope} (down)" if down else scope
    ids = tuple(each.id if each else "" for each in seen)
    return ServerRow(
        one_line(name, 100),
        connect,
        tls,
        http,
        owner,
        (ids[0], ids[1], ids[2], ids[3]),
        any(_is_trouble(each) for each in seen),
    )


def _cell(evidence: Evidence | None, session: Session) -> str:
    if evidence is None:
        return NOT_ASKED if session.conclusion else NOT_YET
    if evidence.status == "absent" and evidence.look in ("tls", "dial"):
        return NOT_ASKED
    if evidence.status in ("unreadable", "unparsed"):
        return one_line(f"? {evidence.reason or evidence.reading or evidence.status}", 100)
    return one_line(evidence.reading or evidence.status, 100)


def _is_trouble(evidence: Evidence | None) -> bool:
    """Only what is known to be wrong: a look that was not to be had says nothing."""
    if evidence is None or evidence.status != "present":
        return False
    known = evidence.facts
    if evidence.look == "dial":
        return known.get("outcome") not in (None, "connected")
    if evidence.look == "tls":
        return known.get("outcome") not in (None, "completed")
    if evidence.look == "ask":
        status = known.get("status")
        answered = known.get("outcome") in (None, "answered")
        return not answered or (isinstance(status, int) and status >= 500)
    return known.get("active") in ("failed", "inactive") or bool(known.get("frozen"))
