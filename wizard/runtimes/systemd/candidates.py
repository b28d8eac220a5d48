"""The units that may be an application's: those that are loaded, and those on disk only."""

from __future__ import annotations

import os

from wizard.model.text import decode
from wizard.probes.run import run
from wizard.runtimes.systemd.show import Shown, show

_FOLDERS = (
    "/etc/systemd/system", "/run/systemd/system", "/run/systemd/transient",
    "/run/systemd/generator", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
)  # fmt: skip

_SYSTEM = (
    "systemd-", "dbus", "getty", "serial-getty", "console-", "container-getty", "user@",
    "user-runtime-dir", "ssh", "cron", "anacron", "atd", "rsyslog", "syslog", "nginx", "caddy",
    "envoy", "traefik", "networking", "network-", "networkd", "NetworkManager", "ModemManager",
    "wpa_", "iwd", "ifup", "resolvconf", "polkit", "udisks", "udev", "accounts-daemon", "apt-",
    "dpkg-", "dnf", "yum", "packagekit", "unattended-upgrades", "snapd", "e2scrub", "fstrim",
    "logrotate", "man-db", "mandb", "keyboard-setup", "modprobe@", "kmod", "initrd", "emergency",
    "rescue", "plymouth", "quota", "rc-local", "rc.local", "autovt", "debug-shell", "containerd",
    "docker", "podman", "lvm2", "dm-event", "blk-availability", "mdadm", "multipath", "cryptsetup",
    "cryptdisks", "ufw", "nftables", "netfilter", "iptables", "ip6tables", "firewalld", "fail2ban",
    "apparmor", "auditd", "chrony", "ntp", "postfix", "exim", "sendmail", "dovecot", "dnsmasq",
    "bind9", "named", "unbound", "cloud-", "qemu-guest", "open-vm", "vmtoolsd", "rtkit",
    "bluetooth", "alsa", "avahi", "cups", "thermald", "irqbalance", "acpid", "sudo", "hwclock",
    "x11-common", "snmpd", "nfs", "rpc", "postgresql", "mysql", "mariadb", "redis", "memcached",
    "mongod", "rabbitmq", "first-boot", "system-update", "grub", "pam_namespace", "procps", "kexec",
    "ldconfig", "selinux", "sysstat", "smartd", "usb", "vgauth", "integritysetup", "veritysetup",
    "quotaon", "fsck", "halt", "poweroff", "reboot", "import-state", "loadmodules", "rc.service",
    "rcS", "display-manager", "nis-", "proc-", "sys-", "tmp.",
)  # fmt: skip
"""How the names of the operating system's units begin."""


def is_system(name: str) -> bool:
    """A unit of the operating system, the proxy or a database: nobody's web application."""
    return name.startswith(_SYSTEM)


def candidates(port: int | None) -> Shown:
    """Service and socket units that may be an application's, loaded or not."""
    names = dict.fromkeys((*loaded(), *on_disk(port)))
    return show(list(names)) if names else Shown([], "no service units were found")


def loaded() -> list[str]:
    """Units that the service manager knows now: instances and generated ones are among them."""
    argv = ["systemctl", "list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager"]
    said = run([*argv, "--type=service,socket"], timeout=2)
    lines = (line.split() for line in decode(said.out).splitlines())
    return [
        words[0]
        for words in lines
        if len(words) > 3 and words[1] != "not-found" and not is_system(words[0])
    ]


def on_disk(port: int | None) -> list[str]:
    """Units that have a file here.

    A template stands for its instance of the port's number: units of a pool are often named so.
    """
    found: dict[str, None] = {}
    for folder in _FOLDERS:
        try:
            entries = sorted(os.listdir(folder))
        except OSError:
            continue
        for entry in entries:
            if not entry.endswith((".service", ".socket")) or is_system(entry):
                continue
            stem, at, kind = entry.partition("@.")
            if not at:
                found[entry] = None
            elif port is not None:
                found[f"{stem}@{port}.{kind}"] = None
    return list(found)
