"""`wizard sessions`: what was kept, as a list; removing it, and keeping it for good."""

from __future__ import annotations

import argparse
import os
import sys
import time

from wizard import output
from wizard.model.span import rounded
from wizard.model.text import one_line
from wizard.options import Refused
from wizard.report.words import at_home
from wizard.sessions import pruning
from wizard.sessions.kept import SessionError, named
from wizard.sessions.listing import Listed, Problem, listed

_MOST_SHOWN = 20
_WIDTH = 80
_URL, _VERDICT = 200, 400


def run(options: argparse.Namespace) -> int:
    """Do it; the exit status.

    Raises:
        Refused: there is no such session, or it cannot be changed.
    """
    try:
        if options.action == "prune":
            return _prune(options)
        if options.action in ("keep", "release"):
            return _mark(options)
    except SessionError as problem:
        raise Refused(str(problem)) from problem
    rows, problems = listed()
    if options.json:
        output.page(_as_json(rows, problems))
    else:
        output.page(_as_text(rows if options.all else rows[:_MOST_SHOWN], len(rows)))
        for each in problems:
            output.warn(f"{at_home(each.path)} is not listed: {each.why}.")
    return 0


def _as_text(rows: list[Listed], total: int) -> str:
    if not rows:
        return "No session of yours is kept here yet: wizard URL makes one."
    now = time.time()
    lines = [line for row in rows for line in _two_lines(row, now)]
    if total > len(rows):
        lines += ["", f"{total - len(rows)} older ones: wizard sessions --all"]
    return "\n".join(lines)


def _two_lines(row: Listed, now: float) -> list[str]:
    """What was looked into, when and where; then what came of it."""
    state = f"{row.state}, kept" if row.is_kept else row.state
    ago = f"{rounded(now - row.started)} ago" if row.started else ""
    more = f" and {row.more} more" if row.more else ""
    url = f"{one_line(row.url, _URL)}{more}"
    host = f" on {one_line(row.host, _URL)}" if row.host else ""
    first = f"{row.id}  {ago:<10} {state:<16} {row.status or '-':<4}{url}{host}"
    return [_cut(first, _WIDTH), f"    {_cut(one_line(_verdict(row), _VERDICT), _WIDTH - 4)}"]


def _cut(text: str, width: int) -> str:
    text = text.rstrip()
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _verdict(row: Listed) -> str:
    if row.problem:
        return row.problem
    if not row.outcome:
        return "no verdict yet"
    return f"{row.confidence}: {row.verdict}" if row.confidence else row.verdict


def _as_json(rows: list[Listed], problems: list[Problem]) -> str:
    import json

    return json.dumps(
        {
            "schema": "wizard/sessions/1",
            "sessions": [
                {
                    "id": row.id, "state": row.state, "started": row.started or None,
                    "changed": row.changed or None, "host": row.host, "user": row.user,
                    "url": row.url, "status": row.status, "outcome": row.outcome or None,
                    "verdict": row.verdict, "confidence": row.confidence or None,
                    "further_urls": row.more, "kept": row.is_kept, "path": os.fspath(row.path),
                    "problem": row.problem,
                }
                for row in rows
            ],
            "not_listed": [{"path": os.fspath(path), "why": why} for path, why in problems],
        },
        indent=2,
    )  # fmt: skip


def _mark(options: argparse.Namespace) -> int:
    session = named(options.session)
    pruning.mark(session, options.action == "keep")
    output.page(
        f"{session.id} stays until you remove it."
        if options.action == "keep"
        else f"{session.id} goes with the others again, once it is old."
    )
    return 0


def _prune(options: argparse.Namespace) -> int:
    """Remove what the rules say, once the person has said yes."""
    chosen = pruning.too_many(time.time(), options.older_than, options.keep)
    if not chosen:
        output.page("There is nothing to remove.")
        return 0
    for each in chosen:
        ago = rounded(time.time() - each.changed)
        output.page(f"{each.session.id}  last written {ago} ago")
    if options.dry_run:
        output.page(f"{_count(len(chosen))} would be removed.")
        return 0
    if not options.yes and not _agreed(len(chosen)):
        output.page("Nothing was removed.")
        return 0
    removed = 0
    for each in chosen:
        try:
            pruning.remove(each.session)
            removed += 1
        except SessionError as problem:
            output.warn(str(problem))
    output.page(f"{_count(removed)} removed.")
    return 0 if removed == len(chosen) else 1


def _agreed(many: int) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Refused("Nobody is there to say yes: --yes removes them, --dry-run only lists them.")
    output.line_begun(f"Remove {_count(many)} for good? (y, Enter for no) ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _count(many: int) -> str:
    return f"{many} session{'' if many == 1 else 's'}"
