"""Quality against explicit dummies, a planted truth, and its faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, SpecError
from gvckit.sophistication.quality import quality
from gvckit.sophistication.quality_kernels import unit_value_outliers, within_range


def flows(seed: int = 1, exporters: int = 12, products: int = 4, importers: int = 9,
          years: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"e{i:02d}" for i in range(exporters)], [f"p{i}" for i in range(products)],
         [f"m{i}" for i in range(importers)], range(2000, 2000 + years)],
        names=["country", "product", "importer", "year"])
    frame = index.to_frame(index=False)
    frame = frame[rng.random(len(frame)) < .8].reset_index(drop=True)
    price = rng.lognormal(0, .5, len(frame))
    frame["quantity"] = rng.lognormal(3, 1, len(frame))
    frame["value"] = price * frame["quantity"]
    return frame


def test_residual_of_explicit_dummies() -> None:
    frame = flows()
    sigma = {f"p{i}": 2.0 + i for i in range(4)}
    got = quality(frame, sigma, time="year", outliers=None)
    s = frame["product"].map(sigma).to_numpy()
    left = np.log(frame["quantity"]) + s * np.log(frame["value"] / frame["quantity"])
    dummies = np.column_stack([
        pd.get_dummies(frame["product"]),
        pd.get_dummies(frame["importer"] + frame["year"].astype(str))]).astype(float)
    fitted = dummies @ np.linalg.lstsq(dummies, left, rcond=None)[0]
    np.testing.assert_allclose(got["quality"], (left - fitted) / (s - 1), atol=1e-9)
    wide = got.groupby("product")["standardised"].agg(["min", "max"])
    assert (wide == [0, 1]).all(axis=None)


def test_planted_quality_is_found() -> None:
    """q from the demand of Khandelwal, Schott & Wei with known quality, σ and market effects."""
    frame = flows(2)
    rng = np.random.default_rng(3)
    sigma = 4.0
    market = frame["importer"] + frame["year"].astype(str)
    truth = rng.normal(0, .5, len(frame))
    dummies = np.column_stack([pd.get_dummies(frame["product"]),
                               pd.get_dummies(market)]).astype(float)
    truth = truth - dummies @ np.linalg.lstsq(dummies, truth, rcond=None)[0]
    price = np.exp(rng.normal(0, .3, len(frame)) + .5 * truth)
    effect = market.map(dict(zip(sorted(set(market)), rng.normal(5, 1, market.nunique()),
                                 strict=True)))
    product = frame["product"].map({f"p{i}": i for i in range(4)})
    quantity = np.exp((sigma - 1) * truth - sigma * np.log(price) + effect + product)
    made = frame.assign(quantity=quantity, value=price * quantity)
    got = quality(made, sigma, time="year", outliers=None)
    np.testing.assert_allclose(got["quality"], truth, atol=1e-9)


def test_mean_by_country_is_weighted_by_value() -> None:
    frame = flows(4)
    each = quality(frame, 5.0, time="year")
    used = each.merge(frame, on=["country", "product", "importer", "year"])
    want = used.groupby(["country", "year"])[["standardised", "value"]].apply(
        lambda g: np.average(g["standardised"], weights=g["value"]))
    got = quality(frame, 5.0, time="year", by=["country", "year"])
    np.testing.assert_allclose(got["standardised"], want)
    assert "weighted by value" in got.attrs["definition"]


def test_a_column_of_years_is_the_time_and_industries_may_be_asked_for() -> None:
    frame = flows(7)
    pd.testing.assert_frame_equal(quality(frame), quality(frame, time="year"))
    made = frame.assign(industry=frame["product"].map({"p0": "a", "p1": "a", "p2": "b", "p3": "b"}))
    got = quality(made, by=["country", "industry", "year"])
    each = quality(frame).merge(made, on=["country", "product", "importer", "year"])
    want = each.groupby(["country", "industry", "year"])[["standardised", "value"]].apply(
        lambda g: np.average(g["standardised"], weights=g["value"]))
    np.testing.assert_allclose(got["standardised"], want)


def test_what_is_left_out_is_counted() -> None:
    frame = flows(5)
    frame.loc[0, "quantity"] = 0.0
    frame.loc[1, "value"] *= 1e6
    got = quality(frame, time="year")
    assert got.attrs["rows"] == {"flows": len(frame), "no value or quantity": 1, "outliers": 1,
                                 "used": len(frame) - 2}
    assert len(got) == len(frame) - 2


def test_outliers_are_beyond_the_factor_of_the_median() -> None:
    price = np.array([1.0, 2, 3, 151, .039, 10, 10, 10])
    product = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    assert list(np.flatnonzero(unit_value_outliers(price, product, 50.0))) == [3, 4]


def test_range_of_a_single_value_is_missing() -> None:
    got = within_range(np.array([1.0, 3, 2, 7]), np.array([0, 0, 0, 1]))
    np.testing.assert_array_equal(got, [0, 1, .5, np.nan])


def test_faults() -> None:
    frame = flows(6)
    with pytest.raises(DataError, match="1 products have no sigma: p3"):
        quality(frame, {"p0": 5, "p1": 5, "p2": 5}, time="year")
    with pytest.raises(DataError, match=r"4 products have a sigma up to 1: p0, p1, p2, p3"):
        quality(frame, 1.0, time="year")
    with pytest.raises(DataError, match="duplicate flows"):
        quality(frame.drop(columns="year"))
    with pytest.raises(DataError, match="unknown column 'market'"):
        quality(frame, market="market", time="year")
    with pytest.raises(SpecError, match="unknown key 'region'"):
        quality(frame, effects=["product", "region"], time="year")
    bad = frame.copy()
    bad.loc[0, "quantity"] = -1.0
    bad.loc[1, "value"] = np.nan
    with pytest.raises(DataError) as caught:
        quality(bad, time="year")
    assert len(caught.value.problems) == 2
