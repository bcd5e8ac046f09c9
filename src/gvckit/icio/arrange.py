"""Labelled inputs brought into the declared order, as far as the policies allow it.

By default nothing is moved: what is permuted, repeated or absent is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import Problem, listing
from gvckit.icio.audit import AuditEntry
from gvckit.icio.inputs import label_pairs

__all__ = ["Inputs", "arrange"]

Pair = tuple[str, str]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a caller hands over, labels as they came.

    Attributes
    ----------
    Z, F, X, VA
        Arrays or frames; X and VA may be None.
    countries, sectors, categories, labels, row_labels
        As :meth:`gvckit.icio.table.IcioTable.from_arrays` takes them.
    """

    Z: Any
    F: Any
    X: Any
    VA: Any
    countries: Any
    sectors: Any
    categories: Any
    labels: Any
    row_labels: Any


@dataclass(slots=True)
class _Log:
    """What was done, and what may not be done; each thing once, whichever array showed it."""

    choices: Mapping[str, str | float]
    audit: dict[tuple[str, Pair], AuditEntry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def allows(self, policy: str, name: str, defect: str, pairs: Iterable[Pair],
               action: str) -> bool:
        """Note the defect where the policy mends it; else the problem."""
        found = list(pairs)
        choice = str(self.choices[policy])
        if choice == "error":
            if policy != "permuted_labels":  # which is told with the place where order fails
                others = "sum" if policy == "duplicate_labels" else "zero"
                self.problems.append(Problem(
                    f"{name}: {defect}: {listing(' '.join(pair).strip() for pair in found)}",
                    allowed=f"each label once, or `policy: {{{policy}: {others}}}`"))
            return False
        for pair in found:
            self.audit.setdefault((policy, pair), AuditEntry(
                f"{policy}={choice}", defect, pair, f"in {name}", choice, action))
        return True


def arrange(
    given: Inputs, choices: Mapping[str, str | float]
) -> tuple[Inputs, tuple[AuditEntry, ...], list[Problem]]:
    """Return the inputs in the declared order, what was done, and what the policies refuse.

    Arrays without labels stay as they are.  What cannot be understood stays too, for the checks
    that follow to tell.
    """
    names = [_words(value) for value in (given.countries, given.sectors)]
    if names[0] is None or names[1] is None:
        return given, (), []
    countries, sectors = (list(dict.fromkeys(words)) for words in (names[0], names[1]))
    declared = [(c, s) for c in names[0] for s in names[1]]
    log = _Log(choices)
    twice = len(declared) > len(countries) * len(sectors)
    if twice and choices["duplicate_labels"] == "error":
        return given, (), []  # the check of names tells
    source = _words(given.labels) or names[0]
    if len(source) != len(names[0]):
        return given, (), []
    code = dict(zip(source, names[0], strict=True))
    rows = label_pairs(given.row_labels, 0) or (declared if twice else None)
    wanted = [(c, s) for c in countries for s in sectors]
    out: dict[str, Any] = {}
    for name in ("Z", "F", "X", "VA"):
        value = own = getattr(given, name)
        for axis in range(2 if name == "Z" else 1):
            found = label_pairs(own, axis) or rows
            value = _along(value, found, wanted, code, f"{name} {'columns' if axis else 'rows'}",
                           axis, log)
        out[name] = value
    out["F"] = _columns(out["F"], given, countries, code, twice, log)
    moved = any(out[name] is not getattr(given, name) for name in out)
    if not moved and not twice:
        return given, (), log.problems
    labels = given.labels if given.labels is None else [
        source[names[0].index(c)] for c in countries]
    done = replace(given, **out, countries=countries, sectors=sectors, labels=labels,
                   row_labels=None)
    return done, tuple(log.audit.values()), log.problems


def _words(value: Any) -> list[str] | None:
    if isinstance(value, str | bytes | set | frozenset) or not hasattr(value, "__iter__"):
        return None
    return [str(word) for word in value]


def _along(
    value: Any, found: Sequence[Pair] | None, wanted: Sequence[Pair], code: Mapping[str, str],
    name: str, axis: int, log: _Log,
) -> Any:
    """Return an array with one axis in the wanted order; the value itself where nothing moves."""
    if value is None or found is None:
        return value
    own = [(code.get(c, c), s) for c, s in found]
    if own == list(wanted) or set(own) - set(wanted):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.ndim <= axis or array.shape[axis] != len(own):
        return value
    fine = True
    repeated = [pair for pair, count in Counter(own).items() if count > 1]
    if repeated:
        fine &= log.allows("duplicate_labels", name, "label given more than once", repeated,
                           "rows and columns of the same name added together")
    present = set(own)
    absent = [pair for pair in wanted if pair not in present]
    if absent:
        fine &= log.allows("missing_countries", name, "no row or column of that name",
                           _whole(absent, wanted), "filled with zeros: no output, no demand")
    order = [pair for pair in wanted if pair in present]
    if list(dict.fromkeys(own)) != order:
        first = next(a for a, b in zip(dict.fromkeys(own), order, strict=True) if a != b)
        fine &= log.allows("permuted_labels", name, "labels in another order", [first],
                           "brought into the declared order")
    if not fine:
        return value
    place = {pair: k for k, pair in enumerate(wanted)}
    lines = np.moveaxis(array, axis, 0)
    out: Floats = np.zeros((len(wanted), *lines.shape[1:]))
    for pair, line in zip(own, lines, strict=True):
        out[place[pair]] += line
    return np.moveaxis(out, 0, axis)


def _whole(absent: Sequence[Pair], wanted: Sequence[Pair]) -> list[Pair]:
    """Return (country, "") for countries that lack every sector, else the pair."""
    gone = set(absent)
    sectors = list(dict.fromkeys(s for _, s in wanted))
    empty = {c for c, _ in absent if all((c, s) in gone for s in sectors)}
    return list(dict.fromkeys((c, "") if c in empty else (c, s) for c, s in absent))


def _columns(value: Any, given: Inputs, countries: Sequence[str], code: Mapping[str, str],
             twice: bool, log: _Log) -> Any:
    """Return final demand with its columns in the wanted order."""
    found = label_pairs(given.F, 1)
    names = _words(given.categories)
    if found is None and twice:
        width = np.shape(value)[1] if np.ndim(value) == 2 else 0
        declared = list(_words(given.countries) or ())
        each = width // len(declared) if width % len(declared) == 0 else 0
        names = names or [f"f{k + 1}" for k in range(each)]
        found = [(c, k) for c in declared for k in names] if len(names) == each else None
    if found is None:
        return value
    names = names or list(dict.fromkeys(k for _, k in found))
    return _along(value, found, [(c, k) for c in countries for k in names], code, "F columns", 1,
                  log)
