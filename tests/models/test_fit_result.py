"""The result type: accounting, words, round trip."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from gvckit.models.fit import fit
from gvckit.models.result import Fit, NotEstimated, result_from_dict

KEYS = {"unit": ["country", "sector"], "time": "year"}
BASE = {"y": "y", "x": ["x"], "controls": ["z"], "fe": ["country*sector", "year"]}


@pytest.mark.parametrize("se", ["iid", "hc1", {"cluster": "country"},
                                {"cluster": ["country", "year"]}])
def test_round_trip_through_json_is_exact(panel, se):
    got = fit(panel, {**BASE, "se": se, "sample": "all", "must": True}, **KEYS, name="m")
    back = result_from_dict(json.loads(json.dumps(got.to_dict(), allow_nan=False)))
    assert isinstance(back, Fit)
    assert back == got
    for name in ("coef", "se", "t", "p"):
        pd.testing.assert_series_equal(getattr(back, name), getattr(got, name), check_exact=True)
    pd.testing.assert_frame_equal(back.vcov, got.vcov, check_exact=True)
    assert back.stats == got.stats
    assert back.model["sample"] == "all"


def test_not_finite_numbers_survive(panel):
    exact = panel.assign(y=2.0 * panel["x"] - panel["z"])
    got = fit(exact, BASE, **KEYS)
    assert any("perfect fit" in w for w in got.warnings)
    data = got.to_dict() | {"t": ["inf", "nan"]}
    back = Fit.from_dict(json.loads(json.dumps(data, allow_nan=False)))
    assert np.isinf(back.t.iloc[0])
    assert np.isnan(back.t.iloc[1])


def test_not_estimated_round_trip():
    got = NotEstimated("m", "no observations left", {"y": "y"})
    assert result_from_dict(json.loads(json.dumps(got.to_dict()))) == got


def test_rows_are_accounted_for_in_order(panel):
    frame = panel.assign(
        x=panel["x"].mask(panel["country"] == "C01"),
        z=panel["z"].mask(panel["year"] == 2001).mask(panel.index == 7, np.inf),
        w=panel["w"].mask(panel["sector"] == "b").mask(panel["sector"] == "c", 0.0),
        g=panel["country"].mask(panel["country"] == "C02"),
    )
    sample = frame["year"] < 2007
    got = fit(frame, {**BASE, "weights": "w", "se": {"cluster": "g"}}, **KEYS, sample=sample)
    assert list(got.rows) == ["panel", "outside the sample", "missing x", "missing z",
                              "infinite z", "missing w", "zero weight w", "missing g",
                              "singletons", "used"]
    left = dict(got.rows)
    total, used = left.pop("panel"), left.pop("used")
    assert total - sum(left.values()) == used == got.n
    assert left["outside the sample"] == int((~sample).sum())
    assert left["missing x"] == int((sample & frame["x"].isna()).sum())
    assert left["infinite z"] == 1
    assert "1 rows left out: infinite z" in got.warnings
    explicit = frame[sample & frame[["x", "z", "w", "g"]].notna().all(axis=1)
                     & np.isfinite(frame["z"]) & (frame["w"] > 0)]
    same = fit(explicit, {**BASE, "weights": "w", "se": {"cluster": "g"}}, **KEYS)
    assert same.sample_hash == got.sample_hash
    np.testing.assert_array_equal(same.vcov, got.vcov)


def test_words_of_the_convention(panel):
    one = fit(panel, {**BASE, "se": {"cluster": "country"}}, **KEYS)
    assert one.convention == (
        "Standard errors clustered by country (12 clusters), small-sample factor "
        "G/(G−1)·(n−1)/(n−K) with nested fixed effects not counted (fixest); "
        "t with 11 degrees of freedom.")
    assert one.clusters == {"country": 12}
    assert one.se_kind["nested"] == ["country*sector"]
    assert one.se_kind["dof"] == one.stats["dof"] == 11
    assert "few clusters: 12 (country)" in one.warnings
    two = fit(panel, {**BASE, "se": {"cluster": ["country", "year"]}}, **KEYS)
    assert "two-way clustered by country (12 clusters) and year (8 clusters)" in two.convention
    assert "t with 7 degrees" in two.convention
    for ssc in ("reghdfe", "plm", "none"):
        words = {fit(panel, {**BASE, "ssc": ssc, "se": se}, **KEYS).convention
                 for se in ("iid", "hc1", {"cluster": "country"})}
        assert len(words) == 3
        assert all(ssc in w or "no small-sample factor" in w for w in words)


def test_many_clusters_need_no_warning(panel):
    got = fit(panel, {**BASE, "se": {"cluster": "country*sector"}}, **KEYS)
    assert got.clusters == {"country*sector": 60}
    assert not got.warnings


def test_intervals_and_tidy(panel):
    got = fit(panel, BASE, **KEYS)
    tidy = got.tidy(0.9)
    assert list(tidy.columns) == ["term", "estimate", "se", "t", "p", "low", "high"]
    np.testing.assert_allclose(tidy["high"] - tidy["low"], (got.ci(0.9) @ [-1, 1]))
    np.testing.assert_allclose((got.ci() @ [0.5, 0.5]), got.coef)
    assert (got.ci(0.99)["low"] < got.ci(0.9)["low"]).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        got.ci(95)
    assert "x" in repr(got)


def test_within_share_is_the_variance_left_by_the_effects(panel):
    got = fit(panel, {**BASE, "fe": ["country"]}, **KEYS)
    deviation = panel["x"] - panel.groupby("country")["x"].transform("mean")
    expected = (deviation**2).sum() / ((panel["x"] - panel["x"].mean()) ** 2).sum()
    assert got.stats["within_share:x"] == pytest.approx(expected, rel=1e-12)
    assert "within_share:z" not in got.stats
    assert got.stats["y_mean"] == pytest.approx(panel["y"].mean())
    assert got.stats["y_sd"] == pytest.approx(panel["y"].std())


def test_keys_may_be_the_index(panel):
    indexed = panel.set_index(["country", "sector", "year"])
    assert fit(indexed, BASE, **KEYS) == fit(panel, BASE, **KEYS)


def test_types_of_columns_play_no_part(panel):
    """Nullable, categorical and float keys mean the same labels as plain ones."""
    other = panel.assign(
        x=panel["x"].astype("Float64"), country=panel["country"].astype("category"),
        sector=panel["sector"].astype(object), year=panel["year"].astype(float))
    se = {"se": {"cluster": "country"}}
    assert fit(other, {**BASE, **se}, **KEYS) == fit(panel, {**BASE, **se}, **KEYS)


def test_repeated_keys_are_told(panel):
    got = fit(pd.concat([panel, panel.head(3)]), BASE, **KEYS)
    assert "3 rows repeat the country, sector, year of another row" in got.warnings


def test_sample_hash_is_the_set_of_keys(panel):
    base = fit(panel, BASE, **KEYS)
    assert fit(panel, {**BASE, "controls": []}, **KEYS).sample_hash == base.sample_hash
    fewer = fit(panel[panel["country"] != "C03"], BASE, **KEYS)
    assert fewer.sample_hash != base.sample_hash


def test_implied_fixed_effect_is_told(panel):
    got = fit(panel, {**BASE, "fe": ["country", "country*sector", "year"]}, **KEYS)
    assert "fixed effect country is already implied by country*sector" in got.warnings
    assert not any("implied" in w for w in fit(panel, BASE, **KEYS).warnings)
