"""The parameters that nginx sends to FastCGI, uwsgi and SCGI servers, with their values.

Only those of the CGI specification (RFC 3875) and of nginx's own fastcgi_params, uwsgi_params and
scgi_params files: others are the application's and may hold secrets.
"""

from __future__ import annotations

import os

from msgspec.structs import replace

from wizard.model.text import clean
from wizard.proxies.nginx.levels import Levels
from wizard.proxies.nginx.regexes import pattern
from wizard.proxies.nginx.variables import Request

_OF_CGI = frozenset({
    "CONTENT_LENGTH", "CONTENT_TYPE", "DOCUMENT_ROOT", "DOCUMENT_URI", "GATEWAY_INTERFACE", "HTTPS",
    "PATH_INFO", "PATH_TRANSLATED", "QUERY_STRING", "REDIRECT_STATUS", "REMOTE_ADDR", "REMOTE_PORT",
    "REQUEST_METHOD", "REQUEST_SCHEME", "REQUEST_URI", "SCRIPT_FILENAME", "SCRIPT_NAME",
    "SERVER_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
})  # fmt: skip


def parameters(module: str, levels: Levels, request: Request) -> dict[str, str]:
    """What `fastcgi_param` and its kin come to; what cannot be known is left out."""
    if module not in ("fastcgi", "uwsgi", "scgi"):
        return {}
    given = replace(request, assigned={**request.assigned, **_of_this_module(levels, request)})
    found: dict[str, str] = {}
    for each in levels.all(f"{module}_param"):
        if len(each.args) < 2 or each.args[0] not in _OF_CGI:
            continue
        value = given.text(each.args[1])
        if value is not None and (value or "if_not_empty" not in each.args[2:]):
            found[each.args[0]] = clean(value)
    return found


def _of_this_module(levels: Levels, request: Request) -> dict[str, str | None]:
    """Variables that only have a value where the request is passed on."""
    script, path_info = request.uri, ""
    if script.endswith("/"):
        script += levels.value("fastcgi_index")
    split = pattern(levels.value("fastcgi_split_path_info"), False)
    match = split.search(script) if split and split.groups == 2 else None
    if match:
        script, path_info = match[1] or "", match[2] or ""
    root = request.root
    return {
        "fastcgi_script_name": script,
        "fastcgi_path_info": path_info,
        "realpath_root": os.path.realpath(root) if root else None,
        "request_scheme": request.scheme,
        "remote_user": "",
        "server_addr": request.client,
        "remote_port": "0",
        "nginx_version": "",
    }
