"""The step of a table whose p values are adjusted with draws that its models share."""

from __future__ import annotations

from collections.abc import Sequence

from gvckit.errors import Problem
from gvckit.report.labels import related
from gvckit.run.step import Step
from gvckit.spec.compile.plan import Draft
from gvckit.spec.resolved import ModelSpec

__all__ = ["stepdown_step"]


def stepdown_step(draft: Draft, table: str, models: Sequence[ModelSpec], show: Sequence[str]
                  ) -> str:
    """Add the step of Romano and Wolf's p values of a table; return its name.

    It takes what the steps of the models take: their rows and their keys.
    """
    where = draft.spec.where("tables", table, "adjust")
    for model in models:
        if model.model.get("split"):
            draft.problems.append(Problem(
                f"adjust: romano-wolf does not draw the groups of the split model {model.name!r}",
                where, allowed="holm, bh"))
        if model.model.get("threshold"):
            draft.problems.append(Problem(
                f"adjust: romano-wolf does not draw the regimes of {model.name!r}", where,
                allowed="holm, bh"))
        for key in ("index_uncertainty", "placebo"):
            if model.model.get(key):
                draft.problems.append(Problem(
                    f"adjust: romano-wolf takes no {key}, which {model.name!r} has",
                    where, allowed="holm, bh"))
    steps = {m.name: draft.steps[f"models.{m.name}"] for m in models}
    terms = {m.name: list(dict.fromkeys(
        t for entry in show or m.focal for t in related(entry, m.terms) if t in m.focal))
        for m in models}
    first = next(iter(steps.values()))
    return draft.add(Step(
        f"adjusted.{table}", "gvckit.run.tasks.stepdown:adjusted",
        params={"models": {m: s.params.get("model") for m, s in steps.items()}, "terms": terms,
                "unit": first.params.get("unit"), "time": first.params.get("time"),
                "seed": draft.spec.paper.seed},
        inputs={"rows": {m: str(s.inputs["rows"]) for m, s in steps.items()
                         if "rows" in s.inputs}},
        code=tuple(sorted({c for s in steps.values() for c in s.code})),
        libraries=first.libraries, origin=where))
