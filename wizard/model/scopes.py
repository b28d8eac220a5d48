"""Scopes: what a look or a question is about.

The empty scope is the route of the URL, a server's name is that server. A further leg of the way
(`wizard.engine.legs`) has a scope of its own for what is asked once there.
"""

from __future__ import annotations

_BEHIND = "behind "
_INSTEAD = "instead of "


def behind(server: str) -> str:
    """The scope of the leg that begins at a server which is a proxy itself."""
    return f"{_BEHIND}{server}"


def instead_of(server: str) -> str:
    """The scope of the detour to where a server's backend was found."""
    return f"{_INSTEAD}{server}"


def proxy_of(scope: str) -> str | None:
    """The server at which an inner leg begins; None for every other scope."""
    return scope.removeprefix(_BEHIND) if scope.startswith(_BEHIND) else None
