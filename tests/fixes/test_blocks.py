"""Whole blocks put into a configuration: every other byte stays."""

from __future__ import annotations

import pytest

from wizard.fixes import blocks
from wizard.fixes.edits import EditError

SITE = """\
# the shop
server {
    listen 80;

    location / {
        proxy_pass http://127.0.0.1:3000;
    }
}
"""
BLOCK = "location = /x {\n    return 200;\n}\n"


def test_a_block_becomes_the_last_of_another_with_its_indentation() -> None:
    edited = blocks.last(SITE, 2, BLOCK, within="server")
    assert edited == SITE[:-2] + "\n    location = /x {\n        return 200;\n    }\n}\n"


def test_a_block_stands_before_another_with_an_empty_line_between() -> None:
    edited = blocks.before(SITE, 2, "upstream a {\n    server b;\n}")
    assert edited == SITE.replace("server {", "upstream a {\n    server b;\n}\n\nserver {", 1)


def test_line_ends_and_tabs_of_the_file_are_kept() -> None:
    site = "http {\r\n\tserver {\r\n\t\tlisten 80;\r\n\t}\r\n}\r\n"
    edited = blocks.last(site, 2, "location /x {\n}")
    assert edited == site.replace(
        "listen 80;\r\n", "listen 80;\r\n\r\n\t\tlocation /x {\r\n\t\t}\r\n"
    )
    edited = blocks.before(site, 2, "upstream a {\n}")
    assert edited == site.replace("\tserver {", "\tupstream a {\r\n\t}\r\n\r\n\tserver {")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("server { listen 80; }\n", 1),
        ("server {\n    listen 80; }\n", 1),
        ("server {\n    listen 80;\n}\n", 2),
        ("server {\n", 1),
    ],
)
def test_what_cannot_be_spliced_is_refused(text: str, line: int) -> None:
    with pytest.raises(EditError):
        blocks.last(text, line, BLOCK)


def test_nothing_is_put_before_a_block_that_does_not_begin_its_line() -> None:
    with pytest.raises(EditError):
        blocks.before("http { server {\n}\n}\n", 1, BLOCK, within="server")
