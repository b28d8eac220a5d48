"""Whose own error page an answer is. Every proxy words its own; an application rarely copies one.

Seen from nginx 1.22, HAProxy 2.6, Apache 2.4, Caddy 2.6; the others by their documentation. A page
that somebody configured in its place (error_page, errorfile) is not known.
"""

from __future__ import annotations

import re

_PAGES = (
    ("nginx", r"<center>(?:nginx|openresty|angie)"),
    ("haproxy", r"No server is available to handle this request"
                r"|The server returned an invalid or incomplete response"
                r"|The server didn't respond in time"),
    ("apache", r"<address>Apache|The proxy server (?:received an invalid|could not handle)"),
    ("envoy", r"upstream connect error or disconnect/reset before headers|^no healthy upstream"),
    ("varnish", r"Guru Meditation"),
    ("squid", r"Generated .* by .*\(squid"),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(written)) for name, written in _PAGES)


def page_maker(status: int | None, server: str | None, body: str | None) -> str | None:
    """The proxy whose own 5xx page this is: `nginx`, `haproxy`, ...; None when it is none of them.

    `server` is the Server header; Caddy sends it with an empty body and is known by that alone.
    """
    if status is None or status < 500:
        return None
    for name, pattern in _PATTERNS:
        if body and pattern.search(body):
            return name
    return "caddy" if server == "Caddy" and not body else None
