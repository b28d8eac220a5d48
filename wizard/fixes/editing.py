"""From the changes of a proposal to a diff of the live files, with the check of a copy."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from wizard.fixes import patch, sharing, trial
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Edited, Trial
from wizard.fixes.languages import LANGUAGES
from wizard.fixes.nginx_text import TextError
from wizard.model.change import Change
from wizard.model.evidence import Sighting
from wizard.proxies.facts import Instance

_PROXY_CHECK = "nginx -t"
_CHECKS = {
    "nginx": "nginx -t -p ... -c ...    # on a copy",
    "php-fpm": "php-fpm -t -y ...    # on a copy",
    "unit": "systemd-analyze verify ...    # on a copy",
}
"""How a person would check the same."""


def edited(instance: Instance, url: str | None, changes: list[Change]) -> Sighting:
    """The diff and what the files' own programs say of it."""
    command = _commands(changes)
    try:
        before, after = _texts(instance, url, changes)
        diff = "".join(patch.unified(path, before[path], after[path]) for path in before)
    except (EditError, TextError, patch.UnshowableError, OSError) as problem:
        return Sighting(
            status="unreadable", facts=Edited(), command=command,
            reading="the change cannot be made here", reason=str(problem),
        )  # fmt: skip
    if not diff:
        return Sighting(
            status="absent", facts=Edited(), command=command, reading="nothing would differ"
        )
    check, told = _tried(instance, changes, after)
    facts = Edited(
        diff=diff,
        files=list(before),
        passes=told.passes,
        check="" if check == _PROXY_CHECK else check,
        message=told.message or None,
        shared_by=sharing.by_lines(instance, url, _lines(instance, changes)),
    )
    return Sighting(
        status="present", facts=facts, reading=_reading(facts), raw=diff, command=command
    )


def _texts(
    instance: Instance, url: str | None, changes: Iterable[Change]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """The text of each file before (None where there is none yet) and after, by its real path.

    The last line of a file is changed first, and what comes above a line after all else that is
    done there, so that the lines of the others stay what they are.
    """
    before: dict[str, str | None] = {}
    after: dict[str, str] = {}
    for change in sorted(changes, key=_from_the_end):
        language = LANGUAGES[change.language]
        path = os.path.realpath(language.file_of(change))
        if path not in after:
            before[path] = trial.text_of(path) if os.path.exists(path) else None
            after[path] = before[path] or ""
        after[path] = language.changed(after[path], change, instance, url)
    return before, after


def _tried(
    instance: Instance, changes: list[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """Each language's check of its own files; the worst answer counts."""
    checks, worst = [], Trial(True)
    for name in dict.fromkeys(change.language for change in changes):
        own = [change for change in changes if change.language == name]
        files = {os.path.realpath(LANGUAGES[name].file_of(change)) for change in own}
        check, told = LANGUAGES[name].tried(instance, own, {path: after[path] for path in files})
        if told.passes is False:
            return check, told
        checks += [check] if told.passes else []
        worst = worst if told.passes else told
    return " and ".join(checks), worst


def _commands(changes: Iterable[Change]) -> str:
    names = dict.fromkeys(_CHECKS.get(change.language, "") for change in changes)
    return "; ".join(name for name in names if name) or _CHECKS["nginx"]


def _from_the_end(change: Change) -> tuple[int, bool]:
    return -(_line(change) or 0), bool(change.above)


def _line(change: Change) -> int | None:
    return int(change.line) if change.line.isdigit() else None


def _lines(instance: Instance, changes: Iterable[Change]) -> list[tuple[str, int | None]]:
    """The lines of the proxy's own files."""
    return [(each.file, _line(each)) for each in changes if each.language == instance.kind]


def _reading(facts: Edited) -> str:
    by = facts.check or "the proxy's own check"
    if facts.passes:
        return f"passes {by}, on a copy"
    if facts.passes is None:
        return f"could not be checked: {facts.message}"
    return f"does not pass {by}: {facts.message}"
