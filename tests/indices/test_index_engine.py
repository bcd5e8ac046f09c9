"""The engine of composite indices: printed toys, rules, properties, degenerate input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gvckit.errors import DataError, ModelError, SpecError
from gvckit.indices.aggregate import AGGREGATORS, Mixing
from gvckit.indices.combine import game, multiplicative
from gvckit.indices.components import components
from gvckit.indices.composite import CompositeResult, composite
from gvckit.indices.crosswise import em, regression
from gvckit.indices.describe import describe
from gvckit.indices.dispersion import critic
from gvckit.indices.doubt import benefit_of_the_doubt
from gvckit.indices.hierarchy import ahp, judgements
from gvckit.indices.ideal import coordination, ordered
from gvckit.indices.normalise import NORMALISERS, fraction_of_max
from gvckit.indices.outrank import whole_weights
from gvckit.indices.series import panel_of
from gvckit.indices.treat import log_gii
from gvckit.indices.vertices import Vertices, best_vertices, undominated
from gvckit.indices.weights import SCHEMES

NAN = float("nan")
# Values printed to four and six digits: half a unit of the last.
FOUR, SIX = 5.0001e-5, 5.0001e-7

# The toy of the methods handbook: rows A1 B1 C1 A2 B2 C2, indicators + + -.
X = np.array([[10, 2, 5], [20, 4, 4], [15, 8, 1], [12, 3, 5], [26, 5, 3], [18, 10, 2]], float)
Z = np.array([[0, 0, 0], [.625, .25, .25], [.3125, .75, 1], [.125, .125, 0], [1, .375, .5],
              [.5, 1, .75]])
LEAVES = ["a", "b", {"is": "c", "direction": "-"}]


def toy() -> pd.DataFrame:
    return pd.DataFrame(X, columns=list("abc")).assign(country=list("ABCABC"),
                                                       year=[1, 1, 1, 2, 2, 2])


def made(frame: pd.DataFrame | None = None, pillars: object = None, **options: object
         ) -> CompositeResult:
    return composite(toy() if frame is None else frame,
                     {"composite": options, "pillars": pillars or LEAVES},
                     unit="country", time="year")


def in_toy_order(result: CompositeResult, column: str = "index") -> np.ndarray:
    return result.scores.sort_values(["year", "country"])[column].to_numpy()


def weights_of(result: CompositeResult) -> list[float]:
    return result.weights.set_index("node").loc[list("abc"), "effective"].tolist()


# --- printed values -------------------------------------------------------------------------------

@pytest.mark.parametrize(("options", "expected", "digits"), [
    ({"weights": "entropy", "aggregate": "topsis"},
     [0, .353538, .694607, .088022, .565098, .725849], SIX),
    ({"normalise": "mpi-pooled", "aggregate": "mazziotta-pareto"},
     [88.0178, 98.6652, 106.6388, 90.4507, 105.5036, 108.9354], FOUR),
    ({"normalise": "ampi-pooled", "aggregate": "mazziotta-pareto"},
     [70, 91.2838, 108.6376, 74.8333, 105.0581, 113.6957], FOUR),
])
def test_printed_scores(options: dict[str, object], expected: list[float], digits: float) -> None:
    np.testing.assert_allclose(in_toy_order(made(**options)), expected, atol=digits, rtol=0)


@pytest.mark.parametrize(("scheme", "expected"), [
    ("critic", [.444189, .281818, .273993]), ("cv", [.244478, .408569, .346953])])
def test_printed_weights(scheme: str, expected: list[float]) -> None:
    np.testing.assert_allclose(weights_of(made(weights=scheme)), expected, atol=SIX)


def test_printed_components() -> None:
    found = components(Z)
    np.testing.assert_allclose(found.eigenvalues, [2.109668, .795448, .094883], atol=SIX)
    np.testing.assert_allclose(found.vectors[:, 0], [.396977, .642400, .655540], atol=SIX)
    # One component has λ > 1, so both ways of using it see PC1 alone.
    np.testing.assert_allclose(weights_of(made(weights="pca-first")), found.vectors[:, 0]**2)
    np.testing.assert_allclose(weights_of(made(weights="pca")),
                               found.vectors[:, 0] / found.vectors[:, 0].sum())


# --- variants of entropy seen in the field --------------------------------------------------------

def test_bases_of_the_logarithm_change_the_entropies_by_a_factor() -> None:
    good = made(weights="entropy").weights["entropy"].to_numpy()
    units = made(weights="entropy-ln-units").weights
    np.testing.assert_allclose(units["entropy"], good * np.log(6) / np.log(3))
    # All entropies exceed 1: weights are Σd-shares all the same, and turn the order round.
    assert (units["entropy"] > 1).all()
    np.testing.assert_allclose(units["weight"].sum(), 1)
    times = made(weights="entropy-ln-times").weights
    np.testing.assert_allclose(times["entropy"], good * np.log(6) / np.log(2))


def test_a_wrong_base_that_makes_negative_weights_is_an_error() -> None:
    frame = toy().assign(b=[0, 0, 0, 0, 0, 9.0])
    with pytest.raises(DataError, match="weights would be negative"):
        made(frame, weights="entropy-ln-units")


def test_each_year_can_have_its_own_weights() -> None:
    result = made(weights="entropy-per-year")
    assert next(iter(result.weights.columns)) == "year"
    table = result.weights.set_index(["year", "node"])["weight"]
    for year, rows in ((1, Z[:3]), (2, Z[3:])):
        part = SCHEMES["entropy"].kernel
        assert part is not None
        p = rows / rows.sum(axis=0)
        e = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=0) / np.log(3)
        w = (1 - e) / (1 - e).sum()
        np.testing.assert_allclose(table[year].loc[list("abc")], w)
        got = result.scores.loc[result.scores["year"] == year].sort_values("country")["index"]
        np.testing.assert_allclose(got, rows @ w, atol=1e-15)


# --- scales ---------------------------------------------------------------------------------------

def test_pooled_scales_keep_the_change_over_time_and_yearly_ones_lose_it() -> None:
    frame = toy().assign(a=[1.0, 2, 3, 11, 12, 13])
    pooled, yearly = made(frame, ["a"]), made(frame, ["a"], normalise="minmax-per-year")
    assert pooled.scores.groupby("year")["index"].mean().diff().iloc[1] > 0.5
    np.testing.assert_allclose(yearly.scores.groupby("year")["index"].mean(), .5)


def test_targets_goalposts_and_references() -> None:
    with pytest.raises(SpecError, match="'a' has no `target`"):
        made(pillars=["a"], normalise="distance-to-target-pooled")
    got = made(pillars=[{"is": "a", "target": 30}], normalise="distance-to-target-pooled")
    np.testing.assert_allclose(in_toy_order(got), (X[:, 0] - 10) / 20)
    with pytest.raises(DataError, match="not above its lowest"):
        made(pillars=[{"is": "a", "target": 5}], normalise="distance-to-target-pooled")
    got = made(pillars=[{"is": "c", "direction": "-", "goalposts": [2, 4]}],
               normalise="goalposts-pooled")
    np.testing.assert_allclose(in_toy_order(got), [0, 0, 1, 0, .5, 1])
    got = made(pillars=["a"], normalise="distance-to-reference-per-year", reference="B", cap=True)
    assert got.scores.loc[got.scores["country"] == "B", "index"].tolist() == [1, 1]
    with pytest.raises(DataError, match="unknown reference unit 'b'; did you mean 'B'"):
        made(pillars=["a"], normalise="distance-to-reference-pooled", reference="b")
    with pytest.raises(SpecError, match="needs `reference`"):
        made(pillars=["a"], normalise="distance-to-reference-pooled")


def test_goalposts_of_the_reference_functions() -> None:
    from gvckit.indices.rulers import Rulers
    posts = Rulers(lows=np.zeros(1), highs=np.full(1, 10.0))
    x = np.array([[1.0], [11.0], [-1.0]])
    got = NORMALISERS["goalposts-pooled"].kernel(x, np.ones(1), posts)
    np.testing.assert_allclose(got[:, 0], [.1, 1, 0])


def test_a_fraction_of_the_best_keeps_the_direction_of_a_cost() -> None:
    """The best of a cost is its least: x/min would reverse it and x/0 be infinite."""
    got = fraction_of_max(np.array([[1.0], [2.0], [4.0]]), -np.ones(1))
    np.testing.assert_allclose(got[:, 0], [1, .5, .25])
    with pytest.raises(DataError, match="'c' has 1 values that are not above 0"):
        made(toy().assign(c=[0, 4, 1, 5, 3, 2.0]), normalise="fraction-of-max-pooled")


def test_a_range_moves_the_scale() -> None:
    got = made(pillars=["a"], range=[1, 100])
    np.testing.assert_allclose(in_toy_order(got), 1 + 99 * Z[:, 0])
    assert got.scores.attrs["unit"] == "index from 1 to 100"


# --- outliers -------------------------------------------------------------------------------------

def test_treatment_comes_before_normalisation_and_is_told() -> None:
    frame = toy().assign(a=[1.0, 2, 3, 4, 5, 1000])
    result = made(frame, [{"is": "a", "treat": "log"}])
    logs = np.log(frame["a"])
    np.testing.assert_allclose(in_toy_order(result), (logs - logs.min()) / np.ptp(logs))
    row = result.audit.set_index(["item", "node"]).loc[("treated", "a")]
    assert row["note"] == "the logarithm"
    assert row["count"] == 6


def test_logarithms_of_values_without_one_are_refused_all_at_once() -> None:
    frame = toy().assign(a=[-1.0, 2, 3, 4, 5, 6], b=[0.0, 1, 2, 3, 4, 5])
    with pytest.raises(DataError) as caught:
        made(frame, ["a", "b"], treat="log")
    assert [p.what[:17] for p in caught.value.problems] == ["the indicator 'a'",
                                                            "the indicator 'b'"]
    made(frame, ["a", "b"], treat="log-ct")


def test_the_logarithm_of_the_innovation_index_changes_the_values() -> None:
    """COINr's function of that name computes it and returns its input."""
    x = np.array([1.0, 2, 4, 100])
    expected = np.log(99 * (x - 1) / 99 + 1)
    np.testing.assert_allclose(log_gii(x), expected)
    assert not np.allclose(log_gii(x), x)


