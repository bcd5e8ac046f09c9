"""The figure of a placebo: a histogram of the draws' coefficients with the true one marked."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.report.placebo_table import sets_phrase
from gvckit.report.steps import sectors_sentence
from gvckit.report.tex import folded
from gvckit.report.words import say, sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["draw_placebo", "figure_texts", "placebo_words"]

BARS, TRUE, REACH = "#9aa0a6", "#b03a2e", "#333333"
WIDTH, HEIGHT = 5.6, 2.9
MOST_BARS = 40
WRAP = 108


def placebo_words(place: Mapping[Any, Any], chosen: Sequence[str], asked: Mapping[str, Any],
                  language: str = "en", sectors: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return in words which sets were drawn and where the true coefficient lies.

    Parameters
    ----------
    place
        A row of :func:`gvckit.models.placebo.placebo_summary`.
    chosen
        The suppliers that the draws stand in for.
    asked
        ``draws``, ``exclude``, ``among``, ``own`` and ``scale``.
    language
        ``en`` or ``zh``.
    sectors
        What :func:`gvckit.report.steps.sectors_sentence` reads, of the codes among them.
    """
    failed = int(place["failed"])
    sets = sets_phrase(int(place["draws"]) + failed, chosen, asked, language)
    lost = say("placebo_lost", language, count=failed) if failed else ""
    where = say("placebo_figure_where", language, estimate=_short(place["estimate"]),
                place=f"{100 * place['percentile']:.0f}%", beyond=f"{100 * place['beyond']:.0f}%",
                p=f"{place['p']:.3f}", rank=f"{place['p_rank']:.3f}")
    return sentences([say("placebo_figure_sets", language, sets=sets) + lost, where,
                      say("placebo_figure_dashed", language),
                      *([sectors_sentence(sectors, language)] if sectors else [])], language)


def figure_texts(language: str) -> list[str]:
    """Return the words that every such figure has: its font must have their characters."""
    return [say(phrase, language, **parts) for phrase, parts in (
        ("placebo_draws", {}), ("placebo_true", {"estimate": ""}),
        ("figure_coefficient", {"name": ""}))]


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def draw_placebo(
    figure: Figure, estimates: NDArray[np.float64], place: Mapping[Any, Any], *, title: str,
    coefficient: str, paragraphs: Sequence[str], language: str = "en",
) -> None:
    """Draw the coefficients of the draws, shape (V,), and the true one on an empty figure.

    ``paragraphs`` stand below: :func:`placebo_words`, and further notes.
    """
    fold = folded if language == "zh" else textwrap.wrap
    wrapped = [line for text in paragraphs if text for line in fold(text, WRAP)]
    height = HEIGHT + 0.13 * len(wrapped) + (0.25 if title else 0.0)
    figure.set_size_inches(WIDTH, height)
    axes = figure.add_axes((0.1, (0.13 * len(wrapped) + 0.55) / height, 0.87,
                            (HEIGHT - 0.75) / height))
    bins = int(np.clip(np.sqrt(len(estimates)) * 1.5, 5, MOST_BARS))
    axes.hist(estimates, bins=bins, color=BARS, linewidth=0.3, edgecolor="white")
    for key in ("p05", "p95"):
        axes.axvline(place[key], color=REACH, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.axvline(0.0, color="black", linewidth=0.5)
    axes.axvline(place["estimate"], color=TRUE, linewidth=1.6)
    low, high = axes.get_xlim()
    right = place["estimate"] > (low + high) / 2
    axes.annotate(say("placebo_true", language, estimate=_short(place["estimate"])),
                  (place["estimate"], 1.0),
                  xycoords=("data", "axes fraction"), xytext=(-3 if right else 3, 2),
                  textcoords="offset points", ha="right" if right else "left", va="bottom",
                  color=TRUE, fontsize=7)
    words = say("figure_coefficient", language, name=coefficient).replace("\n", " ")
    axes.set_xlabel(words, fontsize=7.5, labelpad=2)
    axes.set_ylabel(say("placebo_draws", language), fontsize=7.5)
    axes.tick_params(labelsize=6.8, length=2)
    axes.locator_params(axis="y", integer=True)
    if title:
        figure.suptitle(title, y=1 - 0.08 / height, va="top", fontsize=9.5)
    figure.text(0.02, 0.06 / height, "\n".join(wrapped), va="bottom", fontsize=6.5,
                linespacing=1.3)
