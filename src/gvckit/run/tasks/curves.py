"""Estimate a specification curve on the rows chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.models.curve import curve, one_by_one
from gvckit.models.seeds import seed_of
from gvckit.run.tasks.select import SAMPLE


def estimate(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> pd.DataFrame:
    """Return one row a specification, with the joint inference in its attributes.

    ``inputs["rows"]`` maps each sample that varies to its rows; without any, the only entry is
    the model's own.  ``inputs["parts"]`` are what :func:`part` returned.
    """
    frame, options = _asked(inputs, params)
    parts = list(inputs.get("parts") or ())
    return curve(
        frame, params["model"], known=pd.concat(parts, ignore_index=True) if parts else None,
        draws=params["draws"], seed=seed_of(params["seed"], params["name"]), **options)


def part(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> pd.DataFrame:
    """Return some of the specifications that are estimated one by one."""
    frame, options = _asked(inputs, params)
    return one_by_one(frame, params["model"], params["numbers"], **options)


def _asked(inputs: Mapping[str, Any], params: Mapping[str, Any]
           ) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows, and what every function of a curve is asked."""
    chosen = {name: rows["frame"] for name, rows in dict(inputs["rows"]).items()}
    frame = next(iter(chosen.values()))
    masks = {name: rows[SAMPLE].to_numpy() for name, rows in chosen.items()}
    varied = "sample" in params["vary"]
    return frame.drop(columns=SAMPLE), {
        "vary": params["vary"], "unit": params["unit"], "time": params["time"],
        "coefficient": params["coefficient"], "sample": None if varied else frame[SAMPLE],
        "samples": masks if varied else None, "name": params["name"]}
