"""Another account in place of value added: emissions, jobs, hours, energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable

__all__ = ["leontief_of"]

Floats = NDArray[np.float64]


def leontief_of(io: IcioTable | Leontief, satellite: Any = None) -> Leontief:
    """Return the Leontief system that counts value added, or a satellite account.

    Every decomposition is linear in the coefficient vector, so an account needs no new algebra:
    f = account / X takes the place of v.

    Parameters
    ----------
    io
        A table or its Leontief system.
    satellite
        The account's total in each industry, in any unit: an array in the table's row order,
        a series with index (country, sector), or a frame with columns country, sector and one
        more.  Labels may come in any order; every industry must be there.

    Raises
    ------
    DataError
        Wrong size, labels that do not match, missing values, an account where there is no output.
    """
    io = as_leontief(io)
    if satellite is None:
        return io
    if isinstance(satellite, pd.DataFrame):
        satellite = _series(satellite)
    name = "satellite account"
    if isinstance(satellite, pd.Series):
        name = str(satellite.name) if satellite.name is not None else name
        values = _by_labels(io, satellite)
    else:
        values = np.asarray(satellite)
        if values.shape != (io.n,) or values.dtype.kind not in "iuf":
            raise DataError(Problem(f"satellite has shape {values.shape} and type {values.dtype}",
                                    allowed=f"{io.n} numbers, one for each row of the table"))
    values = values.astype(np.float64)[io.order]
    _check(io, values)
    X = io.numpy(io.X)
    per_output = np.divide(values, X, out=np.zeros(io.n), where=~io.zero)
    return io.counting(per_output, name)


def _series(frame: pd.DataFrame) -> pd.Series:
    others = [c for c in frame.columns if c not in ("country", "sector")]
    if len(others) != 1 or len(frame.columns) != 3:
        raise DataError(Problem(f"satellite frame has columns {listing(map(str, frame.columns))}",
                                allowed="country, sector and one more"))
    out: pd.Series = frame.set_index(["country", "sector"])[others[0]]
    return out


def _by_labels(io: Leontief, series: pd.Series) -> Floats:
    rows = [(c, s) for c in io.table.countries for s in io.table.sectors]
    found = [tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
             for key in series.index]
    missing = [" ".join(row) for row in rows if row not in set(found)]
    strange = [" ".join(row) for row in found if row not in set(rows)]
    problems = []
    if len(set(found)) < len(found):
        problems.append(Problem("satellite names an industry more than once"))
    if missing:
        problems.append(Problem(f"satellite lacks {listing(missing)}"))
    if strange:
        problems.append(Problem(f"satellite has rows that the table lacks: {listing(strange)}"))
    if problems:
        raise DataError(problems)
    by_row = dict(zip(found, series.to_numpy(dtype=np.float64), strict=True))
    return np.array([by_row[row] for row in rows])


def _check(io: Leontief, values: Floats) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    idle = np.flatnonzero(io.zero & (values != 0) & np.isfinite(values))
    problems = []
    if bad.size:
        problems.append(Problem("satellite is missing or infinite",
                                listing(io.place(int(row)) for row in bad)))
    if idle.size:
        problems.append(Problem("satellite is not zero where there is no output",
                                listing(io.place(int(row)) for row in idle)))
    if problems:
        raise DataError(problems)
