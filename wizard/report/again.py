"""What came of asking again: before and after, and how many of how many failed."""

from __future__ import annotations

from wizard.model.events import Verified, Watched
from wizard.model.text import one_line
from wizard.report.moment import of_day


def outcome(verified: Verified) -> str:
    """The sentence that says whether it is mended."""
    if verified.mended:
        return "It is mended: the site answers well now."
    if verified.unclear:
        return f"It is not clear whether it is mended: {one_line(verified.unclear, 400)}."
    return "It is not mended: the site still fails."


def before_and_after(verified: Verified) -> list[tuple[str, str]]:
    """What the client got then and gets now, each with its label."""
    return [
        ("before:", one_line(verified.before) or "no answer"),
        ("now:   ", one_line(verified.after) or "no answer"),
    ]


def watched(watched: Watched) -> str:
    """`0 of 120 requests failed in 60 s.`, with what the failed ones got."""
    what = f"{watched.failed} of {watched.asked} requests failed in {watched.seconds:.0f} s"
    kinds = ", ".join(f"{often} x {one_line(kind, 60)}" for kind, often in watched.failures.items())
    stopped = ", stopped early" if watched.stopped else ""
    return f"{what}{stopped}{f': {kinds}' if kinds else ''}."


def render(url: str, verdict: str, verified: Verified, kept: str) -> str:
    """A page for a person: what was, what is, what decided the verdict then and says now."""
    lines = [f"{one_line(url)} asked again at {of_day(verified.at)}.", outcome(verified), ""]
    lines += [f"  {label} {text}" for label, text in before_and_after(verified)]
    if verified.looks:
        lines += ["", f"What decided the verdict ({one_line(verdict)}):"]
    for each in verified.looks:
        scope = f" ({one_line(each.scope)})" if each.scope else ""
        if each.before == each.after:
            lines.append(f"  {one_line(each.title)}{scope}: as before: {one_line(each.after)}")
            continue
        lines.append(f"  {one_line(each.title)}{scope}")
        lines += [f"    before: {one_line(each.before)}", f"    now:    {one_line(each.after)}"]
    lines += ["", kept]
    return "\n".join(lines) + "\n"
