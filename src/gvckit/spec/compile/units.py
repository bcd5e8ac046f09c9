"""The unit of a derived variable, where that of what it is made of tells it."""

from __future__ import annotations

from collections.abc import Callable

from gvckit.panel.nodes import Binary, Call, Name, Node, Number, Unary

__all__ = ["unit_of"]

Text = dict[str, str]
"""A text by language."""

_KEEP = frozenset({"winsor", "only", "lag", "lead", "diff", "first", "mean", "sum", "min", "max"})
_TRUE = frozenset({"=", "==", "!=", "<", "<=", ">", ">=", "and", "or"})
_DUMMY: Text = {"en": "1 or 0", "zh": "1或0"}
_OF_DUMMIES: dict[str, Text | None] = {
    "mean": {"en": "share", "zh": "比重"}, "sum": {"en": "number", "zh": "个数"}, "diff": None}
"""Units of what is made of 1 or 0 and is not that itself."""

_OWN: dict[str, Text] = {
    "standardise": {"en": "standard deviations", "zh": "标准差"},
    "rank": {"en": "rank", "zh": "位次"},
}


def unit_of(node: Node, known: Callable[[str], Text | None]) -> Text | None:
    """Return the unit of an expression by language; None where nothing tells it.

    Parameters
    ----------
    node
        The expression.
    known
        The unit of a name.
    """
    match node:
        case Name(name=name):
            return known(name)
        case Unary(op="not"):
            return _DUMMY
        case Unary(operand=operand):
            return unit_of(operand, known)
        case Binary(op=op) if op in _TRUE:
            return _DUMMY
        case Binary(op="+" | "-", left=left, right=right):
            unit = _same(unit_of(left, known), unit_of(right, known))
            return None if unit == _DUMMY else unit
        case Call(function=name, args=args) if name in _KEEP:
            unit = unit_of(args[0], known)
            return _OF_DUMMIES.get(name, unit) if unit == _DUMMY else unit
        case Call(function="where", args=(_, Number(value=one), Number(value=other))):
            return _DUMMY if {one, other} == {0.0, 1.0} else None
        case Call(function="where", args=(_, left, right)):
            return _same(unit_of(left, known), unit_of(right, known))
        case Call(function="log" | "log1p", args=(inner,)):
            unit = unit_of(inner, known)
            return None if unit is None else {
                language: f"{word}的对数" if language == "zh" else f"log of {word}"
                for language, word in unit.items()}
        case Call(function=name):
            return _OWN.get(name)
    return None


def _same(left: Text | None, right: Text | None) -> Text | None:
    return left if left == right else None
