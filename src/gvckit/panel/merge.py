"""Join frames on keys with a stated cardinality, and say what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, Where, listing, unknown
from gvckit.panel.expect import check_expected
from gvckit.panel.index import duplicates, key_text, numeric
from gvckit.panel.merge_report import MergeReport, report_of

__all__ = ["MATCHES", "UNMATCHED", "MergeReport", "MergeSpec", "Merged", "merge"]

MATCHES = ("one-to-one", "many-to-one", "one-to-many")
UNMATCHED = ("report", "drop", "error")


@dataclass(frozen=True, slots=True)
class MergeSpec:
    """One merge of a panel: the frames to join, by name, and how; see :func:`merge`."""

    frames: Mapping[str, pd.DataFrame]
    on: tuple[str, ...]
    match: str = "one-to-one"
    unmatched: str = "report"
    expect: Mapping[str, float] = field(default_factory=dict)
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """The joined frame, in the order of the left rows, and a report for each right-hand frame."""

    frame: pd.DataFrame
    reports: tuple[MergeReport, ...]


def merge(left: pd.DataFrame, right: pd.DataFrame | Mapping[str, pd.DataFrame],
          on: Sequence[str], match: str = "one-to-one", unmatched: str = "report",
          expect: Mapping[str, float] | None = None, where: Where | None = None) -> Merged:
    """Join one or several frames to ``left``.

    Parameters
    ----------
    left
        (n rows).
    right
        A frame, or name → frame; all are joined on the same keys, one after the other.
    on
        Key columns of both sides.
    match
        ``one-to-one``: keys are unique on both sides; ``many-to-one``: unique on the right;
        ``one-to-many``: unique on the left.
    unmatched
        Left rows without a right one: ``report`` keeps them with missing values, ``drop`` leaves
        them out, ``error`` refuses.
    expect
        What each right-hand frame must at least match: distinct values of a key (``country: 38`` or
        ``countries: 38``), ``rows: N``, ``share: 0.95`` of the left rows; ``lost: N`` is the most
        left rows without a match.  A row counts where at least one value is there.
    where
        Place in the spec, for messages.

    Raises
    ------
    SpecError
        Where a word is unknown; many-to-many is none.
    DataError
        Where keys are absent, missing, of different kinds, or repeated against ``match``; where
        columns of both sides share a name; where less is matched than expected (the lost values are
        listed).
    """
    _check_words(match, unmatched, where)
    frames = dict(right) if isinstance(right, Mapping) else {"right": right}
    reports: list[MergeReport] = []
    frame = left
    for name, part in frames.items():
        try:
            frame, report = _join(frame, part, name, tuple(on), match, unmatched, where)
        except DataError as error:
            raise error.under("with", name) from None
        reports.append(report)
    problems = [p for r in reports for p in check_expected(r, expect or {}, where)]
    if problems:
        raise DataError(problems)
    return Merged(frame, tuple(reports))


def _check_words(match: str, unmatched: str, where: Where | None) -> None:
    problems = []
    if match not in MATCHES:
        hint = ": aggregate one side first, so that its keys are unique"
        hint = hint if match == "many-to-many" else ""
        problem = unknown("match", match, MATCHES, where)
        problems.append(Problem(problem.what + hint, where, problem.allowed, problem.nearest))
    if unmatched not in UNMATCHED:
        problems.append(unknown("rule for unmatched rows", unmatched, UNMATCHED, where))
    if problems:
        raise SpecError(problems)


def _join(left: pd.DataFrame, right: pd.DataFrame, name: str, on: tuple[str, ...], match: str,
          unmatched: str, where: Where | None) -> tuple[pd.DataFrame, MergeReport]:
    _check_frames(left, right, name, on, match, where)
    left_codes, right_codes = _common_codes(left, right, name, on, where)
    values = [c for c in right.columns if c not in on]
    valued = (right[values].notna().any(axis=1).to_numpy(dtype=bool) if values
              else np.ones(len(right), dtype=bool))
    left_rows, right_rows = _pairs(left_codes, right_codes)
    found = right_rows >= 0
    report = report_of(left, right, name, on, match, unmatched, left_rows, right_rows, valued)
    if unmatched == "error" and not found.all():
        lost = left_rows[~found]
        raise DataError(Problem(f"merge with {name}: {lost.size} rows have no match: "
                                f"{key_text(left, lost, on)}", where))
    if unmatched == "drop":
        left_rows, right_rows = left_rows[found], right_rows[found]
    joined = left.iloc[left_rows].reset_index(drop=True)
    # Booleans become numbers, because a column of booleans cannot hold a missing one.
    flags = {c: "float64" for c in values if right[c].dtype == bool}
    source = right[values].astype(flags).reset_index(drop=True)
    # No row is called -1, so a left row without a match gets missing values.
    taken = source.reindex(right_rows).reset_index(drop=True)
    return pd.concat([joined, taken], axis=1), report


def _check_frames(left: pd.DataFrame, right: pd.DataFrame, name: str, on: tuple[str, ...],
                  match: str, where: Where | None) -> None:
    problems = [unknown(f"key of {side}", key, map(str, frame.columns), where)
                for side, frame in (("the panel's rows", left), (name, right)) for key in on
                if key not in frame.columns]
    if not on:
        problems.append(Problem(f"merge with {name}: no keys", where,
                                allowed="on: [country, year]"))
    shared = [str(c) for c in right.columns if c in left.columns and c not in on]
    if shared:
        problems.append(Problem(f"merge with {name}: both sides have {listing(shared)}", where,
                                allowed="other names with `take`, or these columns as keys"))
    if problems:
        raise DataError(problems)
    unique = {"one-to-one": (left, right), "many-to-one": (None, right),
              "one-to-many": (left, None)}[match]
    for side, frame in zip(("the panel's rows", name), unique, strict=True):
        if frame is None:
            continue
        twice = duplicates(frame, on)
        if twice.size:
            problems.append(Problem(
                f"merge with {name} is not {match}: {twice.size} rows of {side} repeat the keys "
                f"{', '.join(on)}: {key_text(frame, twice, on)}", where))
    for side, frame in (("the panel's rows", left), (name, right)):
        lacking = frame[list(on)].isna().any(axis=1).sum()
        if lacking:
            problems.append(Problem(f"merge with {name}: {lacking} rows of {side} lack a key",
                                    where))
    if problems:
        raise DataError(problems)


def _common_codes(left: pd.DataFrame, right: pd.DataFrame, name: str, on: tuple[str, ...],
                  where: Where | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return codes of the keys that are equal where the keys are, for both sides."""
    codes = np.zeros(len(left) + len(right), dtype=np.int64)
    problems = []
    for key in on:
        a, b = _plain(left[key]), _plain(right[key])
        if (a.dtype == object) != (b.dtype == object):
            kinds = ["text" if s.dtype == object else "a number" for s in (a, b)]
            problems.append(Problem(f"merge with {name}: the key {key!r} is {kinds[0]} in the "
                                    f"panel's rows and {kinds[1]} in {name}", where))
            continue
        own, levels = pd.factorize(np.concatenate([a, b]))
        codes = np.unique(codes * len(levels) + own, return_inverse=True)[1].astype(np.int64)
    if problems:
        raise DataError(problems)
    return codes[:len(left)], codes[len(left):]


def _plain(column: pd.Series[Any]) -> NDArray[Any]:
    """Return a key as float64 or as objects, so that categories and text compare."""
    values = numeric(column)
    return column.astype(object).to_numpy(dtype=object) if values is None else values


def _pairs(left: NDArray[np.int64],
           right: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of left and right that belong together, by left row; right -1: none."""
    order = np.argsort(right, kind="stable")
    start = np.searchsorted(right[order], left, side="left")
    stop = np.searchsorted(right[order], left, side="right")
    count = np.maximum(stop - start, 1)
    left_rows = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(left_rows)) - np.repeat(np.cumsum(count) - count, count)
    matched = np.repeat(stop > start, count)
    place = np.where(matched, np.repeat(start, count) + within, 0)
    right_rows = np.where(matched, order[place] if len(order) else -1, -1)
    return left_rows.astype(np.int64), right_rows.astype(np.int64)
