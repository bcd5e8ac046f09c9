"""A panel whose indices are replaced by others of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.panel.evaluate import evaluate
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.parts import frame_of


def replace(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
            ) -> Bundle:
    """Return the panel with other scores of some indices, and what is derived from them."""
    frame: pd.DataFrame = inputs["variables"]["frame"].copy()
    for part in dict(inputs["indices"]).values():
        scores = frame_of(part)
        keys = [c for c in scores.columns if c in (*params["unit"], params["time"])]
        found = frame[keys].merge(scores, on=keys, how="left", validate="many_to_one")
        # The index, its pillars and the share imputed.
        for column in [c for c in scores.columns if c not in keys and c in frame.columns]:
            frame[column] = found[column].to_numpy()
    for name, text in params["derived"].items():
        frame[name] = evaluate(text, frame, unit=params["unit"], time=params["time"]).values
    return Bundle({"frame": frame})
