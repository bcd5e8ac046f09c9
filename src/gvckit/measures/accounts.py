"""The accounts of each producer: output, value added, final sales, exports."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import LEVELS, check_level, level_is_by, summed, tidy
from gvckit.measures.identities import closed_accounts

__all__ = ["accounts"]


@level_is_by
def accounts(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country-sector"
) -> pd.DataFrame:
    """Return output, value added, final sales and exports.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country-sector``, ``country`` or ``world``.

    Returns
    -------
    DataFrame
        Keys country, sector; columns X (output), VA, Y (final sales of the row, anywhere), Y_D
        (absorbed at home), E (gross exports), zero (number of industries without output).

    Raises
    ------
    DataError
        Unknown level, or B Y = X fails by more than 1e-9.
    """
    io = as_leontief(io)
    keys = LEVELS[check_level(by)]
    closed = closed_accounts(io)
    values = {"X": io.X, "VA": io.VA, "Y": io.y, "Y_D": io.Y_D, "E": io.E,
              "zero": io.zero.astype(float)}
    return tidy(
        io, {name: summed(io, value, keys) for name, value in values.items()}, keys,
        definition="X gross output; VA value added; Y final sales; Y_D final sales at home; "
                   "E gross exports; zero number of industries without output",
        unit=io.table.unit, identities=closed)
