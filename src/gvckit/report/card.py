"""The report card: each published number beside ours, with a verdict."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from gvckit.errors import Problem, ReplicationMismatch, SpecError, Where, unknown
from gvckit.report.card_text import headline, markdown_cell, shown
from gvckit.report.columns import Fitted, read_column
from gvckit.report.printed import Printed, parse_printed
from gvckit.report.stars import stars_for

__all__ = [
    "REPRODUCED",
    "RULES",
    "STATUSES",
    "VERDICTS",
    "Check",
    "ReportCard",
    "Target",
    "judge",
    "report_card",
    "values_of_fit",
]

#: Verdicts from best to worst, and what each means.
VERDICTS: dict[str, str] = {
    "exact": "within half a unit of the last printed digit",
    "in interval": "the published value lies within our 95 % interval",
    "close": "within one unit of the last printed digit",
    "same sign and stars": "another size, but the sign and the stars agree",
    "same sign": "another size, but the sign agrees",
    "differs": "not reproduced",
    "missing": "we have no such number",
}

#: The verdicts that satisfy a target with status ``must``.
REPRODUCED = frozenset({"exact", "in interval"})

STATUSES = ("must", "info", "open")
RULES = ("printed", "interval")

#: Keys of a target that are not numbers.
_WORDS = frozenset({"source", "status", "rule", "note"})
#: Numbers whose sign says something.
_SIGNED = frozenset({"b", "t"})
_LEVELS = (0.10, 0.05, 0.01)
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Target:
    """Published numbers for one result.

    Attributes
    ----------
    key
        Which result: ``table.model.term``, or any other name that the values know.
    printed
        Quantity (``b``, ``se``, ``t``, ``p``, ``n``, a statistic) to the number as printed.
    source
        Where it is printed.
    status
        ``must``, ``info`` or ``open``.
    rule
        ``printed``: compare at the printed digits; ``interval``: ``b`` lies in our 95 % interval.
    """

    key: str
    printed: Mapping[str, str]
    source: str = ""
    status: str = "info"
    rule: str = "printed"

    @classmethod
    def from_dict(
        cls, key: str, entry: Mapping[str, Any], where: Where | str | None = None
    ) -> Target:
        """Build a target from a spec's entry; SpecError lists everything wrong with it."""
        place = where or f"published {key}"
        status, rule = str(entry.get("status") or "info"), str(entry.get("rule") or "printed")
        printed = {k: v for k, v in entry.items() if k not in _WORDS and v is not None}
        problems = [
            unknown(kind, word, allowed, place)
            for kind, word, allowed in (("status", status, STATUSES), ("rule", rule, RULES))
            if word not in allowed
        ]
        if not printed:
            problems.append(Problem("no number is given", place, allowed="b, se, t, p, n, …"))
        for name, text in printed.items():
            if not isinstance(text, str):
                problems.append(Problem(f"{name} is not text", place,
                                        allowed="a number in quotes, so that its digits are kept"))
                continue
            try:
                parse_printed(text, place)
            except SpecError as error:
                problems += error.problems
        if problems:
            raise SpecError(problems)
        return cls(key, printed, str(entry.get("source") or ""), status, rule)


