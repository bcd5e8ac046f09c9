"""Romano and Wolf's p values over the coefficients of a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import ModelError
from gvckit.models.fit import estimate
from gvckit.models.result import Fit
from gvckit.models.stepdown import Hypotheses, romano_wolf_across
from gvckit.run.tasks.select import SAMPLE


def adjusted(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> dict[str, Any]:
    """Return ``{p: {model: {term: p}}, draws, by, clusters}``, or ``{reason}`` without p values.

    Models that cannot be estimated, and terms that were dropped, are not among the tests.
    """
    tested = []
    for name, model in params["models"].items():
        frame = inputs["rows"][name]["frame"]
        plain = {**model, "wild": {"reps": 0}, "randomise": None}
        sample, frame = frame[SAMPLE], frame.drop(columns=SAMPLE)
        done = estimate(frame, plain, unit=params["unit"], time=params["time"], name=name,
                        sample=sample)
        terms = tuple(t for t in params["terms"][name]
                      if isinstance(done, Fit) and t in done.terms)
        if terms:
            tested.append(Hypotheses(name, frame, plain, terms, sample))
    if not tested:
        return {"reason": "no coefficient was estimated"}
    try:
        found = romano_wolf_across(tested, unit=params["unit"], time=params["time"],
                                   seed=params["seed"])
    except ModelError as error:
        return {"reason": "; ".join(dict.fromkeys(problem.what for problem in error.problems))}
    return {"p": found.p, "draws": found.draws, "by": found.by, "clusters": found.clusters}
