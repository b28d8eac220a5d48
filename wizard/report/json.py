"""The report for programs: one object, the contract of `diagnose --json`.

Keys may be added within a schema's number; none is renamed, dropped or given another meaning.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from datetime import timezone
from typing import Any

import msgspec

from wizard.model.events import Copied, Decided, Noted, Pasted, Verified, Watched, builtins
from wizard.model.evidence import Evidence
from wizard.model.finding import Finding
from wizard.model.masking import mask
from wizard.model.session import Session
from wizard.report.moment import iso, zone_of

SCHEMA = "wizard/report/1"
_NO_EVIDENCE = '\n "evidence": []'
"""How the empty list of evidence is written; no text holds it, for a line end is escaped there."""


def report(session: Session) -> dict[str, Any]:
    """The session as plain data. A session that has not concluded gives what is known so far."""
    ended, zone = session.conclusion, zone_of(session)
    verdicts = [builtins(each) for each in ended.verdicts] if ended else []
    return {
        "schema": SCHEMA,
        "outcome": ended.outcome if ended else "unproven",
        "summary": ended.summary if ended else "",
        "incident": _incident(session, zone),
        "verdicts": verdicts,
        "findings": [_finding(each) for each in session.findings],
        "consequences": list(ended.consequences) if ended else [],
        "ruled_out": [builtins(each) for each in ended.ruled_out] if ended else [],
        "untested": [builtins(each) for each in ended.untested] if ended else [],
        "preventions": [builtins(each) for each in ended.preventions] if ended else [],
        "path": [_turn(each) for each in session.path],
        "evidence": [_evidence(each, zone) for each in session.evidence.values()],
        "notes": [_dated(each, zone) for each in session.notes],
        "verified": [_dated(each, zone) for each in session.verified],
        "watched": [_dated(each, zone) for each in session.watched],
        "copied": [_dated(each, zone) for each in session.copied],
        "pasted": [_dated(each, zone) for each in session.pasted],
        "session": session.id,
        "version": session.version,
        "flow": session.flow,
        "flow_digest": session.flow_digest,
        "started": iso(session.started, zone),
        "finished": iso(ended.at if ended else session.at, zone),
    }


def route(session: Session) -> dict[str, Any]:
    """One line of `routes`: what came of one of several URLs that were asked."""
    ended = session.conclusion
    first = ended.verdicts[0] if ended and ended.verdicts else None
    return {
        "url": mask(session.incident.url) if session.incident else "",
        "status": ended.status if ended else None,
        "outcome": ended.outcome if ended else "unproven",
        "verdict": first.cause if first else None,
        "subject": first.subject if first else None,
        "confidence": first.confidence if first else None,
        "session": session.id,
    }


def render(sessions: Sequence[Session]) -> str:
    """The first session as one JSON object; with several, the others under `routes` too."""
    made = report(sessions[0])
    if len(sessions) > 1:
        made["routes"] = [route(each) for each in sessions]
    return json.dumps(made, indent=1, default=str)  # ASCII: valid on every terminal


def pieces(session: Session, raw: Callable[[Evidence], str]) -> Iterator[str]:
    """The same object as `render` of one session, written without all raw text in memory."""
    bare = json.dumps(report(msgspec.structs.replace(session, evidence={})), indent=1, default=str)
    before, _, after = bare.partition(_NO_EVIDENCE)
    yield f'{before}\n "evidence": ['
    zone = zone_of(session)
    for number, each in enumerate(session.evidence.values()):
        plain = _evidence(msgspec.structs.replace(each, raw=raw(each)), zone)
        yield ",\n" if number else "\n"
        yield textwrap.indent(json.dumps(plain, indent=1, default=str), "  ")
    yield f"\n ]{after}\n" if session.evidence else f"]{after}\n"


def _incident(session: Session, zone: timezone) -> dict[str, Any]:
    incident, ended = session.incident, session.conclusion
    if incident is None:
        return {}
    seen = ended.status if ended and ended.status is not None else incident.status
    return {
        "url": mask(incident.url),
        "status": seen,
        "made_by": dict(ended.made_by) if ended else {},
        "since": iso(incident.since, zone),
        "until": iso(incident.until, zone),
        "status_said": incident.status,
        "host": incident.host,
        "hostname": incident.hostname,
        "user": incident.user,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "subject": finding.subject,
        "said": finding.said,
        "scope": finding.scope,
        "node": finding.node,
        "evidence": list(finding.evidence),
    }


def _turn(decided: Decided) -> dict[str, Any]:
    return {
        "node": decided.node,
        "step": decided.step,
        "outcome": decided.outcome,
        "said": decided.said,
        "scope": decided.scope,
    }


def _dated(event: Verified | Watched | Copied | Pasted | Noted, zone: timezone) -> dict[str, Any]:
    plain = builtins(event)
    plain.pop("type", None)
    return {**plain, "at": iso(event.at, zone)}


def _evidence(evidence: Evidence, zone: timezone) -> dict[str, Any]:
    plain = builtins(evidence)
    plain["started"] = iso(evidence.started, zone)
    return plain
