"""A small world to write flows about: three probes, four looks, and flows in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from wizard.flows.conditions import UNKNOWN
from wizard.flows.loading import load
from wizard.flows.mistakes import FlowErrors, Mistake
from wizard.flows.model import Library
from wizard.flows.sources import Folder
from wizard.model.evidence import Sighting
from wizard.model.route import Place, Route, Server
from wizard.probes.declare import probe


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: int | None = None
    by: Literal["proxy", "backend"] | None = None
    seconds: float | None = None
    asked_at: float | None = None
    text: str | None = None
    ok: bool | None = None
    failures: list[str] = []
    counts: dict[str, int] = {}
    place: Place | None = None


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Literal["connected", "refused", "timed-out"] | None = None
    seconds: float | None = None


@probe("http.front", kind="request", facts=Answer)
def front(*, url: str, times: int = 1, after: float | None = None) -> Sighting:
    raise AssertionError


@probe("proxy.route", kind="config", facts=Route)
def route(*, url: str) -> Sighting:
    raise AssertionError


@probe("tcp.connect", kind="connection", facts=Dial)
def dial(*, server: Server, route: Route | None = None) -> Sighting:
    raise AssertionError


CATALOGUE = {each.name: each for each in (front, route, dial)}

LOOKS = """\
looks:
  front:
    use: http.front
    with: {url: "{incident.url}"}
  route:
    use: proxy.route
    with: {url: "{incident.url}"}
  dial:
    each: server
    use: tcp.connect
    with: {server: "{server}", route: "{route}"}
"""

CAUSES = """\
causes:
  nothing-listens:
    title: Nothing listens
    explains: [bad-gateway]
    about: A refused connection is an answer.
    look_alikes: {bad-gateway: it is not one}
    control:
      - {when: {dial.outcome: refused}, say: "{server.name} refuses."}
    proposals:
      - {kind: command, title: Start it, text: "systemctl start {server.name|sh}"}
    verify: curl -w '%{{http_code}}' {incident.url}
    by_hand: [ss -ltn]
    proofs: {real: stopped, look_alike: refused, healthy: well}
  bad-gateway:
    title: The proxy answers 502
    kind: symptom
    statuses: [502]
    about: The proxy wrote it.
"""

FLOW = """\
flow: gateway
title: Why it answers 502
nodes:
  - id: whose
    step: whose
    ask: Who wrote the answer?
    looks: [front]
    rules:
      - when: {front.status|gte: 500}
        finding: bad-gateway
        say: It answers {front.status}.
        goto: listening
      - say: It answers well.
        goto: end
    unknown: end
  - id: listening
    step: connectivity
    ask: Does anything listen?
    each: {server: route.servers}
    looks: [dial]
    rules:
      - when: {dial.outcome: refused}
        finding: nothing-listens
        say: Nothing listens on {server.name}.
        goto: end
      - say: It listens.
        goto: end
    unknown: {say: "No idea: {dial.outcome}", goto: end}
"""


def written(folder: Path, **files: str) -> Folder:
    """The small world in a folder, with some files replaced or added."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"looks": LOOKS, "causes": CAUSES, "gateway": FLOW, **files}
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return Folder(folder, "flows")


def loaded(folder: Path, **files: str) -> Library:
    return load(CATALOGUE, [written(folder, **files)])


def mistakes(folder: Path, **files: str) -> list[Mistake]:
    """The mistakes in the small world with these files."""
    try:
        loaded(folder, **files)
    except FlowErrors as errors:
        return list(errors.mistakes)
    return []


class Known:
    """Facts from a dict."""

    def __init__(self, **facts: Any) -> None:
        self.facts = {path.replace("__", "."): value for path, value in facts.items()}

    def value(self, path: str) -> Any:
        return self.facts.get(path, UNKNOWN)

    def evidence(self, path: str) -> str | None:
        return "e1" if path in self.facts else None
