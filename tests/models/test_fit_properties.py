"""What every fit must satisfy, on random panels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gvckit.models.codes import encode, interact
from gvckit.models.fit import estimate, fit
from gvckit.models.result import NotEstimated

EFFECTS = (["a"], ["a", "b"], ["a", "b", "c"], ["a*b"], ["a*b", "c"])
KEYS: dict[str, Any] = {"unit": "row", "time": None}

seeds = st.integers(0, 2**32 - 1)
effects = st.sampled_from(EFFECTS)


def random_panel(seed: int, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "row": np.arange(n), "a": rng.choice(list("pqrstu"), n), "b": rng.integers(0, 5, n),
        "c": pd.Categorical(rng.choice(["north", "south", "east"], n)),
        "g": rng.integers(0, 12, n), "w": rng.uniform(0.2, 4.0, n),
    })
    level = frame["b"] + frame["c"].cat.codes
    frame["x"] = rng.normal(size=n) + level
    frame["z"] = rng.normal(size=n) * 3 + 0.5 * frame["x"]
    frame["y"] = frame["x"] - 2 * frame["z"] + 4 * level + rng.normal(size=n)
    return frame


def model(fe: list[str], **keys: Any) -> dict[str, Any]:
    return {"y": "y", "x": ["x"], "controls": ["z"], "fe": fe, **keys}


def used(frame: pd.DataFrame, fe: list[str]) -> pd.DataFrame:
    """Return the rows that are not singletons, by repeated counting."""
    while True:
        keep = np.ones(len(frame), dtype=bool)
        for effect in fe:
            columns = [frame[c].astype(str) for c in effect.split("*")]
            label = columns[0].str.cat(columns[1:], sep="|")
            keep &= (label.map(label.value_counts()) > 1).to_numpy()
        if keep.all():
            return frame
        frame = frame[keep]


def by_dummies(frame: pd.DataFrame, fe: list[str], weights: bool = False) -> np.ndarray:
    """Return the coefficients of x and z by least squares on explicit dummies."""
    root = np.sqrt(frame["w"].to_numpy()) if weights else np.ones(len(frame))
    blocks = [frame[["x", "z"]].to_numpy()]
    for effect in fe:
        columns = [frame[c].astype(str) for c in effect.split("*")]
        label = columns[0].str.cat(columns[1:], sep="|")
        blocks.append(pd.get_dummies(label).to_numpy(float))
    X = np.column_stack(blocks) * root[:, None]
    return np.linalg.lstsq(X, frame["y"].to_numpy() * root, rcond=None)[0][:2]


@settings(max_examples=60, deadline=None)
@given(seeds, effects, st.booleans())
def test_frisch_waugh_lovell(seed, fe, weighted):
    frame = random_panel(seed)
    got = fit(frame, model(fe, weights="w" if weighted else None), **KEYS)
    rows = used(frame, fe)
    assert got.n == len(rows)
    assert got.rows["singletons"] == len(frame) - len(rows)
    np.testing.assert_allclose(got.coef, by_dummies(rows, fe, weighted), rtol=1e-9, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seeds, effects, st.sampled_from(["iid", "hc1", {"cluster": "g"}, {"cluster": ["g", "b"]}]))
def test_row_order_plays_no_part(seed, fe, se):
    frame = random_panel(seed)
    order = np.random.default_rng(seed).permutation(len(frame))
    sorted_fit = fit(frame, model(fe, se=se), **KEYS)
    shuffled = fit(frame.iloc[order], model(fe, se=se), **KEYS)
    assert shuffled == sorted_fit  # bit for bit, the sample hash included


@settings(max_examples=30, deadline=None)
@given(seeds, effects, st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_scale_of_x_and_level_of_y(seed, fe, scale, level):
    frame = random_panel(seed)
    plain = fit(frame, model(fe, se={"cluster": "g"}), **KEYS)
    moved = fit(frame.assign(x=frame["x"] * scale, y=frame["y"] + level),
                model(fe, se={"cluster": "g"}), **KEYS)
    np.testing.assert_allclose(moved.coef["x"] * scale, plain.coef["x"], rtol=1e-8)
    np.testing.assert_allclose(moved.se["x"] * scale, plain.se["x"], rtol=1e-8)
    np.testing.assert_allclose(moved.coef["z"], plain.coef["z"], rtol=1e-8)
    np.testing.assert_allclose(moved.stats["r2_within"], plain.stats["r2_within"], rtol=1e-8)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_singletons_do_not_move_coefficients(seed):
    frame = random_panel(seed)
    rng = np.random.default_rng(seed)
    alone = random_panel(seed + 1, 5).assign(row=np.arange(1000, 1005),
                                             a=[f"alone{i}" for i in rng.integers(0, 10**6, 5)])
    assume(alone["a"].is_unique)
    without = fit(frame, model(["a", "b"], se={"cluster": "g"}), **KEYS)
    with_them = fit(pd.concat([frame, alone]), model(["a", "b"], se={"cluster": "g"}), **KEYS)
    np.testing.assert_allclose(with_them.coef, without.coef, rtol=1e-12)
    np.testing.assert_allclose(with_them.se, without.se, rtol=1e-12)
    assert with_them.rows["singletons"] == without.rows["singletons"] + 5
    assert with_them.sample_hash == without.sample_hash


@settings(max_examples=20, deadline=None)
@given(seeds, effects)
def test_two_way_clustering_is_inclusion_and_exclusion(seed, fe):
    frame = random_panel(seed)
    one, two, both = (
        fit(frame, model(fe, ssc="none", se={"cluster": by}), **KEYS).vcov
        for by in ("g", "b", "g*b"))
    got = fit(frame, model(fe, ssc="none", se={"cluster": ["g", "b"]}), **KEYS)
    plain = (one + two - both).to_numpy()
    if got.se_kind["repaired"]:
        values, vectors = np.linalg.eigh(plain)
        assert values[0] < 0
        plain = (vectors * np.maximum(values, 0)) @ vectors.T
        assert any("semi-definite" in w for w in got.warnings)
    np.testing.assert_allclose(got.vcov, plain, rtol=1e-9, atol=1e-14)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_interacted_effect_is_the_explicit_one(seed):
    frame = random_panel(seed)
    frame["pair"] = frame["a"] + frame["b"].astype(str)
    named = fit(frame, model(["a*b", "c"], se={"cluster": "a*b"}), **KEYS)
    explicit = fit(frame, model(["pair", "c"], se={"cluster": "pair"}), **KEYS)
    np.testing.assert_array_equal(named.vcov, explicit.vcov)
    assert named.fe["a*b"] == explicit.fe["pair"]
    assert named.sample_hash == explicit.sample_hash


@settings(max_examples=20, deadline=None)
@given(seeds, effects)
def test_integer_weights_are_repeated_rows(seed, fe):
    frame = random_panel(seed)
    times = np.random.default_rng(seed).integers(1, 4, len(frame))
    keep = used(frame, fe)
    times = times[keep.index]
    weighted = fit(keep.assign(w=times.astype(float)), model(fe, weights="w"), **KEYS)
    repeated = fit(keep.loc[keep.index.repeat(times)], model(fe), **KEYS)
    np.testing.assert_allclose(weighted.coef, repeated.coef, rtol=1e-9)
    np.testing.assert_allclose(weighted.stats["r2"], repeated.stats["r2"], rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seeds, effects, st.floats(-5, 5), st.floats(0.1, 5))
def test_collinear_regressors_are_dropped_and_named(seed, fe, alpha, beta):
    frame = random_panel(seed)
    frame["v"] = alpha * frame["x"] + beta * frame["z"] + 7
    frame["fixed"] = frame[fe[0].split("*")[0]].map(hash_free)
    plain = fit(frame, model(fe), **KEYS)
    got = fit(frame, {"y": "y", "x": ["x"], "controls": ["z", "v", "fixed"], "fe": fe}, **KEYS)
    assert [term for term, _ in got.dropped] == ["v", "fixed"]
    assert "collinear" in got.dropped[0][1]
    assert "no variation within" in got.dropped[1][1]
    assert all(any(term in w for w in got.warnings) for term in ("v", "fixed"))
    np.testing.assert_allclose(got.coef, plain.coef, rtol=1e-9)


def hash_free(label: object) -> float:
    return float(sum(map(ord, str(label)))) * 0.1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40))
def test_codes_of_an_interaction(pairs):
    frame = pd.DataFrame(pairs, columns=["p", "q"])
    got = interact([encode(frame["p"]), encode(frame["q"])])
    distinct = sorted(set(pairs))
    assert got.levels == len(distinct)
    np.testing.assert_array_equal(got.codes, [distinct.index(pair) for pair in pairs])


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(4, 12))
def test_small_samples_fit_or_say_why(seed, n):
    frame = random_panel(seed, n)
    got = estimate(frame, model(["a", "b"], se={"cluster": "g"}), **KEYS)
    if isinstance(got, NotEstimated):
        assert got.reason.startswith("model 'model': ")
        return
    assert np.isfinite(got.coef).all()
    assert got.n == sum(v if k == "panel" else -v for k, v in got.rows.items() if k != "used")
