"""Plausible variants of an index (stand-in: each choice is drawn from the registries)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import SpecError, unknown
from gvckit.indices.composite import composite
from gvckit.indices.tree import INDEX, leaves, parse_tree

__all__ = ["VARIED", "VariantSet", "variants"]

VARIED = ("missing", "normalise", "weights", "aggregate", "drop_one")
_CHOICES: dict[str, tuple[str, ...]] = {
    "missing": ("none", "interpolate", "carry"),
    "normalise": ("minmax-pooled", "zscore-pooled"),
    "weights": ("equal", "entropy", "critic"),
    "aggregate": ("arithmetic", "geometric"),
}


@dataclass(frozen=True, slots=True)
class VariantSet:
    """Variants: ``choices`` one row a variant, ``scores`` (V, rows), ``keys`` of the rows."""

    choices: pd.DataFrame
    scores: NDArray[np.float64]
    keys: pd.DataFrame


def variants(frame: pd.DataFrame, tree: Mapping[str, Any], *, unit: str | Sequence[str],
             time: str | None, over: pd.Series[bool] | None = None, plan: Mapping[str, Any],
             seed: int) -> VariantSet:
    """Return variants of the index ``tree``; ``plan``: {variants: 300, vary: [missing, …]}."""
    vary = list(plan.get("vary") or VARIED)
    if wrong := [unknown("choice to vary", v, VARIED) for v in vary if v not in VARIED]:
        raise SpecError(wrong)
    rng = np.random.default_rng(seed)
    names = [leaf.name for leaf in leaves(parse_tree(tree["pillars"]))]
    rows, scores, keys = [], [], pd.DataFrame()
    for _ in range(int(plan.get("variants", 300))):
        options = dict(copy.deepcopy(dict(tree.get("composite") or {})))
        for key, words in _CHOICES.items():
            if key in vary:
                options[key] = words[int(rng.integers(len(words)))]
        if options.get("weights") == "entropy":
            options["normalise"] = "minmax-pooled"
        if options.get("aggregate") == "geometric":
            options |= {"normalise": "minmax-pooled", "floor": 0.01}
        dropped = ""
        if "drop_one" in vary and len(names) > 1:
            place = int(rng.integers(len(names) + 1))
            dropped = names[place] if place < len(names) else ""
            options["leave_out"] = [*options.get("leave_out", []), *([dropped] if dropped else [])]
        made = composite(frame, {**tree, "composite": options}, unit=unit, time=time, over=over)
        scores.append(made.scores[INDEX].to_numpy())
        keys = made.scores[[k for k in made.scores.columns if k in frame.columns]]
        rows.append({k: options.get(k) for k in _CHOICES} | {"dropped": dropped})
    units = [unit] if isinstance(unit, str) else list(unit)
    keys = keys[[*units, *([time] if time else [])]]
    return VariantSet(pd.DataFrame(rows), np.array(scores), keys)
