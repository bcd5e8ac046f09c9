"""From a frame and a model to arrays: which rows are used, and what is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import DataError, ModelError, Problem, SpecError, unknown
from gvckit.models.codes import Codes, encode, interact
from gvckit.models.fixed_effects import not_singleton
from gvckit.models.model import Model
from gvckit.models.slopes import slope_of, with_slopes
from gvckit.models.terms import Term, evaluate_terms, group_columns
from gvckit.panel.kernels import winsor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Design", "build_design", "mask_of", "with_keys"]


@dataclass(frozen=True, slots=True)
class Design:
    """The used rows of a model, sorted by unit and time.

    Attributes
    ----------
    y
        Shape (n,).
    X
        Shape (n, k): focal regressors, then controls.
    terms
        Names of the k columns.
    effects, clusters
        Fixed effects and clustering variables of the n rows.
    weights
        Shape (n,), strictly positive, or None.
    rows
        Row accounting: panel, outside the sample, missing <variable> …, singletons, used.
    positions
        Shape (n,): positions of the used rows in the frame.
    sample_hash
        SHA-256 over the sorted unit and time keys of the used rows.
    notes
        What a reader should know about the data.
    unit
        The unit of each row.
    period
        Shape (n,): the time key as integers (the numbers themselves where they are whole, else
        their rank); None without a time key.
    columns
        Further columns, shape (n,) each: instruments, coordinates, mediators, threshold variable.
    """

    y: NDArray[np.float64]
    X: NDArray[np.float64]
    terms: tuple[str, ...]
    effects: tuple[Codes, ...]
    clusters: tuple[Codes, ...]
    weights: NDArray[np.float64] | None
    rows: dict[str, int]
    positions: NDArray[np.int64]
    sample_hash: str
    notes: tuple[str, ...]
    unit: Codes | None = None
    period: NDArray[np.int64] | None = None
    columns: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.y)


def build_design(
    frame: pd.DataFrame, model: Model, *, unit: Sequence[str], time: str | None, name: str,
    sample: pd.Series | NDArray[np.bool_] | None = None,
) -> Design:
    """Return the design of ``model`` on ``frame``.

    Terms are evaluated on the whole frame, so that a lag may reach outside the sample.  Rows leave
    in this order: outside the sample; missing y, each regressor, weights, each column of the fixed
    effects, each clustering column; singletons.

    Raises
    ------
    SpecError
        Names that ``frame`` does not have.
    DataError
        A sample mask that does not fit the frame; a column name that occurs twice; keys that do
        not make a panel, where an expression needs one.
    ModelError
        Columns that are not numeric, negative weights, no rows left.
    """
    keys = (*unit, *([time] if time is not None else []))
    inside = mask_of(frame, sample)
    frame = with_keys(frame, keys)
    effect_columns, cluster_columns = _groups(frame, model, keys, name)
    further = model.beside
    slopes = {text: slope_of(text) for text in model.fe}
    texts = [model.y, *model.read, *further, *(s for s in slopes.values() if s),
             *([model.weights] if model.weights else [])]
    terms = evaluate_terms(frame, texts, unit=unit, time=time, name=name)
    grouping = [c for parts in (*effect_columns.values(), *cluster_columns.values()) for c in parts]
    keep, rows = _complete(frame, terms, model, list(dict.fromkeys(grouping)), inside, name)
    positions = np.flatnonzero(keep).astype(np.int64)
    base = {c: encode(frame[c].iloc[positions]) for c in dict.fromkeys([*keys, *grouping])}
    effects = [interact([base[c] for c in parts], text.partition("[")[0])
               for text, parts in effect_columns.items()]
    stays = not_singleton(effects) if effects else np.ones(len(positions), dtype=bool)
    del effects
    rows["singletons"] = int((~stays).sum())
    rows["used"] = int(stays.sum())
    if rows["used"] == 0:
        raise ModelError(_nothing_left(rows, name))
    chosen = np.flatnonzero(stays)
    chosen = chosen[np.lexsort([base[c].codes[chosen] for c in reversed(keys)])]
    base = {c: codes.take(chosen) for c, codes in base.items()}
    key_codes = [base[c] for c in keys]
    positions = positions[chosen]
    weights = terms[model.weights].values[positions] if model.weights else None
    values = _used(terms, model, positions)
    return Design(
        y=values[model.y],
        X=_columns([values[t] for t in model.regressors]),
        terms=model.regressors,
        effects=with_slopes(
            [interact([base[c] for c in parts], text.partition("[")[0])
             for text, parts in effect_columns.items()],
            {text: terms[s].values[positions] for text, s in slopes.items() if s},
            list(slopes), weights),
        clusters=tuple(interact([base[c] for c in parts], text)
                       for text, parts in cluster_columns.items()),
        weights=weights, rows=rows, positions=positions, sample_hash=_hash(key_codes),
        notes=(*(f"{t.text}: {note}" for t in terms.values() for note in t.notes),
               *_infinite_notes(rows), *_repeated_keys(key_codes), *_winsor_note(model)),
        unit=interact(key_codes[:len(unit)]) if unit else None,
        period=None if time is None else _period(frame[time].iloc[positions], key_codes[-1]),
        columns={text: terms[text].values[positions] for text in further},
    )


def _columns(values: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the columns side by side in Fortran order, shape (n, k)."""
    out = np.empty((len(values[0]), len(values)), order="F")
    for j, column in enumerate(values):
        out[:, j] = column
    return out


