"""Errors of other tools, each with the numbers that show who is right.

Elsewhere: exvatools' ``terms2`` swaps two terms (test_wwz_golden), its world perimeter has no
foreign value added and a targeted group with the exporter in it loses its domestic block
(test_borin_mancini_golden); its OECD participation counts twice and gvc's ``nrca`` is a Balassa
index of value added (test_origin_golden).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import GROUPS, decompr_table, exvadec, exvatools_table
from test_borin_mancini_golden import gvcanalyzer_table

import gvckit as gk
from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable

CLOSE = 1e-12


@pytest.mark.data
def test_upstreamness_of_gvc_leaves_domestic_inputs_out(golden):
    """``gvc`` sums foreign inputs only; upstreamness is the Ghosh inverse of all of them."""
    folder = golden / "decomposition"
    io = Leontief(decompr_table(folder / "decompr7", "leather_"))
    frame = pd.read_csv(folder / "gvc" / "upstream_downstream.csv", index_col="row")
    ours = gk.upstreamness(io, inventories="raw")
    np.testing.assert_allclose(ours["U"], frame["U_antras"], rtol=CLOSE)
    np.testing.assert_allclose(ours["D"], frame["D_antras"], rtol=CLOSE)
    table = io.table
    sales, purchases = table.Z / table.X[:, None], table.Z / table.X
    true = (np.linalg.inv(np.eye(io.n) - sales).sum(axis=1),
            np.linalg.inv(np.eye(io.n) - purchases).sum(axis=0))
    np.testing.assert_allclose(ours["U"], true[0], rtol=CLOSE)
    np.testing.assert_allclose(ours["D"], true[1], rtol=CLOSE)
    # Without the domestic blocks: theirs is less than every industry's true figure.
    abroad = 1 - np.kron(np.eye(io.G), np.ones((io.N, io.N)))
    theirs = np.linalg.inv(np.eye(io.n) - sales * abroad).sum(axis=1)
    assert frame["gvc_upstream_asis"].corr(pd.Series(theirs, index=frame.index)) > 0.9
    assert (frame["gvc_upstream_asis"] < ours["U"].to_numpy() - 0.5).all()
    assert (frame["gvc_downstream_asis"] < ours["D"].to_numpy() - 0.4).all()
    assert ours["U"].iloc[0] == pytest.approx(2.0984, abs=1e-4)
    assert frame["gvc_upstream_asis"].iloc[0] == pytest.approx(1.2823, abs=1e-4)


@pytest.mark.data
@pytest.mark.parametrize("prefix", ["leather_", "toy_"])
def test_output_based_countries_of_gvcanalyzer_are_not_their_sectors(golden, prefix):
    """Ours are: seven cells that add up to output, in every sector, country and the world."""
    folder = golden / "decomposition" / "gvcAnalyzer"
    country = pd.read_csv(folder / f"{prefix}bm_2025_output_components.csv").set_index("country")
    sector = pd.read_csv(folder / f"{prefix}bm_2025_output_components_sector.csv")
    total = sector.groupby("country")[["GVC_PB_Xi", "GVC_TSImp_i", "GVC_TS_Xi", "GVC_Xi"]].sum()
    for name in ("GVC_PB_X", "GVC_TSImp", "GVC_TS_X", "GVC_X"):
        own = total[{"GVC_PB_X": "GVC_PB_Xi", "GVC_TSImp": "GVC_TSImp_i",
                     "GVC_TS_X": "GVC_TS_Xi", "GVC_X": "GVC_Xi"}[name]].loc[country.index]
        assert (np.abs(own / country[name] - 1) > 0.01).any(), name
    io = Leontief(gvcanalyzer_table(folder, prefix))
    cells = ["D", "RT", "PF", "PB", "TS", "MH_1", "MH_2"]
    fine = gk.participation(io, definition="output_cells")
    coarse = gk.participation(io, definition="output_cells", by="country")
    added = fine.groupby("country", observed=True)[["output", *cells]].sum()
    np.testing.assert_allclose(coarse[["output", *cells]], added, rtol=1e-12)
    # The toy itself is out of balance by a few units.
    slack = {"rtol": 1e-12} if prefix == "leather_" else {"atol": 13}
    np.testing.assert_allclose(fine[cells].sum(axis=1), fine["output"], **slack)
    # Their other files only repeat these numbers.
    for level, key in (("", ["country"]), ("_sector", ["country", "sector"])):
        one, other = (pd.read_csv(folder / f"{prefix}bm_2025_output_{kind}{level}.csv")
                      .set_index(key) for kind in ("components", "measures"))
        pd.testing.assert_frame_equal(other[one.columns], one)


@pytest.mark.data
def test_pure_forward_of_gvcanalyzer_is_a_residual_in_one_file_and_direct_in_the_other(golden):
    """The toy does not balance: what is left over is not V L A L E, and the tool prints both."""
    folder = golden / "decomposition" / "gvcAnalyzer"
    io = Leontief(gvcanalyzer_table(folder, "toy_"))
    ours = gk.participation(io, definition="tripartite", by="country").set_index("exporter")
    trade = pd.read_csv(folder / "toy_bm_2025_trade_exporter.csv").set_index("exporter")
    output = pd.read_csv(folder / "toy_bm_2025_output_components.csv").set_index("country")
    A, v, E = np.asarray(io.A), np.asarray(io.v), np.asarray(io.E)
    home = np.kron(np.eye(io.G), np.ones((io.N, io.N)))
    L = np.linalg.inv(np.eye(io.n) - A * home)
    direct = np.kron(np.eye(io.G), np.ones(io.N)) @ ((v @ L) * ((A * (1 - home)) @ L @ E))
    np.testing.assert_allclose(ours["PF"], direct, rtol=CLOSE)
    np.testing.assert_allclose(output.loc[ours.index, "GVC_PF_X"], direct, rtol=CLOSE)
    assert trade.loc["China", "GVC_PF_s"] == pytest.approx(87002.55, abs=0.005)
    assert ours.loc["China", "PF"] == pytest.approx(87001.08, abs=0.005)
    residual = trade["E_s"] - (trade["E_s"] - trade["GVC_s"]) - trade["GVC_TS_s"] - trade[
        "GVC_PB_s"]
    np.testing.assert_allclose(trade["GVC_PF_s"], residual, rtol=CLOSE)
    measures = pd.read_csv(folder / "toy_bm_2025_trade_measures.csv").set_index("exporter")
    np.testing.assert_allclose(measures["GVC_PF_s"], trade["GVC_PF_s"], rtol=1e-14)


def test_negative_cells_are_kept_where_gvcanalyzer_clamps():
    """With negative value added a cell is negative; clamped at zero, cells do not add up."""
    Z = np.array([[1.0, 6, 1, 2], [2, 1, 2, 1], [1, 5, 1, 1], [2, 1, 1, 2]])
    F = np.array([[3.0, 1], [1, 2], [2, 4], [3, 5]])
    table = IcioTable.from_arrays(Z, F, countries=["A", "B"], sectors=["x", "y"])
    assert table.VA[1] < 0
    cells = ["D", "RT", "PF", "PB", "TS", "MH_1", "MH_2"]
    got = gk.participation(table, definition="output_cells")
    assert (got[cells] < 0).to_numpy().any()
    np.testing.assert_allclose(got[cells].sum(axis=1), table.X, rtol=CLOSE)
    assert (np.abs(got[cells].clip(lower=0).sum(axis=1) / table.X - 1) > 0.01).any()


@pytest.mark.data
@pytest.mark.parametrize(("level", "arguments", "partner", "sector"), [
    ("bilateral", {}, "USA", "TOTAL"), ("sector", {}, "WLD", "MANUF"),
    ("bilateral", {"partners": {"NAFTA": GROUPS["NAFTA"]}}, None, None)])
def test_the_standard_output_of_targeted_flows_is_there(golden, level, arguments, partner, sector):
    """exvatools' ``bm_src`` stops with an error for its default output with a partner or sector.

    Its single terms work, and add up to ours.
    """
    folder = golden / "decomposition" / "exvatools" / "wiodtest"
    io = Leontief(exvatools_table(folder))
    got = gk.borin_mancini(io, level=level, perspective="self", **arguments)
    assert not got.isna().to_numpy().any()
    np.testing.assert_allclose(got[["DVA", "DDC", "FVA", "FDC"]].sum(axis=1), got["GEXP"])
    np.testing.assert_allclose(got["GVC"], got["GVCB"] + got["GVCF"], rtol=1e-9, atol=1e-9)
    if partner is None:
        return
    frame = exvadec(folder / "exvadec_bm_src_terms_targeted.csv", ["ESP"])
    terms = frame[(frame["target_partner"] == partner)
                  & (frame["target_sector"] == sector)].sum(numeric_only=True)
    row = got[(got["exporter"] == "ESP") & (got["importer"] == partner if level == "bilateral"
                                            else got["sector"] == "10T39")].iloc[0]
    assert row["DAVAX"] == pytest.approx(terms["VAX1"] + terms["VAX2"], rel=1e-11)
    assert row["GVC"] == pytest.approx(
        row["GEXP"] - terms["VAX1"] - terms["VAX2"], rel=1e-11)


@pytest.mark.data
def test_returned_value_by_sector_is_negative_in_exvatools_and_never_in_ours(golden):
    """Its OECD output subtracts forward VAX from backward value added: only totals mean a thing."""
    folder = golden / "decomposition" / "exvatools" / "wiodtest"
    frame = exvadec(folder / "exvadec_oecd_standard.csv", ["ESP", "FRA", "MEX", "USA", "CHN"])
    frame = frame[(frame["exporter"] == frame["seller"])
                  & (frame["exporter"] != frame["importer"])]
    assert (frame["REF"] < -1).any()
    io = Leontief(exvatools_table(folder))
    ours = gk.borin_mancini(io)
    assert (ours["REF"] >= 0).all()
    total = frame.groupby("exporter")["REF"].sum()
    ours_total = gk.borin_mancini(io, level="country").set_index("exporter")["REF"]
    np.testing.assert_allclose(ours_total.loc[total.index], total, rtol=1e-11)


def plain() -> dict[str, object]:
    """Return a balanced table of two countries as its parts."""
    return {"Z": np.array([[2.0, 3, 1, 1], [1, 2, 1, 2], [1, 1, 4, 2], [2, 1, 1, 3]]),
            "F": np.array([[6.0, 2], [5, 3], [1, 7], [2, 6]]),
            "countries": ["A", "B"], "sectors": ["x", "y"]}


def spoilt(kind: str) -> dict[str, object]:
    parts = plain()
    Z, F = parts["Z"], parts["F"]
    if kind == "missing cell":
        Z[1, 2] = np.nan
    elif kind == "purchases without output":
        Z[3], F[3] = 0.0, 0.0
    elif kind == "negative value added":
        Z[0, 1] = 30.0
        F[1, 0] = 12.0
    elif kind == "permuted labels":
        parts["row_labels"] = [("A", "y"), ("A", "x"), ("B", "x"), ("B", "y")]
    elif kind == "duplicate labels":
        parts["row_labels"] = [("A", "x"), ("A", "x"), ("B", "x"), ("B", "y")]
    elif kind == "duplicate countries":
        parts["countries"] = ["A", "A"]
    elif kind == "output that is no row sum":
        parts["X"] = np.array([15.0, 14, 16, 20])
    return parts


@pytest.mark.parametrize(("kind", "message", "places"), [
    ("missing cell", "missing", ["A y"]),
    ("permuted labels", "A y", ["A x"]), ("duplicate labels", "A x", []),
    ("duplicate countries", "the same name more than once: A", []),
    ("output that is no row sum", "B y", []),
])
def test_what_peers_accept_in_silence_is_refused_with_its_place(kind, message, places):
    with pytest.raises(DataError, match=message) as caught:
        IcioTable.from_arrays(**spoilt(kind))
    for place in places:
        assert place in str(caught.value)
    IcioTable.from_arrays(**plain())


@pytest.mark.parametrize(("kind", "policy", "row"), [
    ("purchases without output", "purchases_without_output", ("B", "y")),
    ("negative value added", "negative_value_added", ("A", "y")),
])
def test_what_peers_accept_in_silence_is_told(kind, policy, row):
    table = IcioTable.from_arrays(**spoilt(kind))
    entries = [entry for entry in table.audit if entry.policy.startswith(policy + "=")]
    assert entries
    assert row in [tuple(entry.where) for entry in entries]
    with pytest.raises(DataError, match=" ".join(row)):
        IcioTable.from_arrays(**spoilt(kind), policy={policy: "error"})
