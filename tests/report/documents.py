"""Sessions whose every text is somebody else's, for what is written down from them."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.sample import AT, CONCLUDED, FRONT, VERDICT, events
from wizard.model.events import (
    Again,
    Chosen,
    Copied,
    Event,
    Forgotten,
    Looked,
    Noted,
    Pasted,
    Verified,
    Watched,
)
from wizard.model.finding import Prevention, Proposal

replace = msgspec.structs.replace


def full() -> list[Event]:
    """A session with everything that can be in one."""
    prevention = Prevention(
        id="restart", kind="drop-in", title="Let systemd start it again",
        reason="It came back by hand only.", text="[Service]\nRestart=on-failure",
        where="Beside the unit.", file="restart.conf", apply="sudo cp restart.conf /etc/systemd/",
        undo="sudo rm /etc/systemd/restart.conf",
    )  # fmt: skip
    advice = Proposal(
        kind="advice", when="lasting", title="Name the port once", text="In one file.\n  # here",
        because="Two files name it now.",
    )  # fmt: skip
    verdict = replace(VERDICT, proposals=(*VERDICT.proposals, advice))
    after = replace(FRONT, id="e5", reading="200 in 3 ms", raw="HTTP/1.1 200 OK", started=AT + 90)
    return [
        *events(replace(CONCLUDED, verdicts=(verdict,), preventions=(prevention,))),
        Chosen(at=AT + 10, node="upstream/listening", scope="", goto="answer/front", by="ann"),
        Noted(at=AT + 20, text="deploy at 03:12, says ops", by="ann"),
        Copied(
            at=AT + 30, what="fix 2", where="the clipboard", by="ann",
            proposal=VERDICT.proposals[0].title,
        ),
        Pasted(at=AT + 40, look="errors", scope="", title="The log", characters=90, by="ann"),
        Forgotten(at=AT + 50, evidence=("e4",), by="ann"),
        Looked(at=AT + 90, evidence=after),
        Verified(
            at=AT + 91, before="502 in 2 ms", after="200 in 3 ms", mended=True, evidence="e5",
            looks=(Again(title="Dial", scope="127.0.0.1:3000", before="refused", after="taken"),),
            seen=("e5",), by="ann",
        ),
        Watched(at=AT + 160, asked=120, failed=1, seconds=60.0, failures={"504": 1}, by="ann"),
    ]  # fmt: skip


def hostile(text: str) -> list[Event]:
    """The same session with this text in every field that is no id, name of a kind or number."""
    return [_spoilt(event, text) for event in full()]


_FIXED = {
    *("type", "id", "evidence", "status", "kind", "mended", "outcome", "confidence", "step"),
    *("when", "holds", "operator", "validated", "state", "node", "goto", "look", "scope", "seen"),
    *("chain", "cause", "consequences", "causes", "session", "rests_on", "scheme", "chosen_by"),
}


def _spoilt(event: Event, text: str) -> Any:
    plain = _replaced(msgspec.to_builtins(event), text)
    return msgspec.convert(plain, type(event))


def _replaced(value: Any, text: str, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, text, key) for key, each in value.items()}
    if name in _FIXED:
        return _inside(value, text)
    if isinstance(value, list | tuple):
        return [_replaced(each, text, name) for each in value]
    return text if isinstance(value, str) else value


def _inside(value: Any, text: str) -> Any:
    """Records below a fixed name are no fixed names themselves."""
    if isinstance(value, dict):
        return {key: _replaced(each, text, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_inside(each, text) for each in value]
    return value
