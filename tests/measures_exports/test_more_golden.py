"""The rest of the reference files: matrices, breakdowns by origin sector, other layouts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import GROUPS, decompr_table, exvadec, exvatools_table, gap

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.extraction import miroudot_ye
from gvckit.measures.origin import value_added_origin
from gvckit.measures.tiva import tiva
from gvckit.measures.wwz import wwz, wwz_to_kww

pytestmark = pytest.mark.data

CLOSE = 1e-12


def block_diagonal(io: Leontief, blocks) -> np.ndarray:
    out = np.zeros((io.n, io.n))
    for (a, b), own in zip(io.bounds, blocks, strict=True):
        out[a:b, a:b] = own
    return out


def test_matrices_equal_decompr6(golden):
    place = golden / "decomposition" / "decompr6_leather"
    io = Leontief(decompr_table(place, ""))
    B_home = block_diagonal(io, io.B_blocks)
    A_home = block_diagonal(io, io.A_blocks)
    Y_abroad = io.exports_of(io.Y)
    ours = {"Am": io.A - A_home, "B": io.B, "Bd": B_home, "Bm": io.B - B_home,
            "L": block_diagonal(io, io.L), "ESR": io.E_bilateral, "Efd": Y_abroad,
            "Eint": io.E_bilateral - Y_abroad, "Y": io.Y, "Yd": io.Y - Y_abroad, "Ym": Y_abroad}
    for name, values in ours.items():
        reference = pd.read_csv(place / f"obj_{name}.csv", index_col="row").to_numpy()
        np.testing.assert_allclose(values, reference, rtol=0, atol=CLOSE * reference.max(),
                                   err_msg=name)
    vectors = pd.read_csv(place / "obj_vectors.csv")
    for name, values in {"X": io.X, "Vc": io.v, "E": io.E}.items():
        np.testing.assert_allclose(values, vectors[name], rtol=CLOSE)


@pytest.fixture(scope="module")
def place(golden):
    return golden / "decomposition" / "exvatools" / "wiodtest"


@pytest.fixture(scope="module")
def wiodtest(place) -> Leontief:
    return Leontief(exvatools_table(place))


def test_matrices_equal_exvatools(place, wiodtest):
    io = wiodtest
    B_home = block_diagonal(io, io.B_blocks)
    A_home = block_diagonal(io, io.A_blocks)
    ours = {"A": io.A, "Ad": A_home, "Am": io.A - A_home, "B": io.B, "Bd": B_home,
            "Bm": io.B - B_home, "Ld": block_diagonal(io, io.L), "E": np.diag(io.E),
            "EXGR": io.E_bilateral, "Y": io.Y, "V": io.v[:, None], "VA": io.VA[:, None],
            "X": io.X[:, None], "Yfd": io.table.F, "Z": io.table.Z}
    for name, values in ours.items():
        reference = pd.read_csv(place / f"in_{name}.csv", index_col="row").to_numpy()
        np.testing.assert_allclose(values, reference, rtol=0, atol=CLOSE * reference.max(),
                                   err_msg=name)


@pytest.mark.parametrize("exporter", ["ESP", "FRA", "MEX", "USA", "CHN", "ROW", "NAFTA", "EU27"])
def test_breakdowns_by_origin_sector_equal_exvatools(place, wiodtest, exporter):
    """Rows of exvatools' breakdown are sectors that add the value, all countries together."""
    frame = exvadec(place / "exvadec_bm_src_basic_bkdown_origin.csv", [exporter])
    members = GROUPS.get(exporter, [exporter])
    frame = frame[~frame["importer"].isin(members)].set_index(["sector", "importer"])
    io = wiodtest.joined({exporter: members}) if exporter in GROUPS else wiodtest
    kinds = {"DC": ("domestic", "content"), "FC": ("foreign", "content"),
             "DVA": ("domestic", "value-added"), "FVA": ("foreign", "value-added")}
    got = {}
    for name, (content, counted) in kinds.items():
        cells = value_added_origin(io, by=("origin_sector", "importer"), exporter=exporter,
                                   content=content, counted=counted)
        got[name] = cells.set_index(["origin_sector", "importer"])["value"]
    absorbed = value_added_origin(io, by=("origin_sector", "importer", "destination"),
                                  exporter=exporter, content="domestic", counted="value-added")
    home = absorbed["destination"] == exporter
    for name, part in (("REF", absorbed[home]), ("VAX", absorbed[~home])):
        got[name] = part.groupby(["origin_sector", "importer"], observed=True)["value"].sum()
    got["DDC"], got["FDC"] = got["DC"] - got["DVA"], got["FC"] - got["FVA"]
    scale = frame["EXGR"].max()
    for name, values in got.items():
        for key, reference in frame[name].items():
            assert abs(values[key] - reference) < CLOSE * scale, (name, key)


@pytest.mark.parametrize("groups", [False, True])
def test_miroudot_and_ye_equal_exvatools(place, wiodtest, groups):
    frame = exvadec(place / "exvadec_my_standard.csv")
    own = (frame["exporter"].isin(GROUPS) if groups else
           frame["exporter"].isin(wiodtest.countries) & (frame["exporter"] == frame["seller"]))
    columns = {name: name for name in ("DC", "DVA", "DDC", "FC", "FVA", "FDC")}
    expected = frame[own].groupby("exporter")[[*list(columns.values()), "EXGR"]].sum().reset_index()
    if groups:
        got = pd.concat([miroudot_ye(wiodtest.joined({group: members}), exporters=[group]).astype(
            {"exporter": str}) for group, members in GROUPS.items()])
        again = borin_mancini(wiodtest, level="country", exporters=GROUPS)
    else:
        got = miroudot_ye(wiodtest)
        again = borin_mancini(wiodtest, level="country")
    for result in (got, again):
        assert gap(result, expected, ["exporter"], columns | {"GEXP": "EXGR"}, "GEXP") < CLOSE
    terms = exvadec(place / "exvadec_my_terms.csv")
    terms = terms[own.to_numpy()].groupby("exporter")[["DVA", "DDC", "FVA", "FDC"]].sum()
    assert gap(got, terms.reset_index(), ["exporter"],
               {c: c for c in ("DVA", "DDC", "FVA", "FDC")}, "GEXP") < CLOSE


