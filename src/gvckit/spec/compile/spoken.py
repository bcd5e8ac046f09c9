"""An expression in plain words: the parsed tree read out in English or Chinese.

Operators bind as in the expression, so that the words stand for one tree only: what a function is
of has parentheses where it is itself a sum, a product or a condition, and a change such as
winsorising stands behind what it is made to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gvckit.panel.nodes import ATOM, STRENGTH, Binary, Call, Name, Node, Number, Unary
from gvckit.report.words import join, language_of
from gvckit.report.words_formula import CALLS, COMPARED, OTHERS, PARTS, PERIODS, STEPS

__all__ = ["PHRASE", "Said", "Speaker", "atom"]

PHRASE = 90
"""Binding strength of words such as ``ln of x``: above operators, below a label."""

_WHERE = 0
_POWERS = {2.0: "²", 3.0: "³"}
_LOGICAL = frozenset({"and", "or", "not", "==", "!=", "<", "<=", ">", ">="})
_LARGEST = 15


@dataclass(frozen=True, slots=True)
class Said:
    """An expression in words.

    Attributes
    ----------
    text
        What it is.
    strength
        How strongly the words hold together, on the scale of the expression's operators.
    steps
        What was done to it, from the first change to the last.
    """

    text: str
    strength: int = ATOM
    steps: tuple[str, ...] = ()


def atom(label: str) -> Said:
    """Return a label; one that holds an operator itself binds as that operator does."""
    if any(sign in label for sign in (" + ", " − ", " - ")):
        return Said(label, STRENGTH["+"])
    return Said(label, STRENGTH["*"] if "×" in label or " / " in label else ATOM)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Reads expressions out in one language.

    Attributes
    ----------
    language
        ``en`` or ``zh``.
    named
        What a variable is called.
    keyed
        What a key in ``by=`` or ``leave_out=`` is called.
    time
        The panel's time key; ``lag`` and the like speak of years where it is ``year``.
    unit
        The panel's unit, within which ``first`` looks where it has no ``by``.
    """

    language: str
    named: Callable[[str], Said]
    keyed: Callable[[str], str]
    time: str = "year"
    unit: tuple[str, ...] = ()

    def whole(self, node: Node) -> Said:
        """Return an expression that stands alone; a condition is 1 where it holds."""
        said = self.said(node)
        if isinstance(node, Binary | Unary) and node.op in _LOGICAL:
            return Said(self._part("dummy", condition=said.text), _WHERE)
        return said

    def said(self, node: Node) -> Said:
        """Return ``node`` in words."""
        match node:
            case Number(value=value):
                return Said(self._number(value), STRENGTH["neg"] if value < 0 else ATOM)
            case Name(name=name):
                return self.named(name)
            case Unary(op=op, operand=operand):
                own = STRENGTH["neg" if op == "-" else op]
                x = self._held(self.said(operand), ATOM if op == "not" else own)
                return Said(self._fill(COMPARED, "neg" if op == "-" else op, x=x), own)
            case Binary():
                return self._binary(node)
            case Call(function=function) if function in STEPS:
                inner = self.said(node.args[0])
                return Said(inner.text, inner.strength, (*inner.steps, self._step(node)))
            case Call(function="where"):
                return self._where(node)
            case Call():
                return self._call(node)

    def condition(self, node: Node) -> str:
        """Return a condition in words."""
        return self._held(self.said(node), _WHERE + 1)

    def _binary(self, node: Binary) -> Said:
        own = STRENGTH[node.op]
        left, right = self.said(node.left), self.said(node.right)
        if node.op == "^":
            power = _POWERS.get(node.right.value) if isinstance(node.right, Number) else None
            if power:
                return Said(self._held(left, ATOM) + power)
            return Said(self._fill(COMPARED, "^", left=self._held(left, ATOM),
                                   right=self._held(right, ATOM)), PHRASE)
        # Comparisons do not chain; "a and b or c" has its parentheses.
        low = own + 1 if node.op in COMPARED and own == STRENGTH["=="] else own
        if node.op == "or":
            low = own if isinstance(node.left, Binary) and node.left.op == "or" else (
                STRENGTH["and"] + 1)
        high = STRENGTH["and"] + 1 if node.op == "or" else own + 1
        return Said(self._fill(COMPARED, node.op, left=self._held(left, low),
                               right=self._held(right, high)), own)

    def _where(self, node: Call) -> Said:
        condition, x, other = (self.said(a) for a in node.args)
        nested = other.strength == _WHERE and not other.steps
        words = PARTS["else"] if nested else CALLS["where"]
        return Said(words[language_of(self.language)].format(
            condition=self._held(condition, _WHERE + 1), x=self._held(x, _WHERE + 1),
            other=self._held(other, _WHERE)), _WHERE)

    def _call(self, node: Call) -> Said:
        name = node.function
        # "ln of x of the year before" is the log of an earlier x, not an earlier log.
        needed = ATOM if name in ("lag", "lead") else STRENGTH["+"] if name == "log1p" else PHRASE
        x = self._held(self.said(node.args[0]), needed)
        unit = "year" if self.time == "year" else "period"
        parts = {"period": self._part(unit), "periods": self._part(f"{unit}s"), "x": x}
        k = dict(node.numbers).get("k", 1.0)
        if name in PERIODS and k != 1:
            return Said(self._fill(PERIODS, name, k=f"{k:g}", **parts), PHRASE)
        return Said(self._fill(CALLS, name, among=self._among(node), **parts), PHRASE)

    def _among(self, node: Call) -> str:
        """Return over which rows a value is taken: of other countries in the year."""
        by, left_out = node.key("by"), node.key("leave_out")
        by = self.unit if node.function == "first" and not by else by
        own = self._part("in", keys=self._keys(by)) if by else ""
        if not by and not left_out:
            own = self._part("everywhere")
        others = self._part("of_others", others=self._others(left_out)) if left_out else ""
        return own + others if self.language == "zh" else others + own

    def _others(self, keys: Sequence[str]) -> str:
        if self.language == "en" and len(keys) == 1 and keys[0] in OTHERS:
            return OTHERS[keys[0]]
        return self._part("others_by", key=self._keys(keys))

    def _keys(self, keys: Sequence[str]) -> str:
        words = [self.keyed(key) for key in keys]
        return self._part("and_key").join(
            [join(words[:-1], self.language), words[-1]] if len(words) > 1 else words)

    def _step(self, node: Call) -> str:
        if node.function == "only":
            return self._fill(STEPS, "only", condition=self.condition(node.args[1]))
        by = node.key("by")
        percent = f"{100 * dict(node.numbers).get('p', 0.0):g}"
        return self._fill(STEPS, node.function, percent=percent,
                          within=self._part("within", keys=self._keys(by)) if by else "")

    def _held(self, said: Said, needed: int) -> str:
        """Return words inside others: what was done stands behind them in parentheses."""
        if not said.steps:
            return said.text if said.strength >= needed else self._wrapped(said.text)
        steps = self._part("inside").join(said.steps)
        if said.strength == ATOM:
            gap = "" if self.language == "zh" else " "
            return f"{said.text}{gap}{self._wrapped(steps)}"
        return self._wrapped(f"{said.text}{self._part('inside')}{steps}")

    def _wrapped(self, text: str) -> str:
        return f"（{text}）" if self.language == "zh" else f"({text})"

    def _number(self, value: float) -> str:
        sign, size = ("−" if value < 0 else ""), abs(value)
        exact = Decimal(repr(size))
        if size and abs(exact.adjusted()) > _LARGEST:
            digits = exact.scaleb(-exact.adjusted()).normalize()
            return f"{sign}{digits:f} × 10^{exact.adjusted()}".replace("^-", "^−")
        # Four digits may be a year.
        text = f"{exact:,f}" if self.language == "en" and size >= 10_000 else f"{exact:f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)

    def _fill(self, table: Mapping[str, tuple[str, str]], word: str, **parts: str) -> str:
        return table[word][language_of(self.language)].format(**parts)

    def _part(self, word: str, **parts: str) -> str:
        return self._fill(PARTS, word, **parts)
