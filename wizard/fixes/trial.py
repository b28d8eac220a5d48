"""nginx's own check of edited files, on a copy: the live files are read and nothing else.

The configuration files are copied into a private folder. In the copy, what would open or bind
something of the live proxy is turned aside: the pid file, the log files, privileged ports, unix
sockets. Everything else (certificates, modules, keys) is read where it is.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from wizard.fixes.facts import Trial
from wizard.fixes.nginx_text import Directive, TextError, directives, every
from wizard.model.text import clean, one_line
from wizard.probes.run import run
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.build import version_numbers
from wizard.proxies.nginx.check import understood
from wizard.proxies.nginx.config import configuration

_SECONDS = 12.0
_LARGEST = 4 * 1024 * 1024
_PORT = re.compile(r"(?:(?<=:)|^)(\d{1,5})$")
_UNPRIVILEGED, _ASIDE = 1024, 20_000


def tried(instance: Instance, edited: Mapping[str, str]) -> Trial:
    """Check the configuration with some of its files replaced.

    `edited` has the new text by the real path of the file. Where the unedited copy fails in the
    same way, the edit is not to blame and nothing can be told.
    """
    if instance.config is None or not os.path.exists(instance.config):
        return Trial(None, "its configuration cannot be seen from here")
    with_edit = _checked(instance, edited)
    if with_edit.passes is not False:
        return with_edit
    without = _checked(instance, {})
    if without.passes is False and _same(without.message, with_edit.message):
        return Trial(None, f"the check fails with and without the change: {with_edit.message}")
    return with_edit


def text_of(path: str) -> str:
    """A configuration file's text; bytes that are no UTF-8 come back as they were when written.

    Raises:
        OSError: it cannot be read, or is too large.
    """
    with open(path, "rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(f"{path} is larger than {_LARGEST} bytes")
    return content.decode("utf-8", "surrogateescape")


def _same(one: str, other: str) -> bool:
    return re.sub(r":\d+$", "", one) == re.sub(r":\d+$", "", other)


def _checked(instance: Instance, edited: Mapping[str, str]) -> Trial:
    folder = Path(tempfile.mkdtemp(prefix="wizard-trial-"))
    try:
        return _run(instance, folder, _copied(instance, folder, edited))
    except (OSError, TextError) as problem:
        return Trial(None, one_line(f"the copy could not be made: {problem}", 200))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(instance: Instance, folder: Path, main: Path) -> Trial:
    argv = ["nginx", "-t", "-c", str(main)]
    if version_numbers(instance.version) >= (1, 19, 5):
        argv += ["-e", "stderr"]
    if instance.prefix is not None:
        argv += ["-p", instance.prefix.rstrip("/") + "/"]
    try:
        said = run(argv, timeout=_SECONDS, path=instance.executable)
    except ValueError as refused:
        return Trial(None, str(refused))
    if said.exit_status is None:
        why = "nginx is not installed here" if said.missing else "nginx -t gave no answer in time"
        return Trial(None, why)
    text = (said.err + said.out).decode("utf-8", "replace").replace(str(folder), "")
    check = understood(clean(text), said.ok)
    return Trial(check.passes, one_line(check.message or "", 300))


def _copied(instance: Instance, folder: Path, edited: Mapping[str, str]) -> Path:
    """Copy every file of the configuration; the path of the main one."""
    main = instance.config or ""
    copies = set()
    for path in configuration(main).files.statements:
        copy = folder / path.lstrip("/")
        text = edited.get(os.path.realpath(path))
        text = text_of(path) if text is None else text
        copy.parent.mkdir(parents=True, exist_ok=True)
        aside = _aside(text, folder, is_main=path == main)
        copy.write_bytes(aside.encode("utf-8", "surrogateescape"))
        copies.add(copy)
    _link_the_rest(Path(main).parent, folder, copies)
    return folder / main.lstrip("/")


def _link_the_rest(live: Path, folder: Path, copies: set[Path]) -> None:
    """What relative names of certificates and keys mean: links to the live files beside them."""
    for entry in os.scandir(live):
        copy = folder / entry.path.lstrip("/")
        if copy in copies:
            continue
        if not entry.is_dir() or not any(copy in each.parents for each in copies):
            copy.symlink_to(entry.path)
        else:
            _link_the_rest(Path(entry.path), folder, copies)


def _aside(text: str, folder: Path, *, is_main: bool) -> str:
    """The text with the names of live things replaced."""
    found = directives(text)
    changes = [change for each in every(found) for change in _changes(each, folder)]
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    if is_main and not any(each.name == "pid" for each in found):
        text = f"pid {folder}/nginx.pid; {text}"
    return text


def _changes(directive: Directive, folder: Path) -> list[tuple[int, int, str]]:
    if len(directive.words) < 2:
        return []
    word = directive.words[1]
    value = word.value
    new: str | None = None
    if directive.name == "include" and value.startswith("/"):
        new = f"{folder}{value}"
    elif directive.name == "pid":
        new = f"{folder}/nginx.pid"
    elif directive.name in ("error_log", "access_log") and _is_file(value):
        new = f"{folder}/log"
    elif directive.name == "listen":
        new = _other_listener(value, folder)
    return [] if new is None else [(word.start, word.end, new)]


def _is_file(value: str) -> bool:
    return (
        value not in ("off", "stderr")
        and not value.startswith(("syslog:", "memory:"))
        and ("$" not in value)
    )


def _other_listener(value: str, folder: Path) -> str | None:
    if value.startswith("unix:"):
        return f"unix:{folder}/{abs(hash(value))}.sock"
    port = _PORT.search(value)
    if port is None:
        return f"{value}:{80 + _ASIDE}"
    if int(port[1]) >= _UNPRIVILEGED:
        return None
    return f"{value[: port.start()]}{int(port[1]) + _ASIDE}"
