"""What a change of the configuration comes to."""

from __future__ import annotations

import msgspec


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One edit of one file; one of `replace`, `set`, `add` and `remove` says what it does."""

    file: str
    line: int | None = None
    """Of the directive, or where the block begins; None for the outermost level."""
    replace: str = ""
    """This text in the arguments of the directive becomes `to`."""
    set: str = ""
    """The directive of the block gets the arguments `to`, and is added where it is missing."""
    add: str = ""
    """A further directive with the arguments `to`, beside those of the same name."""
    remove: str = ""
    """The directive of this name is taken out."""
    to: str = ""
    within: str = ""
    block: str = ""
    """`to` is a whole block: it becomes the `last` of the block on this line, or stands `before`
    that one."""


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `edit`: the diff, and what the proxy's own check says of it."""

    diff: str | None = None
    """Unified, for `patch -p0 -d /`; None where nothing differs or the edit cannot be made."""
    files: list[str] = []
    passes: bool | None = None
    """By the proxy's own check of a copy with the change; None when that could not be told."""
    message: str | None = None
    """Why it does not pass, or why that could not be told."""
    shared_by: list[str] = []
    """Other URLs of the proxy whose way leads through the changed lines."""
