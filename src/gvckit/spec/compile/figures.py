"""Steps of figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gvckit.report.fonts import FOLDERS_VARIABLE, chinese_font
from gvckit.run.step import FileRef, Step
from gvckit.spec.compile.curves import add_curve, curve_names
from gvckit.spec.compile.labels import dictionary
from gvckit.spec.compile.placebo import placebo_figure
from gvckit.spec.compile.plan import Draft, plain
from gvckit.spec.schema.shown import Figure

__all__ = ["compile_figures"]

FIGURE_LIBRARIES = ("matplotlib", "numpy", "pandas")
_BILINGUAL = ("gvckit.run.tasks.figures:specification_curve",
              "gvckit.run.tasks.placebo_figure:render")
"""Functions that draw in the language that ``language`` names."""


def compile_figures(draft: Draft) -> None:
    """Add the steps of figures, and say which ones this version does not make.

    A curve that no figure or table shows is not estimated either.
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
    shown |= {str(table.of) for table in draft.spec.tables.values()
              if table.kind == "specification-curve"}
    for name, model in draft.spec.models.items():
        if model.vary and name not in shown:
            draft.not_made[f"curves.{name}"] = (
                "no figure or table of kind 'specification-curve' shows what vary: asks for")


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


def _specification_curve(draft: Draft, name: str, figure: Figure) -> Step:
    model = draft.spec.models[figure.of[0]]
    curve = add_curve(draft, model, figure.coefficient)
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
