"""What a change of the configuration comes to."""

from __future__ import annotations

import msgspec


class Trial(msgspec.Struct, frozen=True):
    """What a check said of a copy with the change."""

    passes: bool | None
    """None when it could not be told."""
    message: str = ""
    """Why it does not pass, or why it could not be told."""


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `edit`: the diff, and what the check of the files' own program says."""

    diff: str | None = None
    """Unified, for `patch -p0 -d /`; None where nothing differs or the edit cannot be made."""
    files: list[str] = []
    passes: bool | None = None
    """By that check, of a copy with the change; None when it could not be told."""
    check: str = ""
    """What checked it, where that was not the proxy's own check alone: `php-fpm8.2 -t`."""
    message: str | None = None
    """Why it does not pass, or why that could not be told."""
    shared_by: list[str] = []
    """Other URLs of the proxy whose way leads through the changed lines."""


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `sharing`: who else needs the server of this URL, or its unit."""

    urls: list[str] = []
    """Other URLs of the proxy that lead to something that the unit listens on; at most 12."""
    count: int | None = None
    """All of them."""
