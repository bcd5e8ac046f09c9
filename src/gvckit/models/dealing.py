"""A regressor dealt anew: between rows, between groups, or as whole paths between groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Deal"]


class Deal:
    """Values of a regressor, dealt anew between groups of one stratum.

    Where it changes over time within a group, what is dealt is its whole path, between groups
    with rows in the same times; groups alone with their times keep theirs.

    Parameters
    ----------
    x
        The regressor, shape (n,).
    groups
        Groups that keep it; None for rows.
    times
        The time of each row; None where there is none.
    strata
        Groups of groups within which it is dealt; None for one.
    what
        The regressor and its model, for errors.

    Attributes
    ----------
    paths
        Whether paths over time are dealt.
    alone
        Number of groups that have no other with their times.

    Raises
    ------
    ModelError
        A regressor that changes within a group (and time); strata that divide groups; no two
        groups with the same times.
    """

    def __init__(self, x: NDArray[np.float64], groups: Codes | None, times: Codes | None,
                 strata: Codes | None, what: str) -> None:
        groups = groups or Codes("rows", np.arange(len(x)), len(x))
        self.groups, self.slots = groups.codes, np.zeros(len(x), dtype=np.int64)
        self.paths, width = False, 1
        if times is not None and not self._spread(x, groups.levels, 1):
            self.paths, self.slots, width = True, times.codes, times.levels
        if not self._spread(x, groups.levels, width):
            raise ModelError(Problem(
                f"{what} changes within {groups.name}"
                + (f" in one {times.name}" if times is not None and self.paths else "")
                + ": groups that keep it must have one value each"))
        stratum = np.zeros(groups.levels, dtype=np.int64)
        if strata is not None:
            stratum[groups.codes] = strata.codes
            if not np.array_equal(stratum[groups.codes], strata.codes):
                raise ModelError(Problem(f"strata {strata.name} divide groups of {groups.name}"))
        cell = stratum
        if self.paths:
            seen = np.zeros(self.values.shape, dtype=np.int64)
            seen[self.groups, self.slots] = 1
            table = np.column_stack([stratum, seen])
            cell = np.unique(table, axis=0, return_inverse=True)[1].ravel()
        order = np.argsort(cell, kind="stable")
        self.cells = np.split(order, np.flatnonzero(np.diff(cell[order])) + 1)
        self.alone = sum(len(own) for own in self.cells if len(own) == 1) if self.paths else 0
        if self.paths and self.alone == groups.levels:
            raise ModelError(Problem(
                f"{what} changes over time, and no two groups of {groups.name} have the same "
                "times: there is no path to exchange"))

    def _spread(self, x: NDArray[np.float64], levels: int, width: int) -> bool:
        """Put the values in a table of groups and times; return whether they fit one a cell."""
        self.values = np.zeros((levels, width))
        self.values[self.groups, self.slots] = x
        return bool(np.array_equal(self.values[self.groups, self.slots], x))

    def draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return one dealing, shape (n,)."""
        dealt = np.empty_like(self.values)
        for cell in self.cells:
            dealt[cell] = self.values[rng.permutation(cell)]
        return np.asarray(dealt[self.groups, self.slots], dtype=np.float64)
