"""Which unit should listen on an address that nobody, or the wrong one, listens on.

Every unit is asked where it says that it listens, the strongest place first: its socket unit, its
arguments and environment, configuration files, what its last run wrote, the source of its program.
A place counts only when no stronger one names another port: the default in a script means nothing
where the unit passes `--port 4000`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import msgspec

from wizard.runtimes import mentions
from wizard.runtimes.mentions import Aim, Stated
from wizard.runtimes.systemd import journal_listens, program_files, state
from wizard.runtimes.systemd.candidates import is_system
from wizard.runtimes.systemd.show import Unit
from wizard.runtimes.systemd.unit_file import replaced_statements

SOCKET, STATED, CONFIGURED, SCRIPT = 0, 1, 2, 3
"""How strong a tie is; the last one is a guess."""

_SEARCH_SECONDS = 0.8
_STATE_ORDER = {"failed": 0, "activating": 1, "deactivating": 2, "inactive": 3, "active": 4}


class Tie(msgspec.Struct, frozen=True):
    """A unit and how it is tied to the address."""

    unit: Unit
    level: int
    found_by: str

    @property
    def certain(self) -> bool:
        """More than a guess."""
        return self.level < SCRIPT


def expected(aim: Aim, units: Sequence[Unit], *, search_files: bool = True) -> list[Tie]:
    """Units that should listen on the aim, the likeliest first."""
    services = {unit.name: unit for unit in units if _is_service(unit)}
    ties = _by_socket_unit(aim, units, services)
    silent = []
    for unit in services.values():
        stated = list(statements(unit))
        meets = next((one for one in stated if one.meets(aim)), None)
        if meets:
            ties.append(Tie(unit, STATED, meets.words))
        elif not any(_same_kind(one, aim) for one in stated) and not is_system(unit.name):
            silent.append(unit)
    if search_files and not ties:
        ties += _by_replaced_commands(aim, silent)
    if search_files and not ties:
        ties += _by_files(aim, silent)
        if not any(tie.certain for tie in ties):
            ties += _by_journal(aim, silent)
    return _ordered(ties)


def statements(unit: Unit) -> Iterable[Stated]:
    """Addresses that the unit's own settings name, with where."""
    environment = dict(unit.environment)
    from_files: list[tuple[str, dict[str, str]]] = []
    for path in unit.environment_files:
        read = mentions.environment_file(program_files.text_of(path) or "")
        from_files.append((path, read))
        environment.update(read)
    for argv in unit.commands:
        for one in mentions.in_command(argv, environment):
            yield _worded(one, f"ExecStart has {one.words}{_source(one, argv, from_files)}")
    for path, read in from_files:
        for one in mentions.in_environment(read):
            yield _worded(one, f"EnvironmentFile {path} has {one.words}")
    for one in mentions.in_environment(unit.environment):
        yield _worded(one, f"Environment has {one.words}")


def _source(
    stated: Stated, argv: Sequence[str], files: Sequence[tuple[str, dict[str, str]]]
) -> str:
    """Where the value stands when the command line has only a variable for it."""
    value = stated.path or str(stated.port)
    if any(value in word for word in argv):
        return ""
    paths = (path for path, read in files if any(value in one for one in read.values()))
    path = next(paths, None)
    return f", from EnvironmentFile {path}" if path else ", from Environment"


def _by_socket_unit(aim: Aim, units: Sequence[Unit], services: dict[str, Unit]) -> list[Tie]:
    ties = []
    for socket_unit in units:
        for address in socket_unit.listens if socket_unit.name.endswith(".socket") else ():
            stated = next(iter(mentions.in_command(["", address])), None)
            named = stated.meets(aim) if stated else address == aim.path
            service = services.get(socket_unit["Triggers"].split(" ")[0])
            if named and service:
                ties.append(Tie(service, SOCKET, f"socket unit {socket_unit.name}"))
    return ties


def only_one_down(units: Sequence[Unit]) -> Unit | None:
    """The only application here that died, if nothing says where it would listen."""
    down = [
        unit
        for unit in units
        if _is_service(unit) and not is_system(unit.name) and unit["Type"] != "oneshot"
        if unit["ActiveState"] == "failed" or state.restarting(unit)
        if not any(statements(unit)) and not _names_a_port(unit)
    ]
    return down[0] if len(down) == 1 else None


def _names_a_port(unit: Unit) -> bool:
    files = (one for one in program_files.of(unit) if not one.is_source)
    texts = (program_files.text_of(one.path) for one in files)
    return any(text is not None and mentions.ports_in(text) for text in texts)


def _by_replaced_commands(aim: Aim, units: Sequence[Unit]) -> list[Tie]:
    found = ((unit, one) for unit in units for one in replaced_statements(unit) if one.meets(aim))
    return [Tie(unit, CONFIGURED, one.words) for unit, one in found]


def _by_files(aim: Aim, units: Sequence[Unit]) -> list[Tie]:
    give_up = time.monotonic() + _SEARCH_SECONDS
    ties = []
    for unit in sorted(units, key=_state_order):
        if time.monotonic() > give_up:
            break
        other_ports: set[int] = set()
        for file in program_files.of(unit):
            if file.is_source and other_ports:
                break
            text = program_files.text_of(file.path)
            if text is None:
                continue
            place = mentions.in_text(text, aim, file.key)
            if place is None:
                other_ports |= set() if file.is_source else mentions.ports_in(text)
                continue
            level = CONFIGURED if not file.is_source else SCRIPT
            ties.append(Tie(unit, level, f"{file.path} line {place[0]} has {place[1]}"))
            break
        else:
            if aim.path and _runtime_directory(unit, aim.path):
                words = f"RuntimeDirectory is {unit['RuntimeDirectory']}"
                ties.append(Tie(unit, CONFIGURED, words))
    return ties


def _by_journal(aim: Aim, units: Sequence[Unit]) -> list[Tie]:
    said = journal_listens.last_said(aim, [unit.name for unit in units])
    named = {unit.name: unit for unit in units}
    return [
        Tie(named[name], CONFIGURED, f'its journal says "{line}"')
        for name, line in said.items()
        if name in named
    ]


def _ordered(ties: list[Tie]) -> list[Tie]:
    best: dict[str, Tie] = {}
    for tie in sorted(ties, key=lambda one: one.level):
        best.setdefault(tie.unit.name, tie)
    return sorted(best.values(), key=lambda tie: (tie.level, _state_order(tie.unit), tie.unit.name))


def _state_order(unit: Unit) -> int:
    return _STATE_ORDER.get(unit["ActiveState"], 5)


def _is_service(unit: Unit) -> bool:
    return unit.exists and unit.name.endswith(".service") and bool(unit.commands)


def _same_kind(stated: Stated, aim: Aim) -> bool:
    return (stated.path is not None) == (aim.path is not None)


def _runtime_directory(unit: Unit, path: str) -> bool:
    folder = path.rpartition("/")[0].replace("/var/run/", "/run/")
    return folder in {f"/run/{name}" for name in unit["RuntimeDirectory"].split()}


def _worded(stated: Stated, words: str) -> Stated:
    return Stated(words, stated.port, stated.path)
