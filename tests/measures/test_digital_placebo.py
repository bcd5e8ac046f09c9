"""Random sets of suppliers against explicit inverses, and what the draws may be."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit.errors import DataError
from gvckit.measures.digital_placebo import placebo_sets, supplier_draws

SET = ["s2", "s5"]
LEVELS = {"country-sector": ["country", "sector"], "country": ["country"], "world": []}


@pytest.fixture(scope="module")
def table():
    return gk.sample_icio(4, 6, 2004, 3)


@pytest.fixture(scope="module")
def parts(table):
    """A, B, v, exports and X, by their definitions."""
    A = table.Z / table.X
    B = np.linalg.inv(np.eye(table.n) - A)
    v = 1 - table.Z.sum(axis=0) / table.X
    country = np.repeat(np.arange(table.G), table.N)
    Y = table.F.reshape(table.n, table.G, table.K).sum(axis=2)
    home = country[:, None] == country
    E = np.where(home, 0, table.Z).sum(axis=1) + np.where(
        country[:, None] == np.arange(table.G), 0, Y).sum(axis=1)
    return A, B, v, E, table.X, home


@pytest.mark.parametrize(("coefficient", "origin", "weight", "by"), list(product(
    ["direct", "complete"], ["all", "domestic", "foreign"], ["output", "exports"], LEVELS)))
def test_suppliers_by_their_formulas(table, parts, coefficient, origin, weight, by):
    A, B, v, E, X, home = parts
    M = A if coefficient == "direct" else B - np.eye(table.n)
    seen = {"all": np.ones_like(home), "domestic": home, "foreign": ~home}[origin]
    flow = X if weight == "output" else E
    country = np.repeat(np.arange(table.G), table.N)
    groups = {"country-sector": np.arange(table.n), "country": country,
              "world": np.zeros(table.n, dtype=int)}[by]

    def total(x):
        return np.bincount(groups, weights=x * flow)

    for k, sector in enumerate(table.sectors):
        rows = np.arange(table.n) % table.N == k
        used = np.where(seen, M, 0)[rows].sum(axis=0)
        value = np.where(seen, v[:, None] * B, 0)[rows].sum(axis=0)
        wanted = {"coefficient": total(used) / total(np.ones(table.n)),
                  "share": total(used) / total(M.sum(axis=0)),
                  "digital_va_share": total(value) / total(np.ones(table.n))}
        for of, numbers in wanted.items():
            got = gk.supplier_use(table, coefficient=coefficient, origin=origin, of=of,
                                  weight=weight, by=by)
            np.testing.assert_allclose(got[sector], numbers, rtol=1e-9)
    whole = gk.digital_inputs(table, sectors=SET, coefficient=coefficient, origin=origin,
                              weight=weight, by=by)
    for of in ("coefficient", "share", "digital_va_share"):
        use = gk.supplier_use(table, coefficient=coefficient, origin=origin, of=of, weight=weight,
                              by=by)
        np.testing.assert_allclose(use[SET].sum(axis=1), whole[of], rtol=1e-11)


def test_digital_value_added_in_exports_of_a_country(table, parts):
    """Handbook 5.6: sum over digital d of v_d B_dj E_j, over exports."""
    _, B, v, E, _, _ = parts
    digital = np.isin(np.tile(table.sectors, table.G), SET)
    per_unit = (v[:, None] * B)[digital].sum(axis=0)
    wanted = (per_unit * E).reshape(table.G, -1).sum(axis=1) / E.reshape(table.G, -1).sum(axis=1)
    got = gk.digital_inputs(table, sectors=SET, weight="exports", by="country")
    np.testing.assert_allclose(got["digital_va_share"], wanted, rtol=1e-10)
    by_origin = gk.digital_value_origin(table, sectors=SET, use="exports", by="country")
    summed = by_origin.groupby("country", observed=True)["share"].sum()
    np.testing.assert_allclose(summed, wanted, rtol=1e-10)


@pytest.mark.parametrize("by", LEVELS)
def test_a_draw_is_the_measure_of_its_set(table, by):
    got = gk.digital_placebo(table, sectors=SET, draws=4, seed=5, exclude=["s1"],
                             origin="foreign", by=by)
    sets = got.attrs["sets"]
    assert sets[0] == SET
    assert list(got.columns[:1 + len(LEVELS[by])]) == ["draw", *LEVELS[by]]
    for draw, chosen in enumerate(sets):
        wanted = gk.digital_inputs(table, sectors=chosen, origin="foreign", by=by)
        part = got[got["draw"] == draw].drop(columns="draw").reset_index(drop=True)
        pd.testing.assert_frame_equal(part, wanted, rtol=1e-10)
        assert draw == 0 or not {*SET, "s1"} & set(chosen)


@given(st.integers(1, 4), st.integers(2, 12), st.integers(1, 60), st.integers(0, 2**63 - 1))
def test_what_is_drawn(size, spare, draws, seed):
    sectors = [f"s{i}" for i in range(size + spare)]
    chosen, pool = sectors[:size], sectors[size:]
    if spare < size:
        with pytest.raises(DataError, match="sectors are left to draw"):
            placebo_sets(sectors, chosen, draws=draws, seed=seed)
        return
    found = placebo_sets(sectors, chosen, draws=draws, seed=seed)
    every = list(combinations(pool, size))
    assert len(found) == len(set(found)) == min(draws, len(every))
    assert set(found) <= set(every)
    assert found == placebo_sets(sectors, chosen, draws=draws, seed=seed)
    if len(every) <= draws:
        assert list(found) == every


@given(st.integers(1, 3), st.integers(1, 6), st.integers(1, 60), st.integers(0, 99))
def test_any_set_but_the_true_one(size, spare, draws, seed):
    sectors = [f"s{i}" for i in range(size + spare)]
    chosen = tuple(sectors[-size:])
    found = placebo_sets(sectors, chosen[::-1], draws=draws, seed=seed, among="all")
    every = set(combinations(sectors, size)) - {chosen}
    assert len(found) == len(set(found)) == min(draws, len(every))
    assert set(found) <= every


def test_every_candidate_is_drawn_as_often():
    """Chi-squared of 34 candidates over 3,000 sets, against its 99.9th percentile."""
    sectors = [f"c{i}" for i in range(1, 36)]
    found = placebo_sets(sectors, ["c1"], draws=30, seed=1)
    assert len({s for each in found for s in each}) == 30  # sets of one, all different
    counts = np.zeros(35)
    for seed in range(300):
        for each in placebo_sets(sectors, ["c1", "c2", "c3"], draws=10, seed=seed):
            counts[[sectors.index(s) for s in each]] += 1
    assert (counts[:3] == 0).all()
    expected = counts.sum() / 32
    assert ((counts[3:] - expected) ** 2 / expected).sum() < 61.1


def test_own_industries_can_be_left_out(table):
    use = pd.concat([gk.supplier_use(table).assign(year=y) for y in (2000, 2001)])
    kept, dropped = (supplier_draws(use, SET, draws=3, seed=2, own=own) for own in
                     ("keep", "drop"))
    assert kept.sets == dropped.sets
    assert list(kept.keys) == ["country", "sector", "year"]
    assert np.isfinite(kept.scores).all()
    users = use["sector"].astype(str).to_numpy()
    for i, each in enumerate(dropped.sets):
        np.testing.assert_array_equal(np.isnan(dropped.scores[i]), np.isin(users, each))
        assert kept.choices["sectors"][i] == " ".join(each)
    np.testing.assert_allclose(kept.baseline, use[SET].sum(axis=1))


def test_refusals(table):
    with pytest.raises(DataError) as caught:
        placebo_sets(table.sectors, ["s9", "s1"], exclude=["s22"], draws=0)
    words = str(caught.value)
    assert "no sector 's9'" in words
    assert "no sector 's22'" in words
    assert "draws is 0" in words
    with pytest.raises(DataError, match="2 sectors are left to draw 4 from: s5, s6"):
        gk.digital_placebo(table, sectors=["s1", "s2", "s3", "s4"])
    use = gk.supplier_use(table, by="country")
    with pytest.raises(DataError, match="has no key sector"):
        supplier_draws(use, SET, own="drop")
    with pytest.raises(DataError, match="unknown own 'drp'"):
        supplier_draws(use, SET, own="drp")
    with pytest.raises(DataError, match="unknown weight 'x'"):
        gk.digital_inputs(table, sectors=SET, weight="x")
