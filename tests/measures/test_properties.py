"""What must hold whatever the table: permutation, units, aggregation; and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from brute_force import Brute
from test_brute_force import random_table

from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.accounts import accounts
from gvckit.measures.digital_inputs import digital_inputs
from gvckit.measures.identities import check
from gvckit.measures.lengths import lengths
from gvckit.measures.participation import participation
from gvckit.measures.position import position
from gvckit.measures.production import production
from gvckit.measures.registry import MEASURES, measure
from gvckit.measures.sets import chosen_sectors, sector_set, sector_sets

CASES = {
    "accounts": {}, "production": {"direction": "backward"}, "lengths": {"direction": "forward"},
    "position": {}, "participation": {"definition": "tripartite"},
    "digital-inputs": {"sectors": ["s1"], "origin": "foreign"}, "kww": {},
    "upstreamness": {"inventories": "raw"}, "border-crossings": {}, "apl": {},
    "final-shares": {}, "digital-linkages": {"sectors": ["s1"]},
    "wwz": {}, "borin-mancini": {"approach": "sink"}, "vs": {}, "vax": {}, "tiva": {},
    "extraction": {}, "miroudot-ye": {"perspective": "self"}, "supplier-use": {},
    "digital-placebo": {"sectors": ["s1"], "draws": 2, "origin": "domestic"},
    "digital-value-origin": {"sectors": ["s1"]}, "value-added-origin": {"content": "foreign"},
}
KEYS = ("draw", "country", "exporter", "sector", "importer", "origin", "origin_sector")


def run(name, io, **more):
    return MEASURES[name].load()(io, **CASES[name], **more)


def test_every_measure_has_a_case():
    assert sorted(CASES) == sorted(MEASURES)


@pytest.mark.parametrize("name", CASES)
def test_registry_says_what_comes_back(name):
    row, io = MEASURES[name], Leontief(random_table(2, 3, 3))
    assert row.value in row.columns or not row.columns
    for level, keys in row.levels(CASES[name]).items():
        if "sector" in row.keys:
            frame = run(name, io, by=level)
            keys = tuple("exporter" if key == "country" else key for key in keys)
        else:
            frame = run(name, io, by=level)
            if keys and "origin" not in keys:
                pd.testing.assert_frame_equal(frame, run(name, io, by=list(keys)))
        assert tuple(frame.columns[:len(keys)]) == keys
        values = list(frame.columns[len(keys):])
        assert set(values) <= set(row.columns or io.sectors)
        assert row.value in values or not row.columns
        for key in set(keys) - {"draw"}:
            assert list(frame[key].cat.categories) == list(
                io.table.sectors if key.endswith("sector") else io.table.countries)
        assert frame.attrs["definition"]
        assert json.loads(json.dumps(frame.attrs)) == frame.attrs
        assert max(frame.attrs["identities"].values(), default=0) < 1e-12


@pytest.mark.parametrize("name", CASES)
def test_level_and_by_are_two_names_for_one_thing(name):
    io = Leontief(random_table(2, 3, 3))
    level = list(MEASURES[name].levels(CASES[name]))[-1]
    pd.testing.assert_frame_equal(run(name, io, level=level), run(name, io, by=level))
    with pytest.raises(DataError, match="two names for one thing"):
        run(name, io, level=level, by="country")


@pytest.mark.parametrize("name", CASES)
def test_units_do_not_matter_to_ratios(name):
    table = random_table(4, 3, 2)
    F = np.asarray(table.F)
    scaled = IcioTable.from_arrays(table.Z * 1e-3, F * 1e-3, countries=table.countries,
                                   sectors=table.sectors)
    one, other = run(name, table), run(name, scaled)
    unscaled = {*one.attrs.get("ratios", ()), "zero", "draw"}
    for column in one.select_dtypes("number"):
        factor = 1 if column in unscaled else 1e-3
        np.testing.assert_allclose(one[column] * factor, other[column], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_order_of_countries_does_not_matter(name):
    table = random_table(6, 4, 2)
    order = [2, 0, 3, 1]
    rows = np.concatenate([np.arange(2) + 2 * c for c in order])
    permuted = IcioTable.from_arrays(
        table.Z[np.ix_(rows, rows)], table.F[rows][:, order],
        countries=[table.countries[c] for c in order], sectors=table.sectors)
    one, other = run(name, table), run(name, permuted)
    keys = [c for c in one if c in KEYS]
    for frame in (one, other):
        frame[keys] = frame[keys].astype(str)
    pd.testing.assert_frame_equal(one.sort_values(keys, ignore_index=True),
                                  other.sort_values(keys, ignore_index=True), rtol=1e-9)


@pytest.mark.parametrize("name", ["accounts", "production", "participation"])
def test_coarser_levels_are_sums(name):
    io = Leontief(random_table(8, 3, 3))
    levels = [c for c in run(name, io, by="world").columns if not c.startswith(
        ("participation", "forward", "backward"))]
    fine = run(name, io, by="bilateral-sector" if name == "participation" else "country-sector")
    for by, keys in (("country", 1), ("world", 0)):
        coarse = run(name, io, by=by)
        key = list(coarse.columns[:keys])
        sums = (fine.groupby(key, observed=True)[levels].sum() if key
                else fine[levels].sum().to_frame().T)
        np.testing.assert_allclose(coarse[levels], sums, rtol=1e-10)


def test_merging_two_sectors_keeps_country_totals_of_value_added():
    table = random_table(9, 3, 2)
    G, n = 3, 3
    gather = np.kron(np.eye(G), np.ones((2, 1)))
    merged = IcioTable.from_arrays(gather.T @ table.Z @ gather, gather.T @ table.F,
                                   countries=table.countries, sectors=["s"])
    one, other = (accounts(t, by="country") for t in (table, merged))
    assert len(other) == n
    np.testing.assert_allclose(one[["X", "VA", "Y", "E"]], other[["X", "VA", "Y", "E"]], rtol=1e-12)


def test_extraction_of_all_foreign_flows_is_domestic_value_in_exports():
    """Los, Timmer and Wei (2016): GDP less GDP without exports, as an independent oracle."""
    table = random_table(11, 3, 3)
    brute = Brute(table)
    parts = participation(table, definition="tripartite", by="country")
    for s in range(3):
        A, Y = brute.A.copy(), table.Y.copy()
        rows = slice(3 * s, 3 * s + 3)
        away = np.ones(9, bool)
        away[rows] = False
        A[rows, away] = 0
        Y[rows, [c for c in range(3) if c != s]] = 0
        gone = brute.v * (table.X - np.linalg.solve(np.eye(9) - A, Y.sum(axis=1)))
        assert gone[rows].sum() == pytest.approx(
            parts["DAVAX"][s] + parts["PF"][s], rel=1e-10)


def test_a_closed_country_has_no_value_chains_and_no_position():
    table = random_table(3, 2, 2)
    Z = table.Z * np.kron(np.eye(2), np.ones((2, 2)))
    F = np.where(np.kron(np.eye(2), np.ones((2, 1))) > 0, table.F, 0)
    closed = IcioTable.from_arrays(Z, np.abs(F), countries=("A", "B"), sectors=("s", "t"))
    assert (production(closed)["participation"].abs() < 1e-15).all()
    assert position(closed)["position"].isna().all()
    assert lengths(closed)["PL_GVC_C"].isna().all()
    assert lengths(closed)["PL_D"].notna().all()
    assert participation(closed, definition="trade")["participation"].isna().all()


def test_an_identity_that_fails_names_country_sector_and_year():
    table = random_table(3, 2, 2)
    broken = IcioTable(table.Z, table.F, table.VA.copy(), table.X * 1.001, table.countries,
                       table.sectors, table.categories, 1999)
    with pytest.raises(DataError, match=r"C\d s\d 1999: identity fails: B Y = X"):
        production(broken)
    io = Leontief(table)
    with pytest.raises(DataError, match="C1: identity fails: two = three: 2 instead of 3"):
        check(io, "two = three", np.array([1.0, 2]), np.array([1.0, 3]))
    with pytest.raises(DataError, match="nan instead of 1"):
        check(io, "all", np.array([np.nan, 1]), np.ones(2))


def test_a_kept_imbalance_is_allowed_for():
    table = random_table(3, 2, 2)
    X = table.X + np.array([0.01, 0, 0, 0])
    kept = IcioTable.from_arrays(table.Z, table.F, X=X, countries=("A", "B"), sectors=("s", "t"),
                                 policy={"unbalanced": "keep"})
    gaps = production(kept).attrs["identities"]
    assert 1e-9 < gaps["B Y = X"] < 1e-2


@pytest.mark.parametrize(("call", "part"), [
    (lambda t: production(t, direction="forwards"),
     "unknown direction 'forwards'; did you mean 'forward'?"),
    (lambda t: lengths(t, by="sector"), "unknown level 'sector'"),
    (lambda t: accounts(t, by=["sector", "country"]), "unknown level 'sector-country'"),
    (lambda t: position(t, definition="wwzy"), "did you mean 'wwyz'?"),
    (lambda t: position(t, iv="t3"), "iv and fv belong to definition='koopman'"),
    (lambda t: participation(t, fv="fc"), "iv and fv belong to definition='koopman'"),
    (lambda t: participation(t, definition="production", by="bilateral"), "unknown level"),
    (lambda t: digital_inputs(t, sectors="wiod2013-digitl"),
     "unknown sector set 'wiod2013-digitl'; did you mean 'wiod2013-digital'?"),
    (lambda t: digital_inputs(t, sectors="wiod2013-digital"),
     "the table has no sector 'c14', 'c27', 'c30' of the set wiod2013-digital"),
    (lambda t: digital_inputs(t, sectors=[]), "no sectors are given"),
    (lambda t: digital_inputs(t, sectors=["s1", "s1"]), "listed more than once"),
    (lambda t: digital_inputs(t, sectors=["s0"], coefficient="full"), "unknown coefficient"),
    (lambda t: digital_inputs(t, sectors=["s0"], origin="abroad"), "unknown origin"),
    (lambda t: production("wiod2013"), "expected an IcioTable, got str"),
])
def test_refusals(call, part):
    with pytest.raises(DataError) as caught:
        call(random_table(1, 2, 2))
    assert part in str(caught.value)


def test_koopman_asks_for_both_definitions_at_once():
    table = random_table(1, 2, 2)
    with pytest.raises(DataError) as caught:
        position(table, definition="koopman")
    assert len(caught.value.problems) == 2
    assert "t3, t3-returned, vs1, wwz-t345, wwz-t45" in str(caught.value)
    assert "fva, fc, wwz-fva" in str(caught.value)
    with pytest.raises(DataError, match="unknown iv 't4'"):
        position(table, definition="koopman", iv="t4", fv="fc")
    with pytest.raises(DataError, match="valid for country totals only"):
        position(table, definition="koopman", iv="t3", fv="fva", by="country-sector")


def test_sector_sets_are_complete():
    for row in sector_sets():
        assert set(row.label) == {"zh", "en"}
        assert row.source
        assert chosen_sectors(row.name, row.sectors) == row.sectors
    assert sector_set("wiod2013-digital").sectors == ("c14", "c27", "c30")


def test_unknown_measures_are_named():
    assert measure("digital_inputs") is MEASURES["digital-inputs"]
    with pytest.raises(DataError, match="did you mean 'position'"):
        measure("postion")
