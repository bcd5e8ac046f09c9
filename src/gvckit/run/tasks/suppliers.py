"""What industries use of each supplier sector, and of random sets of suppliers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.measures.digital_linkages import supplier_use
from gvckit.measures.digital_placebo import supplier_draws
from gvckit.measures.sets import chosen_sectors
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.measures import system_of


def one_year(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> pd.DataFrame:
    """Return the keys, the time and the use of each supplier sector, of one table."""
    keys = list(params["keys"])
    frame = supplier_use(system_of(inputs["table"]), by=keys, **params["arguments"])
    out: pd.DataFrame = frame.astype(dict.fromkeys(keys, str))
    out.insert(len(keys), params["time"], params["year"])
    out.attrs = {"definition": str(frame.attrs["definition"])}
    return out


def draw(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return what industries use of random sets of suppliers."""
    use, keys = inputs["use"], list(params["keys"])
    sectors = chosen_sectors(params["sectors"], [c for c in use.columns if c not in keys])
    done = supplier_draws(use, sectors, draws=params["draws"], seed=params["seed"],
                          exclude=params["exclude"], among=params["among"],
                          own=params["own"], keys=keys)
    return Bundle({"choices": done.choices, "scores": done.scores, "keys": done.keys,
                   "baseline": done.baseline, "chosen": list(done.chosen)})
