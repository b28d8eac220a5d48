"""systemd's units: a setting, or an option of the command that a unit starts.

What an administrator wrote is changed where it stands (/etc, /srv). What a package brought is left
as it is, and a drop-in is added, which goes with `patch -R`. systemd.unit(5), systemd.syntax(7).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from wizard.fixes import ini_text
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Trial
from wizard.fixes.ini_text import Setting
from wizard.fixes.trial import text_of
from wizard.model.change import Change
from wizard.model.text import clean, one_line
from wizard.probes.run import run
from wizard.proxies.facts import Instance

NAME = "unit"

_CHECK = "systemd-analyze verify"
_SECONDS = 8.0
_FOLDER = "/etc/systemd/system"
_DROPIN = "gateway-wizard.conf"
_OF_PACKAGES = ("/usr/", "/lib/", "/run/")
_COMMAND = "ExecStart"
_SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "ash")
_PREFIXES = "-@:+!|"
_BLANK = r"(?:[ \t]|\\\r?\n)"


class Unit(msgspec.Struct, frozen=True):
    """A unit with the files that make it, in the order in which they take effect."""

    name: str
    files: tuple[str, ...]


def file_of(change: Change) -> str:
    """The file in which the setting stands, where it is the administrator's; else a drop-in."""
    unit = _unit(change.unit)
    found = _in_effect(unit, change)
    if found is not None and _is_own(unit, found[0]):
        return found[0]
    path = f"{_FOLDER}/{unit.name}.d/{_DROPIN}"
    later = found is not None and found[0] != unit.files[0]
    if found is not None and later and os.path.basename(found[0]) > _DROPIN:
        raise EditError(f"{found[0]} would overrule {path}")
    return path


def changed(text: str, change: Change, instance: Instance, url: str | None) -> str:
    """The text with the setting, or with the option of the command, changed or added."""
    section = change.within or "Service"
    if change.option:
        return _with_option(text, change, section)
    if change.set:
        return _set(text, section, change.set, change.to)
    raise EditError("only `set` and `option` are known here")


