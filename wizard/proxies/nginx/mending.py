"""What a change needs to know: where the directive stands that decides, and what would do better.

Nothing is guessed: where several directives share the decision, the fact stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from wizard.model.route import Place
from wizard.model.text import clean
from wizard.proxies.nginx.config import Block, Directive
from wizard.proxies.nginx.levels import Levels
from wizard.proxies.nginx.walk import End

_BURST = 20
_FEWEST_CONNECTIONS = 20
_VARIABLE = "backend_host"
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def mending(end: End, server: Directive, walk_without: Callable[[Place], End]) -> dict[str, Any]:
    """The fields of a Route that proposals are made of.

    `walk_without` walks the same request through the files without the `return` at a place.
    """
    fields: dict[str, Any] = {
        **_request_limit(end.levels),
        **_connection_limit(end.levels),
        **_error_page(end.levels),
    }
    if end.pass_directive is not None:
        fields["pass_plain"] = _plain(end.pass_directive, server.block)
        fields["pass_resolving"] = _resolving(end.pass_directive, server.block)
    elif end.action == "return" and end.place is not None:
        fields["return_leaves"] = walk_without(end.place).action
        fields["return_flag"] = _flag(end.condition)
        fields["try_files_ended"] = _ended(end)
    return fields


def _request_limit(levels: Levels) -> dict[str, Any]:
    rules = levels.all("limit_req")
    if len(rules) != 1:
        return {}
    [rule] = rules
    words = dict(word.partition("=")[::2] for word in rule.args)
    burst = words.get("burst", "0")
    if not burst.isdigit() or (int(burst) >= _BURST and "nodelay" in words):
        return {"limit_req_place": rule.place}
    kept = [word for word in rule.args if word.startswith("zone=")]
    relaxed = [*kept, f"burst={max(int(burst), _BURST)}", "nodelay"]
    return {"limit_req_place": rule.place, "limit_req_relaxed": clean(" ".join(relaxed))}


def _connection_limit(levels: Levels) -> dict[str, Any]:
    rules = levels.all("limit_conn")
    if len(rules) != 1 or len(rules[0].args) != 2 or not rules[0].args[1].isdigit():
        return {}
    [rule] = rules
    zone, most = rule.args
    more = max(int(most) * 10, _FEWEST_CONNECTIONS)
    return {"limit_conn_place": rule.place, "limit_conn_relaxed": clean(f"{zone} {more}")}


def _error_page(levels: Levels) -> dict[str, Any]:
    changing = [
        each
        for each in levels.all("error_page")
        if any(word.startswith("=") and len(word) > 1 for word in each.args[:-1])
    ]
    if len(changing) != 1:
        return {}
    [page] = changing
    kept = [word for word in page.args if not word.startswith("=")]
    return {"error_page_place": page.place, "error_page_kept": clean(" ".join(kept))}


def _flag(condition: str | None) -> str | None:
    """`-f /srv/maintenance.flag` as the path alone."""
    found = re.fullmatch(r"\(?\s*-[fe]\s+([\"']?)(/[^\"'$\s]+)\1\s*\)?", condition or "")
    return clean(found[2]) if found else None


def _ended(end: End) -> str | None:
    directive = end.levels.blocks[-1].one("try_files")
    if directive is None or directive.place != end.place or len(directive.args) < 2:
        return None
    return clean(" ".join([*directive.args[:-1], "=404"]))


def _plain(directive: Directive, server: Block) -> str | None:
    """A pass without variables that means the same for every request."""
    written = directive.args[0] if directive.args else ""
    body = written.removesuffix("$request_uri")
    names = {found[1] or found[2] for found in _REFERENCE.finditer(body)}
    if not names:
        return None
    constant = {name: list(_values(server, name)) for name in names}
    if any(len(values) != 1 or "$" in values[0] for values in constant.values()):
        return None
    filled = _REFERENCE.sub(lambda found: constant[found[1] or found[2]][0], body)
    address = re.fullmatch(r"(?:(?:https?|grpcs?)://)?[^/?\s]+", filled)
    return clean(filled) if address else None


def _resolving(directive: Directive, server: Block) -> str | None:
    """A pass whose name is looked up for each request; the URI that goes upstream stays the same.

    With a URI part a variable would change it: nginx then sends that part as it stands
    (ngx_http_proxy_module, proxy_pass).
    """
    written = directive.args[0] if directive.args else ""
    address = re.fullmatch(r"((?:https?|grpcs?)://)([A-Za-z0-9][\w.-]*)((?::\d+)?)", written)
    if address is None or list(_values(server, _VARIABLE)):
        return None
    return clean(f"{address[1]}${_VARIABLE}{address[3]}")


def _values(block: Block, name: str) -> Iterator[str]:
    """What every `set` of the server block gives a variable."""
    for statement, file in block.raw():
        if statement["directive"] == "set" and statement["args"][:1] == [f"${name}"]:
            yield from statement["args"][1:2]
        elif "block" in statement:
            yield from _values(block.directive(statement, file).block, name)
