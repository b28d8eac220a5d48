"""Edits by splice: the intended directive changes, every other byte stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import crossplane
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wizard.fixes.edits import EditError, put_above, put_in, quoted, remove, replace_in, set_in
from wizard.fixes.nginx_text import TextError, directives, every

SITE = """\
server {
    listen 80;  # the front door
    server_name shop.example.com;

    location / {
        proxy_pass http://127.0.0.1:3000;  # not 127.0.0.1:30001
        proxy_set_header Host $host;
    }
    location = /one { proxy_pass http://127.0.0.1:3000/one; }
    location /empty {
    }
}
"""


def test_an_address_is_replaced_where_it_stands() -> None:
    assert replace_in(SITE, 6, "127.0.0.1:3000", "127.0.0.1:3001") == SITE.replace(
        "http://127.0.0.1:3000;", "http://127.0.0.1:3001;"
    )
    assert replace_in(SITE, 9, "127.0.0.1:3000", "unix:/run/a.sock").count("unix:/run/a.sock") == 1


def test_a_part_of_an_address_is_not_the_address() -> None:
    with pytest.raises(EditError, match="stands not in line 6"):
        replace_in(SITE, 6, "127.0.0.1:300", "127.0.0.1:3001")
    with pytest.raises(EditError, match="stands not in line 6"):
        replace_in(SITE, 6, "0.0.1:3000", "127.0.0.1:3001")


def test_a_directive_is_added_behind_the_others_of_its_block() -> None:
    edited = set_in(SITE, 5, "proxy_read_timeout", "120s")
    assert edited == SITE.replace(
        "Host $host;\n", "Host $host;\n        proxy_read_timeout 120s;\n"
    )


def test_a_header_that_is_set_gets_the_new_value_and_no_second_line() -> None:
    assert put_in(SITE, 5, "proxy_set_header", "host", "$http_host") == SITE.replace(
        "proxy_set_header Host $host;", "proxy_set_header host $http_host;"
    )


def test_a_further_header_brings_nothing_along_where_the_block_has_its_own() -> None:
    edited = put_in(
        SITE, 5, "proxy_set_header", "Upgrade", "$up", inherited=["proxy_set_header A b;"]
    )
    assert edited == SITE.replace(
        "Host $host;\n", "Host $host;\n        proxy_set_header Upgrade $up;\n"
    )


def test_the_first_header_of_a_block_brings_the_inherited_ones_along() -> None:
    outer = ['proxy_set_header Connection "";', "proxy_set_header Host shop;"]
    edited = put_in(SITE, 10, "proxy_set_header", "Host", "$host", inherited=outer)
    assert edited == SITE.replace(
        "/empty {\n",
        '/empty {\n        proxy_set_header Connection "";\n        proxy_set_header Host $host;\n',
    )


def test_lines_above_a_block_have_its_indentation() -> None:
    edited = put_above(SITE, 10, "# nothing\n# here\n", within="location")
    assert edited == SITE.replace(
        "    location /empty", "    # nothing\n    # here\n    location /empty"
    )
    with pytest.raises(EditError, match="does not begin its line"):
        put_above("events {} server {}", 1, "x;", within="server")


def test_a_directive_that_is_there_is_changed() -> None:
    assert set_in(SITE, 1, "listen", "8080") == SITE.replace("listen 80;", "listen 8080;")


def test_a_block_on_one_line_stays_on_one_line() -> None:
    edited = set_in(SITE, 9, "proxy_http_version", "1.1")
    assert (
        "location = /one { proxy_pass http://127.0.0.1:3000/one; proxy_http_version 1.1; }\n"
        in (edited)
    )


def test_an_empty_block_gets_its_first_line() -> None:
    assert "location /empty {\n        return 204;\n    }" in set_in(SITE, 10, "return", "204")


def test_what_stands_alone_goes_with_its_line() -> None:
    assert remove(SITE, 7, "proxy_set_header") == SITE.replace(
        "        proxy_set_header Host $host;\n", ""
    )
    assert "location = /one { }" in remove(SITE, 9, "proxy_pass")


def test_line_ends_and_a_missing_last_one_are_kept() -> None:
    windows = SITE.replace("\n", "\r\n")
    assert "\r\n        proxy_buffering off;\r\n" in set_in(windows, 5, "proxy_buffering", "off")
    assert set_in("worker_processes 1;", None, "pid", "/run/x.pid") == (
        "worker_processes 1;\npid /run/x.pid;"
    )


def test_more_of_the_configuration_on_the_same_line_is_not_run_into() -> None:
    crowded = (
        "http { upstream a { server b:1; }\n"
        "  server { listen 80; location / { return 204; }\n"
        "  }\n}\n"
    )
    edited = set_in(crowded, 2, "server_name", "x", within="server")
    server = next(
        each for each in every(directives(edited)) if each.name == "server" and each.block
    )
    assert [each.name for each in server.block.inside] == ["listen", "server_name", "location"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "word"),
    [("a", "a"), ("a b", '"a b"'), ('x"y', '"x\\"y"'), ("${a}b", "${a}b"), ("", '""'),
     ("a;b", '"a;b"')],
)  # fmt: skip
def test_values_are_quoted_where_they_must(value: str, word: str) -> None:
    assert quoted(value) == word
    [directive] = directives(f"set $x {word};")
    assert directive.words[2].value == value


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_a_value_with_a_line_end_is_refused(value: str) -> None:
    with pytest.raises(EditError):
        quoted(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [("server {", "not closed"), ("a 'b;", "not closed"), ("}", "unexpected"), ("a b", "no `;`")],
)
def test_what_is_no_configuration_says_where(text: str, words: str) -> None:
    with pytest.raises(TextError, match=words):
        directives(text)
    with pytest.raises(EditError, match="cannot be read"):
        set_in(text, None, "pid", "x")


def test_a_block_of_lua_is_passed_over() -> None:
    text = "location / { content_by_lua_block { local t = {a=1}; } proxy_pass http://a; }"
    assert [each.name for each in every(directives(text))] == [
        "location", "content_by_lua_block", "proxy_pass",
    ]  # fmt: skip


# ---------------------------------------------------------------- any file, any directive
WORDS = st.sampled_from(
    [
        "a",
        "80",
        "$host",
        "${host}x",
        '"q w"',
        "'s;q'",
        r"back\ slash",
        '"a\\"b"',
        "~*\\.php$",
        "#no",
    ]
)
COMMENT = st.sampled_from(["", " # why", '  # { } ; "', "\t#"])
LINE_END = st.sampled_from(["\n", "\r\n", "\n\n"])


@st.composite
def configurations(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(["alpha", "beta", "gamma", "delta"]))
        arguments = " ".join(w for w in draw(st.lists(WORDS, max_size=3)) if w != "#no")
        indent = draw(st.sampled_from(["", "  ", "\t", "    "]))
        head = f"{indent}{name} {arguments}".rstrip()
        end = draw(COMMENT) + draw(LINE_END)
        if depth and draw(st.booleans()):
            inner = draw(configurations(depth=depth - 1))
            opening = draw(st.sampled_from(["\n", "\r\n", " # open\n"]))
            parts.append(f"{head} {{{opening}{inner}{indent}}}{end}")
        else:
            parts.append(f"{head};{end}")
    return "".join(parts)


def parsed(tmp: Path, text: str) -> list[dict[str, Any]]:
    path = tmp / "nginx.conf"
    path.write_bytes(text.encode())
    payload = crossplane.parse(str(path), single=True, check_ctx=False, check_args=False)
    assert payload["errors"] == []
    statements: list[dict[str, Any]] = payload["config"][0]["parsed"]
    return statements


def flat(statements: list[dict[str, Any]], above: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for each in statements:
        key = (*above, each["directive"])
        found.append((key, tuple(each["args"])))
        found += flat(each.get("block", []), key)
    return found


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=configurations(), data=st.data())
def test_only_the_intended_directive_differs(
    tmp_path: Path, text: str, data: st.DataObject
) -> None:
    before = flat(parsed(tmp_path, text))
    blocks = [each for each in every(directives(text)) if each.block is not None]
    by_line: dict[int, int] = {}
    for each in blocks:
        by_line[each.line] = by_line.get(each.line, 0) + 1
    lines = [None, *(line for line, count in by_line.items() if count == 1)]
    line = data.draw(st.sampled_from(lines))
    edited = set_in(text, line, "omega", "1", "two words")
    after = flat(parsed(tmp_path, edited))
    [added] = [each for each in after if each[0][-1] == "omega"]
    assert added[1] == ("1", "two words")
    assert [each for each in after if each[0][-1] != "omega"] == before
    assert _without(edited, 'omega 1 "two words";') == _without(text, "")
    [place] = [each.line for each in every(directives(edited)) if each.name == "omega"]
    assert flat(parsed(tmp_path, remove(edited, place, "omega"))) == before


def _without(text: str, statement: str) -> str:
    """The text without the statement and without blanks: all other bytes are those of before."""
    left = text.replace(statement, "", 1) if statement else text
    return "".join(left.split())


def test_a_directive_is_changed_on_its_own_line() -> None:
    edited = set_in(SITE, 7, "proxy_set_header", "Host", "shop.internal")
    assert edited == SITE.replace("Host $host;", "Host shop.internal;")


def test_an_argument_is_left_out() -> None:
    pool = "upstream a { server 10.0.0.1:80 down; server 10.0.0.2:80 down; }\n"
    group = "upstream a {\n    server 10.0.0.1:80 down;  # not down for long\n}\n"
    assert replace_in(group, 2, "down", "") == group.replace(" down;", ";")
    with pytest.raises(EditError, match="stands 2 times"):
        replace_in(pool, 1, "down", "")
    with pytest.raises(EditError, match="no argument that can be left out"):
        replace_in(SITE, 6, "http://", "")