def _used(terms: Mapping[str, Term], model: Model, positions: NDArray[np.int64]
          ) -> dict[str, NDArray[np.float64]]:
    """Return y and the regressors in the rows used: winsorised, then multiplied."""
    values = {t: terms[t].values[positions] for t in (model.y, *model.read)}
    if model.winsor:
        alike = np.zeros(len(positions), dtype=np.int64)
        values |= {t: winsor(values[t], alike, model.winsor)
                   for t in (model.y, *model.x) if t in values}
    return values | {p.term: values[p.left] * values[p.right] for p in model.products}


def _winsor_note(model: Model) -> list[str]:
    if not model.winsor:
        return []
    made = {p.term for p in model.products}
    names = " + ".join((model.y, *(t for t in model.x if t not in made)))
    return [f"{names} winsorised at {100 * model.winsor:g} percent at each end of the rows used"]


def _period(values: pd.Series, codes: Codes) -> NDArray[np.int64]:
    if pd.api.types.is_numeric_dtype(values.dtype) and bool((values % 1 == 0).all()):
        return np.asarray(values.to_numpy(dtype=np.float64), dtype=np.int64)
    return codes.codes


def with_keys(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return ``frame`` on a plain index; index levels that are keys become columns."""
    twice = sorted({str(c) for c in frame.columns[frame.columns.duplicated()]})
    if twice:
        raise DataError([Problem(f"column {c!r} occurs more than once") for c in twice])
    levels = [k for k in keys if k not in frame.columns and k in frame.index.names]
    if levels:
        frame = frame.reset_index(level=levels)
    return frame.reset_index(drop=True)


def _groups(
    frame: pd.DataFrame, model: Model, keys: Sequence[str], name: str
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    effects, wrong = group_columns(frame, model.fe, "fixed effect", name)
    clusters, more = group_columns(frame, model.se.by, "clustering", name)
    problems = [unknown("unit or time key", k, map(str, frame.columns), f"model {name!r}")
                for k in keys if k not in frame.columns] + wrong + more
    if problems:
        raise SpecError(problems)
    return effects, clusters


def mask_of(
    frame: pd.DataFrame, sample: pd.Series | NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Return which rows are in the sample; DataError where the mask does not fit the frame."""
    if sample is None:
        return np.ones(len(frame), dtype=bool)
    if len(sample) != len(frame):
        raise DataError(f"the sample mask has {len(sample)} rows, the panel {len(frame)}")
    if isinstance(sample, pd.Series) and not sample.index.equals(frame.index):
        raise DataError("the sample mask has another index than the panel")
    if not pd.api.types.is_bool_dtype(sample.dtype) or bool(pd.isna(sample).any()):
        raise DataError(f"the sample mask must be true or false in every row, not {sample.dtype} "
                        f"with {int(pd.isna(sample).sum())} missing")
    return np.asarray(sample, dtype=bool)


def _complete(
    frame: pd.DataFrame, terms: dict[str, Term], model: Model, grouping: Sequence[str],
    inside: NDArray[np.bool_], name: str,
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Return which rows have every variable, and the accounting of those that leave."""
    rows = {"panel": len(frame), "outside the sample": int((~inside).sum())}
    keep = inside.copy()
    empty: list[Problem] = []

    def leave(why: str, gone: NDArray[np.bool_]) -> None:
        count = int((keep & gone).sum())
        if count:
            rows[why] = count
            np.logical_and(keep, ~gone, out=keep)

    columns = {text: np.isnan(term.values) for text, term in terms.items()}
    columns |= {c: np.asarray(frame[c].isna()) for c in grouping if c not in columns}
    for text, missing in columns.items():
        if inside.any() and bool(missing[inside].all()):
            empty.append(Problem(f"{text!r} is missing in all {int(inside.sum())} rows of the "
                                 "sample", f"model {name!r}"))
        leave(f"missing {text}", missing)
        if text in terms:
            leave(f"infinite {text}", np.isinf(terms[text].values))
        if text == model.weights:
            _check_weights(terms[text].values[keep], text, name)
            leave(f"zero weight {text}", terms[text].values == 0)
    if empty:
        raise ModelError(empty)
    return keep, rows


def _check_weights(values: NDArray[np.float64], text: str, name: str) -> None:
    negative = int((values < 0).sum())
    if negative:
        raise ModelError(Problem(
            f"weights {text!r} are negative in {negative} rows, lowest {values.min():g}",
            f"model {name!r}", allowed="zero (the row is left out) or positive"))


def _nothing_left(rows: dict[str, int], name: str) -> Problem:
    causes = ", ".join(f"{count} {why}" for why, count in rows.items()
                       if why not in ("panel", "used") and count)
    return Problem(f"no observations left: of {rows['panel']} rows, {causes or 'none'}",
                   f"model {name!r}")


def _hash(keys: Sequence[Codes]) -> str:
    digest = hashlib.sha256()
    for key in keys:
        header = json.dumps([key.name, list(key.labels)], ensure_ascii=False)
        digest.update(header.encode("utf-8", "surrogatepass"))
        digest.update(key.codes.astype("<i8").tobytes())
    return digest.hexdigest()


def _infinite_notes(rows: dict[str, int]) -> list[str]:
    return [f"{count} rows left out: {why}" for why, count in rows.items()
            if why.startswith("infinite ")]


def _repeated_keys(keys: Sequence[Codes]) -> list[str]:
    """Return a note where used rows, sorted by key, repeat the key of the row before."""
    same = np.ones(len(keys[0].codes) - 1, dtype=bool) if keys else np.zeros(0, dtype=bool)
    for key in keys:
        same &= key.codes[1:] == key.codes[:-1]
    count = int(same.sum())
    names = ", ".join(k.name for k in keys)
    return [f"{count} rows repeat the {names} of another row"] if count else []
