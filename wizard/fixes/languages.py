"""What files are written in, one module each: how a change is made there, and what checks it.

A module has a `NAME`; `file_of(change)`, the path of the file that the change concerns;
`changed(text, change, instance, url)`, the text with the change made, or an EditError; and
`tried(instance, changes, after)`, what the files' own program says of a copy, with its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from wizard.fixes import gunicorn, nginx, php_fpm, units, uwsgi
from wizard.fixes.facts import Trial
from wizard.model.change import Change
from wizard.proxies.facts import Instance


class FileLanguage(Protocol):
    """What each module has."""

    NAME: str

    def file_of(self, change: Change) -> str:
        """The file to be changed; it need not exist yet."""

    def changed(self, text: str, change: Change, instance: Instance, url: str | None) -> str:
        """The file's text with the change made, for the sake of this URL of the proxy."""

    def tried(
        self, instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
    ) -> tuple[str, Trial]:
        """What checked the files, and what it says; `after` has their new texts by real path."""


_MODULES: tuple[FileLanguage, ...] = (nginx, php_fpm, uwsgi, gunicorn, units)
LANGUAGES: Mapping[str, FileLanguage] = {module.NAME: module for module in _MODULES}
