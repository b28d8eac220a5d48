"""`systemctl show`, one call for all the properties that are wanted of one unit or of many."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Sequence

import msgspec

from wizard.model.text import decode
from wizard.probes.run import run

PROPERTIES = (
    "Id", "Names", "LoadState", "ActiveState", "SubState", "Result", "Type", "UnitFileState",
    "FragmentPath", "DropInPaths", "SourcePath", "NeedDaemonReload", "Triggers", "Listen",
    "ExecStart", "Environment", "EnvironmentFiles", "WorkingDirectory", "RootDirectory", "User",
    "DynamicUser", "RuntimeDirectory", "Restart", "NRestarts", "MainPID", "ControlGroup",
    "ExecMainPID", "ExecMainCode", "ExecMainStatus", "ExecMainStartTimestampMonotonic",
    "ExecMainExitTimestampMonotonic", "StateChangeTimestampMonotonic",
    "ActiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic", "MemoryMax", "MemoryPeak",
    "FreezerState", "TriggeredBy", "TimeoutStartUSec", "WatchdogUSec",
    "ActiveEnterTimestampMonotonic", "InactiveExitTimestampMonotonic", "ProtectHome",
    "ProtectSystem", "PrivateTmp", "PrivateNetwork", "RestrictAddressFamilies", "SystemCallFilter",
    "ReadOnlyPaths", "InaccessiblePaths",
)  # fmt: skip

_EXEC = re.compile(r"\{ path=(?P<path>.*?) ; argv\[\]=(?P<argv>.*?) ; ignore_errors=")
_IGNORED = re.compile(r" \(ignore_errors=(yes|no)\)$")
_LISTEN = re.compile(r"(?P<address>\S.*?) \((?:Stream|SequentialPacket)\)$")
_NO_LIMIT = 1 << 62


class Unit(msgspec.Struct, frozen=True):
    """The properties of a unit; a property that repeats holds its values a line each."""

    properties: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.properties.get(name, "")

    @property
    def name(self) -> str:
        """`shop.service`."""
        return self["Id"]

    @property
    def exists(self) -> bool:
        """There is a unit file for it, readable or not."""
        return self["LoadState"] not in ("", "not-found")

    @property
    def running(self) -> bool:
        """Active or on its way up."""
        return self["ActiveState"] in ("active", "reloading", "activating") and self[
            "SubState"
        ] not in (
            "auto-restart",
            "exited",
        )

    @property
    def main_pid(self) -> int | None:
        """Of the process that runs now."""
        return self.number("MainPID") or None

    @property
    def commands(self) -> list[list[str]]:
        """The argument lists of ExecStart, specifiers filled in, variables not."""
        return [split(match["argv"]) for match in _EXEC.finditer(self["ExecStart"])]

    @property
    def environment(self) -> dict[str, str]:
        """What Environment= sets."""
        pairs = (word.partition("=") for word in split(self["Environment"]) if "=" in word)
        return {key: value for key, _, value in pairs}

    @property
    def environment_files(self) -> list[str]:
        """Paths of EnvironmentFile=."""
        lines = self["EnvironmentFiles"].splitlines()
        return [_IGNORED.sub("", line).lstrip("-") for line in lines if line]

    @property
    def listens(self) -> list[str]:
        """Stream addresses of a socket unit: `127.0.0.1:3000`, `[::]:3000`, `/run/shop.sock`."""
        matches = (_LISTEN.match(line) for line in self["Listen"].splitlines())
        return [match["address"] for match in matches if match]

    def number(self, name: str) -> int | None:
        """A count or a size; None for `infinity`, `[not set]` and the like."""
        text = self[name]
        if not text.isdigit():
            return None
        return int(text) if int(text) < _NO_LIMIT else None

    def moment(self, name: str) -> float | None:
        """A monotonic timestamp as seconds since the epoch."""
        monotonic = self.number(f"{name}TimestampMonotonic")
        if not monotonic:
            return None
        return time.time() - time.monotonic() + monotonic / 1e6


class Shown(msgspec.Struct, frozen=True):
    """What systemctl said, with the reason where it said nothing."""

    units: list[Unit]
    reason: str = ""


def show(names: Sequence[str], *, user: bool = False) -> Shown:
    """The units that are named. It costs 1 to 2 ms a unit: never ask for all of them."""
    argv = ["systemctl", *(["--user"] if user else []), "--no-pager", "show"]
    said = run([*argv, "-p", ",".join(PROPERTIES), "--", *names], timeout=4)
    if said.missing:
        return Shown([], "systemctl is not installed")
    text = decode(said.out)
    if said.timed_out or not text.strip():
        return Shown([], decode(said.err).strip()[:200] or "systemctl gave no answer")
    return Shown(read(text))


def read(text: str) -> list[Unit]:
    """The blocks of KEY=VALUE lines as units, each once."""
    units: dict[str, Unit] = {}
    for block in re.split(r"\n\s*\n", text):
        properties: dict[str, str] = {}
        for line in block.splitlines():
            key, equals, value = line.partition("=")
            if equals:
                properties[key] = f"{properties[key]}\n{value}" if properties.get(key) else value
        unit = Unit(properties)
        if unit.name and unit.name not in units:
            units[unit.name] = unit
    return list(units.values())


def split(text: str) -> list[str]:
    """Words of a command line or of Environment=, quotes honoured where they balance."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
