"""What secrets look like in logs, configuration, environments and command lines.

Every pattern starts at a word that is looked for and counts no further than a bound, so the time
grows with the text and not faster.
"""

from __future__ import annotations

import functools
import re

from wizard.model.tokens import TOKEN

_HEADER_NAMES = (
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|(?:x-)?api-?key"
    r"|(?:x-[a-z0-9-]{0,32}|private-|job-|deploy-)"
    r"(?:token|secret|signature|password|passwd|api-?key|access-?key)(?:-[0-9]{1,4})?"
)
_TELLING_NAMES = (
    r"passwords?|passwd|passphrase|passcode|(?<![a-z])pwd?|requirepass|secret|token|credentials?"
    r"|(?:secret|access|private|api|app|encryption|signing|auth|master|account|shared|jwt|session"
    r"|hmac|licen[cs]e)[_.-]?key(?:[_.-]?base|[_.-]?id(?=[\"']))?"
    r"|(?<!proxy)(?<!fastcgi)(?<!uwsgi)(?<!scgi)(?<!grpc)(?<!memcached)[_.-]pass"
    r"|sess(?:ion)?_?id|connect\.sid|(?:amz-)?signature|(?<=[?&;])sig"
)
_QUOTED = r"\"(?:[^\"\\\n]|\\.){0,4096}\"|'(?:[^'\\\n]|\\.){0,4096}'"

URL_CREDENTIALS = re.compile(
    # The password may hold a slash, unless it reads like a port: `http://app:3000/@me`.
    r"(://(?!unix:)[^\s/?#:@\"'<>\[\]]{0,200}:)(?!\d{1,5}[/?#\s,])"
    r"((?:[^\s\"'<>/]|/(?!/)){1,500})(?=@)"
)
URL_TOKEN = re.compile(r"(://)([A-Za-z0-9_.~+=-]{20,200})(?=@)")
HEADER = re.compile(
    rf"([\"']?)(?<![A-Za-z0-9_])({_HEADER_NAMES})(\\?[\"']?)(\s{{0,8}}:[ \t]{{0,8}})", re.I
)
HEADER_SET = re.compile(
    # nginx, HAProxy, Apache and Caddy: a directive that sets a header, the name, then the value.
    r"((?:_set_header|add_header|(?:set|add|replace)-header|header_up|header_down"
    r"|header\s{1,8}(?:set|add|append|merge|setifempty|always\s{1,8}set))\s{1,8}"
    rf"[\"']?(?:{_HEADER_NAMES})[\"']?\s{{1,8}})({_QUOTED}"
    # without its quotes, as it stands among facts, the scheme is a word of its own
    r"|(?:(?:basic|bearer|token|digest|apikey|negotiate)\s{1,4})?"
    r"(?:\\ |[^\s;\"'])(?:\\ |[^\s;])*)",
    re.I,
)
ASSIGNED = re.compile(
    # What `HEADER` and `NAMED` begin with, in small letters: 20 times as fast as these, since
    # without `re.I` the engine skips to the letters that a word can begin with.
    r"(?:pass|pw|secret|token|cred|key|sess|connect\.sid|sig|auth|cookie|salt|seed)"
    r"[a-z0-9_.-]{0,24}\\?[\"']?\]?\s{0,8}[=:!]"
)
NAMED = re.compile(
    rf"(?<!unexpected )(?<!invalid )({_TELLING_NAMES})"
    r"(\\?[\"']?\]?(?:[ \t]{0,8}(?:=>|:=|!=|={1,3}|:)[ \t]{0,8}))",
    re.I,
)
SPACED = re.compile(
    # Options and directives that take their secret after a space.
    rf"((?:\s--?[a-z0-9-]{{0,32}}(?:{_TELLING_NAMES})|\b(?:requirepass|masterauth|insecure-password)"
    rf"|(?:_param|\bsetenv|\bset(?=\s+\$))\s{{1,8}}\$?[a-z0-9_]{{0,48}}"
    rf"(?:{_TELLING_NAMES}|authorization|cookie)"
    r"|\buser\s{1,8}[^\s]{1,64}\s{1,8}password)\s{1,8})"
    rf"({_QUOTED}|(?!-)[^\s;\"']+)",
    re.I,
)
SPACED_WORDS = (
    *(" -", "\t-", "requirepass", "masterauth", "insecure-password", "_param", "setenv", "set"),
    "user ",
)
USER_AND_PASSWORD = re.compile(
    # `docker run -u 1000:1000` looks the same, so the program's name has to stand before it.
    r"((?:\bcurl\b[^\n|;]{0,300}?\s(?:-u|--user|--proxy-user)[ =]?[\"']?"
    r"|\bstats\s{1,8}auth\s{1,8})[^\s:\"'\[]{1,100}:)([^\s\"']+)"
)
MYSQL = re.compile(r"(\b(?:mysql|mariadb)[a-z-]{0,12}\s[^\n|;]{0,300}?\s-p)([^\s\"'][^\s]*)")
SCHEME = re.compile(r"\b(Bearer|Basic|Digest|Token)([ \t]{1,4})([A-Za-z0-9._~+/=-]{8,})", re.I)
SHAPES = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"  # JSON web token
    r"|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # AWS access key
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}"
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|hv[sb]\.[A-Za-z0-9_-]{20,}"
    r"|dop_v1_[a-f0-9]{40,}|sk-[A-Za-z0-9_-]{24,}|AGE-SECRET-KEY-1[A-Z0-9]{40,}"
    r"|SK[0-9a-f]{32}(?![A-Za-z0-9]))"  # Twilio
    r"|\{S?SHA(?:256|384|512)?\}[A-Za-z0-9+/=]{20,}"  # of a password file
    r"|\$(?:2[aby]|5|6|y|apr1|argon2id?)\$[A-Za-z0-9./$=,+-]{10,}"  # password hashes
    r"|(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{20,}"
)
SHAPE_WORDS = (
    *("eyj", "akia", "asia", "abia", "acca", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "k_live_", "k_test_", "whsec_", "aiza", "ya29.", "npm_"),
    *(
        "pypi-",
        "sg.",
        "hvs.",
        "hvb.",
        "dop_v1_",
        "sk",
        "{sha",
        "{ssha",
        "age-secret",
        "hooks.slack.com",
    ),
    *("$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$", "$apr1$", "$argon2"),
)
URL_WORDS = ("@",)
USER_WORDS = ("curl", "stats")
MYSQL_WORDS = ("mysql", "mariadb")
NAME_WORDS = (
    *("pass", "pw", "secret", "token", "credential", "key", "sess", "connect.sid", "sig", "auth"),
    *("cookie", "salt", "seed"),
)
SCHEME_WORDS = ("bearer", "basic", "digest", "token")
KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
KEY_BODY = re.compile(
    # Of a key that was cut off: lines of base64 and nothing else, or long runs after a space.
    r"(?:(?:\s{0,8}[\r\n]{1,4}[ \t]{0,16}|\\[nr])[A-Za-z0-9+/=]{1,200}(?=\s|\\[nr]|\Z)"
    r"|[ ][A-Za-z0-9+/=]{40,4096}){0,500}"
)
KEY_LIMIT = 20_000