def tried(
    instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """What `systemd-analyze verify` says of a copy of each unit."""
    for name in dict.fromkeys(change.unit for change in changes):
        unit = _unit(name)
        with_edit = _checked(unit, after)
        if with_edit.passes is False and _checked(unit, {}).passes is not True:
            return _CHECK, Trial(None, f"it fails without the change too: {with_edit.message}")
        if with_edit.passes is not True:
            return _CHECK, with_edit
    return _CHECK, Trial(True)


def _unit(name: str) -> Unit:
    """The unit's files, as the service manager knows them.

    Raises:
        EditError: it has none.
    """
    asked = ("FragmentPath", "DropInPaths")
    said = run(["systemctl", "show", *(f"--property={each}" for each in asked), "--", name])
    lines = said.out.decode("utf-8", "surrogateescape").splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    fragment = told.get("FragmentPath", "")
    if not fragment:
        raise EditError(f"no file of {name} is known")
    if fragment.startswith("/run/"):
        raise EditError(f"{fragment} is made anew at each boot")
    return Unit(name, (fragment, *told.get("DropInPaths", "").split()))


def _in_effect(unit: Unit, change: Change) -> tuple[str, Setting] | None:
    """The last place at which the setting stands: that one counts."""
    key = _COMMAND if change.option else change.set
    section = change.within or "Service"
    found = None
    for path in unit.files:
        try:
            _, settings = ini_text.parsed(text_of(path), continued=True)
        except OSError as problem:
            raise EditError(f"{path} cannot be read: {problem.strerror}") from problem
        for each in settings:
            if (each.section, each.key) == (section, key) and each.value:
                found = path, each
    return found


def _is_own(unit: Unit, path: str) -> bool:
    """It belongs to this unit alone, and no package brings it."""
    of_unit = unit.name in (os.path.basename(path), os.path.basename(os.path.dirname(path))[:-2])
    return of_unit and not os.path.realpath(path).startswith(_OF_PACKAGES)


def _set(text: str, section: str, key: str, value: str) -> str:
    headings, settings = ini_text.parsed(text, continued=True)
    stands = any((each.section, each.key) == (section, key) for each in settings)
    if not stands and section not in [each.section for each in headings]:
        lead = "" if not text else "\n"
        text = ini_text.put(text, len(text), f"{lead}[{section}]")
    return ini_text.set_in(text, section, key, value, continued=True)


def _with_option(text: str, change: Change, section: str) -> str:
    """The command with the option, here or, in a drop-in, after an empty one that resets it."""
    _, settings = ini_text.parsed(text, continued=True)
    here = [each for each in settings if (each.section, each.key) == (section, _COMMAND)]
    commands = [each for each in here if each.value]
    if len(commands) > 1:
        raise EditError(f"{_COMMAND} stands {len(commands)} times")
    if commands:
        [command] = commands
        new = option_in(command.value, change.option.split(), change.to)
        return text[: command.value_start] + new + text[command.value_end :]
    found = _in_effect(_unit(change.unit), change)
    if found is None:
        raise EditError(f"{change.unit} has no {_COMMAND}")
    new = option_in(found[1].value, change.option.split(), change.to)
    if section not in text:
        text = ini_text.put(text, len(text), f"[{section}]")
    text = ini_text.put(text, len(text), f"{_COMMAND}=")
    return ini_text.put(text, len(text), f"{_COMMAND}={new}")


def option_in(command: str, names: Sequence[str], value: str) -> str:
    """The command with the option (its first name is used where none is given) at this value.

    Raises:
        EditError: it is given more than once, or the command is a shell's.
    """
    ini_text.plain(value)
    found = [match for name in names for match in _given(name).finditer(command)]
    if len(found) > 1:
        raise EditError(f"{names[0]} is given {len(found)} times")
    if found:
        return command[: found[0].start("value")] + value + command[found[0].end("value") :]
    words = command.lstrip(_PREFIXES).split()
    if os.path.basename(words[0] if words else "") in _SHELLS or "--" in words:
        raise EditError("its command is a shell's, or takes no further options at its end")
    return f"{command} {names[0]} {value}"


def _given(name: str) -> re.Pattern[str]:
    """The option with its value: `--name value`, `--name=value`, `-n value`, `-n7`."""
    between = rf"(?:=|{_BLANK}+)" if name.startswith("--") else rf"{_BLANK}*"
    value = r"[^\s\"'\\]+" if name.startswith("--") else r"\d[^\s\"'\\]*"
    return re.compile(rf"(?<![^\s\"']){re.escape(name)}{between}(?P<value>{value})")


def _checked(unit: Unit, edited: Mapping[str, str]) -> Trial:
    folder = Path(tempfile.mkdtemp(prefix="wizard-trial-"))
    try:
        copy = _copied(unit, folder, edited)
        said = run(["systemd-analyze", "verify", "--man=no", str(copy)], timeout=_SECONDS)
    except OSError as problem:
        return Trial(None, one_line(f"the copy could not be made: {problem}", 200))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if said.exit_status is None:
        why = "is not installed here" if said.missing else "gave no answer in time"
        return Trial(None, f"{_CHECK} {why}")
    text = clean((said.err + said.out).decode("utf-8", "replace"))
    about = [line for line in text.splitlines() if str(folder) in line or unit.name in line]
    if about:
        return Trial(False, one_line(" ".join(about).replace(str(folder), ""), 300))
    return Trial(True) if said.ok else Trial(None, one_line(text, 300))


def _copied(unit: Unit, folder: Path, edited: Mapping[str, str]) -> Path:
    """The unit's file with all of its drop-ins beside it, those of the change among them."""
    copy = folder / unit.name
    beside = folder / f"{unit.name}.d"
    beside.mkdir()
    real = {os.path.realpath(path): path for path in unit.files}
    texts = {path: edited.get(where, "") or text_of(path) for where, path in real.items()}
    texts |= {path: text for path, text in edited.items()
              if path not in real and f"/{unit.name}.d/" in path}  # fmt: skip
    for path, text in texts.items():
        into = copy if path == unit.files[0] else beside / os.path.basename(path)
        into.write_bytes(text.encode("utf-8", "surrogateescape"))
    return copy
