"""What a certificate says, and whether a name matches it as OpenSSL judges that."""

from __future__ import annotations

import re
import time

import msgspec

from wizard.model.text import one_line
from wizard.probes.addresses import is_literal

_PARTIAL = re.compile(r"[a-z0-9-]*")


class Certificate(msgspec.Struct, frozen=True):
    """The facts of a certificate that the diagnosis needs."""

    dns_names: tuple[str, ...]
    ip_names: tuple[str, ...]
    common_name: str | None
    issuer: str
    self_signed: bool
    not_before: float
    not_after: float

    @property
    def names(self) -> list[str]:
        """Subject alternative names, else the common name."""
        alternative = [*self.dns_names, *self.ip_names]
        return alternative or ([self.common_name] if self.common_name else [])

    def expired(self, now: float | None = None) -> bool:
        """Its last second has passed."""
        return self.not_after < (time.time() if now is None else now)

    def not_yet_valid(self, now: float | None = None) -> bool:
        """Its first second has not come."""
        return self.not_before > (time.time() if now is None else now)

    def bears(self, name: str, *, addresses: bool = False) -> bool:
        """The name matches as X509_check_host has it: no common name where there are DNS names.

        nginx and HAProxy compare an IP address with the DNS names, too, so it never matches an IP
        entry; `addresses` is for proxies that look at those (Caddy, Apache, Envoy).
        """
        if addresses and is_literal(name):
            return name in self.ip_names
        patterns = self.dns_names or ((self.common_name,) if self.common_name else ())
        return any(matches(pattern, name) for pattern in patterns)


def matches(pattern: str, name: str) -> bool:
    """One DNS name of a certificate against a host name (RFC 6125, as OpenSSL does by default).

    A star stands in the first label only, for one label or a part of one, and needs at least two
    labels behind it.
    """
    pattern, name = pattern.lower(), name.lower().rstrip(".")
    if "*" not in pattern:
        return pattern.rstrip(".") == name
    first, _, rest = pattern.partition(".")
    label, _, domain = name.partition(".")
    if first.count("*") != 1 or "*" in rest or "." not in rest or rest != domain or not label:
        return False
    head, tail = first.split("*")
    if not head and not tail:
        return True
    inside = label[len(head) : len(label) - len(tail)]
    return (
        len(label) >= len(head) + len(tail)
        and label.startswith(head)
        and label.endswith(tail)
        and not label.startswith("xn--")
        and _PARTIAL.fullmatch(inside) is not None
    )


def read(der: bytes) -> Certificate:
    """The certificate in DER.

    Raises:
        ValueError: it is none, or one that breaks the rules so far that it cannot be read.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    certificate = x509.load_der_x509_certificate(der)
    dns_names: list[str] = []
    ip_names: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns_names = [one_line(name) for name in names.get_values_for_type(x509.DNSName)]
        ip_names = [str(name) for name in names.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        pass
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        dns_names=tuple(dns_names[:100]),
        ip_names=tuple(ip_names[:100]),
        common_name=one_line(str(common[-1].value)) if common else None,
        issuer=one_line(certificate.issuer.rfc4514_string()),
        self_signed=certificate.issuer == certificate.subject,
        not_before=certificate.not_valid_before_utc.timestamp(),
        not_after=certificate.not_valid_after_utc.timestamp(),
    )
