"""Every perimeter of Borin and Mancini against decompr 7, exvatools and gvcAnalyzer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import (
    FLOW,
    GROUPS,
    SECTORS,
    decompr,
    decompr_table,
    exvadec,
    exvatools_table,
    gap,
)

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.participation import participation

pytestmark = pytest.mark.data

CLOSE = 1e-12
ALL = ("GEXP", "DC", "DVA", "VAX", "DAVAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC", "GVC",
       "GVCB", "GVCF")
LEVELS = {
    "bilateral_exporter": ({"level": "bilateral-sector"}, FLOW),
    "sector_exporter": ({"level": "sector"}, FLOW[:2]),
    "country_exporter": ({"level": "country"}, FLOW[:1]),
    "country_world": ({"level": "country", "perspective": "world"}, FLOW[:1]),
    "sector_self": ({"level": "sector", "perspective": "self"}, FLOW[:2]),
    # decompr's bilateral `self` is each sector × partner in its own perimeter.
    "bilateral_self": ({"level": "bilateral-sector", "perspective": "self"}, FLOW),
}


@pytest.mark.parametrize("prefix", ["leather_", "gvcatoy_"])
@pytest.mark.parametrize(("name", "approach"), [
    (name, approach) for name in LEVELS for approach in ("source", "sink")
    if not (name.endswith("self") and approach == "sink")])
def test_exports_equal_decompr(golden, prefix, name, approach):
    arguments, keys = LEVELS[name]
    place = golden / "decomposition" / "decompr7"
    expected = decompr(place / f"{prefix}bm_{name}_{approach}.csv")
    got = borin_mancini(decompr_table(place, prefix), approach=approach, **arguments)
    assert list(got.columns[:len(keys)]) == keys
    columns = {c: c for c in ALL if c in got.columns and c in expected.columns}
    assert set(columns) >= {"GEXP", "DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC"}
    assert gap(got, expected, keys, columns, "GEXP") < CLOSE


@pytest.mark.parametrize("prefix", ["leather_", "gvcatoy_"])
def test_imports_equal_decompr(golden, prefix):
    place = golden / "decomposition" / "decompr7"
    io = Leontief(decompr_table(place, prefix))
    country = borin_mancini(io, flow="imports", level="country")
    expected = decompr(place / f"{prefix}bm_imports_country.csv").rename(
        columns={"Importing_Country": "importer"})
    total = {"GIMP": "GIMP", "VA": "VA", "DC": "DC"}
    assert gap(country, expected, ["importer"], total, "GIMP") < CLOSE
    origin = borin_mancini(io, flow="imports", level="bilateral")
    expected = pd.read_csv(place / f"{prefix}bm_imports_bilateral.csv").rename(
        columns={"Importing_Country": "importer", "Origin_Country": "origin"})
    assert gap(origin, expected, ["importer", "origin"], {"VA": "VA", "DC": "DC"}, "VA") < CLOSE
    # By sector: products add up to the country, and so do origins.
    sector = borin_mancini(io, flow="imports", level="sector")
    np.testing.assert_allclose(
        sector.groupby("importer", observed=True)[list(total)].sum(),
        country[list(total)], rtol=1e-12)
    np.testing.assert_allclose(sector["VA"] + sector["DC"], sector["GIMP"], rtol=1e-12)
    both = borin_mancini(io, flow="imports", level="bilateral-sector")
    np.testing.assert_allclose(
        both.groupby(["importer", "origin"], observed=True)[["VA", "DC"]].sum(),
        origin[["VA", "DC"]], rtol=1e-12)


@pytest.fixture(scope="module")
def wiodtest(golden) -> Leontief:
    return Leontief(exvatools_table(golden / "decomposition" / "exvatools" / "wiodtest"))


@pytest.fixture(scope="module")
def exvatools_file(golden):
    return lambda name: exvadec(golden / "decomposition/exvatools/wiodtest"
                                / f"exvadec_{name}.csv")


def flows(frame: pd.DataFrame, io: Leontief, groups: bool) -> pd.DataFrame:
    if groups:
        own = frame[frame["exporter"].isin(GROUPS)]
        keep = [r not in GROUPS[g] for g, r in zip(own["exporter"], own["importer"], strict=True)]
        return own[keep]
    own = frame[frame["exporter"].isin(io.countries) & (frame["exporter"] == frame["seller"])]
    return own[own["exporter"] != own["importer"]]


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("name", ["bm_src_standard", "bm_src_terms", "bm_snk_standard"])
def test_exports_of_countries_and_groups_equal_exvatools(wiodtest, exvatools_file, name, groups):
    expected = flows(exvatools_file(name), wiodtest, groups)
    got = borin_mancini(wiodtest, approach="sink" if "snk" in name else "source",
                        exporters=GROUPS if groups else None, terms=name == "bm_src_terms")
    columns = {c: c for c in expected.columns if c not in ("EXGR", "seller", *FLOW)}
    assert set(columns) <= set(got.columns)
    assert gap(got, expected, FLOW, columns | {"GEXP": "EXGR"}, "GEXP") < CLOSE


def test_sink_terms_of_exvatools_add_up_to_ours(wiodtest, exvatools_file):
    expected = flows(exvatools_file("bm_snk_terms"), wiodtest, False).copy()
    for name, terms in (("VAX", 4), ("REF", 2), ("FVA", 4)):
        expected[name] = expected[[f"{name}{k + 1}" for k in range(terms)]].sum(axis=1)
    got = borin_mancini(wiodtest, approach="sink")
    columns = {c: c for c in ("VAX", "REF", "FVA", "DDC", "FDC")}
    assert gap(got, expected, FLOW, columns, "GEXP") < CLOSE


def test_a_group_is_not_the_sum_of_its_members(wiodtest):
    one = borin_mancini(wiodtest, level="country", exporters={"NAFTA": GROUPS["NAFTA"]})
    apart = borin_mancini(wiodtest, level="country").set_index("exporter").loc[GROUPS["NAFTA"]]
    trade = borin_mancini(wiodtest, level="bilateral").set_index(["exporter", "importer"])
    inside = sum(trade.loc[pair, "GEXP"] for pair in (("MEX", "USA"), ("USA", "MEX")))
    assert one["GEXP"].item() == pytest.approx(apart["GEXP"].sum() - inside, rel=1e-12)
    assert abs(one["DVA"].item() - apart["DVA"].sum()) > 1


# What exvatools prints, less partners within the exporting group, and less ESP to EU27.
TARGETED = [(exporter, partner, sector)
            for exporter, partners in {"ESP": ("USA", "CHN", "WLD"), "USA": ("CHN", "EU27", "WLD"),
                                       "CHN": ("USA", "EU27", "WLD"),
                                       "NAFTA": ("CHN", "EU27", "WLD")}.items()
            for partner in partners for sector in ("TOTAL", "MANUF", "SRVWC")
            if (partner, sector) != ("WLD", "TOTAL")]


@pytest.mark.parametrize("name", ["bm_src_terms_targeted", "my_standard_targeted",
                                  "my_terms_targeted"])
@pytest.mark.parametrize("target", TARGETED, ids="-".join)
def test_own_perimeters_equal_exvatools(wiodtest, exvatools_file, target, name):
    exporter, partner, sector = target
    frame = exvatools_file(name)
    frame = frame[(frame["exporter"] == exporter) & (frame["target_partner"] == partner)
                  & (frame["target_sector"] == sector)]
    members = GROUPS.get(exporter, [exporter])
    level = {"WLD": "sector"}.get(partner, "bilateral" if sector == "TOTAL" else
                                  "bilateral-sector")
    more = {"partners": {partner: GROUPS[partner]}} if partner in GROUPS else {}
    if exporter in GROUPS:
        more["exporters"] = {exporter: members}
    got = borin_mancini(wiodtest, level=level, perspective="self", **more)
    got = got[got["exporter"] == exporter]
    got = got if partner == "WLD" else got[got["importer"] == partner]
    got = got if sector == "TOTAL" else got[got["sector"] == SECTORS[sector][0]]
    assert len(got) == 1
    expected = frame.sum(numeric_only=True)
    if "VAX1" in frame:
        expected["DAVAX"] = expected["VAX1"] + expected["VAX2"]
        expected["VAX"] = expected["DAVAX"] + expected["VAX3"] + expected["VAX4"]
        expected["REF"] = expected["REF1"] + expected["REF2"]
        expected["DVA"] = expected["VAX"] + expected["REF"]
        expected["FVA"] = expected[["FVA1", "FVA2", "FVA3", "FVA4"]].sum()
    columns = [c for c in ALL if c in expected.index]
    assert {"DVA", "DDC", "FVA", "FDC"} <= set(columns)
    for column in columns:
        assert abs(got[column].item() - expected[column]) < CLOSE * expected["EXGR"], column


def test_a_partner_group_with_the_exporter_in_it_keeps_its_domestic_block(
        wiodtest, exvatools_file):
    """ESP to EU27 = {ESP, FRA} is ESP to FRA; exvatools zeroes ESP's own block and differs."""
    arguments = {"level": "bilateral", "perspective": "self"}
    group = borin_mancini(wiodtest, partners={"EU27": GROUPS["EU27"]}, **arguments)
    group = group[(group["exporter"] == "ESP") & (group["importer"] == "EU27")]
    alone = borin_mancini(wiodtest, **arguments)
    alone = alone[(alone["exporter"] == "ESP") & (alone["importer"] == "FRA")]
    for column in ("GEXP", "DVA", "DDC", "FVA", "FDC"):
        assert group[column].item() == pytest.approx(alone[column].item(), rel=1e-13)
    frame = exvatools_file("my_standard_targeted")
    theirs = frame[(frame["exporter"] == "ESP") & (frame["target_partner"] == "EU27")
                   & (frame["target_sector"] == "TOTAL")].sum(numeric_only=True)
    # The domestic block cannot raise domestic value added counted within one flow to France.
    A = wiodtest.A.copy()
    A[:3, 3:6] = 0
    v = wiodtest.v[:3]
    right = v @ np.linalg.inv(np.eye(18) - A)[:3, :3] @ wiodtest.E_bilateral[:3, 1]
    assert group["DVA"].item() == pytest.approx(right, rel=1e-12)
    assert abs(theirs["DVA"] - right) > 1


