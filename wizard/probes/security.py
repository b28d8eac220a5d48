"""What a security policy of the kernel (SELinux, AppArmor) forbade the proxy, by the audit log.

Both write one line a refusal: to auditd's file where auditd runs, else to the kernel log, always
with the same words (Linux audit project, "Understanding audit events"; apparmor.d(5)):

    type=AVC msg=audit(1415715270.766:31): avc:  denied  { name_connect } for  pid=11245
      comm="nginx" dest=8080 scontext=system_u:system_r:httpd_t:s0
      tcontext=system_u:object_r:http_cache_port_t:s0 tclass=tcp_socket permissive=0
    audit: type=1400 audit(1415715270.766:31): apparmor="DENIED" operation="connect"
      profile="/usr/sbin/nginx" name="/run/app.sock" pid=11245 comm="nginx" requested_mask="wr"
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import clean, decode, one_line
from wizard.probes import kernel_log
from wizard.probes.declare import probe

_AUDIT_LOG = Path("/var/log/audit/audit.log")
_ENFORCE = Path("/sys/fs/selinux/enforce")
_TAIL = 4 * 1024 * 1024
_RECENT_SECONDS = 900.0
_SAME_MOMENT_SECONDS = 3.0
_WANTED = "avc: +denied|apparmor=.DENIED"
_COMMAND = "ausearch -m avc -ts recent; journalctl -k -g 'avc: +denied|apparmor=.DENIED'"

Tool = Literal["selinux", "apparmor"]

_STAMP = re.compile(r"audit\((\d+\.\d+):\d+\)")
_SELINUX = re.compile(r"avc:\s+denied\s+\{ ([^}]+?) \}")
_FIELD = re.compile(r'\b([a-z_]+)=("[^"]*"|[^\s"]+)')


class Denial(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    tool: Tool
    at: float | None = None
    program: str | None = None
    """`comm`: the first 15 bytes of the process's name."""
    action: str
    """`name_connect`, `connectto`, `write` (SELinux); `connect`, `create` (AppArmor)."""
    port: int | None = None
    path: str | None = None
    """SELinux tells the whole path of a socket or only its last part."""
    label: str | None = None
    """The type of what was asked for, `http_cache_port_t`; or the AppArmor profile."""
    family: str | None = None
    """AppArmor: `inet`, `inet6`, `unix`."""
    permissive: bool = False
    """Only told: the policy let it pass."""
    line: str = ""


class Denials(msgspec.Struct, frozen=True, kw_only=True):
    """What was forbidden the proxy towards this server."""

    count: int | None = None
    """Lines about the proxy and this server; those that were only told do not count."""
    tool: Tool | None = None
    action: str | None = None
    label: str | None = None
    profile: str | None = None
    """AppArmor's."""
    last_at: float | None = None
    recent: bool | None = None
    """The newest one is at most a quarter of an hour old."""
    for_request: bool | None = None
    """It was written in the moment of the wizard's own request."""
    only_told: int | None = None
    """Lines about the same that changed nothing (permissive, complain)."""
    line: str | None = None
    enforcing: bool | None = None
    """SELinux enforces on this host now; None where the kernel has no SELinux."""


@probe("security.denials", kind="kernel", facts=Denials)
def denials(
    *, server: Server, program: str | None = None, asked_at: float | None = None
) -> Sighting:
    """Read auditd's file, else the kernel log, for what the proxy was forbidden."""
    found: list[Denial] = []
    unread: list[str] = []
    try:
        found += denials_in(_tail(_AUDIT_LOG).splitlines())
    except FileNotFoundError:
        pass
    except OSError as error:
        unread.append(f"{_AUDIT_LOG}: {error.strerror}")
    if not found:
        told = kernel_log.lines(_WANTED)
        if told.lines is None:
            unread.append(told.reason)
        else:
            found += denials_in(line for _at, line in told.lines)
    facts = about(found, server, program or "nginx", asked_at)
    if unread and not facts.count:
        return Sighting(
            status="unreadable", facts=Denials(enforcing=_enforcing()),
            reading="the audit log may not be read", reason="; ".join(unread)[:300],
            remedy=f"sudo {_COMMAND}", command=_COMMAND,
        )  # fmt: skip
    return Sighting(
        status="present" if facts.count or facts.only_told else "absent",
        facts=facts,
        reading=_reading(facts, server),
        raw="\n".join(each.line for each in found[-20:]),
        command=_COMMAND,
    )


