"""nginx's configuration: directives, edited where they stand; `nginx -t` on a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wizard.fixes import edits, trial
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Trial
from wizard.model.change import Change
from wizard.proxies.facts import Instance

NAME = "nginx"


def file_of(change: Change) -> str:
    """The file that the change names."""
    return change.file


def changed(text: str, change: Change) -> str:
    """The text with a directive changed, added or taken out."""
    line = int(change.line) if change.line.isdigit() else None
    within = change.within or None
    if change.set:
        return edits.set_in(text, line, change.set, *change.to.split(), within=within)
    if change.add:
        return edits.add_in(text, line, change.add, *change.to.split(), within=within)
    if line is None:
        raise EditError("no line is known")
    if change.replace:
        return edits.replace_in(text, line, change.replace, change.to)
    return edits.remove(text, line, change.remove)


def tried(
    instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """What `nginx -t` says of a copy of the whole configuration."""
    return "nginx -t", trial.tried(instance, after)
