"""Proposals and other commands in the words of the host that they are for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wizard.engine.known import Facts
from wizard.fixes.commands import advised, written
from wizard.flows.conditions import evaluate
from wizard.flows.model import Library, ProposalTemplate, Writing
from wizard.model.finding import Proposal, application


def writings(library: Library, facts: Facts) -> tuple[Writing, ...]:
    """How commands are written on this host; none where what it is cannot be told."""
    return tuple(each for each in library.hosts if evaluate(each.when, facts).truth == "true")


def for_advice(template: ProposalTemplate, here: Sequence[Writing]) -> ProposalTemplate | None:
    """A proposal before its facts are filled in; None for advice on what is not there."""
    if template.kind != "advice" or not here:
        return template
    text = advised(template.text, here)
    return None if text is None else msgspec.structs.replace(template, text=text)


def on_this_host(proposal: Proposal, here: Sequence[Writing]) -> Proposal | None:
    """The proposal with its commands as they are typed here; None where they cannot be."""
    if not here:
        return proposal
    undo, verify = written(proposal.undo, here), written(proposal.verify, here)
    text: str | None = proposal.text
    then: str | None = proposal.then
    if proposal.kind == "command":
        text = written(proposal.text, here)
        if not text:
            return None
    elif proposal.kind == "diff":
        then = written(proposal.then, here)
        if then is None:
            return None
    apply = written(application(proposal), here)
    return msgspec.structs.replace(
        proposal, text=text, then=then, undo=undo or "", verify=verify or "", apply=apply or ""
    )


def command(text: str, here: Sequence[Writing]) -> str:
    """A command as it is typed here; empty where it cannot be."""
    return written(text, here) or "" if here else text
