"""Commands with hostile facts, read by real shells: the facts stay data."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.flows.small import Known
from wizard.engine.catalogue import probes
from wizard.flows import shell, sources
from wizard.flows.facts import FactType, UnknownFact, Vocabulary
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.flows.sources import Folder
from wizard.flows.templates import Hole

SHELLS = [name for name in ("sh", "bash", "dash") if shutil.which(name)]
HOSTILE = (
    'it\'s "a" $(canary) `canary` ; canary & canary | canary * ? [a-z] ~ # \\ ${HOME} !1 {a,b}'
)
RECORD = '#!/bin/sh\nprintf "%s\\0" "${0##*/}" "$@" END-OF-CALL >> "$RECORD"\n'
BUILTINS = ("cd", "kill", "echo", "printf", "test", "umask", "ulimit")
KEYWORDS = ("if", "then", "else", "fi", "for", "in", "do", "done", "while")


def run_by(name: str, folder: Path, script: str, stubs: set[str]) -> list[list[str]]:
    """What the stubs were called with. Nothing else is in the PATH, the folder stays as it is."""
    place, record = folder / "here", folder / "record"
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / "bin").mkdir()
    place.mkdir(exist_ok=True)
    (place / "fix.patch").touch()
    record.write_bytes(b"")
    (folder / "stub").write_text(RECORD)
    (folder / "stub").chmod(0o755)
    for stub in stubs | {"canary", "sudo"}:
        (folder / "bin" / stub).symlink_to(folder / "stub")
    (folder / "script").write_text(script)
    ended = subprocess.run(
        [str(shutil.which(name)), folder / "script"], cwd=place, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=120, check=False,
        env={"PATH": str(folder / "bin"), "RECORD": str(record), "HOME": "/home/x"},
    )  # fmt: skip
    assert b"yntax error" not in ended.stderr
    assert [each.name for each in place.iterdir()] == ["fix.patch"]
    words = record.read_text().split("\0")[:-1]
    calls: list[list[str]] = [[]]
    for word in words:
        if word == "END-OF-CALL":
            calls.append([])
        else:
            calls[-1].append(word)
    assert not any(call[:1] == ["canary"] for call in calls)
    return calls[:-1]


# ---------------------------------------------------------------- one hole, any value
PLACES = {
    "probe {a.x}": "{}",
    "probe {a.x|sh}": "{}",
    "probe before{a.x}after": "before{}after",
    "probe 'port = {a.x} !'": "port = {} !",
    'probe "port = {a.x}"': "port = {}",
    'probe "$(printf %s {a.x})"': "{}",
    'probe "$(printf %s "b{a.x}")"': "b{}",
    "probe -- {a.x}": "{}",
    "probe one    # it's {a.x}\nprobe -- {a.x}": "{}",
    "probe \"$(cat <<'EOF'\nb{a.x}c\nEOF\n)\"": "b{}c",
    'probe "$(cat <<EOF\nb{a.x}c\nEOF\n)"': "b{}c",
    "probe \\' {a.x}": "{}",
}
VALUES = st.text(
    st.sampled_from(list("ab-=/.:$`'\"\\;&|<>(){}[]*?!#~%^ é")), min_size=1, max_size=12
)


@pytest.mark.parametrize("name", SHELLS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES)
@example(HOSTILE)
@example("$(canary)")
@example("'; canary; '")
@example('"; canary; "')
def test_a_value_comes_out_as_it_went_in(tmp_path: Path, name: str, value: str) -> None:
    script, wanted = [], []
    for template, argument in PLACES.items():
        made = shell.fill(template, Known(a__x=value))
        if not made.missing:
            script.append(made.text)
            wanted.append(argument.format(value))
    cat = 'cat() { while IFS= read -r line; do printf "%s\\n" "$line"; done; }\n'
    calls = run_by(name, tmp_path, cat + "\n".join(script), {"probe"})
    assert [call[-1] for call in calls if call[-1] != "one"] == wanted


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\x1b[2J", "a\tb", "\u2028", "-rf"])
def test_what_cannot_be_data_is_not_filled_in(value: str) -> None:
    assert shell.fill("probe {a.x}", Known(a__x=value)).missing == ("a.x",)
    assert shell.filled("probe {a.x}", Known(a__x=value)) == ""


def test_a_word_that_ends_the_options_lets_a_leading_dash_pass() -> None:
    assert shell.filled("systemctl start -- {a.x}", Known(a__x="-.mount")) == (
        "systemctl start -- -.mount"
    )
    assert shell.filled("tail /proc/{a.x}", Known(a__x="-1")) == "tail /proc/-1"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("iptables -D INPUT 3", "iptables -D INPUT 3"),
        ('ip -m comment --comment "a b"', "ip -m comment --comment 'a b'"),
        ("gunicorn app:app; canary $(canary)", "gunicorn 'app:app;' canary '$(canary)'"),
        (["/var/log/a.log", "/var/log/b c.log"], "/var/log/a.log '/var/log/b c.log'"),
    ],
)  # fmt: skip
def test_a_command_line_is_taken_word_by_word(value: object, words: str) -> None:
    assert shell.filled("sudo {a.x|words}", Known(a__x=value)) == f"sudo {words}"


@pytest.mark.parametrize("value", ["it's", [], "", "-rf /", ["a", "b\nc"]])
def test_a_command_line_that_cannot_be_split_is_not_filled_in(value: object) -> None:
    assert shell.filled("sudo {a.x|words}", Known(a__x=value)) == ""


# ---------------------------------------------------------------- every command of every cause
class Hostile:
    """Every text of this host is hostile."""

    def __init__(self, vocabulary: Vocabulary, text: str) -> None:
        self.vocabulary = vocabulary
        self.text = text

    def value(self, path: str) -> object:
        try:
            kind = self.vocabulary.type_of(path)
        except UnknownFact:
            kind = FactType("text")
        if kind.kind == "number":
            return 3000
        return [self.text] if kind.kind == "list" else self.text


@pytest.fixture(scope="module")
def library() -> Library:
    return load(probes, [Folder(sources.packaged(), "flows")])


@pytest.fixture(scope="module")
def vocabulary(library: Library) -> Vocabulary:
    return Vocabulary({n: each.use for n, each in library.looks.items()}, frozenset(), probes())


def commands(library: Library) -> Iterator[tuple[str, str]]:
    for cause in library.causes.values():
        yield cause.id, cause.verify
        for number, each in enumerate(cause.proposals, 1):
            if each.kind != "advice":
                texts = (each.text, each.then, each.undo)
                yield from ((f"{cause.id} {number}", text) for text in texts)
            yield f"{cause.id} {number}", each.verify


@pytest.mark.parametrize("name", SHELLS)
def test_hostile_facts_stay_data_in_every_command(
    tmp_path: Path, library: Library, vocabulary: Vocabulary, name: str
) -> None:
    facts = Hostile(vocabulary, HOSTILE)
    script = ["set -f; set +f"]
    wanted: list[tuple[str, Hole]] = []
    stubs: set[str] = set()
    for of, template in commands(library):
        holes = [each for each in shell.standing(template) if each.place != "comment"]
        command = shell.filled(template, facts)
        if not holes or not command:
            continue
        script += [f"mark {len(wanted)} start", command]
        wanted += [(f"{of}: {template}", each.hole) for each in holes]
        stubs |= set(re.findall(r"[a-z][\w.-]*", template)) - {*KEYWORDS, *BUILTINS}
        stubs |= {f"{each}{HOSTILE}" for each in re.findall(r"([a-z][\w-]*)\{", template)}
    functions = "".join(f'{each}() {{ called {each} "$@"; }}\n' for each in BUILTINS)
    functions += "seq() { command printf '1\\n'; }\n"
    calls = run_by(name, tmp_path, functions + "\n".join(script), stubs | {"mark", "called"})
    seen: dict[int, str] = {}
    for call in calls:
        if call[0] == "mark":
            at = int(call[1])
        else:
            seen[at] = seen.get(at, "") + "\n" + "\n".join(call)
    at, lost = -1, []
    for number, (what, hole) in enumerate(wanted):
        at = number if number in seen else at
        # A number may be calculated with, and the words of a command line come one by one.
        is_data = hole.form != "words" and facts.value(hole.path) == HOSTILE
        if is_data and HOSTILE not in seen[at]:
            lost.append(what)
    assert lost == []
