"""WIOD 2013 against Antràs and Chor's published file and the numbers of methods.md 8.2 and 8.3."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

pytestmark = pytest.mark.data

YEARS = range(1995, 2012)
# methods.md 8.3: E/GDP, X/VA, FVAman.
ORACLE = """
1995 .1872 1.8910 .1817
1996 .1919 1.8923 .1863
1997 .1940 1.8972 .1894
1998 .1952 1.8932 .1872
1999 .1990 1.8987 .1918
2000 .2170 1.9210 .2109
2001 .2135 1.9151 .2090
2002 .2142 1.9002 .2090
2003 .2234 1.9132 .2175
2004 .2413 1.9308 .2359
2005 .2533 1.9624 .2466
2006 .2680 1.9870 .2589
2007 .2782 2.0113 .2637
2008 .2885 2.0422 .2725
2009 .2365 2.0038 .2327
2010 .2573 2.0289 .2486
2011 .2648 2.0458 .2551
"""


@pytest.fixture(scope="module")
def published(shared_data) -> pd.DataFrame:
    frame = pd.read_parquet(shared_data / "indicators" / "antras_chor_wiod2013.parquet")
    frame["country"] = frame["country"].replace({"ROM": "ROU", "RoW": "ROW"})
    return frame


@pytest.fixture(scope="module")
def years(shared_data):
    """Everything about a year that the tests look at, computed once."""
    found = {}
    for year in YEARS:
        io = gk.Leontief(gk.read_icio("wiod2013", year, data=shared_data))
        found[year] = {
            "net": gk.upstreamness(io), "X": gk.accounts(io)["X"].to_numpy(),
            "country": gk.upstreamness(io, by="country"),
            "world": gk.upstreamness(io, by="world"),
            "crossings": [gk.border_crossings(io, direction=d, by="world")["crossings"].item()
                          for d in ("forward", "backward")],
            "ou-id": gk.position(io, definition="ou-id", by="world"),
            "fva-man": gk.final_shares(io, sectors="wiod2013-manufacturing", by="world"),
            "c15": gk.final_shares(io, sectors=["c15"]),
            "cells": gk.participation(io, definition="output_cells", by="world"),
        }
        if year in (1995, 2011):
            found[year]["raw"] = gk.upstreamness(io, inventories="raw")
            found[year]["raw world"] = gk.upstreamness(io, inventories="raw", by="world")
            found[year]["exports"] = gk.upstreamness(io, weight="exports", by="country")
    return found


def beside(published, year, frame):
    keys = ["country", "sector"]
    both = frame.astype({"country": str, "sector": str}).merge(
        published[published["year"] == year], on=keys, suffixes=("", "_published"), how="left",
        validate="one_to_one")
    assert len(both) == 1435
    return both


def printed(got, text):
    digits = len(text.partition(".")[2])
    assert abs(got - float(text)) <= 0.5 * 10**-digits + 1e-12, (got, text)


def test_upstreamness_is_the_published_one(published, years):
    """All 24,395 values; the rest of the gap is the vintage of the data (handbook 3.5)."""
    rows, gaps = 0, []
    for year in YEARS:
        both, X = beside(published, year, years[year]["net"]), years[year]["X"]
        assert both["U_published"].notna().all()
        rows += len(both)
        for name, other in (("U", "U_published"), ("D", "D_published")):
            gap = (both[name] - both[other]).abs().to_numpy()
            assert np.sum(X * np.nan_to_num(gap)) / X.sum() < 0.002, (year, name)
        gaps.append((both["U"] - both["U_published"]).abs()[X > 0])
        assert np.corrcoef(both["U"][X > 0], both["U_published"][X > 0])[0, 1] > 0.99, year
    assert rows == 24395
    assert np.median(np.concatenate(gaps)) < 0.005


def test_upstreamness_2011_in_detail(published, years):
    both, used = beside(published, 2011, years[2011]["net"]), years[2011]["X"] > 0
    assert used.sum() == 1413
    median = {name: (both[name] - both[other]).abs()[used].median() for name, other in (
        ("U", "U_published"), ("F_GO", "FUGO"), ("VA_GO", "VAGO"))}
    assert median["U"] < 0.0026
    assert median["F_GO"] < 6e-4
    assert median["VA_GO"] < 7e-4
    assert np.corrcoef(both["U"][used], both["U_published"][used])[0, 1] > 0.998
    raw = beside(published, 2011, years[2011]["raw"])
    assert (raw["U"] - raw["U_published"]).abs()[used].median() == pytest.approx(.0135, abs=5e-4)


def test_rows_that_sell_to_stocks_only_are_named(years):
    assert years[1995]["net"].attrs["uncorrected"] == [
        "CYP c14 1995", "LTU c2 1995", "LTU c10 1995", "MLT c8 1995"]
    assert years[2011]["net"].attrs["uncorrected"] == []


def test_country_upstreamness_2011(published, years):
    got = years[2011]["country"].set_index("country")["U"]
    X = pd.Series(years[2011]["X"])
    both = beside(published, 2011, years[2011]["net"])
    for code, text in (("CHN", "2.8421"), ("USA", "1.8153"), ("DEU", "2.1031"),
                       ("JPN", "2.0713"), ("KOR", "2.6709")):
        assert abs(got[code] - float(text)) < 0.01
        own = (both["country"] == code) & (X > 0)
        printed((X * both["U_published"])[own].sum() / X[own].sum(), text)
    exports = years[2011]["exports"].set_index("country")["U"]
    assert (exports - got).abs().max() > 0.2  # another weight is another number


def test_world_upstreamness_is_world_downstreamness(years):
    for year in YEARS:
        world = years[year]["world"].iloc[0]
        assert world["U"] == pytest.approx(world["D"], rel=1e-12)
    printed(years[1995]["world"]["U"].item(), "1.959762")
    printed(years[1995]["raw world"]["U"].item(), "1.945514")


def test_world_totals_of_seventeen_years(years):
    lines = [line.split() for line in ORACLE.strip().splitlines()]
    assert [int(line[0]) for line in lines] == list(YEARS)
    for year, e_gdp, x_va, fva_man in lines:
        found = years[int(year)]
        for crossings in found["crossings"]:
            printed(crossings, e_gdp)
        printed(found["ou-id"]["forward"].item(), x_va)
        assert found["ou-id"]["position"].item() == pytest.approx(1, rel=1e-9)
        printed(found["fva-man"]["foreign_share"].item(), fva_man)
        cells = found["cells"]
        assert cells["PF"].item() > 0
        assert cells["MH_2"].item() > 0


def test_german_cars(years):
    """Own value added in final transport equipment (Timmer et al. 2014: 79, 66 per cent)."""
    for year, text in ((1995, "79.07"), (2008, "66.70"), (2011, "65.59")):
        frame = years[year]["c15"].set_index(["country", "sector"])
        printed(100 * frame.loc[("DEU", "c15"), "own_share"], text)
