"""Sites on loopback, broken for real by an ordinary user, and what the wizard says of them."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from wizard.lab.loopback import Stage, StageError, is_open, staged, why_impossible
from wizard.lab.scenario import Scenario, broken, filled, scenarios, set_up

from ..program import PROJECT, Wizard, unusable, wizard_of_a_person

SCENARIOS = scenarios(Path(__file__).parent / "loopback.yaml")


@pytest.fixture(scope="module")
def wizard() -> Iterator[Wizard]:
    with wizard_of_a_person() as program:
        yield program


@pytest.fixture
def stage() -> Iterator[Stage]:
    needs_nginx()
    with staged() as stage:
        yield stage


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_the_wizard_names_what_broke_the_site(
    scenario: Scenario, stage: Stage, wizard: Wizard
) -> None:
    set_up(stage, scenario)
    with broken(stage, scenario):
        options = shlex.split(filled(stage, scenario.options))
        url = f"{stage.url.rstrip('/')}{scenario.path}"
        said = wizard.run("diagnose", "--json", *options, url, home=stage.folder)
    assert said.stderr == ""
    verdicts = [(each["cause"], each["confidence"]) for each in json.loads(said.stdout)["verdicts"]]
    if scenario.cause is None:
        assert (said.returncode, verdicts) == (0, [])
        return
    assert said.returncode == 1
    assert verdicts[0][0] == scenario.cause
    assert [cause for cause, sure in verdicts[1:] if sure == "confirmed"] == []


def test_a_stage_is_set_in_half_a_second(stage: Stage) -> None:
    began = time.monotonic()
    set_up(stage, SCENARIOS[0])
    assert time.monotonic() - began < 0.5 * slowness()


def slowness() -> float:
    """How much slower than usual this machine is: runnable programs for each processor."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def test_nothing_runs_as_root(stage: Stage) -> None:
    set_up(stage, SCENARIOS[0])
    users = {Path(f"/proc/{pid}").stat().st_uid for pid in living(stage.folder)}
    assert users == {stage.person.uid}
    assert 0 not in users


def test_everything_is_gone_after_the_block() -> None:
    needs_nginx()
    with staged() as stage:
        set_up(stage, SCENARIOS[0])
        port = stage.ports["front"]
        assert is_open(port)
    assert not stage.folder.exists()
    assert not is_open(port)
    assert living(stage.folder) == {}


def test_everything_is_gone_after_an_exception() -> None:
    needs_nginx()
    with pytest.raises(StageError, match="runs already"), staged() as stage:  # noqa: PT012
        set_up(stage, SCENARIOS[0])
        stage.start_nginx()
    assert not stage.folder.exists()
    assert living(stage.folder) == {}


def test_everything_is_gone_when_the_lab_is_killed() -> None:
    """Not even SIGKILL leaves an nginx behind."""
    needs_nginx()
    script = (
        "import pathlib, sys, time\n"
        "from wizard.lab.loopback import staged\n"
        "from wizard.lab.scenario import scenarios, set_up\n"
        "with staged() as stage:\n"
        "    set_up(stage, scenarios(pathlib.Path(sys.argv[1]))[0])\n"
        "    print(stage.folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    cases = str(Path(__file__).parent / "loopback.yaml")
    lab = subprocess.Popen(
        [sys.executable, "-c", script, cases], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert lab.stdout is not None
    with lab.stdout:
        folder = Path(lab.stdout.readline().strip())
        assert len(living(folder)) >= 3
        lab.send_signal(signal.SIGKILL)
        lab.wait(5)
    give_up = time.monotonic() + 5
    while (folder.exists() or living(folder)) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not folder.exists()
    assert living(folder) == {}


def test_a_config_that_nginx_refuses_says_why(stage: Stage) -> None:
    stage.configure("lsten 1;")
    with pytest.raises(StageError, match='unknown directive "lsten"'):
        stage.start_nginx()


def test_a_port_is_held_for_the_stage_alone(stage: Stage) -> None:
    """Nobody else is given it while its server is down."""
    import socket

    port = stage.ports["app"]
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))


def needs_nginx() -> None:
    reason = why_impossible()
    if reason:
        unusable(reason)


def living(folder: Path) -> Mapping[int, str]:
    """Programs that work in the folder or name it in their arguments."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = entry.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
            where = str(entry.joinpath("cwd").readlink())
        except OSError:
            continue
        if str(folder) in words or where.startswith(str(folder)):
            found[int(entry.name)] = words
    return found
