"""What a change is made of: the place that decides, and the arguments that would do better."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.model.route import Place, Route
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.route import route

HTTP = """
limit_req_zone $binary_remote_addr zone=perip:10m rate=1r/m;
limit_conn_zone $binary_remote_addr zone=each:10m;
limit_req zone=perip;
upstream pair {
    server 127.0.0.1:7201 down;
    server 127.0.0.1:7202 down;
}
server {
    listen 80;
    location / {
        limit_conn each 1;
        error_page 404 =503 /sorry.html;
        proxy_pass http://pair;
    }
    location /generous {
        limit_req zone=perip burst=50 nodelay;
        limit_conn each 5;
        limit_conn other 5;
        proxy_pass http://app.internal:3000;
    }
    location /with-uri { proxy_pass http://app.internal:3000/api/; }
    location /off { return 503; }
    location /off-for-now { return 503; proxy_pass http://127.0.0.1:3000; }
    location /guarded {
        if (-f FLAG) { return 503; }
        proxy_pass http://127.0.0.1:3000;
    }
    location /circle { try_files $uri /circle; }
}
server {
    listen 81;
    set $app app.internal;
    location / { proxy_pass http://$app:3000; }
    location /same { proxy_pass http://$app:3000$request_uri; }
    location /changed { proxy_pass http://$app:3000/api; }
    location /theirs { set $pool $arg_pool; proxy_pass http://$pool; }
}
"""


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    (tmp_path / "flag").touch()
    path = tmp_path / "nginx.conf"
    path.write_text(f"events {{}}\nhttp {{{HTTP.replace('FLAG', f'{tmp_path}/flag')}}}\n")
    return path


def way(conf: Path, path: str, port: int = 80) -> Route:
    instance = Instance(kind="nginx", config=str(conf), running=True, user="root")
    return route(instance, f"http://127.0.0.1:{port}{path}")


def line(conf: Path, text: str) -> Place:
    lines = conf.read_text().splitlines()
    return Place(str(conf), next(n for n, each in enumerate(lines, 1) if text in each))


def test_a_limit_is_relaxed_where_it_is_written(conf: Path) -> None:
    found = way(conf, "/")
    assert found.limit_req_place == line(conf, "limit_req zone=perip;")
    assert found.limit_req_relaxed == "zone=perip burst=20 nodelay"
    assert found.limit_conn_place == line(conf, "limit_conn each 1;")
    assert found.limit_conn_relaxed == "each 20"


def test_what_is_generous_already_or_stands_twice_is_left_to_a_person(conf: Path) -> None:
    found = way(conf, "/generous")
    assert found.limit_req_relaxed is None
    assert (found.limit_conn_place, found.limit_conn_relaxed) == (None, None)


def test_an_error_page_may_keep_the_status(conf: Path) -> None:
    found = way(conf, "/")
    assert found.error_page_place == line(conf, "error_page 404")
    assert found.error_page_kept == "404 /sorry.html"


def test_the_first_server_that_is_flagged_down(conf: Path) -> None:
    down = way(conf, "/").first_down
    assert down is not None
    assert down.place == line(conf, "7201 down")


def test_a_return_leaves_what_would_answer_without_it(conf: Path) -> None:
    assert way(conf, "/off").return_leaves != "proxy"
    assert way(conf, "/off-for-now").return_leaves == "proxy"
    assert way(conf, "/guarded").return_leaves == "proxy"


def test_the_file_that_switches_a_return_on(conf: Path) -> None:
    assert way(conf, "/guarded").return_flag == str(conf.parent / "flag")
    assert way(conf, "/off").return_flag is None


def test_a_circle_of_try_files_ends_in_a_404(conf: Path) -> None:
    found = way(conf, "/circle")
    assert found.return_place == line(conf, "try_files $uri")
    assert found.try_files_ended == "$uri =404"


def test_a_name_is_looked_up_for_each_request_where_that_keeps_the_uri(conf: Path) -> None:
    assert way(conf, "/generous").pass_resolving == "http://$backend_host:3000"
    assert way(conf, "/with-uri").pass_resolving is None


def test_a_variable_that_never_changes_may_be_written_out(conf: Path) -> None:
    assert way(conf, "/", 81).pass_plain == "http://app.internal:3000"
    assert way(conf, "/same", 81).pass_plain == "http://app.internal:3000"
    assert way(conf, "/changed", 81).pass_plain is None
    assert way(conf, "/theirs?pool=a", 81).pass_plain is None
    assert way(conf, "/generous").pass_plain is None
