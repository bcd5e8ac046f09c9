"""The made-up world: balanced, deterministic, and true to its planted coefficients."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.errors import DataError
from gvckit.measures.digital_inputs import digital_inputs
from gvckit.measures.production import production
from gvckit.measures.sets import sector_set
from gvckit.sources.read_icio import read_icio
from gvckit.sources.world import DIGITAL, sample_icio, world_countries
from gvckit.sources.world_panel import TRUTH, digital_share, sample_world


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 9), st.integers(1, 8), st.integers(1950, 2060), st.integers(0, 99))
def test_any_size_is_dense_balanced_and_positive(countries, sectors, year, seed):
    table = sample_icio(countries, sectors, year, seed)
    assert (table.G, table.N, table.year) == (countries, sectors, year)
    assert (table.Z > 0).all()
    scale = table.X.max()
    np.testing.assert_allclose(table.Z.sum(1) + table.F.sum(1), table.X, atol=1e-14 * scale, rtol=0)
    np.testing.assert_allclose(table.Z.sum(0) + table.VA, table.X, atol=1e-14 * scale, rtol=0)
    assert (table.VA > 0.05 * table.X).all()
    assert table.imbalance == 0


def test_buyers_prefer_home():
    table = sample_icio(6, 5)
    flows = table.Z.reshape(6, 5, 6, 5).sum(axis=(1, 3))
    assert ((np.diag(flows) / flows.sum(axis=0)) > 0.5).all()
    participation = production(table, by="world")["participation"][0]
    assert 0.05 < participation < 0.4


def test_same_arguments_same_bytes_in_another_process():
    code = "from gvckit.sources.world import sample_icio; print(sample_icio(5, 4, 2003, 9).hash)"
    hashes = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                             check=True, env={"PYTHONHASHSEED": seed,
                                              "OMP_NUM_THREADS": "1"}).stdout.strip()
              for seed in ("1", "2")}
    assert len(hashes) == 1
    assert sample_icio(5, 4, 2003, 8).hash not in hashes


def test_sample_is_a_year_of_the_sample_world():
    world = sample_world(range(2003, 2005))
    assert world.tables[2004].hash == sample_icio(20, 7, 2004).hash
    assert read_icio("sample", 2004).hash == world.tables[2004].hash


def test_countries_are_real_codes_in_a_fixed_order():
    assert world_countries(5) == ("CHN", "USA", "DEU", "JPN", "KOR")
    many = world_countries(200)
    assert len(set(many)) == 200
    assert "ROW" not in many
    assert sector_set("sample-digital").sectors == DIGITAL


@pytest.mark.parametrize(("arguments", "part"), [
    ((1, 7), "countries is 1"), ((9999, 7), "countries is 9999"), ((8, 0), "sectors is 0"),
    ((8, 7, "2000"), "year is '2000'"), ((8, 7, 2000, -1), "seed is -1"), ((True, 7), "countries")])
def test_refusals(arguments, part):
    with pytest.raises(DataError, match=part):
        sample_icio(*arguments)


@pytest.mark.parametrize(("arguments", "size", "parts"), [
    (([2000, 2000],), {}, ["years is [2000, 2000]"]), (([],), {}, ["years is []"]),
    (([2000],), {"sectors": 2}, ["sectors is 2 (allowed: at least 3)"]),
    ((["2000", 2001],), {"countries": 1}, ["year is '2000'", "countries is 1"]),
    (([2000], "1"), {}, ["seed is '1'"])])
def test_world_refusals(arguments, size, parts):
    with pytest.raises(DataError) as caught:
        sample_world(*arguments, **size)
    assert len(caught.value.problems) == len(parts)
    for part in parts:
        assert part in str(caught.value)


def test_the_share_is_the_measure():
    world = sample_world([2001, 2002], countries=5, sectors=4)
    for year, table in world.tables.items():
        measured = digital_inputs(table, sectors="sample-digital")
        np.testing.assert_allclose(digital_share(table), measured["share"], rtol=1e-12)
        rows = world.panel[world.panel["year"] == year].set_index(["country", "sector"])["dig"]
        keys = pd.MultiIndex.from_frame(measured[["country", "sector"]].astype(str))
        np.testing.assert_allclose(rows.loc[keys], measured["share"], rtol=1e-12)


def demean(frame, columns, effects, rounds=3):
    values = frame[columns].copy()
    for _ in range(rounds):
        for effect in effects:
            values -= values.groupby([frame[k] for k in effect]).transform("mean")
    return values


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_panel_gives_back_what_was_planted(seed):
    world = sample_world(seed=seed)
    assert world.truth == dict(TRUTH)
    frame = world.panel
    assert not frame.duplicated(["country", "sector", "year"]).any()
    within = demean(frame, ["y", "dig", "ln_gdp"], [["country", "sector"], ["year"]])
    slope, *_ = np.linalg.lstsq(within[["dig", "ln_gdp"]], within["y"], rcond=None)
    # Four standard errors, clustered by country (0.05 and 0.01).
    assert slope[0] == pytest.approx(TRUTH["dig"], abs=0.2)
    assert slope[1] == pytest.approx(TRUTH["ln_gdp"], abs=0.04)
    pooled = np.polyfit(frame["dig"], frame["y"], 1)[0]
    assert pooled > TRUTH["dig"] + 0.5  # without effects the estimate is biased
    country = frame.drop_duplicates(["country", "year"])
    within = demean(country, ["y_country", "dig_eco", "ln_gdp"], [["country"], ["year"]])
    slope, *_ = np.linalg.lstsq(within[["dig_eco", "ln_gdp"]], within["y_country"], rcond=None)
    assert slope[0] == pytest.approx(TRUTH["dig_eco"], abs=0.14)
    assert slope[1] == pytest.approx(TRUTH["ln_gdp_country"], abs=0.05)


def test_the_index_is_the_mean_of_pooled_minmax_and_only_patents_have_gaps():
    frame = sample_world(seed=4).panel
    country = frame.drop_duplicates(["country", "year"])
    parts = country[["internet", "mobile", "broadband"]]
    index = ((parts - parts.min()) / (parts.max() - parts.min())).mean(axis=1)
    np.testing.assert_allclose(country["dig_eco"], index, rtol=1e-12)
    gaps = country.set_index("country")["patents"].isna()
    assert 0.03 < gaps.mean() < 0.2
    assert not gaps.groupby("country").first().any()
    assert not gaps.groupby("country").last().any()
    assert not frame.drop(columns="patents").isna().any().any()
