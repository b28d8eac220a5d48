"""Whether nginx uses its connections to upstreams again, and passes protocol changes on.

https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive
"""

from __future__ import annotations

from typing import Any

from wizard.proxies.nginx.levels import Levels

_DEFAULT_SINCE = (1, 29, 7)
"""HTTP/1.1 and `keepalive 32 local` became defaults."""


def connections(
    levels: Levels, upstream: str | None, http_version: str | None, numbers: tuple[int, ...]
) -> dict[str, Any]:
    """The fields of a Route about connections that outlive one request."""
    headers = {
        each.args[0].lower(): each.args[1]
        for each in levels.all("proxy_set_header")
        if len(each.args) == 2
    }
    newer = numbers >= _DEFAULT_SINCE
    passes = http_version == "1.1" and bool(headers.get("upgrade"))
    fields: dict[str, Any] = {"passes_upgrade": passes, "idle_connections": 0, "idle_seconds": None}
    inside = _group(levels, upstream)
    if inside is None:
        return fields
    kept = inside.value("keepalive", "32" if newer else "0")
    # Unless it is emptied, nginx asks the upstream to close after each answer.
    lasting = headers.get("connection", "" if newer else "close").lower() != "close"
    if http_version == "1.1" and lasting and kept.isdigit() and int(kept):
        fields["idle_connections"] = int(kept)
        fields["idle_seconds"] = inside.seconds("keepalive_timeout", 60.0)
    return fields


def _group(levels: Levels, upstream: str | None) -> Levels | None:
    if upstream is None or len(levels.blocks) < 2:
        return None
    for each in levels.blocks[1].having("upstream"):
        if each.args[:1] == [upstream]:
            return Levels((each.block,))
    return None
