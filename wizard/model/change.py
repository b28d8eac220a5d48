"""An edit of a configuration file: as a cause's record writes it, then with this host's facts."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Language = Literal["nginx", "php-fpm", "uwsgi", "gunicorn", "unit"]
"""What the file is written in; `wizard.fixes.languages` has a module for each."""

LANGUAGES: tuple[str, ...] = get_args(Language)


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One edit of one file. `replace`, `set`, `option`, `add`, `remove` or `above` says what.

    All are texts, so that in a record each may have facts to be filled in.
    """

    language: Language = "nginx"
    file: str = ""
    unit: str = ""
    """A systemd unit, in place of a file: the edit finds out which of its files to change."""
    line: str = ""
    """Of the directive, or where the block begins; empty for the outermost level."""
    within: str = ""
    """The block's name where several begin on the line; the section of an INI file."""
    replace: str = ""
    """This text in the arguments of the directive becomes `to`."""
    set: str = ""
    """The directive of the block gets the arguments `to`, and is added where it is missing."""
    option: str = ""
    """An option of the command that a unit starts, with its other spellings: `--timeout -t`."""
    add: str = ""
    """A further directive with the arguments `to`, beside those of the same name.

    A header or parameter that is set there already gets the new value; the ones that the block
    has from an outer level, and would lose by having one of its own, are written down in it.
    """
    remove: str = ""
    """The directive of this name is taken out."""
    above: str = ""
    """Lines that come before the block: a `map` above a server."""
    block: str = ""
    """`to` is a whole block: it becomes the `last` of the block on this line, or stands `before`
    that one."""
    to: str = ""


TEXTS = ("file", "unit", "line", "within", "replace", "set", "add", "remove", "above", "to")
"""Fields that may have facts in them."""


def texts(change: Change) -> list[str]:
    """What stands in these fields."""
    return [getattr(change, name) for name in TEXTS]
