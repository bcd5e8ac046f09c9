"""Joint inference on a curve: against an explicit loop over draws, and where nothing is planted."""

from __future__ import annotations

import numpy as np
import pytest
from curve_panels import make_panel

from gvckit.models.codes import encode
from gvckit.models.curve import curve
from gvckit.models.demean import demean
from gvckit.models.seeds import generator, seed_of

BASE = {"y": "y", "x": ["x"], "fe": ["unit", "year"], "se": {"cluster": "country"}}


def test_the_draws_are_those_of_a_loop_over_specifications_and_draws():
    panel = make_panel(units=40, years=6, gaps=False).sort_values(["unit", "year"])
    panel = panel.reset_index(drop=True)
    controls = [[], ["a"], ["b"], ["a", "c"]]
    found = curve(panel, BASE, vary={"controls": controls}, unit="unit", time="year", draws=60,
                  seed=11).attrs["joint"]
    groups = encode(panel["country"])
    effects = [encode(panel["unit"]), encode(panel["year"])]
    psi = []
    for names in controls:
        y, x, *rest = demean(panel[["y", "x", *names]].to_numpy(), effects).T
        if rest:
            W = np.column_stack(rest)
            y, x = (v - W @ np.linalg.lstsq(W, v, rcond=None)[0] for v in (y, x))
        # y is now the residual of the regression without x, and x its own residual
        psi.append(np.bincount(groups.codes, weights=x * y / (x @ x)))
    psi = np.column_stack(psi)
    G = groups.levels
    spread = np.sqrt((psi**2).sum(axis=0) * G / (G - 1))
    signs = 1.0 - 2.0 * generator(11, "joint").integers(0, 2, size=(60, G))
    from scipy.stats import norm
    from scipy.stats import t as student
    def statistics(v):
        b = v @ psi
        t = b / spread
        critical = student.ppf(0.975, G - 1)
        z = norm.ppf(student.cdf(t, G - 1))
        return (abs(np.median(b)), max((t > critical).mean(), (t < -critical).mean()),
                abs(z.sum()) / np.sqrt(len(t)))
    seen = statistics(np.ones(G))
    np.testing.assert_allclose(
        (abs(found["median"]), found["share_significant"], abs(found["stouffer_z"])), seen)
    drawn = np.array([statistics(v) for v in signs])
    expected = (1 + (drawn >= np.array(seen) - 1e-9).sum(axis=0)) / 61
    np.testing.assert_allclose(
        (found["p_median"], found["p_share"], found["p_stouffer"]), expected)


def test_without_an_effect_joint_tests_reject_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    panel = make_panel(units=120, years=4, gaps=False)
    rejected = np.zeros(3)
    for r in range(60):
        panel["y"] = rng.normal(size=len(panel)) + rng.normal(size=30)[
            encode(panel["country"]).codes]
        panel["x"] = rng.normal(size=len(panel))
        joint = curve(panel, BASE, vary={"controls": [[], ["a"], ["b"], ["a", "b"]]}, unit="unit",
                      time="year", draws=99, seed=r).attrs["joint"]
        rejected += [joint[key] <= 0.05 for key in ("p_median", "p_share", "p_stouffer")]
    # 60 draws at 5 %: more than 9 happen with probability 0.1 %
    assert (rejected <= 9).all()


def test_a_planted_effect_is_found_and_samples_may_lack_clusters():
    panel = make_panel()
    late = panel["country"] > "C04"
    joint = curve(panel, BASE, vary={"controls": [[], ["a"]], "sample": ["all", "late"]},
                  samples={"all": late | True, "late": late}, unit="unit", time="year", draws=199,
                  joint_by="country*year").attrs["joint"]
    assert joint["specifications"] == 4
    assert joint["clusters"] > 100
    assert max(joint["p_median"], joint["p_stouffer"]) == pytest.approx(1 / 200)


def test_seeds_tell_names_apart_and_are_stable():
    assert seed_of(7, "ab", "c") != seed_of(7, "a", "bc")
    assert generator(7, "curve").integers(1 << 30) == generator((7,), "curve").integers(1 << 30)
    assert generator(7, "curve").integers(1 << 30) != generator(8, "curve").integers(1 << 30)
