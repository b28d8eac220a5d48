from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.small import CAUSES, FLOW, LOOKS, loaded
from wizard.flows.checks import check


def problems(folder: Path, **files: str) -> list[str]:
    return [each.message for each in check(loaded(folder, **files))]


def test_the_small_world_is_good(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "gateway",
            changed(FLOW, "goto: listening", "goto: end"),
            "node `gateway/listening` is never reached",
        ),
        (
            "gateway",
            changed(FLOW, "    unknown: end\n", ""),
            "node `gateway/whose` has no `unknown`",
        ),
        (
            "gateway",
            changed(FLOW, "        finding: nothing-listens\n", ""),
            "no rule finds `nothing-listens`",
        ),
        (
            "causes",
            changed(CAUSES, "    about: The proxy wrote it.\n", ""),
            "cause `bad-gateway` lacks `about`",
        ),
        (
            "causes",
            changed(CAUSES, "    proposals:\n", "    proposals: []\n    prevent:\n").replace(
                "      - {kind: command", "      - x #"
            ),
            "cause `nothing-listens` lacks `proposals`",
        ),
        (
            "causes",
            changed(CAUSES, "    verify: curl -w '%{{http_code}}' {incident.url}\n", ""),
            "cause `nothing-listens` lacks `verify`",
        ),
        (
            "causes",
            changed(CAUSES, "{bad-gateway: it", "{good-gateway: it"),
            "unknown look-alike `good-gateway` of `nothing-listens`",
        ),
        (
            "causes",
            changed(CAUSES, "    explains: [bad-gateway]\n", ""),
            "`nothing-listens` explains no symptom, directly or not",
        ),
        (
            "causes",
            changed(
                CAUSES, "    kind: symptom\n", "    kind: symptom\n    explains: [bad-gateway]\n"
            ),
            "`bad-gateway` explains itself",
        ),
        (
            "looks",
            LOOKS + '  spare:\n    use: http.front\n    with: {url: "{incident.url}"}\n',
            "look `spare` is never used",
        ),
        (
            "gateway",
            changed(
                FLOW, "finding: bad-gateway", "finding: [bad-gateway, nothing-listens]"
            ).replace("        finding: nothing-listens\n", ""),
            "`dial.outcome` is asked once a server",
        ),
    ],
)
def test_a_problem_is_found(tmp_path: Path, name: str, text: str, message: str) -> None:
    assert message in problems(tmp_path, **{name: text})


def test_known_and_looked_are_never_unknown(tmp_path: Path) -> None:
    text = changed(FLOW, "    unknown: end\n", "").replace(
        "{front.status|gte: 500}", "{front.looked: present, found.causes|lacks: bad-gateway}"
    )
    assert problems(tmp_path, gateway=text) == []


def test_a_look_that_another_used_look_needs_is_used(tmp_path: Path) -> None:
    text = LOOKS.replace('  route:\n    use: proxy.route\n    with: {url: "{incident.url}"}',
        '  base:\n    use: http.front\n    with: {url: "{incident.url}"}\n'
        '  route:\n    use: proxy.route\n    with: {url: "{base.text}"}')  # fmt: skip
    assert problems(tmp_path, looks=text) == []


def test_a_fact_that_is_asked_whether_it_is_known_is_in_no_doubt(tmp_path: Path) -> None:
    text = changed(FLOW, "    unknown: end\n", "")
    for when in (
        "{front.ok|known: true, any: [{front.ok: true}, {not: {front.ok: false}}]}",
        "{any: [{front.ok|known: false}, {front.ok: true}]}",
    ):
        guarded = text.replace("{front.status|gte: 500}", when)
        assert problems(tmp_path, gateway=guarded) == [], when
    for when in (
        "{front.ok|known: false, front.ok: true}",
        "{front.ok|known: true, front.status: 502}",
        "{any: [{front.ok|known: true}, {front.ok: true}]}",
    ):
        doubtful = text.replace("{front.status|gte: 500}", when)
        assert problems(tmp_path, gateway=doubtful) == ["node `gateway/whose` has no `unknown`"]
