"""Concentration, margins and similarity of export baskets (arrays in, arrays out)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Margins", "Theil", "herfindahl", "margins", "similarity", "theil"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Theil:
    """Theil index of each country, each of shape (C,); total = between + within."""

    total: Floats
    between: Floats
    within: Floats


@dataclass(frozen=True, slots=True)
class Margins:
    """Extensive and intensive margin of each country, each of shape (C,).

    ``extensive`` × ``intensive`` = ``relative``, the country's exports over the reference's.
    """

    extensive: Floats
    intensive: Floats
    relative: Floats


def herfindahl(s: Floats) -> tuple[Floats, Floats]:
    """Return HHI = Σ_i s_ci² and (HHI − 1/n) / (1 − 1/n), each (C,), for shares (C, n).

    The second is NaN with one product.
    """
    n = s.shape[1]
    hhi: Floats = (s**2).sum(axis=1)
    spread = 1.0 - 1.0 / n
    return hhi, (hhi - 1.0 / n) / (spread if spread > 0 else np.nan)


def theil(x: Floats) -> Theil:
    """Return T = (1/n) Σ (x_i/μ) ln(x_i/μ) and its parts between and within two groups.

    The groups are the products that a country exports and those that it does not (Cadot, Carrère
    & Strauss-Kahn 2011): between them ln(n / n₁) is the extensive margin, within the exported
    ones the Theil index over n₁ products the intensive margin; the group of zeros adds nothing.
    """
    n = x.shape[1]
    relative = x / x.mean(axis=1, keepdims=True)
    total = _xlogx(relative).sum(axis=1) / n
    active = x > 0
    n1 = active.sum(axis=1)
    own_mean = x.sum(axis=1) / n1
    within = _xlogx(x / own_mean[:, None]).sum(axis=1) / n1
    return Theil(total, np.log(n / n1), within)


def _xlogx(x: Floats) -> Floats:
    result: Floats = x * np.log(np.where(x > 0, x, 1.0))
    return result


def margins(x: Floats, *, rest: bool) -> Margins:
    """Return the margins of Hummels & Klenow (2005).

    EM_c = Σ_{i: x_ci > 0} w_i / Σ_i w_i and IM_c = Σ_i x_ci / Σ_{i: x_ci > 0} w_i, with w the
    world's exports, or with ``rest`` those of the other countries.  IM is NaN where nobody else
    exports what c exports.
    """
    world = x.sum(axis=0)
    exports = x.sum(axis=1)
    active = (x > 0).astype(np.float64)
    same = active @ world - (exports if rest else 0.0)
    all_products = world.sum() - (exports if rest else np.zeros_like(exports))
    empty = ~(same > 0)
    return Margins(
        same / np.where(all_products > 0, all_products, np.nan),
        exports / np.where(empty, np.nan, same),
        exports / np.where(all_products > 0, all_products, np.nan),
    )


def similarity(s: Floats) -> Floats:
    """Return Σ_i min(s_ci, s_di), shape (C, C), of shares (C, P) (Finger & Kreinin 1979)."""
    out = np.ones((len(s), len(s)))
    for c in range(len(s) - 1):
        out[c, c + 1:] = out[c + 1:, c] = np.minimum(s[c], s[c + 1:]).sum(axis=1)
    return out
