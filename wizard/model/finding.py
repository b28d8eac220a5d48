"""What was concluded: findings, the chain between them, the verdict and what to do about it."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Confidence = Literal["suspected", "supported", "confirmed"]
"""A ladder with one rule a rung; the rules stand in `wizard.engine.confidence`."""

Truth = Literal["true", "false", "unknown"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One `field|op: value` that was looked at, with what it compared."""

    field: str
    operator: str
    wanted: str
    """The right side, as text."""
    actual: str
    """The left side, as text; `unknown` when it could not be had."""
    holds: Truth
    evidence: str | None = None
    """Id of the evidence that the left side came from."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A cause or a consequence that a rule named, about a subject."""

    cause: str
    subject: str
    scope: str
    """The upstream server it concerns; empty when it concerns the whole route."""
    node: str
    rule: int
    said: str
    """The rule's sentence, filled in."""
    evidence: tuple[str, ...]
    """Never empty: no finding without evidence."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One finding explains another."""

    cause: Finding
    effect: Finding


class RuledOut(msgspec.Struct, frozen=True, kw_only=True):
    """A cause that was looked for and is not there, with the comparison that says so."""

    cause: str
    title: str
    subject: str
    because: str
    evidence: tuple[str, ...]


class Untested(msgspec.Struct, frozen=True, kw_only=True):
    """A look that could not be had, and what would settle it."""

    look: str
    because: str
    settle_with: str
    causes: tuple[str, ...] = ()
    """Causes that it would have decided."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person may do about a cause. The wizard never does it."""

    kind: Literal["command", "diff", "advice"]
    when: Literal["now", "lasting"]
    title: str
    text: str
    validated: bool | None = None
    """A diff that passed the proxy's own check on a copy; None where there is nothing to check."""
    unchecked: str = ""
    """Why a diff could not be checked."""
    checked_by: str = ""
    """What checked it, where that was not the proxy's own check alone: `php-fpm8.2 -t`."""
    then: str = ""
    """The command that makes an applied diff take effect."""
    because: str = ""
    """Why it stands before or after another way; empty where there is none to choose."""
    apply: str = ""
    """The commands that apply a diff, where this host takes others than the usual ones."""
    verify: str = ""
    undo: str = ""
    touches: tuple[str, ...] = ()
    """What it reloads, restarts, interrupts or changes for others."""


MASKED = re.compile(r"\[masked:(?:[a-z-]{1,31}-)?\d+\]")
"""What stands in the place of a secret (`wizard.model.masking`)."""

PATCH = "fix.patch"
"""What a diff is called in the commands that apply it and take it back."""


def checked(proposal: Proposal) -> str:
    """A sentence on what the proxy's own check says of a diff; empty where there is none."""
    if proposal.validated is True:
        by = f"`{proposal.checked_by}`" if proposal.checked_by else "The proxy's own check"
        return f"{by} passes with this change (tried on a copy)."
    if proposal.validated is False:
        return "The proxy's own check does not pass with this change: look at it first."
    if proposal.kind == "diff":
        return f"Not checked on a copy: {proposal.unchecked or 'no reason is known'}."
    return ""


def secret(proposal: Proposal) -> str:
    """A sentence on the secrets that stand masked in it; empty where none do."""
    found = MASKED.search(proposal.text)
    if found is None:
        return ""
    if proposal.kind == "diff":
        return (
            f"A changed line holds a secret, shown as {found.group()}, so it does not apply as it "
            "stands. With the secret in it: wizard export --patch --with-secrets -o FILE"
        )
    return f"A secret of this host is shown as {found.group()}: put it in its place before use."


def application(proposal: Proposal) -> str:
    """The commands that apply a diff which was saved as a file; empty for anything else."""
    if proposal.kind != "diff" or proposal.apply:
        return proposal.apply
    return f"sudo patch -p0 -d / < {PATCH}\n{proposal.then}".rstrip()


class Prevention(msgspec.Struct, frozen=True, kw_only=True):
    """Something that keeps what was found from coming back, or makes it seen sooner."""

    id: str
    kind: Literal["code", "diff", "drop-in", "rules", "settings"]
    title: str
    reason: str
    """Why it is worth the trouble, in one sentence."""
    text: str
    """What goes into a file, whole; of a diff the diff."""
    where: str = ""
    """Where it belongs, in a sentence."""
    file: str = ""
    """The name under which it is saved."""
    apply: str = ""
    """The commands that put the saved file in its place; empty where a person has to."""
    undo: str = ""
    validated: bool | None = None
    """A diff that passed the proxy's own check on a copy; None where there is nothing to check."""
    unchecked: str = ""
    """Why a diff could not be checked."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A root cause with the chain to the symptom and what it rests on."""

    cause: str
    title: str
    subject: str
    step: str
    confidence: Confidence
    confidence_rule: str
    """The sentence that gave the rung: which kinds agree, which control succeeded."""
    said: str
    chain: tuple[str, ...]
    """Cause ids from this cause to the symptom."""
    chain_titles: tuple[str, ...]
    evidence: tuple[str, ...]
    proposals: tuple[Proposal, ...]
    verify: str = ""
