"""What is in effect at a route: inheritance level by level, and nginx's defaults."""

from __future__ import annotations

from pathlib import Path

from wizard.model.route import Route
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.route import route

HTTP = """
log_format timed '$remote_addr $status '
                 '$upstream_response_time';
limit_req_zone $binary_remote_addr zone=perip:10m rate=1r/s;
limit_conn_zone $binary_remote_addr zone=each:10m;
proxy_read_timeout 2m;
proxy_set_header Host outer;
server {
    listen 80;
    listen [::]:80;
    error_log logs/site.log warn;
    location / {
        limit_req zone=perip burst=5 nodelay;
        limit_conn each 10;
        limit_req_status 429;
        proxy_connect_timeout 1500ms;
        proxy_buffer_size 8k;
        proxy_next_upstream error timeout http_502;
        proxy_http_version 1.1;
        proxy_set_header X-Only here;
        error_page 502 504 =200 /50x.html;
        proxy_intercept_errors on;
        access_log logs/timed.log timed;
        proxy_pass https://127.0.0.1:8443;
    }
    location /plain { proxy_pass http://localhost:3000; }
    location /tls {
        resolver 127.0.0.53 valid=10s; resolver_timeout 5s;
        proxy_ssl_verify on; proxy_ssl_server_name on; proxy_ssl_name shop.test;
        proxy_ssl_protocols TLSv1.3; proxy_ssl_trusted_certificate /etc/ca.pem;
        proxy_ssl_ciphers HIGH:!aNULL; proxy_ssl_certificate_key /etc/edge.key;
        access_log off;
        proxy_pass https://secure;
    }
    location /php { fastcgi_pass unix:/run/php.sock; fastcgi_read_timeout 5; }
    location /rpc { grpc_pass grpc://127.0.0.1:50051; }
}
upstream secure { server backend.invalid; least_conn; zone z 64k; }
"""


def found(folder: Path, path: str, version: str = "1.22.1") -> Route:
    config = folder / "nginx.conf"
    config.write_text(f"error_log /var/log/main.log;\nevents {{}}\nhttp {{\n{HTTP}\n}}\n")
    instance = Instance(
        kind="nginx", running=False, config=str(config), prefix=str(folder), version=version
    )
    return route(instance, f"http://127.0.0.1{path}")


def test_values_come_from_the_innermost_level_that_has_them(tmp_path: Path) -> None:
    seen = found(tmp_path, "/")
    assert (seen.connect_timeout, seen.send_timeout, seen.read_timeout) == (1.5, 60.0, 120.0)
    assert (seen.header_buffer_bytes, seen.http_version) == (8192, "1.1")
    assert seen.next_upstream == ["error", "timeout", "http_502"]
    assert seen.error_pages == ["502=/50x.html =200", "504=/50x.html =200"]
    assert seen.intercept_errors is True
    assert seen.limit_req == ["zone=perip burst=5 nodelay rate=1r/s status=429"]
    assert seen.limit_conn == ["zone=each connections=10 status=503"]
    assert seen.error_logs == [f"{tmp_path}/logs/site.log"]
    assert seen.error_log_level == "warn"
    assert seen.access_logs == [f"{tmp_path}/logs/timed.log"]
    assert seen.access_log_format == "$remote_addr $status $upstream_response_time"


def test_a_header_of_a_level_replaces_all_of_the_outer_level(tmp_path: Path) -> None:
    assert found(tmp_path, "/").host_header == "127.0.0.1:8443"
    assert found(tmp_path, "/plain").host_header == "outer"


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    seen = found(tmp_path, "/plain")
    assert (seen.connect_timeout, seen.http_version) == (60.0, "1.0")
    assert seen.next_upstream == ["error", "timeout"]
    assert (seen.tls_verify, seen.tls_sni, seen.resolver) == (False, False, [])
    assert seen.tls_protocols == ["TLSv1", "TLSv1.1", "TLSv1.2"]
    assert (seen.tls_protocols_place, seen.tls_ciphers, seen.tls_client_key) == (None, None, None)
    assert (seen.servers[0].is_name, seen.servers[0].local) == (True, True)
    assert "TLSv1.3" in found(tmp_path, "/plain", "1.24.0").tls_protocols


