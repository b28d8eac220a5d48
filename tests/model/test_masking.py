"""Secrets go, everything that a diagnosis is made of stays."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.masking import Masker, mask
from wizard.model.tokens import Tokens

KEY = "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

SECRETS = [
    ("postgres://app:{}@db:5432/shop", "hunter2"),
    ("redis://:{}@127.0.0.1:6379/0", "hunter2"),
    ("postgres://app:{}@db/shop", "p/a#s?s"),
    ("postgres://app:{}@db/shop", "p@ss"),
    ("https://{}@ingest.example.com/4", "0123456789abcdef0123456789abcdef"),
    ("Authorization: Bearer {}", "abc.def"),
    ('"Authorization": "Basic {}", "x": 1', "dXNlcjpwYXNz"),
    ("curl -H 'Authorization: {}' http://127.0.0.1:3000/", "abcdef"),
    ('curl -H "X-Api-Key: {}" http://127.0.0.1:3000/', "k1k1"),
    ("Set-Cookie: session={}; Path=/; HttpOnly", "abc123"),
    ("Cookie: theme=dark1; sid={}", "zz99"),
    ('proxy_set_header Authorization "Basic {}";', "Zm9vOmJhcg=="),
    ("proxy_set_header X-Api-Key {};", "abc123"),
    ("proxy_set_header Authorization Basic {};", "Zm9vOmJhcg=="),
    ("fastcgi_param DB_PASSWORD {};", "s3cret"),
    ('http-request set-header Authorization "Basic {}" if internal', "abcd1234="),
    ('RequestHeader set Authorization "Basic {}"', "abcd1234="),
    ("header_up X-Api-Key {}", "abcd"),
    ("DB_PASSWORD={}", "pa;ss&word"),
    ("Environment=PORT=3000 SECRET_KEY={} DEBUG=0", "bar"),
    ('export API_KEY="{}"', "a b c"),
    ("GET /?page=2&token={}&user=5 HTTP/1.1", "abc"),
    ("gunicorn app --password {} --bind 127.0.0.1:3000", "foo"),
    ("gunicorn app --secret-key={} --bind 127.0.0.1:3000", "foo"),
    ("password: {} # the old one", "hunter2"),
    ('  "password": "{}",', "hunter2"),
    ('{{\\"password\\":\\"{}\\",\\"a\\":1}}', "hunter2"),
    ("Server=db,1433;Uid=sa;Pwd={};Timeout=5", "S3"),
    ("host=db port=5432 user=app password={} dbname=shop", "hunter2"),
    (KEY, "MIIEowIBAAKCAQEA\nq83vEjRW"),
    ("-----BEGIN PRIVATE KEY-----\n{}", "MIIEvQIBADANBgkq\nhkiG9w0B"),
    ("token {} was refused", JWT),
    ("key {}", "AKIAIOSFODNN7EXAMPLE"),
    ("pushed with {}", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("posted with {}", "xoxb-123456789012-abcdefghijkl"),
    ("charged with {}", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"),
    ("curl -u admin:{} http://127.0.0.1/", "pw"),
    ("mysqldump -uroot -p{} shop", "hunter2"),
    ("stats auth admin:{}", "pw"),
    ("user bob password {}", "$6$saltsalt$hashhashhashhash"),
    ("requirepass {}", "foobared"),
    ("upstream sent: Bearer {}", "0f8fad5bd9cb469fa165"),
]

HARMLESS = [
    "connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1",
    'upstream: "http://127.0.0.1:3000/api/@me?page=2", host: "shop.example.com"',
    "proxy_pass http://unix:/run/app.sock:/@x;",
    "proxy_pass http://127.0.0.1:3000;",
    "proxy_pass: http://127.0.0.1:3000",
    "proxy_set_header Authorization $http_authorization;",
    'proxy_set_header Cookie "";',
    "ssl_certificate_key /etc/ssl/private/shop.key;",
    "private_key=/etc/ssl/private/shop.pem",
    "DB_PASSWORD=${DB_PASSWORD}",
    "PWD=/srv/shop OLDPWD=/root",
    "token.service secret.socket auth-proxy.service active (running)",
    "SyntaxError: unexpected token: <",
    'FATAL: password authentication failed for user "app"',
    "WWW-Authenticate: Bearer realm=example",
    'auth_basic "Restricted";',
    "limit_req_zone $binary_remote_addr zone=perip:10m rate=1r/s;",
    "docker run -u 1000:1000 -p 8080:3000 shop",
    "tcp LISTEN 0 511 127.0.0.1:3000 users:((python3,pid=41,fd=3))",
    "keepalive 16; keepalive_timeout=65 max_tokens=5 token_expiry=3600",
    "journalctl -u shop.service -n 100",
    "mysql -p",
    "curl -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' http://127.0.0.1/",
    "app@shop.example.com.service shop@blue.sock git@github.com: next@14.1.0",
    "ssl_session_ticket_key /etc/nginx/ticket.key; proxy_cache_key $scheme$host$request_uri;",
    "key shop-example-com-cache-zone-2026 sha256:0123456789abcdef0123456789abcdef",
    "key: 203.0.113.7:3000 KEY: http://shop.example.com:8080/static/app.3f2a.js",
    "GET /?code=404&key=name HTTP/1.1",
    "status:running01 MyServiceName:Disconnected1",
]


@pytest.mark.parametrize(("line", "secret"), SECRETS, ids=[line for line, _ in SECRETS])
def test_a_secret_is_replaced_and_nothing_around_it(line: str, secret: str) -> None:
    masked = Masker(Tokens()).mask(line.format(secret))
    pattern = re.escape(line.format("HERE")).replace("HERE", r"\[masked:[a-z-]+-\d+\]")
    assert secret not in masked
    # A second value on the line may be masked too: it is a cookie's.
    assert re.fullmatch(pattern.replace("dark1", r"(?:dark1|\[masked:cookie-\d+\])"), masked)


@pytest.mark.parametrize("line", HARMLESS)
def test_ports_paths_units_and_variables_stay(line: str) -> None:
    assert Masker(Tokens()).mask(line) == line


@pytest.mark.parametrize("line", [line.format(secret) for line, secret in SECRETS])
def test_masking_what_is_masked_changes_nothing(line: str) -> None:
    masker = Masker(Tokens())
    once = masker.mask(line)
    assert masker.mask(once) == once
    assert Masker(Tokens()).mask(once) == once


def test_the_same_secret_has_the_same_number() -> None:
    masked = Masker(Tokens()).mask(
        "password=hunter2\nDATABASE_URL=pg://app:hunter2@db/\ntoken=other"
    )
    assert masked == (
        "password=[masked:password-1]\nDATABASE_URL=pg://app:[masked:password-1]@db/\n"
        "token=[masked:token-2]"
    )


def test_every_masker_of_a_process_gives_the_same_numbers() -> None:
    assert Masker().mask("password=hunter77") == mask("password=hunter77")


def test_a_header_that_lost_its_quotes_among_facts_is_masked_whole() -> None:
    settings = [
        {"name": "proxy_set_header", "value": "Cookie sid=abc; theme=dark2"},
        {"name": "add_header", "value": "X-Api-Key k1 k2 always"},
        {"name": "proxy_set_header", "value": "Authorization $http_authorization"},
    ]
    assert [each["value"] for each in Masker(Tokens()).mask_value(settings)] == [
        "Cookie sid=[masked:cookie-1]; theme=[masked:cookie-2]",
        "X-Api-Key [masked:key-3] always",
        "Authorization $http_authorization",
    ]


def test_what_was_met_as_a_secret_is_one_wherever_it_stands() -> None:
    masker = Masker(Tokens())
    assert masker.mask("token=k3x9q2m7w1") == "token=[masked:token-1]"
    assert masker.mask("no user k3x9q2m7w1 here") == "no user [masked:token-1] here"
    assert masker.mask("password=postgresql") == "password=[masked:password-2]"
    assert masker.mask("the postgresql on db") == "the postgresql on db"


def test_values_are_walked() -> None:
    value = {
        "headers": [["Set-Cookie", "sid=abc; Path=/"], ["Server", "nginx"]],
        "settings": [{"name": "proxy_set_header", "value": "X-Api-Key k1"}],
        "environment": {"DB_PASSWORD": "hunter2", "PORT": "3000"},
        "ports": [3000, 8080],
        "port": 3000,
        "tuple": ("password=x1", None, True),
    }
    assert Masker(Tokens()).mask_value(value) == {
        "headers": [["Set-Cookie", "sid=[masked:cookie-1]; Path=/"], ["Server", "nginx"]],
        "settings": [{"name": "proxy_set_header", "value": "X-Api-Key [masked:key-2]"}],
        "environment": {"DB_PASSWORD": "[masked:password-3]", "PORT": "3000"},
        "ports": [3000, 8080],
        "port": 3000,
        "tuple": ("password=[masked:password-4]", None, True),
    }


WORDS = st.sampled_from(
    [
        *(
            "password",
            "Authorization",
            "Cookie",
            "token",
            "api_key",
            "curl -u",
            "--secret",
            "mysql",
        ),
        *("Bearer ", "Basic ", "://", "@", ":", "=", " ", '"', "'", "\\", ";", "\n", "/", "]", "#"),
        *(
            "hunter2",
            "a:b",
            "[masked:1]",
            "[masked:password-1]",
            "[masked:",
            "$x",
            "proxy_set_header ",
            "eyJhbGciOi",
            ".",
        ),
        *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "MIIEvQ", "stats auth "),
    ]
)


@given(st.lists(WORDS, max_size=14).map("".join))
def test_masking_is_idempotent_whatever_the_text(text: str) -> None:
    masker = Masker(Tokens())
    once = masker.mask(text)
    assert masker.mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        *(word * 4000 for word in ("password=", "password='", "eyJ", "://a:", "Cookie: a=b;")),
        *(word * 4000 for word in ("curl ", " --password", "mysql ", "secret \t", "Basic ", "\\")),
        "-----BEGIN PRIVATE KEY-----" * 1000,
        "password:" + " " * 40_000 + "x",
        ("password: " + " " * 2000 + "\n") * 20,
        'password="' + "\\" * 40_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_takes_no_longer_than_other_text(text: str) -> None:
    began = time.process_time()
    Masker(Tokens()).mask(text)
    assert time.process_time() - began < 1.0
