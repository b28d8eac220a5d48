"""What keeps a fault from coming back: made for what was found, the most helpful first."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence

import msgspec

from wizard.engine.known import Facts, Known
from wizard.engine.looking import Looks
from wizard.engine.proposing import filled_changes, is_offered
from wizard.engine.wording import command
from wizard.flows import shell, templates
from wizard.flows.conditions import paths
from wizard.flows.model import EDIT, Library, PreventionTemplate, Writing
from wizard.model.change import texts
from wizard.model.finding import PATCH, Prevention, Verdict
from wizard.model.masking import mask

_MOST = 6
"""More would be a list that nobody reads."""


def preventions(
    library: Library,
    verdict: Verdict,
    scope: str,
    known: Known,
    looks: Looks,
    here: Sequence[Writing] = (),
) -> tuple[Prevention, ...]:
    """What is worth doing after this verdict; its looks are made on the way."""
    scope = _server_of(scope, known)
    server = known.legs.server(scope) is not None
    fitting = [each for each in library.preventions.values() if _rank(each, verdict) is not None]
    ranked = sorted(fitting, key=lambda each: _rank(each, verdict) or 0)
    found: list[Prevention] = []
    for template in ranked:
        if len(found) == _MOST:
            break
        for name in _looks_about(template):
            record = library.looks.get(name)
            if record is not None and (server or not record.each):
                looks.use(name, scope)
        made = _made(template, scope, known, looks)
        if made is not None:
            found.append(_on_this_host(made, here))
    return tuple(found)


def _server_of(scope: str, known: Known) -> str:
    """The server that it is about; of a cause of the whole route the first one."""
    if known.legs.server(scope) is not None:
        return scope
    return next(iter(known.legs.servers(known.legs.of(scope).name)), scope)


def _rank(template: PreventionTemplate, verdict: Verdict) -> int | None:
    """Those against this cause, those against its step's, those against any; None for others."""
    if verdict.cause in template.serves:
        return 0
    if verdict.step in template.steps:
        return 1
    return None if template.serves or template.steps else 2


def _looks_about(template: PreventionTemplate) -> list[str]:
    written = [template.title, template.reason, template.text, template.where, template.put]
    for change in template.changes:
        written += texts(change)
    referred = [*template.needs, *(paths(template.when) if template.when is not None else ())]
    referred += [hole.path for text in written for hole in templates.holes(text)]
    return list(dict.fromkeys(path.partition(".")[0] for path in referred))


def _on_this_host(made: Prevention, here: Sequence[Writing]) -> Prevention:
    """With its commands as they are typed here."""
    apply, undo = command(made.apply, here), command(made.undo, here)
    return msgspec.structs.replace(made, apply=apply, undo=undo)


def _made(
    template: PreventionTemplate, scope: str, known: Known, looks: Looks
) -> Prevention | None:
    facts = known.as_client(scope)
    if not is_offered(template, facts):
        return None
    if template.kind == "diff":
        return _diff(template, facts, looks, scope)
    parts = [templates.fill(each, facts) for each in (template.text, template.put)]
    commands = shell.fill(template.then, facts)
    if commands.missing or any(each.missing for each in parts):
        return None
    text, put, then = (each.text for each in (*parts, commands))
    return Prevention(
        id=template.id,
        kind=template.kind,
        title=templates.fill(template.title, facts).text,
        reason=templates.fill(template.reason, facts).text,
        text=mask(text).rstrip("\n"),
        where=templates.fill(template.where, facts).text,
        file=template.file,
        apply="\n".join(applying(template, put, then)),
        undo="\n".join(undoing(template, put, then)),
    )


def applying(template: PreventionTemplate, put: str, then: str) -> Iterator[str]:
    """The commands that put the saved file at `put`; none where a person has to."""
    if not put:
        return
    if template.append:
        yield f"sudo cp -p {shlex.quote(put)} {shlex.quote(_before(put))}"
        yield f"sudo tee -a {shlex.quote(put)} < {shlex.quote(template.file)} > /dev/null"
    else:
        yield f"sudo install -D -m 644 {shlex.quote(template.file)} {shlex.quote(put)}"
    if then:
        yield then


def undoing(template: PreventionTemplate, put: str, then: str) -> Iterator[str]:
    """The commands that take it away again."""
    if not put:
        return
    if template.append:
        yield f"sudo mv {shlex.quote(_before(put))} {shlex.quote(put)}"
    else:
        yield f"sudo rm {shlex.quote(put)}"
    if then:
        yield then


def _before(path: str) -> str:
    return os.path.join(os.path.dirname(path), f"{os.path.basename(path)}.before")


def _diff(
    template: PreventionTemplate, facts: Facts, looks: Looks, scope: str
) -> Prevention | None:
    """None where the edit cannot be made, or does not pass the proxy's own check."""
    changes = filled_changes(template.changes, facts)
    if changes is None:
        return None
    made = looks.use_with(EDIT, f"{template.id} {scope}".strip(), scope, changes=changes)
    diff, passes = made.facts.get("diff"), made.facts.get("passes")
    if not diff or passes is False:
        return None
    then = shell.filled(template.then, facts)
    return Prevention(
        id=template.id,
        kind="diff",
        title=templates.fill(template.title, facts).text,
        reason=templates.fill(template.reason, facts).text,
        text=diff,
        where=templates.fill(template.where, facts).text,
        file=PATCH,
        apply=f"sudo patch -p0 -d / < {PATCH}\n{then}".rstrip(),
        undo=f"sudo patch -R -p0 -d / < {PATCH}\n{then}".rstrip(),
        validated=passes,
        unchecked="" if passes else str(made.facts.get("message") or ""),
    )
