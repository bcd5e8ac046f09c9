"""The figure of a specification curve: estimates in order, the choices behind each below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.report.curve_errors import errors_sentences
from gvckit.report.numbers import thousands
from gvckit.report.tex import folded, width
from gvckit.report.words import say, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ChoiceRow", "choice_rows", "curve_note", "curve_summary", "draw_curve"]

LEVEL = 0.05
MOST_ALTERNATIVES = 8
"""With more alternatives than this, a key that lists variables has one row a variable."""

LISTS = ("x", "controls", "fe")
POSITIVE, NEGATIVE, NEITHER = "#1f5a99", "#b03a2e", "#9aa0a6"
WIDTH, LEFT = 7.4, 0.38
MOST_LETTERS = 36
"""A set of variables that is wider than this, in letters, has one row a variable too."""

Labeller = Callable[[str], str]
Chooser = Callable[[str, str], str]
"""Key and alternative to what is printed."""


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A row under the curve: its key, its label and which specifications made the choice."""

    key: str
    label: str
    chosen: tuple[bool, ...]


def _as_it_is(key: str, text: str) -> str:
    return text


def choice_rows(curve: pd.DataFrame, label: Labeller, choice: Chooser = _as_it_is
                ) -> list[ChoiceRow]:
    """Return the rows under a curve, in the order of ``curve.attrs["vary"]``.

    ``label`` is of variables, ``choice`` of the alternatives of other keys.
    """
    rows = []
    for key, alternatives in curve.attrs["vary"].items():
        if len(alternatives) < 2:
            continue
        column = [str(v) for v in curve[key]]
        sets = [" + ".join(label(n) for n in text.split(" + ")) for text in alternatives]
        if key in LISTS and (len(alternatives) > MOST_ALTERNATIVES
                             or max(map(width, sets)) > MOST_LETTERS):
            chosen = [set(text.split(" + ")) for text in column]
            names = dict.fromkeys(n for text in alternatives for n in text.split(" + "))
            rows += [ChoiceRow(key, label(n), tuple(n in c for c in chosen))
                     for n in names if n != "none"]
        else:
            rows += [ChoiceRow(key, shown if key in LISTS or key == "y" else choice(key, text),
                               tuple(c == text for c in column))
                     for text, shown in zip(alternatives, sets, strict=True)]
    return rows


def curve_summary(curve: pd.DataFrame) -> pd.DataFrame:
    """Return for every alternative how its specifications came out.

    Columns: choice, alternative, specifications, estimated, median, lowest, highest, positive,
    significant (shares of those estimated, at 5 %); the first row is all specifications.
    """
    groups: list[tuple[str, str, pd.DataFrame]] = [("all", "all", curve)]
    for key, alternatives in curve.attrs["vary"].items():
        groups += [(key, text, curve[curve[key] == text]) for text in alternatives]
    rows = []
    for key, text, part in groups:
        done = part[part["estimate"].notna()]
        rows.append((key, text, len(part), len(done), done["estimate"].median(),
                     done["estimate"].min(), done["estimate"].max(),
                     (done["estimate"] > 0).mean(), (done["p"] < LEVEL).mean()))
    return pd.DataFrame(rows, columns=[
        "choice", "alternative", "specifications", "estimated", "median", "lowest", "highest",
        "positive", "significant"])


def curve_note(curve: pd.DataFrame, language: str = "en", by: Labeller = str) -> str:
    """Return what a curve says in numbers: shares, joint inference, and the errors behind both.

    ``by`` is the label of a clustering variable.
    """
    done = curve[curve["estimate"].notna()]
    lost = len(curve) - len(done)
    text = say("curve_count", language, count=thousands(len(curve)))
    text += say("curve_lost", language, count=thousands(lost)) if lost else ""
    if len(done) == 0:
        return text + say("stop", language)
    estimate, significant = done["estimate"], done["p"] < LEVEL
    text += say("curve_shares", language, median=f"{estimate.median():.4g}".replace("-", "−"),
                positive=_percent(estimate > 0), up=_percent((estimate > 0) & significant),
                down=_percent((estimate < 0) & significant))
    joint: Mapping[str, Any] = curve.attrs.get("joint") or {}
    if "p_median" in joint:
        text += say("curve_joint", language, draws=thousands(joint["draws"]), by=by(joint["by"]),
                    clusters=thousands(joint["clusters"]), median=f"{joint['p_median']:.3f}",
                    share=f"{joint['p_share']:.3f}", stouffer=f"{joint['p_stouffer']:.3f}")
    told = sentences(errors_sentences(curve, language, by, bars=True), language)
    return text + (" " if told and language == "en" else "") + told


