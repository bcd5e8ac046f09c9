"""Value-added adjustments of PRODY and EXPY: what takes the place of gross exports where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, unknown
from gvckit.sophistication.flows import Columns, Flows, check_choices, read_flows, some
from gvckit.sophistication.keyed import keyed

__all__ = ["ADJUSTMENTS", "Adjusted", "adjusted_flows", "basis_flows"]

Floats = NDArray[np.float64]

ADJUSTMENTS = {
    "none": "gross exports",
    "dva": "domestic value added in place of gross exports, in the weights of PRODY and in the "
           "shares of EXPY",
    "dva-shares": "PRODY from gross exports, shares of EXPY from domestic value added",
    "yao-zhang": "PRODY times 1 - FVAR of the country's product (Yao & Zhang), shares from gross "
                 "exports",
}

# A ratio that is 1 up to the rounding of a division is 1.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Exports as the adjustment has them.

    Attributes
    ----------
    weights
        What enters the weights of PRODY.
    shares
        What enters the shares of EXPY; the same rows.
    correction
        Factors on PRODY, shape (rows,), or None.
    """

    weights: Flows
    shares: Flows
    correction: Floats | None

    def correction_matrix(self, period: int) -> Floats | None:
        """Return the factors of one period, shape (countries, products); 1 where no row is."""
        if self.correction is None:
            return None
        flows = self.shares
        rows = slice(flows.starts[period], flows.starts[period + 1])
        dense = np.ones(flows.shape)
        dense[flows.country[rows], flows.product[rows]] = self.correction[rows]
        return dense


def adjusted_flows(
    exports: pd.DataFrame, columns: Columns, *, adjust: str = "none",
    dva: str | pd.DataFrame | None = None, dvar: str | pd.DataFrame | None = None,
    na: str = "error",
) -> Adjusted:
    """Read exports and put domestic value added where ``adjust`` says.

    Parameters
    ----------
    exports, columns, na
        As in :func:`gvckit.sophistication.flows.read_flows`.
    adjust
        A word of ``ADJUSTMENTS``.
    dva, dvar
        Domestic value added in exports (unit of the exports), or its share of them: a column of
        ``exports``, or a frame by country [, product] [, time].  One of the two, and only with an
        adjustment.

    Raises
    ------
    SpecError
        Where the adjustment is not known, or none or both of ``dva`` and ``dvar`` are given.
    DataError
        Where value added is missing, negative, or (as a share) above 1.
    """
    check_choices(adjust=(adjust, ADJUSTMENTS))
    given = dva if dva is not None else dvar
    many = (dva is not None) + (dvar is not None)
    if many != (adjust != "none"):
        raise SpecError(Problem(
            f"adjust={adjust!r} with {('neither', 'one', 'both')[many]} of dva and dvar",
            allowed="adjust='none' with neither, another word with one"))
    extra: dict[str, Floats] = {}
    if isinstance(given, str):
        if given not in exports:
            raise DataError(unknown("column", given, map(str, exports.columns)))
        extra["given"] = pd.to_numeric(exports[given], errors="coerce").to_numpy(
            dtype=np.float64, na_value=np.nan)
    flows, read = read_flows(exports, columns, na=na, extra=extra)
    if given is None:
        return Adjusted(flows, flows, None)
    name = "dva" if dva is not None else "dvar"
    rows = read["given"] if isinstance(given, str) else _at_rows(flows, given, name)
    _check(flows, rows, name)
    gross = flows.value
    if adjust == "yao-zhang":
        if dva is not None:
            rows = np.where(gross > 0, rows / np.where(gross > 0, gross, 1.0), 1.0)
            _check(flows, rows, "dvar")
        return Adjusted(flows, flows, np.minimum(rows, 1.0))
    domestic = flows.with_value(rows if dva is not None else gross * rows)
    return Adjusted(domestic if adjust == "dva" else flows, domestic, None)


def basis_flows(
    exports: pd.DataFrame, columns: Columns, *, dva: str | pd.DataFrame | None = None,
    dvar: str | pd.DataFrame | None = None, na: str = "error",
) -> tuple[Flows, str]:
    """Return exports, or the domestic value added in them where it is given, and which it is.

    Raises
    ------
    SpecError, DataError
        As :func:`adjusted_flows`.
    """
    value_added = dva is not None or dvar is not None
    flows = adjusted_flows(exports, columns, adjust="dva" if value_added else "none", dva=dva,
                           dvar=dvar, na=na).weights
    return flows, "x: domestic value added in exports" if value_added else "x: gross exports"


def _at_rows(flows: Flows, given: pd.DataFrame, name: str) -> Floats:
    labels = [flows.countries, flows.products]
    codes = [flows.country, flows.product]
    if flows.times is not None:
        labels.append(flows.times)
        codes.append(np.repeat(np.arange(flows.periods), np.diff(flows.starts)))
    values: Floats = keyed(given, name, flows.columns.keys, labels)[tuple(codes)]
    return values


def _check(flows: Flows, rows: Floats, name: str) -> None:
    used = flows.value > 0
    faults = [(np.isnan(rows) & used, "is missing", None), (rows < 0, "is negative", "0 or more")]
    if name == "dvar":
        faults.append((rows > 1 + SLACK, "is above 1", "a share of exports between 0 and 1"))
    problems = []
    for wrong, what, allowed in faults:
        first = [f"{flows.countries[flows.country[r]]} {flows.products[flows.product[r]]}"
                 for r in np.flatnonzero(wrong)[:12]]
        if first:
            problems.append(Problem(f"{name} {what} in {wrong.sum()} rows: "
                                    f"{some(first, int(wrong.sum()))}", allowed=allowed))
    if problems:
        raise DataError(problems)
