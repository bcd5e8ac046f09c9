"""Compare estimates with published numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.models.result import NotEstimated
from gvckit.report.card import Target, report_card, values_of_fit
from gvckit.run.bundle import Bundle


def card(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the report card's files and the targets with status must that were missed."""
    fits = {name: _one(name, done) for name, done in dict(inputs["fits"]).items()}
    targets = [Target.from_dict(name, entry["published"])
               for name, entry in params["targets"].items()]
    values = {name: values_of_fit(fits[entry["model"]], entry["term"])
              for name, entry in params["targets"].items()}
    done = report_card(targets, values)
    missed = [f"{check.target} {check.quantity}" for check in done.failures]
    return Bundle({"files": Bundle(dict(done.files())), "missed": missed,
                   "counts": dict(done.counts)})


def _one(name: str, done: Any) -> Any:
    """Return a fit; a split model has several, so no number of it can be compared."""
    if isinstance(done, Mapping):
        return NotEstimated(name, "the model is split: publish a model for each group", {})
    return done
