"""Build a composite index from data sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.indices.composite import composite
from gvckit.indices.coverage import composite_coverage
from gvckit.indices.tree import IMPUTED
from gvckit.panel.evaluate import evaluate
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.parts import frame_of


def build(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Bundle:
    """Return the index that ``params["tree"]`` describes.

    That is scores, weights, audit, coverage, which values of indicators were filled, and the frame
    for the panel.  Sources are joined on the keys; missing values are filled over everything that
    they hold, then normalisation, weights and scores use the units and times of the panel's rows.
    The frame has the keys, the index, the pillars that are merged, and ``INDEX_imputed``: the share
    of the row's indicators whose value the missing rule filled (missing where it has no score).
    """
    frame, unit, time, over = assembled(inputs, params)
    done = composite(frame, params["tree"], unit=unit, time=time, over=over)
    name, keys = params["name"], [*unit, *([time] if time else [])]
    scores = done.scores.rename(columns={params["column"]: name})
    # A pillar whose indicators are all left out has no score.
    merged = scores.reindex(columns=[*keys, name, *params["pillars"]]).rename(
        columns=params["pillars"])
    merged[name + IMPUTED] = done.imputed_share()
    coverage = composite_coverage(frame, scores, done.imputed, params["name"], unit, time)
    return Bundle({"frame": merged, "scores": scores, "weights": done.weights,
                   "audit": done.audit, "coverage": coverage, "imputed": done.imputed})


def assembled(inputs: Mapping[str, Any], params: Mapping[str, Any]
              ) -> tuple[pd.DataFrame, list[str], str | None, pd.Series[bool] | None]:
    """Return the indicators of an index with their keys, unit, time, and the rows it is over."""
    keys = list(params["keys"])
    unit, time = [k for k in keys if k != params["time"]], params["time"]
    frame = _joined([frame_of(part) for part in dict(inputs["sources"]).values()], keys)
    for name, text in params["expressions"].items():
        frame[name] = evaluate(text, frame, unit=unit, time=time).values
    over = _within(frame, inputs["rows"], keys) if "rows" in inputs else None
    years = params.get("years")
    if years and time is not None:
        during = frame[time].isin(years)
        over = during if over is None else over & during
    return frame, unit, time, over


def _joined(frames: Sequence[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    out = frames[0]
    for other in frames[1:]:
        out = out.merge(other, on=keys, how="outer", validate="one_to_one")
    return out.sort_values(keys, kind="stable", ignore_index=True)


def _within(frame: pd.DataFrame, rows: pd.DataFrame, keys: list[str]) -> pd.Series[bool]:
    wanted = pd.MultiIndex.from_frame(rows[keys].drop_duplicates())
    return pd.Series(pd.MultiIndex.from_frame(frame[keys]).isin(wanted), index=frame.index)
