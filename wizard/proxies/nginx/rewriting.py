"""The rewrite module's directives of one level: set, if, rewrite, return, break, in file order."""

from __future__ import annotations

import re

import msgspec

from wizard.model.route import Place
from wizard.proxies.nginx.conditions import as_written, holds
from wizard.proxies.nginx.config import Block, Directive
from wizard.proxies.nginx.regexes import pattern
from wizard.proxies.nginx.variables import Request

_LUA = ("rewrite_by_lua", "access_by_lua", "set_by_lua", "js_set", "rewrite_by_lua_block",
        "rewrite_by_lua_file", "access_by_lua_block", "access_by_lua_file",
        "set_by_lua_block", "set_by_lua_file")  # fmt: skip


class Rewritten(msgspec.Struct):
    """What a level's rewriting came to."""

    status: int | None = None
    has_text: bool = False
    """The answer carries an own text, which no error page replaces."""
    place: Place | None = None
    condition: str | None = None
    search_again: bool = False
    """The URI changed: the location is searched again."""
    inside: Directive | None = None
    """The last `if` that held; its block is the innermost level."""


def rewritten(level: Block, request: Request) -> Rewritten:
    """Run the directives of a server or location on the request."""
    outcome = Rewritten()
    _run(level, request, outcome, None)
    return outcome


def _run(level: Block, request: Request, outcome: Rewritten, guard: Directive | None) -> bool:
    """Run one block; True when rewriting ends there."""
    for directive in level.directives:
        name, words = directive.name, directive.args
        if name == "set" and len(words) == 2:
            request.assigned[words[0].lstrip("$")] = request.text(words[1])
        elif name == "if" and guard is None:
            held = holds(directive, request)
            if held is None:
                request.doubt(f"if {as_written(directive)} at {directive.place}")
            elif held:
                outcome.inside = directive
                if _run(directive.block, request, outcome, directive):
                    return True
        elif name == "break":
            request.location_left = request.location_left or outcome.search_again
            outcome.search_again = False
            return True
        elif name == "return" and words and directive.place != request.passed_over:
            _return(directive, request, outcome, guard)
            return True
        elif name == "rewrite" and len(words) >= 2:
            if _rewrite(directive, request, outcome, guard):
                return True
        elif name in _LUA:
            request.doubt(f"{name} at {directive.place}")
            if name.startswith("set_by_lua") and words:
                request.assigned[words[0].lstrip("$")] = None
    return False


def _return(
    directive: Directive, request: Request, outcome: Rewritten, guard: Directive | None
) -> None:
    first = directive.args[0]
    # `return https://...` without a status is a 302.
    outcome.status = int(first) if first.isdigit() else 302
    outcome.has_text = outcome.status < 400 or len(directive.args) > 1
    outcome.place = directive.place
    outcome.condition = as_written(guard) if guard else None


def _rewrite(
    directive: Directive, request: Request, outcome: Rewritten, guard: Directive | None
) -> bool:
    expression, replacement, flag = [*directive.args, ""][:3]
    compiled = pattern(expression)
    if compiled is None:
        request.doubt(f"{directive.written} at {directive.place}")
        return False
    found = compiled.search(request.uri)
    if found is None:
        return False
    request.capture(found)
    leaves = replacement.startswith(("http://", "https://", "$scheme"))
    if leaves or flag in ("redirect", "permanent"):
        outcome.status = 301 if flag == "permanent" else 302
        outcome.has_text = True
        outcome.place = directive.place
        outcome.condition = as_written(guard) if guard else None
        return True
    result = request.text(replacement)
    if result is None:
        request.doubt(f"{directive.written} at {directive.place}")
        return flag in ("last", "break")
    _apply(result, request)
    outcome.place = directive.place
    outcome.search_again = flag != "break"
    if flag == "break":
        request.location_left = True
    return flag in ("last", "break")


def _apply(result: str, request: Request) -> None:
    uri, question, args = result.partition("?")
    if not question:
        joined = request.args
    elif args == "" or result.endswith("?"):
        # A question mark at the end drops the client's arguments.
        joined = args.removesuffix("?")
    else:
        joined = f"{args}&{request.args}" if request.args else args
    request.uri = re.sub("/{2,}", "/", uri) if uri.startswith("/") else f"/{uri}"
    request.args = joined
    request.uri_untouched = False
    request.internal = True
