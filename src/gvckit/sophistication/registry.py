"""The measures of exports by product, by name; a new one is one module and one row.

Exports come from a data file with countries and products, or from tables, whose sectors are the
products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from gvckit.errors import DataError, unknown
from gvckit.measures.registry import Parameter

__all__ = ["ROLES", "TRADE_MEASURES", "TradeMeasure", "trade_measure"]

Keys = tuple[str, ...]

ROLES: Mapping[str, Keys] = {
    "income": ("country",), "population": ("country",), "levels": ("product",),
    "sigma": ("product",),
}
"""Data entries that measures take beside the exports, and the keys that each has (and time)."""


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
        ``industry`` stands for whatever a spec calls the groups of products.
    columns
        Columns of each result.
    value
        The column taken where none is named, for each result.
    needs
        Roles of ``ROLES`` of which it needs one; none where this is empty.
    takes
        Roles → the argument of the function; ``industries`` are no role, but may be here.
    words
        What it measures.
    adjusts
        Whether the function itself takes ``adjust``; the others take value added for exports.
    """

    name: str
    function: str
    parameters: tuple[Parameter, ...]
    keys: Mapping[Keys, str]
    columns: Mapping[Keys, Keys]
    value: Mapping[Keys, str]
    words: str
    needs: Keys = ()
    takes: Mapping[str, str] | None = None
    adjusts: bool = False

    def timeless(self, arguments: Mapping[str, object]) -> bool:
        """Return whether the result has no time even where the exports have one.

        With fixed weights there is one PRODY for all periods.
        """
        common = self.name == "prody" or arguments.get("definition") == "industry-prody"
        return common and arguments.get("weights") == "fixed"

    @property
    def roles(self) -> Mapping[str, str]:
        """What it takes beside the exports, and the argument that takes it."""
        return self.takes or {}


_COUNTRY, _PRODUCT, _BOTH = ("country",), ("product",), ("country", "product")
_SOURCE = (
    Parameter("va", ("backward", "forward", "vax-backward", "vax-forward"), "backward",
              words="which value added of tables: in what the sector exports, of the sector in "
                    "all exports of its country, or what others absorb of either"),
    Parameter("gaps", ("error", "country"), "error",
              words="products of a sector that exports nothing in the tables: an error, or the "
                    "share of all exports of the country"),
    Parameter("without", words="countries that are left out, such as ROW"),
    Parameter("na", ("error", "zero"), "error", words="missing values of exports"),
)
_ADJUST = Parameter("adjust", ("none", "dva"), "none",
                    words="dva: domestic value added in place of gross exports")
_ADJUST_SHARES = Parameter(
    "adjust", ("none", "dva", "dva-shares", "yao-zhang"), "none",
    words="dva: domestic value added for exports; dva-shares: in the shares alone; yao-zhang: "
          "PRODY times 1 - FVAR")
_PRODY = (
    Parameter("weights", ("moving", "fixed"), "moving",
              words="moving: each period its own PRODY; fixed: the mean over base periods"),
    Parameter("base", words="the base years of fixed weights"),
    Parameter("balanced", words="only countries with exports and income in every period; default "
                                "true"),
    Parameter("missing", ("drop", "error"), "drop",
              words="countries that export and have no income"),
)
_CONVENTION = Parameter("convention", ("economiccomplexity", "ecomplexity", "atlas"),
                        "economiccomplexity", words="sign, ddof and scale of which tool")
_THRESHOLD = Parameter("rca_threshold", words="RCA from which a product is present; default 1")
_DISCONNECTED = Parameter("disconnected", ("error", "largest"), "error",
                          words="a product space in several parts")
_FLOORS = tuple(Parameter(name, words=f"floor: smallest {what}") for name, what in (
    ("min_population", "population of a country"), ("min_exports", "exports of a country"),
    ("min_product_exports", "world exports of a product")))
_METHOD = Parameter("method", ("eigenvalue", "reflections", "fitness"), "eigenvalue")
_KIND = Parameter("kind", ("conditional", "correlation"), "conditional",
                  words="proximity from joint presence, or from the correlation of RCA")
_MINIMUM = Parameter("threshold", words="exports up to this count as none; default 0")
_GROUPS = tuple(g for size in (3, 2, 1) for g in (
    *combinations(("country", "product", "importer"), size),
    *(k for k in combinations(("country", "industry", "importer"), size) if "industry" in k)))

