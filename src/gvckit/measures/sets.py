"""Named sets of sectors: one file each under ``sector_sets/``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from gvckit.errors import DataError, Problem, listing, nearest, unknown

__all__ = ["SectorSet", "chosen_sectors", "sector_set", "sector_sets"]

# Part of the code that a stored result depends on.
DATA_FILES = ("sector_sets/*.toml",)


@dataclass(frozen=True, slots=True)
class SectorSet:
    """A named set of sectors of one classification.

    Attributes
    ----------
    name
        Name in specs.
    sectors
        Sector names as the table has them.
    label
        What the set is, by language (zh, en).
    source
        Where the choice of sectors comes from.
    """

    name: str
    sectors: tuple[str, ...]
    label: dict[str, str]
    source: str


def sector_sets() -> tuple[SectorSet, ...]:
    """Return all named sets, sorted by name."""
    folder = resources.files("gvckit.measures").joinpath("sector_sets")
    found = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            found.append(SectorSet(file.name.removesuffix(".toml"), tuple(data["sectors"]),
                                   dict(data["label"]), data["source"]))
    return tuple(found)


def sector_set(name: str) -> SectorSet:
    """Return the set with this name; raise DataError with the nearest name where there is none."""
    found = {s.name: s for s in sector_sets()}
    if name not in found:
        raise DataError(unknown("sector set", name, found, at=("sectors",)))
    return found[name]


def chosen_sectors(sectors: str | Sequence[str], table: Sequence[str]) -> tuple[str, ...]:
    """Return the sectors named by a set or listed, each of which the table must have.

    A single word is a set, or a sector of the table where no set has that name.

    Raises
    ------
    DataError
        Unknown set, an empty or repeated list, or sectors that the table does not have.
    """
    if isinstance(sectors, str) and sectors in table and sectors not in {
            s.name for s in sector_sets()}:
        sectors = (sectors,)
    name = sectors if isinstance(sectors, str) else None
    words = sector_set(sectors).sectors if isinstance(sectors, str) else tuple(sectors)
    absent = [word for word in words if word not in table]
    problems = [Problem(f"the table has no sector {word!r}", allowed=listing(table),
                        nearest=nearest(str(word), table), at=("sectors", str(word)))
                for word in absent]
    if name and absent:
        problems = [Problem(f"the table has no sector {', '.join(map(repr, absent))} of the set "
                            f"{name}", allowed=listing(table), at=("sectors",))]
    if not words:
        problems.append(Problem("no sectors are given", allowed=listing(table), at=("sectors",)))
    if len(set(words)) < len(words):
        problems.append(Problem(f"a sector is listed more than once: {listing(words)}",
                                at=("sectors",)))
    if problems:
        raise DataError(problems)
    return words
