"""Barriers faced abroad, bilateral means, heterogeneity: toys, brute force, faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gvckit.errors import DataError, SpecError
from gvckit.indices.barriers import (
    bilateral_mean,
    bilateral_means,
    faced,
    faced_abroad,
    heterogeneity,
    regulatory_heterogeneity,
    trade_weights,
)

NAN = float("nan")


def barriers() -> pd.DataFrame:
    return pd.DataFrame({"country": ["A", "B", "C"], "year": 2014, "dstri": [.1, .3, .2]})


def trade() -> pd.DataFrame:
    """Exports of A go .6 to B and .4 to C, in the mean of two years."""
    return pd.DataFrame({
        "exporter": ["A", "A", "A", "A", "B", "C"], "importer": ["B", "C", "B", "A", "A", "A"],
        "year": [2000, 2000, 2001, 2000, 2000, 2000], "export": [2., 4., 4., 99., 5., 7.]})


def test_the_toy_of_the_handbook() -> None:
    weights = np.array([[0, .6, .4], [1, 0, 0], [1, 0, 0]])
    assert faced(weights, np.array([.1, .3, .2])).barrier[0] == pytest.approx(.26, abs=1e-15)
    simple = faced(1.0 - np.eye(3), np.array([.1, .3, .2]))
    assert simple.barrier[0] == pytest.approx(.25, abs=1e-15)


def test_the_toy_through_frames() -> None:
    found = faced_abroad(barriers(), "dstri", trade_weights(trade(), "export", [2000, 2001]))
    assert found["faced"].tolist() == pytest.approx([.26, .1, .1])
    assert found["covered"].tolist() == [1.0, 1.0, 1.0]
    assert "without own trade" in found.attrs["definition"]


def test_pre_sample_weights_do_not_see_later_trade() -> None:
    later = pd.concat([trade(), pd.DataFrame({"exporter": ["A"], "importer": ["B"],
                                             "year": [2010], "export": [1e9]})])
    pd.testing.assert_frame_equal(trade_weights(later, "export", [2000, 2001]),
                                  trade_weights(trade(), "export", [2000, 2001]))


def test_a_country_whose_destinations_are_mostly_unknown_has_no_barrier() -> None:
    some = barriers().assign(dstri=[.1, NAN, .2])
    found = faced_abroad(some, "dstri", trade_weights(trade(), "export"))
    assert np.isnan(found["faced"][0])
    assert found["covered"][0] == pytest.approx(.4)
    loose = faced_abroad(some, "dstri", trade_weights(trade(), "export"), least=.3)
    assert loose["faced"][0] == pytest.approx(.2)


@given(arrays(float, (4, 4), elements=st.floats(0, 10)), arrays(float, 4, elements=st.floats(0, 1)))
def test_faced_equals_the_sum_written_out_and_lies_between_the_destinations(
        weights: np.ndarray, values: np.ndarray) -> None:
    found = faced(weights, values)
    for i in range(4):
        others = [j for j in range(4) if j != i]
        total = sum(weights[i, j] for j in others)
        if total < 1e-6:
            continue
        direct = sum(weights[i, j] * values[j] for j in others) / total
        assert found.barrier[i] == pytest.approx(direct, abs=1e-12)
        low, high = min(values[others]), max(values[others])
        assert low - 1e-12 <= found.barrier[i] <= high + 1e-12


def test_bilateral_means_are_symmetric_and_leave_out_a_country_with_itself() -> None:
    assert bilateral_mean(np.array([.1, .3]))[0, 1] == pytest.approx(.2)
    found = bilateral_means(barriers(), "dstri")
    assert len(found) == 6
    pairs = {(e, i): m for e, i, _, m in found.itertuples(index=False)}
    assert pairs["A", "B"] == pairs["B", "A"] == pytest.approx(.2)


@given(arrays(float, (4, 3), elements=st.sampled_from([0.0, 1.0])),
       arrays(float, 3, elements=st.floats(.1, 2)))
def test_heterogeneity_is_a_distance_of_answers(answers: np.ndarray, weights: np.ndarray) -> None:
    H = heterogeneity(answers, weights)
    np.testing.assert_array_equal(H, H.T)
    np.testing.assert_array_equal(np.diag(H), 0)
    np.testing.assert_allclose(H, heterogeneity(answers, weights, "absolute"), atol=1e-15)
    direct = sum(w * (answers[0, m] != answers[1, m]) for m, w in enumerate(weights))
    assert H[0, 1] == pytest.approx(direct / weights.sum(), abs=1e-12)
    assert (H >= 0).all()
    assert (H <= 1 + 1e-12).all()


def test_a_missing_answer_leaves_the_measures_that_both_have() -> None:
    H = heterogeneity(np.array([[0, 1, NAN], [1, 1, 0], [NAN, NAN, NAN]]), np.array([1., 3., 9.]))
    assert H[0, 1] == pytest.approx(.25)
    assert np.isnan(H[0, 2])


def test_heterogeneity_through_frames() -> None:
    answers = pd.DataFrame({"country": ["A", "B"], "year": 2014, "m1": [0, 1], "m2": [1, 1]})
    found = regulatory_heterogeneity(answers, ["m1", "m2"], weights=[3, 1])
    assert found["heterogeneity"].tolist() == [.75, .75]


def test_faults_say_what_is_wrong() -> None:
    with pytest.raises(DataError, match=r"no trade in the years of the weights.*2000, 2001"):
        trade_weights(trade(), "export", [1990])
    with pytest.raises(DataError, match="1 values of trade are negative"):
        trade_weights(trade().assign(export=[-1., 1, 1, 1, 1, 1]), "export")
    with pytest.raises(DataError, match="did you mean 'export'"):
        trade_weights(trade(), "exports")
    with pytest.raises(DataError, match="repeat the keys country, year: A 2014"):
        bilateral_means(pd.concat([barriers(), barriers().head(1)]), "dstri")
    with pytest.raises(SpecError, match="did you mean 'differs'"):
        regulatory_heterogeneity(barriers(), ["dstri"], distance="differ")
    with pytest.raises(SpecError, match="2 weights for 1 measures"):
        regulatory_heterogeneity(barriers(), ["dstri"], weights=[1, 2])
