"""Who owns a server's address: what listens there, else what should."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Any

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes import processes, sockets
from wizard.probes.sockets import Listener, Listening, Table
from wizard.probes.sockets.addresses import same_path, takes
from wizard.runtimes import bare, initd
from wizard.runtimes.contention import crowded_out, in_the_way, is_of, wants
from wizard.runtimes.facts import Owner
from wizard.runtimes.mentions import Aim
from wizard.runtimes.systemd import candidates, cgroups, state
from wizard.runtimes.systemd.expected import (
    CONFIGURED,
    SOCKET,
    STATED,
    Tie,
    expected,
    only_one_down,
    statements,
)
from wizard.runtimes.systemd.show import Unit, show
from wizard.runtimes.unit_report import unit_sighting

_DAEMONS_OF_OTHERS = frozenset(
    {"cron", "crond", "anacron", "atd", "ssh", "sshd", "docker", "containerd", "rc-local"}
)
"""Services in whose control group other people's programs run."""


class _Place(msgspec.Struct, frozen=True):
    """The address that is asked about, with what the socket table says of it."""

    server: Server
    aim: Aim
    table: Table
    takers: list[Listener]
    on_port: list[Listener]


def of(server: Server, table: Table, listening: Listening) -> Sighting:
    """Find the unit or process that owns the address, or the one that should."""
    if listening.local is False:
        return Sighting(
            status="unreadable",
            reason=f"{server.name} is on another host",
            remedy=f"ssh {shlex.quote(server.host or '')} systemctl list-units --failed",
            command="systemctl list-units --failed",
        )
    place = _place(server, table, listening)
    if not place.takers:
        return _should(place)
    listener = next((one for one in place.takers if one.pids), place.takers[0])
    return _has(place, listener)


def _place(server: Server, table: Table, listening: Listening) -> _Place:
    aim = Aim(port=server.port, path=server.path)
    if server.path is not None:
        takers = [one for one in table.unix if same_path(one, server.path)]
        return _Place(server, aim, table, takers, [])
    on_port = [one for one in table.listeners if one.port == server.port]
    takers = [one for one in on_port if any(takes(one, address) for address in listening.addresses)]
    if not listening.addresses and listening.listens:
        takers = on_port
    return _Place(server, aim, table, takers, [one for one in on_port if one not in takers])


def _has(place: _Place, listener: Listener) -> Sighting:
    pid = next((pid for pid in listener.pids if pid != 1), None)
    cgroup = (processes.cgroup(pid) if pid else None) or listener.cgroup
    name = _unit_name(pid, cgroup)
    said = f"listens on {listener.where()}"
    if name:
        shown = show([name], user=cgroups.user_of(cgroup) is not None)
        if shown.units and shown.units[0].exists:
            unit = shown.units[0]
            if not any(one.meets(place.aim) for one in statements(unit)):
                robbed = _robbed(place, listener, unit.name)
                if robbed:
                    return robbed
            elif tie := crowded_out(place.aim, unit):
                return _instead_of(place, tie, listener, unit.name)
            died = unit["ActiveState"] == "failed" or unit["SubState"] == "auto-restart"
            listens = not died or still_listens(listener)
            return unit_sighting(
                place.aim, place.table, unit, certain=True, listening=listens,
                found_by=said if listens else f"listened on {listener.where()} a moment ago",
                instead=listener if died and listens else None,
                instead_unit="a process of its former run",
            )  # fmt: skip
    units = candidates.candidates(place.server.port)
    if pid is None:
        activated = [
            one
            for one in expected(place.aim, units.units, search_files=False)
            if one.level == SOCKET
        ]
        if activated:
            found_by = f"{activated[0].found_by} listens for it"
            return unit_sighting(
                place.aim,
                place.table,
                activated[0].unit,
                found_by=found_by,
                certain=True,
                listening=True,
            )
    if pid is None and cgroup is None:
        return _hidden(place, listener, units.units, units.reason)
    robbed = _robbed(place, listener, None, units.units)
    if robbed:
        return robbed
    scripted = initd.owning(pid, place.aim, listener, place.table) if pid else None
    if scripted:
        return scripted
    facts = bare.facts(pid, place.aim, listener, place.table)
    return Sighting(
        status="present",
        facts=Owner(
            **{**facts, "found": True, "listening": True, "found_by": said, "certain": True},
            kept_out=False,
        ),
        reading=f"{facts.get('name') or 'a hidden process'} {said}",
        raw=f"pid {pid}: {facts.get('command') or ''}",
        command=f"ps -fp {pid}" if pid else "ps -ef",
    )


