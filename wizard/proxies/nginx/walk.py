"""The way of a request through one server block, in the order of nginx's phases.

Server rewrites, the search for a location, its rewrites (which may send it back to the search),
access rules, `try_files`, and what makes the content. Internal redirects start again, ten times
at most, as in nginx.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec.structs import replace

from wizard.model.route import Place
from wizard.proxies.nginx.access import denying
from wizard.proxies.nginx.config import Block, Directive
from wizard.proxies.nginx.content import Answer, FileAnswer, index_answer, tried
from wizard.proxies.nginx.levels import Levels
from wizard.proxies.nginx.locations import PASSES, Location, find, named
from wizard.proxies.nginx.rewriting import Rewritten, rewritten
from wizard.proxies.nginx.variables import Request

ROUNDS = 10

Action = Literal["proxy", "return", "static", "redirect", "deny", "none"]


class End(msgspec.Struct, frozen=True):
    """Where the request ended."""

    action: Action
    levels: Levels
    locations: tuple[Location, ...] = ()
    pass_directive: Directive | None = None
    status: int | None = None
    place: Place | None = None
    condition: str | None = None


class _Walk(msgspec.Struct):
    server: Directive
    outer: Levels
    request: Request
    rounds: int = ROUNDS
    in_error_page: bool = False


def replaced_name(locations: tuple[Location, ...]) -> str | None:
    """The location's name that the URI of a proxy_pass replaces."""
    if not locations or locations[-1].form in ("regex", "named"):
        return None
    return locations[-1].name


def walk(server: Directive, outer: Levels, request: Request) -> End:
    """Walk the request through the server block."""
    if not request.uri:
        return End("return", outer.inside(server), status=400)
    request.settable = frozenset(_set_names(server.block))
    return _from_server(_Walk(server, outer, request))


def _set_names(block: Block) -> Iterator[str]:
    for statement, file in block.raw():
        if statement["directive"] == "set" and statement["args"]:
            yield statement["args"][0].lstrip("$")
        elif "block" in statement:
            yield from _set_names(block.directive(statement, file).block)


def _from_server(state: _Walk) -> End:
    levels = state.outer.inside(state.server)
    _set_root(state, levels, ())
    step = rewritten(state.server.block, state.request)
    if step.status is not None:
        return _answered(state, step, levels, ())
    return _from_search(state)


def _from_search(state: _Walk) -> End:
    found = find(state.server.block, state.request)
    levels = state.outer.inside(state.server, *(each.directive for each in found.chain))
    if found.add_slash:
        return End("redirect", levels, found.chain, status=301, place=_place(found.chain))
    if found.chain and not state.request.internal:
        internal = levels.one("internal")
        if internal:
            end = End("deny", levels, found.chain, status=404, place=internal.place)
            return _replaced_by_error_page(state, end)
    return _from_location(state, levels, found.chain)


def _from_location(state: _Walk, levels: Levels, chain: tuple[Location, ...]) -> End:
    _set_root(state, levels, chain)
    step = Rewritten()
    if chain:
        step = rewritten(chain[-1].directive.block, state.request)
        if step.inside is not None:
            levels = levels.inside(step.inside)
            _set_root(state, levels, chain)
        if step.status is not None:
            return _answered(state, step, levels, chain)
        if step.search_again:
            return _again(state, levels, chain, step.place)
    refused = denying(levels, state.request)
    if refused is not None:
        return _replaced_by_error_page(
            state, End("deny", levels, chain, status=403, place=refused.place)
        )
    directive = levels.blocks[-1].one("try_files")
    if directive is not None:
        answer = tried(directive, levels, state.request)
        if answer is not None:
            return _followed(state, answer, levels, chain, directive.place)
    return _content(state, levels, chain, step)


