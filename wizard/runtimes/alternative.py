"""Where a backend may really listen, when it is not where the proxy asks."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes import http
from wizard.probes.http import Asked, Candidate
from wizard.probes.sockets import Listener, Table
from wizard.probes.sockets.addresses import target
from wizard.proxies.facts import Instance
from wizard.runtimes.alternative_ties import LEFT_OVER, Tied, tied_listeners
from wizard.runtimes.facts import Alternatives, Owner

_MOST = 5
_ONLY_ONE = "it is the only listener here that no route of the proxy uses and that speaks HTTP"
_ASK_SECONDS = 1.5


def find(server: Server, route: Route, table: Table, owner: Owner, instance: Instance) -> Sighting:
    """Find and ask the listeners that may be the backend under another port, address or path."""
    command = "ss -lxnp" if server.path else "ss -ltnp"
    if server.local is False:
        return Sighting(
            status="unreadable",
            facts=Alternatives(),
            reason=f"{server.name} is on another host",
            remedy=f"on {server.host}: {command}",
            command=command,
        )
    tied = tied_listeners(server, route, table, owner, instance)[:_MOST]
    asked = _ask(server, route, tied)
    facts = _judged(tied, asked, server)
    if not facts.candidates:
        return Sighting(
            status="absent", facts=Alternatives(count=0, strong=False),
            reading="no other listener that could be the backend", command=command,
        )  # fmt: skip
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        raw="\n".join(_line(one) for one in facts.candidates),
        command=command,
    )


def _ask(server: Server, route: Route, tied: Sequence[Tied]) -> list[Asked | None]:
    answers: list[Asked | None] = [None] * len(tied)

    def ask(number: int, listener: Listener) -> None:
        sighting = http.ask(server=_aimed(server, listener), route=route, limit=_ASK_SECONDS)
        answers[number] = sighting.facts if isinstance(sighting.facts, Asked) else None

    asking = [
        threading.Thread(target=ask, args=(number, one.listener), daemon=True)
        for number, one in enumerate(tied)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(_ASK_SECONDS * 2 + 1)
    return answers


def _aimed(server: Server, listener: Listener) -> Server:
    if listener.port is None:
        path = listener.address
        return msgspec.structs.replace(
            server, name=f"unix:{path}", host=None, port=None, path=path, is_name=False, local=True
        )
    host = str(target("127.0.0.1" if listener.where().startswith("*") else listener.address))
    name = f"[{host}]:{listener.port}" if ":" in host else f"{host}:{listener.port}"
    return msgspec.structs.replace(
        server, name=name, host=host, port=listener.port, path=None, is_name=False, local=True
    )


def _judged(tied: Sequence[Tied], asked: Sequence[Asked | None], server: Server) -> Alternatives:
    seen = [
        Tied(
            one.listener,
            msgspec.structs.replace(
                one.candidate,
                outcome=answer.outcome if answer else None,
                status=answer.status if answer else None,
            ),
            one.rank,
            one.why,
        )
        for one, answer in zip(tied, asked, strict=True)
        # A listener that is tied by nothing and speaks no HTTP is not the backend.
        if one.rank < LEFT_OVER or (answer and answer.outcome == "answered")
    ]
    best = _best(seen, server.port)
    answers = None
    if best is not None and best.candidate.outcome is not None:
        answers = best.candidate.outcome == "answered" and (best.candidate.status or 0) < 500
    only = best is not None and best.rank == LEFT_OVER
    return Alternatives(
        count=len(seen),
        best=best.candidate if best else None,
        port=best.candidate.port if best else None,
        address=_where(best.candidate) if best else None,
        answers=answers,
        status=best.candidate.status if best else None,
        tie=_ONLY_ONE if only else best.why if best else None,
        strong=None if best is None else best.rank < LEFT_OVER,
        server=_aimed(server, best.listener) if best else None,
        candidates=[one.candidate for one in seen],
    )


def _best(seen: Sequence[Tied], port: int | None) -> Tied | None:
    """The one with the strongest tie; of equals the one that answers; none when two do.

    Where one program has several ports, the one next to the port that is asked.
    """
    if not seen:
        return None
    rank = min(one.rank for one in seen)
    equals = [one for one in seen if one.rank == rank]
    if len(equals) > 1:
        equals = [one for one in equals if one.candidate.outcome == "answered"]
    programs = {one.candidate.unit or one.candidate.pid for one in equals}
    if rank < LEFT_OVER and len(programs) == 1 and None not in programs:
        equals = sorted(equals, key=lambda one: abs((one.candidate.port or 0) - (port or 0)))[:1]
    return equals[0] if len(equals) == 1 else None


def _reading(facts: Alternatives) -> str:
    best = facts.best
    if best is None:
        return f"{facts.count} listeners may be it, none stands out"
    says = f"answers {best.status}" if best.status else best.outcome or "not asked"
    return f"{best.unit or best.process or 'a process'} on {_where(best)} {says}"


def _where(candidate: Candidate) -> str:
    if candidate.port is None:
        return f"unix:{candidate.address}"
    host = f"[{candidate.address}]" if ":" in candidate.address else candidate.address
    return f"{host}:{candidate.port}"


def _line(candidate: Candidate) -> str:
    who = candidate.unit or candidate.process or "owner hidden"
    return (
        f"{_where(candidate)} {who}: {candidate.outcome} {candidate.status or ''} ({candidate.why})"
    )