def _unit_name(pid: int | None, cgroup: str | None) -> str | None:
    """The service that a listening process belongs to, by its own group or that of a parent."""
    name = cgroups.unit_of(cgroup)
    if name and name.removesuffix(".service") not in _DAEMONS_OF_OTHERS:
        return name
    if name or pid is None or cgroups.is_container(cgroup):
        return None
    for parent in bare.ancestors(pid):
        # `su -` in a unit's command moves the program to a session of its own.
        above = cgroups.unit_of(processes.cgroup(parent))
        if above:
            return None if candidates.is_system(above) else above
    return None


def still_listens(listener: Listener) -> bool:
    """A unit may have died between the reading of the socket table and that of its state."""
    now = sockets.table().facts
    every = (*now.listeners, *now.unix) if isinstance(now, Table) else ()
    return any(one.inode == listener.inode and one.where() == listener.where() for one in every)


def _robbed(
    place: _Place, listener: Listener, holder: str | None, units: Sequence[Unit] | None = None
) -> Sighting | None:
    """The unit that wants this address and cannot have it, because somebody else holds it."""
    known = candidates.candidates(place.server.port).units if units is None else units
    for tie in expected(place.aim, known, search_files=False):
        unit = tie.unit
        if tie.level != STATED or unit.name == holder:
            continue
        by_docker = any(
            argv[0].rpartition("/")[2] in ("docker", "podman") for argv in unit.commands
        )
        if by_docker and unit.running:
            return unit_sighting(
                place.aim, place.table, unit, found_by=tie.found_by, certain=True, listening=True
            )
        if wants(unit, listener, place.table):
            return _instead_of(place, tie, listener, holder)
    return None


def _instead_of(place: _Place, tie: Tie, listener: Listener, holder: str | None) -> Sighting:
    return unit_sighting(
        place.aim, place.table, tie.unit, found_by=tie.found_by, certain=tie.certain,
        listening=False, instead=listener, instead_unit=holder,
    )  # fmt: skip


def _hidden(place: _Place, listener: Listener, units: Sequence[Unit], reason: str) -> Sighting:
    """The owner of what listens cannot be seen: the unit that says so and runs as its user."""
    for tie in expected(place.aim, units):
        if tie.level <= CONFIGURED and tie.unit.running and _runs_as(tie.unit, listener.uid):
            return unit_sighting(
                place.aim, place.table, tie.unit,
                found_by=f"{tie.found_by}; the socket's owner is hidden",
                certain=tie.level <= STATED, listening=True,
            )  # fmt: skip
    pid = bare.naming(place.aim, user=listener.uid)
    if pid is not None:
        words = "its command line names the address; the socket's owner is hidden"
        facts = {**bare.facts(pid, place.aim, None, place.table), "found": True, "listening": True}
        owner = Owner(**{**facts, "found_by": words, "certain": False})
        return Sighting(
            status="present", facts=owner, reading=f"{owner.name} (pid {pid}), by its command line",
            command=f"ps -fp {pid}",
        )  # fmt: skip
    lone = _only_unit_of_user(_opened_by(place, listener), units)
    if lone is not None:
        return unit_sighting(
            place.aim, place.table, lone, certain=False, listening=True,
            found_by=f"the socket belongs to {lone['User'] or 'its user'}, as whom it alone runs",
        )  # fmt: skip
    command = "ss -lxnp" if place.aim.path else f"ss -ltnp 'sport = :{place.server.port}'"
    return Sighting(
        status="unreadable",
        facts=Owner(listening=True),
        reading="its owner is hidden",
        reason=reason or "not allowed to see whose socket it is",
        remedy=f"sudo {command}",
        command=command,
    )


