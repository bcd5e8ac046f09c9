"""A regression with endogenous regressors as arrays: what every IV estimator starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.residualise import Residualised, residualise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Instrumented", "instrumented"]

COLLINEAR = 1e-7


@dataclass(frozen=True, slots=True)
class Instrumented:
    """Variables with fixed effects partialled out and rows scaled by the root of their weight.

    Attributes
    ----------
    res
        The residualised y, regressors and instruments.
    y
        Shape (n,).
    X
        Shape (n, k): the constant where one is estimated, then the estimated regressors in order.
    A
        Shape (n, l): the constant, the exogenous regressors, the instruments.
    terms
        Names of the k columns, the constant left out.
    endogenous
        Names of the m endogenous regressors.
    excluded
        Names of the L instruments in use.
    back
        Shape (k, k): coefficients on the columns of X -> coefficients with the intercept of the
        variables before centring.
    shift
        Shape (k,): what is added after that.
    Y, E, Z
        Shapes (n,), (n, m), (n, L): y, endogenous regressors, instruments, with the exogenous
        regressors partialled out too.
    dropped
        ``(term, reason)``.
    """

    res: Residualised
    y: NDArray[np.float64]
    X: NDArray[np.float64]
    A: NDArray[np.float64]
    terms: tuple[str, ...]
    endogenous: tuple[str, ...]
    excluded: tuple[str, ...]
    back: NDArray[np.float64]
    shift: NDArray[np.float64]
    Y: NDArray[np.float64]
    E: NDArray[np.float64]
    Z: NDArray[np.float64]
    dropped: tuple[tuple[str, str], ...]

    @property
    def exogenous(self) -> int:
        """Number of exogenous regressors, the constant among them."""
        return int(self.X.shape[1] - self.E.shape[1])


def instrumented(design: Design, model: Model, name: str) -> Instrumented:
    """Return the arrays of an IV regression.

    Raises
    ------
    ModelError
        An endogenous regressor or an instrument without variation; fewer instruments than
        endogenous regressors once collinear ones are out; too few observations.
    """
    texts = model.excluded
    Z = np.column_stack([design.columns[z] for z in texts])
    names = (*design.terms, *texts)
    res = residualise(design.y, np.column_stack([design.X, Z]), names, design.effects,
                      design.weights)
    k = len(design.terms)
    endogenous = [j for j in range(k) if design.terms[j] in model.instruments]
    exogenous = [j for j in range(k) if j not in endogenous]
    by = "no variation" if res.constant else (
        "no variation within " + " + ".join(e.name for e in res.effects))
    varies = res.varies()
    _check_variation(res, [*endogenous, *range(k, len(names))], varies, by, k, name, model.y)
    root = np.ones(res.n) if res.weights is None else np.sqrt(res.weights)
    V = res.X * root[:, None]
    first = [j for j in exogenous if varies[j]]
    kept = _independent(V, [*first, *range(k, len(names))])
    excluded = [j for j in kept if j >= k]
    included = [j for j in kept if j < k]
    dropped = [(names[j], by if not varies[j] else "collinear with earlier regressors")
               for j in range(len(names)) if j not in kept and j not in endogenous]
    _check_order(endogenous, excluded, names, dropped, name)
    estimated = [j for j in range(k) if j in endogenous or j in included]
    constant = root[:, None] if res.constant else np.empty((res.n, 0))
    X = np.column_stack([constant, V[:, estimated]])
    A = np.column_stack([constant, V[:, included], V[:, excluded]])
    if A.shape[1] >= res.n:
        raise ModelError(Problem(f"fewer observations than instruments and exogenous regressors: "
                                 f"{res.n} observations, {A.shape[1]} columns", f"model {name!r}"))
    if len(_independent(V, estimated)) < len(estimated):
        raise ModelError(Problem("the endogenous regressors are collinear with other regressors: "
                                 + ", ".join(names[j] for j in endogenous), f"model {name!r}"))
    back, shift = _intercept(res, estimated)
    Q, _ = np.linalg.qr(np.column_stack([constant, V[:, included]]))
    out = np.column_stack([res.y * root, V[:, endogenous], V[:, excluded]])
    for _ in range(2):  # the second pass removes the rounding of the first
        out = out - Q @ (Q.T @ out)
    m = len(endogenous)
    return Instrumented(
        res, res.y * root, X, A, tuple(names[j] for j in estimated),
        tuple(names[j] for j in endogenous), tuple(names[j] for j in excluded), back, shift,
        out[:, 0], out[:, 1:1 + m], out[:, 1 + m:], tuple(dropped))


def _check_variation(res: Residualised, columns: list[int], varies: NDArray[np.bool_], by: str,
                     k: int, name: str, y: str) -> None:
    where = f"model {name!r}"
    if not res.y_varies():
        raise ModelError(Problem(f"the dependent variable {y!r} has {by} in {res.n} observations",
                                 where))
    problems = [
        Problem(f"{'instrument' if j >= k else 'endogenous regressor'} {res.terms[j]!r} has {by} "
                f"in {res.n} observations", where)
        for j in columns if not varies[j]]
    if problems:
        raise ModelError(problems)


def _check_order(endogenous: list[int], excluded: list[int], names: tuple[str, ...],
                 dropped: list[tuple[str, str]], name: str) -> None:
    if len(excluded) < len(endogenous):
        lost = ", ".join(f"{term!r} is {why}" for term, why in dropped)
        raise ModelError(Problem(
            f"not identified: {_count(len(excluded), 'instrument')} for "
            f"{_count(len(endogenous), 'endogenous regressor')} "
            f"({', '.join(names[j] for j in endogenous)})"
            + (f"; {lost}" if lost else ""), f"model {name!r}"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _independent(V: NDArray[np.float64], columns: list[int]) -> list[int]:
    """Return the ``columns`` of V that earlier ones do not explain, in order."""
    kept: list[int] = []
    basis = np.empty((len(V), 0))
    for j in columns:
        column = V[:, j] / np.linalg.norm(V[:, j])
        for _ in range(2):
            column = column - basis @ (basis.T @ column)
        left = float(np.linalg.norm(column))
        if left >= COLLINEAR and len(kept) < len(V):
            kept.append(j)
            basis = np.column_stack([basis, column / left])
    return kept


def _intercept(res: Residualised, columns: list[int]
               ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = len(columns) + int(res.constant)
    back, shift = np.eye(k), np.zeros(k)
    if res.constant:
        back[0, 1:] = -res.X_mean[columns]
        shift[0] = res.y_mean
    return back, shift
