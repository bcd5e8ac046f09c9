"""The shapes that exports come in, made one: a long frame, and the names of its columns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gvckit.sophistication.flows import Columns

__all__ = ["YEAR", "long_frame"]

YEAR = "year"


def long_frame(
    exports: Any, country: str, product: str, value: str, time: str | None,
) -> tuple[Any, Columns]:
    """Return exports as a long frame, and its columns.

    Keys may stand in the index (of a frame, or of a Series of values, as grouping leaves them); a
    frame with countries in the rows and products in the columns, both named, is stacked.  Where
    ``time`` is None, a column called ``year`` is the time.  Anything else is left as it is, for
    :func:`gvckit.sophistication.flows.read_flows` to refuse.
    """
    if isinstance(exports, pd.Series) and _keyed(exports.index, country, product):
        exports = exports.rename(value).reset_index()
    if isinstance(exports, pd.DataFrame):
        if (exports.index.name, exports.columns.name) == (country, product):
            stacked = pd.Series(exports.stack(future_stack=True), name=value)
            exports = stacked.reset_index()
        elif product not in exports and _keyed(exports.index, country, product):
            exports = exports.reset_index()
        if time is None and YEAR in exports and YEAR not in (country, product, value):
            time = YEAR
    return exports, Columns(country, product, value, time)


def _keyed(index: pd.Index, country: str, product: str) -> bool:
    return {country, product} <= set(index.names)
