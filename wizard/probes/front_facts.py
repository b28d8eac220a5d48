"""The shape of what a client gets, and its one-line reading."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from wizard.model.text import decode, one_line, shorten
from wizard.probes.body import Body, BodyEnd
from wizard.probes.durations import took

FrontOutcome = Literal[
    "answered", "refused", "timed-out", "reset", "closed", "tls-failed", "name-failed",
    "unreachable", "not-http",
]  # fmt: skip


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """What the client gets.

    When asked several times, everything but `statuses`, `failing` and `asked` is of the first
    answer that fails, or else of the first one.
    """

    outcome: FrontOutcome | None = None
    status: int | None = None
    seconds: float | None = None
    """Until the response header."""
    started: float | None = None
    """When it was asked, seconds since the epoch, as the log will have it. When asked several
    times: the first of them."""
    http_version: str | None = None
    server: str | None = None
    """The Server header."""
    via: list[str] = []
    """Via, X-Cache, CF-Ray and other headers by which hops name themselves, `name: value`."""
    headers: list[str] = []
    body_bytes: int | None = None
    """What was read of it, 16 kB at most."""
    body_start: str | None = None
    """The first 2,000 characters."""
    body_complete: bool | None = None
    """False when the body broke off; None when its end was not seen."""
    body_end: BodyEnd | None = None
    body_size: int | None = None
    """Bytes of it that came; reading stops after 4 MB or some seconds."""
    body_announced: int | None = None
    """By Content-Length."""
    body_quiet: float | None = None
    """For a body that stalls: seconds without a byte."""
    interim: list[int] = []
    """Statuses of the answers before this one (1xx)."""
    location: str | None = None
    redirects_to_itself: bool | None = None
    """The Location is the very URL that was asked."""
    retry_after: str | None = None
    statuses: list[int] = []
    """When asked several times: each status in order, 0 for no answer."""
    failing: int | None = None
    """How many of them are 5xx, no answer, or one that breaks off."""
    asked: int | None = None
    peer: str | None = None
    """The address that answered, `127.0.0.1:80`."""
    reason: str | None = None


# Headers by which a CDN, a balancer, a cache or a gateway says that it was there.
_HOP_HEADERS = re.compile(
    r"via|x-cache(-.*)?|x-served-by|x-varnish|cf-ray|cf-cache-status|x-amz-cf-.*|x-amzn-.*"
    r"|x-azure-.*|x-fastly-.*|akamai-.*|x-akamai-.*|x-iinfo|x-sucuri-.*|x-vercel-.*|fly-request-id"
    r"|x-nf-request-id|x-kong-.*|x-envoy-.*|x-proxy-cache|x-cdn|x-backend-server|x-upstream(-.*)?"
    r"|x-forwarded-server|x-railway-.*|x-github-request-id|x-litespeed-.*|cdn-.*"
)


def answered(status: int, version: str, fields: list[tuple[str, str]], body: bytes) -> Front:
    """An answer as facts; when and how long is for the caller to say."""
    headers = [(one_line(name).lower(), one_line(value, 300)) for name, value in fields[:100]]
    first = dict(reversed(headers))
    return Front(
        outcome="answered",
        status=status,
        http_version=version,
        server=first.get("server"),
        via=[f"{name}: {value}" for name, value in headers if _HOP_HEADERS.fullmatch(name)],
        headers=[f"{name}: {value}" for name, value in headers],
        body_bytes=len(body),
        body_start=shorten(decode(body[:8000]), 2000),
        location=first.get("location"),
        retry_after=first.get("retry-after"),
    )


def with_body(facts: Front, body: Body) -> Front:
    """The facts with how the body ended."""
    return msgspec.structs.replace(
        facts,
        body_complete=body.complete,
        body_end=body.end,
        body_size=body.size,
        body_announced=body.announced,
        body_quiet=body.quiet if body.end == "stalled" else None,
    )


def broken_body(end: BodyEnd | None, size: int | None, announced: int | None) -> str:
    """`, body breaks off after 20000 of 100000 bytes`; nothing where it ended well."""
    if end in (None, "complete", "unread"):
        return ""
    how = {"stalled": "stalls", "bad-chunk": "has a broken chunk"}.get(end or "", "breaks off")
    of = f" of {announced}" if announced is not None else ""
    return f", body {how} after {size}{of} bytes"


def reading(facts: Front) -> str:
    """What came of it, for a person."""
    after = f"after {took(facts.seconds)}" if facts.seconds is not None else ""
    many = f", {facts.failing} of {facts.asked} fail" if (facts.asked or 0) > 1 else ""
    if facts.outcome == "answered":
        by = f" from {one_line(facts.server, 30)}" if facts.server else ""
        broken = broken_body(facts.body_end, facts.body_size, facts.body_announced)
        return f"{facts.status}{by} {after}{broken}{many}"
    words = {
        "refused": "connection refused",
        "timed-out": "no answer",
        "closed": "closed without an answer",
        "reset": "connection reset",
        "not-http": "the answer is not HTTP",
        "tls-failed": f"TLS failed: {one_line(facts.reason or '', 40)}",
    }
    return f"{words.get(facts.outcome or '', facts.reason or 'unreachable')} {after}{many}"
