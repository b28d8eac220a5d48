"""uWSGI's INI files; it has no check of its own, other than to start.

https://uwsgi-docs.readthedocs.io/en/latest/Configuration.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wizard.fixes import ini_text
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Trial
from wizard.model.change import Change
from wizard.proxies.facts import Instance

NAME = "uwsgi"

_SAME = {"processes": ("workers", "p"), "buffer-size": ("b",), "listen": ("l",),
         "harakiri": ("t",)}  # fmt: skip
"""Other names of the same option."""


def file_of(change: Change) -> str:
    """The file that the change names."""
    return change.file


def changed(text: str, change: Change, instance: Instance, url: str | None) -> str:
    """The text with an option of the section `[uwsgi]` changed or added."""
    section = change.within or "uwsgi"
    if change.set:
        same = _SAME.get(change.set, ())
        return ini_text.set_in(text, section, change.set, change.to, same=same)
    if change.remove:
        return ini_text.remove(text, section, change.remove)
    raise EditError("only `set` and `remove` are known here")


def tried(
    instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """Nothing can be told."""
    return "", Trial(None, "uWSGI has no check of its own for its files")
