"""Draw the coefficients of placebos with the true one among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gvckit.errors import ModelError
from gvckit.models.result import NotEstimated
from gvckit.report.figures import figure_files
from gvckit.report.fonts import chinese_family
from gvckit.report.labels import term_label
from gvckit.report.placebo_figure import draw_placebo, figure_texts, placebo_words
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.drawn import csv_bytes, drawable, line

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the figure of one term of a placebo; in English the estimates that it shows too."""
    done, name, language = inputs["done"], params["id"], params.get("language", "en")
    if isinstance(done["fit"], NotEstimated):
        raise ModelError(f"the figure {name!r} has nothing to show: {done['fit'].reason}")
    rows, summary = done["rows"], done["summary"]
    term = params["coefficient"] or str(summary["term"].iloc[0])
    place = summary[(summary["term"] == term).to_numpy()].to_dict("records")
    if not place:
        raise ModelError(f"the figure {name!r} has nothing to show: {term!r} is not replaced by "
                         f"the draws (only {', '.join(summary['term'])})")
    shown = rows[(rows["term"] == term).to_numpy()].reset_index(drop=True)
    label = term_label(term, dictionary_from(params["dictionary"]), language)
    title, notes = line(params["title"], language), [line(n, language) for n in params["notes"]]
    words = placebo_words(place[0], done["chosen"], params["asked"], language, params["sectors"])
    coefficient = label if drawable(label, language) else term
    estimates = shown["estimate"].dropna().to_numpy()

    def draw(figure: Figure) -> None:
        draw_placebo(figure, estimates, place[0], title=title, coefficient=coefficient,
                     paragraphs=[words, *notes], language=language)

    if language == "en":
        made = dict(figure_files(name, draw))
        made[f"figures/{name}.csv"] = csv_bytes(shown)
        return Bundle({"files": Bundle(made)})
    texts = [title, coefficient, words, *notes, *figure_texts(language)]
    with chinese_family(files["font"], params["font"], texts) as family:
        made = dict(figure_files(f"{name}.{language}", draw, family=family))
    return Bundle({"files": Bundle(made)})
