"""Steps that count the observations of a model that rest on imputed values of its indices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gvckit.run.step import Step
from gvckit.spec.compile.index_models import dependent
from gvckit.spec.compile.labels import dictionary
from gvckit.spec.compile.plan import Draft, names_in
from gvckit.spec.index_models import Lineage
from gvckit.spec.resolved import ModelSpec, Spec
from gvckit.spec.schema.measured import CompositeEntry
from gvckit.spec.sources import indicators

__all__ = ["imputed_step"]

LIBRARIES = ("numpy", "pandas")


def imputed_step(draft: Draft, model: ModelSpec, names: Iterable[str]) -> str | None:
    """Add the step that counts imputed observations of ``model`` and return its name.

    None where none of the ``names`` that it uses comes of an index that fills missing values.
    """
    name = f"imputed.{model.name}"
    if name in draft.steps:
        return name
    fit = draft.steps.get(f"models.{model.name}")
    rows = draft.steps.get(f"rows.models.{model.name}")
    used = _filling(draft.spec, names)
    if fit is None or rows is None or not used:
        return None
    unit, time = draft.keys()
    keys = _model_keys(draft, fit)
    panels = {index: _panel(draft, index, model, rows) for index in used}
    labels = {index: dictionary(draft.spec, [index]).get(index, {}).get("label") or {}
              for index in used}
    return draft.add(Step(
        name, "gvckit.run.tasks.imputed:count",
        params={"model": keys, "unit": unit, "time": time, "name": model.name, "labels": labels},
        inputs={"rows": rows.name, "panels": panels}, libraries=LIBRARIES, origin=model.origin))


def _model_keys(draft: Draft, fit: Step) -> dict[str, Any]:
    """Return the keys that are estimated, of a model over variants of its index too."""
    done = fit.inputs.get("done")
    step = draft.steps[done] if isinstance(done, str) else fit
    keys: dict[str, Any] = dict(step.params["model"])
    return keys


def _filling(spec: Spec, terms: Iterable[str]) -> list[str]:
    """Return the composite indices of some terms that have a rule for missing values."""
    lineage = Lineage(spec.data, spec.indices, spec.variables, spec.values)
    used = dict.fromkeys(index for term in terms for index in lineage.indices(term))
    return [index for index in used if any(_fills(spec, one) for one in _within(spec, index))]


def _fills(spec: Spec, index: str) -> bool:
    entry = spec.indices[index]
    assert isinstance(entry, CompositeEntry)
    rules = [entry.composite.missing, *(leaf.missing for leaf, _ in indicators(entry.pillars))]
    return any(rule not in (None, (), ("none",)) for rule in rules)


def _within(spec: Spec, index: str) -> list[str]:
    """Return a composite index and those that it is made of."""
    found: dict[str, None] = {}
    waiting = [index]
    while waiting:
        name = waiting.pop(0)
        entry = spec.indices.get(name)
        if name in found or not isinstance(entry, CompositeEntry):
            continue
        found[name] = None
        leaves = [leaf.expression for leaf, _ in indicators(entry.pillars)]
        waiting += [spec.values[n] for n in names_in(leaves) if n in spec.values]
    return list(found)


def _panel(draft: Draft, index: str, model: ModelSpec, rows: Step) -> str:
    """Add the step of the panel without the imputed values of an index; return its name.

    A model that takes indicators out of the index has a panel of its own.
    """
    source = str(rows.inputs["variables"])
    own = f"indices.{index}.without.{model.name}"
    name = f"imputed.panel.{index}" + (f".{model.name}" if source != "variables" else "")
    if name in draft.steps:
        return name
    spec = draft.spec
    unit, time = draft.keys()
    inside = _within(spec, index)
    steps = {one: f"indices.{one}" for one in inside}
    if own in draft.steps:
        steps[index] = own
    nodes = [n for n, brought in spec.values.items() if brought == index]
    entry = spec.indices[index]
    assert isinstance(entry, CompositeEntry)
    return draft.add(Step(
        name, "gvckit.run.tasks.imputed:without",
        params={"index": index, "nodes": {n: _leaves(entry.pillars, n, index) for n in nodes},
                "unit": unit, "time": time, "derived": dependent(spec, nodes)},
        inputs={"variables": source, "indices": steps}, libraries=LIBRARIES,
        origin=spec.where("indices", index, key=True)))


def _leaves(pillars: Any, node: str, index: str) -> list[str]:
    """Return the indicators below a node of an index."""
    if node == index:
        return [leaf.expression for leaf, _ in indicators(pillars)]
    if isinstance(pillars, dict):
        if node in pillars:
            return [leaf.expression for leaf, _ in indicators(pillars[node])]
        return [leaf for branch in pillars.values() for leaf in _leaves(branch, node, index)]
    return []
