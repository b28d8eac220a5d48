"""Settings and options of units; what is looked up is looked up at a real service manager."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from wizard.fixes import units
from wizard.fixes.edits import EditError
from wizard.fixes.patch import unified
from wizard.fixes.units import option_in
from wizard.model.change import Change
from wizard.proxies.facts import Instance

UNIT = """\
[Unit]
Description=Pages

[Service]
User=deploy
# enough for a morning
LimitNOFILE=48
ExecStart=/usr/bin/gunicorn -b 127.0.0.1:8160 \\
    --timeout 3 pages:app

[Install]
WantedBy=multi-user.target
"""


def changed(text: str, change: Change) -> str:
    return units.changed(text, change, Instance(kind="nginx", running=True), None)


def change(**words: str) -> Change:
    return Change(language="unit", unit="pages.service", **words)


def test_a_setting_is_changed_where_it_stands() -> None:
    assert changed(UNIT, change(set="LimitNOFILE", to="65536")) == UNIT.replace("=48", "=65536")


def test_a_setting_is_added_to_its_section() -> None:
    edited = changed(UNIT, change(set="Restart", to="always"))
    assert "pages:app\nRestart=always\n\n[Install]" in edited
    edited = changed(UNIT, change(set="StartLimitIntervalSec", to="0", within="Unit"))
    assert "Description=Pages\nStartLimitIntervalSec=0\n" in edited


def test_a_new_drop_in_has_its_section() -> None:
    first = changed("", change(set="Restart", to="always"))
    assert first == "[Service]\nRestart=always\n"
    assert changed(first, change(set="RestartSec", to="1")) == f"{first}RestartSec=1\n"


def test_an_option_of_a_command_over_two_lines_is_changed() -> None:
    edited = changed(UNIT, change(option="--timeout -t", to="120"))
    assert edited == UNIT.replace("--timeout 3", "--timeout 120")


@pytest.mark.parametrize(
    ("command", "wanted"),
    [("/usr/bin/gunicorn -t 3 a:b", "/usr/bin/gunicorn -t 120 a:b"),
     ("/usr/bin/gunicorn -t3 a:b", "/usr/bin/gunicorn -t120 a:b"),
     ("/usr/bin/gunicorn --timeout=3 a:b", "/usr/bin/gunicorn --timeout=120 a:b"),
     ("/usr/bin/gunicorn --timeouts 3", "/usr/bin/gunicorn --timeouts 3 --timeout 120"),
     ("/usr/bin/gunicorn a:b", "/usr/bin/gunicorn a:b --timeout 120"),
     ("/bin/sh -c 'gunicorn -t 3 a:b'", "/bin/sh -c 'gunicorn -t 120 a:b'")],
)  # fmt: skip
def test_an_option_in_all_its_spellings(command: str, wanted: str) -> None:
    assert option_in(command, ["--timeout", "-t"], "120") == wanted


@pytest.mark.parametrize(
    "command", ["/bin/sh -c 'exec gunicorn a:b'", "-/bin/bash start.sh", "/usr/bin/x -t 1 -t 2"]
)
def test_an_option_that_has_no_certain_place_is_refused(command: str) -> None:
    with pytest.raises(EditError):
        option_in(command, ["--timeout", "-t"], "120")


@pytest.mark.parametrize("value", ["1 2; reboot", "$(reboot)", "a\nb", "'"])
def test_a_hostile_value_is_refused(value: str) -> None:
    with pytest.raises(EditError, match="plain value"):
        option_in("/usr/bin/gunicorn a:b", ["--timeout"], value)


def test_patch_makes_a_new_file_and_takes_it_back(tmp_path: Path) -> None:
    path = "/etc/systemd/system/pages.service.d/gateway-wizard.conf"
    diff = unified(path, None, "[Service]\nLimitNOFILE=65536\n")
    made = tmp_path / path.lstrip("/")
    for argv in (["git", "apply", "-p0"], ["git", "apply", "-p0", "-R"],
                 ["patch", "-p0"], ["patch", "-R", "-p0"]):  # fmt: skip
        subprocess.run(argv, input=diff.encode(), cwd=tmp_path, check=True, capture_output=True)
        assert made.exists() is ("-R" not in argv)
    assert not made.exists()
