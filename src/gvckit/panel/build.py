"""Put a panel together: its rows, and what is merged to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, GvckitError, Problem, listing, unknown
from gvckit.panel.index import PanelIndex, duplicates, key_text
from gvckit.panel.merge import MergeReport, MergeSpec, merge

__all__ = ["Panel", "Variable", "build_panel"]


@dataclass(frozen=True, slots=True)
class Variable:
    """What a variable is.

    Attributes
    ----------
    name
        Its column.
    label
        Language (``en``, ``zh``) → label.
    unit
        Its unit.
    source
        Where it comes from.
    formula
        The expression that derives it.
    """

    name: str
    label: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    source: str | None = None
    formula: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"name": self.name, "label": dict(self.label), "unit": self.unit,
                "source": self.source, "formula": self.formula}


@dataclass(frozen=True, slots=True)
class Panel:
    """A frame with declared keys.

    Attributes
    ----------
    frame
        (n rows), sorted by unit, then time; each pair of unit and time stands once.
    unit, time
        Key columns.
    variables
        Name → what it is, for every column that is no key.
    reports
        What each merge did, in order.
    """

    frame: pd.DataFrame
    unit: tuple[str, ...]
    time: str | None
    variables: dict[str, Variable]
    reports: tuple[MergeReport, ...]


def build_panel(rows: pd.DataFrame, merges: Sequence[MergeSpec], unit: Sequence[str],
                time: str | None, *, rows_name: str = "rows",
                variables: Mapping[str, Variable] | None = None) -> Panel:
    """Merge frames to the panel's rows and check that the keys make a panel.

    Parameters
    ----------
    rows
        (n rows) with the key columns.
    merges
        Merges, in order.
    unit, time
        Key columns; several units make one together.
    rows_name
        Name of the frame of rows, the source of its variables.
    variables
        What is known of variables; the source is filled in where it is not said.

    Raises
    ------
    DataError
        Where keys are absent, missing or repeated, times are not whole numbers, or a merge fails
        or finds no match for any row.
    """
    keys = [*unit, *([time] if time else [])]
    sources: dict[str, str] = {str(c): rows_name for c in rows.columns}
    _check_keys(rows, keys, rows_name)
    frame = rows
    reports: list[MergeReport] = []
    for number, spec in enumerate(merges):
        try:
            done = merge(frame, spec.frames, spec.on, spec.match, spec.unmatched, spec.expect,
                         spec.where)
        except GvckitError as error:
            raise error.under("merge", number) from None
        problems = [_nothing(frame, part, spec, number) for part, report in zip(
            spec.frames.items(), done.reports, strict=True) if len(frame) and not report.matched]
        if problems:
            raise DataError(problems)
        frame = done.frame
        reports += done.reports
        for name, part in spec.frames.items():
            sources |= {str(c): name for c in part.columns if c not in spec.on}
    _check_once(frame, keys)
    frame = _whole_times(frame, time)
    frame = frame.sort_values(keys, kind="stable", ignore_index=True)
    known = variables or {}
    named = {name: known.get(name, Variable(name)) for name in map(str, frame.columns)
             if name not in keys}
    filled = {name: v if v.source else replace(v, source=sources[name])
              for name, v in named.items()}
    return Panel(frame, tuple(unit), time, filled, tuple(reports))


def _nothing(left: pd.DataFrame, part: tuple[str, pd.DataFrame], spec: MergeSpec,
             number: int) -> Problem:
    """Return the problem of a merge in which no row finds another: keys that are written apart."""
    name, right = part
    apart = []
    for key in spec.on:
        own, other = ({str(v) for v in frame[key].unique()} for frame in (left, right))
        if not own & other:
            apart.append(f"{key} is {listing(sorted(own), 3)} in the panel's rows and "
                         f"{listing(sorted(other), 3)} in {name}")
    why = "; ".join(apart) or "each key has common values, but no row has all of them"
    return Problem(f"merge with {name}: no row of the panel finds a match: {why}", spec.where,
                   at=("merge", number, "with", name))


def _check_keys(frame: pd.DataFrame, keys: Sequence[str], name: str) -> None:
    problems: list[Problem] = []
    if not keys:
        problems.append(Problem("the panel has neither unit nor time"))
    problems += [unknown(f"panel key in {name}", k, map(str, frame.columns), at=("rows",))
                 for k in keys if k not in frame.columns]
    problems += [Problem(f"{int(frame[k].isna().sum())} rows of {name} lack the key {k!r}",
                         at=("rows",))
                 for k in keys if k in frame.columns and frame[k].isna().any()]
    if frame.empty:
        problems.append(Problem(f"{name} has no rows", at=("rows",)))
    twice = [str(c) for c in frame.columns[frame.columns.duplicated()].unique()]
    if twice:
        problems.append(Problem(f"{name} has several columns {listing(twice)}", at=("rows",)))
    if problems:
        raise DataError(problems)


def _check_once(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    if frame.empty:
        raise DataError(Problem("no row of the panel is left after its merges", at=("merge",)))
    twice = duplicates(frame, keys)
    if twice.size:
        raise DataError(Problem(f"{twice.size} rows of the panel repeat the keys "
                                f"{', '.join(keys)}: {key_text(frame, twice, keys)}",
                                at=("rows",)))


def _whole_times(frame: pd.DataFrame, time: str | None) -> pd.DataFrame:
    if time is None:
        return frame
    times = PanelIndex(frame, (), time).times()
    return frame if frame[time].dtype == np.int64 else frame.assign(**{time: times})
