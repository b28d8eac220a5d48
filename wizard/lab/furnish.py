"""What stands on a host before anything is broken: a shop behind nginx, the clutter of real life.

`clutter` is on every host: old errors in the logs, a bot's 404s, a unit that failed, one that was
never started, a listener that nobody asks about. `shop` adds the usual site and its neighbour.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from wizard.lab.host import File

BACKENDS = Path(__file__).parent / "backends"

SHOP_SITE = """\
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name shop.example.com www.shop.example.com;

    location / {
        proxy_pass http://127.0.0.1:3000;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }

    location /static/ {
        alias /srv/shop/static/;
        expires 7d;
    }
}
"""
SHOP_UNIT = """\
[Unit]
Description=Shop web application
After=network.target

[Service]
User=shop
WorkingDirectory=/srv/shop
ExecStart=/usr/bin/python3 /srv/shop/app.py --port 3000

[Install]
WantedBy=multi-user.target
"""
BLOG_SITE = """\
server {
    listen 80;
    server_name blog.example.com;

    location / {
        proxy_pass http://127.0.0.1:4000;
        proxy_set_header Host $host;
    }
}
"""
BLOG_UNIT = """\
[Unit]
Description=Company blog
After=network.target

[Service]
User=deploy
WorkingDirectory=/srv/blog
ExecStart=/usr/bin/python3 /srv/blog/blog.py --port 4000
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""
MAILER_UNIT = """\
[Unit]
Description=Nightly sales report

[Service]
Type=oneshot
ExecStart=/usr/local/bin/report-mailer

[Install]
WantedBy=multi-user.target
"""
INIT_SCRIPT = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          NAME_HERE
# Required-Start:    $remote_fs $network
# Required-Stop:     $remote_fs $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: NAME_HERE web application
### END INIT INFO
NAME=NAME_HERE
DAEMON=/usr/bin/python3
DAEMON_ARGS="PROGRAM_HERE"
PIDFILE=/run/$NAME.pid
. /lib/lsb/init-functions

start() {
    start-stop-daemon --start --quiet --background --make-pidfile --pidfile $PIDFILE \\
        --chuid shop --chdir /srv/$NAME --startas $DAEMON -- $DAEMON_ARGS
}
stop() {
    start-stop-daemon --stop --quiet --oknodo --retry 5 --remove-pidfile --pidfile $PIDFILE
}
case "$1" in
    start) start ;;
    stop) stop ;;
    restart) stop; start ;;
    status) status_of_proc -p $PIDFILE $DAEMON $NAME ;;
    *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 3 ;;
esac
"""
BOOT_SCRIPT = """\
#!/bin/bash
for name in shop blog nginx; do service "$name" start; done
touch /run/booted
while :; do sleep 1000 & wait; done
"""
MAILER = """\
#!/bin/sh
echo "report-mailer: cannot connect to smtp.example.com:25: Connection refused" >&2
exit 1
"""
IMPORT_UNIT = """\
[Unit]
Description=Import from the old shop (used once in 2023)

[Service]
User=app
ExecStart=/usr/bin/python3 /srv/import/run.py
"""
METRICS_UNIT = """\
[Unit]
Description=Metrics agent

[Service]
DynamicUser=yes
ExecStart=/usr/bin/socat TCP-LISTEN:9100,fork,reuseaddr,bind=127.0.0.1 SYSTEM:"cat /etc/hostname"

