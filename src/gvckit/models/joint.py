"""Joint inference on a specification curve (Simonsohn, Simmons and Nelson 2020).

Is a curve like the one found likely where the regressor has no effect in any specification?  All
specifications are redrawn together under that hypothesis.  The coefficient of specification s is
``b_s = Σ_g ψ̃_gs``, with ψ̃ the influence of cluster g under the residuals of the regression
without the regressor; a draw flips the signs of whole clusters, the same ones in every
specification: ``b*_s = Σ_g v_g ψ̃_gs`` with v_g = ±1, studentised by ``Σ_g ψ̃_gs²``, which signs
leave as it is (the wild score bootstrap of Kline and Santos 2012, null imposed).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from gvckit.models.codes import Codes
from gvckit.models.gram import cluster_influence
from gvckit.models.multiverse import Cells, Solution
from gvckit.models.seeds import generator
from gvckit.models.universe import Universe

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["joint_inference", "null_influence"]

LEVEL = 0.05
BLOCK = 100
TIE = 1e-9
"""A draw ties with the data where it differs by rounding only."""


def joint_inference(
    universe: Universe, solutions: Sequence[Solution], cells: Cells, *, by: str | None,
    draws: int, seed: int | Sequence[int],
) -> dict[str, Any]:
    """Return the three tests of a curve as a JSON-able mapping.

    ``median`` and ``p_median``: the median coefficient, against its draws in absolute value;
    ``share_significant`` and ``p_share``: the largest share of specifications that are significant
    at 5 % with one sign; ``stouffer_z`` and ``p_stouffer``: Σ z_s / √S.  p values are
    (1 + draws at least as extreme)/(1 + draws).
    """
    codes = _complete(universe.codes[by] if by else universe.unit)
    parts = [(codes.codes[s.rows], s) for s in solutions]
    used = np.unique(np.concatenate([rows for rows, _ in parts])) if parts else np.zeros(0)
    if len(used) < 2:
        return {"specifications": 0, "reason": "no specification was solved with two clusters"}
    influence = [
        (np.searchsorted(used, np.unique(rows)), null_influence(s, codes)) for rows, s in parts]
    spread = [np.sqrt((psi**2).sum(axis=0) * len(at) / max(len(at) - 1, 1))
              for at, psi in influence]
    freedom = np.concatenate([np.full(psi.shape[1], max(len(at) - 1, 1)) for at, psi in influence])
    estimates = np.concatenate([psi.sum(axis=0) for _, psi in influence])
    found = _statistics(estimates[None, :], np.concatenate(spread), freedom)
    rng = generator(seed, "joint")
    extreme = np.zeros(3)
    for start in range(0, draws, BLOCK):
        signs = 1.0 - 2.0 * rng.integers(0, 2, size=(min(BLOCK, draws - start), len(used)))
        drawn = np.concatenate([signs[:, at] @ psi for at, psi in influence], axis=1)
        drawn_statistics = _statistics(drawn, np.concatenate(spread), freedom)
        extreme += (np.abs(drawn_statistics) >= np.abs(found) * (1 - TIE)).sum(axis=0)
    p = (1.0 + extreme) / (1.0 + draws)
    (median, share, z), = found
    return {
        "method": f"signs of whole clusters of {by or universe.unit.name} flipped at once in all "
                  "specifications, residuals of the models without the regressor",
        "by": by or universe.unit.name, "clusters": len(used), "draws": draws,
        "specifications": len(estimates), "left_out": int(len(cells.n) - len(estimates)),
        "median": float(median), "p_median": float(p[0]),
        "share_significant": float(share), "p_share": float(p[1]),
        "stouffer_z": float(z), "p_stouffer": float(p[2]),
    }


def null_influence(solution: Solution, codes: Codes) -> NDArray[np.float64]:
    """Return ψ̃, shape (clusters in the rows, S): they sum to the coefficients.

    Leaving a regressor out moves the residual vector d by ``e · b / (e'C e)``.
    """
    solved, cross = solution.solved, solution.gram.cross
    own = np.einsum("js,js->s", solved.direction, cross @ solved.direction)
    shift = solved.coef / solved.unit / own
    restricted = solved.residual + solved.direction * shift
    here = codes.take(solution.rows)
    return cluster_influence(solution.gram, here, restricted, solved.direction) * solved.unit


def _statistics(
    estimates: NDArray[np.float64], spread: NDArray[np.float64], freedom: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return median, largest one-signed share significant and Stouffer's z, shape (B, 3)."""
    t = np.divide(estimates, spread, out=np.zeros_like(estimates), where=spread > 0)
    critical = stdtrit(freedom, 1 - LEVEL / 2)
    share = np.maximum((t > critical).mean(axis=1), (t < -critical).mean(axis=1))
    # Through the upper tail, where the distribution function keeps its digits.
    z = -np.sign(t) * ndtri(stdtr(freedom, -np.abs(t)))
    return np.column_stack([np.median(estimates, axis=1), share,
                            z.sum(axis=1) / np.sqrt(t.shape[1])])


def _complete(codes: Codes) -> Codes:
    """Return ``codes`` with missing labels as one group of their own."""
    if not (codes.codes < 0).any():
        return codes
    filled = np.where(codes.codes < 0, codes.levels, codes.codes)
    return Codes(codes.name, filled, codes.levels + 1)