def test_world_perimeter_by_sector_layouts_agree(place, wiodtest):
    """All exvatools files of the world's perimeter hold one set of numbers."""
    files = {name: exvadec(place / f"exvadec_{name}.csv", wiodtest.countries)
             for name in ("my_standard_perimWLD", "my_terms_perimWLD", "my_terms2_perimWLD")}
    got = miroudot_ye(wiodtest, perspective="world")
    for name, frame in files.items():
        own = frame[frame["exporter"] == frame["seller"]]
        total = own.groupby("exporter").sum(numeric_only=True).reset_index()
        columns = {"DVA": "DVA", "DDC": "DDC", "GEXP": "EXGR"}
        if name == "my_standard_perimWLD":
            columns |= {"DC": "DC", "FC": "FC"}
        else:
            columns |= {"FVA": "FDC1", "FDC": "FDC2"}
            total = total.drop(columns="FVA")
        assert gap(got, total, ["exporter"], columns, "GEXP") < CLOSE, name


def test_totals_of_mapped_nine_terms_equal_exvatools(place, wiodtest):
    frame = exvadec(place / "exvadec_kww_standard.csv")
    expected = frame[frame["exporter"].isin(wiodtest.countries)]
    terms = wwz_to_kww(wwz(wiodtest, by="sector"))
    got = terms.assign(
        VAX=terms[["T1", "T2", "T3"]].sum(axis=1), REF=terms["T4"] + terms["T5"],
        DVA=terms[[f"T{k}" for k in range(1, 6)]].sum(axis=1), DDC=terms["T6"],
        DC=terms[[f"T{k}" for k in range(1, 7)]].sum(axis=1), FVA=terms["T7"] + terms["T8"],
        FDC=terms["T9"], FC=terms[["T7", "T8", "T9"]].sum(axis=1))
    columns = {c: c for c in ("DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC")}
    keys = ["exporter", "sector"]
    assert gap(got, expected[expected["seller"] == expected["exporter"]], keys,
               columns | {"exports": "EXGR"}, "exports") < CLOSE


def test_oecd_terms_equal_exvatools(place, wiodtest):
    frame = exvadec(place / "exvadec_oecd_terms.csv", wiodtest.countries)
    expected = frame[(frame["exporter"] == frame["seller"])
                     & (frame["exporter"] != frame["importer"])]
    columns = {c: c for c in ("EXGR", "EXGR_DDC", "EXGR_IDC", "EXGR_RIM", "EXGR_FVA")}
    assert gap(tiva(wiodtest, by="bilateral-sector"), expected,
               ["exporter", "sector", "importer"], columns, "EXGR") < CLOSE


def pymrio(place, name: str, header=(0, 1)) -> pd.DataFrame:
    return pd.read_csv(place / f"{name}.csv", header=list(header), index_col=[0, 1])


def test_multipliers_and_trade_equal_pymrio(golden):
    place = golden / "decomposition" / "pymrio"
    Z, Y = pymrio(place, "Z"), pymrio(place, "Y")
    regions = list(dict.fromkeys(Z.index.get_level_values(0)))
    sectors = list(dict.fromkeys(Z.index.get_level_values(1)))
    io = Leontief(IcioTable.from_arrays(
        Z.to_numpy(), Y.to_numpy(), countries=regions, sectors=sectors,
        categories=list(Y.columns.get_level_values(1)[:7])))
    np.testing.assert_allclose(io.X, pymrio(place, "x", (0,))["indout"], rtol=CLOSE)
    sales = io.table.Z / io.X[:, None]
    for name, ours in (("B", sales), ("G", io.B * io.X / io.X[:, None])):
        reference = pymrio(place, name).to_numpy()
        np.testing.assert_allclose(ours, reference, rtol=0, atol=CLOSE * reference.max())
    F = pymrio(place, "emissions_F").to_numpy()
    S, M = (pymrio(place, f"emissions_{name}").to_numpy() for name in "SM")
    for row, coefficients, multipliers in zip(F, S, M, strict=True):
        view = io.counting(row / io.X, "emissions")
        np.testing.assert_allclose(view.v, coefficients, rtol=CLOSE)
        np.testing.assert_allclose(view.vB, multipliers, rtol=0, atol=CLOSE * multipliers.max())
    flows = pd.read_csv(place / "gross_trade_bilat_flows.csv", index_col=[0, 1])
    np.testing.assert_allclose(io.E_bilateral, flows[regions], rtol=0,
                               atol=CLOSE * flows.to_numpy().max())
    totals = pd.read_csv(place / "gross_trade_totals.csv", index_col=[0, 1])
    np.testing.assert_allclose(io.E, totals["exports"], rtol=0,
                               atol=CLOSE * totals["exports"].max())
    cba = pymrio(place, "emissions_D_pba").to_numpy()
    np.testing.assert_allclose(F, cba, rtol=CLOSE)
    trade = tiva(io, by="sector")
    np.testing.assert_allclose(trade["IMGR"], totals["imports"], rtol=0,
                               atol=CLOSE * totals["imports"].max())
