"""A way to break a site on loopback, as data: what stands there, and the steps that break it.

| key          | means                                                                          |
| ------------ | ------------------------------------------------------------------------------ |
| id, what     | its name, and one line for people                                              |
| cause        | what is wrong with it; null for a healthy site                                 |
| site         | the server blocks of nginx.conf; without it one that passes all to `app`       |
| http         | what stands before them inside `http { }`                                      |
| apps         | name: options of `backends/app.py` (a port of its own where there are none)    |
| routes       | app: {path: behaviour}, from the start                                         |
| certificates | name: {names: [...], days: N}; NAME.pem and NAME.key in the folder             |
| files        | path: text                                                                     |
| path         | what is asked, `/` without it                                                  |
| healthy      | the status before the break (200)                                              |
| break        | steps, each one of `STEPS` with its argument                                   |
| status       | the status after the break; 0: no HTTP answer                                  |
| says         | a pattern that nginx's error log shows then                                    |
| options      | what the wizard has to be told besides the URL                                 |

`@name@` stands for the port of that name, `@folder@` for the folder; `@front@` is nginx's port.
"""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wizard.lab.certificate import self_signed
from wizard.lab.loopback import Stage, StageError, is_open
from wizard.lab.person import python_of

_APP = Path(__file__).parent / "backends" / "app.py"
USUAL_SITE = """\
server {
    listen 127.0.0.1:@front@;
    location / {
        proxy_pass http://127.0.0.1:@app@;
    }
}
"""


class NotReal(Exception):
    """The scenario did not do what it says."""


@dataclass(frozen=True)
class Scenario:
    """One site and what happens to it; the module's table says what each key means."""

    id: str
    what: str
    cause: str | None
    status: int
    site: str = USUAL_SITE
    http: str = ""
    apps: Mapping[str, str] = field(default_factory=lambda: {"app": ""})
    routes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    certificates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"
    healthy: int = 200
    breaks: Sequence[Mapping[str, Any]] = ()
    says: str = ""
    options: str = ""


def set_up(stage: Stage, scenario: Scenario) -> None:
    """Put the healthy site on the stage and see that it is healthy."""
    for name, wanted in scenario.certificates.items():
        certificate, key = self_signed(**wanted)
        stage.write(f"{name}.pem", certificate)
        stage.write(f"{name}.key", key, 0o600)
    for name, text in scenario.files.items():
        stage.write(name, filled(stage, text))
    for name, routes in scenario.routes.items():
        _routes(stage, {name: routes})
    for name, options in scenario.apps.items():
        _start(stage, {name: options})
    stage.configure(filled(stage, scenario.site), filled(stage, scenario.http))
    stage.start_nginx()
    seen = stage.ask(scenario.path).status
    if seen != scenario.healthy:
        raise NotReal(f"{scenario.id}: {seen} before the break, not {scenario.healthy}")


@contextlib.contextmanager
def broken(stage: Stage, scenario: Scenario) -> Iterator[None]:
    """Do the steps and see that the symptom is there; connections that they hold end with it."""
    log_before = stage.error_log.stat().st_size
    with contextlib.ExitStack() as held:
        for step in scenario.breaks:
            for verb, argument in step.items():
                STEPS[verb](stage, argument, held)
        seen = stage.ask(scenario.path).status
        if seen != scenario.status:
            raise NotReal(f"{scenario.id}: {seen} after the break, not {scenario.status}")
        with stage.error_log.open("rb") as log:
            log.seek(log_before)
            new = log.read().decode("utf-8", "replace")
        if not re.search(scenario.says, new):
            raise NotReal(f"{scenario.id}: nginx does not say {scenario.says!r} but {new[-600:]}")
        yield


def scenarios(path: Path) -> tuple[Scenario, ...]:
    """The scenarios of a YAML file."""
    import yaml

    entries = yaml.safe_load(path.read_text())
    return tuple(
        Scenario(**{("breaks" if key == "break" else key): value for key, value in entry.items()})
        for entry in entries
    )