def test_what_tls_to_the_upstream_asks_for(tmp_path: Path) -> None:
    seen = found(tmp_path, "/tls")
    assert (seen.tls_verify, seen.tls_sni, seen.tls_name) == (True, True, "shop.test")
    assert (seen.tls_protocols, seen.tls_trusted_certificate) == (["TLSv1.3"], "/etc/ca.pem")
    assert seen.tls_protocols_place is not None
    assert (seen.tls_ciphers, seen.tls_client_key) == ("HIGH:!aNULL", "/etc/edge.key")
    assert (seen.resolver, seen.resolver_timeout) == (["127.0.0.53"], 5.0)
    assert seen.access_logs == []
    # The port of a group's server is 80 when none is written, even for https.
    assert (seen.servers[0].port, seen.servers[0].scheme, seen.servers[0].local) == (
        80, "https", None,
    )  # fmt: skip
    assert {"least_conn", "zone"} <= {each.name for each in seen.settings}


def test_other_protocols_have_settings_of_their_own(tmp_path: Path) -> None:
    php, rpc = found(tmp_path, "/php/x.php"), found(tmp_path, "/rpc")
    assert (php.passed_by, php.scheme, php.read_timeout) == ("fastcgi_pass", "fastcgi", 5.0)
    assert php.servers[0].path == "/run/php.sock"
    assert (rpc.passed_by, rpc.http_version, rpc.servers[0].port) == ("grpc_pass", "2", 50051)


def test_parameters_have_the_values_that_a_script_gets(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "current").symlink_to(tmp_path / "site")
    config = tmp_path / "nginx.conf"
    config.write_text(
        "events {}\nhttp {\nserver {\nlisten 80;\n"
        f"root {tmp_path}/current;\nfastcgi_index start.php;\n"
        "fastcgi_split_path_info ^(.+?\\.php)(/.*)$;\n"
        "fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;\n"
        "fastcgi_param PATH_INFO $fastcgi_path_info;\n"
        "fastcgi_param HTTPS $https if_not_empty;\n"
        "fastcgi_param DATABASE_PASSWORD hunter2;\n"
        "fastcgi_param REMOTE_ADDR $http_x_real_ip;\n"
        "location / { fastcgi_pass unix:/run/php.sock; }\n}\n}\n"
    )
    instance = Instance(kind="nginx", running=False, config=str(config))
    deep = route(instance, "http://127.0.0.1/shop.php/cart?x=1").parameters
    assert deep == {"SCRIPT_FILENAME": f"{tmp_path}/site/shop.php", "PATH_INFO": "/cart"}
    folder = route(instance, "http://127.0.0.1/").parameters
    assert folder["SCRIPT_FILENAME"] == f"{tmp_path}/site/start.php"


def test_directives_after_an_include_keep_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "extra.conf").write_text("proxy_read_timeout 7;\n")
    config = tmp_path / "nginx.conf"
    config.write_text(
        "events {}\nhttp {\nserver {\nlisten 80;\nlocation / {\ninclude extra.conf;\n"
        "proxy_pass http://127.0.0.1:1;\n}\n}\n}\n"
    )
    seen = route(Instance(kind="nginx", running=False, config=str(config)), "http://127.0.0.1/")
    assert (seen.read_timeout, str(seen.pass_place)) == (7.0, f"{config}:7")


def test_a_file_with_a_brace_too_few_still_gives_a_route_with_a_note(tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    config.write_text(
        "events {}\nhttp {\nserver {\nlisten 80;\nlocation / { proxy_pass http://127.0.0.1:1; }\n"
    )
    seen = route(Instance(kind="nginx", running=False, config=str(config)), "http://127.0.0.1/")
    assert seen.pass_value == "http://127.0.0.1:1"
    assert any('expecting "}"' in note for note in seen.unsettled)
