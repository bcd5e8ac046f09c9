"""A model in every group of a variable, and tests that coefficients differ between groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from gvckit.errors import ModelError, Problem, SpecError, unknown
from gvckit.models.codes import Codes, encode, interact
from gvckit.models.design import Design, build_design, mask_of, with_keys
from gvckit.models.fit import estimate, fit
from gvckit.models.model import parse_model
from gvckit.models.permute import group_coefficients, unit_moments
from gvckit.models.result import Fit, NotEstimated, result_from_dict
from gvckit.models.seeds import generator
from gvckit.models.terms import evaluate_terms
from gvckit.models.threads import on_one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DIFFERENCES", "Difference", "SplitFit", "split_fit", "split_groups"]

DIFFERENCES = ("permutation", "interaction", "stacked")
DRAWS = 1_000
MOST_GROUPS = 12
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """A coefficient in a group less that in the first group, and the p value of no difference."""

    term: str
    group: str
    reference: str
    difference: float
    p: float
    words: str

    def sentence(self) -> str:
        """Return the test in words."""
        p = "p < 0.001" if self.p < 0.0005 else f"p = {self.p:.3f}"
        return (f"{self.term} in {self.group} less {self.reference}: {self.difference:.4g}, {p} "
                f"({self.words})")


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
                "differences": [[getattr(d, key) for key in Difference.__slots__]
                                for d in self.differences]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SplitFit:
        """Return the split that :meth:`to_dict` wrote."""
        return cls(data["name"], data["split"],
                   tuple((label, result_from_dict(done)) for label, done in data["groups"]),
                   tuple(Difference(*values) for values in data["differences"]))


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
        are in several groups are accounted for.  None: no test.
    draws, seed
        Of the permutation.

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
    tests: tuple[Difference, ...] = ()
    note = ""
    if difference is not None and all(isinstance(done, Fit) for _, done in fits):
        test = {"permutation": _permutation, "interaction": _joint, "stacked": _joint}[difference]
        task = _Task(frame, model, units, time, inside & (groups.codes >= 0), groups, labels,
                     [done for _, done in fits if isinstance(done, Fit)], draws, seed, name,
                     difference)
        try:
            _as_written(task)
            tests = test(task)
        except ModelError as error:
            note = f"no test of the difference between groups: {error.problems[0].what}"
    return SplitFit(name, split, tuple(_told(fits, tests, note)), tests)


@dataclass(frozen=True, slots=True)
class _Task:
    frame: pd.DataFrame
    model: Mapping[str, Any]
    unit: Sequence[str]
    time: str | None
    inside: NDArray[np.bool_]
    groups: Codes
    labels: list[str]
    fits: list[Fit]
    draws: int
    seed: int | Sequence[int]
    name: str
    difference: str

    def test(self, term: str, group: int, difference: float, p: float, words: str) -> Difference:
        return Difference(term, self.labels[group], self.labels[0], difference, p, words)


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


def _told(fits: list[tuple[str, Fit | NotEstimated]], tests: tuple[Difference, ...], note: str
          ) -> list[tuple[str, Fit | NotEstimated]]:
    """Return the fits with the tests of their group in statistics and warnings."""
    out: list[tuple[str, Fit | NotEstimated]] = []
    for label, done in fits:
        own = [t for t in tests if t.group == label]
        if isinstance(done, Fit) and own:
            stats = {f"difference_p:{t.term}": t.p for t in own}
            done = replace(done, stats={**done.stats, **stats},
                           warnings=(*done.warnings, *(t.sentence() for t in own)))
        elif isinstance(done, Fit) and note:
            done = replace(done, warnings=(*done.warnings, note))
        out.append((label, done))
    return out


def _as_written(task: _Task) -> None:
    """Refuse what the groups' fits do to their own rows: no joint regression repeats that."""
    parsed = parse_model(task.model, task.name)
    if parsed.winsor:
        raise ModelError(Problem("each group is winsorised on its own",
                                 f"model {task.name!r}", allowed="winsor(x, p) as a variable"))
    if parsed.threshold:
        raise ModelError(Problem("each group has thresholds of its own", f"model {task.name!r}"))


