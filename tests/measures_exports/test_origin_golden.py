"""Origin × use against decompr, exvatools and gvc; footprints against pymrio."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import GROUPS, decompr_table, exvatools_table, gap

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.origin import value_added_origin
from gvckit.measures.tiva import tiva
from gvckit.measures.vertical import vax, vs

pytestmark = pytest.mark.data

CLOSE = 1e-12
KEYS = {"exports": ["origin", "origin_sector", "exporter", "sector"],
        "output": ["origin", "origin_sector", "producer", "sector"],
        "final_demand": ["origin", "origin_sector", "destination"]}


@pytest.mark.parametrize("use", KEYS)
@pytest.mark.parametrize(("folder", "prefix", "suffix"), [
    ("decompr6_leather", "", "_long"), ("decompr7", "leather_", ""), ("decompr7", "gvcatoy_", "")])
def test_origin_by_use_equals_decompr(golden, folder, prefix, suffix, use):
    place = golden / "decomposition" / folder
    expected = pd.read_csv(place / f"{prefix}leontief_{use}{suffix}.csv")
    expected.columns = [*KEYS[use], "reference"]
    got = value_added_origin(decompr_table(place, prefix), use=use.removesuffix("_demand"))
    assert gap(got, expected, KEYS[use], {"value": "reference"}, "value") < CLOSE


def test_wide_and_unscaled_leontief_equal_decompr(golden):
    place = golden / "decomposition" / "decompr6_leather"
    io = Leontief(decompr_table(place, ""))
    for use in ("exports", "output"):
        wide = pd.read_csv(place / f"leontief_{use}_wide.csv", index_col="row")
        got = value_added_origin(io, use=use)["value"].to_numpy().reshape(io.n, io.n)
        np.testing.assert_allclose(got, wide, rtol=0, atol=CLOSE * wide.to_numpy().max())
    unscaled = pd.read_csv(place / "leontief_none_wide.csv", index_col="row")
    np.testing.assert_allclose(io.v[:, None] * io.B, unscaled, rtol=0, atol=CLOSE)


@pytest.fixture(scope="module")
def wiodtest(golden) -> Leontief:
    return Leontief(exvatools_table(golden / "decomposition" / "exvatools" / "wiodtest"))


TYPES = {"TC": ("all", "content"), "DC": ("domestic", "content"), "FC": ("foreign", "content"),
         "TVA": ("all", "value-added"), "DVA": ("domestic", "value-added"),
         "FVA": ("foreign", "value-added")}
GOODS = {"EXGR": "all", "EXGRY": "all", "EXGRY_FIN": "final", "EXGRY_INT": "intermediate"}


@pytest.mark.parametrize("exporter", ["ESP", "CHN", "NAFTA"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_slice_equals_exvadir(golden, wiodtest, exporter, kind):
    frame = pd.read_csv(golden / "decomposition/exvatools/wiodtest/exvadir.csv",
                        dtype={"row": str, "col": str})
    frame = frame[(frame["row"] != "1") & (frame["exporter"] == exporter)
                  & (frame["va_type"] == kind)].astype({"value": float})
    parts = frame["row"].str.partition("_")
    frame["origin"] = parts[0].replace(dict.fromkeys(GROUPS.get(exporter, ()), exporter))
    frame["any_sector"] = parts[2]
    io = wiodtest.joined({exporter: GROUPS[exporter]}) if exporter in GROUPS else wiodtest
    content, counted = TYPES[kind]
    calls = frame.groupby(["flow_type", "perspective", "sec_orig", "via"])
    assert len(calls) == 32
    for (flow, perspective, origin_sector, via), cells in calls:
        if exporter in GROUPS and (via == "USA" or flow != "EXGR"):
            continue  # members as first importers or destinations: see the next test
        sector = "sector" if perspective == "exporter" else "origin_sector"
        # With a first importer named, exvatools spreads the flow over destinations.
        column = "importer" if (flow, via) == ("EXGR", "any") else "destination"
        more = {} if origin_sector == "all" else {"origin_sector": "41T98"}
        more |= {} if via == "any" else {"importer": via}
        got = value_added_origin(io, by=("origin", sector, column), content=content,
                                 counted=counted, goods=GOODS[flow], exporter=exporter, **more)
        sums = cells.groupby(["origin", "any_sector", "col"])["value"].sum()
        reference = dict(sums.items())
        total = 0.0
        for row in got.itertuples(index=False):
            key = (row[0], row[1], row[2])
            if key not in reference and row[2] == exporter:
                continue
            assert abs(row.value - reference[key]) < CLOSE * 4000, (flow, perspective, key)
            total += row.value
        assert abs(total - cells["value"].sum()) < 1e-9


def test_groups_as_exporters_by_destination_equal_exvadir(golden, wiodtest):
    """Absorption inside the group is one column of ours, the members' columns of theirs."""
    frame = pd.read_csv(golden / "decomposition/exvatools/wiodtest/exvadir.csv",
                        dtype={"row": str, "col": str})
    cells = frame[(frame["row"] != "1") & (frame["exporter"] == "NAFTA")
                  & (frame["flow_type"] == "EXGRY") & (frame["perspective"] == "exporter")
                  & (frame["sec_orig"] == "all") & (frame["via"] == "any")
                  & (frame["va_type"] == "TC")].astype({"value": float})
    to = cells["col"].replace({"MEX": "NAFTA", "USA": "NAFTA"})
    expected = cells.groupby(to)["value"].sum()
    got = value_added_origin(wiodtest.joined({"NAFTA": GROUPS["NAFTA"]}), by="destination",
                             exporter="NAFTA").set_index("destination")["value"]
    for country, value in expected.items():
        assert got[country] == pytest.approx(value, rel=1e-12)


