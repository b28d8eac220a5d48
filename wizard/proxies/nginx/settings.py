"""The directives in effect where a request ends, with nginx's defaults where none is written."""

from __future__ import annotations

import math
import os
from typing import Any

import msgspec

from wizard.model.route import Setting
from wizard.model.text import clean
from wizard.proxies.nginx.addresses import is_local
from wizard.proxies.nginx.build import Build
from wizard.proxies.nginx.config import Directive
from wizard.proxies.nginx.keepalive import connections
from wizard.proxies.nginx.levels import Levels
from wizard.proxies.nginx.parameters import parameters
from wizard.proxies.nginx.variables import Request
from wizard.proxies.nginx.walk import End

_BALANCING = ("least_conn", "ip_hash", "hash", "random", "least_time", "sticky", "ntlm", "queue")
_POOL = ("zone", "keepalive", "keepalive_requests", "keepalive_time", "keepalive_timeout", "state")
_PASSING = {"buffering": "on", "buffers": None, "busy_buffers_size": None, "bind": None,
            "request_buffering": "on", "ignore_client_abort": "off", "socket_keepalive": "off",
            "next_upstream_timeout": "0", "max_temp_file_size": None, "temp_path": None,
            "cache": None, "cache_use_stale": None, "ssl_ciphers": None, "method": None,
            "split_path_info": None, "index": None}  # fmt: skip
_PLAIN = ("client_max_body_size", "client_body_timeout", "client_header_timeout", "root", "alias",
          "auth_request", "auth_basic", "subrequest_output_buffer_size", "recursive_error_pages",
          "worker_processes", "worker_rlimit_nofile")  # fmt: skip


def in_effect(
    end: End, upstream: str | None, request: Request, known: Build | None,
    numbers: tuple[int, ...],
) -> dict[str, Any]:  # fmt: skip
    """The fields of a Route that are inherited from level to level."""
    levels = end.levels
    fields: dict[str, Any] = {
        "intercept_errors": False,
        "error_pages": _error_pages(levels),
        "replaced_statuses": _replaced_statuses(levels),
        **_resolver(levels),
        **_limits(levels),
        **_body(levels, request, known),
        **_error_logs(levels, request, known),
        **_access_logs(levels, request, known),
        "body_limit": levels.size("client_max_body_size", 1024**2),
        "underscores": levels.is_on("underscores_in_headers"),
    }
    shown = [*_of_workers(levels), *(levels.setting(name) for name in _PLAIN)]
    if end.pass_directive is not None:
        module = end.pass_directive.name.removesuffix("_pass")
        fields.update(_passing(module, levels, numbers))
        fields.update(_source(module, levels))
        fields["answer_temp_path"] = _temp_path(module, levels, request, known)
        fields["parameters"] = parameters(module, levels, request)
        if module == "proxy":
            fields.update(connections(levels, upstream, fields["http_version"], numbers))
        if module in ("proxy", "grpc", "uwsgi"):
            fields.update(_tls(module, levels, request, numbers))
        shown += [levels.setting(f"{module}_{name}", default) for name, default in _PASSING.items()]
        shown += [
            Setting(
                name=each.name,
                value=" ".join(each.args),
                place=each.place,
                inherited=levels.is_inherited(name),
            )
            for name in (f"{module}_set_header", f"{module}_param")
            for each in levels.all(name)
        ]
        if upstream is not None:
            shown += _pool(levels, upstream)
    fields["settings"] = [_clean(setting) for setting in shown if setting is not None]
    return fields


def _passing(module: str, levels: Levels, numbers: tuple[int, ...]) -> dict[str, Any]:
    buffer = "grpc_buffer_size" if module == "grpc" else f"{module}_buffer_size"
    tries = levels.value(f"{module}_next_upstream_tries", "0")
    next_upstream = levels.one(f"{module}_next_upstream")
    patience = levels.seconds(f"{module}_read_timeout", 60.0)
    return {
        "connect_timeout": levels.seconds(f"{module}_connect_timeout", 60.0),
        "send_timeout": levels.seconds(f"{module}_send_timeout", 60.0),
        "read_timeout": patience,
        "longer_read_timeout": max(120, math.ceil(2 * patience)),
        "header_buffer_bytes": levels.size(buffer, _page_size()),
        "next_upstream": next_upstream.args if next_upstream else ["error", "timeout"],
        "next_upstream_tries": int(tries) if tries.isdigit() else None,
        "intercept_errors": levels.is_on(f"{module}_intercept_errors"),
        "http_version": _http_version(module, levels, numbers),
    }


