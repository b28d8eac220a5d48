"""What is offered against the next time: each text is what it says, in its own syntax."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.taped import library
from wizard.flows import templates
from wizard.flows.conditions import UNKNOWN
from wizard.flows.model import PreventionTemplate

HOSTILE = "x\"; $(id) `id` \\ ' {{ }} # é"
FACTS: dict[str, Any] = {
    "framework.file": "/srv/shop/app.py",
    "framework.called": "app",
    "owner.unit": "shop.service",
    "incident.host": "shop.example.com",
    "incident.hostname": "web1",
    "incident.url": "http://shop.example.com/cart?id=1",
}
ALL = library().preventions


class Given:
    """Facts by their paths."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts

    def value(self, path: str) -> Any:
        return self._facts.get(path, UNKNOWN)

    def evidence(self, path: str) -> str | None:
        return None


def text(template: PreventionTemplate, **other: Any) -> str:
    """Its text with facts, all of which are given here."""
    filled = templates.fill(template.text, Given({**FACTS, **other}))
    assert not filled.missing
    return filled.text


def of_suffix(*suffixes: str) -> list[Any]:
    """Those whose file has one of these suffixes, as parameters."""
    chosen = [each for each in ALL.values() if Path(each.file).suffix in suffixes]
    assert chosen
    return [pytest.param(each, id=each.id) for each in chosen]


def checked(program: str, *argv: str, cwd: Path) -> None:
    """The program has nothing to object; the test is left out where it is not installed."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([program, *argv], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("template", of_suffix(".py"))
def test_python_compiles(template: PreventionTemplate) -> None:
    compile(text(template), template.file, "exec")


@pytest.mark.parametrize("template", of_suffix(".js"))
def test_javascript_parses(template: PreventionTemplate, tmp_path: Path) -> None:
    (tmp_path / template.file).write_text(text(template))
    checked("node", "--check", template.file, cwd=tmp_path)


@pytest.mark.parametrize("template", of_suffix(".php"))
def test_php_parses(template: PreventionTemplate, tmp_path: Path) -> None:
    (tmp_path / template.file).write_text(text(template))
    checked("php", "-l", template.file, cwd=tmp_path)


@pytest.mark.parametrize("template", of_suffix(".rb", ".ru"))
def test_ruby_parses(template: PreventionTemplate, tmp_path: Path) -> None:
    (tmp_path / template.file).write_text(text(template))
    checked("ruby", "-c", template.file, cwd=tmp_path)


def test_go_is_formatted_as_gofmt_does(tmp_path: Path) -> None:
    for name, wrapped in (("stop-go", "{}"), ("health-go", "func routes() {{\n{}}}\n")):
        body = text(ALL[name])
        body = body if name == "stop-go" else "".join(f"\t{line}\n" for line in body.splitlines())
        (tmp_path / f"{name}.go").write_text("package main\n\n" + wrapped.format(body))
    checked("gofmt", "-e", "-d", "stop-go.go", "health-go.go", cwd=tmp_path)
    said = subprocess.run(["gofmt", "-l", "."], cwd=tmp_path, capture_output=True, check=True)
    assert not said.stdout


@pytest.mark.parametrize("template", of_suffix(".conf"))
def test_systemd_takes_the_drop_in(template: PreventionTemplate, tmp_path: Path) -> None:
    (tmp_path / "shop.service.d").mkdir()
    (tmp_path / "shop.service").write_text("[Service]\nExecStart=/bin/true\n")
    (tmp_path / "shop.service.d" / template.file).write_text(text(template))
    checked("systemd-analyze", "verify", "--man=no", "./shop.service", cwd=tmp_path)


@pytest.mark.parametrize("host", ["shop.example.com", HOSTILE])
def test_prometheus_takes_the_rules_and_the_jobs(host: str, tmp_path: Path) -> None:
    rules, jobs = ALL["alert-rules"], ALL["scrape-jobs"]
    facts = {"incident.host": host, "incident.hostname": host}
    written = {each.file: text(each, **facts) for each in (rules, jobs)}
    read = {name: yaml.safe_load(body) for name, body in written.items()}
    [group] = read[rules.file]["groups"]
    assert [each["alert"] for each in group["rules"]] == ["GatewayErrors", "GatewayDown"]
    probe = read[jobs.file]["scrape_configs"][1]["static_configs"][0]
    assert probe["labels"]["site"] == host, "the host's name stays one value"
    assert probe["targets"] == [FACTS["incident.url"]]
    for name, body in written.items():
        (tmp_path / name).write_text(body)
    checked("promtool", "check", "rules", rules.file, cwd=tmp_path)
    checked("promtool", "check", "config", jobs.file, cwd=tmp_path)


def test_what_is_put_somewhere_can_be_taken_back() -> None:
    for each in ALL.values():
        assert each.kind == "diff" or each.put or each.where, each.id
        assert not each.append or each.put, each.id
