"""Draw figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.report.curve_figure import curve_summary, draw_curve
from gvckit.report.figures import figure_files
from gvckit.report.labels import key_label, term_label
from gvckit.report.request import dictionary_from, in_language
from gvckit.run.bundle import Bundle


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
        return shown if shown.isascii() or _drawable(shown) else text

    coefficients = list(dict.fromkeys(curve["coefficient"]))
    made = dict(figure_files(name, lambda figure: draw_curve(
        figure, curve, title=_line(params["title"]), label=label,
        coefficient=label(coefficients[0]) if len(coefficients) == 1 else "the first regressor",
        notes=[_line(note) for note in params["notes"]])))
    made[f"figures/{name}.csv"] = _csv(curve)
    made[f"figures/{name}.choices.csv"] = _csv(curve_summary(curve))
    return Bundle({"files": Bundle(made)})


def _line(text: Mapping[str, str] | None) -> str:
    """Return a text in English, or nothing where the font cannot write it."""
    found = in_language(text or {}, "en")
    return found if _drawable(found) else ""


def _drawable(text: str) -> bool:
    """Return whether the font of the figures has the characters (it has no Chinese ones)."""
    return all(ord(sign) < 0x2E80 for sign in text)


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, float_format="%.10g", lineterminator="\n").encode()
