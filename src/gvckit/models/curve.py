"""Specification curves: every combination of defensible choices, estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from gvckit.errors import SpecError, unknown
from gvckit.models.curve_errors import errors_behind
from gvckit.models.fit import estimate
from gvckit.models.joint import joint_inference
from gvckit.models.multiverse import Cells, Solution, solve_group
from gvckit.models.result import NotEstimated
from gvckit.models.specifications import Specification, is_plain, specifications
from gvckit.models.threads import on_one_thread
from gvckit.models.universe import Universe, group_specifications, read_universe

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["curve", "one_by_one"]


@on_one_thread
def curve(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    *,
    vary: Mapping[str, Sequence[Any]] | None = None,
    unit: str | Sequence[str],
    time: str | None = None,
    coefficient: str | None = None,
    sample: pd.Series | NDArray[np.bool_] | None = None,
    samples: Mapping[str, pd.Series | NDArray[np.bool_]] | None = None,
    draws: int = 0,
    seed: int | Sequence[int] = 0,
    joint_by: str | None = None,
    known: pd.DataFrame | None = None,
    name: str = "curve",
) -> pd.DataFrame:
    """Estimate ``model`` under every combination of the choices in ``vary``.

    Columns are residualised once for each set of rows and fixed effects; every specification is
    then solved from the Gram matrix and the cross-products within clusters
    (:mod:`gvckit.models.gram`), and equals :func:`gvckit.models.fit.fit` of that specification.

    Parameters
    ----------
    frame, model, unit, time
        As :func:`gvckit.models.fit.fit`; ``model`` may hold ``vary`` itself.
    vary
        Key -> alternatives, of y, x, controls, fe, se, ssc, weights, sample, estimator, winsor.
        Alternatives of x, controls and fe are lists.  ``winsor`` are shares p: y and the focal
        regressors become ``winsor(·, p)``; 0 is none.
    coefficient
        The regressor looked at; default the first of each specification.
    sample
        Rows of every specification where samples do not vary.
    samples
        The masks that ``vary["sample"]`` names.
    draws, seed, joint_by
        Draws of the joint inference (0: none), its seed, and the columns (joined by ``*``) whose
        groups are drawn; default the model's first clustering variable, else the unit.
    known
        What :func:`one_by_one` returned for some or all of the specifications that cross-products
        do not solve; the others are estimated here.
    name
        Name of the model, used in messages.

    Returns
    -------
    pandas.DataFrame
        One row a specification: ``specification`` (1 …), the varied choices by their key (that of
        se is ``se_kind``), ``coefficient``,
        ``estimate, se, t, p, low, high, dof, n, clusters`` (0: not clustered), ``reason`` (why it
        was not estimated, else empty).
        ``attrs["joint"]`` holds the joint inference, ``attrs["vary"]`` the labels of the choices,
        ``attrs["errors"]`` what :func:`errors_behind` returns.

    Raises
    ------
    SpecError
        Unknown keys, names or samples, all at once.
    ModelError
        Columns that are not numeric.
    """
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    choices = dict(vary if vary is not None else model.get("vary") or {})
    masks = dict(samples or {})
    specs = specifications(model, choices, coefficient, list(masks), name)
    if joint_by is not None:
        columns = [str(c) for c in frame.columns]
        wrong = [c.strip() for c in joint_by.split("*") if c.strip() not in columns]
        if wrong:
            raise SpecError([unknown("joint_by", c, columns, f"model {name!r}") for c in wrong])
    plain = [i for i, spec in enumerate(specs) if is_plain(spec.model)]
    cells = Cells.empty(len(specs))
    solutions: list[Solution] = []
    universe: Universe | None = None
    if plain:
        chosen = [specs[i] for i in plain]
        universe = read_universe(
            frame, [s.model for s in chosen], unit=units, time=time, samples=masks,
            sample=sample, name=name, also=(joint_by,) if joint_by else ())
        for group in group_specifications(universe, chosen):
            group.members = [plain[i] for i in group.members]
            solution = solve_group(universe, group, specs, cells, name)
            solutions += [solution] if solution else []
    given = set() if known is None else _fill(known, cells)
    for i in sorted(set(range(len(specs))) - set(plain) - given):
        chosen_sample = specs[i].sample
        mask = sample if chosen_sample is None else masks[chosen_sample]
        _slowly(frame, specs[i], i, units, time, mask, cells, name)
    table = _table(specs, cells)
    table.attrs = {"vary": {_column(key): list(dict.fromkeys(s.choices[key] for s in specs))
                            for key in specs[0].choices},
                   "errors": errors_behind(specs, cells)}
    if draws and universe is not None:
        by = joint_by or next((s.model.se.by[0] for s in specs if s.model.se.by), None)
        table.attrs["joint"] = joint_inference(
            universe, solutions, cells, by=by, draws=draws, seed=seed)
    return table


def one_by_one(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    numbers: Sequence[int],
    *,
    vary: Mapping[str, Sequence[Any]],
    unit: str | Sequence[str],
    time: str | None = None,
    coefficient: str | None = None,
    sample: pd.Series | NDArray[np.bool_] | None = None,
    samples: Mapping[str, pd.Series | NDArray[np.bool_]] | None = None,
    name: str = "curve",
) -> pd.DataFrame:
    """Estimate the specifications ``numbers`` (from 0) of a curve, each on its own.

    The other arguments are those of :func:`curve`, whose ``known`` takes the result: columns
    number, estimate, se, dof, n, clusters, reason.  Who estimates which of them plays no part.
    """
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    masks = dict(samples or {})
    specs = specifications(model, vary, coefficient, list(masks), name)
    cells = Cells.empty(len(specs))
    for i in numbers:
        chosen = specs[i].sample
        _slowly(frame, specs[i], i, units, time, sample if chosen is None else masks[chosen],
                cells, name)
    at = np.asarray(numbers, dtype=np.int64)
    return pd.DataFrame({
        "number": at, "estimate": cells.estimate[at], "se": cells.se[at], "dof": cells.dof[at],
        "n": cells.n[at], "clusters": cells.clusters[at],
        "reason": pd.Series([cells.reasons.get(int(i), "") for i in at], dtype=object)})


def _fill(known: pd.DataFrame, cells: Cells) -> set[int]:
    """Fill ``cells`` with what is known; return which specifications."""
    at = known["number"].to_numpy(dtype=np.int64)
    for key in ("estimate", "se", "dof", "n", "clusters"):
        getattr(cells, key)[at] = known[key].to_numpy()
    cells.reasons.update({int(i): str(text) for i, text in zip(at, known["reason"], strict=True)
                          if text})
    return {int(i) for i in at}


def _slowly(
    frame: pd.DataFrame, spec: Specification, number: int, unit: Sequence[str], time: str | None,
    mask: pd.Series | NDArray[np.bool_] | None, cells: Cells, name: str,
) -> None:
    """Fill the cells of one specification by estimating it on its own."""
    done = estimate(frame, spec.model.resolved(), unit=unit, time=time, name=name, sample=mask)
    if isinstance(done, NotEstimated):
        cells.reasons[number] = done.reason
        return
    cells.n[number] = done.n
    if spec.coefficient not in done.terms:
        cells.reasons[number] = dict(done.dropped).get(spec.coefficient, "not estimated")
        return
    cells.estimate[number] = done.coef[spec.coefficient]
    cells.se[number] = done.se[spec.coefficient]
    cells.dof[number] = done.stats["dof"]
    cells.clusters[number] = min(done.clusters.values(), default=0)


def _column(key: str) -> str:
    """Return the column of a varied key: the kind of standard error is not the standard error."""
    return "se_kind" if key == "se" else key


def _table(specs: Sequence[Specification], cells: Cells) -> pd.DataFrame:
    columns: dict[str, Any] = {"specification": np.arange(1, len(specs) + 1)}
    for key in specs[0].choices:
        columns[_column(key)] = pd.Series([s.choices[key] for s in specs], dtype=object)
    t = np.divide(cells.estimate, cells.se, out=np.full(len(specs), np.nan), where=cells.se > 0)
    half = stdtrit(cells.dof, 0.975) * cells.se
    columns |= {
        "coefficient": pd.Series([s.shown for s in specs], dtype=object),
        "estimate": cells.estimate, "se": cells.se, "t": t,
        "p": 2.0 * stdtr(cells.dof, -np.abs(t)),
        "low": cells.estimate - half, "high": cells.estimate + half, "dof": cells.dof,
        "n": cells.n, "clusters": cells.clusters,
        "reason": pd.Series([cells.reasons.get(i, "") for i in range(len(specs))], dtype=object),
    }
    return pd.DataFrame(columns)
