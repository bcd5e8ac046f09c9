"""PRODY of products and EXPY of countries (Hausmann, Hwang & Rodrik 2007)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.sophistication import prody_kernels as kernels
from gvckit.sophistication.flows import Flows, Keys, check_choices, tidy
from gvckit.sophistication.keyed import by_product
from gvckit.sophistication.sample import Income, Sample, average, levels_by_period, sample
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import ADJUSTMENTS, adjusted_flows

__all__ = ["Adjust", "Weights", "expy", "given_levels", "levels_of", "prody"]

Floats = NDArray[np.float64]
Adjust = Literal["none", "dva", "dva-shares", "yao-zhang"]
Weights = Literal["moving", "fixed"]

PRODY = "PRODY_i = sum_c [s_ci / sum_d s_di] Y_c, s_ci = x_ci / C_c (Hausmann, Hwang & Rodrik 2007)"
EXPY = "EXPY_c = sum_i s_ci PRODY_i, s_ci = x_ci / C_c (Hausmann, Hwang & Rodrik 2007)"


def prody(
    exports: pd.DataFrame, income: Income, *, weights: Weights = "moving",
    base: Any = None, balanced: bool = True, adjust: Adjust = "none",
    dva: str | pd.DataFrame | None = None, dvar: str | pd.DataFrame | None = None,
    missing: str = "drop", na: str = "error", country: str = "country",
    product: str = "product", value: str = "value", time: str | None = None,
) -> pd.DataFrame:
    """Return the income level that each product is associated with.

    PRODY_i = Σ_c w_ci Y_c with w_ci = s_ci / Σ_d s_di and s_ci = x_ci / Σ_i x_ci; the weights sum
    to 1 over the countries.

    Parameters
    ----------
    exports
        One row for each country and product (and period): value of exports, 0 or more.
    income
        GDP per capita by country (and period): frame, Series or mapping.
    weights
        ``"moving"``: each period its own PRODY; ``"fixed"``: one PRODY, its mean over the periods
        in ``base``.
    base
        One period or several, with ``weights="fixed"``.
    balanced
        Whether only countries with exports and income in every period count.  The entry of a poor
        country moves PRODY of what it exports.
    adjust
        ``"none"`` or ``"dva"``: gross exports, or domestic value added in place of them.
    dva, dvar
        Domestic value added in exports or its share: a column of ``exports``, or a frame.
    missing
        ``"drop"`` leaves countries without income out before shares are taken and names them in
        ``attrs["dropped"]``; ``"error"`` refuses them.
    na
        Missing values of exports: ``"error"`` or ``"zero"``.
    country, product, value, time
        Names of the columns; with ``time`` None a column ``year``, where there is one, is the
        time, and there is one cross-section where there is none.

    Returns
    -------
    Columns product[, time], prody (unit of ``income``).  Products that no country of the sample
    exports are left out and named in ``attrs["products without exports"]``.

    Raises
    ------
    SpecError
        Where an option is not known, or the options contradict one another.
    DataError
        With every problem of exports and income.
    """
    if adjust in ("dva-shares", "yao-zhang"):
        raise SpecError(Problem(f"adjust={adjust!r} changes EXPY, not PRODY",
                                allowed="adjust='none' or 'dva' here, any in expy"))
    exports, columns = long_frame(exports, country, product, value, time)
    chosen = sample(adjusted_flows(exports, columns, adjust=adjust, dva=dva, dvar=dvar, na=na),
                    income, balanced=balanced, missing=missing)
    levels, notes = levels_of(chosen, weights, base)
    flows = chosen.exports.weights
    fixed = weights == "fixed"
    shown = levels[:1] if fixed else levels
    t, p = np.nonzero(~np.isnan(shown))
    of_product: Keys = {product: (p, flows.products)}
    keys = of_product if fixed else flows.over_time(of_product, t)
    none: NDArray[np.bool_] = np.asarray(np.isnan(shown).all(axis=0))
    return tidy(keys, {"prody": shown[t, p]}, **notes, unit="unit of income",
                **{"products without exports": list(flows.products[none])},
                definition=f"{PRODY}; {_weights(weights, base)}; x: {ADJUSTMENTS[adjust]}")


def expy(
    exports: pd.DataFrame, income: Income | None = None, *, weights: Weights = "moving",
    base: Any = None, balanced: bool = True, adjust: Adjust = "none",
    dva: str | pd.DataFrame | None = None, dvar: str | pd.DataFrame | None = None,
    prody: pd.DataFrame | None = None, missing: str = "drop", na: str = "error",
    country: str = "country", product: str = "product", value: str = "value",
    time: str | None = None,
) -> pd.DataFrame:
    """Return the income level that each country's export basket is associated with.

    EXPY_c = Σ_i s_ci PRODY_i.

    Parameters
    ----------
    exports, weights, base, balanced, missing, na, country, product, value, time
        As in :func:`prody`.
    income
        As in :func:`prody`; None where ``prody`` gives the levels.
    adjust
        ``"none"``, ``"dva"`` (value added in PRODY and in the shares), ``"dva-shares"`` (only in
        the shares) or ``"yao-zhang"`` (each PRODY times 1 − FVAR of the country's product).
    dva, dvar
        Domestic value added in exports, or its share 1 − FVAR: column or frame.
    prody
        Levels from elsewhere: product[, time], prody; without ``income`` every country that
        exports has an EXPY.

    Returns
    -------
    Columns country[, time], expy (unit of ``income``); ``attrs["coverage"]`` is the smallest share
    of a country's exports whose PRODY is known, and the shares are taken over those.

    Raises
    ------
    SpecError, DataError
        As :func:`prody`; where neither or both of ``income`` and ``prody`` are given.
    """
    if (income is None) == (prody is None):
        raise SpecError(Problem("expy takes income or prody", allowed="one of the two"))
    exports, columns = long_frame(exports, country, product, value, time)
    chosen = sample(adjusted_flows(exports, columns, adjust=adjust, dva=dva, dvar=dvar, na=na),
                    income, balanced=balanced, missing=missing)
    flows = chosen.exports.shares
    if prody is None:
        levels, notes = levels_of(chosen, weights, base)
        source = _weights(weights, base)
    else:
        levels, notes = given_levels(flows, prody), dict(chosen.notes)
        source = "PRODY as given"
    result = np.full((flows.shape[0], flows.periods), np.nan)
    coverage = np.full_like(result, np.nan)
    for t, x in flows.matrices():
        used = chosen.used[:, t]
        factors = chosen.exports.correction_matrix(t)
        result[used, t], coverage[used, t] = kernels.expy(
            x[used], levels[t], None if factors is None else factors[used])
    period, c = np.nonzero(chosen.used.T)
    keys = flows.over_time({country: (c, flows.countries)}, period)
    return tidy(keys, {"expy": result[c, period]}, **notes, unit="unit of income",
                coverage=float(np.nanmin(coverage)),
                definition=f"{EXPY}; {source}; x: {ADJUSTMENTS[adjust]}")


def levels_of(chosen: Sample, weights: str, base: Any) -> tuple[Floats, dict[str, Any]]:
    """Return PRODY for each period, shape (T, P), and notes on the sample and the identity."""
    check_choices(weights=(weights, ("moving", "fixed")))
    levels, deviation = levels_by_period(chosen)
    if weights == "fixed":
        rows = _base_periods(chosen.exports.weights, base)
        levels = np.broadcast_to(average(levels[rows]), levels.shape)
    elif base is not None:
        raise SpecError(Problem("base= is given with weights='moving'", allowed="weights='fixed'"))
    return levels, {**chosen.notes, "identities": {"weights sum to 1 per product": deviation}}


def _weights(weights: str, base: Any) -> str:
    if weights == "moving":
        return "moving weights: each period its own PRODY"
    return f"fixed weights: mean PRODY over {', '.join(map(str, _several(base)))}"


def _several(base: Any) -> Sequence[Any]:
    return list(base) if isinstance(base, list | tuple | range | np.ndarray | pd.Index) else [base]


def _base_periods(flows: Flows, base: Any) -> NDArray[np.intp]:
    if flows.times is None or base is None:
        raise SpecError(Problem("weights='fixed' without periods",
                                allowed="time= (column of the periods) and base= (periods)"))
    wanted = pd.Index(_several(base))
    rows: NDArray[np.intp] = flows.times.get_indexer(wanted)
    if (rows < 0).any() or not len(rows):
        raise DataError(Problem(f"no exports in base period {listing(map(str, wanted[rows < 0]))}",
                                allowed=listing(map(str, flows.times))))
    return rows


def given_levels(flows: Flows, prody: pd.DataFrame) -> Floats:
    """Return PRODY from elsewhere, shape (T, P)."""
    levels = by_product(flows, prody, "prody").T
    if np.isnan(levels).all(axis=1).any():
        raise DataError(Problem("prody knows no product of the exports",
                                allowed="the same product codes in both"))
    return levels
