"""Pooled least squares: one intercept for all rows."""

from __future__ import annotations

from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.ols import ols
from gvckit.models.panel_means import no_fixed_effects
from gvckit.models.result import Fit

__all__ = ["pooled"]


def pooled(design: Design, model: Model, name: str) -> Fit:
    """Return the least-squares fit with an intercept.

    Raises
    ------
    ModelError
        Fixed effects in the model, and what :func:`gvckit.models.ols.ols` raises.
    """
    no_fixed_effects(model, name)
    return ols(design, model, name)
