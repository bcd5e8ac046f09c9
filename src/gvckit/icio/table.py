"""The inter-country input-output table: labelled, validated, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.arrange import Inputs, arrange
from gvckit.icio.audit import AuditEntry
from gvckit.icio.inputs import coerce
from gvckit.icio.policies import resolve
from gvckit.icio.validate import settle, wholes

__all__ = ["IcioTable"]

Floats = NDArray[np.float64]
_ARRAYS = ("Z", "F", "VA", "X")


@dataclass(frozen=True, eq=False, repr=False)
class IcioTable:
    """One year of an inter-country input-output table.

    Rows run country-major: all sectors of the first country, then the next.  Build it with
    :meth:`from_arrays`; the constructor itself checks nothing.

    Attributes
    ----------
    Z
        Intermediate flows, shape (n, n): row sells, column buys.
    F
        Final demand, shape (n, G·K): country c, category k in column c·K + k.
    VA, X
        Value added and gross output, shape (n,).
    countries, sectors, categories
        G country codes, N sector names, K final-demand categories.
    year, unit, source
        Year (or None), unit of the flows, and where the table comes from.
    audit
        What the policies found and changed.
    labels
        The source's own country labels, in the order of ``countries``.
    imbalance
        Sum of absolute row and column gaps that a policy kept; 0 in a table that closes to 1e-9.
    whole
        The country that each of ``countries`` is reported as: CHN for CN1 and CN2 where parts of
        a split country are merged after the solution, else ``countries`` itself.
    """

    Z: Floats
    F: Floats
    VA: Floats
    X: Floats
    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    categories: tuple[str, ...]
    year: int | None = None
    unit: str = ""
    source: str = ""
    audit: tuple[AuditEntry, ...] = ()
    labels: tuple[str, ...] = ()
    imbalance: float = 0.0
    whole: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            getattr(self, name).flags.writeable = False
        if not self.whole:
            object.__setattr__(self, "whole", self.countries)

    def __repr__(self) -> str:
        when = f" {self.year}" if self.year is not None else ""
        return (f"<IcioTable {self.source or 'unnamed'}{when}: {self.G} countries x "
                f"{self.N} sectors, {self.K} final-demand categories, {self.unit or 'no unit'}, "
                f"{len(self.audit)} audit entries>")

    @classmethod
    def from_arrays(
        cls, Z: Any, F: Any, *, countries: Sequence[str], sectors: Sequence[str],
        X: Any = None, VA: Any = None, categories: Sequence[str] | None = None,
        year: int | None = None, unit: str | None = None, source: str | None = None,
        labels: Sequence[str] | None = None, policy: Mapping[str, Any] | None = None,
        row_labels: Sequence[tuple[str, str]] | None = None,
        defaults: Mapping[str, str | float] | None = None,
    ) -> IcioTable:
        """Return a validated table.

        Parameters
        ----------
        Z
            Intermediate flows, shape (n, n) with n = G·N, country-major rows and columns.
        F
            Final demand, shape (n, G) or (n, G·K) with country-major columns.
        countries, sectors
            G country codes and N sector names, each without repetition.
        X, VA
            Gross output and value added, shape (n,); row sums and residual where not given.
        categories
            K names of final-demand categories.
        year, unit, source
            Labels that travel with the table.
        labels
            The source's own country labels where they differ from ``countries``.
        policy
            What to do about defects, by name (:data:`gvckit.icio.policies.POLICIES`).
        row_labels
            (country, sector) of each row, checked against the declared order.  Frames and series
            with two-level indexes are checked without it.  Policies ``permuted_labels``,
            ``duplicate_labels`` and ``missing_countries`` allow to mend what differs.
        defaults
            A source's own policy defaults, under ``policy``.

        Raises
        ------
        DataError
            One error with everything that is wrong: policies, labels, shapes, types, missing
            values, and what the policies refuse.
        """
        choices, problems = _choices(policy, defaults)
        if year is not None and (isinstance(year, bool) or not hasattr(year, "__index__")):
            problems.append(Problem(f"year is {year!r}", allowed="a whole number"))
        given, moved, refused = arrange(Inputs(
            Z, F, X, VA, countries, sectors, categories, labels, row_labels), choices)
        if refused:
            raise DataError([*problems, *refused])
        try:
            raw = coerce(given.Z, given.F, given.X, given.VA, countries=given.countries,
                         sectors=given.sectors, categories=given.categories,
                         labels=given.labels, row_labels=given.row_labels)
        except DataError as error:
            raise DataError([*problems, *error.problems]) from None
        if problems:
            raise DataError(problems)
        when = None if year is None else int(year)
        done = settle(raw, choices, when, moved)
        return cls(done.Z, done.F, done.VA, done.X, raw.countries, raw.sectors, raw.categories,
                   when, unit or "", source or "", done.audit, raw.labels, done.imbalance,
                   wholes(raw.countries, choices))

    @property
    def G(self) -> int:  # noqa: N802 - the field's own symbol
        """Number of countries."""
        return len(self.countries)

    @property
    def N(self) -> int:  # noqa: N802
        """Number of sectors."""
        return len(self.sectors)

    @property
    def n(self) -> int:
        """Number of rows, G·N."""
        return len(self.countries) * len(self.sectors)

    @property
    def K(self) -> int:  # noqa: N802
        """Number of final-demand categories."""
        return len(self.categories)

    @cached_property
    def Y(self) -> Floats:  # noqa: N802
        """Final demand by destination country, shape (n, G): F summed over categories."""
        total: Floats = self.F.reshape(self.n, self.G, self.K).sum(axis=2)
        total.flags.writeable = False
        return total

    @property
    def country_of_row(self) -> NDArray[np.intp]:
        """Index of each row's country, shape (n,)."""
        return np.repeat(np.arange(self.G), self.N)

    @property
    def sector_of_row(self) -> NDArray[np.intp]:
        """Index of each row's sector, shape (n,)."""
        return np.tile(np.arange(self.N), self.G)

    def place(self, row: int) -> str:
        """Return country, sector and year of a row, as error messages say it."""
        words = [self.countries[row // self.N], self.sectors[row % self.N]]
        return " ".join([*words, str(self.year)] if self.year is not None else words)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the arrays and labels: equal for equal content."""
        digest = hashlib.sha256()
        names = [self.countries, self.sectors, self.categories, self.year, self.unit]
        if self.whole != self.countries:
            names.append(self.whole)
        digest.update(json.dumps(names, ensure_ascii=False).encode())
        for name in _ARRAYS:
            array = getattr(self, name)
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").data)
        return digest.hexdigest()

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, for the store."""
        return {name: getattr(self, name) for name in _ARRAYS}

    def meta(self) -> dict[str, Any]:
        """Return everything but the arrays as JSON-able values, for the store."""
        return {
            "countries": list(self.countries), "sectors": list(self.sectors),
            "categories": list(self.categories), "year": self.year, "unit": self.unit,
            "source": self.source, "labels": list(self.labels), "imbalance": self.imbalance,
            "whole": list(self.whole),
            "audit": [entry.to_dict() for entry in self.audit],
        }

    @classmethod
    def from_stored(cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> IcioTable:
        """Return the table that :meth:`to_arrays` and :meth:`meta` wrote; nothing is checked."""
        Z, F, VA, X = (np.asarray(arrays[name], dtype=np.float64) for name in _ARRAYS)
        return cls(
            Z, F, VA, X,
            tuple(meta["countries"]), tuple(meta["sectors"]), tuple(meta["categories"]),
            meta["year"], meta["unit"], meta["source"],
            tuple(AuditEntry.from_dict(entry) for entry in meta["audit"]),
            tuple(meta["labels"]), float(meta["imbalance"]), tuple(meta.get("whole", ())),
        )


def _choices(
    policy: object, defaults: Mapping[str, str | float] | None
) -> tuple[dict[str, str | float], list[Problem]]:
    if policy is not None and not isinstance(policy, Mapping):
        return resolve({}, defaults)[0], [
            Problem(f"policy is {policy!r}", allowed="choices by policy name")]
    return resolve(policy or {}, defaults)
