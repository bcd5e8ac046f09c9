"""Estimate one model on the rows chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import ModelError, Problem
from gvckit.models.fit import estimate
from gvckit.models.result import Fit, NotEstimated
from gvckit.run.tasks.select import SAMPLE


def fit(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
        ) -> Fit | NotEstimated:
    """Return the fit; a model that cannot be estimated is an error only where it is ``must``."""
    frame = inputs["rows"]["frame"]
    done = estimate(frame.drop(columns=SAMPLE), params["model"], unit=params["unit"],
                    time=params["time"], name=params["name"], sample=frame[SAMPLE],
                    seed=params["seed"])
    if isinstance(done, NotEstimated) and params["must"]:
        raise ModelError([Problem(line) for line in done.reason.splitlines()])
    return done
