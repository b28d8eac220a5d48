from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.small import CATALOGUE, CAUSES, FLOW, LOOKS, loaded, mistakes, written
from wizard.flows import cache, document, sources
from wizard.flows.conditions import Compare
from wizard.flows.loading import load
from wizard.flows.mistakes import Mistakes
from wizard.flows.model import END, Library
from wizard.flows.sources import Folder
from wizard.model.route import Place


def test_a_flow_is_read_with_every_name_resolved(tmp_path: Path) -> None:
    library = loaded(tmp_path)
    whose, listening = library.flows["gateway"].nodes
    assert whose.key == "gateway/whose"
    assert whose.rules[0].when == Compare("front.status", "gte", 500)
    assert whose.rules[0].findings == ("bad-gateway",)
    assert whose.rules[0].goto == "gateway/listening"
    assert whose.rules[1].when is None
    assert whose.unknown is not None
    assert whose.unknown.goto == END
    assert listening.each == "route.servers"
    assert listening.unknown is not None
    assert listening.unknown.say == "No idea: {dial.outcome}"
    assert library.looks["dial"].each
    assert library.looks["dial"].needs == ("route",)
    assert library.looks["dial"].parameters == {"server": "{server}", "route": "{route}"}
    assert library.causes["nothing-listens"].proposals[0].do == "lasting"
    assert library.causes["bad-gateway"].statuses == (502,)
    assert library.node("gateway/listening") is listening


def test_every_entry_knows_its_line(tmp_path: Path) -> None:
    library = loaded(tmp_path)
    assert library.looks["dial"].place == Place("flows/looks.yaml", 8)
    assert library.causes["bad-gateway"].place == Place("flows/causes.yaml", 14)
    rule = library.flows["gateway"].nodes[0].rules[0]
    assert rule.place == Place("flows/gateway.yaml", 12)


def test_every_goto_leads_to_a_greater_number(tmp_path: Path) -> None:
    other = FLOW.replace("flow: gateway", "flow: other").replace("goto: listening", "goto: end")
    first = FLOW.replace(
        "        goto: end\n    unknown: end", "        goto: other/whose\n    unknown: other"
    )
    library = loaded(tmp_path, gateway=first, other=other)
    for flow in library.flows.values():
        for node in flow.nodes:
            for rule in node.rules:
                assert rule.goto == END or library.order[rule.goto] > library.order[node.key]
    assert list(library.order.values()) == [library.node(key).order for key in library.order]


def test_the_steps_come_in_their_order_where_the_gotos_leave_it_free(tmp_path: Path) -> None:
    other = FLOW.replace("flow: gateway", "flow: other")
    library = loaded(tmp_path, other=other)
    in_order = sorted(library.order, key=library.order.__getitem__)
    assert in_order == ["gateway/whose", "other/whose", "gateway/listening", "other/listening"]


def test_a_flow_may_hand_over_and_come_back_further_on(tmp_path: Path) -> None:
    first = FLOW.replace("goto: listening", "goto: other")
    other = FLOW.replace("flow: gateway", "flow: other").replace(
        "goto: listening", "goto: gateway/listening"
    )
    library = loaded(tmp_path, gateway=first, other=other)
    order = library.order
    assert order["gateway/whose"] < order["other/whose"] < order["gateway/listening"]


def test_a_later_folder_overrides_whole_entries_and_adds_to_them(tmp_path: Path) -> None:
    packaged = written(tmp_path / "packaged")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "own.yaml").write_text(
        "causes:\n"
        "  bad-gateway: {title: Our page, kind: symptom}\n"
        "  our-cause: {title: Ours, explains: [bad-gateway]}\n"
    )
    library = load(CATALOGUE, [packaged, Folder(tmp_path / "site", "/etc/site")])
    assert library.causes["bad-gateway"].title == "Our page"
    assert library.causes["bad-gateway"].statuses == ()
    assert library.causes["our-cause"].place == Place("/etc/site/own.yaml", 3)
    assert library.causes["nothing-listens"].title == "Nothing listens"


