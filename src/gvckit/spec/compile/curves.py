"""Steps of specification curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gvckit.errors import ModelError, SpecError
from gvckit.models.model import parse_model
from gvckit.models.registry import ESTIMATORS, SSC, VCOV
from gvckit.models.specifications import base_model, is_plain, specifications
from gvckit.run.step import Step
from gvckit.spec.compile.model_keys import MODEL_LIBRARIES, model_keys, model_names
from gvckit.spec.compile.panel import add_selection
from gvckit.spec.compile.plan import Draft, names_in, plain
from gvckit.spec.resolved import ModelSpec

__all__ = ["add_curve", "curve_names"]

JOINT_DRAWS = 500
PART = 25
"""Specifications that are estimated one by one in one step."""
OWN_SAMPLE = "sample"


def curve_names(model: ModelSpec) -> list[str]:
    """Return every variable that any specification of ``model`` uses."""
    vary = model.vary or {}
    texts = [text for key in ("x", "controls", "fe") for texts in vary.get(key, ())
             for text in texts]
    texts += [text for key in ("y", "weights") for text in vary.get(key, ())]
    for se in vary.get("se", ()):
        if isinstance(se, dict):
            texts += [name for value in se.values()
                      for name in (value if isinstance(value, list | tuple) else [value])
                      if isinstance(name, str)]
    return list(dict.fromkeys([*model_names(model), *names_in(texts)]))


def add_curve(draft: Draft, model: ModelSpec, coefficient: str | None) -> str:
    """Add the step of a curve, once for each coefficient looked at, and return its name."""
    name = f"curves.{model.name}" + (f".{coefficient}" if coefficient else "")
    if name in draft.steps:
        return name
    vary = plain(model.vary)
    names = curve_names(model)
    owner = f"models.{model.name}"
    varied = [str(sample) for sample in vary.get("sample", ())]
    rows = {sample: add_selection(draft, owner, names, sample, suffix=f".curve.{sample}")
            for sample in varied} or {
        OWN_SAMPLE: add_selection(draft, owner, names, model.sample, suffix=".curve")}
    unit, time = draft.keys()
    modules = {target.split(":")[0] for table in (ESTIMATORS, VCOV, SSC)
               for target in table.values()}
    asked = {"model": model_keys(model), "vary": vary, "unit": unit, "time": time,
             "name": model.name, "coefficient": coefficient}
    whole = Step(
        name, "gvckit.run.tasks.curves:estimate",
        params={**asked, "draws": JOINT_DRAWS, "seed": draft.spec.paper.seed},
        inputs={"rows": rows}, code=tuple(sorted(modules)), libraries=MODEL_LIBRARIES,
        origin=model.origin)
    try:
        shares = _one_by_one(asked, varied)
    except (SpecError, ModelError):
        shares = []  # the step of the curve tells what is wrong
    parts = [draft.add(replace(
        whole, name=f"{name}.part{i + 1}", fn="gvckit.run.tasks.curves:part",
        params={**asked, "numbers": numbers}))
        for i, numbers in enumerate(shares)]
    return draft.add(replace(whole, inputs={"rows": rows, "parts": parts}) if parts else whole)


def _one_by_one(asked: Mapping[str, Any], samples: Sequence[str]) -> list[list[int]]:
    """Return the numbers of the specifications that are estimated one by one, in equal parts.

    The parts are steps, so that workers share them; they do not depend on how many there are.
    Few of them stay in the step of the curve.
    """
    model, vary = asked["model"], asked["vary"]
    base = base_model(model, vary)
    alone = [base, *({**base, key: value} for key in ("estimator", "se", "fe")
                     for value in vary.get(key, ()))]
    if not any(vary.get("winsor", ())) and all(
            is_plain(parse_model(written, asked["name"])) for written in alone):
        return []
    specs = specifications(model, vary, asked["coefficient"], samples, asked["name"])
    slow = [i for i, spec in enumerate(specs) if not is_plain(spec.model)]
    if len(slow) <= PART:
        return []
    return [slow[start:start + PART] for start in range(0, len(slow), PART)]
