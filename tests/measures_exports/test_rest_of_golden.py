"""Reference files beside those of the other tests: other layouts and finer breakdowns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import GROUPS, decompr_table, exvadec, exvatools_table

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.origin import value_added_origin
from gvckit.measures.participation import participation
from gvckit.measures.perimeter import absorbed_directly, source_terms

pytestmark = pytest.mark.data

CLOSE = 1e-12


@pytest.fixture(scope="module")
def place(golden):
    return golden / "decomposition"


@pytest.fixture(scope="module")
def leather(place) -> Leontief:
    return Leontief(decompr_table(place / "decompr7", "leather_"))


@pytest.fixture(scope="module")
def wiodtest(place) -> Leontief:
    return Leontief(exvatools_table(place / "exvatools" / "wiodtest"))


def test_final_demand_wide_and_unscaled_long_equal_decompr(place):
    folder = place / "decompr6_leather"
    io = Leontief(decompr_table(folder, ""))
    wide = pd.read_csv(folder / "leontief_final_demand_wide.csv", index_col="row")
    got = value_added_origin(io, use="final")["value"].to_numpy().reshape(wide.shape)
    np.testing.assert_allclose(got, wide, rtol=0, atol=CLOSE * wide.to_numpy().max())
    long = pd.read_csv(folder / "leontief_none_long.csv")
    assert list(long["Source_Country"].unique()) == list(io.countries)
    np.testing.assert_allclose((io.v[:, None] * io.B).ravel(), long["FVAX"], rtol=0, atol=CLOSE)


def test_foreign_coefficients_and_final_demand_of_split_countries_equal_exvatools(place):
    """Final demand of the whole; coefficients between parts of a country are domestic."""
    folder = place / "exvatools" / "iciotest_inputs"
    table = exvatools_table(folder)
    io = Leontief(table)
    back = np.argsort(io.order)
    home = np.zeros((io.n, io.n))
    for a, b in io.bounds:
        home[a:b, a:b] = 1
    foreign = (np.asarray(io.A) * (1 - home))[np.ix_(back, back)]
    reference = pd.read_csv(folder / "in_Am.csv", index_col="row")
    np.testing.assert_allclose(foreign, reference, rtol=0, atol=CLOSE * reference.to_numpy().max())
    final = pd.read_csv(folder / "in_Y.csv", index_col="row")
    Y = np.asarray(io.Y)[back]
    for country in final.columns:
        np.testing.assert_allclose(Y[:, io.countries.index(country)], final[country], rtol=1e-14)


def test_slices_of_vertical_specialisation_equal_gvc(place, leather):
    cells = value_added_origin(leather)
    abroad = cells[cells["origin"].astype(str) != cells["exporter"].astype(str)]
    seller, origin = ["exporter", "sector"], ["origin", "origin_sector"]
    cases = {"i2e_Using_Country_Turkey": (abroad[abroad["exporter"] == "Turkey"], seller, "i2e"),
             "e2r_Source_Country_Turkey": (abroad[abroad["origin"] == "Turkey"], origin, "e2r"),
             "e2r_Using_Country_Turkey": (abroad[abroad["exporter"] == "Turkey"], origin, "e2r")}
    for name, (part, keys, column) in cases.items():
        reference = pd.read_csv(place / "gvc" / f"{name}.csv")
        got = part.groupby(keys, observed=True)["value"].sum()
        assert reference[column].max() > 1
        for row in reference.itertuples():
            value = got.get((row.country, row.sector), 0.0)
            assert abs(value - getattr(row, column)) < CLOSE * reference[column].max(), name


def test_value_added_balassa_wide_equals_gvc(place, leather):
    cells = value_added_origin(leather, by=("exporter", "origin_sector"), content="domestic")
    wide = cells.pivot(index="exporter", columns="origin_sector", values="value")
    share = wide.div(wide.sum(axis=1), axis=0) / (wide.sum() / wide.to_numpy().sum())
    reference = pd.read_csv(place / "gvc" / "nrca_wide.csv", index_col="row")["nrca"]
    np.testing.assert_allclose(share.to_numpy().ravel(), reference, rtol=1e-12)


@pytest.mark.parametrize("output", ["standard", "terms"])
@pytest.mark.parametrize("exporter", ["ESP", "FRA", "MEX", "USA", "CHN", "ROW", "NAFTA", "EU27"])
def test_terms_by_origin_sector_equal_exvatools(place, wiodtest, exporter, output):
    """What a unit of exports holds of each origin sector, times what becomes of the exports."""
    folder = place / "exvatools" / "wiodtest"
    frame = exvadec(folder / f"exvadec_bm_src_{output}_bkdown_origin.csv", [exporter])
    members = GROUPS.get(exporter, [exporter])
    frame = frame[~frame["importer"].isin(members)].set_index(["sector", "importer"])
    io = wiodtest.joined({exporter: members}) if exporter in GROUPS else wiodtest
    s = io.countries.index(exporter)
    a, b = io.bounds[s]
    sectors = io.sector_of_row[a:b]
    gather = np.equal.outer(np.arange(io.N), sectors).astype(float)
    once = gather @ (np.asarray(io.v)[a:b, None] * io.L[s])
    abroad = value_added_origin(io, by=("origin_sector", "sector"), exporter=exporter,
                                content="foreign", counted="value-added")
    # Where a group holds several blocks, rows of one sector may hold different value.
    if exporter in GROUPS:
        foreign = None
    else:
        foreign = abroad["value"].to_numpy().reshape(io.N, io.N) / np.asarray(io.E)[a:b]
    VL = np.asarray(io.VL)[a:b, None]
    base = {name: np.asarray(values)[a:b] / VL for name, values in source_terms(io).items()
            if name[:3] in ("VAX", "REF")}
    base["DAVAX"] = np.asarray(absorbed_directly(io))[a:b]
    base["VAX"] = sum(base[f"VAX{k}"] for k in range(1, 5))
    base["REF"] = base["REF1"] + base["REF2"]
    base["DVA"] = np.asarray(io.E_bilateral)[a:b]
    got = {name: once @ values for name, values in base.items()}
    if foreign is not None:
        onward = {"FVA1": base["VAX1"], "FVA2": base["VAX2"], "FVA3": base["VAX3"] + base["REF1"],
                  "FVA4": base["VAX4"] + base["REF2"], "FVA": base["DVA"]}
        got |= {name: foreign @ values for name, values in onward.items()}
    found = [name for name in got if name in frame]
    assert set(found) >= {"standard": {"DAVAX", "VAX", "REF", "DVA"},
                          "terms": {"VAX1", "VAX2", "VAX3", "VAX4", "REF1", "REF2"}}[output]
    for name in found:
        for (sector, importer), reference in frame[name].items():
            value = got[name][io.sectors.index(sector), io.countries.index(importer)]
            assert abs(value - reference) < CLOSE * frame["EXGR"].max(), (name, sector, importer)


def test_trade_based_shares_equal_gvcanalyzer(place):
    folder, prefix = place / "gvcAnalyzer", "leather_"
    given = pd.read_csv(folder / f"{prefix}in_VA_X.csv")
    table = decompr_table(folder, prefix)
    np.testing.assert_allclose(table.VA, given["VA"], rtol=1e-12)
    np.testing.assert_allclose(table.X, given["X"], rtol=1e-12)
    got = participation(table, definition="tripartite", by="country").set_index("exporter")
    for name in ("trade_exporter", "trade_measures"):
        theirs = pd.read_csv(folder / f"{prefix}bm_2025_{name}.csv").set_index("exporter")
        theirs = theirs.loc[got.index]
        gvc = got["PF"] + got["PB"] + got["TS"]
        ours = {"E_s": got["exports"], "GVC_s": gvc, "GVC_PF_s": got["PF"], "GVC_TS_s": got["TS"],
                "GVC_PB_s": got["PB"], "share_GVC_trade": got["participation"],
                "share_PF_trade": got["PF"] / gvc, "share_TS_trade": got["TS"] / gvc,
                "share_PB_trade": got["PB"] / gvc,
                "forward_trade": (got["PF"] - got["PB"]) / gvc}
        assert set(theirs.columns) <= set(ours)
        for column in theirs.columns:
            np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-12, err_msg=column)


def pymrio(folder, name: str, header=(0, 1)) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", header=list(header), index_col=[0, 1])


def test_footprints_of_regions_equal_pymrio(place):
    """By region with what final users emit themselves; that per unit of their final demand."""
    folder = place / "pymrio"
    Z, Y = pymrio(folder, "Z"), pymrio(folder, "Y")
    regions = list(dict.fromkeys(Z.index.get_level_values(0)))
    io = Leontief(IcioTable.from_arrays(
        Z.to_numpy(), Y.to_numpy(), countries=regions,
        sectors=list(dict.fromkeys(Z.index.get_level_values(1))),
        categories=list(Y.columns.get_level_values(1)[:7])))
    F, own = pymrio(folder, "emissions_F"), pymrio(folder, "emissions_F_Y")
    reference = {name: pymrio(folder, f"emissions_D_{name}_reg", (0,))
                 for name in ("cba", "pba", "exp", "imp")}
    for stressor in F.index:
        account = pd.Series(F.loc[stressor].to_numpy(),
                            index=pd.MultiIndex.from_tuples(list(F.columns)), name=stressor[0])
        flows = value_added_origin(io, use="final", by=("origin", "destination"),
                                   satellite=account)
        wide = flows.pivot(index="origin", columns="destination", values="value").to_numpy()
        users = own.loc[stressor].to_numpy().reshape(len(regions), -1).sum(axis=1)
        ours = {"cba": wide.sum(axis=0) + users, "pba": wide.sum(axis=1) + users,
                "exp": wide.sum(axis=1) - np.diag(wide), "imp": wide.sum(axis=0) - np.diag(wide)}
        for name, values in ours.items():
            theirs = reference[name].loc[stressor].to_numpy()
            np.testing.assert_allclose(values, theirs, rtol=0, atol=CLOSE * theirs.max(),
                                       err_msg=name)
    spent = np.asarray(io.table.F).sum(axis=0)
    per_unit = pymrio(folder, "emissions_S_Y").to_numpy()
    got = np.divide(own.to_numpy(), spent, out=np.zeros_like(per_unit), where=spent != 0)
    np.testing.assert_allclose(got, per_unit, rtol=0, atol=CLOSE * per_unit.max())
