"""How many parameters fixed effects take, and what each convention makes of that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.models.codes import Codes, compact, encode, interact
from gvckit.models.fixed_effects import Absorbed, absorbed, components, not_singleton, refines
from gvckit.models.ssc import Sample, fixest, none, plm, reghdfe

columns = st.integers(1, 40).flatmap(lambda n: st.tuples(*[
    st.lists(st.integers(0, 6), min_size=n, max_size=n) for _ in range(3)]))


def groups(name: str, labels: list[int]) -> Codes:
    return encode(pd.Series(labels, name=name))


def rank(effects: list[Codes]) -> int:
    return int(np.linalg.matrix_rank(np.column_stack([np.eye(e.levels)[e.codes] for e in effects])))


@settings(max_examples=80, deadline=None)
@given(columns)
def test_two_effects_are_counted_exactly_and_more_never_too_few(drawn):
    effects = [groups(name, labels) for name, labels in zip("abc", drawn, strict=True)]
    assert absorbed(effects[:1]).pairwise == rank(effects[:1])
    assert absorbed(effects[:2]).pairwise == rank(effects[:2])
    three = absorbed(effects)
    assert rank(effects) <= three.pairwise <= three.simple


def test_components_of_separate_blocks():
    a, b = groups("a", [0, 0, 1, 1, 2, 2]), groups("b", [0, 1, 2, 3, 4, 4])
    assert components(a, b) == 3
    assert absorbed([a, b]).redundant == (0, 3)
    assert absorbed([a, b]).simple == 7
    assert absorbed([]).simple == absorbed([]).pairwise == 0


@settings(max_examples=80, deadline=None)
@given(columns)
def test_singletons_by_brute_force(drawn):
    effects = [groups(name, labels) for name, labels in zip("abc", drawn, strict=True)]
    alive = set(range(len(drawn[0])))
    while True:
        alone = {i for i in alive for e in effects
                 if sum(e.codes[j] == e.codes[i] for j in alive) == 1}
        if not alone:
            break
        alive -= alone
    assert set(np.flatnonzero(not_singleton(effects))) == alive


@settings(max_examples=40, deadline=None)
@given(columns)
def test_nesting(drawn):
    a, b = groups("a", drawn[0]), groups("b", drawn[1])
    owners: dict[int, set[int]] = {}
    for i, j in zip(drawn[0], drawn[1], strict=True):
        owners.setdefault(i, set()).add(j)
    assert refines(a, b) == all(len(found) == 1 for found in owners.values())
    assert refines(interact([a, b]), b)


def test_missing_labels_stay_missing():
    a = encode(pd.Series(["u", None, "v", "u"], name="a"))
    b = encode(pd.Series([1.0, 2.0, np.nan, 1.0], name="b"))
    assert a.codes.tolist() == [0, -1, 1, 0]
    both = interact([a, b])
    assert both.codes.tolist() == [0, -1, -1, 0]
    assert both.levels == 1
    sparse, used = compact(np.array([-1, 10**9, 5, -1]), 10**9 + 1)
    assert sparse.tolist() == [-1, 1, 0, -1]
    assert used.tolist() == [5, 10**9]


def test_labels_are_sorted_whatever_their_type():
    mixed = encode(pd.Series(["b", 2, "a", 10], name="m", dtype=object))
    assert mixed.labels == ("10", "2", "a", "b")
    assert encode(pd.Series([10.0, 2.0], name="f")).labels == ("2", "10")
    unused = pd.Categorical(["z", "y"], categories=["z", "x", "y"])
    assert encode(pd.Series(unused, name="c")).labels == ("y", "z")
    assert encode(pd.Series(unused, name="c")).codes.tolist() == [1, 0]


EFFECTS = Absorbed(("firm", "year"), (10, 20), (0, 1))


def test_fixest_and_reghdfe_factors_by_hand():
    nested = Sample("cluster", 200, 2, EFFECTS, (True, False), (10,))
    for convention in (fixest, reghdfe):
        got = convention(nested)
        assert got.parameters == 2 + 19 + 1
        assert got.factor == pytest.approx(10 / 9 * 199 / 178, rel=1e-15)
        assert got.dof == 9
    both = Sample("cluster", 200, 2, EFFECTS, (True, True), (10, 20))
    assert fixest(both).parameters == reghdfe(both).parameters == 3
    assert fixest(both).factor == pytest.approx(10 / 9 * 199 / 197, rel=1e-15)
    apart = Sample("cluster", 200, 2, EFFECTS, (False, False), (25,))
    assert fixest(apart).parameters == reghdfe(apart).parameters == 31
    robust = Sample("hc1", 200, 2, EFFECTS)
    assert fixest(robust).factor == reghdfe(robust).factor == pytest.approx(200 / 169, rel=1e-15)
    assert fixest(robust).dof == 169


def test_conventions_differ_where_the_graph_is_disconnected():
    split = Absorbed(("a", "b"), (10, 20), (0, 4))
    sample = Sample("iid", 200, 2, split, (False, False))
    assert fixest(sample).parameters == 31
    assert reghdfe(sample).parameters == plm(sample).parameters == 28


def test_plm_and_none():
    clustered = Sample("cluster", 200, 2, EFFECTS, (True, False), (10,))
    assert plm(clustered).factor == none(clustered).factor == 1.0
    assert plm(clustered).dof == 169
    assert none(clustered).dof == 9
    assert plm(Sample("hc1", 200, 2, EFFECTS)).factor == pytest.approx(200 / 198)
    assert none(Sample("iid", 200, 2, EFFECTS)).dof == 169


def test_reghdfe_caps_the_degrees_of_freedom():
    """More clusters than residual degrees of freedom: reghdfe takes the smaller."""
    sample = Sample("cluster", 40, 2, Absorbed(("a",), (25,), (0,)), (False,), (38,))
    assert fixest(sample).dof == 37
    assert reghdfe(sample).dof == 13
