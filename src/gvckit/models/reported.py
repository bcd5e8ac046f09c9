"""Tests on a panel model that its ``report`` asks for, as statistics and sentences of its fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gvckit.errors import ModelError
from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.result import Fit
from gvckit.models.statistical_test import StatisticalTest
from gvckit.models.tests_effects import breusch_pagan, f_effects, hausman, variance_inflation
from gvckit.models.tests_residuals import (
    breusch_godfrey,
    modified_wald,
    pesaran_cd,
    wooldridge_ar,
)

__all__ = ["with_reported_tests"]

PANEL_TESTS: Mapping[str, tuple[Callable[..., StatisticalTest], Mapping[str, Any]]] = {
    "hausman": (hausman, {}),
    "hausman-robust": (hausman, {"robust": True}),
    "f-effects": (f_effects, {}),
    "breusch-pagan": (breusch_pagan, {}),
    "wooldridge": (wooldridge_ar, {}),
    "breusch-godfrey": (breusch_godfrey, {}),
    "pesaran-cd": (pesaran_cd, {"residuals": "model"}),
    "modified-wald": (modified_wald, {}),
}


def with_reported_tests(fit: Fit, design: Design, model: Model, name: str) -> Fit:
    """Return ``fit`` with the panel tests in ``model.report``, on its own rows.

    A test adds ``stats`` under its name with underscores, and its p value with ``_p``: of
    ``hausman``, ``hausman-robust``, ``f-effects``, ``breusch-pagan``, ``wooldridge``,
    ``breusch-godfrey``, ``pesaran-cd`` (residuals of the model), ``modified-wald``; ``vif`` adds
    ``vif:<term>`` and ``vif_max``.  What cannot be computed is told in one sentence.
    """
    stats: dict[str, float] = {}
    notes: list[str] = []
    plain = {"y": model.y, "x": list(model.x), "controls": list(model.controls),
             "fe": list(model.fe), "weights": model.weights}
    for asked in model.report:
        key = asked.replace("-", "_")
        try:
            if asked == "vif":
                factors = variance_inflation(design, plain, unit=(), name=name)
                stats |= {f"vif:{term}": float(v) for term, v in factors.items()}
                stats["vif_max"] = float(factors.max())
                notes.append(f"largest variance inflation factor {stats['vif_max']:.2f} "
                             f"({factors.idxmax()})")
            elif asked in PANEL_TESTS:
                function, options = PANEL_TESTS[asked]
                test = function(design, plain, unit=(), time=None, name=name, **options)
                stats |= {key: test.statistic, f"{key}_p": test.p}
                notes.append(_sentence(test))
        except ModelError as error:
            notes.append(f"no {asked}: {error.problems[0].what}")
    if not stats and not notes:
        return fit
    return replace(fit, stats={**fit.stats, **stats}, warnings=(*fit.warnings, *notes))


def _sentence(test: StatisticalTest) -> str:
    df = f"({', '.join(f'{d:g}' for d in test.df)})" if test.df else ""
    letter = {"chi2": "χ²", "F": "F", "normal": "z"}.get(test.distribution, test.distribution)
    p = "p < 0.001" if test.p < 0.0005 else f"p = {test.p:.3f}"
    return f"{test.name}: {letter}{df} = {test.statistic:.4g}, {p}; null: {test.null}"
