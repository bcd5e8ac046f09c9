"""Builders of instruments: transcriptions and identities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import het_breuschpagan

from gvckit.errors import DataError, ModelError, SpecError
from gvckit.models.builders import (
    bartik,
    history_times_time,
    lagged,
    leave_one_out_mean,
    lewbel,
    rotemberg,
)
from gvckit.models.fit import fit

KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}


def shift_share(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return a panel of 40 units × 6 years, shares in five industries, shocks by year."""
    rng = np.random.default_rng(seed)
    s = rng.dirichlet(np.ones(5), size=40)
    shares = pd.DataFrame({"unit": np.repeat(range(40), 5), "k": np.tile(list("abcde"), 40),
                           "s": s.ravel()})
    g = rng.normal(size=(5, 6))
    shocks = pd.DataFrame({"k": np.repeat(list("abcde"), 6), "year": np.tile(range(6), 5),
                           "g": g.ravel()})
    frame = pd.DataFrame({"unit": np.repeat(range(40), 6), "year": np.tile(range(6), 40)})
    z = (s @ g).ravel()
    e = rng.normal(size=240)
    frame["c"] = rng.normal(size=240)
    frame["x"] = z + 0.5 * e + 0.3 * frame["c"] + 0.3 * rng.normal(size=240)
    frame["y"] = 2 * frame["x"] + e + frame["c"]
    return frame.sample(frac=1, random_state=1), shares, shocks


def test_bartik_is_the_sum_over_industries():
    frame, shares, shocks = shift_share()
    got = bartik(frame, shares, shocks, **KEYS, industry="k", share="s", shock="g")
    s = shares.pivot(index="unit", columns="k", values="s").to_numpy()
    g = shocks.pivot(index="k", columns="year", values="g").to_numpy()
    expected = (s @ g)[frame["unit"].to_numpy(), frame["year"].to_numpy()]
    np.testing.assert_allclose(got.instrument, expected, rtol=1e-12)
    assert got.instrument.index.equals(frame.index)
    np.testing.assert_allclose(got.parts.sum(axis=1), expected, rtol=1e-12)


def test_shocks_may_leave_the_unit_out():
    frame, shares, _ = shift_share()
    rng = np.random.default_rng(1)
    own = pd.DataFrame({"unit": np.repeat(range(40), 30), "k": np.tile(np.repeat(list("abcde"), 6),
                                                                      40),
                        "year": np.tile(range(6), 200), "g": rng.normal(size=1200)})
    got = bartik(frame, shares, own, **KEYS, industry="k", share="s", shock="g")
    merged = frame.reset_index().merge(shares, on="unit").merge(own, on=["unit", "year", "k"])
    expected = (merged["s"] * merged["g"]).groupby(merged["index"]).sum()
    np.testing.assert_allclose(got.instrument, expected[frame.index], rtol=1e-12)


@pytest.mark.parametrize("fe", [[], ["unit", "year"]])
def test_rotemberg_weights_add_up_to_the_estimate(fe):
    """Goldsmith-Pinkham, Sorkin and Swift (2020), proposition 2: Σα = 1, Σαβ is the estimate."""
    frame, shares, shocks = shift_share()
    made = bartik(frame, shares, shocks, **KEYS, industry="k", share="s", shock="g")
    model = {"y": "y", "x": ["x"], "controls": ["c"], "fe": fe}
    weights = rotemberg(frame, made.parts, model, "x", **KEYS)
    whole = fit(frame.assign(b=made.instrument), {**model, "instruments": {"x": ["b"]}}, **KEYS)
    assert weights["weight"].sum() == pytest.approx(1, abs=1e-10)
    assert (weights["weight"] * weights["estimate"]).sum() == pytest.approx(
        whole.coef["x"], rel=1e-9)
    first = weights.index[0]
    alone = fit(frame.assign(b=made.parts[first]), {**model, "instruments": {"x": ["b"]}}, **KEYS)
    assert weights.loc[first, "estimate"] == pytest.approx(alone.coef["x"], rel=1e-9)
    assert weights["weight"].abs().is_monotonic_decreasing


