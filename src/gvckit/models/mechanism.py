"""Channels of an effect: what the regressor does to a mediator, and the product of the paths.

On one sample with the same regressors and fixed effects least squares give an identity: the total
effect of x on y is the direct effect beside the mediators plus, over the mediators m, the effect
``a_m`` of x on m times the effect ``b_m`` of m on y.  The two-step style shows total effect and
``a``; the three-step style adds the equation with the mediators; the interaction style lets the
effect of x on y differ with the mediator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from gvckit.errors import ModelError, Problem
from gvckit.models.demean import ConvergenceError
from gvckit.models.design import Design
from gvckit.models.mechanism_options import Mechanism
from gvckit.models.mediation_draws import counts_of, indirect_draws
from gvckit.models.model import Model
from gvckit.models.ols import ols
from gvckit.models.products import Product
from gvckit.models.result import Fit
from gvckit.models.seeds import generator
from gvckit.models.shapes import with_detectable_effects, with_shapes
from gvckit.models.wild_fit import with_wild_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["added", "check_mechanism", "equations", "sobel", "with_mechanism"]

EXACT = 1e-8
"""Largest gap in total = direct + indirect, relative to the largest of them."""

CAVEATS = {
    "two-step": "the channel rests on the effect of x on the mediator; that the mediator moves the "
                "outcome is for theory to argue, and the product of the paths assumes that nothing "
                "unobserved moves both",
    "three-step": "stepwise mediation is biased where something unobserved moves mediator and "
                  "outcome (Jiang 2022): read the two-step columns first",
    "interaction": "the effect differs with the mediator, which x itself moves: read it as "
                   "heterogeneity, not as a mediated share",
}


def sobel(a: float, a_se: float, b: float, b_se: float) -> tuple[float, float, float]:
    """Return the standard error of ``a·b``, ``√(a² s_b² + b² s_a²)`` (Sobel 1982), z and p."""
    se = math.sqrt(a**2 * b_se**2 + b**2 * a_se**2)
    z = a * b / se if se > 0 else math.nan
    return se, z, float(2 * norm.sf(abs(z)))


def with_mechanism(fit: Fit, design: Design, model: Model, name: str, seed: int | Sequence[int]
                   ) -> Fit:
    """Return ``fit``, the equation of y, with the channels that ``model.mechanism`` asks for.

    ``stats`` get, for each focal regressor x and mediator m, ``a:x:m``, ``b:m``,
    ``indirect:x:m``, ``sobel_se``, ``sobel_z``, ``sobel_p``, and with draws ``indirect_low`` and
    ``indirect_high``: the 95 % percentile interval over whole clusters (units without clusters)
    drawn with replacement; ``direct:x``.  ``further["mechanism"]`` holds them, and the other
    equations as fits.

    Raises
    ------
    ModelError
        A mediator without variation, or collinear with the regressors.
    """
    asked = model.mechanism
    if asked is None:
        return fit
    channels = [_equation(design, model, m, name, seed) for m in asked.through]
    beside = _beside(design, model, asked)
    told: dict[str, Any] = {"style": asked.style, "through": list(asked.through),
                            "caveat": CAVEATS[asked.style]}
    fits = [{"label": m, "fit": done.to_dict()}
            for m, done in zip(asked.through, channels, strict=True)]
    stats: dict[str, float] = {}
    if asked.style == "interaction":
        crossed = _crossed(*beside, asked)
        last = _finished(*crossed, name, seed)
        fits.append({"label": "interaction", "fit": last.to_dict()})
    else:
        last = _finished(*beside, name, seed)
        _collinear(fit, last, asked, name)
        told["effects"], stats = _effects(fit, channels, last, asked)
        told["draws"], told["by"], ends = _intervals(design, fit, asked, name, seed)
        for effect in told["effects"]:
            if (effect["x"], effect["through"]) in ends:
                low, high = ends[effect["x"], effect["through"]]
                effect |= {"low": low, "high": high}
                stats |= {f"indirect_{end}:{effect['x']}:{effect['through']}": value
                          for end, value in (("low", low), ("high", high))}
        if asked.style == "three-step":
            fits.append({"label": "direct", "fit": last.to_dict()})
    return replace(fit, stats={**fit.stats, **stats},
                   further={**fit.further, "mechanism": {**told, "fits": fits}})


def equations(fit: object) -> list[Fit]:
    """Return the equations that stand beside ``fit``: of the mediators, then of y with them."""
    if not isinstance(fit, Fit):
        return []
    return [replace(Fit.from_dict(entry["fit"]), name=f"{fit.name}: {entry['label']}")
            for entry in (fit.further.get("mechanism") or {}).get("fits", ())]


def added(fit: object, beside: Sequence[Fit]) -> list[str]:
    """Return the terms of interest that the equations ``beside`` have and ``fit`` has not."""
    if not isinstance(fit, Fit):
        return []
    return list(dict.fromkeys(t for one in beside for t in one.model["x"] if t not in fit.terms))


def check_mechanism(model: Model, name: str) -> None:
    """Raise a ModelError where the model cannot have channels: not least squares, or weighted."""
    if model.mechanism is None:
        return
    where = f"model {name!r}, mechanism"
    if model.estimator != "ols":
        raise ModelError(Problem(f"channels are those of least squares, not {model.estimator!r}",
                                 where))
    if model.weights:
        raise ModelError(Problem(f"channels take no weights, not {model.weights!r}", where))


def _equation(design: Design, model: Model, mediator: str, name: str,
              seed: int | Sequence[int]) -> Fit:
    """Return the regression of a mediator on what y is regressed on."""
    plain = replace(model, y=mediator, mechanism=None, threshold=None)
    try:
        return _finished(replace(design, y=design.columns[mediator]), plain,
                         f"{name}: {mediator}", seed)
    except ModelError as error:
        where = f"model {name!r}"
        raise type(error)([replace(p, what=f"channel {mediator!r}: {p.what}", where=where)
                           for p in error.problems]) from error


def _beside(design: Design, model: Model, asked: Mechanism) -> tuple[Design, Model]:
    """Return design and model of y with the mediators among the focal regressors."""
    k = len(model.x)
    mediators = np.column_stack([design.columns[m] for m in asked.through])
    X = np.column_stack([design.X[:, :k], mediators, design.X[:, k:]])
    terms = (*design.terms[:k], *asked.through, *design.terms[k:])
    return (replace(design, X=X, terms=terms),
            replace(model, x=(*model.x, *asked.through), mechanism=None, threshold=None))


def _crossed(design: Design, model: Model, asked: Mechanism) -> tuple[Design, Model]:
    """Return design and model with the products of the focal regressors and the mediators."""
    focal = [t for t in model.x if t not in asked.through]
    products = tuple(Product(f"{_factor(x)}*{_factor(m)}", x, m)
                     for x in focal for m in asked.through)
    values = np.column_stack([design.X[:, design.terms.index(p.left)]
                              * design.X[:, design.terms.index(p.right)] for p in products])
    made = tuple(p.term for p in products)
    k = len(model.x)
    X = np.column_stack([design.X[:, :k], values, design.X[:, k:]])
    return (replace(design, X=X, terms=(*design.terms[:k], *made, *design.terms[k:])),
            replace(model, x=(*model.x, *made), products=(*model.products, *products)))


def _factor(text: str) -> str:
    return text if text.replace("_", "a").isalnum() else f"({text})"


def _finished(design: Design, model: Model, name: str, seed: int | Sequence[int]) -> Fit:
    done = with_shapes(with_detectable_effects(ols(design, model, name), model), design, model)
    return with_wild_p(done, design, model, seed)


def _collinear(fit: Fit, last: Fit, asked: Mechanism, name: str) -> None:
    lost = [t for t, _ in last.dropped if t in asked.through or t in fit.terms]
    if lost:
        channels = " and ".join(map(repr, asked.through))
        raise ModelError(Problem(f"{channels} cannot be told apart from the regressors beside them:"
                                 f" {' and '.join(map(repr, lost))} is collinear",
                                 f"model {name!r}, mechanism"))


def _effects(fit: Fit, channels: Sequence[Fit], last: Fit, asked: Mechanism
             ) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Return the paths of each focal regressor through each mediator; they must add up."""
    effects: list[dict[str, Any]] = []
    stats: dict[str, float] = {}
    for x in (t for t in fit.terms if t in last.terms and t in _focal(fit, last, asked)):
        parts = []
        for m, channel in zip(asked.through, channels, strict=True):
            a, a_se = float(channel.coef[x]), float(channel.se[x])
            b, b_se = float(last.coef[m]), float(last.se[m])
            se, z, p = sobel(a, a_se, b, b_se)
            parts.append(a * b)
            effects.append({"x": x, "through": m, "a": a, "a_se": a_se, "b": b, "b_se": b_se,
                            "indirect": a * b, "sobel_se": se, "sobel_z": z, "sobel_p": p})
            stats |= {f"a:{x}:{m}": a, f"b:{m}": b, f"indirect:{x}:{m}": a * b,
                      f"sobel_se:{x}:{m}": se, f"sobel_z:{x}:{m}": z, f"sobel_p:{x}:{m}": p}
        total, direct = float(fit.coef[x]), float(last.coef[x])
        gap = abs(total - direct - sum(parts))
        if gap > EXACT * max(abs(total), abs(direct), *map(abs, parts)):
            raise ConvergenceError(Problem(
                f"the effects of {x!r} do not add up: total {total:.12g}, direct {direct:.12g}, "
                f"indirect {sum(parts):.12g}", f"model {fit.name!r}"))
        stats[f"direct:{x}"] = direct
    return effects, stats