def _content(state: _Walk, levels: Levels, chain: tuple[Location, ...], step: Rewritten) -> End:
    inner = [step.inside.block] if step.inside is not None else []
    blocks = [*inner, chain[-1].directive.block] if chain else []
    for block in blocks:
        for name in PASSES:
            passing = block.one(name)
            if passing is not None:
                return End("proxy", levels, chain, passing, place=passing.place)
        for name in ("content_by_lua_block", "content_by_lua_file", "content_by_lua", "js_content",
                     "perl"):  # fmt: skip
            script = block.one(name)
            if script is not None:
                state.request.doubt(f"{name} at {script.place} makes the answer")
                return End("none", levels, chain, place=script.place)
        for name in ("stub_status", "empty_gif", "echo"):
            if block.one(name) is not None:
                return End("static", levels, chain, status=200, place=block.all(name)[0].place)
    answer = index_answer(levels, state.request)
    return _followed(state, answer, levels, chain, _place(chain) or state.server.place)


def _followed(
    state: _Walk, answer: Answer, levels: Levels, chain: tuple[Location, ...], place: Place | None
) -> End:
    if isinstance(answer, FileAnswer):
        if answer.uri is not None:
            state.request.uri = answer.uri
            return _content(state, levels, chain, Rewritten())
        action: Action = "redirect" if answer.status == 301 else "static"
        end = End(action, levels, chain, status=answer.status, place=place)
        return _replaced_by_error_page(state, end)
    return _redirected(state, answer.target, levels, chain, place)


def _redirected(
    state: _Walk, target: str, levels: Levels, chain: tuple[Location, ...], place: Place | None
) -> End:
    """An internal redirect to a URI or a named location."""
    state.rounds -= 1
    if state.rounds < 0:
        return End("return", levels, chain, status=500, place=place)
    request = state.request
    request.internal = True
    if target.startswith("@"):
        location = named(state.server.block, target)
        if location is None:
            return End("return", levels, chain, status=500, place=place)
        inner = state.outer.inside(state.server, location.directive)
        return _from_location(state, inner, (location,))
    request.uri, _, request.args = target.partition("?")
    request.uri_untouched = False
    request.location_left = False
    return _from_server(state)


def _again(state: _Walk, levels: Levels, chain: tuple[Location, ...], place: Place | None) -> End:
    state.rounds -= 1
    if state.rounds < 0:
        return End("return", levels, chain, status=500, place=place)
    return _from_search(state)


def _answered(state: _Walk, step: Rewritten, levels: Levels, chain: tuple[Location, ...]) -> End:
    status = step.status or 200
    action: Action = "redirect" if status in (301, 302, 303, 307, 308) else "return"
    end = End(action, levels, chain, status=status, place=step.place, condition=step.condition)
    return end if step.has_text else _replaced_by_error_page(state, end)


def _replaced_by_error_page(state: _Walk, end: End) -> End:
    """Follow `error_page` where it passes the request on, as `error_page 404 = @app` does.

    A page that only dresses the status is not followed: the status is what a client sees.
    """
    if state.in_error_page or end.status is None or end.status < 300:
        return end
    for directive in end.levels.all("error_page"):
        codes = [word for word in directive.args[:-1] if word.isdigit()]
        if str(end.status) not in codes:
            continue
        target = state.request.text(directive.args[-1])
        if target is None or not target.startswith(("/", "@")):
            return end
        other = replace(state, request=copy.copy(state.request), in_error_page=True)
        followed = _redirected(other, target, end.levels, end.locations, directive.place)
        if followed.action != "proxy":
            return end
        state.request.become(other.request)
        return replace(followed, condition=followed.condition or end.condition)
    return end


def _set_root(state: _Walk, levels: Levels, chain: tuple[Location, ...]) -> None:
    request = state.request
    alias = levels.blocks[-1].one("alias")
    request.alias = None
    if alias is not None and chain and alias.args:
        instead = request.text(alias.args[0])
        regex = chain[-1].form == "regex"
        if instead is not None:
            request.alias = (request.uri if regex else chain[-1].name, instead)
    written = levels.value("root", "html")
    request.root = request.text(written)


def _place(chain: tuple[Location, ...]) -> Place | None:
    return chain[-1].directive.place if chain else None
