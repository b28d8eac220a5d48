"""The proxy's folders for temporary files: has their file system room, may the worker write there?

Judged from statvfs(3) and from modes and owners, never by writing.
"""

from __future__ import annotations

import os
import shlex
from typing import Any

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import clean, one_line
from wizard.probes.declare import probe
from wizard.probes.files import blocked_at, space_of
from wizard.probes.rights import SEARCH, WRITE, Account, account, group_name, may, user_name


class Temporary(msgspec.Struct, frozen=True, kw_only=True):
    """The folder for request bodies and the one for answers."""

    judged_for: str | None = None
    body_path: str | None = None
    body_full: bool | None = None
    """No free blocks or inodes for an ordinary user."""
    body_mount: str | None = None
    body_free_bytes: int | None = None
    body_writable: bool | None = None
    """The worker's user may make files there; None where it could not be seen."""
    body_owner: str | None = None
    """`www-data:root 0700`, of the folder that stops it, else of the last one."""
    body_blocked_at: str | None = None
    """The folder that stops it."""
    body_user: str | None = None
    """Who owns that folder, and its mode: `root`, `0700`."""
    body_mode: str | None = None
    answer_path: str | None = None
    answer_full: bool | None = None
    answer_mount: str | None = None
    answer_free_bytes: int | None = None
    answer_writable: bool | None = None
    answer_owner: str | None = None
    answer_blocked_at: str | None = None
    answer_user: str | None = None
    answer_mode: str | None = None


@probe("files.temporary", kind="files", facts=Temporary)
def temporary(
    *, body: str | None = None, answer: str | None = None, user: str | None = None
) -> Sighting:
    """Room and rights of the two folders, for the user that the workers run as."""
    paths = {kind: path for kind, path in (("body", body), ("answer", answer)) if path}
    if not paths:
        return Sighting(status="unreadable", reason="the configuration names no folder", remedy="")
    quoted = " ".join(map(shlex.quote, paths.values()))
    command = f"df -h {quoted}; df -i {quoted}; namei -l {quoted}"
    judged = account(user) if user else None
    fields: dict[str, Any] = {"judged_for": judged.name if judged else user}
    for kind, path in paths.items():
        found = {**_room(path), **_rights(path, judged)}
        fields.update({f"{kind}_{name}": value for name, value in found.items()})
    facts = Temporary(**fields)
    return Sighting(
        status="present", facts=facts, reading=_reading(facts), raw=_raw(facts), command=command
    )


def _room(path: str) -> dict[str, Any]:
    found = space_of(path)
    named = {"path": clean(path)}
    if found is None:
        return named
    return {
        **named,
        "full": found.full,
        "mount": found.mount,
        "free_bytes": found.free_bytes,
    }


def _rights(path: str, judged: Account | None) -> dict[str, Any]:
    """Search rights on the way, write and search rights on the folder itself."""
    if judged is None:
        return {}
    stopped = blocked_at(path, judged)
    if stopped is not None:
        return {"writable": False, "blocked_at": clean(stopped), **_owner(stopped)}
    try:
        status = os.stat(path)
    except OSError:
        return {}
    allowed = may(judged, WRITE, status, path) and may(judged, SEARCH, status, path)
    return {
        "writable": allowed,
        **_owner(path),
        "blocked_at": None if allowed else clean(path),
    }


def _owner(path: str) -> dict[str, Any]:
    try:
        status = os.stat(path)
    except OSError:
        return {}
    user, mode = user_name(status.st_uid), f"{status.st_mode & 0o7777:04o}"
    return {"user": user, "mode": mode, "owner": f"{user}:{group_name(status.st_gid)} {mode}"}


def _reading(facts: Temporary) -> str:
    for full, mount in (
        (facts.body_full, facts.body_mount),
        (facts.answer_full, facts.answer_mount),
    ):
        if full:
            return one_line(f"{mount} is full", 80)
    for writable, blocked in (
        (facts.body_writable, facts.body_blocked_at),
        (facts.answer_writable, facts.answer_blocked_at),
    ):
        if writable is False:
            return one_line(f"{facts.judged_for} may not write in {blocked}", 100)
    return "room and rights are there" if facts.body_full is False else "not all could be seen"


def _raw(facts: Temporary) -> str:
    rows = (
        (facts.body_path, facts.body_free_bytes, facts.body_mount, facts.body_owner),
        (facts.answer_path, facts.answer_free_bytes, facts.answer_mount, facts.answer_owner),
    )
    return "\n".join(
        f"{path}: {free} bytes free on {mount}; {owner}"
        for path, free, mount, owner in rows
        if path
    )


PROBES = (temporary,)
