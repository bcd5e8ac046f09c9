"""Which definition made each index in a table, in a sentence of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gvckit.report.places import capital
from gvckit.report.request import in_language
from gvckit.report.steps import sectors_sentence, step_words
from gvckit.report.words import join, language_of, say
from gvckit.report.words_indices import (
    AGGREGATION,
    MISSING,
    OPTIONS,
    SCALES,
    SCOPES,
    TREATMENT,
    WEIGHTS,
)
from gvckit.report.words_measures import BUILDERS, BUILT, MEASURES, PARAMETERS, VALUES

__all__ = ["choice_of", "definition_notes", "definition_of", "listed_of"]

Entry = Mapping[str, Any]
Words = Mapping[str, tuple[str, str]]

_MOST_NAMES = 4
"""An index that is built from more values than these says how many they are."""


def definition_notes(given: Entry, language: str) -> list[str]:
    """Return the sentences on the indices behind the variables of a table.

    Parameters
    ----------
    given
        ``indices``: for each index ``label`` (by language), ``users`` (labels of the variables of
        the table that it makes by itself) and what :func:`definition_of` reads; ``formulas``:
        ``label`` and ``text`` by language of variables that are made of several; ``changed``:
        ``steps`` such as ``[["winsor", 0.01]]`` and the labels of the variables so changed;
        ``sectors``: ``code`` and ``label`` by language of sectors that definitions name.
    language
        ``en`` or ``zh``.
    """
    colon = say("colon", language)
    found = _defined(list(given.get("indices") or ()), language)
    found += [f"{in_language(one['label'], language)} = {in_language(one['text'], language)}"
              for one in given.get("formulas") or ()]
    for one in given.get("changed") or ():
        steps = [step_words(step, language) for step in one["steps"]]
        labels = join([in_language(v, language) for v in one["variables"]], language)
        found.append(capital(f"{join(steps, language)}{colon}{labels}"))
    if given.get("sectors"):
        found.append(sectors_sentence(given["sectors"], language))
    return found


def _defined(indices: Sequence[Entry], language: str) -> list[str]:
    """Return the sentences on indices; what several of one kind share is said once."""
    families: dict[str, list[tuple[str, list[str]]]] = {}
    for one in indices:
        family = str(one["measure"] if one["kind"] == "measure" else one["kind"])
        head, parts = _head(one, language), _parts(one, language)
        if not (family == "accounts" and _gap(language).join(parts).lower() in head.lower()):
            families.setdefault(family, []).append((head, parts))
    colon, found = say("colon", language), []
    for members in families.values():
        shared = [p for p in members[0][1] if all(p in parts for _, parts in members[1:])]
        if len(members) == 1 or not shared:
            found += [f"{head}{colon}{_gap(language).join(parts)}" for head, parts in members]
            continue
        alike: dict[str, list[str]] = {}
        for head, parts in members:
            own = _gap(language).join(p for p in parts if p not in shared)
            alike.setdefault(own, []).append(head)
        each = [say("with_own", language, name=join(heads, language), own=own) if own
                else join(heads, language) for own, heads in alike.items()]
        found.append(capital(f"{_gap(language).join(shared)}{colon}{join(each, language)}"))
    return found


def _gap(language: str) -> str:
    return "；" if language == "zh" else "; "


def _head(one: Entry, language: str) -> str:
    """Return the variable that the index makes, or the index with the variables it makes."""
    own = in_language(one["label"], language, one["name"])
    users = list(dict.fromkeys(in_language(u, language) for u in one.get("users") or ()))
    if len(users) == 1:
        return users[0]
    others = [u for u in users if u != own]
    return say("in_variables", language, name=own, list=join(others, language)) if others else own


def definition_of(one: Entry, language: str) -> str:
    """Return the definition of an index in words.

    Parameters
    ----------
    one
        ``kind`` and, of a measure: ``measure``, ``value``, ``parameters``, ``members`` (the sectors
        of a set), ``words``; of a composite index: ``count``, ``normalise``, ``weights``,
        ``aggregate``, ``missing``, ``max_gap``, ``treat``, ``options``, ``own`` (indicators with a
        rule of their own); of a built index: ``build``, ``of``, ``parameters``.
    language
        ``en`` or ``zh``.
    """
    return _gap(language).join(_parts(one, language))


def _parts(one: Entry, language: str) -> list[str]:
    by_kind: dict[str, Callable[[Entry, str], list[str]]] = {
        "measure": _measure, "composite": _composite, "built": _built}
    return [p for p in by_kind[str(one["kind"])](one, language) if p]


def _named(table: Words, word: str, language: str) -> str:
    found = table.get(word)
    return found[language_of(language)] if found else word


def _measure(one: Entry, language: str) -> list[str]:
    name, value = str(one["measure"]), str(one.get("value") or "")
    parameters = dict(one.get("parameters") or {})
    defined = f"{name}:{parameters.get('definition')}"
    head = _named(MEASURES, defined if defined in MEASURES else name, language)
    if head == name and one.get("words"):
        head = str(one["words"])
    column = VALUES.get(name, {}).get(value)
    if column:
        what = column[language_of(language)]
    else:
        # A column with the name of the measure is the measure itself.
        own = value in ("", name.replace("-", "_"), "participation", "position", "value")
        what = "" if own else say("column_of", language, name=value)
    parts = [head, what] if name != "accounts" else [what]
    if one.get("account"):
        counted = "counting_known" if one.get("absent") == "zero" else "counting"
        parts.append(say(counted, language, name=in_language(one["account"], language)))
    return parts + [_parameter(name, key, word, one, language) for key, word in parameters.items()
                    if not (key == "definition" and defined in MEASURES)]


def _parameter(measure: str, key: str, word: Any, one: Entry, language: str) -> str:
    known = PARAMETERS.get(f"{measure}.{key}") or PARAMETERS.get(key) or {}
    if isinstance(word, str) and word in known:
        return known[word][language_of(language)]
    if key == "sectors":
        members = one.get("members")
        listed = join([str(w) for w in (members or _listed(word))], language)
        phrase = "sectors_of_set" if members else "sectors_named"
        return say(phrase, language, list=listed, name=word)
    if key == "base":
        return say("base_years", language, years=_span(_listed(word)))
    return say("parameter", language, name=key.replace("_", " "),
               value=join([str(w) for w in _listed(word)], language))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _span(years: Sequence[Any]) -> str:
    numbers = sorted(int(y) for y in years)
    whole = len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"{numbers[0]}–{numbers[-1]}" if whole else ", ".join(map(str, numbers))


def choice_of(factor: str, word: str, language: str) -> str:
    """Return in words what an index may choose for one factor, such as normalise or weights."""
    tables: Mapping[str, Words] = {"weights": WEIGHTS, "aggregate": AGGREGATION,
                                   "missing": MISSING, "treat": TREATMENT}
    return _scale(word, language) if factor == "normalise" else _named(
        tables.get(factor, {}), word, language)


def _scale(word: str, language: str) -> str:
    for suffix, scope in SCOPES.items():
        if word.endswith(suffix):
            base = _named(SCALES, word.removesuffix(suffix), language)
            return scope[language_of(language)].format(scale=base)
    return _named(SCALES, word, language)


def _composite(one: Entry, language: str) -> list[str]:
    scale = _scale(str(one["normalise"]), language)
    parts = [say("indicators_count", language, count=one["count"])]
    if str(one.get("treat") or "none") != "none":
        parts.append(_named(TREATMENT, str(one["treat"]), language))
    parts += [scale, _chain(WEIGHTS, one["weights"], " + ", language),
              _chain(AGGREGATION, one["aggregate"], say("above_that", language), language)]
    parts.append(say("missing_rule", language, rule=_rule(one, language)))
    for own in one.get("own") or ():
        parts.append(say("own_rule", language, name=in_language(own["label"], language),
                         rule=_rule({**own, "max_gap": one.get("max_gap")}, language)))
    for name, value in (one.get("options") or {}).items():
        words = OPTIONS.get(name, (f"{name} {{value}}",) * 2)
        named = {k: in_language(v, language) for k, v in (one.get("names") or {}).items()}
        parts.append(words[language_of(language)].format(value=_value(value, language, named)))
    return parts


def _chain(table: Words, names: Sequence[str], joint: str, language: str) -> str:
    return joint.join(_named(table, str(n), language) for n in names)


def _rule(one: Entry, language: str) -> str:
    names = [str(n) for n in one["missing"]]
    text = _chain(MISSING, names, say("then", language), language)
    timed = any(n not in ("none", "mean", "median", "group-mean", "group-median", "regression",
                          "em", "unit-mean", "zero") for n in names)
    if timed and one.get("max_gap") is not None:
        text += say("over_gaps", language, count=one["max_gap"])
    return text


def _value(value: Any, language: str, named: Mapping[str, str] | None = None) -> str:
    """Return the value of an option; indicators in it by their labels ``named``."""
    names = named or {}
    if isinstance(value, Mapping):
        return join([f"{names.get(k, k)} {_value(v, language)}" for k, v in value.items()],
                    language)
    return join([f"{v:g}" if isinstance(v, float) else names.get(v, str(v))
                 for v in _listed(value)], language)


def listed_of(labels: Sequence[Mapping[str, str]], language: str) -> str:
    """Return the values that an index is built from by name, or how many they are."""
    if len(labels) > _MOST_NAMES:
        return say("items", language, count=len(labels))
    return join([in_language(label, language) for label in labels], language)


def _built(one: Entry, language: str) -> list[str]:
    of = listed_of(one.get("of") or (), language)
    text = BUILDERS.get(str(one["build"]))
    parts = [text[language_of(language)].format(of=of) if text else str(one["build"])]
    for key, word in (one.get("parameters") or {}).items():
        known = BUILT.get(key, {})
        phrase = known.get(word) if isinstance(word, str) else None
        phrase = phrase or known.get("") or (f"{key} {{value}}",) * 2
        value = (in_language(word, language) if isinstance(word, Mapping)
                 else _span(_listed(word)) if key == "years" else _value(word, language))
        parts.append(phrase[language_of(language)].format(value=value))
    return parts
