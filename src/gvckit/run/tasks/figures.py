"""Draw figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.report.curve_figure import choice_rows, curve_note, curve_summary, draw_curve
from gvckit.report.figures import figure_files
from gvckit.report.fonts import chinese_family
from gvckit.report.labels import fe_label, key_label, term_label
from gvckit.report.places import capital
from gvckit.report.request import VariableInfo, dictionary_from, in_language
from gvckit.report.words import KEYS, say
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.drawn import csv_bytes


def specification_curve(inputs: Mapping[str, Any], files: Mapping[str, Path],
                        params: Mapping[str, Any]) -> Bundle:
    """Return the figure of a specification curve; in English its rows and its summary too."""
    curve: pd.DataFrame = inputs["curve"]
    language = params.get("language", "en")
    words = _Words(dictionary_from(params["dictionary"]), params.get("samples", {}), language)
    coefficients = list(dict.fromkeys(curve["coefficient"]))
    drawn = {
        "title": words.line(params["title"]), "language": language, "label": words.variable,
        "choice": words.choice, "by": words.key,
        "notes": [words.line(note) for note in params["notes"]],
        "coefficient": words.variable(coefficients[0]) if len(coefficients) == 1
        else say("figure_first", language)}
    name = params["id"]
    if language == "en":
        made = dict(figure_files(name, lambda figure: draw_curve(figure, curve, **drawn)))
        made[f"figures/{name}.csv"] = csv_bytes(curve)
        made[f"figures/{name}.choices.csv"] = csv_bytes(curve_summary(curve))
        return Bundle({"files": Bundle(made)})
    texts = [drawn["title"], drawn["coefficient"], *drawn["notes"],
             curve_note(curve, language, words.key), say("figure_axis", language),
             *(row.label for row in choice_rows(curve, words.variable, words.choice))]
    with chinese_family(files["font"], params["font"], texts) as family:
        made = dict(figure_files(f"{name}.{language}", lambda figure: draw_curve(
            figure, curve, **drawn), family=family))
    return Bundle({"files": Bundle(made)})


class _Words:
    """Labels of what a curve shows, in one language."""

    def __init__(self, dictionary: Mapping[str, VariableInfo], samples: Mapping[str, Any],
                 language: str) -> None:
        self.dictionary, self.samples, self.language = dictionary, samples, language

    def line(self, text: Mapping[str, str] | None) -> str:
        """Return a text, or nothing where the font cannot write it."""
        found = in_language(text or {}, self.language)
        return found if self._drawable(found) else ""

    def variable(self, text: str) -> str:
        """Return the label of a variable, a term or a fixed effect."""
        if text == "none":
            return say("figure_none", self.language)
        keys = text.partition("[")[0].split("*")
        if "[" in text:
            shown = fe_label(text, self.dictionary, self.language)
        elif all(part in KEYS for part in keys):
            shown = capital(key_label(text, self.dictionary, self.language))
        else:
            shown = (term_label if text in self.dictionary or "*" not in text else key_label)(
                text, self.dictionary, self.language)
        return shown if self._drawable(shown) else text

    def key(self, text: str) -> str:
        """Return the label of keys in a sentence."""
        return key_label(text, self.dictionary, self.language)

    def choice(self, key: str, text: str) -> str:
        """Return an alternative of a key that names no variables."""
        if text == "none":
            return say("figure_none", self.language)
        if key == "sample":
            return self.line(self.samples.get(text)) or text
        if key == "winsor":
            return f"{100 * float(text):g}%"
        clustered = re.fullmatch(r"cluster (.+)", text)
        if key == "se_kind" and clustered:
            names = [key_label(n, self.dictionary, self.language)
                     for n in clustered[1].split(" and ")]
            return say("figure_clustered", self.language,
                       name=(" and " if self.language == "en" else "、").join(names))
        return text

    def _drawable(self, text: str) -> bool:
        """Return whether the font has the characters: that of English figures has no Chinese."""
        return self.language == "zh" or all(ord(sign) < 0x2E80 for sign in text)
