"""Stand-ins for addresses and host names, where a record goes to people who may not know them.

The same address has the same stand-in, and what lies in one network still does:

- 10.x stays in 10.x, 172.16-31.x and 192.168.x in theirs, a unique local address (RFC 4193) in
  fd00::/8; octets are numbered as they come, so equal prefixes stay equal prefixes.
- A public network (a /24; a /64 of IPv6) becomes one of 198.18.0.0/15 or 2001:2::/48, which are
  kept for benchmarks (RFC 2544, RFC 5180) and belong to nobody.
- Loopback, link-local, multicast, unspecified, documentation addresses and masks stay, ports too.
- `shop.example.com` becomes `host1.domain1.example`; a label is the same wherever it stands, and
  names under one domain stay under one domain.

What is told from a name of a file or of a unit by its place (a URL, a Host header, server_name)
or by its last label is a host name; so all texts are read first (`learn`) and rewritten then.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any

from wizard.model.conversion import convert
from wizard.model.events import Event, Started, builtins

_V4 = re.compile(
    r"(?<![\w.-])(?<![A-Za-z]/)(\d{1,3}(?:\.\d{1,3}){3})(?![\w-]|\.\d)(/\d{1,2}(?!\d))?"
)
_V6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f]*:)[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?![\w:.]*\w)")
_RUN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w-]{0,62}(?:\\?\.[A-Za-z0-9_-]{1,63}){1,12}")
_IN_PLACE = re.compile(
    r"(?:://(?:[^\s/@\"']{0,200}@)?|\bhost:\s{0,4}\"?|\bserver:\s|\bDNS:|\bCN\s?=\s?"
    r"|\bserver\s{1,8}|\bfor\s(?=[\w-]+\.))"
    r"(?!unix:)(?:\*\.)?([A-Za-z0-9][\w-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,12})",
    re.I,
)
_SERVER_NAME = re.compile(r"\bserver_name\s([^;\n]{1,2000})")
_PLAIN = (
    # where a name of one label that may be a word stands for a host
    r"(?P<before>://|@|\bHost:\s|\bhost:\s\"|(?:^|\n)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )"
    r"(?P<name>NAMES)(?![\w.-])"
)
_TOP_LEVEL = (
    "com net org biz io dev eu de ch fr uk nl lu es pt pl cz sk hu ro gr dk fi ca mx br ar au nz jp"
    " cn kr tw hk sg ru ua tr za gov edu mil xyz example lan corp intranet localdomain arpa"
)
"""No word of English that may be a fact's name: `service.at`, `server.local`."""
_TOP = frozenset(_TOP_LEVEL.split())
_ENDINGS = (
    "conf log service socket timer target slice scope mount path pem key crt cer csr chain sock pid"
    " gz bz2 xz zst old bak d access error ssl html htm php json yml yaml txt cfg vhost"
)
_FILE_ENDINGS = frozenset(_ENDINGS.split())
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "ac", "edu"})
_STAYS = frozenset(
    {
        *("localhost", "localhost.localdomain", "docker.internal", "nginx.org", "nginx.com"),
        *("github.com", "freedesktop.org", "debian.org", "ubuntu.com", "cloudflare.com"),
        *("haproxy.org", "php.net", "python.org", "kernel.org", "man7.org", "ietf.org"),
        *("rfc-editor.org", "mozilla.org", "caddyserver.com", "apache.org", "readthedocs.io"),
    }
)
_STAND_IN = re.compile(r"(?:host|domain)\d+")
_HOSTS = frozenset({"host", "hostname", "nodename", "server_names", "host_header", "pass_host"})
"""Fields whose whole value is the name of a host."""
_OURS = frozenset(
    {
        *("type", "probe", "look", "kind", "status", "node", "step", "goto", "cause", "chain"),
        *("outcome", "flow", "flow_digest", "version", "session", "id", "operator", "field"),
        *("chosen_by", "holds", "confidence", "when", "evidence", "rests_on", "consequences"),
    }
)
"""Fields that name things of the wizard; those of facts are the host's."""


