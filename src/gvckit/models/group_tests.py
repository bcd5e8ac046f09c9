"""Tests that coefficients differ between groups: permutations, and joint regressions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes, encode, interact
from gvckit.models.design import Design, build_design
from gvckit.models.inference import FEW_CLUSTERS
from gvckit.models.model import Model, parse_model
from gvckit.models.permute import group_coefficients, unit_moments
from gvckit.models.registry import ESTIMATORS, load
from gvckit.models.result import Fit
from gvckit.models.seeds import generator, seed_of
from gvckit.models.terms import evaluate_terms
from gvckit.models.wild_fit import check_bootstrap, wild_options, with_wild_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Difference", "GroupTask", "Tested", "as_written", "joint_tests", "permutation_tests"]

TIE = 1e-9
COLUMN = "__group"
NO_WILD = "no wild bootstrap p of the difference between groups: "
SEPARATE = ("ols", "2sls", "ppml")
"""Estimators whose stacked regression is the groups' own regressions side by side."""

SAME = 1e-5
"""Coefficients agree up to this share of their size, or of their standard error."""

UNIT_BY_UNIT = ("fama-macbeth", "mean-group", "cce-pooled")
WITH_DUMMIES = ("pooled", "between", "re", "mundlak")
"""Estimators that take no fixed effects: the groups' constants are dummies."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A coefficient in a group less that in the first group, and the p value of no difference.

    ``wild_p`` is that of the wild cluster bootstrap; nan where there is none.
    """

    term: str
    group: str
    reference: str
    difference: float
    p: float
    words: str
    wild_p: float = math.nan

    def sentence(self) -> str:
        """Return the test in words."""
        p = f"p {_p(self.p)}"
        if not math.isnan(self.wild_p):
            p += f"; wild bootstrap p {_p(self.wild_p)}"
        return (f"{self.term} in {self.group} less {self.reference}: {self.difference:.4g}, {p} "
                f"({self.words})")


@dataclass(frozen=True, slots=True)
class Tested:
    """The tests of a split.

    Attributes
    ----------
    differences
        One a focal term and group after the first.
    wild
        How the wild bootstrap was drawn, as ``Fit.se_kind["wild"]``; empty where it was not.
    note
        Why there is no test, or no wild bootstrap of it, where there might be one.
    """

    differences: tuple[Difference, ...] = ()
    wild: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupTask:
    """What the tests of a split start from.

    Attributes
    ----------
    frame, model, unit, time, draws, seed, name, difference
        As in :func:`gvckit.models.split.split_fit`.
    inside
        Shape (rows of the frame,): in the sample and in a group.
    groups, labels, fits
        The groups of the rows, their labels and their fits.
    """

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

    def test(self, term: str, group: int, difference: float, p: float, words: str,
             wild_p: float = math.nan) -> Difference:
        """Return the test of ``term`` in the group ``group``."""
        return Difference(term, self.labels[group], self.labels[0], difference, p, words, wild_p)


def _p(p: float) -> str:
    return "< 0.001" if p < 0.0005 else f"= {p:.3f}"


def as_written(task: GroupTask) -> None:
    """Refuse what the groups' fits do to their own rows: no joint regression repeats that."""
    parsed = parse_model(task.model, task.name)
    if parsed.winsor:
        raise ModelError(Problem("each group is winsorised on its own",
                                 f"model {task.name!r}", allowed="winsor(x, p) as a variable"))
    if parsed.threshold:
        raise ModelError(Problem("each group has thresholds of its own", f"model {task.name!r}"))


def permutation_tests(task: GroupTask) -> Tested:
    """Return Fisher's tests: groups dealt anew to whole clusters, units or rows."""
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
    return Tested(tuple(tests))


