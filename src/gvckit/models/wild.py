"""The wild cluster bootstrap of t statistics after least squares with fixed effects.

Cameron, Gelbach and Miller (2008), as computed by Roodman, MacKinnon, Nielsen and Webb (2019): the
null imposed (WCR) or not (WCU), Rademacher or Webb multipliers, all of them where they are few,
one- or two-way clustered standard errors (MacKinnon, Nielsen and Webb 2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem, SpecError, unknown
from gvckit.models.codes import Codes, interact
from gvckit.models.draws import WEIGHTS, multipliers, support_size
from gvckit.models.vcov import ROUNDING
from gvckit.models.wild_forms import Regression, forms

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRAWS", "NO_VARIANCE", "WildTest", "check_terms", "clusterings", "drawn_statistics",
           "groups_of", "share_beyond", "weights_of", "wild_test"]

DRAWS = 9_999
TIE = 1e-9
"""A draw ties with the data where it differs by rounding only."""

DOUBLINGS, HALVINGS = 40, 60

NAMES = {"wild": "wild cluster", "efficient": "wild restricted efficient",
         "score": "score wild cluster"}

NO_VARIANCE = "no draw of the wild bootstrap has a positive variance"


@dataclass(frozen=True, slots=True)
class WildTest:
    """A wild bootstrap test of one coefficient.

    Attributes
    ----------
    estimate, t
        The coefficient and ``(estimate − null)/se``.
    p, p_equal_tail
        P values: of ``|t|``, and twice the smaller tail.
    low, high
        The interval of values that the symmetric test does not reject; nan where not asked for.
    draws
        Draws used; those with a negative two-way variance are left out.
    left_out
        How many were.
    weights, enumerated, restricted, by, clusters
        Multipliers, whether all of them were used, whether the null was imposed, the variable
        whose clusters were multiplied, their number.
    method
        ``wild``; ``efficient``, the restricted efficient one of instrumental variables; ``score``,
        that of Poisson regression, where t is that of one Newton step from the null.
    """

    estimate: float
    t: float
    p: float
    p_equal_tail: float
    low: float
    high: float
    draws: int
    left_out: int
    weights: str
    enumerated: bool
    restricted: bool
    by: str
    clusters: int
    method: str = "wild"

    def words(self) -> str:
        """Return what was done, in words."""
        how = (f"all {self.draws:,} {self.weights.capitalize()} vectors" if self.enumerated else
               f"{self.draws:,} {self.weights.capitalize()} draws")
        null = "null imposed" if self.restricted else "null not imposed"
        return (f"{NAMES[self.method]} bootstrap by {self.by} ({self.clusters} clusters), {how}, "
                f"{null}")


def wild_test(
    regression: Regression, residuals: NDArray[np.float64], estimate: float,
    clusters: Sequence[Codes], factor: float, *, null: float = 0.0, draws: int = DRAWS,
    weights: str = "auto", restricted: bool = True, by: str | None = None,
    seed: Sequence[int] = (0,), level: float | None = None,
) -> WildTest:
    """Test whether a coefficient is ``null``.

    Parameters
    ----------
    regression, residuals, estimate
        The regression, its residuals (n,) and the coefficient ``regression.focal``.
    clusters, factor
        One or two clustering variables and the small-sample factor of the variance.
    null
        The value tested.
    draws, weights, restricted
        Number of draws; ``rademacher``, ``webb`` or ``auto`` (Webb up to 13 clusters, where
        Rademacher has fewer than 9,999 vectors); whether residuals are those under the null.
        All vectors are used where there are no more than ``draws``.
    by
        Which clustering variable is multiplied; default the one with fewer clusters.
    seed
        Entropy of the draws.
    level
        Confidence level of the interval by inversion; None: no interval.

    Raises
    ------
    SpecError
        Unknown weights or ``by``.
    ModelError
        Fewer than two clusters.
    """
    groups = groups_of(clusters, by)
    weights = weights_of(weights, groups)
    every = support_size(weights, groups.levels) <= draws
    moments = _moments(regression, residuals, clusters, groups, factor,
                       multipliers(weights, groups.levels, draws, seed, enumerate_all=every))
    se = _standard_error(regression, residuals, clusters, factor)
    if not se > 0:
        raise ModelError(Problem("the clustered variance is not positive: no t statistic to draw"))

    def drawn(value: float) -> NDArray[np.float64]:
        c = estimate - value if restricted else 0.0
        variance = moments.q00 + 2.0 * c * moments.q01 + c * c * moments.q11
        with np.errstate(invalid="ignore", divide="ignore"):
            t = (moments.n0 + c * moments.n1) / np.sqrt(variance)
        return t[variance > 0]

    def p_value(value: float) -> float:
        return share_beyond(np.abs(drawn(value)), abs(estimate - value) / se, every)

    t, star = (estimate - null) / se, drawn(null)
    if len(star) == 0:
        raise ModelError(Problem(NO_VARIANCE))
    tails = (share_beyond(star, t, every), share_beyond(-star, -t, every))
    low, high = (np.nan, np.nan) if level is None else _invert(p_value, estimate, se, 1.0 - level)
    return WildTest(estimate, t, p_value(null), min(1.0, 2.0 * min(tails)), low, high, len(star),
                    len(moments.n0) - len(star), weights, every, restricted, groups.name,
                    groups.levels)


def drawn_statistics(
    regression: Regression, residuals: NDArray[np.float64], estimate: float,
    clusters: Sequence[Codes], factor: float, blocks: Iterator[NDArray[np.float64]],
) -> tuple[float, NDArray[np.float64]]:
    """Return t of ``estimate`` and its draws under the null of zero, imposed: shape (B,).

    ``blocks`` are multipliers of the clusters of the variable with the fewest; a draw with a
    variance that is not positive is missing.  The other arguments are those of :func:`wild_test`.
    """
    moments = _moments(regression, residuals, clusters, groups_of(clusters, None), factor, blocks)
    variance = moments.q00 + 2.0 * estimate * moments.q01 + estimate**2 * moments.q11
    drawn = np.full(len(variance), np.nan)
    np.divide(moments.n0 + estimate * moments.n1, np.sqrt(np.maximum(variance, 0.0)), out=drawn,
              where=variance > 0)
    se = _standard_error(regression, residuals, clusters, factor)
    if not se > 0:
        raise ModelError(Problem("the clustered variance is not positive: no t statistic to draw"))
    return estimate / se, drawn


@dataclass(frozen=True, slots=True)
class _Moments:
    """By draw: with residuals ``û + c x⊥``, the numerator is n0 + c n1 and the variance
    q00 + 2 c q01 + c² q11; shape (B,) each.
    """

    n0: NDArray[np.float64]
    n1: NDArray[np.float64]
    q00: NDArray[np.float64]
    q01: NDArray[np.float64]
    q11: NDArray[np.float64]


def _moments(
    regression: Regression, residuals: NDArray[np.float64], clusters: Sequence[Codes],
    groups: Codes, factor: float, blocks: Iterator[NDArray[np.float64]],
) -> _Moments:
    a = regression.influence
    e = regression.bread[:, regression.focal]
    alone = regression.X @ e / e[regression.focal]
    each, signs = clusterings(clusters)
    numerators = [np.bincount(groups.codes, weights=a * u, minlength=groups.levels)
                  for u in (residuals, alone)]
    Q0, Q1 = (forms(regression, u, groups, each) for u in (residuals, alone))
    parts: list[NDArray[np.float64]] = []
    for v in blocks:
        q = np.zeros((3, len(v)))
        for sign, first, second in zip(signs, Q0, Q1, strict=True):
            zero, one = first.apply(v), second.apply(v)
            for row, (x, y) in enumerate(((zero, zero), (zero, one), (one, one))):
                q[row] += sign * factor * np.einsum("bg,bg->b", x, y)
        parts.append(np.vstack([v @ numerators[0], v @ numerators[1], q]))
    n0, n1, q00, q01, q11 = np.concatenate(parts, axis=1)
    return _Moments(n0, n1, q00, q01, q11)


def _standard_error(regression: Regression, residuals: NDArray[np.float64],
                    clusters: Sequence[Codes], factor: float) -> float:
    influence = regression.influence * residuals
    each, signs = clusterings(clusters)
    variance = sum(sign * float((np.bincount(c.codes, weights=influence) ** 2).sum())
                   for sign, c in zip(signs, each, strict=True))
    if variance <= ROUNDING * float(influence @ influence):
        return 0.0
    return float(np.sqrt(factor * variance))


def clusterings(clusters: Sequence[Codes]) -> tuple[list[Codes], tuple[float, ...]]:
    """Return the clusterings whose variances are added, and their signs: V1, or V1 + V2 − V12."""
    if len(clusters) == 1:
        return [*clusters], (1.0,)
    return [*clusters, interact(clusters)], (1.0, 1.0, -1.0)


def check_terms(terms: Sequence[str], known: Sequence[str], name: str) -> None:
    """Raise a SpecError on ``terms`` that the model ``name`` does not estimate."""
    wrong = [unknown("estimated term", t, known, f"model {name!r}") for t in terms
             if t not in known]
    if wrong:
        raise SpecError(wrong)


def groups_of(clusters: Sequence[Codes], by: str | None) -> Codes:
    """Return the clusters that are multiplied: of the variable ``by``, or the one with fewest.

    Raises
    ------
    SpecError
        ``by`` is no clustering variable.
    ModelError
        Fewer than two clusters.
    """
    named = {c.name: c for c in clusters}
    if by is not None and by not in named:
        raise SpecError(unknown("clustering variable of the bootstrap", by, named))
    groups = named[by] if by is not None else min(clusters, key=lambda c: c.levels)
    if groups.levels < 2:
        raise ModelError(Problem(f"clustering by {groups.name!r} needs two clusters or more"))
    return groups


def weights_of(weights: str, groups: Codes) -> str:
    """Return the name of the multipliers, ``auto`` made out; SpecError where it is unknown."""
    if weights == "auto":
        return "webb" if support_size("rademacher", groups.levels) < DRAWS else "rademacher"
    if weights not in WEIGHTS:
        raise SpecError(unknown("wild bootstrap weights", weights, ("auto", *WEIGHTS)))
    return weights


def share_beyond(drawn: NDArray[np.float64], seen: float, every: bool) -> float:
    """Return the share of draws at least as large; a random draw counts the data as one more."""
    count = int((drawn >= seen - TIE * abs(seen)).sum())
    return count / len(drawn) if every else (1 + count) / (1 + len(drawn))


def _invert(p_value: Callable[[float], float], estimate: float, se: float, alpha: float
            ) -> tuple[float, float]:
    """Return where the p value crosses ``alpha`` on both sides of the estimate."""
    ends = []
    alpha *= 1.0 + TIE  # 1 − 0.95 is a little more or less than 0.05
    for side in (-1.0, 1.0):
        step = se
        for _ in range(DOUBLINGS):
            if p_value(estimate + side * step) <= alpha:
                break
            step *= 2.0
        else:
            ends.append(side * np.inf)
            continue
        inside, outside = 0.0, step
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2.0
            if p_value(estimate + side * middle) <= alpha:
                outside = middle
            else:
                inside = middle
        ends.append(estimate + side * inside)
    return float(ends[0]), float(ends[1])
