"""Estimate one model over the variants of its index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gvckit.models.index_uncertainty import index_uncertainty
from gvckit.models.result import NotEstimated
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.select import SAMPLE
from gvckit.run.tasks.varied import Varied, estimated


def estimate(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> Bundle:
    """Return the point estimate, the estimates of the variants and their summary."""
    frame = inputs["rows"]["frame"]
    done = estimated(lambda: index_uncertainty(
        frame.drop(columns=SAMPLE), params["model"], Varied.of(inputs["variants"]),
        index=params["index"], unit=params["unit"], time=params["time"], name=params["name"],
        sample=frame[SAMPLE], derived=params["derived"], scale=params["scale"]), params)
    if isinstance(done, NotEstimated):
        return Bundle({"fit": done})
    warnings = (*done.fit.warnings, *params.get("warnings", ()))
    return Bundle({"fit": replace(done.fit, warnings=warnings), "rows": done.rows,
                   "summary": done.summary})
