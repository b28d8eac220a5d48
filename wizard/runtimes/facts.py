"""What the looks of the runtime adapters say."""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.model.command_line import CommandLine
from wizard.model.route import Place, Server
from wizard.probes.http import Candidate
from wizard.probes.processes import State


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns the server's address now, or who should."""

    found: bool | None = None
    """Something that owns it, or that is configured to, was found."""
    runtime: Literal["systemd", "sysv", "process"] | None = None
    listening: bool | None = None
    """It owns the listening socket now (False: it should, by `found_by`)."""
    found_by: str | None = None
    """How it was tied to the address, in words: `listens on 127.0.0.1:3000`, `ExecStart has
    --port 3000`, `EnvironmentFile /etc/shop.env has PORT=3000`, `its journal says "listening on
    http://127.0.0.1:3000"`, `socket unit shop.socket`."""
    certain: bool | None = None
    """The tie is exact (it listens; its socket unit or arguments name the address), not a guess."""
    name: str | None = None
    """Unit name (`shop.service`) or process name."""
    unit: str | None = None
    others: list[str] = []
    """Further units that could be meant."""
    # Service manager's state
    load_state: str | None = None
    active: str | None = None
    """active, inactive, failed, activating, deactivating, reloading."""
    sub: str | None = None
    """running, dead, exited, auto-restart, failed, start, ..."""
    result: str | None = None
    """success, exit-code, signal, core-dump, oom-kill, start-limit-hit, timeout, watchdog, ..."""
    exit_kind: Literal["exited", "killed", "dumped"] | None = None
    exit_code: int | None = None
    """Exit status when exited."""
    signal: str | None = None
    """`SEGV`, `KILL` when killed or dumped."""
    restarts: int | None = None
    recent_starts: int | None = None
    """Starts in the last 10 minutes, by the journal where it may be read, else by `restarts` where
    the unit was first started then."""
    looping: bool | None = None
    """It keeps dying and being restarted: waits for its next start, or was restarted at least
    three times with its last start less than five minutes ago."""
    gave_up: bool | None = None
    """The service manager restarts it no more: it died too often in too short a time."""
    stopped_by_person: bool | None = None
    """It ended with success after a stop job: inactive, dead, success. Also true of a unit that was
    not started at all; false where its process ended by itself."""
    enabled: str | None = None
    since: float | None = None
    """When it entered its present state."""
    started: float | None = None
    """When the present (or, if none runs, the last) main process started."""
    ended: float | None = None
    """When the last main process that ended did so."""
    last_pid: int | None = None
    """The present or last main process."""
    cgroup: str | None = None
    restart_policy: str | None = None
    memory_limit: int | None = None
    memory_peak: int | None = None
    oom_kills: int | None = None
    """By its cgroup's memory.events or by the service manager's result."""
    fragment: str | None = None
    """The unit file."""
    dropins: list[str] = []
    command: CommandLine | None = None
    """ExecStart or the process's command line, secrets masked."""
    working_directory: str | None = None
    run_as: str | None = None
    needs_daemon_reload: bool | None = None
    # Its start
    type: str | None = None
    """simple, notify, forking, ...: what makes the service manager call it started."""
    start_timeout: str | None = None
    """How long a start may take, as the service manager writes it: `1min 30s`, `infinity`."""
    watchdog: str = ""
    """WatchdogSec, as the service manager writes it: `30s`; empty where there is none."""
    became_ready: bool | None = None
    """The present or last start came as far as `active`."""
    failed_step: str = ""
    """Why its program was not even executed: EXEC, CHDIR, USER, NAMESPACE, ... (systemd.exec(5),
    Process Exit Codes); empty where it was."""
    sandbox: list[str] = []
    """Settings that keep it from files, networks or system calls: `ProtectHome=yes`."""
    barred_by: str = ""
    """The one of them that explains alone how the last run ended."""
    socket_unit: str = ""
    """The socket unit that starts it on the first connection."""
    socket_active: str | None = None
    socket_result: str | None = None
    booted: float | None = None
    """When the service manager of this host started."""
    ran_since_boot: bool | None = None
    """An inactive unit was started since then; None where the journal may not be read."""
    ran_before_boot: float | None = None
    """Of a unit that was not: the newest line about it in the journal."""
    left_active: float | None = None
    """When it last ceased to be active: a stop, a restart or a death."""
    active_since: float | None = None
    """When it last became active."""
    # The process
    age: float | None = None
    """Seconds since its process was started."""
    listens_anywhere: bool | None = None
    """Its processes have a listening socket; None where they could not be seen."""
    pid: int | None = None
    process: str | None = None
    process_state: State | None = None
    frozen: bool | None = None
    """Stopped by a signal or a debugger, or its cgroup is frozen: it cannot answer."""
    fds: int | None = None
    fd_limit: int | None = None
    listens_on: list[str] = []
    """Addresses that its processes listen on: `127.0.0.1:3001`."""
    ports: list[int] = []
    other_ports: list[int] = []
    """Ports that it listens on other than the server's."""
    only_down: str | None = None
    """Where nothing was found: the only application unit here that died and names no address."""
    only_down_how: Literal["failed", "killed", "oom-killed", "gave-up", "looping"] | None = None
    """How that one died."""
    kept_out: bool | None = None
    """Something else has the address that it wants; None where it does not listen and nothing that
    could be in its way was seen."""
    intruder_unit: str | None = None
    """The service of that one, where it is another than this owner."""
    intruder_pid: int | None = None
    intended_port_owner: str | None = None
    """When it should listen and does not: the process or unit that has the port instead."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner wrote: the last lines of its journal, read for what ended it."""

    lines: int | None = None
    last_line: str | None = None
    exception: str | None = None
    """The last exception or fatal line: `RuntimeError: no DATABASE_URL`, `panic: ...`."""
    exception_at: float | None = None
    address_in_use: bool | None = None
    out_of_memory: bool | None = None
    start_limit: bool | None = None
    start_timed_out: bool | None = None
    """The service manager ended its last start for taking too long."""
    watchdog: bool | None = None
    """The service manager ended its last run because its keep-alive messages stayed out."""
    barred_by: str | None = None
    """The setting of the unit that explains the last denial: `ProtectSystem=strict`; empty where
    none does."""
    barred_line: str | None = None
    barred_path: str | None = None
    allowed_outside: bool | None = None
    """Without the unit's sandbox its user might do with that path what was denied."""
    no_space: bool | None = None
    permission_denied: bool | None = None
    module_missing: bool | None = None
    ended_at: float | None = None
    """When the service manager saw the main process end last."""
    end_line: str | None = None
    stopped_at: float | None = None
    """When a stop was asked for last."""
    errors_now: bool | None = None
    """An exception was written at or after `asked_at`: the request made it fail."""


