"""The nginx instances of this host: those that run, those that a unit would start."""

from __future__ import annotations

import os
import pwd

from wizard.model.text import clean
from wizard.probes.run import program_path
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.build import Build, build
from wizard.proxies.nginx.config import configuration
from wizard.proxies.nginx.listening import virtual_hosts
from wizard.proxies.nginx.processes import Family, families, in_other_container, unit_of
from wizard.proxies.nginx.units import nginx_units

DEFAULT_UNIT = "nginx.service"


def find(config: str | None = None) -> list[Instance]:
    """Every running instance, then those that units would start; at least the installed one."""
    running = [_running(known) for known in families()]
    known = [*running, *_stopped(running)]
    wanted = os.path.abspath(config) if config else None
    fitting = [each for each in known if wanted in (None, each.config)]
    if any(each.running for each in fitting):
        return fitting
    installed = _installed(wanted)
    if installed and installed.config not in [each.config for each in fitting]:
        fitting.append(installed)
    return fitting or running


def configured_listens(instance: Instance) -> list[str]:
    """`0.0.0.0:80` and so on, as the configuration has them."""
    if instance.config is None or not os.path.exists(instance.config):
        return []
    default_port = 80 if instance.user in (None, "root") else 8000
    hosts = virtual_hosts(configuration(instance.config), default_port)
    shown = [listen.shown for host in hosts for listen in host.listens]
    return [clean(each) for each in dict.fromkeys(shown)]


def _running(known: Family) -> Instance:
    leader = known.leader
    program = _program(leader.program)
    made = build(program) if program else None
    prefix = leader.option("p") or (made.prefix if made else None)
    prefix = _absolute(prefix, _folder(leader.pid))
    config = leader.option("c") or (made.config if made else None)
    # The files of a container stand under another root and must not be taken for this host's.
    foreign = in_other_container(leader.pid)
    workers = [worker for worker in known.workers if not worker.is_leaving]
    return Instance(
        kind="nginx",
        running=True,
        version=made.version if made else None,
        pid=leader.pid,
        executable=program,
        user=_user(leader.user_id),
        worker_user=_user(workers[0].user_id) if workers else _user(leader.user_id),
        worker_pids=sorted(worker.pid for worker in known.workers),
        config=None if foreign else _absolute(config, prefix),
        prefix=prefix,
        unit=unit_of(leader.pid),
        started=leader.started,
    )


def _stopped(running: list[Instance]) -> list[Instance]:
    """Instances that a unit would start with files that no running one has."""
    found: dict[str | None, Instance] = {each.config: each for each in running}
    units = {each.unit for each in running}
    for unit in nginx_units():
        program = _program(unit.program)
        made = build(program) if program else None
        prefix = unit.prefix or (made.prefix if made else None)
        config = _absolute(unit.config or (made.config if made else None), prefix)
        if unit.name not in units and config is not None and config not in found:
            found[config] = Instance(
                kind="nginx",
                running=False,
                version=made.version if made else None,
                executable=program,
                worker_user=_configured_user(made, config),
                config=config,
                prefix=prefix,
                unit=unit.name,
            )
    return [each for each in found.values() if not each.running]


def _installed(config: str | None) -> Instance | None:
    program = program_path("nginx")
    made = build(program) if program else None
    if made is None and config is None:
        return None
    return Instance(
        kind="nginx",
        running=False,
        version=made.version if made else None,
        executable=program,
        worker_user=_configured_user(made, config),
        config=config or (made.config if made else None),
        prefix=made.prefix if made else None,
        unit=None if config and made and config != made.config else DEFAULT_UNIT,
    )


def _configured_user(made: Build | None, config: str | None) -> str | None:
    path = config or (made.config if made else None)
    if path and os.path.exists(path):
        directive = configuration(path).main.one("user")
        if directive is not None and directive.args:
            return clean(directive.args[0])
    return made.user if made else None


def _program(seen: str | None) -> str | None:
    """The program file: the running one, else the one of that name on the path."""
    if seen and os.path.isabs(seen) and os.access(seen, os.X_OK):
        return seen
    return program_path("nginx")


def _folder(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None


def _absolute(path: str | None, folder: str | None) -> str | None:
    if path is None or os.path.isabs(path):
        return path and os.path.normpath(path)
    return os.path.normpath(os.path.join(folder, path)) if folder else None


def _user(number: int) -> str | None:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number) if number >= 0 else None
