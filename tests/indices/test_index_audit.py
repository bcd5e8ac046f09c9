"""Variants and the audit of an index: planted truths, properties, faults."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gvckit as gk
from gvckit.errors import DataError, SpecError
from gvckit.indices.audit import audit_index
from gvckit.indices.composite import composite
from gvckit.indices.plan import Choice, Plan, parse_plan
from gvckit.indices.prepare import prepare
from gvckit.indices.sensitivity import factors_of
from gvckit.indices.sobol import choose, design, sobol
from gvckit.indices.standing import bands, falling_ranks, rank_shift, spearman_to
from gvckit.indices.structure import correlate, cronbach, kendall, p_values
from gvckit.indices.variants import Bench, VariantSet, variants
from gvckit.indices.within import variance_shares

NAMES = [f"x{j}" for j in range(6)]
PILLARS = {"p": NAMES[:3], "q": [*NAMES[3:5], {"is": NAMES[5], "direction": "-"}]}


def world(units: int = 12, times: int = 6, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.normal(size=units), times)
    n = units * times
    frame = pd.DataFrame({name: level + 0.5 * rng.normal(size=n) for name in NAMES})
    frame[NAMES[5]] *= -1
    return frame.assign(country=np.repeat([f"C{i:02d}" for i in range(units)], times),
                        year=np.tile(np.arange(2000, 2000 + times), units))


def tree(**options: object) -> dict[str, object]:
    return {"composite": options, "pillars": PILLARS}


def made(frame: pd.DataFrame | None = None, plan: object = None, seed: int = 1,
         **options: object) -> VariantSet:
    return variants(world() if frame is None else frame, tree(**options), unit="country",
                    time="year", plan=plan, seed=seed)


# --- variants -------------------------------------------------------------------------------------

def test_each_variant_is_the_index_that_its_choices_declare() -> None:
    frame = world()
    got = made(frame, {"variants": 40, "noise": 0, "weights": ["entropy", "equal"],
                       "floor": 0.02}, aggregate="arithmetic", scale=10)
    assert got.scores.shape == (40, len(frame))
    varied = got.choices[["normalise", "weights", "aggregate", "dropped"]]
    assert len(varied.drop_duplicates()) > 15
    checked = 0
    for row in got.choices.itertuples():
        if row.normalise == "zscore-pooled" and row.weights == "entropy":
            continue  # weights from min-max of the z-scores, which no single index declares
        options = {"normalise": row.normalise, "weights": row.weights, "aggregate": row.aggregate,
                   "scale": 10, "leave_out": [row.dropped] if row.dropped else []}
        if row.aggregate == "geometric":
            options["floor"] = 0.02
        again = composite(frame, tree(**options), unit="country", time="year")
        np.testing.assert_allclose(got.scores[row.variant], again.scores["index"], rtol=1e-9,
                                   atol=1e-12)
        checked += 1
    assert checked > 25
    base = composite(frame, tree(scale=10), unit="country", time="year").scores
    np.testing.assert_array_equal(got.baseline, base["index"])
    pd.testing.assert_frame_equal(got.keys, base[["country", "year"]], check_like=False)


def test_entropy_weights_of_z_scores_are_those_of_min_max() -> None:
    """Both scales are one line apart, so shares made from either are the same."""
    plan = {"variants": 1, "noise": 0, "drop": False, "weights": ["entropy"],
            "normalise": ["zscore-pooled"], "aggregate": ["arithmetic"]}
    frame = world()
    got = made(frame, plan).scores[0]
    table = composite(frame, tree(weights="entropy"), unit="country", time="year").weights
    w = table.set_index("node")["effective"].loc[NAMES].to_numpy()
    X = frame[NAMES].to_numpy()
    z = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1) * np.array([1, 1, 1, 1, 1, -1])
    np.testing.assert_allclose(got, z @ w, rtol=1e-9, atol=1e-12)


def test_noise_keeps_weights_within_its_share() -> None:
    prepared = prepare(world(), tree(), unit="country", time="year")
    bench = Bench(prepared, Plan(noise=0.25), seed=3)
    draws = np.array([list(bench.factors(i).values()) for i in range(300)])
    assert draws.min() > 0.75
    assert draws.max() < 1.25
    assert draws.std() == pytest.approx(0.5 / np.sqrt(12), rel=0.05)
    assert bench.factors(7) == bench.factors(7)
    base = bench.scores(Choice(noise=None))
    np.testing.assert_array_equal(base, bench.baseline())
    assert np.abs(bench.scores(Choice(noise=1)) - base).max() > 1e-4


def test_the_seed_decides() -> None:
    one, two, other = made(seed=1), made(seed=1), made(seed=2)
    np.testing.assert_array_equal(one.scores, two.scores)
    pd.testing.assert_frame_equal(one.choices, two.choices)
    assert not np.array_equal(one.scores, other.scores)


def test_variants_do_not_depend_on_the_order_of_rows() -> None:
    frame = world()
    np.testing.assert_array_equal(made(frame).scores,
                                  made(frame.sample(frac=1, random_state=1)).scores)


def test_what_cannot_be_is_left_out_and_said() -> None:
    got = made(plan={"variants": 30, "normalise": ["minmax-pooled", "zscore-pooled"],
                     "aggregate": ["arithmetic", "geometric"]})
    pairs = set(zip(got.choices["normalise"], got.choices["aggregate"], strict=True))
    assert pairs == {("minmax-pooled", "arithmetic"), ("minmax-pooled", "geometric"),
                     ("zscore-pooled", "arithmetic")}
    assert "needs values above 0" in got.excluded[0]
    with pytest.raises(SpecError, match="no combination of the plan is possible"):
        made(plan={"normalise": ["zscore-pooled"], "aggregate": ["geometric"]})
    # Values below 0 have no coefficient of variation.
    got = made(plan={"variants": 5, "weights": ["cv", "equal"]})
    assert set(got.choices["weights"]) == {"equal"}
    assert any("coefficient of variation" in reason for reason in got.excluded)


def test_missing_rules_vary_and_rows_without_a_score_stay_missing() -> None:
    frame = world()
    frame.loc[frame.index[3::17], "x0"] = np.nan
    got = made(frame, {"variants": 30, "missing": ["none", "interpolate", "group-mean"]})
    assert set(got.choices["missing"]) == {"none", "interpolate"}
    assert "means of groups need `group`, a column" in got.excluded
    none = (got.choices["missing"] == "none").to_numpy()
    assert np.isnan(got.scores[none]).any()
    lost = np.isnan(got.scores[none][0])
    assert lost.sum() == frame["x0"].isna().sum()


def test_rescaled_variants_share_the_scale_of_the_index() -> None:
    got = made(plan={"variants": 20})
    scores = got.rescaled()
    np.testing.assert_allclose(scores.mean(axis=1), got.baseline.mean())
    np.testing.assert_allclose(scores.std(axis=1), got.baseline.std())


@pytest.mark.parametrize(("plan", "says"), [
    ({"variant": 3}, "did you mean 'variants'"),
    ({"variants": 0}, "variants 0 is out of range"),
    ({"variants": 2.5}, "variants 2.5 is out of range"),
    ({"normalise": ["minmax"]}, "did you mean 'minmax-pooled'"),
    ({"noise": 1}, "noise 1 is out of range"),
    ({"drop": "yes"}, "neither true nor false"),
])
def test_faulty_plans(plan: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        parse_plan(plan)


# --- audit ----------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def report() -> object:
    return audit_index(world(), tree(weights="entropy"), unit="country", time="year",
                       plan={"variants": 30, "normalise": ["minmax-pooled", "percentile-pooled"]},
                       seed=4, points=32)


def test_the_audit_says_what_it_should(report: gk.indices.audit.IndexAudit) -> None:  # type: ignore[name-defined]
    assert report.indicators["node"].tolist() == NAMES
    assert len(report.correlations) == 15
    # Indicators share a common level: they load on one component and agree.
    assert (report.loadings["with_index"] > 0.5).all()
    assert (report.reliability["alpha"] > 0.8).all()
    ranks = report.ranks
    assert ((ranks["low"] <= ranks["median"]) & (ranks["median"] <= ranks["high"])).all()
    assert ranks.groupby("year")["rank"].apply(lambda r: sorted(r) == list(range(1, 13))).all()
    assert report.variants["spearman"].between(0.8, 1).all()
    assert set(report.leave_out["node"]) == {*NAMES, "p", "q"}
    assert set(report.variance["node"]) == {*NAMES, "p", "q", "index"}
    np.testing.assert_allclose(report.variance["between"] + report.variance["within"], 1)
    assert report.sobol["factor"].tolist() == ["normalise", "aggregate", "drop", "noise"]


def test_leaving_out_is_the_index_without(report: gk.indices.audit.IndexAudit) -> None:  # type: ignore[name-defined]
    full = composite(world(), tree(weights="entropy"), unit="country", time="year").scores["index"]
    less = composite(world(), tree(weights="entropy", leave_out=NAMES[:3]), unit="country",
                     time="year").scores["index"]
    row = report.leave_out.set_index("node").loc["p"]
    assert row["pearson"] == pytest.approx(np.corrcoef(full, less)[0, 1])


def test_a_factor_without_effect_has_indices_of_zero() -> None:
    """Per-year treatment names of the same thing change nothing."""
    prepared = prepare(world(), tree(), unit="country", time="year")
    plan = Plan(normalise=("minmax-pooled", "distance-to-max-pooled"), aggregate=("arithmetic",),
                drop=True, noise=0.0)
    from gvckit.indices.sensitivity import sensitivity
    got = sensitivity(prepared, plan, points=32, seed=2).set_index("factor")
    assert got.loc["normalise", ["first", "total"]].tolist() == [0, 0]
    assert got.loc["aggregate", ["first", "total"]].tolist() == [0, 0]
    assert got.loc["drop", "total"] > 0.5


def test_factors_that_exclude_each_other_are_refused() -> None:
    prepared = prepare(world(), tree(), unit="country", time="year")
    with pytest.raises(SpecError, match="exclude each other"):
        factors_of(prepared, Plan(normalise=("minmax-pooled", "zscore-pooled")))


def test_options_have_equal_parts_of_the_unit_interval() -> None:
    """Not of the range of the sample: 0.6, 0.7 and 0.9 all mean the second of two."""
    assert choose(np.array([.6, .7, .9]), 2).tolist() == [1, 1, 1]
    assert choose(np.array([0, .49, .5, 1 - 1e-16]), 2).tolist() == [0, 0, 1, 1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_sobol_of_an_unused_factor_is_nothing(seed: int, used: int) -> None:
    made_ = design(64, 5, seed)
    weights = np.r_[np.arange(1, used + 1), np.zeros(5 - used)]
    got = sobol(made_.A @ weights, made_.B @ weights, made_.AB @ weights)
    assert (got.first[used:] == 0).all()
    assert (got.total[used:] == 0).all()
    assert got.total[:used].min() > 0


def test_an_output_that_does_not_vary_has_indices_of_zero() -> None:
    got = sobol(np.full(8, .1), np.full(8, .1), np.full((2, 8), .1), resamples=5)
    assert got.first.tolist() == got.total.tolist() == [0, 0]
    with pytest.raises(DataError, match="no power of 2"):
        design(100, 2, 0)


# --- kernels --------------------------------------------------------------------------------------

def test_ranks_fall_and_share_the_smaller_place() -> None:
    got = falling_ranks(np.array([3.0, 5, 3, np.nan, 9]))
    np.testing.assert_array_equal(got, [3, 2, 3, np.nan, 1])
    within = falling_ranks(np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 1]))
    assert within.tolist() == [2, 1, 2, 1]


def test_rank_statistics_of_a_hand_example() -> None:
    ranks = np.array([[1.0, 2, 3], [3, 2, 1], [1, 3, 2]])
    found = bands(ranks, 0.0, 1.0)
    assert found.median.tolist() == [1, 2, 2]
    assert (found.low.tolist(), found.high.tolist()) == ([1, 2, 1], [3, 3, 3])
    np.testing.assert_allclose(rank_shift(ranks, np.array([1.0, 2, 3])), [0, 4 / 3, 2 / 3])
    np.testing.assert_allclose(spearman_to(-ranks, -np.array([1.0, 2, 3])), [1, -1, .5])


def test_correlations_of_columns_that_cannot_be_are_missing() -> None:
    X = np.array([[1.0, 5, np.nan], [2, 5, 1], [3, 5, np.nan], [5, 5, 2]])
    r = correlate(X)
    assert r[0, 0] == 1
    assert np.isnan(r[0, 1])
    assert np.isnan(r[0, 2])
    assert np.isnan(cronbach(X[:, :1]))
    assert kendall(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])) == pytest.approx(2 / 3)
    assert p_values(np.array([[1.0, 1], [2, 2], [3, 4], [4, 3]]))[0, 1] == pytest.approx(0.2)


def test_shares_of_variance() -> None:
    units, times = np.repeat([0, 1, 2], 4), np.tile([0, 1, 2, 3], 3)
    found = variance_shares(units.astype(float), units, times)
    assert (found.between, found.within) == (1, 0)
    found = variance_shares(times.astype(float), units, times)
    assert found.within == pytest.approx(1)
    assert found.within_net_of_time == pytest.approx(0, abs=1e-20)
    assert np.isnan(variance_shares(np.ones(12), units, times).within)
    # Unbalanced: against least squares on dummies.
    rng = np.random.default_rng(1)
    x = rng.normal(size=12)
    x[[1, 6]] = np.nan
    there = ~np.isnan(x)
    D = np.c_[np.eye(3)[units[there]], np.eye(4)[times[there]]]
    y = x[there]
    rest = y - D @ np.linalg.lstsq(D, y, rcond=None)[0]
    expected = (rest @ rest) / ((y - y.mean()) ** 2).sum()
    assert variance_shares(x, units, times).within_net_of_time == pytest.approx(expected, rel=1e-9)


def test_kernels_know_no_pandas_and_load_scipy_only_where_used() -> None:
    room = Path(gk.__file__).parent / "indices"
    edge = {"prepare.py", "composite.py", "variants.py", "audit.py", "sensitivity.py",
            "describe.py", "barriers.py", "governance.py", "built.py", "coverage.py"}
    for path in sorted(room.glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        top = [a.name for n in module.body if isinstance(n, ast.Import) for a in n.names]
        top += [n.module or "" for n in module.body if isinstance(n, ast.ImportFrom)]
        assert not any(name.split(".")[0] == "scipy" for name in top), path.name
        if path.name not in edge:
            assert not any(name.split(".")[0] == "pandas" for name in top), path.name
