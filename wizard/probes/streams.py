"""Byte streams over a connected socket, plain and TLS, in which every wait has a moment to end.

TLS runs over memory buffers, so that the bytes the other side really sent stay visible when the
handshake fails: that is how a plain HTTP server behind an `https` route is recognised.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Protocol

from wizard.model.route import Route, Server
from wizard.model.text import one_line
from wizard.probes.addresses import is_literal

if TYPE_CHECKING:
    import ssl

ShakeOutcome = Literal["completed", "not-tls", "alert", "closed", "timed-out", "failed"]

_CHUNK = 16384
_KEPT = 256

_PORT = re.compile(r":\d+$")
_SENDABLE = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
_ALERTS = {
    0: "close notify", 10: "unexpected message", 20: "bad record mac", 22: "record overflow",
    40: "handshake failure", 42: "bad certificate", 43: "unsupported certificate",
    44: "certificate revoked", 45: "certificate expired", 46: "certificate unknown",
    47: "illegal parameter", 48: "unknown ca", 49: "access denied", 50: "decode error",
    51: "decrypt error", 70: "protocol version", 71: "insufficient security",
    80: "internal error", 86: "inappropriate fallback", 109: "missing extension",
    110: "unsupported extension", 112: "unrecognized name", 116: "certificate required",
    120: "no application protocol",
}  # fmt: skip
# OpenSSL's names for an alert that was received: SSLV3_ALERT_HANDSHAKE_FAILURE,
# TLSV1_UNRECOGNIZED_NAME, TLSV13_ALERT_CERTIFICATE_REQUIRED.
_ALERT_REASON = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(?P<name>[A-Z_]+)")


class Stream(Protocol):
    """What a request can be sent over. Moments are of `time.perf_counter`."""

    def send(self, data: bytes, *, until: float) -> None:
        """Send all of it, or raise OSError (TimeoutError when `until` passes)."""

    def receive(self, *, until: float) -> bytes:
        """Some bytes, empty at the end; raises OSError (TimeoutError when `until` passes)."""

    def close(self) -> None:
        """Close the connection."""


class PlainStream:
    """A connected socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.first = b""
        """The first bytes that came in, as they were on the wire."""

    def send(self, data: bytes, *, until: float) -> None:
        self._connection.settimeout(_left(until))
        self._connection.sendall(data)

    def receive(self, *, until: float) -> bytes:
        self._connection.settimeout(_left(until))
        data = self._connection.recv(_CHUNK)
        if len(self.first) < _KEPT:
            self.first += data[:_KEPT]
        return data

    def close(self) -> None:
        self._connection.close()


class TlsStream:
    """TLS over a plain stream; `shake` comes before the first byte."""

    def __init__(
        self, below: PlainStream, context: ssl.SSLContext, server_name: str | None
    ) -> None:
        import ssl

        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self.alert: str | None = None
        self.reason = ""
        self.error: ssl.SSLError | None = None

    @property
    def first(self) -> bytes:
        """The first raw bytes of the other side, before any decryption."""
        return self._below.first

    def shake(self, *, until: float) -> ShakeOutcome:
        """Shake hands; `alert` and `reason` say why when it does not complete."""
        import ssl

        try:
            while True:
                try:
                    self.tls.do_handshake()
                    self._flush(until)
                    return "completed"
                except ssl.SSLWantReadError:
                    self._flush(until)
                    self._fill(until)
        except TimeoutError:
            self.reason = (
                "no answer to the ClientHello" if not self.first else "no end of handshake"
            )
            return "timed-out"
        except ssl.SSLError as error:
            self._flush_quietly(until)
            return self._failed(error)
        except OSError as error:
            self.reason = one_line(str(error))
            return "closed"

    def send(self, data: bytes, *, until: float) -> None:
        self.tls.write(data)
        self._flush(until)

    def receive(self, *, until: float) -> bytes:
        import ssl

        while True:
            try:
                return self.tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                self._flush(until)
                self._fill(until)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                self._failed(error)
                raise

    def close(self) -> None:
        self._below.close()

    def _flush(self, until: float) -> None:
        if data := self._outgoing.read():
            self._below.send(data, until=until)

    def _flush_quietly(self, until: float) -> None:
        # Tells the other side why (an alert); whether it still listens changes nothing.
        try:
            self._flush(until)
        except OSError:
            return

    def _fill(self, until: float) -> None:
        data = self._below.receive(until=until)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _failed(self, error: ssl.SSLError) -> ShakeOutcome:
        self.error = error
        self.alert = alert_in(error.reason or "", self.first)
        self.reason = one_line(f"alert: {self.alert}" if self.alert else _words(error))
        if self.alert:
            return "alert"
        if not self.first:
            return "closed"
        if not is_tls_record(self.first):
            return "not-tls"
        return "closed" if _is_end(error) else "failed"


def is_tls_record(data: bytes) -> bool:
    """The bytes begin with the header of a TLS record (alert, handshake, ...)."""
    return len(data) >= 2 and 20 <= data[0] <= 23 and data[1] == 3


def alert_in(reason: str, first: bytes) -> str | None:
    """The alert that the other side sent, from OpenSSL's reason or an unencrypted first record."""
    if match := _ALERT_REASON.fullmatch(reason):
        return match["name"].replace("_", " ").lower()
    if is_tls_record(first) and first[0] == 21 and first[3:5] == b"\0\2" and len(first) >= 7:
        return _ALERTS.get(first[6], f"alert {first[6]}")
    return None


def client_context(
    route: Route, *, any_version: bool = False, any_cipher: bool = False
) -> ssl.SSLContext:
    """A context without verification, restricted to the versions and ciphers of the proxy.

    With `any_cipher` also to what OpenSSL refuses by itself: old versions, small keys.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # DEFAULT is what nginx offers; Python's own list is shorter.
    ciphers = "ALL:@SECLEVEL=0" if any_cipher else route.tls_ciphers or "DEFAULT"
    with suppress(ssl.SSLError):  # a list that nginx could not load either
        context.set_ciphers(ciphers)
    with_client_certificate(context, route)
    if any_cipher:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    if route.tls_protocols and not any_version:
        versions = {name.lower() for name in route.tls_protocols}
        if versions & {"sslv3", "tlsv1", "tlsv1.0", "tlsv1.1"}:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        elif "tlsv1.2" not in versions:
            context.minimum_version = ssl.TLSVersion.TLSv1_3
        if "tlsv1.3" not in versions:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def with_client_certificate(context: ssl.SSLContext, route: Route) -> bool | None:
    """Take the proxy's client certificate along where its files may be read; whether that went.

    None where it has none. A key that is locked by a password stays locked.
    """
    import ssl

    certificate, key = route.tls_client_certificate, route.tls_client_key
    if not certificate or not key or not (certificate + key).startswith("/") or "$" in key:
        return None
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ssl.SSLError, ValueError):
        return False
    return True


def wanted_name(server: Server, route: Route) -> str | None:
    """The name that the proxy checks and may send as SNI, without a port; None when unknown."""
    name = route.tls_name or route.pass_host or server.host
    if not name or "$" in name:
        return None
    return name if is_literal(name) else _PORT.sub("", name).strip("[]")


def sni_of(server: Server, route: Route) -> str | None:
    """The name that the proxy sends in its ClientHello; IP addresses are never sent."""
    name = wanted_name(server, route) if route.tls_sni else None
    return name if name and _SENDABLE.fullmatch(name) and not is_literal(name) else None


def _words(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()


def _is_end(error: ssl.SSLError) -> bool:
    import ssl

    return isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


def _left(until: float) -> float:
    left = until - time.perf_counter()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left