def test_world_perimeter_of_exvatools_is_our_source_split(wiodtest, exvatools_file):
    """exvatools prints FVA = 0 there; its FDC1 is Borin and Mancini's FVA, FDC2 the rest."""
    frame = exvatools_file("my_terms_perimWLD")
    own = frame[frame["exporter"].isin(wiodtest.countries)
                & (frame["exporter"] == frame["seller"])]
    expected = own.groupby("exporter").sum(numeric_only=True).reset_index()
    assert (expected["FVA"] == 0).all()
    got = borin_mancini(wiodtest, level="country", perspective="world")
    assert gap(got, expected.drop(columns="FVA"), ["exporter"], {
        "FVA": "FDC1", "FDC": "FDC2", "DVA": "DVA", "DDC": "DDC"}, "GEXP") < CLOSE


def gvcanalyzer_table(place, prefix: str) -> IcioTable:
    if prefix == "leather_":
        return decompr_table(place, prefix)
    given = pd.read_csv(place / f"{prefix}in_VA_X.csv", index_col="row")
    Z, Y = (pd.read_csv(place / f"{prefix}in_{name}.csv", index_col="row") for name in "ZY")
    return IcioTable.from_arrays(
        Z.to_numpy(), Y.to_numpy(), X=given["X"].to_numpy(), VA=given["VA"].to_numpy(),
        countries=list(Y.columns), sectors=["Primary", "Manufacturing", "Service"],
        policy={"unbalanced": "keep", "value_added": "given"})


