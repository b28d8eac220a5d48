"""One broken file a message: where it is said to be, what is said, what is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.small import CAUSES, FLOW, LOOKS, mistakes

RULE = "      - when: {front.status|gte: 500}\n"
DIAL = "      - when: {dial.outcome: refused}\n"


def line_of(text: str, marker: str) -> int:
    return text[: text.index(marker)].count("\n") + 1


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def one_mistake(folder: Path, name: str, text: str) -> tuple[int, str, str]:
    found = mistakes(folder, **{name: text})
    assert len(found) == 1, found
    assert found[0].file == f"flows/{name}.yaml"
    return found[0].line, found[0].message, found[0].suggestion


CONDITIONS = [
    ("{front.statuss: 502}", "`front` has no fact `statuss`", "did you mean `status`?"),
    ("{fromt.status: 502}", "no look is named `fromt`", "did you mean `front`?"),
    ("{front.status.code: 5}", "`front.status` is a number and has no field `code`", ""),
    ("{front.failures.first: a}", "`front.failures` is a list; its elements have no names", ""),
    ("{front: 5}", "`front` names no fact", "write `look.field`"),
    ("{al: [{front.ok: true}]}", "`al` names no fact", "did you mean `all`?"),
    ("{front.status|get: 5}", "unknown operator `|get`", "did you mean `gt`?"),
    ("{front.status|is: 5}", "unknown operator `|is`", "leave it out"),
    ("{front.status: five}", "`front.status` is a number, not `five`", ""),
    ("{front.text: 5}", "`front.text` is a text, not `5`", "put it in quotes"),
    ("{front.ok: yes}", "`front.ok` is true or false, not `yes`", "write `true`"),
    ("{front.ok: off}", "`front.ok` is true or false, not `off`", "write `false`"),
    ("{front.ok: 1}", "`front.ok` is true or false, not `1`", "write `true` or `false`"),
    ("{front.by: backed}", "`front.by` is never `backed`", "did you mean `backend`?"),
    ("{front.by|in: [proxy, web]}", "`front.by` is never `web`", "there are `backend`, `proxy`"),
    ("{front.looked: there}", "`front.looked` is never `there`", "there are `absent`, `present`,"),
    ("{front.status: [500]}", "`front.status` is compared with a list", "write `front.status|in: "),
    ("{front.status|in: 500}", "`front.status|in` needs a list on the right", "write `[...]`"),
    ("{front.status|in: {fact: front.text}}", "`front.status|in` needs a list that may hold", ""),
    ("{front.status: null}", "`front.status` is compared with nothing", "write `front.status|kn"),
    ("{front.status|known: 1}", "`front.status|known` is true or false", "write `true` or `fal"),
    ("{front.text|gt: 5}", "`|gt` compares numbers, `front.text` is a text", ""),
    ("{front.status|gt: many}", "`front.status|gt` needs a number on the right", ""),
    ("{front.status|matches: '5..'}", "`|matches` reads text, `front.status` is a number", ""),
    ("{front.text|matches: '('}", "regular expression: missing ), unterminated subpattern", ""),
    ("{front.text|matches: 5}", "`front.text|matches` needs a regular expression", ""),
    ("{front.status|contains: 5}", "`|contains` looks into a list or a text, `front.status`", ""),
    ("{front.failures|lacks: 5}", "`front.failures` is a text, not `5`", "put it in quotes"),
    ("{front.failures: refused}", "`front.failures` is a list", "write `front.failures|contains"),
    ("{front.place: a}", "`front.place` is a whole Place", "name one of its fields"),
    ("{front.status: {fact: front.text}}", "`front.status` is a number, the other is a text", ""),
    ("{front.status: {fact: front.x}}", "`front` has no fact `x`", ""),
    ("{front.status: {fakt: front.x}}", "the right side is a value or `{fact: look.field}`", ""),
    ("{dial.outcome: refused}", "`dial.outcome` is asked once a server, and there is none", "giv"),
    ("{server.port: 80}", "`server.port` is asked once a server, and there is none", "give the"),
    ("{}", "a condition is a mapping `look.field: value`", ""),
    ("[{front.ok: true}]", "a condition is a mapping", "write `any:` or `all:`"),
    ("{any: {front.ok: true}}", "`any` needs a list of conditions", ""),
    ("{not: [{front.ok: true}]}", "a condition is a mapping", "write `any:` or `all:`"),
    ("{front.ok: true, front.ok: false}", "`front.ok` stands twice", "first in line "),
]


@pytest.mark.parametrize(("when", "message", "suggestion"), CONDITIONS)
def test_a_condition_that_makes_no_sense(
    tmp_path: Path, when: str, message: str, suggestion: str
) -> None:
    text = changed(FLOW, RULE, f"      - when: {when}\n")
    line, said, offered = one_mistake(tmp_path, "gateway", text)
    assert line == line_of(text, "when:")
    assert said.startswith(message)
    assert offered.startswith(suggestion)


@pytest.mark.parametrize(
    "when",
    [
        "{front.status: 502, front.by: proxy, front.ok: false, front.text|matches: '^x'}",
        "{front.status|in: [502, 504], front.seconds|gte: {fact: front.status}}",
        "{any: [{front.failures|contains: x}, {not: {front.counts|lacks: '502'}}]}",
        "{all: [{front.counts.502|gt: 3}], front.place.line: 3, front|known: true}",
        "{front.looked: present, front.failures|known: false, found.causes|lacks: bad-gateway}",
        "{incident.port: 80, front.text|in: {fact: front.failures}, front.text|contains: x}",
    ],
)
def test_a_condition_that_makes_sense(tmp_path: Path, when: str) -> None:
    text = changed(FLOW, RULE, f"      - when: {when}\n")
    assert mistakes(tmp_path, gateway=text) == []


FLOWS = [
    ("    step: whose\n", "    step: who\n", "`step` is never `who`", "did you mean `whose`?"),
    ("    step: whose\n", "", "node lacks `step`", ""),
    ("ask: Who", "ask: '{front.x}' #", "`front` has no fact `x`", ""),
    ("    ask: Who wrote the answer?\n", "    ask:\n", "`ask` is empty", ""),
    (
        "    ask: Who wrote the answer?\n",
        "    ask: {a: b}\n",
        "`ask` is a text",
        "put it in quotes",
    ),
    ("    ask: Who wrote the answer?\n", "    ask: 5\n", "`ask` is a text", 'write `"5"`'),
    ("    ask: Who", "    aks: x\n    ask: Who", "node has no key `aks`", "did you mean `ask`?"),
    ("    ask: Who", "    on: x\n    ask: Who", "node has no key `on`", ""),
    ("    ask: Who", "    step: whose\n    ask: Who", "`step` stands twice", "first in line 5"),
    ("looks: [front]", "looks: [fornt]", "no look is named `fornt`", "did you mean `front`?"),
    ("looks: [front]", "looks: [dial]", "`dial` is asked once a server", "give the node or look"),
    ("looks: [front]", "looks: {a: b}", "`looks` is a text or a list of texts", ""),
    ("finding: bad-", "finding: bat-", "unknown cause `bat-gateway`", "did you mean `bad-gateway`"),
    ("goto: listening", "goto: listning", "unknown goto `listning`", "did you mean `listening`?"),
    ("goto: listening", "goto: gateway/x", "unknown goto `gateway/x`", ""),
    ("goto: listening", "goto: whose", "goto `whose` leads back", "a goto leads to a later node"),
    ("goto: listening", "goto: gateway", "goto `gateway` leads back", "a goto leads to a later"),
    ("unknown: end", "unknown: ende", "unknown goto `ende`", "did you mean `end`?"),
    ("unknown: end", "unknown: [end]", "`unknown` is a mapping", "there are `say`, `goto`"),
    ("unknown: end", "unknown: {say: x}", "`unknown` lacks `goto`", ""),
    (
        "It answers {front.status}.",
        "It {front.sttus}",
        "`front` has no fact `sttus`",
        "did you mea",
    ),
    ("It answers {front.status}.", "It {front.by|ms}", "`|ms` needs a number, `front.by` is", ""),
    ("It answers {front.status}.", "It {front.by|hex}", "template: unknown form `hex`", ""),
    ("It answers {front.status}.", "'It { is'", "template: a single `{`", ""),
    (
        "It answers {front.status}.",
        "'{server.name}'",
        "`server.name` is asked once a server",
        "giv",
    ),
    ("each: {server: route.servers}", "each: {item: route.servers}", "`each` names `server`", "`"),
    (
        "each: {server: route.servers}",
        "each: {server: front.failures}",
        "`front.failures` is a",
        "",
    ),
    ("each: {server: route.servers}", "each: {server: dial.x}", "`dial` has no fact `x`", "there"),
    ("each: {server: route.servers}", "each: server", "`each` is a mapping", ""),
    (RULE, "      - whem: {}\n", "rule has no key `whem`", "did you mean `when`?"),
    (
        "      - say: It listens.\n",
        f"{DIAL}        say: x\n",
        "the last rule has a `when`",
        "add a",
    ),
    (
        RULE + "        finding:",
        "      - finding:",
        "rules after this one are never reached",
        "it l",
    ),
    ("nodes:", "nodes: []\nabout:", "`nodes` is a list of mappings", ""),
    ("id: listening", "id: whose", "node `whose` stands twice", "first at flows/gateway.yaml:4"),
    ("id: listening", "id: end", "a node cannot be named `end`", ""),
    ("title: Why", "titel: Why", "flow `gateway` has no key `titel`", "did you mean `title`?"),
    ("flow: gateway", "flow: 5", "`flow` is a text", ""),
    ("flow: gateway", "flw: gateway", "`flw` begins no known kind of file", "did you mean `flow`"),
    ("flow: gateway", "flow: g\nlooks: {}", "`looks` and `flow` stand in one file", "one kind a"),
    (
        "    ask: Who",
        "\task: Who",
        "not YAML: found a tab character",
        "indent with spaces, not tabs",
    ),
    (
        "say: It listens.",
        "say: It: listens.",
        "not YAML: mapping values are not",
        "a text with `: ",
    ),
    ("say: It listens.", "say: !!python/name:os.system x", "tag `tag:yaml.org", ""),
    ("say: It listens.", "say: *nowhere", "not YAML: found undefined alias", ""),
    ("say: It listens.", "say: {It}: x", "not YAML", ""),
    ("say: It listens.", "say: {[It]: x}", "a key must be a plain text", "quote a text with"),
    ("title: Why it", "---\ntitle: Why it", "not YAML: but found another document", "one docum"),
]


@pytest.mark.parametrize(("old", "new", "message", "suggestion"), FLOWS)
def test_a_mistake_in_a_flow(
    tmp_path: Path, old: str, new: str, message: str, suggestion: str
) -> None:
    found = mistakes(tmp_path, gateway=changed(FLOW, old, new))
    fitting = [each for each in found if each.message.startswith(message)]
    assert fitting, found
    assert fitting[0].suggestion.startswith(suggestion)
    assert fitting[0].file == "flows/gateway.yaml"


LOOK = [
    ("use: http.front", "use: http.frnt", 3, "unknown probe `http.frnt`", "did you mean `http.fr"),
    ("use: http.front", "demand: false", 2, "look `front` lacks `use`", ""),
    ('{url: "{incident.url}"}', "{}", 4, "look `front` lacks the parameter `url`", "it wants str"),
    (
        '{url: "{incident.url}"}',
        '{url: "x", tims: 2}',
        4,
        "probe `http.front` has no parameter",
        "",
    ),
    ('{url: "{incident.url}"}', "{url: 5}", 4, "parameter `url` of `http.front` wants str", ""),
    ('{url: "{incident.url}"}', '{url: "{route}"}', 4, "parameter `url` of `http.front` wants", ""),
    ('{url: "{incident.url}"}', "{url: x, times: a}", 4, "parameter `times` of `http.front`", ""),
    (
        '{url: "{incident.url}"}',
        "{url: x, after: true}",
        4,
        "parameter `after` of `http.front`",
        "",
    ),
    ('{url: "{incident.url}"}', '{url: "{incident.uri}"}', 4, "`incident` has no fact `uri`", ""),
    ('{url: "{incident.url}"}', '{url: "{server.name}"}', 4, "`server.name` is asked once a", ""),
    ('{url: "{incident.url}"}', '{url: "{front.text}"}', 2, "look `front` needs itself", "front -"),
    ('{url: "{incident.url}"}', "{url: {a: b}}", 4, "a parameter is a plain value or a list", ""),
    ('{url: "{incident.url}"}', "http", 4, "`with` is a mapping", ""),
    ("each: server", "each: backend", 9, "`each` is never `backend`", "there is `server`"),
    ("each: server", "demand: often", 9, "`demand` is true or false", ""),
    ("  front:", "  incident:", 2, "a look cannot be named `incident`", ""),
    ("  front:", "  fro-nt:", 2, "a look cannot be named `fro-nt`", "letters, digits and `_`"),
    (
        'server: "{server}"',
        'server: "{route}"',
        11,
        "parameter `server` of `tcp.connect` wants",
        "",
    ),
    ("  front:", "  dial: {use: http.front}\n  front:", 9, "`dial` stands twice", "first in line"),
    ("looks:", "looks: []\nlook:", 2, "`look` stands beside `looks`", ""),
]


@pytest.mark.parametrize(("old", "new", "line", "message", "suggestion"), LOOK)
def test_a_mistake_in_a_look(
    tmp_path: Path, old: str, new: str, line: int, message: str, suggestion: str
) -> None:
    found = mistakes(tmp_path, looks=changed(LOOKS, old, new))
    fitting = [each for each in found if each.message.startswith(message)]
    assert fitting, found
    assert fitting[0].suggestion.startswith(suggestion)
    assert fitting[0].file == "flows/looks.yaml"
    assert fitting[0].line == line or "stands twice" in message


CAUSE = [
    (
        "explains: [bad-gateway]",
        "explains: [bat-gateway]",
        "unknown cause `bat-gateway`",
        "did you",
    ),
    ("kind: symptom", "kind: symptoms", "`kind` is never `symptoms`", "did you mean `symptom`?"),
    ("statuses: [502]", "statuses: [bad]", "`statuses` is a list of whole numbers", ""),
    ("{bad-gateway: it is not one}", "{bad-gateway: 5}", "`look_alikes` is a mapping of texts", ""),
    ("when: {dial.outcome: refused}", "wenn: {}", "`control` has no key `wenn`", "did you mean"),
    (
        "when: {dial.outcome: refused}",
        "when: {dial.outcome: ok}",
        "`dial.outcome` is never `ok`",
        "",
    ),
    ("kind: command", "kind: comand", "`kind` is never `comand`", "did you mean `command`?"),
    ("kind: command", "kind: command, needs: [owner.unit]", "no look is named `owner`", ""),
    ("kind: command", "kind: command, do: later", "`do` is never `later`", "there are `lasting`"),
    ("kind: command", "kind: command, when: {dial.x: 1}", "`dial` has no fact `x`", ""),
    ("kind: command", 'kind: command, touches: ["{x}"]', "no look is named `x`", ""),
    ("{server.name|sh}", "{server.nam|sh}", "`server` has no fact `nam`", "did you mean `name`?"),
    ("'%{{http_code}}'", "'%{http_code}'", "no look is named `http_code`", ""),
    ("title: Nothing listens", "titel: x", "cause `nothing-listens` has no key `titel`", "did you"),
]


@pytest.mark.parametrize(("old", "new", "message", "suggestion"), CAUSE)
def test_a_mistake_in_a_cause(
    tmp_path: Path, old: str, new: str, message: str, suggestion: str
) -> None:
    text = changed(CAUSES, old, new)
    found = mistakes(tmp_path, causes=text)
    fitting = [each for each in found if each.message.startswith(message)]
    assert fitting, found
    assert fitting[0].suggestion.startswith(suggestion)
    assert fitting[0].line == line_of(text, new.splitlines()[0])


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        gateway=changed(FLOW, "goto: listening", "goto: nowhere"),
        looks=changed(LOOKS, "use: http.front", "use: http.fromt"),
        causes=changed(CAUSES, "kind: symptom", "kind: symptoms"),
        torn="flow: [",
    )
    assert [(each.file, each.message.split(" `")[0]) for each in found] == [
        ("flows/causes.yaml", "`kind` is never"),
        ("flows/gateway.yaml", "unknown goto"),
        ("flows/looks.yaml", "unknown probe"),
        ("flows/torn.yaml", found[3].message),
    ]


def test_a_broken_node_is_not_also_an_unknown_goto(tmp_path: Path) -> None:
    text = changed(FLOW, "    step: connectivity\n", "")
    line, message, _ = one_mistake(tmp_path, "gateway", text)
    assert message == "node lacks `step`"
    assert line == line_of(text, "- id: listening")


def test_flows_that_hand_over_in_a_circle(tmp_path: Path) -> None:
    other = FLOW.replace("flow: gateway", "flow: other").replace("goto: listening", "goto: gateway")
    text = changed(FLOW, "        goto: end\n    unknown: {", "        goto: other\n    unknown: {")
    found = mistakes(tmp_path, gateway=text, other=other)
    assert [each.message for each in found] == ["flows hand over in a circle"]
    circle = found[0].suggestion.split(" -> ")
    assert circle[0] == circle[-1]
    assert {"gateway/listening", "other/whose"} <= set(circle)


def test_a_name_that_is_both_a_node_and_a_flow_must_say_which(tmp_path: Path) -> None:
    other = FLOW.replace("flow: gateway", "flow: listening")
    found = mistakes(tmp_path, other=other)
    assert "`listening` is both a node and a flow" in [each.message for each in found]


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    mistakes(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"looks:\n  a: {title: caf\xe9}\n")
    found = mistakes(tmp_path)
    assert [(each.file, each.line, each.message) for each in found] == [
        ("flows/latin.yaml", 2, "not UTF-8")
    ]


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    mistakes(tmp_path)
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    found = mistakes(tmp_path)
    assert [each.message for each in found] == ["cannot be read: no such file or directory"]


def test_an_anchor_that_contains_itself_ends(tmp_path: Path) -> None:
    found = mistakes(tmp_path, wild="looks: &a\n  b: *a\n")
    assert any(each.message == "nested too deeply" for each in found)


def test_an_empty_file(tmp_path: Path) -> None:
    found = mistakes(tmp_path, empty="# nothing yet\n")
    assert [each.message for each in found] == ["the file is empty"]


def test_a_mistake_reads_as_one_line(tmp_path: Path) -> None:
    found = mistakes(tmp_path, gateway=changed(FLOW, "goto: listening", "goto: listning"))
    assert str(found[0]) == (
        "flows/gateway.yaml:12: unknown goto `listning` (did you mean `listening`?)"
    )


@pytest.mark.parametrize(
    ("command", "message", "suggestion"),
    [
        ("probe {front.failures}", "`{front.failures}` is a list: a command takes", ""),
        ("probe '{server.name|sh}'", "`{server.name|sh}` stands between quotes", "write `{server"),
        ("sh -c 'probe {server.name}'", "stands in the script of a second shell", "pass it as"),
        (
            "bash -ec \\\"probe '{server.name}'\\\"",
            "stands in the script of a second",
            "pass it as",
        ),
        ("probe x{server.name|words}", "`{server.name|words}` does not stand by itself", ""),
    ],
)
def test_a_hole_that_cannot_stand_there_in_a_command(
    tmp_path: Path, command: str, message: str, suggestion: str
) -> None:
    text = changed(CAUSES, "systemctl start {server.name|sh}", command)
    line, said, hint = one_mistake(tmp_path, "causes", text)
    assert line == line_of(CAUSES, "kind: command")
    assert message in said
    assert hint.startswith(suggestion)
