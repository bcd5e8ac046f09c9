"""Steps of models, tables, figures and the report card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gvckit.errors import ModelError, SpecError, unknown
from gvckit.models.model import parse_model
from gvckit.models.registry import ESTIMATORS, SSC, VCOV
from gvckit.report.registry import WRITERS as WRITER_ROWS
from gvckit.report.stats_known import stat_problem
from gvckit.report.words import SUMMARIES
from gvckit.run.step import Step
from gvckit.spec.compile.coverage import coverage_step
from gvckit.spec.compile.curves import add_curve, curve_names
from gvckit.spec.compile.definitions import definitions
from gvckit.spec.compile.imputed import imputed_step
from gvckit.spec.compile.index_audit import index_audit_step
from gvckit.spec.compile.index_models import add_index_steps
from gvckit.spec.compile.labels import dictionary, indicator_labels
from gvckit.spec.compile.model_keys import MODEL_LIBRARIES, model_keys, model_names
from gvckit.spec.compile.panel import add_selection
from gvckit.spec.compile.placebo import add_placebo, placebo_table
from gvckit.spec.compile.plan import Draft, plain
from gvckit.spec.compile.stepdown import stepdown_step
from gvckit.spec.compile.wording import worded
from gvckit.spec.resolved import ModelSpec
from gvckit.spec.schema.measured import CompositeEntry
from gvckit.spec.schema.shown import Table

__all__ = ["compile_card", "compile_models", "compile_tables"]

WRITERS = tuple(row.function.split(":")[0] for row in WRITER_ROWS.values())


def compile_models(draft: Draft) -> None:
    """Add for each model the choice of its rows and its estimation."""
    unit, time = draft.keys() if draft.spec.panel else ([], "")
    for name, model in draft.spec.models.items():
        first = next(iter((model.vary or {}).get("sample", ())), None)
        rows = add_selection(draft, f"models.{name}", model_names(model), model.sample or first)
        keys = model_keys(model)
        _check_model(draft, name, model, keys)
        step = Step(
            f"models.{name}", "gvckit.run.tasks.models:estimated",
            params={"model": keys, "unit": unit, "time": time, "name": name,
                    "must": model.must, "seed": draft.spec.paper.seed},
            inputs={"rows": rows}, code=_code(model), libraries=MODEL_LIBRARIES,
            origin=model.origin, must=model.must)
        add_index_steps(draft, model, draft.steps[rows], step)
        add_placebo(draft, model)


def _code(model: ModelSpec) -> tuple[str, ...]:
    """Return the modules that the model's estimator, covariance and convention live in."""
    se = model.model.get("se") or "iid"
    kind = next(iter(se)) if isinstance(se, Mapping) else str(se)
    given = model.model.get("estimator") or ("2sls" if model.model.get("instruments") else "ols")
    estimator = next(iter(given)) if isinstance(given, Mapping) else str(given)
    chosen = (ESTIMATORS.get(estimator), VCOV.get(kind),
              SSC.get(str(model.model.get("ssc") or "fixest")))
    return tuple(sorted({target.split(":")[0] for target in chosen if target}))


def _check_model(draft: Draft, name: str, model: ModelSpec, keys: Mapping[str, Any]) -> None:
    """Complain about words that no estimator knows; say what this version does not estimate."""
    known = {k: v for k, v in keys.items() if k not in ("split", "difference")}
    try:
        parse_model(known, name)
    except SpecError as error:
        for problem in error.problems:
            key = next((k for k in ("se", "estimator", "ssc", "winsor") if problem.what.startswith(
                ("unknown " + k, k))), None)
            key = next((k for k in ("mechanism", "threshold")
                        if str(problem.where).endswith(f", {k}")), key)
            source = model.sources.get(key or "", ("models", name))
            if source == ("models", name) or source[1] == name:  # once, where it is written
                draft.problems.append(replace(problem, where=draft.spec.where(*source)))
    except ModelError as error:
        draft.not_made[f"models.{name}"] = "; ".join(p.what for p in error.problems)


