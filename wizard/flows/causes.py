"""Builds causes out of their entries, with their controls and proposals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wizard.flows.document import Item
from wizard.flows.entries import Entry, items, read_entry, text, texts
from wizard.flows.mistakes import did_you_mean
from wizard.flows.model import Cause, Control, ProposalTemplate
from wizard.flows.names import Names, check_commands, check_templates
from wizard.flows.phrases import Context
from wizard.flows.shape import CAUSE, CHANGE, CONTROL, PROPOSAL
from wizard.model.change import TEXTS, Change

_ACTS = ("replace", "set", "option", "add", "remove", "above", "block")


def build_causes(names: Names) -> dict[str, Cause]:
    """Build all causes."""
    built = {name: _cause(names, name, item) for name, item in names.causes.items()}
    return {name: cause for name, cause in built.items() if cause is not None}


def _cause(names: Names, name: str, item: Item) -> Cause | None:
    entry = read_entry(item, CAUSE, f"cause `{name}`", names.mistakes)
    if entry is None:
        return None
    context = names.context(has_server=True)
    names.check_causes(entry, "explains")
    check_commands(entry, context, "verify")
    optional: dict[str, Any] = {key: entry[key].value for key in ("kind", "step") if key in entry}
    return Cause(
        id=name,
        title=text(entry, "title"),
        statuses=tuple(each.value for each in items(entry, "statuses")),
        explains=texts(entry, "explains"),
        look_alikes=_notes(entry, "look_alikes"),
        about=text(entry, "about"),
        control=tuple(_controls(names, entry, "control", context)),
        against=tuple(_controls(names, entry, "against", context)),
        proposals=tuple(_proposals(names, entry, context)),
        verify=text(entry, "verify"),
        by_hand=texts(entry, "by_hand"),
        proofs=_notes(entry, "proofs"),
        unmended=text(entry, "unmended"),
        prevent=texts(entry, "prevent"),
        see=texts(entry, "see"),
        place=item.place,
        **optional,
    )


def _notes(entry: Entry, key: str) -> dict[str, str]:
    notes = entry[key].value if key in entry else {}
    return {name: each.value.rstrip("\n") for name, each in notes.items()}


def _controls(names: Names, entry: Entry, key: str, context: Context) -> Iterator[Control]:
    for item in items(entry, key):
        control = read_entry(item, CONTROL, f"`{key}`", names.mistakes)
        if control is None or "when" not in control:
            continue
        check_templates(control, context, "say")
        when = context.condition(control["when"])
        if when is not None:
            yield Control(when=when, say=text(control, "say"), place=item.place)


def _proposals(names: Names, cause: Entry, context: Context) -> Iterator[ProposalTemplate]:
    for item in items(cause, "proposals"):
        entry = read_entry(item, PROPOSAL, "proposal", names.mistakes)
        if entry is None or "kind" not in entry:
            continue
        check_templates(entry, context, "title", "touches")
        check = check_templates if entry["kind"].value == "advice" else check_commands
        check(entry, context, "text", "then", "undo")
        check_commands(entry, context, "verify")
        for look in items(entry, "looks"):
            if look.value not in names.looks:
                hint = did_you_mean(look.value, names.looks)
                names.mistakes.add(look.place, f"no look is named `{look.value}`", hint)
        for need in items(entry, "needs"):
            context.fact(need.value, need.place)
        yield ProposalTemplate(
            kind=entry["kind"].value,
            do=entry["do"].value if "do" in entry else "lasting",
            title=text(entry, "title"),
            text=text(entry, "text"),
            changes=tuple(build_changes(names, entry, context)),
            then=text(entry, "then"),
            instead=bool(entry["instead"].value) if "instead" in entry else False,
            looks=texts(entry, "looks"),
            needs=texts(entry, "needs"),
            when=context.condition(entry["when"]) if "when" in entry else None,
            prefer=context.condition(entry["prefer"]) if "prefer" in entry else None,
            because=tuple(_controls(names, entry, "because", context)),
            verify=text(entry, "verify"),
            undo=text(entry, "undo"),
            touches=texts(entry, "touches"),
            place=item.place,
        )


def build_changes(names: Names, proposal: Entry, context: Context) -> Iterator[Change]:
    """Build the edits of a diff."""
    if ("changes" in proposal) is not (proposal["kind"].value == "diff"):
        names.mistakes.add(proposal["kind"].place, "a `diff` has `changes`, and nothing else has")
    for item in items(proposal, "changes"):
        entry = read_entry(item, CHANGE, "change", names.mistakes)
        if entry is None:
            continue
        if sum(act in entry for act in _ACTS) != 1:
            names.mistakes.add(item.place, f"a change has one of {', '.join(_ACTS)}")
        if ("unit" in entry) is not (text(entry, "language") == "unit"):
            names.mistakes.add(item.place, "a change of the language `unit` has a `unit`")
        if ("unit" in entry) is ("file" in entry):
            names.mistakes.add(item.place, "a change has a `file` or a `unit`")
        check_templates(entry, context, *TEXTS)
        words: dict[str, Any] = {key: text(entry, key) for key in CHANGE if key in entry}
        yield Change(**words)
