"""From the changes of a proposal to a diff of the live files, with the check of a copy."""

from __future__ import annotations

import os
from collections.abc import Iterable

from wizard.fixes import edits, patch, sharing, trial
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Change, Edited
from wizard.fixes.nginx_text import TextError, directives, every
from wizard.model.evidence import Sighting
from wizard.model.route import Place
from wizard.proxies.adapters import adapter_for
from wizard.proxies.facts import Instance


def edited(instance: Instance, url: str | None, changes: list[Change]) -> Sighting:
    """The diff and what the proxy's own check says of it."""
    command = "nginx -t -p ... -c ...    # on a copy"
    try:
        before, after = _texts(instance, url, changes)
        diff = "".join(patch.unified(path, before[path], after[path]) for path in before)
    except (EditError, TextError, patch.UnshowableError, OSError) as problem:
        return Sighting(
            status="unreadable", facts=Edited(), command=command,
            reading="the change cannot be made here", reason=str(problem),
        )  # fmt: skip
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
        shared_by=sharing.by_lines(instance, url, ((each.file, each.line) for each in changes)),
    )
    return Sighting(
        status="present", facts=facts, reading=_reading(told), raw=diff, command=command
    )


def _texts(
    instance: Instance, url: str | None, changes: Iterable[Change]
) -> tuple[dict[str, str], dict[str, str]]:
    """The text of each file before and after, by its real path.

    The last line of a file is changed first, and what comes above a line after all else that is
    done there, so that the lines of the others stay what they are.
    """
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for change in sorted(changes, key=_from_the_end):
        path = os.path.realpath(change.file)
        if path not in after:
            before[path] = after[path] = trial.text_of(path)
        inherited = _inherited(instance, url, change) if _has_key(change.add) else []
        after[path] = _changed(after[path], change, inherited)
    return before, after


def _from_the_end(change: Change) -> tuple[int, bool]:
    return -(change.line or 0), bool(change.above)


def _has_key(name: str) -> bool:
    """Directives whose first argument is a name, and which a block has from outside as a whole."""
    return name.endswith(("_set_header", "_param"))


def _inherited(instance: Instance, url: str | None, change: Change) -> list[str]:
    """The statements of this name that the URL's location has from outer levels, as written.

    Raises:
        EditError: an included file sets the same header, for others too.
    """
    adapter = adapter_for(instance.kind)
    if adapter is None or url is None:
        return []
    places: list[Place] = []
    for each in adapter.route(instance, url).settings:
        if each.name != change.add or each.place is None:
            continue
        key = change.to.partition(" ")[0].lower()
        own_file = os.path.realpath(each.place.file) == os.path.realpath(change.file)
        if not each.inherited and not own_file and each.value.lower().startswith(f"{key} "):
            raise EditError(f"`{each.name} {each.value}` stands in {each.place}, an included file")
        if each.inherited and each.place not in places:
            places.append(each.place)
    return [said for place in places for said in _written(place, change.add)]


def _written(place: Place, name: str) -> list[str]:
    text = trial.text_of(place.file)
    return [
        text[each.start : each.end]
        for each in every(directives(text))
        if each.line == place.line and each.name == name
    ]


def _changed(text: str, change: Change, inherited: Iterable[str]) -> str:
    if change.set:
        arguments = change.to.split()
        return edits.set_in(text, change.line, change.set, *arguments, within=change.within or None)
    if _has_key(change.add):
        arguments = change.to.split()
        return edits.put_in(
            text, change.line, change.add, *arguments,
            within=change.within or None, inherited=inherited,
        )  # fmt: skip
    if change.add:
        arguments = change.to.split()
        return edits.add_in(text, change.line, change.add, *arguments, within=change.within or None)
    if change.line is None:
        raise EditError("no line is known")
    if change.above:
        return edits.put_above(text, change.line, change.above, within=change.within or None)
    if change.replace:
        return edits.replace_in(text, change.line, change.replace, change.to)
    return edits.remove(text, change.line, change.remove)


def _reading(told: trial.Trial) -> str:
    if told.passes:
        return "passes the proxy's own check, on a copy"
    if told.passes is None:
        return f"could not be checked: {told.message}"
    return f"does not pass the proxy's own check: {told.message}"
