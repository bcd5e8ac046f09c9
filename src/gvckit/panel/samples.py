"""Choose the rows of a sample and account for every row that is left out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, GvckitError, Problem, SpecError, Where, listing, unknown
from gvckit.panel.evaluate import evaluate_in
from gvckit.panel.expressions import Expression
from gvckit.panel.index import PanelIndex, numeric

__all__ = ["SAMPLE_KEYS", "SampleResult", "apply_sample", "parse_years"]

SAMPLE_KEYS = ("keep", "drop", "years", "where", "balanced")
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SampleResult:
    """A sample.

    Attributes
    ----------
    mask
        Whether each row is in the sample, on the frame's index.
    steps
        (reason, rows that it took out of those still in), in the order applied.
    notes
        What the expressions made missing.
    """

    mask: pd.Series[bool]
    steps: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()


def parse_years(text: object, where: Where | None = None) -> tuple[int, int]:
    """Return first and last year of ``1995-2011`` or ``2008``.

    Raises
    ------
    SpecError
        Where it is neither, or the first is after the last.
    """
    match = re.fullmatch(r"\s*(-?\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", str(text), re.ASCII)
    if match is None:
        raise SpecError(Problem(f"{text!r} is not a range of years", where, allowed="1995-2011"))
    first, last = int(match[1]), int(match[2] or match[1])
    if first > last:
        raise SpecError(Problem(f"the years {text} run backwards", where,
                                allowed=f"{last}-{first}"))
    return first, last


def apply_sample(frame: pd.DataFrame, spec: Mapping[str, Any], unit: Sequence[str],
                 time: str | None, where: Where | None = None) -> SampleResult:
    """Return the sample that ``spec`` describes.

    Parameters
    ----------
    frame
        (n rows).
    spec
        ``keep`` and ``drop`` {column: [codes]} (``C*`` stands for all codes that start so, and
        2008-2009 for a range where the column holds numbers), ``years`` "1995-2011", ``where`` an
        expression or a list of them (a row stays where it is there and not 0; lags see the whole
        frame), ``balanced`` true (units with all times that are left).  They apply in this order.
    unit, time
        The panel's keys.
    where
        Place in the spec, for messages.

    Raises
    ------
    SpecError
        Where a key or an expression is wrong.
    DataError
        Where a column or a code is not in the frame, or no row is left.
    """
    strange = [unknown("key of a sample", k, SAMPLE_KEYS, where) for k in spec
               if k not in SAMPLE_KEYS]
    if strange:
        raise SpecError(strange)
    index = PanelIndex(frame, tuple(unit), time)
    mask = np.ones(len(frame), dtype=bool)
    steps: list[tuple[str, int]] = []
    notes: list[str] = []
    for reason, stays in _rules(index, spec, where, notes):
        steps.append((reason, int((mask & ~stays).sum())))
        mask &= stays
    if spec.get("balanced"):
        stays = _balanced(index, mask)
        steps.append(("units without all times", int((mask & ~stays).sum())))
        mask &= stays
    if not mask.any():
        took = "; ".join(f"{reason}: {rows}" for reason, rows in steps) or "the frame is empty"
        raise DataError(Problem(f"the sample is empty ({took})", where))
    kept: pd.Series[bool] = pd.Series(mask, index=frame.index, dtype=bool)
    return SampleResult(kept, tuple(steps), tuple(dict.fromkeys(notes)))


def _rules(index: PanelIndex, spec: Mapping[str, Any], where: Where | None,
           notes: list[str]) -> list[tuple[str, Mask]]:
    """Return the reason and the rows that stay of every rule but ``balanced``."""
    problems: list[Problem] = []
    rules: list[tuple[str, Mask]] = []
    for key in ("keep", "drop"):
        for column, codes in dict(spec.get(key) or {}).items():
            chosen, bad = (_in_years(index, codes, where) if str(column) == index.time
                           else _chosen(index.frame, str(column), codes, where))
            problems += [replace(p, at=(key, str(column), *p.at)) for p in bad]
            listed = ", ".join(map(str, _as_list(codes)))
            rules.append((f"{column} not in {listed}", chosen) if key == "keep"
                         else (f"{column} in {listed}", ~chosen))
    if problems:
        raise DataError(problems)
    if spec.get("years") is not None:
        first, last = parse_years(spec["years"], where)
        times = index.times()
        rules.append((f"years outside {first}-{last}", (times >= first) & (times <= last)))
    for condition in _as_list(spec.get("where")):
        expression: str | Expression = condition if isinstance(condition, Expression) else str(
            condition)
        try:
            found = evaluate_in(expression, index)
        except GvckitError as error:
            raise error.under("where") from None
        values = found.values.to_numpy()
        text = condition.text if isinstance(condition, Expression) else condition
        notes += found.notes
        rules.append((f"not {text}", ~np.isnan(values) & (values != 0)))
    return rules


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _chosen(frame: pd.DataFrame, column: str, codes: Any,
            where: Where | None) -> tuple[Mask, list[Problem]]:
    """Return the rows whose ``column`` is one of ``codes``, and the codes that it does not have."""
    if column not in frame.columns:
        return (np.zeros(len(frame), dtype=bool),
                [unknown("column of a sample", column, map(str, frame.columns), where)])
    words = _words(frame[column])
    present = [str(word) for word in np.unique(words)]
    numbers = numeric(frame[column]) is not None
    chosen: set[str] = set()
    problems = []
    for code in map(str, _as_list(codes)):
        found = _matching(code, present, numbers)
        chosen |= set(found)
        if not found:
            bad = unknown(f"{column} in the panel", code, present, where)
            problems.append(replace(bad, allowed=listing(present), at=(code,)))
    return np.isin(words, sorted(chosen)), problems


def _matching(code: str, present: Sequence[str], numbers: bool) -> list[str]:
    """Return the values that ``code`` stands for: itself, a pattern, a range of whole numbers."""
    if code in present:
        return [code]
    if set(code) & set("*?"):
        return [p for p in present if fnmatch.fnmatchcase(p, code)]
    span = re.fullmatch(r"(\d{1,6})\s*[-–]\s*(\d{1,6})", code, re.ASCII) if numbers else None
    if span is None:
        return []
    return [p for p in present if int(span[1]) <= float(p) <= int(span[2])]


def _in_years(index: PanelIndex, years: Any, where: Where | None) -> tuple[Mask, list[Problem]]:
    """Return the rows of the ``years``; years that no row has are no mistake unless all are."""
    times = index.times()
    spans = [parse_years(year, where) for year in _as_list(years)]
    mask = np.zeros(len(times), dtype=bool)
    for first, last in spans:
        mask |= (times >= first) & (times <= last)
    if mask.any() or not spans or not len(times):
        return mask, []
    asked = sorted({year for span in spans for year in span})
    return mask, [Problem(f"no row is of {asked[0]}" + (f"-{asked[-1]}" if len(asked) > 1 else ""),
                          where, allowed=f"{times.min()}-{times.max()}")]


def _words(column: pd.Series[Any]) -> NDArray[np.str_]:
    """Return a column as text, whole numbers without a decimal point."""
    values = numeric(column)
    if values is None:
        return column.astype(object).map(str).to_numpy(dtype=str)
    return np.array([str(int(v)) if np.isfinite(v) and v == round(v) else str(v) for v in values],
                    dtype=str)


def _balanced(index: PanelIndex, mask: Mask) -> Mask:
    """Return the rows of units that have, among the rows still in, every time."""
    times, units = index.times(), index.groups(index.unit)
    if not mask.any():
        return mask
    wanted = len(np.unique(times[mask]))
    pairs = np.unique(np.stack([units[mask], times[mask]]), axis=1)
    count = np.bincount(pairs[0][pairs[0] >= 0], minlength=int(units.max()) + 1)
    full: Mask = count == wanted
    return (units >= 0) & full[np.maximum(units, 0)]
