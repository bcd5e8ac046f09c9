"""A panel a model with a row a term: what tables of draws and of variants have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from gvckit.report.cells import Cell, Empty, Row, Text, Value
from gvckit.report.cells import Group as Panel
from gvckit.report.labels import term_label
from gvckit.report.reasons import in_words
from gvckit.report.request import VariableInfo
from gvckit.report.words import say

__all__ = ["Summarised", "model_panel", "not_estimated", "plain"]


class Summarised(Protocol):
    """A model with one summary a term, or the reason why there is none."""

    @property
    def summary(self) -> Sequence[Mapping[Any, Any]]:
        """One mapping a term, with its name under ``term``."""

    @property
    def reason(self) -> str | None:
        """Why the model could not be estimated."""


def model_panel(
    model: Summarised, heading: str, dictionary: Mapping[str, VariableInfo], language: str,
    cells: Callable[[Mapping[Any, Any]], tuple[Cell, ...]], width: int,
) -> Panel:
    """Return the rows of a model below its heading; ``n.e.`` where it could not be estimated."""
    if model.reason is not None:
        empty: tuple[Cell, ...] = (Empty(),) * (width - 1)
        return Panel((Row("", (Text(say("not_estimated", language)), *empty)),), heading)
    return Panel(tuple(Row(term_label(str(s["term"]), dictionary, language), cells(s), indent=1)
                       for s in model.summary), heading)


def not_estimated(models: Sequence[Summarised], panels: Sequence[Panel], language: str
                  ) -> list[str]:
    """Return why models could not be estimated, in the language of the table."""
    return [say("ne_panel", language, name=panel.label,
                reason=in_words(model.reason, language, lambda names: names))
            for model, panel in zip(models, panels, strict=True) if model.reason is not None]


def plain(value: Any) -> Value:
    """Return a number of a summary for the csv, nothing where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, int | float | str) else float(value)
