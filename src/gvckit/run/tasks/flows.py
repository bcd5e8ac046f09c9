"""Exports of a table by country and sector."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.run.tasks.measures import system_of
from gvckit.sophistication.sectors import sector_exports


def one_year(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> pd.DataFrame:
    """Return country, product (the sector), value, dva and time of a table's gross exports.

    A sector whose foreign buyers ran down stocks has exports below 0; they count as 0.
    """
    frame = sector_exports(system_of(inputs["table"]), dva=params["dva"], negative="zero")
    out: pd.DataFrame = frame[["country", "product", "value", "dva"]].copy()
    for key in ("country", "product"):
        out[key] = out[key].astype(str)
    out[params["time"]] = params["year"]
    out.attrs = {"definition": str(frame.attrs["definition"])}
    return out
