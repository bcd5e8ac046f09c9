"""A model over the variants of its index: equality with separate fits, planted truth, faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import ModelError, SpecError
from gvckit.indices.composite import composite
from gvckit.indices.variants import variants
from gvckit.indices.vary import VARIED, plan_of
from gvckit.models.fit import fit
from gvckit.models.index_uncertainty import index_uncertainty

TOLERANCE = 1e-10
BASE = {"y": "y", "x": ["dig"], "controls": ["z"], "fe": ["country*sector", "year"],
        "se": {"cluster": "country"}}


@dataclass(frozen=True)
class Made:
    """Variants of an index as the index room gives them."""

    choices: pd.DataFrame
    scores: np.ndarray
    keys: pd.DataFrame
    baseline: np.ndarray


def world(seed: int = 1, countries: int = 12, years: int = 8) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the countries' indicators, and a panel by sector whose y rises by 2 with the index."""
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([[f"C{i:02d}" for i in range(countries)],
                                       range(2000, 2000 + years)], names=["country", "year"])
    level = rng.normal(size=(countries, 1)) + .3 * rng.normal(size=(countries, years)).cumsum(1)
    data = keys.to_frame(index=False)
    for name in ("a", "b", "c", "d"):
        data[name] = level.ravel() + .3 * rng.normal(size=len(data)) + 5
    data.loc[rng.choice(len(data), 6, replace=False), "d"] = np.nan
    tree = {"composite": {"missing": "interpolate"}, "pillars": ["a", "b", "c", "d"]}
    scores = composite(data, tree, unit="country", time="year").scores
    panel = data[["country", "year"]].merge(pd.DataFrame({"sector": ["s1", "s2", "s3"]}),
                                            how="cross")
    panel = panel.merge(scores[["country", "year", "index"]].rename(columns={"index": "dig"}))
    panel["z"] = rng.normal(size=len(panel))
    panel["y"] = 2 * panel["dig"].fillna(0) + .5 * panel["z"] + .1 * rng.normal(size=len(panel))
    panel.loc[[3, 50], "z"] = np.nan
    return data, panel


def made(data: pd.DataFrame, count: int = 12, seed: int = 3) -> Made:
    tree = {"composite": {"missing": "interpolate"}, "pillars": ["a", "b", "c", "d"]}
    found = variants(data, tree, unit="country", time="year",
                     plan=plan_of(count, VARIED), seed=seed)
    return Made(found.choices, np.asarray(found.scores), found.keys, np.asarray(found.baseline))


def replaced(panel: pd.DataFrame, variant: Made, v: int, *, scaled: bool) -> pd.DataFrame:
    column = variant.keys.assign(new=variant.scores[v], own=variant.baseline)
    if scaled:
        both = column.dropna()
        column["new"] = both["own"].mean() + (column["new"] - both["new"].mean()) * (
            both["own"].std() / both["new"].std())
    out = panel.merge(column.drop(columns="own"), on=["country", "year"], how="left")
    return out.drop(columns="dig").rename(columns={"new": "dig"})


@pytest.mark.parametrize("scale", ["none", "sd"])
@pytest.mark.parametrize("change", [
    {}, {"fe": []}, {"se": "hc1", "fe": ["country*sector"]}, {"x": ["lag(dig)"]},
    {"x": ["dig", "dig * z"], "se": {"cluster": ["country", "year"]}}, {"weights": "w"},
    {"controls": []}, {"x": ["z", "dig"], "controls": []}])
def test_each_variant_equals_a_fit_of_its_own(change: dict[str, object], scale: str) -> None:
    data, panel = world()
    panel["w"] = 1 + np.arange(len(panel)) % 3
    model, some = {**BASE, **change}, made(data)
    done = index_uncertainty(panel, model, some, index="dig", unit=["country", "sector"],
                             time="year", scale=scale)
    for v in range(len(some.choices)):
        alone = fit(replaced(panel, some, v, scaled=scale == "sd"), model,
                    unit=["country", "sector"], time="year")
        mine = done.rows[done.rows["variant"] == v].set_index("term")
        for term in mine.index:
            assert mine.loc[term, "estimate"] == pytest.approx(alone.coef[term], rel=TOLERANCE)
            assert mine.loc[term, "se"] == pytest.approx(alone.se[term], rel=TOLERANCE)
            assert mine.loc[term, "p"] == pytest.approx(alone.p[term], rel=1e-7, abs=1e-12)
            assert mine.loc[term, "n"] == alone.n
    assert set(done.rows["term"]) == {t for t in model["x"] if "dig" in t}


