"""What holds for every table: sums, both approaches, both directions, units, order, labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_tables import random_table, tables

from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.extraction import extraction, miroudot_ye
from gvckit.measures.kww import kww
from gvckit.measures.lengths import lengths
from gvckit.measures.origin import value_added_origin
from gvckit.measures.participation import participation
from gvckit.measures.perimeter import sink, source, source_terms, world_sink, world_source
from gvckit.measures.production import production
from gvckit.measures.tiva import tiva
from gvckit.measures.vertical import vax, vs
from gvckit.measures.wwz import TERMS, wwz, wwz_terms, wwz_to_kww

SOME = settings(max_examples=30, deadline=None)


def close(a, b, scale) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11 * float(np.max(np.abs(scale))))


@SOME
@given(tables())
def test_sixteen_terms_add_up_to_exports_in_every_cell(table):
    io = Leontief(table)
    parts, closed = wwz_terms(io)
    close(sum(parts.terms.values()), io.E_bilateral, io.E)
    close(parts.terms["DVA_FIN"] + parts.terms["MVA_FIN"] + parts.terms["OVA_FIN"],
          io.exports_of(io.Y), io.E)
    close(sum(parts.terms[name] for name in TERMS[1:9]),
          io.VL[:, None] * (io.E_bilateral - io.exports_of(io.Y)), io.E)
    assert max(closed.values()) < 1e-12


@SOME
@given(tables())
def test_nine_terms_from_sixteen_equal_the_direct_formulas(table):
    io = Leontief(table)
    direct, mapped = kww(io), wwz_to_kww(wwz(io, by="country"))
    close(direct.iloc[:, 1:], mapped.iloc[:, 1:], direct["exports"])


@SOME
@given(tables())
def test_source_and_sink_have_the_same_totals(table):
    io = Leontief(table)
    one, other = source(io), sink(io)
    for name in ("GEXP", "DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC"):
        close(getattr(one, name).reshape(io.G, -1).sum(axis=1),
              getattr(other, name).reshape(io.G, -1).sum(axis=1), io.E)
    world = [f(io) for f in (world_source, world_sink)]
    # Counted once in the world, foreign value is no more than counted once by the exporter.
    if (table.F >= 0).all():
        for part in world:
            assert (part.FVA.reshape(io.G, -1).sum(axis=1)
                    <= one.FVA.reshape(io.G, -1).sum(axis=1) * (1 + 1e-9)).all()


@SOME
@given(tables())
def test_parts_of_parts(table):
    io = Leontief(table)
    one, terms = source(io), source_terms(io)
    close(sum(terms[f"VAX{k}"] for k in (1, 2, 3, 4)), one.VAX, io.E)
    close(terms["REF1"] + terms["REF2"], one.REF, io.E)
    close(sum(terms[f"FVA{k}"] for k in (1, 2, 3, 4)), one.FVA, io.E)
    close(terms["VAX1"] + terms["VAX2"], one.more["DAVAX"], io.E)
    if (table.F >= 0).all():
        assert (one.more["DAVAX"] <= one.VAX + 1e-10 * io.E.max()).all()


@SOME
@given(tables())
def test_world_sums(table):
    io = Leontief(table)
    total = vs(io, by="world").iloc[0]
    assert total["VS_KWW"] == pytest.approx(total["VS1"], rel=1e-10)
    assert total["VS_HIY"] >= total["VS_KWW"] * (1 - 1e-9) or (table.F < 0).any()
    three = participation(io, definition="tripartite", by="world").iloc[0]
    assert three["PF"] == pytest.approx(three["PB"], rel=1e-9)
    assert three["PB"] + three["TS"] == pytest.approx(total["VS_HIY"], rel=1e-9)
    forward, backward = (production(io, direction=d, by="world").iloc[0]
                         for d in ("forward", "backward"))
    for part in ("total", "D", "RT", "GVC_S", "GVC_C"):
        assert forward[part] == pytest.approx(backward[part], rel=1e-9)
    one, other = (lengths(io, direction=d, by="world").iloc[0] for d in ("forward", "backward"))
    assert one["PL"] == pytest.approx(io.X.sum() / io.VA.sum(), rel=1e-9)
    assert one["PL"] == pytest.approx(other["PL"], rel=1e-9)
    assert one["PL_GVC"] == pytest.approx(other["PL_GVC"], rel=1e-9, nan_ok=True)
    trade = borin_mancini(io, level="world").iloc[0]
    assert trade["GVC"] == pytest.approx(three["PF"] + three["PB"] + three["TS"], rel=1e-9)
    assert trade["GVCB"] == pytest.approx(total["VS_HIY"], rel=1e-9)


@SOME
@given(tables())
def test_extraction_of_all_exports_is_domestic_value_added(table):
    io = Leontief(table)
    lost, kept = extraction(io), borin_mancini(io, level="country")
    close(lost["DVA"], kept["DVA"], io.E)
    close(lost["DVA"], kww(io)[["T1", "T2", "T3", "T4", "T5"]].sum(axis=1), io.E)
    close(lost["DVA"], io.by_country(io.VL * io.E), io.E)


@settings(max_examples=12, deadline=None)
@given(tables(4, 3))
def test_extraction_of_any_flow_is_its_domestic_value_added(table):
    io = Leontief(table)
    for by in ("country", "bilateral", "sector", "bilateral-sector"):
        lost = extraction(io, by=by)
        own = borin_mancini(io, level=by, perspective="self")
        close(lost["DVA"], own["DVA"], io.E)
        close(lost["exports"], own["GEXP"], io.E)
        again = miroudot_ye(io, by=by, perspective="self")
        for name in ("DC", "DVA", "DDC", "FC", "FVA", "FDC"):
            close(again[name], own[name], io.E)
    for by in ("country", "bilateral-sector"):
        home, ours = miroudot_ye(io, by=by), borin_mancini(io, level=by)
        for name in ("DC", "DVA", "DDC", "FC", "FVA", "FDC"):
            close(home[name], ours[name], io.E)
    world = miroudot_ye(io, perspective="world")
    ours = borin_mancini(io, level="country", perspective="world")
    close(world["FVA"], ours["FVA"], io.E)


@SOME
@given(tables(6, 4), st.data())
def test_a_group_is_the_table_with_its_members_merged_as_one(table, data):
    """Independent path: a table whose merged country has the members' industries as sectors."""
    io = Leontief(table)
    G, N = table.G, table.N
    members = sorted(data.draw(st.sets(st.sampled_from(table.countries), min_size=1,
                                       max_size=max(1, G - 1))))
    got = borin_mancini(io, level="country", exporters={"group": members}).iloc[0]
    # Every other country gets as many (empty) industries, so that sizes agree.
    others = [c for c in table.countries if c not in members]
    M = len(members)
    place = {name: (0, k) for k, name in enumerate(members)} | {
        name: (1 + k, 0) for k, name in enumerate(others)}
    rows = np.array([(place[c][0] * M + place[c][1]) * N + i
                     for c in table.countries for i in range(N)])
    n = (1 + len(others)) * M * N
    Z, F = np.zeros((n, n)), np.zeros((n, 1 + len(others)))
    Z[np.ix_(rows, rows)] = table.Z
    for k, name in enumerate(table.countries):
        F[rows, place[name][0]] += table.Y[:, k]
    merged = IcioTable.from_arrays(Z, F, countries=["group", *others],
                                   sectors=[f"x{i}" for i in range(M * N)])
    expected = borin_mancini(merged, level="country").iloc[0]
    for name in got.index[1:]:
        close(got[name], expected[name], expected["GEXP"])
    terms = wwz(io.joined({"group": members}), by="country").set_index("exporter").loc["group"]
    other = wwz(merged, by="country").set_index("exporter").loc["group"]
    close(terms, other, other["exports"])


