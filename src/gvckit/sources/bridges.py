"""Bridges of trust for personal data: adequacy, membership of the EEA, the APEC rules.

The list of spells, each with its legal source, is ``families/bridges.csv``; a year counts where the
bridge stood for a part of it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["BRIDGES", "bridge_frame"]

DATA_FILES = ("families/bridges.csv", "codes/iso3.csv")

BRIDGES = ("adequacy", "eea", "cbpr")
_HERE = Path(__file__).resolve().parent


def bridge_frame(years: Iterable[int], seed: int = 0) -> pd.DataFrame:
    """Return one row a country and year: a dummy for each bridge, and ``free_flow``.

    ``adequacy``: the European Commission had found its protection of personal data adequate;
    ``eea``: member of the European Economic Area; ``free_flow``: either, so that personal data flow
    from the EEA without further safeguards; ``cbpr``: in the APEC Cross-Border Privacy Rules.
    ``seed`` plays no part.
    """
    with (_HERE / "codes" / "iso3.csv").open(encoding="utf-8", newline="") as stream:
        countries = sorted(row["iso3"] for row in csv.DictReader(stream))
    listed = sorted({int(y) for y in years})
    place = {code: i for i, code in enumerate(countries)}
    there = {bridge: np.zeros((len(countries), len(listed))) for bridge in BRIDGES}
    with (_HERE / "families" / "bridges.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            last = int(row["to"]) if row["to"] else max(listed, default=0)
            spell = [int(row["from"]) <= year <= last for year in listed]
            there[row["bridge"]][place[row["iso3"]], spell] = 1.0
    frame = pd.DataFrame({"country": np.repeat(countries, len(listed)),
                          "year": np.tile(listed, len(countries)),
                          **{bridge: values.ravel() for bridge, values in there.items()}})
    return frame.assign(free_flow=frame[["adequacy", "eea"]].max(axis=1))
