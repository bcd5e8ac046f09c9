"""Estimate one model with random suppliers in the place of the digital ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.models.placebo import placebo
from gvckit.models.result import NotEstimated
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.select import SAMPLE
from gvckit.run.tasks.varied import Varied, estimated


def estimate(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> Bundle:
    """Return the point estimate, the estimates of the draws and where the former lies."""
    frame, part = inputs["rows"]["frame"], inputs["draws"]
    done = estimated(lambda: placebo(
        frame.drop(columns=SAMPLE), params["model"], Varied.of(part), of=params["of"],
        unit=params["unit"], time=params["time"], name=params["name"], sample=frame[SAMPLE],
        derived=params["derived"], scale=params["scale"], seed=params["seed"]), params)
    if isinstance(done, NotEstimated):
        return Bundle({"fit": done})
    return Bundle({"fit": done.fit, "rows": done.rows, "summary": done.summary,
                   "chosen": list(part["chosen"])})
