"""Where a coefficient lies among those of random stand-ins: dummies by hand, planted truths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, ModelError, SpecError
from gvckit.models import over_variants
from gvckit.models.fit import fit
from gvckit.models.placebo import placebo, placebo_summary

KEYS = ["country", "sector", "year"]
MODEL = {"y": "y", "x": ["dig"], "controls": ["z"], "fe": ["country*sector", "year"],
         "se": {"cluster": "country"}, "wild": False}
PANEL = {"unit": ["country", "sector"], "time": "year", "name": "m"}


@dataclass(frozen=True)
class Draws:
    """Stand-ins, as the measures give them."""

    choices: pd.DataFrame
    scores: np.ndarray
    keys: pd.DataFrame
    baseline: np.ndarray


def world(seed: int = 1, suppliers: int = 12, countries: int = 8, years: int = 6,
          effect: float = 0.0, level: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a panel and the use of each supplier; y moves with the first two, or with all."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"C{i}" for i in range(countries)], [f"s{i}" for i in range(suppliers)],
         range(2000, 2000 + years)], names=KEYS)
    panel = index.to_frame(index=False)
    use = rng.gamma(2.0, 1.0, (len(panel), suppliers))
    panel["dig"] = use[:, :2].sum(axis=1)
    panel["z"] = rng.normal(size=len(panel))
    panel["y"] = (effect * panel["dig"] + level * use.sum(axis=1) + .3 * panel["z"]
                  + rng.normal(size=len(panel)))
    return panel, use


def drawn(panel: pd.DataFrame, use: np.ndarray, *, own: bool = False, first: int = 2) -> Draws:
    """Return all sets of two suppliers from number ``first`` on, but for the true one."""
    sets = [(i, j) for i in range(first, use.shape[1]) for j in range(i + 1, use.shape[1])
            if (i, j) != (0, 1)]
    scores = np.stack([use[:, list(s)].sum(axis=1) for s in sets])
    if own:
        for row, each in zip(scores, sets, strict=True):
            row[panel["sector"].isin([f"s{i}" for i in each]).to_numpy()] = np.nan
    return Draws(pd.DataFrame({"sectors": [f"s{i} s{j}" for i, j in sets]}), scores,
                 panel[KEYS], panel["dig"].to_numpy())


def by_dummies(panel: pd.DataFrame, x: np.ndarray) -> tuple[float, float]:
    """Return coefficient and clustered t of x beside z and dummies, without the panel's tools."""
    there = np.isfinite(x)
    rows, x = panel[there], x[there]
    unit = rows["country"] + rows["sector"]
    D = np.column_stack([x, rows["z"], pd.get_dummies(unit), pd.get_dummies(rows["year"])]
                        ).astype(float)
    y = rows["y"].to_numpy()
    b = np.linalg.lstsq(D, y, rcond=None)[0]
    others = D[:, 1:]
    clean = x - others @ np.linalg.lstsq(others, x, rcond=None)[0]
    scores = clean * (y - D @ b)
    groups = np.unique(rows["country"], return_inverse=True)[1]
    meat = (np.bincount(groups, weights=scores) ** 2).sum()
    # fixest: units lie within the clusters, so only z, x and the years count as parameters.
    n, G, k = len(rows), groups.max() + 1, 2 + rows["year"].nunique()
    factor = G / (G - 1) * (n - 1) / (n - k)
    return b[0], b[0] / np.sqrt(factor * meat) * (clean @ clean)


@pytest.mark.parametrize("own", [False, True])
def test_every_draw_is_the_regression_with_dummies(own: bool) -> None:
    panel, use = world(suppliers=7, countries=4, years=4)
    draws = drawn(panel, use, own=own)
    done = placebo(panel, MODEL, draws, of="dig", **PANEL)
    assert list(done.rows["sectors"]) == list(draws.choices["sectors"])
    for row, x in zip(done.rows.to_dict("records"), draws.scores, strict=True):
        estimate, t = by_dummies(panel, x)
        assert row["estimate"] == pytest.approx(estimate, rel=1e-8)
        assert row["t"] == pytest.approx(t, rel=1e-6)
        assert row["n"] == np.isfinite(x).sum()


def test_what_is_made_of_the_measure_is_made_again() -> None:
    panel, use = world(3, suppliers=6)
    draws = drawn(panel, use)
    panel["ln"] = np.log(panel["dig"])
    done = placebo(panel, {**MODEL, "x": ["ln"]}, draws, of="dig", derived={"ln": "log(dig)"},
                   **PANEL)
    for v in (0, 3):
        again = fit(panel.assign(ln=np.log(draws.scores[v])), {**MODEL, "x": ["ln"]}, **PANEL)
        assert done.rows["estimate"][v] == pytest.approx(again.coef["ln"], rel=1e-10)
        assert done.rows["se"][v] == pytest.approx(again.se["ln"], rel=1e-8)


def test_scale_puts_draws_on_the_spread_of_the_measure() -> None:
    panel, use = world(4, suppliers=6)
    draws = drawn(panel, use)
    plain, scaled = (placebo(panel, MODEL, draws, of="dig", scale=s, **PANEL).rows
                     for s in ("none", "sd"))
    ratio = draws.scores.std(axis=1) / draws.baseline.std()
    np.testing.assert_allclose(scaled["estimate"], plain["estimate"] * ratio, rtol=1e-8)
    np.testing.assert_allclose(scaled["t"], plain["t"], rtol=1e-8)


