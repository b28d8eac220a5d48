"""Commands in a unit's files that are not in force."""

from __future__ import annotations

import time
from pathlib import Path

from tests.runtimes.test_expected import found, unit
from wizard.runtimes.systemd.expected import only_one_down
from wizard.runtimes.systemd.state import how_it_died


def test_a_command_that_a_drop_in_replaced_still_names_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "shop.service"
    file.write_text("[Service]\nExecStart=/usr/bin/python3 \\\n  app.py --port 3000\n")
    shop = unit("shop.service", "/bin/false", FragmentPath=str(file))
    words = f"{file} has ExecStart with --port 3000, which is not in force"
    assert found(shop) == [("shop.service", words)]


def test_a_command_in_force_that_names_another_port_counts_more(tmp_path: Path) -> None:
    file = tmp_path / "shop.service"
    file.write_text("[Service]\nExecStart=/x --port 3000\n")
    assert found(unit("shop.service", "/x --port 4000", FragmentPath=str(file))) == []


def test_the_only_service_that_died_and_names_no_address_is_told() -> None:
    shop = unit("shop.service", "/bin/false")
    others = [
        unit("mailer.service", "/bin/false", Type="oneshot"),
        unit("blog.service", "/x --port 4000"),
        unit("docs.service", "/x", active="active"),
        unit("systemd-resolved.service", "/x"),
    ]
    assert only_one_down([*others, shop]) == shop
    assert only_one_down([*others, shop, unit("wiki.service", "/bin/false")]) is None


def test_a_service_that_is_between_two_of_its_deaths_is_down() -> None:
    started = str(int((time.monotonic() - 1) * 1e6))
    running = {
        "active": "active",
        "SubState": "running",
        "ExecMainStartTimestampMonotonic": started,
    }
    shop = unit("shop.service", "/usr/local/bin/shopd", NRestarts="2", **running)
    steady = unit("docs.service", "/usr/local/bin/docsd", NRestarts="0", **running)
    assert only_one_down([shop, steady]) == shop
    assert how_it_died(shop) == "looping"


def test_a_service_whose_settings_name_a_port_is_not_meant(tmp_path: Path) -> None:
    (tmp_path / "app.ini").write_text("port = 4000\n")
    shop = unit("shop.service", "/bin/false", WorkingDirectory=str(tmp_path))
    assert only_one_down([shop]) is None
