"""From the changes of a proposal to a diff of the live files, with the check of a copy."""

from __future__ import annotations

import os
from collections.abc import Iterable

from wizard.fixes import blocks, edits, patch, trial
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Change, Edited
from wizard.model.evidence import Sighting
from wizard.model.route import Place, Route
from wizard.proxies.adapters import adapter_for
from wizard.proxies.facts import Instance

_MOST_ROUTES = 200
_MOST_SHARING = 12


def edited(instance: Instance, url: str | None, changes: list[Change]) -> Sighting:
    """The diff and what the proxy's own check says of it."""
    command = "nginx -t -p ... -c ...    # on a copy"
    try:
        before, after = _texts(changes)
    except (EditError, OSError) as problem:
        return Sighting(
            status="unreadable", facts=Edited(), command=command,
            reading="the change cannot be made here", reason=str(problem),
        )  # fmt: skip
    diff = "".join(patch.unified(path, before[path], after[path]) for path in before)
    if not diff:
        return Sighting(
            status="absent", facts=Edited(), command=command, reading="nothing would differ"
        )
    told = trial.tried(instance, after)
    facts = Edited(
        diff=diff,
        files=list(before),
        passes=told.passes,
        message=told.message or None,
        shared_by=_sharing(instance, url, changes),
    )
    return Sighting(
        status="present", facts=facts, reading=_reading(told), raw=diff, command=command
    )


def _texts(changes: Iterable[Change]) -> tuple[dict[str, str], dict[str, str]]:
    """The text of each file before and after, by its real path.

    The last line of a file is changed first, so that the lines of the others stay what they are.
    """
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for change in sorted(changes, key=lambda each: each.line or 0, reverse=True):
        path = os.path.realpath(change.file)
        if path not in after:
            before[path] = after[path] = trial.text_of(path)
        after[path] = _changed(after[path], change)
    return before, after


def _changed(text: str, change: Change) -> str:
    if change.set:
        arguments = change.to.split()
        return edits.set_in(text, change.line, change.set, *arguments, within=change.within or None)
    if change.add:
        arguments = change.to.split()
        return edits.add_in(text, change.line, change.add, *arguments, within=change.within or None)
    if change.line is None:
        raise EditError("no line is known")
    if change.block:
        place = blocks.last if change.block == "last" else blocks.before
        return place(text, change.line, change.to, within=change.within or None)
    if change.replace:
        return edits.replace_in(text, change.line, change.replace, change.to)
    return edits.remove(text, change.line, change.remove)


def _sharing(instance: Instance, url: str | None, changes: Iterable[Change]) -> list[str]:
    """Other URLs whose listener, location, group or server stands on a changed line."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return []
    places = {(os.path.realpath(each.file), each.line) for each in changes}
    found = []
    for way in adapter.urls(instance)[:_MOST_ROUTES]:
        if way.url != url and places & _places(adapter.route(instance, way.url)):
            found.append(way.url)
    return found[:_MOST_SHARING]


def _places(route: Route) -> set[tuple[str, int | None]]:
    every: list[Place | None] = [
        route.location_place, route.pass_place, route.upstream_place,
        *(server.place for server in route.servers),
    ]  # fmt: skip
    return {(os.path.realpath(place.file), place.line) for place in every if place is not None}


def _reading(told: trial.Trial) -> str:
    if told.passes:
        return "passes the proxy's own check, on a copy"
    if told.passes is None:
        return f"could not be checked: {told.message}"
    return f"does not pass the proxy's own check: {told.message}"
