"""A small world for the engine: probes that answer what a test tells them, and flows about them.

The probes run as real ones do, in the engine's threads with its deadlines; only what they would
see is decided by the test.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from wizard.engine.diagnose import diagnose
from wizard.engine.look import LiveLook
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.flows.sources import Folder
from wizard.model.events import Concluded, Event
from wizard.model.evidence import Sighting
from wizard.model.incident import Incident
from wizard.model.route import Route, Server
from wizard.probes.declare import Probe, probe


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: int | None = None


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Literal["connected", "refused"] | None = None


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    active: str | None = None
    works: bool | None = None


FLOWS = """
flow: answer
title: Why?
nodes:
  - id: front
    step: whose
    ask: What does a client get?
    looks: [front]
    rules:
      - when: {front.status|gte: 500}
        finding: bad-gateway
        say: "It answers {front.status}."
        goto: service
      - {say: It answers well., goto: end}
    unknown: service
  - id: service
    step: service
    ask: Does the service run?
    each: {server: route.servers}
    looks: [unit]
    rules:
      - {when: {unit.active: failed}, finding: crashed, say: "{server.name} failed.", goto: dial}
      - when: {unit.active: inactive}
        finding: stopped
        say: "{server.name} is stopped."
        goto: dial
      - {say: It runs., goto: dial}
    unknown: {say: Not to be seen., goto: dial}
  - id: dial
    step: connectivity
    ask: Does it take connections?
    each: {server: route.servers}
    looks: [dial]
    rules:
      - {when: {dial.outcome: refused}, finding: refused, say: "{server.name} refuses.", goto: end}
      - {say: It does., goto: end}
    unknown: end
"""

LOOKS = """
looks:
  front: {use: test.front, with: {url: "{incident.url}"}}
  route: {use: test.route}
  dial: {each: server, use: test.dial, with: {server: "{server}"}}
  unit: {each: server, use: test.unit, with: {server: "{server}"}}
"""

CAUSES = """
causes:
  bad-gateway: {kind: symptom, title: It answers 502}
  refused: {kind: consequence, title: Refused, explains: [bad-gateway]}
  stopped:
    title: It is stopped
    explains: [refused]
    look_alikes: {crashed: its unit is failed}
    control: [{when: {unit.works: true}, say: It works without it.}]
    proposals: [{kind: command, do: now, title: Start it, text: "start {server.name|sh}"}]
  crashed: {title: It crashed, explains: [refused]}
"""


class World:
    """What there is to be seen. Change the attributes, then `walk`."""

    def __init__(self, folder: Path) -> None:
        self.status: int | None = 502
        self.servers = ["a:1"]
        self.dial: dict[str, Any] = {}
        self.unit: dict[str, Any] = {}
        self.during: Callable[[str], None] = lambda look: None
        self.events: list[Event] = []
        self._folder = folder

    def probes(self) -> dict[str, Probe]:
        @probe("test.front", kind="request", facts=Answer, deadline=1)
        def front(*, url: str) -> Sighting:
            self.during("front")
            return Sighting(status="present", facts=Answer(status=self.status), reading="front")

        @probe("test.route", kind="config", facts=Route, deadline=1)
        def route() -> Sighting:
            self.during("route")
            servers = [Server(name=name) for name in self.servers]
            return Sighting(status="present", facts=Route(found=True, servers=servers))

        @probe("test.dial", kind="connection", facts=Dial, deadline=1)
        def dial(*, server: Server) -> Sighting:
            self.during("dial")
            outcome = self.dial.get(server.name, "refused")
            return Sighting(status="present", facts=Dial(outcome=outcome))

        @probe("test.unit", kind="service", facts=Unit, deadline=1)
        def unit(*, server: Server) -> Sighting:
            self.during("unit")
            state = self.unit.get(server.name, "inactive")
            if state is None:
                return Sighting(status="unreadable", reason="not allowed", remedy="sudo look")
            works = True if state == "works" else None
            active = "inactive" if state == "works" else state
            return Sighting(status="present", facts=Unit(active=active, works=works))

        return {each.name: each for each in (front, route, dial, unit)}

    def library(self, **files: str) -> Library:
        self._folder.mkdir(exist_ok=True)
        texts = {"flows": FLOWS, "looks": LOOKS, "causes": CAUSES, **files}
        for name, text in texts.items():
            (self._folder / f"{name}.yaml").write_text(text)
        return load(self.probes(), [Folder(self._folder, "flows")])

    def walk(self, **files: str) -> Concluded:
        self.events = []
        incident = Incident(
            url="http://x/", scheme="http", host="x", port=80, path="/", started=0.0
        )
        return diagnose(
            incident, LiveLook(), self.library(**files), self.probes(), self.events.append
        )
