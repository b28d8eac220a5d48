from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

import pytest

from tests.flows.small import CATALOGUE, FLOW, written
from wizard.flows import sources
from wizard.flows.commands import add_parser
from wizard.flows.mistakes import Mistake


class Told:
    """What a folder of tapes proves."""

    def __init__(self, folder: Path) -> None:
        held = (folder / "stopped.tape").exists()
        self.problems = [] if held else [Mistake("flows/causes.yaml", 2, "no tape `stopped`")]

    def lines(self) -> list[str]:
        return ["1 tape takes 2 of 3 rules"]


@pytest.fixture(autouse=True)
def small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packaged folder is the small world, and there are no others."""
    written(tmp_path / "flows")
    monkeypatch.setattr(sources, "packaged", lambda: tmp_path / "flows")
    monkeypatch.setattr(sources, "SITE", tmp_path / "nowhere")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nowhere"))
    return tmp_path


def run(*words: str) -> int:
    parser = ArgumentParser()
    add_parser(parser.add_subparsers(), lambda: CATALOGUE, lambda library, folder: Told(folder))
    args = parser.parse_args(["flow", *words])
    status: int = args.run(args)
    return status


def test_check_says_how_much_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 0
    assert capsys.readouterr().out == "1 flow, 2 nodes, 2 causes, 3 looks: nothing wrong\n"


def test_check_lists_mistakes_and_fails(
    small_world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(small_world / "flows", gateway=FLOW.replace("goto: listening", "goto: listning"))
    assert run("check") == 1
    heard = capsys.readouterr()
    assert heard.out == (
        "flows/gateway.yaml:12: unknown goto `listning` (did you mean `listening`?)\n"
    )
    assert heard.err == "1 mistake\n"


def test_check_lists_what_loads_and_is_still_not_good(
    small_world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(small_world / "flows", gateway=FLOW.replace("goto: listening", "goto: end"))
    assert run("check") == 1
    assert "node `gateway/listening` is never reached" in capsys.readouterr().out


def test_check_holds_the_proofs_against_the_tapes(
    small_world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (small_world / "tapes").mkdir()
    assert run("check", "--tapes", str(small_world / "tapes")) == 1
    assert "flows/causes.yaml:2: no tape `stopped`\n" in capsys.readouterr().out
    (small_world / "tapes/stopped.tape").touch()
    assert run("check", "--tapes", str(small_world / "tapes")) == 0
    assert "1 tape takes 2 of 3 rules\nevery proof holds\n" in capsys.readouterr().out


def test_a_folder_of_tapes_that_is_none_is_wrong_usage(small_world: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run("check", "--tapes", str(small_world / "nowhere"))
    assert ended.value.code == 2


def test_check_takes_a_further_folder(
    small_world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (small_world / "mine").mkdir()
    (small_world / "mine" / "a.yaml").write_text("looks: {x: {use: nothing}}\n")
    assert run("check", "--folder", str(small_world / "mine")) == 1
    assert f"{small_world}/mine/a.yaml:1: unknown probe" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        run("check", "--folder", str(small_world / "absent"))
    assert "absent is not a folder" in capsys.readouterr().err


def test_graph_draws_every_flow_or_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("graph", "gateway", "--ascii", "--width", "60") == 0
    assert capsys.readouterr().out.startswith("gateway: Why it answers 502\n")
    assert run("graph", "--mermaid") == 0
    assert capsys.readouterr().out.startswith("flowchart TD\n")


def test_graph_of_an_unknown_flow_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("graph", "gatway") == 2
    assert capsys.readouterr().err == ("no flow is named `gatway` (did you mean `gateway`?)\n")


def test_schema_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema") == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Gateway Wizard knowledge"
