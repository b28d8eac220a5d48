"""File system state: unix sockets with the rights along their path, free space and inodes."""

from __future__ import annotations

import os
import shlex
import stat

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.model.text import clean, one_line
from wizard.probes.declare import probe
from wizard.probes.rights import READ, SEARCH, WRITE, Account, account, group_name, may, user_name

_MOST_NEIGHBOURS = 20


class SocketFile(msgspec.Struct, frozen=True, kw_only=True):
    """A unix socket's path, judged for the user who has to connect (the proxy's worker)."""

    path: str | None = None
    applies: bool | None = None
    """False when the server is no unix socket: nothing to look at."""
    exists: bool | None = None
    is_socket: bool | None = None
    mode: str | None = None
    """`srw-rw----`."""
    octal: str | None = None
    """The same as chmod(1) takes it: `660`."""
    owner: str | None = None
    group: str | None = None
    judged_for: str | None = None
    writable: bool | None = None
    """That user has the write right on the socket, which connect(2) needs (unix(7))."""
    reachable: bool | None = None
    """That user may search every directory of the path."""
    blocked_at: str | None = None
    """The first directory that it may not search."""
    neighbours: list[str] = []
    """Other sockets in the same directory."""


class _Way(msgspec.Struct, frozen=True):
    """The directories of a path: which could be looked at, and where the user is stopped."""

    reachable: bool | None
    blocked_at: str | None
    lines: tuple[str, ...]


@probe("files.socket", kind="files", facts=SocketFile)
def socket(*, server: Server, user: str | None = None) -> Sighting:
    """The socket's state and whether `user` may connect, from modes, owners, groups and ACLs."""
    path = server.path
    if path is None:
        facts = SocketFile(applies=False)
        return Sighting(status="absent", facts=facts, reading="the server is no unix socket")
    command = f"namei -l {shlex.quote(path)}"
    judged = account(user)
    name = judged.name if judged else user
    way = _way(path, judged)
    known = SocketFile(
        path=clean(path), applies=True, judged_for=name, reachable=way.reachable,
        blocked_at=way.blocked_at, neighbours=_neighbours(path),
    )  # fmt: skip
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        facts = msgspec.structs.replace(known, exists=False)
        return Sighting(
            status="absent", facts=facts, reading=one_line(f"{path} does not exist", 80),
            raw="\n".join(way.lines), command=command,
        )  # fmt: skip
    except OSError as error:
        return Sighting(
            status="unreadable", facts=known, reading=one_line(f"{path} cannot be looked at", 80),
            raw="\n".join(way.lines), command=command, reason=one_line(str(error)),
            remedy=f"sudo {command}",
        )  # fmt: skip
    facts = msgspec.structs.replace(
        known,
        exists=True,
        is_socket=stat.S_ISSOCK(status.st_mode),
        mode=stat.filemode(status.st_mode),
        octal=f"{stat.S_IMODE(status.st_mode):o}",
        owner=user_name(status.st_uid),
        group=group_name(status.st_gid),
        writable=None if judged is None else may(judged, WRITE, status, path),
    )
    lines = (*way.lines, _line(path, status))
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        raw="\n".join(lines),
        command=command,
    )


def _way(path: str, judged: Account | None) -> _Way:
    """Every directory that is searched: those of the path as written, and of where links lead."""
    lines: list[str] = []
    known = judged is not None
    for directory in _directories(path):
        try:
            status = os.stat(directory)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            break
        except OSError as error:
            lines.append(one_line(f"{directory}: {error.strerror}"))
            known = False
            continue
        lines.append(_line(directory, status))
        if judged is not None and not may(judged, SEARCH, status, directory):
            return _Way(False, clean(directory), tuple(lines))
    return _Way(True if known else None, None, tuple(lines))


def _directories(path: str) -> list[str]:
    found: dict[str, None] = {}
    for form in (os.path.dirname(os.path.abspath(path)), os.path.dirname(os.path.realpath(path))):
        parts = form.split("/")
        for count in range(1, len(parts) + 1):
            found["/".join(parts[:count]) or "/"] = None
    return list(found)


def _line(path: str, status: os.stat_result) -> str:
    owners = f"{user_name(status.st_uid)} {group_name(status.st_gid)}"
    return clean(f"{stat.filemode(status.st_mode)} {owners} {path}")


def _neighbours(path: str) -> list[str]:
    """Other sockets beside it; none where the directory cannot be listed."""
    directory = os.path.dirname(path) or "/"
    try:
        with os.scandir(directory) as entries:
            found = [
                entry.path
                for entry in entries
                if entry.path != path and stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)
            ]
    except (OSError, ValueError):
        return []
    return [clean(name) for name in sorted(found)[:_MOST_NEIGHBOURS]]


def _reading(facts: SocketFile) -> str:
    who = facts.judged_for
    described = f"{facts.mode} {facts.owner}:{facts.group}"
    if not facts.is_socket:
        return f"{described}, not a socket"
    if facts.reachable is False:
        return one_line(f"{described}; {who} may not search {facts.blocked_at}", 100)
    if facts.writable is False:
        return f"{described}; {who} may not write"
    return described if facts.writable is None else f"{described}; {who} may connect"


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """The script that a FastCGI server is told to run, judged for the user who runs it."""

    path: str | None = None
    """SCRIPT_FILENAME, as the route's parameters fill it in."""
    exists: bool | None = None
    judged_for: str | None = None
    reachable: bool | None = None
    """That user may search every directory of the path."""
    blocked_at: str | None = None
    """The first directory that it may not search."""
    readable: bool | None = None
    """That user may read the file itself."""


