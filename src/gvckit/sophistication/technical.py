"""Technical complexity of exports by industry (出口技术复杂度): three definitions in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem, SpecError, listing
from gvckit.sophistication.flows import Columns, check_choices, tidy
from gvckit.sophistication.prody import Adjust, Weights, given_levels, levels_of, prody
from gvckit.sophistication.sample import Income, sample
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import ADJUSTMENTS, adjusted_flows

__all__ = ["DEFINITIONS", "technical_complexity"]

DEFINITIONS = {
    "industry-prody": "ETS_i = sum_c [s_ci / sum_d s_di] Y_c over industries i: the same for "
                      "every country",
    "country-industry": "ETS_ci = sum_{p in i} (x_cp / x_ci) PRODY_p, PRODY across countries",
    "province": "ETS_ri = sum_{p in i} (x_rp / x_ri) PRODY_p for provinces r, PRODY across "
                "provinces (or as given)",
}


def technical_complexity(
    exports: pd.DataFrame, income: Income | None = None, *,
    definition: Literal["industry-prody", "country-industry", "province"],
    industry: str | Mapping[Any, Any] | pd.Series | None = None,
    weights: Weights = "moving", base: Any = None, balanced: bool = True,
    adjust: Adjust = "none", dva: str | pd.DataFrame | None = None,
    dvar: str | pd.DataFrame | None = None, levels: pd.DataFrame | None = None,
    missing: str = "drop", na: str = "error", country: str = "country",
    product: str = "product", value: str = "value", time: str | None = None,
) -> pd.DataFrame:
    """Return the technical complexity of exports by industry, [country or province] [, time].

    Parameters
    ----------
    definition
        ``"industry-prody"``: PRODY of the industry, the same for all countries (it identifies only
        with country-specific exposure); ``"country-industry"``: the mean PRODY of a country's
        products within the industry; ``"province"``: the same with provinces and their income, the
        ``country`` column holding the provinces.
    industry
        The industry of each product: a column of ``exports`` or a mapping.  None: the products are
        industries already (an ICIO table's sectors), with ``"industry-prody"``, or with
        ``adjust="yao-zhang"``, where ETS_ci = PRODY_i (1 − FVAR_ci).
    levels
        PRODY by product[, time] from elsewhere in place of ``income``: a province's basket valued
        at the world's PRODY.
    exports, income, weights, base, balanced, adjust, dva, dvar, missing, na
        As in :func:`gvckit.sophistication.prody.expy`.
    country, product, value, time
        Names of the columns; with ``time`` None a column ``year``, where there is one, is the
        time, and there is one cross-section where there is none.

    Returns
    -------
    Columns country, industry[, time], ets; industry[, time], ets with ``"industry-prody"``.

    Raises
    ------
    SpecError, DataError
        As ``expy``; where a product has no industry.
    """
    check_choices(definition=(definition, DEFINITIONS))
    exports, columns = long_frame(exports, country, product, value, time)
    common: dict[str, Any] = {"weights": weights, "base": base, "balanced": balanced,
                              "missing": missing, "na": na, "country": country,
                              "time": columns.time}
    if definition == "industry-prody":
        if income is None or levels is not None:
            raise SpecError(Problem("industry-prody needs income, and takes no levels"))
        frame, name, va = _by_industry(exports, columns, industry, dva, dvar, na)
        result = prody(frame, income, adjust=adjust, product=name, value=value, **va, **common)
        text = f"industry-prody: {DEFINITIONS[definition]}; {result.attrs['definition']}"
        result = result.rename(columns={"prody": "ets", name: "industry"})
        result.attrs["definition"] = text
        return result
    if industry is None and adjust != "yao-zhang":
        raise SpecError(Problem(f"{definition} needs the industry of each product",
                                allowed="industry= a column of the exports, or a mapping"))
    if (income is None) == (levels is None):
        raise SpecError(Problem(f"{definition} takes income or levels", allowed="one of the two"))
    chosen = sample(adjusted_flows(exports, columns, adjust=adjust, dva=dva, dvar=dvar, na=na),
                    income, balanced=balanced, missing=missing)
    flows = chosen.exports.shares
    if levels is None:
        known, notes = levels_of(chosen, weights, base)
    else:
        known, notes = given_levels(flows, levels), dict(chosen.notes)
    codes, names = _industries(exports, columns, industry, flows.products)
    member = np.zeros((flows.shape[1], len(names)))
    member[np.arange(len(codes)), codes] = 1.0
    parts = []
    for t, x in flows.matrices():
        x = np.where(chosen.used[:, [t]] & ~np.isnan(known[t]), x, 0.0)
        factors = chosen.exports.correction_matrix(t)
        worth = x * np.where(np.isnan(known[t]), 0.0, known[t])
        total = x @ member
        c, i = np.nonzero(total > 0)
        worth = (worth if factors is None else worth * factors) @ member
        parts.append((c, i, np.full(len(c), t), worth[c, i] / total[c, i]))
    of_country, of_industry, period, ets = (
        np.concatenate(each) for each in zip(*parts, strict=True))
    keys = flows.over_time({country: (of_country, flows.countries),
                            "industry": (of_industry, names)}, period)
    return tidy(keys, {"ets": ets}, **notes, unit="unit of income",
                definition=f"{definition}: {DEFINITIONS[definition]}; x: {ADJUSTMENTS[adjust]}")


def _industries(
    exports: pd.DataFrame, columns: Columns, industry: str | Mapping[Any, Any] | pd.Series | None,
    products: pd.Index,
) -> tuple[np.ndarray, pd.Index]:
    if industry is None:
        return np.arange(len(products)), products
    if isinstance(industry, str):
        if industry not in exports:
            raise DataError(Problem(f"unknown column {industry!r} for the industry",
                                    allowed=listing(map(str, exports.columns))))
        pairs = exports[[columns.product, industry]].drop_duplicates()
        several = pairs.loc[pairs[columns.product].duplicated(), columns.product]
        if len(several):
            raise DataError(Problem("products lie in more than one industry: "
                                    f"{listing(sorted(set(map(str, several))))}"))
        of = pairs.set_index(columns.product)[industry]
    else:
        of = pd.Series(dict(industry))
    found = of.reindex(products)
    missing = found.isna().to_numpy()
    if missing.any():
        raise DataError(Problem(f"{missing.sum()} products have no industry: "
                                f"{listing(map(str, products[missing]))}"))
    codes, names = pd.factorize(found, sort=True)
    return codes, pd.Index(names)


def _by_industry(
    exports: pd.DataFrame, columns: Columns, industry: str | Mapping[Any, Any] | pd.Series | None,
    dva: str | pd.DataFrame | None, dvar: str | pd.DataFrame | None, na: str,
) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    """Return exports summed by industry, the name of that column, and the value added."""
    if industry is None:
        return exports, columns.product, {"dva": dva, "dvar": dvar}
    # Reading first refuses faults that a sum would hide.
    gross = adjusted_flows(exports, columns, na=na).weights
    value_added = dva is not None or dvar is not None
    domestic = gross if not value_added else adjusted_flows(
        exports, columns, adjust="dva", dva=dva, dvar=dvar, na=na).weights
    codes, names = _industries(exports, columns, industry, gross.products)
    keys: dict[str, Any] = {columns.country: gross.countries[gross.country],
                            "industry": names[codes[gross.product]]}
    if columns.time is not None and gross.times is not None:
        period = np.repeat(np.arange(gross.periods), np.diff(gross.starts))
        keys[columns.time] = gross.times[period]
    frame = pd.DataFrame({**keys, columns.value: gross.value, "dva": domestic.value})
    summed = frame.groupby(list(keys), as_index=False, observed=True).sum()
    return summed, "industry", {"dva": "dva" if value_added else None}
