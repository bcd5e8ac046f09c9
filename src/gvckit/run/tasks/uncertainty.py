"""Estimate one model over the variants of its index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import ModelError
from gvckit.models.index_uncertainty import index_uncertainty
from gvckit.models.result import Fit, NotEstimated
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.select import SAMPLE


@dataclass(frozen=True, slots=True)
class _Variants:
    choices: pd.DataFrame
    scores: NDArray[np.float64]
    keys: pd.DataFrame
    baseline: NDArray[np.float64]


def estimate(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> Bundle:
    """Return the point estimate, the estimates of the variants and their summary.

    A model that cannot be estimated is an error only where it is ``must``.
    """
    frame = inputs["rows"]["frame"]
    part = inputs["variants"]
    variants = _Variants(part["choices"], part["scores"], part["keys"], part["baseline"])
    try:
        done = index_uncertainty(
            frame.drop(columns=SAMPLE), params["model"], variants, index=params["index"],
            unit=params["unit"], time=params["time"], name=params["name"], sample=frame[SAMPLE],
            derived=params["derived"], scale=params["scale"])
    except ModelError as error:
        if params["must"] or error.exit_code != ModelError.exit_code:
            raise
        return Bundle({"fit": NotEstimated(params["name"], str(error), dict(params["model"]))})
    warnings = (*done.fit.warnings, *params.get("warnings", ()))
    return Bundle({"fit": replace(done.fit, warnings=warnings), "rows": done.rows,
                   "summary": done.summary})


def point(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Fit | NotEstimated:
    """Return the point estimate."""
    found: Fit | NotEstimated = inputs["done"]["fit"]
    return found