def _exchanged(task: GroupTask, design: Design, groups: NDArray[np.int64]
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


def joint_tests(task: GroupTask) -> Tested:
    """Return Wald tests from one regression with terms interacted with the groups.

    With few clusters, or where the model asks for it, each has a wild cluster bootstrap p beside
    it, the null imposed on the interacted term.
    """
    everything = task.difference == "stacked"
    estimator = parse_model(task.model, task.name).estimator
    if estimator in UNIT_BY_UNIT:
        raise ModelError(Problem("no joint regression of the groups has the estimator "
                                 f"{estimator!r}", f"model {task.name!r}"))
    frame, own, raw = _interacted(task, everything=everything)
    parsed = parse_model(task.model, task.name)
    model = parse_model(raw, task.name)
    design = build_design(frame, model, unit=task.unit, time=task.time, name=task.name,
                          sample=task.inside)
    done: Fit = load(ESTIMATORS, model.estimator)(design, model, task.name)
    if everything and model.estimator in SEPARATE:
        _check_repeated(task, done, own)
    tested = {text: key for key, text in own.items()
              if key[0] in parsed.x and text in done.terms}
    model = replace(model, x=tuple(tested), carried=parsed.carried)
    done, note = _with_wild(done, design, model, seed_of(task.seed, task.name, "difference"))
    if everything:
        words = f"all terms and {'fixed effects' if parsed.fe else 'the constant'} interacted"
    else:
        words = f"interaction, {'fixed effects' if parsed.fe else 'a constant'} by group"
    dof = done.stats["dof"]
    words += f", t with {dof:.0f} df" if math.isfinite(dof) else ", normal distribution"
    tests = tuple(
        task.test(term, g, float(done.coef[text]), float(done.p[text]), words,
                  done.stats.get(f"wild_p:{text}", math.nan))
        for text, (term, g) in tested.items())
    how = {k: v for k, v in (done.se_kind.get("wild") or {}).items() if k != "p"}
    return Tested(tests, how, note)


def _check_repeated(task: GroupTask, done: Fit, own: Mapping[tuple[str, int], str]) -> None:
    """Refuse a stacked regression that does not have the coefficients of the groups' own fits.

    Where a regressor is collinear in one group only, the two may leave out different ones.
    """
    first = task.fits[0]
    for (term, g), text in own.items():
        if term not in done.terms or text not in done.terms or not all(
                term in fit.terms for fit in (first, task.fits[g])):
            continue
        there = float(task.fits[g].coef[term])
        for ours, theirs, error in (
                (done.coef[term], first.coef[term], first.se[term]),
                (done.coef[term] + done.coef[text], there, task.fits[g].se[term])):
            if abs(ours - theirs) > SAME * max(abs(float(theirs)), float(error)):
                raise ModelError(Problem("a regressor is collinear in one group only, so that one "
                                         "regression does not repeat those of the groups",
                                         f"model {task.name!r}"))


def _interacted(task: GroupTask, *, everything: bool
                ) -> tuple[pd.DataFrame, dict[tuple[str, int], str], dict[str, Any]]:
    """Return the frame with interacted columns, their names by term and group, the joint model.

    A regressor with instruments has them interacted as instruments of its interactions.
    """
    model = parse_model(task.model, task.name)
    texts = list(dict.fromkeys([*model.x, *model.controls, *model.excluded]))
    values = evaluate_terms(task.frame, texts, unit=task.unit, time=task.time, name=task.name)
    frame, codes = task.frame.copy(), task.groups.codes
    frame[COLUMN] = codes
    later = range(1, len(task.labels))

    def times(text: str, group: int) -> str:
        column = f"__{texts.index(text)}x{group}"
        # a missing value stays missing, whatever the group
        frame[column] = np.where(np.isnan(values[text].values), np.nan,
                                 np.where(codes == group, values[text].values, 0.0))
        return column

    own = {(term, g): times(term, g) for term in model.x for g in later}
    controls = list(model.controls)
    if everything:
        # Of each group its own: what is collinear in one group leaves there alone.
        own |= {(term, g): times(term, g) for term in controls for g in (0, *later)}
        controls = []
    instruments = {term: list(zs) for term, zs in model.instruments.items()
                   if term in (*model.x, *controls)}
    instruments |= {own[term, g]: [times(z, g) for z in zs]
                    for term, zs in model.instruments.items() for g in (0, *later)
                    if (term, g) in own}
    effects, dummies = [_by_group(text, COLUMN) for text in model.fe], []
    if not effects and model.estimator in WITH_DUMMIES:
        dummies = [f"{COLUMN}{g}" for g in later]
        for g, dummy in zip(later, dummies, strict=True):
            frame[dummy] = (codes == g).astype(np.float64)
    elif not effects:
        effects = [COLUMN]
    joint = {**task.model, "controls": [*controls, *dummies, *own.values()], "fe": effects,
             "wild": False, **({"instruments": instruments} if instruments else {})}
    for key in ("split", "difference", "randomise", "mechanism", "threshold", "report"):
        joint.pop(key, None)
    return frame, own, joint


def _with_wild(done: Fit, design: Design, model: Model, seed: Sequence[int]) -> tuple[Fit, str]:
    """Return the joint fit with wild p values of ``model.x``, or why it has none."""
    asked = model.carried.get("wild")
    few = any(c.levels < FEW_CLUSTERS for c in design.clusters)
    off = asked is False or wild_options(asked, done.name).get("draws") == 0
    if off or not model.x or (asked is None and not few):
        return done, ""
    try:
        check_bootstrap(model, done.name)
        drawn = with_wild_p(done, design, model, seed)
    except ModelError as error:
        return done, f"{NO_WILD}{error.problems[0].what}"
    if drawn.se_kind.get("wild"):
        return drawn, ""
    told = [w.partition(": ")[2] for w in drawn.warnings
            if w.startswith("no wild cluster bootstrap: ")]
    return done, NO_WILD + (told[-1] if told else "too large to be drawn unasked")
