"""Figures to files whose bytes depend on what is drawn alone."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.figure import Figure

__all__ = ["CHINESE", "FORMATS", "STYLE", "figure_files"]

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 8.0, "axes.linewidth": 0.6,
    "axes.spines.top": False, "axes.spines.right": False, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "svg.hashsalt": "gvckit", "svg.fonttype": "path",
    "pdf.fonttype": 42, "pdf.compression": 6, "path.simplify": True, "figure.dpi": 100.0,
}
"""Settings of every figure; the font comes with matplotlib, so that it is there on any machine."""

FORMATS: dict[str, dict[str, Any]] = {
    "pdf": {"metadata": {"Creator": None, "Producer": None, "CreationDate": None,
                         "ModDate": None}},
    "png": {"dpi": 200, "metadata": {"Software": None}},
    "svg": {"metadata": {"Creator": None, "Date": None}},
}
"""Options of each file format: nothing says when or by which version a file was made."""


CHINESE: dict[str, Any] = {"pdf.fonttype": 3}
"""What differs with a Chinese font: OpenType outlines are not the TrueType that type 42 holds."""


def figure_files(name: str, draw: Callable[[Figure], None], *, family: str | None = None
                 ) -> Mapping[str, bytes]:
    """Return the files ``figures/<name>.{pdf,png,svg}`` of what ``draw`` puts on a figure.

    ``family`` has the characters that the font of every figure lacks
    (:func:`gvckit.report.fonts.chinese_family`).
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    files = {}
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        if family is not None:
            mpl.rcParams.update({**CHINESE, "font.family": [STYLE["font.family"], family]})
        for suffix, options in FORMATS.items():
            # A figure of its own for each format: drawing for one may move things for the next.
            figure = Figure()
            draw(figure)
            sink = io.BytesIO()
            figure.savefig(sink, format=suffix, **options)
            files[f"figures/{name}.{suffix}"] = sink.getvalue()
    return files
