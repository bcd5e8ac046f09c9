"""Thirty random designs against statsmodels with dummies, linearmodels and pyfixest.

Unbalanced panels with gaps, weights, interacted and nested effects, unit trends, one- to three-way
clusters, drawn from numbered seeds.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from gvckit.models.fit import fit

KEYS: dict[str, Any] = {"unit": ["country", "sector"], "time": "year"}
EFFECTS: tuple[list[str], ...] = (
    [], ["country"], ["country*sector"], ["country*sector", "year"], ["country*year", "sector"],
    ["country", "sector", "year"], ["country*sector", "country*year"], ["country*sector",
                                                                          "sector*year"],
    ["country[year]", "sector"])
CLUSTERS: tuple[list[str], ...] = (
    ["country"], ["country*sector"], ["year"], ["country", "year"], ["country*sector", "year"],
    ["country", "sector", "year"])


def drawn(seed: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a random panel and a random model on it."""
    rng = np.random.default_rng([20250101, seed])
    countries, sectors, years = rng.integers(7, 12), rng.integers(3, 6), rng.integers(5, 9)
    index = pd.MultiIndex.from_product(
        [[f"C{i:02d}" for i in range(countries)], list("abcdef")[:sectors],
         range(2000, 2000 + years)], names=["country", "sector", "year"])
    frame = index.to_frame(index=False)
    n = len(frame)
    effect = rng.normal(size=countries)[frame["country"].str[1:].astype(int)]
    frame["x"] = effect + rng.normal(size=n) * rng.uniform(0.2, 50)
    frame["z"] = rng.normal(size=n) + 0.5 * frame["x"] / frame["x"].std()
    frame["v"] = rng.normal(size=n) ** 3
    frame["w"] = rng.uniform(0.2, 4, size=n)
    frame["y"] = 1000 + frame["x"] - frame["z"] + effect + rng.normal(size=n) * (
        1 + np.abs(frame["v"]))
    frame.loc[rng.random(n) < 0.05, "z"] = np.nan
    frame = frame[rng.random(n) < rng.uniform(0.7, 1.0)].sample(frac=1, random_state=seed)
    model = {"y": "y", "x": ["x"], "controls": [["z"], ["z", "v"]][rng.integers(2)],
             "fe": EFFECTS[seed % len(EFFECTS)],
             "weights": [None, "w"][int(rng.integers(2))],
             "se": [{"cluster": CLUSTERS[int(rng.integers(len(CLUSTERS)))]}, "iid", "hc1"][
                 int(rng.choice(3, p=[0.7, 0.15, 0.15]))]}
    return frame.reset_index(drop=True), model


def labels(frame: pd.DataFrame, text: str) -> pd.Series:
    return frame[text.split("*")].astype(str).agg("-".join, axis=1)


def without_singletons(frame: pd.DataFrame, effects: list[str]) -> pd.DataFrame:
    while True:
        keep = np.ones(len(frame), dtype=bool)
        for text in effects:
            own = labels(frame, text.partition("[")[0])
            keep &= (own.map(own.value_counts()) > 1).to_numpy()
        if keep.all():
            return frame
        frame = frame[keep].reset_index(drop=True)


def columns_of(frame: pd.DataFrame, effects: list[str]) -> np.ndarray:
    blocks = []
    for text in effects:
        groups, _, slope = text.rstrip("]").partition("[")
        blocks.append(pd.get_dummies(labels(frame, groups), dtype=float).to_numpy())
        if slope:
            blocks.append(blocks[-1] * (frame[[slope]].to_numpy() - 2004.0))
    return np.column_stack(blocks) if blocks else np.ones((len(frame), 1))


