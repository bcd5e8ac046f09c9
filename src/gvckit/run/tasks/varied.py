"""What models over the variants of a column share: the variants as stored, a fit or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import ModelError
from gvckit.models.result import Fit, NotEstimated

__all__ = ["Varied", "estimated", "point"]

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Varied:
    """Variants of a column, or draws of one: :class:`gvckit.models.over_variants.Variants`."""

    choices: pd.DataFrame
    scores: NDArray[np.float64]
    keys: pd.DataFrame
    baseline: NDArray[np.float64]

    @classmethod
    def of(cls, part: Mapping[str, Any]) -> Varied:
        """Return the variants of a step's bundle."""
        return cls(part["choices"], part["scores"], part["keys"], part["baseline"])


def estimated(call: Callable[[], Done], params: Mapping[str, Any]) -> Done | NotEstimated:
    """Return what ``call`` does; a model that cannot be estimated is an error only where ``must``.

    Raises
    ------
    ModelError
        Of a ``must`` model, and what no change of the spec mends.
    """
    try:
        return call()
    except ModelError as error:
        if params["must"] or error.exit_code != ModelError.exit_code:
            raise
        return NotEstimated(params["name"], str(error), dict(params["model"]))


def point(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Fit | NotEstimated:
    """Return the point estimate of a model over variants."""
    found: Fit | NotEstimated = inputs["done"]["fit"]
    return found
