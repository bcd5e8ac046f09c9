"""The wild restricted efficient cluster bootstrap (WRE) of a 2SLS model.

:mod:`gvckit.models.wild_iv_kernels` has the equations and their sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.design import Design
from gvckit.models.draws import multipliers, support_size
from gvckit.models.inference import infer
from gvckit.models.instrumented import Instrumented, instrumented
from gvckit.models.kclass import k_class
from gvckit.models.model import Model
from gvckit.models.seeds import seed_of
from gvckit.models.vcov import Score
from gvckit.models.wild import (
    DRAWS,
    NO_VARIANCE,
    WildTest,
    check_terms,
    clusterings,
    groups_of,
    share_beyond,
    weights_of,
)
from gvckit.models.wild_forms import Regression, forms_of
from gvckit.models.wild_iv_kernels import observed, restricted, statistics, sums_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["drawn_iv", "drawn_terms", "iv_tests"]


def iv_tests(
    design: Design, model: Model, name: str, terms: Sequence[str], seed: int | Sequence[int], *,
    null: float = 0.0, draws: int = DRAWS, weights: str = "auto", by: str | None = None,
) -> dict[str, WildTest]:
    """Test coefficients of a 2SLS model, the null imposed on one at a time.

    The arguments are those of :func:`gvckit.models.wild.wild_test`.  No interval: the values that
    the test does not reject need not be one.

    Raises
    ------
    SpecError
        Terms that are not estimated; unknown weights or ``by``.
    ModelError
        Fewer than two clusters; a variance that is not positive.
    """
    iv = instrumented(design, model, name)
    check_terms(terms, iv.terms, name)
    groups = groups_of(design.clusters, by)
    weights = weights_of(weights, groups)
    every = support_size(weights, groups.levels) <= draws
    factor = _factor(iv, design, model, name)
    found = {}
    for term in terms:
        vectors = multipliers(weights, groups.levels, draws, seed_of(seed, name, "wild", term),
                              enumerate_all=every)
        blocks = list(vectors)
        estimate, t, star = drawn_iv(iv, design, term, null, groups, factor, blocks)
        good = star[~np.isnan(star)]
        if len(good) == 0:
            raise ModelError(Problem(NO_VARIANCE))
        tails = (share_beyond(good, t, every), share_beyond(-good, -t, every))
        found[term] = WildTest(
            estimate, t, share_beyond(np.abs(good), abs(t), every), min(1.0, 2.0 * min(tails)),
            np.nan, np.nan, len(good), len(star) - len(good), weights, every, True, groups.name,
            groups.levels, method="efficient")
    return found


def drawn_terms(
    design: Design, model: Model, name: str, terms: Sequence[str],
    blocks: Callable[[], Iterator[NDArray[np.float64]]],
) -> dict[str, tuple[float, NDArray[np.float64]]]:
    """Return t and t* of ``terms`` under the null of zero; see :mod:`gvckit.models.wild_draws`."""
    iv = instrumented(design, model, name)
    check_terms(terms, iv.terms, name)
    groups, factor = groups_of(design.clusters, None), _factor(iv, design, model, name)
    return {term: drawn_iv(iv, design, term, 0.0, groups, factor, list(blocks()))[1:]
            for term in terms}


def drawn_iv(
    iv: Instrumented, design: Design, term: str, null: float, groups: Codes, factor: float,
    blocks: Sequence[NDArray[np.float64]],
) -> tuple[float, float, NDArray[np.float64]]:
    """Return the estimate of ``term``, its t, and t* of the multipliers (b, H) in ``blocks``."""
    y, X, endogenous, Z, out = _partialled(iv, term)
    tested = y - null * X[:, -1]
    clusters, signs = clusterings(design.clusters)
    coef, variance = observed(tested, X, Z, clusters, signs)
    if not variance > 0:
        raise ModelError(Problem("the clustered variance is not positive: no t statistic to draw"))
    system = restricted(tested, X, endogenous, Z)
    root = np.ones((len(y), 1)) if design.weights is None else np.sqrt(design.weights)[:, None]
    regression = Regression(out / root, np.eye(out.shape[1]), 0, design.weights, design.effects)
    maps = forms_of(regression, system.noises / root, system.Q * root, groups, clusters)
    sums = sums_of(system, maps, groups, clusters, signs)
    star = statistics(system, sums, factor, iter(blocks))
    return coef + null, coef / float(np.sqrt(factor * variance)), star


def _partialled(
    iv: Instrumented, term: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64],
           NDArray[np.float64]]:
    """Return y, X (``term`` last), its endogenous columns, the instruments, and what is out of all.

    The last is an orthonormal basis of the exogenous regressors other than ``term``; an exogenous
    ``term`` is an instrument of its own.
    """
    columns = dict(zip(iv.terms, iv.X[:, int(iv.res.constant):].T, strict=True))
    others = [t for t in iv.endogenous if t != term]
    included = [columns[t] for t in iv.terms if t not in iv.endogenous and t != term]
    own = [] if term in iv.endogenous else [columns[term]]
    Z = [*iv.A[:, iv.A.shape[1] - len(iv.excluded):].T, *own]
    n = len(iv.y)
    left = np.column_stack([iv.y, *(columns[t] for t in others), columns[term], *Z])
    out = np.empty((n, 0))
    if included:
        W = np.column_stack(included)
        out, _ = np.linalg.qr(W / np.linalg.norm(W, axis=0))
        for _ in range(2):  # the second pass removes the rounding of the first
            left = left - out @ (out.T @ left)
    p = len(others) + 1
    endogenous = np.arange(len(iv.endogenous), dtype=np.int64)
    return left[:, 0], left[:, 1:1 + p], endogenous, left[:, 1 + p:], out


def _factor(iv: Instrumented, design: Design, model: Model, name: str) -> float:
    """Return the small-sample factor of the clustered variance of the column."""
    solution = k_class(iv.y, iv.X, iv.A, 1.0)
    score = Score(solution.bread, solution.influence,
                  float(solution.residuals @ solution.residuals), design.clusters)
    return infer(score, model, iv.res.absorbed, iv.res.effects, name).small.factor
