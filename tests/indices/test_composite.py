"""Composite indices: printed toy values, properties, faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gvckit.errors import DataError, SpecError
from gvckit.indices.composite import CompositeResult, composite
from gvckit.indices.normalise import minmax_pooled
from gvckit.indices.weights import critic, entropy

NAN = float("nan")
# Values printed to six digits: half a unit of the last.
PRINTED = 5.0001e-7

# The toy of the methods handbook: rows A1 B1 C1 A2 B2 C2, indicators + + -.
X = np.array([[10, 2, 5], [20, 4, 4], [15, 8, 1], [12, 3, 5], [26, 5, 3], [18, 10, 2]], float)
SIGNS = np.array([1.0, 1.0, -1.0])
Z = np.array([[0, 0, 0], [.625, .25, .25], [.3125, .75, 1], [.125, .125, 0], [1, .375, .5],
              [.5, 1, .75]])
LEAVES = ["a", "b", {"is": "c", "direction": "-"}]


def toy() -> pd.DataFrame:
    frame = pd.DataFrame(X, columns=list("abc"))
    return frame.assign(country=list("ABCABC"), year=[1, 1, 1, 2, 2, 2])


def made(frame: pd.DataFrame, pillars: object = None, **options: object) -> CompositeResult:
    return composite(frame, {"composite": options, "pillars": pillars or LEAVES},
                     unit="country", time="year")


def in_toy_order(result: CompositeResult, column: str = "index") -> np.ndarray:
    return result.scores.sort_values(["year", "country"])[column].to_numpy()


def test_min_max_is_pooled_over_all_years() -> None:
    np.testing.assert_array_equal(minmax_pooled(X, SIGNS), Z)


@pytest.mark.parametrize(("shift", "weights"), [
    (0.0, [.281814, .314778, .403408]),
    (0.001, [.282041, .315161, .402797]),
    (0.01, [.283109, .316924, .399967]),
])
def test_panel_entropy_has_the_printed_weights(shift: float, weights: list[float]) -> None:
    np.testing.assert_allclose(entropy(Z, shift).weights, weights, atol=PRINTED)


def test_panel_entropy_has_the_printed_entropies() -> None:
    found = entropy(Z)
    np.testing.assert_allclose(found.entropy, [.800415, .777069, .714300], atol=PRINTED)
    np.testing.assert_allclose(found.divergence, 1 - found.entropy)


def test_critic_has_the_printed_weights() -> None:
    np.testing.assert_allclose(critic(Z).weights, [.444189, .281818, .273993], atol=PRINTED)


def test_the_toy_has_the_printed_scores() -> None:
    scores = in_toy_order(made(toy(), weights="entropy"))
    np.testing.assert_allclose(scores, [0, .355680, .727558, .074574, .601560, .758241],
                               atol=PRINTED)
    scores = in_toy_order(made(toy(), weights="equal"))
    np.testing.assert_allclose(scores, [0, .375, .6875, .083333, .625, .75], atol=PRINTED)


def test_pillars_use_the_weights_of_their_own_indicators() -> None:
    result = made(toy(), {"p": ["a", LEAVES[2]], "q": {"r": "b"}}, weights="entropy")
    flat = made(toy(), weights="entropy")
    np.testing.assert_allclose(result.scores["index"], flat.scores["index"], rtol=1e-14)
    w = entropy(Z).weights
    expected = (w[0] * Z[:, 0] + w[2] * Z[:, 2]) / (w[0] + w[2])
    np.testing.assert_allclose(in_toy_order(result, "p"), expected)
    np.testing.assert_allclose(in_toy_order(result, "q"), Z[:, 1])
    table = result.weights.set_index("node")
    assert table.loc["p", "weight"] == pytest.approx(w[0] + w[2])
    assert table.loc["c", "weight"] == pytest.approx(w[2] / (w[0] + w[2]))
    assert table.loc["c", "effective"] == pytest.approx(w[2])
    assert table.loc["b", ["level", "parent"]].tolist() == [3, "r"]
    assert list(result.scores.columns) == ["country", "year", "p", "q", "r", "index"]


def test_equal_weights_are_equal_at_each_level() -> None:
    table = made(toy(), {"p": ["a", "b"], "q": ["c"]}, weights="equal").weights.set_index("node")
    assert table["effective"].to_dict() == {"p": .5, "a": .25, "b": .25, "q": .5, "c": .5}


def test_entropy_by_level_weighs_pillar_scores_by_their_own_entropy() -> None:
    result = made(toy(), {"p": ["a", "b"], "q": [LEAVES[2]]}, weights="entropy-by-level")
    inner = entropy(Z[:, :2]).weights
    outer = entropy(np.stack([Z[:, :2] @ inner, Z[:, 2]], axis=1)).weights
    table = result.weights.set_index("node")
    np.testing.assert_allclose(table.loc[["a", "b"], "weight"], inner)
    np.testing.assert_allclose(table.loc[["p", "q"], "weight"], outer)


def test_given_weights_are_scaled_under_each_node() -> None:
    pillars = {"p": [{"is": "a", "weight": 3}, {"is": "b", "weight": 1}], "q": ["c"]}
    result = composite(toy(), {"composite": {"weights": "given", "pillar_weights":
                                             {"p": 1, "q": 4}}, "pillars": pillars},
                       unit="country", time="year")
    assert result.weights.set_index("node")["effective"].to_dict() == pytest.approx(
        {"p": .2, "a": .15, "b": .05, "q": .8, "c": .8})
    with pytest.raises(SpecError, match="a, b below 'p' have none"):
        made(toy(), {"p": ["a", "b"]}, weights="given")
    with pytest.raises(SpecError, match="does not use them"):
        made(toy(), pillars, weights="entropy")


def test_a_geometric_mean_needs_a_floor() -> None:
    with pytest.raises(SpecError, match="needs values above 0"):
        made(toy(), aggregate="geometric")
    scores = in_toy_order(made(toy(), aggregate="geometric", floor=0.1))
    np.testing.assert_allclose(scores, np.prod(0.1 + 0.9 * Z, axis=1) ** (1 / 3))


def test_scale_and_leave_out() -> None:
    result = made(toy(), {"p": ["a", "b"], "q": ["c"]}, leave_out=["c"], scale=100)
    np.testing.assert_allclose(in_toy_order(result), 50 * (Z[:, 0] + Z[:, 1]))
    assert "q" not in result.scores
    assert "without c" in result.scores.attrs["definition"]
    with pytest.raises(SpecError, match="did you mean 'a'"):
        made(toy(), leave_out=["A"])


def test_z_scores_are_pooled() -> None:
    scores = in_toy_order(made(toy(), ["a"], normalise="zscore-pooled"))
    np.testing.assert_allclose(scores, (X[:, 0] - X[:, 0].mean()) / X[:, 0].std(ddof=1))
    with pytest.raises(SpecError, match=r"need values in \[0, 1\]"):
        made(toy(), normalise="zscore-pooled", weights="entropy")


def test_a_constant_indicator_has_no_weight_and_is_told() -> None:
    frame = toy().assign(k=0.1 + 0.2)
    for weights in ("entropy", "equal", "critic"):
        result = made(frame, [*LEAVES, "k"], weights=weights)
        np.testing.assert_allclose(result.scores["index"],
                                   made(toy(), weights=weights).scores["index"])
        assert result.weights.set_index("node").loc["k", "weight"] == 0
        assert ("constant", "k") in list(zip(result.audit["item"], result.audit["node"],
                                             strict=True))
    alone = made(frame, {"p": LEAVES, "q": ["k"]}, weights="entropy").scores
    assert alone["q"].isna().all()
    assert alone["index"].notna().all()
    with pytest.raises(SpecError, match="no indicator of the index varies"):
        made(frame, ["k"], weights="entropy")


def test_one_unit_is_enough() -> None:
    frame = toy().iloc[[0, 3]]
    result = made(frame, ["a", "b"], weights="entropy")
    np.testing.assert_allclose(result.scores["index"], [0, 1])


def gaps() -> pd.DataFrame:
    years = [1, 2, 3, 5, 6, 9]
    return pd.DataFrame({
        "country": ["A"] * 6 + ["B"] * 6, "year": years * 2,
        "a": [NAN, 1.0, NAN, 4.0, NAN, NAN, 2.0, NAN, NAN, NAN, 12.0, NAN],
        "b": np.arange(12.0)})


def test_gaps_are_filled_linearly_in_time_and_flagged() -> None:
    result = made(gaps(), ["a", "b"], missing="interpolate", weights="equal")
    scored = result.scores["index"].notna().tolist()
    assert scored == [False, True, True, True, False, False] + [True] * 5 + [False]
    assert result.imputed["a"].tolist() == [False, False, True, *[False] * 4, True, True, True,
                                            False, False]
    a = np.array([1, 2, 4, 2, 4, 6, 10, 12])
    b = np.array([1, 2, 3, 6, 7, 8, 9, 10])
    np.testing.assert_allclose(result.scores["index"].dropna(), ((a - 1) / 11 + (b - 1) / 9) / 2)
    audit = result.audit.set_index(["item", "node"])["count"]
    assert audit["missing", "a"] == 8
    assert audit["filled", "a"] == 4
    assert audit["left missing", "a"] == 4
    assert audit["not scored", "index"] == 4


@pytest.mark.parametrize(("rule", "limit", "filled"), [
    ("carry-forward", None, [NAN, 1, 1, 4, 4, 4, 2, 2, 2, 2, 12, 12]),
    ("carry-forward", 1, [NAN, 1, 1, 4, 4, NAN, 2, 2, NAN, NAN, 12, NAN]),
    ("carry-back", None, [1, 1, 4, 4, NAN, NAN, 2, 12, 12, 12, 12, NAN]),
    ("carry-back", 1, [1, 1, NAN, 4, NAN, NAN, 2, NAN, NAN, 12, 12, NAN]),
    ("carry", None, [1, 1, 1, 4, 4, 4, 2, 2, 2, 2, 12, 12]),
    ("interpolate", 2, [NAN, 1, 2, 4, NAN, NAN, 2, NAN, NAN, NAN, 12, NAN]),
    ("none", None, [NAN, 1, NAN, 4, NAN, NAN, 2, NAN, NAN, NAN, 12, NAN]),
])
def test_rules_for_missing_values(rule: str, limit: int | None, filled: list[float]) -> None:
    result = made(gaps(), ["a"], missing=rule, max_gap=limit)
    low, high = np.nanmin(filled), np.nanmax(filled)
    np.testing.assert_allclose(result.scores["index"], (np.array(filled) - low) / (high - low))


def test_an_indicator_can_have_its_own_rule() -> None:
    own = made(gaps(), [{"is": "a", "missing": "carry"}], missing="none")
    assert own.scores["index"].notna().all()


def test_rows_with_a_part_of_their_indicators_can_be_scored() -> None:
    result = made(gaps(), ["a", "b"], require=0.5)
    assert result.scores["index"].notna().all()
    first = result.scores.iloc[0]
    assert first["index"] == 0  # b alone, the smallest


def test_the_index_can_be_over_a_part_of_the_rows() -> None:
    frame = gaps()
    over = frame["year"].isin([3, 5, 6]) & (frame["country"] == "B")
    result = composite(frame, {"composite": {"missing": "interpolate"}, "pillars": ["a"]},
                       unit="country", time="year", over=over)
    # Filled from years 1 and 6, but bounds of the three years only.
    np.testing.assert_allclose(result.scores["index"], [0, 2 / 3, 1])  # 6, 10, 12
    assert result.scores["year"].tolist() == [3, 5, 6]


@pytest.mark.parametrize(("tree", "says"), [
    ({"pillars": ["a"], "composit": {}}, "did you mean 'composite'"),
    ({"composite": {}}, "needs `pillars`"),
    ({"composite": {"weights": "entropi"}, "pillars": ["a"]}, "did you mean 'entropy'"),
    ({"composite": {"wieghts": "equal"}, "pillars": ["a"]}, "did you mean 'weights'"),
    ({"composite": {"missing": "guess"}, "pillars": ["a"]}, "unknown missing 'guess'"),
    ({"composite": {"require": 2}, "pillars": ["a"]}, "require 2 is out of range"),
    ({"composite": {"shift": 0.1}, "pillars": ["a"]}, "shift is for entropy"),
    ({"composite": {"by": ["country"]}, "pillars": ["a"]}, "its keys are country, year"),
    ({"composite": {"pillar_weights": {"q": 1}}, "pillars": {"p": "a"}}, "unknown pillar"),
    ({"pillars": []}, "'index' has no indicators"),
    ({"pillars": {"p": {}}}, "'p' has no indicators"),
    ({"pillars": {"p": 3}}, "neither a list nor a mapping"),
    ({"pillars": {"index": ["a"]}}, "name of the whole index"),
    ({"pillars": {"p": ["a"], "q": ["a"]}}, "'a' stands twice"),
    ({"pillars": [{"is": "a", "direction": "up"}]}, "unknown direction of a 'up'"),
    ({"pillars": [{"is": "a", "sign": "-"}]}, "unknown key of the indicator a 'sign'"),
    ({"pillars": [{"direction": "-"}]}, "has no name"),
    ({"pillars": [{"is": "a", "weight": -1}]}, "no number from 0"),
    ({"pillars": [{"is": "a", "missing": "guess"}]}, "unknown missing rule of a"),
])
def test_faulty_trees_are_refused(tree: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError) as caught:
        composite(toy(), tree, unit="country", time="year")
    assert says in str(caught.value)


def test_faulty_frames_are_refused() -> None:
    with pytest.raises(DataError, match="unknown indicator 'A'; did you mean 'a'"):
        made(toy(), ["A"])
    with pytest.raises(DataError, match="'t' is not a number"):
        made(toy().assign(t=list("uvwxyz")), ["t"])
    with pytest.raises(DataError, match="1 values of the indicator 'a' are infinite"):
        made(toy().assign(a=[1, 2, np.inf, 4, 5, 6]), ["a"])
    with pytest.raises(DataError, match="'m' has no value"):
        made(toy().assign(m=NAN), ["a", "m"])
    with pytest.raises(DataError, match="1 rows repeat the keys country, year: B 1"):
        made(toy().assign(country=list("ABBABC")))
    with pytest.raises(DataError, match="1 rows lack the key"):
        made(toy().assign(country=["A", None, *"CABC"]))
    with pytest.raises(DataError, match=r"no row has enough .* a 3, d 3"):
        made(toy().assign(a=[1, 2, 3, NAN, NAN, NAN], d=[NAN, NAN, NAN, 1, 2, 3]), ["a", "d"])
    with pytest.raises(SpecError, match="only be filled in time"):
        composite(toy().iloc[:3], {"composite": {"missing": "interpolate"}, "pillars": ["a"]},
                  unit="country", time=None)
    with pytest.raises(DataError, match="over no row"):
        composite(toy(), {"pillars": ["a"]}, unit="country", time="year",
                  over=pd.Series(False, index=toy().index))


matrices = arrays(np.float64, st.tuples(st.integers(3, 12), st.integers(1, 4)),
                  elements=st.integers(-50, 50).map(lambda v: v / 4))


def frame_of(values: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    names = [f"x{j}" for j in range(values.shape[1])]
    frame = pd.DataFrame(values, columns=names)
    return frame.assign(country=[f"C{i // 3}" for i in range(len(values))],
                        year=[i % 3 for i in range(len(values))]), names


def entropy_of(values: np.ndarray) -> np.ndarray:
    """Transcribe the panel entropy of the handbook, with loops; constant columns weigh nothing."""
    d = []
    for x in values.T:
        if x.max() == x.min():
            d.append(0.0)
            continue
        z = [(v - x.min()) / (x.max() - x.min()) for v in x]
        p = [v / sum(z) for v in z]
        d.append(1 + sum(v * np.log(v) for v in p if v > 0) / np.log(len(z)))
    return np.array(d) / sum(d)


@given(matrices)
def test_entropy_weights_are_those_of_the_formula(values: np.ndarray) -> None:
    assume((np.ptp(values, axis=0) > 0).any())
    frame, names = frame_of(values)
    result = made(frame, names, weights="entropy")
    w = result.weights["weight"].to_numpy()
    np.testing.assert_allclose(w, entropy_of(values), rtol=1e-9, atol=1e-12)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1)
    assert result.scores["index"].between(-1e-12, 1 + 1e-12).all()


@given(matrices, st.randoms(use_true_random=False))
def test_row_order_units_of_measure_and_constants_do_not_matter(values: np.ndarray,
                                                                random: object) -> None:
    assume((np.ptp(values, axis=0) > 0).any())
    frame, names = frame_of(values)
    base = made(frame, names, weights="entropy")
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = made(frame.iloc[order], names, weights="entropy")
    pd.testing.assert_frame_equal(mixed.scores, base.scores)
    scaled = made(frame.assign(**{n: frame[n] * 1000 + 7 for n in names}), names,
                  weights="entropy")
    np.testing.assert_allclose(scaled.scores["index"], base.scores["index"], rtol=1e-9, atol=1e-10)
    more = made(frame.assign(k=3.0), [*names, "k"], weights="entropy")
    np.testing.assert_allclose(more.weights["weight"][:-1], base.weights["weight"], rtol=1e-12)


@given(matrices, st.sampled_from(["entropy", "equal"]))
def test_a_row_that_is_nowhere_lower_scores_no_lower(values: np.ndarray, weights: str) -> None:
    assume((np.ptp(values, axis=0) > 0).any())
    frame, names = frame_of(values)
    scores = made(frame, names, weights=weights).scores
    both = frame.merge(scores, on=["country", "year"])
    x, s = both[names].to_numpy(), both["index"].to_numpy()
    for i in range(len(x)):
        higher = (x >= x[i]).all(axis=1)
        assert (s[higher] >= s[i] - 1e-12).all()


def test_zero_stands_wherever_there_is_none_and_is_counted_as_imputed() -> None:
    frame = pd.DataFrame({"u": list("AABBCC"), "t": [1, 2] * 3,
                          "a": [1.0, NAN, 3.0, 4.0, NAN, NAN], "b": [2.0, 1, 4, 3, 6, 5]})
    tree = [{"is": "a", "missing": "zero"}, "b"]
    got = composite(frame, tree, unit="u", time="t", weights="equal")
    a = np.array([1.0, 0, 3, 4, 0, 0]) / 4
    b = (frame["b"].to_numpy() - 1) / 5
    np.testing.assert_allclose(got.scores["index"], (a + b) / 2, rtol=1e-12)
    assert list(got.imputed["a"]) == [False, True, False, False, True, True]
