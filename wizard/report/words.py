"""Phrases that the reports for people share."""

from __future__ import annotations

import os
from pathlib import Path

from wizard.model.events import Concluded
from wizard.model.masking import mask
from wizard.model.session import Session

_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    499: "Client Closed Request",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}


def status_of(session: Session) -> int | None:
    """The status that was seen now, else the one that the person reported."""
    ended = session.conclusion
    if ended is not None and ended.status is not None:
        return ended.status
    return session.incident.status if session.incident else None


def answer(session: Session) -> str:
    """`http://127.0.0.1/ answers 502 Bad Gateway`."""
    url = mask(session.incident.url) if session.incident else "the URL"
    ended, status = session.conclusion, status_of(session)
    if status is None:
        return f"{url} gives no answer" if ended and ended.outcome != "healthy" else url
    said = f"{status} {_REASONS[status]}" if status in _REASONS else str(status)
    seen_now = ended is not None and ended.status is not None
    return f"{url} answers {said}" if seen_now else f"{url} answered {said}, as reported"


def made_by(session: Session) -> str:
    """Whose answer it is, in a sentence; empty when that is not known."""
    known = session.conclusion.made_by if session.conclusion else {}
    hop, how = known.get("hop", ""), known.get("how", "")
    if how and hop and hop.lower() not in how.lower():
        return f"Made by {hop}: {how}"
    return how or (f"Made by {hop}." if hop else "")


def titles(ended: Concluded) -> dict[str, str]:
    """What is known of causes' titles, by id."""
    known = {each.cause: each.title for each in ended.ruled_out}
    for verdict in ended.verdicts:
        known.update(zip(verdict.chain, verdict.chain_titles, strict=False))
    return known


def at_home(path: Path) -> str:
    """The path as a person writes it, with `~` for their home."""
    home = os.environ.get("HOME", "").rstrip("/")
    text = str(path)
    return f"~{text[len(home) :]}" if home and text.startswith(f"{home}/") else text
