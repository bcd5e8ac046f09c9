"""The figure of a placebo: a histogram of the draws' coefficients with the true one marked."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.report.numbers import thousands

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["draw_placebo", "placebo_words"]

BARS, TRUE, REACH = "#9aa0a6", "#b03a2e", "#333333"
WIDTH, HEIGHT = 5.6, 2.9
MOST_BARS = 40


def placebo_words(place: Mapping[Any, Any], chosen: Sequence[str], asked: Mapping[str, Any]) -> str:
    """Return in words which sets were drawn and where the true coefficient lies.

    Parameters
    ----------
    place
        A row of :func:`gvckit.models.placebo.placebo_summary`.
    chosen
        The suppliers that the draws stand in for.
    asked
        ``draws``, ``exclude``, ``among``, ``own`` and ``scale``.
    """
    count = int(place["draws"]) + int(place["failed"])
    every = "all " if count < asked["draws"] else ""
    text = (f"Histogram: {every}{thousands(count)}{'' if every else ' random'} sets of "
            f"{len(chosen)} suppliers")
    everyone = asked["among"] == "all"
    never = [*([] if everyone else chosen), *asked["exclude"]]
    text += f" without {', '.join(never)}" if never else ""
    text += f", any but {', '.join(chosen)} together" if everyone else ""
    text += ", the industries of each set left out as users" if asked["own"] == "drop" else ""
    text += (", on the mean and standard deviation of the true measure"
             if asked["scale"] == "sd" else "")
    text += f"; {int(place['failed'])} not estimated" if place["failed"] else ""
    return (f"{text}. True coefficient {place['estimate']:.4g}: larger than "
            f"{100 * place['percentile']:.0f}% of the draws; {100 * place['beyond']:.0f}% are at "
            f"least as large in absolute value, placebo p = {place['p']:.3f}; two-sided by rank "
            f"p = {place['p_rank']:.3f}. Dashed: 5th and 95th percentile of the draws.")


def draw_placebo(
    figure: Figure, estimates: NDArray[np.float64], place: Mapping[Any, Any], *, title: str,
    coefficient: str, chosen: Sequence[str], asked: Mapping[str, Any], notes: Sequence[str],
) -> None:
    """Draw the coefficients of the draws, shape (V,), and the true one on an empty figure."""
    paragraphs = [placebo_words(place, chosen, asked), *notes]
    wrapped = [line for text in paragraphs if text for line in textwrap.wrap(text, 108)]
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
    axes.annotate(f"true {place['estimate']:.3g}", (place["estimate"], 1.0),
                  xycoords=("data", "axes fraction"), xytext=(-3 if right else 3, 2),
                  textcoords="offset points", ha="right" if right else "left", va="bottom",
                  color=TRUE, fontsize=7)
    axes.set_xlabel(f"Coefficient of {coefficient}", fontsize=7.5, labelpad=2)
    axes.set_ylabel("Draws", fontsize=7.5)
    axes.tick_params(labelsize=6.8, length=2)
    axes.locator_params(axis="y", integer=True)
    if title:
        figure.suptitle(title, y=1 - 0.08 / height, va="top", fontsize=9.5)
    figure.text(0.02, 0.06 / height, "\n".join(wrapped), va="bottom", fontsize=6.5,
                linespacing=1.3)
