"""Composite indices of a panel: fill, treat, normalise, weigh, aggregate, and say what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import listing
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.engine import Run, run
from gvckit.indices.hierarchy import CONSISTENT
from gvckit.indices.normalise import NORMALISERS
from gvckit.indices.options import Options
from gvckit.indices.parsed import with_options
from gvckit.indices.prepare import Prepared, prepare
from gvckit.indices.rulers import is_constant
from gvckit.indices.tree import INDEX, pillars_of

__all__ = ["CompositeResult", "composite"]


@dataclass(frozen=True, slots=True)
class CompositeResult:
    """A composite index.

    Attributes
    ----------
    scores
        Keys, each pillar, ``index``; one row for each row of the index, sorted by unit and time.
        ``attrs["definition"]`` is the convention in words.
    weights
        level, node, parent, weight (among siblings), effective (in the index), entropy, divergence;
        ``time`` first where each time has weights of its own.
    audit
        item, node, count, note: rows and nodes without a score, units left out, values filled,
        treated and without a scale, columns without weight, consistency of judgements.
    imputed
        Keys, and for each indicator whether its value was filled.
    """

    scores: pd.DataFrame
    weights: pd.DataFrame
    audit: pd.DataFrame
    imputed: pd.DataFrame

    def imputed_share(self) -> pd.Series[float]:
        """Return for each row of ``scores`` the share of its indicators that were filled.

        NaN where the row has no score.
        """
        names = [c for c in self.imputed.columns if c not in self.scores.columns]
        share = self.imputed[names].mean(axis=1)
        return share.where(self.scores[INDEX].notna())


def composite(frame: pd.DataFrame, tree: Mapping[str, Any] | Sequence[Any], *,
              unit: str | Sequence[str], time: str | None = None,
              over: pd.Series[bool] | None = None, **options: Any) -> CompositeResult:
    """Make a composite index.

    Parameters
    ----------
    frame
        (n rows): keys (columns, or levels of the index) and a column for each indicator.
    tree
        ``{"composite": options, "pillars": tree}`` as in a spec, or the tree alone: see
        :class:`~gvckit.indices.options.Options` and :func:`~gvckit.indices.tree.parse_tree`.
    unit, time
        The panel's keys; without a time the index is of one cross-section.
    options
        Options of the index, in place of those in ``tree``.
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
    prepared = prepare(frame, with_options(tree, options), unit=unit, time=time, over=over)
    done = run(prepared)
    return CompositeResult(_scores(prepared, done), _weights(prepared, done, time),
                           _audit(prepared, done), _imputed(prepared, done))


def _scores(prepared: Prepared, done: Run) -> pd.DataFrame:
    options = prepared.parsed.options
    inside = done.normal.used[prepared.chosen]
    columns = {}
    for name in [*(p.name for p in pillars_of(prepared.parsed.root)), INDEX]:
        column = np.full(len(inside), np.nan)
        column[inside] = options.scale * done.scores[name]
        columns[name] = column
    scores = prepared.keys.assign(**columns)
    scores.attrs = {"definition": options.words, "unit": _unit(options)}
    return scores


def _unit(options: Options) -> str:
    if any(AGGREGATORS[a].own_scale for a in options.aggregate):
        return AGGREGATORS[options.aggregate[-1]].words
    if not NORMALISERS[options.normalise].unit_interval:
        return NORMALISERS[options.normalise].words
    low, high = options.ends or (0.0, 1.0)
    return f"index from {options.scale * low if options.range else 0:g} to {options.scale * high:g}"


def _rows(prepared: Prepared) -> NDArray[np.bool_] | slice:
    """Return what takes the chosen rows, without a copy where that is all."""
    return slice(None) if prepared.chosen.all() else prepared.chosen


def _imputed(prepared: Prepared, done: Run) -> pd.DataFrame:
    chosen = _rows(prepared)
    flags = np.isnan(prepared.panel.values[chosen]) & ~np.isnan(done.filled[chosen])
    names = [i.name for i in prepared.indicators]
    return pd.concat([prepared.keys, pd.DataFrame(flags, columns=names)], axis=1)


def _weights(prepared: Prepared, done: Run, time: str | None) -> pd.DataFrame:
    table = pd.DataFrame([{"time": t, **asdict(w)} for t, w in done.weights])
    columns = ["level", "node", "parent", "weight", "effective", "entropy", "divergence"]
    if table["time"].isna().all():
        table = table[columns]
    else:
        table = table[["time", *columns]].rename(columns={"time": time or "time"})
    table.attrs = {"definition": prepared.parsed.options.scheme.words}
    return table


def _audit(prepared: Prepared, done: Run) -> pd.DataFrame:
    chosen = prepared.chosen
    inside = done.normal.used[chosen]
    rows: list[tuple[str, str, int, str]] = [
        ("rows", INDEX, len(inside), "rows of the index"),
        ("not scored", INDEX, len(inside) - int((~np.isnan(done.scores[INDEX])).sum()),
         "rows without enough indicators"),
    ]
    there = ~np.isnan(done.scores[INDEX])
    rows += [("not scored", p.name, int((there & np.isnan(done.scores[p.name])).sum()),
              "rows of the index without a score of this node: the others have its weight")
             for p in pillars_of(prepared.parsed.root)
             if (there & np.isnan(done.scores[p.name])).any()]
    if done.normal.sparse:
        rows.append(("units left out", INDEX, len(done.normal.sparse),
                     "under the share of values required: "
                     + listing(prepared.unit_labels(done.normal.sparse))))
    place = _rows(prepared)
    before = np.isnan(prepared.panel.values[place])
    after = np.isnan(done.filled[place])
    constant = is_constant(done.normal.X)
    counts: NDArray[np.int64] = np.stack(
        [before.sum(axis=0), (before & ~after).sum(axis=0), after.sum(axis=0)])
    for j, indicator in enumerate(prepared.indicators):
        rows.append(("missing", indicator.name, int(counts[0, j]), "before the missing rule"))
        rows.append(("filled", indicator.name, int(counts[1, j]), "by the missing rule"))
        rows.append(("left missing", indicator.name, int(counts[2, j]), "after the missing rule"))
        treated = done.normal.treated[j]
        if treated.done:
            rows.append(("treated", indicator.name, treated.changed, treated.done))
        unscaled = int((np.isnan(done.normal.Z[:, j]) & ~np.isnan(done.normal.X[:, j])).sum())
        if unscaled and not constant[j]:
            rows.append(("without a scale", indicator.name, unscaled,
                         "the same in its time: the other indicators have its weight"))
        if constant[j]:
            rows.append(("constant", indicator.name, len(done.normal.X),
                         "the same in every scored row: weight 0"))
    for name, judged in prepared.parsed.judged.items():
        verdict = "consistent" if judged.ratio <= CONSISTENT else "above 0.10: contradictory"
        rows.append(("consistency ratio", name, len(judged.weights),
                     f"{judged.ratio:.4f}, {verdict}"))
    return pd.DataFrame(rows, columns=["item", "node", "count", "note"])