def sums(golden, name):
    return pd.read_csv(golden / "decomposition" / "exvatools" / "wiodtest" / f"{name}.csv")


def named(word: str, everything: str) -> dict[str, list[str]]:
    sectors = {"MANUF": ["10T39"], "SRVWC": ["41T98"]}
    return {} if word == everything else {"of": sectors.get(word, [word])}


def test_sums_over_exports_equal_exvatools(golden, wiodtest):
    rows = sums(golden, "get_va_exgr")
    for row in rows.itertuples():
        io = (wiodtest.joined({row.geo_export: GROUPS[row.geo_export]})
              if row.geo_export in GROUPS else wiodtest)
        content, counted = TYPES[row.va_type]
        slices = {"exporter": [row.geo_export]}
        for key, chosen in (("origin", named(row.geo_orig, "WLD")),
                            ("origin_sector", named(row.sec_orig, "TOTAL")),
                            ("sector", named(row.sec_export, "TOTAL"))):
            if chosen:
                slices[key] = chosen["of"]
        got = value_added_origin(io, by="exporter", content=content, counted=counted, **slices)
        assert abs(got["value"].item() - row.value) < CLOSE * rows["value"].max()
    services = rows[(rows["geo_export"] == "ESP") & (rows["sec_export"] == "MANUF")]
    assert len(services) > 0


def test_sums_over_absorption_equal_exvatools(golden, wiodtest):
    rows = sums(golden, "get_va_exgry")
    for row in rows.itertuples():
        slices = {"exporter": [row.geo_export]}
        for key, chosen in (("origin", named(row.geo_orig, "WLD")),
                            ("sector", named(row.sec_export, "TOTAL")),
                            ("destination", named(row.geo_fd, "WLD"))):
            if chosen:
                slices[key] = chosen["of"]
        got = value_added_origin(wiodtest, by="exporter", content=TYPES[row.va_type][0],
                                 goods=GOODS[row.flow_type], **slices)
        assert abs(got["value"].item() - row.value) < CLOSE * rows["value"].max()


def test_sums_over_final_demand_equal_exvatools(golden, wiodtest):
    cube = value_added_origin(wiodtest, use="final", by=(
        "origin", "origin_sector", "sector", "destination")).astype(
        dict.fromkeys(("origin", "origin_sector", "sector", "destination"), str))
    rows = sums(golden, "get_va_fd")
    sectors = {"MANUF": ["10T39"], "SRVWC": ["41T98"], "TOTAL": list(wiodtest.sectors)}
    world = list(wiodtest.countries)
    for row in rows.itertuples():
        origin = world if row.geo_orig == "WLD" else GROUPS.get(row.geo_orig, [row.geo_orig])
        to = world if row.geo_fd == "WLD" else GROUPS.get(row.geo_fd, [row.geo_fd])
        cells = cube[cube["origin"].isin(origin) & cube["destination"].isin(to)
                     & cube["origin_sector"].isin(sectors[row.sec_orig])
                     & cube["sector"].isin(sectors[row.sec_fd])]
        home = cells["origin"] == cells["destination"]
        if row.geo_orig in GROUPS:
            home = cells["destination"].isin(origin)
        keep = {"TOTAL": home | ~home, "VAD": home, "DFD": home, "VAX": ~home, "FFD": ~home}
        got = cells.loc[keep[row.va_type], "value"].sum()
        assert abs(got - row.value) < CLOSE * rows["value"].max(), row


