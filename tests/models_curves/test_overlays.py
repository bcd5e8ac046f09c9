"""Turning points, interactions, multiple tests, randomisation: against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from curve_panels import make_panel
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests

from gvckit.errors import ModelError, SpecError
from gvckit.models.fit import fit
from gvckit.models.moderation import johnson_neyman, marginal_effects
from gvckit.models.multiple import benjamini_hochberg, holm, romano_wolf
from gvckit.models.quadratic import fieller, turning_point
from gvckit.models.randomise import randomisation_test

KEYS = {"unit": "unit", "time": "year"}


def curved(turn: float = 1.0):
    """Return a panel with an inverse U that turns at ``turn``, and its fit."""
    panel = make_panel(60, 8)
    panel["y"] = -(panel["x"] - turn) ** 2 + np.random.default_rng(0).normal(size=len(panel))
    panel["x_sq"] = panel["x"] ** 2
    model = {"y": "y", "x": ["x", "x_sq"], "fe": ["unit", "year"], "se": {"cluster": "country"}}
    return panel, fit(panel, model, **KEYS)


def test_a_planted_turn_is_found_with_the_share_beyond():
    panel, done = curved()
    turn = turning_point(done, "x", "x_sq", panel["x"].to_numpy())
    assert turn.shape == "inverse U"
    assert turn.low < 1.0 < turn.high
    assert turn.p < 0.001
    assert turn.share_beyond == (panel["x"] > turn.point).mean()
    # both one-sided tests by hand
    for x, sign in ((panel["x"].min(), 1), (panel["x"].max(), -1)):
        g = np.array([1.0, 2 * x])
        t = sign * (g @ done.coef) / np.sqrt(g @ done.vcov.to_numpy() @ g)
        assert turn.p >= student.sf(t, done.stats["dof"]) - 1e-15
    assert "Lind-Mehlum p = 0.000" in turn.words()


def test_a_turn_outside_of_the_data_is_no_turn():
    panel, done = curved(turn=50.0)
    turn = turning_point(done, "x", "x_sq", panel["x"].to_numpy())
    assert turn.p >= 0.5
    assert turn.share_beyond in (0.0, 1.0)
    with pytest.raises(SpecError, match="unknown term 'x2'"):
        turning_point(done, "x", "x2", panel["x"].to_numpy())


@pytest.mark.parametrize(("b", "vcov"), [
    ((1.0, -0.5), [[0.01, -0.002], [-0.002, 0.004]]),
    ((0.1, -0.05), [[0.01, -0.002], [-0.002, 0.004]]),
    ((1.0, 0.05), [[0.01, 0.003], [0.003, 0.01]]),
])
def test_fieller_holds_the_points_that_a_test_at_each_point_does_not_reject(b, vcov):
    low, high = fieller(*b, np.array(vcov), 2.0)
    grid = np.linspace(-80, 80, 64_001)
    slope = b[0] + 2 * grid * b[1]
    variance = vcov[0][0] + 4 * grid * vcov[0][1] + 4 * grid**2 * vcov[1][1]
    kept = slope**2 <= 4.0 * variance
    inside = (grid >= low) & (grid <= high) if low <= high else (grid <= high) | (grid >= low)
    assert (kept == inside).mean() > 0.9999


@pytest.mark.parametrize("slope", [0.6, 0.0])
def test_johnson_neyman_is_where_the_band_leaves_zero(slope):
    panel = make_panel(60, 8)
    rng = np.random.default_rng(1)
    panel["xm"] = panel["x"] * panel["a"]
    panel["y"] = 0.3 * panel["x"] + slope * panel["xm"] + rng.normal(size=len(panel))
    done = fit(panel, {"y": "y", "x": ["x", "xm"], "controls": ["a"], "fe": ["unit", "year"],
                       "se": {"cluster": "country"}}, **KEYS)
    region = johnson_neyman(done, "x", "xm", panel["a"].to_numpy())
    grid = np.linspace(-60, 60, 24_001)
    effects = marginal_effects(done, "x", "xm", grid)
    significant = ((effects["low"] > 0) | (effects["high"] < 0)).to_numpy()
    changes = grid[1:][np.diff(significant.astype(int)) != 0]
    inner = [b for b in region.bounds if abs(b) < 60]
    np.testing.assert_allclose(inner, changes, atol=0.006)
    if len(region.bounds) == 2:
        middle = (grid > region.bounds[0]) & (grid < region.bounds[1])
        assert significant[middle].all() == region.inside
    at = marginal_effects(done, "x", "xm", panel["a"].to_numpy())
    assert region.share == ((at["low"] > 0) | (at["high"] < 0)).mean()
    recentred = fit(panel.assign(xm=panel["x"] * (panel["a"] - 0.5)), done.model, **KEYS)
    row = effects.iloc[np.argmin(np.abs(grid - 0.5))]
    np.testing.assert_allclose((row["effect"], row["se"]),
                               (recentred.coef["x"], recentred.se["x"]), rtol=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_holm_and_benjamini_hochberg_are_those_of_statsmodels(seed):
    p = np.round(np.random.default_rng(seed).uniform(size=12) ** 3, 3)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)
    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1],
                               rtol=1e-12)


def test_romano_wolf_is_its_loop_and_lies_between_one_test_and_bonferroni():
    rng = np.random.default_rng(3)
    t, drawn = np.array([3.1, 0.2, -2.5, 2.4]), rng.normal(size=(499, 4)) @ np.linalg.cholesky(
        0.7 + 0.3 * np.eye(4)).T
    found = romano_wolf(t, drawn)
    left, last, expected = [0, 1, 2, 3], 0.0, np.zeros(4)
    while left:
        i = max(left, key=lambda j: abs(t[j]))
        p = (1 + np.sum(np.abs(drawn[:, left]).max(axis=1) >= abs(t[i]))) / 500
        expected[i] = last = max(last, p)
        left.remove(i)
    np.testing.assert_allclose(found, expected)
    single = (1 + (np.abs(drawn) >= np.abs(t)).sum(axis=0)) / 500
    assert (found >= single).all()
    assert (found <= np.minimum(1, holm(single)) + 1e-12).all()
    with pytest.raises(ValueError, match="do not fit"):
        romano_wolf(t, drawn[:, :3])
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm(np.array([0.2, np.nan]))


def test_randomisation_draws_are_fits_of_dealt_regressors():
    panel = make_panel(16, 4, gaps=False)
    panel["policy"] = panel["country"].isin(["C00", "C02"]).astype(float)
    model = {"y": "y", "x": ["policy"], "controls": ["a"], "fe": ["year"],
             "se": {"cluster": "country"}, "ssc": "none", "wild": {"reps": 0}}
    test = randomisation_test(panel, model, by=["country"], draws=4_000, **KEYS)
    done = fit(panel, model, **KEYS)
    assert test.estimate == pytest.approx(done.coef["policy"], rel=1e-10)
    assert test.t == pytest.approx(done.t["policy"], rel=1e-10)
    b = [fit(panel.assign(policy=panel["country"].isin(pair).astype(float)), model, **KEYS)
         for pair in itertools.combinations(sorted(panel["country"].unique()), 2)]
    exact = np.mean([abs(f.coef["policy"]) >= abs(test.estimate) - 1e-12 for f in b])
    exact_t = np.mean([abs(f.t["policy"]) >= abs(test.t) - 1e-9 for f in b])
    # 4,000 draws of the six equally likely dealings: four standard errors
    assert abs(test.p - exact) < 4 * 0.5 / np.sqrt(4_000)
    assert abs(test.p_t - exact_t) < 4 * 0.5 / np.sqrt(4_000)
    assert "between country" in test.words


def with_paths(panel):
    """Return the panel with a policy that has a path of its own in each country."""
    rng = np.random.default_rng(5)
    moves = {c: np.cumsum(rng.normal(size=panel["year"].nunique()))
             for c in sorted(panel["country"].unique())}
    first = panel["year"].min()
    policy = [moves[c][t - first] for c, t in zip(panel["country"], panel["year"], strict=True)]
    return panel.assign(policy=policy), moves


def test_whole_paths_are_dealt_between_countries_with_the_same_years():
    panel, moves = with_paths(make_panel(20, 5, gaps=False))
    model = {"y": "y", "x": ["policy"], "controls": ["a"], "fe": ["unit", "year"],
             "se": {"cluster": "country"}, "ssc": "none", "wild": {"reps": 0}}
    test = randomisation_test(panel, model, by=["country"], draws=4_000, **KEYS)
    assert test.paths
    assert "paths between country" in test.words
    names = list(moves)
    assert 3 <= len(names) <= 5
    first = panel["year"].min()
    fits = []
    for order in itertools.permutations(names):
        given = dict(zip(names, order, strict=True))
        policy = [moves[given[c]][t - first]
                  for c, t in zip(panel["country"], panel["year"], strict=True)]
        fits.append(fit(panel.assign(policy=policy), model, **KEYS))
    exact = np.mean([abs(f.coef["policy"]) >= abs(test.estimate) - 1e-12 for f in fits])
    exact_t = np.mean([abs(f.t["policy"]) >= abs(test.t) - 1e-9 for f in fits])
    assert 0 < exact < 1
    assert abs(test.p - exact) < 4 * 0.5 / np.sqrt(4_000)
    assert abs(test.p_t - exact_t) < 4 * 0.5 / np.sqrt(4_000)


def test_countries_alone_with_their_years_keep_their_paths():
    panel, moves = with_paths(make_panel(20, 5, gaps=False))
    names, years = list(moves), sorted(panel["year"].unique())
    model = {"y": "y", "x": ["policy"], "fe": ["unit", "year"], "se": {"cluster": "country"}}
    short = panel[(panel["country"] != names[0]) | (panel["year"] != years[0])]
    assert randomisation_test(short, model, by=["country"], draws=9, **KEYS).alone == 1
    alone = panel[[t not in years[:names.index(c)]
                   for c, t in zip(panel["country"], panel["year"], strict=True)]]
    with pytest.raises(ModelError, match="no path to exchange"):
        randomisation_test(alone, model, by=["country"], **KEYS)


def test_randomisation_keeps_strata_and_says_faults():
    panel = make_panel(20, 5, gaps=False)
    model = {"y": "y", "x": ["x"], "fe": ["unit", "year"]}
    one = randomisation_test(panel, model, within=["year"], draws=99, **KEYS)
    two = randomisation_test(panel.sample(frac=1, random_state=2), model, within=["year"],
                             draws=99, **KEYS)
    assert one == two
    assert one.p == pytest.approx(0.01)
    with pytest.raises(ModelError, match="changes within country in one year"):
        randomisation_test(panel, model, by=["country"], **KEYS)
    with pytest.raises(ModelError, match="changes within country: groups"):
        randomisation_test(panel, model, by=["country"], unit="unit")
    with pytest.raises(SpecError, match="unknown column 'region'"):
        randomisation_test(panel, model, within=["region"], **KEYS)
