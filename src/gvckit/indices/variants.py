"""Plausible variants of an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.indices.composite import composite
from gvckit.indices.tree import INDEX, leaves, parse_tree

__all__ = ["VariantSet", "variants"]


@dataclass(frozen=True, slots=True)
class VariantSet:
    """Variants: ``choices`` one row each, ``scores`` (V, rows), their ``keys``, ``baseline``."""

    choices: pd.DataFrame
    scores: NDArray[np.float64]
    keys: pd.DataFrame
    baseline: NDArray[np.float64]


def variants(frame: pd.DataFrame, tree: Mapping[str, Any], *, unit: str | Sequence[str],
             time: str | None, over: pd.Series[bool] | None = None,
             plan: Mapping[str, Any] | None = None, seed: int) -> VariantSet:
    """Return variants of the index ``tree`` drawn from ``plan`` with ``seed``."""
    given = dict(plan or {})
    rng = np.random.default_rng(seed)
    base = dict(tree.get("composite") or {})
    names = [leaf.name for leaf in leaves(parse_tree(tree["pillars"]))]
    names = [n for n in names if n not in base.get("leave_out", ())]
    own = composite(frame, tree, unit=unit, time=time, over=over)
    rows, scores = [], []
    for _ in range(int(given.get("variants", 200))):
        options = dict(base)
        for key in ("missing", "normalise", "weights", "aggregate"):
            if given.get(key):
                options[key] = given[key][int(rng.integers(len(given[key])))]
        if options.get("weights") == "entropy" or options.get("aggregate") == "geometric":
            options["normalise"] = "minmax-pooled"
        if options.get("aggregate") == "geometric":
            options["floor"] = 0.01
        place = int(rng.integers(len(names) + 1)) if given.get("drop") and len(names) > 1 else -1
        dropped = names[place] if 0 <= place < len(names) else ""
        if dropped:
            options["leave_out"] = [*base.get("leave_out", ()), dropped]
        made = composite(frame, {**tree, "composite": options}, unit=unit, time=time, over=over)
        scores.append(made.scores[INDEX].to_numpy())
        rows.append({k: options.get(k) for k in ("missing", "normalise", "weights", "aggregate")}
                    | {"dropped": dropped})
    units = [unit] if isinstance(unit, str) else list(unit)
    keys = own.scores[[*units, *([time] if time else [])]]
    return VariantSet(pd.DataFrame(rows), np.array(scores), keys, own.scores[INDEX].to_numpy())
