"""Commitments of agreements: toys by hand, identities, faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gvckit.errors import DataError, SpecError
from gvckit.indices.governance import (
    agreement_commitments,
    commitments,
    country_commitments,
    gather,
    over_partners,
    pair_commitments,
)

NAN = float("nan")

ITEMS = pd.DataFrame({"agreement": ["P", "Q", "R"], "flow": [3, 1, 0], "local": [3, 0, 0],
                      "privacy": [0, 1, 0], "source": [0, 2, 0]})
MEMBERS = pd.DataFrame({
    "agreement": ["P", "P", "Q", "Q", "Q", "R"], "country": ["A", "B", "A", "B", "C", "D"],
    "start": [2018, 2018, 2020, 2021, 2020, 2018], "end": [NAN, 2019, NAN, NAN, NAN, NAN]})


def scored() -> pd.DataFrame:
    return agreement_commitments(ITEMS, ["flow", "local", "privacy", "source"], most=3)


def at(frame: pd.DataFrame, value: str, **keys: object) -> float:
    for key, wanted in keys.items():
        frame = frame[frame[key] == wanted]
    assert len(frame) == 1
    return float(frame[value].iloc[0])


def test_depth_scope_and_extent_by_hand() -> None:
    found = scored().set_index("agreement")
    assert found.loc["P"].tolist() == pytest.approx([6 / 12, 2 / 4, 1.0])
    assert found.loc["Q"].tolist() == pytest.approx([4 / 12, 3 / 4, 4 / 9])
    assert found.loc["R"].tolist() == [0, 0, 0]


@given(arrays(float, (5, 4), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0])))
def test_depth_is_scope_times_extent(scores: np.ndarray) -> None:
    found = commitments(scores, 3)
    np.testing.assert_allclose(found.depth, found.scope * found.extent, atol=1e-15)
    deeper = commitments(np.minimum(scores + 1, 3), 3)
    assert (deeper.depth >= found.depth).all()


def test_an_unknown_item_is_not_none() -> None:
    found = commitments(np.array([[1.0, NAN], [1.0, 0.0]]))
    assert np.isnan([found.depth[0], found.scope[0], found.extent[0]]).all()
    assert found.depth[1] == .5


@pytest.mark.parametrize(("how", "before", "after"), [
    ("max", .5, .5), ("sum", .5, .5 + 1 / 3), ("count", 1, 2), ("mean", .5, (.5 + 1 / 3) / 2)])
def test_agreements_in_force_by_country(how: str, before: float, after: float) -> None:
    found = country_commitments(scored(), MEMBERS, [2019, 2020, 2021], how=how)
    assert at(found, "depth", country="A", year=2019) == pytest.approx(before)
    assert at(found, "depth", country="A", year=2020) == pytest.approx(after)
    # B left P after 2019 and joined Q in 2021; D is only in an agreement without commitments.
    assert at(found, "depth", country="B", year=2020) == 0
    assert at(found, "depth", country="B", year=2021) == pytest.approx(
        1 if how == "count" else 1 / 3)
    assert at(found, "depth", country="D", year=2021) == 0


def test_pairs_need_both_in_the_agreement() -> None:
    found = pair_commitments(scored(), MEMBERS, [2019, 2020, 2021])
    assert at(found, "depth", exporter="A", importer="B", year=2019) == .5
    assert at(found, "depth", exporter="A", importer="B", year=2020) == 0
    assert at(found, "depth", exporter="B", importer="A", year=2021) == pytest.approx(1 / 3)
    swapped = found.rename(columns={"exporter": "importer", "importer": "exporter"})
    pd.testing.assert_frame_equal(
        swapped.sort_values(["exporter", "importer", "year"], ignore_index=True)[found.columns],
        found)


def test_partners() -> None:
    pairs = pd.DataFrame({"exporter": list("AAAB"), "importer": list("BCAA"), "year": 2015,
                          "clause": [1, 0, 1, 1]})
    for how, a in (("mean", .5), ("count", 1), ("max", 1), ("sum", 1)):
        found = over_partners(pairs, "clause", how=how)
        assert found["country"].tolist() == ["A", "B"]
        assert found["clause"].tolist() == [a, 1]


def test_a_missing_commitment_makes_its_group_missing() -> None:
    found = gather(np.array([1.0, NAN, 2.0]), np.array([0, 0, 1]), 3, "max")
    np.testing.assert_array_equal(found, [NAN, 2, 0])


def test_faults_say_what_is_wrong() -> None:
    with pytest.raises(DataError, match="scores outside 0 to 1 in flow, local, source"):
        agreement_commitments(ITEMS, ["flow", "local", "privacy", "source"])
    with pytest.raises(DataError, match="no items"):
        agreement_commitments(ITEMS, [])
    with pytest.raises(SpecError, match="unknown way to gather agreements 'maximum'"):
        country_commitments(scored(), MEMBERS, [2020], how="maximum")
    with pytest.raises(DataError, match="members of unknown agreements: Z"):
        country_commitments(scored(), MEMBERS.assign(agreement="Z"), [2020])
    with pytest.raises(DataError, match="agreements that stand twice: P"):
        country_commitments(pd.concat([scored(), scored().head(1)]), MEMBERS, [2020])
    with pytest.raises(DataError, match="unknown column of the members 'country'"):
        country_commitments(scored(), MEMBERS.rename(columns={"country": "county"}), [2020])
    with pytest.raises(SpecError, match="unknown way to gather partners"):
        over_partners(MEMBERS, "start", how="all")
