"""What a person types as a URL, taken apart; or a sentence that says what is wrong with it."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_SAFE_IN_PATH = "/?&=%:@!$'()*+,;~#-._[]"
_USUAL_PORT = {"http": 80, "https": 443}


class AddressError(ValueError):
    """The text is no URL that can be asked. Says what, where and what to write instead."""


class Address(NamedTuple):
    """A URL in its parts. `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str
    left_out: str = ""
    """What was in the text and is not sent: `the user name and password`."""

    @property
    def url(self) -> str:
        """The whole URL, without a port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _USUAL_PORT[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse(text: str) -> Address:
    """The parts of a URL. Without a scheme it is http, or https where the port is 443.

    Raises:
        AddressError: it cannot be asked.
    """
    text = text.strip()
    if not text:
        raise AddressError("The URL is empty. Write for example: wizard http://127.0.0.1/")
    for position, character in enumerate(text, 1):
        if character.isspace() or not character.isprintable() or character in '\\"<>^`{|}':
            raise AddressError(
                f"The URL has {character!a} at character {position}, where none may be. "
                "Put quotes around the URL and write a space as %20."
            )
    scheme, rest = _without_scheme(text)
    authority, path = _split(rest)
    userinfo, at, place = authority.rpartition("@")
    host, port = _host_and_port(place, text)
    if scheme is None:
        scheme = "https" if port == 443 else "http"
    return Address(
        scheme,
        host,
        port if port is not None else _USUAL_PORT[scheme],
        _encoded(path),
        "the user name and password" if at and userinfo else "",
    )


def _without_scheme(text: str) -> tuple[str | None, str]:
    match = _SCHEME.match(text)
    if match is None:
        missing = re.match(r"(https?):/?(?=[^/\d])", text, re.IGNORECASE)
        if missing:
            raise AddressError(
                f"{text!r} lacks a slash after {missing.group(1)}:. "
                f"Write {missing.group(1).lower()}://{text[missing.end() :]}"
            )
        return None, text
    scheme = match.group(1).lower()
    if scheme not in _USUAL_PORT:
        raise AddressError(
            f"{scheme}:// cannot be asked, only http:// and https://. "
            f"Write http://{text[match.end() :]}"
        )
    return scheme, text[match.end() :]


def _split(rest: str) -> tuple[str, str]:
    """The authority, and the path with the query. A fragment is never sent."""
    rest = rest.partition("#")[0]
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    path = rest[end:]
    return rest[:end], path if path.startswith("/") else f"/{path}"


def _host_and_port(place: str, text: str) -> tuple[str, int | None]:
    if place.startswith("["):
        host, bracket, after = place[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise AddressError(f"{text!r} has a bracket that is not closed. Write http://[::1]:80/")
        return _ipv6(host, text), _port(after[1:], text) if after else None
    if place.count(":") > 1:
        address = _ipv6(place, text)
        raise AddressError(f"{place!r} is an IPv6 address. Put it in brackets: http://[{address}]/")
    host, colon, port = place.partition(":")
    if not host:
        raise AddressError(
            f"{text!r} names no host. Write the whole URL, for example: http://127.0.0.1{text}"
            if text.startswith("/")
            else f"{text!r} names no host. Write for example: http://127.0.0.1/"
        )
    return _name(host, text), _port(port, text) if colon and port else None


def _port(written: str, text: str) -> int:
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= 65535):
        raise AddressError(
            f"{written!r} in {text!r} is no port. A port is a number from 1 to 65535."
        )
    return int(written)


def _ipv6(host: str, text: str) -> str:
    import ipaddress

    address, percent, zone = host.partition("%")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        raise AddressError(f"{host!r} in {text!r} is no IPv6 address.") from None
    return f"{address.lower()}{percent}{zone}"


def _name(host: str, text: str) -> str:
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise AddressError(f"{host!r} in {text!r} is no host name.") from None
    host = host.lower()
    labels = host.rstrip(".").split(".")
    if "*" in host:
        raise AddressError(f"{host!r} stands for many hosts. Write one of them.")
    if len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        raise AddressError(
            f"{host!r} in {text!r} is no host name: it may hold letters, digits, hyphens and dots."
        )
    if re.fullmatch(r"[\d.]+", host) and not _is_ipv4(labels):
        raise AddressError(f"{host!r} in {text!r} is no IP address: four numbers from 0 to 255.")
    return host


def _is_ipv4(labels: list[str]) -> bool:
    return len(labels) == 4 and all(label.isdigit() and int(label) <= 255 for label in labels)


def _encoded(path: str) -> str:
    """The path as it is sent: what is not ASCII in percent notation, the rest as written."""
    if path.isascii():
        return path
    from urllib.parse import quote

    return quote(path, safe=_SAFE_IN_PATH)
