"""How many products a country's exports are spread over, and whose exports they resemble."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError
from gvckit.sophistication import diversification_kernels as kernels
from gvckit.sophistication.flows import Columns, Flows, check_choices, tidy
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import basis_flows

__all__ = ["diversification", "similarity"]

Floats = NDArray[np.float64]

DEFINITION = (
    "hhi = sum s^2, hhi_normalised = (hhi - 1/n) / (1 - 1/n); theil = (1/n) sum (x/mu) ln(x/mu) = "
    "between exported and other products + within the exported ones (Cadot, Carrere & "
    "Strauss-Kahn 2011), n products exported by anybody; extensive x intensive margin = relative "
    "exports (Hummels & Klenow 2005)")


def diversification(
    exports: pd.DataFrame, *, threshold: float = 0.0,
    reference: Literal["world", "rest"] = "world", dva: str | pd.DataFrame | None = None,
    dvar: str | pd.DataFrame | None = None, na: str = "error", country: str = "country",
    product: str = "product", value: str = "value", time: str | None = None,
) -> pd.DataFrame:
    """Return concentration, its parts and the margins of each country's exports.

    Parameters
    ----------
    exports
        One row for each country and product (and period); a product without a row is 0.
    threshold
        Exports up to this value count as none, everywhere.
    reference
        What the margins compare with: the ``"world"``'s exports, or those of the ``"rest"`` of it.
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
    Columns country[, time], products, hhi, hhi_normalised, theil, theil_between, theil_within,
    extensive, intensive, relative.  With ``"rest"``, intensive is missing where nobody else
    exports what the country does.  Countries without exports are named in ``attrs["dropped"]``.

    Raises
    ------
    SpecError, DataError
        Where an option is not known; with every problem of the exports.
    """
    check_choices(reference=(reference, ("world", "rest")))
    exports, columns = long_frame(exports, country, product, value, time)
    flows, basis = _read(exports, columns, threshold, na, dva, dvar)
    parts = []
    for t, c, x in _baskets(flows):
        t_index = kernels.theil(x)
        m = kernels.margins(x, rest=reference == "rest")
        hhi, normalised = kernels.herfindahl(x / x.sum(axis=1, keepdims=True))
        parts.append({
            "t": np.full(len(c), t), "c": c, "products": (x > 0).sum(axis=1), "hhi": hhi,
            "hhi_normalised": normalised, "theil": t_index.total,
            "theil_between": t_index.between, "theil_within": t_index.within,
            "extensive": m.extensive, "intensive": m.intensive, "relative": m.relative})
    stack: dict[str, NDArray[Any]] = {k: np.concatenate([q[k] for q in parts]) for k in parts[0]}
    keys = flows.over_time({country: (stack.pop("c"), flows.countries)}, stack.pop("t"))
    product_of_margins = stack["extensive"] * stack["intensive"]
    return tidy(keys, stack, definition=f"{DEFINITION}; reference: {reference}; x > {threshold:g}; "
                                         f"{basis}",
                unit="none", dropped={"no exports": _without(flows)}, identities={
                    "theil = between + within": _largest(
                        stack["theil"] - stack["theil_between"] - stack["theil_within"]),
                    "extensive x intensive = relative": _largest(
                        product_of_margins - stack["relative"])})


def similarity(
    exports: pd.DataFrame, *, threshold: float = 0.0, dva: str | pd.DataFrame | None = None,
    dvar: str | pd.DataFrame | None = None, na: str = "error", country: str = "country",
    product: str = "product", value: str = "value", time: str | None = None,
) -> pd.DataFrame:
    """Return how alike the baskets of two countries are: Σ_i min(s_ci, s_di), in [0, 1].

    Finger & Kreinin (1979); s_ci = x_ci / Σ_i x_ci.

    Parameters
    ----------
    exports, threshold, dva, dvar, na, country, product, value, time
        As in :func:`diversification`.

    Returns
    -------
    Columns country, partner[, time], similarity, for every ordered pair of different countries.

    Raises
    ------
    SpecError, DataError
        With every problem of the exports.
    """
    exports, columns = long_frame(exports, country, product, value, time)
    flows, basis = _read(exports, columns, threshold, na, dva, dvar)
    parts = []
    for t, c, x in _baskets(flows):
        alike = kernels.similarity(x / x.sum(axis=1, keepdims=True))
        a, b = np.nonzero(~np.eye(len(c), dtype=bool))
        parts.append((c[a], c[b], np.full(len(a), t), alike[a, b]))
    first, second, period, value_ = (np.concatenate(each) for each in zip(*parts, strict=True))
    keys = flows.over_time({country: (first, flows.countries),
                            "partner": (second, flows.countries)}, period)
    return tidy(keys, {"similarity": value_}, unit="share of exports",
                definition=f"sum_i min(s_ci, s_di) (Finger & Kreinin 1979); {basis}",
                dropped={"no exports": _without(flows)})


def _read(
    exports: pd.DataFrame, columns: Columns, threshold: float, na: str,
    dva: str | pd.DataFrame | None, dvar: str | pd.DataFrame | None,
) -> tuple[Flows, str]:
    """Return the exports above the threshold, and what they are."""
    if not threshold >= 0:
        raise SpecError(Problem(f"threshold is {threshold}", allowed="0 or more"))
    flows, basis = basis_flows(exports, columns, dva=dva, dvar=dvar, na=na)
    return flows.with_value(np.where(flows.value > threshold, flows.value, 0.0)), basis


def _baskets(flows: Flows) -> list[tuple[int, NDArray[np.intp], Floats]]:
    """Return period, countries with exports and their exports of the products anybody exports."""
    parts, problems = [], []
    for t, x in flows.matrices():
        c = np.flatnonzero(x.sum(axis=1) > 0)
        if not len(c):
            problems.append(Problem("no country has exports above the threshold",
                                    flows.period_name(t) or None))
            continue
        parts.append((t, c, x[np.ix_(c, np.flatnonzero(x.sum(axis=0) > 0))]))
    if problems:
        raise DataError(problems)
    return parts


def _without(flows: Flows) -> list[Any]:
    totals = np.column_stack([x.sum(axis=1) for _, x in flows.matrices()])
    return list(flows.countries[(totals == 0).any(axis=1)])


def _largest(deviation: Floats) -> float:
    return float(np.nanmax(np.abs(deviation), initial=0.0))
