"""Exports and incomes in the shapes that they come in; the names that users look for first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import DataError, SpecError

COUNTRIES, PRODUCTS = list("ABCDEF"), [f"p{i}" for i in range(9)]


def matrix(seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.lognormal(0, .5, (6, 9)).round(6)


def long(x: np.ndarray, **more: object) -> pd.DataFrame:
    c, p = np.indices(x.shape)
    return pd.DataFrame({"country": np.array(COUNTRIES)[c.ravel()],
                         "product": np.array(PRODUCTS)[p.ravel()], "value": x.ravel(), **more})


PLAIN = long(matrix())
INCOME = dict(zip(COUNTRIES, [900.0, 30000, 12000, 4000, 55000, 7000], strict=True))
SHAPES = {
    "rows in any order": PLAIN.sample(frac=1, random_state=3),
    "keys in the index": PLAIN.set_index(["country", "product"]),
    "a series": PLAIN.set_index(["country", "product"])["value"],
    "a grouped series": PLAIN.groupby(["product", "country"])["value"].sum(),
    "countries by products": PLAIN.pivot(index="country", columns="product", values="value"),
    "categories": PLAIN.astype({"country": "category", "product": "category"}),
    "without zeros": pd.concat([PLAIN[PLAIN["value"] > 0]]),
    "more columns": PLAIN.assign(name="x", region=1),
    "whole numbers for products": PLAIN.assign(product=PLAIN["product"].str[1:].astype(int)),
    "an index of its own": PLAIN.set_index(pd.Index(range(100, 100 + len(PLAIN)), name="row")),
}


def told(frame: pd.DataFrame, value: str) -> np.ndarray:
    keys = [c for c in ("country", "product", "partner") if c in frame]
    return frame.astype(dict.fromkeys(keys, str)).sort_values(keys)[value].to_numpy()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_a_shape_does_not_matter(shape: object) -> None:
    for made, value in (
            (lambda x: gk.rca(x), "rca"), (lambda x: gk.eci(x), "eci"),
            (lambda x: gk.pci(x), "pci"), (lambda x: gk.prody(x, INCOME), "prody"),
            (lambda x: gk.expy(x, INCOME), "expy"), (lambda x: gk.density(x), "density"),
            (lambda x: gk.diversification(x), "theil"), (lambda x: gk.similarity(x), "similarity"),
            (lambda x: gk.fitness(x).country, "index")):
        np.testing.assert_allclose(told(made(shape), value), told(made(PLAIN), value), rtol=1e-12)
    np.testing.assert_allclose(gk.proximity(shape).to_numpy(), gk.proximity(PLAIN).to_numpy())


@pytest.mark.parametrize("income", [
    INCOME, pd.Series(INCOME), pd.Series(INCOME).rename_axis("country"),
    pd.DataFrame({"country": COUNTRIES, "gdp": INCOME.values()}),
    pd.DataFrame({"country": COUNTRIES, "gdp": INCOME.values()}).set_index("country"),
    pd.DataFrame({"country": COUNTRIES, "value": INCOME.values(), "name": "x"}),
    pd.DataFrame({"country": COUNTRIES[::-1], "income": list(INCOME.values())[::-1]}),
], ids=["mapping", "series", "named", "frame", "index", "value", "reversed"])
def test_income_in_any_shape(income: object) -> None:
    x, y = matrix(), np.array(list(INCOME.values()))
    s = x / x.sum(1, keepdims=True)
    levels = y @ (s / s.sum(0))
    np.testing.assert_allclose(gk.prody(PLAIN, income)["prody"], levels)
    np.testing.assert_allclose(gk.expy(PLAIN, income)["expy"], s @ levels)


def test_a_column_of_years_is_the_time() -> None:
    two = pd.concat([long(matrix(s), year=2000 + s) for s in (4, 5)])
    income = pd.DataFrame({"country": COUNTRIES * 2, "year": [2004] * 6 + [2005] * 6,
                           "gdp": [*INCOME.values(), *(2 * v for v in INCOME.values())]})
    for made in (lambda x, **k: gk.complexity(x, **k).country, gk.advantage, gk.diversification,
                 gk.similarity, lambda x, **k: gk.expy(x, income, **k),
                 lambda x, **k: gk.prody(x, income, **k),
                 lambda x, **k: gk.product_space(x, **k).products):
        pd.testing.assert_frame_equal(made(two), made(two, time="year"))
    pd.testing.assert_frame_equal(
        gk.rca(two.rename(columns={"year": "t"}), time="t"),
        gk.rca(two).rename(columns={"year": "t"}))
    series = two.set_index(["country", "product", "year"])["value"]
    pd.testing.assert_frame_equal(gk.rca(series), gk.rca(two))
    one = gk.complexity(two[two["year"] == 2004]).country
    assert list(one.columns) == ["country", "year", "index", "diversity"]
    np.testing.assert_array_equal(one["index"], gk.complexity(PLAIN).country["index"])
    square = gk.proximity(two[two["year"] == 2004])
    np.testing.assert_array_equal(square, gk.proximity(PLAIN))
    assert gk.product_space(two[two["year"] == 2004]).proximity is not None
    with pytest.raises(SpecError, match=r"holds one period, the exports have 2 \(allowed: pairs"):
        gk.proximity(two)


def test_proximity_in_pairs_over_time() -> None:
    two = pd.concat([long(matrix(s), year=2000 + s) for s in (4, 5)])
    for of in ("product", "country"):
        pairs = gk.proximity(two, of=of, pairs=True)
        assert list(pairs.columns) == [of, "partner", "year", "proximity"]
        for seed in (4, 5):
            square = gk.proximity(long(matrix(seed)), of=of)
            here = pairs[pairs["year"] == 2000 + seed].astype({of: str, "partner": str})
            wide = here.pivot(index=of, columns="partner", values="proximity")
            away = ~np.eye(len(square), dtype=bool)
            np.testing.assert_array_equal(wide.to_numpy()[away], square.to_numpy()[away])


def test_other_names_of_columns() -> None:
    other = PLAIN.rename(columns={"country": "iso3", "product": "hs", "value": "usd"})
    names = {"country": "iso3", "product": "hs", "value": "usd"}
    got = gk.complexity(other, **names)
    assert list(got.country.columns) == ["iso3", "index", "diversity"]
    assert list(got.product.columns) == ["hs", "index", "ubiquity"]
    np.testing.assert_array_equal(got.country["index"], gk.complexity(PLAIN).country["index"])
    wide = other.pivot(index="iso3", columns="hs", values="usd")
    np.testing.assert_array_equal(gk.rca(wide, **names)["rca"], gk.rca(PLAIN)["rca"])


def test_short_names_are_columns_of_the_measures() -> None:
    whole = gk.complexity(PLAIN)
    np.testing.assert_array_equal(gk.eci(PLAIN)["eci"], whole.country["index"])
    assert list(gk.eci(PLAIN).columns) == ["country", "eci", "diversity"]
    assert list(gk.pci(PLAIN).columns) == ["product", "pci", "ubiquity"]
    assert gk.eci(PLAIN).attrs["definition"] == whole.country.attrs["definition"]
    assert list(gk.rca(PLAIN).columns) == ["country", "product", "rca"]
    space = gk.product_space(PLAIN)
    np.testing.assert_array_equal(gk.density(PLAIN)["density"], space.products["density"])
    assert "outlook" not in gk.density(PLAIN).attrs["definition"]
    with pytest.raises(SpecError, match="no option 'method' here"):
        gk.eci(PLAIN, method="fitness")
    with pytest.raises(SpecError, match="no option 'kind' here"):
        gk.rca(PLAIN, kind="symmetric")


def test_density_needs_no_index() -> None:
    """In a product space of two parts there is no ECI, and there is density."""
    parts = np.zeros((6, 9))
    parts[:3, :4], parts[3:, 4:] = matrix()[:3, :4], matrix()[3:, 4:]
    frame = long(parts)
    with pytest.raises(DataError, match="falls into 2 parts"):
        gk.product_space(frame, rca_threshold=1e-9)
    got = told(gk.density(frame, rca_threshold=1e-9), "density").reshape(6, 9)
    np.testing.assert_allclose(got[:3, :4], 1)
    np.testing.assert_allclose(got[:3, 4:], 0)
    parts[0, 1], parts[1, 2] = 0, 0
    frame = long(parts)
    kept = gk.product_space(frame, rca_threshold=1e-9, disconnected="largest")
    assert kept.country.attrs["dropped"]["apart from the largest part"] == ["D", "E", "F"]


def test_floors_of_the_product_space_are_those_of_complexity() -> None:
    people = dict(zip(COUNTRIES, [5, 50, 60, 70, 80, 0], strict=True))
    options = {"population": people, "min_population": 10, "min_product_exports": 1.0}
    index, space = gk.complexity(PLAIN, **options), gk.product_space(PLAIN, **options)
    assert list(space.country["country"]) == list(index.country["country"]) == list("BCDE")
    assert space.country.attrs["dropped"]["population below the floor"] == ["A", "F"]
    assert space.country.attrs["floors"] == index.country.attrs["floors"]


def test_value_added_in_place_of_exports_everywhere() -> None:
    share = np.random.default_rng(1).uniform(.2, 1, (6, 9))
    both = long(matrix(), dva=(matrix() * share).ravel(), dvar=share.ravel())
    added = long(matrix() * share)
    for made, value in (
            (lambda x, **k: gk.complexity(x, **k).country, "index"),
            (lambda x, **k: gk.product_space(x, **k).products, "gain"),
            (gk.similarity, "similarity"), (gk.diversification, "theil_within"),
            (gk.rca, "rca"), (gk.eci, "eci"), (gk.density, "density"),
            (lambda x, **k: gk.fitness(x, **k).product, "index"),
            (lambda x, **k: gk.proximity(x, pairs=True, **k), "proximity")):
        for given in ({"dva": "dva"}, {"dvar": "dvar"}):
            got = made(both, **given)
            np.testing.assert_allclose(told(got, value), told(made(added), value), rtol=1e-10)
            assert "domestic value added" in got.attrs["definition"]


def test_faults_of_shapes() -> None:
    with pytest.raises(DataError, match="expected a long data frame, got Series"):
        gk.eci(PLAIN["value"])
    with pytest.raises(DataError, match="expected a long data frame, got ndarray"):
        gk.eci(matrix())
    holes = PLAIN.pivot(index="country", columns="product", values="value")
    holes.iloc[0, 0] = np.nan
    with pytest.raises(DataError, match="value is missing in 1 rows: A p0"):
        gk.eci(holes)
    zero = matrix()
    zero[0, 0] = 0
    np.testing.assert_array_equal(gk.eci(holes, na="zero")["eci"], gk.eci(long(zero))["eci"])
    with pytest.raises(DataError, match="income has no column that is plainly its value"):
        gk.prody(PLAIN, pd.DataFrame({"country": COUNTRIES, "a": 1.0, "b": 2.0}))
