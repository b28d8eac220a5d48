"""The report for a chat: exactly seven lines of ASCII, whatever came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wizard.model.events import Concluded
from wizard.model.finding import Proposal, Verdict
from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.ascii import ascii_only
from wizard.report.words import answer, at_home, made_by

_LONGEST = 240
_LONGEST_COMMAND = 1000
"""A command that is cut is worse than none."""


def render(sessions: Sequence[Session], kept: Path | None, more: str = "more with --text") -> str:
    """Seven lines about the first session; `more` says where the rest is."""
    session = sessions[0]
    ended = session.conclusion
    name = session.incident.hostname if session.incident else ""
    lines = [
        f"{answer(session)}{f' (on {name})' if name else ''}{_others(sessions[1:])}",
        f"Whose error: {_whose(session, ended)}",
        *_middle(session, ended),
        f"Session: {session.id or 'none'}{f', kept in {at_home(kept)}' if kept else ''}; {more}",
    ]
    return "".join(f"{line}\n" for line in map(_plain, lines))


def _whose(session: Session, ended: Concluded | None) -> str:
    if ended is not None and ended.outcome == "healthy":
        return "there is none"
    return made_by(session) or "not known"


def _middle(session: Session, ended: Concluded | None) -> tuple[str, str, str, str]:
    if ended is None:
        return "Cause: the walk was stopped", "Confidence: none", "Chain: -", "First: -"
    if ended.verdicts:
        return _cause(ended.verdicts[0], len(ended.verdicts) - 1)
    untested = ", ".join(each.look for each in ended.untested) or "nothing"
    if ended.outcome == "healthy":
        return (
            "Cause: none, nothing wrong found",
            f"Looked at: {len(session.evidence)} looks, {len(session.path)} questions",
            f"Not looked at: {untested}",
            "First: nothing to do",
        )
    ruled_out = ", ".join(dict.fromkeys(each.title for each in ended.ruled_out)) or "nothing"
    settle = next((each.settle_with for each in ended.untested if each.settle_with), "not known")
    return (
        f"Cause: not proven. {ended.summary}",
        f"Ruled out: {ruled_out}",
        f"Not looked at: {untested}",
        f"Would settle it: {settle}",
    )


def _cause(verdict: Verdict, more: int) -> tuple[str, str, str, str]:
    others = f" (and {more} more)" if more else ""
    return (
        f"Cause: {verdict.title}: {verdict.subject}{others}",
        f"Confidence: {verdict.confidence}, {verdict.confidence_rule}",
        f"Chain: {' -> '.join(verdict.chain)}",
        f"First: {_first_step(verdict.proposals)}",
    )


def _first_step(proposals: Sequence[Proposal]) -> str:
    """The first command to type, else the title of what to do."""
    for when in ("now", "lasting"):
        for proposal in proposals:
            if proposal.when == when and proposal.kind == "command":
                lines = [line for line in proposal.text.splitlines() if line.strip()]
                if len(lines) == 1 and len(lines[0]) <= _LONGEST_COMMAND:
                    return lines[0].strip()
                return f"{proposal.title} ({len(lines)} commands, see --text)"
    return f"{proposals[0].title} (see --text)" if proposals else "no proposal"


def _others(sessions: Sequence[Session]) -> str:
    broken = [each for each in sessions if each.conclusion and each.conclusion.outcome != "healthy"]
    return f"; {len(broken)} more broken" if broken else ""


def _plain(line: str) -> str:
    limit = _LONGEST_COMMAND + 40 if line.startswith(("First:", "Would settle")) else _LONGEST
    # Cut first and drawn afterwards: the mark of the cut is no ASCII.
    return ascii_only(one_line(line, limit))
