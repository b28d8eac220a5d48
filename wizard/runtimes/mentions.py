"""How command lines, environments and configuration files name the address to listen on.

A number alone says little: 5432 in `--db-port 5432` is where a program connects to. What counts
is an option, a variable or a key that is about listening.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from wizard.model.text import one_line


class Aim(msgspec.Struct, frozen=True):
    """The address that is looked for: a TCP port, or the path of a unix socket."""

    port: int | None = None
    path: str | None = None

    @property
    def text(self) -> str:
        """What stands in a configuration that names it."""
        return self.path or str(self.port)


class Stated(msgspec.Struct, frozen=True):
    """An address that something says it listens on, in its own words."""

    words: str
    port: int | None = None
    path: str | None = None

    def meets(self, aim: Aim) -> bool:
        """It is the address that is looked for."""
        if aim.path is not None:
            return self.path == aim.path
        return self.port == aim.port and aim.port is not None


_OTHER = (
    r"(?i)(?:^|[_\W])(?:db|database|sql|mysql|postgres\w*|pg|mongo\w*|redis|memcache\w*|cache|amqp|"
    r"rabbit\w*|kafka|smtp|mail\w*|imap|ldap|statsd|influx\w*|elastic\w*|es|sentry|debug\w*|inspect\w*|"
    r"metrics?|prometheus|jmx|remote|upstream|backends?|peer|cluster|gossip|admin|management|target|"
    r"connect|client|proxy|oauth|broker|queue|log|logging|syslog|vault|consul|etcd|zookeeper|s3|"
    r"minio|storage|dns|ntp|ssh|ftp|vnc|hmr|livereload|webpack)(?:$|[_\W])"
)
_IS_OTHER = re.compile(_OTHER)
_LISTENS = re.compile(
    r"(?i)^-{0,2}(?:[\w.-]*[._-])?(?:port|listen(?:[._-]?(?:on|address|addr|port))?|bind(?:[._-]?(?:address|addr|to))?|"
    r"addr|address|http(?:-socket|-addr|[._-]?port)?|https?-socket|socket|uds|urls?|unix-socket|fd)$"
)
_SHORT = frozenset(
    {"-p", "-P", "-b", "-l", "-S", "-a", "-lp", "-lkp", "-lk", "-lnp", "-nlp", "-kl", "-kln", "-s"}
)
_URL_ONLY = re.compile(r"(?i)(?:^|[_.-])urls?$")
_ADDRESS = re.compile(
    r"^(?:(?:tcp|tcp4|tcp6|http|https|fd|ssl)://)?(?:\[[0-9a-fA-F:.%]*\]|[\w.*-]*)?:(?P<port>\d{2,5})/?(?:[?,;].*)?$"
)
_UNIX = re.compile(r"^(?:unix(?:/stream)?:(?://)?|http\+unix://)?(?P<path>/[^\s,;?\"']+)")
_SOCAT = re.compile(r"(?i)^(?:TCP[46]?|OPENSSL)-(?:LISTEN|L):(?P<port>\d+)")
_SOCAT_UNIX = re.compile(r"(?i)^UNIX-(?:LISTEN|L):(?P<path>[^,]+)")
_FORWARD = re.compile(r"^-(?:L(?:[^:]+:)?(?P<port>\d+):[^:]+:\d+|D(?:[^:]+:)?(?P<proxy>\d+))$")
_PUBLISHED = re.compile(r"^(?:[\d.]+:)?(?P<port>\d+):\d+(?:/tcp)?$")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")
_ENV_PORT = re.compile(r"(?:^|_)PORT$")
_ENV_ADDRESS = re.compile(
    r"^(?:\w+_)?(?:BIND|LISTEN|BIND_ADDR(?:ESS)?|LISTEN_ADDR(?:ESS)?|LISTEN_ON|HTTP_ADDR|SERVER_ADDR(?:ESS)?|"
    r"ADDR(?:ESS)?|ASPNETCORE_URLS|URLS|SOCKET|SOCKET_PATH|UNIX_SOCKET|SOCK|UDS)$"
)
_ENV_ARGUMENTS = re.compile(r"(?:ARGS|OPTS|OPTIONS|FLAGS|ARGUMENTS)$")


def in_command(
    argv: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[Stated]:
    """Addresses that a command line says it listens on; variables are filled in."""
    words = [_filled(word, environment or {}) for word in argv]
    if (
        len(words) > 2
        and words[0].rpartition("/")[2] in ("sh", "bash", "dash")
        and words[1].startswith("-")
    ):
        words = [
            part
            for word in words[2:]
            for part in re.split(r"[\s;&|]+", word.replace('"', ""))
            if part
        ]
    before = ""
    for word in words[1:] if words else []:
        name, equals, value = word.partition("=")
        if word.startswith("-") and equals:
            yield from _option(name, value, f"{name}={value}")
        elif not word.startswith("-") and before.startswith("-") and "=" not in before:
            option = list(_option(before, word, f"{before} {word}"))
            yield from option or (_bare(word) if _is_switch(before) else ())
        else:
            yield from _bare(word)
        before = word


def in_environment(environment: Mapping[str, str]) -> Iterator[Stated]:
    """Addresses that variables say to listen on: PORT=3000, BIND=127.0.0.1:8000."""
    for key, value in environment.items():
        value = value.strip().strip("\"'")
        if _IS_OTHER.search(key):
            continue
        if _ENV_PORT.search(key) and value.isdigit():
            yield Stated(f"{key}={value}", port=int(value))
        elif _ENV_ADDRESS.match(key):
            for part in re.split(r"[;\s]+", value):
                yield from _address(part, f"{key}={value}")
        elif _ENV_ARGUMENTS.search(key):
            for stated in in_command(["", *value.split()], environment):
                yield Stated(f"{key} with {stated.words}", stated.port, stated.path)


def environment_file(text: str) -> dict[str, str]:
    """The assignments of an EnvironmentFile or a .env file."""
    pairs = {}
    for line in text.splitlines():
        line = line.strip().removeprefix("export ")
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            pairs[key.strip()] = value.strip().strip("\"'")
    return pairs


_LINE = re.compile(
    r"(?:(?<![A-Za-z])(?i:port|bind|listen|addr|address|socket|host|server|uds|https?|run|serve)|Port|Host|"
    r"Server|Socket|Addr|Listen)[\w\"']*[\W\w]{0,40}$"
)
_STATES = re.compile(
    r"(?im)^\s*[\"']?(?:[\w.-]*[._-])?(?:port|bind|listen)[\"']?\s*[:=]\s*[^#;\n]{0,60}?(\d{2,5})\b"
)
_COMMENT = re.compile(r"^\s*(?:#|;|//|\*|/\*|<!--)")
_SECTION = re.compile(r"^\s*\[+([^\]\[]+)\]+\s*$|^(\w[\w-]*):\s*$|^\s*[\"'](\w+)[\"']\s*:\s*\{\s*$")


def in_text(text: str, aim: Aim, key: str | None = None) -> tuple[int, str] | None:
    """The first line of a configuration or script that says to listen on the aim, and its number.

    With `key` only lines that begin with that word count.
    """
    if aim.text not in text:
        return None
    if aim.path is not None:
        return next(
            (
                (number, one_line(line, 120))
                for number, line in enumerate(text.splitlines(), 1)
                if aim.path in line and not _COMMENT.match(line)
            ),
            None,
        )
    number_alone = re.compile(rf"(?<![\w.]){aim.port}(?![\w.]\w|\d)")
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _SECTION.match(line):
            section = next(filter(None, heading.groups()), "")
            continue
        if key is not None and not line.lstrip().lower().startswith(key):
            continue
        if _COMMENT.match(line) or _IS_OTHER.search(section):
            continue
        for match in number_alone.finditer(line):
            if _listens_in(line[: match.start()]):
                return number, one_line(line, 120)
    return None


def ports_in(text: str) -> set[int]:
    """Ports that a configuration file sets by a key of its own: `port = 5000`."""
    found = set()
    for match in _STATES.finditer(text):
        if not _IS_OTHER.search(match[0]):
            found.add(int(match[1]))
    return found


def _listens_in(before: str) -> bool:
    """Whether what stands before the number on its line is about listening."""
    if re.search(r"(?i)https?://[\w.-]*:$", before) and not re.search(
        r"(?i)bind|listen|urls", before
    ):
        return False
    key = before.rpartition(",")[2]
    # In `run(debug=True, port=3000)` what stands next to the number tells, in `Server(("", 3000))`
    # what stands before the bracket.
    about = key if _LINE.search(key) else before
    return _LINE.search(about) is not None and not _IS_OTHER.search(about)


def _option(name: str, value: str, words: str) -> Iterator[Stated]:
    name = name.removeprefix("-D") if name.startswith("-D") and "." in name else name
    if forward := _FORWARD.match(f"{name}{value}"):
        yield Stated(words, port=int(forward["port"] or forward["proxy"]))
        return
    if name in ("-L", "-D", "-R") and ":" in value:
        return
    if name in ("-p", "--publish") and (published := _PUBLISHED.match(value)):
        yield Stated(words, port=int(published["port"]))
        return
    if name not in _SHORT and (not _LISTENS.match(name) or _IS_OTHER.search(name.lstrip("-"))):
        return
    if _URL_ONLY.search(name) and not name.endswith("urls"):
        return
    if value.isdigit() and 1 < len(value) < 6:
        yield Stated(words, port=int(value))
        return
    for part in value.split(";"):
        yield from _address(part, words)


def _bare(word: str) -> Iterator[Stated]:
    """A word that is no option: `3000`, `0.0.0.0:3000`, `TCP-LISTEN:3000,fork`."""
    if match := _SOCAT.match(word):
        yield Stated(word.partition(",")[0], port=int(match["port"]))
    elif match := _SOCAT_UNIX.match(word):
        yield Stated(word.partition(",")[0], path=match["path"])
    elif word.isdigit() and 1 < len(word) < 6:
        yield Stated(word, port=int(word))
    elif "://" not in word or word.startswith(("tcp://", "unix:")):
        is_path = word.startswith("unix:") or word.endswith((".sock", ".socket"))
        yield from (one for one in _address(word, word) if one.port is not None or is_path)


def _address(value: str, words: str) -> Iterator[Stated]:
    value = value.strip().strip("\"'")
    if match := _ADDRESS.match(value):
        yield Stated(words, port=int(match["port"]))
    elif value.isdigit() and 1 < len(value) < 6:
        yield Stated(words, port=int(value))
    elif match := _UNIX.match(value):
        yield Stated(words, path=match["path"])


def _is_switch(option: str) -> bool:
    """An option that takes no value as far as can be told: what follows stands for itself."""
    return option in (
        "--",
        "-u",
        "-k",
        "-v",
        "-l",
        "-q",
        "-d",
        "-f",
        "-B",
        "-O",
        "--verbose",
        "--debug",
    )


def _filled(word: str, environment: Mapping[str, str]) -> str:
    return _VARIABLE.sub(
        lambda match: environment.get(match[1] or match[3], match[2] or match[0]), word
    )
