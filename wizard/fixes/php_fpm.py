"""PHP-FPM's pools: INI files that its main one includes; `php-fpm -t` on a copy of all of them.

https://www.php.net/manual/en/install.fpm.configuration.php
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wizard.fixes import ini_text
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Trial
from wizard.fixes.ini_text import Setting
from wizard.fixes.trial import text_of
from wizard.model.change import Change
from wizard.model.text import clean, one_line
from wizard.probes.run import PHP_FPM, program_path, run
from wizard.proxies.facts import Instance

NAME = "php-fpm"

_SECONDS = 8.0
_MAIN = "php-fpm.conf"
_OPENED = ("error_log", "slowlog", "access.log", "pid")
"""Files that even the check opens for writing."""
_VERSION = re.compile(r"/php/?(\d)\.?(\d+)?/")
_NO_VERDICT = re.compile(r"\b(?:NOTICE|WARNING): ")


def file_of(change: Change) -> str:
    """The file that the change names."""
    return change.file


def changed(text: str, change: Change, instance: Instance, url: str | None) -> str:
    """The text with a setting of a pool, which is a section, changed or added."""
    if change.set:
        return ini_text.set_in(text, change.within, change.set, change.to)
    if change.add:
        return ini_text.add_in(text, change.within, change.add, change.to)
    if change.remove:
        return ini_text.remove(text, change.within, change.remove)
    raise EditError("only `set`, `add` and `remove` are known here")


def tried(
    instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """What PHP-FPM's own check says of a copy of its main file and of all that this includes."""
    first = next(iter(after))
    main = _main_of(first)
    if main is None:
        return "", Trial(None, f"the main file that includes {first} was not found")
    program = _program(main)
    if program is None:
        return "", Trial(None, "PHP-FPM's program was not found")
    check = f"{program} -t"
    with_edit = _checked(program, main, after)
    if with_edit.passes is False and _checked(program, main, {}).passes is not True:
        return check, Trial(None, f"it fails without the change too: {with_edit.message}")
    return check, with_edit


def _main_of(path: str) -> str | None:
    """The main file stands beside the folder of the pools: Debian, Fedora, Alpine, php's image."""
    folder = os.path.dirname(path)
    for main in (path, os.path.join(folder, _MAIN), os.path.join(os.path.dirname(folder), _MAIN)):
        if os.path.basename(main) == _MAIN and path in _files(main):
            return main
    return None


def _program(main: str) -> str | None:
    """The php-fpm of the version in the path of its files: php-fpm8.2, php-fpm82, php-fpm."""
    version = _VERSION.search(main)
    major, minor = version.groups() if version else (None, None)
    names = [f"php-fpm{major}.{minor}", f"php-fpm{major}{minor}"] if minor else []
    return next(
        (name for name in (*names, "php-fpm") if name in PHP_FPM and program_path(name)), None
    )


def _files(main: str) -> list[str]:
    """Real paths of the main file and of those that it includes."""
    try:
        _, settings = ini_text.parsed(text_of(main))
    except OSError:
        return []
    named = [name for each in _includes(settings) for name in sorted(glob.glob(each.value))]
    return [os.path.realpath(name) for name in (main, *named)]


def _includes(settings: list[Setting]) -> Iterator[Setting]:
    return (each for each in settings if each.key == "include" and each.value.startswith("/"))


def _checked(program: str, main: str, edited: Mapping[str, str]) -> Trial:
    folder = Path(tempfile.mkdtemp(prefix="wizard-trial-"))
    try:
        copy = _copied(main, folder, edited)
        said = run([program, "-t", "-y", str(copy)], timeout=_SECONDS)
    except OSError as problem:
        return Trial(None, one_line(f"the copy could not be made: {problem}", 200))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if said.exit_status is None:
        return Trial(None, f"{program} -t gave no answer in time")
    text = clean((said.err + said.out).decode("utf-8", "replace"))
    for number, path in enumerate(_files(main)):
        text = text.replace(f"{folder}/{number}.conf", path)
    wrong = [line for line in text.splitlines() if line and not _NO_VERDICT.search(line)]
    return Trial(True) if said.ok else Trial(False, one_line(" ".join(wrong) or text, 300))


def _copied(main: str, folder: Path, edited: Mapping[str, str]) -> Path:
    """Copy the files with what they would open turned aside; the path of the main one."""
    copies = []
    for number, path in enumerate(_files(main)):
        text = edited.get(path)
        copies.append(folder / f"{number}.conf")
        copies[-1].write_bytes(
            _aside(text_of(path) if text is None else text, folder).encode(
                "utf-8", "surrogateescape"
            )
        )
    return copies[0]


def _aside(text: str, folder: Path) -> str:
    _, settings = ini_text.parsed(text)
    included = f"{folder}/[1-9]*.conf"
    for each in reversed(settings):
        if each.key in _OPENED or each in _includes([each]):
            new = f"{folder}/{each.key}" if each.key in _OPENED else included
            text = text[: each.value_start] + new + text[each.value_end :]
            included = f"{folder}/none"
    return text
