"""What counts as naming the address to listen on, and what only looks like it."""

from __future__ import annotations

import shlex

import pytest

from wizard.runtimes.mentions import Aim, in_command, in_environment, in_text, ports_in

PORT = Aim(port=3000)
SOCKET = Aim(path="/run/shop/shop.sock")


@pytest.mark.parametrize(
    "command",
    [
        "python3 app.py --port 3000",
        "python3 app.py --port=3000",
        "gunicorn -b 127.0.0.1:3000 app:app",
        "gunicorn --bind=[::]:3000 app:app",
        "gunicorn -w 4 -b :3000 app:app",
        "uvicorn app:app --host 0.0.0.0 --port 3000",
        "python3 -m http.server 3000",
        "python3 manage.py runserver 0.0.0.0:3000",
        "php -S localhost:3000 -t public",
        "puma -b tcp://0.0.0.0:3000",
        "rails server -p 3000",
        "java -Dserver.port=3000 -jar shop.jar",
        "java -jar shop.jar --server.port=3000",
        "dotnet Shop.dll --urls http://0.0.0.0:3000",
        "node server.js --listen 127.0.0.1:3000",
        "socat TCP-LISTEN:3000,fork,reuseaddr SYSTEM:date",
        "socat TCP4-LISTEN:3000,bind=127.0.0.1 TCP:10.0.0.1:5432",
        "ncat -lk 3000",
        "nc -l -p 3000",
        "uwsgi --http :3000 --wsgi-file app.py",
        "uwsgi --http-socket 127.0.0.1:3000",
        "ssh -N -L 3000:db.internal:5432 jump",
        "docker run --rm -p 3000:8080 shop",
        "sh -c 'exec node server.js --port 3000'",
        "/bin/bash -lc 'cd /srv && PORT=1 python3 app.py -p 3000 >>log'",
        "varnishd -a :3000 -f /etc/varnish/default.vcl",
        "prometheus --web.listen-address=:3000",
    ],
)
def test_commands_that_listen_on_the_port(command: str) -> None:
    assert any(one.meets(PORT) for one in in_command(shlex.split(command)))


@pytest.mark.parametrize(
    "command",
    [
        "python3 app.py --port 3001",
        "python3 app.py --db-port 3000",
        "python3 app.py --redis-port=3000 --port 80",
        "node worker.js --api http://127.0.0.1:3000",
        "socat TCP-LISTEN:80,fork TCP:127.0.0.1:3000",
        "python3 app.py --timeout 3000",
        "node app.js --max-old-space-size=3000",
        "docker run -p 80:3000 shop",
        "ssh -N -L 80:localhost:3000 jump",
        "curl http://127.0.0.1:3000/",
        "node --inspect-port=3000 app.js",
    ],
)
def test_commands_that_do_not(command: str) -> None:
    assert not any(one.meets(PORT) for one in in_command(shlex.split(command)))


def test_variables_of_a_command_are_filled_in() -> None:
    argv = ["gunicorn", "--bind", "${BIND}", "--workers", "$WORKERS"]
    environment = {"BIND": "127.0.0.1:3000", "WORKERS": "2"}
    assert [one.words for one in in_command(argv, environment) if one.meets(PORT)] == [
        "--bind 127.0.0.1:3000"
    ]
    assert not any(one.meets(PORT) for one in in_command(argv))


@pytest.mark.parametrize(
    "command",
    [
        "gunicorn --bind unix:/run/shop/shop.sock app:app",
        "uvicorn app:app --uds /run/shop/shop.sock",
        "puma -b unix:///run/shop/shop.sock",
        "socat UNIX-LISTEN:/run/shop/shop.sock,fork SYSTEM:date",
        "uwsgi --socket /run/shop/shop.sock",
        "python3 app.py --socket=/run/shop/shop.sock",
    ],
)
def test_commands_that_listen_on_the_path(command: str) -> None:
    assert any(one.meets(SOCKET) for one in in_command(shlex.split(command)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PORT", "3000"), ("HTTP_PORT", "3000"), ("BIND", "127.0.0.1:3000"), ("LISTEN", ":3000"),
        ("ASPNETCORE_URLS", "http://0.0.0.0:3000"), ("GUNICORN_CMD_ARGS", "--bind=0.0.0.0:3000"),
        ("JAVA_OPTS", "-Xmx1g -Dserver.port=3000"), ("SHOP_PORT", '"3000"'),
    ],
)  # fmt: skip
def test_variables_that_name_the_port(key: str, value: str) -> None:
    assert any(one.meets(PORT) for one in in_environment({key: value}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DB_PORT", "3000"), ("REDIS_PORT", "3000"), ("API_URL", "http://127.0.0.1:3000"),
        ("TIMEOUT", "3000"), ("PORT", "30000"), ("DATABASE_URL", "postgres://u@h:3000/d"),
    ],
)  # fmt: skip
def test_variables_that_do_not(key: str, value: str) -> None:
    assert not any(one.meets(PORT) for one in in_environment({key: value}))


@pytest.mark.parametrize(
    "text",
    [
        "port = 3000", 'bind = "localhost:3000"', "server:\n  port: 3000", '{"port": 3000}',
        "app.listen(3000)", "const port = process.env.PORT || 3000",
        "app.run(debug=True, port=3000)",
        'HTTPServer(("", 3000), Handler)', "PORT=3000", "listen = 127.0.0.1:3000",
        "[server]\nhttp_port = 3000 # behind nginx", 'bind = ["0.0.0.0:3000"]', "export PORT=3000",
        "set :bind, '0.0.0.0'\nset :port, 3000",
    ],
)  # fmt: skip
def test_lines_that_name_the_port(text: str) -> None:
    assert in_text(text, PORT) is not None


@pytest.mark.parametrize(
    "text",
    [
        "# port = 3000", "timeout = 3000", "port = 30001", "port = 13000",
        "[database]\nport = 3000",
        'SHOP = "http://127.0.0.1:3000/"', "redis_port: 3000", "import sys; retries = 3000",
        "// app.listen(3000)", "report = 3000",
    ],
)  # fmt: skip
def test_lines_that_do_not(text: str) -> None:
    assert in_text(text, PORT) is None


def test_the_line_is_told_with_its_number() -> None:
    assert in_text("workers = 2\n\nbind = '0.0.0.0:3000'\n", PORT) == (3, "bind = '0.0.0.0:3000'")


def test_only_lines_with_the_key_count_in_a_proxys_file() -> None:
    text = "backend app\n  server one 127.0.0.1:3000\nfrontend web\n  bind :80\n"
    assert in_text(text, PORT, "bind") is None
    assert in_text(text, Aim(port=80), "bind") == (4, "bind :80")


def test_ports_that_a_file_sets_itself() -> None:
    assert ports_in("[server]\nport = 5000\ndb_port = 5432\nbind: 0.0.0.0:5001\n") == {5000, 5001}
