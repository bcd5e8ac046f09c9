"""Evaluate a parsed expression on a frame with declared unit and time."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, InText, Problem, SpecError, Where, cut, listing, unknown
from gvckit.panel import kernels
from gvckit.panel.expressions import Expression, parse
from gvckit.panel.functions import FUNCTIONS
from gvckit.panel.index import PanelIndex, key_text, numeric
from gvckit.panel.nodes import Binary, Call, Name, Node, Number, Unary, render

__all__ = ["Evaluated", "evaluate", "evaluate_in"]

Values = NDArray[np.float64]

_COMPARISONS: dict[str, Callable[[Values, Values], NDArray[np.bool_]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}
_ELEMENTWISE: dict[str, Callable[[Values], Values]] = {
    "log": np.log, "log1p": np.log1p, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs,
}
_LOST_OPERATOR = {"/": "divided by zero or too large", "^": "without a finite real power"}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The values of an expression.

    Attributes
    ----------
    values
        float64, on the frame's index; missing is NaN and nothing is infinite.
    notes
        One sentence for each part in which values that were there became missing, with the count.
    """

    values: pd.Series[float]
    notes: tuple[str, ...]


def evaluate(expression: Expression | str, frame: pd.DataFrame, *, unit: Sequence[str],
             time: str | None) -> Evaluated:
    """Evaluate ``expression`` on ``frame``.

    Parameters
    ----------
    expression
        Parsed, or its text.
    frame
        (n rows); variables and keys are columns.
    unit, time
        The panel's keys: lag, lead, diff and growth follow the time within the unit, so a time that
        is not there gives a missing value.  Without ``by``, ``first`` takes the unit and the other
        functions of groups take the whole frame.

    Returns
    -------
    Evaluated
        Comparisons, ``and``, ``or`` and ``not`` give 1 and 0, and missing where an operand is
        missing.  The logarithm of what is not positive, division by zero and overflow give missing
        values, counted in the notes.

    Raises
    ------
    SpecError
        Where the text is not an expression, or a name is not a column of numbers.
    DataError
        Where the keys do not make a panel.
    """
    return evaluate_in(expression, PanelIndex(frame, tuple(unit), time))


def evaluate_in(expression: Expression | str, index: PanelIndex) -> Evaluated:
    """Evaluate ``expression`` on an index already made; see :func:`evaluate`."""
    parsed = parse(expression) if isinstance(expression, str) else expression
    run = _Run(parsed, index)
    run.check()
    values = run.value(parsed.node)
    return Evaluated(pd.Series(values, index=index.frame.index, dtype="float64"),
                     tuple(dict.fromkeys(run.notes)))


