"""Text from outside acts on nothing: what is told at the prompt and what stays in the end."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from tests.plain.session import walk
from tests.taped import tape
from wizard.engine.journal import read
from wizard.model.events import Event, Looked, encode

NASTY = (
    "\x1b[2J\x1b]52;c;cHduZWQ=\x07 \u202egnp.exe\u200b [/red] [error] [@click=app.quit]x[/] \x9b31m"
)
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def poisoned(event: Event) -> Event:
    """The event with hostile text in everything that comes from outside."""
    if not isinstance(event, Looked):
        return event
    seen = event.evidence
    facts = {
        name: f"{value} {NASTY}" if name in ("server", "last_line", "message", "name") else value
        for name, value in seen.facts.items()
    }
    spoiled = msgspec.structs.replace(
        seen,
        reading=f"{seen.reading} {NASTY}",
        raw=f"{seen.raw}\n{NASTY}\n{'x' * 1_000_000}",
        command=f"{seen.command} # {NASTY}",
        reason=f"{seen.reason} {NASTY}",
        facts=facts,
    )
    return msgspec.structs.replace(event, evidence=spoiled)


def test_nothing_of_it_reaches_the_terminal(tmp_path: Path) -> None:
    lines = [encode(poisoned(event)) for event in read(tape("wrong-port-in-site"))]
    spoiled = tmp_path / "spoiled.tape"
    spoiled.write_bytes(b"\n".join(lines) + b"\n")
    typed = f"e\ne 1\ne 5\nl\nj\n\nc\nc 1\nn {NASTY}\np\n1\n{NASTY}\n.\n{NASTY}\na\nv\n"
    done = walk("replay", str(spoiled), "--plain", typed=typed, home=tmp_path)
    assert "Traceback" not in done.warned
    assert not ACTIVE.search(done.said)
    assert "\\x1b[2J" in done.said
    assert "[error] [@click=app.quit]" in done.said
    assert len(done.said) < 400_000
    for path in tmp_path.glob(".local/state/gateway-wizard/sessions/*/fix-*"):
        assert not ACTIVE.search(path.read_text().replace("\t", " "))
