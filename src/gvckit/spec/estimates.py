"""Resolve variables, samples and models: every name in them is declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gvckit.errors import Problem, listing, unknown
from gvckit.models.model import SE_UNAVAILABLE
from gvckit.models.registry import ESTIMATORS, VCOV
from gvckit.models.se_kinds import GROUPED
from gvckit.panel.expressions import is_name
from gvckit.panel.functions import FUNCTIONS
from gvckit.spec.inherit import Inherited, duplicates, inherit
from gvckit.spec.names import Namespace, Reader
from gvckit.spec.positions import TreePath
from gvckit.spec.resolved import ModelSpec, PanelSpec, SampleSpec, VariableSpec
from gvckit.spec.schema.root import SpecFile
from gvckit.spec.sources import Brought, cycles, filter_values
from gvckit.spec.validate import Checked

__all__ = ["resolve_models", "resolve_samples", "resolve_variables"]

_OUTSIDE_THE_MODEL = ("sample", "must", "label", "note", "vary")


def resolve_variables(file: SpecFile, brought: Brought, panel: PanelSpec | None, names: Namespace,
                      reader: Reader) -> dict[str, VariableSpec]:
    """Return the variables in an order in which each uses only those before it."""
    read: dict[str, VariableSpec] = {}
    uses: dict[str, list[str]] = {}
    for name, entry in file.variables.items():
        base: TreePath = ("variables", name)
        taken = _taken(name, brought, panel)
        if taken:
            reader.complain(f"the variable {name!r} has the name of {taken}", base, on_key=True)
        expression = reader.expression(entry.expression, (*base, "is"), names)
        if expression is not None:
            uses[name] = [n for n in expression.names if n in file.variables]
            read[name] = VariableSpec(name, expression, entry.origin, entry.label, entry.unit,
                                      entry.scale, entry.note)
    loops = cycles(uses)
    for loop in loops:
        reader.complain(f"{' needs '.join(loop)}: a variable cannot need itself",
                        ("variables", loop[0]), on_key=True)
    return read if loops else {name: read[name] for name in _in_order(uses) if name in read}


def _taken(name: str, brought: Brought, panel: PanelSpec | None) -> str | None:
    if name in brought.values:
        return f"a value of {brought.values[name]!r}"
    if panel and name in panel.keys:
        return "a key of the panel"
    if name in FUNCTIONS:
        return "a function"
    return None if is_name(name) else "a word of the expression language"


def _in_order(uses: Mapping[str, list[str]]) -> list[str]:
    """Return the names so that each stands after those that it uses, else in the given order."""
    placed: dict[str, None] = {}
    waiting = list(uses)[::-1]
    while waiting:
        name = waiting[-1]
        missing = [n for n in uses.get(name, []) if n not in placed and n in uses]
        if missing and name not in placed:
            waiting += reversed(missing)
        else:
            placed.setdefault(waiting.pop())
    return list(placed)


def resolve_samples(file: SpecFile, panel: PanelSpec | None, names: Namespace, reader: Reader
                    ) -> dict[str, SampleSpec]:
    """Return the samples with years as numbers and conditions parsed."""
    samples = {}
    for name, entry in file.samples.items():
        base: TreePath = ("samples", name)
        where = None
        if entry.where is not None:
            where = reader.expression(entry.where, (*base, "where"), names)
        if panel is None:
            continue
        kept, dropped = (
            filter_values(given, panel.keys, panel.time, (*base, key), reader)
            for key, given in (("keep", entry.keep), ("drop", entry.drop)))
        if entry.years is not None:
            if panel.time in kept:
                reader.complain(f"{panel.time!r} is kept already", (*base, "years"), on_key=True)
            kept = {**kept, panel.time: entry.years}
        for key in sorted(set(kept) & set(dropped)):
            reader.complain(f"{key!r} is both kept and dropped", (*base, "drop", key), on_key=True)
        samples[name] = SampleSpec(name, entry.origin, kept, dropped, where, entry.balanced,
                                   entry.label)
    return samples


def resolve_models(file: SpecFile, names: Namespace, checked: Checked, reader: Reader
                   ) -> dict[str, ModelSpec]:
    """Return the models with everything inherited written out."""
    samples = checked.declared("samples")
    models = {}
    for name, inherited in inherit(file.models, checked.declared("models"), reader).items():
        _check_model(inherited, names, samples, checked, reader)
        models[name] = _finished(file, inherited)
    return models


def _check_model(model: Inherited, names: Namespace, samples: frozenset[str], checked: Checked,
                 reader: Reader) -> None:
    base: TreePath = ("models", model.name)
    values, sources = model.values, model.sources
    lost = {key for key in ("y", "x", "split") for name in (model.name, *model.chain)
            if checked.hides(("models", name, key))}
    if values.get("y") is None and "y" not in lost:
        reader.complain(f"the model {model.name!r} has no y", base, on_key=True)
    elif values.get("y") is not None:
        reader.expression(values["y"], sources["y"], names)
    if not model.regressors and not values.get("vary") and "x" not in lost:
        reader.complain(f"the model {model.name!r} has no x", base, on_key=True)
    for term in model.regressors:
        reader.expression(term.text, term.path, names)
    duplicates(model.regressors, reader)
    for i, text in enumerate(values.get("fe") or ()):
        _check_effect(text, (*sources["fe"], i), names, reader)
    _check_se(values.get("se"), sources.get("se", base), names, reader)
    _check_word("estimator", values.get("estimator"), ESTIMATORS, sources, reader)
    _check_word("se", values.get("se"), VCOV, sources, reader)
    for key in ("weights", "split"):
        if values.get(key) is not None:
            reader.expression(values[key], sources[key], names)
    if values.get("sample") is not None:
        reader.reference(values["sample"], sources["sample"], samples, "sample")
    if values.get("difference") is not None and values.get("split") is None and (
            "split" not in lost):
        reader.complain("difference: compares the groups of split:, which the model does not have",
                        sources["difference"], on_key=True)
    if values.get("groups") and values.get("split") is None and "split" not in lost:
        reader.complain("groups: labels the groups of split:, which the model does not have",
                        sources["groups"], on_key=True)
    _check_instruments(model, names, reader)
    _check_products(model, names, reader)
    _check_channel(model, names, reader)
    if values.get("vary") is not None:
        _check_vary(model, names, samples, reader)


def _check_effect(text: str, path: TreePath, names: Namespace, reader: Reader) -> None:
    """Check a fixed effect: names joined by ``*``, and a slope variable in brackets."""
    groups, _, slope = text.partition("[")
    if not slope.endswith("]"):
        _check_product(text, path, names, reader)
        return
    _check_product(groups, path, names, reader)
    problem = names.problem(slope[:-1].strip(), reader.at(path, text, len(groups) + 1))
    if problem:
        reader.problems.append(problem)


def _check_product(text: str, path: TreePath, names: Namespace, reader: Reader) -> None:
    """Check a fixed effect or a cluster: names joined by ``*``."""
    seen: list[str] = []
    for part in re.finditer(r"[^*]+|(?<![^*])(?=\*|$)", text):
        name = part[0].strip()
        where = reader.at(path, text, part.start() + len(part[0]) - len(part[0].lstrip()))
        if not is_name(name):
            reader.problems.append(Problem(
                f"{text!r} is not a name, nor names joined by *", where,
                allowed="country, country*sector",
                nearest=text.replace("^", "*").replace("#", "*")
                if re.fullmatch(r"\w+([#^]+\w+)+", text) else None))
            return
        problem = names.problem(name, where)
        if problem or name in seen:
            reader.problems.append(problem or Problem(f"{name!r} stands in {text!r} twice", where))
        seen.append(name)


def _check_se(se: Any, path: TreePath, names: Namespace, reader: Reader) -> None:
    kind = next(iter(se), "") if isinstance(se, dict) else ""
    if kind not in GROUPED:
        return
    clusters, path = se[kind], (*path, kind)
    alone = not isinstance(clusters, list)
    for i, text in enumerate([clusters] if alone else clusters):
        place = path if alone else (*path, i)
        if isinstance(text, str):
            _check_product(text, place, names, reader)
        else:
            reader.complain(f"{kind}: expected the name of a variable", place)


def _check_word(key: str, value: Any, known: Iterable[str], sources: Mapping[str, TreePath],
                reader: Reader) -> None:
    """Check the word of a key, or the one that a mapping such as ``{re: amemiya}`` begins with."""
    word = next(iter(value), None) if isinstance(value, Mapping) else value
    if isinstance(word, str) and word not in (*known, *SE_UNAVAILABLE) and (
            not reader.hidden(sources[key])):
        reader.problems.append(unknown(key, word, known, reader.document.value_at(sources[key])))


def _check_instruments(model: Inherited, names: Namespace, reader: Reader) -> None:
    instruments: Mapping[str, tuple[str, ...]] = model.values.get("instruments") or {}
    path = model.sources.get("instruments", ())
    present = [t.text for t in model.regressors]
    for term, texts in instruments.items():
        at = (*path, term)
        if at in reader.document.positions:
            reader.reference(term, at, present, "term of the model", on_key=True)
        for i, text in enumerate(texts):
            reader.expression(text, (*at, i), names)
            if text in present:
                reader.complain(f"{text!r} is a regressor of the model, so it is no instrument",
                                (*at, i))
        if not texts:
            reader.complain(f"{term!r} has no instrument", at)


def _check_products(model: Inherited, names: Namespace, reader: Reader) -> None:
    """Check ``quadratic``, ``interact`` and ``randomise``."""
    present = [t.text for t in model.regressors]
    values, sources = model.values, model.sources
    for i, text in enumerate(values.get("quadratic") or ()):
        path = (*sources["quadratic"], i)
        if path in reader.document.positions or "quadratic" in sources:
            reader.reference(text, path, present, "term of the model")
    for text, moderators in (values.get("interact") or {}).items():
        path = (*sources["interact"], text)
        if path in reader.document.positions:
            reader.reference(text, path, present, "term of the model", on_key=True)
        for i, moderator in enumerate(moderators):
            reader.expression(moderator, (*path, i), names)
    randomise = values.get("randomise")
    for key in ("by", "within") if randomise is not None else ():
        for i, name in enumerate(getattr(randomise, key)):
            path = (*sources["randomise"], key, i)
            problem = names.problem(name, reader.at(path, name, 0))
            if problem:
                reader.problems.append(problem)


def _check_channel(model: Inherited, names: Namespace, reader: Reader) -> None:
    """Check ``mechanism`` and ``threshold``."""
    mechanism, threshold = model.values.get("mechanism"), model.values.get("threshold")
    if mechanism is not None:
        for i, text in enumerate(mechanism.through):
            reader.expression(text, (*model.sources["mechanism"], "through", i), names)
    if threshold is not None:
        path = model.sources["threshold"]
        reader.expression(threshold.variable, (*path, "variable"), names)
        if threshold.regime_of not in [t.text for t in model.regressors]:
            reader.reference(threshold.regime_of, (*path, "regime_of"),
                             [t.text for t in model.regressors], "term of the model")


def _check_vary(model: Inherited, names: Namespace, samples: frozenset[str], reader: Reader
                ) -> None:
    vary, path = model.values["vary"], model.sources["vary"]
    if not any(getattr(vary, key) for key in vary.allowed_keys()):
        reader.complain("vary: nothing is varied", path, allowed=listing(vary.allowed_keys()))
    for key in ("y", "weights"):
        for i, text in enumerate(getattr(vary, key)):
            reader.expression(text, (*path, key, i), names)
    for key in ("x", "controls"):
        for i, texts in enumerate(getattr(vary, key)):
            for j, text in enumerate(texts):
                reader.expression(text, (*path, key, i, j), names)
    for i, texts in enumerate(vary.fe):
        for j, text in enumerate(texts):
            _check_effect(text, (*path, "fe", i, j), names, reader)
    for i, se in enumerate(vary.se):
        _check_se(se, (*path, "se", i), names, reader)
    for i, sample in enumerate(vary.sample):
        reader.reference(sample, (*path, "sample", i), samples, "sample")


def _finished(file: SpecFile, model: Inherited) -> ModelSpec:
    entry = file.models[model.name]
    order = [k for k in entry.allowed_keys() if k in {*model.values, *model.terms}]
    written: dict[str, Any] = {}
    for key in order:
        if key in _OUTSIDE_THE_MODEL:
            continue
        value = ([t.text for t in model.terms[key]] if key in model.terms
                 else _json(model.values[key]))
        if value is not None:
            written[key] = value
    values = model.values
    vary = values.get("vary")
    varied = {key: _json(getattr(vary, key)) for key in vary.allowed_keys()
              if getattr(vary, key)} if vary else None
    return ModelSpec(
        model.name, entry.origin, written, sample=values.get("sample"),
        must=bool(values.get("must")), label=values.get("label"), note=values.get("note"),
        vary=varied, chain=model.chain, sources=dict(model.sources))


def _json(value: Any) -> Any:
    """Return a value as JSON holds it: lists, mappings, text and numbers."""
    if hasattr(value, "model_dump"):
        return {k: _json(v) for k, v in value.model_dump(by_alias=True).items() if v is not None}
    if isinstance(value, dict):
        return {k: _json(v) for k, v in value.items()}
    return [_json(v) for v in value] if isinstance(value, list | tuple) else value
