"""The tree of an expression: five frozen kinds of node and their text form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Binary", "Call", "Name", "Node", "Number", "Unary", "children", "render", "walk"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number written in the expression."""

    value: float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``-`` or ``not`` before one operand."""

    op: str
    operand: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands; ``**``, ``&``, ``|`` are kept as ``^``, ``and``, ``or``."""

    op: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a listed function.

    Attributes
    ----------
    function
        Name of the function.
    args
        Value arguments.
    numbers
        Numeric options, ``(name, value)`` in the signature's order, defaults filled.
    keys
        Key options, ``("by", (…,))`` and ``("leave_out", (…,))``, where given.
    at
        Offset of the name in the text, from 0.
    """

    function: str
    args: tuple[Node, ...]
    numbers: tuple[tuple[str, float], ...] = ()
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    at: int = field(default=0, compare=False)

    def number(self, name: str) -> float:
        """Return the numeric option ``name``."""
        return dict(self.numbers)[name]

    def key(self, name: str) -> tuple[str, ...]:
        """Return the columns of the key option ``name``, empty where it was not given."""
        return dict(self.keys).get(name, ())


Node = Number | Name | Unary | Binary | Call


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below ``node``."""
    match node:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(args=args):
            return args
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield ``node`` and every node below it, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


# Binding strengths: the parser and the renderer share them, so that rendered text parses back.
STRENGTH = {
    "or": 10, "and": 20, "not": 30,
    "==": 40, "!=": 40, "<": 40, "<=": 40, ">": 40, ">=": 40,
    "+": 50, "-": 50, "*": 60, "/": 60, "neg": 70, "^": 80,
}
ATOM = 100


def _strength(node: Node) -> int:
    match node:
        case Unary(op=op):
            return STRENGTH["neg" if op == "-" else op]
        case Binary(op=op):
            return STRENGTH[op]
        case Number(value=value) if value < 0:
            return STRENGTH["neg"]
        case _:
            return ATOM


def _wrapped(node: Node, needed: int) -> str:
    text = render(node)
    return text if _strength(node) >= needed else f"({text})"


def render(node: Node) -> str:
    """Return the canonical text of ``node``; it parses to an equal tree."""
    match node:
        case Number(value=value):
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case Name(name=name):
            return name
        case Unary(op="-", operand=operand):
            return f"-{_wrapped(operand, STRENGTH['neg'])}"
        case Unary(operand=operand):
            return f"not {_wrapped(operand, STRENGTH['not'])}"
        case Binary(op="^", left=left, right=right):
            return f"{_wrapped(left, ATOM)}^{_wrapped(right, STRENGTH['neg'])}"
        case Binary(op=op, left=left, right=right):
            own = STRENGTH[op]
            # Comparisons do not chain, so neither side may be one without parentheses.
            low = own + 1 if own == STRENGTH["=="] else own
            return f"{_wrapped(left, low)} {op} {_wrapped(right, own + 1)}"
        case Call():
            return _render_call(node)


def _render_call(node: Call) -> str:
    from gvckit.panel.functions import FUNCTIONS

    parts = [render(a) for a in node.args]
    defaults = {o.name: o.default for o in FUNCTIONS[node.function].numbers}
    parts += [render(Number(v)) if defaults[k] is None else f"{k}={render(Number(v))}"
              for k, v in node.numbers if v != defaults[k]]
    for key, columns in node.keys:
        listed = ", ".join(columns)
        parts.append(f"{key}={listed}" if len(columns) == 1 else f"{key}=[{listed}]")
    return f"{node.function}({', '.join(parts)})"
