"""TLS towards a server, with the reason for failing and with controls that narrow it down."""

from __future__ import annotations

import os
import shlex
import time
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.model.text import one_line
from wizard.probes.addresses import Address, addresses_of, url_host
from wizard.probes.connecting import dial
from wizard.probes.declare import probe
from wizard.probes.handshake_facts import Handshake, reading
from wizard.probes.streams import (
    PlainStream,
    ShakeOutcome,
    TlsStream,
    client_context,
    sni_of,
    wanted_name,
    with_client_certificate,
)

if TYPE_CHECKING:
    import ssl

    from wizard.probes.certificates import Certificate

# How long a server may take to refuse a client without a certificate after a TLS 1.3 handshake.
_REFUSAL_SECONDS = 0.3
# A name that is sent although the proxy sends none must not wait as long as the first handshake.
_CONTROL_SECONDS = 1.0
_CERTIFICATE_REQUEST = 13
_OF_CIPHERS = ("handshake failure", "protocol version", "insufficient security")
"""Alerts that may mean that the two sides have no cipher in common."""


class _Shaken(msgspec.Struct, frozen=True):
    """One handshake and what was read from it."""

    outcome: ShakeOutcome | Literal["not-connected"]
    alert: str | None = None
    reason: str = ""
    protocol: str | None = None
    cipher: str | None = None
    der: bytes | None = None
    wants_certificate: bool | None = None
    error: ssl.SSLError | None = None


@probe("tls.handshake", kind="connection", facts=Handshake, deadline=5, touches="one TLS handshake")
def handshake(
    *, server: Server, route: Route, timeout: float = 3.0, addresses: list[str] | None = None
) -> Sighting:
    """Shake hands with the server as the proxy would, with its SNI, and read the certificate.

    A server that the route asks without TLS is left alone: a handshake would hold one of its
    workers until it gives up.
    """
    if server.scheme not in ("https", "grpcs"):
        facts = Handshake()
        said = f"the route speaks {server.scheme}, without TLS"
        return Sighting(status="absent", facts=facts, reading=said)
    until = time.perf_counter() + timeout
    places = addresses_of(server, limit=timeout, known=addresses)
    command = _command(server, route)
    if not places.found:
        facts = Handshake(outcome="not-connected", reason=one_line(places.reason))
        return _sighting(facts, command)
    address = places.found[0]
    for address in places.found:
        shaken = _shake(address, client_context(route), sni_of(server, route), until)
        if shaken.outcome != "not-connected":
            break
    facts = _facts(shaken, server, route)
    if shaken.outcome in ("alert", "closed", "failed"):
        facts = _with_controls(facts, address, server, route, until)
    if shaken.outcome == "completed" and route.tls_verify and route.tls_trusted_certificate:
        facts = _with_trust(facts, address, server, route, until)
    return _sighting(facts, command)


def _shake(
    address: Address, context: ssl.SSLContext, server_name: str | None, until: float
) -> _Shaken:
    """Connect and shake hands once; where a client certificate is asked for, await the refusal."""
    attempt = dial(address, limit=max(0.01, until - time.perf_counter()))
    if attempt.socket is None:
        # A reset means that the connection was taken first, so the handshake is what it ended.
        why = attempt.error or attempt.outcome
        return _Shaken("closed" if attempt.outcome == "reset" else "not-connected", reason=why)
    asked_for_certificate = _watch_certificate_request(context)
    below = PlainStream(attempt.socket)
    try:
        stream = TlsStream(below, context, server_name)
        outcome = stream.shake(until=until)
        wants = bool(asked_for_certificate) if asked_for_certificate is not None else None
        version, cipher = stream.tls.version(), stream.tls.cipher()
        der = stream.tls.getpeercert(binary_form=True) if outcome == "completed" else None
        if outcome == "completed" and wants and _refuses(stream):
            outcome = "alert"
        return _Shaken(
            outcome,
            alert=stream.alert,
            reason=stream.reason,
            protocol=version if der else None,
            cipher=cipher[0] if der and cipher else None,
            der=der,
            wants_certificate=True if stream.alert == "certificate required" else wants,
            error=stream.error,
        )
    finally:
        below.close()


def _watch_certificate_request(context: ssl.SSLContext) -> list[bool] | None:
    """A list that fills when the server asks for a client certificate; None when it cannot be told.

    In TLS 1.3 the request is encrypted, so only OpenSSL's message callback sees it; Python keeps it
    behind an underscore.
    """
    if not hasattr(context, "_msg_callback"):
        return None
    seen: list[bool] = []

    def watch(
        _connection: Any, direction: str, _version: Any, _kind: Any, message: Any, _data: bytes
    ) -> None:
        if direction == "read" and message == _CERTIFICATE_REQUEST:
            seen.append(True)

    context._msg_callback = watch
    return seen


def _refuses(stream: TlsStream) -> bool:
    """The server ends the connection because no certificate came."""
    import ssl

    try:
        stream.receive(until=time.perf_counter() + _REFUSAL_SECONDS)
    except ssl.SSLError:
        return stream.alert is not None
    except OSError:
        return False
    return False


def _speaks(shaken: _Shaken) -> bool | None:
    known = {"completed": True, "alert": True, "failed": True, "not-tls": False}
    return known.get(shaken.outcome)


