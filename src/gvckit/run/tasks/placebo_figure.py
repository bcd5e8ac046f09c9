"""Draw the coefficients of placebos with the true one among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import ModelError
from gvckit.models.result import NotEstimated
from gvckit.report.figures import figure_files
from gvckit.report.labels import term_label
from gvckit.report.placebo_figure import draw_placebo
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.drawn import csv_bytes, drawable, line


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the figure of one term of a placebo, and the estimates that it shows."""
    done, name = inputs["done"], params["id"]
    if isinstance(done["fit"], NotEstimated):
        raise ModelError(f"the figure {name!r} has nothing to show: {done['fit'].reason}")
    rows, summary = done["rows"], done["summary"]
    term = params["coefficient"] or str(summary["term"].iloc[0])
    place = summary[(summary["term"] == term).to_numpy()].to_dict("records")
    if not place:
        raise ModelError(f"the figure {name!r} has nothing to show: {term!r} is not replaced by "
                         f"the draws (only {', '.join(summary['term'])})")
    shown = rows[(rows["term"] == term).to_numpy()].reset_index(drop=True)
    label = term_label(term, dictionary_from(params["dictionary"]), "en")
    made = dict(figure_files(name, lambda figure: draw_placebo(
        figure, shown["estimate"].dropna().to_numpy(), place[0], title=line(params["title"]),
        coefficient=label if drawable(label) else term, chosen=done["chosen"],
        asked=params["asked"], notes=[line(note) for note in params["notes"]])))
    made[f"figures/{name}.csv"] = csv_bytes(shown)
    return Bundle({"files": Bundle(made)})
