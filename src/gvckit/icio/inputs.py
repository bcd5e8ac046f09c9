"""From what a caller hands over to plain float arrays and label tuples, or one list of complaints.

Frames with labelled rows are checked against the declared order: an array in another order than
country-major is refused, never re-sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing

__all__ = ["RawTable", "coerce", "label_pairs"]

Floats = NDArray[np.float64]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RawTable:
    """Arrays of the right shape with clean labels; values not looked at yet.

    Attributes
    ----------
    Z, F
        Shapes (n, n) and (n, G·K); own copies.
    X, VA
        Shape (n,), or None where not given.
    countries, sectors, categories, labels
        G, N and K labels, and the source's own G country labels.
    """

    Z: Floats
    F: Floats
    X: Floats | None
    VA: Floats | None
    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    categories: tuple[str, ...]
    labels: tuple[str, ...]


def coerce(
    Z: Any, F: Any, X: Any, VA: Any, *, countries: Any, sectors: Any, categories: Any,
    labels: Any, row_labels: Any,
) -> RawTable:
    """Return the arrays and labels of a table, or raise one error with all that is wrong."""
    problems: list[Problem] = []
    country = _labels(countries, "countries", problems)
    sector = _labels(sectors, "sectors", problems)
    # Codes are made of labels, so what is wrong with a label is told once, as the country's.
    own: list[Problem] = []
    source = country if labels is None else _labels(labels, "labels", own)
    problems += [] if problems else own
    if len(source) != len(country):
        problems.append(Problem(f"labels has {len(source)} names for {len(country)} countries"))
    rows, G = len(country) * len(sector), len(country)
    matrix = {name: _array(value, name, 2, problems) for name, value in (("Z", Z), ("F", F))}
    vector = {name: _array(value, name, 1, problems) for name, value in (("X", X), ("VA", VA))
              if value is not None}
    if country and sector:
        _shapes(matrix, vector, len(country), len(sector), problems)
    width = matrix["F"].shape[1] if matrix["F"] is not None else 0
    if width % G if G else False:
        problems.append(Problem(f"F has {width} columns, not a multiple of {G} countries"))
    category = _categories(categories, width, G, problems)
    if not problems and len(source) == G:
        expected = [[(c, s) for c in names for s in sector] for names in (country, source)]
        _orders((("row_labels", row_labels, 0), ("Z", Z, 0), ("Z", Z, 1), ("F", F, 0),
                 ("X", X, 0), ("VA", VA, 0)), expected, problems)
        columns = [[(c, k) for c in names for k in category] for names in (country, source)]
        _orders((("F", F, 1),), columns, problems)
    z, f = matrix["Z"], matrix["F"]
    if problems or z is None or f is None:
        raise DataError(problems)
    assert z.shape == (rows, rows)
    return RawTable(z, f, vector.get("X"), vector.get("VA"), country, sector, category, source)


def _labels(value: Any, name: str, problems: list[Problem]) -> tuple[str, ...]:
    # A set has no order of its own.
    if isinstance(value, str | bytes | set | frozenset) or not hasattr(value, "__iter__"):
        problems.append(Problem(f"{name} is {value!r}", allowed="a list of names"))
        return ()
    words = tuple(str(v) for v in value)
    if not words:
        problems.append(Problem(f"{name} is empty"))
    if any(not w.strip() for w in words):
        problems.append(Problem(f"{name} holds an empty name"))
    twice = sorted({w for w in words if words.count(w) > 1})
    if twice:
        shown = listing(f"{word} (numbers {_numbers(words, word)})" for word in twice)
        problems.append(Problem(f"{name} holds the same name more than once: {shown}",
                                allowed="each name once, or `policy: {duplicate_labels: sum}`"))
    return words


def _numbers(words: Sequence[str], word: str) -> str:
    return ", ".join(str(i) for i, other in enumerate(words, 1) if other == word)


def _categories(value: Any, width: int, G: int, problems: list[Problem]) -> tuple[str, ...]:
    K = width // G if G and width % G == 0 else 0
    if value is None:
        return ("final",) if K == 1 else tuple(f"f{k + 1}" for k in range(K))
    words = _labels(value, "categories", problems)
    if K and len(words) != K:
        problems.append(Problem(
            f"categories has {len(words)} names, but F has {K} columns for each country"))
    return words


def _array(value: Any, name: str, ndim: int, problems: list[Problem]) -> Floats | None:
    """Return ``value`` as an own float64 copy, or None after noting why it is none."""
    try:
        array = np.asarray(value)
    except ValueError:
        problems.append(Problem(f"{name} is ragged: its rows differ in length"))
        return None
    if array.dtype.kind == "O":
        bad = next((v for v in array.ravel() if isinstance(v, str | bytes | complex)
                    or not hasattr(v, "__float__")), None)
        if bad is not None or array.ndim == 0:
            problems.append(Problem(f"{name} holds {bad!r}", allowed="numbers"))
            return None
    elif array.dtype.kind not in "iuf":
        problems.append(Problem(f"{name} has values of type {array.dtype}", allowed="numbers"))
        return None
    if array.ndim != ndim:
        words = {1: "a vector", 2: "a matrix"}[ndim]
        problems.append(Problem(f"{name} has shape {array.shape}", allowed=words))
        return None
    try:
        return np.array(array, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        problems.append(Problem(f"{name} cannot be read as numbers: {error}"))
        return None


def _shapes(
    matrix: dict[str, Floats | None], vector: dict[str, Floats | None], G: int, N: int,
    problems: list[Problem],
) -> None:
    n = G * N
    words = f"{G} countries x {N} sectors = {n} rows"
    z, f = matrix["Z"], matrix["F"]
    if z is not None and z.shape != (n, n):
        problems.append(Problem(f"Z has shape {z.shape}", allowed=f"({n}, {n}): {words}"))
    if f is not None and (f.shape[0] != n or f.shape[1] < G):
        problems.append(Problem(f"F has shape {f.shape}",
                                allowed=f"{n} rows ({words}), at least {G} columns"))
    problems.extend(
        Problem(f"{name} has {array.size} values", allowed=f"{n}: {words}")
        for name, array in vector.items() if array is not None and array.size != n)


def _orders(
    given: Sequence[tuple[str, Any, int]], expected: list[list[Pair]], problems: list[Problem]
) -> None:
    for name, value, axis in given:
        found = label_pairs(value, axis)
        if found is None or found in expected:
            continue
        what = f"{name} {'columns' if axis else 'rows'}"
        if len(found) != len(expected[0]):
            problems.append(Problem(f"{what} carry {len(found)} labels for {len(expected[0])}"))
            continue
        at = next(i for i, pair in enumerate(found) if pair != expected[0][i])
        kind = ("are permuted" if sorted(found) in [sorted(e) for e in expected]
                else "are labelled otherwise than the countries and sectors say")
        problems.append(Problem(
            f"{what} {kind}: number {at + 1} is {' '.join(found[at])!r}, "
            f"expected {' '.join(expected[0][at])!r}",
            allowed="country-major order: all sectors of the first country, then the next"))


def label_pairs(value: Any, axis: int) -> list[Pair] | None:
    """Return the (country, name) labels that a frame, a series or a list of pairs carries."""
    if value is None:
        return None
    if hasattr(value, "index") and hasattr(value, "iloc"):
        index = value.columns if axis else value.index
        if index.nlevels != 2:
            return None
        labels = list(index)
    elif isinstance(value, np.ndarray) or not isinstance(value, Sequence):
        return None
    else:
        labels = list(value)
    if not labels or not all(isinstance(v, tuple | list) and len(v) == 2
                             and isinstance(v[0], str) and isinstance(v[1], str) for v in labels):
        return None
    return [(str(a), str(b)) for a, b in labels]