def test_an_effect_of_the_set_alone_is_told_from_an_effect_of_buying_anything() -> None:
    own = placebo(*_of(world(5, effect=1.0)), of="dig", **PANEL).summary.iloc[0]
    assert own["draws"] == 45
    assert own["percentile"] == 1
    assert own["p"] == own["p_t"] == pytest.approx(1 / 46)
    assert own["p_rank"] == pytest.approx(2 / 46)
    anything = placebo(*_of(world(5, level=1.0)), of="dig", **PANEL)
    assert anything.fit.p["dig"] < 1e-3  # an ordinary test sees an effect
    assert anything.summary["p_rank"].iloc[0] > .1  # and every set of suppliers has it
    assert anything.summary["p50"].iloc[0] == pytest.approx(1, abs=.15)


def _of(made: tuple[pd.DataFrame, np.ndarray]) -> tuple[pd.DataFrame, dict[str, object], Draws]:
    panel, use = made
    return panel, MODEL, drawn(panel, use)


def test_under_the_null_the_rank_is_uniform() -> None:
    """Among all sets of like suppliers the true one has any rank: four standard errors."""
    p = []
    for seed in range(100):
        panel, use = world(100 + seed, suppliers=7, countries=3, years=3)
        done = placebo(panel, MODEL, drawn(panel, use, first=0), of="dig", **PANEL)
        p.append(done.summary["p_rank"].iloc[0])
    assert len(done.rows) == 20
    for level in (2 / 21, 10 / 21):
        share = np.mean(np.array(p) <= level + 1e-12)
        assert share == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 100))


def test_the_summary_by_hand() -> None:
    panel, use = world(6, suppliers=6)
    done = placebo(*_of((panel, use)), of="dig", **PANEL)
    b, own = done.rows["estimate"].to_numpy(), done.fit.coef["dig"]
    row = done.summary.iloc[0]
    assert row["percentile"] == (b < own).mean()
    assert row["beyond"] == (np.abs(b) >= abs(own)).mean()
    assert row["p"] == (1 + (np.abs(b) >= abs(own)).sum()) / (1 + len(b))
    assert row["p_rank"] == min(1, 2 * (1 + min((b <= own).sum(), (b >= own).sum()))
                                / (1 + len(b)))
    assert row["p05"] == np.percentile(b, 5)
    assert row["sd"] == pytest.approx(b.std(ddof=1))
    assert done.fit.stats["placebo_p"] == row["p"]
    assert done.fit.further["placebo"]["terms"]["dig"]["percentile"] == row["percentile"]
    plain = fit(panel, MODEL, **PANEL)
    pd.testing.assert_series_equal(done.fit.coef, plain.coef)
    assert {k: v for k, v in done.fit.stats.items() if not k.startswith("placebo")
            } == pytest.approx(plain.stats, nan_ok=True)


def test_ties_count_on_both_sides() -> None:
    point = fit(world(7)[0], MODEL, **PANEL)
    own = float(point.coef["dig"])
    rows = pd.DataFrame({"term": "dig", "estimate": [own, own, own - 1, own + 1], "t": 0.0})
    row = placebo_summary(point, rows, ["dig"]).iloc[0]
    assert row["percentile"] == .25
    assert row["p_rank"] == 1


def test_draws_of_one_sample_are_residualised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, use = world(8)
    calls: list[int] = []
    plain = over_variants.residualise

    def counted(y: np.ndarray, X: np.ndarray, *rest: object) -> object:
        calls.append(X.shape[1])
        return plain(y, X, *rest)

    monkeypatch.setattr(over_variants, "residualise", counted)
    placebo(*_of((panel, use)), of="dig", **PANEL)
    assert calls == [45 + 1]  # every draw, and the control


def test_several_terms_and_a_term_without_variation() -> None:
    panel, use = world(9, suppliers=6)
    draws = drawn(panel, use)
    draws.scores[2] = 1.0
    done = placebo(panel, {**MODEL, "x": ["dig", "lag(dig)"]}, draws, of="dig", **PANEL)
    assert list(done.summary["term"]) == ["dig", "lag(dig)"]
    assert list(done.summary["failed"]) == [1, 1]
    assert {"placebo_p:dig", "placebo_p:lag(dig)"} <= set(done.fit.stats)
    assert (done.rows.loc[done.rows["variant"] == 2, "reason"] != "").all()


def test_faults() -> None:
    panel, use = world(10, suppliers=6)
    draws = drawn(panel, use)
    with pytest.raises(SpecError, match="unknown scale of the draws 'st'"):
        placebo(panel, MODEL, draws, of="dig", scale="st", **PANEL)
    with pytest.raises(SpecError, match="unknown index 'dg'; did you mean 'dig'"):
        placebo(panel, MODEL, draws, of="dg", **PANEL)
    with pytest.raises(SpecError, match="no regressor uses the measure 'dig'"):
        placebo(panel, {**MODEL, "x": ["z"], "controls": []}, draws, of="dig", **PANEL)
    with pytest.raises(SpecError, match=r"'lag\(dig\)' uses the measure 'dig', which may only"):
        placebo(panel, {**MODEL, "y": "lag(dig)"}, draws, of="dig", **PANEL)
    with pytest.raises(ModelError, match="a placebo is not available for '2sls'"):
        placebo(panel, {**MODEL, "instruments": {"dig": ["z"]}, "controls": []}, draws, of="dig",
                **PANEL)
    with pytest.raises(DataError, match=r"is not what the draws stand in for: it differs in 288 "):
        placebo(panel.assign(dig=panel["dig"] + 1), MODEL, draws, of="dig", **PANEL)
    empty = Draws(draws.choices, np.ones_like(draws.scores), draws.keys, draws.baseline)
    with pytest.raises(ModelError, match="no draw in the place of 'dig' can be estimated"):
        placebo(panel, MODEL, empty, of="dig", **PANEL)
