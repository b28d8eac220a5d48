"""The shape of what a TLS handshake showed, and its one-line reading."""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.model.text import one_line
from wizard.probes.streams import ShakeOutcome


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """A handshake without verification, then what verification would have said."""

    outcome: ShakeOutcome | Literal["not-connected"] | None = None
    """`not-tls`: the other side answered something that is no TLS record."""
    speaks_tls: bool | None = None
    """False only when it answered something else; None when it said nothing."""
    alert: str | None = None
    """`protocol version`, `handshake failure`, `certificate required`, ..."""
    protocol: str | None = None
    cipher: str | None = None
    unrestricted_protocol: str | None = None
    """For a handshake that failed with the proxy's protocol versions: the version with which the
    same handshake completes when every version is allowed."""
    unrestricted_cipher: str | None = None
    """For one that failed with every version too: the cipher with which it completes when every
    cipher is allowed, those that OpenSSL holds for weak included."""
    completes_with_sni: bool | None = None
    """For a handshake that failed without SNI: the same one completes when the name is sent."""
    name_that_helps: str | None = None
    """The name with which it completes, where it failed with none or with another one."""
    names: list[str] = []
    """Subject alternative names, else the common name."""
    only_name: str | None = None
    """The certificate's name, where it has one alone and that is no pattern."""
    wanted_name: str | None = None
    """The name that the proxy would check."""
    name_matches: bool | None = None
    begins: float | None = None
    expires: float | None = None
    days_left: float | None = None
    expired: bool | None = None
    not_yet_valid: bool | None = None
    issuer: str | None = None
    self_signed: bool | None = None
    trusted: bool | None = None
    """By the authorities that the proxy is told to trust; None where there are none to check."""
    trust_error: str | None = None
    """OpenSSL's words. An expired certificate is not trusted either."""
    client_certificate_wanted: bool | None = None
    """The server asked for one; it insists on it where the outcome is `alert`."""
    client_certificate_sent: bool | None = None
    """The proxy's own was at hand; False where its files may not be read. None: it has none."""
    reason: str | None = None


def reading(facts: Handshake) -> str:
    """What came of it, for a person."""
    match facts.outcome:
        case "completed":
            flaws = {
                "expired": facts.expired,
                "not valid yet": facts.not_yet_valid,
                f"not for {facts.wanted_name}": facts.name_matches is False,
                f"not trusted: {facts.trust_error}": facts.trusted is False,
            }
            wrong = ", ".join(text for text, holds in flaws.items() if holds)
            about = f"; certificate {wrong}" if wrong else ""
            return one_line(f"{facts.protocol} completes{about}", 100)
        case "not-tls":
            return "the port answers, but not with TLS"
        case "closed":
            return "connection closed during the handshake"
        case "timed-out":
            return "no answer to the ClientHello"
        case "not-connected":
            return one_line(f"no connection: {facts.reason}", 80)
        case _:
            return one_line(f"handshake failed: {facts.reason}", 80)
