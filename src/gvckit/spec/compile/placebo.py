"""Steps of models with a placebo, and of the tables and figures that show where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gvckit.run.canonical import dumps, sha256_text
from gvckit.run.step import Step
from gvckit.spec.compile.data import TABLE_MEMORY, table_years
from gvckit.spec.compile.index_models import behind_rows
from gvckit.spec.compile.labels import dictionary
from gvckit.spec.compile.plan import Draft, plain
from gvckit.spec.compile.sectors import sectors_of
from gvckit.spec.resolved import ModelSpec
from gvckit.spec.schema.measured import MeasureEntry
from gvckit.spec.schema.shown import Figure, Table

__all__ = ["add_placebo", "placebo_figure", "placebo_table"]

LIBRARIES = ("numpy", "pandas", "scipy")


def add_placebo(draft: Draft, model: ModelSpec) -> None:
    """Put the draws and the estimates over them behind the step of a model that asks for them."""
    given: dict[str, Any] = dict(model.model.get("placebo") or {})
    if not given:
        return
    fit = draft.steps[f"models.{model.name}"]
    measure = str(given["of"])
    derived = behind_rows(draft, model, fit, measure)
    whole = draft.add(Step(
        f"placebo.{model.name}", "gvckit.run.tasks.placebo:estimate",
        params={**fit.params, "of": measure, "derived": derived, "scale": given["scale"]},
        inputs={"rows": fit.inputs["rows"], "draws": _draws(draft, measure, given)}, code=fit.code,
        libraries=fit.libraries, origin=model.origin, must=model.must))
    draft.add(Step(fit.name, "gvckit.run.tasks.varied:point", inputs={"done": whole},
                   origin=fit.origin, must=fit.must))


def _draws(draft: Draft, measure: str, given: dict[str, Any]) -> str:
    """Add the step of the draws; models that ask for the same ones share it."""
    entry = draft.spec.indices[measure]
    assert isinstance(entry, MeasureEntry)
    params = {"sectors": entry.parameters["sectors"], "draws": int(given["draws"]),
              "exclude": list(given["exclude"]), "own": given["own"],
              "among": given["among"]}
    name = f"draws.{measure}.{sha256_text(dumps(params))[:12]}"
    seed = int(sha256_text(dumps([draft.spec.paper.seed, name]))[:12], 16)
    time = draft.spec.panel.time if draft.spec.panel else "year"
    keys = [*(k for k in entry.by if k != time), time]
    return draft.add(Step(
        name, "gvckit.run.tasks.suppliers:draw", params={**params, "keys": keys, "seed": seed},
        inputs={"use": _use(draft, measure, entry, time)}, libraries=LIBRARIES,
        origin=draft.spec.where("indices", measure, key=True)))


def _use(draft: Draft, measure: str, entry: MeasureEntry, time: str) -> str:
    """Add what industries use of each supplier, a step a year; return the step of all years."""
    icio = str(entry.icio)
    origin = draft.spec.where("indices", measure, key=True)
    keys = [k for k in entry.by if k != time]
    arguments = {k: v for k, v in entry.parameters.items() if k != "sectors"}
    memory = 0 if getattr(draft.spec.data[icio], "source", None) == "sample" else TABLE_MEMORY
    steps = [draft.add(Step(
        f"suppliers.{measure}.{year}", "gvckit.run.tasks.suppliers:one_year",
        params={"arguments": {**arguments, "of": entry.value or "coefficient"}, "keys": keys,
                "time": time, "year": year},
        inputs={"table": f"data.{icio}.{year}"}, libraries=LIBRARIES, origin=origin,
        memory=memory)) for year in table_years(draft, icio)]
    return draft.add(Step(f"suppliers.{measure}", "gvckit.run.tasks.measures:stack",
                          inputs={"years": steps}, libraries=("pandas",), origin=origin))


def _sectors(draft: Draft, models: Sequence[ModelSpec]) -> list[dict[str, Any]]:
    """Return the names of the sectors that the placebos stand in for or never draw."""
    given = [m.model["placebo"] for m in models]
    return sectors_of(draft.spec, [str(one["of"]) for one in given],
                      [str(code) for one in given for code in one.get("exclude") or ()])


def placebo_table(draft: Draft, name: str, table: Table, writers: tuple[str, ...],
                  names: set[str]) -> Step:
    """Return the step of a table of placebos; ``names`` are those that it may label."""
    models = [draft.spec.models[column] for column in table.columns]
    labels = {m.name: plain(m.label) for m in models if m.label}
    return Step(
        f"tables.{name}", "gvckit.run.tasks.placebo_table:render", code=writers,
        params={"id": name, "columns": list(table.columns), "notes": plain(table.notes),
                "asked": [plain(m.model["placebo"]) for m in models],
                "sectors": _sectors(draft, models),
                "labels": {**labels, **plain(table.labels)},
                "languages": list(draft.spec.paper.languages),
                "title": plain(table.title) or None,
                "dictionary": dictionary(draft.spec, names)},
        inputs={"done": {m.name: f"placebo.{m.name}" for m in models}}, libraries=("pandas",),
        origin=draft.spec.where("tables", name, key=True))


def placebo_figure(draft: Draft, name: str, figure: Figure) -> Step:
    """Return the step of the figure of one model's placebo."""
    model = draft.spec.models[figure.of[0]]
    return Step(
        f"figures.{name}", "gvckit.run.tasks.placebo_figure:render",
        params={"id": name, "title": plain(figure.title) or None, "notes": plain(figure.notes),
                "coefficient": figure.coefficient, "asked": plain(model.model["placebo"]),
                "sectors": _sectors(draft, [model]),
                "dictionary": dictionary(draft.spec, {*model.terms, model.model["y"]})},
        inputs={"done": f"placebo.{model.name}"}, libraries=("matplotlib", "numpy", "pandas"),
        origin=draft.spec.where("figures", name, key=True))
