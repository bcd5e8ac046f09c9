"""Instruments and diagnostics as written in a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.errors import Problem, unknown

__all__ = ["REPORTS", "parse_instruments", "parse_report"]

OF_INSTRUMENTS = ("first-stage", "reduced-form", "kp-f", "kp-lm", "cragg-donald", "effective-f",
                  "sanderson-windmeijer", "anderson-rubin", "hansen-j", "endogeneity", "tf")
"""Diagnostics of instruments: all are computed, those asked for are said in the notes."""

OF_PANELS = ("hausman", "hausman-robust", "f-effects", "breusch-pagan", "wooldridge",
             "breusch-godfrey", "pesaran-cd", "modified-wald", "vif")
"""Tests on the panel, computed where they are asked for."""

REPORTS = (*OF_INSTRUMENTS, *OF_PANELS)
"""What ``report`` may ask for."""


def parse_instruments(value: Any, regressors: Sequence[str], where: str, problems: list[Problem]
                      ) -> dict[str, tuple[str, ...]]:
    """Return endogenous regressor -> instruments; what is wrong goes to ``problems``."""
    if not value:
        return {}
    if not isinstance(value, Mapping):
        problems.append(Problem(f"instruments must map regressors to lists, not {value!r}", where,
                                allowed="{x: [z1, z2]}"))
        return {}
    instruments = {}
    for term, texts in value.items():
        if term not in regressors:
            problems.append(unknown("endogenous regressor", str(term), regressors, where))
        names = [texts] if isinstance(texts, str) else texts
        if not isinstance(names, Sequence) or not names or not all(
                isinstance(z, str) and z.strip() for z in names):
            problems.append(Problem(f"instruments of {term!r} must be a list of names or "
                                    f"expressions, not {texts!r}", where))
            continue
        instruments[str(term)] = tuple(z.strip() for z in names)
        problems += [
            Problem(f"{z!r} is a regressor of the model, so it is no instrument", where)
            for z in instruments[str(term)] if z in regressors]
    return instruments


def parse_report(value: Any, where: str, problems: list[Problem]) -> tuple[str, ...]:
    """Return the diagnostics asked for; unknown ones go to ``problems``."""
    if not value:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence):
        problems.append(Problem(f"report must be a list, not {value!r}", where))
        return ()
    problems += [unknown("report", str(n), REPORTS, where) for n in names if n not in REPORTS]
    return tuple(str(n) for n in names)
