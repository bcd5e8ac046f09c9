"""Models with a placebo: what the draws stand in for is a measure of suppliers in the model."""

from __future__ import annotations

from collections.abc import Mapping

from gvckit.spec.index_models import words_of
from gvckit.spec.names import Reader
from gvckit.spec.resolved import ModelSpec, VariableSpec
from gvckit.spec.schema.measured import MeasureEntry
from gvckit.spec.schema.root import SpecFile
from gvckit.spec.validate import Checked

__all__ = ["PLACEBO_MEASURES", "check_placebos", "placebo_measures"]

PLACEBO_MEASURES = ("digital-inputs",)
"""Measures that add up over suppliers, so that a random set has a value of its own."""

_NOT_WITH = ("split", "vary", "index_uncertainty", "quadratic", "interact", "winsor")


def placebo_measures(file: SpecFile) -> list[str]:
    """Return the indices that random suppliers can stand in for."""
    return [name for name, entry in file.indices.items()
            if isinstance(entry, MeasureEntry) and entry.measure in PLACEBO_MEASURES]


def check_placebos(file: SpecFile, models: Mapping[str, ModelSpec],
                   variables: Mapping[str, VariableSpec], checked: Checked, reader: Reader) -> None:
    """Check ``placebo`` of every model."""
    able = placebo_measures(file)
    hidden = checked.declared("indices") - set(file.indices)
    for model in models.values():
        asked = model.model.get("placebo")
        if asked is None:
            continue
        path = model.sources["placebo"]
        if reader.reference(asked["of"], (*path, "of"), {*able, *hidden},
                            f"measure of {', '.join(PLACEBO_MEASURES)}",
                            checked.tolerated) and asked["of"] in able:
            if not any(_uses(term, asked["of"], variables) for term in model.terms):
                reader.complain(f"no regressor of {model.name!r} uses the measure "
                                f"{asked['of']!r}", (*path, "of"))
            if asked["own"] == "drop" and "sector" not in file.indices[asked["of"]].by:
                reader.complain(f"{asked['of']!r} has no key sector, so there are no own sectors "
                                "to drop", (*path, "own"))
        for key in _NOT_WITH:
            given = model.vary if key == "vary" else model.model.get(key)
            if given:
                reader.complain(f"{model.name!r} has {key}, which a placebo does not go with",
                                path, on_key=True, allowed="a model of its own: "
                                "{like: …, placebo: …}; winsor(x, p) as a variable")
        estimator = model.model.get("estimator") or "ols"
        if estimator != "ols" or model.model.get("instruments"):
            reader.complain("a placebo is of least squares", path, on_key=True,
                            allowed="estimator: ols without instruments")


def _uses(text: str, measure: str, variables: Mapping[str, VariableSpec]) -> bool:
    """Return whether a term is the measure, or is made of it through variables."""
    waiting, seen = list(words_of(text)), set[str]()
    while waiting:
        name = waiting.pop()
        if name == measure:
            return True
        if name not in seen and name in variables:
            waiting += variables[name].expression.names
        seen.add(name)
    return False
