"""Secrets that stand in a known place: after an option, in a call, in a certain file's line.

A rule is a pattern with two groups, what stays and the secret, and words of which one has to be
on the line before the pattern is tried. The general shapes (headers, names with values, URLs)
stand in `secret_patterns`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import NamedTuple

_QUOTED = r"\"(?:[^\"\\\n]|\\.){1,4096}\"|'(?:[^'\\\n]|\\.){1,4096}'"
_KEYLIKE = r"(?:pass(?:word|wd|phrase|code)?|secret|token|key|salt|auth|credentials?|pw)"


class Rule(NamedTuple):
    """Where a secret stands."""

    words: tuple[str, ...]
    """In small letters; one of them is on every line that has such a secret."""
    pattern: re.Pattern[str]
    kind: str
    shape: str
    holds: Callable[[str], bool] = lambda secret: True
    """Whether what stands there is one."""


def looks_random(value: str) -> bool:
    """Made by a machine to be guessed by nobody: no word, name, path or number."""
    if len(value) < 16 or value.isdigit() or value.count("/") > len(value) // 12 + 1:
        return False
    digits = sum(each.isdigit() for each in value)
    if digits < 2 or _NAME_OF_A_HOST.fullmatch(value) or _MOMENT.match(value):
        return False
    if _HEX.fullmatch(value):
        return _entropy(value.lower()) > 2.6
    has_both = value.lower() != value and value.upper() != value
    return has_both and _entropy(value) > 3.4


def _entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    counts = [value.count(each) for each in set(value)]
    return -sum(each / len(value) * math.log2(each / len(value)) for each in counts)


_HEX = re.compile(r"(?=.*[a-fA-F])[0-9a-fA-F-]{16,}")
_NAME_OF_A_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.){1,8}[A-Za-z]{2,24}\.?")
_MOMENT = re.compile(r"\d{4}-?\d\d-?\d\d[T ]?\d\d:?\d\d|\d\d/[A-Z][a-z]{2}/\d{4}")
_NO_MAIL = frozenset(
    {
        *("service", "socket", "timer", "target", "path", "mount", "slice", "scope", "device"),
        *("swap", "automount", "sock", "conf", "log", "pid", "json", "yml", "yaml", "js", "py"),
        *("so", "css", "map", "html", "sh", "txt", "pem", "key", "crt", "local", "internal", "lan"),
    }
)
"""What follows an `@` and a dot in the names of units and files, and in no e-mail address."""


def _is_mail(address: str) -> bool:
    name, _, domain = address.replace("%40", "@").partition("@")
    return domain.rpartition(".")[2].lower() not in _NO_MAIL and name not in ("git", "root")


def _is_crypt(value: str) -> bool:
    """13 characters of crypt(3), not a word of that length."""
    classes = ["A" if each.isupper() else "a" if each.islower() else "0" for each in value]
    return sum(one != other for one, other in itertools.pairwise(classes)) >= 6


RULES: tuple[Rule, ...] = (
    Rule(
        ("@tcp(", "@unix(", "@udp("),
        re.compile(r"([\w.-]{1,64}:)([^\s\"'@]{1,200})(?=@(?:tcp|unix|udp)\()"),
        "password",
        "password of a DSN",
    ),
    Rule(
        ("jdbc:oracle",),
        re.compile(r"(jdbc:oracle:\w{1,8}:[^\s/@:]{1,64}/)([^\s@]{1,200})(?=@)"),
        "password",
        "password of a DSN",
    ),
    Rule(
        ("curl",),
        re.compile(
            r"(\bcurl\b[^\n|;]{0,300}?\s(?:-b|--cookie)[ =][\"']?[\w.-]{1,64}=)([^\s\"';]+)"
        ),
        "cookie",
        "cookie of a command",
    ),
    Rule(
        ("redis-cli", "sshpass", "docker login", "podman login", "ldap", "mongo"),
        re.compile(
            r"((?:\bredis-cli\b[^\n|;]{0,300}?\s(?:-a|--pass)|\bsshpass\s{1,4}-p"
            r"|\b(?:docker|podman)\s{1,4}login\b[^\n|;]{0,300}?\s-p"
            r"|\bldap(?:search|modify|add|delete|whoami|passwd)\b[^\n|;]{0,300}?\s-w"
            r"|\bmongo(?:sh|dump|restore)?\b[^\n|;]{0,300}?\s-p)(?:\s{1,4}|=)[\"']?)"
            r"(?!-)([^\s\"']+)"
        ),
        "password",
        "password of a command",
    ),
    Rule(
        ("-passin", "-passout"),
        re.compile(r"(\s-pass(?:in|out)\s{1,4}pass:)([^\s\"']+)"),
        "password",
        "passphrase of a command",
    ),
    Rule(
        ("http -a", "https -a", "http --auth", "https --auth"),
        re.compile(r"(\bhttps?\s{1,4}(?:-a|--auth)[ =][\"']?[^\s:\"']{1,100}:)([^\s\"']+)"),
        "password",
        "password of a command",
    ),
    Rule(
        ("user ",),
        re.compile(r"(\buser\s{1,4}[\w.-]{1,64}\s{1,4}(?:on|off)\s[^\n]{0,200}?[>#])([^\s\"']+)"),
        "password",
        "password of a Redis user",
    ),
    Rule(
        ("define(",),
        re.compile(
            rf"(\bdefine\(\s{{0,4}}[\"']\w{{0,64}}{_KEYLIKE}[\"']\s{{0,4}},\s{{0,4}})({_QUOTED})",
            re.I,
        ),
        "password",
        "constant of a PHP file",
    ),
    Rule(
        ("pdo", "mysqli", "mysql_", "pg_", "ldap_bind", "ftp_login", "->login("),
        re.compile(
            r"((?:PDO(?:->__construct)?|mysqli?(?:_p?connect|->__construct|->real_connect)?"
            r"|ldap_bind|ftp_login)\((?:[^,()\n]{0,300}(?:\([^()\n]{0,80}\))?,\s{0,4}){2})"
            rf"({_QUOTED})",
            re.I,
        ),
        "password",
        "password of a call",
    ),
    Rule(
        ("password", "passphrase", "secret"),
        re.compile(
            r"((?:^|\n)[ \t]{0,64}[A-Z][A-Za-z]{2,40}(?:Password|Passphrase|Secret)[ \t]{1,8})"
            rf"({_QUOTED}|[^\s\"']+)"
        ),
        "password",
        "password of a directive",
    ),
    Rule(
        ("password", "passphrase", "secret"),
        re.compile(
            r"(\b[A-Z][A-Za-z]{2,40}(?:Password|Passphrase|Secret)[ \t]{1,8})"
            rf"({_QUOTED}|(?=\S{{0,99}}\d)[^\s\"']+)"
        ),
        "password",
        "password of a directive",
    ),
    Rule(
        ("password", "passwd", "passphrase", "secret"),
        re.compile(rf"(\b(?:password|passwd|passphrase|secret)\s{{1,4}})({_QUOTED})", re.I),
        "password",
        "password of a message",
        lambda secret: len(secret.strip("\"'")) >= 6 and " " not in secret,
    ),
    Rule(
        ("secure_link_secret",),
        re.compile(r"(\bsecure_link_secret\s{1,8})([^\s;]+)"),
        "secret",
        "secret of a link",
    ),
    Rule(
        ("secure_link_md5",),
        re.compile(r"(\bsecure_link_md5\s[^;\n]{0,300}?[\s\"'])(?!\$)([^\s\"';$]{3,})(?=[\"';])"),
        "secret",
        "secret of a link",
    ),
    Rule(
        ("$http_", "$arg_", "$cookie_"),
        re.compile(
            rf"(\$(?:http|arg|cookie)_\w{{0,48}}?{_KEYLIKE}\w{{0,16}}\s{{0,4}}!?[=~]\*?\s{{0,4}})"
            rf"({_QUOTED}|[^\s\"')]+)",
            re.I,
        ),
        "secret",
        "secret that a request is compared with",
    ),
    Rule(
        ("key", "auth", "code", "ticket", "assertion", "hmac", "otp", "sig", "%3d"),
        re.compile(
            r"((?:[?&;]|%26|%3f)(?:code|key|auth|ticket|otp|assertion|samlresponse|hmac|sig|se?cret"
            r"|(?:access_|id_|refresh_)?token|password|passwd|api_?key)(?:=|%3d))([^&\s\"'#;]{8,})",
            re.I,
        ),
        "token",
        "token of a query",
    ),
    Rule(
        ("key ", "salt ", "token ", "secret "),
        re.compile(
            r"(\b(?:api[_ -]?key|key|salt|token|secret)\s{1,4}[\"'`]?)"
            r"([A-Za-z0-9+/=_.-]{16,500})(?![\w.])",
            re.I,
        ),
        "key",
        "value after a key-like name",
        looks_random,
    ),
    Rule(
        ("@", "%40"),
        re.compile(
            # not the user of a URL; `%40` is an `@` in a query
            r"()(?<![\w.+@-])(?<!://)([A-Za-z0-9][A-Za-z0-9._+-]{0,63}(?:@|%40)"
            r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9_@-]|\.[A-Za-z0-9]|:[^\s@/]{1,99}@)"
        ),
        "e-mail",
        "e-mail address",
        _is_mail,
    ),
)

KEYLIKE = Rule(
    ("key", "salt", "auth", "cred", "seed"),
    re.compile(
        # RFC 6455, 4.1: what Sec-WebSocket-Key holds is a nonce
        r"((?:key(?<!websocket-key)|salt|auth|credentials?|seed)[\"']?\s{0,4}(?:=>|[:=])\s{0,4}[\"']?)"
        r"([A-Za-z0-9+/=_~.-]{16,500})(?![A-Za-z0-9])",
        re.I,
    ),
    "key",
    "value of a key-like name",
    looks_random,
)
"""Any key, where what is assigned to it looks like one."""

OVER_LINES: tuple[Rule, ...] = (
    Rule(
        ("value",),
        re.compile(
            rf"((?:name|key)[\"']?\s{{0,4}}[:=]\s{{0,4}}[\"']?[\w.-]{{0,64}}{_KEYLIKE}[\"']?"
            rf"\s{{0,4}}[,\n]\s{{0,40}}[\"']?value[\"']?\s{{0,4}}[:=]\s{{0,4}})({_QUOTED}|[^\s,}}\"']+)",
            re.I,
        ),
        "password",
        "value of a variable",
    ),
    Rule(
        (":",),
        re.compile(r"(?:^|(?<=[\s\"']))([\w.@-]{1,64}:)([./0-9A-Za-z]{13})(?=:|[ \t\r]*(?:\n|\Z))"),
        "password-hash",
        "hash of a password file",
        _is_crypt,
    ),
)
"""Rules whose secrets stand on another line than their names, or that are tried on whole texts."""

MAP = re.compile(
    rf"\bmap\s{{1,8}}[\"']?\$(?:http|arg|cookie)_\w{{0,48}}{_KEYLIKE}\w{{0,16}}[\"']?\s{{1,8}}\$\w{{1,64}}"
    r"\s{0,8}\{([^}]{0,20000})",
    re.I,
)
"""nginx: what a key of the request is compared with, in the left column of a map."""
MAP_ENTRY = re.compile(
    r"((?:^|;)\s{0,200})(\"[^\"\n;]{4,500}\"|'[^'\n;]{4,500}'|[^\s\"';~]{4,500})(?=\s)"
)
MAP_WORDS = frozenset({"default", "include", "hostnames", "volatile"})
