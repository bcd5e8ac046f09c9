"""Every weighting with every scale and every aggregation on data that go wrong.

A combination gives a score for every row that has all its normalised indicators, or is refused in
words; it never warns, never gives an infinite score, and weights are shares.
"""

from __future__ import annotations

import itertools
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import DataError, GvckitError, SpecError
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.composite import CompositeResult, composite
from gvckit.indices.engine import fill_index, normalise_index, score_index
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.options import parse_options
from gvckit.indices.prepare import prepare
from gvckit.indices.tree import INDEX, leaves
from gvckit.indices.weights import SCHEMES

NAN = float("nan")
DOUBT = "benefit-of-the-doubt"


def world(units: int = 4, times: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(1, 9, size=(units * times, 4)), columns=list("abcd"))
    return frame.assign(country=np.repeat([f"C{i}" for i in range(units)], times),
                        year=np.tile(np.arange(2000, 2000 + times), units))


def leaf(name: str, weight: float | None, **more: Any) -> dict[str, Any]:
    given = {"is": name, "target": 20.0, "goalposts": [0, 10], **more}
    return given if weight is None else {**given, "weight": weight}


def tree(scheme: str, deep: bool) -> tuple[Any, dict[str, Any]]:
    """Return a tree and the options that the weighting needs."""
    w = iter(range(1, 9)) if scheme == "given" else itertools.repeat(None)
    four = [leaf("a", next(w)), leaf("b", next(w)), leaf("c", next(w), direction="-"),
            leaf("d", next(w))]
    if not deep:
        return four, {"judgements": {"index": [[1, 2, 3], [2, 1], [3]]}} if scheme == "ahp" else {}
    pillars = {"p": four[:2], "q": {"r": [four[2]], "s": [four[3]]}}
    if scheme == "given":
        return pillars, {"pillar_weights": {"p": 1, "q": 2, "r": 1, "s": 1}}
    judged = {"judgements": {"index": [[2]], "p": [[3]], "q": [[1]]}}
    return pillars, judged if scheme == "ahp" else {}


def options_of(scheme: str, scale: str, mix: str, first: str) -> dict[str, Any]:
    given: dict[str, Any] = {"weights": scheme, "normalise": scale, "aggregate": mix, "power": 2.0}
    if scale.startswith("distance-to-reference"):
        given["reference"] = first
    if AGGREGATORS[mix].positive and NORMALISERS[scale].unit_interval:
        given["floor"] = 0.05
    return given


def cases() -> dict[str, pd.DataFrame]:
    frame = world()
    holes = frame.copy()
    holes.loc[::3, "a"] = NAN
    return {
        "sound": frame,
        "constant column": frame.assign(b=3.0),
        "constant in a year": frame.assign(a=np.where(frame["year"] == 2000, 2.0, frame["a"])),
        "gaps": holes,
        "gaps and a constant year": holes.assign(
            b=np.where(frame["year"] == 2001, 2.0, frame["b"])),
        "negative values": frame.assign(a=frame["a"] - 5),
        "zeros": frame.assign(a=np.where(np.arange(len(frame)) < 3, 0.0, frame["a"])),
        "columns that repeat each other": frame.assign(b=frame["a"], c=frame["a"], d=frame["a"]),
        "one country": frame[frame["country"] == "C0"],
        "one year": frame[frame["year"] == 2000],
        "two rows": frame.iloc[:2],
        "whole numbers": frame.round().astype(dict.fromkeys("abcd", int)),
        "two values": frame.assign(a=frame["a"] > 5),
    }


HARSH = ("gaps and a constant year", "columns that repeat each other")


@pytest.mark.parametrize("case", HARSH)
def test_every_combination_gives_scores_or_a_reason(case: str) -> None:
    """All schemes × scales × aggregations, the stages of an index one after another."""
    frame = cases()[case]
    refused = made = 0
    for i, scale in enumerate(NORMALISERS):
        for floor in (0.0, 0.05) if NORMALISERS[scale].unit_interval else (0.0,):
            given = {"normalise": scale, "floor": floor, "power": 2.0}
            if scale.startswith("distance-to-reference"):
                given["reference"] = "C0"
            pillars, _ = tree("equal", deep=i % 2 == 0)
            prepared = prepare(frame, {"composite": given, "pillars": pillars}, unit="country",
                               time="year")
            base = prepared.parsed.options
            names = {n.name for n in leaves(prepared.parsed.root)}
            try:
                filled = fill_index(prepared, base.missing, None)
                normal = normalise_index(prepared, filled, base)
            except (DataError, SpecError):
                refused += 1
                continue
            for scheme, mix in itertools.product(SCHEMES, AGGREGATORS):
                if AGGREGATORS[mix].positive != bool(floor) and NORMALISERS[scale].unit_interval:
                    continue
                own, more = tree(scheme, deep=i % 2 == 0)
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("error")
                        options = parse_options({**given, **more, "weights": scheme,
                                                 "aggregate": mix})
                        parsed = prepare(frame, {"composite": {**given, **more, "weights": scheme,
                                                               "aggregate": mix}, "pillars": own},
                                         unit="country", time="year").parsed \
                            if scheme in ("given", "ahp") else replace(
                                prepared.parsed, options=options)
                        scores, weights = score_index(replace(prepared, parsed=parsed), normal,
                                                      options)
                except GvckitError:
                    refused += 1
                    continue
                made += 1
                index = scores[INDEX]
                whole = ~np.isnan(normal.Z).any(axis=1)
                said = f"{scheme}, {scale}, {mix}"
                assert np.isfinite(index[whole]).all(), said
                assert not np.isinf(index).any(), said
                assert all(-1e-15 <= w.weight <= 1 + 1e-12 for _, w in weights), said
                total = sum(w.effective for _, w in weights if w.node in names)
                assert abs(total - len({t for t, _ in weights})) < 1e-9, said
    assert made > 2500
    assert refused > 300


