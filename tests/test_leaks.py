"""Secrets are planted wherever text comes from, and looked for wherever it goes."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.plants import PLANTS, Plant
from tests.proxies.nginx.own_nginx import PROGRAM, ask, free_ports, running
from tests.taped import tape
from tests.ui.driving import at_rest, setup_over
from wizard.engine.catalogue import probes
from wizard.engine.diagnose import diagnose
from wizard.engine.journal import read
from wizard.engine.look import Look, Seen, TapeLook
from wizard.flows.loading import load
from wizard.model.events import Chosen, Event, Noted
from wizard.model.masking import Masker
from wizard.model.session import Session, fold
from wizard.model.tokens import Tokens
from wizard.options import DOCUMENTS
from wizard.probes.declare import Probe
from wizard.trail import Trail
from wizard.ui.app import Wizard
from wizard.ui.clipboard import send

PROJECT = Path(__file__).parents[1]
ONE_LINE = [plant for plant in PLANTS if "\n" not in plant.text]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sessions lie."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path / "state"


def left_in(text: str, plants: list[Plant] = PLANTS) -> list[str]:
    """The lines of the plants whose secrets can still be read."""
    return [f"{each.kind}: {each.text}" for each in plants if each.secret in text]


def wizard(*arguments: str) -> str:
    """Everything that it says."""
    argv = [sys.executable, "-m", "wizard", *arguments]
    done = subprocess.run(argv, capture_output=True, timeout=120, cwd="/", text=True)
    return done.stdout + done.stderr


class Planting:
    """A tape on which every text of a look holds some secrets too."""

    def __init__(self, session: Session) -> None:
        self._tape: Look = TapeLook(session.evidence_of_the_walk())
        self._next = 0

    def see(self, name: str, scope: str, probe: Probe, parameters: Mapping[str, Any]) -> Seen:
        seen = self._tape.see(name, scope, probe, parameters)
        few = [PLANTS[(self._next + number) % len(PLANTS)] for number in range(40)]
        self._next += 40
        lines = [plant.text for plant in few]
        sighting = msgspec.structs.replace(
            seen.sighting,
            reading=f"{seen.sighting.reading} {few[0].text}",
            raw="\n".join([seen.sighting.raw, *lines]),
            command=f"{seen.sighting.command} {few[1].text}",
            reason=few[2].text,
            remedy=few[3].text,
        )
        planted = {
            "lines": lines,
            "names": {plant.text: 1 for plant in few},
            "settings": [{"name": "proxy_set_header", "value": f"X-Api-Key {PLANTS[40].secret}"}],
            "environment": {"DB_PASSWORD": PLANTS[0].secret, "API_TOKEN": PLANTS[30].secret},
        }
        return msgspec.structs.replace(
            seen, sighting=sighting, facts={**seen.facts, "planted": planted}
        )


def planted(name: str = "oom-export") -> Path:
    """The journal of a walk over planted evidence, with planted notes and choices."""
    session = fold(read(tape(name)))
    assert session.incident is not None
    secret = next(each for each in PLANTS if each.kind == "query string")
    incident = msgspec.structs.replace(
        session.incident, url=f"http://shop.example.com/a?token={secret.secret}&x=1"
    )
    trail = Trail(lambda sentence: None)
    journal = trail.journal()

    def tell(event: Event) -> None:
        journal.append(event, wait=False)

    diagnose(incident, Planting(session), load(probes()), probes(), tell, session=trail.id)
    for at, plant in enumerate(PLANTS):
        tell(Noted(at=float(at), text=f"asked bob: {plant.text}", by=plant.text))
    tell(Chosen(at=1.0, node="", scope=PLANTS[0].text, goto=PLANTS[1].text, by=PLANTS[2].text))
    journal.close()
    assert journal.path is not None
    return journal.path


def test_there_are_enough_of_them() -> None:
    assert len(PLANTS) >= 200
    assert len({plant.kind for plant in PLANTS}) >= 25
    assert len({plant.secret for plant in PLANTS}) == len(PLANTS)


@pytest.mark.parametrize("kind", sorted({plant.kind for plant in PLANTS}))
def test_each_is_found_by_itself(kind: str) -> None:
    plants = [plant for plant in PLANTS if plant.kind == kind]
    assert left_in("\n".join(Masker(Tokens()).mask(each.text) for each in plants), plants) == []


def test_none_is_in_the_journal_or_in_any_export(tmp_path: Path) -> None:
    path = planted()
    assert left_in(path.read_text()) == []
    assert left_in("".join(each.read_text() for each in path.parent.iterdir())) == []
    for form in DOCUMENTS:
        assert left_in(wizard("export", "--format", form)) == [], form
    assert left_in(wizard("export", "--format", "md", "--mask-network")) == []
    assert left_in(wizard("export", "--preview")) == []
    kept = tmp_path / "sent.tape.gz"
    kept.write_bytes(gzip.compress(path.read_bytes()))
    assert left_in(wizard("replay", str(kept), "--json")) == []


def test_the_preview_counts_and_names_the_places() -> None:
    path = planted()
    shown = wizard("export", "--preview")
    assert "Hidden in every export: " in shown
    assert "password of a URL, " in shown
    assert " facts.planted.environment.DB_PASSWORD" in shown
    assert "noted text" in shown
    assert str(path.parent) not in shown


def test_none_is_on_the_screen_or_in_the_clipboard() -> None:
    session = fold(read(tape("oom-export")))
    app = Wizard(setup_over(session, look=Planting(session)))

    async def walked() -> tuple[str, str]:
        async with app.run_test(size=(120, 40)) as pilot:
            await at_rest(pilot)
            pictures = [app.export_screenshot()]
            for key in ("e", "end", "escape", "a", "e"):
                await pilot.press(key)
                await pilot.pause()
                pictures.append(app.export_screenshot())
            for number, plant in enumerate(ONE_LINE[:20]):
                send(app, f"e{number}.txt", Masker().mask(plant.text))
            folder = Path(app.setup.folder())
            kept = "".join(each.read_text() for each in folder.iterdir())
            return "".join(pictures).replace("&#160;", " "), kept + app.clipboard

    pictures, kept = asyncio.run(asyncio.wait_for(walked(), 60))
    assert left_in(pictures) == []
    assert left_in(kept) == []


def test_none_is_in_a_traceback_that_is_kept() -> None:
    trail = Trail(lambda sentence: None)
    try:
        raise ValueError("\n".join(plant.text for plant in PLANTS))
    except ValueError as mistake:
        kept = trail.keep_traceback(mistake)
    assert kept is not None
    assert left_in(kept.read_text()) == []
    assert "ValueError" in kept.read_text()


@pytest.fixture
def planted_host(tmp_path: Path) -> Iterator[tuple[Path, int, list[Plant]]]:
    """nginx before a program, secrets in its file, its log and that program's surroundings."""
    front, back = free_ports(2)
    of_kind = {plant.kind: plant for plant in PLANTS}
    header, cookie = of_kind["nginx"], of_kind["Cookie"]
    auth = next(each for each in PLANTS if each.text.startswith("proxy_set_header Authorization"))
    token, password = of_kind["Azure SAS"], next(
        each for each in PLANTS if each.text.startswith("app --password")
    )  # fmt: skip
    environment = [each for each in PLANTS if each.kind == ".env" and "export" not in each.text]
    program = (
        "import http.server\n"
        "class App(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(502); self.send_header('Content-Length', '0')\n"
        f"        self.send_header('Set-Cookie', 'sid={cookie.secret}'); self.end_headers()\n"
        "    log_message = print\n"
        f"http.server.HTTPServer(('127.0.0.1', {back}), App).serve_forever()\n"
    )
    app = subprocess.Popen(
        [sys.executable, "-c", program, "--password", password.secret],
        env={
            **os.environ,
            **dict(each.text.replace('"', "").split("=", 1) for each in environment),
        },
        stdout=subprocess.DEVNULL,
    )
    site = (
        f"server {{ listen 127.0.0.1:{front}; set $secret_key {header.secret};\n"
        f"  location / {{ {auth.text} proxy_set_header X-Api-Key {header.secret};\n"
        f"    proxy_pass http://127.0.0.1:{back}; }}\n"
        f"  location /gone {{ proxy_pass http://127.0.0.1:{free_ports(1)[0]}; }} }}"
    )
    try:
        with running(tmp_path, site, front) as own:
            while app.poll() is None and ask(front, "/", "shop")[0] != 502:
                time.sleep(0.05)
            ask(front, f"/gone?sig={token.secret}", "shop")
            yield own.config, front, [header, cookie, auth, token, password, *environment]
    finally:
        app.terminate()
        app.wait(5)


@pytest.mark.skipif(PROGRAM is None, reason="no nginx here")
def test_none_of_a_real_host_is_told(
    planted_host: tuple[Path, int, list[Plant]], state: Path
) -> None:
    config, port, plants = planted_host
    assert left_in((config.parent / "error.log").read_text(), plants)
    for path in ("/", f"/gone?sig={plants[3].secret}"):
        said = wizard("diagnose", f"http://127.0.0.1:{port}{path}", "--config", str(config))
        said += wizard("export", "--format", "md") + wizard("export", "--format", "json")
        assert left_in(said, plants) == []
        assert "[masked:" in said
    journals = list(state.rglob("journal.jsonl"))
    assert journals
    assert left_in("".join(each.read_text() for each in journals), plants) == []