def instrumented(panel: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    return panel.assign(push=panel["dig"].fillna(0) + .2 * rng.normal(size=len(panel)),
                        count=rng.poisson(np.exp(.3 + panel["dig"].fillna(0))).astype(float),
                        w=1.0 + np.arange(len(panel)) % 3)


@pytest.mark.parametrize("change", [
    {"instruments": {"dig": ["push"]}}, {"instruments": {"dig": ["push"]}, "estimator": "liml"},
    {"instruments": {"dig": ["push", "lag(push)"]}, "estimator": "gmm"},
    {"instruments": {"z": ["push", "dig * push"]}},
    {"y": "count", "estimator": "ppml", "fe": ["country"]},
    {"estimator": "re", "fe": []}, {"estimator": "between", "fe": [], "se": "iid"},
    {"estimator": "first-difference", "fe": []}, {"estimator": "pooled", "fe": []},
    {"estimator": "mundlak", "fe": []}, {"estimator": "fama-macbeth", "fe": [], "se": "iid"},
    {"winsor": 0.05}, {"quadratic": "dig"}, {"interact": {"dig": "z"}},
    {"interact": {"z": "dig"}, "x": ["z", "dig"], "controls": []}])
def test_any_estimator_takes_the_variants(change: dict[str, object]) -> None:
    data, panel = world()
    panel, some, model = instrumented(panel), made(data, 4), {**BASE, **change}
    keys = {"unit": ["country", "sector"], "time": "year"}
    done = index_uncertainty(panel, model, some, index="dig", scale="none", **keys)
    assert done.summary["variants"].tolist() == [4] * len(done.summary)
    for v in range(4):
        alone = fit(replaced(panel, some, v, scaled=False), {**model, "wild": False}, **keys)
        mine = done.rows[done.rows["variant"] == v].set_index("term")
        assert set(mine.index) == {t for t in alone.terms if "dig" in t and not t.startswith("mean")
                                   and "mean(" not in t}
        for term in mine.index:
            for column, theirs in (("estimate", alone.coef), ("se", alone.se), ("p", alone.p)):
                assert mine.loc[term, column] == pytest.approx(theirs[term], rel=1e-9, abs=1e-12)
            assert mine.loc[term, "n"] == alone.n


def test_a_variant_that_does_not_converge_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from gvckit.models import ppml
    from gvckit.models.demean import ConvergenceError
    data, panel = world()
    panel, some = instrumented(panel), made(data, 3)
    model = {**BASE, "y": "count", "estimator": "ppml", "fe": ["country"]}
    keys = {"unit": ["country", "sector"], "time": "year"}
    point, real = fit(panel, model, **keys), ppml.poisson_estimate
    calls: list[int] = []

    def faltering(*given: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise ConvergenceError("it did not converge")
        return real(*given, **named)

    monkeypatch.setattr(ppml, "poisson_estimate", faltering)
    done = index_uncertainty(panel, model, some, index="dig", **keys)
    assert done.fit.coef["dig"] == point.coef["dig"]
    assert done.summary[["variants", "failed"]].iloc[0].tolist() == [2, 1]
    assert done.rows["reason"][1] == "it did not converge"


def test_variants_with_other_samples_are_estimated_on_their_own() -> None:
    data, panel = world()
    done = index_uncertainty(panel, BASE, made(data, 30), index="dig",
                             unit=["country", "sector"], time="year")
    assert done.rows["n"].nunique() > 1


def test_derived_variables_follow_the_variant() -> None:
    data, panel = world()
    some = made(data, 5)
    direct = index_uncertainty(panel, {**BASE, "x": ["winsor(dig, 0.1) * 10"]}, some, index="dig",
                               unit=["country", "sector"], time="year")
    panel["wide"] = fit_column(panel, "winsor(dig, 0.1)")
    panel["dig10"] = panel["wide"] * 10
    through = index_uncertainty(
        panel, {**BASE, "x": ["dig10"]}, some, index="dig", unit=["country", "sector"],
        time="year", derived={"wide": "winsor(dig, 0.1)", "dig10": "wide * 10"})
    np.testing.assert_allclose(through.rows["estimate"], direct.rows["estimate"], rtol=TOLERANCE)


def fit_column(panel: pd.DataFrame, text: str) -> pd.Series:
    from gvckit.panel.evaluate import evaluate
    return evaluate(text, panel, unit=["country", "sector"], time="year").values


def test_the_summary_is_that_of_the_rows_and_stands_in_the_fit() -> None:
    data, panel = world()
    done = index_uncertainty(panel, BASE, made(data, 40), index="dig",
                             unit=["country", "sector"], time="year")
    b = done.rows["estimate"].to_numpy()
    summary = done.summary.iloc[0]
    assert summary["mean"] == pytest.approx(b.mean())
    assert summary["sd"] == pytest.approx(b.std(ddof=1))
    assert summary["p95"] == pytest.approx(np.percentile(b, 95))
    assert summary["same_sign"] == (b > 0).mean()
    assert summary["significant"] == (done.rows["p"] < .05).mean()
    within, between = (done.rows["se"] ** 2).mean(), b.var(ddof=1)
    assert summary["total_se"] == pytest.approx(np.sqrt(within + (1 + 1 / 40) * between))
    assert done.fit.stats["index_sd"] == summary["sd"]
    assert done.fit.stats["index_variants"] == 40
    assert "over 40 variants of the index dig" in done.fit.warnings[-1]
    plain = fit(panel, BASE, unit=["country", "sector"], time="year")
    assert done.fit.coef["dig"] == plain.coef["dig"] == summary["estimate"]
    assert type(done.fit).from_dict(done.fit.to_dict()) == done.fit


def test_scaling_puts_variants_in_the_units_of_the_index() -> None:
    _, panel = world()
    own = panel.drop_duplicates(["country", "year"])
    keys = own[["country", "year"]].reset_index(drop=True)
    scores = own["dig"].to_numpy() * np.array([[1.0], [10.0], [-1.0]]) + np.array([[0], [5], [0]])
    some = Made(pd.DataFrame({"factor": [1, 10, -1]}), scores, keys, own["dig"].to_numpy())
    done = index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"],
                             time="year")
    b = done.fit.coef["dig"]
    np.testing.assert_allclose(done.rows["estimate"], [b, b, -b], rtol=1e-9)
    assert done.summary["same_sign"].iloc[0] == pytest.approx(2 / 3)
    raw = index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"],
                            time="year", scale="none")
    np.testing.assert_allclose(raw.rows["estimate"], [b, b / 10, -b], rtol=1e-9)


