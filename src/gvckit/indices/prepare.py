"""From a frame to the arrays of a composite index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing, unknown
from gvckit.indices.parsed import Parsed, parse_index
from gvckit.indices.rulers import extremes
from gvckit.indices.series import Panel, panel_of
from gvckit.indices.tree import Indicator, leaves, pillars_of

__all__ = ["Prepared", "prepare"]

Matrix = NDArray[np.float64]
Codes = NDArray[np.int64]
Rows = NDArray[np.bool_]

# Squares of larger values, and of inverses of smaller ones, are beyond double precision.
_LARGEST = 1e100


@dataclass(frozen=True, slots=True)
class Prepared:
    """The arrays of an index, its n rows sorted by unit, then time.

    Attributes
    ----------
    parsed
        Options and tree.
    keys
        Key columns of the chosen rows.
    panel
        Indicators (n, J) with times and units.
    units
        (n,) codes of the units.
    chosen
        (n,) which rows the index is over.
    reference
        (n,) which rows are the reference unit's, None where there is none.
    width
        How many keys the unit has.
    """

    parsed: Parsed
    keys: pd.DataFrame
    panel: Panel
    units: Codes
    chosen: Rows
    reference: Rows | None
    width: int

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The leaves of the tree, the columns of the panel."""
        return leaves(self.parsed.root)

    def places(self, used: Rows, rows: Rows) -> str:
        """Return the keys of some of the used rows, for messages; ``rows`` is on ``used``."""
        among = np.cumsum(self.chosen) - 1
        found = self.keys.iloc[among[np.flatnonzero(used)[rows]]]
        return listing([" ".join(map(str, r)) for r in found.itertuples(index=False, name=None)],
                       5)

    def unit_labels(self, codes: Sequence[int]) -> list[str]:
        """Return the units with these codes."""
        first = np.searchsorted(self.units[self.chosen], np.asarray(codes, dtype=np.int64))
        found = self.keys.iloc[first, :self.width]
        return [" ".join(map(str, row)) for row in found.itertuples(index=False, name=None)]

    @property
    def signs(self) -> NDArray[np.float64]:
        """(J,) 1 where more is better, -1 where less is."""
        return np.array([i.sign for i in self.indicators], dtype=np.float64)


def prepare(frame: pd.DataFrame, tree: Mapping[str, Any], *, unit: str | Sequence[str],
            time: str | None, over: pd.Series[bool] | None = None) -> Prepared:
    """Return the arrays of an index; parameters and errors are those of ``composite``."""
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    keys = [*units, *([time] if time else [])]
    parsed = parse_index(tree, keys, time)
    indicators = leaves(parsed.root)
    if over is not None and not over.index.equals(frame.index):
        raise DataError(Problem("`over` is not on the frame's index"))
    flat = _flat(frame, keys)
    _check_wide(flat, keys, [i.name for i in indicators])
    data, chosen = _sorted(flat, keys, over, time is None)
    _check_names(data, keys, [p.name for p in pillars_of(parsed.root)], indicators,
                 parsed.options.group)
    raw = _matrix(data, keys, indicators)
    codes = _codes(data, units)
    groups = _codes(data, [parsed.options.group]) if parsed.options.group else None
    panel = panel_of(raw, codes, _times(data, time), groups)
    reference = _reference(data, units, parsed.options.reference)
    return Prepared(parsed, data.loc[chosen, keys].reset_index(drop=True), panel, codes, chosen,
                    reference, len(units))