_VARIABLE = re.compile(
    r"\$\{[^}\s]{1,80}\}|\$[a-z_][a-z0-9_]{1,60}|\$[A-Z_][A-Z0-9_]{1,60}|%[{(][^\s})]{1,80}[})]s?"
    r"|\{\{.{0,80}\}\}|<[^<>\s]{1,80}>|\{[a-z_.>]{1,80}\}"
)
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[a-z0-9._@-]{1,100}){2,30}/?")
_NO_SECRET = frozenset(
    {
        *("none", "null", "nil", "true", "false", "yes", "no", "on", "off", "not", "is", "was"),
        *("required", "missing", "invalid", "empty", "undefined", "unset", "set", "optional"),
        *("expired", "incorrect", "wrong", "mismatch", "authentication", "auth", "for", "the", "a"),
    }
)
ATTRIBUTES = frozenset({"path", "domain", "expires", "max-age", "samesite", "priority"})
_TELLING_NAME = re.compile(rf"(?:{_HEADER_NAMES}|.{{0,200}}(?:{_TELLING_NAMES}))\Z", re.I | re.S)


def is_harmless(value: str) -> bool:
    """Not a secret: nothing, a variable, a path, a word of prose, or masked already."""
    bare = value.strip().strip("\"'")
    return (
        not bare
        or bare.lower() in _NO_SECRET
        or TOKEN.search(bare) is not None
        or _VARIABLE.fullmatch(bare) is not None
        or _PATH.fullmatch(bare) is not None
        or set(bare) <= {"*", "x", "X", ".", "•"}
    )


@functools.lru_cache(maxsize=4096)
def is_telling(name: str) -> bool:
    """What goes by this name is a secret."""
    lower = name.lower()
    return any(word in lower for word in NAME_WORDS) and _TELLING_NAME.match(name) is not None