def _focal(fit: Fit, last: Fit, asked: Mechanism) -> tuple[str, ...]:
    return tuple(t for t in last.model["x"] if t not in asked.through and t in fit.terms)


def _intervals(design: Design, fit: Fit, asked: Mechanism, name: str, seed: int | Sequence[int]
               ) -> tuple[int, str, dict[tuple[str, str], tuple[float, float]]]:
    """Return the draws used, what was drawn, and the 95 % interval of each indirect effect."""
    groups = design.clusters[0] if design.clusters else design.unit
    if asked.reps == 0 or groups is None:
        return 0, "", {}
    kept = [j for j, term in enumerate(design.terms) if term in fit.terms]
    M = np.column_stack([design.columns[m] for m in asked.through])
    counts = counts_of(groups.levels, asked.reps, generator(seed, name, "mechanism"))
    a, b = indirect_draws(design.y, M, design.X[:, kept], design.effects, groups, counts)
    drawn = a * b[:, None, :]
    drawn = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    ends = np.quantile(drawn, [0.025, 0.975], axis=0)
    return len(drawn), groups.name, {
        (design.terms[j], m): _pair(ends[:, i, c])
        for i, j in enumerate(kept) for c, m in enumerate(asked.through)}


def _pair(ends: NDArray[np.float64]) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])
