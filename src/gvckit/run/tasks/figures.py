"""Draw figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.report.curve_figure import curve_summary, draw_curve
from gvckit.report.figures import figure_files
from gvckit.report.labels import key_label, term_label
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.drawn import csv_bytes, drawable, line


def specification_curve(inputs: Mapping[str, Any], files: Mapping[str, Path],
                        params: Mapping[str, Any]) -> Bundle:
    """Return the figure of a specification curve, its rows and its summary by choice."""
    curve: pd.DataFrame = inputs["curve"]
    dictionary = dictionary_from(params["dictionary"])
    name = params["id"]

    def label(text: str) -> str:
        if text == "none":
            return text
        shown = (term_label if text in dictionary or "*" not in text else key_label)(
            text, dictionary, "en")
        return shown if shown.isascii() or drawable(shown) else text

    coefficients = list(dict.fromkeys(curve["coefficient"]))
    made = dict(figure_files(name, lambda figure: draw_curve(
        figure, curve, title=line(params["title"]), label=label,
        coefficient=label(coefficients[0]) if len(coefficients) == 1 else "the first regressor",
        notes=[line(note) for note in params["notes"]])))
    made[f"figures/{name}.csv"] = csv_bytes(curve)
    made[f"figures/{name}.choices.csv"] = csv_bytes(curve_summary(curve))
    return Bundle({"files": Bundle(made)})
