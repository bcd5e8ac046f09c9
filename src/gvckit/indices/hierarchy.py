"""The analytic hierarchy process: weights from judgements of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import Problem, SpecError

__all__ = ["CONSISTENT", "Judged", "ahp", "judgements"]

# Saaty's random indices for 1 to 15 alternatives.
_RANDOM = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
CONSISTENT = 0.10


@dataclass(frozen=True, slots=True)
class Judged:
    """Weights (J,) of pairwise judgements, their largest eigenvalue, index and ratio.

    The ratio is (λ - J)/(J - 1) over the mean of random judgements; above 0.10 they contradict
    each other.
    """

    weights: NDArray[np.float64]
    eigenvalue: float
    index: float
    ratio: float


def judgements(rows: Sequence[Sequence[float]], children: int, name: str) -> NDArray[np.float64]:
    """Return the reciprocal matrix (J, J) of judgements.

    Parameters
    ----------
    rows
        Above the diagonal, row by row ([[a₁₂, a₁₃], [a₂₃]]), or the whole matrix.
    children
        J.
    name
        Of the node, for messages.

    Raises
    ------
    SpecError
        Where numbers are not above 0, rows have the wrong length, or a whole matrix is not
        reciprocal to 1 %.
    """
    shape = [len(r) for r in rows]
    good = all(isinstance(v, int | float) and not isinstance(v, bool) and 0 < v < 1e6
               for r in rows for v in r)
    if not good:
        raise SpecError(Problem(f"judgements of {name!r} are not all numbers above 0",
                                allowed="1 to 9, and their inverses"))
    if shape == [children] * children:
        A = np.array(rows, dtype=np.float64)
        if not np.allclose(A * A.T, 1.0, rtol=0.0, atol=0.01):
            raise SpecError(Problem(f"the judgements of {name!r} are not reciprocal: a row's view "
                                    "of a column is not one over the column's of the row"))
        A = np.triu(A, 1)
    elif shape == list(range(children - 1, 0, -1)):
        A = np.zeros((children, children))
        for i, row in enumerate(rows):
            A[i, i + 1:] = row
    else:
        raise SpecError(Problem(
            f"the judgements of {name!r} have rows of {shape}, for {children} children",
            allowed=f"rows of {list(range(children - 1, 0, -1))}, above the diagonal"))
    upper = np.triu_indices(children, 1)
    A[upper[1], upper[0]] = 1.0 / A[upper]
    np.fill_diagonal(A, 1.0)
    return A


def ahp(A: NDArray[np.float64]) -> Judged:
    """Return the weights of a reciprocal matrix (J, J), J ≤ 15: its first eigenvector.

    Saaty (1980).
    """
    n = len(A)
    if n > len(_RANDOM):
        raise SpecError(Problem(f"{n} alternatives are too many for pairwise judgements",
                                allowed=f"at most {len(_RANDOM)}"))
    values, vectors = np.linalg.eig(A)
    first = int(np.argmax(values.real))
    weights = np.abs(vectors[:, first].real)
    largest = float(values[first].real)
    index = (largest - n) / (n - 1) if n > 2 else 0.0
    return Judged(weights / weights.sum(), largest, index, index / _RANDOM[n - 1] if n > 2 else 0.0)
