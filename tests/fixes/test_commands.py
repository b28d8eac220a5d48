"""Commands of systemd and sudo as they are typed on other hosts; values stay what they are."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.engine.catalogue import probes
from wizard.fixes.commands import advised, written
from wizard.fixes.shell_words import ShellError, simple_commands
from wizard.flows import sources
from wizard.flows.loading import load
from wizard.flows.model import Library, Writing
from wizard.flows.sources import Folder

PIECES = [*"ab1 '\"`$(){};&|<>\\#*?~!\t\n=-./", "$(", "sudo ", "systemctl ", "<<a", "${"]
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1).map("".join)


def tables(*names: str) -> list[Writing]:
    return [each for each in library().hosts if each.name in names]


def library() -> Library:
    return load(probes, [Folder(sources.packaged(), "flows")])


ROOT, DOAS, SU = tables("root"), tables("doas"), tables("su")
SYSV = tables("sysv-debian", "sysv")
OPENRC, NONE = tables("openrc"), tables("none")

RENDERED = [
    ("sudo systemctl restart shop", ROOT, "systemctl restart shop"),
    ("sudo nginx -t && sudo systemctl reload nginx", ROOT, "nginx -t && systemctl reload nginx"),
    ("sudo -u shop ls -l '/srv/a b'", ROOT, "runuser -u shop -- ls -l '/srv/a b'"),
    ("sudo systemctl restart shop", DOAS, "doas systemctl restart shop"),
    ("sudo systemctl restart 'a b'", SU, """su -c 'systemctl restart '"'"'a b'"'"''"""),
    ("echo x | sudo tee /etc/a > /dev/null", SU, "echo x | su -c 'tee /etc/a' > /dev/null"),
    ("sudo patch -p0 -d / < fix.patch", ROOT, "patch -p0 -d / < fix.patch"),
    ("sudo systemctl restart shop.service", SYSV, "sudo service shop restart"),
    ("sudo systemctl restart shop.service", [*SYSV, *ROOT], "service shop restart"),
    ("sudo systemctl enable --now shop", SYSV,
     "sudo service shop start && sudo update-rc.d shop enable"),
    ("sudo systemctl daemon-reload && sudo systemctl restart shop", SYSV,
     "sudo service shop restart"),
    ("sudo systemctl restart shop && sudo systemctl daemon-reload", SYSV,
     "sudo service shop restart"),
    ("sudo journalctl -u shop | tail -n 5\nsudo systemctl start shop", SYSV,
     "sudo service shop start"),
    ("sudo systemctl start shop\nsudo journalctl -u shop -n 5", SYSV, "sudo service shop start"),
    ("sudo journalctl -u shop -n 5   # its words", SYSV, ""),
    ("sudo systemctl restart shop   # and wait", OPENRC,
     "sudo rc-service shop restart   # and wait"),
    ("sudo systemctl cat shop", SYSV, "sudo cat /etc/init.d/shop"),
    ("sudo systemctl set-property shop MemoryMax=1G", SYSV, None),
    ("kill $(systemctl show shop -p MainPID --value)", SYSV, None),
    ("kill $(sudo cat /run/shop.pid)", ROOT, "kill $(cat /run/shop.pid)"),
    ("echo 'sudo systemctl restart shop'", [*SYSV, *ROOT], "echo 'sudo systemctl restart shop'"),
    ("sudo nginx -t && sudo systemctl reload nginx", [*NONE, *ROOT], "nginx -t && nginx -s reload"),
    ("sudo systemctl restart shop", NONE, None),
    ("sudo tee a <<'EOF'\nsudo it's\nEOF\nsudo true", ROOT, "tee a <<'EOF'\nsudo it's\nEOF\ntrue"),
    ("for i in 1 2; do sudo true; done", ROOT, "for i in 1 2; do true; done"),
    ("LANG=C sudo true", ROOT, "LANG=C true"),
    ("it's no script, sudo", ROOT, "it's no script, sudo"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "here", "wanted"), RENDERED)
def test_a_command_is_written_for_the_host(
    text: str, here: list[Writing], wanted: str | None
) -> None:
    assert written(text, here) == wanted


def test_advice_names_the_commands_of_the_host() -> None:
    text = "Then: sudo systemctl restart {owner.unit|sh}. Or try sudo nginx -t."
    assert advised(text, [*SYSV, *ROOT]) == (
        "Then: service {owner.unit|sh} restart. Or try nginx -t."
    )


def test_advice_on_what_is_not_there_is_not_given() -> None:
    assert advised("In a drop-in (sudo systemctl edit {owner.unit})", SYSV) is None


@settings(max_examples=300)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_quoted_values_are_single_words_as_the_shell_has_it(values: list[str]) -> None:
    line = " ".join(["echo", *map(shlex.quote, values)])
    [command] = simple_commands(line)
    assert [line[word.start : word.end] for word in command.words[1:]] == [
        shlex.quote(each) for each in values
    ]


@settings(max_examples=300)
@given(HOSTILE)
def test_only_the_words_around_a_value_change(value: str) -> None:
    quoted = shlex.quote(value)
    text = f"sudo systemctl restart {quoted} && sudo cat {quoted} | sudo tee {quoted} > {quoted}"
    assert written(text, [*OPENRC, *ROOT]) == (
        f"rc-service {quoted.removesuffix('.service')} restart"
        f" && cat {quoted} | tee {quoted} > {quoted}"
    )


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        commands = simple_commands(text)
    except ShellError:
        return
    places = [place for each in commands for word in each.words for place in word[:2]]
    assert places == sorted(places)
    written(text, [*SYSV, *ROOT])


@settings(max_examples=60, deadline=None)
@given(value=HOSTILE)
def test_a_real_shell_gets_the_value_and_runs_nothing_else(value: str) -> None:
    text = f"sudo printf %s {shlex.quote(value)}"
    rendered = written(text, ROOT)
    said = subprocess.run(["sh", "-c", rendered or ""], capture_output=True, check=True)
    assert said.stdout.decode() == value


@settings(max_examples=60, deadline=None)
@given(value=HOSTILE)
def test_su_hands_the_value_on_whole(value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    rendered = written(f"sudo printf %s {shlex.quote(value)}", SU) or ""
    said = subprocess.run(["sh", "-c", rendered.replace("su -c", "sh -c", 1)],
                          capture_output=True, check=True)  # fmt: skip
    assert said.stdout.decode() == value