def told(done: CompositeResult) -> None:
    scores = done.scores["index"]
    counts = done.audit.set_index(["item", "node"])["count"]
    assert counts["not scored", "index"] == scores.isna().sum()
    assert not np.isinf(scores).any()
    for pillar in [c for c in done.scores.columns if c in ("p", "q", "r", "s")]:
        lost = int((done.scores[pillar].isna() & scores.notna()).sum())
        assert counts.get(("not scored", pillar), 0) == lost


@pytest.mark.parametrize("case", sorted(cases()))
def test_a_missing_score_is_always_told(case: str) -> None:
    frame = cases()[case]
    pairs = list(itertools.product(SCHEMES, [a for a in AGGREGATORS if a != DOUBT]))
    scales, shift, made = list(NORMALISERS), sorted(cases()).index(case), 0
    for i, (scheme, mix) in enumerate(pairs[shift % 3::3]):
        pillars, more = tree(scheme, deep=i % 2 == 0)
        given = {**options_of(scheme, scales[(7 * i + shift) % len(scales)], mix,
                              str(frame["country"].iloc[0])), **more}
        if scheme == DOUBT:
            del given["aggregate"]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                done = composite(frame, pillars, unit="country", time="year", **given)
        except GvckitError:
            continue
        told(done)
        made += 1
    assert made > (0 if case == "two rows" else 15)


@pytest.mark.parametrize(("change", "says"), [
    ({"a": NAN}, "the indicator 'a' has no value in the rows of the index"),
    (dict.fromkeys("abcd", NAN), "the indicator 'd' has no value"),
    (dict.fromkeys("abcd", 2.0), "no row has an index: no indicator of the index varies"),
    ({"a": np.inf}, "12 values of the indicator 'a' are infinite: C0 2000, C0 2001"),
    ({"a": 1e200}, "'a' goes from 1e+200 to 1e+200: its squares are out of the range"),
])
def test_columns_that_cannot_be_are_named_with_their_places(change: dict[str, float], says: str
                                                            ) -> None:
    with pytest.raises(DataError) as caught:
        composite(world().assign(**change), ["a", "b", "c", "d"], unit="country", time="year")
    assert says in str(caught.value)


def test_values_without_a_logarithm_are_told_with_country_and_year() -> None:
    frame = world()
    frame.loc[4, "a"], frame.loc[[0, 7], "b"] = -1.0, 0.0
    with pytest.raises(DataError) as caught:
        composite(frame, ["a", "b", "c"], unit="country", time="year", treat="log")
    assert [p.what for p in caught.value.problems] == [
        ("the indicator 'a' has 1 values that are not above 0, whose logarithm does not exist: "
        "C1 2001"),
        ("the indicator 'b' has 2 values that are not above 0, whose logarithm does not exist: "
        "C0 2000, C2 2001")]


def test_a_year_in_which_an_indicator_is_constant_is_told() -> None:
    frame = cases()["constant in a year"]
    done = composite(frame, ["a", "b"], unit="country", time="year", normalise="minmax-per-year")
    assert done.scores["index"].notna().all()
    counts = done.audit.set_index(["item", "node"])["count"]
    assert counts["without a scale", "a"] == 4


def test_no_row_at_all_is_told() -> None:
    with pytest.raises(DataError, match="over no row"):
        composite(world().iloc[:0], ["a", "b"], unit="country", time="year")


def test_a_reference_unit_that_is_the_worst_of_its_year_is_told_with_the_year() -> None:
    frame = world()
    frame.loc[(frame["country"] == "C1") & (frame["year"] == 2001), "a"] = 0.5
    with pytest.raises(DataError, match="no scale for the indicator 'a' in 2001"):
        composite(frame, ["a", "b"], unit="country", time="year", reference="C1",
                  normalise="distance-to-reference-per-year")


def test_systems_outside_the_unit_interval_have_no_coordination() -> None:
    with pytest.raises(SpecError, match=r"coupling-coordination needs values in \[0, 1\]"):
        composite(world(), {"p": ["a"], "q": ["b"]}, unit="country", time="year",
                  normalise="zscore", aggregate="coupling-coordination")
    with pytest.raises(DataError, match=r"children of 'index' have \d+ scores that are not in"):
        composite(world(), {"p": ["a", "b"], "q": ["c", "d"]}, unit="country", time="year",
                  aggregate=["copeland", "coupling-coordination"])


def test_a_mean_above_counts_names_what_it_cannot_take() -> None:
    with pytest.raises(DataError, match=r"'index' have .* not above 0, which the weighted geom"):
        composite(world(), {"p": ["a", "b"], "q": ["c", "d"]}, unit="country", time="year",
                  aggregate=["copeland", "geometric"], floor=0.05)


def test_units_with_too_few_values_are_left_out_and_named() -> None:
    frame = world()
    frame.loc[frame["country"] == "C2", ["a", "b", "c"]] = NAN
    done = composite(frame, list("abcd"), unit="country", time="year", missing="mean",
                     require_unit=0.65)
    assert done.scores.loc[done.scores["country"] == "C2", "index"].isna().all()
    row = done.audit.set_index("item").loc["units left out"]
    assert row["count"] == 1
    assert row["note"].endswith("C2")
    # Bounds are those of the others.
    other = composite(frame[frame["country"] != "C2"], list("abcd"), unit="country", time="year")
    np.testing.assert_allclose(done.scores["index"].dropna(), other.scores["index"])