def test_bartik_says_what_is_wrong():
    frame, shares, shocks = shift_share()
    names = {"industry": "k", "share": "s", "shock": "g"}
    with pytest.raises(DataError, match=r"have no shock, of k a"):
        bartik(frame, shares, shocks[shocks["k"] != "a"], **KEYS, **names)
    with pytest.raises(DataError, match="shares: 1 rows repeat"):
        bartik(frame, pd.concat([shares, shares.head(1)]), shocks, **KEYS, **names)
    with pytest.raises(SpecError, match="unknown column 'gg'"):
        bartik(frame, shares, shocks, **KEYS, industry="k", share="s", shock="gg")
    got = bartik(frame, shares[shares["unit"] > 0], shocks, **KEYS, **names)
    assert got.instrument.isna().to_numpy().tolist() == (frame["unit"] == 0).tolist()


def test_lags_and_leave_one_out_means(unbalanced):
    lag = lagged(unbalanced, "x", 2, **KEYS)
    table = unbalanced.set_index(["unit", "year"])["x"]
    expected = [table.get((u, t - 2), np.nan) for u, t in
                unbalanced[["unit", "year"]].itertuples(index=False)]
    np.testing.assert_allclose(lag, expected)
    mean = leave_one_out_mean(unbalanced, "x", by=["g", "year"], leave_out="unit", **KEYS)
    row = unbalanced.iloc[7]
    peers = unbalanced[(unbalanced["g"] == row["g"]) & (unbalanced["year"] == row["year"])
                       & (unbalanced["unit"] != row["unit"])]
    assert mean.iloc[7] == pytest.approx(peers["x"].mean())


def test_history_times_time(unbalanced):
    frame = unbalanced.assign(world=unbalanced["year"] ** 2.0, flat=1.0)
    got = history_times_time(frame, "lat", "world", unit="unit")
    np.testing.assert_allclose(got, frame["lat"] * frame["world"])
    with pytest.raises(ModelError, match="history 'x' changes inside unit 0, 1, 2"):
        history_times_time(frame, "x", "world", unit="unit")
    with pytest.raises(ModelError, match="'flat' does not change over time"):
        history_times_time(frame, "lat", "flat", unit="unit")


def uneven(seed: int, n: int = 4000) -> pd.DataFrame:
    """Return Lewbel's triangular system: β = 1, error of x with variance exp(z)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    common = rng.normal(size=n)
    x = 1 + z + common + np.exp(z) * rng.normal(size=n)
    y = 1 + z + x + common + rng.normal(size=n)
    return pd.DataFrame({"z": z, "x": x, "y": y, "i": np.arange(n)})


def test_lewbel_finds_what_was_planted_and_least_squares_does_not():
    frame = uneven(2)
    made = lewbel(frame, {"y": "y", "x": ["x"], "controls": ["z"]}, "x", ["z"], unit="i")
    first = sm.OLS(frame["x"], sm.add_constant(frame["z"])).fit()
    expected = (frame["z"] - frame["z"].mean()) * first.resid
    np.testing.assert_allclose(made.instruments["lewbel(z)"], expected, rtol=1e-9, atol=1e-12)
    statistic, p, _, _ = het_breuschpagan(first.resid, sm.add_constant(frame["z"]).to_numpy())
    assert made.heteroskedasticity.statistic == pytest.approx(statistic, rel=1e-8)
    assert made.heteroskedasticity.p == pytest.approx(p, rel=1e-6, abs=1e-300)
    model = {"y": "y", "x": ["x"], "controls": ["z"], "se": "hc1"}
    data = frame.assign(lz=made.instruments["lewbel(z)"])
    iv = fit(data, {**model, "instruments": {"x": ["lz"]}}, unit="i")
    plain = fit(data, model, unit="i")
    assert abs(iv.coef["x"] - 1) < 3 * iv.se["x"]
    assert abs(plain.coef["x"] - 1) > 10 * plain.se["x"]


def test_lewbel_needs_regressors_of_the_model():
    with pytest.raises(SpecError, match="unknown regressor 'v'"):
        lewbel(uneven(3, 50), {"y": "y", "x": ["x"], "controls": ["z"]}, "x", ["v"], unit="i")