[Install]
WantedBy=multi-user.target
"""


def backend(name: str = "app.py") -> File:
    """A backend of the lab as a file for a host."""
    return File((BACKENDS / name).read_bytes())


def shop() -> dict[str, File]:
    """The shop and its neighbour, a blog, each with a unit, an app and a site."""
    sites = "/etc/nginx/sites-available/"
    return {
        f"{sites}shop": File(SHOP_SITE.encode()),
        f"{sites}blog": File(BLOG_SITE.encode()),
        "/etc/systemd/system/shop.service": File(SHOP_UNIT.encode()),
        "/etc/systemd/system/blog.service": File(BLOG_UNIT.encode()),
        "/srv/shop/app.py": backend(),
        "/srv/shop/static/robots.txt": File(b"User-agent: *\nDisallow: /checkout\n"),
        "/srv/blog/blog.py": backend(),
    }


def scripts() -> dict[str, File]:
    """The shop and its neighbour on a host without systemd: an init script each, and a boot."""
    found = {path: file for path, file in shop().items() if not path.endswith(".service")}
    programs = {"shop": "/srv/shop/app.py --port 3000", "blog": "/srv/blog/blog.py --port 4000"}
    for name, program in programs.items():
        text = INIT_SCRIPT.replace("NAME_HERE", name).replace("PROGRAM_HERE", program)
        found[f"/etc/init.d/{name}"] = File(text.encode(), mode=0o755)
    return {**found, "/sbin/boot": File(BOOT_SCRIPT.encode(), mode=0o755)}


def clutter(url: str, now: datetime | None = None) -> dict[str, File]:
    """The clutter of a used host, with a history of old failures of the site that `url` names."""
    now = now or datetime.now(timezone.utc)
    host = urlsplit(url).hostname or "localhost"
    return {
        "/etc/systemd/system/report-mailer.service": File(MAILER_UNIT.encode()),
        "/usr/local/bin/report-mailer": File(MAILER.encode(), mode=0o755),
        "/etc/systemd/system/legacy-import.service": File(IMPORT_UNIT.encode()),
        "/etc/systemd/system/metrics-agent.service": File(METRICS_UNIT.encode()),
        "/var/log/nginx/error.log": File(old_errors(host, now).encode(), 0o640, logs_owner()),
        "/var/log/nginx/access.log": File(bot_requests(host, now).encode(), 0o640, logs_owner()),
    }


def logs_owner() -> str:
    """Who Debian's nginx logs belong to: an ordinary user may not read them."""
    return "www-data:adm"


def enabled_sites(files: dict[str, File]) -> dict[str, File]:
    """The files, and a link in sites-enabled for each site in sites-available."""
    available = "/etc/nginx/sites-available/"
    names = [path.removeprefix(available) for path in files if path.startswith(available)]
    links = {f"/etc/nginx/sites-enabled/{name}": File(link=f"{available}{name}") for name in names}
    return {**files, **{path: link for path, link in links.items() if path not in files}}


def old_errors(host: str, now: datetime) -> str:
    """Error lines of incidents that are over: 3 days, 26, 9 and 3 hours ago."""
    refused = "connect() failed (111: Connection refused) while connecting to upstream"
    closed = "upstream prematurely closed connection while reading response header from upstream"
    slow = (
        "upstream timed out (110: Connection timed out) while reading response header from upstream"
    )
    seen = [
        (timedelta(days=3), refused, host, "/", "http://127.0.0.1:3000/"),
        (timedelta(days=3, seconds=-2), refused, host, "/cart", "http://127.0.0.1:3000/cart"),
        (timedelta(hours=26), slow, "reports.example.com", "/q3", "http://10.8.0.5:8080/q3"),
        (timedelta(hours=9), closed, host, "/checkout", "http://127.0.0.1:3000/checkout"),
        (timedelta(hours=3), refused, "wiki.example.com", "/", "http://127.0.0.1:6875/"),
        (
            timedelta(hours=3, seconds=-40),
            refused,
            "wiki.example.com",
            "/",
            "http://127.0.0.1:6875/",
        ),
    ]
    return "".join(
        f"{now - age:%Y/%m/%d %H:%M:%S} [error] 412#412: *{7310 + n} {what},"
        f' client: 203.0.113.{20 + n}, server: {server}, request: "GET {path} HTTP/1.1",'
        f' upstream: "{upstream}", host: "{server}"\n'
        for n, (age, what, server, path, upstream) in enumerate(seen)
    )


def bot_requests(host: str, now: datetime) -> str:
    """Access lines: a bot that looks for holes (404), and old pages that were served."""
    paths = ("/wp-login.php", "/.env", "/vendor/phpunit/eval-stdin.php", "/.git/config", "/boaform")
    served = [(timedelta(hours=hours), "/", 200, "Mozilla/5.0") for hours in (70, 30, 8, 2)]
    bot = [(timedelta(minutes=20 - n), path, 404, "zgrab/0.x") for n, path in enumerate(paths)]
    return "".join(
        f'198.51.100.{40 + n} - - [{now - age:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1"'
        f' {status} {153 if status == 404 else 612} "-" "{agent}"\n'
        for n, (age, path, status, agent) in enumerate(served + bot)
    )
