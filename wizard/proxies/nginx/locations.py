"""Which location takes a URI: nginx's search through exact, prefix and expression locations.

The search is the same as in ngx_http_core_find_location: the longest prefix is found and its
nested locations searched before the expressions of the level are tried, and `^~` stops the
expressions of its own level only.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.proxies.nginx.config import Block, Directive
from wizard.proxies.nginx.regexes import pattern
from wizard.proxies.nginx.variables import Request

PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass")

Form = Literal["exact", "prefix", "final", "regex", "named"]


class Location(msgspec.Struct, frozen=True):
    """One `location`, its modifier read."""

    directive: Directive
    form: Form
    name: str
    ignore_case: bool = False

    @property
    def written(self) -> str:
        """As in the file, without the word itself."""
        return self.directive.written.removeprefix("location ")

    @property
    def adds_slash(self) -> bool:
        """`/x` is redirected to `/x/`: the name ends with a slash and the request is passed on."""
        block = self.directive.block
        return self.name.endswith("/") and any(block.one(name) for name in PASSES)


class Found(msgspec.Struct, frozen=True):
    """Where the search ended: the locations from the outermost to the one that answers."""

    chain: tuple[Location, ...]
    add_slash: bool = False


def location(directive: Directive) -> Location:
    """Read a location's modifier, attached to its name or not."""
    words = directive.args
    modifier, name = ("", words[0] if words else "") if len(words) < 2 else (words[0], words[1])
    if not modifier:
        for known in ("=", "^~", "~*", "~"):
            if name.startswith(known):
                modifier, name = known, name[len(known) :]
                break
    if modifier in ("~", "~*"):
        return Location(directive, "regex", name, modifier == "~*")
    if name.startswith("@"):
        return Location(directive, "named", name)
    forms: dict[str, Form] = {"=": "exact", "^~": "final"}
    return Location(directive, forms.get(modifier, "prefix"), name)


def find(level: Block, request: Request) -> Found:
    """The location of the request's present URI within a server block."""
    return _search(level, request)[0]


def named(level: Block, name: str) -> Location | None:
    """The location `@name` of a server block."""
    for directive in level.all("location"):
        found = location(directive)
        if found.form == "named" and found.name == name:
            return found
    return None


def _search(level: Block, request: Request) -> tuple[Found, bool]:
    """The location and whether the search is over (an exact name or an expression matched)."""
    here = [location(directive) for directive in level.all("location")]
    best, over, add_slash = _static(here, request.uri)
    chain: tuple[Location, ...] = ()
    if best is not None:
        chain = (best,)
        if over:
            return Found(chain, add_slash), True
        nested, over = _search(best.directive.block, request)
        chain += nested.chain
        if over:
            return Found(chain, nested.add_slash), True
    if best is None or best.form != "final":
        for candidate in here:
            if candidate.form == "regex" and _matches(candidate, request):
                nested, _ = _search(candidate.directive.block, request)
                return Found((candidate, *nested.chain), nested.add_slash), True
    return Found(chain), False


def _static(here: list[Location], uri: str) -> tuple[Location | None, bool, bool]:
    """The best name without expressions, whether it ends the search, whether a slash is added."""
    longest: Location | None = None
    for candidate in here:
        if candidate.form == "exact" and candidate.name == uri:
            return candidate, True, False
        fits = candidate.form in ("prefix", "final") and uri.startswith(candidate.name)
        if fits and (longest is None or len(candidate.name) > len(longest.name)):
            longest = candidate
    if longest is None or longest.name != uri:
        for candidate in here:
            static = candidate.form in ("exact", "prefix", "final")
            if static and candidate.name == f"{uri}/" and candidate.adds_slash:
                return candidate, True, True
    return longest, False, False


def _matches(candidate: Location, request: Request) -> bool:
    compiled = pattern(candidate.name, candidate.ignore_case)
    if compiled is None:
        request.doubt(f"location {candidate.written} at {candidate.directive.place}")
        return False
    found = compiled.search(request.uri)
    if found:
        request.capture(found)
    return found is not None
