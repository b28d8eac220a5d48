"""A case of the lab: one way in which a host is broken (or well), as data in cases/*.yaml.

| key            | means                                                                           |
| -------------- | ------------------------------------------------------------------------------- |
| id             | its name, of one case only                                                      |
| cause          | the cause that the wizard must name first; null for a healthy host              |
| also           | causes that root must be told of beside the first                               |
| what           | one line for people                                                             |
| disk           | nginx (default), or field: other proxies and docker are installed beside it    |
| base           | shop: the usual site, app and neighbour (default); bare: nginx without a site;  |
|                | scripts: as shop, without systemd: init scripts in /etc/init.d start everything |
| files          | path: text, or {text, copy, mode, owner}; on the disk before the host boots     |
| setup          | shell steps before the break, as root                                           |
| healthy        | the status that the url gives before the break; null where it never was healthy |
| break          | shell steps that break it                                                       |
| reboot         | true: the host is booted again after the break                                  |
| wait, traffic  | seconds, then shell steps: what real clients have asked since                   |
| options        | what the person knows beside the url: [--since, 10m], [--status, "502"]         |
| url, status    | what the person asks about; the status that curl gives (0: no HTTP answer)      |
| says           | a pattern that nginx's error log must show since the break                      |
| silent         | true where nginx's error log must have no new line that names an upstream       |
| not            | causes that the wizard must not name                                            |
| look_alike_of  | the cause that this case is easily taken for                                    |
| docker         | options of the container: memory, ipv6, dns; names: what /etc/hosts knows too;  |
|                | kernel_log: /dev/kmsg, for journald to read the kernel's lines                  |
| mends          | number of the proposal (from 1) that is carried out: the url is well after it   |
| mended         | the status that the url gives after it, where that is not the one of `healthy`  |
| well           | shell steps that succeed only where it is well, for `mends` where the status of |
|                | the url alone does not tell (an upload, a socket, what comes only now and then) |
| prevents       | id of a prevention: shell steps that fail unless it works, once it is in place  |
|                | and the fault is mended; its text lies beside them under its file's name        |
| quiet          | true: needs a machine that does nothing else; played last and alone by        |
|                | `accuracy`, and not by the tests                                                |
| slow           | true: takes long, left out of the quick set                                     |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from wizard.lab.furnish import backend, clutter, enabled_sites, scripts, shop
from wizard.lab.host import File

FOLDER = Path(__file__).parent / "cases"
CONTAINER_OPTIONS: Mapping[str, Callable[[Any], tuple[str, ...]]] = {
    "memory": lambda size: ("-m", str(size), "--memory-swap", str(size)),
    "ipv6": lambda on: ("--sysctl", f"net.ipv6.conf.all.disable_ipv6={0 if on else 1}"),
    "names": lambda names: tuple(f"--add-host={name}:127.0.0.1" for name in names),
    "kernel_log": lambda on: ("--device", "/dev/kmsg") if on else (),
    "dns": lambda address: (f"--dns={address}",),
}
NAMES = ("shop.example.com", "www.shop.example.com", "blog.example.com")
NO_DNS = "127.0.0.53"
"""Nothing answers there: no question of a host leaves it."""
WORDS = {"break": "breaks", "not": "never"}
"""Words that read best in YAML and that Python keeps for itself."""


@dataclass(frozen=True)
class Case:
    """One host and what is wrong with it; the module's table says what each key means."""

    id: str
    cause: str | None
    what: str
    url: str
    status: int
    category: str
    disk: str = "nginx"
    base: str = "shop"
    files: Mapping[str, Any] = field(default_factory=dict)
    setup: str = ""
    healthy: int | None = 200
    breaks: str = ""
    reboot: bool = False
    options: tuple[str, ...] = ()
    wait: float = 0.0
    traffic: str = ""
    says: str = ""
    silent: bool = False
    never: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    look_alike_of: str | None = None
    docker: Mapping[str, Any] = field(default_factory=dict)
    slow: bool = False
    quiet: bool = False
    mends: int | None = None
    mended: int | None = None
    well: str = ""
    prevents: Mapping[str, str] = field(default_factory=dict)

    def furniture(self) -> dict[str, File]:
        """Every file that is on the host before it boots."""
        bases = {"shop": shop, "scripts": scripts}
        usual = {**clutter(self.url), **bases.get(self.base, dict)()}
        own = {path: _file(given) for path, given in self.files.items()}
        return enabled_sites({**usual, **own})

    def container_options(self) -> tuple[str, ...]:
        """The options that docker gets for this host."""
        names = {*NAMES, urlsplit(self.url).hostname or "", *self.docker.get("names", ())}
        known = sorted(name for name in names if name[:1].isalpha() and name != "localhost")
        given = {"ipv6": True, "dns": NO_DNS, **self.docker, "names": known}
        return tuple(
            option for name, value in given.items() for option in CONTAINER_OPTIONS[name](value)
        )


class CaseError(Exception):
    """A case file that says something that cannot be meant."""


def load_cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """All cases, in the order of their files; a mistake in one is told with its name."""
    cases = [
        _case(entry, category=path.stem)
        for path in sorted(folder.glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text())
    ]
    names = [case.id for case in cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CaseError(f"more than one case is called {', '.join(twice)}")
    return tuple(cases)


def chosen(cases: Iterable[Case], words: Iterable[str], *, slow: bool = True) -> tuple[Case, ...]:
    """The cases whose id, cause or category is among the words; all of them without a word."""
    wanted = set(words)
    fitting = [
        case for case in cases if not wanted or wanted & {case.id, case.cause, case.category}
    ]
    unknown = wanted - {name for case in fitting for name in (case.id, case.cause, case.category)}
    if unknown:
        raise CaseError(f"no case, cause or category is called {', '.join(sorted(unknown))}")
    return tuple(case for case in fitting if slow or case.id in wanted or not case.slow)


def _case(entry: Mapping[str, Any], category: str) -> Case:
    given = {WORDS.get(key, key): value for key, value in entry.items()}
    unknown = given.keys() - {f.name for f in fields(Case)} | given.keys() & {"category"}
    if unknown:
        raise CaseError(
            f"{entry.get('id', '?')} in {category}.yaml: unknown key {', '.join(unknown)}"
        )
    given["never"] = tuple(given.get("never", ()))
    given["options"] = tuple(given.get("options", ()))
    given["also"] = tuple(given.get("also", ()))
    try:
        return Case(category=category, **given)
    except TypeError as error:
        raise CaseError(f"{entry.get('id', '?')} in {category}.yaml: {error}") from error


def _file(given: str | Mapping[str, Any]) -> File:
    if isinstance(given, str):
        return File(given.encode())
    content = backend(given["copy"]).content if "copy" in given else given.get("text", "").encode()
    mode = int(str(given.get("mode", "644")), 8)
    return File(content, mode, given.get("owner", "root:root"), given.get("link"))
