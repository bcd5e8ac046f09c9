"""Composite indices of a panel: fill, normalise, weigh, aggregate, and say what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, listing, unknown
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.missing import RULES, fill
from gvckit.indices.normalise import NORMALISERS, is_constant
from gvckit.indices.options import Options, parse_options
from gvckit.indices.scoring import NodeWeight, score_tree
from gvckit.indices.tree import INDEX, Indicator, leaves, parse_tree, pillars_of, without
from gvckit.indices.weights import SCHEMES

__all__ = ["CompositeResult", "composite"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CompositeResult:
    """A composite index.

    Attributes
    ----------
    scores
        Keys, each pillar, ``index``; one row for each row of the index, sorted by unit and time.
        ``attrs["definition"]`` is the convention in words.
    weights
        level, node, parent, weight (among siblings), effective (in the index), entropy, divergence.
    audit
        item, node, count, note: rows without a score, values filled, columns without weight.
    imputed
        Keys, and for each indicator whether its value was filled.
    """

    scores: pd.DataFrame
    weights: pd.DataFrame
    audit: pd.DataFrame
    imputed: pd.DataFrame


def composite(frame: pd.DataFrame, tree: Mapping[str, Any], *, unit: str | Sequence[str],
              time: str | None, over: pd.Series[bool] | None = None) -> CompositeResult:
    """Make a composite index.

    Parameters
    ----------
    frame
        (n rows): keys and indicators.
    tree
        ``{"composite": options, "pillars": tree}``: see :class:`~gvckit.indices.options.Options`
        and :func:`~gvckit.indices.tree.parse_tree`.
    unit, time
        The panel's keys.
    over
        Rows of the index, (n,) on the frame's index; None: all.  Missing values are filled from all
        rows; bounds, weights and scores use these rows only.

    Returns
    -------
    CompositeResult
        A row is scored where it has all its indicators after the missing rule (or the share
        ``require`` of them); bounds and weights use the scored rows.

    Notes
    -----
    ``weights: entropy`` is the literature's panel entropy, flat over all indicators: the weight of
    a pillar is the sum of its indicators' weights, and its score uses them scaled to sum 1.
    ``equal`` weighs the children of each node alike.  A constant indicator has weight 0.

    Raises
    ------
    SpecError
        Where the tree or the options are wrong.
    DataError
        Where columns are absent or no numbers, keys are missing or repeated, an indicator has no
        value, or no row can be scored.
    """
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    keys = [*units, *([time] if time else [])]
    options, root = _parsed(tree, keys, time)
    indicators = leaves(root)
    data, chosen = _sorted(frame, keys, over)
    _check_names(data, keys, [p.name for p in pillars_of(root)], indicators)
    raw = _matrix(data, indicators)
    filled = _filled(data, raw, indicators, units, time, options)
    have = (~np.isnan(filled)).mean(axis=1)
    used = chosen & (have >= options.require - 1e-12) & (have > 0)
    _check_used(filled, used, chosen, indicators)
    signs = np.array([i.sign for i in indicators], dtype=np.float64)
    Z = NORMALISERS[options.normalise].kernel(filled[used], signs)
    if options.floor:
        Z = options.floor + (1.0 - options.floor) * Z
    found = score_tree(root, Z, SCHEMES[options.weights], AGGREGATORS[options.aggregate],
                       options.shift)
    scores = data.loc[chosen, keys].reset_index(drop=True)
    inside = used[chosen]
    for name in [*(p.name for p in pillars_of(root)), INDEX]:
        column = np.full(len(scores), np.nan)
        column[inside] = options.scale * found.scores[name]
        scores[name] = column
    scores.attrs = {"definition": options.words, "unit": f"index from 0 to {options.scale:g}"
                    if NORMALISERS[options.normalise].unit_interval else "pooled z-scores"}
    imputed = np.isnan(raw) & ~np.isnan(filled)
    flags = data.loc[chosen, keys].reset_index(drop=True)
    flags = flags.assign(**{i.name: imputed[chosen, j] for j, i in enumerate(indicators)})
    audit = _audit(raw[chosen], filled[chosen], filled[used], inside, indicators)
    return CompositeResult(scores, _weights(found.weights), audit, flags)


def _parsed(tree: Mapping[str, Any], keys: Sequence[str], time: str | None) -> tuple[Options, Any]:
    strange = [unknown("key of a composite index", str(k), ("composite", "pillars")) for k in tree
               if k not in ("composite", "pillars", "label", "unit", "merge_pillars")]
    if strange or "pillars" not in tree:
        raise SpecError(strange or "a composite index needs `pillars`")
    options = parse_options(tree.get("composite") or {})
    root = parse_tree(tree["pillars"], options.pillar_weights)
    if options.leave_out:
        root = without(root, options.leave_out)
    problems = []
    if options.by and set(options.by) != set(keys):
        problems.append(Problem(f"the index is by {listing(options.by)}, but its keys are "
                                f"{listing(keys)}"))
    problems += [unknown(f"missing rule of {leaf.name}", str(leaf.missing), RULES)
                 for leaf in leaves(root) if leaf.missing not in (None, *RULES)]
    weighted = [leaf.name for leaf in leaves(root) if leaf.weight is not None]
    weighted += [pillar.name for pillar in pillars_of(root) if pillar.weight is not None]
    if weighted and SCHEMES[options.weights].kernel is not None:
        problems.append(Problem(f"{listing(weighted)} have weights, but `weights: "
                                f"{options.weights}` does not use them",
                                allowed="weights: given"))
    rules = {leaf.missing or options.missing for leaf in leaves(root)}
    if time is None and rules != {"none"}:
        problems.append(Problem("missing values can only be filled in time, and no time is "
                                "declared", allowed="missing: none"))
    if problems:
        raise SpecError(problems)
    return options, root


def _sorted(frame: pd.DataFrame, keys: Sequence[str],
            over: pd.Series[bool] | None) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return the frame sorted by its keys, and which rows the index is over."""
    problems = [unknown("key of the index", k, map(str, frame.columns)) for k in keys
                if k not in frame.columns]
    problems += [Problem(f"{int(frame[k].isna().sum())} rows lack the key {k!r}") for k in keys
                 if k in frame.columns and frame[k].isna().any()]
    if not problems and frame.duplicated(list(keys)).any():
        twice = frame.loc[frame.duplicated(list(keys)), list(keys)]
        shown = [" ".join(map(str, r)) for r in twice.head(5).itertuples(index=False, name=None)]
        problems.append(Problem(f"{len(twice)} rows repeat the keys {', '.join(keys)}: "
                                f"{listing(shown)}"))
    if over is not None and not over.index.equals(frame.index):
        problems.append(Problem("`over` is not on the frame's index"))
    if problems:
        raise DataError(problems)
    chosen = np.ones(len(frame), dtype=bool) if over is None else over.to_numpy(dtype=bool)
    order = frame[list(keys)].reset_index(drop=True).sort_values(list(keys), kind="stable").index
    return frame.iloc[order].reset_index(drop=True), chosen[order]


