"""Steps of figures."""

from __future__ import annotations

from collections.abc import Callable

from gvckit.run.step import Step
from gvckit.spec.compile.curves import add_curve, curve_names
from gvckit.spec.compile.labels import dictionary
from gvckit.spec.compile.plan import Draft, plain
from gvckit.spec.schema.shown import Figure

__all__ = ["compile_figures"]

FIGURE_LIBRARIES = ("matplotlib", "numpy", "pandas")


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
            draft.outputs.append(draft.add(make(draft, name, figure)))
    shown = {of for figure in draft.spec.figures.values() for of in figure.of}
    shown |= {str(table.of) for table in draft.spec.tables.values()
              if table.kind == "specification-curve"}
    for name, model in draft.spec.models.items():
        if model.vary and name not in shown:
            draft.not_made[f"curves.{name}"] = (
                "no figure or table of kind 'specification-curve' shows what vary: asks for")


def _specification_curve(draft: Draft, name: str, figure: Figure) -> Step:
    model = draft.spec.models[figure.of[0]]
    curve = add_curve(draft, model, figure.coefficient)
    names = {*curve_names(model), *model.terms}
    return Step(
        f"figures.{name}", "gvckit.run.tasks.figures:specification_curve",
        params={"id": name, "title": plain(figure.title) or None, "notes": plain(figure.notes),
                "dictionary": dictionary(draft.spec, names)},
        inputs={"curve": curve}, libraries=FIGURE_LIBRARIES,
        origin=draft.spec.where("figures", name, key=True))


_FIGURES: dict[str, Callable[[Draft, str, Figure], Step]] = {
    "specification-curve": _specification_curve,
}