def test_a_later_folder_overrides_a_flow(tmp_path: Path) -> None:
    packaged = written(tmp_path / "packaged")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "gateway.yaml").write_text(FLOW.replace("Why it answers", "Our own why"))
    library = load(CATALOGUE, [packaged, Folder(tmp_path / "site", "/etc/site")])
    assert library.flows["gateway"].title == "Our own why 502"


EXTENSION = """\
extends: gateway
title: With our question
nodes:
  - id: listening
    step: connectivity
    ask: Does it listen, in our words?
    rules:
      - {say: On we go., goto: ours}
  - id: ours
    step: network
    ask: Is it our switch?
    rules:
      - {say: No., goto: end}
"""


def test_an_extension_replaces_and_appends_single_nodes(tmp_path: Path) -> None:
    library = loaded(tmp_path, ours=EXTENSION)
    flow = library.flows["gateway"]
    assert flow.title == "With our question"
    assert [node.id for node in flow.nodes] == ["whose", "listening", "ours"]
    assert flow.nodes[1].ask == "Does it listen, in our words?"
    assert flow.nodes[1].place.file == "flows/ours.yaml"


def test_an_extension_of_nothing_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes(tmp_path, ours=EXTENSION.replace("extends: gateway", "extends: gatway"))
    assert [(each.message, each.suggestion) for each in found] == [
        ("there is no flow `gatway` to extend", "did you mean `gateway`?")
    ]


def test_twice_the_same_in_one_folder_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes(tmp_path, again=FLOW)
    assert [(each.message, each.suggestion) for each in found] == [
        ("flow `gateway` stands twice", "first at flows/again.yaml:1")
    ]


def test_anchors_and_merges_save_writing(tmp_path: Path) -> None:
    text = LOOKS.replace("  front:\n", "  front: &front\n") + (
        "  front_again:\n    <<: *front\n    demand: true\n"
    )
    library = loaded(tmp_path, looks=text)
    assert library.looks["front_again"].use == "http.front"
    assert library.looks["front_again"].demand
    assert not library.looks["front"].demand


def test_words_and_odd_numbers_are_the_texts_they_look_like(tmp_path: Path) -> None:
    item = document.read("on: [no, 22:30, 0644, 1_000, 0x1f, 2026-01-01, .]", "f", Mistakes())
    assert item is not None
    values = [each.value for each in item.value["on"].value]
    assert values == ["no", "22:30", "0644", "1_000", "0x1f", "2026-01-01", "."]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "))
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | FINITE | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
        max_leaves=10,
    )
)
def test_what_json_writes_is_read_back(value: object) -> None:
    def plain(item: document.Item) -> object:
        if isinstance(item.value, dict):
            return {key: plain(each) for key, each in item.value.items()}
        if isinstance(item.value, list):
            return [plain(each) for each in item.value]
        return item.value

    found = Mistakes()
    item = document.read(json.dumps(value, ensure_ascii=False), "f", found)
    assert item is not None
    assert found.found == []
    assert plain(item) == value


def test_reading_is_the_same_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (LOOKS, CAUSES, FLOW):
        fast = document.read(text, "f", Mistakes())
        document._loader_type.cache_clear()
        with monkeypatch.context() as patch:
            patch.delattr(yaml, "CSafeLoader")
            slow = document.read(text, "f", Mistakes())
        document._loader_type.cache_clear()
        assert slow == fast


# The cache


def boom() -> object:
    raise AssertionError("the cache was not used")


def cached(folder: Folder, path: Path) -> Library:
    return load(boom, [folder], kept=path)  # type: ignore[arg-type]


