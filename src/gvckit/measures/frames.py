"""From vectors to tidy frames: levels, sums by level, ratios of sums, keys in table order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, unknown
from gvckit.icio.leontief import Leontief

__all__ = ["FLOW_LEVELS", "LEVELS", "by_country_sector", "check_level", "choose", "level_is_by",
           "ratio", "summed", "summed_cube", "tidy"]

Floats = NDArray[np.float64]
Given = ParamSpec("Given")
Returned = TypeVar("Returned")

LEVELS: Mapping[str, tuple[str, ...]] = {
    "country-sector": ("country", "sector"), "country": ("country",), "world": (),
}
"""Keys of each level of a measure by producer."""

FLOW_LEVELS: Mapping[str, tuple[str, ...]] = {
    "bilateral-sector": ("exporter", "sector", "importer"), "bilateral": ("exporter", "importer"),
    "country-sector": ("exporter", "sector"), "sector": ("exporter", "sector"),
    "country": ("exporter",), "world": (),
}
"""Keys of each level of a measure by trade flow."""


def level_is_by(measure: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Let ``level=`` be another name of the measure's ``by=``."""

    @wraps(measure)
    def named(*args: Given.args, **given: Given.kwargs) -> Returned:
        if "level" in given:
            if "by" in given:
                raise DataError(Problem("level and by are two names for one thing",
                                        allowed="one of them"))
            given["by"] = given.pop("level")
        return measure(*args, **given)

    return named


def choose(kind: str, word: object, allowed: Sequence[str] | Mapping[str, object]) -> str:
    """Return ``word`` where it is allowed, else raise with what is."""
    if not isinstance(word, str) or word not in allowed:
        raise DataError(unknown(kind, str(word), allowed))
    return word


def check_level(by: str | Sequence[str], levels: Mapping[str, tuple[str, ...]] = LEVELS) -> str:
    """Return the name of a level, given as a name or as its list of keys."""
    if not isinstance(by, str) and isinstance(by, Sequence):
        keys = tuple(by)
        found = [name for name, own in levels.items() if own == keys]
        if found:
            return found[0]
        by = "-".join(str(k) for k in keys)
    return choose("level", by, levels)


def summed(io: Leontief, values: Floats, keys: tuple[str, ...]) -> Floats:
    """Return ``values`` summed over the keys that a level drops, flattened in table order.

    Parameters
    ----------
    io
        The system that the values come from.
    values
        Shape (n,), or (n, G) by importer.
    keys
        The level's keys; own-country cells are left out where importer is one of them.
    """
    return summed_cube(by_country_sector(io, io.numpy(values)), keys)


def summed_cube(cube: Floats, keys: tuple[str, ...]) -> Floats:
    """Return an array (G, N, G) or (G, N, 1) summed over the keys that a level drops, flat."""
    if "importer" not in keys:
        cube = cube.sum(axis=2, keepdims=True)
    if "sector" not in keys:
        cube = cube.sum(axis=1, keepdims=True)
    if not keys:
        cube = cube.sum(axis=0, keepdims=True)
    if "importer" in keys:
        taken: Floats = np.take(cube.reshape(-1), _abroad(cube.shape))
        return taken
    return cube.ravel()


def by_country_sector(io: Leontief, values: Floats) -> Floats:
    """Return shape (G, N, …): the blocks of a country summed by sector."""
    values = values.reshape(io.n, -1)
    if io.n == io.G * io.N:
        return values.reshape(io.G, io.N, -1)
    return np.stack([values[a:b].reshape(-1, io.N, values.shape[1]).sum(axis=0)
                     for a, b in io.bounds])


@lru_cache(maxsize=8)
def _abroad(shape: tuple[int, int, int]) -> NDArray[np.intp]:
    """Return the flat places of the cells (exporter, sector, importer) that cross a border."""
    away = ~np.eye(shape[-1], dtype=bool)
    places = np.flatnonzero(np.broadcast_to(away[:, None, :], shape))
    places.flags.writeable = False
    return places


@lru_cache(maxsize=8)
def _codes(sizes: tuple[int, ...], abroad: bool) -> tuple[NDArray[np.int16], ...]:
    """Return the codes of each key in the order of the rows."""
    if not sizes:
        return ()
    cells = (_abroad((sizes[0], sizes[1] if len(sizes) == 3 else 1, sizes[-1])) if abroad
             else np.arange(int(np.prod(sizes))))
    return tuple(code.astype(np.int16) for code in np.unravel_index(cells, sizes))


def ratio(numerator: Floats, denominator: Floats, scale: Floats | None = None) -> Floats:
    """Return the ratio, NaN where the denominator is nothing but rounding error of ``scale``."""
    floor = 1e-13 * np.abs(denominator if scale is None else scale)
    fine = (np.abs(denominator) > floor) & (denominator != 0)
    out = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=fine)
    return out


def tidy(
    io: Leontief, columns: Mapping[str, Floats], keys: tuple[str, ...], *, definition: str,
    unit: str, identities: Mapping[str, float], ratios: Sequence[str] = (),
) -> pd.DataFrame:
    """Return a frame with categorical keys in table order, and its definition in ``.attrs``.

    Parameters
    ----------
    io
        The system that the values come from.
    columns
        Values by column name, each with one value for each combination of the keys.
    keys
        Names of the key columns.
    definition, unit, identities
        What ``.attrs`` says about the numbers.
    ratios
        Columns that are missing in industries without output, whatever was computed.
    """
    names = {"country": io.countries, "exporter": io.countries, "sector": io.sectors,
             "importer": io.countries}
    codes = _codes(tuple(len(names[key]) for key in keys), "importer" in keys)
    cells = np.empty((len(columns), len(codes[0]) if keys else 1))
    for own, values in zip(cells, columns.values(), strict=True):
        own[:] = values
    if keys[-1:] == ("sector",):
        idle = summed(io, (~io.zero).astype(np.float64), ("country", "sector")) == 0
        for own, name in zip(cells, columns, strict=True):
            if name in ratios:
                own[idle] = np.nan
    # The columns are one block of memory already: nothing is copied again.
    frame = pd.DataFrame(cells.T, columns=pd.Index(list(columns), dtype="str"), copy=False)
    for axis, (key, code) in enumerate(zip(keys, codes, strict=True)):
        cells_of = pd.Categorical.from_codes(code.copy(), categories=pd.Index(names[key]))
        frame.insert(axis, key, pd.Series(cells_of))
    frame.attrs = {"definition": definition, "unit": unit, "identities": dict(identities)}
    if ratios:
        frame.attrs["ratios"] = list(ratios)
    return frame
