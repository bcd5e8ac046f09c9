"""Sixteen and nine terms against decompr 6 and 7 and exvatools."""

from __future__ import annotations

import pandas as pd
import pytest
from exports_golden import FLOW, GROUPS, decompr, decompr_table, exvadec, exvatools_table, gap

from gvckit.icio.leontief import Leontief
from gvckit.measures.groups import of_exporters
from gvckit.measures.kww import kww
from gvckit.measures.wwz import AGGREGATES, TERMS, wwz, wwz_to_kww

pytestmark = pytest.mark.data

CLOSE = 1e-12
KWW = {"T1": "DVA_FIN", "T2": "DVA_INT", "T3": "DVA_INTrex", "T4": "RDV_FIN", "T5": "RDV_INT",
       "T6": "DDC", "T7": "FVA_FIN", "T8": "FVA_INT", "T9": "FDC"}
DECOMPR = {name: name.replace("INTrex", "DVA_INTrex") for name in TERMS}
# exvatools: terms in its own order; F1 is the importer's value added, F2 that of others.
EXVATOOLS = {
    "INTrexI1": "DVA_INTrex1", "INTrexF": "DVA_INTrex2", "INTrexI2": "DVA_INTrex3",
    "RDV_FIN": "RDV_FIN1", "MVA_FIN": "FVA_FIN1", "OVA_FIN": "FVA_FIN2", "MVA_INT": "FVA_INT1",
    "OVA_INT": "FVA_INT2",
}


@pytest.mark.parametrize(("folder", "prefix"), [
    ("decompr6_leather", ""), ("decompr7", "leather_"), ("decompr7", "gvcatoy_")])
def test_sixteen_terms_equal_decompr(golden, folder, prefix):
    place = golden / "decomposition" / folder
    expected = decompr(place / f"{prefix}wwz.csv")
    frame = wwz(decompr_table(place, prefix))
    assert len(frame) == len(expected)
    assert gap(frame, expected, FLOW, DECOMPR | {"exports": "texp"}, "exports") < CLOSE


@pytest.mark.parametrize("prefix", ["leather_", "gvcatoy_"])
def test_value_added_exports_of_the_flow_equal_decompr(golden, prefix):
    """DViX_Fsr is v_s # (L_ss E_sr): forward, by the sector that adds the value."""
    place = golden / "decomposition" / "decompr7"
    io = Leontief(decompr_table(place, prefix))
    expected = decompr(place / f"{prefix}wwz.csv").set_index(FLOW)["DViX_Fsr"]
    cells = io.v[:, None] * io.local(io.E_bilateral)
    for (s, i, r), value in expected.items():
        row = io.countries.index(s) * io.N + io.sectors.index(i)
        assert abs(cells[row, io.countries.index(r)] - value) < CLOSE * expected.max()


def test_map_to_nine_terms_equals_decompr(golden):
    place = golden / "decomposition" / "decompr6_leather"
    table = decompr_table(place, "")
    cells, countries = (decompr(place / f"wwz2kww_{level}.csv")
                        for level in ("bilateral_sector", "country"))
    got = wwz_to_kww(wwz(table))
    assert gap(got, cells, FLOW, KWW, "exports") < CLOSE
    by = wwz_to_kww(wwz(table, by="country"))
    assert gap(by, countries, ["exporter"], KWW, "exports") < CLOSE
    assert gap(kww(table), countries, ["exporter"], KWW, "exports") < CLOSE


@pytest.mark.parametrize("prefix", ["leather_", "gvcatoy_"])
def test_nine_terms_equal_decompr7(golden, prefix):
    place = golden / "decomposition" / "decompr7"
    table = decompr_table(place, prefix)
    for name, frame in (("kww", kww(table)), ("wwz2kww", wwz_to_kww(wwz(table, by="country")))):
        expected = decompr(place / f"{prefix}{name}.csv")
        assert gap(frame, expected, ["exporter"], KWW, "exports") < CLOSE


@pytest.fixture(scope="module")
def wiodtest(golden) -> Leontief:
    return Leontief(exvatools_table(golden / "decomposition" / "exvatools" / "wiodtest"))


