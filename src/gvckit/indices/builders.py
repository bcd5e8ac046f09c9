"""Rules that build an index from barriers, agreements and trade; a new rule is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["BUILDERS", "Builder"]

COUNTRY = ("country", "year")
PAIR = ("exporter", "importer", "year")


@dataclass(frozen=True, slots=True)
class Builder:
    """A rule.

    Attributes
    ----------
    function
        ``module:name`` of ``f(frames, of, by, parameters) -> frame`` with the keys and ``value``.
    keys
        The keys that the index may have.
    words
        What it is.
    many
        Whether it is of several values.
    parameters
        Key of the spec → what it is.
    needs
        Those that must be given.
    """

    function: str
    keys: tuple[tuple[str, ...], ...]
    words: str
    many: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


BUILDERS: dict[str, Builder] = {
    "faced-abroad": Builder(
        "gvckit.indices.built:faced_barrier", (COUNTRY,),
        "mean of the destinations' barriers weighted by exports to them",
        parameters={"weights": "weights: exports by exporter, importer and year",
                    "years": "years: the years of the weights, before the sample",
                    "least": "least: the share of exports whose destinations have a barrier"},
        needs=("weights", "years")),
    "bilateral-mean": Builder(
        "gvckit.indices.built:pair_mean", (PAIR,), "mean of the two countries' barriers"),
    "heterogeneity": Builder(
        "gvckit.indices.built:pair_heterogeneity", (PAIR,),
        "weighted distance between the two countries' regulation", many=True,
        parameters={"distance": "distance: differs or absolute",
                    "shares": "shares: a weight a measure"}),
    "partners": Builder(
        "gvckit.indices.built:partners", (COUNTRY,), "a pair's value over a country's partners",
        parameters={"how": "how: count, max, sum or mean"}),
    "commitments": Builder(
        "gvckit.indices.built:commitments_of_pairs", (COUNTRY, PAIR),
        "depth, scope or extent of what pairs have committed to", many=True,
        parameters={"value": "value: depth, scope or extent",
                    "most": "most: the highest score of an item",
                    "how": "how: count, max, sum or mean over partners"}),
    "in-force": Builder(
        "gvckit.indices.built:agreements_in_force", (COUNTRY,),
        "number of agreements in force that the country is in",
        parameters={"until": "until: the year in which a country left",
                    "years": "years: the years of the index"}, needs=("years",)),
}
