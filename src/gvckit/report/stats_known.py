"""Which statistics a table may ask for; read where specs are checked, so without pandas."""

from __future__ import annotations

from collections.abc import Iterable

from gvckit.errors import Problem, Where, unknown
from gvckit.report.words import STATS, TERM_STATS

__all__ = ["stat_problem"]


def stat_problem(name: str, terms: Iterable[str], focal: Iterable[str], where: Where | str,
                 inside: Where | str | None = None) -> Problem | None:
    """Return what is wrong with a statistic as a row of a table, None where nothing is.

    Parameters
    ----------
    name
        A statistic of models, or ``statistic:term``; a statistic of terms without a term is a row
        with that of each column's own.
    terms, focal
        The terms that the table shows, and those among all that are of interest in some column:
        statistics of terms are computed for these alone.
    where, inside
        The place to tell, and that of the term.
    """
    head, colon, term = name.partition(":")
    if head not in TERM_STATS or not colon:
        known = (*STATS, *TERM_STATS)
        return None if name in known else unknown("statistic", name, known, where)
    where = inside or where
    shown = list(terms)
    if term not in shown:
        return unknown(f"term of {head}", term, shown, where)
    if term not in set(focal):
        return Problem(f"{term!r} is a control in every column: {head} is of regressors of "
                       "interest", where, allowed=", ".join(t for t in shown if t in set(focal)))
    return None
