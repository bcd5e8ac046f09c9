"""The functions that an expression may call: one line each.

This module imports nothing heavy, because a spec is checked with it; what the functions compute is
in :mod:`gvckit.panel.kernels`, called from :mod:`gvckit.panel.evaluate`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FUNCTIONS", "SYNONYMS", "Function", "NumberOption"]


@dataclass(frozen=True, slots=True)
class NumberOption:
    """A numeric option: ``low <= value <= high`` (``< high`` where ``open_high``).

    One without a default must be given.
    """

    name: str
    default: float | None
    low: float
    high: float
    integer: bool = False
    open_high: bool = False

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        kind = "a whole number" if self.integer else "a number"
        end = "below" if self.open_high else "to"
        return f"{kind} from {self.low:g} {end} {self.high:g}"

    def accepts(self, value: float) -> bool:
        """Return whether ``value`` may be written."""
        inside = self.low <= value and (value < self.high if self.open_high else value <= self.high)
        return inside and (value.is_integer() or not self.integer)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the expression language.

    Attributes
    ----------
    usage
        How it is written, for messages.
    arity
        Number of value arguments.
    numbers
        Numeric options, by keyword or by position after the values.
    keys
        Key options that it takes, of ``by`` and ``leave_out``.
    needs_time
        Whether it follows the time index.
    lost
        Why a value that is there can become missing (None: it cannot).
    """

    usage: str
    arity: int = 1
    numbers: tuple[NumberOption, ...] = ()
    keys: tuple[str, ...] = ()
    needs_time: bool = False
    lost: str | None = None


_K = (NumberOption("k", 1.0, 1, 200, integer=True),)
_P = (NumberOption("p", None, 0.0, 0.5, open_high=True),)
_BY = ("by",)
_LEAVE = ("by", "leave_out")

FUNCTIONS: dict[str, Function] = {
    "log": Function("log(x)", lost="not above 0"),
    "log1p": Function("log1p(x)", lost="not above -1"),
    "exp": Function("exp(x)", lost="too large for exp"),
    "sqrt": Function("sqrt(x)", lost="below 0"),
    "abs": Function("abs(x)"),
    "where": Function("where(condition, a, b)", arity=3),
    "only": Function("only(x, condition)", arity=2),
    "lag": Function("lag(x, k=1)", numbers=_K, needs_time=True),
    "lead": Function("lead(x, k=1)", numbers=_K, needs_time=True),
    "diff": Function("diff(x, k=1)", numbers=_K, needs_time=True),
    "growth": Function("growth(x, k=1)", numbers=_K, needs_time=True),
    "first": Function("first(x, by=…)", keys=_BY, needs_time=True),
    "mean": Function("mean(x, by=…, leave_out=…)", keys=_LEAVE),
    "sd": Function("sd(x, by=…, leave_out=…)", keys=_LEAVE),
    "sum": Function("sum(x, by=…, leave_out=…)", keys=_LEAVE),
    "min": Function("min(x, by=…)", keys=_BY),
    "max": Function("max(x, by=…)", keys=_BY),
    "rank": Function("rank(x, by=…)", keys=_BY),
    "winsor": Function("winsor(x, p, by=…)", numbers=_P, keys=_BY),
    "standardise": Function("standardise(x, by=…)", keys=_BY, lost="in a group without spread"),
}

SYNONYMS: dict[str, str] = {
    "ln": "log", "loge": "log", "logn": "log", "ln1p": "log1p", "logp1": "log1p",
    "square_root": "sqrt", "absolute": "abs",
    "avg": "mean", "average": "mean", "mean_by": "mean", "std": "sd", "stdev": "sd",
    "stddev": "sd", "total": "sum", "minimum": "min", "maximum": "max",
    "if": "where", "ifelse": "where", "if_else": "where", "iif": "where", "cond": "where",
    "case": "where", "filter": "only",
    "l": "lag", "shift": "lag", "f": "lead", "forward": "lead", "d": "diff", "delta": "diff",
    "difference": "diff", "pct_change": "growth", "g": "growth",
    "winsorize": "winsor", "winsorise": "winsor", "winsor2": "winsor", "clip": "winsor",
    "standardize": "standardise", "scale": "standardise", "z": "standardise",
    "zscore": "standardise",
}
"""What other tools call them, for messages."""