NAMES = ("EXGR", "EXGR_FNL", "EXGR_INT", "IMGR", "IMGR_FNL", "IMGR_INT", "BALGR", "EXGR_DVA",
         "EXGR_DDC", "EXGR_IDC", "EXGR_RIM", "EXGR_FVA", "FFD_DVA", "DFD_FVA", "BALVAFD",
         "DEXFVAP", "FEXDVAP")


def exvatools_tiva(golden) -> pd.DataFrame:
    frame = pd.read_csv(golden / "decomposition/exvatools/wiodtest/exvadec_oecd_tiva.csv")
    parts = frame["row"].str.partition("_")
    return frame.assign(seller=parts[0], sector=parts[2])


def test_tiva_indicators_equal_exvatools(golden, wiodtest):
    frame = exvatools_tiva(golden)
    own = frame[(frame["exporter"] == frame["seller"]) & (frame["col"] != frame["exporter"])]
    wide = own[own["var"].isin(NAMES)].pivot(
        index=["exporter", "sector", "col"], columns="var", values="value").reset_index().rename(
        columns={"col": "importer"})
    wide = wide[wide["exporter"].isin(wiodtest.countries)]
    got = tiva(wiodtest, by="bilateral-sector")
    columns = {name: name for name in NAMES}
    assert gap(got, wide, ["exporter", "sector", "importer"], columns, "EXGR") < CLOSE
    total = tiva(wiodtest, by="country").set_index("exporter")
    home = frame[(frame["exporter"] == frame["seller"]) & frame["var"].isin(
        ["DXD_DVA", "FD_VA", "VA", "PROD"])].groupby(["exporter", "var"])["value"].sum()
    for (country, name), value in home.items():
        if country in wiodtest.countries:
            assert total.loc[country, name] == pytest.approx(value, rel=1e-12)


def test_tiva_of_groups_equals_exvatools(golden, wiodtest):
    frame = exvatools_tiva(golden)
    view = wiodtest.joined({"NAFTA": GROUPS["NAFTA"]})
    got = tiva(view).set_index("exporter").loc["NAFTA"]
    sums_of = frame[frame["exporter"] == "NAFTA"].groupby("var")["value"].sum()
    for name in ("EXGR", "EXGR_DVA", "EXGR_RIM", "EXGR_FVA"):
        assert got[name] == pytest.approx(sums_of[name], rel=1e-12), name


def test_oecd_participation_of_exvatools_counts_twice(golden, wiodtest):
    """Its GVC is foreign content plus VS1, which may exceed exports; ours is never built so."""
    frame = pd.read_csv(golden / "decomposition/exvatools/wiodtest/exvadec_oecd_standard.csv")
    theirs = frame[frame["exporter"] == "ESP"].groupby("var")["value"].sum()
    ours = vs(wiodtest).set_index("exporter").loc["ESP"]
    assert ours["VS_KWW"] == pytest.approx(theirs["GVCB"], rel=1e-12)
    assert ours["VS1"] == pytest.approx(theirs["GVCF"], rel=1e-12)
    assert theirs["GVC"] > theirs["EXGR"]
    GVC = borin_mancini(wiodtest, level="country").set_index("exporter").loc["ESP", "GVC"]
    assert ours["exports"] > GVC


def test_vertical_specialisation_equals_gvc(golden):
    place = golden / "decomposition" / "gvc"
    io = Leontief(decompr_table(golden / "decomposition" / "decompr7", "leather_"))
    cells = value_added_origin(io)
    abroad = cells[cells["origin"].astype(str) != cells["exporter"].astype(str)]
    i2e = pd.read_csv(place / "i2e.csv").set_index(["country", "sector"])["i2e"]
    e2r = pd.read_csv(place / "e2r.csv").set_index(["country", "sector"])["e2r"]
    by = vs(io, by="sector").set_index(["exporter", "sector"])
    held = abroad.groupby(["exporter", "sector"], observed=True)["value"].sum()
    sold = abroad.groupby(["origin", "origin_sector"], observed=True)["value"].sum()
    for key in i2e.index:
        assert held[key] == pytest.approx(i2e[key], rel=1e-12)
        assert by.loc[key, "VS_KWW"] == pytest.approx(i2e[key], rel=1e-12)
        assert sold[key] == pytest.approx(e2r[key], rel=1e-12)
        assert by.loc[key, "VS1"] == pytest.approx(e2r[key], rel=1e-12)
    turkey = pd.read_csv(place / "i2e_Source_Country_Turkey.csv")
    from_turkey = value_added_origin(io, by=("exporter", "sector"), content="foreign",
                                     origin="Turkey").set_index(["exporter", "sector"])["value"]
    for row in turkey.itertuples():
        assert from_turkey[(row.country, row.sector)] == pytest.approx(row.i2e, abs=1e-12)


