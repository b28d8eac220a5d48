"""What a walk begins with: an incident that was typed, or one that was recorded."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from wizard.engine.journal import JournalError, read
from wizard.engine.look import effective_user
from wizard.model.address import Address
from wizard.model.incident import Incident
from wizard.model.session import Session, fold

DEMO = os.fspath(Path(__file__).parent / "data" / "demo.tape")
"""The tape of the recorded incident that comes with the wizard."""


def incident_of(
    address: Address, options: argparse.Namespace, connect: str | None = None
) -> Incident:
    """What the person typed about it."""
    return Incident(
        url=address.url,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path=address.path,
        address=connect or options.connect,
        status=options.status,
        since=options.since,
        until=options.until,
        proxy_kind=options.proxy,
        config_path=options.config,
        log_path=options.log,
        started=time.time(),
        utc_offset=time.localtime().tm_gmtoff,
        hostname=os.uname().nodename,
        user=effective_user(),
    )


def session_on(tape: str) -> tuple[Incident, Session]:
    """What was recorded: on a tape, in a journal or in a session's folder.

    Raises:
        JournalError: it cannot be read, or holds no session.
    """
    path = Path(tape)
    recorded = fold(read(path / "journal.jsonl" if path.is_dir() else path))
    if recorded.incident is None:
        raise JournalError(f"{tape}: holds no session.")
    return recorded.incident, recorded
