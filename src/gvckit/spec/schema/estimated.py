"""The section ``models``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.fields import Boolean, Count, Number, Setting, Text, Word, Words, whole

__all__ = ["IndexUncertainty", "Mechanism", "ModelEntry", "Placebo", "Randomise", "Threshold",
           "Vary", "Wild"]


class Mechanism(Entry):
    """The channel of an effect: the variables it goes through, and the style of the test."""

    SYNONYMS: ClassVar[dict[str, str]] = {"mediator": "through", "method": "style"}

    through: Words
    style: Literal["two-step", "three-step", "interaction"] = "two-step"
    reps: Annotated[int, whole(0, 1_000_000)] = 999


class Threshold(Entry):
    """A panel threshold model: the variable that splits, the term whose slope changes."""

    SYNONYMS: ClassVar[dict[str, str]] = {"regime": "regime_of", "bootstrap": "reps"}

    variable: Word
    regime_of: Word
    max: Annotated[int, whole(1, 3)] = 1
    trim: Number = 0.05
    grid: Count | None = None
    reps: Annotated[int, whole(0, 100_000)] = 300


class IndexUncertainty(Entry):
    """A model estimated again over plausible variants of one of its indices."""

    SYNONYMS: ClassVar[dict[str, str]] = {"of": "index", "reps": "variants", "draws": "variants"}

    index: Word
    variants: Annotated[int, whole(2, 100_000)] = 300
    vary: tuple[Literal["missing", "normalise", "weights", "aggregate", "drop_one"], ...] = (
        "missing", "normalise", "weights", "aggregate", "drop_one")
    scale: Literal["sd", "none"] = "sd"


class Placebo(Entry):
    """A model estimated again with random sets of suppliers in the place of the digital ones."""

    SYNONYMS: ClassVar[dict[str, str]] = {"index": "of", "measure": "of", "reps": "draws",
                                          "without": "exclude"}

    of: Word
    draws: Annotated[int, whole(1, 100_000)] = 200
    exclude: Words = ()
    among: Literal["others", "all"] = "others"
    own: Literal["keep", "drop"] = "keep"
    scale: Literal["none", "sd"] = "none"


class Vary(Entry):
    """Alternatives of each choice; a specification curve estimates every combination."""

    SYNONYMS: ClassVar[dict[str, str]] = {"samples": "sample", "control": "controls"}

    y: tuple[Word, ...] = ()
    x: tuple[Words, ...] = ()
    controls: tuple[Words, ...] = ()
    fe: tuple[Words, ...] = ()
    se: tuple[Setting, ...] = ()
    weights: tuple[Word, ...] = ()
    sample: tuple[Word, ...] = ()
    estimator: tuple[Word, ...] = ()
    ssc: tuple[Literal["fixest", "reghdfe", "plm", "none"], ...] = ()
    winsor: tuple[Number, ...] = ()


class Wild(Entry):
    """The wild cluster bootstrap of the focal regressors; no draws, no bootstrap."""

    SYNONYMS: ClassVar[dict[str, str]] = {"draws": "reps", "type": "weights"}

    reps: Annotated[int, whole(0, 1_000_000)] = 9_999
    weights: Literal["auto", "rademacher", "webb"] = "auto"
    restricted: Boolean = True
    by: Word | None = None


class Randomise(Entry):
    """Randomisation inference: the focal regressors are dealt anew between groups or rows."""

    SYNONYMS: ClassVar[dict[str, str]] = {"draws": "reps", "between": "by", "strata": "within"}

    reps: Annotated[int, whole(1, 1_000_000)] = 999
    by: Words = ()
    within: Words = ()


class ModelEntry(Entry):
    """A model, or what it changes in the model that it is ``like``."""

    SYNONYMS: ClassVar[dict[str, str]] = {
        "outcome": "y", "depvar": "y", "dependent": "y", "control": "controls", "absorb": "fe",
        "fixed_effects": "fe", "cluster": "se", "vcov": "se", "vce": "se", "iv": "instruments",
        "method": "estimator", "from": "like", "base": "like", "extends": "like",
        "replace": "swap", "samples": "sample", "winsorise": "winsor", "winsorize": "winsor",
        "randomize": "randomise", "squared": "quadratic", "moderator": "interact",
        "group_labels": "groups",
    }

    like: Word | None = None
    y: Word | None = None
    x: Words | None = None
    controls: Words | None = None
    add: Words | None = None
    drop: Words | None = None
    swap: dict[Word, Word] | None = None
    fe: Words | None = None
    se: Setting | None = None
    ssc: Literal["fixest", "reghdfe", "plm", "none"] | None = None
    weights: Word | None = None
    sample: Word | None = None
    estimator: Setting | None = None
    instruments: dict[Word, Words] | None = None
    report: Words | None = None
    winsor: Number | None = None
    quadratic: Words | None = None
    interact: dict[Word, Words] | None = None
    split: Word | None = None
    difference: Word | None = None
    # labels of the groups of split, by their value
    groups: dict[Word, Text] | None = None
    mechanism: Mechanism | None = None
    threshold: Threshold | None = None
    vary: Vary | None = None
    index_uncertainty: IndexUncertainty | None = None
    leave_out: dict[Word, Words] | None = None
    wild: Wild | None = None
    randomise: Randomise | None = None
    placebo: Placebo | None = None
    must: Boolean | None = None
    label: Text | None = None
    note: Text | None = None
