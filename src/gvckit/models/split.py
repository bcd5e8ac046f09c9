"""A model in every group of a variable, and tests that coefficients differ between groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem, SpecError, unknown
from gvckit.models.codes import Codes, encode
from gvckit.models.design import mask_of, with_keys
from gvckit.models.fit import estimate
from gvckit.models.group_tests import (
    Difference,
    GroupTask,
    Tested,
    as_written,
    joint_tests,
    permutation_tests,
)
from gvckit.models.result import Fit, NotEstimated, result_from_dict
from gvckit.models.terms import evaluate_terms
from gvckit.models.threads import on_one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DIFFERENCES", "Difference", "SplitFit", "split_fit", "split_groups"]

TESTS = {"permutation": permutation_tests, "interaction": joint_tests, "stacked": joint_tests}
DIFFERENCES = tuple(TESTS)
NO_TEST = "no test of the difference between groups"
DRAWS = 1_000
MOST_GROUPS = 12


@dataclass(frozen=True, slots=True)
class SplitFit:
    """The fits of a model by group, with the tests of their differences.

    Attributes
    ----------
    name, split
        The model and what splits it.
    groups
        ``(label, fit)`` in the order of the groups; the label is ``split = value``.
    differences
        One a focal term and group after the first.
    """

    name: str
    split: str
    groups: tuple[tuple[str, Fit | NotEstimated], ...]
    differences: tuple[Difference, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the split as JSON-able values."""
        return {"type": "split", "name": self.name, "split": self.split,
                "groups": [[label, done.to_dict()] for label, done in self.groups],
                "differences": [[_plain(v) for v in astuple(d)] for d in self.differences]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SplitFit:
        """Return the split that :meth:`to_dict` wrote."""
        return cls(data["name"], data["split"],
                   tuple((label, result_from_dict(done)) for label, done in data["groups"]),
                   tuple(Difference(*map(_value, values)) for values in data["differences"]))


def _plain(value: str | float) -> str | float | None:
    """Return a field of a difference as JSON has it, which knows no nan."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _value(value: Any) -> Any:
    return math.nan if value is None else value


@on_one_thread
def split_fit(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    split: str,
    *,
    unit: str | Sequence[str],
    time: str | None = None,
    difference: str | None = None,
    sample: pd.Series | NDArray[np.bool_] | None = None,
    draws: int = DRAWS,
    seed: int | Sequence[int] = 0,
    name: str = "model",
) -> SplitFit:
    """Estimate ``model`` in each group of ``split``, and test the focal terms' differences.

    Parameters
    ----------
    frame, model, unit, time, sample, name
        As :func:`gvckit.models.fit.fit`.
    split
        A column or an expression with few values; rows where it is missing are in no group.
    difference
        ``permutation``: groups are dealt anew to whole clusters of the first clustering variable
        where the group does not change within one, else to whole units, else to rows; Fisher's
        test in absolute value.  ``interaction``: the focal terms times dummies of the groups in
        one regression with common controls and fixed effects of their own by group.
        ``stacked``: everything interacted, which is seemingly unrelated estimation: clusters that
        are in several groups are accounted for.  None: no test.  Of the latter two, interactions
        have a wild cluster bootstrap p by the rules that coefficients have (the key ``wild`` of
        the model; unasked below 50 clusters).
    draws
        Of the permutation.
    seed
        Of the permutation and the bootstrap.

    Raises
    ------
    SpecError
        Unknown names or kind of difference.
    ModelError
        Fewer than two groups, or more than twelve.
    """
    if difference is not None and difference not in DIFFERENCES:
        raise SpecError(unknown("difference", difference, DIFFERENCES, f"model {name!r}"))
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    keys = (*units, *([time] if time is not None else []))
    inside = mask_of(frame, sample)
    frame = with_keys(frame, keys)
    groups = split_groups(frame, split, units, time, inside, name)
    labels = [f"{split} = {label}" for label in groups.labels]
    fits = []
    for g, label in enumerate(labels):
        done = estimate(frame, model, unit=units, time=time, name=name, seed=(*_pair(seed), g),
                        sample=inside & (groups.codes == g))
        fits.append((label, done))
    tested = Tested()
    if difference is not None and any(isinstance(done, NotEstimated) for _, done in fits):
        tested = Tested(note=f"{NO_TEST}: a group is not estimated")
    elif difference is not None:
        task = GroupTask(frame, model, units, time, inside & (groups.codes >= 0), groups, labels,
                         [done for _, done in fits if isinstance(done, Fit)], draws, seed, name,
                         difference)
        try:
            as_written(task)
            tested = TESTS[difference](task)
        except ModelError as error:
            tested = Tested(note=f"{NO_TEST}: {error.problems[0].what}")
    return SplitFit(name, split, tuple(_told(fits, tested)), tested.differences)


def _pair(seed: int | Sequence[int]) -> tuple[int, ...]:
    return (seed,) if isinstance(seed, int) else tuple(seed)


def split_groups(frame: pd.DataFrame, split: str, unit: Sequence[str], time: str | None,
                 inside: NDArray[np.bool_], name: str) -> Codes:
    """Return the groups of ``split`` in the rows ``inside``; rows in no group have code −1.

    Raises
    ------
    ModelError
        Fewer than two groups, or more than twelve.
    """
    if split in frame.columns:
        values = frame[split].where(inside)
    else:
        term = evaluate_terms(frame, [split], unit=unit, time=time, name=name)[split]
        values = pd.Series(np.where(inside, term.values, np.nan), name=split)
    groups = encode(values)
    if not 2 <= groups.levels <= MOST_GROUPS:
        raise ModelError(Problem(f"split {split!r} has {groups.levels} groups in the sample",
                                 f"model {name!r}", allowed=f"2 to {MOST_GROUPS}"))
    return groups


def _told(fits: list[tuple[str, Fit | NotEstimated]], tested: Tested
          ) -> list[tuple[str, Fit | NotEstimated]]:
    """Return the fits with the tests of their group in statistics and warnings."""
    out: list[tuple[str, Fit | NotEstimated]] = []
    for label, done in fits:
        own = [t for t in tested.differences if t.group == label]
        note = (tested.note,) if tested.note and (own or not tested.differences) else ()
        if isinstance(done, Fit):
            wild = {f"difference_wild_p:{t.term}": t.wild_p for t in own
                    if not math.isnan(t.wild_p)}
            stats = {f"difference_p:{t.term}": t.p for t in own} | wild
            further = {"difference_wild": dict(tested.wild)} if wild else {}
            done = replace(done, stats={**done.stats, **stats},
                           warnings=(*done.warnings, *(t.sentence() for t in own), *note),
                           further={**done.further, **further})
        out.append((label, done))
    return out
