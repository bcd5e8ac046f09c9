"""The measures of exports by product, by name; a new one is one module and one row.

Exports come from a data file with countries and products, or from tables, whose sectors are the
products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gvckit.errors import DataError, unknown
from gvckit.measures.registry import Parameter

__all__ = ["TRADE_MEASURES", "TradeMeasure", "trade_measure"]


@dataclass(frozen=True, slots=True)
class TradeMeasure:
    """A measure of a long frame of exports.

    Attributes
    ----------
    name
        Name in specs.
    function
        ``module:function``; its first argument is the frame.
    parameters
        What it takes.
    keys
        Keys of a result, without time → the attribute that holds it (empty: the result itself).
    columns
        Columns of each result.
    value
        The column taken where none is named, for each result.
    income
        Whether it needs income by country: ``yes``, ``no`` or ``population`` (optional floor).
    words
        What it measures.
    """

    name: str
    function: str
    parameters: tuple[Parameter, ...]
    keys: Mapping[tuple[str, ...], str]
    columns: Mapping[tuple[str, ...], tuple[str, ...]]
    value: Mapping[tuple[str, ...], str]
    income: bool
    words: str


_COUNTRY, _PRODUCT, _BOTH = ("country",), ("product",), ("country", "product")
_WEIGHTS = Parameter("weights", ("moving", "fixed"), "moving",
                     words="moving: each period its own PRODY; fixed: the mean over base periods")
_BASE = Parameter("base", words="the base years of fixed weights")
_MISSING = Parameter("missing", ("drop", "error"), "drop",
                     words="countries that export and have no income")
_CONVENTION = Parameter("convention", ("economiccomplexity", "ecomplexity", "atlas"),
                        "economiccomplexity", words="sign, ddof and scale of which tool")
_PRESENCE = Parameter("presence", ("rca", "continuous"), "rca")
_THRESHOLD = Parameter("rca_threshold", words="RCA from which a product is present; default 1")
_DISCONNECTED = Parameter("disconnected", ("error", "largest"), "error",
                          words="a product space in several parts")

_ROWS = (
    TradeMeasure("prody", "gvckit.sophistication.prody:prody",
                 (_WEIGHTS, _BASE, _MISSING, Parameter("adjust", ("none", "dva"), "none")),
                 {_PRODUCT: ""}, {_PRODUCT: ("prody",)}, {_PRODUCT: "prody"}, income=True,
                 words="income level of a product (Hausmann, Hwang & Rodrik 2007)"),
    TradeMeasure("expy", "gvckit.sophistication.prody:expy",
                 (_WEIGHTS, _BASE, _MISSING,
                  Parameter("adjust", ("none", "dva", "dva-shares", "yao-zhang"), "none")),
                 {_COUNTRY: ""}, {_COUNTRY: ("expy",)}, {_COUNTRY: "expy"}, income=True,
                 words="income level of a country's exports"),
    TradeMeasure("complexity", "gvckit.sophistication.complexity:complexity",
                 (Parameter("method", ("eigenvalue", "reflections", "fitness"), "eigenvalue"),
                  _CONVENTION, _PRESENCE, _THRESHOLD, _DISCONNECTED),
                 {_COUNTRY: "country", _PRODUCT: "product"},
                 {_COUNTRY: ("index", "diversity", "rank"),
                  _PRODUCT: ("index", "ubiquity", "rank")},
                 {_COUNTRY: "index", _PRODUCT: "index"}, income=False,
                 words="economic complexity of countries and products"),
    TradeMeasure("advantage", "gvckit.sophistication.advantage:advantage",
                 (Parameter("kind", ("balassa", "symmetric", "normalised", "additive",
                                     "weighted"), "balassa"),),
                 {_BOTH: ""}, {_BOTH: ("advantage",)}, {_BOTH: "advantage"}, income=False,
                 words="revealed comparative advantage"),
    TradeMeasure("diversification", "gvckit.sophistication.diversification:diversification",
                 (Parameter("reference", ("world", "rest"), "world"),), {_COUNTRY: ""},
                 {_COUNTRY: ("products", "hhi", "hhi_normalised", "theil", "theil_between",
                             "theil_within", "extensive", "intensive", "relative")},
                 {_COUNTRY: "hhi"}, income=False, words="concentration and margins of exports"),
    TradeMeasure("product-space", "gvckit.sophistication.product_space:product_space",
                 (Parameter("outlook", ("atlas", "ecomplexity", "economiccomplexity"),
                            "economiccomplexity"), _THRESHOLD),
                 {_COUNTRY: "country", _BOTH: "products"},
                 {_COUNTRY: ("outlook",), _BOTH: ("density", "distance", "gain", "presence")},
                 {_COUNTRY: "outlook", _BOTH: "density"}, income=False,
                 words="density, distance and outlook in the product space"),
)

TRADE_MEASURES: Mapping[str, TradeMeasure] = {row.name: row for row in _ROWS}
"""Measure of exports by name."""


def trade_measure(name: str) -> TradeMeasure:
    """Return the measure with this name; raise DataError with the nearest where there is none."""
    if name not in TRADE_MEASURES:
        raise DataError(unknown("measure of exports", name, TRADE_MEASURES))
    return TRADE_MEASURES[name]
