"""Estimate one model with random suppliers in the place of the digital ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import ModelError
from gvckit.models.placebo import placebo
from gvckit.models.result import Fit, NotEstimated
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.select import SAMPLE


@dataclass(frozen=True, slots=True)
class _Draws:
    choices: pd.DataFrame
    scores: NDArray[np.float64]
    keys: pd.DataFrame
    baseline: NDArray[np.float64]


def estimate(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> Bundle:
    """Return the point estimate, the estimates of the draws and where the former lies.

    A model that cannot be estimated is an error only where it is ``must``.
    """
    frame, part = inputs["rows"]["frame"], inputs["draws"]
    draws = _Draws(part["choices"], part["scores"], part["keys"], part["baseline"])
    try:
        done = placebo(
            frame.drop(columns=SAMPLE), params["model"], draws, of=params["of"],
            unit=params["unit"], time=params["time"], name=params["name"], sample=frame[SAMPLE],
            derived=params["derived"], scale=params["scale"], seed=params["seed"])
    except ModelError as error:
        if params["must"] or error.exit_code != ModelError.exit_code:
            raise
        return Bundle({"fit": NotEstimated(params["name"], str(error), dict(params["model"]))})
    return Bundle({"fit": done.fit, "rows": done.rows, "summary": done.summary,
                   "chosen": list(part["chosen"])})


def point(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Fit | NotEstimated:
    """Return the point estimate, with where it lies among its statistics."""
    found: Fit | NotEstimated = inputs["done"]["fit"]
    return found
