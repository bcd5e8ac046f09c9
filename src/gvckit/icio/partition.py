"""Which blocks of a table are one country: split countries, and groups treated as one exporter.

Everything within a country is domestic: its blocks share one local inverse, and flows between them
are no exports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing, unknown

__all__ = ["Partition", "check_groups"]


@dataclass(frozen=True, slots=True)
class Partition:
    """Countries as sets of blocks of a table.

    Attributes
    ----------
    names
        G country names.
    members
        Blocks of each country, in table order; every block belongs to one country.
    """

    names: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, labels: Sequence[str]) -> Partition:
        """Return the partition that joins blocks with the same label."""
        names = tuple(dict.fromkeys(labels))
        members = tuple(tuple(k for k, own in enumerate(labels) if own == name) for name in names)
        return cls(names, members)

    @property
    def blocks(self) -> tuple[int, ...]:
        """Blocks, country after country."""
        return tuple(block for own in self.members for block in own)

    def rows(self, N: int) -> NDArray[np.intp]:
        """Return the table's rows, country after country, shape (n,)."""
        return (np.asarray(self.blocks)[:, None] * N + np.arange(N)).ravel()

    def bounds(self, N: int) -> tuple[tuple[int, int], ...]:
        """Return first and past-the-end row of each country in the order of :meth:`rows`."""
        ends = np.cumsum([len(own) * N for own in self.members]).tolist()
        return tuple(zip([0, *ends[:-1]], ends, strict=True))

    def joined(self, groups: Mapping[str, Sequence[str]]) -> Partition:
        """Return the partition in which each group is one country, at its first member's place.

        Raises
        ------
        DataError
            Unknown or repeated members, empty groups, names already taken.
        """
        check_groups(groups, self.names)
        of = {name: group for group, own in groups.items() for name in own}
        names = tuple(dict.fromkeys(of.get(name, name) for name in self.names))
        members = tuple(
            tuple(block for own, blocks in zip(self.names, self.members, strict=True)
                  for block in blocks if of.get(own, own) == name)
            for name in names)
        return Partition(names, members)


def check_groups(
    groups: Mapping[str, Sequence[str]], names: Sequence[str], *, kind: str = "country",
    overlap: bool = False, beside: bool = False,
) -> None:
    """Raise one DataError with all that is wrong with named groups of countries or sectors.

    ``overlap`` lets groups share members; ``beside`` says that groups stand beside their members,
    so that none may have the name of one.
    """
    if not isinstance(groups, Mapping):
        raise DataError(Problem(f"groups are {groups!r}", allowed="{name: [members]}"))
    problems: list[Problem] = []
    seen: set[str] = set()
    for group, own in groups.items():
        if not group:
            problems.append(Problem("a group has no name"))
        if isinstance(own, str) or not hasattr(own, "__iter__") or not list(own):
            problems.append(Problem(f"group {group!r} is {own!r}", allowed=f"a list of {kind} "
                                                                           "names"))
            continue
        if group in names and (beside or group not in own):
            problems.append(Problem(f"group {group!r} has the name of a {kind}"))
        problems.extend(unknown(kind, str(name), names, f"group {group}")
                        for name in own if name not in names)
        twice = [name for name in dict.fromkeys(own)
                 if list(own).count(name) > 1 or (not overlap and name in seen)]
        if twice:
            problems.append(Problem(f"{listing(twice)} in more than one place", f"group {group}",
                                    f"each {kind} once"))
        seen.update(own)
    if problems:
        raise DataError(problems)
