"""One defect a file: the whole list of problems, at its line and column, and nothing else.

``defects/NAME.yaml`` has one thing wrong with it (or one kind of thing); ``defects/NAME.txt`` is
everything that is told about it, one problem a line: ``line:column: what``.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gvckit.errors import SpecError, Where
from gvckit.spec.load import load_text
from gvckit.spec.render import render
from gvckit.spec.resolve import read_spec, resolve

HERE = Path(__file__).parent
DEFECTS = sorted((HERE / "defects").glob("*.yaml"))


def told(path: Path) -> SpecError:
    with pytest.raises(SpecError) as caught:
        read_spec(path)
    return caught.value


@pytest.mark.parametrize("path", DEFECTS, ids=lambda p: p.stem)
def test_what_is_told_about_a_defect(path: Path) -> None:
    lines = [str(p).replace(f"{path}:", "") for p in told(path).problems]
    assert lines == path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


def test_no_expectation_lies_around() -> None:
    assert {p.stem for p in (HERE / "defects").glob("*.txt")} == {p.stem for p in DEFECTS}


@pytest.mark.parametrize("path", DEFECTS, ids=lambda p: p.stem)
def test_problems_are_sorted_and_carets_stand_in_their_line(path: Path) -> None:
    error = told(path)
    places = [p.where for p in error.problems]
    assert all(isinstance(w, Where) and w.line and w.column for w in places)
    assert places == sorted(places, key=lambda w: (w.line, w.column))
    shown = render(error).splitlines()
    carets = [i for i, line in enumerate(shown) if line.strip("| ") == "^"]
    assert len(carets) == len(places)
    for i in carets:
        assert shown[i].index("^") <= len(shown[i - 1]) * 2


@pytest.mark.parametrize(("name", "expected"), [
    ("unknown_key", [
        ("F:2:22: unknown key 'sead'; did you mean 'seed'? (allowed: key, title, authors, seed, "
         "languages, brackets, decimals, stars, stars_by, note)"),
        "    2 | paper: {key: defect, sead: 3}",
        "      |                      ^"]),
    ("unquoted_comma", [
        "F:5:33: stray key '0.01)': quote the expression: \"winsor(dig_in, 0.01)\"",
        "    5 | variables: {dig: winsor(dig_in, 0.01), two: log(dig_in)}",
        "      |                                 ^"]),
    ("unknown_variable", [
        "F:6:28: unknown variable 'gdppc'; did you mean 'gdp_pc'?",
        '    6 |   ln_gdp: "log(open) + log(gdppc)"',
        "      |                            ^"]),
    ("expression_over_lines", [
        "F:7:11: unknown variable 'bb' (allowed: a, country, folded, ln, year)",
        "    7 |     + log(bb)",
        "      |           ^",
        "F:11:13: unknown variable 'cc' (allowed: a, country, folded, ln, year)",
        "   11 |       + log(cc)",
        "      |             ^"]),
    ("yes_no", [
        "F:6:25: must: expected true or false, found 'yes'; did you mean 'true'?",
        "    6 |   m: {y: a, x: b, must: yes}",
        "      |                         ^"]),
    ("tabs", [
        "F:3:1: a tab cannot indent; use spaces",
        "    3 |  key: defect",
        "      | ^"]),
])
def test_how_a_defect_is_shown(name: str, expected: list[str]) -> None:
    path = HERE / "defects" / f"{name}.yaml"
    assert render(told(path)).replace(str(path), "F").splitlines() == expected


PIECES = ("{", "}", "[", "]", ",", ": ", "'", '"', "\n", "  ", "~", "*base", "- ", "yes",
          "lag(dig)", "log(", "2000-1990", "!t", "#", "like: base", "[]", "{}", "by=", "数", "\\",
          "\t")


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_spec_gives_problems_and_no_traceback(seed: int) -> None:
    """Cut, doubled and strange pieces in a spec that uses every section."""
    chance = random.Random(seed)
    text = (HERE / "rich.yaml").read_text(encoding="utf-8")
    for _ in range(chance.choice([1, 1, 2, 6])):
        at = chance.randrange(len(text))
        cut = chance.choice([0, 0, 1, 3, 25])
        text = text[:at] + chance.choice(PIECES) + text[at + cut :]
    error = SpecError([])
    try:
        resolve(load_text(text, "f"))
    except SpecError as caught:
        error = caught
    assert all(isinstance(p.where, Where) and p.where.line for p in error.problems)
    assert bool(render(error, {"f": text})) == bool(error.problems)
