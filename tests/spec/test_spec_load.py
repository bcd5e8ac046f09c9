"""Reading: what is kept as it was typed, what is refused, where everything stands."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.errors import SpecError, Where
from gvckit.spec.load import load, load_text
from gvckit.spec.positions import place_inside
from gvckit.spec.text import MAX_BYTES


def problems_of(text: str | bytes, folder: Path) -> list[str]:
    """Return the problems of a file with this content, as ``line:column: what``."""
    path = folder / "paper.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        document = load(path)
    except SpecError as error:
        found = error.problems
    else:
        found = document.problems
    return [str(p).replace(f"{path}:", "").replace(str(path), "") for p in found]


def test_scalars_stay_what_was_typed() -> None:
    text = ("codes: [NO, 0132, 2010_1, 12:30, 1e3, yes, on, 0x1F, 0o17, 1_000, 'NO', \"0132\", "
            ".inf, 2001-01-01, TRUE, =, Null, NULL]\n")
    assert load_text(text).data["codes"] == [
        "NO", "0132", "2010_1", "12:30", "1e3", "yes", "on", "0x1F", "0o17", "1_000", "NO", "0132",
        ".inf", "2001-01-01", "TRUE", "=", "Null", "NULL"]


def test_only_plain_nothing_is_nothing() -> None:
    data = load_text("a:\nb: null\nc: ~\nd: ''\ne: 'null'\nf: \"~\"\nnull: x\n").data
    assert data == {"a": None, "b": None, "c": None, "d": "", "e": "null", "f": "~", "null": "x"}


def test_aliases_are_followed() -> None:
    assert load_text("a: &x [1, {b: 2}]\nc: *x\n").data == {
        "a": ["1", {"b": "2"}], "c": ["1", {"b": "2"}]}


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: 数字\r\n".encode())
    document = load(path)
    assert document.data == {"a": "1", "b": "数字"}
    assert document.positions["b",].value == Where(str(path), 2, 4)


@pytest.mark.parametrize(("content", "expected"), [
    (b"", ["1:1: the file is empty (allowed: a spec; `gvckit new` writes one to start from)"]),
    (b"# only a comment\n", [
        "1:1: the file is empty (allowed: a spec; `gvckit new` writes one to start from)"]),
    (b"schema: 1\npaper: \x00\n", ["2:8: the file is not text: it holds a zero byte"]),
    (b"schema: 1\nkey: \x1b[31m\n", ["2:6: the character U+001B cannot stand in a spec"]),
    ("a: 1\n# \u202e\n".encode(), ["2:3: the character U+202E cannot stand in a spec"]),
    ("a: 1\ntitle: 数字".encode("gbk"), [
        "2:8: byte 0xca is not UTF-8; save the file as UTF-8 (it may be in GBK, Big5 or Latin-1)"]),
    ("a: 1\n".encode("utf-16"), ["1:1: the file is saved as UTF-16; save it as UTF-8"]),
    (b"a: " + b"x" * MAX_BYTES, [
        " the file is longer than a spec can be (allowed: at most 1,000,000 bytes)"]),
    (rb'a: "\UFFFFFFFF"', [r"1:5: the escape \UFFFFFFFF names no character"]),
    (rb'a: "\uD800"', ["1:4: the character U+D800 cannot stand in a spec"]),
    (rb'a: "\0"', ["1:4: the character U+0000 cannot stand in a spec"]),
    (b"%YAML 1.1\n---\na: 1\n", ["2:1: specs are YAML 1.2 (allowed: no %YAML directive)"]),
    (b"? [a]\n: 1\n", ["1:3: a key must be text, not a list or a mapping"]),
    (b": 1\n", ["1:1: a key is missing before ':'"]),
    (b"a: @x\n", ["1:4: the character '@' cannot start text; quote the text"]),
    (b"a: 1\n b: 2\nc: 3\n", [
        ("2:3: a second ':' stands here; quote text that holds ': '; lines of one mapping or list "
         "start in one column; indent with spaces")]),
    (b"a:\n  b: 1\n c: 2\n", [
        ("3:2: this line does not line up with the ones above; lines of one mapping or list start "
         "in one column; indent with spaces")]),
])
def test_what_cannot_be_read(content: bytes, expected: list[str], tmp_path: Path) -> None:
    assert problems_of(content, tmp_path) == expected


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(SpecError, match="this is not a file"):
        load(tmp_path)
    with pytest.raises(SpecError, match="there is no such file"):
        load("a\0b")


def laughs(levels: int, width: int = 9) -> str:
    lines = ["a0: &a0 lol"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_alias_bomb_is_refused_quickly_and_in_little_memory() -> None:
    text = laughs(15)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(SpecError, match="expand to too many entries") as caught:
        load_text(text, "f")
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.problems[0].allowed == "at most 50,000"
    assert seconds < 10
    assert peak < 100e6


def test_aliases_below_the_cap_are_read() -> None:
    assert len(load_text(laughs(4)).data["a3"]) == 9


def test_aliases_nest_no_deeper_than_text() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 40))
    with pytest.raises(SpecError, match="nest too deep"):
        load_text(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 5_000, "- " * 50_000, "? " * 50_000])
def test_deep_nesting_stops_at_once(text: str) -> None:
    with pytest.raises(SpecError, match="nested too deep"):
        load_text(text)


def test_everything_is_told_of_one_file(tmp_path: Path) -> None:
    text = "a: !x 1\nb: {c: lag(d, 2), c: 3}\na: 2\ne: *f\n"
    assert problems_of(text, tmp_path) == [
        "1:4: the tag !x is refused: a spec holds text, lists and mappings only",
        '2:15: stray key \'2)\': quote the expression: "lag(d, 2)"',
        "2:19: duplicate key 'c'; first given at 2:5",
        "4:4: unknown alias 'f' (allowed: none are declared)",
        "3:1: duplicate key 'a'; first given at 1:1",
    ]


def test_a_cut_expression_is_put_together_again() -> None:
    text = "a: {b: where(x > 1, lag(x, 2), 0), c: [max(a,  b), 1], d: (a, e: 1}"
    assert load_text(text).data == {"a": {
        "b": "where(x > 1, lag(x, 2), 0)", "c": ["max(a, b)", "1"], "d": "(a", "e": "1"}}


WORD = st.from_regex(r"[a-z][a-z0-9_ ]{0,6}[a-z0-9]", fullmatch=True).filter(
    lambda w: w.strip() not in {"null", "~"})
TREE = st.recursive(
    WORD, lambda inner: st.lists(inner, min_size=1, max_size=3)
    | st.dictionaries(WORD, inner, min_size=1, max_size=3), max_leaves=12)


def written(tree: object, indent: int = 0) -> str:
    """Write a tree as block YAML, text in one of three styles by its length."""
    pad = "  " * indent
    if isinstance(tree, dict):
        return "".join(f"{pad}{k}:{_value(v, indent)}" for k, v in tree.items())
    assert isinstance(tree, list)
    return "".join(f"{pad}-{_value(v, indent)}" for v in tree)


def _value(value: object, indent: int) -> str:
    if isinstance(value, str):
        quote = ("", "'", '"')[len(value) % 3]
        return f" {quote}{value}{quote}\n"
    return "\n" + written(value, indent + 1)


@given(TREE.filter(lambda t: not isinstance(t, str)))
@settings(deadline=None, max_examples=150)
def test_positions_point_at_what_they_name(tree: object) -> None:
    text = written(tree)
    document = load_text(text, "f")
    assert document.data == tree
    assert document.problems == ()
    lines = text.split("\n")
    for path, place in document.positions.items():
        node = document.data
        for part in path:
            node = node[part]
        if isinstance(node, str):
            at = place.text
            assert lines[at.line - 1][at.column - 1 :].startswith(node)
            assert text[place.start :].startswith(node)
        if path and isinstance(path[-1], str):
            assert lines[place.key.line - 1][place.key.column - 1 :].startswith(f"{path[-1]}:")


@pytest.mark.parametrize(("text", "value"), [
    ("a: log(x) +\n   lag(y)\n", "log(x) + lag(y)"),
    ("a: 'it''s  z'\n", "it's  z"),
    ('a: "\\x78 + \\u0079z"\n', "x + yz"),
    ("a: >-\n    log(x)\n    + z\n", "log(x) + z"),
    ("a: |\n  x\n  y\n", "x\ny\n"),
    ('a: "one \\\n    two"\n', "one two"),
    ("\n\nabc:    plain\n", "plain"),
])
def test_characters_are_found_across_lines_quotes_and_escapes(text: str, value: str) -> None:
    document = load_text(text, "f")
    key = next(iter(document.data))
    assert document.data[key] == value
    lines = text.split("\n")
    for offset, character in enumerate(value):
        where = place_inside(text, document.positions[key,], value, offset)
        found = lines[where.line - 1][where.column - 1 : where.column]
        escaped = found == "\\" or found == "'"
        assert found == character or character in " \n" or escaped


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=200)
def test_no_bytes_give_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    problems_of(content, tmp_path_factory.getbasetemp())


@given(st.text(alphabet=st.sampled_from("ab01: ,-[]{}&*!|>'\"%@`#?\n\t\\~<()=数"), max_size=60))
@settings(deadline=None, max_examples=600)
def test_no_text_gives_a_traceback(text: str) -> None:
    try:
        document = load_text(text, "f")
    except SpecError as error:
        places = [p.where for p in error.problems]
    else:
        places = [p.where for p in document.problems]
    lines = text.split("\n")
    for where in places:
        assert isinstance(where, Where)
        assert 1 <= where.line <= len(lines) + 1
        assert where.column >= 1