@pytest.fixture(scope="module")
def exvatools_file(golden):
    return lambda name: exvadec(golden / "decomposition/exvatools/wiodtest"
                                / f"exvadec_{name}.csv")


def singles(frame: pd.DataFrame, io: Leontief) -> pd.DataFrame:
    own = frame[frame["exporter"].isin(io.countries) & (frame["exporter"] == frame["seller"])]
    return own[own["exporter"] != own["importer"]] if len(set(own["importer"])) > 1 else own


def test_sixteen_terms_equal_exvatools(wiodtest, exvatools_file):
    expected = singles(exvatools_file("wwz_terms"), wiodtest)
    columns = {name: EXVATOOLS.get(name, name) for name in TERMS} | {"exports": "EXGR"}
    assert gap(wwz(wiodtest), expected, FLOW, columns, "exports") < CLOSE


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_as_one_exporter_equals_exvatools(wiodtest, exvatools_file, group):
    view = wiodtest.joined({group: GROUPS[group]})
    got = of_exporters(wwz(view), [group])
    expected = exvatools_file("wwz_terms")
    expected = expected[(expected["exporter"] == group) & (expected["EXGR"] != 0)]
    columns = {name: EXVATOOLS.get(name, name) for name in TERMS} | {"exports": "EXGR"}
    assert gap(got, expected, FLOW, columns, "exports") < CLOSE


def test_terms2_of_exvatools_swaps_two_terms_and_ours_does_not(wiodtest, exvatools_file):
    """OVA_FIN is part of final exports: T1 + T11 + T14 = Y_sr.  exvatools' terms2 breaks that."""
    ours = wwz(wiodtest)
    theirs = singles(exvatools_file("wwz_terms2"), wiodtest)
    same = {name: EXVATOOLS.get(name, name) for name in TERMS[:10]} | {
        name: name for name in ("MVA_FIN", "MVA_INT", "MDC", "ODC")}
    assert gap(ours, theirs, FLOW, same, "exports") < CLOSE
    swapped = {"OVA_FIN": "OVA_INT", "OVA_INT": "OVA_FIN"}
    assert gap(ours, theirs, FLOW, swapped, "exports") < CLOSE
    assert gap(ours, theirs, FLOW, {"OVA_FIN": "OVA_FIN"}, "exports") > 0.01
    final = wiodtest.exports_of(wiodtest.Y).sum()
    assert abs(ours[["DVA_FIN", "MVA_FIN", "OVA_FIN"]].to_numpy().sum() - final) < 1e-9
    assert abs(theirs[["DVA_FIN", "MVA_FIN", "OVA_FIN"]].to_numpy().sum() - final) > 1


def test_aggregates_equal_exvatools(wiodtest, exvatools_file):
    expected = singles(exvatools_file("wwz_standard"), wiodtest)
    got = wwz(wiodtest, aggregates=True)
    assert set(AGGREGATES) <= set(got.columns)
    columns = {"DVA": "DVA", "VAX": "VAX", "RDV": "REF", "FVA": "FVA", "exports": "EXGR"}
    assert gap(got, expected, FLOW, columns, "exports") < CLOSE


def test_nine_terms_by_sector_in_exvatools_are_mapped_cells(wiodtest, exvatools_file):
    """exvatools prints sector rows for KWW; they are WWZ cells, not the nine formulas."""
    expected = singles(exvatools_file("kww_terms"), wiodtest)
    names = {"T1": "VAX1", "T2": "VAX2", "T3": "VAX3", "T4": "REF1", "T5": "REF2", "T6": "DDC",
             "T7": "FVA1", "T8": "FVA2", "T9": "FDC", "exports": "EXGR"}
    got = wwz_to_kww(wwz(wiodtest, by="sector"))
    assert gap(got, expected, ["exporter", "sector"], names, "exports") < CLOSE
    totals = expected.groupby("exporter").sum(numeric_only=True).reset_index()
    assert gap(kww(wiodtest), totals, ["exporter"], names, "exports") < CLOSE
