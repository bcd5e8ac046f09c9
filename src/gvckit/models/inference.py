"""Standard errors of any estimator that has an influence function, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.fixed_effects import Absorbed, refines
from gvckit.models.model import Model
from gvckit.models.registry import SSC, VCOV, load
from gvckit.models.ssc import Sample, SmallSample
from gvckit.models.vcov import Sandwich, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEW_CLUSTERS", "Inference", "infer", "p_values"]

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
        A clustering variable with one cluster; no degrees of freedom left.
    """
    n, k = score.influence.shape
    _check_clusters(score.clusters, name)
    nested = tuple(any(refines(e, c) for c in score.clusters) for e in effects)
    sample = Sample(model.se.kind, n, k, absorbed, nested,
                    tuple(c.levels for c in score.clusters))
    small: SmallSample = load(SSC, model.ssc)(sample)
    _check_freedom(small, n, model, name)
    sandwich: Sandwich = load(VCOV, model.se.kind)(score)
    by = [c.name for c in score.clusters]
    counts = [c.levels for c in score.clusters]
    se_kind = {
        "kind": model.se.kind, "by": by, "clusters": counts, "ssc": model.ssc,
        "factor": small.factor, "parameters": small.parameters, "dof": small.dof,
        "repaired": sandwich.repaired,
        "nested": [e.name for e, inside in zip(effects, nested, strict=True) if inside],
    }
    warnings = [f"few clusters: {levels} ({variable})"
                for variable, levels in zip(by, counts, strict=True) if levels < FEW_CLUSTERS]
    if sandwich.repaired:
        warnings.append("the two-way clustered covariance was not positive semi-definite: "
                        "negative eigenvalues set to zero")
    return Inference(sandwich.vcov * small.factor, small,
                     _sentence(model.se.kind, by, counts, small), se_kind, tuple(warnings))


def p_values(t: NDArray[np.float64], dof: int) -> NDArray[np.float64]:
    """Return the two-sided p values, shape (k,), of the t distribution."""
    return np.asarray(2.0 * stdtr(dof, -np.abs(t)), dtype=np.float64)


def _check_clusters(clusters: tuple[Codes, ...], name: str) -> None:
    problems = [
        Problem(f"clustering by {c.name!r} needs two clusters or more: the used rows have one",
                f"model {name!r}")
        for c in clusters if c.levels < 2
    ]
    if problems:
        raise ModelError(problems)


def _check_freedom(small: SmallSample, n: int, model: Model, name: str) -> None:
    if small.parameters >= n or small.dof < 1:
        raise ModelError(Problem(
            f"no degrees of freedom left: {n} observations, {small.parameters} parameters as "
            f"ssc {model.ssc!r} counts them", f"model {name!r}"))


def _sentence(kind: str, by: list[str], counts: list[int], small: SmallSample) -> str:
    if kind == "iid":
        head = "Standard errors for independent errors of equal variance"
    elif kind == "hc1":
        head = "Standard errors robust to heteroskedasticity (HC1)"
    else:
        groups = " and ".join(f"{b} ({g} clusters)" for b, g in zip(by, counts, strict=True))
        head = (f"Standard errors clustered by {groups}" if len(by) == 1 else
                f"Standard errors two-way clustered by {groups} as V1 + V2 − V12")
    return f"{head}, {small.words}; t with {small.dof} degrees of freedom."