def compile_tables(draft: Draft) -> None:
    """Add a step for each table."""
    for name, table in draft.spec.tables.items():
        step = _TABLES[table.kind](draft, name, table)
        draft.outputs.append(draft.add(step))


def _shown(draft: Draft, table: Table, names: Iterable[str]) -> dict[str, Any]:
    """Return what every table step needs: languages, title, labels of the names in it."""
    paper = draft.spec.paper
    return {"languages": list(paper.languages), "title": plain(table.title) or None,
            "dictionary": dictionary(draft.spec, names)}


def _below(draft: Draft, table: Table, terms: Iterable[str] = (), told: Sequence[str] = ()
           ) -> dict[str, Any]:
    """Return what stands below a table that is not of regressions, and how it lies."""
    found = {"notes": plain(table.notes), "source": plain(table.source),
             "definitions": definitions(draft.spec, terms, told=told)}
    return {"below": {k: v for k, v in found.items() if v}, "sideways": table.sideways}


def _regression(draft: Draft, name: str, table: Table) -> Step:
    spec = draft.spec
    paper = spec.paper
    models = [spec.models[column] for column in table.columns]
    names = {n for m in models for n in [*model_names(m), *m.terms, m.model["y"]]}
    names |= set(spec.panel.keys if spec.panel else ())
    _check_stats(draft, name, table, models)
    shown = _shown(draft, table, names)
    defined = definitions(spec, _terms(models))
    for one in defined.get("indices", ()):
        index = spec.indices[one["name"]]
        within = indicator_labels(spec, index) if isinstance(index, CompositeEntry) else {}
        shown["dictionary"] = {**within, **dictionary(spec, [one["name"]]), **shown["dictionary"]}
    labels = {m.name: dict(m.label) for m in models if m.label}
    given = plain(table.labels)
    for term in [k for k in given if k not in table.columns]:
        shown["dictionary"][term] = {**shown["dictionary"].get(term, {}),
                                     "label": given.pop(term)}
    notes = [n for n in (*table.notes, *(m.note for m in models), paper.note) if n]
    request = {
        "title": shown.pop("title"), "columns": list(table.columns),
        "show": _with_products(table, models),
        "stats": list(table.stats) if table.stats is not None else None,
        "brackets": table.brackets or paper.brackets,
        "decimals": paper.decimals if table.decimals is None else table.decimals,
        "stars": list(paper.stars if table.stars is None else table.stars),
        "stars_by": table.stars_by or paper.stars_by,
        "labels": {**labels, **given}, "notes": plain(notes),
        "source": plain(table.source), "sideways": table.sideways,
        "adjust": table.adjust, "mde": table.mde,
        "definitions": defined, **_samples(draft, models),
        "group_labels": {m.name: plain(m.model["groups"]) for m in models
                         if m.model.get("groups")},
    }
    inputs: dict[str, Any] = {"fits": {m.name: f"models.{m.name}" for m in models}}
    beside = [spec.models[m] for m in dict.fromkeys(table.family) if m not in table.columns]
    if beside:
        inputs["family"] = {m.name: f"models.{m.name}" for m in beside}
    if table.adjust == "romano-wolf":
        inputs["adjusted"] = stepdown_step(draft, name, [*models, *beside], request["show"])
    imputed = {m.name: step for m in models if (step := imputed_step(draft, m, model_names(m)))}
    if imputed:
        inputs["imputed"] = imputed
    optional = ("adjust", "mde", "definitions", "samples", "sample_heads", "group_labels")
    return Step(f"tables.{name}", "gvckit.run.tasks.regression:render",
                code=WRITERS,
                params={"id": name, "table": plain({k: v for k, v in request.items()
                                                    if k not in optional or v}),
                        **shown},
                inputs=inputs, origin=spec.where("tables", name, key=True))


