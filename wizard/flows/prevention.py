"""Builds what is offered after a verdict so that the fault does not come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from wizard.flows.causes import build_changes
from wizard.flows.document import Item
from wizard.flows.entries import items, read_entry, text, texts
from wizard.flows.mistakes import did_you_mean
from wizard.flows.model import PreventionTemplate, Step
from wizard.flows.names import Names, check_commands, check_templates
from wizard.flows.shape import PREVENTION

_TEMPLATES = ("title", "reason", "text", "where", "put")


def build_preventions(names: Names, raw: Mapping[str, Item]) -> dict[str, PreventionTemplate]:
    """Build all preventions, in the order of their files."""
    built = {name: _prevention(names, name, item) for name, item in raw.items()}
    return {name: each for name, each in built.items() if each is not None}


def _prevention(names: Names, name: str, item: Item) -> PreventionTemplate | None:
    entry = read_entry(item, PREVENTION, f"prevention `{name}`", names.mistakes)
    if entry is None or "kind" not in entry:
        return None
    context = names.context(has_server=True)
    check_templates(entry, context, *_TEMPLATES)
    check_commands(entry, context, "then")
    names.check_causes(entry, "serves")
    for need in items(entry, "needs"):
        context.fact(need.value, need.place)
    for step in items(entry, "steps"):
        if step.value not in get_args(Step):
            hint = did_you_mean(step.value, get_args(Step))
            names.mistakes.add(step.place, f"unknown step `{step.value}`", hint)
    if entry["kind"].value != "diff" and not ("text" in entry and "file" in entry):
        names.mistakes.add(item.place, f"prevention `{name}` has neither a diff nor text and file")
    return PreventionTemplate(
        id=name,
        kind=entry["kind"].value,
        title=text(entry, "title"),
        reason=text(entry, "reason"),
        text=text(entry, "text"),
        changes=tuple(build_changes(names, entry, context)),
        where=text(entry, "where"),
        file=text(entry, "file"),
        put=text(entry, "put"),
        append="append" in entry and bool(entry["append"].value),
        then=text(entry, "then"),
        serves=texts(entry, "serves"),
        steps=texts(entry, "steps"),
        needs=texts(entry, "needs"),
        when=context.condition(entry["when"]) if "when" in entry else None,
        place=item.place,
    )
