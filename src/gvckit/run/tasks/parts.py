"""What a step gives where a frame is wanted."""

from __future__ import annotations

from typing import Any

import pandas as pd


def frame_of(part: Any) -> pd.DataFrame:
    """Return the frame of a measure, a data file or a composite index."""
    found: pd.DataFrame = part if isinstance(part, pd.DataFrame) else (
        part["frame"] if "frame" in part else part["scores"])
    return found
