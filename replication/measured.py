"""Numbers that other people published about known tables, computed with this package.

Each function is a step of the run: it takes what it reads as inputs and files, and returns the
numbers by name, as ``targets.toml`` calls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.accounts import accounts
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.final_shares import final_shares
from gvckit.measures.origin import value_added_origin
from gvckit.measures.participation import participation
from gvckit.measures.production import production
from gvckit.measures.tiva import tiva
from gvckit.measures.upstreamness import upstreamness
from gvckit.measures.vertical import vs
from gvckit.measures.wwz import wwz
from gvckit.sophistication.advantage import advantage
from gvckit.sophistication.complexity import complexity

Inputs = Mapping[str, Any]
Files = Mapping[str, Path]
Numbers = dict[str, float]

WWZ_TERMS = 16
POSITIONS = ("U", "D", "F_GO", "VA_GO")
CLOSE = 0.005


def world(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return the world's participation and the home content of German cars, in percent."""
    io = Leontief(inputs["table"])
    trade = participation(io, definition="trade", by="world")["participation"]
    made = production(io, direction="forward", by="world")["participation"]
    cars = final_shares(io, sectors=["c15"]).set_index("country")["own_share"]
    return {"trade": 100 * float(trade.iloc[0]), "production": 100 * float(made.iloc[0]),
            "german_cars": 100 * float(cars.loc["DEU"])}


