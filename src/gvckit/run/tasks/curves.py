"""Estimate a specification curve on the rows chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.models.curve import curve
from gvckit.models.seeds import seed_of
from gvckit.run.tasks.select import SAMPLE


def estimate(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> pd.DataFrame:
    """Return one row a specification, with the joint inference in its attributes.

    ``inputs["rows"]`` maps each sample that varies to its rows; without any, the only entry is
    the model's own.
    """
    chosen = {name: rows["frame"] for name, rows in dict(inputs["rows"]).items()}
    frame = next(iter(chosen.values()))
    masks = {name: part[SAMPLE].to_numpy() for name, part in chosen.items()}
    varied = "sample" in params["vary"]
    return curve(
        frame.drop(columns=SAMPLE), params["model"], vary=params["vary"], unit=params["unit"],
        time=params["time"], coefficient=params["coefficient"],
        sample=None if varied else frame[SAMPLE], samples=masks if varied else None,
        draws=params["draws"], seed=seed_of(params["seed"], params["name"]), name=params["name"])
