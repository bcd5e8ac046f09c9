"""What a table is asked to show, and what is known about the variables in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from gvckit.errors import Problem, SpecError, unknown

__all__ = ["GroupInfo", "LocalText", "TableRequest", "VariableInfo", "dictionary_from",
           "in_language", "local_text"]

#: A text in each language: ``{"en": …, "zh": …}``.
LocalText: TypeAlias = Mapping[str, str]

_ADJUSTMENTS = ("holm", "bh", "romano-wolf")
_BRACKETS = ("se", "t", "p")
_STARS_BY = ("own", "wild")
_MOST_DECIMALS = 8


def local_text(value: str | LocalText | None) -> dict[str, str]:
    """Return ``value`` as a text by language; a plain text serves every language."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"en": value, "zh": value}
    return {str(k): str(v) for k, v in value.items()}


def in_language(text: LocalText | str, language: str, default: str = "") -> str:
    """Return ``text`` in ``language``, else in another language that it has, else ``default``.

    A plain text serves every language.
    """
    if isinstance(text, str):
        return text or default
    if text.get(language):
        return text[language]
    return next((text[k] for k in sorted(text) if text[k]), default)


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """One entry of the variable dictionary: label, unit, formula and source by language.

    ``words`` are the formula in words, names in code between grave accents; None: not known.
    """

    label: LocalText = field(default_factory=dict)
    unit: LocalText | str = ""
    formula: LocalText | str = ""
    source: LocalText | str = ""
    words: LocalText | None = None

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> VariableInfo:
        """Build an entry from a mapping with the keys label, unit, formula, source, words."""
        return cls(
            label=local_text(entry.get("label")),
            unit=local_text(entry.get("unit") or None),
            formula=local_text(entry.get("formula") or None),
            source=local_text(entry.get("source") or None),
            words=local_text(entry["words"]) if entry.get("words") is not None else None,
        )


def dictionary_from(entries: Mapping[str, Any]) -> dict[str, VariableInfo]:
    """Return the variable dictionary out of its JSON form, in the order given."""
    return {
        name: entry if isinstance(entry, VariableInfo) else VariableInfo.from_dict(entry)
        for name, entry in entries.items()
    }


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """The group of a column of a split model.

    Attributes
    ----------
    model, split
        The model, and the variable that splits it.
    value
        The group's value as text.
    label
        Its label by language; empty where it has none of its own.
    differences
        Term -> (difference from the first group, p value, the test in words, wild bootstrap p or
        nan).
    wild
        How the wild bootstrap of the differences was drawn, as ``Fit.se_kind["wild"]``.
    is_dummy
        Whether the groups are 0 and 1: no and yes.
    """

    model: str
    split: str
    value: str
    label: LocalText = field(default_factory=dict)
    differences: Mapping[str, tuple[float, float, str, float]] = field(default_factory=dict)
    wild: Mapping[str, Any] = field(default_factory=dict)
    is_dummy: bool = False


