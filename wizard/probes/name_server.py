"""Asking name servers directly, as a proxy with a `resolver` of its own does."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from wizard.probes.addresses import Address
from wizard.probes.importing import one_at_a_time

AnswerOutcome = Literal["resolved", "not-found", "failed", "refused", "timed-out"]


class Answer(msgspec.Struct):
    """What one name server says about a name."""

    server: Address
    outcome: AnswerOutcome = "timed-out"
    addresses: list[str] = msgspec.field(default_factory=list)
    code: str = ""
    """`NXDOMAIN`, `SERVFAIL`, `no address records`, `nothing listens there`."""


class _Conversation(msgspec.Struct):
    answer: Answer
    opened: socket.socket
    queries: dict[int, bytes]
    """By their ids; a query leaves when it is answered."""


def ask_all(
    servers: Sequence[Address], name: str, types: Sequence[str], limit: float
) -> list[Answer]:
    """Ask every server for every record type (A, AAAA) at the same time."""
    with one_at_a_time:
        from dns.message import make_query

    until = time.perf_counter() + limit
    answers = [Answer(server) for server in servers]
    open_ones: dict[int, _Conversation] = {}
    for answer in answers:
        queries = {query.id: query.to_wire() for query in (make_query(name, t) for t in types)}
        opened = socket.socket(answer.server.family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        open_ones[opened.fileno()] = _Conversation(answer, opened, queries)
        try:
            opened.connect(answer.server.target)
            for query in queries.values():
                opened.send(query)
        except OSError as error:
            _end(answer, "failed", _unreachable(error))
            open_ones.pop(opened.fileno()).opened.close()
    try:
        while open_ones and (left := until - time.perf_counter()) > 0:
            readable, _, _ = select.select(list(open_ones), [], [], left)
            for descriptor in readable:
                talk = open_ones[descriptor]
                _receive(talk, until)
                if not talk.queries:
                    open_ones.pop(descriptor).opened.close()
    finally:
        for talk in open_ones.values():
            talk.opened.close()
    return answers


def _receive(talk: _Conversation, until: float) -> None:
    from dns.exception import DNSException
    from dns.flags import TC
    from dns.message import from_wire

    try:
        data = talk.opened.recv(65535)
        message: Any = from_wire(data, ignore_trailing=True, raise_on_truncation=False)
    except OSError as error:
        talk.queries.clear()
        _end(talk.answer, "failed", _unreachable(error))
        return
    except DNSException:
        return
    query = talk.queries.pop(message.id, None)
    if query is None:
        return
    if message.flags & TC:
        message = _over_tcp(talk.answer.server, query, until) or message
    _take(talk.answer, message)


def _take(answer: Answer, message: Any) -> None:
    from dns.rcode import to_text
    from dns.rdatatype import AAAA, A

    code = to_text(message.rcode())
    if code == "NOERROR":
        for group in message.answer:
            if group.rdtype in (A, AAAA):
                answer.addresses += [str(record.address) for record in group]
        if answer.addresses:
            answer.outcome, answer.code = "resolved", code
        else:
            _end(answer, "not-found", "no address records")
    elif code == "NXDOMAIN":
        _end(answer, "not-found", code)
    else:
        _end(answer, "refused" if code == "REFUSED" else "failed", code)


def _end(answer: Answer, outcome: AnswerOutcome, code: str) -> None:
    if answer.outcome != "resolved":
        answer.outcome, answer.code = outcome, code


def _unreachable(error: OSError) -> str:
    refused = isinstance(error, ConnectionRefusedError)
    return "nothing listens there" if refused else str(error)


def _over_tcp(server: Address, query: bytes, until: float) -> Any:
    """The whole of an answer that did not fit into a datagram; None when TCP fails, too."""
    from dns.exception import DNSException
    from dns.message import from_wire

    left = until - time.perf_counter()
    if left <= 0:
        return None
    try:
        with socket.create_connection(server.target[:2], timeout=left) as stream:
            stream.sendall(len(query).to_bytes(2, "big") + query)
            with stream.makefile("rb") as file:
                return from_wire(file.read(int.from_bytes(file.read(2), "big")))
    except (OSError, DNSException):
        return None
