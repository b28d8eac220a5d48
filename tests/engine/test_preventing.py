"""What is offered after a verdict: fitting, few, and safe to paste."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from tests.taped import library, walked
from wizard.engine.preventing import applying, undoing
from wizard.flows.model import PreventionTemplate
from wizard.model.route import Place

HOSTILE = '/a\'b $(touch canary) `touch canary`; touch canary\n"x"'


def test_what_names_the_cause_comes_first() -> None:
    ended = walked("crashed-variable-missing").conclusion
    assert ended is not None
    assert ended.verdicts[0].cause in library().preventions["unit-restart"].serves
    assert ended.preventions[0].id == "unit-restart"
    assert "Restart=no" in ended.preventions[0].reason
    assert "shop.service.d/50-restart.conf" in ended.preventions[0].apply
    assert len(ended.preventions) <= 6


def test_what_serves_other_steps_is_not_offered() -> None:
    ended = walked("rate-limit-tightened").conclusion
    assert ended is not None
    offered = {each.id for each in ended.preventions}
    assert "alert-rules" in offered
    assert not offered & {"unit-restart", "second-server", "second-server-of-a-new-group"}


def test_a_well_host_is_offered_nothing() -> None:
    ended = walked("healthy-noisy").conclusion
    assert ended is not None
    assert ended.preventions == ()


def test_a_path_stays_one_word_of_the_commands(tmp_path: Path) -> None:
    """`sudo` and the commands are echoes here; the shell is a real one."""
    template = PreventionTemplate(
        id="x", kind="drop-in", title="", reason="", file="x.conf", place=Place("x", 1)
    )
    stubs = 'sudo() { printf "%s\\0" "$@"; }\n'
    for lines in (applying(template, HOSTILE, ""), undoing(template, HOSTILE, "")):
        done = subprocess.run(
            ["bash", "-c", stubs + "\n".join(lines)], cwd=tmp_path, capture_output=True, check=True
        )
        assert HOSTILE.encode() in done.stdout.split(b"\0")
    assert list(tmp_path.iterdir()) == []
    assert shlex.quote(HOSTILE) in next(iter(applying(template, HOSTILE, "")))
