"""Which measures are asked for, with which parameters, at which level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import DataError, Problem, listing, unknown
from gvckit.measures.registry import MEASURES, VARIANTS, Measure, Variant, measure

__all__ = ["ALL", "Asked", "Chosen", "choose_measures", "joined_keys"]

ALL = "all"
"""The word for every measure and variant that needs no further word."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One measure as it is asked for.

    Attributes
    ----------
    name
        What it is called in the output: the measure's name, or a variant's.
    row
        The measure.
    level
        Its level.
    arguments
        Parameters given for it.
    """

    name: str
    row: Measure
    level: str
    arguments: Mapping[str, Any]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the frame."""
        return self.row.levels(self.arguments)[self.level]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The measures that are asked for, and what ``all`` leaves out, each with its reason."""

    asked: tuple[Asked, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Named:
    """A measure under a name, before its parameters are read."""

    name: str
    row: Measure
    fixed: Mapping[str, str]
    level: str | None


def choose_measures(
    words: Sequence[str], settings: Sequence[str], levels: Sequence[str],
    takes: Sequence[str], problems: list[Problem],
) -> Chosen:
    """Return what is asked for; note in ``problems`` everything that is wrong.

    Parameters
    ----------
    words
        Names of measures and variants, or ``all``.
    settings
        ``name=value`` for every measure that has the parameter, ``measure.name=value`` for one.
    levels
        A level (or its keys with commas) for all, ``measure=level`` for one.
    takes
        What each measure must take beside words (:attr:`Measure.takes`).
    problems
        List to add to.
    """
    everything = ALL in words
    rows = _named([*words, *([*MEASURES, *VARIANTS] if everything else [])], everything, problems)
    complete = everything or len(rows) == len(words)
    given = _settings(settings, rows, problems, complete=complete)
    _drop_astray(rows, given, settings, problems)
    common, own = _levels(levels, rows, problems, complete=complete)
    asked, left_out = [], {}
    for row in rows:
        arguments = {**given[row.name], **row.fixed}
        spared = everything and row.name not in words
        reason = _unasked(row, arguments, common, takes) if spared else None
        if reason is not None:
            left_out[row.name] = reason
            continue
        lacking = [what for what in takes if what not in row.row.takes]
        problems.extend(Problem(
            f"{row.name} takes no {_TAKES[what]}",
            allowed=listing(r.name for r in MEASURES.values() if what in r.takes))
            for what in lacking)
        _check_parameters(row, arguments, problems)
        level = _level(row, own.get(row.name, common), arguments, problems)
        if level is not None:
            asked.append(Asked(row.name, row.row, level, row.row.switched(arguments)))
    return Chosen(tuple(asked), left_out)


_TAKES = {"satellite": "satellite account", "partners": "groups of importers",
          "sectors": "groups of sectors"}


def joined_keys(asked: Asked) -> tuple[str, ...]:
    """Return the keys under which a measure is joined with others.

    An exporter without importers is a country as any other, and so is an importer without
    exporters or origins.
    """
    keys = asked.keys
    role = {"exporter": "importer", "importer": "exporter"}
    return tuple(
        "country" if key in role and not {role[key], "origin"} & set(keys) else key
        for key in keys)


def _named(
    words: Sequence[str], everything: bool, problems: list[Problem]
) -> list[_Named]:
    if not words:
        problems.append(Problem("no measure is named", allowed=f"{ALL}, or "
                                f"{listing(sorted([*MEASURES, *VARIANTS]), 60)}"))
    rows: dict[str, _Named] = {}
    for word in words:
        if word == ALL:
            continue
        variant = VARIANTS.get(word.replace("_", "-"))
        try:
            row = _variant(variant) if variant is not None else _plain(word)
        except DataError as error:
            problems.extend(unknown("measure", word, [*MEASURES, *VARIANTS, ALL])
                            for _ in error.problems)
            continue
        if row.name in rows and not everything:
            problems.append(Problem(f"the measure {row.name} is named twice"))
        rows.setdefault(row.name, row)
    return list(rows.values())


def _plain(word: str) -> _Named:
    row = measure(word)
    return _Named(row.name, row, {}, None)


def _variant(variant: Variant) -> _Named:
    return _Named(variant.name, measure(variant.measure), variant.arguments, variant.level)


def _unasked(
    row: _Named, arguments: Mapping[str, Any], common: str | None, takes: Sequence[str]
) -> str | None:
    """Return why ``all`` leaves a measure out; None where it does not."""
    if row.row.alone and row.level is None:
        return row.row.alone
    lacking = row.row.lacks(arguments)
    if lacking:
        return f"needs --set {' and '.join(p.name for p in lacking)}"
    without = [_TAKES[what] for what in takes if what not in row.row.takes]
    if without or (takes and arguments.get("definition") == "koopman"):
        return f"takes no {' and no '.join(without) or 'account but value added'}"
    if common is not None and _found_level(row, common, arguments) is None:
        return f"has no level {common}"
    return None


def _settings(
    texts: Sequence[str], rows: Sequence[_Named], problems: list[Problem], *, complete: bool
) -> dict[str, dict[str, Any]]:
    """Return the parameters of each measure.

    Where a measure's name is wrong (not ``complete``), what may belong to it is not complained of.
    """
    given: dict[str, dict[str, Any]] = {row.name: {} for row in rows}
    for text in texts:
        left, equals, value = text.partition("=")
        target, dot, name = left.strip().rpartition(".")
        value = value.strip()
        if not equals or not name or not value:
            problems.append(Problem(f"--set {text!r} is not name=value",
                                    allowed="direction=backward or position.definition=koopman"))
            continue
        target = target.replace("_", "-")
        if dot and target not in given:
            if complete or target in MEASURES or target in VARIANTS:
                problems.append(unknown("measure of --set", target, given))
            continue
        takers = [row for row in rows if row.name == target or not dot]
        having = [row for row in takers if any(p.name == name for p in row.row.parameters)]
        if complete and not having:
            problems.append(unknown("parameter of --set", name,
                                    {p.name for row in takers for p in row.row.parameters}))
        for row in having:
            if name in row.fixed:
                if dot:
                    problems.append(Problem(f"{row.name} is {name}={row.fixed[name]}",
                                            allowed=f"{row.row.name}.{name}={value}"))
                continue
            if name in given[row.name] and not dot:
                problems.append(Problem(f"--set gives {name} of {row.name} twice"))
            words = next(p.allowed for p in row.row.parameters if p.name == name)
            given[row.name][name] = value if words or "," not in value else [
                part.strip() for part in value.split(",") if part.strip()]
    return given


def _drop_astray(
    rows: Sequence[_Named], given: Mapping[str, dict[str, Any]], settings: Sequence[str],
    problems: list[Problem],
) -> None:
    """Take out what was said to all measures and means nothing in this one."""
    single = {text.partition("=")[0].strip().replace("_", "-") for text in settings}
    for row in rows:
        own = given[row.name]
        for parameter in row.row.astray({**own, **row.fixed}):
            name = parameter.name
            used = any(name in given[other.name] and parameter not in other.row.astray(
                {**given[other.name], **other.fixed}) for other in rows)
            if f"{row.name}.{name}".replace("_", "-") in single or not used:
                problems.append(Problem(f"{name} of {row.name} belongs to {parameter.only}"))
            else:
                del own[name]


def _check_parameters(
    row: _Named, given: Mapping[str, Any], problems: list[Problem]
) -> None:
    for parameter in row.row.parameters:
        name, allowed = parameter.name, parameter.allowed
        if name in given and allowed and given[name] not in allowed:
            problems.append(unknown(f"{name} of {row.name}", str(given[name]), allowed))
        if name in given and parameter.whole and not str(given[name]).isdecimal():
            problems.append(Problem(f"{name} of {row.name} is {given[name]!r}",
                                    allowed="a whole number"))
    for parameter in row.row.lacks(given):
        if parameter.required:
            problems.append(Problem(f"{row.name} needs --set {parameter.name}=…",
                                    allowed=", ".join(parameter.allowed) or parameter.words))
        else:
            problems.append(Problem(
                f"the Koopman definition needs --set {row.name}.{parameter.name}=…: papers "
                "disagree, and the choice can turn the sign",
                allowed=", ".join(parameter.allowed)))


def _levels(
    texts: Sequence[str], rows: Sequence[_Named], problems: list[Problem], *, complete: bool
) -> tuple[str | None, dict[str, str]]:
    """Return the level of all measures, and those of single ones by name."""
    common: list[str] = []
    own: dict[str, str] = {}
    for text in texts:
        name, equals, level = text.rpartition("=")
        name = name.strip().replace("_", "-")
        if not equals:
            common.append(text.strip())
        elif any(row.name == name for row in rows):
            own[name] = level.strip()
        elif complete or name in MEASURES or name in VARIANTS:
            problems.append(unknown("measure of --by", name, [row.name for row in rows]))
    if len(common) > 1:
        problems.append(Problem(f"--by is given {len(common)} times: {listing(common)}",
                                allowed="one for all, and MEASURE=LEVEL for single measures"))
    return (common[0] if common else None), own


def _found_level(row: _Named, by: str, given: Mapping[str, Any]) -> str | None:
    wanted = tuple(part.strip() for part in by.split(","))
    return next((level for level, keys in row.row.levels(given).items()
                 if by.strip() == level or wanted == keys), None)


def _level(
    row: _Named, by: str | None, given: Mapping[str, Any], problems: list[Problem]
) -> str | None:
    levels = row.row.levels(given)
    if by is None:
        return row.level or next(iter(levels))
    found = _found_level(row, by, given)
    if found is None:
        case = row.row.case(given)
        name = f"level of {row.name}" + (f" with {case.parameter}={case.word}" if case else "")
        problems.append(unknown(name, by, levels))
    return found