def by_dummies(frame: pd.DataFrame, model: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, int]:
    """Return coefficients, the sandwich without any factor, and the rank of the dummies."""
    terms = [*model["x"], *model["controls"]]
    D = columns_of(frame, model["fe"])
    root = np.ones(len(frame)) if model["weights"] is None else np.sqrt(frame["w"].to_numpy())
    D, X, y = D * root[:, None], frame[terms].to_numpy() * root[:, None], frame["y"] * root
    basis = np.linalg.svd(D, full_matrices=False)
    U = basis[0][:, basis[1] > 1e-9 * basis[1][0]]
    X, y = X - U @ (U.T @ X), y - U @ (U.T @ y)
    done = sm.OLS(y, X).fit()
    bread = np.linalg.inv(X.T @ X)
    psi = X * np.asarray(done.resid)[:, None] @ bread
    if model["se"] == "iid":
        return done.params.to_numpy(), bread * float(done.ssr) / len(y), U.shape[1]
    if model["se"] == "hc1":
        return done.params.to_numpy(), psi.T @ psi, U.shape[1]
    by = model["se"]["cluster"]
    total = np.zeros((len(terms), len(terms)))
    for size in range(1, len(by) + 1):
        for subset in combinations(by, size):
            joint = pd.Series("", index=frame.index).str.cat(
                [labels(frame, text) for text in subset], sep="|")
            sums = pd.DataFrame(psi).groupby(joint.to_numpy()).sum().to_numpy()
            total += (-1) ** (size + 1) * sums.T @ sums
    return done.params.to_numpy(), total, U.shape[1]


@pytest.mark.parametrize("seed", range(30))
def test_a_random_design_is_least_squares_with_dummies(seed):
    frame, model = drawn(seed)
    got = fit(frame, {**model, "ssc": "none", "wild": False}, **KEYS)
    rows = without_singletons(frame.dropna(subset=["z"]).reset_index(drop=True), model["fe"])
    assert got.n == len(rows)
    coef, sandwich, rank = by_dummies(rows, model)
    terms = [*model["x"], *model["controls"]]
    np.testing.assert_allclose(got.coef[terms], coef, rtol=1e-8)
    if got.se_kind["repaired"]:
        # the intercept is in the repaired matrix but not in this one
        if not model["fe"]:
            return
        values, vectors = np.linalg.eigh(sandwich)
        sandwich = (vectors * np.maximum(values, 0)) @ vectors.T
    np.testing.assert_allclose(got.vcov.loc[terms, terms], sandwich, rtol=1e-7,
                               atol=1e-12 * np.abs(sandwich).max())
    exact = fit(frame, {**model, "se": "iid", "ssc": "reghdfe"}, **KEYS)
    if len(model["fe"]) < 3 and not any("[" in e for e in model["fe"]):
        assert exact.stats["dof"] == len(rows) - rank - len(terms)


@pytest.mark.parametrize("seed", [s for s in range(30) if EFFECTS[s % 9] == ["country*sector",
                                                                             "year"]])
def test_two_way_effects_are_linearmodels(seed):
    from linearmodels.panel import PanelOLS

    frame, model = drawn(seed)
    got = fit(frame, {**model, "se": "iid", "ssc": "reghdfe"}, **KEYS)
    rows = without_singletons(frame.dropna(subset=["z"]).reset_index(drop=True), model["fe"])
    indexed = rows.assign(unit=labels(rows, "country*sector")).set_index(["unit", "year"])
    theirs = PanelOLS(indexed["y"], indexed[[*model["x"], *model["controls"]]], singletons=False,
                      entity_effects=True, time_effects=True,
                      weights=indexed["w"] if model["weights"] else None).fit()
    np.testing.assert_allclose(got.coef, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(got.se, theirs.std_errors, rtol=1e-8)


@pytest.mark.filterwarnings("ignore")  # pyfixest's own
@pytest.mark.parametrize("seed", [s for s in range(30) if len(EFFECTS[s % 9]) >= 2
                                  and "[" not in EFFECTS[s % 9][0]][::3])
def test_effects_are_pyfixests(seed):
    import pyfixest as pf

    frame, model = drawn(seed)
    frame = frame.dropna(subset=["z"]).reset_index(drop=True)
    for text in model["fe"]:
        frame[f"e{model['fe'].index(text)}"] = pd.factorize(labels(frame, text))[0]
    formula = "y ~ " + " + ".join([*model["x"], *model["controls"]]) + " | " + " + ".join(
        f"e{i}" for i in range(len(model["fe"])))
    theirs = pf.feols(formula, frame, vcov={"CRV1": "country"}, weights=model["weights"],
                      ssc=pf.ssc(k_adj=False, G_adj=False), fixef_rm="singleton",
                      demeaner=pf.demeaners.MapDemeaner(fixef_tol=1e-12))
    got = fit(frame, {**model, "se": {"cluster": "country"}, "ssc": "none", "wild": False}, **KEYS)
    np.testing.assert_allclose(got.coef, theirs.coef(), rtol=1e-7)
    np.testing.assert_allclose(got.se, theirs.se(), rtol=1e-6)
