"""Read one year's table and compute every measure that is asked of it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.icio.leontief import Leontief
from gvckit.run.bundle import Bundle
from gvckit.run.tasks import tables


def one_year(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
             ) -> Bundle:
    """Return the frame of each measure of ``params["measures"]`` by its name, and ``notes``.

    Notes say, measure by measure, what the numbers are and how well they add up.
    """
    system = Leontief(tables.read(inputs, files, params))
    frames = {one["name"]: _measured(system, one) for one in params["measures"]}
    notes = {name: dict(frame.attrs) for name, frame in frames.items()}
    return Bundle({**frames, "notes": notes})


def _measured(system: Leontief, one: Mapping[str, Any]) -> pd.DataFrame:
    module, name = one["function"].split(":")
    measure = getattr(importlib.import_module(module), name)
    # A measure with a single level takes none.
    named = [word for word in ("by", "level") if word in inspect.signature(measure).parameters]
    level = {named[0]: one["level"]} if named else {}
    frame: pd.DataFrame = measure(system, **level, **one["arguments"])
    keys = list(one["keys"])
    if "country" in keys and "country" not in frame.columns:
        attrs = frame.attrs
        frame = frame.rename(columns={"exporter": "country", "producer": "country"})
        frame.attrs = attrs
    return frame
