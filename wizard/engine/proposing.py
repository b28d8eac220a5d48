"""What may be done about a cause: its proposals, with the facts of this host filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from wizard.engine.known import Facts, Known
from wizard.engine.looking import Looks
from wizard.engine.wording import for_advice, on_this_host
from wizard.flows import shell, templates
from wizard.flows.conditions import evaluate
from wizard.flows.model import (
    EDIT,
    SHARING,
    Cause,
    PreventionTemplate,
    ProposalTemplate,
    Writing,
)
from wizard.model.change import TEXTS, Change
from wizard.model.evidence import Evidence
from wizard.model.finding import PATCH, Proposal


def proposals(
    cause: Cause, scope: str, known: Known, looks: Looks, here: Sequence[Writing] = ()
) -> tuple[Proposal, ...]:
    """The proposals that can be made here, in the words of this host.

    A diff is made, and tried, on the way. Those that are preferred here come first, else they
    stand in the order of the cause's record.
    """
    facts = known.as_client(scope)
    found: list[Proposal] = []
    preferred: list[Proposal] = []
    for number, usual in enumerate(cause.proposals, 1):
        template = for_advice(usual, here)
        if template is None:
            continue
        if template.instead and any(each.kind == "diff" for each in found):
            continue
        for look in template.looks:
            looks.use(look, scope)
        if not is_offered(template, facts):
            continue
        made = (
            _diff(template, cause, facts, looks, number, scope)
            if template.kind == "diff"
            else _plain(template, cause, facts)
        )
        made = None if made is None else on_this_host(made, here)
        if made is None:
            continue
        made = _with_others(made, template, looks, scope)
        found.append(made)
        if template.prefer is not None and evaluate(template.prefer, facts).truth == "true":
            preferred.append(made)
    return (*preferred, *(each for each in found if each not in preferred))


def _because(template: ProposalTemplate, facts: Facts) -> str:
    """The first reason that holds and whose facts are all known."""
    for reason in template.because:
        said = templates.fill(reason.say, facts)
        if evaluate(reason.when, facts).truth == "true" and not said.missing:
            return said.text
    return ""


def _with_others(made: Proposal, template: ProposalTemplate, looks: Looks, scope: str) -> Proposal:
    """With the other URLs that a restart of the service concerns."""
    if not scope or not template.interrupts_owner:
        return made
    urls = looks.use(SHARING, scope).facts
    named, count = urls.get("urls") or [], urls.get("count") or 0
    if not named:
        return made
    more = f" and {count - len(named)} more" if count > len(named) else ""
    also = f"the same service answers {', '.join(named)}{more}"
    return msgspec.structs.replace(made, touches=(*made.touches, also))


def is_offered(template: ProposalTemplate | PreventionTemplate, facts: Facts) -> bool:
    """Its condition holds here, and what it needs is known."""
    if template.when is not None and evaluate(template.when, facts).truth != "true":
        return False
    if templates.fill(template.title, facts).missing:
        return False
    return all(not templates.fill(f"{{{need}}}", facts).missing for need in template.needs)


def _plain(template: ProposalTemplate, cause: Cause, facts: Facts) -> Proposal | None:
    fill = templates.fill if template.kind == "advice" else shell.fill
    text = fill(template.text, facts)
    if text.missing:
        return None
    undo = fill(template.undo, facts)
    return Proposal(
        kind=template.kind,
        when=template.do,
        title=templates.fill(template.title, facts).text,
        text=text.text.rstrip("\n"),
        verify=shell.filled(template.verify or cause.verify, facts),
        undo="" if undo.missing else undo.text,
        because=_because(template, facts),
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
    then = shell.fill(template.then, facts)
    if then.missing:
        return None
    sharing = made.facts.get("shared_by") or []
    also = (f"also {', '.join(sharing)}",) if sharing else ()
    return Proposal(
        kind="diff",
        when=template.do,
        title=templates.fill(template.title, facts).text,
        text=diff,
        validated=passes,
        unchecked="" if passes else _why(made),
        checked_by=str(made.facts.get("check") or ""),
        then=then.text,
        because=_because(template, facts),
        verify=shell.filled(template.verify or cause.verify, facts),
        undo=f"sudo patch -R -p0 -d / < {PATCH}\n{then.text}".rstrip(),
        touches=(*_touches(template, facts), *also),
    )


def filled_changes(changes: Iterable[Change], facts: Facts) -> list[dict[str, Any]] | None:
    """The changes with the facts of this host; None where one of those is not known."""
    filled = []
    for change in changes:
        made = {name: templates.fill(getattr(change, name), facts) for name in TEXTS}
        if any(each.missing for each in made.values()):
            return None
        texts = {name: each.text for name, each in made.items()}
        filled.append(msgspec.to_builtins(msgspec.structs.replace(change, **texts)))
    return filled


def _why(made: Evidence) -> str:
    return str(made.facts.get("message") or "")


def _touches(template: ProposalTemplate, facts: Facts) -> tuple[str, ...]:
    return tuple(templates.fill(each, facts).text for each in template.touches)