def _facts(shaken: _Shaken, server: Server, route: Route) -> Handshake:
    facts = Handshake(
        outcome=shaken.outcome,
        speaks_tls=_speaks(shaken),
        alert=shaken.alert,
        protocol=shaken.protocol,
        cipher=shaken.cipher,
        wanted_name=wanted_name(server, route),
        client_certificate_wanted=shaken.wants_certificate,
        client_certificate_sent=with_client_certificate(client_context(route), route),
        reason=shaken.reason or None,
    )
    if shaken.der is None:
        return facts
    from wizard.probes.certificates import read

    try:
        certificate = read(shaken.der)
    except ValueError as error:
        return msgspec.structs.replace(facts, reason=f"certificate: {one_line(str(error))}")
    return _with_certificate(facts, certificate, route)


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 and "*" not in names[0] else None


def _with_certificate(facts: Handshake, certificate: Certificate, route: Route) -> Handshake:
    matches = None
    if facts.wanted_name is not None:
        addresses = route.proxy not in ("nginx", "haproxy", "")
        matches = certificate.bears(facts.wanted_name, addresses=addresses)
    return msgspec.structs.replace(
        facts,
        names=certificate.names,
        only_name=_only(certificate.names),
        name_matches=matches,
        begins=certificate.not_before,
        expires=certificate.not_after,
        days_left=round((certificate.not_after - time.time()) / 86400, 2),
        expired=certificate.expired(),
        not_yet_valid=certificate.not_yet_valid(),
        issuer=certificate.issuer,
        self_signed=certificate.self_signed,
    )


def _with_controls(
    facts: Handshake, address: Address, server: Server, route: Route, until: float
) -> Handshake:
    """The same handshake with one thing changed: the versions, the ciphers, then the name sent."""
    sent = sni_of(server, route)

    def again(context: ssl.SSLContext, name: str | None) -> _Shaken:
        return _shake(address, context, name, min(until, time.perf_counter() + _CONTROL_SECONDS))

    if route.tls_protocols:
        shaken = again(client_context(route, any_version=True), sent)
        if shaken.outcome == "completed":
            return msgspec.structs.replace(facts, unrestricted_protocol=shaken.protocol)
    if facts.alert in _OF_CIPHERS or facts.outcome == "failed":
        shaken = again(client_context(route, any_version=True, any_cipher=True), sent)
        if shaken.outcome == "completed":
            return msgspec.structs.replace(
                facts,
                unrestricted_cipher=shaken.cipher,
                client_certificate_wanted=shaken.wants_certificate,
            )
    tried: list[bool] = []
    for name in _other_names(server, route, sent):
        shaken = again(client_context(route), name)
        if shaken.outcome == "completed":
            helps = True if sent is None else None
            return msgspec.structs.replace(facts, completes_with_sni=helps, name_that_helps=name)
        tried.append(shaken.outcome != "not-connected")
    if sent is None and any(tried):
        return msgspec.structs.replace(facts, completes_with_sni=False)
    return facts


def _other_names(server: Server, route: Route, sent: str | None) -> list[str]:
    """Names that the server may want: the one that the proxy checks, then that of the request."""
    host = (route.host_header or "").rpartition(":")[0] or route.host_header
    routes = [
        msgspec.structs.replace(route, tls_sni=True),
        msgspec.structs.replace(route, tls_sni=True, tls_name=host),
    ]
    names = dict.fromkeys(sni_of(server, each) for each in routes)
    return [name for name in names if name is not None and name != sent]


def _with_trust(
    facts: Handshake, address: Address, server: Server, route: Route, until: float
) -> Handshake:
    """A second handshake that verifies with the proxy's authorities, but not the name."""
    import ssl

    path = str(route.tls_trusted_certificate)
    context = client_context(route)
    try:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        said = f"{path} cannot be loaded: {one_line(str(error), 80)}"
        return msgspec.structs.replace(facts, trust_error=said)
    context.verify_mode = ssl.CERT_REQUIRED
    shaken = _shake(address, context, sni_of(server, route), until)
    if isinstance(shaken.error, ssl.SSLCertVerificationError):
        message = one_line(shaken.error.verify_message)
        return msgspec.structs.replace(facts, trusted=False, trust_error=message)
    return msgspec.structs.replace(facts, trusted=True if shaken.protocol else None)


def _sighting(facts: Handshake, command: str) -> Sighting:
    return Sighting(
        status="present",
        facts=facts,
        reading=reading(facts),
        raw="\n".join(
            f"{name}: {value}"
            for name, value in msgspec.structs.asdict(facts).items()
            if value is not None and value != []
        ),
        command=command,
    )


def _command(server: Server, route: Route) -> str:
    words = ["openssl", "s_client"]
    if server.path is not None:
        words += ["-unix", server.path]
    else:
        words += ["-connect", f"{url_host(server.host or '')}:{server.port or 443}"]
    name = sni_of(server, route)
    words += ["-servername", name] if name else ["-noservername"]
    if route.tls_protocols and "TLSv1.3" not in route.tls_protocols:
        words.append("-no_tls1_3")
    if route.tls_verify and route.tls_trusted_certificate:
        words += ["-CAfile", route.tls_trusted_certificate]
    return " ".join(shlex.quote(word) for word in words) + " < /dev/null"


PROBES = (handshake,)
