"""What a model's ``index_uncertainty`` may vary, as a plan of variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.errors import SpecError, unknown
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.missing import RULES
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.plan import DECLARED
from gvckit.indices.weights import SCHEMES

__all__ = ["VARIED", "plan_of"]

VARIED = ("missing", "normalise", "weights", "aggregate", "drop_one")

_USUAL: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "missing": (RULES, ("none", "interpolate", "carry")),
    "normalise": (NORMALISERS, ("minmax-pooled", "zscore-pooled", "percentile-pooled")),
    "weights": (SCHEMES, ("equal", "entropy", "critic")),
    "aggregate": (AGGREGATORS, ("arithmetic", "geometric")),
}
"""What is usual in the field; what the index itself has is always among the choices."""


def plan_of(variants: int, vary: Sequence[str]) -> dict[str, Any]:
    """Return the plan that varies ``vary``; what is not in it stays as the index has it.

    Raises
    ------
    SpecError
        With the words that cannot be varied.
    """
    wrong = [unknown("choice to vary", word, VARIED) for word in vary if word not in VARIED]
    if wrong:
        raise SpecError(wrong)
    plan: dict[str, Any] = {
        key: [DECLARED, *(name for name in usual if name in registry)] if key in vary else []
        for key, (registry, usual) in _USUAL.items()}
    return {"variants": variants, **plan, "noise": 0.25 if "weights" in vary else 0.0,
            "drop": "drop_one" in vary}