def filled(stage: Stage, text: str) -> str:
    """The text with its placeholders replaced."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return str(stage.folder) if name == "folder" else str(stage.ports[name])

    return re.sub(r"@([a-z][a-z0-9_]*)@", value, text)


def _start(stage: Stage, apps: Mapping[str, str]) -> None:
    """Start apps, each in a folder of its own where its routes.json lies."""
    program = stage.write("app.py", _APP.read_text())
    for name, options in apps.items():
        stage.write(f"{name}/README", "The working folder of an app of the lab.\n")
        chosen = shlex.split(filled(stage, options or f"--port @{name}@"))
        stage.start(name, python_of(stage.person), str(program), *chosen, folder=name)


def _routes(stage: Stage, routes: Mapping[str, Mapping[str, str]]) -> None:
    for name, behaviour in routes.items():
        stage.write(f"{name}/routes.json", json.dumps(behaviour))


def _replace(stage: Stage, pairs: Mapping[str, str]) -> None:
    """Edit nginx.conf as a person would."""
    text = stage.config.read_text()
    for old, new in pairs.items():
        if filled(stage, old) not in text:
            raise NotReal(f"nginx.conf has no {old!r}")
        text = text.replace(filled(stage, old), filled(stage, new))
    stage.write("nginx.conf", text)


def _fill_queue(stage: Stage, name: str, held: contextlib.ExitStack) -> None:
    """Connect to a port until the kernel takes no more."""
    for _ in range(64):
        caller = held.enter_context(socket.socket())
        caller.settimeout(0.15)
        try:
            caller.connect(("127.0.0.1", stage.ports[name]))
        except TimeoutError:
            return
    raise NotReal(f"the accept queue of {name} does not fill")


def _until_closed(stage: Stage, name: str) -> None:
    give_up = time.monotonic() + 2
    while is_open(stage.ports[name]):
        if time.monotonic() > give_up:
            raise StageError(f"{name} still listens")
        time.sleep(0.005)


def _until_logged(stage: Stage, pattern: str) -> None:
    stage.wait_for(
        lambda: bool(re.search(pattern, stage.error_log.read_text(errors="replace"))),
        "nginx",
        f"nginx to log {pattern!r}",
    )


def _ask(stage: Stage, paths: Sequence[str]) -> None:
    for path in paths:
        stage.ask(path)


Step = Callable[[Stage, Any, contextlib.ExitStack], object]
STEPS: Mapping[str, Step] = {
    "start": lambda stage, apps, _: _start(stage, apps),
    "stop": lambda stage, name, _: stage.stop(name),
    "kill": lambda stage, name, _: stage.stop(name, signal.SIGKILL),
    "freeze": lambda stage, name, _: stage.send(name, signal.SIGSTOP),
    "closed": lambda stage, name, _: _until_closed(stage, name),
    "routes": lambda stage, routes, _: _routes(stage, routes),
    "edit": lambda stage, pairs, _: _replace(stage, pairs),
    "write": lambda stage, files, _: [
        stage.write(name, filled(stage, text)) for name, text in files.items()
    ],
    "remove": lambda stage, name, _: (stage.folder / name).unlink(),
    "mode": lambda stage, modes, _: [
        (stage.folder / name).chmod(int(mode, 8)) for name, mode in modes.items()
    ],
    "reload": lambda stage, _, __: stage.reload_nginx(),
    "refused-reload": lambda stage, _, __: stage.send("nginx", signal.SIGHUP),
    "logged": lambda stage, pattern, _: _until_logged(stage, pattern),
    "stop-nginx": lambda stage, _, __: stage.stop("nginx"),
    "fill-queue": _fill_queue,
    "ask": lambda stage, paths, _: _ask(stage, paths),
}
"""What a step may be."""
