"""Secrets planted for the leak tests: what they look like in the places where they are found.

They are put together when this is loaded, always the same ones, so that no file of the repository
holds anything that looks like a key of somebody's.
"""

from __future__ import annotations

import random
import string
from typing import NamedTuple

_RANDOM = random.Random(6)
_LETTERS = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_WORDS = ("Hunter", "winter", "Kraken", "tulip", "Sesame", "monkey", "Rosebud", "swordfish")


class Plant(NamedTuple):
    """A secret in a line of text."""

    kind: str
    text: str
    secret: str


def _of(letters: str, length: int) -> str:
    return "".join(_RANDOM.choice(letters) for _ in range(length))


def _password() -> str:
    return _RANDOM.choice(_WORDS) + _of(_LETTERS, 6) + _RANDOM.choice(("", "!", "-x"))


def _base64(length: int) -> str:
    return _of(_LETTERS + "+/", length) + "=="


_MADE = {
    "password": _password,
    "hex": lambda: _of(_HEX, 32),
    "long": lambda: _of(_LETTERS, 40),
    "base64": lambda: _base64(30),
    "hash": lambda: "$2y$10$" + _of(_LETTERS + "./", 53),
    "apr1": lambda: "$apr1$" + _of(_LETTERS, 8) + "$" + _of(_LETTERS + "./", 22),
    "sha": lambda: "{SHA}" + _of(_LETTERS, 27) + "=",
    "des": lambda: "aQ3x" + _of(_LETTERS, 5) + "7z/M",
    "jwt": lambda: f"eyJ{_of(_LETTERS, 17)}.eyJ{_of(_LETTERS, 24)}.{_of(_LETTERS, 43)}",
    "aws": lambda: "AKIA" + _of(string.ascii_uppercase + "234567", 16),
    "github": lambda: "ghp_" + _of(_LETTERS, 36),
    "github-new": lambda: "github_pat_" + _of(_LETTERS, 22) + "_" + _of(_LETTERS, 59),
    "gitlab": lambda: "glpat-" + _of(_LETTERS, 20),
    "slack": lambda: f"xoxb-{_of(string.digits, 11)}-{_of(_LETTERS, 24)}",
    "stripe": lambda: "sk_live_" + _of(_LETTERS, 24),
    "npm": lambda: "npm_" + _of(_LETTERS, 36),
    "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + _of(_LETTERS, 60),
    "sendgrid": lambda: f"SG.{_of(_LETTERS, 22)}.{_of(_LETTERS, 43)}",
    "twilio": lambda: "SK" + _of(_HEX, 32),
    "digitalocean": lambda: "dop_v1_" + _of(_HEX, 64),
    "vault": lambda: "hvs." + _of(_LETTERS, 24),
    "google": lambda: "AIza" + _of(_LETTERS, 35),
    "azure": lambda: _of(_LETTERS, 86) + "==",
    "email": lambda: (
        f"{_of(string.ascii_lowercase, 7)}.{_of(string.ascii_lowercase, 5)}@"
        f"{_of(string.ascii_lowercase, 8)}.com"
    ),
    "key-body": lambda: "MIIE" + _of(_LETTERS + "+/", 60),
    "urlsafe": lambda: _of(_LETTERS, 12) + "%2B" + _of(_LETTERS, 20) + "%3D",
}

_PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "password of a URL": (
        "password",
        (
            "DATABASE_URL=postgres://shop:{}@db.internal:5432/shop",
            "could not connect to mysql2://root:{}@10.0.0.5/shop: timed out",
            "Error: getaddrinfo ENOTFOUND redis://:{}@cache:6379/0",
            "amqp://worker:{}@mq.internal//",
            '"uri": "mongodb+srv://app:{}@cluster0.mongodb.net/?retryWrites=true"',
            "git remote: https://deploy:{}@git.example.com/shop.git",
            "http_proxy=http://proxy:{}@10.1.1.1:3128",
            "smtp://mailer:{}@smtp.example.com:587",
        ),
    ),
    "token of a URL": (
        "long",
        (
            "SENTRY_DSN=https://{}@o11.ingest.example.com/42",
            "origin https://{}@git.example.com/shop.git (fetch)",
            "https://oauth2:{}@gitlab.example.com/shop.git",
        ),
    ),
    "Authorization": (
        "base64",
        (
            "Authorization: Bearer {}",
            "Authorization: Basic {}",
            "proxy-authorization: Basic {}",
            "curl -H 'Authorization: Token {}' http://127.0.0.1:3000/",
            "> authorization: ApiKey {}",
            '"Authorization": "Bearer {}",',
            "headers={{'Authorization': 'Bearer {}'}}",
            "rejected header Authorization=Bearer {}",
            "HTTP_AUTHORIZATION=Basic {}",
            "proxy_set_header Authorization 'Basic {}';",
        ),
    ),
    "Cookie": (
        "long",
        (
            "Cookie: session={}; theme=dark",
            "Set-Cookie: sid={}; Path=/; HttpOnly; SameSite=Lax",
            "< set-cookie: __Host-auth={}; Secure; Path=/",
            "cookie: PHPSESSID={}",
            "curl -b 'sessionid={}' http://127.0.0.1/",
            "curl --cookie sid={} http://127.0.0.1/",
            "HTTP_COOKIE=JSESSIONID={}",
            "GET /cart;jsessionid={} HTTP/1.1",
        ),
    ),
    "API key in a header": (
        "hex",
        (
            "X-Api-Key: {}",
            "x-auth-token: {}",
            "X-Vault-Token: {}",
            "PRIVATE-TOKEN: {}",
            "apikey: {}",
            "X-CSRF-Token: {}",
            "X-Amz-Security-Token: {}",
            "X-Shopify-Access-Token: {}",
            "X-Hub-Signature-256: sha256={}",
            "api_key {} was refused",
        ),
    ),
    "nginx": (
        "hex",
        (
            "proxy_set_header X-Api-Key {};",
            'proxy_set_header X-Internal-Secret "{}";',
            'add_header Set-Cookie "sid={}; Path=/";',
            "fastcgi_param APP_SECRET {};",
            "uwsgi_param DB_PASSWORD '{}';",
            'set $api_token "{}";',
            "if ($http_x_secret != '{}') {{ return 403; }}",
            "if ($arg_token = {}) {{ return 200; }}",
            'secure_link_md5 "$uri {}";',
            'map $http_x_api_key $allowed {{ default 0; "{}" 1; }}',
            "perl_set $x 'x'; set $secret_key {};",
        ),
    ),
    "contents of a password file": (
        "apr1",
        ("admin:{}", "deploy:{}:the deploy user", "  bob:{}"),
    ),
    "contents of a password file, bcrypt": ("hash", ("admin:{}", "basicauth {{ bob {} }}")),
    "contents of a password file, SHA": ("sha", ("admin:{}", "user4:{}")),
    "contents of a password file, crypt": ("des", ("admin:{}", "carol:{}")),
    "DSN": (
        "password",
        (
            "host=db port=5432 user=app password={} dbname=shop",
            "Server=db,1433;User Id=sa;Password={};Encrypt=true",
            "mysql:host=db;dbname=shop;user=root;password={}",
            "Driver={{ODBC}};Uid=sa;Pwd={};",
            "jdbc:mysql://db:3306/shop?user=root&password={}",
            "root:{}@tcp(db:3306)/shop?parseTime=true",
            "jdbc:oracle:thin:scott/{}@db:1521/XE",
        ),
    ),
    "unit": (
        "password",
        (
            "Environment=DB_PASSWORD={}",
            'Environment="SECRET_KEY={}" "PORT=3000"',
            "Environment=PORT=3000 ADMIN_PASS={} DEBUG=0",
            "ExecStart=/usr/bin/app --db-password {} --port 3000",
            "ExecStart=/usr/bin/app --token={} --port 3000",
            "Environment=REDIS_PASS={}",
            "Environment=MYSQL_PWD={}",
            "SetCredential=apikey:{}",
        ),
    ),
    "HAProxy": (
        "password",
        (
            "    user admin insecure-password {}",
            "    user admin password {} groups ops",
            "stats auth admin:{}",
            "    http-request set-header X-Api-Key {}",
            "    option redis-check password={}",
            "    http-request set-header X-Internal-Token {} if inside",
        ),
    ),
    "Apache and Caddy": (
        "password",
        (
            "SetEnv DB_PASSWORD {}",
            'SetEnv DB_PASSWORD "{}"',
            'AuthLDAPBindPassword "{}"',
            "AuthLDAPBindPassword {}",
            'RequestHeader set X-Api-Key "{}"',
            "header_up X-Api-Key {}",
            "ProxyPass / balancer://shop stickysession=JSESSIONID secret={}",
            "SessionCryptoPassphrase {}",
            'DBDParams "host=db user=app password={}"',
        ),
    ),
    "PHP": (
        "password",
        (
            "define('DB_PASSWORD', '{}');",
            'define( "AUTH_KEY", "{}" );',
            "define('SECURE_AUTH_SALT', '{}');",
            "$password = '{}';",
            "'password' => '{}',",
            "$config['db_pass'] = '{}';",
            "env[DB_PASSWORD] = {}",
            "PHP message: PDO->__construct('mysql:host=db', 'root', '{}')",
            "#0 /srv/a.php(3): mysqli_connect('db', 'root', '{}', 'shop')",
            "new PDO('mysql:host=db;dbname=x', 'app', '{}')",
            "#1 /srv/login.php(12): Auth->login('bob', Object(SensitiveParameterValue)) pwd={}",
        ),
    ),
    "YAML": (
        "password",
        (
            "  password: {}",
            '  secret_key_base: "{}"',
            "      - POSTGRES_PASSWORD={}",
            "      POSTGRES_PASSWORD: {}",
            "  token: '{}' # rotate",
            "db: {{user: app, password: {}, port: 5432}}",
            "  encryptionKey: {}",
            "- name: API_TOKEN\n  value: {}",
        ),
    ),
    "JSON": (
        "password",
        (
            '{{"user": "app", "password": "{}"}}',
            '{{"clientSecret":"{}"}}',
            '{{"level":"error","msg":"login","token":"{}"}}',
            '{{\\"apiKey\\":\\"{}\\"}}',
            '"refresh_token" : "{}"',
            '{{"access_token":"{}","expires_in":3600}}',
            '{{"name":"DB_PASSWORD","value":"{}"}}',
            '{{"pw": "{}"}}',
        ),
    ),
    "TOML and ini": (
        "password",
        (
            'password = "{}"',
            "secret = '{}'",
            "requirepass {}",
            "masterauth {}",
            "db_password={}",
            "smtp_pass = {}",
            "auth-key: {}",
            "user default on >{} ~* +@all",
        ),
    ),
    ".env": (
        "password",
        (
            "APP_SECRET={}",
            "export DJANGO_SECRET_KEY='{}'",
            "AWS_SECRET_ACCESS_KEY={}",
            'SMTP_PASSWORD="{}"',
            "APP_KEY=base64:{}",
            "DB_PASS={}",
            "RAILS_MASTER_KEY={}",
            "NEXTAUTH_SECRET={}",
            "PASSPHRASE={}",
        ),
    ),
    "private key": (
        "key-body",
        (
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n{}",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{}\n-----END PGP PRIVATE KEY BLOCK-----",
            '"private_key": "-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----\\n"',
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{}\n-----END ENCRYPTED PRIVATE KEY-----",
        ),
    ),
    "JSON web token": (
        "jwt",
        (
            "token {} was refused",
            "GET /ws?access_token={} HTTP/1.1",
            "jwt.decode({}) failed",
            "/run/sessions/{}.json: no such file",
        ),
    ),
    "AWS": (
        "aws",
        ("The key {} does not exist", "aws_access_key_id = {}", "Credential={}/20261121/eu"),
    ),
    "AWS secret": (
        "long",
        (
            "aws_secret_access_key = {}",
            "AWS_SESSION_TOKEN={}",
            "X-Amz-Signature={}&X-Amz-Date=20261121",
            '"SecretAccessKey": "{}",',
        ),
    ),
    "Google": (
        "google",
        ("maps/api/js?key={}&v=3", "GOOGLE_API_KEY={}", "API key {} not valid"),
    ),
    "GCP service account": (
        "long",
        ('"private_key_id": "{}",', "GOOGLE_CLIENT_SECRET={}", "Bearer ya29.{}"),
    ),
    "GitHub": (
        "github",
        ("pushed with {}", "https://{}@github.com/a/b", "app@{}.service failed", "'{}'"),
    ),
    "GitHub, fine-grained": ("github-new", ("GH_TOKEN={}", "fatal: {}")),
    "GitLab": ("gitlab", ("remote: {}", "CI_TOKEN={}", "job used {}, which expired")),
    "Slack": ("slack", ("SLACK={}", "posting with {} failed", "?token={}")),
    "Stripe": ("stripe", ("Invalid API Key: {}", "stripe.api_key = '{}'", "key={}")),
    "npm": ("npm", ("//registry.example.com/:_authToken={}", "npm ERR! {}")),
    "PyPI": ("pypi", ("password = {}", "upload with {}")),
    "SendGrid": ("sendgrid", ("SENDGRID={}", "mail: {} rejected")),
    "Twilio": ("twilio", ("TWILIO_API_KEY={}", "twilio: {} is revoked")),
    "Twilio auth token": ("hex", ("TWILIO_AUTH_TOKEN={}", "authToken: '{}'")),
    "DigitalOcean": ("digitalocean", ("DO={}", "doctl -t {} compute")),
    "Vault": ("vault", ("VAULT={}", "vault: {} has no policy")),
    "Azure": (
        "azure",
        (
            "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={};EndpointSuffix=x",
            "Endpoint=sb://shop.servicebus/;SharedAccessKeyName=root;SharedAccessKey={}",
        ),
    ),
    "Azure SAS": (
        "urlsafe",
        (
            "https://shop.blob.example.net/c?sv=2022-11-02&se=2026&sr=c&sp=r&sig={}",
            "GET /b?sig={}&sv=2022 HTTP/1.1",
        ),
    ),
    "query string": (
        "hex",
        (
            'request: "GET /reset?token={} HTTP/1.1"',
            'referrer: "https://shop.example.com/?session_id={}"',
            "GET /api?api_key={}&page=2 HTTP/1.1",
            "GET /cb?code=1&client_secret={} HTTP/1.1",
            "GET /x?password={} HTTP/1.1",
            "GET /x?apikey={} HTTP/1.1",
            "GET /x?access-token={} HTTP/1.1",
            "GET /cb?code={}&state=1 HTTP/1.1",
            "GET /x?key={} HTTP/1.1",
            "GET /x?auth={} HTTP/1.1",
            "GET /x?page=2%26token%3D{} HTTP/1.1",
        ),
    ),
    "command line": (
        "password",
        (
            "app --password {} --bind 127.0.0.1:3000",
            "app --secret-key={} --bind 127.0.0.1:3000",
            "curl -u admin:{} http://127.0.0.1/",
            "curl --user 'admin:{}' http://127.0.0.1/",
            "mysql -uroot -p{} shop",
            "redis-cli -a {} ping",
            "PGPASSWORD={} psql -h db",
            "sshpass -p {} ssh web1",
            "openssl rsa -passin pass:{} -in k.pem",
            "docker run -e DB_PASSWORD={} shop",
            "docker login -u bob -p {} registry.example.com",
            "ldapsearch -D cn=admin -w {} -b dc=x",
            "wget --http-password={} http://127.0.0.1/",
            "http -a admin:{} :3000/",
            "mongo -u root -p {} shop",
            "app -Ddb.password={} -jar shop.jar",
        ),
    ),
    "key-like name": (
        "base64",
        (
            "signing_key: {}",
            "ENCRYPTION_KEY={}",
            "salt = '{}'",
            "hmac_key={}",
            "webhook_secret = {}",
            "LICENSE_KEY={}",
            "KEY={}",
            "the key '{}' has expired",
        ),
    ),
    "error message": (
        "password",
        (
            "KeyError: 'password={}'",
            "ValueError: invalid literal for password '{}'",
            "ERROR 1045: connect failed: password={}, host=db",
            "panic: config {{Password:{} Host:db}}",
            "RuntimeError: login failed (user='app', password='{}')",
            "OperationalError: bad DSN 'postgres://app:{}@db/'",
            "Caused by: BadCredentials(username=app, password={})",
        ),
    ),
    "e-mail address": (
        "email",
        (
            "no account for {}",
            "GET /login?user={} HTTP/1.1",
            "From: Bob <{}>",
            '"email": "{}",',
            "/var/mail/{}: permission denied",
        ),
    ),
}


def _planted() -> list[Plant]:
    found = []
    for kind, (made, places) in _PLACES.items():
        for place in places:
            secret = _MADE[made]()
            found.append(Plant(kind, place.format(secret), secret))
    return found


PLANTS = _planted()