@pytest.mark.parametrize(("file", "arguments", "names"), [
    ("exporter_total", {"level": "country"}, "{}_s"),
    ("bilateral_source", {"level": "bilateral"}, "{}source_sr"),
    ("bilateral_pure", {"level": "bilateral", "perspective": "self"}, "{}_star_sr"),
    ("bilateral_sink", {"level": "bilateral", "approach": "sink"}, "{}sink_sr"),
])
@pytest.mark.parametrize("prefix", ["leather_", "toy_"])
def test_exports_equal_gvcanalyzer(golden, prefix, file, arguments, names):
    place = golden / "decomposition" / "gvcAnalyzer"
    expected = pd.read_csv(place / f"{prefix}bm_2023_{file}_all.csv").rename(
        columns={"country": "exporter"})
    io = Leontief(gvcanalyzer_table(place, prefix))
    got = borin_mancini(io, **arguments)
    keys = [k for k in ("exporter", "importer") if k in expected.columns]
    ours = {part: names.format(part) for part in ("DVA", "DDC", "FVA", "FDC")}
    # The toy does not balance: what a sink calls "last" then closes to 5e-7 only.
    close = 1e-6 if (prefix, file) == ("toy_", "bilateral_sink") else CLOSE
    assert gap(got, expected, keys, ours, "GEXP") < close


@pytest.mark.parametrize("prefix", ["leather_", "toy_"])
def test_tripartite_and_traditional_trade_equal_gvcanalyzer(golden, prefix):
    place = golden / "decomposition" / "gvcAnalyzer"
    expected = pd.read_csv(place / f"{prefix}bm_2025_tripartite_trade_all.csv")
    io = Leontief(gvcanalyzer_table(place, prefix))
    got = borin_mancini(io, level="bilateral")
    assert gap(got, expected, ["exporter", "importer"],
               {"DAVAX": "DAVAX_sr", "GEXP": "E_sr"}, "GEXP") < CLOSE
    if prefix == "leather_":
        three = participation(io, definition="tripartite", by="bilateral")
        both = got.merge(three, on=["exporter", "importer"], suffixes=("", "_three"))
        np.testing.assert_allclose(both["GVC"], both[["PF", "PB", "TS"]].sum(axis=1), rtol=1e-12)