def _check_stats(draft: Draft, name: str, table: Table, models: Sequence[ModelSpec]) -> None:
    """Complain about statistics that nobody knows, and terms of them that are not shown."""
    focal = {term for m in models for term in m.focal}
    terms = _with_products(table, models) or list(
        dict.fromkeys(term for m in models for term in m.terms if term not in table.hide))
    for i, stat in enumerate(table.stats or ()):
        where = draft.spec.where("tables", name, "stats", i)
        inside = draft.spec.document.inside(("tables", name, "stats", i), stat,
                                            len(stat.partition(":")[0]) + 1)
        problem = stat_problem(stat, terms, focal, where, inside)
        if problem:
            draft.problems.append(problem)


def _terms(models: Sequence[ModelSpec]) -> list[str]:
    """Return the variables of models: outcomes, regressors, controls, instruments, the others."""
    found = [str(m.model["y"]) for m in models]
    for key in ("x", "controls"):
        found += [str(t) for m in models for t in m.model.get(key) or ()]
    found += [str(z) for m in models
              for ends in dict(m.model.get("instruments") or {}).values()
              for z in ([ends] if isinstance(ends, str) else ends)]
    found += [str(t) for m in models for t in m.terms]
    found += [str(t) for m in models for key in ("weights", "split")
              if (t := m.model.get(key))]
    return list(dict.fromkeys(found))


def _samples(draft: Draft, models: Sequence[ModelSpec]) -> dict[str, Any]:
    """Return the labels of the models' samples, and which of them head columns.

    They do where the sample is not that of most columns, and the column has no label of its own.
    """
    labels = {m.name: dict(label) for m in models
              if m.sample and (label := draft.spec.samples[m.sample].label)}
    used = [m.sample for m in models]
    usual = max(used, key=used.count)
    heads = {m.name: labels[m.name] for m in models
             if m.sample != usual and not m.label and m.name in labels}
    return {"samples": labels, "sample_heads": heads}


def _with_products(table: Table, models: Sequence[ModelSpec]) -> list[str]:
    """Return the terms to show, each followed by its squares and interactions."""
    made = {term: left for model in models for term, left in model.products.items()}
    terms = [t for shown in table.show or ()
             for t in (shown, *(term for term, left in made.items() if left == shown))]
    return [term for term in dict.fromkeys(terms) if term not in table.hide]


def _descriptives(draft: Draft, name: str, table: Table) -> Step:
    rows = add_selection(draft, f"tables.{name}", table.variables, table.sample,
                         [text for text in table.variables if not text.isidentifier()])
    sample = draft.spec.samples[table.sample] if table.sample else None
    below = _below(draft, table, table.variables)
    if sample is not None and sample.label:
        below["below"]["sample"] = plain(sample.label)
    chosen = {key: value for key, value in (
        ("decimals", table.decimals), ("stats", list(table.stats or ()) or None))
        if value is not None}
    draft.problems += [
        unknown("statistic", stat, SUMMARIES, draft.spec.where("tables", name, "stats", i))
        for i, stat in enumerate(table.stats or ()) if stat not in SUMMARIES]
    return Step(f"tables.{name}", f"gvckit.run.tasks.{table.kind}:render",
                code=WRITERS,
                params={"id": name, "variables": list(table.variables), **chosen, **below,
                        **_shown(draft, table, table.variables)},
                inputs={"rows": rows}, libraries=("numpy", "pandas"),
                origin=draft.spec.where("tables", name, key=True))


def _definitions(draft: Draft, name: str, table: Table) -> Step:
    return Step(f"tables.{name}", "gvckit.run.tasks.definitions:render",
                code=WRITERS,
                params={"id": name, "variables": list(table.variables),
                        **_below(draft, table, table.variables, told=table.variables),
                        **_shown(draft, table, ()),
                        "dictionary": worded(draft.spec, table.variables)},
                origin=draft.spec.where("tables", name, key=True))