_ROWS = (
    TradeMeasure("prody", "gvckit.sophistication.prody:prody", (*_PRODY, _ADJUST, *_SOURCE),
                 {_PRODUCT: ""}, {_PRODUCT: ("prody",)}, {_PRODUCT: "prody"},
                 "income level of a product (Hausmann, Hwang & Rodrik 2007)",
                 needs=("income",), takes={"income": "income"}, adjusts=True),
    TradeMeasure("expy", "gvckit.sophistication.prody:expy", (*_PRODY, _ADJUST_SHARES, *_SOURCE),
                 {_COUNTRY: ""}, {_COUNTRY: ("expy",)}, {_COUNTRY: "expy"},
                 "income level of a country's exports",
                 needs=("income", "levels"), takes={"income": "income", "levels": "prody"},
                 adjusts=True),
    TradeMeasure("technical-complexity", "gvckit.sophistication.technical:technical_complexity",
                 (Parameter("definition", ("industry-prody", "country-industry", "province"),
                            required=True, words="which of the three in use"),
                  *_PRODY, _ADJUST_SHARES, *_SOURCE),
                 {("country", "industry"): "", ("industry",): ""},
                 {("country", "industry"): ("ets",), ("industry",): ("ets",)},
                 {("country", "industry"): "ets", ("industry",): "ets"},
                 "technical complexity of exports by industry, in three definitions",
                 needs=("income", "levels"),
                 takes={"income": "income", "levels": "levels", "industries": "industry"},
                 adjusts=True),
    TradeMeasure("complexity", "gvckit.sophistication.complexity:complexity",
                 (_METHOD, _CONVENTION,
                  Parameter("sign", ("diversity", "ubiquity"), words="default: the convention's"),
                  Parameter("ddof", words="0 or 1; default: the convention's"),
                  Parameter("standardise", ("own", "eci", "none"),
                            words="default: the convention's"),
                  Parameter("iterations", words="of reflections (even) or fitness"),
                  Parameter("presence", ("rca", "continuous"), "rca"), _THRESHOLD, *_FLOORS,
                  _DISCONNECTED, _ADJUST, *_SOURCE),
                 {_COUNTRY: "country", _PRODUCT: "product"},
                 {_COUNTRY: ("index", "diversity", "rank"),
                  _PRODUCT: ("index", "ubiquity", "rank")},
                 {_COUNTRY: "index", _PRODUCT: "index"},
                 "economic complexity of countries and products",
                 takes={"population": "population"}),
    TradeMeasure("advantage", "gvckit.sophistication.advantage:advantage",
                 (Parameter("kind", ("balassa", "symmetric", "normalised", "additive",
                                     "weighted"), "balassa"), _ADJUST, *_SOURCE),
                 {_BOTH: ""}, {_BOTH: ("advantage",)}, {_BOTH: "advantage"},
                 "revealed comparative advantage"),
    TradeMeasure("diversification", "gvckit.sophistication.diversification:diversification",
                 (Parameter("reference", ("world", "rest"), "world"), _MINIMUM, _ADJUST, *_SOURCE),
                 {_COUNTRY: ""},
                 {_COUNTRY: ("products", "hhi", "hhi_normalised", "theil", "theil_between",
                             "theil_within", "extensive", "intensive", "relative")},
                 {_COUNTRY: "hhi"}, "concentration and margins of exports"),
    TradeMeasure("similarity", "gvckit.sophistication.diversification:similarity",
                 (_MINIMUM, _ADJUST, *_SOURCE), {("country", "partner"): ""},
                 {("country", "partner"): ("similarity",)},
                 {("country", "partner"): "similarity"},
                 "how alike the exports of two countries are (Finger & Kreinin 1979)"),
    TradeMeasure("product-space", "gvckit.sophistication.product_space:product_space",
                 (_KIND, Parameter("outlook", ("atlas", "ecomplexity", "economiccomplexity"),
                                   "atlas"),
                  _METHOD, _THRESHOLD, *_FLOORS, _DISCONNECTED, _ADJUST, *_SOURCE),
                 {_COUNTRY: "country", _BOTH: "products"},
                 {_COUNTRY: ("outlook",), _BOTH: ("density", "distance", "gain", "presence")},
                 {_COUNTRY: "outlook", _BOTH: "density"},
                 "density, distance, outlook index and gain in the product space",
                 takes={"population": "population"}),
    TradeMeasure("proximity", "gvckit.sophistication.proximity:proximity",
                 (_KIND, _THRESHOLD, _ADJUST, *_SOURCE),
                 {("product", "partner"): "", ("country", "partner"): ""},
                 {("product", "partner"): ("proximity",), ("country", "partner"): ("proximity",)},
                 {("product", "partner"): "proximity", ("country", "partner"): "proximity"},
                 "proximity of two products or of two countries (Hidalgo et al. 2007)"),
    TradeMeasure("quality", "gvckit.sophistication.quality:quality",
                 (Parameter("sigma", words="elasticity of substitution: a number, or a data entry "
                                           "by product; default 5"),
                  Parameter("effects", words="fixed effects, * between keys taken together; "
                                             "default product, importer*time"),
                  Parameter("outliers", words="unit values beyond this multiple of the product's "
                                              "median are left out; default 50"),
                  Parameter("without", words="countries that are left out, such as ROW")),
                 dict.fromkeys(_GROUPS, ""),
                 {k: ("quality", "standardised") if k == ("country", "product", "importer")
                  else ("standardised",) for k in _GROUPS},
                 dict.fromkeys(_GROUPS, "standardised"),
                 "quality of exports by the demand residual (Khandelwal, Schott & Wei 2013)",
                 takes={"sigma": "sigma", "industries": "industry"}),
)

TRADE_MEASURES: Mapping[str, TradeMeasure] = {row.name: row for row in _ROWS}
"""Measure of exports by name."""


def trade_measure(name: str) -> TradeMeasure:
    """Return the measure with this name; raise DataError with the nearest where there is none."""
    if name not in TRADE_MEASURES:
        raise DataError(unknown("measure of exports", name, TRADE_MEASURES))
    return TRADE_MEASURES[name]
