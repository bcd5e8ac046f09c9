"""``like``: what a model inherits, and ``add``, ``drop`` and ``swap`` applied to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import Problem
from gvckit.spec.names import Reader
from gvckit.spec.positions import TreePath
from gvckit.spec.schema.estimated import ModelEntry

__all__ = ["MOST_LIKE", "Inherited", "Term", "inherit"]

MOST_LIKE = 3
_TERMS = ("x", "controls")
_RESOLVED_HERE = frozenset({"like", "add", "drop", "swap"})
# What is said of one model and not of those that are like it.
_OWN = frozenset({"must", "label", "note"})


@dataclass(frozen=True, slots=True)
class Term:
    """A regressor, and the path in the document that says so."""

    text: str
    path: TreePath


@dataclass(slots=True)
class Inherited:
    """A model with what it inherits: terms with their paths, the other keys with theirs."""

    name: str
    terms: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, TreePath] = field(default_factory=dict)
    chain: tuple[str, ...] = ()

    @property
    def regressors(self) -> tuple[Term, ...]:
        """The terms of x, then those of controls."""
        return tuple(term for key in _TERMS for term in self.terms.get(key, ()))


def inherit(entries: Mapping[str, ModelEntry], declared: frozenset[str], reader: Reader
            ) -> dict[str, Inherited]:
    """Return every model with what it inherits; leave out those that are like a broken one.

    ``declared`` are the names of all models, the broken ones too.
    """
    done: dict[str, Inherited] = {}
    for name in entries:
        chain = _chain(name, entries, declared, reader)
        if chain is None:
            continue
        model = Inherited(name, chain=tuple(chain[1:]))
        for ancestor in reversed(chain):
            _apply(model, ancestor, entries[ancestor], reader if ancestor == name else None)
        _forget_what_is_not_inherited(model, entries[name])
        done[name] = model
    return done


def _forget_what_is_not_inherited(model: Inherited, entry: ModelEntry) -> None:
    for key in sorted(_OWN - entry.given):
        model.values.pop(key, None)
        model.sources.pop(key, None)


def _chain(name: str, entries: Mapping[str, ModelEntry], declared: frozenset[str], reader: Reader
           ) -> list[str] | None:
    """Return the model and its ancestors, nearest first; None where that cannot be said."""
    chain = [name]
    while (like := entries[chain[-1]].like) is not None:
        path: TreePath = ("models", chain[-1], "like")
        if like in chain:
            loop = chain[chain.index(like):]
            if name == min(loop, key=list(entries).index):
                reader.complain(f"{' is like '.join([*loop, like])}: models cannot be like "
                                "themselves", path)
            return None
        if like not in entries:
            if len(chain) == 1:
                reader.reference(like, path, declared, "model")
            return None
        chain.append(like)
        if len(chain) > MOST_LIKE + 1:
            if _depth(chain[1], entries) <= MOST_LIKE:
                reader.complain(f"{' is like '.join(chain)}: that is too deep",
                                ("models", name, "like"), allowed=f"at most {MOST_LIKE} steps")
            return None
    return chain


def _depth(name: str, entries: Mapping[str, ModelEntry]) -> int:
    """Return how many steps ``name`` is away from a model that is like none."""
    seen = [name]
    while (like := entries[seen[-1]].like) in entries and like is not None and like not in seen:
        seen.append(like)
    return len(seen) - 1


def _apply(model: Inherited, name: str, entry: ModelEntry, reader: Reader | None) -> None:
    """Write what the entry says over what is inherited.

    Complaints go to ``reader``; an ancestor's are told with the ancestor.
    """
    base: TreePath = ("models", name)
    for key in sorted(entry.given - _RESOLVED_HERE, key=entry.allowed_keys().index):
        value = getattr(entry, key)
        model.sources[key] = (*base, key)
        if key in _TERMS:
            model.terms[key] = tuple(
                Term(text, (*base, key, i)) for i, text in enumerate(value or ()))
        else:
            model.values[key] = value
    _add_and_drop(model, entry, base, reader)
    _swap(model, entry, base, reader)


def _add_and_drop(model: Inherited, entry: ModelEntry, base: TreePath, reader: Reader | None
                  ) -> None:
    controls = list(model.terms.get("controls", ()))
    for i, text in enumerate(entry.drop or ()):
        if text not in [t.text for t in controls] and reader:
            reader.reference(text, (*base, "drop", i), [t.text for t in controls], "control")
        controls = [t for t in controls if t.text != text]
    for i, text in enumerate(entry.add or ()):
        path = (*base, "add", i)
        if text in [t.text for t in controls] and reader:
            reader.complain(f"{text!r} is already among the controls", path)
        elif text not in [t.text for t in controls]:
            controls.append(Term(text, path))
    if entry.drop or entry.add:
        model.terms["controls"] = tuple(controls)
        model.sources["controls"] = (*base, "add" if entry.add else "drop")


def _swap(model: Inherited, entry: ModelEntry, base: TreePath, reader: Reader | None) -> None:
    """Replace terms in x and controls, and where instruments or a threshold name them."""
    swap = entry.swap or {}
    present = [t.text for t in model.regressors]
    for old in swap:
        if old not in present and reader:
            reader.reference(old, (*base, "swap", old), present, "term of the model", on_key=True)
    if not swap:
        return
    for key, terms in model.terms.items():
        swapped = tuple(Term(swap[t.text], (*base, "swap", t.text)) if t.text in swap else t
                        for t in terms)
        if swapped != terms:
            model.terms[key] = swapped
            model.sources[key] = (*base, "swap")
    if "instruments" not in entry.given and model.values.get("instruments"):
        model.values["instruments"] = {
            swap.get(term, term): z for term, z in model.values["instruments"].items()}
    _swap_products(model, entry, swap)
    threshold = model.values.get("threshold")
    if "threshold" not in entry.given and threshold is not None:
        model.values["threshold"] = threshold.model_copy(
            update={"regime_of": swap.get(threshold.regime_of, threshold.regime_of)})


def _swap_products(model: Inherited, entry: ModelEntry, swap: Mapping[str, str]) -> None:
    """Replace terms in inherited squares and interactions."""
    values = model.values
    if "quadratic" not in entry.given and values.get("quadratic"):
        values["quadratic"] = tuple(swap.get(t, t) for t in values["quadratic"])
    if "interact" not in entry.given and values.get("interact"):
        values["interact"] = {swap.get(t, t): tuple(swap.get(m, m) for m in moderators)
                              for t, moderators in values["interact"].items()}


def duplicates(terms: tuple[Term, ...], reader: Reader) -> None:
    """Complain about terms that stand in a model twice."""
    seen: dict[str, Term] = {}
    for term in terms:
        if term.text in seen:
            where = reader.document.value_at(term.path)
            reader.problems.append(Problem(f"{term.text!r} stands in the model twice", where))
        seen[term.text] = term
