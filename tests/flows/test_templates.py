from __future__ import annotations

import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.small import Known
from wizard.flows.templates import TemplateError, fill, holes, parameter
from wizard.model.route import Place, Server

NOON = time.mktime((2026, 3, 14, 12, 0, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("refused", "refused"),
        (3000, "3000"),
        (0.000213, "0.000213"),
        (1.23456, "1.23"),
        (60.0, "60"),
        (123456.7, "123457"),
        (True, "yes"),
        (False, "no"),
        ([3000, 3001], "3000, 3001"),
        ([], ""),
        ({"502": 3, "200": 1}, "502=3, 200=1"),
        (Place("/etc/nginx/shop.conf", 12), "/etc/nginx/shop.conf:12"),
        ({"file": "/etc/nginx/shop.conf", "line": 12}, "/etc/nginx/shop.conf:12"),
        (Server(name="127.0.0.1:3000"), "127.0.0.1:3000"),
        ({"name": "127.0.0.1:3000", "port": 3000}, "127.0.0.1:3000"),
    ],
)
def test_a_value_is_shown_as_a_person_writes_it(value: object, text: str) -> None:
    assert fill("{a.x}", Known(a__x=value)).text == text


def test_an_unknown_fact_stands_as_a_question_mark_and_is_named() -> None:
    filled = fill("{a.x} asks {server.port}", Known(a__x="shop"))
    assert filled == ("shop asks ?", ("server.port",))


def test_doubled_braces_are_literal() -> None:
    assert fill("-w '%{{http_code}}' {a.x}", Known(a__x=1)).text == "-w '%{http_code}' 1"


def test_times_are_local_and_have_a_date_when_they_are_not_of_today() -> None:
    facts = Known(incident__started=NOON, a__last_at=NOON - 60, b__since=NOON - 86400 * 3)
    assert fill("{a.last_at}", facts).text == "11:59:00"
    assert fill("{b.since}", facts).text == "2026-03-11 12:00:00"


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (0, "0 s ago"),
        (119, "119 s ago"),
        (120, "2 min ago"),
        (7200, "2 h ago"),
        (86400 * 2, "2 days ago"),
        (-3, "0 s ago"),
    ],
)
def test_ago_counts_from_the_beginning_of_the_walk(gone: float, text: str) -> None:
    facts = Known(incident__started=NOON, a__last_at=NOON - gone)
    assert fill("{a.last_at|ago}", facts).text == text


def test_seconds_are_shown_as_milliseconds() -> None:
    assert fill("{a.seconds|ms} ms", Known(a__seconds=0.00021349)).text == "0.213 ms"
    assert fill("{a.seconds|ms} ms", Known(a__seconds=60.002)).text == "60000 ms"


@given(st.text())
def test_a_shell_reads_a_quoted_value_as_one_word(value: str) -> None:
    filled = fill("cat {a.x|sh}", Known(a__x=value))
    assert shlex.split(filled.text) == ["cat", value]


@given(st.text())
def test_any_text_can_be_written_with_doubled_braces(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), Known()).text == text


def test_a_parameter_that_is_one_hole_keeps_its_type() -> None:
    server = Server(name="127.0.0.1:3000")
    facts = Known(server=server, server__port=3000)
    assert parameter("{server}", facts) == (server, ())
    assert parameter("{server.port}", facts) == (3000, ())
    assert parameter("http://[::1]:{server.port}/", facts) == ("http://[::1]:3000/", ())
    assert parameter(5, facts) == (5, ())
    assert parameter(None, facts) == (None, ())


def test_a_parameter_without_its_fact_is_none_and_says_what_it_misses() -> None:
    assert parameter("{server}", Known()) == (None, ("server",))
    assert parameter("port {server.port}", Known()) == (None, ("server.port",))


@pytest.mark.parametrize("template", ["{", "}", "a {b", "{}", "{a.x|hex}", "{a.x|}", "{a x}"])
def test_a_template_that_cannot_be_read_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        holes(template)


def test_text_from_outside_is_not_read_as_a_template_again() -> None:
    assert fill("{a.x}", Known(a__x="{b.y} }{")).text == "{b.y} }{"