@SOME
@given(tables())
def test_imports_are_value_added_and_double_counting(table):
    io = Leontief(table)
    country = borin_mancini(io, flow="imports")
    close(country["GIMP"], io.E_bilateral.sum(axis=0), io.E)
    close(country["VA"] + country["DC"], country["GIMP"], io.E)
    # Brute force: no purchases abroad by the importer.
    for r in range(io.G):
        A = io.A.copy()
        own = slice(r * io.N, (r + 1) * io.N)
        kept = A[own, own].copy()
        A[:, own] = 0
        A[own, own] = kept
        va = io.v * np.linalg.solve(np.eye(io.n) - A, io.E_bilateral[:, r])
        close(va.sum(), country["VA"][r], io.E)


@SOME
@given(tables())
def test_origins_add_up(table):
    io = Leontief(table)
    cube = value_added_origin(io, by=("origin", "exporter", "sector", "importer"))
    by_flow = cube.groupby(["exporter", "sector", "importer"], observed=True)["value"].sum()
    flows = borin_mancini(io).set_index(["exporter", "sector", "importer"])
    close(by_flow.loc[flows.index], flows["GEXP"], io.E)
    once = value_added_origin(io, by=("exporter",), content="foreign", counted="value-added")
    close(once["value"], borin_mancini(io, level="country")["FVA"], io.E)
    absorbed = value_added_origin(io, by=("exporter", "destination"), content="domestic",
                                  counted="value-added").astype({"exporter": str,
                                                                 "destination": str})
    home = absorbed[absorbed["exporter"] == absorbed["destination"]].set_index("exporter")["value"]
    expected = borin_mancini(io, level="country").set_index("exporter")["REF"]
    close(home.loc[list(expected.index)], expected, io.E)
    final = value_added_origin(io, use="final", by=("origin", "producer", "destination"))
    close(final.groupby("origin", observed=True)["value"].sum(), io.by_country(io.VA), io.VA)
    output = value_added_origin(io, use="output", by=("producer", "sector"))
    close(output["value"], io.X, io.X)


