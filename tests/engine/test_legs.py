"""Further legs of the way: a proxy behind a server, and a backend that was found elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from tests.engine.world import Answer
from wizard.engine.diagnose import diagnose
from wizard.engine.legs import Legs
from wizard.engine.look import LiveLook
from wizard.flows.loading import load
from wizard.flows.sources import Folder
from wizard.model.events import Concluded, Decided, Event
from wizard.model.evidence import Sighting
from wizard.model.incident import Incident
from wizard.model.route import Route, Server
from wizard.probes.declare import Probe, probe
from wizard.proxies.facts import Way

ANSWER = """
flow: answer
title: What does a client get?
nodes:
  - id: front
    step: whose
    ask: What does {incident.url} answer?
    looks: [front]
    rules:
      - when: {front.status|gte: 500}
        finding: bad-gateway
        say: "{incident.url} answers {front.status}."
        goto: backend
      - {say: It answers well., goto: end}
    unknown: backend
"""
BACKEND = """
flow: backend
title: Server by server
nodes:
  - id: dial
    step: connectivity
    ask: What does {server.name} do?
    each: {server: route.servers}
    looks: [server_is]
    rules:
      - when: {server_is.way|known: true}
        finding: inner-fails
        say: "{server.name} is a proxy."
        inward: server_is.way
        goto: end
      - when: {server_is.found|known: true}
        finding: wrong-address
        say: "The backend is at another place."
        instead: server_is.found
        goto: end
      - when: {server_is.state: raises, server.instead_of|known: true}
        finding: [app-raises, fails-next]
        say: "{server.name}, found instead of {server.instead_of}, raises."
        goto: end
      - when: {server_is.state: stopped}
        finding: stopped
        say: "{server.name} is stopped."
        goto: end
      - {say: It is well., goto: end}
    unknown: end
"""
LOOKS = """
looks:
  front: {use: legs.front, with: {url: "{incident.url}"}}
  route: {use: legs.route, with: {url: "{incident.url}"}}
  server_is: {each: server, use: legs.server, with: {server: "{server}"}}
"""
CAUSES = """
causes:
  bad-gateway: {kind: symptom, title: It answers 502}
  fails-next: {kind: consequence, title: It fails next, explains: [bad-gateway]}
  inner-fails: {title: The inner proxy fails, explains: [bad-gateway]}
  wrong-address: {title: The address is wrong, explains: [bad-gateway]}
  stopped: {title: It is stopped, explains: [bad-gateway]}
  app-raises: {title: The application raises, explains: [fails-next]}
