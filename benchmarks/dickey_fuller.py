"""The asymptotic distribution of the Dickey-Fuller t statistic by quadrature, as a table.

    python benchmarks/dickey_fuller.py none|intercept|trend

Prints z = Φ⁻¹(P(τ ≤ x)) for x in steps of 0.1: the numbers of
``gvckit.models.unit_root_tables.DICKEY_FULLER``.  Minutes for the trend.

τ = A/√B with A = ∫W̃dW and B = ∫W̃²ds, W̃ the Brownian motion W without what is partialled out.  A is
a function of w = (W(1), ∫W, ∫(s − ½)W), or its first one or two elements, and B is ∫W² less squares
of them, so that P(τ ≤ x) is the mean over w of the conditional distribution of B at (A/x)².  That
one comes from E[exp(iθ∫W²); w] = cosh(λ)^(−1/2) N(w; 0, Σ_λ), λ² = −2iθ, the covariance Σ_λ made of
the kernel sinh(λ min(s,t)) cosh(λ(1 − max(s,t))) / (λ cosh λ), by the inversion of Gil-Pelaez.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

ELEMENTS = {"none": 1, "intercept": 2, "trend": 3}
_WQ, _VQ, _MQ = 1 / 3, 2 / 15, 5 / 24  # of q = ∫sW: with W(1), its variance, with ∫W
WIENER = np.array([
    [1.0, 0.5, _WQ - 0.25], [0.5, 1 / 3, _MQ - 1 / 6],
    [_WQ - 0.25, _MQ - 1 / 6, _VQ - _MQ + 1 / 12]])
"""Covariance of W(1), ∫W and ∫(s − ½)W."""


class Grid(NamedTuple):
    """Step and number of θ; step and range of the standard normal coordinates of w."""

    theta: float
    count: int
    step: float
    most: float


GRIDS = {"none": Grid(0.12, 32_768, 0.002, 8.2), "intercept": Grid(0.3, 16_384, 0.05, 7.4),
         "trend": Grid(0.5, 16_384, 0.22, 7.0)}


def tilted(theta: NDArray[np.float64]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return cosh λ, shape (N,), and Σ_λ, shape (N, 3, 3)."""
    lam = np.sqrt(-2j * theta)
    cosh, tanh, square = np.cosh(lam), np.tanh(lam), lam**2
    ww, wm = tanh / lam, (1 - 1 / cosh) / square
    mm = (1 - tanh / lam) / square
    wq, mq = mm, (0.5 - (1 - 1 / cosh) / square) / square
    qq = (1 / 3 - 1 / square + tanh / lam**3) / square
    wl, ml, ll = wq - wm / 2, mq - mm / 2, qq - mq + mm / 4
    rows = [[ww, wm, wl], [wm, mm, ml], [wl, ml, ll]]
    return cosh, np.array(rows).transpose(2, 0, 1)


def distribution(kind: str, x: NDArray[np.float64], grid: Grid | None = None
                 ) -> NDArray[np.float64]:
    """Return P(τ ≤ x), shape of ``x``; ``kind`` is none, intercept or trend."""
    grid = grid or GRIDS[kind]
    k = ELEMENTS[kind]
    theta = (np.arange(grid.count) + 0.5) * grid.theta
    cosh, sigma = tilted(theta)
    sigma, plain = sigma[:, :k, :k], WIENER[:k, :k]
    ratio = cosh * np.linalg.det(sigma) / np.linalg.det(plain)
    angle = np.unwrap(np.angle(ratio))
    root = np.abs(ratio) ** -0.5 * np.exp(-0.5j * (angle - 2 * np.pi * np.round(
        angle[0] / (2 * np.pi))))
    precision = np.linalg.inv(sigma) - np.linalg.inv(plain)
    half = round(grid.most / grid.step)
    axis = np.arange(-half, half + 1) * grid.step
    xi = np.stack([a.ravel() for a in np.meshgrid(*[axis] * k, indexing="ij")], axis=1)
    weight = np.exp(-0.5 * (xi**2).sum(axis=1)) * (grid.step / np.sqrt(2 * np.pi)) ** k
    # w and −w give the same A and B
    keep = (weight > 1e-14 * grid.step**k) & (xi[:, 0] >= 0)
    xi, weight = xi[keep], weight[keep] * np.where(xi[keep, 0] == 0, 1.0, 2.0)
    w = xi @ np.linalg.cholesky(plain).T
    A, less = (w[:, 0] ** 2 - 1) / 2, np.zeros(len(w))
    if k >= 2:
        A, less = A - w[:, 0] * w[:, 1], w[:, 1] ** 2
    if k == 3:
        A, less = A - 12 * w[:, 2] * (w[:, 0] / 2 - w[:, 1]), less + 12 * w[:, 2] ** 2
    width = 2 * np.pi / (grid.count * grid.theta)
    turn = np.exp(-0.5j * grid.theta * width * np.arange(grid.count))
    out = np.zeros(len(x))
    for start in range(0, len(w), 200):
        part = slice(start, start + 200)
        form = np.einsum("zi,nij,zj->zn", w[part], precision, w[part], optimize=True)
        transform = root * np.exp(-0.5 * form - 1j * theta * less[part, None])
        below = 0.5 - (np.fft.fft(transform * (grid.theta / np.pi / theta), axis=1) * turn).imag
        for i, value in enumerate(x):
            out[i] += weight[part] @ _conditional(below, A[part], float(value), width)
    return out


def _conditional(below: NDArray[np.float64], A: NDArray[np.float64], x: float, width: float
                 ) -> NDArray[np.float64]:
    """Return P(A ≤ x√B | w) from P(B ≤ b | w), shape (z, N), on a grid of b, cubic between."""
    place = (A / x) ** 2 / width
    last = below.shape[1] // 2 - 6
    first = np.clip(np.floor(place).astype(np.int64) - 1, 0, last)
    t = place - first
    rows = np.arange(len(A))
    y = [below[rows, first + j] for j in range(4)]
    value = (-(t - 1) * (t - 2) * (t - 3) / 6 * y[0] + t * (t - 2) * (t - 3) / 2 * y[1]
             - t * (t - 1) * (t - 3) / 2 * y[2] + t * (t - 1) * (t - 2) / 6 * y[3])
    value = np.where(place > last, 1.0, value)
    if x < 0:
        return np.where(A < 0, value, 0.0)
    return np.where(A <= 0, 1.0, 1.0 - value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=list(ELEMENTS))
    kind = parser.parse_args().kind
    x = np.round(np.arange(-56, 43) / 10, 1)
    x = x[x != 0]
    for value, p in zip(x, distribution(kind, x), strict=True):
        if 2e-5 < p < 1 - 1e-9:
            print(f"{value:5.1f} {norm.ppf(p):.6f}")


if __name__ == "__main__":
    main()
