"""Init scripts: which address one is there for, and what its pid file says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from wizard.probes import sockets
from wizard.probes.sockets import Table
from wizard.runtimes import initd
from wizard.runtimes.facts import Owner
from wizard.runtimes.mentions import Aim

SCRIPT = """\
#!/bin/sh
# Provides: shop
NAME=shop
DAEMON=/usr/bin/python3
DAEMON_ARGS="/srv/$NAME/app.py --port ${PORT}"
PIDFILE={run}/$NAME.pid
test -r /etc/default/$NAME && . /etc/default/$NAME
start-stop-daemon --start --pidfile $PIDFILE --exec $DAEMON -- $DAEMON_ARGS
"""


@pytest.fixture
def script(tmp_path: Path) -> initd.Script:
    for folder in ("init.d", "default"):
        (tmp_path / folder).mkdir()
    (tmp_path / "init.d/shop").write_text(SCRIPT.replace("{run}", str(tmp_path)))
    (tmp_path / "init.d/cron").write_text("PORT=3000\n")
    (tmp_path / "default/shop").write_text("# where it listens\nPORT=3000\n")
    [found] = initd.scripts(tmp_path / "init.d", (tmp_path / "default",))
    return found


def state(script: initd.Script) -> Owner:
    table = sockets.table().facts
    assert isinstance(table, Table)
    facts = initd.sighting(script, "", Aim(port=3000), None, table).facts
    assert isinstance(facts, Owner)
    return facts


def test_its_variables_name_the_address(script: initd.Script, tmp_path: Path) -> None:
    assert script.says(Aim(port=3000)) == "DAEMON_ARGS with --port 3000"
    assert script.says(Aim(port=3001)) is None
    assert script.pid_files == [f"{tmp_path}/shop.pid"]


def test_an_address_in_its_command_line(tmp_path: Path) -> None:
    (tmp_path / "wiki").write_text("start-stop-daemon --start -- /srv/wiki --bind 0.0.0.0:8080\n")
    [found] = initd.scripts(tmp_path, ())
    assert found.says(Aim(port=8080)) is not None
    assert found.pid_files == ["/run/wiki.pid"]


def test_without_a_pid_file_it_was_stopped(script: initd.Script) -> None:
    seen = state(script)
    assert (seen.runtime, seen.unit, seen.active, seen.listening) == (
        "sysv",
        "shop",
        "inactive",
        False,
    )


def test_a_pid_file_of_a_dead_process_means_that_nobody_stopped_it(
    script: initd.Script, tmp_path: Path
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "shop.pid").write_text(f"{ended.pid}\n")
    seen = state(script)
    assert (seen.active, seen.last_pid, seen.pid) == ("failed", ended.pid, None)


def test_a_pid_file_of_a_living_process(script: initd.Script, tmp_path: Path) -> None:
    (tmp_path / "shop.pid").write_text(str(os.getpid()))
    assert (state(script).active, state(script).pid) == ("active", os.getpid())


def test_a_script_that_assigns_itself_for_ever_is_read(tmp_path: Path) -> None:
    (tmp_path / "odd").write_text("A=$A$A$A$A\n" * 3 + "B=${A}${A}\nPORT=$B\n")
    [found] = initd.scripts(tmp_path, ())
    assert found.says(Aim(port=3000)) is None