class Killed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the kernel killed this owner for memory."""

    killed: bool | None = None
    at: float | None = None
    line: str | None = None


class Alternatives(msgspec.Struct, frozen=True, kw_only=True):
    """Where the backend may really be listening, when it is not where the proxy asks."""

    count: int | None = None
    best: Candidate | None = None
    """The one that most likely is this backend; None when two are equally likely."""
    port: int | None = None
    """Of the best."""
    address: str | None = None
    """Of the best, as a proxy would name it: `127.0.0.1:3001`, `unix:/run/shop.sock`."""
    answers: bool | None = None
    """The best answered a request as the proxy would send it with a status below 500."""
    status: int | None = None
    tie: str | None = None
    """Why it is thought to be this backend: `it is shop.service, whose name the upstream bears`,
    `it is the only listener here that no route of the proxy uses and that speaks HTTP`."""
    strong: bool | None = None
    """The tie is more than being the only one left: name, unit, history or configuration say so."""
    server: Server | None = None
    """The server with the address of the best in place of its own."""
    candidates: list[Candidate] = []


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """The proxy asks one address, the backend has another: what tells which of them is right."""

    proxy_file: str | None = None
    """Where the address stands that is asked."""
    proxy_changed: float | None = None
    backend_unit: str | None = None
    backend_file: str | None = None
    """The newest of the files that may say where the backend listens."""
    backend_changed: float | None = None
    backend_started: float | None = None
    last: Literal["proxy", "backend"] | None = None
    """Which side was changed last; None where that cannot be told, or both were at once."""
    also_asked_by: list[str] = []
    """Other URLs of the proxy that lead to the same address that is asked in vain."""
    other_clients: int | None = None
    """Connections that are open to the backend's present address; none of them is this route's."""
    place: Place | None = None
    """The line of the backend's settings in which its address stands."""
    stated: str | None = None
    """The part of the address there that differs: `3001`, `127.0.0.1`, `/run/shop/shop.sock`."""
    wanted: str | None = None
    """What it had to be for the proxy to reach it."""
    edit: str | None = None
    """The change of that line as sed(1) takes it."""
    edit_back: str | None = None


class Spare(msgspec.Struct, frozen=True, kw_only=True):
    """Where a second process of the backend could listen."""

    port: int | None = None
    """The first port above the server's own at which nobody listens."""
    address: str | None = None
    """With the server's host, as a proxy would name it."""
    group: str | None = None
    """A name for a group of the server and the second one."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit did while it was watched."""

    restarted: bool | None = None
    """Its restart counter or its main process changed."""
    seconds: float | None = None
    restarts: int | None = None
    sub: str | None = None
