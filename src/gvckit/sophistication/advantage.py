"""Revealed comparative advantage in gross exports or in value added."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.sophistication.advantage_kernels import KINDS
from gvckit.sophistication.flows import Columns, check_choices, tidy
from gvckit.sophistication.value_added import adjusted_flows

__all__ = ["advantage"]


def advantage(
    exports: pd.DataFrame,
    kind: Literal["balassa", "symmetric", "normalised", "additive", "weighted"] = "balassa", *,
    dva: str | pd.DataFrame | None = None, dvar: str | pd.DataFrame | None = None,
    na: str = "error", country: str = "country", product: str = "product", value: str = "value",
    time: str | None = None,
) -> pd.DataFrame:
    """Return revealed comparative advantage of every country in every product.

    Parameters
    ----------
    exports
        One row for each country and product (and period); a product without a row is 0.
    kind
        ``"balassa"`` RCA = (x_ci / C_c) / (I_i / W); ``"symmetric"`` (RCA − 1) / (RCA + 1);
        ``"normalised"`` x_ci / W − C_c I_i / W² (Yu, Cai & Leung; sums to 0 both ways);
        ``"additive"`` x_ci / C_c − I_i / W; ``"weighted"`` RCA over its country mean.
    dva, dvar
        Domestic value added in exports, or its share of them, in place of gross exports: a column
        of ``exports`` or a frame.
    na
        Missing values of exports: ``"error"`` or ``"zero"``.
    country, product, value, time
        Names of the columns; ``time`` None for one cross-section.

    Returns
    -------
    Columns country, product[, time], advantage: every pair of a country with exports and a product
    that anybody exports in the period.  Others are named in ``attrs["dropped"]``.

    Raises
    ------
    SpecError, DataError
        Where the kind is not known; with every problem of the exports.
    """
    check_choices(kind=(kind, KINDS))
    kernel, definition = KINDS[kind]
    value_added = dva is not None or dvar is not None
    flows = adjusted_flows(exports, Columns(country, product, value, time),
                           adjust="dva" if value_added else "none", dva=dva, dvar=dvar,
                           na=na).weights
    parts = []
    problems = []
    dropped: dict[str, Any] = {"no exports": set(), "products without exports": set()}
    for t, x in flows.matrices():
        rows, columns = x.sum(axis=1) > 0, x.sum(axis=0) > 0
        dropped["no exports"] |= set(np.flatnonzero(~rows).tolist())
        dropped["products without exports"] |= set(np.flatnonzero(~columns).tolist())
        if not rows.any():
            problems.append(Problem("all exports are 0", flows.period_name(t) or None))
            continue
        c, p = np.flatnonzero(rows), np.flatnonzero(columns)
        parts.append((np.repeat(c, len(p)), np.tile(p, len(c)), np.full(len(c) * len(p), t),
                      kernel(x[np.ix_(c, p)]).ravel()))
    if problems:
        raise DataError(problems)
    of_country, of_product, period, result = (
        np.concatenate(each) for each in zip(*parts, strict=True))
    keys = flows.over_time({country: (of_country, flows.countries),
                            product: (of_product, flows.products)}, period)
    basis = "domestic value added in exports" if value_added else "gross exports"
    return tidy(keys, {"advantage": result}, definition=f"{definition}; x: {basis}", unit="none",
                dropped={
                    "no exports": list(flows.countries[sorted(dropped["no exports"])]),
                    "products without exports":
                        list(flows.products[sorted(dropped["products without exports"])])})
