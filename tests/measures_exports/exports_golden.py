"""Reading the reference numbers that other software made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gvckit.icio.table import IcioTable

GROUPS = {"NAFTA": ["MEX", "USA"], "EU27": ["ESP", "FRA"], "EMU19": ["ESP", "FRA"]}
SECTORS = {"MANUF": ["10T39"], "SRVWC": ["41T98"]}
FLOW = ["exporter", "sector", "importer"]


def decompr_table(folder: Path, prefix: str, **more) -> IcioTable:
    Z, Y = (pd.read_csv(folder / f"{prefix}in_{name}.csv", index_col="row") for name in "ZY")
    countries = list(Y.columns)
    sectors = [row.partition(".")[2] for row in Z.index[:len(Z) // len(countries)]]
    assert list(Z.index) == list(Z.columns) == [f"{c}.{s}" for c in countries for s in sectors]
    return IcioTable.from_arrays(Z.to_numpy(), Y.to_numpy(), countries=countries,
                                 sectors=sectors, source=folder.name, **more)


def exvatools_table(folder: Path, **more) -> IcioTable:
    """Return a table with final demand padded for countries that only have rows (MX1, CN1, …)."""
    Z = pd.read_csv(folder / "in_Z.csv", index_col="row")
    F = pd.read_csv(folder / "in_Yfd.csv", index_col="row")
    countries = list(dict.fromkeys(row.partition("_")[0] for row in Z.index))
    sectors = list(dict.fromkeys(row.partition("_")[2] for row in Z.index))
    assert list(Z.index) == list(Z.columns) == [f"{c}_{s}" for c in countries for s in sectors]
    columns = [f"{c}_{k}" for c in countries for k in ("CONS", "INVST")]
    F = F.reindex(columns=columns, fill_value=0.0).loc[Z.index]
    return IcioTable.from_arrays(Z.to_numpy(), F.to_numpy(), countries=countries,
                                 sectors=sectors, categories=("CONS", "INVST"),
                                 source=folder.name, **more)


def decompr(path: Path) -> pd.DataFrame:
    """Return a decompr file with our key names, own-country rows left out."""
    frame = pd.read_csv(path).rename(columns={
        "Country": "exporter", "Exporting_Country": "exporter", "Exporting_Industry": "sector",
        "Importing_Country": "importer", "Origin_Country": "origin"})
    if {"exporter", "importer"} <= set(frame.columns):
        frame = frame[frame["exporter"] != frame["importer"]]
    return frame


def exvadec(path: Path, exporters=None) -> pd.DataFrame:
    """Return an exvadec file wide: one row a flow, one column a variable."""
    frame = pd.read_csv(path, dtype={"value": float})
    keys = [k for k in ("exporter", "partner", "sector") if k in frame.columns]
    frame = frame.rename(columns={"partner": "target_partner", "sector": "target_sector"})
    keys = [k if k == "exporter" else f"target_{k}" for k in keys]
    wide = frame.pivot(index=[*keys, "row", "col"], columns="var", values="value").reset_index()
    parts = wide.pop("row").str.partition("_")
    wide["seller"], wide["sector"] = parts[0], parts[2]
    wide = wide.rename(columns={"col": "importer"})
    return wide if exporters is None else wide[wide["exporter"].isin(exporters)]


def gap(got: pd.DataFrame, expected: pd.DataFrame, keys, columns: dict[str, str],
        scale: str) -> float:
    """Return the largest gap over the largest entry, after a merge by labels that loses no row."""
    keys = list(keys)
    left = got.astype(dict.fromkeys(keys, str))
    both = left.merge(expected.astype(dict.fromkeys(keys, str)), on=keys, how="outer",
                      suffixes=("", "_ref"), indicator=True, validate="one_to_one")
    assert (both["_merge"] == "both").all(), both.loc[both["_merge"] != "both", keys].head()
    size = np.abs(both[scale]).max()
    worst = 0.0
    for ours, theirs in columns.items():
        name = theirs if theirs not in got.columns else f"{theirs}_ref"
        worst = max(worst, float(np.abs(both[ours] - both[name]).max()))
    return worst / size
