"""What may be done about a cause: its proposals, with the facts of this host filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wizard.engine.known import Facts, Known
from wizard.engine.looking import Looks
from wizard.flows import templates
from wizard.flows.conditions import evaluate
from wizard.flows.model import EDIT, Cause, ChangeTemplate, PreventionTemplate, ProposalTemplate
from wizard.model.evidence import Evidence
from wizard.model.finding import PATCH, Proposal


def proposals(cause: Cause, scope: str, known: Known, looks: Looks) -> tuple[Proposal, ...]:
    """The proposals that can be made here; a diff is made, and tried, on the way."""
    facts = known.as_client(scope)
    found: list[Proposal] = []
    for number, template in enumerate(cause.proposals, 1):
        if template.instead and any(each.kind == "diff" for each in found):
            continue
        if not is_offered(template, facts):
            continue
        made = (
            _diff(template, cause, facts, looks, number, scope)
            if template.kind == "diff"
            else _plain(template, cause, facts)
        )
        if made is not None:
            found.append(made)
    return tuple(found)


def is_offered(template: ProposalTemplate | PreventionTemplate, facts: Facts) -> bool:
    """Its condition holds here, and what it needs is known."""
    if template.when is not None and evaluate(template.when, facts).truth != "true":
        return False
    if templates.fill(template.title, facts).missing:
        return False
    return all(not templates.fill(f"{{{need}}}", facts).missing for need in template.needs)


def _plain(template: ProposalTemplate, cause: Cause, facts: Facts) -> Proposal | None:
    text = templates.fill(template.text, facts)
    if text.missing:
        return None
    undo = templates.fill(template.undo, facts)
    return Proposal(
        kind=template.kind,
        when=template.do,
        title=templates.fill(template.title, facts).text,
        text=text.text.rstrip("\n"),
        verify=templates.fill(template.verify or cause.verify, facts).text,
        undo="" if undo.missing else undo.text,
        touches=_touches(template, facts),
    )


def _diff(
    template: ProposalTemplate, cause: Cause, facts: Facts, looks: Looks, number: int, scope: str
) -> Proposal | None:
    """None where the edit cannot be made, or does not pass the proxy's own check."""
    changes = filled_changes(template.changes, facts)
    if changes is None:
        return None
    label = f"{cause.id} {number} {scope}".strip()
    made = looks.use_with(EDIT, label, scope, changes=changes)
    diff, passes = made.facts.get("diff"), made.facts.get("passes")
    if not diff or passes is False:
        return None
    then = templates.fill(template.then, facts).text
    sharing = made.facts.get("shared_by") or []
    also = (f"also {', '.join(sharing)}",) if sharing else ()
    return Proposal(
        kind="diff",
        when=template.do,
        title=templates.fill(template.title, facts).text,
        text=diff,
        validated=passes,
        unchecked="" if passes else _why(made),
        then=then,
        verify=templates.fill(template.verify or cause.verify, facts).text,
        undo=f"sudo patch -R -p0 -d / < {PATCH}\n{then}".rstrip(),
        touches=(*_touches(template, facts), *also),
    )


def filled_changes(changes: Iterable[ChangeTemplate], facts: Facts) -> list[dict[str, Any]] | None:
    """The changes with the facts of this host; None where one of those is not known."""
    filled = []
    for change in changes:
        texts = [
            templates.fill(each, facts)
            for each in (change.file, change.line, change.replace, change.to)
        ]
        if any(each.missing for each in texts):
            return None
        file, line, replace, to = (each.text for each in texts)
        filled.append(
            {
                "file": file, "line": int(line) if line.isdigit() else None, "replace": replace,
                "set": change.set, "add": change.add, "remove": change.remove,
                "to": to, "within": change.within, "block": change.block,
            }
        )  # fmt: skip
    return filled


def _why(made: Evidence) -> str:
    return str(made.facts.get("message") or "")


def _touches(template: ProposalTemplate, facts: Facts) -> tuple[str, ...]:
    return tuple(templates.fill(each, facts).text for each in template.touches)
