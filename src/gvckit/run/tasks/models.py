"""Estimate one model on the rows chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import ModelError, Problem
from gvckit.models.fit import estimate, fit
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.split import split_fit
from gvckit.run.tasks.select import SAMPLE


def estimated(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
              ) -> Fit | NotEstimated | dict[str, Any]:
    """Return the fit; a model that cannot be estimated is an error only where it is ``must``.

    A model that is split gives the plain form of a :class:`gvckit.models.split.SplitFit`.
    """
    frame = inputs["rows"]["frame"]
    if params["model"].get("split"):
        return _split(frame, params)
    make = fit if params["must"] else estimate
    done = make(frame.drop(columns=SAMPLE), params["model"], unit=params["unit"],
                time=params["time"], name=params["name"], sample=frame[SAMPLE],
                seed=params["seed"])
    warnings = tuple(params.get("warnings", ()))
    if warnings and isinstance(done, Fit):
        return replace(done, warnings=(*done.warnings, *warnings))
    return done


def _split(frame: pd.DataFrame, params: Mapping[str, Any]) -> NotEstimated | dict[str, Any]:
    model = {k: v for k, v in params["model"].items() if k not in ("split", "difference")}
    try:
        done = split_fit(
            frame.drop(columns=SAMPLE), model, params["model"]["split"], unit=params["unit"],
            time=params["time"], difference=params["model"].get("difference"),
            sample=frame[SAMPLE], seed=params["seed"], name=params["name"])
    except ModelError as error:
        if params["must"] or error.exit_code != ModelError.exit_code:
            raise
        return NotEstimated(params["name"], "; ".join(map(str, error.problems)),
                            dict(params["model"]))
    lost = [f"{label}: {one.reason}" for label, one in done.groups
            if isinstance(one, NotEstimated)]
    if lost and params["must"]:
        raise ModelError([Problem(line) for line in lost])
    return done.to_dict()