"""


class ServerIs(msgspec.Struct, frozen=True, kw_only=True):
    way: Way | None = None
    found: Server | None = None
    state: Literal["well", "stopped", "raises"] | None = None


class Host:
    """Routes by URL, and what each server is."""

    def __init__(self, routes: dict[str, list[str]], servers: dict[str, ServerIs]) -> None:
        self.routes = routes
        self.servers = servers
        self.events: list[Event] = []

    def probes(self) -> dict[str, Probe]:
        @probe("legs.front", kind="request", facts=Answer, deadline=1)
        def front(*, url: str) -> Sighting:
            return Sighting(status="present", facts=Answer(status=502), reading=url)

        @probe("legs.route", kind="config", facts=Route, deadline=1)
        def route(*, url: str) -> Sighting:
            servers = [Server(name=name) for name in self.routes[url]]
            return Sighting(status="present", facts=Route(found=True, servers=servers))

        @probe("legs.server", kind="service", facts=ServerIs, deadline=1)
        def server(*, server: Server) -> Sighting:
            return Sighting(status="present", facts=self.servers[server.name])

        return {each.name: each for each in (front, route, server)}

    def walk(self, folder: Path) -> Concluded:
        folder.mkdir(exist_ok=True)
        texts = {"answer": ANSWER, "backend": BACKEND, "looks": LOOKS, "causes": CAUSES}
        for name, text in texts.items():
            (folder / f"{name}.yaml").write_text(text)
        library = load(self.probes(), [Folder(folder, "flows")])
        incident = Incident(
            url="http://out/", scheme="http", host="out", port=80, path="/", started=0.0
        )
        return diagnose(incident, LiveLook(), library, self.probes(), self.events.append)


def inward(url: str) -> ServerIs:
    return ServerIs(way=Way(url=url))


class TestInward:
    def test_names_the_root_behind_the_inner_proxy(self, tmp_path: Path) -> None:
        host = Host(
            {"http://out/": ["proxy:1"], "http://in/": ["app:2"]},
            {"proxy:1": inward("http://in/"), "app:2": ServerIs(state="stopped")},
        )
        ended = host.walk(tmp_path / "flows")
        assert [(each.cause, each.subject) for each in ended.verdicts] == [("stopped", "app:2")]
        assert ended.verdicts[0].chain == ("stopped", "inner-fails", "bad-gateway")

    def test_names_the_inner_proxy_where_nothing_is_found_behind_it(self, tmp_path: Path) -> None:
        host = Host(
            {"http://out/": ["proxy:1"], "http://in/": ["app:2"]},
            {"proxy:1": inward("http://in/"), "app:2": ServerIs(state="well")},
        )
        ended = host.walk(tmp_path / "flows")
        assert [each.cause for each in ended.verdicts] == ["inner-fails"]

    def test_keeps_the_servers_of_both_legs_apart(self, tmp_path: Path) -> None:
        """The inner route may name the same address as the outer one."""
        host = Host(
            {"http://out/": ["proxy:1", "app:2"], "http://in/": ["app:2"]},
            {"proxy:1": inward("http://in/"), "app:2": ServerIs(state="stopped")},
        )
        host.walk(tmp_path / "flows")
        asked = [(each.node, each.scope) for each in host.events if isinstance(each, Decided)]
        assert asked == [
            ("answer/front", ""),
            ("backend/dial", "proxy:1"),
            ("backend/dial", "app:2"),
            ("answer/front", "behind proxy:1"),
            ("backend/dial", "app:2 (2)"),
        ]

    def test_a_circle_of_proxies_ends(self, tmp_path: Path) -> None:
        host = Host(
            {"http://out/": ["a:1"], "http://in/": ["b:2"]},
            {"a:1": inward("http://in/"), "b:2": inward("http://out/")},
        )
        ended = host.walk(tmp_path / "flows")
        assert [(each.cause, each.subject) for each in ended.verdicts] == [("inner-fails", "b:2")]


class TestInstead:
    def test_names_what_fails_behind_the_right_address_too(self, tmp_path: Path) -> None:
        host = Host(
            {"http://out/": ["app:1"]},
            {
                "app:1": ServerIs(found=Server(name="app:2")),
                "app:2": ServerIs(state="raises"),
            },
        )
        ended = host.walk(tmp_path / "flows")
        assert {(each.cause, each.chain) for each in ended.verdicts} == {
            ("wrong-address", ("wrong-address", "bad-gateway")),
            ("app-raises", ("app-raises", "fails-next", "bad-gateway")),
        }

    def test_names_the_address_alone_where_the_backend_is_well(self, tmp_path: Path) -> None:
        host = Host(
            {"http://out/": ["app:1"]},
            {"app:1": ServerIs(found=Server(name="app:2")), "app:2": ServerIs(state="well")},
        )
        ended = host.walk(tmp_path / "flows")
        assert [each.cause for each in ended.verdicts] == ["wrong-address"]


def test_a_detour_opens_no_detour() -> None:
    legs = Legs({"url": "http://x/", "port": 80, "path": "/"})
    legs.name_servers([{"name": "a:1"}])
    assert legs.instead("a:1", {"name": "b:2"}, ()) is not None
    assert legs.instead("b:2", {"name": "c:3"}, ()) is None