def denials_in(lines: Iterable[str]) -> list[Denial]:
    """The refusals in lines of an audit or kernel log, oldest first."""
    return [denial for line in lines if (denial := _denial(line)) is not None]


def _denial(line: str) -> Denial | None:
    selinux = _SELINUX.search(line)
    if selinux is None and 'apparmor="' not in line:
        return None
    fields = {name: value.strip('"') for name, value in _FIELD.findall(clean(line))}
    stamp = _STAMP.search(line)
    at = float(stamp[1]) if stamp else None
    text = one_line(line.strip(), 400)
    if selinux is not None:
        destination = fields.get("dest", "")
        return Denial(
            tool="selinux",
            at=at,
            program=fields.get("comm"),
            action=selinux[1],
            port=int(destination) if destination.isdigit() else None,
            path=fields.get("path") or fields.get("name"),
            label=_type_of(fields.get("tcontext", "")),
            permissive=fields.get("permissive") == "1",
            line=text,
        )
    if fields.get("apparmor") not in ("DENIED", "ALLOWED"):
        return None
    return Denial(
        tool="apparmor",
        at=at,
        program=fields.get("comm"),
        action=fields.get("operation", "?"),
        path=fields.get("name"),
        label=fields.get("profile"),
        family=fields.get("family"),
        permissive=fields["apparmor"] == "ALLOWED",
        line=text,
    )


def _type_of(context: str) -> str | None:
    """`http_cache_port_t` of `system_u:object_r:http_cache_port_t:s0`."""
    parts = context.split(":")
    return parts[2] if len(parts) > 2 else None


def about(found: Iterable[Denial], server: Server, program: str, asked_at: float | None) -> Denials:
    """The refusals that concern this program's way to this server."""
    ours = [each for each in found if each.program == program[:15] and _concerns(each, server)]
    refused = [each for each in ours if not each.permissive]
    facts = Denials(count=len(refused), only_told=len(ours) - len(refused), enforcing=_enforcing())
    if not refused:
        return facts
    last = refused[-1]
    return msgspec.structs.replace(
        facts,
        tool=last.tool,
        action=last.action,
        label=last.label if last.tool == "selinux" else None,
        profile=last.label if last.tool == "apparmor" else None,
        last_at=last.at,
        recent=None if last.at is None else time.time() - last.at < _RECENT_SECONDS,
        for_request=None
        if last.at is None or asked_at is None
        else abs(last.at - asked_at) < _SAME_MOMENT_SECONDS,
        line=last.line,
    )


def _concerns(denial: Denial, server: Server) -> bool:
    if server.path is not None:
        if denial.path is None:
            return denial.family == "unix"
        return denial.path in (server.path, server.path.rpartition("/")[2])
    if denial.tool == "selinux":
        return denial.port is not None and denial.port == server.port
    return denial.family in ("inet", "inet6") and denial.action in ("connect", "create")


def _enforcing() -> bool | None:
    try:
        return _ENFORCE.read_text().strip() == "1"
    except OSError:
        return None


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL))
        return decode(file.read(_TAIL))


def _reading(facts: Denials, server: Server) -> str:
    if facts.count:
        tool = "SELinux" if facts.tool == "selinux" else "AppArmor"
        when = time.strftime("%H:%M:%S", time.localtime(facts.last_at)) if facts.last_at else "?"
        return f"{tool} denied {facts.action} towards {server.name}, last at {when}"
    if facts.only_told:
        return f"{facts.only_told} lines tell of it and changed nothing (permissive)"
    return f"no policy denied the way to {server.name}"


PROBES = (denials,)
