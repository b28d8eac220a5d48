"""A certificate with its key on this host that a server takes for a client's.

Only a handshake tells: whether the server knows the issuer, and lets such a certificate in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.model.text import clean
from wizard.probes.declare import probe
from wizard.probes.streams import client_context, with_client_certificate
from wizard.probes.tls import handshake

_FOLDERS = ("/etc/nginx", "/etc/ssl", "/etc/pki")
_LEFT_OUT = ("/etc/ssl/certs", "/etc/pki/ca-trust", "/etc/nginx/sites-available")
_MOST_FILES, _MOST_PAIRS, _DEPTH = 2000, 4, 3
_LARGEST = 64 * 1024
_KEY, _CERTIFICATE = b"PRIVATE KEY-----", b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"


class ClientPair(msgspec.Struct, frozen=True, kw_only=True):
    """The first pair that the server let in."""

    certificate: str | None = None
    key: str | None = None
    tried: int = 0
    """Pairs that belong together and went into a handshake."""


@probe(
    "tls.client_pair", kind="files", facts=ClientPair, deadline=12,
    touches="a few TLS handshakes, with certificates of this host as a client's",
)  # fmt: skip
def client_pair(*, server: Server, route: Route, addresses: list[str] | None = None) -> Sighting:
    """Shake hands with each certificate that has its key here, until the server takes one."""
    tried = 0
    for certificate, key in _pairs(route):
        tried += 1
        carrying = _carrying(route, certificate, key)
        seen = handshake(server=server, route=carrying, timeout=2.0, addresses=addresses).facts
        if seen is not None and getattr(seen, "outcome", None) == "completed":
            facts = ClientPair(certificate=clean(certificate), key=clean(key), tried=tried)
            said = f"with {facts.certificate} the handshake completes"
            return Sighting(status="present", facts=facts, reading=said)
        if tried == _MOST_PAIRS:
            break
    said = f"none of {tried} certificates with their keys" if tried else "no certificate with a key"
    return Sighting(status="absent", facts=ClientPair(tried=tried), reading=said)


def _carrying(route: Route, certificate: str, key: str) -> Route:
    return msgspec.structs.replace(route, tls_client_certificate=certificate, tls_client_key=key)


def _pairs(route: Route) -> Iterator[tuple[str, str]]:
    """Certificates with the keys that fit them, as OpenSSL judges."""
    name = route.tls_name or route.pass_host or ""
    certificates, keys = [], []
    for path in _files():
        content = _head(path)
        if _KEY in content:
            keys.append(path)
        if _CERTIFICATE in content and _may_be_a_clients(content, name):
            certificates.append(path)
    for certificate in certificates:
        for key in keys:
            carrying = _carrying(route, certificate, key)
            if with_client_certificate(client_context(route), carrying):
                yield certificate, key
                break


def _may_be_a_clients(content: bytes, server_name: str) -> bool:
    """Neither a root authority, nor over, nor the server's own."""
    import ssl

    from wizard.probes.certificates import read

    first = content[content.index(_CERTIFICATE) :].partition(_END)
    try:
        pem = (first[0] + first[1]).decode("ascii")
        certificate = read(ssl.PEM_cert_to_DER_cert(pem))
    except ValueError:
        return False
    is_over = certificate.expired() or certificate.not_yet_valid()
    return not (certificate.self_signed or is_over or certificate.bears(server_name))


def _files() -> Iterator[str]:
    left = _MOST_FILES
    for top in _FOLDERS:
        for folder, inner, names in os.walk(top):
            deep = folder.count("/") - top.count("/") >= _DEPTH
            inner[:] = [] if deep else sorted(
                each for each in inner if f"{folder}/{each}" not in _LEFT_OUT
            )  # fmt: skip
            for name in sorted(names):
                left -= 1
                if left < 0:
                    return
                yield f"{folder}/{name}"


def _head(path: str) -> bytes:
    """The beginning of a small file; empty where it cannot be read or is none."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:
            return b""
        with open(path, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""


PROBES = (client_pair,)