def _check_names(data: pd.DataFrame, keys: Sequence[str], pillars: Sequence[str],
                 indicators: Sequence[Indicator]) -> None:
    columns = [str(c) for c in data.columns]
    problems = [unknown("indicator", i.name, columns) for i in indicators if i.name not in columns]
    problems += [Problem(f"several columns are named {i.name!r}") for i in indicators
                 if columns.count(i.name) > 1]
    problems += [Problem(f"{p!r} is both a pillar and a key") for p in pillars if p in keys]
    if problems:
        raise DataError(problems)


def _matrix(data: pd.DataFrame, indicators: Sequence[Indicator]) -> Matrix:
    """Return the indicators as (n, J); infinite values are refused, not repaired."""
    problems, columns = [], []
    for indicator in indicators:
        column = data[indicator.name]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            problems.append(Problem(f"the indicator {indicator.name!r} is not a number"))
            continue
        values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
        if np.isinf(values).any():
            problems.append(Problem(f"{int(np.isinf(values).sum())} values of the indicator "
                                    f"{indicator.name!r} are infinite"))
        columns.append(values)
    if problems:
        raise DataError(problems)
    return np.stack(columns, axis=1)


def _filled(data: pd.DataFrame, raw: Matrix, indicators: Sequence[Indicator],
            units: Sequence[str], time: str | None, options: Options) -> Matrix:
    if time is None:
        return raw
    times = data[time].to_numpy(dtype=np.float64)
    if not (np.isfinite(times) & (times == np.round(times))).all():
        raise DataError(Problem(f"times in {time!r} are not whole numbers"))
    codes = np.zeros(len(data), dtype=np.int64)
    if units:
        codes[:] = data.groupby(list(units), sort=False, observed=True).ngroup()
    columns = [fill(raw[:, j], codes, times.astype(np.int64), i.missing or options.missing,
                    options.max_gap) for j, i in enumerate(indicators)]
    return np.stack(columns, axis=1)


def _check_used(filled: Matrix, used: NDArray[np.bool_], chosen: NDArray[np.bool_],
                indicators: Sequence[Indicator]) -> None:
    if not chosen.any():
        raise DataError("the index is over no row")
    empty = [i.name for j, i in enumerate(indicators) if np.isnan(filled[chosen, j]).all()]
    if empty:
        raise DataError([Problem(f"the indicator {name!r} has no value in the rows of the index")
                         for name in empty])
    if not used.any():
        lack = [f"{i.name} {int(np.isnan(filled[chosen, j]).sum())}"
                for j, i in enumerate(indicators)]
        raise DataError(Problem(f"no row has enough of its indicators; rows without each of them, "
                                f"of {int(chosen.sum())}: {listing(lack)}",
                                allowed="a missing rule, or `require:` a smaller share"))


def _weights(weights: Sequence[NodeWeight]) -> pd.DataFrame:
    table = pd.DataFrame([asdict(w) for w in weights])
    return table[["level", "node", "parent", "weight", "effective", "entropy", "divergence"]]


def _audit(raw: Matrix, filled: Matrix, used: Matrix, inside: NDArray[np.bool_],
           indicators: Sequence[Indicator]) -> pd.DataFrame:
    rows: list[tuple[str, str, int, str]] = [
        ("rows", INDEX, len(inside), "rows of the index"),
        ("not scored", INDEX, int((~inside).sum()), "rows without enough indicators"),
    ]
    constant = is_constant(used)
    for j, indicator in enumerate(indicators):
        before, after = np.isnan(raw[:, j]), np.isnan(filled[:, j])
        rows.append(("missing", indicator.name, int(before.sum()), "before the missing rule"))
        rows.append(("filled", indicator.name, int((before & ~after).sum()),
                     "by the missing rule"))
        rows.append(("left missing", indicator.name, int(after.sum()), "after the missing rule"))
        if constant[j]:
            rows.append(("constant", indicator.name, len(used),
                         "the same in every scored row: weight 0"))
    return pd.DataFrame(rows, columns=["item", "node", "count", "note"])