CALLS = {
    "wwz": lambda io: wwz(io),
    "source": lambda io: borin_mancini(io),
    "sink": lambda io: borin_mancini(io, approach="sink"),
    "self": lambda io: borin_mancini(io, perspective="self"),
    "self, bilateral": lambda io: borin_mancini(io, perspective="self", level="bilateral"),
    "world": lambda io: borin_mancini(io, level="country", perspective="world", approach="sink"),
    "imports": lambda io: borin_mancini(io, flow="imports", level="bilateral-sector"),
    "vs": lambda io: vs(io, by="sector"), "vax": lambda io: vax(io, by="bilateral-sector"),
    "tiva": lambda io: tiva(io, by="bilateral-sector"),
    "origin": lambda io: value_added_origin(io),
    "extraction": lambda io: extraction(io, by="bilateral"),
    "miroudot_ye": lambda io: miroudot_ye(io),
}
KEYS = ("exporter", "importer", "sector", "origin", "origin_sector")


@pytest.mark.parametrize("factor", [1e-6, 1e6])
@pytest.mark.parametrize("name", CALLS)
def test_units_scale_every_column(name, factor):
    table = random_table(5, 4, 3, empty=1, stocks=True)
    scaled = IcioTable.from_arrays(table.Z * factor, table.F * factor,
                                   countries=table.countries, sectors=table.sectors,
                                   categories=table.categories)
    one, other = CALLS[name](Leontief(table)), CALLS[name](Leontief(scaled))
    numbers = one.select_dtypes("number").columns
    close(one[numbers] * factor, other[numbers], one[numbers].to_numpy() * factor)


