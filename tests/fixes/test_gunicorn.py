"""gunicorn.conf.py: a plain assignment is changed; the file is a program and is never run."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.fixes.edits import EditError
from wizard.fixes.gunicorn import assigned

CONFIG = """\
import multiprocessing
bind = "127.0.0.1:8000"
workers = multiprocessing.cpu_count() + 1
timeout = 30  # seconds
"""


def test_a_number_is_changed_and_its_comment_stays() -> None:
    assert assigned(CONFIG, "timeout", "120") == CONFIG.replace("30", "120")


def test_what_is_not_there_is_added_at_the_end() -> None:
    assert assigned(CONFIG, "threads", "4") == f"{CONFIG}threads = 4\n"
    assert assigned("x = 1", "threads", "4") == "x = 1\nthreads = 4"
    assert assigned("x = 1\r\n", "threads", "4") == "x = 1\r\nthreads = 4\r\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [("workers = f()\n", "computed"), ("if x:\n    workers = 1\n", "not simply"),
     ("workers = 1\nworkers += 1\n", "not simply"), ("workers = threads = 2\n", "computed"),
     ("workers: int = 2\n", "not simply"), ("def f(:\n", "no Python")],
)  # fmt: skip
def test_what_is_computed_or_conditional_is_left_alone(text: str, why: str) -> None:
    with pytest.raises(EditError, match=why):
        assigned(text, "workers", "4")


@pytest.mark.parametrize("value", ["f()", "1\nimport os", "[1]", "", "x"])
def test_a_value_that_is_no_number_and_no_text_is_refused(value: str) -> None:
    with pytest.raises(EditError, match="no plain value"):
        assigned(CONFIG, "timeout", value)


LINE = st.sampled_from(
    ["import os", "# timeout = 9", 'name = "é ü"; other = 7', 'text = """a\ntimeout = 1\n"""', "",
     "if other_x:\n    deep = 1", "é = 3; beta = 4  # why", "def f():\n    return 1", "\x0c"]
)  # fmt: skip


@given(
    before=st.lists(LINE, max_size=5), after=st.lists(LINE, max_size=5), ends=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]), there=st.booleans(),
)  # fmt: skip
def test_only_the_intended_assignment_differs(
    before: list[str], after: list[str], ends: bool, line_end: str, there: bool
) -> None:
    own = ['é = "ö"; omega = 30  # timeout'] if there else []
    text = line_end.join([*before, *own, *after, ""] if ends else [*before, *own, *after])
    edited = assigned(text, "omega", "4711")
    if there:
        assert edited == text.replace("omega = 30", "omega = 4711")
    else:
        assert edited.replace("omega = 4711", "").strip() == text.strip()
    names: dict[str, object] = {}
    for each in ast.parse(edited).body:
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            names[each.targets[0].id] = ast.unparse(each.value)
    assert names["omega"] == "4711"