# --- missing values -------------------------------------------------------------------------------

def gaps() -> pd.DataFrame:
    return pd.DataFrame({"country": list("AAABBBCCC"), "year": [1, 2, 3] * 3,
                         "region": list("xxxxxxyyy"),
                         "a": [1, NAN, 3, 5, 7, NAN, NAN, NAN, NAN],
                         "b": [2.0, 4, 6, 10, 14, 18, 3, 5, 8]})


@pytest.mark.parametrize(("rule", "options", "expected"), [
    ("mean", {}, [1, 7, 3, 5, 7, 3, 3, 7, 3]),
    ("median", {}, [1, 7, 3, 5, 7, 3, 3, 7, 3]),
    ("group-mean", {"group": "region"}, [1, 7, 3, 5, 7, 3, NAN, NAN, NAN]),
    ("unit-mean", {}, [1, 2, 3, 5, 7, 6, NAN, NAN, NAN]),
    ("regression", {}, [1, 2, 3, 5, 7, 9, 1.5, 2.5, 4]),
    (["interpolate", "regression"], {}, [1, 2, 3, 5, 7, 9, 1.5, 2.5, 4]),
    ("interpolate-carry", {}, [1, 2, 3, 5, 7, 7, NAN, NAN, NAN]),
])
def test_rules_across_units(rule: object, options: dict[str, object],
                            expected: list[float]) -> None:
    result = made(gaps(), ["a"], missing=rule, **options) if rule != "regression" and not \
        isinstance(rule, list) else made(gaps(), ["a", "b"], missing=rule, **options)
    values = np.array(expected)
    if "b" not in result.imputed:
        low, high = np.nanmin(values), np.nanmax(values)
        np.testing.assert_allclose(result.scores["index"], (values - low) / (high - low))
    else:
        b = gaps()["b"].to_numpy()
        scaled = (values - 1) / 8 / 2 + (b - 2) / 16 / 2
        np.testing.assert_allclose(result.scores["index"], scaled, atol=1e-12)
    assert result.imputed["a"].tolist() == (gaps()["a"].isna() & ~np.isnan(values)).tolist()


