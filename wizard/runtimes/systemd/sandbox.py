"""A unit's sandbox: which settings are in force, and which of them explains a denial.

What a sandbox denies looks like an ordinary mistake of the application: "Read-only file system",
"Permission denied", "Address family not supported". The same line means nothing where the setting
is not in force (systemd.exec(5), "Sandboxing").
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from wizard.probes.rights import SEARCH, WRITE, account, may
from wizard.runtimes.systemd.show import Unit

_OFF = {
    "ProtectHome": ("", "no"), "ProtectSystem": ("", "no"), "PrivateTmp": ("", "no"),
    "PrivateNetwork": ("", "no"), "RestrictAddressFamilies": ("", "~", "none"),
    "SystemCallFilter": ("", "~"), "ReadOnlyPaths": ("",), "InaccessiblePaths": ("",),
}  # fmt: skip
"""The value of each setting with which it forbids nothing."""

_LONGEST = 60
_PATH = re.compile(r"""(?<![\w.:/])(/[^\s'":,;()\]]+)""")
_HOMES = ("/home/", "/root/", "/run/user/")
_SYSTEM = ("/usr/", "/boot/", "/efi/")
_FULL = (*_SYSTEM, "/etc/")
_SIGSYS = "SYS"


class Denial(msgspec.Struct, frozen=True):
    """A line in which a program was denied something, and the setting that denied it."""

    setting: str
    line: str
    path: str | None = None
    allowed_outside: bool | None = None


def settings(unit: Unit) -> list[str]:
    """Those in force, as the unit file would have them; long lists are cut."""
    return [f"{name}={_short(unit[name])}" for name, off in _OFF.items() if unit[name] not in off]


def bars_alone(unit: Unit, sandbox: Sequence[str], step: str, signal: str | None) -> str:
    """The setting that explains the end of the last run without a word of it; else empty."""
    if signal == _SIGSYS:
        return _named(sandbox, "SystemCallFilter")
    if step == "CHDIR" and _is_in(unit["WorkingDirectory"].lstrip("!-"), _HOMES):
        return _hides_homes(sandbox)
    if step == "EXEC" and any(_is_in(argv[0], _HOMES) for argv in unit.commands if argv):
        return _hides_homes(sandbox)
    return ""


def denial(lines: Iterable[str], sandbox: Sequence[str], user: str | None) -> Denial | None:
    """The last line that a setting in force explains."""
    if not sandbox:
        return None
    for line in reversed(list(lines)):
        for phrase, explained in _PHRASES:
            if not phrase.search(line):
                continue
            for path in [*_PATH.findall(line), None]:
                setting = explained(sandbox, path)
                if setting:
                    allowed = _allowed(path, user, "Read-only" in line) if path else None
                    return Denial(setting, line, path, allowed)
    return None


def _read_only(sandbox: Sequence[str], path: str | None) -> str:
    if path is None:
        return ""
    system = _named(sandbox, "ProtectSystem")
    protected = {"yes": _SYSTEM, "full": _FULL, "strict": ("/",)}.get(system.partition("=")[2], ())
    if _is_in(path, protected):
        return system
    home = _named(sandbox, "ProtectHome")
    if _is_in(path, _HOMES) and home.endswith("=read-only"):
        return home
    listed = _named(sandbox, "ReadOnlyPaths")
    return listed if any(_is_in(path, (f"{one}/",)) for one in _listed(listed)) else ""


def _hidden(sandbox: Sequence[str], path: str | None) -> str:
    if path is None:
        return ""
    if _is_in(path, _HOMES) and (setting := _hides_homes(sandbox)):
        return setting
    listed = _named(sandbox, "InaccessiblePaths")
    return listed if any(_is_in(path, (f"{one}/",)) for one in _listed(listed)) else ""


def _family(sandbox: Sequence[str], path: str | None) -> str:
    return _named(sandbox, "RestrictAddressFamilies")


def _network(sandbox: Sequence[str], path: str | None) -> str:
    return _named(sandbox, "PrivateNetwork")


_PHRASES: tuple[tuple[re.Pattern[str], Callable[[Sequence[str], str | None], str]], ...] = (
    (re.compile(r"(?i)read-only file ?system|EROFS"), _read_only),
    (re.compile(r"(?i)permission denied|EACCES|no such file or directory|ENOENT"), _hidden),
    (re.compile(r"(?i)address family not supported|EAFNOSUPPORT"), _family),
    (re.compile(r"(?i)network is unreachable|ENETUNREACH"), _network),
)


def _hides_homes(sandbox: Sequence[str]) -> str:
    setting = _named(sandbox, "ProtectHome")
    return setting if setting.endswith(("=yes", "=tmpfs")) else ""


def _named(sandbox: Sequence[str], name: str) -> str:
    return next((one for one in sandbox if one.startswith(f"{name}=")), "")


def _listed(setting: str) -> list[str]:
    return [one.lstrip("-+").rstrip("/") for one in setting.partition("=")[2].split()]


def _is_in(path: str, folders: Sequence[str]) -> bool:
    return f"{path}/".startswith(tuple(folders)) if folders else False


def _allowed(path: str, user: str | None, to_write: bool) -> bool | None:
    """The path's rights, or those of the nearest folder that is there, let the user do it."""
    who = account(user or "root")
    place = path
    try:
        while not os.path.lexists(place) and place != "/":
            place = os.path.dirname(place)
        status = os.stat(place)
    except (OSError, ValueError):
        return None
    if who is None:
        return None
    if who.uid == 0:
        return True
    if place != path and not to_write:
        return False
    right = WRITE if to_write else SEARCH if os.path.isdir(place) else None
    return None if right is None else may(who, right, status, place)


def _short(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
