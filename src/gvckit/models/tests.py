"""Tests on panel models, in one place: ``gk.tests.hausman(frame, model, unit=…, time=…)``."""

from __future__ import annotations

from gvckit.models.statistical_test import StatisticalTest
from gvckit.models.tests_effects import (
    breusch_pagan,
    f_effects,
    hausman,
    honda,
    variance_inflation,
)
from gvckit.models.tests_residuals import (
    breusch_godfrey,
    breusch_pagan_dependence,
    modified_wald,
    pesaran_cd,
    wooldridge_ar,
)
from gvckit.models.tests_unit_roots import unit_root

__all__ = [
    "StatisticalTest",
    "breusch_godfrey",
    "breusch_pagan",
    "breusch_pagan_dependence",
    "f_effects",
    "hausman",
    "honda",
    "modified_wald",
    "pesaran_cd",
    "unit_root",
    "variance_inflation",
    "wooldridge_ar",
]
