"""Count the observations of a model that rest on imputed values of its indices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import ModelError
from gvckit.models.design import build_design, mask_of
from gvckit.models.model import parse_model
from gvckit.models.split import split_groups
from gvckit.panel.evaluate import evaluate
from gvckit.run.tasks.select import SAMPLE

Mask = NDArray[np.bool_]


def without(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
            ) -> pd.DataFrame:
    """Return an index, and what is derived from it, with the imputed values taken out.

    One row a row of the panel, in its order; a value is imputed where an indicator of it was
    missing and the rule of the index filled it.
    """
    frame: pd.DataFrame = inputs["variables"]["frame"].copy()
    keys = [*params["unit"], params["time"]]
    parts = dict(inputs["indices"])
    inner = np.zeros(len(frame), dtype=bool)
    for name, part in parts.items():
        if name != params["index"]:
            flags = part["imputed"]
            leaves = [c for c in flags.columns if c not in keys]
            inner |= _flagged(frame, flags, leaves, keys)
    own = parts[params["index"]]["imputed"]
    for node, leaves in params["nodes"].items():
        if node in frame.columns:
            gone = inner | _flagged(frame, own, [n for n in leaves if n in own.columns], keys)
            frame[node] = frame[node].where(~gone)
    for name, text in params["derived"].items():
        frame[name] = evaluate(text, frame, unit=params["unit"], time=params["time"]).values
    names = [n for n in (*params["nodes"], *params["derived"]) if n in frame.columns]
    return frame[names].reset_index(drop=True)


def _flagged(frame: pd.DataFrame, flags: pd.DataFrame, leaves: list[str], keys: list[str]) -> Mask:
    on = [c for c in flags.columns if c in keys]
    marked = flags[on].copy()
    marked[SAMPLE] = pd.Series(flags[leaves].to_numpy(dtype=bool).any(axis=1), index=flags.index)
    found = frame[on].merge(marked, on=on, how="left", validate="many_to_one")[SAMPLE]
    return np.asarray(found.fillna(False).to_numpy(dtype=bool), dtype=bool)


def count(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> list[dict[str, Any]]:
    """Return for each group of the model (one without a split) its rows and how many are imputed.

    A row counts where a variable of the model would be missing in it without the imputed values of
    an index: ``{group, rows, imputed, indices: [{name, label, rows, imputed}]}``.
    """
    chosen = inputs["rows"]["frame"]
    frame, sample = chosen.drop(columns=SAMPLE), chosen[SAMPLE]
    keys = dict(params["model"])
    split = keys.pop("split", None)
    keys.pop("difference", None)
    model = parse_model(keys, params["name"])
    unit, time = params["unit"], params["time"]
    texts = [model.y, *model.read, *model.excluded, *([model.weights] if model.weights else [])]
    lost = {index: _lost(frame, panel, texts, unit, time)
            for index, panel in dict(inputs["panels"]).items()}
    found = []
    for group, inside in _groups(frame, split, sample, params):
        try:
            design = build_design(frame, model, unit=unit, time=time, name=params["name"],
                                  sample=inside)
        except ModelError:
            continue  # the table says that it cannot be estimated
        at = design.positions
        either = np.zeros(len(frame), dtype=bool)
        counted = []
        for index, gone in lost.items():
            either |= gone
            counted.append({"name": index, "label": params["labels"][index], "rows": len(at),
                            "imputed": int(gone[at].sum())})
        found.append({"group": group, "rows": len(at), "imputed": int(either[at].sum()),
                      "indices": counted})
    return found


def _lost(frame: pd.DataFrame, panel: pd.DataFrame, texts: list[str], unit: list[str], time: str
          ) -> Mask:
    """Return the rows in which a text is missing without the imputed values of an index."""
    emptied = frame.copy()
    for name in panel.columns:
        if name in emptied.columns:
            emptied[name] = panel[name].to_numpy()
    gone = np.zeros(len(frame), dtype=bool)
    for text in dict.fromkeys(texts):
        values = evaluate(text, emptied, unit=unit, time=time).values
        gone |= np.isnan(values.to_numpy(dtype=np.float64))
    return gone


def _groups(frame: pd.DataFrame, split: str | None, sample: pd.Series[bool],
            params: Mapping[str, Any]) -> list[tuple[str, Mask]]:
    inside = mask_of(frame, sample)
    if split is None:
        return [("", inside)]
    try:
        groups = split_groups(frame, split, params["unit"], params["time"], inside,
                              params["name"])
    except ModelError:
        return []
    return [(str(label), inside & (groups.codes == g)) for g, label in enumerate(groups.labels)]
