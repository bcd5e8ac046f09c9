"""Steps of figures, and of the specification curves that they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gvckit.errors import ModelError, SpecError
from gvckit.models.model import parse_model
from gvckit.models.registry import ESTIMATORS, SSC, VCOV
from gvckit.models.specifications import base_model, is_plain, specifications
from gvckit.report.fonts import FOLDERS_VARIABLE, chinese_font
from gvckit.run.step import FileRef, Step
from gvckit.spec.compile.labels import dictionary
from gvckit.spec.compile.panel import add_selection
from gvckit.spec.compile.placebo import placebo_figure
from gvckit.spec.compile.plan import Draft, names_in, plain
from gvckit.spec.compile.results import MODEL_LIBRARIES, model_keys, model_names
from gvckit.spec.resolved import ModelSpec
from gvckit.spec.schema.shown import Figure

__all__ = ["compile_figures", "curve_names"]

JOINT_DRAWS = 500
PART = 25
"""Specifications that are estimated one by one in one step."""
FIGURE_LIBRARIES = ("matplotlib", "numpy", "pandas")
OWN_SAMPLE = "sample"
_BILINGUAL = ("gvckit.run.tasks.figures:specification_curve",
              "gvckit.run.tasks.placebo_figure:render")
"""Functions that draw in the language that ``language`` names."""


def compile_figures(draft: Draft) -> None:
    """Add the steps of figures, and say which ones this version does not make.

    A curve that no figure shows is not estimated either.
    """
    for name, figure in draft.spec.figures.items():
        make = _FIGURES.get(figure.kind)
        if make is None:
            draft.not_made[f"figures.{name}"] = (
                f"figures of kind {figure.kind!r} are not available in this version")
        elif len(figure.of) != 1:
            draft.not_made[f"figures.{name}"] = (
                f"a figure of kind {figure.kind!r} shows one model, not {len(figure.of)}")
        else:
            step = make(draft, name, figure)
            draft.outputs.append(draft.add(step))
            _in_chinese(draft, name, step)
    shown = {of for figure in draft.spec.figures.values() for of in figure.of}
    for name, model in draft.spec.models.items():
        if model.vary and name not in shown:
            draft.not_made[f"curves.{name}"] = (
                "no figure of kind 'specification-curve' shows what vary: asks for")


def _in_chinese(draft: Draft, name: str, step: Step) -> None:
    """Add the Chinese twin of a figure, or say that there is no font for it.

    The font is an input of the step: what is drawn depends on it.
    """
    if "zh" not in draft.spec.paper.languages or step.fn not in _BILINGUAL:
        return
    font = chinese_font()
    if font is None:
        draft.not_made[f"figures.{name}.zh"] = (
            f"no Chinese font was found: install one, such as Noto Sans CJK, or let "
            f"{FOLDERS_VARIABLE} name the folder of one")
        return
    draft.outputs.append(draft.add(replace(
        step, name=f"figures.{name}.zh",
        params={**step.params, "language": "zh", "font": font.name},
        files={**step.files, "font": FileRef(font, name=f"fonts/{font.name}")})))


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


def _add_curve(draft: Draft, model: ModelSpec, coefficient: str | None) -> str:
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


def _specification_curve(draft: Draft, name: str, figure: Figure) -> Step:
    model = draft.spec.models[figure.of[0]]
    curve = _add_curve(draft, model, figure.coefficient)
    names = {*curve_names(model), *model.terms}
    samples = {name: dict(label) for name in (model.vary or {}).get("sample", ())
               if (label := draft.spec.samples[name].label)}
    return Step(
        f"figures.{name}", "gvckit.run.tasks.figures:specification_curve",
        params={"id": name, "title": plain(figure.title) or None, "notes": plain(figure.notes),
                "samples": samples, "dictionary": dictionary(draft.spec, names)},
        inputs={"curve": curve}, libraries=FIGURE_LIBRARIES,
        origin=draft.spec.where("figures", name, key=True))


_FIGURES: dict[str, Callable[[Draft, str, Figure], Step]] = {
    "specification-curve": _specification_curve, "placebo": placebo_figure,
}
