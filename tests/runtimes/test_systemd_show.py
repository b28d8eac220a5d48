"""Properties recorded from a real systemd 252, read as units and as the facts of an owner."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.runtimes.systemd.cgroups import is_container, unit_of, user_of
from wizard.runtimes.systemd.show import Unit, read
from wizard.runtimes.systemd.state import facts, gave_up, looping, stopped

UNITS = {unit.name: unit for unit in read((Path(__file__).parent / "data/show.txt").read_text())}


def test_every_unit_of_the_recording_is_read() -> None:
    assert list(UNITS) == [
        "shop.service", "loop.service", "gaveup.service", "quits.service", "blog.service",
        "nginx.service", "echo.socket", "no-such.service",
    ]  # fmt: skip


def test_the_command_line_is_an_argument_list() -> None:
    assert UNITS["shop.service"].commands == [
        ["/usr/bin/python3", "/srv/shop/app.py", "--port", "3000"]
    ]


def test_environment_values_may_hold_spaces() -> None:
    assert UNITS["loop.service"].environment == {"PORT": "3105", "GREETING": "good day"}
    assert UNITS["loop.service"].environment_files == ["/etc/default/loop"]


def test_a_socket_unit_says_where_it_listens() -> None:
    assert UNITS["echo.socket"].listens == ["127.0.0.1:3106", "/run/echo/echo.sock"]
    assert UNITS["echo.socket"]["Triggers"] == "echo.service"


def test_a_unit_without_a_file_does_not_exist() -> None:
    assert UNITS["no-such.service"].exists is False
    assert stopped(UNITS["no-such.service"]) is None


def test_a_stopped_unit_was_told_to_stop() -> None:
    told = facts(UNITS["shop.service"])
    assert told["stopped_by_person"] is True
    assert (told["exit_kind"], told["signal"], told["exit_code"]) == ("killed", "TERM", None)
    assert (told["active"], told["sub"], told["result"]) == ("inactive", "dead", "success")


def test_a_unit_whose_process_ended_by_itself_was_not_stopped() -> None:
    properties = dict(UNITS["shop.service"].properties)
    properties |= {
        "ActiveExitTimestampMonotonic": "2000", "ExecMainExitTimestampMonotonic": "1000",
        "ExecMainCode": "1", "ExecMainStatus": "0",
    }  # fmt: skip
    assert stopped(Unit(properties)) is False


def test_a_unit_that_waits_for_its_next_start_loops() -> None:
    told = facts(UNITS["loop.service"])
    assert (told["active"], told["sub"], told["looping"]) == ("activating", "auto-restart", True)
    assert (told["exit_kind"], told["exit_code"]) == ("exited", 1)
    assert told["gave_up"] is False


def test_a_unit_that_is_to_be_restarted_and_is_not_was_given_up() -> None:
    assert gave_up(UNITS["gaveup.service"]) is True
    assert looping(UNITS["gaveup.service"]) is False


def test_one_restart_is_no_loop() -> None:
    assert looping(UNITS["blog.service"]) is False
    assert facts(UNITS["blog.service"])["restarts"] == 1


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("/system.slice/shop.service", "shop.service"),
        ("/system.slice/system-pool.slice/pool@7001.service", "pool@7001.service"),
        ("/system.slice/shop.service/worker", "shop.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service", "dev.service"),
        ("/user.slice/user-1000.slice/session-3.scope", None),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", None),
        ("/system.slice/docker-0123.scope", None),
        ("/docker/0123", None),
        ("/init.scope", None),
        ("/", None),
        (None, None),
    ],
)
def test_a_control_group_names_its_service(cgroup: str | None, unit: str | None) -> None:
    assert unit_of(cgroup) == unit


def test_control_groups_of_users_and_containers_are_known() -> None:
    assert user_of("/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service") == 1000
    assert user_of("/system.slice/shop.service") is None
    assert is_container("/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope")