def _weights(draft: Draft, name: str, table: Table) -> Step:
    index = draft.spec.indices[str(table.of)]
    assert isinstance(index, CompositeEntry)
    shown = {**_shown(draft, table, ()), "dictionary": indicator_labels(draft.spec, index)}
    decimals = {"decimals": table.decimals} if table.decimals is not None else {}
    return Step(f"tables.{name}", "gvckit.run.tasks.weights:render",
                code=WRITERS,
                params={"id": name, **decimals, **_below(draft, table, [str(table.of)]), **shown},
                inputs={"index": f"indices.{table.of}"},
                origin=draft.spec.where("tables", name, key=True))


def _coverage(draft: Draft, name: str, table: Table) -> Step:
    step = coverage_step(draft, name, table, WRITERS)
    composed = [i for i in table.indices if i in draft.spec.indices]
    return replace(step, params={**step.params, **_below(draft, table, composed)})


def _index_audit(draft: Draft, name: str, table: Table) -> Step:
    return index_audit_step(draft, name, table, WRITERS)


def _uncertainty(draft: Draft, name: str, table: Table) -> Step:
    spec = draft.spec
    models = [spec.models[column] for column in table.columns]
    names = {n for m in models for n in [*model_names(m), *m.terms, m.model["y"]]}
    labels = {m.name: plain(m.label) for m in models if m.label}
    decimals = {"decimals": table.decimals} if table.decimals is not None else {}
    return Step(f"tables.{name}", "gvckit.run.tasks.uncertainty_table:render", code=WRITERS,
                params={"id": name, "columns": list(table.columns), **decimals,
                        "vary": [m.model["index_uncertainty"] for m in models],
                        "labels": {**labels, **plain(table.labels)},
                        **_below(draft, table, _terms(models)), **_shown(draft, table, names)},
                inputs={"done": {m.name: f"uncertainty.{m.name}" for m in models}},
                libraries=("pandas",), origin=spec.where("tables", name, key=True))


def _placebo(draft: Draft, name: str, table: Table) -> Step:
    models = [draft.spec.models[column] for column in table.columns]
    names = {n for m in models for n in [*model_names(m), *m.terms, m.model["y"]]}
    return placebo_table(draft, name, table, WRITERS, names)


def _curve(draft: Draft, name: str, table: Table) -> Step:
    spec = draft.spec
    model = spec.models[str(table.of)]
    decimals = spec.paper.decimals if table.decimals is None else table.decimals
    return Step(f"tables.{name}", "gvckit.run.tasks.curve_table:render", code=WRITERS,
                params={"id": name, "notes": plain(table.notes), "decimals": decimals,
                        **_shown(draft, table, {*curve_names(model), *model.terms})},
                inputs={"curve": add_curve(draft, model, table.coefficient)},
                libraries=("numpy", "pandas"), origin=spec.where("tables", name, key=True))


_TABLES: dict[str, Callable[[Draft, str, Table], Step]] = {
    "regression": _regression, "descriptives": _descriptives,
    "correlations": _descriptives, "definitions": _definitions,
    "weights": _weights, "coverage": _coverage,
    "index-uncertainty": _uncertainty, "placebo": _placebo,
    "specification-curve": _curve,
    **dict.fromkeys(("index-structure", "index-correlations", "index-sensitivity", "index-ranks"),
                    _index_audit),
}


def compile_card(draft: Draft) -> str | None:
    """Add the report card where the spec names published numbers."""
    spec = draft.spec
    if not spec.published:
        return None
    targets = {
        name: {"model": t.model, "term": t.term,
               "published": {**t.entry.numbers, "source": t.entry.source or "",
                             "status": t.entry.status, "rule": t.entry.rule}}
        for name, t in spec.published.items()}
    models = dict.fromkeys(t.model for t in spec.published.values())
    draft.outputs.append(draft.add(Step(
        "published", "gvckit.run.tasks.card:card", params={"targets": targets},
        inputs={"fits": {m: f"models.{m}" for m in models}},
        origin=spec.where("published", key=True))))
    return "published"