@pytest.mark.parametrize("name", CALLS)
def test_order_and_names_do_not_matter(name):
    table = random_table(6, 4, 3, empty=1, stocks=True)
    countries, sectors = [2, 0, 3, 1], [1, 2, 0]
    rows = np.array([c * 3 + i for c in countries for i in sectors])
    columns = np.array([c * 2 + k for c in countries for k in range(2)])
    new = {c: f"renamed {c}" for c in (*table.countries, *table.sectors)}
    permuted = IcioTable.from_arrays(
        table.Z[np.ix_(rows, rows)], table.F[rows][:, columns],
        countries=[new[table.countries[c]] for c in countries],
        sectors=[new[table.sectors[i]] for i in sectors], categories=table.categories)
    one, other = CALLS[name](Leontief(table)), CALLS[name](Leontief(permuted))
    keys = [key for key in KEYS if key in one]
    one[keys] = one[keys].astype(str).replace(new)
    other[keys] = other[keys].astype(str)
    pd.testing.assert_frame_equal(
        one.sort_values(keys, ignore_index=True), other.sort_values(keys, ignore_index=True),
        rtol=1e-9, atol=1e-10)


LEVELS = {"bilateral": ["exporter", "importer"], "sector": ["exporter", "sector"],
          "country": ["exporter"]}


@pytest.mark.parametrize("measure", [
    wwz, borin_mancini, lambda io, by: borin_mancini(io, level=by, approach="sink"), vax, tiva])
def test_coarser_levels_are_sums_of_finer_ones(measure):
    io = Leontief(random_table(8, 4, 3))
    fine = measure(io, by="bilateral-sector")
    for level, keys in LEVELS.items():
        coarse = measure(io, by=level).set_index(keys)
        columns = [c for c in coarse.columns if c in fine.columns]
        added = fine.groupby(keys, observed=True)[columns].sum()
        np.testing.assert_allclose(added.loc[coarse.index], coarse[columns], rtol=1e-10,
                                   atol=1e-10)
    world = measure(io, by="world").iloc[0]
    for column in fine.select_dtypes("number"):
        assert fine[column].sum() == pytest.approx(world[column], rel=1e-9, abs=1e-8)


def test_every_result_carries_its_identities():
    io = Leontief(random_table(3, 3, 2))
    for name, call in CALLS.items():
        gaps = call(io).attrs["identities"]
        if name not in ("self", "self, bilateral"):
            assert gaps, name
        assert all(gap < 1e-12 for gap in gaps.values()), name


def test_an_identity_that_fails_names_exporter_sector_importer_and_year():
    table = random_table(3, 2, 2, year=1999)
    broken = IcioTable(table.Z, table.F, table.VA.copy(), table.X * 1.001, table.countries,
                       table.sectors, table.categories, 1999)
    for call in (wwz, borin_mancini, lambda io: borin_mancini(io, flow="imports")):
        with pytest.raises(DataError, match=r"C\d s\d 1999 to C\d: identity fails"):
            call(broken)
    for call in (vax, value_added_origin):
        with pytest.raises(DataError, match=r"C\d.* 1999: identity fails"):
            call(broken)


def test_own_perimeters_of_single_cells_and_whole_rows_agree_with_inversion():
    io = Leontief(random_table(4, 3, 3))
    for level, cells in (("sector", [(0, i) for i in range(3)]), ("bilateral", [(0, 1), (0, 2)])):
        frame = borin_mancini(io, level=level, perspective="self")
        frame = frame[frame["exporter"] == "C0"].reset_index(drop=True)
        for at, (_, other) in enumerate(cells):
            A = io.A.copy()
            if level == "sector":
                rows, columns, flow = [other], slice(3, 9), io.E[[other]]
            else:
                rows = [0, 1, 2]
                columns = slice(3 * other, 3 * other + 3)
                flow = io.E_bilateral[:3, other]
            A[rows, columns] = 0
            star = np.linalg.inv(np.eye(9) - A)
            assert io.v[:3] @ star[:3][:, rows] @ flow == pytest.approx(frame["DVA"][at], rel=1e-11)
            assert io.v[3:] @ star[3:][:, rows] @ flow == pytest.approx(frame["FVA"][at], rel=1e-11)