@probe("files.script", kind="files", facts=Script)
def script(*, route: Route, user: str | None = None) -> Sighting:
    """Whether SCRIPT_FILENAME exists on this host, and whether `user` may get at it and read it."""
    path = route.parameters.get("SCRIPT_FILENAME")
    if not path or not path.startswith("/"):
        return Sighting(status="absent", facts=Script(), reading="no SCRIPT_FILENAME is known")
    command = f"namei -l {shlex.quote(path)}"
    judged = account(user)
    way = _way(path, judged)
    known = Script(
        path=path, judged_for=judged.name if judged else user, reachable=way.reachable,
        blocked_at=way.blocked_at,
    )  # fmt: skip
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return Sighting(
            status="absent", facts=msgspec.structs.replace(known, exists=False), command=command,
            reading=one_line(f"{path} does not exist", 100), raw="\n".join(way.lines),
        )  # fmt: skip
    except OSError as error:
        return Sighting(
            status="present" if way.blocked_at else "unreadable", facts=known, command=command,
            reading=one_line(f"{path} cannot be looked at", 100), raw="\n".join(way.lines),
            reason=one_line(str(error)), remedy=f"sudo {command}",
        )  # fmt: skip
    readable = None if judged is None else may(judged, READ, status, path)
    facts = msgspec.structs.replace(known, exists=stat.S_ISREG(status.st_mode), readable=readable)
    return Sighting(
        status="present", facts=facts, reading=_script_reading(facts), command=command,
        raw="\n".join((*way.lines, _line(path, status))),
    )  # fmt: skip


def _script_reading(facts: Script) -> str:
    if not facts.exists:
        return one_line(f"{facts.path} is no file", 100)
    if facts.reachable is False:
        return one_line(f"{facts.judged_for} may not search {facts.blocked_at}", 100)
    if facts.readable is False:
        return one_line(f"{facts.judged_for} may not read {facts.path}", 100)
    return one_line(f"{facts.path} is there", 100)


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """The fullest of the file systems that were asked about."""

    full: bool | None = None
    """A file system has no free blocks or inodes for an ordinary user."""
    path: str | None = None
    mount: str | None = None
    free_bytes: int | None = None
    free_percent: float | None = None
    free_inodes: int | None = None
    inodes_full: bool | None = None


@probe("files.space", kind="files", facts=Space)
def space(*, paths: list[str]) -> Sighting:
    """Free blocks and inodes where the paths are (statvfs)."""
    places = {place: path for path in paths if (place := _existing(path)) is not None}
    looked = [found for place in places if (found := _space(place)) is not None]
    quoted = " ".join(map(shlex.quote, places))
    command = f"df -h {quoted}; df -i {quoted}" if places else "df -h"
    if not looked:
        reason = "none of the paths could be looked at" if paths else "there is no path to look at"
        return Sighting(status="unreadable", command=command, reason=reason, remedy=command)
    facts = min(looked, key=lambda one: (not one.full, one.free_percent))
    return Sighting(
        status="present",
        facts=facts,
        reading=_space_reading(facts),
        raw="\n".join(_space_line(one) for one in looked),
        command=command,
    )


def space_of(path: str) -> Space | None:
    """What is left where the path is or would be; None where it cannot be seen."""
    place = _existing(path)
    return None if place is None else _space(place)


def blocked_at(path: str, judged: Account) -> str | None:
    """The first directory on the way to the path that the account may not search."""
    return _way(path, judged).blocked_at


def _existing(path: str) -> str | None:
    """The path itself or its nearest parent that exists."""
    if "\0" in path:
        return None
    place = os.path.abspath(path)
    while not os.path.exists(place) and place != "/":
        place = os.path.dirname(place)
    return place


def _space(place: str) -> Space | None:
    try:
        system = os.statvfs(place)
    except OSError:
        return None
    if not system.f_blocks:  # proc, sysfs and the like hold nothing
        return None
    free = system.f_bavail * system.f_frsize
    percent = 100 * system.f_bavail / system.f_blocks
    # File systems that make inodes as needed (btrfs) count none at all.
    inodes_full = system.f_files > 0 and system.f_favail == 0
    return Space(
        full=system.f_bavail == 0 or (percent < 0.1 and free < 1_000_000) or inodes_full,
        path=clean(place),
        mount=clean(_mount(place)),
        free_bytes=free,
        free_percent=round(percent, 2),
        free_inodes=system.f_favail if system.f_files else None,
        inodes_full=inodes_full,
    )


def _mount(place: str) -> str:
    """Where its file system is mounted."""
    place = os.path.realpath(place)
    while place != "/" and not os.path.ismount(place):
        place = os.path.dirname(place)
    return place


def _space_line(facts: Space) -> str:
    inodes = "" if facts.free_inodes is None else f", {facts.free_inodes} inodes"
    return f"{facts.path} on {facts.mount}: {facts.free_bytes} bytes free{inodes}"


def _space_reading(facts: Space) -> str:
    if facts.inodes_full:
        return one_line(f"{facts.mount} has no free inodes", 80)
    if facts.full:
        return one_line(f"{facts.mount} is full", 80)
    free = (facts.free_bytes or 0) / 1e6
    size = f"{free / 1000:.1f} GB" if free >= 1000 else f"{free:.0f} MB"
    return one_line(f"{size} ({facts.free_percent:g} %) free on {facts.mount}", 80)


PROBES = (socket, script, space)
