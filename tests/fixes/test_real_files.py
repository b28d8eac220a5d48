"""Every directive of the lab's configurations, edited; the diffs are taken by real tools."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import crossplane
import pytest
import yaml

from wizard.fixes.edits import EditError, add_in, remove, replace_in, set_in
from wizard.fixes.nginx_text import Directive, directives, every
from wizard.fixes.patch import unified
from wizard.model.masking import mask
from wizard.model.text import clean

CASES = Path(__file__).parents[1] / "lab/cases"


def lab_files() -> list[str]:
    """The different nginx files of all cases, by their text."""
    found = set()
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader):
            for name, file in (case.get("files") or {}).items():
                text = file.get("text") if isinstance(file, dict) else file
                is_nginx = "/nginx/" in name and name.endswith((".conf", "/default"))
                if is_nginx and text:
                    found.add(text)
    return sorted(found)


VARIANTS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "tabs": lambda text: text.replace("    ", "\t").replace("  ", "\t"),
    "no newline at the end": lambda text: text.rstrip("\n"),
    "latin-1": lambda text: "# caf\udce9 \udcff\n" + text,
    "BOM": lambda text: "\ufeff" + text,
    "one line": lambda text: " ".join(text.split()) if "#" not in text else text,
    "comments between": lambda text: text.replace(";\n", "; # { ' ;\n").replace("{\n", "{ # }\n"),
}


def tree(folder: Path, text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every directive with those above it, as crossplane reads it."""
    path = folder / "nginx.conf"
    path.write_bytes(as_bytes(text.removeprefix("\ufeff")))
    payload = crossplane.parse(
        str(path), single=True, check_ctx=False, check_args=False, comments=False
    )
    assert payload["errors"] == [], (payload["errors"], text)
    return list(flat(payload["config"][0]["parsed"]))


def flat(parsed: list[dict[str, Any]], above: tuple[str, ...] = ()) -> Iterator[Any]:
    for each in parsed:
        here = (*above, " ".join([each["directive"], *each["args"]]) if "block" in each else "")
        yield above, (each["directive"], *each["args"])
        yield from flat(each.get("block", []), here)


class Edit(NamedTuple):
    """One way to change a directive, with the place of what goes and what comes instead."""

    what: str
    make: Callable[[], str]
    start: int
    end: int
    new: str


def edits(text: str, directive: Directive) -> Iterator[Edit]:
    """All that may be done with a directive."""
    line, name, start = directive.line, directive.name, directive.start
    if directive.block is None:
        yield Edit("remove", partial(remove, text, line, name), start, directive.end, "")
        for word in directive.words[1:]:
            old = text[word.start : word.end].strip("\"'")
            at = text.find(old, word.start)
            if old:
                change = partial(replace_in, text, line, old, "was-here")
                yield Edit("replace", change, at, at + len(old), "was-here")
        return
    inside = partial(set_in, text, line, within=name)
    yield Edit("add", partial(inside, "wizard", "was", "he re"), 0, 0, 'wizard was "he re";')
    beside = partial(add_in, text, line, "wizard", "$was;", within=name)
    yield Edit("add", beside, 0, 0, 'wizard "$was;";')
    for inner in directive.block.inside:
        if inner.block is None:
            new = f"{inner.name} w;"
            yield Edit("change", partial(inside, inner.name, "w"), inner.start, inner.end, new)


COMES_AND_GOES = {"remove": (1, 0), "replace": (1, 1), "add": (0, 1), "change": (1, 1)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_intended_directive_differs(tmp_path: Path, variant: str) -> None:
    """By the number of directives that go and come, and by every byte that is not theirs."""
    made = 0
    for source in lab_files()[:: 1 if variant == "as it is" else 6]:
        text = VARIANTS[variant](source)
        before = Counter(tree(tmp_path, text))
        found = list(every(directives(text)))
        assert len(found) == sum(before.values())
        for edit in (each for directive in found for each in edits(text, directive)):
            try:
                edited = edit.make()
            except EditError:
                continue
            made += 1
            after = Counter(tree(tmp_path, edited))
            counts = sum((before - after).values()), sum((after - before).values())
            same = text[edit.start : edit.end] == edit.new
            assert counts == (COMES_AND_GOES[edit.what] if not same else (0, 0)), (edit, edited)
            assert_elsewhere_equal(text, edited, edit)
    assert made > 50


def assert_elsewhere_equal(text: str, edited: str, edit: Edit) -> None:
    """Every other byte is where it was; blanks may come with a line, and go with one."""
    if edit.what in ("replace", "change"):
        assert edited == text[: edit.start] + edit.new + text[edit.end :]
        return
    short, long = sorted((text, edited), key=len)
    same = _alike(short, long) + _alike(short[::-1], long[::-1])
    assert same >= len(short), edit
    moved = edit.new or text[edit.start : edit.end]
    assert len(long) - len(short) - len(moved) == _blanks(long) - _blanks(short) - _blanks(moved)


def _alike(short: str, long: str) -> int:
    pairs = enumerate(zip(short, long, strict=False))
    return next((at for at, (one, other) in pairs if one != other), len(short))


def _blanks(text: str) -> int:
    return sum(text.count(blank) for blank in " \t\r\n")


NAMES = (
    *("site.conf", "with blank.conf", 'qu"ote.conf', "back\\slash.conf"),
    *("-dash.conf", "é.conf", "$(x);.conf"),
)
TOOLS = (["patch", "-p0", "-s", "-d", "."], ["git", "apply", "-p0"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tool", TOOLS)
def test_the_diff_is_taken_by_real_tools(tmp_path: Path, name: str, tool: list[str]) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    number = 0
    for variant in VARIANTS.values():
        for source in lab_files()[::25]:
            text = variant(source)
            blocks = (each for each in every(directives(text)) if each.block is not None)
            block = next(blocks, None)
            if block is None:
                continue
            try:
                edited = set_in(text, block.line, "wizard", "was-here", within=block.name)
            except EditError:
                continue
            number += 1
            file = tmp_path / "etc/nginx" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(as_bytes(text))
            diff = unified(f"/etc/nginx/{name}", text, edited)
            assert mask(clean(diff)) == diff
            for back, wanted in ([], edited), (["-R"], text):
                subprocess.run([*tool, *back], input=as_bytes(diff), cwd=tmp_path, check=True)
                assert file.read_bytes() == as_bytes(wanted)
    assert number > 10


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def test_a_secret_beside_the_change_is_left_out_of_the_diff() -> None:
    site = "a;\nproxy_set_header Authorization 'Basic c2VjcmV0OnNlY3JldA==';\nb;\nc;\nd;\n"
    diff = unified("/etc/nginx/site", site, site.replace("c;", "changed;"))
    assert "Authorization" not in diff
    assert mask(clean(diff)) == diff
    changed = unified("/etc/nginx/site", site, site.replace("proxy_set", "fastcgi_set"))
    assert "c2VjcmV0" not in changed


def test_two_statements_on_a_line_are_told_apart_by_what_stands_in_them() -> None:
    line = "location / { proxy_pass http://127.0.0.1:3000; proxy_set_header Host $host; }"
    assert "http://127.0.0.1:3001;" in replace_in(line, 1, "127.0.0.1:3000", "127.0.0.1:3001")