@dataclass(frozen=True, slots=True)
class TableRequest:
    """What a regression table shows.

    Attributes
    ----------
    id, title
        Name of the table, and its title by language.
    columns
        Names of the models; the fits given with the request are the columns.
    show
        Terms printed, in this order; the others are one row ``Controls``. Empty: every term.
    stats
        Statistics below the coefficients, by name (``n``, ``r2_within``, ``clusters``, …).
    brackets
        What stands in parentheses: ``se``, ``t`` or ``p``.
    decimals
        Digits after the point of coefficients, 0 to 8.
    stars
        Significance levels from loose to strict, at most three; empty prints no stars.
    stars_by
        Which p value stars follow: ``own``, or ``wild`` where a coefficient has a wild bootstrap p.
        Adjusted p values (``adjust``) never make stars.
    notes
        Further notes by language.
    labels
        Column labels by model name and language.
    sample, source
        Words for the note.
    sideways
        Whether the table is turned; None decides by its width.
    adjust
        How the p values of the focal coefficients that are shown are adjusted together, or None.
    adjusted
        With ``romano-wolf``: ``p`` (model -> term -> p value), ``draws``, ``by``, or ``reason``.
    mde
        Whether the note gives minimum detectable effects.
    definitions
        What :func:`gvckit.report.definitions.definition_notes` reads.
    imputed
        Column -> ``indices``: for each index ``name``, ``label``, ``rows`` used and how many of
        them rest on ``imputed`` values; ``imputed`` and ``rows`` of all indices together.
    samples
        Labels of the columns' samples.
    sample_heads
        Labels of samples that stand over columns without a label of their own.
    groups
        Column of a split model -> its group.

    Raises
    ------
    SpecError
        Where an option is outside what is allowed.
    """

    id: str
    title: LocalText = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    stats: tuple[str, ...] = ("n", "r2_within", "clusters")
    brackets: Literal["se", "t", "p"] = "se"
    decimals: int = 3
    stars: tuple[float, ...] = (0.10, 0.05, 0.01)
    stars_by: Literal["own", "wild"] = "own"
    notes: tuple[LocalText, ...] = ()
    labels: Mapping[str, LocalText] = field(default_factory=dict)
    sample: LocalText = field(default_factory=dict)
    source: LocalText = field(default_factory=dict)
    sideways: bool | None = None
    adjust: Literal["holm", "bh", "romano-wolf"] | None = None
    adjusted: Mapping[str, Any] = field(default_factory=dict)
    mde: bool = False
    definitions: Mapping[str, Any] = field(default_factory=dict)
    imputed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    samples: Mapping[str, LocalText] = field(default_factory=dict)
    sample_heads: Mapping[str, LocalText] = field(default_factory=dict)
    groups: Mapping[str, GroupInfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        place = f"table {self.id}"
        if self.brackets not in _BRACKETS:
            problems.append(unknown("content of brackets", str(self.brackets), _BRACKETS, place))
        if not 0 <= self.decimals <= _MOST_DECIMALS:
            problems.append(Problem(f"decimals is {self.decimals}", place,
                                    allowed=f"0 to {_MOST_DECIMALS}"))
        falling = all(a > b for a, b in zip(self.stars, self.stars[1:], strict=False))
        if len(self.stars) > 3 or not falling or not all(0 < s < 1 for s in self.stars):
            problems.append(Problem(f"stars is {list(self.stars)}", place,
                                    allowed="at most three falling levels between 0 and 1"))
        if self.stars_by not in _STARS_BY:
            problems.append(unknown("p value behind stars", str(self.stars_by), _STARS_BY, place))
        if self.adjust is not None and self.adjust not in _ADJUSTMENTS:
            problems.append(unknown("adjustment", str(self.adjust), _ADJUSTMENTS, place))
        if problems:
            raise SpecError(problems)

    @classmethod
    def from_dict(cls, table_id: str, entry: Mapping[str, Any]) -> TableRequest:
        """Build a request out of the mapping of a spec's table entry.

        ``stars`` may be a list of levels, or false for none; texts may be plain or by language.
        """
        stars = entry.get("stars")
        stars = () if stars is False else (0.10, 0.05, 0.01) if stars in (None, True) else stars
        notes = entry.get("notes") or ()
        notes = [notes] if isinstance(notes, str | Mapping) else notes
        return cls(
            id=table_id,
            title=local_text(entry.get("title")),
            columns=tuple(entry.get("columns") or ()),
            show=tuple(entry.get("show") or ()),
            stats=tuple(entry["stats"] if entry.get("stats") is not None
                        else ("n", "r2_within", "clusters")),
            brackets=cast(Literal["se", "t", "p"], entry.get("brackets") or "se"),
            decimals=int(entry["decimals"]) if entry.get("decimals") is not None else 3,
            stars=tuple(sorted((float(s) for s in stars), reverse=True)),
            stars_by=cast(Literal["own", "wild"], entry.get("stars_by") or "own"),
            notes=tuple(local_text(n) for n in notes),
            labels={k: local_text(v) for k, v in (entry.get("labels") or {}).items()},
            sample=local_text(entry.get("sample")),
            source=local_text(entry.get("source")),
            sideways=entry.get("sideways"),
            adjust=entry.get("adjust"),
            adjusted=dict(entry.get("adjusted") or {}),
            mde=bool(entry.get("mde")),
            definitions=dict(entry.get("definitions") or {}),
            imputed=dict(entry.get("imputed") or {}),
            samples={k: local_text(v) for k, v in (entry.get("samples") or {}).items()},
            sample_heads={k: local_text(v)
                          for k, v in (entry.get("sample_heads") or {}).items()},
            groups=dict(entry.get("groups") or {}),
        )