class Network:
    """The stand-ins of one record."""

    def __init__(self) -> None:
        self._domains: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._hosts: set[str] = set()
        """Domains that were met where only a host name can stand."""
        self._alone: set[str] = set()
        """Host names of one label that are no words: with a digit or a hyphen."""
        self._words: set[str] = set()
        """The incident's, where they may be words, which are replaced in their places only."""
        self._octets: dict[tuple[str, ...], dict[str, int]] = {}
        self._plain: re.Pattern[str] | None = None

    def learn(self, events: Iterable[Event]) -> None:
        """Take in which names are host names."""
        for event in events:
            if isinstance(event, Started):
                self._meet(event.incident.host, may_be_a_word=True)
                self._meet(event.incident.hostname, may_be_a_word=True)
            for text in _strings(builtins(event)):
                self._learn(text)
        names = "|".join(sorted(map(re.escape, self._words), key=len, reverse=True))
        self._plain = re.compile(_PLAIN.replace("NAMES", names)) if names else None

    def event(self, event: Event) -> Event:
        """The event with stand-ins."""
        plain = self._walked(builtins(event), ours=True)
        same: Event = convert(plain, type(event))
        return same

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        if ":" in text:
            text = _V6.sub(self._v6, text)
        if "." in text:
            text = _V4.sub(lambda m: self._v4(m.group(1), m.group(2) or ""), text)
            text = _RUN.sub(self._run, text)
        for name in self._alone:
            if name in text:
                text = re.sub(
                    rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", self._label(name), text
                )
        if self._plain is not None:
            text = self._plain.sub(lambda m: m["before"] + self._label(m["name"]), text)
        return text

    def _walked(self, value: Any, *, ours: bool = False, key: str = "") -> Any:
        if isinstance(value, str):
            is_host = key in _HOSTS and value in self._words
            return self._label(value) if is_host else self.text(value)
        if isinstance(value, dict):
            return {
                self.text(key): each
                if ours and key in _OURS and not isinstance(each, dict)
                else self._walked(each, ours=ours and key != "facts", key=key)
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._walked(each, ours=ours, key=key) for each in value]
        return value

    def _learn(self, text: str) -> None:
        for match in _IN_PLACE.finditer(text):
            self._meet(match.group(1))
        for match in _SERVER_NAME.finditer(text):
            for name in match.group(1).replace("\\", "").split():
                self._meet(name.lstrip("*.~^").rstrip("$"))

    def _meet(self, name: str, *, may_be_a_word: bool = False) -> None:
        name = name.rstrip(".").lower()
        labels = name.split(".")
        if not name or _stays(name) or labels[-1].isdigit() or name[0].isdigit():
            return
        if len(labels) > 1:
            if not labels[-1].isalpha() or labels[-1] in _FILE_ENDINGS:
                return
            self._hosts.add(_domain(labels))
        elif _STAND_IN.fullmatch(name) is None and re.fullmatch(r"[a-z0-9_-]{2,63}", name):
            if "-" in name or any(each.isdigit() for each in name):
                self._alone.add(name)
            elif may_be_a_word:
                self._words.add(name)

    def _run(self, match: re.Match[str]) -> str:
        """A run of labels with dots between them: a host name, or one in a name of a file."""
        run = match.group()
        parts = re.split(r"(\\?\.)", run)
        labels = [each.lower() for each in parts[::2]]
        last = self._last_label(labels)
        if last is None and (cut := self._end_of_a_domain(run.lower())):
            whole = _RUN.match(run[:cut])
            return (self._run(whole) if whole else run[:cut]) + run[cut:]
        if last is None or _stays(".".join(labels[: last + 1])):
            return run
        begin = last - len(_domain(labels[: last + 1]).split(".")) + 1
        domain = ".".join(labels[begin : last + 1])
        stand_in = self._domains.setdefault(domain, f"domain{len(self._domains) + 1}.example")
        dot = parts[2 * last - 1]
        before = "".join(
            self._label(each) + parts[2 * at + 1] for at, each in enumerate(labels[:begin])
        )
        return before + stand_in.replace(".", dot) + "".join(parts[2 * last + 1 :])

    def _end_of_a_domain(self, run: str) -> int:
        """Where a domain ends that more follows on than a dot: `example.com-error.log`."""
        for domain in self._hosts:
            end = run.find(domain) + len(domain)
            if domain in run and run[end : end + 1] in ("-", "_"):
                return end
        return 0

    def _last_label(self, labels: list[str]) -> int | None:
        """The last label of the host name in it; None where there is none."""
        for last in range(len(labels) - 1, 0, -1):
            if _domain(labels[: last + 1]) in self._hosts:
                return last
        last = len(labels) - 1
        while last > 1 and (labels[last] in _FILE_ENDINGS or labels[last].isdigit()):
            last -= 1
        return last if labels[last] in _TOP and not labels[last - 1].isdigit() else None

    def _label(self, label: str) -> str:
        if label.startswith("_") or _STAND_IN.fullmatch(label):
            return label
        return self._labels.setdefault(label.lower(), f"host{len(self._labels) + 1}")

    def _number(self, above: tuple[str, ...], part: str, first: int = 0) -> int:
        """The how-manieth this part is below what stands above it."""
        known = self._octets.setdefault(above, {})
        return known.setdefault(part, len(known) + first)

    def _v4(self, text: str, length: str) -> str:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            return text + length
        if _is_kept(address):
            return text + length
        octets = text.split(".")
        rest = _rest_of(octets) if length else 4
        if octets[0] == "10":
            kept = 1
        elif octets[0] == "172" or octets[:2] == ["192", "168"] or octets[0] == "100":
            kept = 2 if octets[0] == "192" else 1
        else:
            return self._public(octets) + length
        made = octets[:kept]
        for at in range(kept, 4):
            made.append(octets[at] if at >= rest else self._octet(octets, at))
        return ".".join(made) + length

    def _octet(self, octets: list[str], at: int) -> str:
        if at == 3:
            return self._host(octets)
        first = {"172": 16, "100": 64}.get(octets[0], 0) if at == 1 else 0
        return str(self._number(tuple(octets[:at]), octets[at], first))

    def _host(self, octets: list[str]) -> str:
        if octets[3] in ("0", "255"):
            return octets[3]
        return str(self._number(tuple(octets[:3]), octets[3], 1))

    def _public(self, octets: list[str]) -> str:
        net = self._number(("public",), ".".join(octets[:3]))
        if net < 512:
            return f"198.{18 + net // 256}.{net % 256}.{self._host(octets)}"
        return f"240.{net // 256}.{net % 256}.{self._host(octets)}"  # RFC 1112, 4: used by nobody

    def _v6(self, match: re.Match[str]) -> str:
        text = match.group()
        try:
            address = ipaddress.IPv6Address(text)
        except ValueError:
            return text
        if address.ipv4_mapped is not None:
            return f"::ffff:{self._v4(str(address.ipv4_mapped), '')}"
        if _is_kept(address):
            return text
        whole = address.exploded.split(":")
        is_local = whole[0][:2] in ("fc", "fd")
        net = self._number(("v6", "local" if is_local else "public"), ":".join(whole[:4]))
        host = 0 if set(whole[4:]) == {"0000"} else self._number(tuple(whole[:4]), text[-40:], 1)
        begin = f"fd00:0:0:{net:x}" if is_local else f"2001:2:0:{net:x}"
        return ipaddress.IPv6Address(f"{begin}:0:0:0:{host:x}").compressed


def _is_kept(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return (
        address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or any(address in each for each in _KEPT if each.version == address.version)
    )


_KEPT = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("0.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15"),
        *("2001:db8::/32", "2001:2::/48"),
    )
)


def _rest_of(octets: list[str]) -> int:
    """Where the zeros at the end of a network's address begin."""
    rest = 4
    while rest and octets[rest - 1] == "0":
        rest -= 1
    return rest


def _domain(labels: list[str]) -> str:
    """The part of a host name that belongs to one owner: its last two labels, or three."""
    is_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if is_country else -2 :])


def _stays(name: str) -> bool:
    return any(name == each or name.endswith(f".{each}") for each in _STAYS)


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)


def masked(events: Iterable[Event]) -> list[Event]:
    """The events with stand-ins for every address and host name."""
    every, network = list(events), Network()
    network.learn(every)
    return [network.event(event) for event in every]
