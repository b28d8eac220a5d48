"""What a look saw, in a form that can be kept, shown, cited and replayed."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Status = Literal["present", "absent", "unreadable", "unparsed"]
"""The four kinds of answer, never merged.

present: looked and saw something. absent: looked, and it is not there; the only negative
evidence. unreadable: could not look (not allowed, tool missing, timed out, remote), with a
remedy. unparsed: looked and could not understand; the raw text is kept.
"""

Kind = Literal[
    "incident",  # what the person said
    "request",  # an HTTP request made now
    "connection",  # a TCP, unix-socket or TLS connection made now
    "sockets",  # the kernel's socket tables
    "log",  # the proxy's own logs
    "config",  # configuration files
    "process",  # the process table
    "service",  # the service manager's state
    "journal",  # what a service wrote
    "kernel",  # the kernel log and counters
    "names",  # name resolution
    "firewall",  # packet filter rules
    "files",  # file system state: sockets, modes, free space
    "person",  # what a person answered or pasted
    "derived",  # computed from other evidence; adds no kind of its own
]
"""Where knowledge comes from. Two kinds that agree are independent; twice the same is not."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe returns: the answer without when, where and by whom it was asked."""

    status: Status
    facts: msgspec.Struct | None = None
    """An instance of the facts type that the probe declares. Needed unless unreadable; a field
    that could not be had is None, which conditions read as unknown, never as false."""
    reading: str = ""
    """The one-line reading for a person: `refused in 0.2 ms`, `17 x connection refused`."""
    raw: str = ""
    """The text that was read, bounded by the probe; cleaned and masked by the engine."""
    command: str = ""
    """What a person would type to see the same, real values filled in, quoted for the shell."""
    reason: str = ""
    """Why it is unreadable or unparsed: `not allowed to read /var/log/nginx/error.log`."""
    remedy: str = ""
    """The command that would make it readable: `sudo wizard diagnose http://127.0.0.1/`."""
    rests_on: tuple[str, ...] = ()
    """For derived facts: the names of the looks whose evidence they were computed from."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One look, kept: what was asked, how, when, by whom, and what came back."""

    id: str
    """`e1`, `e2`, ... in the order in which the walk used them."""
    look: str
    """The name by which flows refer to it."""
    title: str = ""
    """The same for a person: `What a client gets`."""
    scope: str = ""
    """The upstream server (or other subject) that it was asked about; empty for the route."""
    probe: str
    kind: Kind
    parameters: dict[str, Any]
    status: Status
    reading: str
    facts: dict[str, Any]
    raw: str = ""
    command: str = ""
    reason: str = ""
    remedy: str = ""
    started: float
    """Seconds since the epoch."""
    seconds: float
    user: str
    """The effective user who looked."""
    rests_on: tuple[str, ...] = ()
    """Ids of the evidence that derived facts were computed from."""
