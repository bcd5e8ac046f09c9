"""Draw plausible variants of a composite index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.indices.variants import variants
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.indices import assembled


def draw(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> Bundle:
    """Return the choices, scores and keys of the variants, and the index as it is declared."""
    frame, unit, time, over = assembled(inputs, params)
    done = variants(frame, params["tree"], unit=unit, time=time, over=over, plan=params["plan"],
                    seed=params["seed"])
    return Bundle({"choices": done.choices, "scores": done.scores, "keys": done.keys,
                   "baseline": done.baseline})
