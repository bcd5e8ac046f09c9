"""Choose the rows of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.panel.samples import apply_sample
from gvckit.run.tasks.parts import frame_of


def choose(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> pd.DataFrame:
    """Return the rows of the panel: those of their source that ``keep`` and ``drop`` leave."""
    frame = frame_of(inputs["source"])
    if not params["choose"]:
        return frame
    chosen = apply_sample(frame, params["choose"], params["unit"], params["time"])
    return frame[chosen.mask.to_numpy()].reset_index(drop=True)