def _source(module: str, levels: Levels) -> dict[str, Any]:
    """The own address of connections to the servers: `proxy_bind 10.0.0.5`."""
    found = levels.one(f"{module}_bind")
    if found is None or not found.args or found.args[0] == "off":
        return {}
    written = found.args[0]
    return {
        "source_address": clean(written),
        "source_address_here": None if "$" in written else is_local(_without_port(written)),
        "source_place": found.place,
    }


def _without_port(written: str) -> str:
    host, _, port = written.rpartition(":")
    bare = host if port.isdigit() and (":" not in host or host.endswith("]")) else written
    return bare.strip("[]")


def _body(levels: Levels, request: Request, known: Build | None) -> dict[str, Any]:
    """What is asked before a request is passed on, and what becomes of its body."""
    leave = levels.value("auth_request", "off")
    return {
        "auth_request": None if leave == "off" else clean(leave),
        "body_temp_path": _temp_path("client_body", levels, request, known),
        "max_body_bytes": levels.size("client_max_body_size", 1024**2),
        "max_body_place": levels.place("client_max_body_size"),
        "worker_connections": _worker_connections(levels),
        "events_place": events.place if (events := levels.blocks[0].one("events")) else None,
    }


def _temp_path(maker: str, levels: Levels, request: Request, known: Build | None) -> str | None:
    written = levels.value(f"{maker}_temp_path")
    if written:
        return clean(os.path.normpath(os.path.join(request.prefix, written)))
    return known.temp_paths.get(maker) if known else None


def _worker_connections(levels: Levels) -> int | None:
    found = _of_workers(levels)[0]
    return int(found.value) if found and found.value.isdigit() else None


def _page_size() -> int:
    return os.sysconf("SC_PAGESIZE")


def _http_version(module: str, levels: Levels, numbers: tuple[int, ...]) -> str | None:
    if module == "grpc":
        return "2"
    if module != "proxy":
        return None
    # nginx 1.29.7 made 1.1, with keepalive, the default towards upstreams.
    return levels.value("proxy_http_version", "1.1" if numbers >= (1, 29, 7) else "1.0")


def _tls(module: str, levels: Levels, request: Request, numbers: tuple[int, ...]) -> dict[str, Any]:
    protocols = levels.one(f"{module}_ssl_protocols")
    name = levels.one(f"{module}_ssl_name")
    tls_name = request.text(name.args[0]) if name and name.args else request.proxy_host
    if tls_name is not None and not tls_name.startswith("["):
        tls_name = tls_name.partition(":")[0]
    return {
        "tls_verify": levels.is_on(f"{module}_ssl_verify"),
        "tls_name": clean(tls_name) if tls_name is not None else None,
        "tls_sni": levels.is_on(f"{module}_ssl_server_name"),
        "tls_protocols": protocols.args if protocols else _usual_protocols(numbers),
        "tls_protocols_place": protocols.place if protocols else None,
        "tls_ciphers": levels.value(f"{module}_ssl_ciphers") or None,
        "tls_trusted_certificate": levels.value(f"{module}_ssl_trusted_certificate") or None,
        "tls_client_certificate": levels.value(f"{module}_ssl_certificate") or None,
        "tls_client_key": levels.value(f"{module}_ssl_certificate_key") or None,
    }


def _usual_protocols(numbers: tuple[int, ...]) -> list[str]:
    if not numbers:
        return []
    if numbers >= (1, 27, 3):
        return ["TLSv1.2", "TLSv1.3"]
    older = ["TLSv1", "TLSv1.1", "TLSv1.2"]
    return [*older, "TLSv1.3"] if numbers >= (1, 23, 4) else older


def _error_pages(levels: Levels) -> list[str]:
    pages = []
    for each in levels.all("error_page"):
        target = each.args[-1]
        instead = next((word for word in each.args[:-1] if word.startswith("=")), "")
        codes = [word for word in each.args[:-1] if word.isdigit()]
        pages += [clean(f"{code}={target}{' ' + instead if instead else ''}") for code in codes]
    return pages


