"""What is refused, and what is said: words, combinations, groups, slices, satellite accounts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from random_tables import random_table

import gvckit as gk
from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.measures.registry import MEASURES
from gvckit.measures.wwz import AGGREGATES, wwz_aggregates

TABLE = random_table(1, 3, 2)
BM = gk.borin_mancini


@pytest.mark.parametrize(("call", "parts"), [
    (lambda: BM(TABLE, flow="export"), ["unknown flow 'export'", "did you mean 'exports'?"]),
    (lambda: BM(TABLE, perspective="exportr", approach="sauce", level="secter"),
     ["unknown perspective 'exportr'", "unknown approach 'sauce'", "unknown level 'secter'"]),
    (lambda: BM(TABLE, perspective="world", level="bilateral"),
     ["value added belongs to no single flow", "level='country' or 'world'"]),
    (lambda: BM(TABLE, perspective="self", approach="sink"),
     ["the first and the last exit are the same"]),
    (lambda: BM(TABLE, flow="imports", perspective="self"), ["belong to exports"]),
    (lambda: BM(TABLE, flow="imports", approach="sink"), ["belong to exports"]),
    (lambda: BM(TABLE, flow="imports", level="world"), ["each importer has its own perimeter"]),
    (lambda: BM(TABLE, flow="imports", partners={"g": ["C0"]}), ["belong to exports"]),
    (lambda: BM(TABLE, approach="sink", terms=True), ["single terms"]),
    (lambda: BM(TABLE, level="country", partners={"g": ["C0"]}), ["has no importer"]),
    (lambda: BM(TABLE, level="bilateral", sectors={"g": ["s0"]}), ["has no sector"]),
    (lambda: BM(TABLE, level="world", exporters={"g": ["C0"]}), ["has no exporter"]),
    (lambda: BM(TABLE, exporters={"g": ["C0", "C9"]}), ["group g: unknown country 'C9'"]),
    (lambda: BM(TABLE, exporters={"g": []}), ["allowed: a list of country names"]),
    (lambda: BM(TABLE, exporters={"C1": ["C0", "C2"]}), ["has the name of a country"]),
    (lambda: BM(TABLE, partners={"g": ["C0"], "h": ["C0"]}), ["C0 in more than one place"]),
    (lambda: BM(TABLE, sectors={"g": ["s7"]}), ["unknown sector 's7'"]),
    (lambda: gk.wwz(TABLE, by="countries"), ["unknown level 'countries'", "'country'"]),
    (lambda: gk.wwz(TABLE, by="country", level="world"), ["two names for one thing"]),
    (lambda: gk.kww(TABLE, by="sector"), ["terms have no level 'sector'", "wwz_to_kww"]),
    (lambda: gk.kww(TABLE, by="countries"), ["unknown level 'countries'"]),
    (lambda: gk.wwz_to_kww(gk.vs(TABLE)), ["not a Wang-Wei-Zhu frame"]),
    (lambda: gk.vs(TABLE, by="bilateral"), ["unknown level 'bilateral'"]),
    (lambda: gk.value_added_origin(TABLE, use="import"), ["unknown use 'import'"]),
    (lambda: gk.value_added_origin(TABLE, by=["origin", "partner"], exporter="C7", sector=[]),
     ["unknown key of use='exports' 'partner'", "unknown exporter 'C7'", "sector is empty"]),
    (lambda: gk.value_added_origin(TABLE, use="final", importer="C0"),
     ["unknown key of use='final' 'importer'"]),
    (lambda: gk.value_added_origin(TABLE, use="final", counted="value-added"),
     ["belong to use='exports'"]),
    (lambda: gk.value_added_origin(TABLE, content="domestik", goods="finals"),
     ["did you mean 'domestic'?", "did you mean 'final'?"]),
    (lambda: gk.extraction(TABLE, by="world"), ["unknown level 'world'"]),
    (lambda: gk.extraction(TABLE, exporters=["C5"]), ["unknown country 'C5'"]),
    (lambda: gk.miroudot_ye(TABLE, perspective="world", by="bilateral"),
     ["defined for a country's total exports"]),
    (lambda: gk.aggregate_table(TABLE, countries={"g": ["C9"]}), ["unknown country 'C9'"]),
    (lambda: gk.aggregate_results(gk.production(TABLE), countries={"g": ["C0", "C1"]}),
     ["ratios do not add up: participation"]),
    (lambda: gk.aggregate_results(gk.kww(TABLE), sectors={"g": ["s0"]}), ["has no sector key"]),
])
def test_refusals_say_what_where_and_what_is_allowed(call, parts):
    with pytest.raises(DataError) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(("account", "part"), [
    (np.ones(5), "satellite has shape (5,)"),
    (np.array(["a"] * 6), "type <U1"),
    (np.array([1, np.nan, 1, 1, 1, 1.0]), "C0 s1: satellite is missing or infinite"),
    (pd.Series([1.0], index=pd.MultiIndex.from_tuples([("C0", "s0")])), "satellite lacks C0 s1"),
    (pd.Series(np.ones(7), index=pd.MultiIndex.from_product(
        [["C0", "C1", "C2"], ["s0", "s1"]]).append(pd.MultiIndex.from_tuples([("X", "s0")]))),
     "satellite has rows that the table lacks: X s0"),
    (pd.DataFrame({"country": ["C0"], "value": [1.0]}), "allowed: country, sector and one more"),
])
def test_satellite_accounts_that_do_not_fit(account, part):
    with pytest.raises(DataError) as caught:
        gk.wwz(TABLE, satellite=account)
    assert part in str(caught.value)


def test_satellite_accounts_of_empty_industries():
    table = random_table(1, 2, 2, empty=1)
    account = np.ones(4)
    with pytest.raises(DataError, match="not zero where there is no output"):
        gk.vs(table, satellite=account)
    assert gk.vs(table, satellite=np.where(table.X > 0, account, 0))["VS_HIY"].notna().all()


def test_an_account_equal_to_value_added_gives_value_added():
    io = Leontief(random_table(7, 3, 3))
    account = pd.Series(io.VA, name="jobs", index=pd.MultiIndex.from_product(
        [io.countries, io.sectors])).sample(frac=1, random_state=1)
    frame = account.rename_axis(["country", "sector"]).reset_index()
    for call in (gk.wwz, BM, lambda t, **k: BM(t, approach="sink", **k),
                 lambda t, **k: BM(t, perspective="self", **k),
                 lambda t, **k: BM(t, flow="imports", **k), gk.vs, gk.vax, gk.tiva,
                 gk.value_added_origin):
        expected = call(io)
        for given in (account, frame, np.asarray(io.VA)):
            got = call(io, satellite=given)
            numbers = expected.select_dtypes("number").columns
            np.testing.assert_allclose(got[numbers], expected[numbers], rtol=1e-9, atol=1e-11)
    assert "jobs" in gk.wwz(io, satellite=account).attrs["definition"]


def test_accounts_are_linear_and_add_up_to_what_exports_hold():
    io = Leontief(random_table(7, 4, 3))
    rng = np.random.default_rng(2)
    one, two = rng.uniform(0, 5, (2, io.n))
    f = (one / io.X) @ io.B
    for call in (gk.wwz, BM, lambda t, **k: BM(t, approach="sink", **k)):
        first, second, both = (call(io, satellite=a) for a in (one, two, one + two))
        columns = [c for c in both.select_dtypes("number") if c not in ("exports", "GEXP")]
        np.testing.assert_allclose(first[columns] + second[columns], both[columns], rtol=1e-10,
                                   atol=1e-10)
    terms = gk.wwz(io, by="world", satellite=one).iloc[0]
    assert terms.drop("exports").sum() == pytest.approx(f @ io.E, rel=1e-11)
    parts = BM(io, level="world", satellite=one).iloc[0]
    assert parts["DC"] + parts["FC"] == pytest.approx(f @ io.E, rel=1e-11)
    assert parts["GVC"] == pytest.approx(parts["DC"] + parts["FC"] - parts["DAVAX"], rel=1e-11)


def test_level_and_by_are_two_names_for_one_thing():
    pd.testing.assert_frame_equal(BM(TABLE, level="sector"), BM(TABLE, by="sector"))
    pd.testing.assert_frame_equal(BM(TABLE, level="sector"), BM(TABLE, by=["exporter", "sector"]))
    assert list(BM(TABLE)) == ["exporter", "sector", "importer", "GEXP", "DC", "DVA", "VAX",
                               "DAVAX", "REF", "DDC", "FC", "FVA", "FDC", "GVC", "GVCB", "GVCF"]
    assert list(BM(TABLE, approach="sink"))[3:] == [
        "GEXP", "DC", "DVA", "VAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC"]
    assert list(BM(TABLE, flow="imports")) == ["importer", "GIMP", "VA", "DC"]
    assert list(gk.vs(TABLE)) == ["exporter", "exports", "VS_HIY", "VS_KWW", "VS1", "VS1_star"]
    assert list(gk.wwz(TABLE))[:5] == ["exporter", "sector", "importer", "exports", "DVA_FIN"]
    assert list(gk.value_added_origin(TABLE)) == ["origin", "origin_sector", "exporter", "sector",
                                                  "value"]


def test_groups_of_partners_and_sectors_are_sums_in_the_exporters_perimeter():
    io = Leontief(random_table(9, 4, 3))
    fine = BM(io).astype({"importer": str, "sector": str})
    got = BM(io, partners={"pair": ["C1", "C2"]}, sectors={"both": ["s0", "s2"]})
    assert list(got["importer"].cat.categories) == ["C0", "pair", "C3"]
    assert list(got["sector"].cat.categories) == ["both", "s1"]
    row = got[(got["exporter"] == "C1") & (got["importer"] == "pair") & (got["sector"] == "both")]
    part = fine[(fine["exporter"] == "C1") & (fine["importer"] == "C2")
                & fine["sector"].isin(["s0", "s2"])]
    for column in fine.select_dtypes("number"):
        assert row[column].item() == pytest.approx(part[column].sum(), rel=1e-12)
    assert got["GEXP"].sum() == pytest.approx(fine["GEXP"].sum(), rel=1e-12)


def test_aggregates_of_terms():
    frame = gk.wwz(TABLE, aggregates=True)
    again = wwz_aggregates(gk.wwz(TABLE))
    pd.testing.assert_frame_equal(frame, again)
    for name, terms in AGGREGATES.items():
        np.testing.assert_allclose(frame[name], frame[list(terms)].sum(axis=1))
    total = frame[["DVA", "FVA", "PDC"]].sum(axis=1)
    np.testing.assert_allclose(total, frame["exports"], rtol=1e-11)


def test_aggregation_before_and_after_the_solution_are_two_things():
    table = random_table(5, 4, 3)
    groups = {"pair": ["C1", "C3"]}
    coarse = gk.aggregate_table(table, countries=groups, sectors={"both": ["s0", "s2"]})
    assert coarse.countries == ("C0", "pair", "C2")
    assert coarse.sectors == ("both", "s1")
    assert coarse.X.sum() == pytest.approx(table.X.sum(), rel=1e-13)
    np.testing.assert_allclose(coarse.Z.sum(axis=1) + coarse.F.sum(axis=1), coarse.X, rtol=1e-12)
    assert [e.action for e in coarse.audit[-2:]] == ["flows of members added up"] * 2
    before = gk.kww(coarse).set_index("exporter").loc["pair"]
    after = gk.aggregate_results(gk.kww(table), countries=groups).set_index("exporter").loc["pair"]
    one = BM(table, level="country", exporters=groups).iloc[0]
    members = gk.kww(table).set_index("exporter").loc[["C1", "C3"]]
    assert after["exports"] == pytest.approx(members["exports"].sum(), rel=1e-13)
    assert after["exports"] > one["GEXP"]
    assert before["exports"] == pytest.approx(one["GEXP"], rel=1e-12)
    # Same exports, other technology: aggregation bias.
    DVA = sum(before[f"T{k}"] for k in range(1, 6))
    assert abs(DVA - one["DVA"]) > 1e-6 * one["DVA"]
    flows = gk.aggregate_results(gk.wwz(table), countries=groups, sectors={"all": ["s0", "s1",
                                                                                  "s2"]})
    assert set(flows["sector"]) == {"all"}
    assert flows["exports"].sum() == pytest.approx(gk.wwz(table)["exports"].sum(), rel=1e-12)


def test_split_countries_in_groups_of_a_table():
    table = random_table(5, 4, 2)
    split = gk.IcioTable.from_arrays(table.Z, table.F, countries=("CN1", "CN2", "CHN", "USA"),
                                     sectors=table.sectors, categories=table.categories)
    assert Leontief(split).countries == ("CHN", "USA")
    with pytest.raises(DataError, match="split country without its parts CN2"):
        gk.aggregate_table(split, countries={"g": ["CN1", "USA"]})
    merged = gk.aggregate_table(split, countries={"CHN": ["CHN", "CN1", "CN2"]})
    assert merged.countries == merged.whole == ("CHN", "USA")
    one, other = (gk.kww(t).set_index("exporter").loc["CHN"] for t in (split, merged))
    assert one["exports"] == pytest.approx(other["exports"], rel=1e-12)
    assert abs(one["T1"] - other["T1"]) > 1e-6


@pytest.mark.parametrize("name", ["wwz", "borin-mancini", "vs", "vax", "tiva"])
def test_results_are_json_able_and_in_table_order(name):
    frame = MEASURES[name].load()(TABLE, by="country")
    assert json.loads(json.dumps(frame.attrs)) == frame.attrs
    assert list(frame["exporter"]) == list(TABLE.countries)
    assert frame.attrs["unit"] == "M USD"
