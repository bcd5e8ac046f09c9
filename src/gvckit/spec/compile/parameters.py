"""Check a measure's parameters against its row in the registry."""

from __future__ import annotations

from collections.abc import Sequence

from gvckit.errors import Problem, unknown
from gvckit.measures.registry import Parameter
from gvckit.spec.compile.plan import Draft
from gvckit.spec.schema.measured import MeasureEntry

__all__ = ["check_parameters"]


def check_parameters(draft: Draft, name: str, entry: MeasureEntry, measure: str,
                     parameters: Sequence[Parameter]) -> None:
    """Add a problem for each parameter that the measure does not know, or not with this value."""
    spec = draft.spec
    known = {p.name: p for p in parameters}
    for key, given in entry.parameters.items():
        if key not in known:
            draft.problems.append(unknown(f"parameter of {measure}", key, known,
                                          spec.where("indices", name, key, key=True)))
        elif known[key].allowed and given not in known[key].allowed:
            draft.problems.append(unknown(key, str(given), known[key].allowed,
                                          spec.where("indices", name, key)))
    standard = {p.name: p.default for p in parameters}
    for parameter in parameters:
        other, _, word = parameter.only.partition("=")
        if other and parameter.name in entry.parameters and entry.parameters.get(
                other, standard[other]) != word:
            draft.problems.append(Problem(
                f"{parameter.name!r} of {measure} belongs to {other}: {word}",
                spec.where("indices", name, parameter.name, key=True)))
        if parameter.required and parameter.name not in entry.parameters:
            draft.problems.append(Problem(
                f"{measure} needs {parameter.name!r}", spec.where("indices", name, key=True),
                allowed=", ".join(parameter.allowed) or parameter.words))