def _replaced_statuses(levels: Levels) -> list[int]:
    """`error_page 404 =503 /sorry.html` makes a 503 of a 404; a lone `=` leaves it open."""
    replaced = []
    for each in levels.all("error_page"):
        codes = [int(word) for word in each.args[:-1] if word.isdigit()]
        instead = next((word[1:] for word in each.args[:-1] if word.startswith("=")), None)
        if instead is not None:
            replaced += [code for code in codes if str(code) != instead]
    return replaced


def _resolver(levels: Levels) -> dict[str, Any]:
    found = levels.one("resolver")
    addresses = [word for word in found.args if "=" not in word] if found else []
    return {
        "resolver": addresses,
        "resolver_place": found.place if found else None,
        "resolver_timeout": levels.seconds("resolver_timeout", 30.0),
    }


def _limits(levels: Levels) -> dict[str, Any]:
    requests, connections = [], []
    req_status = levels.value("limit_req_status", "503")
    conn_status = levels.value("limit_conn_status", "503")
    for each in levels.all("limit_req"):
        rate = _zone_rate(levels, each)
        requests.append(clean(" ".join([*each.args, *rate, f"status={req_status}"])))
    for each in levels.all("limit_conn"):
        if len(each.args) == 2:
            zone, most = each.args
            connections.append(clean(f"zone={zone} connections={most} status={conn_status}"))
    return {"limit_req": requests, "limit_conn": connections}


def _zone_rate(levels: Levels, rule: Directive) -> list[str]:
    name = next((word[5:] for word in rule.args if word.startswith("zone=")), None)
    for zone in levels.blocks[1].all("limit_req_zone") if len(levels.blocks) > 1 else []:
        words = dict(word.split("=", 1) for word in zone.args if "=" in word)
        if words.get("zone", "").partition(":")[0] == name and "rate" in words:
            return [f"rate={words['rate']}"]
    return []


def _error_logs(levels: Levels, request: Request, known: Build | None) -> dict[str, Any]:
    written = levels.all("error_log")
    if not written:
        logs = [known.error_log] if known else []
        return {"error_logs": logs, "error_log_level": "error"}
    return {
        "error_logs": [clean(log_path(each.args[0], request.prefix)) for each in written],
        "error_log_level": written[0].args[1] if len(written[0].args) > 1 else "error",
    }


def log_path(written: str, prefix: str) -> str:
    """A log's path made absolute; `stderr`, `syslog:...` and `memory:...` as they are."""
    if written == "stderr" or written.startswith(("syslog:", "memory:", "|")):
        return written
    return os.path.normpath(os.path.join(prefix, written))


def _access_logs(levels: Levels, request: Request, known: Build | None) -> dict[str, Any]:
    written = levels.all("access_log")
    if not written:
        return {"access_logs": [known.access_log] if known else [], "access_log_format": ""}
    active = [each for each in written if each.args[:1] != ["off"]]
    paths = [clean(log_path(request.shown(each.args[0]), request.prefix)) for each in active]
    if not active:
        return {"access_logs": [], "access_log_format": None}
    name = next((word for word in active[0].args[1:] if "=" not in word), "combined")
    return {"access_logs": paths, "access_log_format": _log_format(levels, name)}


def _log_format(levels: Levels, name: str) -> str | None:
    for block in levels.blocks:
        for each in block.all("log_format"):
            if each.args[:1] == [name]:
                return "".join(word for word in each.args[1:] if not word.startswith("escape="))
    return "" if name == "combined" else None


def _of_workers(levels: Levels) -> list[Setting | None]:
    events = levels.blocks[0].one("events")
    inside = Levels((events.block,)) if events else Levels(())
    return [inside.setting("worker_connections", "512")]


def _pool(levels: Levels, upstream: str) -> list[Setting | None]:
    block = next(
        (each.block for each in levels.blocks[1].having("upstream") if each.args[:1] == [upstream]),
        None,
    )
    if block is None:
        return []
    inside = Levels((block,))
    found = [inside.setting(name) for name in (*_BALANCING, *_POOL)]
    resolving = [each for each in block.all("server") if "resolve" in each.args]
    return [*found, *(Setting(name="server", value=" ".join(each.args), place=each.place)
                      for each in resolving)]  # fmt: skip


def _clean(setting: Setting) -> Setting:
    return msgspec.structs.replace(setting, value=clean(setting.value))
