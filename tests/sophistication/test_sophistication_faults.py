"""Bad input gives one clear list, or a result that says what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, SpecError
from gvckit.sophistication.advantage import advantage
from gvckit.sophistication.complexity import complexity
from gvckit.sophistication.diversification import diversification, similarity
from gvckit.sophistication.product_space import product_space
from gvckit.sophistication.prody import expy, prody
from gvckit.sophistication.proximity import proximity
from gvckit.sophistication.technical import technical_complexity

INCOME = {"A": 1.0, "B": 2.0, "C": 3.0}


def long(x: object, **more: object) -> pd.DataFrame:
    x = np.asarray(x, dtype=float)
    c, p = np.indices(x.shape)
    return pd.DataFrame({"country": [f"{'ABCDEFGH'[i]}" for i in c.ravel()],
                         "product": [f"p{i}" for i in p.ravel()], "value": x.ravel(), **more})


GOOD = long([[6, 2, 5, 1], [7, 0, 2, 5], [0, 3, 1, 7]])
ALL = [advantage, complexity, product_space, proximity, diversification, similarity,
       lambda f, **k: prody(f, INCOME, **k), lambda f, **k: expy(f, INCOME, **k)]


@pytest.mark.parametrize("measure", ALL)
def test_every_fault_of_the_rows_is_told_at_once(measure: object) -> None:
    bad = GOOD.copy()
    bad["value"] = bad["value"].astype(object)
    bad.loc[0, "value"] = -5.0
    bad.loc[1, "value"] = None
    bad.loc[2, "value"] = "many"
    bad.loc[3, "value"] = np.inf
    bad.loc[4, "country"] = None
    with pytest.raises(DataError) as caught:
        measure(bad)
    text = str(caught.value)
    for part in ("negative in 1 rows: A p0", "missing in 1 rows: A p1", "not a number", "infinite",
                 "country is missing in 1 rows"):
        assert part in text
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize("measure", ALL)
def test_duplicates_absent_columns_and_no_rows(measure: object) -> None:
    with pytest.raises(DataError, match=r"2 duplicate rows: A p0, A p1.*time= names the column"):
        measure(pd.concat([GOOD, GOOD.iloc[:2]]))
    with pytest.raises(DataError, match="unknown column 'value'; did you mean 'values'"):
        measure(GOOD.rename(columns={"value": "values"}))
    with pytest.raises(DataError, match="no rows"):
        measure(GOOD.iloc[:0])
    with pytest.raises(DataError, match="expected a long data frame, got dict"):
        measure({"country": []})


def test_duplicates_name_the_period() -> None:
    two = pd.concat([GOOD.assign(year=2000), GOOD.assign(year=2001), GOOD.iloc[:1].assign(
        year=2001)])
    with pytest.raises(DataError, match="1 duplicate rows in 2001: A p0"):
        complexity(two, time="year")


def test_missing_values_can_be_no_exports() -> None:
    holes = GOOD.assign(value=GOOD["value"].where(GOOD["value"] > 0))
    np.testing.assert_array_equal(advantage(holes, na="zero")["advantage"],
                                  advantage(GOOD)["advantage"])


def test_missing_income_is_stated_or_refused() -> None:
    income = {"A": 1.0, "B": np.nan, "C": 3.0, "Z": 9.0}
    got = prody(GOOD, income)
    assert got.attrs["dropped"]["no income"] == ["B"]
    assert got.attrs["countries"] == ["A", "C"]
    pd.testing.assert_series_equal(
        got["prody"], prody(GOOD[GOOD["country"] != "B"], income)["prody"])
    with pytest.raises(DataError, match="1 countries have exports but no income: B"):
        prody(GOOD, income, missing="error")
    with pytest.raises(DataError, match="no country has both exports and income"):
        prody(GOOD, {"X": 1.0})
    with pytest.raises(DataError, match="income is not positive: A"):
        prody(GOOD, {"A": -1.0, "B": 2.0, "C": 3.0})
    with pytest.raises(DataError, match="duplicate keys: A"):
        prody(GOOD, pd.DataFrame({"country": ["A", "A", "B"], "income": [1.0, 2, 3]}))


def test_a_balanced_set_leaves_out_who_enters() -> None:
    two = pd.concat([GOOD[GOOD["country"] != "C"].assign(year=2000), GOOD.assign(year=2001)])
    kept = expy(two, INCOME, time="year")
    assert sorted(set(kept["country"].astype(str))) == ["A", "B"]
    assert kept.attrs["dropped"]["no exports"] == ["C"]
    loose = expy(two, INCOME, time="year", balanced=False)
    assert len(loose) == 5


def test_products_that_nobody_exports_and_countries_without_exports() -> None:
    x = np.array([[6.0, 2, 5, 1, 0], [7, 0, 2, 5, 0], [0, 3, 1, 7, 0], [0, 0, 0, 0, 0]])
    frame = long(x)
    levels = prody(frame, {**INCOME, "D": 4.0})
    assert levels.attrs["products without exports"] == ["p4"]
    assert levels.attrs["dropped"]["no exports"] == ["D"]
    got = complexity(frame)
    assert got.country.attrs["dropped"]["no exports"] == ["D"]
    assert got.country.attrs["dropped"]["products without exports"] == ["p4"]
    pd.testing.assert_series_equal(got.country["index"], complexity(GOOD).country["index"])
    rca = advantage(frame)
    assert rca.attrs["dropped"] == {"no exports": ["D"], "products without exports": ["p4"]}
    assert diversification(frame).attrs["dropped"]["no exports"] == ["D"]
    for measure in (complexity, advantage, diversification, product_space):
        with pytest.raises(DataError, match=r"all exports are 0|no country has exports"):
            measure(long(np.zeros((2, 2))))


def test_no_second_eigenvector() -> None:
    with pytest.raises(DataError, match="3 countries and 1 products"):
        complexity(long([[1], [2], [3]]))
    with pytest.raises(DataError, match="all countries have the same products"):
        complexity(long([[1, 1], [1, 1]]))
    fit = complexity(long([[1], [2], [3]]), "fitness").country
    assert list(fit["index"]) == [1, 1, 1]
    assert list(fit["rank"]) == [1, 1, 1]
    # Three countries that are each other's mirror images: the eigenvalue is there twice.
    ring = 1 - np.eye(3)
    with pytest.raises(DataError, match="is there twice"):
        complexity(long(ring))


BLOCKS = np.array([[4, 1, 2, 0, 0], [1, 5, 1, 0, 0], [2, 1, 7, 0, 0], [0, 0, 0, 3, 1],
                   [0, 0, 0, 1, 3.0]])


def test_a_product_space_in_parts() -> None:
    frame = long(BLOCKS)
    frame = frame[frame["value"] > 0]
    loose = {"rca_threshold": 1e-6}
    with pytest.raises(DataError, match=r"falls into 2 parts.*D, E"):
        complexity(frame, **loose)
    with pytest.raises(DataError, match="falls into 2 parts"):
        product_space(frame, **loose)
    assert len(complexity(frame, "fitness", **loose).country) == 5
    part = BLOCKS.copy()
    part[0, 1], part[1, 2] = 0, 0
    frame = long(part)
    largest = complexity(frame, disconnected="largest", **loose).country
    assert list(largest["country"].astype(str)) == ["A", "B", "C"]
    assert largest.attrs["dropped"]["apart from the largest part"] == ["D", "E"]


def test_every_period_is_told() -> None:
    one = long([[1, 1], [1, 1]])
    two = pd.concat([one.assign(year=y) for y in (2000, 2001)])
    with pytest.raises(DataError) as caught:
        complexity(two, time="year")
    assert [str(p.where) for p in caught.value.problems] == ["2000", "2001"]


def test_floors_are_stated() -> None:
    x = np.array([[60.0, 20, 50, 10], [70, 0, 20, 50], [0, 30, 10, 70], [1, 0, 0, 1]])
    frame = long(x)
    got = complexity(frame, min_exports=50).country
    assert got.attrs["dropped"]["exports below the floor"] == ["D"]
    pd.testing.assert_frame_equal(got, complexity(long(x[:3])).country, check_categorical=False)
    people = {"A": 2e6, "B": 2e6, "C": 2e6, "D": 100.0}
    same = complexity(frame, population=people, min_population=1e6).country
    assert same.attrs["dropped"]["population below the floor"] == ["D"]
    assert "population >= 1e+06" in same.attrs["floors"]
    with pytest.raises(SpecError, match="min_population without a population"):
        complexity(frame, min_population=1e6)


def test_populations_are_checked() -> None:
    with pytest.raises(DataError, match=r"population is negative: B \(allowed: 0 or more\)"):
        complexity(GOOD, population={"A": 1, "B": -2, "C": 0}, min_population=1)
    with pytest.raises(DataError, match="no country has exports that pass the floors"):
        complexity(GOOD, population={"A": 0, "B": 0, "C": 0}, min_population=1)
    with pytest.raises(DataError, match=r"population is not a finite number in 1 rows"):
        complexity(GOOD, population={"A": np.inf, "B": 1, "C": 1}, min_population=1)


DEGENERATE = {"one product": [[1], [2], [3]], "one country": [[1, 2, 3]], "one cell": [[1]],
              "the same": [[1, 2], [1, 2]], "apart": np.eye(3), "tiny": [[1e-300, 2e-300],
                                                                       [3e-300, 1e-300]]}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("x", DEGENERATE.values(), ids=list(DEGENERATE))
def test_what_is_defined_on_little_is_stated(x: object) -> None:
    """No index of complexity, but everything else has its value, without a warning."""
    x = np.asarray(x, dtype=float)
    frame, income = long(x), dict(zip("ABC", [1.0, 2.0, 3.0], strict=True))
    with pytest.raises(DataError, match=r"second eigenv|falls into"):
        complexity(frame)
    share = x / x.sum(1, keepdims=True)
    levels = np.array([1.0, 2.0, 3.0])[:len(x)] @ (share / share.sum(0))
    np.testing.assert_allclose(prody(frame, income)["prody"], levels)
    np.testing.assert_allclose(expy(frame, income)["expy"], share @ levels)
    rca = advantage(frame)["advantage"].to_numpy().reshape(x.shape)
    np.testing.assert_allclose(rca, share / (x.sum(0) / x.sum()))
    spread = diversification(frame)
    np.testing.assert_allclose(spread["hhi"], (share**2).sum(1))
    assert (spread["hhi_normalised"].isna() == (x.shape[1] == 1)).all()
    np.testing.assert_allclose(spread["theil"], spread["theil_between"] + spread["theil_within"],
                               atol=1e-15)
    np.testing.assert_allclose(spread["extensive"] * spread["intensive"], spread["relative"])
    assert len(similarity(frame)) == len(x) * (len(x) - 1)
    assert complexity(frame, "fitness").country["index"].mean() == pytest.approx(1)
    np.testing.assert_array_equal(np.diag(proximity(frame)), 1)


def test_sign_conventions() -> None:
    got = complexity(GOOD)
    assert np.corrcoef(got.country["index"], got.country["diversity"])[0, 1] > -1e-12
    other = complexity(GOOD, sign="ubiquity")
    assert np.corrcoef(other.product["index"], other.product["ubiquity"])[0, 1] < 1e-12
    np.testing.assert_allclose(np.abs(other.country["index"]), np.abs(got.country["index"]))
    assert "corr(PCI, ubiquity) < 0" in other.country.attrs["definition"]


@pytest.mark.parametrize(("call", "says"), [
    (lambda: complexity(GOOD, "eigen"), "unknown method 'eigen'; did you mean 'eigenvalue'"),
    (lambda: complexity(GOOD, convention="R"), "unknown convention 'R'"),
    (lambda: complexity(GOOD, ddof=2), r"ddof is 2 \(allowed: 0 or 1\)"),
    (lambda: complexity(GOOD, "reflections", iterations=3), "an even order"),
    (lambda: complexity(GOOD, iterations=3), "no iterations"),
    (lambda: complexity(GOOD, "fitness", iterations=0), "iterations is 0"),
    (lambda: complexity(GOOD, disconnected="drop"), "unknown disconnected 'drop'"),
    (lambda: complexity(GOOD, presence="yes"), "unknown presence 'yes'"),
    (lambda: advantage(GOOD, "Balassa"), "did you mean 'balassa'"),
    (lambda: prody(GOOD, INCOME, weights="fixed"), "weights='fixed' without periods"),
    (lambda: prody(GOOD, INCOME, base=2000), "base= is given"),
    (lambda: prody(GOOD, INCOME, weights="move"), "unknown weights 'move'"),
    (lambda: prody(GOOD, INCOME, adjust="yao-zhang", dvar="x"), "changes EXPY, not PRODY"),
    (lambda: prody(GOOD, INCOME, adjust="dva"), "with neither of dva and dvar"),
    (lambda: expy(GOOD, INCOME, dva="x"), "adjust='none' with one of dva and dvar"),
    (lambda: expy(GOOD), "income or prody"),
    (lambda: technical_complexity(GOOD, INCOME, definition="ets"), "unknown definition 'ets'"),
    (lambda: technical_complexity(GOOD, INCOME, definition="province"), "needs the industry"),
    (lambda: diversification(GOOD, reference="all"), "unknown reference 'all'"),
    (lambda: product_space(GOOD, outlook="ecomplexity", method="fitness"), "eigenvector"),
])
def test_options(call: object, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        call()


def test_value_added_is_checked() -> None:
    frame = GOOD.assign(dvar=1.5, dva=-1.0)
    with pytest.raises(DataError, match="dvar is above 1 in 12 rows"):
        prody(frame, INCOME, adjust="dva", dvar="dvar")
    with pytest.raises(DataError, match="dva is negative in 12 rows"):
        prody(frame, INCOME, adjust="dva", dva="dva")
    with pytest.raises(DataError, match="dvar is missing in 3 rows: B p0, B p2, B p3"):
        prody(GOOD, INCOME, adjust="dva",
              dvar=pd.DataFrame({"country": ["A", "C"], "dvar": [.5, .6]}))
    with pytest.raises(DataError, match="unknown column 'none'"):
        advantage(GOOD, dva="none")


def test_industries_are_checked() -> None:
    with pytest.raises(DataError, match="1 products have no industry: p3"):
        technical_complexity(GOOD, INCOME, definition="country-industry",
                             industry={"p0": "a", "p1": "a", "p2": "b"})
    twice = GOOD.assign(industry=np.where(GOOD["country"] == "A", "a", "b"))
    with pytest.raises(DataError, match="more than one industry: p0, p1, p2, p3"):
        technical_complexity(twice, INCOME, definition="country-industry", industry="industry")


def test_keys_are_categoricals_in_the_order_of_the_source() -> None:
    order = ["C", "A", "B", "never"]
    frame = GOOD.assign(country=pd.Categorical(GOOD["country"], categories=order))
    got = complexity(frame).country
    assert list(got["country"]) == ["C", "A", "B"]
    assert list(got["country"].cat.categories) == ["C", "A", "B"]
    again = complexity(GOOD).country.set_index("country")["index"]
    np.testing.assert_allclose(got["index"], again[["C", "A", "B"]])