@dataclass(frozen=True, slots=True)
class Check:
    """One published number and ours.

    Attributes
    ----------
    units
        |ours − printed| in units of the last printed digit; None without a number of ours.
    """

    target: str
    quantity: str
    printed: str
    ours: float | None
    units: float | None
    verdict: str
    status: str
    rule: str
    source: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ReportCard:
    """All checks of a paper, in the order of its targets."""

    checks: tuple[Check, ...] = field(default_factory=tuple)

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict was given; every verdict is listed."""
        found = Counter(c.verdict for c in self.checks)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks with status ``must`` that were not reproduced."""
        return tuple(c for c in self.checks
                     if c.status == "must" and c.verdict not in REPRODUCED)

    def raise_for_must(self) -> None:
        """Raise ReplicationMismatch, listing each ``must`` number that was not reproduced."""
        problems = [
            Problem(f"published {c.quantity} = {c.printed}, ours "
                    f"{'is missing' if c.ours is None else '= ' + repr(c.ours)}: {c.verdict}"
                    + (f" ({c.remark})" if c.remark else ""), c.target)
            for c in self.failures
        ]
        if problems:
            raise ReplicationMismatch(problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON-able values."""
        return {"version": _VERSION, "counts": self.counts, "must_failed": len(self.failures),
                "checks": [asdict(c) for c in self.checks]}

    def to_json(self) -> str:
        """Return the text of ``report-card.json``."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    def to_markdown(self) -> str:
        """Return the text of ``report-card.md``."""
        told = headline(((c.verdict, c.status, c.source) for c in self.checks), REPRODUCED)
        lines = ["# Report card", "", told, "", "| verdict | count | meaning |", "|---|---:|---|"]
        lines += [f"| {v} | {self.counts[v]} | {VERDICTS[v]} |" for v in VERDICTS]
        lines += ["", "| target | quantity | printed | ours | units | verdict | status | source |",
                  "|---|---|---:|---:|---:|---|---|---|"]
        lines += [_markdown_row(c) for c in self.checks]
        return "\n".join(lines) + "\n"

    def files(self) -> dict[str, str]:
        """Return the card's files by name."""
        return {"report-card.json": self.to_json(), "report-card.md": self.to_markdown()}


def _markdown_row(check: Check) -> str:
    units = "" if check.units is None else f"{check.units:.2f}"
    verdict = check.verdict + (f": {check.remark}" if check.remark else "")
    cells = (check.target, check.quantity, check.printed, shown(check.ours, check.printed), units,
             verdict, check.status, check.source)
    return "| " + " | ".join(markdown_cell(c) for c in cells) + " |"


def _sign(value: float | Decimal) -> int:
    return (value > 0) - (value < 0)


def judge(
    printed: Printed, ours: float, *, signed: bool = True, p: float | None = None
) -> tuple[str, float]:
    """Return the verdict on one number at its printed digits, and the distance in last digits.

    Parameters
    ----------
    printed
        The published number.
    ours
        Ours, finite; taken at its shortest decimal form, so that 0.1325 is half a unit from 0.132.
    signed
        Whether its sign says something, as that of a coefficient does.
    p
        Our p value, for the stars (10, 5, 1 percent); compared where the printed number has stars.
    """
    units = abs(Decimal(repr(float(ours))) - printed.value) / printed.unit
    if units <= Decimal("0.5"):
        return "exact", float(units)
    if units <= 1:
        return "close", float(units)
    if not signed or _sign(ours) != _sign(printed.value):
        return "differs", float(units)
    same_stars = p is not None and printed.stars and stars_for(p, _LEVELS) == printed.stars
    return ("same sign and stars" if same_stars else "same sign"), float(units)


def _inside(printed: Printed, found: Mapping[str, Any], units: float) -> tuple[str, float, str]:
    low, high = found.get("low"), found.get("high")
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return "missing", units, "no 95 % interval"
    inside = Decimal(repr(float(low))) <= printed.value <= Decimal(repr(float(high)))
    return ("in interval" if inside else "differs"), units, f"95 % interval {low:.6g} to {high:.6g}"


def _check(target: Target, quantity: str, found: Mapping[str, Any] | None) -> Check:
    printed = parse_printed(target.printed[quantity], f"published {target.key}")
    ours, units, remark = None, None, ""
    value = None if found is None else found.get(quantity)
    if value is None or not math.isfinite(float(value)):
        verdict = "missing"
        remark = str((found or {}).get("reason") or "")
    else:
        ours = float(value)
        p = None if found is None else found.get("p")
        verdict, units = judge(printed, ours, signed=quantity in _SIGNED, p=p)
        if target.rule == "interval" and quantity == "b":
            verdict, units, remark = _inside(printed, found or {}, units)
    return Check(target.key, quantity, target.printed[quantity], ours, units, verdict,
                 target.status, target.rule, target.source, remark)


def report_card(
    targets: Sequence[Target], found: Mapping[str, Mapping[str, Any]]
) -> ReportCard:
    """Return the verdict on every published number.

    Parameters
    ----------
    targets
        What was published.
    found
        Target key to our numbers: quantity (``b``, ``se``, ``n``, …) to value; ``low`` and
        ``high`` for the rule ``interval``, ``p`` for stars, ``reason`` where there is no number.
        Any result can be given this way, not only coefficients.
    """
    return ReportCard(tuple(
        _check(t, quantity, found.get(t.key)) for t in targets for quantity in t.printed))


def values_of_fit(fit: Fitted, term: str) -> dict[str, Any]:
    """Return the numbers of one term of a fit as :func:`report_card` takes them.

    The keys are ``b, se, t, p, low, high, n``, every fit statistic, and ``clusters`` where there
    is one clustering; a term that the fit has not, or a model that was not estimated, gives the
    reason.
    """
    column = read_column(fit)
    if column.reason is not None:
        return {"reason": f"not estimated: {column.reason}"}
    values: dict[str, Any] = {**column.stats, "n": column.n}
    if len(column.clusters) == 1:
        values["clusters"] = next(iter(column.clusters.values()))
    estimate = column.terms.get(term)
    if estimate is None:
        dropped = dict(column.dropped).get(term)
        return {**values, "reason": f"dropped: {dropped}" if dropped else f"no term {term!r}"}
    return {**values, **asdict(estimate)}
