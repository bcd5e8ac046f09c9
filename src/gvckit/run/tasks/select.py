"""Choose the columns and the sample that one result needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.panel.evaluate import evaluate
from gvckit.panel.samples import apply_sample
from gvckit.run.bundle import Bundle

SAMPLE = "__sample__"


def select(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the columns that one result needs, with its sample as the column ``__sample__``.

    Every row of the panel stays, because lags look beyond the sample.
    """
    frame: pd.DataFrame = inputs["variables"]["frame"]
    chosen = apply_sample(frame, params["sample"], params["unit"], params["time"])
    keys = [*params["unit"], params["time"]]
    out = frame[[*keys, *(c for c in params["columns"] if c not in keys)]].copy()
    for text in params["expressions"]:
        out[text] = evaluate(text, frame, unit=params["unit"], time=params["time"]).values
    out[SAMPLE] = chosen.mask.to_numpy()
    steps = [{"reason": reason, "rows": count} for reason, count in chosen.steps]
    return Bundle({"frame": out, "steps": steps})
