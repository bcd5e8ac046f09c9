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
    problems = []
    for word, number in expect.items():
        key = expected_key(word, report.on)
        if key is not None and report.keys[key] < number:
            lost = listing(report.lost[key], 40) or "none of the rows'"
            problems.append(f"{report.keys[key]} distinct {key} values are matched, {number:g} "
                            f"expected; lost: {lost}")
        elif word == "rows" and report.with_values < number:
            problems.append(f"{report.with_values} rows are matched, {number:g} expected"
                            + _lost(report))
        elif word == "share" and report.with_values < number * report.rows:
            share = report.with_values / report.rows if report.rows else 0.0
            problems.append(f"a share of {share:.3f} of the rows is matched, {number:g} expected"
                            + _lost(report))
        elif word == "lost" and report.rows - report.with_values > number:
            problems.append(f"{report.rows - report.with_values} rows are without a match, at most "
                            f"{number:g} expected" + _lost(report))
    return [Problem(f"merge with {report.name}: {text}", where) for text in problems]


def _lost(report: MergeReport) -> str:
    parts = [f"{key} {listing(values, 40)}" for key, values in report.lost.items() if values]
    return f"; wholly lost: {'; '.join(parts)}" if parts else ""
