from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.small import Known
from wizard.flows.conditions import (
    OPERATORS,
    All,
    AnyOf,
    Compare,
    Condition,
    Not,
    both,
    either,
    evaluate,
    opposite,
    paths,
)
from wizard.model.finding import Truth

TRUTHS = st.sampled_from(["true", "false", "unknown"])
FIELDS = ["a.x", "a.y", "b.x", "b.y"]


@pytest.mark.parametrize(
    ("operator", "actual", "wanted", "truth"),
    [
        ("is", "refused", "refused", "true"),
        ("is", "refused", "connected", "false"),
        ("is", False, False, "true"),
        ("not", 3, 4, "true"),
        ("not", 3, 3, "false"),
        ("gt", 2, 1, "true"),
        ("gt", 1, 1, "false"),
        ("gte", 1, 1, "true"),
        ("gte", 0.5, 1, "false"),
        ("lt", 0.2, 1, "true"),
        ("lt", 1, 1, "false"),
        ("lte", 1, 1, "true"),
        ("lte", 2, 1, "false"),
        ("in", 502, [502, 504], "true"),
        ("in", 200, [502, 504], "false"),
        ("contains", ["a", "b"], "b", "true"),
        ("contains", ["a", "b"], "c", "false"),
        ("contains", "connection refused", "refused", "true"),
        ("contains", {"502": 3}, "502", "true"),
        ("contains", [], "c", "false"),
        ("lacks", ["a", "b"], "c", "true"),
        ("lacks", "text", "ex", "false"),
        ("matches", "upstream timed out (110)", r"\(1\d+\)$", "true"),
        ("matches", "well", "^ill", "false"),
        ("matches", ["502=/50x.html", "404"], "^502=", "true"),
        ("known", 0, True, "true"),
        ("known", False, False, "false"),
        ("known", "", True, "true"),
    ],
)
def test_an_operator_compares(operator: Any, actual: Any, wanted: Any, truth: Truth) -> None:
    weighing = evaluate(Compare("a.x", operator, wanted), Known(a__x=actual))
    assert weighing.truth == truth


@pytest.mark.parametrize("operator", [each for each in OPERATORS if each != "known"])
def test_a_missing_fact_makes_every_comparison_unknown(operator: Any) -> None:
    compare = Compare("a.x", operator, ["1"] if operator == "in" else "1")
    assert evaluate(compare, Known()).truth == "unknown"
    assert evaluate(compare, Known(a__x=None)).truth == "unknown"


@pytest.mark.parametrize("operator", [each for each in OPERATORS if each != "known"])
def test_a_missing_fact_on_the_right_makes_it_unknown(operator: Any) -> None:
    weighing = evaluate(Compare("a.x", operator, fact="b.x"), Known(a__x="1"))
    assert weighing.truth == "unknown"


def test_known_is_never_unknown() -> None:
    assert evaluate(Compare("a.x", "known", True), Known()).truth == "false"
    assert evaluate(Compare("a.x", "known", False), Known(a__x=None)).truth == "true"


def test_a_fact_of_another_type_than_declared_says_nothing() -> None:
    assert evaluate(Compare("a.x", "gt", 1), Known(a__x="many")).truth == "unknown"
    assert evaluate(Compare("a.x", "contains", "y"), Known(a__x=3)).truth == "unknown"


def test_two_facts_are_compared() -> None:
    condition = Compare("owner.ports", "lacks", fact="server.port")
    assert evaluate(condition, Known(owner__ports=[3001], server__port=3000)).truth == "true"
    assert evaluate(condition, Known(owner__ports=[3000], server__port=3000)).truth == "false"


def test_every_comparison_is_kept_in_order_with_what_it_compared() -> None:
    condition = All(
        (
            Compare("dial.outcome", "is", "refused"),
            Not(Compare("owner.found", "is", True)),
            AnyOf((Compare("a.x", "gt", fact="a.y"), Compare("dial.seconds", "lt", 1))),
        )
    )
    weighing = evaluate(condition, Known(dial__outcome="connected", dial__seconds=0.25))
    assert weighing.truth == "false"
    assert [
        (each.field, each.operator, each.wanted, each.actual, each.holds, each.evidence)
        for each in weighing.comparisons
    ] == [
        ("dial.outcome", "is", "refused", "connected", "false", "e1"),
        ("owner.found", "is", "yes", "unknown", "unknown", None),
        ("a.x", "gt", "a.y (unknown)", "unknown", "unknown", None),
        ("dial.seconds", "lt", "1", "0.25", "true", "e1"),
    ]


def test_the_paths_of_a_condition_are_both_sides_once() -> None:
    condition = AnyOf(
        (Compare("a.x", "is", 1), Not(Compare("b.x", "is", fact="a.y")), Compare("a.x", "gt", 0))
    )
    assert paths(condition) == ("a.x", "b.x", "a.y")


def conditions() -> st.SearchStrategy[Condition]:
    leaf = st.builds(Compare, st.sampled_from(FIELDS), st.just("is"), st.booleans())
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        ),
        max_leaves=8,
    )


def known() -> st.SearchStrategy[Known]:
    values = st.fixed_dictionaries(
        {field: st.sampled_from([True, False, None]) for field in FIELDS}
    )
    return values.map(lambda facts: Known(**{k.replace(".", "__"): v for k, v in facts.items()}))


@given(TRUTHS, TRUTHS, TRUTHS)
def test_kleenes_laws(one: Truth, two: Truth, three: Truth) -> None:
    assert both([one, two]) == both([two, one])
    assert either([one, two]) == either([two, one])
    assert both([one, both([two, three])]) == both([one, two, three])
    assert either([one, either([two, three])]) == either([one, two, three])
    assert opposite(opposite(one)) == one
    assert opposite(both([one, two])) == either([opposite(one), opposite(two)])
    assert both([one, either([two, three])]) == either([both([one, two]), both([one, three])])
    assert both([one, "true"]) == one
    assert either([one, "false"]) == one
    assert both([one, "false"]) == "false"
    assert either([one, "true"]) == "true"
    assert both([]) == "true"
    assert either([]) == "false"


@given(conditions(), known(), st.sampled_from(FIELDS))
def test_losing_a_fact_never_turns_true_into_false(
    condition: Condition, facts: Known, lost: str
) -> None:
    """What is decided without a fact stays decided the same way whatever the fact is."""
    before = evaluate(condition, facts).truth
    less = Known(**{k.replace(".", "__"): v for k, v in facts.facts.items() if k != lost})
    after = evaluate(condition, less).truth
    assert after in (before, "unknown")


@given(conditions(), known())
def test_all_known_facts_decide_every_condition(condition: Condition, facts: Known) -> None:
    full = {k.replace(".", "__"): bool(v) for k, v in facts.facts.items()}
    assert evaluate(condition, Known(**full)).truth != "unknown"


@given(conditions(), known())
def test_de_morgan_holds_for_whole_conditions(condition: Condition, facts: Known) -> None:
    denied = Not(AnyOf((condition, condition)))
    spread = All((Not(condition), Not(condition)))
    assert evaluate(denied, facts).truth == evaluate(spread, facts).truth


@given(conditions())
def test_a_condition_survives_the_cache(condition: Condition) -> None:
    packed = msgspec.msgpack.encode(condition)
    assert msgspec.msgpack.decode(packed, type=Condition) == condition