def _flat(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the frame with keys that are levels of its index as columns."""
    levels = [k for k in keys if k not in frame.columns and k in frame.index.names]
    return frame.reset_index(levels) if levels else frame


def _sorted(frame: pd.DataFrame, keys: Sequence[str],
            over: pd.Series[bool] | None, timeless: bool) -> tuple[pd.DataFrame, Rows]:
    """Return the frame sorted by its keys, and which rows the index is over."""
    problems = [unknown("key of the index", k, map(str, frame.columns)) for k in keys
                if k not in frame.columns]
    problems += [Problem(f"{int(frame[k].isna().sum())} rows lack the key {k!r}") for k in keys
                 if k in frame.columns and frame[k].isna().any()]
    problems += [Problem(f"the key {k!r} has values of several kinds, which have no order",
                         allowed="all text or all numbers") for k in keys
                 if k in frame.columns and pd.api.types.infer_dtype(
                     frame[k], skipna=True).startswith("mixed")]
    if not problems and frame.duplicated(list(keys)).any():
        twice = frame.loc[frame.duplicated(list(keys)), list(keys)]
        shown = [" ".join(map(str, r)) for r in twice.head(5).itertuples(index=False, name=None)]
        problems.append(Problem(f"{len(twice)} rows repeat the keys {', '.join(keys)}: "
                                f"{listing(shown)}",
                                allowed="`time`, where rows are of several times" if timeless
                                else None))
    if problems:
        raise DataError(problems)
    chosen = np.ones(len(frame), dtype=bool) if over is None else over.to_numpy(dtype=bool)
    names = frame[list(keys)].reset_index(drop=True)
    order = names.sort_values(list(keys), kind="stable").index.to_numpy()
    if (order == np.arange(len(order))).all():
        return frame.reset_index(drop=True), chosen
    return frame.iloc[order].reset_index(drop=True), chosen[order]


def _check_names(data: pd.DataFrame, keys: Sequence[str], pillars: Sequence[str],
                 indicators: Sequence[Indicator], group: str | None) -> None:
    columns = list(data.columns)
    absent = [i.name for i in indicators if i.name not in columns]
    problems = [unknown("indicator", name, map(str, columns)) for name in absent
                if name not in map(str, columns)]
    problems += [Problem(f"the column {name} of the frame is named by a number, not by text",
                         allowed="frame.rename(columns=str)") for name in absent
                 if name in map(str, columns)]
    problems += [Problem(f"several columns are named {i.name!r}") for i in indicators
                 if columns.count(i.name) > 1]
    problems += [Problem(f"{p!r} is both a pillar and a key") for p in pillars if p in keys]
    if group is not None and group not in columns:
        problems.append(unknown("column of groups", group, columns))
    elif group is not None and data[group].isna().any():
        problems.append(Problem(f"{int(data[group].isna().sum())} rows have no group in "
                                f"{group!r}"))
    if problems:
        raise DataError(problems)


def _check_wide(data: pd.DataFrame, keys: Sequence[str], names: Sequence[str]) -> None:
    """Refuse a frame that has its indicators one below another."""
    absent = {n for n in names if n not in data.columns}
    for column in [c for c in data.columns if c not in keys] if absent else ():
        values = data[column]
        if isinstance(values, pd.Series) and not pd.api.types.is_numeric_dtype(values.dtype) \
                and absent <= set(values.astype(str)):
            raise DataError(Problem(
                f"the indicators are values of the column {column!r}: the frame is long",
                allowed="a column for each indicator, as frame.pivot gives"))


def _matrix(data: pd.DataFrame, keys: Sequence[str], indicators: Sequence[Indicator]) -> Matrix:
    """Return the indicators as (n, J); infinite values are refused, not repaired."""
    problems = [Problem(f"the indicator {i.name!r} is not a number") for i in indicators
                if not pd.api.types.is_numeric_dtype(data[i.name].dtype)]
    if problems:
        raise DataError(problems)
    raw = np.ascontiguousarray(
        data[[i.name for i in indicators]].to_numpy(dtype=np.float64, na_value=np.nan))
    problems = [*_infinite(raw, data[list(keys)], indicators), *_unsized(raw, indicators)]
    if problems:
        raise DataError(problems)
    return raw


def _infinite(raw: Matrix, keys: pd.DataFrame, indicators: Sequence[Indicator]) -> list[Problem]:
    problems = []
    for indicator, bad in zip(indicators, np.isinf(raw).T, strict=True):
        if bad.any():
            shown = [" ".join(map(str, r)) for r in keys[bad].itertuples(index=False, name=None)]
            problems.append(Problem(f"{int(bad.sum())} values of the indicator {indicator.name!r} "
                                    f"are infinite: {listing(shown, 5)}"))
    return problems


def _unsized(raw: Matrix, indicators: Sequence[Indicator]) -> list[Problem]:
    """Refuse columns whose squares no number can hold."""
    low, high = extremes(np.where(np.isinf(raw), np.nan, raw))
    size, width = np.fmax(np.abs(low), np.abs(high)), high - low
    bad = (size > _LARGEST) | ((width > 0) & (width < 1.0 / _LARGEST))
    return [Problem(f"the indicator {indicators[j].name!r} goes from {low[j]:g} to {high[j]:g}: "
                    "its squares are out of the range of numbers", allowed="another unit")
            for j in np.flatnonzero(bad).tolist()]


def _codes(data: pd.DataFrame, columns: Sequence[str]) -> Codes:
    if not columns:
        return np.zeros(len(data), dtype=np.int64)
    found = data.groupby(list(columns), sort=False, observed=True).ngroup()
    return np.asarray(found.to_numpy(dtype=np.int64), dtype=np.int64)


def _times(data: pd.DataFrame, time: str | None) -> Codes:
    if time is None:
        return np.zeros(len(data), dtype=np.int64)
    given = data[time]
    if isinstance(given.dtype, pd.CategoricalDtype):
        given = given.astype(given.cat.categories.dtype)
    numeric = pd.api.types.is_numeric_dtype(given.dtype)
    times = given.to_numpy(dtype=np.float64) if numeric else np.full(len(given), np.nan)
    whole = np.isfinite(times) & (times == np.round(times))
    if not whole.all():
        first = given[~whole].iloc[0]
        raise DataError(Problem(f"times in {time!r} are not whole numbers: {first!r}",
                                allowed="years or periods as numbers, such as 2010"))
    return times.astype(np.int64)


def _reference(data: pd.DataFrame, units: Sequence[str], label: str | None) -> Rows | None:
    if label is None:
        return None
    if len(units) != 1:
        raise DataError(Problem("a reference unit needs one unit key, not "
                                f"{listing(units) or 'none'}"))
    labels = data[units[0]].astype(str)
    rows = (labels == label).to_numpy(dtype=bool)
    if not rows.any():
        raise DataError(unknown("reference unit", label, labels.unique()))
    return rows
