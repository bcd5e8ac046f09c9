"""Toys whose answers are printed in the handbook of methods, to the printed digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gvckit.sophistication.advantage import advantage
from gvckit.sophistication.complexity import complexity
from gvckit.sophistication.complexity_kernels import spectrum
from gvckit.sophistication.diversification import diversification, similarity
from gvckit.sophistication.prody import expy, prody
from gvckit.sophistication.technical import technical_complexity

E = np.array([[80.0, 20, 0], [30, 50, 20], [10, 30, 160]])
INCOME = {"A": 1000.0, "B": 5000.0, "C": 20000.0}


def long(x: np.ndarray, countries: str = "ABCDEFGH", **more: object) -> pd.DataFrame:
    c, p = np.nonzero(np.ones_like(x))
    return pd.DataFrame({"country": [countries[i] for i in c], "product": [f"p{i}" for i in p],
                         "value": x.ravel(), **more})


def square(frame: pd.DataFrame, value: str, rows: str = "country",
           columns: str = "product") -> np.ndarray:
    wide = frame.astype({rows: str, columns: str}).pivot(index=rows, columns=columns, values=value)
    return wide.to_numpy()


@pytest.mark.parametrize(("kind", "printed"), [
    ("balassa", [[2.6667, .8, 0], [1, 2, .4444], [.1667, .6, 1.7778]]),
    ("symmetric", [[.4545, -.1111, -1], [0, .3333, -.3846], [-.7143, -.25, .28]]),
    ("normalised", [[.125, -.0125, -.1125], [0, .0625, -.0625], [-.125, -.05, .175]]),
])
def test_advantage(kind: str, printed: list[list[float]]) -> None:
    got = square(advantage(long(E), kind), "advantage")
    np.testing.assert_allclose(got, printed, rtol=0, atol=5e-5)


def test_additive_and_weighted_advantage_by_hand() -> None:
    share, world = E / E.sum(1, keepdims=True), E.sum(0) / E.sum()
    rca = share / world
    np.testing.assert_allclose(square(advantage(long(E), "additive"), "advantage"), share - world)
    np.testing.assert_allclose(square(advantage(long(E), "weighted"), "advantage"),
                               rca / rca.mean(1, keepdims=True))


def test_prody_and_expy() -> None:
    levels = prody(long(E), INCOME)
    np.testing.assert_allclose(levels["prody"], [2869.5652, 6705.8824, 17000], atol=5e-5)
    assert levels.attrs["identities"]["weights sum to 1 per product"] < 1e-15
    baskets = expy(long(E), INCOME)
    np.testing.assert_allclose(baskets["expy"], [3636.8286, 7613.8107, 14749.3604], atol=5e-5)
    assert baskets.attrs["coverage"] == 1.0


def test_moving_and_fixed_weights() -> None:
    two = pd.concat([long(E, year=2000), long(E[::-1], year=2001)])
    income = pd.DataFrame({"country": list("ABC") * 2, "year": [2000] * 3 + [2001] * 3,
                           "income": [1000.0, 5000, 20000, 2000, 6000, 21000]})
    moving = prody(two, income, time="year")
    alone = [prody(two[two.year == y].drop(columns="year"),
                   income[income.year == y].drop(columns="year"))["prody"] for y in (2000, 2001)]
    np.testing.assert_allclose(moving["prody"], np.concatenate(alone))
    fixed = prody(two, income, weights="fixed", base=[2000, 2001], time="year")
    assert list(fixed.columns) == ["product", "prody"]
    np.testing.assert_allclose(fixed["prody"], np.mean(alone, axis=0))
    baskets = expy(two, income, weights="fixed", base=2000, time="year")
    share = E / E.sum(1, keepdims=True)
    np.testing.assert_allclose(baskets["expy"], np.concatenate([share @ alone[0],
                                                                share[::-1] @ alone[0]]))
    given = expy(two, prody=prody(two, income, weights="fixed", base=2000, time="year"),
                 time="year")
    np.testing.assert_allclose(given["expy"], baskets["expy"])


def test_value_added_takes_the_place_of_exports() -> None:
    share = np.array([[.9, .5, 1], [.8, .7, .6], [.4, .5, .9]])
    frame = long(E, dvar=share.ravel(), dva=(E * share).ravel())
    plain = long(E * share)
    for given in ({"dvar": "dvar"}, {"dva": "dva"},
                  {"dvar": frame[["country", "product", "dvar"]]}):
        np.testing.assert_allclose(prody(frame, INCOME, adjust="dva", **given)["prody"],
                                   prody(plain, INCOME)["prody"])
        np.testing.assert_allclose(expy(frame, INCOME, adjust="dva", **given)["expy"],
                                   expy(plain, INCOME)["expy"])
    gross = prody(long(E), INCOME)["prody"].to_numpy()
    s, d = E / E.sum(1, keepdims=True), E * share
    np.testing.assert_allclose(expy(frame, INCOME, adjust="dva-shares", dva="dva")["expy"],
                               d / d.sum(1, keepdims=True) @ gross)
    for given in ({"dvar": "dvar"}, {"dva": "dva"}):
        np.testing.assert_allclose(expy(frame, INCOME, adjust="yao-zhang", **given)["expy"],
                                   (s * share) @ gross)
    np.testing.assert_allclose(advantage(frame, dva="dva")["advantage"],
                               advantage(plain)["advantage"])


def test_three_definitions_of_technical_complexity() -> None:
    industry = {"p0": "low", "p1": "high", "p2": "high"}
    summed = np.column_stack([E[:, 1] + E[:, 2], E[:, 0]])
    y = np.array(list(INCOME.values()))
    weight = summed / summed.sum(1, keepdims=True)
    common = technical_complexity(long(E), INCOME, definition="industry-prody", industry=industry)
    assert list(common["industry"].astype(str)) == ["high", "low"]
    np.testing.assert_allclose(common["ets"], y @ (weight / weight.sum(0)))
    levels = prody(long(E), INCOME)["prody"].to_numpy()
    own = technical_complexity(long(E), INCOME, definition="country-industry", industry=industry)
    high = (E[:, 1:] @ levels[1:]) / E[:, 1:].sum(1)
    np.testing.assert_allclose(square(own, "ets", columns="industry")[:, 0], high)
    np.testing.assert_allclose(square(own, "ets", columns="industry")[:, 1], levels[0])
    assert "country-industry" in own.attrs["definition"]
    world = prody(long(E[:, ::-1]), INCOME)
    there = technical_complexity(long(E), definition="province", industry=industry, levels=world)
    value = world["prody"].to_numpy()
    np.testing.assert_allclose(square(there, "ets", columns="industry")[:, 0],
                               (E[:, 1:] @ value[1:]) / E[:, 1:].sum(1))


def nested(size: int = 4) -> np.ndarray:
    return np.array([[1.0] * (size - i) + [0.0] * i for i in range(size)])


def test_nested_presence() -> None:
    """Eigenvalues 1, 1/4, 1/9, 1/16; ECI with ddof 0."""
    M = nested()
    found = spectrum(M)
    np.testing.assert_allclose(found.values, [1, 1 / 4, 1 / 9], rtol=1e-14)
    eci = found.country * np.sign(found.country[0])
    np.testing.assert_allclose((eci - eci.mean()) / eci.std(),
                               [1.341641, .447214, -.447214, -1.341641], atol=5e-7)
    # The same M out of trade: a threshold low enough that presence is x > 0.
    got = complexity(long(M), ddof=0, rca_threshold=1e-9).country
    np.testing.assert_allclose(got["index"], [1.341641, .447214, -.447214, -1.341641], atol=5e-7)
    assert list(got["diversity"]) == [4, 3, 2, 1]


def test_diversification_by_hand() -> None:
    got = diversification(long(E)).set_index("country")
    s = E / E.sum(1, keepdims=True)
    np.testing.assert_allclose(got["hhi"], (s**2).sum(1))
    np.testing.assert_allclose(got["hhi_normalised"], ((s**2).sum(1) - 1 / 3) / (2 / 3))
    assert list(got["products"]) == [2, 3, 3]
    # A: x/mu = 2.4, .6, 0.
    assert got.loc["A", "theil"] == pytest.approx((2.4 * np.log(2.4) + .6 * np.log(.6)) / 3)
    assert got.loc["A", "theil_between"] == pytest.approx(np.log(3 / 2))
    assert got.loc["A", "extensive"] == pytest.approx(220 / 400)
    assert got.loc["A", "intensive"] == pytest.approx(100 / 220)
    rest = diversification(long(E), reference="rest").set_index("country")
    assert rest.loc["A", "extensive"] == pytest.approx(120 / 300)
    assert rest.loc["A", "intensive"] == pytest.approx(100 / 120)
    alike = square(similarity(long(E)), "similarity", columns="partner")
    assert alike[0, 1] == alike[1, 0] == pytest.approx(.3 + .2)
    assert np.isnan(np.diag(alike)).all()