def asian_bank(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return the world's participation in the Asian Development Bank's tables, in percent.

    The file has ratios of economies: the world's is their mean with exports, or value added, as
    the weight, that is the ratio of the sums.
    """
    rows = pd.read_parquet(files["indicators"])
    rows = rows[(rows["agg"] == 0) & (rows["t"] == params["year"])]
    return {"economies": float(len(rows)),
            "trade": 100 * float(np.average(rows["GVCP_trade"], weights=rows["Exports"])),
            "production": 100 * float(np.average(rows["GVCP_prod"], weights=rows["va"]))}


def antras_chor(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return how far the four measures are from the published file, and U of countries.

    Rows with positive output count; countries are averages with output as the weight, of our
    upstreamness (``ours_``) and of the published one (``published_``).
    """
    io = Leontief(inputs["table"])
    published = pd.read_parquet(files["published"])
    published = published[published["year"] == params["year"]]
    published["country"] = published["country"].replace({"ROM": "ROU", "RoW": "ROW"})
    published = published.rename(columns={"FUGO": "F_GO", "VAGO": "VA_GO"})
    both = upstreamness(io).astype({"country": str, "sector": str}).merge(
        published, on=["country", "sector"], suffixes=("", "_published"), validate="one_to_one")
    both = both.assign(X=accounts(io)["X"].to_numpy())
    both = both[both["X"] > 0]
    found = {"rows": float(len(both)), "rows_published": float(len(published))}
    for name in POSITIONS:
        other = both[f"{name}_published"]
        found[f"median_gap_{name}"] = float((both[name] - other).abs().median())
        found[f"within_{name}"] = float(((both[name] - other).abs() < CLOSE).sum())
        found[f"correlation_{name}"] = float(np.corrcoef(both[name], other)[0, 1])
    ours = upstreamness(io, by="country").set_index("country")["U"]
    for code in params["countries"]:
        own = both[both["country"] == code]
        found[f"ours_{code}"] = float(ours.loc[code])
        found[f"published_{code}"] = float(np.average(own["U_published"], weights=own["X"]))
    return found


def worst_year(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return what all years together say, and the year that agrees least.

    ``inputs`` are what :func:`antras_chor` returns, by year.  The share of rows that are within
    .005 is above one half where the median gap of all years is below .005.
    """
    years = list(inputs.values())
    rows = sum(year["rows"] for year in years)
    found = {"rows_published": sum(year["rows_published"] for year in years)}
    for name in POSITIONS:
        found[f"share_within_{name}"] = sum(year[f"within_{name}"] for year in years) / rows
        found[f"correlation_{name}"] = min(year[f"correlation_{name}"] for year in years)
    return found


def _toy(files: Files, separator: str, final: tuple[str, ...]) -> IcioTable:
    """Return a toy table from its two matrices; countries without final demand have zeros."""
    Z = pd.read_csv(files["Z"], index_col="row")
    F = pd.read_csv(files["F"], index_col="row")
    countries = list(dict.fromkeys(row.partition(separator)[0] for row in Z.index))
    sectors = list(dict.fromkeys(row.partition(separator)[2] for row in Z.index))
    columns = [f"{c}{separator}{k}" if k else c for c in countries for k in final]
    F = F.reindex(columns=columns, fill_value=0.0).loc[Z.index]
    return IcioTable.from_arrays(Z.to_numpy(), F.to_numpy(), countries=countries, sectors=sectors,
                                 categories=final if final != ("",) else None)


def leather(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return the cells of the toy table ``leather`` that decompr and gvc test."""
    io = Leontief(_toy(files, ".", ("",)))
    exports = value_added_origin(io)["value"].to_numpy()
    output = value_added_origin(io, use="output")["value"].to_numpy()
    final = value_added_origin(io, use="final")["value"].to_numpy()
    content = vs(io, by="sector")
    home = value_added_origin(io, by=("exporter", "origin_sector"), content="domestic")
    wide = home.pivot(index="exporter", columns="origin_sector", values="value").loc[
        list(io.countries), list(io.sectors)]
    nrca = wide.div(wide.sum(axis=1), axis=0) / (wide.sum() / wide.to_numpy().sum())
    cells = {"exports": exports, "output": output, "i2e": content["VS_KWW"].to_numpy(),
             "e2r": content["VS1"].to_numpy(), "nrca": nrca.to_numpy().ravel()}
    found = {f"{name}_{end}": float(values[place]) for name, values in cells.items()
             for end, place in (("first", 0), ("last", -1))}
    return {**found, "final_first": float(final[0]), "final_20th": float(final[19])}


def iciotest(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return the totals and flows of the toy table ``iciotest`` that exvatools tests."""
    io = Leontief(_toy(files, "_", ("CONS", "INVST")))
    found: Numbers = {}
    totals = borin_mancini(io, level="country").set_index("exporter")
    for code in ("ESP", "CHN"):
        for name in totals.columns:
            found[f"{code}_{name}"] = float(totals[name].loc[code])
        found[f"{code}_FC"] = found[f"{code}_FVA"] + found[f"{code}_FDC"]
    flows = borin_mancini(io)
    services = flows[(flows["exporter"] == "ESP") & (flows["importer"] == "USA")
                     & (flows["sector"] == "41T98")].iloc[0]
    for name in ("GEXP", "DVA", "DDC", "FVA", "FDC", "GVC"):
        found[f"services_{name}"] = float(services[name])
    terms = wwz(io)
    goods = terms[(terms["exporter"] == "USA") & (terms["importer"] == "CHN")
                  & (terms["sector"] == "10T39")].iloc[0, 3:]
    found["wwz_exports"] = float(goods.iloc[0])
    for number in range(1, WWZ_TERMS + 1):
        found[f"wwz_T{number}"] = float(goods.iloc[number])
    return {**found, **_perimeters(io), **_contents(io)}


def _perimeters(io: Leontief) -> Numbers:
    """Return the flow of Spain to the United States and its manufactures, each seen by itself."""
    found: Numbers = {}
    for level, place in (("bilateral", {"importer": "USA"}), ("sector", {"sector": "10T39"}),
                         ("bilateral-sector", {"importer": "USA", "sector": "10T39"})):
        own = borin_mancini(io, level=level, perspective="self")
        for key, word in {"exporter": "ESP", **place}.items():
            own = own[own[key] == word]
        for name in ("GEXP", "DVA", "DDC", "FVA", "FDC"):
            found[f"{level}_{name}"] = float(own[name].iloc[0])
    for approach in ("source", "sink"):
        flow = borin_mancini(io, level="bilateral", approach=approach)
        flow = flow[(flow["exporter"] == "ESP") & (flow["importer"] == "USA")]
        found[f"{approach}_DVA"] = float(flow["DVA"].iloc[0])
    group = borin_mancini(io, level="country", exporters={"NAFTA": ["MEX", "USA"]}).iloc[0]
    return found | {f"NAFTA_{name}": float(group[name]) for name in ("GEXP", "DVA", "DDC", "FVA")}


def _contents(io: Leontief) -> Numbers:
    """Return Spain's indicators as the OECD calls them, and two origins of exports."""
    spain = tiva(io).set_index("exporter").loc["ESP"]
    found = {f"tiva_{name}": float(spain[name]) for name in (
        "EXGR", "EXGR_DVA", "EXGR_FVA", "EXGR_DDC", "EXGR_IDC", "EXGR_RIM")}
    services = value_added_origin(io, by="exporter", origin="USA", origin_sector="41T98",
                                  exporter="ESP", sector="10T39")
    returned = value_added_origin(io, by="exporter", origin="USA", exporter="CHN",
                                  sector="10T39", destination="USA")
    return found | {"origin_services": float(services["value"].iloc[0]),
                    "origin_returned": float(returned["value"].iloc[0])}


def products(inputs: Inputs, files: Files, params: Inputs) -> Numbers:
    """Return how far specialisation and fitness are from those of economiccomplexity."""
    trade = pd.read_csv(files["trade"], dtype={"product": str}, keep_default_na=False)
    M = pd.read_csv(files["M"], index_col=0, keep_default_na=False, dtype={"row": str})
    ours = advantage(trade).astype({"country": str, "product": str}).pivot(
        index="country", columns="product", values="advantage")
    specialised = (ours.loc[M.index, M.columns] >= 1).to_numpy()
    fitness = complexity(trade, "fitness").country.astype({"country": str}).set_index("country")
    stored = pd.read_csv(files["fitness"], dtype={"name": str}, keep_default_na=False)
    wanted = stored.set_index("name")["value"]
    gap = np.abs(fitness["index"].loc[wanted.index] - wanted)
    return {"countries": float(M.shape[0]), "products": float(M.shape[1]),
            "cells_that_differ": float((specialised != (M.to_numpy(float) == 1)).sum()),
            "fitness_gap": float(gap.max() / wanted.max())}
