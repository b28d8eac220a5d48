"""The shape of what a server said when it was asked, and its one-line reading."""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.model.route import Server
from wizard.model.text import one_line
from wizard.probes.body import BodyEnd
from wizard.probes.durations import took
from wizard.probes.first_bytes import Speaks
from wizard.probes.front_facts import broken_body

AskOutcome = Literal[
    "answered", "refused", "timed-out-connecting", "timed-out", "closed", "reset", "tls-failed",
    "not-http", "too-big", "no-file", "denied", "unreachable", "name-failed", "not-spoken",
    "not-a-socket", "queue-full", "failed",
]  # fmt: skip


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says when it is asked as the proxy would ask it."""

    outcome: AskOutcome | None = None
    status: int | None = None
    seconds: float | None = None
    """Until the response header was complete, or until it failed."""
    waited: float | None = None
    """The limit that was waited for (the proxy's read timeout, at most the probe's own)."""
    header_bytes: int | None = None
    header_room_kb: int | None = None
    """A buffer of so many kilobytes takes this header, with headroom."""
    header_room_twice_kb: int | None = None
    server: str | None = None
    content_type: str | None = None
    www_authenticate: bool | None = None
    accel_redirect: str | None = None
    """The X-Accel-Redirect header: where nginx shall go on with this request."""
    body_bytes: int | None = None
    body_start: str | None = None
    body_complete: bool | None = None
    """False when the connection ended before the announced end of the body; None when its end was
    not seen."""
    body_end: BodyEnd | None = None
    body_size: int | None = None
    """Bytes of it that came; reading stops after 4 MB or some seconds."""
    body_announced: int | None = None
    """By Content-Length."""
    body_quiet: float | None = None
    """For a body that stalls: seconds without a byte."""
    interim: list[int] = []
    """Statuses of the answers before the final one (1xx)."""
    content_lengths: list[str] = []
    """Every Content-Length, as sent."""
    transfer_codings: list[str] = []
    """Every Transfer-Encoding, as sent."""
    length_invalid: bool | None = None
    """More than one Content-Length, or one that is no number."""
    length_and_coding: bool | None = None
    """Content-Length and Transfer-Encoding in one header, against RFC 9112, section 6.2."""
    coding_twice: bool | None = None
    """Chunked was named more than once, against RFC 9112, section 6.1."""
    coding_unknown: bool | None = None
    """A transfer coding other than chunked."""
    server_time: float | None = None
    """The server's own time by its Date header, seconds since the epoch."""
    clock_ahead: float | None = None
    """Seconds by which that is ahead of this host's clock."""
    clock_words: str | None = None
    """The same for a person: `10 days ahead`."""
    first_bytes: str | None = None
    """The first 80 bytes as visible text, whatever they are."""
    speaks: Speaks | None = None
    """What the first bytes look like; `tls` also for a TLS alert in answer to plain HTTP, and for
    a server that completes a TLS handshake when plain HTTP failed."""
    plain_status: int | None = None
    """For a TLS route whose handshake failed (and for uwsgi, scgi and FastCGI routes that failed):
    the status of the same request over plain HTTP. None when it was not asked or not answered."""
    other_status: int | None = None
    """For a plain route that failed: the status of the same request over FastCGI or uwsgi, where
    `speaks` says that the server speaks one of them."""
    sent_bytes: int | None = None
    """For a uwsgi route: the size of the request's block of variables, which must fit the server's
    buffer-size."""
    script: str | None = None
    """The script that a FastCGI server was told to run (SCRIPT_FILENAME)."""
    error_stream: str | None = None
    """What a FastCGI server wrote on its error stream with the answer: PHP's messages."""
    tls_status: int | None = None
    """For a plain route that failed: the status of the same request over TLS."""
    address: str | None = None
    """The address that answered, for a name with several."""
    reason: str | None = None


def reading(facts: Asked, server: Server) -> str:
    """What came of it, for a person."""
    after = f"after {took(facts.seconds)}" if facts.seconds is not None else ""
    instead = {
        "tls": ", but it speaks TLS",
        "fastcgi": ", but it speaks FastCGI",
        "uwsgi": ", but it speaks uwsgi",
        "http": ", but it speaks plain HTTP",
    }.get(facts.speaks or "", "")
    instead = "" if facts.speaks == server.scheme else instead
    match facts.outcome:
        case "answered":
            broken = broken_body(facts.body_end, facts.body_size, facts.body_announced)
            return f"{facts.status} {after}" + broken + (instead if facts.tls_status else "")
        case "timed-out":
            return f"connected, no answer {after}"
        case "closed" | "reset":
            return f"connection {facts.outcome} before an answer, {after}{instead}"
        case "not-http":
            return one_line(f"no HTTP answer: {facts.first_bytes}", 80)
        case "tls-failed":
            return one_line(f"TLS failed: {facts.reason}", 60) + instead * (facts.speaks == "http")
        case "not-spoken":
            got = facts.speaks or "nothing asked"
            return f"{server.scheme} server connects ({got})"
        case "name-failed":
            return one_line(f"{server.host} does not resolve", 80)
        case _:
            return one_line(f"{facts.reason or facts.outcome}", 80)
