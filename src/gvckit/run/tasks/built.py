"""Build an index of barriers or commitments."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.run.tasks.parts import frame_of


def build(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> pd.DataFrame:
    """Return the keys and the value of an index, named as the spec names it."""
    module, name = params["function"].split(":")
    rule = getattr(importlib.import_module(module), name)
    frames = {value: frame_of(inputs["sources"][source])
              for value, source in params["values"].items()}
    made: pd.DataFrame = rule(frames, params["of"], params["by"], params["parameters"])
    out = made.rename(columns={"value": params["name"]})
    out.attrs = dict(made.attrs)
    return out
