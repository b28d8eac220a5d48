"""Edits of INI files by splice: PHP-FPM's pools, uWSGI's files, systemd's units."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.fixes.edits import EditError
from wizard.fixes.ini_text import add_in, parsed, remove, set_in

POOL = """\
; the shop's pool
[www]
user = www-data
pm = dynamic
pm.max_children = 3   ; two more than in May
;request_terminate_timeout = 0
php_admin_value[memory_limit] = "128M"

[intranet]
pm.max_children=9
"""


def test_a_value_is_changed_and_its_comment_stays() -> None:
    assert set_in(POOL, "www", "pm.max_children", "6") == POOL.replace("= 3   ; two", "= 6   ; two")


def test_the_section_decides_which_of_two_is_meant() -> None:
    assert set_in(POOL, "intranet", "pm.max_children", "18") == POOL.replace("=9", "=18")


def test_a_setting_is_added_behind_the_others_as_they_are_written() -> None:
    edited = set_in(POOL, "www", "request_terminate_timeout", "120s")
    assert '"128M"\nrequest_terminate_timeout = 120s\n\n[intranet]' in edited
    assert set_in(POOL, "intranet", "user", "www-data").endswith("=9\nuser=www-data\n")


def test_a_quoted_value_is_changed_with_its_quotes() -> None:
    edited = set_in(POOL, "www", "php_admin_value[memory_limit]", "256M")
    assert edited == POOL.replace('"128M"', "256M")


def test_of_several_the_last_one_counts() -> None:
    twice = "[uwsgi]\nlisten = 10\nlisten = 20\n"
    assert set_in(twice, "uwsgi", "listen", "30") == "[uwsgi]\nlisten = 10\nlisten = 30\n"


def test_another_name_of_the_same_option_is_changed() -> None:
    text = "[uwsgi]\nb = 4096\n"
    assert set_in(text, "uwsgi", "buffer-size", "32768", same=["b"]) == "[uwsgi]\nb = 32768\n"


def test_line_ends_and_a_missing_last_one_are_kept() -> None:
    windows = POOL.replace("\n", "\r\n")
    assert set_in(windows, "www", "pm.max_children", "6") == windows.replace("= 3 ", "= 6 ")
    assert '"128M"\r\ngroup = shop\r\n\r\n' in add_in(windows, "www", "group", "shop")
    assert add_in("[uwsgi]\nmaster = true", "uwsgi", "listen", "9") == (
        "[uwsgi]\nmaster = true\nlisten = 9"
    )


def test_a_unit_goes_on_behind_a_backslash_and_has_no_comments_behind_values() -> None:
    unit = "[Service]\nExecStart=/usr/bin/x \\\n  --a ; b\nUser=app\n"
    _, settings = parsed(unit, continued=True)
    assert [each.value for each in settings] == ["/usr/bin/x \\\n  --a ; b", "app"]
    assert set_in(unit, "Service", "LimitNOFILE", "9", continued=True) == f"{unit}LimitNOFILE=9\n"


def test_what_is_no_section_or_no_plain_value_is_refused() -> None:
    with pytest.raises(EditError, match=r"no section \[shop\]"):
        set_in(POOL, "shop", "user", "x")
    for value in ("1; 2", "a\nb", "$(reboot)", '"', "%i", " x"):
        with pytest.raises(EditError, match="not a plain value"):
            set_in(POOL, "www", "user", value)


def test_a_setting_goes_with_its_line() -> None:
    assert remove(POOL, "www", "pm") == POOL.replace("pm = dynamic\n", "")
    with pytest.raises(EditError, match="stands 0 times"):
        remove(POOL, "www", "listen")


# ---------------------------------------------------------------- any file, any setting
KEYS = ["pm", "user", "listen.mode", "env[PATH]", "php_value[x]"]
LINE = st.one_of(
    st.sampled_from(["; a comment", "# another", "", "   ", ";user = x", "[not closed"]),
    st.builds(
        "{0}{1}{2}{3}{4}".format,
        st.sampled_from(["", " ", "\t"]),
        st.sampled_from(KEYS),
        st.sampled_from(["=", " = ", "\t= "]),
        st.sampled_from(["1", "a b", '"q ; w"', "/run/x.sock", "", "0660"]),
        st.sampled_from(["", " ; why", "   ;= [x]"]),
    ),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    sections = draw(st.lists(st.sampled_from(["www", "shop", "a b"]), unique=True, max_size=3))
    lines = draw(st.lists(st.sampled_from(["; top", ""]), max_size=2))
    for section in sections:
        lines += [f"[{section}]", *draw(st.lists(LINE, max_size=6))]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


def understood(text: str) -> dict[str, dict[str, str | None]]:
    """The settings by Python's own reader, to which an indent would mean something."""
    reader = configparser.RawConfigParser(
        strict=False, allow_no_value=True, delimiters=("=",), inline_comment_prefixes=(";",)
    )
    lines = text.replace('"q ; w"', '"q , w"').splitlines()
    reader.read_string("\n".join(line.strip() for line in lines))
    return {name: dict(reader[name]) for name in reader.sections()}


@given(text=files(), section=st.sampled_from(["www", "shop", "a b"]), key=st.sampled_from(KEYS))
def test_only_the_intended_setting_differs(text: str, section: str, key: str) -> None:
    before = understood(text)
    if section not in before:
        with pytest.raises(EditError):
            set_in(text, section, key, "omega")
        return
    edited = set_in(text, section, key, "omega")
    wanted = {**before, section: {**before[section], key.lower(): "omega"}}
    assert understood(edited) == wanted
    start = next(n for n in range(len(edited)) if n == len(text) or edited[n] != text[n])
    tail = len(text) - start
    while tail and not edited.endswith(text[-tail:]):
        tail -= 1
    assert "\n" not in text[start : len(text) - tail].strip("\r\n")
    assert len(edited) - start - tail <= len(f"\r\n\t{key}\t= omega\r\n")
