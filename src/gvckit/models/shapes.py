"""What a fit says beyond its coefficients: detectable effects, turning points, regions.

The numbers are in ``Fit.stats``; ``Fit.further`` holds them structured, for the table note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtrit

from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.moderation import johnson_neyman, marginal_effects
from gvckit.models.products import Product
from gvckit.models.quadratic import turning_point
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["minimum_detectable_effect", "with_detectable_effects", "with_shapes"]

FEW_VALUES = 3
"""A moderator with no more values is evaluated at each, else at its quantiles ``QUANTILES``."""

QUANTILES = (0.1, 0.5, 0.9)


def minimum_detectable_effect(se: float, dof: float, level: float = 0.05, power: float = 0.8
                              ) -> float:
    """Return the true effect that a two-sided test finds with probability ``power``.

    Equation: ``(t_{1 − level/2} + t_{power}) se``, both quantiles of ``dof`` degrees of freedom
    (Bloom 1995); 2.8 standard errors in large samples.
    """
    return float((stdtrit(dof, 1.0 - level / 2.0) + stdtrit(dof, power)) * se)


def with_detectable_effects(fit: Fit, model: Model) -> Fit:
    """Return ``fit`` with ``stats["mde:<term>"]`` of its focal regressors."""
    dof = fit.stats.get("dof", np.inf)
    found = {f"mde:{term}": minimum_detectable_effect(float(fit.se[term]), dof)
             for term in model.x if term in fit.terms}
    return replace(fit, stats={**fit.stats, **found})


def with_shapes(fit: Fit, design: Design, model: Model) -> Fit:
    """Return ``fit`` with the turning points of its squares and the regions of its interactions.

    A square adds ``turn:<x>``, ``turn_low:<x>``, ``turn_high:<x>`` (Fieller's interval, see
    :class:`gvckit.models.quadratic.Turn`), ``turn_p:<x>`` (Lind and Mehlum's) and
    ``turn_beyond:<x>`` (the share of observations); an interaction adds ``jn_low:<term>``,
    ``jn_high:<term>`` (where there are bounds), ``jn_inside:<term>`` and ``jn_share:<term>``.
    Marginal effects hold other interactions of the same regressor at zero.
    """
    stats: dict[str, float] = {}
    turns, regions = [], []
    for product in model.products:
        if product.left not in fit.terms or product.term not in fit.terms:
            continue
        if product.is_square:
            turn = _turn(fit, product, design)
            if turn:
                turns.append(turn)
                stats |= {f"turn{key}:{product.left}": turn[name] for key, name in (
                    ("", "point"), ("_low", "low"), ("_high", "high"), ("_p", "p"),
                    ("_beyond", "share_beyond"))}
        else:
            region = _region(fit, product, _values(design, product.right))
            regions.append(region)
            ends = dict(zip(("low", "high"), region["bounds"], strict=False))
            stats |= {f"jn_{key}:{product.term}": float(value) for key, value in (
                *ends.items(), ("inside", region["inside"]), ("share", region["share"]))}
    further: dict[str, Any] = {**({"turns": turns} if turns else {}),
                               **({"regions": regions} if regions else {})}
    if not further:
        return fit
    return replace(fit, stats={**fit.stats, **stats}, further={**fit.further, **further})


def _values(design: Design, term: str) -> NDArray[np.float64]:
    return np.asarray(design.X[:, design.terms.index(term)], dtype=np.float64)


def _turn(fit: Fit, product: Product, design: Design) -> dict[str, Any]:
    if float(fit.coef[product.term]) == 0.0:
        return {}
    turn = turning_point(fit, product.left, product.term, _values(design, product.left))
    return {"term": product.left,
            **{key: getattr(turn, key) for key in ("shape", "point", "low", "high", "p",
                                                   "share_beyond")}}


def _region(fit: Fit, product: Product, moderator: NDArray[np.float64]) -> dict[str, Any]:
    region = johnson_neyman(fit, product.left, product.term, moderator)
    values = np.unique(moderator)
    if len(values) > FEW_VALUES:
        values = np.quantile(moderator, QUANTILES)
    effects = marginal_effects(fit, product.left, product.term, values)
    shown = ("at", "effect", "se", "p")
    return {"term": product.left, "moderator": product.right, "interaction": product.term,
            "bounds": list(region.bounds), "inside": region.inside, "share": region.share,
            "quantiles": list(QUANTILES) if len(np.unique(moderator)) > FEW_VALUES else [],
            "effects": [[float(row[key]) for key in shown]
                        for row in effects.to_dict("records")]}