def test_a_group_without_a_value_is_told_not_filled() -> None:
    result = made(gaps(), ["a"], missing="group-mean", group="region")
    audit = result.audit.set_index(["item", "node"])["count"]
    assert audit["left missing", "a"] == 3
    assert audit["not scored", "index"] == 3
    with pytest.raises(SpecError, match="need `group`"):
        made(gaps(), ["a"], missing="group-mean")
    with pytest.raises(DataError, match="unknown column of groups 'regio'; did you mean 'region'"):
        made(gaps(), ["a"], missing="group-mean", group="regio")


def test_filling_does_not_depend_on_the_order_of_rows() -> None:
    """A panel filled in another order must not hand values to other units."""
    base = made(gaps(), ["a", "b"], missing="carry", require=0.5)
    mixed = made(gaps().sample(frac=1, random_state=4), ["a", "b"], missing="carry", require=0.5)
    pd.testing.assert_frame_equal(base.scores, mixed.scores)
    pd.testing.assert_frame_equal(base.imputed, mixed.imputed)


def test_em_finds_the_planted_values() -> None:
    rng = np.random.default_rng(2)
    factor = rng.normal(size=(400, 1))
    full = np.c_[factor, 2 * factor + 1, -factor] + 0.01 * rng.normal(size=(400, 3))
    holes = full.copy()
    hidden = rng.random(full.shape) < 0.2
    hidden[hidden.all(axis=1)] = False
    holes[hidden] = np.nan
    rows = np.zeros(400, dtype=np.int64)
    for rule in (em, regression):
        got = rule(panel_of(holes, rows, rows), None)
        assert not np.isnan(got).any()
        assert np.abs(got - full).max() < 0.15
        np.testing.assert_array_equal(got[~hidden], full[~hidden])


