"""The disks of lab hosts: Debian with systemd, nginx and the tools of an operator.

The disk `field` has other proxies and docker beside that. A disk is made once with debootstrap and
imported into docker under a tag that is the digest of its recipe, so that it is made again only
when the recipe changes. Needs root and about a minute each.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wizard.lab.docker import LabError, docker, must

SUITE = "bookworm"
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "procps", "sudo", "less", "lsof", "logrotate", "cron"),
    *("nginx-light", "gunicorn", "python3", "python3-venv", "socat", "netcat-openbsd"),
    *("iproute2", "iptables", "nftables", "ufw", "iputils-ping", "dnsmasq-base"),
    *("curl", "openssl", "ca-certificates", "conntrack", "faketime", "patch"),
    *("php-fpm", "uwsgi-core", "uwsgi-plugin-python3", "nodejs", "nghttp2-server", "haproxy"),
)
FIELD = ("apache2", "caddy", "lighttpd", "varnish", "docker.io", "busybox-static")
DISKS = {"nginx": PACKAGES, "field": (*PACKAGES, *FIELD)}
"""What is installed on each disk."""
USERS = {"shop": 801, "deploy": 802, "app": 803}
"""Accounts that services run as. `ops` is the ordinary person: in no special group, no sudo."""

FINISH = f"""set -eu
for account in {" ".join(f"{name}:{number}" for name, number in USERS.items())}; do
  useradd --uid "${{account#*:}}" --user-group --home-dir "/srv/${{account%:*}}" \\
    --shell /usr/sbin/nologin "${{account%:*}}"
done
useradd --uid 1000 --create-home --shell /bin/bash ops
rm -f /etc/nginx/sites-enabled/default /etc/nginx/sites-available/default
rm -f /lib/systemd/system/multi-user.target.wants/getty.target
rm -f /etc/systemd/system/timers.target.wants/*.timer
rm -f /lib/systemd/system/timers.target.wants/*.timer
rm -f /etc/systemd/system/multi-user.target.wants/ufw.service
rm -f /etc/systemd/system/multi-user.target.wants/cron.service
for unit in apache2 apache-htcacheclean caddy lighttpd varnish varnishncsa docker containerd; do
  rm -f "/etc/systemd/system/multi-user.target.wants/$unit.service"
done
rm -f /etc/systemd/system/sockets.target.wants/docker.socket
rm -f /var/log/nginx/*.log /etc/machine-id
touch /etc/machine-id
mkdir -p /var/log/journal
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/*
"""
"""What is done inside the new disk before it is packed."""


def recipe_digest(disk: str) -> str:
    """Twelve characters that change whenever the disk would."""
    recipe = json.dumps([SUITE, DISKS[disk], FINISH])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def image_tag(disk: str = "nginx") -> str:
    """The name under which docker keeps this disk, as its recipe is now."""
    return f"wizard-lab:{recipe_digest(disk)}"


def ensure_image(disk: str = "nginx") -> str:
    """The tag of the disk, made first where docker does not have it yet."""
    tag = image_tag(disk)
    with _one_at_a_time():
        if not docker("image", "inspect", tag).ok:
            _build(tag, DISKS[disk])
    return tag


def _build(tag: str, packages: Sequence[str]) -> None:
    if shutil.which("debootstrap") is None:
        raise LabError("debootstrap is not installed, and the image of the lab is not built yet")
    if os.geteuid() != 0:
        raise LabError("the image of the lab is not built yet; building it needs root")
    root = Path(tempfile.mkdtemp(prefix="wizard-lab-"))
    try:
        include = f"--include={','.join(packages)}"
        _step("debootstrap", "--variant=minbase", include, SUITE, str(root))
        _step("chroot", str(root), "/bin/sh", "-c", FINISH)
        with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as tar:
            packed = subprocess.run(
                ["docker", "import", "-", tag], stdin=tar.stdout, capture_output=True, check=False
            )
        if packed.returncode or tar.returncode:
            raise LabError(f"docker import failed: {packed.stderr.decode()[-500:]}")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    must(docker("image", "inspect", tag), "keeping the image")


def _step(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        raise LabError(f"{argv[0]} failed ({done.returncode}): {said[-2000:]}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Holds other builders off: two test workers start at the same moment."""
    with (Path(tempfile.gettempdir()) / "wizard-lab.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    import sys

    for name in DISKS:
        sys.stdout.write(ensure_image(name) + "\n")
