"""Digital linkages, digital value by origin and supplier shares against explicit inverses."""

from __future__ import annotations

import numpy as np
import pytest

import gvckit as gk
from gvckit.errors import DataError

SETS = ["s2", "s3"]


@pytest.fixture(scope="module")
def table():
    return gk.sample_icio(5, 6, 2004, 9)


@pytest.fixture(scope="module")
def inverse(table):
    A = np.divide(table.Z, table.X)
    return np.linalg.inv(np.eye(table.n) - A)


def digital(table):
    return np.tile(np.isin(table.sectors, SETS), table.G)


def test_linkages_are_shares_of_both_inverses(table, inverse):
    got = gk.digital_linkages(table, sectors=SETS)
    used = inverse - np.eye(table.n)
    ghosh = np.diag(1 / table.X) @ inverse @ np.diag(table.X) - np.eye(table.n)
    D = digital(table)
    np.testing.assert_allclose(got["backward"], used[D].sum(axis=0) / used.sum(axis=0), rtol=1e-10)
    np.testing.assert_allclose(got["forward"], ghosh[:, D].sum(axis=1) / ghosh.sum(axis=1),
                               rtol=1e-10)


def test_the_backward_linkage_is_the_share_of_complete_inputs(table):
    share = gk.digital_inputs(table, sectors=SETS, coefficient="complete")["share"]
    np.testing.assert_allclose(gk.digital_linkages(table, sectors=SETS)["backward"], share,
                               rtol=1e-12)


@pytest.mark.parametrize("use", ["exports", "final", "output"])
def test_digital_value_by_origin(table, inverse, use):
    got = gk.digital_value_origin(table, sectors=SETS, use=use)
    F = table.F.reshape(table.n, table.G, table.K).sum(axis=2)
    v = 1 - table.Z.sum(axis=0) / table.X
    country = np.repeat(np.arange(table.G), table.N)
    home = F[np.arange(table.n), country] + np.array([
        table.Z[i, country == country[i]].sum() for i in range(table.n)])
    flow = {"output": table.X, "final": F.sum(axis=1), "exports": table.X - home}[use]
    D = digital(table)
    for place, origin in enumerate(table.countries):
        mask = D & (country == place)
        wanted = (v[mask, None] * inverse[mask]).sum(axis=0) * flow
        part = got[got["origin"] == origin]
        np.testing.assert_allclose(part["value"], wanted, rtol=1e-10)


def test_coarser_origins_sum(table):
    fine = gk.digital_value_origin(table, sectors=SETS)
    coarse = gk.digital_value_origin(table, sectors=SETS, by="country")
    sums = fine.groupby(["origin", "country"], observed=True)["value"].sum().to_numpy()
    np.testing.assert_allclose(coarse["value"], sums, rtol=1e-12)


@pytest.mark.parametrize("coefficient", ["direct", "complete"])
@pytest.mark.parametrize("by", ["country-sector", "country", "world"])
def test_supplier_shares_sum_to_any_set(table, coefficient, by):
    wide = gk.supplier_use(table, coefficient=coefficient, by=by)
    share = gk.digital_inputs(table, sectors=SETS, coefficient=coefficient, by=by)["share"]
    np.testing.assert_allclose(wide[SETS].sum(axis=1), share, rtol=1e-12)
    np.testing.assert_allclose(wide[list(table.sectors)].sum(axis=1), 1.0, rtol=1e-12)


def test_unknown_words_are_refused(table):
    with pytest.raises(DataError, match="did you mean 's2'"):
        gk.digital_linkages(table, sectors=["s22"])
    with pytest.raises(DataError, match="export"):
        gk.digital_value_origin(table, sectors=SETS, use="export")
    with pytest.raises(DataError, match="complete"):
        gk.supplier_use(table, coefficient="compleat")
