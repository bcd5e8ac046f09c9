"""Quality of exports by the demand residual of Khandelwal, Schott & Wei (2013)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, ModelError, Problem, SpecError, listing, unknown
from gvckit.sophistication import quality_kernels as kernels
from gvckit.sophistication.flows import some
from gvckit.sophistication.keyed import keyed
from gvckit.sophistication.shapes import YEAR

__all__ = ["quality"]

Floats = NDArray[np.float64]
Sigma = float | str | pd.DataFrame | pd.Series | Mapping[Any, float]


def quality(
    trade: pd.DataFrame, sigma: Sigma = 5.0, *,
    effects: Sequence[str | Sequence[str]] | None = None, by: Sequence[str] | None = None,
    outliers: float | None = 50.0, country: str = "country", product: str = "product",
    market: str | None = "importer", value: str = "value", quantity: str = "quantity",
    time: str | None = None,
) -> pd.DataFrame:
    """Return the quality of each flow, or its mean by country, product, period.

    ln q + σ ln p = α_product + α_market,time + η, quality = η / (σ − 1) with p = value / quantity;
    standardised r = (quality − min) / (max − min) within the product.

    Parameters
    ----------
    trade
        One row for each flow: exporter, product, importing market (and period), value, quantity.
    sigma
        Elasticity of substitution, above 1: one number, or by product (a column of ``trade``, a
        frame product, sigma, a Series or a mapping).
    effects
        Fixed effects, each a column or several columns taken together; default product, and
        market × time (with neither market nor time: product only).
    by
        Keys of the result, or other columns of ``trade`` such as an industry: r of the flows
        averaged by value.  None: one row for each flow used.
    outliers
        Unit values below the product's median / ``outliers`` or above median × ``outliers`` are
        left out; None keeps all.
    market
        Column of the importing market; None where the flows have no destination.
    country, product, value, quantity, time
        Names of the other columns; ``time`` None for one cross-section.

    Returns
    -------
    The keys, and quality, standardised (per flow), or standardised alone (``by``).  Flows with no
    value or quantity and outliers are left out and counted in ``attrs["rows"]``; r is missing in
    products whose flows all have one quality.

    Raises
    ------
    SpecError
        Where an effect or a key of ``by`` is not a key of the flows.
    DataError
        With every problem of the flows: absent columns, missing or negative numbers, duplicate
        flows, σ missing or not above 1.
    ModelError
        Where the within transformation does not converge.
    """
    if not isinstance(trade, pd.DataFrame):
        raise DataError(Problem(f"expected a long data frame, got {type(trade).__name__}"))
    if time is None and YEAR in trade:
        time = YEAR
    keys = [country, product, *([market] if market else []), *([time] if time else [])]
    taken = _effects(effects, product, market, time)
    wrong = sorted({n for n in (c for e in taken for c in e) if n not in keys}
                   | {n for n in by or [] if n not in [*keys, *trade.columns]})
    if wrong:
        raise SpecError([unknown("key", n, keys) for n in wrong])
    worth, amount = _checked(trade, keys, value, quantity)
    elasticity = _sigma(trade, sigma, product)
    positive = (worth > 0) & (amount > 0)
    rows = {"flows": len(trade), "no value or quantity": int((~positive).sum())}
    if not positive.any():
        raise DataError("no flow has a value and a quantity")
    used = np.flatnonzero(positive)
    price = worth[used] / amount[used]
    if outliers is not None:
        out = kernels.unit_value_outliers(price, _codes(trade.iloc[used], (product,)), outliers)
        rows["outliers"] = int(out.sum())
        used, price = used[~out], price[~out]
    rows["used"] = len(used)
    frame = trade.iloc[used]
    eta, converged = kernels.demand_residual(
        amount[used], price, elasticity[used], [_codes(frame, e) for e in taken])
    if not converged:
        raise ModelError("the within transformation of quality did not converge")
    level = eta / (elasticity[used] - 1.0)
    scaled = kernels.within_range(level, _codes(frame, (product,)))
    words = " + ".join(" x ".join(e) for e in taken)
    more = [n for n in by or [] if n not in keys]
    result = frame[[*keys, *more]].reset_index(drop=True).assign(quality=level,
                                                                 standardised=scaled)
    definition = (f"ln q + sigma ln p = {words} + eta, quality = eta / (sigma - 1); standardised "
                  "to [0, 1] within the product (Khandelwal, Schott & Wei 2013); sigma "
                  + (f"{sigma:g}" if isinstance(sigma, int | float) else "by product"))
    if by is not None:
        result = _mean(result.assign(weight=worth[used]), list(by))
        definition += f"; mean by {', '.join(by)}, weighted by value"
    result.attrs = {"definition": definition, "unit": "none", "rows": rows}
    return result


def _effects(
    effects: Sequence[str | Sequence[str]] | None, product: str, market: str | None,
    time: str | None,
) -> list[tuple[str, ...]]:
    if effects is None:
        place = tuple(n for n in (market, time) if n)
        return [(product,), *([place] if place else [])]
    if not effects:
        raise SpecError(Problem("quality without fixed effects", allowed="at least the product"))
    return [(e,) if isinstance(e, str) else tuple(e) for e in effects]


def _checked(
    trade: pd.DataFrame, keys: list[str], value: str, quantity: str,
) -> tuple[Floats, Floats]:
    absent = [n for n in [*keys, value, quantity] if n not in trade]
    if absent:
        raise DataError([unknown("column", n, map(str, trade.columns)) for n in absent])
    problems = []
    numbers = []
    for name in (value, quantity):
        x = pd.to_numeric(trade[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        for bad, what in ((~np.isfinite(x), "is not a finite number"), (x < 0, "is negative")):
            if bad.any():
                first = trade.loc[bad, keys].head(12).astype(str).agg(" ".join, axis=1)
                problems.append(Problem(f"{name} {what} in {bad.sum()} rows: "
                                        f"{some(list(first), int(bad.sum()))}",
                                        allowed="0 or more; drop rows without a number"))
        numbers.append(x)
    problems += [Problem(f"{k} is missing in {trade[k].isna().sum()} rows")
                 for k in keys if trade[k].isna().any()]
    twice = trade.duplicated(keys).to_numpy()
    if twice.any():
        first = trade.loc[twice, keys].head(12).astype(str).agg(" ".join, axis=1)
        problems.append(Problem(f"{twice.sum()} duplicate flows: "
                                f"{some(list(first), int(twice.sum()))}",
                                allowed=f"one row for each {', '.join(keys)}"))
    if problems:
        raise DataError(problems)
    return numbers[0], numbers[1]


def _sigma(trade: pd.DataFrame, sigma: Sigma, product: str) -> Floats:
    """Return σ of each row, shape (rows,)."""
    labels = pd.Index(pd.unique(trade[product]))
    where = labels.get_indexer(pd.Index(trade[product]))
    if isinstance(sigma, str):
        if sigma not in trade:
            raise DataError(unknown("column", sigma, map(str, trade.columns)))
        sigma = trade[[product, sigma]].drop_duplicates().rename(columns={sigma: "sigma"})
    level = keyed(sigma, "sigma", [product], [labels])
    problems = []
    for bad, what in ((np.isnan(level), "have no sigma"), (level <= 1, "have a sigma up to 1")):
        if bad.any():
            problems.append(Problem(f"{bad.sum()} products {what}: "
                                    f"{listing(map(str, labels[bad]))}", allowed="sigma above 1"))
    if problems:
        raise DataError(problems)
    return level[where]


def _codes(frame: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """Return the group of each row, numbered from 0 without gaps."""
    code = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        each, labels = pd.factorize(frame[name])
        code = np.unique(code * max(len(labels), 1) + each, return_inverse=True)[1]
    return code.astype(np.int64)


def _mean(flows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    known = flows[flows["standardised"].notna()]
    weighted = known.assign(standardised=known["standardised"] * known["weight"])
    sums = weighted.groupby(by, observed=True, sort=True)[["standardised", "weight"]].sum()
    return (sums["standardised"] / sums["weight"]).rename("standardised").reset_index()
