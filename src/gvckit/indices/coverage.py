"""Which units and times the data of an index really support."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["composite_coverage", "coverage", "spans"]


def coverage(frame: pd.DataFrame, columns: Sequence[str], unit: Sequence[str], time: str | None
             ) -> pd.DataFrame:
    """Return where columns have values.

    Parameters
    ----------
    frame
        (n rows): keys and columns.
    columns, unit, time
        The columns, the keys of the unit and the time.

    Returns
    -------
    pandas.DataFrame
        One row a column: node; rows and units of the frame; observed (values), units_observed;
        first and last time with a value; absent (times of the frame between them without any);
        with_values and never (the units with and without one); mean, sd (n − 1), min, max.
    """
    names = [" ".join(map(str, key)) for key in frame[list(unit)].itertuples(index=False)]
    labels = np.array(names, dtype=object)
    out = []
    for column in columns:
        values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
        there = ~np.isnan(values)
        found = values[there]
        seen = set(labels[there])
        row = {"node": column, "rows": len(frame), "units": len(set(names)),
               "observed": int(there.sum()), "units_observed": len(seen)}
        row |= _times(frame, there, time)
        row["with_values"] = " ".join(sorted(seen)) if len(unit) == 1 else ""
        row["never"] = " ".join(sorted(set(names) - seen)) if len(unit) == 1 else ""
        row |= {"mean": _or_nan(found, "mean"), "min": _or_nan(found, "min"),
                "max": _or_nan(found, "max"),
                "sd": float(found.std(ddof=1)) if len(found) > 1 else np.nan}
        out.append(row)
    return pd.DataFrame(out)


def _or_nan(values: np.ndarray, what: str) -> float:
    return float(getattr(values, what)()) if len(values) else np.nan


def _times(frame: pd.DataFrame, there: np.ndarray, time: str | None) -> dict[str, object]:
    if time is None or not there.any():
        return {"first": np.nan, "last": np.nan, "absent": ""}
    every = sorted(set(frame[time].tolist()))
    seen = set(frame[time][there].tolist())
    first, last = min(seen), max(seen)
    return {"first": float(first), "last": float(last),
            "absent": spans([int(t) for t in every if first < t < last and t not in seen])}


def spans(years: Sequence[int]) -> str:
    """Return sorted years as text, runs joined.

    Examples
    --------
    >>> spans([2011, 2013, 2019, 2020, 2021])
    '2011, 2013, 2019–2021'
    """
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][1] == year - 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}, {b}" if b == a + 1 else f"{a}–{b}"
                     for a, b in runs)


def composite_coverage(frame: pd.DataFrame, scores: pd.DataFrame, imputed: pd.DataFrame,
                       index: str, unit: Sequence[str], time: str | None) -> pd.DataFrame:
    """Return :func:`coverage` of a composite index and of its indicators in the index's rows.

    Parameters
    ----------
    frame
        Keys and indicators, before anything is filled.
    scores
        Keys and the column ``index``: the rows of the index.
    imputed
        Keys, and for each indicator whether its value was filled.
    index, unit, time
        The column of the scores, the keys of the unit, and the time.

    Returns
    -------
    pandas.DataFrame
        The index first, in its rows.  An indicator's values are counted in the rows with a score,
        before they are filled; ``filled`` counts those that the missing rule filled there.  Its
        first and last time and the times without data are those of the whole data for the units
        with a score, so that the table says when a series begins.
    """
    keys = [*unit, *([time] if time else [])]
    indicators = [str(c) for c in imputed.columns if c not in keys]
    scored = scores[index].notna().to_numpy()
    raw = scores.loc[scored, keys].merge(frame[[*keys, *indicators]], on=keys, how="left",
                                         validate="one_to_one")
    inside = coverage(raw, indicators, unit, time)
    units = raw[list(unit)].drop_duplicates()
    whole = coverage(frame.merge(units, on=list(unit), how="inner"), indicators, unit, time)
    inside[["first", "last", "absent"]] = whole[["first", "last", "absent"]]
    parts = pd.concat([coverage(scores, [index], unit, time), inside], ignore_index=True)
    filled = {c: int(imputed.loc[scored, c].to_numpy(dtype=bool).sum()) for c in indicators}
    parts.insert(4, "filled", [0, *(filled[c] for c in indicators)])
    return parts