def _percent(true: pd.Series) -> str:
    return f"{100 * float(true.mean()):.0f}%"


def draw_curve(figure: Figure, curve: pd.DataFrame, *, title: str, coefficient: str,
               notes: Sequence[str], label: Labeller, choice: Chooser = _as_it_is,
               language: str = "en", by: Labeller = str) -> None:
    """Draw ``curve`` (:func:`gvckit.models.curve.curve`) on an empty figure.

    Above, every estimate with its 95 % interval, smallest first; below, a mark for each choice.
    Specifications that were not estimated are counted in the note.
    """
    done = curve[curve["estimate"].notna()].sort_values(
        ["estimate", "specification"], kind="stable")
    done.attrs = curve.attrs
    rows = choice_rows(done, label, choice)
    wrapped = _wrapped([curve_note(curve, language, by), *notes], language)
    height = 2.5 + 0.17 * len(rows) + 0.13 * len(wrapped) + 0.4
    figure.set_size_inches(WIDTH, height)
    bottom, top = (0.13 * len(wrapped) + 0.42) / height, 1 - (0.3 if title else 0.1) / height
    grid = figure.add_gridspec(
        2, 1, height_ratios=(2.0, max(0.17 * len(rows), 0.1)), hspace=0.04, left=LEFT, right=0.985,
        bottom=bottom, top=top)
    upper = figure.add_subplot(grid[0])
    lower = figure.add_subplot(grid[1], sharex=upper)
    _estimates(upper, done, say("figure_coefficient", language, name=coefficient))
    _choices(lower, rows, len(done), language)
    if title:
        figure.suptitle(title, y=1 - 0.08 / height, va="top", fontsize=9.5)
    figure.text(0.015, 0.06 / height, "\n".join(wrapped), va="bottom", fontsize=6.5,
                linespacing=1.3)


def _estimates(axes: Axes, done: pd.DataFrame, label: str) -> None:
    place = np.arange(1, len(done) + 1)
    estimate, p = done["estimate"].to_numpy(), done["p"].to_numpy()
    colour = np.where(p < LEVEL, np.where(estimate > 0, POSITIVE, NEGATIVE), NEITHER)
    thin = min(1.2, max(0.15, 220.0 / max(len(done), 1)))
    axes.vlines(place, done["low"], done["high"], color=colour, linewidth=thin, alpha=0.45)
    axes.scatter(place, estimate, c=colour, s=min(9.0, max(1.0, 900.0 / max(len(done), 1))),
                 linewidths=0, zorder=3)
    axes.axhline(0.0, color="black", linewidth=0.6, linestyle=(0, (4, 3)))
    axes.set_ylabel(label)
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(0.5 - 0.01 * len(done), len(done) + 0.5 + 0.01 * len(done))


def _choices(axes: Axes, rows: Sequence[ChoiceRow], count: int, language: str) -> None:
    half = 0.36
    thin = min(2.0, max(0.2, 330.0 / max(count, 1)))
    previous = ""
    for i, row in enumerate(rows):
        at = np.flatnonzero(row.chosen) + 1
        axes.vlines(at, i - half, i + half, color="#333333", linewidth=thin)
        if row.key != previous:
            axes.text(-(LEFT - 0.01) / (0.985 - LEFT), i, say(f"figure_{row.key}", language),
                      transform=axes.get_yaxis_transform(), ha="left", va="center", fontsize=7,
                      fontweight="normal" if language == "zh" else "bold")
            if i:
                axes.axhline(i - 0.5, color="#cccccc", linewidth=0.5)
        previous = row.key
    labels = [_short(row.label) for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=6.8)
    for tick, shown in zip(axes.get_yticklabels(), labels, strict=True):
        if "\n" in shown:
            tick.set(fontsize=5.4, linespacing=0.95)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(say("figure_axis", language), fontsize=7, labelpad=2)
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5, length=2)


def _short(text: str, most: int = MOST_LETTERS + 4) -> str:
    """Return a label on one line, or on two where it is long; what two do not hold is cut."""
    if width(text) <= most:
        return text
    lines = folded(text, most + 8)
    return "\n".join(lines) if len(lines) <= 2 else f"{lines[0]}\n{lines[1]}…"


def _wrapped(paragraphs: Sequence[str], language: str) -> list[str]:
    import textwrap

    if language == "zh":
        return [line for text in paragraphs if text for line in folded(text, 150)]
    return [line for text in paragraphs if text for line in textwrap.wrap(text, 146)]
