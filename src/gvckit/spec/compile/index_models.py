"""Steps of models whose index is varied, or loses the indicators that the outcome is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gvckit.indices.vary import plan_of
from gvckit.run.canonical import dumps, sha256_text
from gvckit.run.step import Step
from gvckit.spec.compile.plan import Draft, names_in
from gvckit.spec.index_models import AUTO, Lineage
from gvckit.spec.resolved import ModelSpec, Spec

__all__ = ["add_index_steps", "behind_rows", "dependent"]


def add_index_steps(draft: Draft, model: ModelSpec, rows: Step, fit: Step) -> None:
    """Add the step ``fit`` of a model, with what its index needs before it.

    ``rows`` is the step that chooses the model's rows.
    """
    spec = draft.spec
    left: dict[str, list[str]] = {}
    warnings: list[str] = []
    if any(entry.kind == "composite" for entry in spec.indices.values()):
        lineage = Lineage(spec.data, spec.indices, spec.variables, spec.values)
        left = _left_out(model, lineage)
        warnings = _warnings(model, lineage, left)
    if left:
        _replace_rows(draft, model, rows, left)
    if warnings:
        fit = replace(fit, params={**fit.params, "warnings": warnings})
    uncertain = model.model.get("index_uncertainty")
    draft.add(_uncertain(draft, model, fit, dict(uncertain), left) if uncertain else fit)


def _left_out(model: ModelSpec, lineage: Lineage) -> dict[str, list[str]]:
    given: dict[str, list[str]] = dict(model.model.get("leave_out") or {})
    return {index: list(lineage.shared(index, model.model["y"])) if names == [AUTO]
            else list(names) for index, names in given.items()}


def _warnings(model: ModelSpec, lineage: Lineage, left: dict[str, list[str]]) -> list[str]:
    """Return what a reader should know of the model's indices and its outcome."""
    found = [f"the index {index} is without {', '.join(names)}" for index, names in left.items()]
    y = model.model["y"]
    # An index on itself, as in a first stage, is known to be made of itself.
    own = set(lineage.indices(y))
    used = dict.fromkeys(i for term in model.terms for i in lineage.indices(term))
    for index in (i for i in used if i not in own):
        shared = [n for n in lineage.shared(index, y) if n not in left.get(index, ())]
        if shared:
            found.append(f"the index {index} contains {', '.join(shared)}, which {y} is made of "
                         "too, so the two move together by construction; "
                         f"leave_out: {{{index}: auto}} takes it out")
    return found


def dependent(spec: Spec, indices: Iterable[str], terms: Iterable[str] | None = None
              ) -> dict[str, str]:
    """Return the derived variables that use some indices, in an order of use, scaled.

    With ``terms``, only those that a model with these terms needs.
    """
    changed = set(indices)
    needed = set(spec.variables) if terms is None else _behind(spec, terms)
    found: dict[str, str] = {}
    for name, variable in spec.variables.items():
        if name in needed and changed & set(variable.expression.names):
            changed.add(name)
            text = variable.expression.text
            found[name] = text if variable.scale is None else f"({text}) * {variable.scale!r}"
    return found


def _behind(spec: Spec, terms: Iterable[str]) -> set[str]:
    """Return the variables that some terms are made of, at any depth."""
    waiting, found = names_in(list(terms)), set[str]()
    while waiting:
        name = waiting.pop()
        if name in spec.variables and name not in found:
            found.add(name)
            waiting += spec.variables[name].expression.names
    return found


def _without(draft: Draft, index: str, names: list[str], owner: str) -> Step:
    """Return the step of an index without some indicators, under a name of its own."""
    step = draft.steps[f"indices.{index}"]
    tree = step.params["tree"]
    options = dict(tree["composite"])
    options["leave_out"] = [*options.get("leave_out", []), *names]
    return replace(step, name=f"indices.{index}.without.{owner}",
                   params={**step.params, "tree": {**tree, "composite": options}})


def _replace_rows(draft: Draft, model: ModelSpec, rows: Step, left: dict[str, list[str]]) -> None:
    """Let the model's rows come from a panel whose indices are without their indicators."""
    unit, time = draft.keys()
    steps = {index: draft.add(_without(draft, index, names, model.name))
             for index, names in left.items()}
    name = draft.add(Step(
        f"variables.{model.name}", "gvckit.run.tasks.replaced:replace",
        params={"unit": unit, "time": time, "derived": dependent(draft.spec, left)},
        inputs={"variables": "variables", "indices": steps}, libraries=("numpy", "pandas"),
        origin=model.origin))
    draft.add(replace(rows, inputs={**rows.inputs, "variables": name}))


def behind_rows(draft: Draft, model: ModelSpec, fit: Step, column: str) -> dict[str, str]:
    """Let the rows of a model bring ``column``, which other values will stand for.

    Returns the variables of the model that are made of it, as :func:`dependent` does.
    """
    derived = dependent(draft.spec, [column], model.terms)
    rows = draft.steps[str(fit.inputs["rows"])]
    needed = [n for v in derived for n in draft.spec.variables[v].expression.names]
    columns = list(dict.fromkeys([*rows.params["columns"], column, *derived, *needed]))
    draft.add(replace(rows, params={**rows.params, "columns": columns}))
    return derived


def _uncertain(draft: Draft, model: ModelSpec, fit: Step, given: dict[str, Any],
               left: dict[str, list[str]]) -> Step:
    """Add the variants and the estimates over them; return the step of the point estimate."""
    index = str(given["index"])
    derived = behind_rows(draft, model, fit, index)
    variants = draft.add(_variants(draft, index, given, left.get(index, []), model.name))
    whole = draft.add(Step(
        f"uncertainty.{model.name}", "gvckit.run.tasks.uncertainty:estimate",
        params={**fit.params, "index": index, "derived": derived, "scale": given["scale"]},
        inputs={"rows": fit.inputs["rows"], "variants": variants}, code=fit.code,
        libraries=fit.libraries, origin=model.origin, must=model.must))
    return Step(fit.name, "gvckit.run.tasks.varied:point", inputs={"done": whole},
                origin=fit.origin, must=fit.must)


def _variants(draft: Draft, index: str, given: dict[str, Any], left: list[str], owner: str
              ) -> Step:
    """Return the step of the variants; models that ask for the same ones share it."""
    base = _without(draft, index, left, owner) if left else draft.steps[f"indices.{index}"]
    plan = plan_of(int(given["variants"]), list(given["vary"]))
    said = sha256_text(dumps([plan, base.params["tree"]]))
    name = f"variants.{index}.{said[:12]}"
    seed = int(sha256_text(dumps([draft.spec.paper.seed, name]))[:12], 16)
    return replace(base, name=name, fn="gvckit.run.tasks.index_variants:draw",
                   params={**base.params, "plan": plan, "seed": seed})