def test_value_added_in_final_demand_equals_gvc(golden):
    place = golden / "decomposition" / "gvc"
    io = Leontief(decompr_table(golden / "decomposition" / "decompr7", "leather_"))
    cells = value_added_origin(io, use="final")
    home = cells["origin"].astype(str) == cells["destination"].astype(str)
    cases = {
        # The file's value column carries the wrong name.
        "dfddva_sector": (cells[home], ["destination", "origin_sector"], "dfdfva"),
        "dfddva_aggregate": (cells[home], ["destination"], "dfddva"),
        "dfdfva_sector": (cells[~home], ["destination", "origin_sector"], "dfdfva"),
        "dfdfva_aggregate": (cells[~home], ["destination"], "dfdfva"),
        "ffddva_sector": (cells[~home], ["origin", "origin_sector"], "ffddva"),
        "ffddva_aggregate": (cells[~home], ["origin"], "ffddva"),
    }
    for name, (part, keys, column) in cases.items():
        reference = pd.read_csv(place / f"{name}.csv")
        got = part.groupby(keys, observed=True)["value"].sum()
        for row in reference.itertuples(index=False):
            key = tuple(row[:len(keys)])
            assert got[key if len(keys) > 1 else key[0]] == pytest.approx(
                getattr(row, column), rel=1e-12), name
    country = vax(io).set_index("exporter")["VAX"]
    reference = pd.read_csv(place / "ffddva_aggregate.csv").set_index("Source_Country")["ffddva"]
    for name, value in reference.items():
        assert country[name] == pytest.approx(value, rel=1e-12)


def test_nrca_of_gvc_is_a_value_added_balassa(golden):
    place = golden / "decomposition" / "gvc"
    io = Leontief(decompr_table(golden / "decomposition" / "decompr7", "leather_"))
    cells = value_added_origin(io, by=("exporter", "origin_sector"), content="domestic")
    wide = cells.pivot(index="exporter", columns="origin_sector", values="value")
    share = wide.div(wide.sum(axis=1), axis=0) / (wide.sum() / wide.to_numpy().sum())
    reference = pd.read_csv(place / "nrca_long.csv")
    for row in reference.itertuples(index=False):
        country, _, sector = row.row.partition(".")
        assert share.loc[country, sector] == pytest.approx(row.nrca, rel=1e-12)


def pymrio(place, name: str, columns: int = 2) -> pd.DataFrame:
    header = [0, 1] if columns == 2 else [0]
    return pd.read_csv(place / f"{name}.csv", header=header, index_col=[0, 1])


def test_footprints_equal_pymrio(golden):
    """Emissions in place of value added: consumption-based, in exports and in imports."""
    place = golden / "decomposition" / "pymrio"
    Z, Y = pymrio(place, "Z"), pymrio(place, "Y")
    regions = list(dict.fromkeys(Z.index.get_level_values(0)))
    sectors = list(dict.fromkeys(Z.index.get_level_values(1)))
    table = IcioTable.from_arrays(Z.to_numpy(), Y.to_numpy(), countries=regions, sectors=sectors,
                                  categories=list(Y.columns.get_level_values(1)[:7]))
    io = Leontief(table)
    for name, ours in (("A", io.A), ("L", io.B)):
        reference = pymrio(place, name).to_numpy()
        np.testing.assert_allclose(ours, reference, rtol=0, atol=CLOSE * reference.max())
    F = pymrio(place, "emissions_F")
    cba, exports, imports = (pymrio(place, f"emissions_D_{name}") for name in ("cba", "exp", "imp"))
    for stressor in F.index:
        account = pd.Series(F.loc[stressor].to_numpy(), index=pd.MultiIndex.from_tuples(
            list(F.columns)), name=stressor[0])
        absorbed = value_added_origin(io, use="final", by=("producer", "sector", "destination"),
                                      satellite=account)
        by_product = absorbed.groupby(["destination", "sector"], observed=True)["value"].sum()
        scale = cba.loc[stressor].max()
        for region, sector in cba.columns:
            assert abs(by_product[(region, sector)] - cba.loc[stressor, (region, sector)]
                       ) < CLOSE * scale
        flows = vax(io, by="sector", satellite=account).set_index(["exporter", "sector"])["VAX"]
        for region, sector in exports.columns:
            assert abs(flows[(region, sector)] - exports.loc[stressor, (region, sector)]
                       ) < CLOSE * scale
        into = vax(io, by="bilateral", satellite=account).groupby(
            "importer", observed=True)["VAX"].sum()
        for region in regions:
            assert abs(into[region] - imports.loc[stressor, region].sum()) < CLOSE * scale * 10