class _Run:
    """One evaluation: the columns it reads and the notes it makes."""

    def __init__(self, expression: Expression, index: PanelIndex) -> None:
        self.expression, self.index = expression, index
        self.columns: dict[str, Values] = {}
        self.notes: list[str] = []

    def check(self) -> None:
        """Read every column that is named, and raise on all that cannot be used."""
        known, problems = self.index.names(), []
        for name in self.expression.names:
            where = self.expression.place(_first_at(self.expression.node, name))
            if name not in known:
                problems.append(unknown("variable", name, known, where))
            elif known.count(name) > 1:
                problems.append(Problem(f"{known.count(name)} columns are named {name!r}", where))
            elif name in self.expression.variables:
                values = numeric(self.index.column(name))
                if values is None:
                    problems.append(self.text(name, where))
                else:
                    self.columns[name] = self.finite(values, name, "infinite")
        if problems:
            raise SpecError(problems)

    def text(self, name: str, where: Where | InText) -> Problem:
        """Return the problem of a column of text that is used as a number."""
        words = sorted(map(str, self.index.column(name).dropna().unique()))
        key = name in (*self.index.unit, self.index.time)
        return Problem(f"{name!r} is {'a key of ' if key else ''}text, not a number: "
                       f"{listing([repr(cut(w, 24)) for w in words], 3)}", where,
                       allowed=f"numbers; text may stand in by={name}")

    def finite(self, values: Values, what: str, reason: str) -> Values:
        """Return ``values`` with the infinite ones missing, noting how many."""
        bad = np.isinf(values)
        if bad.any():
            self.note(int(bad.sum()), what, reason)
            values = np.where(bad, np.nan, values)
        return values

    def note(self, count: int, what: str, reason: str) -> None:
        verb = "value is" if count == 1 else "values are"
        self.notes.append(f"{what}: {count} {verb} {reason}, so missing")

    def guarded(self, node: Node, operands: list[Values], compute: Callable[[], Values],
                reason: str | None) -> Values:
        """Compute, make what is not finite missing, and note what was lost on the way."""
        with np.errstate(all="ignore"):
            values = compute()
        values = np.where(np.isfinite(values), values, np.nan)
        lost = np.isnan(values)
        for operand in operands:
            lost &= ~np.isnan(operand)
        if lost.any():
            self.note(int(lost.sum()), render(node), reason or "too large")
        return values

    def value(self, node: Node) -> Values:
        """Return the values of ``node``, (n,)."""
        match node:
            case Number(value=value):
                return np.full(len(self.index.frame), value)
            case Name(name=name):
                return self.columns[name]
            case Unary(op="-", operand=operand):
                return -self.value(operand)
            case Unary(operand=operand):
                return _logical(lambda a, _: ~a, self.value(operand))
            case Binary():
                return self.binary(node)
            case Call():
                return self.call(node)

    def binary(self, node: Binary) -> Values:
        a, b = self.value(node.left), self.value(node.right)
        if node.op in _COMPARISONS:
            missing = np.isnan(a) | np.isnan(b)
            return np.where(missing, np.nan, _COMPARISONS[node.op](a, b))
        if node.op == "and":
            return _logical(operator.and_, a, b)
        if node.op == "or":
            return _logical(operator.or_, a, b)
        compute: dict[str, Callable[[], Values]] = {
            "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b,
            "^": lambda: np.power(a, b),
        }
        values = self.guarded(node, [a, b], compute[node.op], _LOST_OPERATOR.get(node.op))
        # IEEE makes nan^0 and 1^nan one; a missing operand has no power.
        return np.where(np.isnan(a) | np.isnan(b), np.nan, values)

    def call(self, node: Call) -> Values:
        function = FUNCTIONS[node.function]
        args = [self.value(a) for a in node.args]
        if node.function in _ELEMENTWISE:
            return self.guarded(node, args, lambda: _ELEMENTWISE[node.function](args[0]),
                                function.lost)
        if node.function == "where":
            chosen = np.where(args[0] != 0, args[1], args[2])
            return np.where(np.isnan(args[0]), np.nan, chosen)
        if node.function == "only":
            return np.where(np.isnan(args[1]) | (args[1] == 0), np.nan, args[0])
        if node.function in ("lag", "lead", "diff", "growth"):
            return self.in_time(node, args[0])
        return self.grouped(node, args[0])

    def in_time(self, node: Call, x: Values) -> Values:
        k = int(node.number("k"))
        earlier = self.index.shifted(x, -k if node.function == "lead" else k)
        match node.function:
            case "diff":
                return x - earlier
            case "growth":
                return self.guarded(node, [x, earlier], lambda: x / earlier - 1.0,
                                    "growing from zero")
            case _:
                return earlier

    def grouped(self, node: Call, x: Values) -> Values:
        by = node.key("by") or (self.index.unit if node.function == "first" else ())
        groups = self.index.groups(by)
        left_out = node.key("leave_out")
        leave = self.index.groups(left_out) if left_out else None
        match node.function:
            case "mean":
                return kernels.mean(x, groups, leave)
            case "sd":
                return kernels.sd(x, groups, leave)
            case "sum":
                return kernels.total(x, groups, leave)
            case "min" | "max":
                return kernels.extreme(x, groups, largest=node.function == "max")
            case "rank":
                return kernels.rank(x, groups)
            case "winsor":
                return kernels.winsor(x, groups, node.number("p"))
            case "standardise":
                return self.guarded(node, [x, np.where(groups < 0, np.nan, 0.0)],
                                    lambda: kernels.standardise(x, groups),
                                    FUNCTIONS["standardise"].lost)
            case "first":
                return self.first(node, x, by)
            case other:
                raise AssertionError(f"no kernel for {other}")

    def first(self, node: Call, x: Values, by: tuple[str, ...]) -> Values:
        groups = self.index.groups(by)
        values, several = kernels.first(x, groups, self.index.times())
        if several.size:
            rows = np.array([int(np.flatnonzero(groups == g)[0]) for g in several[:3]])
            raise DataError(Problem(
                f"{render(node)}: {several.size} groups have several values at their first time: "
                f"{self.shown(rows, by)}",
                self.expression.place(node.at)))
        return values

    def shown(self, rows: NDArray[Any], by: tuple[str, ...]) -> str:
        """Return the keys of some rows as text."""
        frame = pd.DataFrame({name: self.index.column(name) for name in by})
        return key_text(frame, rows, by) if by else "the whole frame"


def _logical(combine: Callable[[Any, Any], Any], a: Values, b: Values | None = None) -> Values:
    other = a if b is None else b
    missing = np.isnan(a) | np.isnan(other)
    return np.where(missing, np.nan, combine(a != 0, other != 0))


def _first_at(node: Node, name: str) -> int:
    from gvckit.panel.nodes import walk

    places = [n.at for n in walk(node)
              if (isinstance(n, Name) and n.name == name)
              or (isinstance(n, Call) and any(name in columns for _, columns in n.keys))]
    return min(places, default=0)
