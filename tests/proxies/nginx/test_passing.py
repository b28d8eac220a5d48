"""What goes upstream, and what rewrites, ifs, files and error pages do, as a real nginx does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.proxies.nginx.own_nginx import PROGRAM, ask, free_ports, running
from wizard.model.route import Route
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.route import route

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")

SITE = """
map $uri $by_path { default 127.0.0.1:BACK; ~^/mapped/other(?<rest>.*) 127.0.0.2:BACK; }
map $host $by_host { hostnames; default plain; .shop.test shop; }
upstream pool { server 127.0.0.1:BACK weight=3 max_fails=2 fail_timeout=30s max_conns=7;
                keepalive 8;
                server 127.0.0.3:BACK backup; server 127.0.0.4:BACK down; }
upstream socket { server unix:FOLDER/back.sock; }
server { listen 127.0.0.1:BACK; listen 127.0.0.2:BACK; listen unix:FOLDER/back.sock;
         return 200 "up $http_host $request_uri"; }
server {
  listen 127.0.0.1:PORT; server_name shop.test;
  root FOLDER/site;
  merge_slashes on;
  rewrite ^/server/(.*)$ /plain/$1 last;
  if ($request_uri ~ ^/gone) { return 410; }
  location /plain/ { proxy_pass http://127.0.0.1:BACK; }
  location /cut/ { proxy_pass http://127.0.0.1:BACK/; }
  location /deep/er { proxy_pass http://127.0.0.1:BACK/base; }
  location /slash/ { proxy_pass http://127.0.0.1:BACK/base; }
  location = /one { proxy_pass http://127.0.0.1:BACK/other?x=1; }
  location ~ ^/regex/ { proxy_pass http://127.0.0.1:BACK; }
  location /pool/ { proxy_pass http://pool; proxy_set_header Host $host; }
  location /poolport/ { proxy_pass http://pool/x/; proxy_set_header host $http_host; }
  location /empty/ { proxy_pass http://pool; proxy_set_header Host ""; }
  location /unix/ { proxy_pass http://unix:FOLDER/back.sock; }
  location /unixuri/ { proxy_pass http://unix:FOLDER/back.sock:/deep/; }
  location /unixpool/ { proxy_pass http://socket; }
  location /variable/ { set $back 127.0.0.1:BACK; proxy_pass http://$back; }
  location /varuri/ { set $back 127.0.0.1:BACK; proxy_pass http://$back/fixed; }
  location ~ ^/varcap/(?<tail>.*)$ { set $back 127.0.0.1:BACK;
    proxy_pass http://$back/t/$tail$is_args$args; }
  location /mapped/ { proxy_pass http://$by_path; proxy_set_header Host $by_host; }
  location /break/ { rewrite ^/break/(.*)$ /broken/$1 break;
    proxy_pass http://127.0.0.1:BACK/ignored/; }
  location /last/ { rewrite ^/last/(.*)$ /plain/$1 last; return 500; }
  location /noflag/ { rewrite ^/noflag/(.*)$ /cut/$1?more=1; }
  location /drop/ { rewrite ^/drop/(.*)$ /plain/$1? last; }
  location /thenbreak/ { rewrite ^/thenbreak/(.*)$ /t/$1; break; proxy_pass http://127.0.0.1:BACK; }
  location /loop/ { rewrite ^ /loop/x last; }
  location /away/ { rewrite ^/away/(.*)$ https://other.test/$1 permanent; }
  location /bare { return https://other.test/; }
  location /code { return 404 "own text"; }
  location /maintenance/ { if (-f FOLDER/down.html) { return 503; } proxy_pass http://pool; }
  location /nomaintenance/ { if (-f FOLDER/missing.html) { return 503; }
    proxy_pass http://127.0.0.1:BACK; }
  location /ifhost/ { if ($host = shop.test) { return 418; } proxy_pass http://127.0.0.1:BACK; }
  location /ifarg/ { if ($arg_v = 2) { set $extra second; } proxy_pass http://127.0.0.1:BACK;
                     proxy_set_header Host "v$extra"; }
  location /ifpass/ { if ($args ~ new=(\\d+)) { proxy_pass http://unix:FOLDER/back.sock; }
                      proxy_pass http://127.0.0.1:BACK; }
  location /files/ { try_files $uri $uri/ @app; }
  location /fallback/ { try_files $uri /plain/index?from=$uri; }
  location /code404/ { try_files $uri =404; }
  location /trick/ { error_page 418 = @app; return 418; }
  location /fetch/ { error_page 404 = @app; }
  location /denied/ { deny all; proxy_pass http://127.0.0.1:BACK; }
  location /inner/ { internal; proxy_pass http://127.0.0.1:BACK; }
  location /dressed/ { error_page 503 /50x.html; return 503; }
  location /alias/ { alias FOLDER/other/; }
  location /slashadd/ { proxy_pass http://127.0.0.1:BACK; }
  location /nested/ { proxy_set_header Host outer;
    location /nested/in/ { proxy_pass http://127.0.0.1:BACK; }
    location ~ \\.php$ { proxy_set_header X y; proxy_pass http://127.0.0.1:BACK; } }
  location @app { proxy_pass http://127.0.0.1:BACK; proxy_set_header Host app; }
  location ~ \\.app$ { proxy_pass http://127.0.0.1:BACK; }
  index index.html index.app;
}
server { listen 127.0.0.1:PORT; server_name rewritten.test; rewrite ^/a(.*)$ /b$1 break;
         location /b { proxy_pass http://127.0.0.1:BACK/c; } location / { return 404; } }
server { listen 127.0.0.1:PORT; server_name ~^(?<sub>[a-z]+)\\.by\\.test$;
         location / { proxy_pass http://127.0.0.1:BACK; proxy_set_header Host "$sub.inner"; } }
"""

ASKED = [
    "/plain/a",
    "/plain/a?x=1&y=%20",
    "/plain/%61%20b",
    "/plain//x",
    "/cut/a",
    "/cut/a?b=c",
    "/cut/%C3%A4%20b",
    "/cut/a%3Fb",
    "/deep/er",
    "/deep/er/x?q",
    "/deep/erst",
    "/slash/x",
    "/one",
    "/one?y=2",
    "/regex/a%20b",
    "/pool/x",
    "/poolport/x",
    "/empty/x",
    "/unix/a?b",
    "/unixuri/a?b",
    "/unixpool/q",
    "/variable/x?y=%41",
    "/varuri/abc?d",
    "/varcap/a/b?c=d",
    "/mapped/x",
    "/mapped/other/y",
    "/break/x?y=1",
    "/last/x",
    "/last/x?z=1",
    "/noflag/x?y=2",
    "/drop/x?y=2",
    "/thenbreak/x?y=2",
    "/loop/x",
    "/away/x",
    "/bare",
    "/code",
    "/maintenance/x",
    "/nomaintenance/x",
    "/ifhost/x",
    "/ifarg/x?v=2",
    "/ifarg/x?v=3",
    "/ifpass/x",
    "/ifpass/x?new=7",
    "/files/here.txt",
    "/files/folder",
    "/files/folder/",
    "/files/none?a=b",
    "/fallback/none",
    "/code404/x",
    "/trick/x?y",
    "/fetch/x",
    "/denied/x",
    "/inner/x",
    "/dressed/x",
    "/alias/there.txt",
    "/alias/none",
    "/slashadd",
    "/nested/in/x",
    "/nested/x.php",
    "/server/x?y=1",
    "/gone",
    "/indexed/",
    "/indexed",
    "/nowhere",
    "/cut/%22%3Cx%3E%7C",
    "/cut/a;b,c:d@e=f&g+h~i!j",
    "/cut/a%25b",
    "/cut/..%2f..",
    "/plain/..%2Fcut/x",
]


@dataclass
class Site:
    folder: Path
    port: int
    back: int

    def instance(self) -> Instance:
        return Instance(
            kind="nginx", running=True, config=str(self.folder / "nginx.conf"),
            prefix=str(self.folder), user="root", executable=PROGRAM, version="1.22.1",
        )  # fmt: skip

    def route(self, path: str, host: str = "shop.test") -> Route:
        return route(self.instance(), f"http://{host}:{self.port}{path}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    folder.chmod(0o755)
    for made in ("site/files/folder", "site/indexed", "other"):
        (folder / made).mkdir(parents=True)
    for made in (
        "site/files/here.txt",
        "site/indexed/index.app",
        "site/50x.html",
        "other/there.txt",
        "down.html",
    ):
        (folder / made).write_text(made)
    port, back = free_ports(2)
    http = SITE.replace("FOLDER", str(folder)).replace("PORT", str(port)).replace("BACK", str(back))
    with running(folder, http, port):
        yield Site(folder, port, back)


def compare(site: Site, path: str, host: str = "shop.test") -> None:
    status, body, place = ask(site.port, path, f"{host}:{site.port}")
    found = site.route(path, host)
    assert not found.unsettled, found.unsettled
    if body.startswith("up "):
        _, header, uri = body.split(" ", 2)
        assert found.action == "proxy", found
        assert (found.host_header, found.upstream_uri) == (header, uri)
    else:
        assert found.action != "proxy", (found.location, status)
        assert found.return_status == status
        assert (found.action == "redirect") == bool(place)


@pytest.mark.parametrize("path", ASKED)
def test_what_goes_upstream_is_what_nginx_sends(site: Site, path: str) -> None:
    compare(site, path)


@pytest.mark.parametrize("path", ["/a/x", "/b/x", "/other"])
def test_rewrite_break_of_a_server_keeps_the_uri_of_a_pass_away(site: Site, path: str) -> None:
    compare(site, path, "rewritten.test")


def test_captures_of_a_server_name_fill_headers(site: Site) -> None:
    compare(site, "/x", "abc.by.test")
    assert site.route("/x", "abc.by.test").host_header == "abc.inner"


def test_a_maintenance_page_is_an_answer_of_its_own_with_its_condition(site: Site) -> None:
    found = site.route("/maintenance/x")
    assert (found.action, found.return_status) == ("return", 503)
    assert found.return_condition == f"-f {site.folder}/down.html"


def test_members_of_a_group_carry_their_parameters(site: Site) -> None:
    found = site.route("/pool/x")
    first, backup, down = found.servers
    assert (found.upstream, found.server_count, found.usable_count) == ("pool", 3, 2)
    assert (first.weight, first.max_fails, first.fail_timeout, first.max_conns) == (3, 2, 30.0, 7)
    assert (first.host, first.port, first.local, first.is_name) == (
        "127.0.0.1",
        site.back,
        True,
        False,
    )
    assert (backup.backup, down.down) == (True, True)
    assert [each.value for each in found.settings if each.name == "keepalive"] == ["8"]


def test_a_unix_socket_is_a_server_with_a_path(site: Site) -> None:
    (server,) = site.route("/unixuri/a").servers
    assert (server.path, server.host, server.port) == (f"{site.folder}/back.sock", None, None)