def test_a_variant_that_cannot_be_estimated_is_counted_with_its_reason() -> None:
    data, panel = world()
    some = made(data, 3)
    scores = np.vstack([some.scores, np.full(some.scores.shape[1], .5),
                        np.full(some.scores.shape[1], np.nan)])
    choices = pd.DataFrame({"which": range(5)})
    some = Made(choices, scores, some.keys, some.baseline)
    done = index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"],
                             time="year")
    assert done.summary[["variants", "failed"]].iloc[0].tolist() == [3, 2]
    reasons = done.rows.set_index("variant")["reason"]
    assert "no variation within country*sector + year" in reasons[3]
    assert "missing in all" in reasons[4]
    assert "2 variants could not be estimated" in done.fit.warnings[-1]


def test_a_sample_on_the_frames_own_index() -> None:
    data, panel = world()
    panel.index = panel.index[::-1]
    some, keep = made(data, 3), panel["year"] > 2002
    done = index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"],
                             time="year", sample=keep)
    alone = fit(replaced(panel[keep], some, 1, scaled=False), BASE, unit=["country", "sector"],
                time="year")
    raw = index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"],
                            time="year", sample=keep, scale="none")
    assert raw.rows["estimate"][1] == pytest.approx(alone.coef["dig"], rel=TOLERANCE)
    assert (done.rows["n"] < len(panel) * .7).all()


def test_row_order_does_not_matter() -> None:
    data, panel = world()
    some = made(data, 4)
    mixed = panel.sample(frac=1, random_state=2)
    one, two = (index_uncertainty(f, BASE, some, index="dig", unit=["country", "sector"],
                                  time="year") for f in (panel, mixed))
    np.testing.assert_allclose(one.rows["estimate"], two.rows["estimate"], rtol=1e-12)


def test_faults_say_what_is_wrong() -> None:
    data, panel = world()
    some = made(data, 2)
    keys = {"unit": ["country", "sector"], "time": "year"}
    with pytest.raises(SpecError, match="no regressor uses the index 'dig'"):
        index_uncertainty(panel, {**BASE, "x": ["z"], "controls": []}, some, index="dig", **keys)
    with pytest.raises(SpecError, match="'dig' uses the index 'dig', which may only stand among"):
        index_uncertainty(panel, {**BASE, "y": "dig", "x": ["lag(dig)"]}, some, index="dig",
                          **keys)
    with pytest.raises(SpecError, match="unknown index 'digg'"):
        index_uncertainty(panel, BASE, some, index="digg", **keys)
    with pytest.raises(SpecError, match="unknown scale of the variants 'z'"):
        index_uncertainty(panel, BASE, some, index="dig", scale="z", **keys)
    empty = Made(some.choices, np.full(some.scores.shape, np.nan), some.keys,
                 some.baseline)
    with pytest.raises(ModelError, match="no variant of 'dig' can be estimated"):
        index_uncertainty(panel, BASE, empty, index="dig", **keys)


def test_a_sample_is_residualised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from gvckit.models import over_variants as room
    data, panel = world()
    some = made(data, 30)
    calls: list[int] = []

    def counted(y: np.ndarray, X: np.ndarray, *rest: object) -> object:
        calls.append(X.shape[1])
        return room_residualise(y, X, *rest)

    room_residualise = room.residualise
    monkeypatch.setattr(room, "residualise", counted)
    index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"], time="year")
    samples = {row.tobytes() for row in np.isnan(some.scores)}
    assert len(calls) == len(samples)
    # every variant, and the control once a sample
    assert sum(calls) == 30 + len(samples)
    calls.clear()
    monkeypatch.setattr(room, "_CELLS", 5 * len(panel))
    small = index_uncertainty(panel, BASE, some, index="dig", unit=["country", "sector"],
                              time="year")
    assert len(calls) > len(samples)
    assert small.summary["variants"].iloc[0] == 30
