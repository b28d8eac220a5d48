"""Resolving a URL among thousands of virtual hosts, against crossplane's parsing alone.

    python benchmarks/nginx_routing.py [SERVERS]

The bound is 1.1 times crossplane.parse: what is more than reading must stay small.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import crossplane

from wizard.proxies.facts import Instance
from wizard.proxies.nginx import config
from wizard.proxies.nginx.route import route

SERVER = """
upstream app{n} {{
    server 127.0.0.1:{port};
    server 127.0.0.2:{port} backup;
}}
server {{
    listen 80;
    server_name site{n}.example.com www.site{n}.example.com;
    access_log /var/log/nginx/site{n}.log;
    root /srv/site{n};
    location / {{
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_pass http://app{n};
    }}
    location ~* \\.(png|jpg|css|js)$ {{
        expires 7d;
    }}
}}
"""
BOUND = 1.1


def timed(*works: Callable[[], object], times: int = 4) -> list[float]:
    """The shortest of some runs of each, in CPU seconds, taken in turns: machines have moods."""
    best = [float("inf")] * len(works)
    for _ in range(times):
        for at, work in enumerate(works):
            gc.collect()
            start = time.process_time()
            work()
            best[at] = min(best[at], time.process_time() - start)
    return best


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sites").mkdir()
        for n in range(count):
            text = SERVER.format(n=n, port=1024 + n % 60000)
            (folder / "sites" / f"{n}.conf").write_text(text)
        path = folder / "nginx.conf"
        path.write_text(f"events {{}}\nhttp {{\n include {folder}/sites/*.conf;\n}}\n")
        instance = Instance(kind="nginx", running=True, config=str(path), prefix=name, user="root")

        def resolve() -> None:
            config.forget()
            found = route(instance, f"http://site{count - 1}.example.com/")
            assert found.upstream == f"app{count - 1}", found

        def once_more() -> None:
            route(instance, "http://site7.example.com/")

        parsing, routing, again = timed(lambda: crossplane.parse(str(path)), resolve, once_more)
    ratio = routing / parsing
    print(f"{count} servers: crossplane.parse {parsing:.3f} s, route {routing:.3f} s "
          f"({ratio:.2f}, bound {BOUND}), once more {again * 1000:.0f} ms")  # fmt: skip
    return 0 if ratio <= BOUND else 1


if __name__ == "__main__":
    raise SystemExit(main())
