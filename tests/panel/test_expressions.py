"""The parser of expressions: what it takes, what it refuses, and where it says so."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvckit.errors import SpecError, Where
from gvckit.panel.expressions import MAX_LENGTH, is_name, parse
from gvckit.panel.functions import FUNCTIONS, SYNONYMS
from gvckit.panel.nodes import Binary, Call, Name, Node, Number, Unary

PLACE = Where("paper.yaml", 7, 12)


def problem_of(text: str) -> tuple[str, int]:
    with pytest.raises(SpecError) as caught:
        parse(text, PLACE)
    problem = caught.value.problems[0]
    assert isinstance(problem.where, Where)
    assert problem.where.line == 7
    return str(problem), problem.where.column - 12


def test_precedence_is_that_of_arithmetic() -> None:
    a, b, c = Name("a"), Name("b"), Name("c")
    assert parse("a + b * c").node == Binary("+", a, Binary("*", b, c))
    assert parse("a - b - c").node == Binary("-", Binary("-", a, b), c)
    assert parse("-a^2").node == Unary("-", Binary("^", a, Number(2.0)))
    assert parse("a**b**2").node == Binary("^", a, Binary("^", b, Number(2.0)))
    assert parse("a^-2 * b").node == Binary(
        "*", Binary("^", a, Unary("-", Number(2.0))), b)
    assert parse("not a > b and c or b").node == Binary(
        "or", Binary("and", Unary("not", Binary(">", a, b)), c), b)
    assert parse("a > 1 & b < 2 | c").node == parse("(a > 1 and b < 2) or c").node


def test_a_call_binds_values_numbers_and_keys() -> None:
    node = parse("winsor(dig_in, 0.01, by=[country, year])").node
    assert node == Call("winsor", (Name("dig_in"),), (("p", 0.01),),
                        (("by", ("country", "year")),))
    assert parse("lag(x)").node == parse("lag(x, 1)").node == parse("lag(x, k=1)").node
    left_out = parse("mean(x, by=[sector, year], leave_out=country)")
    assert left_out.variables == ("x",)
    assert left_out.keys == ("country", "sector", "year")
    assert left_out.names == ("country", "sector", "x", "year")


@pytest.mark.parametrize("attack", [
    "__import__('os')", "__import__(os)", "x.__class__", "x.to_pickle", "x[0]", "x[a]",
    "lambda: 1", "lambda x: x", "f'{x}'", "'a'", '"a"', "(x := 1)", "x if y else z",
    "[a for a in b]", "{a}", "@pd.io", "a; b", "a\\b", "`a`", "$a", "print(x)", "eval(x)",
    "log(x, *y)", "log(**x)", "a ? b : c", "x = 1", "import os", "x!", "~x", "x // 2", "x % 2",
    "1_000", "0x10", "1e5e5", "1..2", "log (x)(y)", "(log)(x)", "a\x00b", "тест", "ｘ + 1",
    "аbs(x)", "x²", "x – 1", "log(x", "log x)", "mean(x, by=(a, b))", "mean(x, by='a')",
    "mean(x, by=[])", "mean(x, by=[a b])", "lag(x, k=y)", "lag(x, k=[a])", "log(x, y=1)",
    "mean(x, by=a, by=b)", "", "   ", "+", "a +", "* a", "()", "a b", "1 2", "a,b", "not",
])
def test_what_is_not_in_the_grammar_is_refused(attack: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(attack, PLACE)
    assert all(isinstance(p.where, Where) and p.where.line == 7 for p in caught.value.problems)


@pytest.mark.parametrize(("text", "column", "says"), [
    ("log(x) + lgo(x)", 9, "did you mean 'log'?"),
    ("lag(x, 0)", 7, "a whole number from 1 to 200"),
    ("lag(x, 1.5)", 7, "a whole number"),
    ("lag(x, -1)", 7, "a whole number"),
    ("winsor(x)", 0, "winsor needs p"),
    ("winsor(x, .5)", 10, "from 0 below 0.5"),
    ("where(x, 1)", 0, "where(condition, a, b)"),
    ("log()", 0, "log(x)"),
    ("mean(x, leav_out=a)", 8, "did you mean 'leave_out'?"),
    ("log(x))", 6, "quote the expression"),
    ("winsor(dig_in", 13, "quote the expression"),
    ("a < b < c", 6, "do not chain"),
    ("a = b", 2, "=="),
    ("x and 'a'", 6, "samples"),
    ("x.y", 1, "attributes"),
    ("аbs(x)", 0, "CYRILLIC SMALL LETTER A"),
    ("[a]", 0, "by= or leave_out="),
    ("lag(x, 2, k=3)", 0, "given twice"),
    ("mean(x, by=country, y)", 20, "values come first"),
])
def test_a_problem_says_what_where_and_what_instead(text: str, column: int, says: str) -> None:
    message, found = problem_of(text)
    assert says in message
    assert found == column


def test_all_faulty_calls_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        parse("lgo(x) + lag(y, 0) + mean(z, byy=a)", PLACE)
    assert [p.where.column - 12 for p in caught.value.problems  # type: ignore[union-attr]
            ] == [0, 16, 29]


@pytest.mark.parametrize("text", ["9**9**9**9", "x^11", "x^(5*5)", "2^(1/0)", "x^-10.5",
                                  "2^(10^10^10)", "x^1e300", "x^(-2*6)"])
def test_constant_powers_above_ten_are_refused(text: str) -> None:
    assert "is too large" in problem_of(text)[0]


def test_constant_powers_up_to_ten_pass() -> None:
    assert parse("x^10 + x^-10 + x^(2*5)").variables == ("x",)


def test_size_is_limited_before_anything_is_built() -> None:
    assert "nested too deeply" in problem_of("(" * 200 + "x" + ")" * 200)[0]
    assert "nested too deeply" in problem_of("-" * 200 + "x")[0]
    assert "nested too deeply" in problem_of("abs(" * 80 + "x" + ")" * 80)[0]
    assert "nested too deeply" in problem_of("x^" * 100 + "x")[0]
    assert "too long" in problem_of("+".join(["a"] * 150))[0]
    assert str(MAX_LENGTH) in problem_of("a" * (MAX_LENGTH + 1))[0]
    assert parse("+".join(["a"] * 99)).variables == ("a",)
    assert "too large" in problem_of("1e999")[0]


def test_parsing_does_not_use_the_stack_of_the_caller() -> None:
    limit = sys.getrecursionlimit()
    parse("(" * 25 + "x" + ")" * 25)
    assert sys.getrecursionlimit() == limit


def test_without_a_place_the_column_is_told() -> None:
    with pytest.raises(SpecError, match=r"expression 'log\(x', column 6"):
        parse("log(x")


def test_names() -> None:
    assert is_name("gdp_pc")
    assert is_name("_x")
    for bad in ("", "2x", "a b", "not", "and", "__x", "a-b", "naïve", "x\n"):
        assert not is_name(bad)


names = st.from_regex(r"[a-z]{1,4}", fullmatch=True).filter(is_name)
numbers = st.floats(0, 10).map(lambda v: Number(round(v, 3)))


def calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def build(name: str, args: list[Node], by: list[str]) -> Node:
        function = FUNCTIONS[name]
        options = tuple((o.name, o.default if o.default is not None else 0.25)
                        for o in function.numbers)
        keys = (("by", tuple(by)),) if by and "by" in function.keys else ()
        return Call(name, tuple(args[:function.arity]), options, keys)
    return st.builds(build, st.sampled_from(sorted(FUNCTIONS)),
                     st.lists(inner, min_size=3, max_size=3), st.lists(names, max_size=2))


trees: st.SearchStrategy[Node] = st.recursive(
    names.map(Name) | numbers,
    lambda inner: (
        st.builds(Unary, st.sampled_from(["-", "not"]), inner)
        | st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "<", ">=", "==", "and", "or"]),
                    inner, inner)
        | st.builds(lambda a: Binary("^", a, Number(2.0)), inner)
        | calls(inner)),
    max_leaves=6)


@given(trees)
def test_canonical_text_parses_to_the_same_tree(tree: Node) -> None:
    from gvckit.panel.nodes import render

    text = render(tree)
    if len(text) <= MAX_LENGTH:
        assert parse(text).node == tree
        assert parse(text).canonical == text


@given(st.text(alphabet="ab1(),.+-*/^=<>!&|[] \n'\"_xlog", max_size=40))
def test_any_text_gives_a_tree_or_a_spec_error(text: str) -> None:
    try:
        parsed = parse(text)
    except SpecError:
        return  # any other exception fails the test
    assert parse(parsed.canonical).node == parsed.node


@given(st.text(max_size=60))
def test_any_unicode_gives_a_tree_or_a_spec_error(text: str) -> None:
    try:
        parsed = parse(text)
    except SpecError:
        return
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "0123456789_.,()[]+-*/^<>=!&| \t\r\n")
    assert parsed.text == text


@pytest.mark.parametrize(("word", "meant"), [
    ("ln", "log"), ("Ln", "log"), ("avg", "mean"), ("std", "sd"), ("ifelse", "where"),
    ("winsorize", "winsor"), ("zscore", "standardise"), ("delta", "diff"), ("logg", "log"),
])
def test_what_other_tools_call_a_function_is_answered_with_its_name(word: str, meant: str) -> None:
    with pytest.raises(SpecError, match=rf"unknown function '{word}'; did you mean '{meant}'\?"):
        parse(f"{word}(x)")


def test_synonyms_lead_to_functions_and_are_none_themselves() -> None:
    assert set(SYNONYMS.values()) <= set(FUNCTIONS)
    assert not set(SYNONYMS) & set(FUNCTIONS)