def _permutation(task: _Task) -> tuple[Difference, ...]:
    model = parse_model(task.model, task.name)
    design = build_design(task.frame, model, unit=task.unit, time=task.time, name=task.name,
                          sample=task.inside)
    groups = task.groups.codes[design.positions]
    units, first = _exchanged(task, design, groups)
    moments = unit_moments(design.y, design.X, design.effects, units, design.weights)
    rng = generator(task.seed, task.name, "permutation")
    drawn = np.array([rng.permutation(first) for _ in range(task.draws)])
    reference = group_coefficients(moments, drawn == 0)
    tests = []
    words = f"{task.draws:,} permutations of {units.levels:,} {units.name}"
    for g in range(1, len(task.labels)):
        gap = group_coefficients(moments, drawn == g) - reference
        for term in model.x:
            if not all(term in task.fits[i].terms for i in (0, g)):
                continue
            seen = float(task.fits[g].coef[term] - task.fits[0].coef[term])
            star = np.abs(gap[:, design.terms.index(term)])
            p = (1 + int((star >= abs(seen) * (1 - TIE)).sum())) / (1 + task.draws)
            tests.append(task.test(term, g, seen, p, words))
    return tuple(tests)


def _exchanged(task: _Task, design: Design, groups: NDArray[np.int64]
               ) -> tuple[Codes, NDArray[np.int64]]:
    """Return what is permuted, and the group of each: the widest that lies in one group."""
    rows = task.frame.iloc[design.positions].reset_index(drop=True)
    unit = interact([encode(rows[c]) for c in task.unit], "*".join(task.unit))
    for units in (*design.clusters[:1], unit):
        first = np.full(units.levels, -1, dtype=np.int64)
        first[units.codes] = groups
        if np.array_equal(first[units.codes], groups):
            return units, first
    return Codes("rows", np.arange(design.n), design.n), groups


def _by_group(effect: str, column: str) -> str:
    """Return a fixed effect, which may be a trend ``unit[year]``, interacted with a column."""
    groups, bracket, slope = effect.partition("[")
    return f"{groups}*{column}{bracket}{slope}"


def _joint(task: _Task) -> tuple[Difference, ...]:
    """Return Wald tests from one regression with terms interacted with the groups."""
    model = parse_model(task.model, task.name)
    everything = task.difference == "stacked"
    texts = dict.fromkeys([*model.x, *model.controls])
    values = evaluate_terms(task.frame, list(texts), unit=task.unit, time=task.time,
                            name=task.name)
    frame = task.frame.copy()
    ours = {term: f"__{i}" for i, term in enumerate(values)}
    column = "__group"
    frame[column] = task.groups.codes
    own: dict[tuple[str, int], str] = {}
    for term in (*model.x, *(model.controls if everything else ())):
        for g in range(1, len(task.labels)):
            own[term, g] = f"{ours[term]}x{g}"
            frame[own[term, g]] = np.where(task.groups.codes == g, values[term].values, 0.0)
            # a missing value stays missing, whatever the group
            frame.loc[np.isnan(values[term].values), own[term, g]] = np.nan
    effects = [_by_group(text, column) for text in model.fe] or [column]
    joint = {**task.model, "controls": [*model.controls, *own.values()], "fe": effects,
             "wild": False}
    for key in ("split", "difference", "randomise", "mechanism", "threshold"):
        joint.pop(key, None)
    done = fit(frame, joint, unit=task.unit, time=task.time, name=task.name, sample=task.inside)
    words = ("all terms and fixed effects interacted" if everything else
             "interaction, fixed effects by group") + f", t with {done.stats['dof']:.0f} df"
    tests = []
    for (term, g), text in own.items():
        if term not in model.x or text not in done.terms:
            continue
        t = abs(done.t[text])
        p = float(2.0 * stdtr(done.stats["dof"], -t))
        tests.append(task.test(term, g, float(done.coef[text]), p, words))
    return tuple(tests)
