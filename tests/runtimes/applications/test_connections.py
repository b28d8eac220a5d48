"""Accepted and waiting connections, at real sockets."""

from __future__ import annotations

import socket
from pathlib import Path

from wizard.model.route import Server
from wizard.runtimes.applications import connections
from wizard.runtimes.applications.facts import Load


def test_what_nobody_has_accepted_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = Server(name=f"127.0.0.1:{port}", host="127.0.0.1", port=port, local=True)
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        taken, _ = listener.accept()
        with taken:
            assert connections.at(server).facts == Load(accepted=1, waiting=2)
        for client in clients:
            client.close()


def test_at_a_unix_socket_too(tmp_path: Path) -> None:
    path = str(tmp_path / "app.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        clients = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for client in clients:
            client.connect(path)
        taken, _ = listener.accept()
        with taken:
            facts = connections.at(Server(name=f"unix:{path}", path=path, local=True)).facts
        for client in clients:
            client.close()
    assert facts == Load(accepted=1, waiting=2)


def test_another_hosts_connections_are_not_seen_from_here() -> None:
    seen = connections.at(Server(name="192.0.2.7:80", host="192.0.2.7", port=80, local=False))
    assert (seen.status, seen.remedy) == (
        "unreadable",
        "on 192.0.2.7: ss -tn state established state close-wait 'sport = :80'",
    )
