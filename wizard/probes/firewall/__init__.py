"""What the packet filter of this host does with the proxy's packets: the verdict, not a listing.

The rules are read once (`sources`), brought to one shape (`rules`) from what iptables-save and
nft print, and the connection's packets are walked through them as the kernel does (`way`, `hooks`,
`walk`). Whatever cannot be judged stays unknown and is named.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from typing import Literal

import msgspec

from wizard.model.command_line import CommandLine
from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes.declare import Paste, probe

_COMMAND = "iptables -L -n -v --line-numbers; nft -a list ruleset"
_REMEDY = "sudo iptables -L -n -v --line-numbers; sudo nft -a list ruleset"


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict for one new TCP connection from the proxy to the server."""

    verdict: Literal["accept", "drop", "reject"] | None = None
    """None when the rules could not be read, or when a rule that may match cannot be judged."""
    rule: str | None = None
    """The rule that gives it, as its own tool would print or take it."""
    delete_rule: CommandLine | None = None
    """The command that would take the rule away, without sudo: `iptables -D INPUT -s ...`."""
    restore_rule: CommandLine | None = None
    """The command that puts it back where it stood."""
    kept_file: str | None = None
    """The file from which the rule is loaded at boot: /etc/iptables/rules.v4, /etc/nftables.conf.
    None where no file has it, or its tool keeps its rules itself (ufw)."""
    kept_line: int | None = None
    allow_rule: CommandLine | None = None
    """The command that would let this packet pass, in the tool that is in use (ufw, firewalld,
    iptables, nft), without sudo."""
    forbid_rule: CommandLine | None = None
    """The command that takes this allowance back."""
    allow_always: CommandLine | None = None
    """firewalld: the command that keeps the allowance over a restart."""
    forbid_always: CommandLine | None = None
    tool: Literal["iptables", "nft", "ufw", "firewalld"] | None = None
    chain: str | None = None
    """`filter INPUT`."""
    reject_with: str | None = None
    packets: int | None = None
    """The rule's counter."""
    direction: Literal["out", "in", "reply"] | None = None
    unsure: list[str] = []
    """Rules that could not be judged, as text."""
    address: str | None = None
    """The address of the server that the verdict is about, where its name has several."""
    root_passes: bool | None = None
    """For a drop or a reject: root's own connection would pass, so the rule looks at the user."""
    counting_rule: str | None = None
    """The rule that stops the packet, or may, and that counts: connections, packets in a time, or
    the failures of an address (a ban list's chain)."""


def pasted_command(*, server: Server | None = None, user: str | None = None) -> str:
    """What a person runs as root to paste its output."""
    from wizard.probes.firewall import pasted

    return pasted.COMMAND


def _read_paste(*, text: str, server: Server, user: str | None = None) -> Sighting:
    from wizard.probes.firewall import pasted

    return pasted.read(text=text, server=server, user=user)


@probe(
    "firewall.verdict", kind="firewall", facts=Filter, deadline=4,
    paste=Paste(pasted_command, _read_paste),
)  # fmt: skip
def verdict(*, server: Server, user: str | None = None) -> Sighting:
    """Walk the rules for a TCP SYN from the proxy's user to each address of the server.

    For a local address both OUTPUT and INPUT are passed (interface lo for loopback), and the
    reply's way back. Needs root; without it: unreadable, with the command. The verdict is what
    the proxy feels: a rejecting rule whose refusal cannot get back is a `drop`.
    """
    if server.host is None or server.port is None:
        return Sighting(status="absent", facts=Filter(), reading="no packet: a unix socket")
    from wizard.probes.firewall import kernel, names, netlink

    try:
        # A host without any rules is known after 0.3 ms, without a process or a name's lookup.
        if not netlink.nft_tables() and not (kernel.has_old_tables(4) or kernel.has_old_tables(6)):
            return Sighting(
                status="present",
                facts=Filter(verdict="accept"),
                reading="passes: there are no packet filter rules",
                command=_COMMAND,
            )
    except PermissionError:
        return _unreadable("only root may read the packet filter's rules")
    except OSError as error:
        return _unreadable(f"the kernel did not answer: {error.strerror or error}")
    addresses = names.addresses(server.host)
    if addresses is None:
        return Sighting(
            status="unreadable",
            reading=f"{server.host} has no address",
            command=f"getent ahosts {shlex.quote(server.host or '')}",
            reason=f"{server.host} does not resolve, so there is no address to judge",
            remedy=f"getent ahosts {shlex.quote(server.host or '')}",
        )
    from wizard.probes.firewall import report, sources

    try:
        rules = sources.read({family for family, _ in addresses})
        return report.reported(rules, addresses, server.port, owner_of(user))
    except PermissionError:
        return _unreadable("only root may read the packet filter's rules")
    except OSError as error:
        return _unreadable(f"the kernel did not answer: {error.strerror or error}")


def _unreadable(reason: str) -> Sighting:
    return Sighting(
        status="unreadable",
        reading="packet filter not readable",
        command=_COMMAND,
        reason=reason,
        remedy=_REMEDY,
    )


def owner_of(user: str | None) -> Callable[[], int | None]:
    """The user's id, looked up when first asked for; None when not known."""

    @functools.cache
    def owner() -> int | None:
        if user is None or user.isdigit():
            return None if user is None else int(user)
        import pwd

        try:
            return pwd.getpwnam(user).pw_uid
        except KeyError:
            return None

    return owner


PROBES = (verdict,)