def test_the_second_load_reads_no_yaml_and_asks_for_no_probes(tmp_path: Path) -> None:
    folder, kept = written(tmp_path / "flows"), tmp_path / "cache" / "library.msgpack"
    first = load(CATALOGUE, [folder], kept=kept)
    assert cached(folder, kept) == first
    assert [path.name for path in kept.parent.iterdir()] == ["library.msgpack"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    folder, kept = written(tmp_path / "flows"), tmp_path / "library.msgpack"
    load(CATALOGUE, [folder], kept=kept)
    stamp = (tmp_path / "flows" / "causes.yaml").stat()
    written(tmp_path / "flows", causes=CAUSES.replace("Nothing listens", "Nobody listens"))
    os.utime(tmp_path / "flows" / "causes.yaml", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    library = load(CATALOGUE, [folder], kept=kept)
    assert library.causes["nothing-listens"].title == "Nobody listens"


@pytest.mark.parametrize("damage", [b"", b"\n", b"x" * 100, b"\xc1" * 50])
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    folder, kept = written(tmp_path / "flows"), tmp_path / "library.msgpack"
    first = load(CATALOGUE, [folder], kept=kept)
    head = kept.read_bytes().partition(b"\n")[0]
    kept.write_bytes(head + b"\n" + damage)
    assert load(CATALOGUE, [folder], kept=kept) == first
    assert cached(folder, kept) == first


def test_a_cache_cut_at_any_byte_is_as_good_as_none(tmp_path: Path) -> None:
    folder, kept = written(tmp_path / "flows"), tmp_path / "library.msgpack"
    first = load(CATALOGUE, [folder], kept=kept)
    whole = kept.read_bytes()
    for end in range(0, len(whole), 97):
        kept.write_bytes(whole[:end])
        assert cache.read(kept, first.digest) is None


def test_a_cache_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to give a file away")
    folder, kept = written(tmp_path / "flows"), tmp_path / "library.msgpack"
    first = load(CATALOGUE, [folder], kept=kept)
    os.chown(kept, 65534, 65534)
    assert cache.read(kept, first.digest) is None


def test_root_leaves_no_file_in_a_persons_folder(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to give a folder away")
    folder, home = written(tmp_path / "flows"), tmp_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    load(CATALOGUE, [folder], kept=home / "library.msgpack")
    assert list(home.iterdir()) == []


def test_without_a_place_for_a_cache_the_library_is_loaded_all_the_same(tmp_path: Path) -> None:
    folder = written(tmp_path / "flows")
    (tmp_path / "file").write_text("")
    library = load(CATALOGUE, [folder], kept=tmp_path / "file" / "library.msgpack")
    assert "gateway" in library.flows


def test_mistakes_are_not_cached(tmp_path: Path) -> None:
    from wizard.flows.mistakes import FlowErrors

    folder, kept = written(tmp_path / "flows", causes="causes: []"), tmp_path / "library.msgpack"
    with pytest.raises(FlowErrors):
        load(CATALOGUE, [folder], kept=kept)
    assert not kept.exists()


def test_a_cached_start_imports_no_yaml(tmp_path: Path) -> None:
    folder, kept = written(tmp_path / "flows"), tmp_path / "library.msgpack"
    load(CATALOGUE, [folder], kept=kept)
    code = (
        "import sys; from pathlib import Path; from wizard.flows.loading import load;"
        "from wizard.flows.sources import Folder;"
        f"load(dict, [Folder(Path({str(folder.path)!r}), 'flows')], kept=Path({str(kept)!r}));"
        "print([name for name in ('yaml', 'difflib', 'httpx', 'wizard.flows.looks')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_release_may_bring_its_library_ready_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a wheel: `data/flows` beside `data/library.msgpack`, and no checkout around it."""
    package = tmp_path / "site-packages" / "wizard"
    folder = written(package / "data" / "flows")
    monkeypatch.setattr("wizard.__file__", str(package / "__init__.py"))
    library = load(CATALOGUE, [folder])
    cache.ship(cache.prebuilt(), library)
    assert cache.prebuilt() == package / "data" / "library.msgpack"
    kept = tmp_path / "never" / "library.msgpack"
    assert cached(folder, kept) == library
    assert not kept.exists()


def test_the_folders_are_the_packaged_the_sites_and_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "gateway-wizard" / "flows"
    user.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(sources, "SITE", tmp_path / "nowhere")
    assert sources.folders() == (
        Folder(sources.packaged(), "flows"),
        Folder(user, str(user)),
    )
