"""The rows that many models use: which of them share rows and fixed effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import SpecError, unknown
from gvckit.models.codes import Codes, encode, interact
from gvckit.models.design import mask_of, with_keys
from gvckit.models.fixed_effects import not_singleton
from gvckit.models.model import Model
from gvckit.models.specifications import Specification
from gvckit.models.terms import evaluate_terms, group_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Group", "Universe", "group_specifications", "read_universe"]


@dataclass(frozen=True, slots=True)
class Universe:
    """Everything that any of the models uses, on the rows of the panel sorted by its keys.

    Attributes
    ----------
    values
        Term -> shape (N,).
    gone
        Term or column -> which rows cannot be used for it, shape (N,); absent where all can.
    codes
        Fixed effect or clustering variable -> membership.
    parts
        The same -> its columns.
    samples
        Sample -> shape (N,).
    unit
        Membership of the panel's units.
    """

    values: dict[str, NDArray[np.float64]]
    gone: dict[str, NDArray[np.bool_]]
    codes: dict[str, Codes]
    parts: dict[str, tuple[str, ...]]
    samples: dict[str | None, NDArray[np.bool_]]
    unit: Codes


@dataclass(slots=True)
class Group:
    """Specifications that share rows, fixed effects and weights.

    Attributes
    ----------
    rows
        Positions of the used rows in the universe, singletons left out.
    effects
        Fixed effects of these rows.
    weights
        Text of the weights, or None.
    members
        Numbers of the specifications.
    """

    rows: NDArray[np.int64]
    effects: tuple[Codes, ...]
    weights: str | None
    members: list[int] = field(default_factory=list)


def read_universe(
    frame: pd.DataFrame, models: Sequence[Model], *, unit: Sequence[str], time: str | None,
    samples: Mapping[str, pd.Series | NDArray[np.bool_]],
    sample: pd.Series | NDArray[np.bool_] | None, name: str, also: Sequence[str] = (),
) -> Universe:
    """Return what ``models`` use of ``frame``, and the groups ``also``.

    Raises
    ------
    SpecError
        Names that ``frame`` does not have.
    DataError, ModelError
        As :func:`gvckit.models.design.build_design`.
    """
    masks: dict[str | None, NDArray[np.bool_]] = {None: mask_of(frame, sample)}
    masks |= {key: mask_of(frame, value) for key, value in samples.items()}
    keys = (*unit, *([time] if time is not None else []))
    frame = with_keys(frame, keys)
    effects = list(dict.fromkeys(text for m in models for text in m.fe))
    clusters = list(dict.fromkeys(text for m in models for text in m.se.by) | dict.fromkeys(also))
    parts, wrong = group_columns(frame, effects, "fixed effect", name)
    more, also_wrong = group_columns(frame, clusters, "clustering", name)
    parts |= more
    problems = [unknown("unit or time key", k, map(str, frame.columns), f"model {name!r}")
                for k in keys if k not in frame.columns] + wrong + also_wrong
    if problems:
        raise SpecError(problems)
    texts = dict.fromkeys(t for m in models for t in (m.y, *m.regressors, m.weights) if t)
    terms = evaluate_terms(frame, list(texts), unit=unit, time=time, name=name)
    columns = dict.fromkeys([*keys, *(c for names in parts.values() for c in names)])
    base = {c: encode(frame[c]) for c in columns}
    order = np.lexsort([base[c].codes for c in reversed(keys)])
    base = {c: Codes(k.name, k.codes[order], k.levels, k.labels) for c, k in base.items()}
    values = {text: term.values[order] for text, term in terms.items()}
    weights = {m.weights for m in models}
    gone = {text: ~np.isfinite(v) | ((v <= 0) if text in weights else False)
            for text, v in values.items()}
    gone |= {c: k.codes < 0 for c, k in base.items() if c not in gone}
    return Universe(
        values, {text: mask for text, mask in gone.items() if mask.any()},
        {text: interact([base[c] for c in names], text) for text, names in parts.items()},
        parts, {key: mask[order] for key, mask in masks.items()},
        interact([base[c] for c in unit], "*".join(unit)))


def group_specifications(universe: Universe, specs: Sequence[Specification]) -> list[Group]:
    """Return the groups, in order of their first member; every specification is in one."""
    groups: dict[tuple[object, ...], Group] = {}
    masks: dict[tuple[object, ...], tuple[NDArray[np.bool_], bytes]] = {}
    for number, spec in enumerate(specs):
        model = spec.model
        columns = [c for text in (*model.fe, *model.se.by) for c in universe.parts[text]]
        texts = (model.y, *model.regressors, *([model.weights] if model.weights else []), *columns)
        lost = tuple(sorted({text for text in texts if text in universe.gone}))
        if (spec.sample, lost) not in masks:
            keep = universe.samples[spec.sample].copy()
            for text in lost:
                keep &= ~universe.gone[text]
            masks[spec.sample, lost] = keep, keep.tobytes()
        keep, digest = masks[spec.sample, lost]
        key = (model.fe, model.weights, digest)
        if key not in groups:
            groups[key] = _group(universe, model, keep)
        groups[key].members.append(number)
    return list(groups.values())


def _group(universe: Universe, model: Model, keep: NDArray[np.bool_]) -> Group:
    rows = np.flatnonzero(keep).astype(np.int64)
    effects = [universe.codes[text].take(rows) for text in model.fe]
    if effects and len(rows):
        stays = np.flatnonzero(not_singleton(effects)).astype(np.int64)
        rows, effects = rows[stays], [e.take(stays) for e in effects]
    return Group(rows, tuple(effects), model.weights)
