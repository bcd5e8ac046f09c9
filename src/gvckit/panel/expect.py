"""Check what a merge found against what the spec expects of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gvckit.errors import Problem, SpecError, Where, listing, unknown
from gvckit.panel.merge_report import MergeReport

__all__ = ["check_expected", "expected_key"]

_COUNTS = ("rows", "share", "lost")


def expected_key(word: str, keys: Iterable[str]) -> str | None:
    """Return the key that ``word`` names in the singular or the plural, or None.

    Examples
    --------
    >>> expected_key("countries", ["country", "year"]), expected_key("years", ["year"])
    ('country', 'year')
    """
    for key in keys:
        plurals = {key, f"{key}s"} | ({f"{key[:-1]}ies"} if key.endswith("y") else set())
        if word in plurals:
            return key
    return None


def check_expected(report: MergeReport, expect: Mapping[str, float],
                   where: Where | None = None) -> list[Problem]:
    """Return what the merge lost against ``expect``; see :func:`gvckit.panel.merge.merge`.

    Raises
    ------
    SpecError
        Where a word of ``expect`` is neither a key nor ``rows``, ``share`` or ``lost``.
    """
    strange = [unknown("expectation", word, [*report.on, *_COUNTS], where) for word in expect
               if word not in _COUNTS and expected_key(word, report.on) is None]
    if strange:
        raise SpecError(strange)
    return [Problem(f"merge with {report.name}: {text}", where, at=("expect", word))
            for word, number in expect.items() if (text := _missed(report, word, number))]


def _missed(report: MergeReport, word: str, number: float) -> str:
    """Return what falls short of one expectation; nothing where it is met."""
    key = expected_key(word, report.on)
    if key is not None and report.keys[key] < number:
        lost = listing(report.lost[key], 40) or "none of the rows'"
        return (f"{report.keys[key]} distinct {key} values are matched, {number:g} expected; "
                f"lost: {lost}{_unused(report, key)}")
    if word == "rows" and report.with_values < number:
        return f"{report.with_values} rows are matched, {number:g} expected{_lost(report)}"
    if word == "share" and report.with_values < number * report.rows:
        share = report.with_values / report.rows if report.rows else 0.0
        return f"a share of {share:.3f} of the rows is matched, {number:g} expected{_lost(report)}"
    if word == "lost" and report.rows - report.with_values > number:
        return (f"{report.rows - report.with_values} rows are without a match, at most "
                f"{number:g} expected{_lost(report)}")
    return ""


def _unused(report: MergeReport, key: str) -> str:
    """Return the values of a key that only the right-hand frame has: perhaps the lost ones."""
    extra = report.extra.get(key, ())
    return f"; {report.name} alone has {listing(extra, 6)}" if extra else ""


def _lost(report: MergeReport) -> str:
    parts = [f"{key} {listing(values, 40)}" for key, values in report.lost.items() if values]
    extra = "".join(_unused(report, key) for key in report.on)
    return (f"; wholly lost: {'; '.join(parts)}" if parts else "") + extra
