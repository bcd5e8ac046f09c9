"""Revealed comparative advantage in gross exports or in value added."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem
from gvckit.sophistication.advantage_kernels import KINDS
from gvckit.sophistication.flows import check_choices, tidy
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import basis_flows

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
        Names of the columns; with ``time`` None a column ``year``, where there is one, is the
        time, and there is one cross-section where there is none.

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
    exports, columns = long_frame(exports, country, product, value, time)
    flows, basis = basis_flows(exports, columns, dva=dva, dvar=dvar, na=na)
    parts = []
    problems = []
    dropped: dict[str, Any] = {"no exports": set(), "products without exports": set()}
    for t, x in flows.matrices():
        rows, sold = x.sum(axis=1) > 0, x.sum(axis=0) > 0
        dropped["no exports"] |= set(np.flatnonzero(~rows).tolist())
        dropped["products without exports"] |= set(np.flatnonzero(~sold).tolist())
        if not rows.any():
            problems.append(Problem("all exports are 0", flows.period_name(t) or None))
            continue
        c, p = np.flatnonzero(rows), np.flatnonzero(sold)
        parts.append((np.repeat(c, len(p)), np.tile(p, len(c)), np.full(len(c) * len(p), t),
                      kernel(x[np.ix_(c, p)]).ravel()))
    if problems:
        raise DataError(problems)
    of_country, of_product, period, result = (
        np.concatenate(each) for each in zip(*parts, strict=True))
    keys = flows.over_time({country: (of_country, flows.countries),
                            product: (of_product, flows.products)}, period)
    return tidy(keys, {"advantage": result}, definition=f"{definition}; {basis}", unit="none",
                dropped={
                    "no exports": list(flows.countries[sorted(dropped["no exports"])]),
                    "products without exports":
                        list(flows.products[sorted(dropped["products without exports"])])})
