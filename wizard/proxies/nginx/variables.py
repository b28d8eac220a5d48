"""The request as nginx sees it while it walks the configuration, and the values of its variables.

A variable whose value depends on what is not known here (the client, a cookie, Lua) is None, and
so is every text that holds it: nothing is guessed.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes, urlsplit

import msgspec

from wizard.model.route import Place
from wizard.proxies.nginx.config import Configuration, Directive
from wizard.proxies.nginx.regexes import pattern

_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*|\d))")
_DEEPEST = 20


class Request(msgspec.Struct):
    """One plain GET on its way; `uri` and `args` change as the configuration rewrites them."""

    configuration: Configuration
    scheme: str
    host: str
    """Host name as nginx compares it: lower case, without port."""
    host_header: str
    """As the client sends it, with a port that is not the scheme's own."""
    port: int
    raw_uri: str
    """Path and query as sent."""
    uri: str
    """Decoded and normalised path; empty when nginx refuses the one that was sent."""
    args: str
    client: str | None = None
    """The address that the wizard asks from; known where the URL leads to this host itself."""
    own_name: str = ""
    prefix: str = "/"
    """nginx's prefix, from which relative roots are taken."""
    server_name: str = ""
    root: str | None = None
    """Document root of the present location, variables filled in."""
    alias: tuple[str, str] | None = None
    """Location prefix and what `alias` puts in its place."""
    proxy_host: str | None = None
    internal: bool = False
    uri_untouched: bool = True
    """Neither rewritten nor redirected: upstream gets the bytes that the client sent."""
    location_left: bool = False
    """`rewrite ... break` ran: the URI of a proxy_pass no longer replaces the location's name."""
    captures: dict[str, str] = msgspec.field(default_factory=dict)
    assigned: dict[str, str | None] = msgspec.field(default_factory=dict)
    settable: frozenset[str] = frozenset()
    """Variables that some `set` of the server block makes: empty until it runs."""
    unsettled: list[str] = msgspec.field(default_factory=list)
    passed_over: Place | None = None
    """A `return` that is taken as if it were not there."""
    _mapped: dict[str, Directive] | None = None

    def become(self, other: Request) -> None:
        """Take over everything that another request came to on its way."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(other, name))

    def doubt(self, note: str) -> None:
        """Keep what could not be decided, once."""
        if note not in self.unsettled:
            self.unsettled.append(note)

    def text(self, template: str, depth: int = 0) -> str | None:
        """The template with its variables filled in; None when one is not known."""
        if "$" not in template:
            return template
        values: list[str] = []
        end = 0
        for found in _REFERENCE.finditer(template):
            value = self.value(found.group(1) or found.group(2), depth)
            if value is None:
                return None
            values += [template[end : found.start()], value]
            end = found.end()
        return "".join([*values, template[end:]])

    def shown(self, template: str) -> str:
        """The template with known variables filled in and the others left as they stand."""

        def fill(found: re.Match[str]) -> str:
            value = self.value(found.group(1) or found.group(2))
            return found.group() if value is None else value

        return _REFERENCE.sub(fill, template)

    def value(self, name: str, depth: int = 0) -> str | None:
        """The value of `$name`; None when it cannot be known here."""
        if depth > _DEEPEST:
            return None
        if name in self.assigned:
            return self.assigned[name]
        if name in self.captures:
            return self.captures[name]
        if name.isdigit():
            return ""
        if name.startswith("arg_"):
            return self._argument(name[4:])
        if name in self._maps:
            return self._from_map(self._maps[name], depth)
        if name in self.settable:
            return ""
        if name.startswith("cookie_"):
            return ""  # the wizard's own request carries no cookie
        return self._built_in(name)

    def _argument(self, name: str) -> str:
        for pair in self.args.split("&"):
            key, equals, value = pair.partition("=")
            if equals and key.lower() == name.lower():
                return value
        return ""

    def _built_in(self, name: str) -> str | None:
        known: dict[str, str | None] = {
            "host": self.host,
            "http_host": self.host_header,
            "hostname": self.own_name,
            "server_name": self.server_name,
            "server_port": str(self.port),
            "scheme": self.scheme,
            "https": "on" if self.scheme == "https" else "",
            "uri": self.uri,
            "document_uri": self.uri,
            "request_uri": self.raw_uri,
            "args": self.args,
            "query_string": self.args,
            "is_args": "?" if self.args else "",
            "request_method": "GET",
            "remote_addr": self.client,
            "request": f"GET {self.raw_uri} HTTP/1.1",
            "server_protocol": "HTTP/1.1",
            "document_root": self.root,
            "request_filename": self.file_name(self.uri),
            "fastcgi_script_name": self.uri,
            "proxy_host": self.proxy_host,
            "dollar": None,
            "http_upgrade": "",
            "http_connection": "",
            "content_length": "",
            "content_type": "",
        }
        return known.get(name)

    def file_name(self, uri: str) -> str | None:
        """The file that a URI means under the present root or alias; None when not known."""
        if self.alias is not None:
            prefix, instead = self.alias
            return instead + uri.removeprefix(prefix)
        return None if self.root is None else self.root.rstrip("/") + uri

    @property
    def _maps(self) -> dict[str, Directive]:
        if self._mapped is None:
            self._mapped = {}
            http = self.configuration.http
            for name in ("map", "geo", "split_clients") if http else ():
                for directive in http.having(name) if http else ():
                    if directive.args:
                        self._mapped[directive.args[-1].lstrip("$")] = directive
        return self._mapped

    def _from_map(self, directive: Directive, depth: int) -> str | None:
        entries = [entry for entry in directive.block.directives if entry.name]
        if directive.name != "map":
            # geo and split_clients go by the client's address: known only where all agree.
            values = {entry.args[-1] for entry in entries if entry.args and entry.name != "ranges"}
            only = next(iter(values)) if len(values) == 1 else None
            return only if only is None else self.text(only, depth + 1)
        source = self.text(directive.args[0], depth + 1)
        if source is None:
            values = {entry.args[0] for entry in entries if entry.args}
            has_default = any(entry.name == "default" for entry in entries)
            return next(iter(values)) if has_default and len(values) == 1 else None
        chosen = self._map_entry(source, entries)
        return "" if chosen is None else self.text(chosen, depth + 1)

    def _map_entry(self, source: str, entries: list[Directive]) -> str | None:
        lowered = source.lower()
        default: str | None = None
        wildcard: tuple[int, str] | None = None
        expressions: list[tuple[str, str]] = []
        by_host = any(entry.name == "hostnames" for entry in entries)
        for entry in entries:
            if not entry.args:
                continue
            key, value = entry.name, entry.args[0]
            if key == "default":
                default = value
            elif key.startswith("~"):
                expressions.append((key[1:], value))
            elif key.removeprefix("\\").lower() == lowered:
                return value
            elif by_host and key.startswith(("*.", ".")) and lowered.endswith(key.lstrip("*")):
                if wildcard is None or len(key) > wildcard[0]:
                    wildcard = len(key), value
            elif by_host and key == f".{lowered}":
                return value
        if wildcard:
            return wildcard[1]
        for expression, value in expressions:
            compiled = pattern(expression.removeprefix("*"), expression.startswith("*"))
            if compiled is None:
                self.doubt(f"map: ~{expression}")
                continue
            found = compiled.search(source)
            if found:
                self.capture(found)
                return value
        return default

    def capture(self, found: re.Match[str]) -> None:
        """Keep what a matched expression captured, as $1 ... and by name."""
        self.captures = {key: value for key, value in self.captures.items() if not key.isdigit()}
        self.captures.update({str(n): text or "" for n, text in enumerate(found.groups(), 1)})
        self.captures.update({key: text or "" for key, text in found.groupdict().items()})


def request_for(configuration: Configuration, url: str) -> Request:
    """A plain GET of this URL."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    scheme = parts.scheme.lower() or "http"
    usual = 443 if scheme == "https" else 80
    port = parts.port or usual
    host = (parts.hostname or "").lower().rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    path = parts.path or "/"
    return Request(
        configuration=configuration,
        scheme=scheme,
        host=shown,
        host_header=shown if port == usual else f"{shown}:{port}",
        port=port,
        raw_uri=f"{path}?{parts.query}" if parts.query else path,
        uri=normalised(path) or "",
        args=parts.query,
    )


def normalised(path: str, merge_slashes: bool = True) -> str | None:
    """The path as nginx matches it: decoded, dot segments resolved, double slashes merged.

    None when it leads above the root, which nginx answers with 400.
    """
    text = unquote_to_bytes(path.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )
    if merge_slashes:
        text = re.sub("/{2,}", "/", text)
    if "/." not in text:
        return text
    kept: list[str] = []
    segments = text.split("/")[1:]
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "..":
            if not kept:
                return None
            kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)
