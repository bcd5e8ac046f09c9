"""The best weights of every row under the same limits: a simplex method in batches.

max y·w under Y w ≤ 1, w ≥ 0 for each row y of Y ≥ 0.  All these programmes have the same vertices,
so each starts at the best vertex that the others found and needs a few exchanges more.  A row whose
maximum is below 1 never binds and is dropped from the limits.  A vertex is given only where it
proves itself: within all limits, and with multipliers that are not negative or at the limit itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Vertices", "best_vertices", "undominated"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Codes = NDArray[np.int64]
Rows = NDArray[np.bool_]

# Multipliers and directions below this are rounding.
_DUST = 1e-11
# How far a vertex may leave the limits, and a multiplier fall below 0, and still be proven.
_PROOF = 1e-10
# A row that falls short of 1 by more than this is below the frontier, not on it but for rounding.
_SHORT = 1e-7
_CELLS = 1_500_000
_KEPT = 400


@dataclass(frozen=True, slots=True)
class Vertices:
    """A vertex (n, J) for each row, and whether it is proven to be the best, (n,)."""

    points: Matrix
    proven: Rows


def undominated(Y: Matrix) -> NDArray[np.intp]:
    """Return the rows that no other row reaches in every column (of equal rows the first)."""
    _, keep = np.unique(Y, axis=0, return_index=True)
    keep = np.sort(keep)
    part = Y[keep]
    order = np.argsort(-part.sum(axis=1), kind="stable")
    front: list[int] = []
    for i in order.tolist():
        if front and (part[front] >= part[i]).all(axis=1).any():
            continue
        front.append(i)
    return np.sort(keep[front])


def best_vertices(Y: Matrix) -> Vertices:
    """Return the vertex w of {Y w ≤ 1, w ≥ 0} with the largest y·w for each row y of Y (n, J).

    Rows that are not proven (rounding, cycles) are left to a solver.
    """
    front = undominated(Y)
    rest = np.setdiff1d(np.arange(len(Y)), front)
    limits = _Limits(Y[front], np.arange(len(front), dtype=np.int64))
    points, proven = np.zeros(Y.shape), np.zeros(len(Y), dtype=np.bool_)
    # Those that may bind come first, so that the others meet few limits.
    for binding, waiting in ((True, front), (False, rest)):
        size, start = 8, 0
        while start < len(waiting):
            part = waiting[start:start + size]
            basis = _walked(limits, Y[part])
            points[part], proven[part] = _proven(limits, Y[part], basis)
            limits.remember(basis[proven[part]])
            if binding:
                values = (Y[part] * points[part]).sum(axis=1)
                short = proven[part] & (values < 1.0 - _SHORT)
                limits.drop(np.arange(start, start + len(part))[short])
            start, size = start + len(part), min(2 * size, max(8, _CELLS // len(limits.rows)))
    return Vertices(np.maximum(points, 0.0), proven)


class _Limits:
    """The constraints that may bind, and the vertices found so far.

    ``rows`` (J + m, J) and ``right`` (J + m,): -w ≤ 0, then A w ≤ 1; ``labels`` (m,) of the rows
    of A; vertices: ``bases`` (V, J) the constraints that hold with equality, ``inverses``
    (V, J, J) of their rows, ``points`` (V, J).
    """

    def __init__(self, A: Matrix, labels: Codes) -> None:
        count = A.shape[1]
        self.count, self.labels = count, labels
        self.rows = np.vstack([-np.eye(count), A])
        self.right = np.r_[np.zeros(count), np.ones(len(A))]
        self.bases: Codes = np.arange(count, dtype=np.int64)[None]
        self.inverses: NDArray[np.float64] = -np.eye(count)[None]
        self.points: Matrix = np.zeros((1, count))

    def drop(self, labels: Codes) -> None:
        """Drop constraints that never bind; no vertex rests on them."""
        if not len(labels):
            return
        keep = np.r_[np.ones(self.count, dtype=np.bool_), ~np.isin(self.labels, labels)]
        places = np.cumsum(keep) - 1
        sound = keep[self.bases].all(axis=1)
        self.bases = places[self.bases[sound]]
        self.inverses, self.points = self.inverses[sound], self.points[sound]
        self.labels = self.labels[keep[self.count:]]
        self.rows, self.right = self.rows[keep], self.right[keep]

    def remember(self, found: Codes) -> None:
        """Add the vertices of bases (k, J) that are not known yet, as many as are kept."""
        seen = {basis.tobytes() for basis in self.bases}
        new = []
        for basis in np.sort(found, axis=1):
            if len(seen) < _KEPT and basis.tobytes() not in seen:
                seen.add(basis.tobytes())
                new.append(basis)
        if new:
            bases = np.stack(new)
            inverses = np.linalg.inv(self.rows[bases])
            points = (inverses @ self.right[bases][:, :, None])[:, :, 0]
            self.bases = np.concatenate([self.bases, bases])
            self.inverses = np.concatenate([self.inverses, inverses])
            self.points = np.concatenate([self.points, points])


@dataclass(slots=True)
class _Walk:
    """Where each of b rows stands: its basis, the inverse, the point, the slack of all limits."""

    basis: Codes
    inverse: NDArray[np.float64]
    point: Matrix
    slack: Matrix


def _walked(limits: _Limits, C: Matrix) -> Codes:
    """Return the basis (b, J) of the best vertex of each row, from the best of those known."""
    first = (C @ limits.points.T).argmax(axis=1)
    point = limits.points[first]
    walk = _Walk(limits.bases[first].copy(), limits.inverses[first].copy(), point.copy(),
                 np.maximum(limits.right - point @ limits.rows.T, 0.0))
    active = np.arange(len(C))
    for _ in range(60 * limits.count):
        active = active[(C[active] * walk.point[active]).sum(axis=1) < 1.0 - _DUST]
        active = active[_exchanged(limits, C, walk, active)]
        if not len(active):
            break
    return walk.basis


def _exchanged(limits: _Limits, C: Matrix, walk: _Walk, active: Codes) -> Rows:
    """Exchange one constraint of each active row; return which had one to exchange."""
    inverse = walk.inverse[active]
    multipliers = np.einsum("bj,bjk->bk", C[active], inverse)
    leaving = multipliers.argmin(axis=1)
    each = np.arange(len(active))
    moving = np.asarray(multipliers[each, leaving] < -_DUST)
    active, leaving, inverse = active[moving], leaving[moving], inverse[moving]
    each = each[:len(active)]
    column = inverse[each, :, leaving]
    along = -column @ limits.rows.T
    slack = walk.slack[active]
    # How soon each limit is met; of those that are met at once the steepest is the largest.
    urgency = along / np.maximum(slack, 1e-13)
    urgency[along <= _DUST] = 0.0
    entering = urgency.argmax(axis=1)
    bounded = urgency[each, entering] > 0
    if not bounded.all():
        moving[np.flatnonzero(moving)[~bounded]] = False
        active, leaving, entering = active[bounded], leaving[bounded], entering[bounded]
        column, inverse, along = column[bounded], inverse[bounded], along[bounded]
        slack, each = slack[bounded], np.arange(len(active))
    step = slack[each, entering] / along[each, entering]
    walk.point[active] -= step[:, None] * column
    along *= step[:, None]
    slack -= along
    walk.slack[active] = np.maximum(slack, 0.0, out=slack)
    walk.basis[active, leaving] = entering
    # The inverse with one row of the constraints replaced (Sherman and Morrison).
    changed = np.einsum("bj,bjk->bk", limits.rows[entering], inverse)
    pivot = changed[each, leaving].copy()
    changed[each, leaving] -= 1.0
    walk.inverse[active] = inverse - column[:, :, None] * (changed / pivot[:, None])[:, None, :]
    return moving


def _proven(limits: _Limits, C: Matrix, basis: Codes) -> tuple[Matrix, Rows]:
    """Return the vertices of some bases, solved afresh, and which are proven to be the best."""
    square = limits.rows[basis]
    good = np.linalg.slogdet(square)[0] != 0
    square[~good] = np.eye(limits.count)
    points = np.linalg.solve(square, limits.right[basis][:, :, None])[:, :, 0]
    multipliers = np.linalg.solve(square.transpose(0, 2, 1), C[:, :, None])[:, :, 0]
    inside = (points @ limits.rows.T - limits.right).max(axis=1) <= _PROOF
    best = (multipliers.min(axis=1) >= -_PROOF) | ((C * points).sum(axis=1) >= 1.0 - _PROOF)
    return points, np.asarray(good & inside & best)
