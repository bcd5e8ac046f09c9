"""What positions refuse, and what they say about strange tables."""

from __future__ import annotations

import numpy as np
import pytest
from explicit import stocked_table

import gvckit as gk
from gvckit.errors import DataError
from gvckit.icio.table import IcioTable
from gvckit.measures.inventories import inventory_columns


def named(table, categories):
    return IcioTable.from_arrays(table.Z, table.F, countries=table.countries,
                                 sectors=table.sectors, categories=categories)


@pytest.mark.parametrize(("call", "part"), [
    (lambda t: gk.upstreamness(t, inventories="nett"), "did you mean 'net'?"),
    (lambda t: gk.upstreamness(t, weight="export"), "did you mean 'exports'?"),
    (lambda t: gk.upstreamness(t, industry="C9"), "unknown industry 'C9'"),
    (lambda t: gk.upstreamness(t, inventory="inventory"), "did you mean 'inventories'?"),
    (lambda t: gk.upstreamness(t, inventory=[]), "names no category"),
    (lambda t: gk.upstreamness(t, inventories="raw", inventory="inventories"),
     "inventory belongs to inventories='net'"),
    (lambda t: gk.upstreamness(named(t, ("a", "b"))), "inventory= one of a, b"),
    (lambda t: gk.upstreamness(t, by="sector"), "unknown level 'sector'"),
    (lambda t: gk.position(t, definition="u_d"), "did you mean 'u-d'?"),
    (lambda t: gk.position(t, inventories="raw"), "belong to definition='u-d', not to 'wwyz'"),
    (lambda t: gk.position(t, definition="ou-id", iv="t3"), "belong to definition='koopman'"),
    (lambda t: gk.border_crossings(t, direction="up"), "unknown direction 'up'"),
    (lambda t: gk.apl(t, by="pair"), "did you mean"),
    (lambda t: gk.apl(t, by="pairwise", direction="backward"), "pairs have no direction"),
    (lambda t: gk.final_shares(t, sectors=["s9"]), "the table has no sector 's9'"),
    (lambda t: gk.participation(t, definition="output_cells", by="bilateral"), "unknown level"),
])
def test_refusals(call, part):
    with pytest.raises(DataError) as caught:
        call(stocked_table(1, 2, 2))
    assert part in str(caught.value)


def test_the_category_is_found_by_its_name_or_named():
    assert inventory_columns(("c37", "c41", "c42"), None) == ("c42",)
    assert inventory_columns(("a", "inventories"), None) == ("inventories",)
    assert inventory_columns(("a", "b"), "b") == ("b",)
    assert inventory_columns(("a", "b", "c"), ["b", "c"]) == ("b", "c")
    table = stocked_table(2, 3, 2)
    one = gk.upstreamness(table)
    other = gk.upstreamness(named(table, ("a", "b")), inventory="b")
    np.testing.assert_array_equal(one["U"], other["U"])


def test_the_sample_world_names_its_inventories():
    table = gk.sample_icio(countries=4, sectors=3)
    net, raw = gk.upstreamness(table), gk.upstreamness(table, inventories="raw")
    assert 1e-6 < np.abs(net["U"] - raw["U"]).max() < 0.1


def test_a_producer_that_sells_to_stocks_only_is_left_as_it_is_and_named():
    base = stocked_table(4, 2, 2)
    Z, F = base.Z.copy(), base.F.copy()
    Z[1], F[1] = 0, 0
    F[1, 1] = base.X[1]
    table = IcioTable.from_arrays(Z, F, countries=base.countries, sectors=base.sectors,
                                  categories=base.categories, year=1995)
    got = gk.upstreamness(table)
    assert got.attrs["uncorrected"] == ["C0 s1 1995"]
    assert got.loc[1, ["U", "F_GO"]].tolist() == pytest.approx([1, 1], rel=1e-14)
    assert np.isfinite(got["U"]).all()


def test_a_broken_table_is_named():
    table = stocked_table(3, 3, 2)
    broken = IcioTable(table.Z, table.F, table.VA.copy(), table.X * 1.001, table.countries,
                       table.sectors, table.categories, 1999)
    for call in (gk.upstreamness, gk.apl, gk.border_crossings, lambda t: gk.participation(
            t, definition="output_cells")):
        with pytest.raises(DataError, match=r"C\d s\d 1999: identity fails"):
            call(broken)
