"""Standard errors of any estimator that has an influence function, and their words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.fixed_effects import Absorbed, refines
from gvckit.models.model import Model
from gvckit.models.registry import SSC, VCOV, load
from gvckit.models.se_kinds import LAGGED
from gvckit.models.ssc import Sample, SmallSample
from gvckit.models.vcov import Counting, Sandwich, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEW_CLUSTERS", "Inference", "infer", "p_values", "small_sample"]

FEW_CLUSTERS = 50
"""Below this many clusters, cluster-robust tests over-reject (Cameron, Gelbach, Miller 2008)."""


@dataclass(frozen=True, slots=True)
class Inference:
    """Covariance of k coefficients and everything that says which one it is.

    Attributes
    ----------
    vcov
        Shape (k, k), small-sample factor included.
    small
        The small-sample convention applied.
    convention
        English sentence.
    se_kind
        The same, structured.
    warnings
        Few clusters; a repaired covariance.
    """

    vcov: NDArray[np.float64]
    small: SmallSample
    convention: str
    se_kind: dict[str, Any]
    warnings: tuple[str, ...]


def infer(
    score: Score, model: Model, absorbed: Absorbed, effects: tuple[Codes, ...], name: str
) -> Inference:
    """Return the covariance that ``model`` asks for.

    Raises
    ------
    ModelError
        A clustering variable with one cluster or fewer than regressors; no degrees of freedom.
    """
    n, k = score.influence.shape
    _check_clusters(score.clusters, k if effects else k - 1, name)
    try:
        sandwich: Sandwich = load(VCOV, model.se.kind)(score)
    except ModelError as error:
        raise ModelError([replace(p, where=p.where or f"model {name!r}")
                          for p in error.problems]) from error
    counting = sandwich.counting or Counting(
        model.se.kind, tuple(c.levels for c in score.clusters), score.clusters)
    small, nested = small_sample(counting, model.ssc, (n, k), absorbed, effects)
    _check_freedom(small, n, model, name)
    by = [c.name for c in score.clusters]
    counts = [c.levels for c in score.clusters]
    se_kind = {
        "kind": model.se.kind, "by": by, "clusters": counts, **dict(model.se.options),
        "ssc": "none" if counting.like == "plain" else model.ssc,
        "factor": small.factor, "parameters": small.parameters, "dof": small.dof,
        "repaired": sandwich.repaired,
        "nested": [e.name for e, inside in zip(effects, nested, strict=True) if inside],
    }
    if model.se.kind in LAGGED and counting.groups:
        se_kind["periods"] = counting.groups[0]
    warnings = [f"few clusters: {levels} ({variable})"
                for variable, levels in zip(by, counts, strict=True) if levels < FEW_CLUSTERS]
    if sandwich.repaired:
        what = "two-way clustered covariance" if len(by) == 2 else "covariance"
        warnings.append(f"the {what} was not positive semi-definite: "
                        "negative eigenvalues set to zero")
    head = sandwich.head or _head(model.se.kind, by, counts)
    sentence = f"{head}, {small.words}; t with {small.dof} degrees of freedom."
    return Inference(sandwich.vcov * small.factor, small, sentence, se_kind, tuple(warnings))


def small_sample(
    counting: Counting, ssc: str, shape: tuple[int, int], absorbed: Absorbed,
    effects: tuple[Codes, ...],
) -> tuple[SmallSample, tuple[bool, ...]]:
    """Return the small-sample convention applied, and which fixed effects count as nested."""
    plain = counting.like == "plain"
    nested = tuple(any(refines(e, c) for c in counting.nested_in) for e in effects)
    sample = Sample("iid" if plain else counting.like, *shape, absorbed, nested, counting.groups)
    small: SmallSample = load(SSC, ssc)(sample)
    if plain:
        small = replace(small, factor=1.0, words="no small-sample factor")
    if plain and counting.groups:
        small = replace(small, dof=min(counting.groups) - 1)
    return small, nested


def p_values(t: NDArray[np.float64], dof: float) -> NDArray[np.float64]:
    """Return the two-sided p values, shape (k,), of the t distribution."""
    return np.asarray(2.0 * stdtr(dof, -np.abs(t)), dtype=np.float64)


def _check_clusters(clusters: tuple[Codes, ...], slopes: int, name: str) -> None:
    problems = [
        Problem(f"clustering by {c.name!r} needs two clusters or more: the used rows have one",
                f"model {name!r}")
        for c in clusters if c.levels < 2
    ] + [
        Problem(f"clustering by {c.name!r} has {c.levels} clusters, fewer than the {slopes} "
                "regressors: the covariance is singular", f"model {name!r}")
        for c in clusters if 2 <= c.levels < slopes
    ]
    if problems:
        raise ModelError(problems)


def _check_freedom(small: SmallSample, n: int, model: Model, name: str) -> None:
    if small.parameters >= n or small.dof < 1:
        raise ModelError(Problem(
            f"no degrees of freedom left: {n} observations, {small.parameters} parameters as "
            f"ssc {model.ssc!r} counts them", f"model {name!r}"))


def _head(kind: str, by: list[str], counts: list[int]) -> str:
    if kind == "iid":
        return "Standard errors for independent errors of equal variance"
    if kind == "hc1":
        return "Standard errors robust to heteroskedasticity (HC1)"
    groups = [f"{b} ({g} clusters)" for b, g in zip(by, counts, strict=True)]
    if len(by) == 1:
        return f"Standard errors clustered by {groups[0]}"
    if len(by) == 2:
        return (f"Standard errors two-way clustered by {groups[0]} and {groups[1]} "
                "as V1 + V2 − V12")
    return (f"Standard errors three-way clustered by {groups[0]}, {groups[1]} and {groups[2]} "
            "as V1 + V2 + V3 − V12 − V13 − V23 + V123")
