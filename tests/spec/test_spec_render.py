"""Rendering: the line, the caret under the place, nothing that a terminal would obey."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvckit.errors import Problem, SpecError, Where
from gvckit.spec import render as module
from gvckit.spec.render import in_order, render, render_problems, width


def shown(text: str, line: int, column: int) -> list[str]:
    return render_problems([Problem("wrong", Where("f", line, column))], {"f": text}).splitlines()


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(module).failed == 0


def test_the_caret_stands_below_the_place() -> None:
    assert shown("a: 1\n  form: 2\n", 2, 3) == ["f:2:3: wrong", "    2 |   form: 2",
                                               "      |   ^"]


def test_wide_characters_take_two_cells() -> None:
    assert shown("title: {zh: 数字经济, x: 1}\n", 1, 19)[1:] == [
        "    1 | title: {zh: 数字经济, x: 1}",
        "      |                       ^"]


def test_combining_marks_take_no_cell() -> None:
    assert width("e\u0301") == 1


def test_long_lines_are_cut_around_the_place() -> None:
    line = "a" * 300 + "!" + "b" * 300
    _, excerpt, caret = shown(line, 1, 301)
    assert width(excerpt) <= 110
    assert excerpt[caret.index("^")] == "!"
    assert excerpt.split("| ")[1][0] == "…"
    assert excerpt[-1] == "…"


def test_nothing_reaches_the_terminal_that_it_would_obey() -> None:
    problem = Problem("unknown key '\x1b[31m'", Where("f", 1, 1))
    assert "\x1b" not in render_problems([problem], {"f": "\x1b[31m: 1\x07\n"})


@pytest.mark.parametrize("where", [None, "LUX c5 1995", Where("f"), Where("f", 99, 1),
                                   Where("no such file", 3, 3)])
def test_a_place_without_a_line_is_told_in_words(where: Where | str | None) -> None:
    assert render_problems([Problem("wrong", where)], {"f": "a: 1\n"}).endswith("wrong")


def test_a_file_is_read_where_its_text_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("a: 1\nb: 2\n", encoding="utf-8")
    text = render(SpecError(Problem("wrong", Where(str(path), 2, 4))))
    assert text.splitlines()[1:] == ["    2 | b: 2", "      |    ^"]


def test_problems_are_told_once_and_in_order() -> None:
    first, second = Problem("a", Where("f", 1, 2)), Problem("b", Where("f", 1, 10))
    last, nowhere = Problem("a", Where("f", 2, 1)), Problem("n", "CHN 1995")
    assert in_order([nowhere, last, second, first, last]) == [first, second, last, nowhere]


@given(st.text(max_size=200), st.integers(0, 5), st.integers(0, 250))
def test_any_text_and_place_can_be_shown(text: str, line: int, column: int) -> None:
    out = render_problems([Problem("wrong", Where("f", line, column))], {"f": text})
    assert all(width(part) < 120 for part in out.split("\n"))