def test_em_has_the_moments_of_the_normal_likelihood() -> None:
    """Monotone pattern: the likelihood factors, and its maximum has a closed form."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=60)
    y = 1 + 0.5 * x + rng.normal(size=60)
    y[40:] = np.nan
    rows = np.zeros(60, dtype=np.int64)
    got = em(panel_of(np.c_[x, y], rows, rows), None)
    slope = np.cov(x[:40], y[:40])[0, 1] / np.var(x[:40], ddof=1)
    line = y[:40].mean() + slope * (x[40:] - x[:40].mean())
    np.testing.assert_allclose(got[40:, 1], line, atol=1e-5)


# --- judgements, combinations, doubt --------------------------------------------------------------

def test_saatys_consistent_matrix_has_its_weights_and_no_contradiction() -> None:
    w = np.array([.6, .3, .1])
    found = ahp(np.outer(w, 1 / w))
    np.testing.assert_allclose(found.weights, w)
    assert found.ratio == pytest.approx(0, abs=1e-12)


def test_judgements_weigh_the_tree_and_tell_their_consistency() -> None:
    pillars = {"p": ["a", "b"], "q": [{"is": "c", "direction": "-"}]}
    rows = {"index": [[3]], "p": [[4]]}
    result = made(pillars=pillars, weights="ahp", judgements=rows)
    table = result.weights.set_index("node")["effective"]
    assert table.to_dict() == pytest.approx({"p": .75, "a": .6, "b": .15, "q": .25, "c": .25})
    # 3, 1/5, 3 contradict each other: λ solves λ³ - 3λ² = a₁₂a₂₃/a₁₃ + a₁₃/(a₁₂a₂₃) - 2.
    A = judgements([[3, 1 / 5], [3]], 3, "x")
    roots = np.roots([1, -3, 0, -(9 / (1 / 5) + (1 / 5) / 9 - 2)])
    largest = max(roots.real)
    found = ahp(A)
    assert found.eigenvalue == pytest.approx(largest, rel=1e-10)
    assert found.ratio == pytest.approx((largest - 3) / 2 / 0.58, rel=1e-10)
    with pytest.raises(SpecError, match=r"'index' contradict each other: consistency ratio 1\.585"):
        made(weights="ahp", judgements={"index": [[3, 0.2], [3]]})
    told = made(weights="ahp", judgements={"index": [[3, 0.2], [3]]}, consistency=2).audit
    assert told.loc[told["item"] == "consistency ratio", "note"].str.contains("contradictory").all()


@pytest.mark.parametrize(("rows", "says"), [
    ({"index": [[3]]}, r"rows of \[1\], for 3 children"),
    ({"index": [[1, 3, 5], [3, 1, 2], [1, 1, 1]]}, "not reciprocal"),
    ({"index": [[0, 1], [1]]}, "not all numbers above 0"),
    ({"indx": [[1, 1], [1]]}, "did you mean 'index'"),
])
def test_faulty_judgements(rows: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        made(weights="ahp", judgements=rows)


def test_weights_can_be_put_together() -> None:
    a, b = (np.array(weights_of(made(weights=w))) for w in ("entropy", "critic"))
    got = weights_of(made(weights=["entropy", "critic"]))
    np.testing.assert_allclose(got, a * b / (a * b).sum())
    mixed = np.array(weights_of(made(weights=["entropy", "critic"], combine="game-theory")))
    W = np.stack([a, b])
    # The compromise is as far along each set as the set itself: (α W - w) · w = 0.
    alpha = np.linalg.solve(W @ W.T, np.diag(W @ W.T))
    np.testing.assert_allclose(mixed, np.abs(alpha) / np.abs(alpha).sum() @ W)
    np.testing.assert_allclose(game(np.stack([a, a])), a)
    np.testing.assert_allclose(multiplicative(np.array([[1.0, 0], [0, 1]])), [.5, .5])
    with pytest.raises(SpecError, match="cannot be put together"):
        made(weights=["entropy", "equal"])


def test_benefit_of_the_doubt_gives_each_row_its_best() -> None:
    result = made(weights="benefit-of-the-doubt", floor=0.1)
    Y = 0.1 + 0.9 * Z
    np.testing.assert_allclose(in_toy_order(result), benefit_of_the_doubt(Y).scores)
    assert (in_toy_order(result) >= in_toy_order(made(floor=0.1)) - 1e-9).all()
    assert result.weights["effective"].sum() == pytest.approx(1)
    np.testing.assert_allclose(
        result.weights.set_index("node").loc[list("abc"), "effective"],
        benefit_of_the_doubt(Y).shares.mean(axis=0))
    with pytest.raises(DataError, match="cannot sum to 1"):
        benefit_of_the_doubt(Y, 0.4, 0.5)
    with pytest.raises(ModelError, match="no weights of row 1 keep its shares"):
        benefit_of_the_doubt(np.array([[1.0, 0.0], [1.0, 1.0]]), 0.3, 0.7)
    assert undominated(np.array([[1.0, 0], [0, 1], [.5, 0], [0, 1]])).tolist() == [0, 1]


# --- aggregation ----------------------------------------------------------------------------------

def test_coupling_coordination() -> None:
    found = coordination(np.array([[.4, .4], [0, 1], [.2, .8], [0, 0], [1, 1]]))
    np.testing.assert_allclose(found.coupling, [1, 0, 2 * .4 / 1, 0, 1])
    np.testing.assert_allclose(found.degree, [np.sqrt(.4), 0, np.sqrt(.8 * .5), 0, 1])
    result = made(pillars={"p": ["a"], "q": ["b"]}, aggregate=["arithmetic",
                                                                "coupling-coordination"])
    np.testing.assert_allclose(in_toy_order(result), coordination(Z[:, :2]).degree)


def test_ordered_means_go_from_the_worst_to_the_best_child() -> None:
    w = np.array([.2, .3, .5])
    np.testing.assert_allclose(ordered(Z, w, 1.0), Z.max(axis=1))
    np.testing.assert_allclose(ordered(Z, w, 0.0), Z.min(axis=1))
    np.testing.assert_allclose(ordered(Z, w, 0.5), Z @ w)
    got = ordered(np.array([[1.0, NAN, 0.0]]), np.ones(3), 0.25)
    np.testing.assert_allclose(got, .5**3)


def test_whole_weights_keep_their_proportions() -> None:
    assert whole_weights(np.array([.1, .2, .3])).tolist() == [1, 2, 3]
    assert whole_weights(np.array([1 / 3, 1 / 3])).tolist() == [1, 1]
    odd = np.array([np.pi, np.e, 1.0])
    np.testing.assert_allclose(whole_weights(odd) / whole_weights(odd).sum(), odd / odd.sum())


def test_topsis_takes_all_indicators_at_once_whatever_the_pillars() -> None:
    flat = made(weights="entropy", aggregate="topsis")
    deep = made(pillars={"p": LEAVES[:2], "q": {"r": LEAVES[2:]}}, weights="entropy",
                aggregate="topsis")
    np.testing.assert_allclose(deep.scores["index"], flat.scores["index"], rtol=1e-13)


def test_children_can_be_required_within_nodes() -> None:
    frame = toy().assign(a=[10, NAN, 15, 12, 26, 18])
    pillars = {"p": ["a", "b"], "q": [{"is": "c", "direction": "-"}]}
    got = made(frame, pillars, require=0.5, require_within=[1.0, 0.5])
    row = got.scores.set_index(["country", "year"]).loc[("B", 1)]
    assert np.isnan(row["p"])
    assert row["index"] == row["q"]


# --- degenerate input -----------------------------------------------------------------------------

def test_a_pillar_with_one_indicator_is_that_indicator() -> None:
    for scheme in ("equal", "entropy", "critic", "critic-by-level", "pca", "pca-by-level",
                   "entropy-by-level", "standard-deviation", "gini", "variance"):
        got = made(pillars={"p": ["a"]}, weights=scheme)
        np.testing.assert_allclose(in_toy_order(got), Z[:, 0], err_msg=scheme)


def test_indicators_that_repeat_each_other_have_no_critic_weights() -> None:
    with pytest.raises(SpecError, match="gives it a weight"):
        made(toy().assign(b=toy()["a"] * 2), ["a", "b"], weights="critic")


def test_one_country_is_enough_unless_contrast_is_wanted() -> None:
    frame = toy()[toy()["country"] == "A"]
    for scheme in ("equal", "entropy", "cv"):
        np.testing.assert_allclose(made(frame, ["a", "b"], weights=scheme).scores["index"], [0, 1])
    # Two rows: all columns are the same line, so nothing tells them apart.
    with pytest.raises(SpecError, match="gives it a weight"):
        made(frame, ["a", "b"], weights="critic")


def test_values_that_a_mean_cannot_take_are_named() -> None:
    with pytest.raises(DataError, match="normalised indicator 'a' has 3 values that are not above"):
        made(normalise="zscore-pooled", moments=[0.2, 1], aggregate="geometric")
    with pytest.raises(SpecError, match="needs values above 0"):
        made(aggregate="harmonic")
    with pytest.raises(DataError, match="not negative"):
        made(toy().assign(a=[-1, 2, 3, 4, 5, 6.0]), weights="cv")


# --- properties -----------------------------------------------------------------------------------

matrices = arrays(np.float64, st.tuples(st.integers(4, 12), st.integers(2, 4)),
                  elements=st.integers(1, 80).map(lambda v: v / 4))
FLAT = sorted(n for n, s in SCHEMES.items() if s.kernel is not None and not s.per_time
              and n not in ("benefit-of-the-doubt", "entropy-ln-units", "entropy-ln-times"))


def frame_of(values: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    names = [f"x{j}" for j in range(values.shape[1])]
    frame = pd.DataFrame(values, columns=names)
    return frame.assign(country=[f"C{i // 3}" for i in range(len(values))],
                        year=[i % 3 for i in range(len(values))]), names


def tried(frame: pd.DataFrame, pillars: object, **options: object) -> CompositeResult:
    """Return the index; refuse the draw where it is refused in so many words."""
    try:
        return made(frame, pillars, **options)
    except (DataError, SpecError):
        assume(False)
        raise


@settings(max_examples=60, deadline=None)
@given(matrices, st.sampled_from(FLAT))
def test_weights_are_shares(values: np.ndarray, scheme: str) -> None:
    frame, names = frame_of(values)
    result = tried(frame, {"p": names[:1], "q": names[1:]}, weights=scheme)
    w = result.weights.set_index("node")["effective"].loc[names].to_numpy()
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1)
    assert result.scores["index"].notna().all()


PLAIN = ("equal", "entropy", "critic", "pca")


@settings(max_examples=60, deadline=None)
@given(matrices, st.sampled_from(PLAIN),
       st.sampled_from(sorted(n for n, a in AGGREGATORS.items()
                              if a.monotone and n != "benefit-of-the-doubt")),
       st.sampled_from(["minmax-pooled", "percentile-pooled"]))
def test_a_row_that_is_nowhere_lower_scores_no_lower(values: np.ndarray, scheme: str, mix: str,
                                                     scale: str) -> None:
    frame, names = frame_of(values)
    result = tried(frame, {"p": names[:1], "q": names[1:]}, weights=scheme, aggregate=mix,
                   normalise=scale, floor=0.05, power=-2.0, orness=0.3)
    both = frame.merge(result.scores, on=["country", "year"])
    x, s = both[names].to_numpy(), both["index"].to_numpy()
    for i in range(len(x)):
        higher = (x >= x[i]).all(axis=1)
        assert (s[higher] >= s[i] - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(matrices, st.sampled_from(PLAIN), st.randoms(use_true_random=False))
def test_row_order_and_units_of_measure_do_not_matter(values: np.ndarray, scheme: str,
                                                      random: object) -> None:
    frame, names = frame_of(values)
    base = tried(frame, names, weights=scheme)
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(made(frame.iloc[order], names, weights=scheme).scores,
                                  base.scores)
    if scheme == "pca":
        # Eigenvalues at 1 decide which components count: rounding may turn them.
        values = components(np.asarray(
            NORMALISERS["minmax-pooled"].kernel(frame[names].to_numpy(), np.ones(len(names)), None)
        )).eigenvalues if (np.ptp(values, axis=0) > 0).all() else np.ones(1)
        assume((np.abs(values - 1) > 1e-6).all())
        assume(len(values) < 2 or (np.diff(values) < -1e-6).all())
    scaled = made(frame.assign(**{n: frame[n] * 1000 + 7 for n in names}), names, weights=scheme)
    np.testing.assert_allclose(scaled.scores["index"], base.scores["index"], rtol=1e-7, atol=1e-8)


@settings(max_examples=60, deadline=None)
@given(matrices, st.sampled_from(FLAT), st.integers(0, 3), st.sampled_from([1e-3, 0.1, 7.0, 1e6]))
def test_the_unit_of_an_indicator_does_not_matter(values: np.ndarray, scheme: str, column: int,
                                                  factor: float) -> None:
    """Thousands or millions: weights of raw values too are of shares and ratios."""
    frame, names = frame_of(values)
    name = names[column % len(names)]
    base = tried(frame, names, weights=scheme)
    if scheme in ("pca", "pca-squared", "pca-by-level", "pca-first", "balanced-by-level"):
        # Eigenvalues at 1 or of one size turn on rounding, and so does which of many solutions
        # balances columns that depend on each other.
        assume((np.ptp(values, axis=0) > 0).all())
        roots = np.linalg.eigvalsh(np.corrcoef(values, rowvar=False))
        assume(min(abs(roots - 1)) > 1e-6)
        assume(scheme != "balanced-by-level" or roots[0] > 1e-6)
    other = made(frame.assign(**{name: frame[name] * factor}), names, weights=scheme)
    np.testing.assert_allclose(other.weights["weight"], base.weights["weight"], rtol=1e-6,
                               atol=1e-8)
    np.testing.assert_allclose(other.scores["index"], base.scores["index"], rtol=1e-6, atol=1e-8)


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(2, 5), st.integers(1, 3)),
              elements=st.integers(0, 40).map(float)), st.integers(1, 9),
       st.sampled_from(["minmax", "zscore", "percentile", "rank", "ampi", "fraction-of-max",
                        "distance-to-max", "mpi", "vector"]))
def test_pooled_scales_keep_common_growth_and_yearly_ones_lose_it(
        start: np.ndarray, growth: int, scale: str) -> None:
    units, count = start.shape
    rows = np.vstack([start + growth * t for t in range(3)])
    names = [f"x{j}" for j in range(count)]
    frame = pd.DataFrame(rows + 1.0, columns=names).assign(
        country=[f"C{i}" for i in range(units)] * 3, year=np.repeat([0, 1, 2], units))
    pooled = made(frame, names, normalise=f"{scale}-pooled").scores
    wide = pooled.pivot(index="country", columns="year", values="index")
    # Everybody grows, so everybody's index grows.
    assert (wide.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    yearly = tried(frame, names, normalise=f"{scale}-per-year").scores
    wide = yearly.pivot(index="country", columns="year", values="index")
    if scale in ("minmax", "zscore", "percentile", "rank", "ampi", "distance-to-max", "mpi"):
        np.testing.assert_allclose(wide.diff(axis=1).iloc[:, 1:].fillna(0), 0, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(matrices)
def test_copeland_scores_sum_to_nothing(values: np.ndarray) -> None:
    frame, names = frame_of(values)
    result = tried(frame, names, aggregate="copeland")
    assert result.scores["index"].sum() == 0
    assert result.scores["index"].abs().max() <= len(frame) - 1


def test_critic_of_signs_is_that_of_the_handbook() -> None:
    np.testing.assert_allclose(critic(Z).weights * (.480085 + .304593 + .296135),
                               [.480085, .304593, .296135], atol=1e-6)


def test_indicators_that_do_not_vary_make_no_index() -> None:
    for scheme in ("equal", "given"):
        with pytest.raises(DataError, match="no indicator of the index varies"):
            made(toy().assign(a=1.0), [{"is": "a", "weight": 1}] if scheme == "given" else ["a"],
                 weights=scheme)


def test_a_node_whose_children_all_weigh_nothing_is_refused() -> None:
    none = {"p": [{"is": "a", "weight": 0}, {"is": "b", "weight": 0}], "q": ["c"]}
    with pytest.raises(SpecError, match="all weights below 'p' are 0"):
        made(pillars=none, weights="given", pillar_weights={"p": 1, "q": 1})


def test_flags_compare_shares_of_the_rows_that_have_a_value() -> None:
    x = np.array([[1.0], [2], [3], [NAN], [NAN], [NAN], [NAN], [NAN]])
    got = describe(x, ["x"]).iloc[0]
    # Three different values of eight rows, of three that are there: nothing is repeated.
    assert got["share_unique"] == got["share_nonzero"] == 1
    assert got["flags"] == "few values"


def test_every_aggregator_leaves_a_node_without_values_missing() -> None:
    empty = np.full((3, 2), NAN)
    for name, aggregator in AGGREGATORS.items():
        got = aggregator.kernel(empty, np.zeros(2), Mixing())
        assert np.isnan(got).all(), name


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 5)),
              elements=st.integers(0, 6).map(lambda v: v / 6)))
def test_benefit_of_the_doubt_is_the_programme_solved_row_by_row(Y: np.ndarray) -> None:
    """Ties and zeros make vertices degenerate, where a simplex method could go astray."""
    from scipy.optimize import linprog
    got = benefit_of_the_doubt(Y)
    assert best_vertices(Y).proven.all()
    for y, score in zip(Y, got.scores, strict=True):
        # Columns of zeros have no limit and no gain.
        want = linprog(-y, A_ub=Y, b_ub=np.ones(len(Y)), bounds=(0, 1e6)).fun
        assert score == pytest.approx(-want, abs=1e-9)
    assert (got.weights >= 0).all()
    assert (Y @ got.weights.T <= 1 + 1e-9).all()
    for i in range(len(Y)):
        higher = (Y[i] <= Y).all(axis=1)
        assert (got.scores[higher] >= got.scores[i] - 1e-9).all()


def test_rows_whose_vertex_is_not_proven_are_solved_on_their_own(
        monkeypatch: pytest.MonkeyPatch) -> None:
    Y = np.random.default_rng(4).uniform(size=(30, 4))
    want = benefit_of_the_doubt(Y).scores
    monkeypatch.setattr("gvckit.indices.doubt.best_vertices",
                        lambda Y: Vertices(np.zeros(Y.shape), np.zeros(len(Y), dtype=bool)))
    np.testing.assert_allclose(benefit_of_the_doubt(Y).scores, want, atol=1e-9)