def _opened_by(place: _Place, listener: Listener) -> int | None:
    """The user of a socket: the kernel says it of TCP, the file's owner of a unix socket."""
    if place.aim.path is None:
        return listener.uid
    try:
        return os.stat(place.aim.path).st_uid
    except OSError:
        return None


def _only_unit_of_user(uid: int | None, units: Sequence[Unit]) -> Unit | None:
    if not uid:
        return None
    running = [one for one in units if one.running and one.main_pid]
    theirs = [one for one in running if processes.user(one.main_pid or 0) == uid]
    return theirs[0] if len(theirs) == 1 else None


def _runs_as(unit: Unit, uid: int | None) -> bool:
    pid = unit.main_pid
    return uid is None or pid is None or processes.user(pid) in (uid, None, 0)


def _should(place: _Place) -> Sighting:
    """Nobody takes connections there: the unit or process that is configured to."""
    shown = candidates.candidates(place.server.port)
    ties = expected(place.aim, shown.units)
    near = _on_another_address(place, shown.units)
    if near and not any(tie.certain and tie.unit.name != near.unit.name for tie in ties):
        ties = [near, *(tie for tie in ties if tie.unit.name != near.unit.name)]
    if ties:
        best = ties[0]
        rival = next((one for one in place.on_port if not is_of(one, best.unit)), None)
        return unit_sighting(
            place.aim, place.table, best.unit, found_by=best.found_by,
            certain=best.certain and not _doubtful(ties), listening=False,
            others=[tie.unit.name for tie in ties[1:5]],
            instead=rival if rival and in_the_way(rival, best.unit) else None,
        )  # fmt: skip
    scripted = initd.should_own(place.aim, place.table) if shown.reason else None
    if scripted:
        return scripted
    pid = bare.naming(place.aim)
    if pid is not None:
        facts = bare.facts(pid, place.aim, None, place.table)
        found_by = "its command line names the address"
        return Sighting(
            status="present",
            facts=Owner(
                **{
                    **facts,
                    "found": True,
                    "listening": False,
                    "found_by": found_by,
                    "certain": False,
                }
            ),
            reading=f"{facts.get('name')} (pid {pid}) names it and does not listen",
            command=f"ps -fp {pid}",
        )
    command = f"grep -rn {shlex.quote(place.aim.text)} /etc/systemd/system"
    if shown.reason and not shown.units:
        return Sighting(
            status="absent",
            facts=Owner(found=False, listening=False),
            reading="no process names the address, and there is no systemd here",
            reason=shown.reason,
            command=f"ps -ef | grep -F {shlex.quote(place.aim.text)}",
        )
    return Sighting(
        status="absent",
        facts=Owner(found=False, listening=False, **_only_down(shown.units)),
        reading=f"no unit or process names {place.aim.text}",
        raw=" ".join(unit.name for unit in shown.units if not candidates.is_system(unit.name)),
        command=command,
    )


def _only_down(units: Sequence[Unit]) -> dict[str, Any]:
    unit = only_one_down(units)
    return {"only_down": unit.name, "only_down_how": state.how_it_died(unit)} if unit else {}


def _on_another_address(place: _Place, units: Sequence[Unit]) -> Tie | None:
    """The application that has the port on another address of this host."""
    for listener in place.on_port:
        unit = next((one for one in units if one["ControlGroup"] and is_of(listener, one)), None)
        if unit is not None:
            return Tie(unit, CONFIGURED, f"listens on {listener.where()}")
    return None


def _doubtful(ties: Sequence[Tie]) -> bool:
    """A second unit is tied to the address just as well, and is in no other state."""
    return len(ties) > 1 and (ties[0].level, ties[0].unit["ActiveState"]) == (
        ties[1].level,
        ties[1].unit["ActiveState"],
    )
