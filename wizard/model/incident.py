"""What is being looked into."""

from __future__ import annotations

import msgspec


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that answers wrongly (or did), on this host, in a window of time."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    """Path with query, `/` at least."""
    address: str | None = None
    """Where to send the requests instead of what the host's name resolves to."""
    status: int | None = None
    """The status that the person saw, when they said so."""
    since: float | None = None
    until: float | None = None
    """Seconds since the epoch; None where the person gave no limit."""
    proxy_kind: str | None = None
    config_path: str | None = None
    log_path: str | None = None
    started: float
    """When the walk began, seconds since the epoch."""
    utc_offset: int | None = None
    """Seconds east of UTC of the clock on that host's wall; None on tapes that do not say."""
    hostname: str = ""
    user: str = ""
    """The effective user who walks."""
