"""Sentences on a curve: which errors, which distribution, which p values it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gvckit.report.notes_inference import FEW_CLUSTERS, errors_of_kind
from gvckit.report.numbers import thousands
from gvckit.report.words import say

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["errors_sentences"]


def errors_sentences(curve: pd.DataFrame, language: str, by: Callable[[str], str], *,
                     bars: bool = False) -> list[str]:
    """Return what the intervals and the p values of a curve are, without full stops.

    Parameters
    ----------
    curve
        What :func:`gvckit.models.curve.curve` returns; without ``attrs["errors"]`` nothing is said.
    language
        ``en`` or ``zh``.
    by
        Label of a clustering variable.
    bars
        Whether intervals are drawn.
    """
    kinds: Sequence[Mapping[str, Any]] = curve.attrs.get("errors") or []
    if not kinds:
        return []
    texts = [say("curve_kind", language, freedom=_freedom(one["dof"], language),
                 errors=errors_of_kind(one["kind"], [by(name) for name in one["by"]], language,
                                       one["estimator"])) for one in kinds]
    listed = ("；" if language == "zh" else "; ").join(texts)
    found = [say("curve_bars" if bars else "curve_errors", language, errors=listed)]
    few = sum(int(one["few"]) for one in kinds)
    if few:
        count = sum(int(one["count"]) for one in kinds)
        counts = [c for one in kinds for c in one["clusters"] if c < FEW_CLUSTERS]
        found.append(say("curve_few" if few == count else "curve_few_of", language,
                         most=FEW_CLUSTERS, clusters=_range(counts, language), count=thousands(few),
                         all=thousands(count)))
    return found


def _freedom(dof: Sequence[float], language: str) -> str:
    if not dof:
        return say("curve_normal", language)
    return say("curve_t_one" if set(dof) == {1} else "curve_t", language,
               dof=_range(dof, language))


def _range(values: Sequence[float], language: str) -> str:
    """Return one number, or the smallest and the largest of them."""
    ends = [thousands(v, 0 if float(v).is_integer() else 1) for v in (min(values), max(values))]
    return ends[0] if ends[0] == ends[1] else say("curve_range", language, low=ends[0],
                                                  high=ends[1])
