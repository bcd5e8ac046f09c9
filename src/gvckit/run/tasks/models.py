"""Estimate one model on the rows chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gvckit.models.fit import estimate, fit
from gvckit.models.result import Fit, NotEstimated
from gvckit.run.tasks.select import SAMPLE


def estimated(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
              ) -> Fit | NotEstimated:
    """Return the fit; a model that cannot be estimated is an error only where it is ``must``."""
    frame = inputs["rows"]["frame"]
    make = fit if params["must"] else estimate
    done = make(frame.drop(columns=SAMPLE), params["model"], unit=params["unit"],
                time=params["time"], name=params["name"], sample=frame[SAMPLE])
    warnings = tuple(params.get("warnings", ()))
    if warnings and isinstance(done, Fit):
        return replace(done, warnings=(*done.warnings, *warnings))
    return done
