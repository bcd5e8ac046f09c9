"""Problems and their places: in the spec, in a data file, in an expression."""

from __future__ import annotations

import pickle

import pytest

from gvckit.errors import (
    DataError,
    InFile,
    InText,
    Problem,
    Where,
    cut,
    listing,
    together,
    unknown,
)
from gvckit.spec.load import load_text
from gvckit.spec.positions import Parts

SPEC = """\
data:
  gap:
    file: panel/x.csv
    take: {gdp: gdp_pc, users: "net users"}
  pwt: {file: pwt.csv, keys: [country, year], take: [hc]}
variables:
  a: 1 + log(gdp)
  b: {is: "2 * 'x'"}
  c: >-
    1 +
    log(gdp)
"""


@pytest.fixture
def gap() -> Parts:
    return Parts(load_text(SPEC, "p.yaml"), ("data", "gap"))


def test_a_problem_in_a_file_gets_the_place_of_its_part_and_keeps_its_own(gap: Parts) -> None:
    error = DataError(Problem("'x' is not a number", "row 31 (FRA 2004)", at=("take", "users")))
    told = error.in_file("x.csv").located(Where("p.yaml", 2, 3), gap, "data gap, file panel/x.csv")
    assert str(told) == ("p.yaml:4:32: data gap, file panel/x.csv, row 31 (FRA 2004): "
                         "'x' is not a number")
    assert str(error.in_file("x.csv")) == "x.csv, row 31 (FRA 2004): 'x' is not a number"
    assert told.problems[0].inside == InFile("data gap, file panel/x.csv", "row 31 (FRA 2004)")
    assert pickle.loads(pickle.dumps(told)).problems == told.problems


@pytest.mark.parametrize(("at", "place"), [
    (("take", "users"), "p.yaml:4:32"), (("take", "nothing"), "p.yaml:4:11"),
    (("codes",), "p.yaml:2:3"), ((), "p.yaml:2:3"), (("file",), "p.yaml:3:11"),
])
def test_a_part_that_the_spec_does_not_write_is_placed_at_what_would_hold_it(
    gap: Parts, at: tuple[str, ...], place: str
) -> None:
    told = DataError(Problem("no", at=at)).located(Where("p.yaml", 2, 3), gap)
    assert str(told) == f"{place}: no"


def test_an_item_of_a_list_is_found_by_its_text() -> None:
    pwt = Parts(load_text(SPEC, "p.yaml"), ("data", "pwt"))
    assert pwt["keys", "year"] == Where("p.yaml", 5, 40)
    assert pwt["take", 0] == pwt["take", "hc"] == Where("p.yaml", 5, 54)
    assert ("keys", "sector") not in pwt
    assert ("keys", "year", "more") not in pwt
    assert dict(pwt)["take", 0] == Where("p.yaml", 5, 54)
    assert len(pwt) == 6


@pytest.mark.parametrize(("at", "offset", "place"), [
    (("a",), 4, "p.yaml:7:10"), (("a", "is"), 4, "p.yaml:7:10"), (("b", "is"), 5, "p.yaml:8:17"),
    (("c", "is"), 4, "p.yaml:11:5"),
])
def test_a_character_of_an_expression_is_placed(
    at: tuple[str, ...], offset: int, place: str
) -> None:
    parts = Parts(load_text(SPEC, "p.yaml"), ("variables",))
    error = DataError(Problem("no", InText("1 + log(gdp)", offset), at=at))
    assert str(error.located(Where("p.yaml", 6, 1), parts)) == f"{place}: no"
    assert str(error) == f"expression '1 + log(gdp)', column {offset + 1}: no"


def test_places_that_are_known_stay_and_text_goes_inside() -> None:
    here = Where("p.yaml", 9, 9)
    told = DataError([Problem("a", Where("q.yaml", 1, 1)), Problem("b", "DEU s1 2000")]).located(
        here, {}, "data t, file t.npz")
    assert str(told) == "q.yaml:1:1: a\np.yaml:9:9: DEU s1 2000: b"
    assert DataError("c").located(None).problems == (Problem("c"),)
    assert DataError(Problem("d", at=("take", "x"))).under("merge", 1).problems[0].at == (
        "merge", 1, "take", "x")


def test_problems_that_differ_only_in_the_file_are_told_together() -> None:
    def made(year: int, what: str = "no F", place: str = "") -> Problem:
        return Problem(what, Where("p.yaml", 4, 3), inside=InFile(f"data t, file {year}.npz",
                                                                  place))

    told = together([made(2000), made(2001), made(2002, "no Z"), made(2003, place="DEU s1"),
                     made(2004, place="DEU s1")])
    assert [str(p) for p in told] == [
        "p.yaml:4:3: data t, file 2000.npz, 2001.npz: no F",
        "p.yaml:4:3: data t, file 2002.npz: no Z",
        "p.yaml:4:3: data t, file 2003.npz, DEU s1: no F",
        "p.yaml:4:3: data t, file 2004.npz, DEU s1: no F"]


def test_long_text_is_cut() -> None:
    assert cut("x" * 61) == "x" * 59 + "…"
    assert cut("a\r\nb\tc") == "a  b c"
    problem = unknown("column", "y" * 300, ["z" * 300, "y" * 299])
    assert len(str(problem)) < 700
    assert len(listing(["w" * 1000] * 3)) < 700
