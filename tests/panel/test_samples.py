"""Samples: every rule, the account of the rows, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvckit.errors import DataError, SpecError
from gvckit.panel.samples import SampleResult, apply_sample, parse_years


def panel() -> pd.DataFrame:
    keys = [(c, t) for c in ("AUS", "AUT", "BEL") for t in range(2006, 2011)]
    frame = pd.DataFrame(keys, columns=["country", "year"])
    frame["x"] = np.arange(15.0)
    frame.loc[frame["x"] == 7, "x"] = np.nan
    return frame


def sample(**spec: object) -> SampleResult:
    return apply_sample(panel(), spec, ["country"], "year")


def test_every_row_left_out_is_accounted_for() -> None:
    found = sample(drop={"year": [2008, "2009"], "country": ["BEL"]}, where="x > 1")
    assert found.steps == (("year in 2008, 2009", 6), ("country in BEL", 3), ("not x > 1", 2))
    assert panel()[found.mask]["x"].tolist() == [4, 5, 6, 9]
    assert 15 - sum(n for _, n in found.steps) == found.mask.sum()


def test_keep_patterns_and_ranges() -> None:
    assert sample(keep={"country": ["AU*"]}).mask.sum() == 10
    assert sample(keep={"country": "BEL"}).mask.sum() == 5
    assert sample(drop={"year": ["2008-2009"]}).mask.sum() == 9
    assert sample(years="2007-2009").steps == (("years outside 2007-2009", 6),)
    assert sample(years=2007).mask.sum() == 3
    assert sample().mask.all()


def test_balanced_keeps_units_with_all_times_that_are_left() -> None:
    found = sample(where="x >= 0", balanced=True)
    assert found.steps == (("not x >= 0", 1), ("units without all times", 4))
    assert sorted(panel()[found.mask]["country"].unique()) == ["AUS", "BEL"]
    assert sample(where="year != 2007", balanced=True).mask.sum() == 12


def test_conditions_see_the_whole_frame() -> None:
    found = sample(years="2007-2010", where="lag(x) < 100")
    assert found.mask.sum() == 11


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        sample(drop={"country": ["AUSS", "DEU"], "yeer": [2000]}, keep={"year": ["1990-1995"]})
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "did you mean 'AUS'" in text
    assert "did you mean 'year'" in text
    with pytest.raises(SpecError, match="did you mean 'drop'"):
        sample(dropp={})
    with pytest.raises(SpecError, match="did you mean 'x'"):
        sample(where="X > 1")
    with pytest.raises(DataError, match=r"the sample is empty \(not x > 100: 15\)"):
        sample(where="x > 100")


@pytest.mark.parametrize("text", ["", "1995-", "2010-1995", "1995:2011", "x", "1995-2011-2012"])
def test_ranges_of_years_are_checked(text: str) -> None:
    with pytest.raises(SpecError):
        parse_years(text)


def test_ranges_of_years() -> None:
    assert parse_years("1995-2011") == (1995, 2011)
    assert parse_years("1995–2011") == (1995, 2011)
    assert parse_years(2008) == (2008, 2008)


@given(st.sets(st.sampled_from(["AUS", "AUT", "BEL"]), max_size=2),
       st.sets(st.integers(2006, 2010), max_size=4))
def test_steps_always_add_up(countries: set[str], years: set[int]) -> None:
    frame = panel()
    spec = {"drop": {"country": sorted(countries), "year": sorted(years)}, "where": "x > 3"}
    expected = ~frame["country"].isin(countries) & ~frame["year"].isin(years) & (frame["x"] > 3)
    if not expected.any():
        with pytest.raises(DataError, match="the sample is empty"):
            sample(**spec)
        return
    found = sample(**spec)
    assert (found.mask == expected).all()
    assert sum(n for _, n in found.steps) == (~expected).sum()
