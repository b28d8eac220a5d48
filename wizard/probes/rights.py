"""What a user may do with a path, from modes, owners, groups and POSIX ACLs.

Judged from what is written on the files and never by trying, because root passes every try and
nobody may switch to another user without being root.
"""

from __future__ import annotations

import grp
import os
import pwd
import struct

import msgspec

SEARCH = 1
WRITE = 2
READ = 4

_ACL_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20


class Account(msgspec.Struct, frozen=True):
    """A user with every group that a process of theirs gets."""

    name: str
    uid: int
    groups: frozenset[int]


def account(name: str | None) -> Account | None:
    """The user of that name, the current one for None; None when there is no such user."""
    if name is None:
        uid = os.geteuid()
        groups = frozenset((*os.getgroups(), os.getegid()))
        return Account(user_name(uid), uid, groups)
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, frozenset(os.getgrouplist(name, entry.pw_gid)))


def user_name(uid: int) -> str:
    """The name of a user id, or the number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The name of a group id, or the number."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def may(account: Account, right: int, status: os.stat_result, path: str) -> bool:
    """The account has the right (SEARCH, WRITE, READ) on the file with this status."""
    if account.uid == 0:
        return True
    entries = _acl(path)
    if entries:
        return _may_by_acl(account, right, status, entries)
    mode = status.st_mode
    if account.uid == status.st_uid:
        return bool(mode >> 6 & right)
    if status.st_gid in account.groups:
        return bool(mode >> 3 & right)
    return bool(mode & right)


def _acl(path: str) -> list[tuple[int, int, int]]:
    """(tag, rights, id) of the access ACL; empty where the file has none."""
    try:
        raw = os.getxattr(path, "system.posix_acl_access")
    except OSError:
        return []
    if len(raw) < 4 or struct.unpack_from("<I", raw)[0] != _ACL_VERSION:
        return []
    return [
        (entry[0], entry[1], entry[2])
        for entry in struct.iter_unpack("<HHI", raw[4 : 4 + (len(raw) - 4) // 8 * 8])
    ]


def _may_by_acl(
    account: Account, right: int, status: os.stat_result, entries: list[tuple[int, int, int]]
) -> bool:
    """The algorithm of acl(5): owner, named user, any group that grants, other."""
    mask = next((rights for tag, rights, _ in entries if tag == _MASK), 7)
    groups: list[int] = []
    named: int | None = None
    other = 0
    for tag, rights, identity in entries:
        if tag == _USER_OBJ and account.uid == status.st_uid:
            return bool(rights & right)
        if tag == _USER and identity == account.uid:
            named = rights
        elif (tag == _GROUP_OBJ and status.st_gid in account.groups) or (
            tag == _GROUP and identity in account.groups
        ):
            groups.append(rights)
        elif tag == _OTHER:
            other = rights
    if named is not None:
        return bool(named & mask & right)
    if groups:
        return any(rights & mask & right for rights in groups)
    return bool(other & right)
