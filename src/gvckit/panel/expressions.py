"""Parse an expression of the spec to a tree of our own nodes.

Nothing of the text is ever executed: names are looked up in a frame, functions in
:data:`gvckit.panel.functions.FUNCTIONS`.  The grammar, loosest binding first::

    or | and | not | == != < <= > >= (one only) | + - | * / | unary - | ^ ** (to the right) | atom
    atom: number, name, ( expression ), function(values…, option=…)

Examples
--------
>>> parse("log(gdp_pc) - lag(log(gdp_pc), 2)").names
('gdp_pc',)
>>> parse("mean(x, by=[sector, year], leave_out=country)").keys
('country', 'sector', 'year')
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from gvckit.errors import InText, Problem, SpecError, Where, unknown
from gvckit.panel.functions import FUNCTIONS, SYNONYMS, Function
from gvckit.panel.nodes import STRENGTH, Binary, Call, Name, Node, Number, Unary, render, walk
from gvckit.panel.tokens import END, Token, tokenize

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_NODES", "Expression", "is_name", "parse"]

MAX_LENGTH = 500
MAX_NODES = 200
MAX_DEPTH = 30
MAX_POWER = 10.0
_QUOTE = ("if the expression holds a comma and stands inside { } or [ ], "
          "quote the expression: \"…\"")
_COMPARE = STRENGTH["=="]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Attributes
    ----------
    text
        As it was written.
    node
        The root of the tree.
    variables
        The names used as values, sorted.
    keys
        The names used in ``by=`` and ``leave_out=``, sorted.
    """

    text: str
    node: Node
    variables: tuple[str, ...]
    keys: tuple[str, ...]
    where: Where | None = field(default=None, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that it needs, variables and keys, sorted."""
        return tuple(sorted({*self.variables, *self.keys}))

    @property
    def canonical(self) -> str:
        """The text written in one way: two expressions of one meaning share it."""
        return render(self.node)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that it calls, sorted."""
        return tuple(sorted({n.function for n in walk(self.node) if isinstance(n, Call)}))

    def place(self, at: int) -> Where | InText:
        """Return where the character ``at`` (from 0) stands."""
        return _place(self.text, self.where, at)


class _SyntaxError(Exception):
    """The parser cannot go on."""

    def __init__(self, at: int, problem: Problem) -> None:
        super().__init__(problem.what)
        self.at, self.problem = at, problem


def is_name(text: str) -> bool:
    """Return whether ``text`` can name a variable: letters, digits, _, not a word of the language.

    Examples
    --------
    >>> is_name("gdp_pc"), is_name("2x"), is_name("not")
    (True, False, False)
    """
    return (re.fullmatch(r"(?!__)[A-Za-z_][A-Za-z0-9_]*", text) is not None
            and text not in {"and", "or", "not"})


def parse(text: str, where: Where | None = None) -> Expression:
    """Parse ``text``.

    Parameters
    ----------
    text
        The expression, at most 500 characters, 200 nodes, nested 30 deep.
    where
        Where its first character stands; problems are placed inside the expression.

    Raises
    ------
    SpecError
        With every problem found, each at its column.
    """
    if len(text) > MAX_LENGTH:
        raise SpecError(Problem(f"the expression has {len(text)} characters", where,
                                allowed=f"at most {MAX_LENGTH}"))
    tokens, problems = tokenize(text)
    if not problems:
        parser = _Parser(tokens)
        try:
            node = parser.whole()
        except _SyntaxError as error:
            parser.problems.append((error.at, error.problem))
        problems = parser.problems
    if problems:
        raise SpecError([Problem(p.what, _place(text, where, at), p.allowed, p.nearest)
                         for at, p in sorted(problems, key=lambda pair: pair[0])])
    nodes = list(walk(node))
    return Expression(
        text, node,
        variables=tuple(sorted({n.name for n in nodes if isinstance(n, Name)})),
        keys=tuple(sorted({c for n in nodes if isinstance(n, Call) for _, cs in n.keys
                           for c in cs})),
        where=where,
    )


def _place(text: str, where: Where | None, at: int) -> Where | InText:
    return where.shifted(at) if where else InText(text, at)


class _Parser:
    """A Pratt parser over a list of tokens; problems that do not stop it are collected."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.i = 0
        self.depth = 0
        self.count = 0
        self.problems: list[tuple[int, Problem]] = []

    @property
    def now(self) -> Token:
        return self.tokens[self.i]

    def take(self) -> Token:
        token = self.now
        self.i += 1
        return token

    def fail(self, what: str, token: Token | None = None,
             allowed: str | None = None) -> _SyntaxError:
        return _SyntaxError((token or self.now).at, Problem(what, allowed=allowed))

    def expect(self, op: str, after: str) -> Token:
        if self.now.text == op and self.now.kind == "op":
            return self.take()
        found = "the text ends" if self.now.kind == END else f"found {self.now.text!r}"
        hint = f"; {_QUOTE}" if self.now.kind == END else ""
        raise self.fail(f"expected {op!r} {after}, but {found}{hint}")

    def is_op(self, *ops: str) -> bool:
        return self.now.kind == "op" and self.now.text in ops

    def made(self, node: Node) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise _SyntaxError(node.at, Problem("the expression is too long",
                                                allowed=f"at most {MAX_NODES} parts"))
        return node

    def whole(self) -> Node:
        if self.now.kind == END:
            raise self.fail("the expression is empty")
        node = self.expression(0)
        if self.now.kind != END:
            raise self.left_over()
        return node

    def left_over(self) -> _SyntaxError:
        token = self.now
        if token.text == ")":
            return self.fail(f"a stray ')': {_QUOTE}")
        if token.text == "=":
            return self.fail("'=' is not a comparison", allowed="==")
        if token.text == "[":
            return self.fail("subscripts are not part of the language")
        if token.text == "(":
            return self.fail("only a function's name can stand before '('")
        if token.text == ",":
            return self.fail("a comma outside a call")
        return self.fail(f"unexpected {token.text!r}: an operator is missing before it")

    def expression(self, least: int) -> Node:
        """Parse operators that bind at least as strongly as ``least``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail("the expression is nested too deeply",
                            allowed=f"at most {MAX_DEPTH} levels")
        left = self.prefix()
        while self.now.kind == "op" and self.now.text in STRENGTH and self.now.text != "not":
            own = STRENGTH[self.now.text]
            if own < least:
                break
            left = self.infix(left, own)
        self.depth -= 1
        return left

    def infix(self, left: Node, own: int) -> Node:
        token = self.take()
        if token.text == "^":
            right = self.expression(STRENGTH["neg"])  # binds to the right: 2^3^2 = 2^9, 2^-1
            self.check_power(right)
        else:
            right = self.expression(own + 1)
        if own == _COMPARE and self.now.kind == "op" and STRENGTH.get(self.now.text) == _COMPARE:
            raise self.fail("comparisons do not chain", allowed="a < x and x < b")
        return self.made(Binary(token.text, left, right, token.at))

    def check_power(self, exponent: Node) -> None:
        value = _constant(exponent)
        if value is not None and not abs(value) <= MAX_POWER:
            self.problems.append((exponent.at, Problem(
                f"the power {value:g} is too large", allowed=f"-{MAX_POWER:g} to {MAX_POWER:g}")))

    def prefix(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return self.made(Number(float(token.text), token.at))
        if token.kind == "name":
            if self.is_op("("):
                return self.made(self.call(token))
            return self.made(Name(token.text, token.at))
        if token.text == "-":
            return self.made(Unary("-", self.expression(STRENGTH["neg"]), token.at))
        if token.text == "not":
            return self.made(Unary("not", self.expression(STRENGTH["not"]), token.at))
        if token.text == "(":
            node = self.expression(0)
            self.expect(")", "to close '('")
            return node
        if token.kind == END:
            raise self.fail("the expression ends where a value is expected", token)
        if token.text == "[":
            raise self.fail("a list can only stand in by= or leave_out=", token)
        raise self.fail(f"unexpected {token.text!r} where a value is expected", token)

    def call(self, name: Token) -> Node:
        """Parse the arguments of ``name``; a wrong call is noted and parsing goes on."""
        self.take()
        args: list[Node] = []
        options: dict[str, tuple[Token, list[Token] | Node]] = {}
        while not self.is_op(")"):
            if args or options:
                self.expect(",", f"or ')' in {name.text}(…)")
            following = self.tokens[self.i + 1] if self.now.kind == "name" else None
            if following is not None and following.text == "=":
                self.option(options)
            elif options:
                raise self.fail("a value after an option: values come first")
            else:
                args.append(self.expression(0))
        self.take()
        if name.text not in FUNCTIONS:
            strange = unknown("function", name.text, FUNCTIONS)
            known = SYNONYMS.get(name.text.lower())
            self.problems.append((name.at, replace(strange, nearest=known or strange.nearest)))
            return Number(0.0, name.at)
        return self.bound(name, FUNCTIONS[name.text], args, options)

    def option(self, options: dict[str, tuple[Token, list[Token] | Node]]) -> None:
        word = self.take()
        self.take()
        if word.text in options:
            self.problems.append((word.at, Problem(f"the option {word.text!r} is given twice")))
        if word.text in ("by", "leave_out"):
            options[word.text] = (word, self.columns(word))
        else:
            options[word.text] = (word, self.expression(0))

    def columns(self, word: Token) -> list[Token]:
        """Parse ``name`` or ``[name, name]``."""
        if not self.is_op("["):
            return [self.column(word)]
        self.take()
        found = [self.column(word)]
        while not self.is_op("]"):
            self.expect(",", f"or ']' in {word.text}=")
            found.append(self.column(word))
        self.take()
        return found

    def column(self, word: Token) -> Token:
        if self.now.kind != "name":
            raise self.fail(f"{word.text}= takes a name or [names]")
        return self.take()

    def bound(self, name: Token, function: Function, args: list[Node],
              options: dict[str, tuple[Token, list[Token] | Node]]) -> Node:
        """Bind arguments and options to the function's signature, noting every misfit."""
        most = function.arity + len(function.numbers)
        if not function.arity <= len(args) <= most:
            count = f"{len(args)} value{'' if len(args) == 1 else 's'}"
            self.problems.append((name.at, Problem(f"{name.text} got {count}",
                                                   allowed=function.usage)))
        known = [*function.keys, *(o.name for o in function.numbers)]
        for word, (token, _) in options.items():
            if word not in known:
                self.problems.append((token.at, unknown(f"option of {name.text}", word, known)))
        numbers = []
        for place, option in enumerate(function.numbers, start=function.arity):
            given: list[Token] | Node | None = options.get(option.name, (None, None))[1]
            if place < len(args):
                if given is not None:
                    self.problems.append((name.at, Problem(
                        f"the option {option.name!r} of {name.text} is given twice")))
                given = args[place]
            value = option.default if given is None else _constant(given)
            if value is None or not option.accepts(value):
                at = name.at if given is None or isinstance(given, list) else given.at
                what = (f"{name.text} needs {option.name}" if given is None
                        else f"{option.name} of {name.text} is out of range or not a number")
                self.problems.append((at, Problem(what, allowed=option.allowed)))
                value = option.low
            numbers.append((option.name, value))
        keys = tuple((key, tuple(t.text for t in columns)) for key in function.keys
                     if isinstance(columns := options.get(key, (None, None))[1], list))
        return Call(name.text, tuple(args[:function.arity]), tuple(numbers), keys, name.at)


def _constant(node: Node | list[Token]) -> float | None:
    """Return the value of a node made only of numbers, None where a name or a call is in it."""
    match node:
        case Number(value=value):
            return value
        case Unary(op="-", operand=operand):
            inner = _constant(operand)
            return None if inner is None else -inner
        case Binary(op=op, left=left, right=right):
            a, b = _constant(left), _constant(right)
            return None if a is None or b is None else _folded(op, a, b)
        case _:
            return None


def _folded(op: str, a: float, b: float) -> float | None:
    try:
        match op:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a / b
            case "^":
                power = a**b
                return power if isinstance(power, float) else float("inf")
            case _:
                return None
    except (OverflowError, ZeroDivisionError):
        return float("inf")
