"""A small session, as the engine tells it: the app listens on another port than the proxy asks."""

from __future__ import annotations

from typing import Any

import msgspec

from wizard.model.events import (
    Concluded,
    Decided,
    Entered,
    Event,
    Found,
    Looked,
    Looking,
    Started,
    Weighed,
)
from wizard.model.evidence import Evidence
from wizard.model.finding import Comparison, Finding, Proposal, RuledOut, Untested, Verdict
from wizard.model.incident import Incident

AT = 1_795_230_600.0

INCIDENT = Incident(
    url="http://shop.example.com/",
    scheme="http",
    host="shop.example.com",
    port=80,
    path="/",
    started=AT,
    hostname="web1",
    user="root",
)


def evidence(number: int, **fields: Any) -> Evidence:
    usual = {
        "id": f"e{number}",
        "look": "front",
        "probe": "http.get",
        "kind": "request",
        "parameters": {},
        "status": "present",
        "reading": "502 in 2 ms, from nginx",
        "facts": {"status": 502},
        "raw": "HTTP/1.1 502 Bad Gateway",
        "command": "curl -sS -i http://shop.example.com/",
        "started": AT + number / 10,
        "seconds": 0.002,
        "user": "root",
    }
    return Evidence(**{**usual, **fields})


FRONT = evidence(1)
DIAL = evidence(
    2,
    look="dial",
    probe="tcp.connect",
    kind="connection",
    scope="127.0.0.1:3000",
    reading="refused in 0.2 ms",
    facts={"outcome": "refused"},
    raw="",
    command="nc -vz 127.0.0.1 3000",
)
LISTEN = evidence(
    3,
    look="listen",
    probe="sockets.listeners",
    kind="sockets",
    reading="nothing on :3000; python3[41] on :8080",
    facts={"ports": [8080]},
    raw="LISTEN 0 128 127.0.0.1:8080",
    command="ss -H -tlnp",
)
NO_LOG = evidence(
    4,
    look="errors",
    probe="proxy.error_log",
    kind="log",
    status="unreadable",
    reading="not allowed",
    facts={},
    raw="",
    command="tail -n 100 /var/log/nginx/error.log",
    reason="not allowed to read /var/log/nginx/error.log",
    remedy="sudo wizard diagnose http://shop.example.com/",
)

SYMPTOM = Finding(
    cause="bad-gateway",
    subject="http://shop.example.com/",
    scope="",
    node="answer/front",
    rule=1,
    said="The URL answers 502.",
    evidence=("e1",),
)
CAUSE = Finding(
    cause="wrong-upstream-port",
    subject="127.0.0.1:3000",
    scope="127.0.0.1:3000",
    node="upstream/listening",
    rule=1,
    said="shop.service runs and listens on 8080; the proxy asks 3000.",
    evidence=("e2", "e3"),
)

VERDICT = Verdict(
    cause="wrong-upstream-port",
    title="The proxy asks the wrong port",
    subject="127.0.0.1:3000",
    step="connectivity",
    confidence="confirmed",
    confidence_rule="a connection and the socket table agree; control: a request to 8080 "
    "answered 200",
    said=CAUSE.said,
    chain=("wrong-upstream-port", "nothing-listens", "bad-gateway"),
    chain_titles=(
        "The proxy asks the wrong port",
        "Nothing listens where the proxy asks",
        "502 Bad Gateway",
    ),
    evidence=("e2", "e3"),
    proposals=(
        Proposal(
            kind="diff",
            when="lasting",
            title="Point the proxy at 8080",
            text="--- /etc/nginx/conf.d/shop.conf\n+++ /etc/nginx/conf.d/shop.conf\n"
            "@@ -2 +2 @@\n-    server 127.0.0.1:3000;\n+    server 127.0.0.1:8080;",
            validated=True,
            touches=("reloads nginx",),
        ),
        Proposal(
            kind="command",
            when="now",
            title="Start the app on the port that the proxy asks",
            text="sudo systemctl edit --full shop.service && sudo systemctl restart shop.service"
            " && systemctl status shop.service --no-pager --lines 50",
            undo="sudo systemctl revert shop.service",
            touches=("restarts shop.service",),
        ),
    ),
    verify="curl -sS -o /dev/null -w '%{http_code}\\n' http://shop.example.com/",
)

CONCLUDED = Concluded(
    at=AT + 1.5,
    outcome="cause",
    summary=CAUSE.said,
    status=502,
    made_by={"hop": "nginx", "how": "nginx made this answer itself: its built-in page."},
    verdicts=(VERDICT,),
    consequences=("nothing-listens",),
    ruled_out=(
        RuledOut(
            cause="firewall-reject",
            title="A firewall rejects the connection",
            subject="127.0.0.1:3000",
            because="no rule concerns 127.0.0.1:3000",
            evidence=("e3",),
        ),
    ),
    untested=(
        Untested(
            look="the error log",
            because="not allowed to read /var/log/nginx/error.log",
            settle_with="sudo wizard diagnose http://shop.example.com/",
            causes=("wrong-upstream-port",),
        ),
    ),
)


def events(concluded: Concluded = CONCLUDED, incident: Incident = INCIDENT) -> list[Event]:
    """Everything that was told, the looks that began too."""
    return [
        Started(
            at=AT,
            session="20261121-031000-9f3c",
            version="0.1.0",
            incident=incident,
            flow="answer",
            flow_digest="abc",
        ),
        Looking(look="front", scope="", probe="http.get"),
        Entered(at=AT + 0.1, node="answer/front", step="whose", ask="What does a client get?"),
        Looked(at=AT + 0.2, evidence=FRONT),
        _decided("answer/front", "whose", "The URL answers 502.", "upstream/listening"),
        Found(at=AT + 0.2, finding=SYMPTOM),
        Looked(at=AT + 0.3, evidence=DIAL),
        Looked(at=AT + 0.4, evidence=LISTEN),
        Looked(at=AT + 0.5, evidence=NO_LOG),
        _decided("upstream/listening", "connectivity", CAUSE.said, "end", "127.0.0.1:3000"),
        Found(at=AT + 0.6, finding=CAUSE),
        concluded,
    ]


def _decided(node: str, step: str, said: str, goto: str, scope: str = "") -> Decided:
    compared = Comparison(
        field="dial.outcome",
        operator="is",
        wanted="refused",
        actual="refused",
        holds="true",
        evidence="e2",
    )
    return Decided(
        at=AT + 0.5,
        node=node,
        step=step,
        scope=scope,
        outcome="rule 1",
        said=said,
        weighed=(Weighed(rule=1, holds="true", comparisons=(compared,)),),
        goto=goto,
    )


HEALTHY = msgspec.structs.replace(
    CONCLUDED,
    outcome="healthy",
    summary="The URL answers 200.",
    status=200,
    made_by={},
    verdicts=(),
    consequences=(),
    ruled_out=(),
    untested=(),
)
UNPROVEN = msgspec.structs.replace(
    CONCLUDED,
    outcome="unproven",
    summary="The URL answers 502. No cause is proven.",
    verdicts=(),
    consequences=(),
)
