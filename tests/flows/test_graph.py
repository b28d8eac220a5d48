from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.small import FLOW, loaded
from wizard.flows.conditions import All, AnyOf, Compare, Not
from wizard.flows.graph import mermaid, tree
from wizard.flows.words import in_words


def test_a_tree_lists_questions_and_where_their_answers_lead(tmp_path: Path) -> None:
    library = loaded(tmp_path)
    assert (
        tree(library, library.flows["gateway"], 80)
        == """\
gateway: Why it answers 502

whose
  whose: Who wrote the answer?
    ├─ front.status >= 500: bad-gateway → listening
    ├─ otherwise → end
    └─ unknown → end

connectivity
  listening (once a server): Does anything listen?
    ├─ dial.outcome is refused: nothing-listens → end
    ├─ otherwise → end
    └─ unknown → end
"""
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_tree_keeps_to_the_width_and_to_ascii(tmp_path: Path, width: int) -> None:
    library = loaded(tmp_path)
    drawn = tree(library, library.flows["gateway"], width, ascii_only=True)
    assert drawn.isascii()
    assert max(map(len, drawn.splitlines())) <= width


def test_mermaid_draws_boxes_by_step_and_arrows_with_findings(tmp_path: Path) -> None:
    other = FLOW.replace("flow: gateway", "flow: other")
    text = FLOW.replace(
        "        goto: end\n    unknown: end", "        goto: end\n    unknown: other"
    )
    library = loaded(tmp_path, gateway=text, other=other)
    drawn = mermaid(library, library.flows["gateway"])
    assert drawn.startswith("flowchart TD\n")
    assert '  subgraph step_whose["whose"]' in drawn
    assert '    node_gateway_whose["Who wrote the answer?"]' in drawn
    assert '    node_gateway_listening{{"Does anything listen?"}}' in drawn
    assert '  node_gateway_whose ==>|"bad-gateway"| node_gateway_listening' in drawn
    assert '  node_gateway_whose -->|"otherwise"| finish' in drawn
    assert '  node_gateway_whose -.->|"unknown"| node_other_whose' in drawn
    assert '  node_other_whose[["other/whose"]]' in drawn


def test_mermaid_escapes_what_would_break_it(tmp_path: Path) -> None:
    text = FLOW.replace("Who wrote the answer?", "'Is \"it\" <b> `x` #1?'")
    library = loaded(tmp_path, gateway=text)
    drawn = mermaid(library, library.flows["gateway"])
    assert "Is #quot;it#quot; #lt;b#gt; #96;x#96; #35;1?" in drawn


def test_a_condition_in_words() -> None:
    condition = All(
        (
            Compare("dial.outcome", "is", "refused"),
            AnyOf((Compare("a.x", "known", False), Compare("a.y", "lacks", fact="server.port"))),
            Not(All((Compare("a.ok", "is", True), Compare("a.z", "in", [502, 504])))),
        )
    )
    assert in_words(condition) == (
        "dial.outcome is refused and (a.x is not known or a.y lacks server.port) "
        "and not (a.ok is yes and a.z is one of 502, 504)"
    )


def test_what_only_the_logic_needs_is_not_said() -> None:
    guard, asked = Compare("a.x", "known", True), Compare("a.x", "is", False)
    assert in_words(All((guard, asked))) == "a.x is no"
    assert in_words(AnyOf((All((guard, asked)), guard))) == "a.x is no or a.x is known"
    assert in_words(All((Compare("a.x", "known", False), Compare("b.x", "is", 1)))) == (
        "a.x is not known and b.x is 1"
    )
