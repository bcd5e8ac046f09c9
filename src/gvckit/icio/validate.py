"""Apply the named policies to a raw table: what comes out is what every measure may rely on.

After this: no NaN; X >= 0; X equals row sums and VA equals X less column sums to 1e-9 (or
``imbalance`` says by how much not); industries without output buy nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.audit import AuditEntry
from gvckit.icio.inputs import RawTable

__all__ = ["Settled", "settle", "wholes"]

Floats = NDArray[np.float64]

RELATIVE = 1e-9
"""Balance asked of a row or column, relative to its output."""

LAST_BITS = 1e-15
"""What floating point leaves of a sum that cancels, relative to what is summed."""

_PART = re.compile(r"(?P<stem>CN|MX)\d$")
_WHOLE = {"CN": "CHN", "MX": "MEX"}


@dataclass(frozen=True, slots=True)
class Settled:
    """A table that the policies have settled.

    Attributes
    ----------
    Z, F, X, VA
        Shapes (n, n), (n, G·K), (n,), (n,).
    imbalance
        Sum of absolute row and column gaps in the table's unit; 0 where all close to 1e-9.
    audit
        What was found and changed.
    """

    Z: Floats
    F: Floats
    X: Floats
    VA: Floats
    imbalance: float
    audit: tuple[AuditEntry, ...]


@dataclass(slots=True)
class _Work:
    """The table while it is being settled."""

    raw: RawTable
    choices: Mapping[str, str | float]
    year: int | None
    X: Floats
    VA: Floats = field(default_factory=lambda: np.empty(0))
    audit: list[AuditEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def where(self, row: int) -> tuple[str, str]:
        N = len(self.raw.sectors)
        return self.raw.countries[row // N], self.raw.sectors[row % N]

    def places(self, rows: NDArray[np.intp], values: Floats | None = None) -> str:
        texts = []
        for k, row in enumerate(rows):
            text = " ".join((*self.where(int(row)), *([str(self.year)] if self.year else [])))
            texts.append(text if values is None else f"{text} = {values[k]:g}")
        return listing(texts)

    def named(self, policy: str) -> str:
        return f"{policy}={self.choices[policy]}"

    def note(self, policy: str, defect: str, where: tuple[str, str], before: float | str,
             after: float | str, action: str) -> None:
        self.audit.append(AuditEntry(self.named(policy), defect, where, before, after, action))

    def refused(self, policy: str, what: str, rows: NDArray[np.intp],
                values: Floats | None = None, allowed: str | None = None) -> bool:
        """Note a problem and return True where the policy is to refuse."""
        if self.choices[policy] != "error":
            return False
        self.problems.append(Problem(what, self.places(rows, values), allowed))
        return True


def settle(
    raw: RawTable, choices: Mapping[str, str | float], year: int | None,
    before: Sequence[AuditEntry] = (),
) -> Settled:
    """Return the table as the policies have it; raise one DataError with all that they refuse.

    Parameters
    ----------
    raw
        The table.
    choices
        Every policy's choice.
    year
        For error messages.
    before
        What was done to the inputs already.
    """
    work = _Work(raw, choices, year, np.empty(0), audit=list(before))
    _codes(work)
    _split(work)
    _finite(work)
    if not work.problems:
        _empty(work)
    if work.problems:
        raise DataError(work.problems)
    _output(work)
    _rounding(work)
    _purchases_without_output(work)
    _sales_without_output(work)
    _value_added(work)
    _signs(work)
    imbalance = _balance(work)
    if work.problems:
        raise DataError(work.problems)
    return Settled(raw.Z, raw.F, work.X, work.VA, imbalance, tuple(work.audit))


def _codes(work: _Work) -> None:
    for code, label in zip(work.raw.countries, work.raw.labels, strict=True):
        if code != label:
            work.audit.append(AuditEntry("codes=iso3", "the source's own country label", (code, ""),
                                         label, code, "renamed; the label is in table.labels"))


def _split(work: _Work) -> None:
    parts = [c for c in work.raw.countries if _PART.match(c)]
    if not parts:
        return
    if work.choices["split_countries"] == "error":
        work.problems.append(Problem(
            f"the table splits countries into parts: {listing(parts)}",
            allowed="`policy: {split_countries: merge}`, or separate"))
        return
    named = wholes(work.raw.countries, work.choices)
    for part, whole in zip(work.raw.countries, named, strict=True):
        if part in parts:
            work.note("split_countries", "part of a split country", (part, ""), part, whole,
                      "kept as a country of its own" if whole == part else
                      "solved apart, reported as part of the whole")


def wholes(countries: Sequence[str], choices: Mapping[str, str | float]) -> tuple[str, ...]:
    """Return the country that each label is reported as, by policy ``split_countries``."""
    if choices["split_countries"] != "merge":
        return tuple(countries)
    parts = [_PART.match(code) for code in countries]
    return tuple(_WHOLE[part["stem"]] if part else code
                 for part, code in zip(parts, countries, strict=True))


def _empty(work: _Work) -> None:
    """Note countries with nothing but zeros, or the whole table."""
    raw = work.raw
    if not raw.Z.any() and not raw.F.any():
        when = f" of {work.year}" if work.year is not None else ""
        work.problems.append(Problem(f"the table{when} holds nothing but zeros"))
        return
    G, N = len(raw.countries), len(raw.sectors)
    rows = np.any([raw.Z.any(axis=1), raw.Z.any(axis=0), raw.F.any(axis=1)], axis=0)
    full = (rows.reshape(G, N).any(axis=1) | raw.F.any(axis=0).reshape(G, -1).any(axis=1)).tolist()
    filled = {entry.where[0] for entry in work.audit
              if entry.policy == "missing_countries=zero" and not entry.where[1]}
    empty = [c for c, has in zip(raw.countries, full, strict=True)
             if not has and c not in filled]
    if not empty:
        return
    if work.choices["empty_countries"] == "error":
        when = f" in {work.year}" if work.year is not None else ""
        work.problems.append(Problem(
            f"{listing(empty)} hold{'s' if len(empty) == 1 else ''} nothing but zeros{when}",
            allowed="data, the country left out, or `policy: {empty_countries: keep}`"))
        return
    for country in empty:
        work.note("empty_countries", "nothing but zeros", (country, ""), 0.0, 0.0, "kept")


def _finite(work: _Work) -> None:
    raw = work.raw
    for name, array in (("Z", raw.Z), ("F", raw.F), ("X", raw.X), ("VA", raw.VA)):
        if array is None or np.isfinite(array).all():
            continue
        bad = ~np.isfinite(array)
        if work.choices["missing_values"] == "zero" and array.ndim == 2:
            bad = _without_missing(work, name, array) & bad
            if not bad.any():
                continue
        rows = np.flatnonzero(bad.any(axis=1) if bad.ndim == 2 else bad)
        mend = ("numbers, or `policy: {missing_values: zero}`"
                if array.ndim == 2 and np.isnan(array[bad]).all() else "numbers")
        what = "value that is" if bad.sum() == 1 else "values that are"
        work.problems.append(Problem(
            f"{name} holds {int(bad.sum())} {what} missing or infinite{_buyer(work, bad)}",
            work.places(rows), mend))


def _buyer(work: _Work, bad: NDArray[np.bool_]) -> str:
    """Return in which column of a matrix the first bad value stands."""
    if bad.ndim == 1:
        return ""
    column = int(np.argwhere(bad)[0][1])
    if bad.shape[1] == len(bad):
        return f", first in the column of {' '.join(work.where(column))}"
    return f", first in the column of {_column(work.raw, column)}"


def _without_missing(work: _Work, name: str, array: Floats) -> NDArray[np.bool_]:
    """Set missing cells to zero; return which cells were not missing."""
    missing = np.isnan(array)
    count = missing.sum(axis=1)
    for row in np.flatnonzero(count):
        work.note("missing_values", f"{int(count[row])} cells of {name} are missing",
                  work.where(int(row)), "missing", 0.0, "set to zero")
    array[missing] = 0.0
    return ~missing


def _output(work: _Work) -> None:
    sums = work.raw.Z.sum(axis=1) + work.raw.F.sum(axis=1)
    given = work.raw.X
    if given is None or work.choices["output"] == "row-sums":
        work.X = sums
        if given is not None and not np.array_equal(given, sums):
            gap = sums - given
            worst = int(np.argmax(np.abs(gap)))
            work.note("output", "given output is not the row sum", work.where(worst),
                      float(given[worst]), float(sums[worst]),
                      f"row sums taken in {np.count_nonzero(gap)} rows; this is the largest "
                      f"change; all changes together {np.abs(gap).sum():g}")
        return
    work.X = given.copy()


def _rounding(work: _Work) -> None:
    unit = float(work.choices["rounding_unit"])
    Z, F = work.raw.Z, work.raw.F
    # Sales that cancel leave their last bits behind, above or below zero.
    gross = np.abs(Z).sum(axis=1) + np.abs(F).sum(axis=1)
    bits = (work.X != 0) & (np.abs(work.X) <= 100 * LAST_BITS * gross)
    beyond = np.flatnonzero((work.X + unit < 0) & ~bits)
    if beyond.size:
        work.problems.append(Problem(
            f"output is negative beyond the rounding unit of {unit:g}",
            work.places(beyond, work.X[beyond]),
            "a corrected table, or `policy: {rounding_unit: NUMBER}`"))
    rows = np.flatnonzero(bits | ((work.X < 0) & (work.X + unit >= 0)))
    what = "output is nothing but rounding"
    if rows.size and not work.refused("rounding", what, rows, work.X[rows]):
        for row in rows:
            cell = int(np.argmin(F[row]))
            remainder = float(work.X[row])
            work.note("rounding", what, work.where(int(row)), remainder, 0.0,
                      f"output set to 0; {-remainder:g} added to final demand of "
                      f"{_column(work.raw, cell)}")
            F[row, cell] -= remainder
            work.X[row] = 0.0


def _column(raw: RawTable, column: int) -> str:
    K = len(raw.categories)
    return f"{raw.countries[column // K]} {raw.categories[column % K]}"


def _purchases_without_output(work: _Work) -> None:
    Z, F = work.raw.Z, work.raw.F
    rows = np.flatnonzero((work.X == 0) & Z.any(axis=0))
    total = Z[:, rows].sum(axis=0)
    if not rows.size or work.refused("purchases_without_output", "buys inputs without any output",
                                     rows, total):
        return
    N, K = len(work.raw.sectors), len(work.raw.categories)
    for row, bought in zip(rows, total, strict=True):
        if work.choices["purchases_without_output"] == "keep":
            work.note("purchases_without_output", "buys inputs without any output",
                      work.where(int(row)), float(bought), float(bought), "kept")
            continue
        column = (int(row) // N) * K + K - 1
        F[:, column] += Z[:, row]
        Z[:, row] = 0.0
        work.note("purchases_without_output", "buys inputs without any output",
                  work.where(int(row)), float(bought), 0.0,
                  f"purchases moved to final demand of {_column(work.raw, column)}")


def _sales_without_output(work: _Work) -> None:
    Z, F = work.raw.Z, work.raw.F
    rows = np.flatnonzero((work.X == 0) & (Z.any(axis=1) | F.any(axis=1)))
    # Rows where sales do not cancel are out of balance, and told as such.
    rows = rows[np.abs(Z[rows].sum(axis=1) + F[rows].sum(axis=1)) <= RELATIVE * work.X.mean()]
    sales = np.abs(Z[rows]).sum(axis=1) + np.abs(F[rows]).sum(axis=1)
    if not rows.size or work.refused("sales_without_output", "sells without any output", rows,
                                     sales):
        return
    for row in rows:
        size = float(np.maximum(Z[row], 0).sum() + np.maximum(F[row], 0).sum())
        work.note("sales_without_output", "sells without any output", work.where(int(row)), size,
                  size, "kept; sales and the fall in stocks cancel")


def _value_added(work: _Work) -> None:
    residual = work.X - work.raw.Z.sum(axis=0)
    given = work.raw.VA
    if given is None or work.choices["value_added"] == "residual":
        work.VA = residual
        if given is not None and not np.allclose(given, residual, rtol=RELATIVE, atol=0):
            gap = residual - given
            worst = int(np.argmax(np.abs(gap)))
            share = np.abs(gap).sum() / max(float(work.X.sum()), np.finfo(float).tiny)
            work.note("value_added", "given value added is not the residual", work.where(worst),
                      float(given[worst]), float(residual[worst]),
                      f"residual taken: holds taxes and margins; this is the largest change; "
                      f"all changes are {share:.4%} of output")
        return
    work.VA = given.copy()


def _signs(work: _Work) -> None:
    negative = np.flatnonzero(work.VA < 0)
    if negative.size and not work.refused("negative_value_added", "value added is negative",
                                          negative, work.VA[negative]):
        for row in negative:
            value = float(work.VA[row])
            work.note("negative_value_added", "value added is negative", work.where(int(row)),
                      value, value, "kept")
    for policy, name, matrix in (("negative_final_demand", "final demand", work.raw.F),
                                 ("negative_intermediate", "intermediate sales", work.raw.Z)):
        if not (matrix < 0).any():
            continue
        rows = np.flatnonzero((matrix < 0).any(axis=1))
        worst = int(np.unravel_index(np.argmin(matrix), matrix.shape)[0])
        if not work.refused(policy, f"{name} is negative", rows, matrix[rows].min(axis=1)):
            value = float(matrix.min())
            work.note(policy, f"{name} is negative", work.where(worst), value, value,
                      f"kept in {int((matrix < 0).sum())} cells; this is the lowest")


def _balance(work: _Work) -> float:
    """Return the sum of gaps that stay; note or refuse rows and columns that do not add up."""
    Z, F, X = work.raw.Z, work.raw.F, work.X
    empty = X == 0
    kept = Z[:, empty].sum(axis=1) if empty.any() else np.zeros(X.size)
    slack = RELATIVE * np.abs(X) + LAST_BITS * np.abs(X).sum()
    imbalance = float(kept.sum())
    for kind, gap in (("row", Z.sum(axis=1) + F.sum(axis=1) - X),
                      ("column", np.where(empty, 0.0, Z.sum(axis=0) + work.VA - X))):
        bad = np.flatnonzero(np.abs(gap) > slack)
        if not bad.size:
            continue
        what = ("row does not add up to output (sales less output shown)" if kind == "row" else
                "purchases and given value added do not add up to output (the difference shown)")
        mend = "output: row-sums" if kind == "row" else "value_added: residual"
        if work.refused("unbalanced", what, bad, gap[bad],
                        f"`policy: {{{mend}}}`, or `policy: {{unbalanced: keep}}`"):
            continue
        worst = int(np.argmax(np.abs(gap)))
        total = float(np.abs(gap[bad]).sum())
        work.note("unbalanced", what, work.where(worst), float(X[worst]), float(X[worst]),
                  f"kept in {bad.size} {kind}s; all gaps together {total:g}")
        imbalance += total
    return imbalance
