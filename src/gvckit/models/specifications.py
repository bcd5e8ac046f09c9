"""The combinations of choices of a multiverse, each a checked model."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gvckit.errors import Problem, SpecError, listing, unknown
from gvckit.models.model import Model, parse_model

__all__ = ["MOST", "VARIED", "Choice", "Specification", "base_model", "is_plain",
           "specifications"]

VARIED = ("y", "x", "controls", "fe", "se", "ssc", "weights", "sample", "estimator", "winsor")
"""Keys that may vary; ``winsor`` are shares by which y and the focal regressors are winsorised."""

KINDS = ("iid", "hc1", "cluster")
PLAIN_KEYS = frozenset({"estimator", "y", "x", "controls", "fe", "se", "ssc", "weights", "label",
                        "note", "must", "sample", "wild"})
LISTS = ("x", "controls", "fe")
MOST = 200_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative of a varied key: its value and the words that stand for it."""

    value: Any
    label: str


@dataclass(frozen=True, slots=True)
class Specification:
    """One combination of choices.

    Attributes
    ----------
    choices
        Varied key -> label of the alternative.
    model
        The model.
    sample
        Name of the sample, or None.
    coefficient
        The regressor looked at, as the model names it.
    shown
        The same before winsorising: the name in the spec.
    """

    choices: dict[str, str]
    model: Model
    sample: str | None
    coefficient: str
    shown: str


def specifications(
    model: Mapping[str, Any], vary: Mapping[str, Sequence[Any]], coefficient: str | None,
    samples: Sequence[str], name: str,
) -> list[Specification]:
    """Return every combination of the alternatives in ``vary``, the last key fastest.

    Raises
    ------
    SpecError
        Unknown keys or samples, alternatives that are no list or given twice, more than ``MOST``
        combinations, a coefficient that some combination does not have.
    """
    choices = _choices(vary, samples, name)
    count = 1
    for alternatives in choices.values():
        count *= len(alternatives)
    if count > MOST:
        raise SpecError(Problem(f"vary: {count} combinations are more than {MOST}", _where(name)))
    base = base_model(model, vary)
    found: list[Specification] = []
    problems: dict[str, Problem] = {}
    for combination in itertools.product(*choices.values()):
        chosen = dict(zip(choices, combination, strict=True))
        try:
            found.append(_specification(base, chosen, coefficient, name))
        except SpecError as error:
            problems |= {str(p): p for p in error.problems}
    if problems:
        raise SpecError(list(problems.values()))
    return found


def is_plain(model: Model) -> bool:
    """Return whether cross-products solve ``model``: least squares with a common covariance."""
    written = {key for key, value in model.resolved().items() if value}
    return (model.estimator == "ols" and model.se.kind in KINDS and len(model.se.by) <= 2
            and written <= PLAIN_KEYS and not any("[" in text for text in model.fe))


def base_model(model: Mapping[str, Any], vary: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return ``model`` with the first alternative of every varied key that it does not have.

    What a curve does not show is left out: its own bootstrap, channels, thresholds.
    """
    left = {"vary", "sample", "randomise", "mechanism", "threshold", *({"winsor"} & set(vary))}
    base = {k: v for k, v in model.items() if k not in left} | {"wild": False}
    for key, alternatives in vary.items():
        if key not in ("winsor", "sample") and key not in base and len(alternatives):
            base[key] = alternatives[0]
    return base


def _specification(base: Mapping[str, Any], chosen: Mapping[str, Choice],
                   coefficient: str | None, name: str) -> Specification:
    written = dict(base) | {
        key: choice.value for key, choice in chosen.items() if key not in ("sample", "winsor")}
    parsed = parse_model(written, name)
    shown = coefficient or parsed.regressors[0]
    if shown not in parsed.regressors:
        raise SpecError(unknown("coefficient", shown, parsed.regressors, _where(name)))
    share = chosen["winsor"].value if "winsor" in chosen else 0
    looked_at = shown
    if share and parsed.products:  # a square is that of the winsorised regressor
        parsed = parse_model({**written, "winsor": share}, name)
    elif share:
        focal = parsed.x or (shown,)
        winsorised = {text: f"winsor({text}, {share:g})" for text in focal}
        written["x"] = [winsorised[text] for text in focal]
        written["y"] = f"winsor({parsed.y}, {share:g})"
        parsed = parse_model(written, name)
        looked_at = winsorised.get(shown, shown)
    sample = chosen["sample"].value if "sample" in chosen else None
    labels = {key: choice.label for key, choice in chosen.items()}
    return Specification(labels, parsed, sample, looked_at, shown)


def _choices(
    vary: Mapping[str, Sequence[Any]], samples: Sequence[str], name: str
) -> dict[str, list[Choice]]:
    problems: list[Problem] = []
    choices: dict[str, list[Choice]] = {}
    for key, alternatives in vary.items():
        if key not in VARIED:
            problems.append(unknown("varied key", str(key), VARIED, _where(name)))
        elif isinstance(alternatives, str | Mapping) or not isinstance(alternatives, Sequence):
            problems.append(Problem(f"vary {key}: expected a list of alternatives, not "
                                    f"{alternatives!r}", _where(name)))
        elif len(alternatives):
            choices[key] = [_choice(key, value) for value in alternatives]
            labels = [choice.label for choice in choices[key]]
            problems += [Problem(f"vary {key}: {label!r} is given twice", _where(name))
                         for label in sorted({v for v in labels if labels.count(v) > 1})]
    for choice in choices.get("sample", ()):
        if choice.value not in samples:
            problems.append(unknown("sample", str(choice.value), samples, _where(name)))
    for choice in choices.get("winsor", ()):
        if not isinstance(choice.value, int | float) or not 0 <= choice.value < 0.5:
            problems.append(Problem(f"vary winsor: {choice.value!r} is no share", _where(name),
                                    allowed="0 (none) to below 0.5"))
    if not choices and not problems:
        problems.append(Problem("vary: nothing is varied", _where(name), allowed=listing(VARIED)))
    if problems:
        raise SpecError(problems)
    return choices


def _choice(key: str, value: Any) -> Choice:
    if isinstance(value, Mapping):
        words = [f"{k} {' and '.join(map(str, v)) if isinstance(v, list | tuple) else v}"
                 for k, v in value.items()]
        return Choice(value, ", ".join(words))
    if isinstance(value, list | tuple):
        return Choice(list(value), " + ".join(map(str, value)) if value else "none")
    if key in LISTS and value is not None:
        return Choice([value], str(value))
    return Choice(value, "none" if value is None or (key == "winsor" and not value)
                  else str(value))


def _where(name: str) -> str:
    return f"model {name!r}"
