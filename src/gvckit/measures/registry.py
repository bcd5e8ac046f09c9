"""The measures by name: where each lives, what it takes, what it returns.

Nothing is imported here until a measure is asked for.  A new measure is one module and one row.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from gvckit.errors import DataError, unknown

__all__ = ["MEASURES", "SWITCH", "VARIANTS", "Case", "Measure", "Parameter", "Variant",
           "measure"]

Levels = Mapping[str, tuple[str, ...]]

SWITCH = ("no", "yes")
"""Words of a parameter that is false or true."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a measure.

    Attributes
    ----------
    name
        Keyword of the function.
    allowed
        Allowed words; empty where any value of the right type is taken.
    default
        Value where nothing is said; None where there is none.
    required
        Whether it must be given.
    words
        What it means.
    whole
        Whether it is a whole number.
    only
        ``parameter=word`` to which it belongs; empty where it always counts.
    """

    name: str
    allowed: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    words: str = ""
    whole: bool = False
    only: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A word of a parameter with levels of its own.

    Attributes
    ----------
    parameter, word
        Which.
    keys
        Keys of each level there is then; the first level is the default.
    """

    parameter: str
    word: str
    keys: Levels


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: a function of one table that returns a tidy frame.

    Attributes
    ----------
    name
        Name in specs and on the command line.
    function
        ``module:function``; its first argument is a table or a Leontief system.
    parameters
        What it takes beside the level.
    keys
        Keys of each level; the first level is the default.  ``exporter`` and ``producer`` may
        stand under ``country``.
    columns
        Columns that it can return, keys apart; none where they have names of the table.
    value
        The column taken where one is wanted and none is named.
    words
        What it measures.
    cases
        Parameters on which the levels hang.
    takes
        What it takes that no word can say: ``satellite`` (an account in place of value added),
        ``partners`` and ``sectors`` (groups of importers and of sectors).
    alone
        Why it is left out where all measures are asked for; empty where it is not.
    """

    name: str
    function: str
    parameters: tuple[Parameter, ...]
    keys: Levels
    columns: tuple[str, ...]
    value: str
    words: str
    cases: tuple[Case, ...] = ()
    takes: tuple[str, ...] = ()
    alone: str = ""

    def levels(self, arguments: Mapping[str, Any]) -> Levels:
        """Return the keys of each level that there is with these parameters; default first."""
        case = self.case(arguments)
        return self.keys if case is None else case.keys

    def case(self, arguments: Mapping[str, Any]) -> Case | None:
        """Return the parameter's word that says which levels there are; None where none does."""
        standard = {p.name: p.default for p in self.parameters}
        return next((case for case in self.cases if case.word == arguments.get(
            case.parameter, standard[case.parameter])), None)

    def astray(self, arguments: Mapping[str, Any]) -> list[Parameter]:
        """Return the parameters that are given and belong to another word of another parameter."""
        standard = {p.name: p.default for p in self.parameters}
        found = []
        for parameter in self.parameters:
            name, _, word = parameter.only.partition("=")
            if parameter.name in arguments and name and arguments.get(
                    name, standard[name]) != word:
                found.append(parameter)
        return found

    def lacks(self, arguments: Mapping[str, Any]) -> list[Parameter]:
        """Return the parameters that must be given and are not."""
        koopman = arguments.get("definition") == "koopman"
        return [p for p in self.parameters if p.name not in arguments
                and (p.required or (koopman and p.name in ("iv", "fv")))]

    def switched(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters as the function takes them.

        That is yes and no as true and false, whole numbers as numbers.
        """
        switches = {p.name for p in self.parameters if p.allowed == SWITCH}
        numbers = {p.name for p in self.parameters
                   if p.whole and str(arguments.get(p.name)).isdecimal()}
        return {name: value == "yes" if name in switches else int(value) if name in numbers
                else value for name, value in arguments.items()}

    def load(self) -> Callable[..., Any]:
        """Import and return the function."""
        module, name = self.function.split(":")
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return function


_PRODUCER: Levels = {
    "country-sector": ("country", "sector"), "country": ("country",), "world": (),
}
_EXPORTER: Levels = {**_PRODUCER, "sector": ("exporter", "sector")}
_FLOW: Levels = {
    **_EXPORTER, "bilateral-sector": ("exporter", "sector", "importer"),
    "bilateral": ("exporter", "importer"),
}
_USED = (Parameter("coefficient", ("direct", "complete"), "complete"),
         Parameter("origin", ("all", "domestic", "foreign"), "all"),
         Parameter("weight", ("output", "exports"), "output",
                   words="what industries weigh at coarser levels"))
# The finest first: what the functions return where no level is named.
_FINE = {"bilateral-sector": _FLOW["bilateral-sector"], **_FLOW}
_COUNTRY: Levels = {"country": ("exporter",), "world": ()}
_TOTALS: Levels = {"country": ("country",), "world": ()}
_EXTRACTED: Levels = {"country": ("country",), "bilateral": ("exporter", "importer"),
                      "sector": ("exporter", "sector"), "country-sector": ("country", "sector"),
                      "bilateral-sector": ("exporter", "sector", "importer")}
_IMPORTS: Levels = {"country": ("importer",), "sector": ("importer", "sector"),
                    "bilateral": ("importer", "origin"),
                    "bilateral-sector": ("importer", "origin", "sector")}
# Of Koopman's terms, most are defined for country totals only.
_KOOPMAN = Case("definition", "koopman", {"country": ("country",),
                                          "country-sector": ("country", "sector"), "world": ()})

_ORIGIN: Mapping[str, tuple[str, ...]] = {
    "exports": ("origin", "origin_sector", "exporter", "sector", "importer", "destination"),
    "final": ("origin", "origin_sector", "producer", "sector", "destination"),
    "output": ("origin", "origin_sector", "producer", "sector"),
}


def _slices(keys: tuple[str, ...], first: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every choice of keys as a level, the default first."""
    yield "-".join(first), first
    yield "country-sector", ("country", "sector")
    yield "country", ("country",)
    for size in range(1, len(keys) + 1):
        for chosen in combinations(keys, size):
            yield "-".join(chosen), chosen


_BY_USE = {
    "exports": dict(_slices(_ORIGIN["exports"], _ORIGIN["exports"][:4])),
    "final": dict(_slices(_ORIGIN["final"], ("origin", "origin_sector", "destination"))),
    "output": dict(_slices(_ORIGIN["output"], _ORIGIN["output"])),
}
_ONLY = tuple(
    Parameter(name, words=f"names: only these are counted ({what})") for name, what in (
        ("origin", "country that adds the value"), ("origin_sector", "sector that adds it"),
        ("exporter", "use=exports"), ("producer", "use=final, output"),
        ("sector", "sector of the seller"), ("importer", "use=exports"),
        ("destination", "country of final demand; use=exports, final")))
_DIRECTION = Parameter("direction", ("forward", "backward"), "forward",
                       words="along sales (value added) or along purchases (final output)")
_IV = Parameter("iv", ("t3", "t3-returned", "vs1", "wwz-t345", "wwz-t45"),
                words="koopman only, and then required: which term is indirect value added",
                only="definition=koopman")
_FV = Parameter("fv", ("fva", "fc", "wwz-fva"),
                words="koopman only, and then required: which term is foreign value added",
                only="definition=koopman")

_INVENTORIES = Parameter("inventories", ("net", "raw"), "net",
                         words="whether sales to stocks are spread over all other uses")
_INVENTORY = Parameter("inventory", words="final-demand category of changes in inventories; "
                                          "default: the one with a known name")

_ROWS = (
    Measure("accounts", "gvckit.measures.accounts:accounts", (), _PRODUCER,
            ("X", "VA", "Y", "Y_D", "E", "zero"), "X",
            "output, value added, final sales, exports"),
    Measure("production", "gvckit.measures.production:production", (_DIRECTION,), _PRODUCER,
            ("total", "D", "RT", "GVC_S", "GVC_C", "participation", "participation_simple",
             "participation_complex"), "participation",
            "value added or final output by border crossings (Wang-Wei-Yu-Zhu 2017a)",
            takes=("satellite",)),
    Measure("lengths", "gvckit.measures.lengths:lengths", (_DIRECTION,), _PRODUCER,
            ("PL", "PL_D", "PL_RT", "PL_GVC", "PL_GVC_S", "PL_GVC_C", "PL_GVC_S_dom",
             "PL_GVC_S_intl", "PL_GVC_C_dom", "PL_GVC_C_intl", "CB"), "PL_GVC",
            "production lengths (Wang-Wei-Yu-Zhu 2017b)", takes=("satellite",)),
    Measure("position", "gvckit.measures.position:position",
            (Parameter("definition", ("wwyz", "koopman", "ou-id", "u-d"), "wwyz"), _IV, _FV,
             replace(_INVENTORIES, default=None, only="definition=u-d"),
             replace(_INVENTORY, only="definition=u-d")), _PRODUCER,
            ("position", "forward", "backward", "iv", "fv", "exports"), "position",
            "position in global value chains", (_KOOPMAN,)),
    Measure("participation", "gvckit.measures.participation:participation",
            (Parameter("definition", ("production", "trade", "tripartite", "koopman",
                                      "output_cells"), "production"), _IV, _FV),
            _FLOW,
            ("participation", "forward", "backward", "exports", "DAVAX", "PF", "PB", "TS",
             "output", "D", "RT", "MH_1", "MH_2"),
            "participation", "participation in global value chains",
            (Case("definition", "production", _PRODUCER), _KOOPMAN,
             Case("definition", "output_cells", _PRODUCER)), takes=("satellite",)),
    Measure("digital-inputs", "gvckit.measures.digital_inputs:digital_inputs",
            (Parameter("sectors", required=True, words="sector names, or the name of a set"),
             *_USED), _PRODUCER,
            ("coefficient", "share", "digital_va_share"), "coefficient",
            "reliance on inputs of digital sectors"),
    Measure("digital-placebo", "gvckit.measures.digital_placebo:digital_placebo",
            (Parameter("sectors", required=True, words="sector names, or the name of a set"),
             Parameter("draws", words="number of random sets; default 200", whole=True),
             Parameter("seed", words="of the draws; default: from the paper's", whole=True),
             Parameter("exclude", words="sectors that are never drawn"),
             Parameter("among", ("others", "all"), "others",
                       words="whether sets may hold some of the digital sectors"), *_USED),
            {level: ("draw", *keys) for level, keys in _PRODUCER.items()},
            ("coefficient", "share", "digital_va_share"), "coefficient",
            "reliance on inputs of random sets of suppliers; draw 0 is the digital set"),
    Measure("upstreamness", "gvckit.measures.upstreamness:upstreamness",
            (_INVENTORIES, _INVENTORY,
             Parameter("weight", ("output", "exports", "value-added"), "output",
                       words="what industries weigh at coarser levels"),
             Parameter("industry", default="own",
                       words="whose industries are averaged: own, world, or a country")),
            _PRODUCER, ("U", "D", "F_GO", "VA_GO"), "U",
            "upstreamness and downstreamness (Antras-Chor 2018)"),
    Measure("border-crossings", "gvckit.measures.crossings:border_crossings", (_DIRECTION,),
            _PRODUCER, ("crossings", "as_input", "as_final", "value_chain"), "crossings",
            "borders that value added crosses"),
    Measure("apl", "gvckit.measures.apl:apl", (_DIRECTION,),
            {**_PRODUCER, "country-pair": ("country", "partner"),
             "pairwise": ("country", "sector", "partner", "partner_sector")}, ("apl",), "apl",
            "average propagation lengths (Dietzenbacher-Romero-Bosma 2005)",
            (Case("direction", "backward", _PRODUCER),)),
    Measure("final-shares", "gvckit.measures.final_shares:final_shares",
            (Parameter("sectors", words="producers: sector names, or the name of a set"),),
            _PRODUCER, ("final_output", "own", "foreign", "own_share", "foreign_share"),
            "foreign_share", "own and foreign value added in final output (Timmer et al. 2014)",
            takes=("satellite",)),
    Measure("digital-linkages", "gvckit.measures.digital_linkages:digital_linkages",
            (Parameter("sectors", required=True, words="sector names, or the name of a set"),),
            _PRODUCER, ("backward", "forward"), "backward",
            "hanging on digital suppliers and on digital users"),
    Measure("digital-value-origin", "gvckit.measures.digital_linkages:digital_value_origin",
            (Parameter("sectors", required=True, words="sector names, or the name of a set"),
             Parameter("use", ("exports", "final", "output"), "exports")),
            {"country-sector": ("origin", "country", "sector"), "country": ("origin", "country")},
            ("value", "share"), "value", "digital value added in a use, by country of origin"),
    Measure("supplier-use", "gvckit.measures.digital_linkages:supplier_use",
            (*_USED, Parameter("of", ("share", "coefficient", "digital_va_share"), "share",
                               words="which column of digital-inputs")), _PRODUCER, (), "",
            "use of each supplier sector, one column a sector"),
    Measure("kww", "gvckit.measures.kww:kww", (), _COUNTRY,
            ("exports", *(f"T{k}" for k in range(1, 10))), "exports",
            "gross exports in nine terms (Koopman-Wang-Wei 2014)", takes=("satellite",)),
    Measure("wwz", "gvckit.measures.wwz:wwz",
            (Parameter("aggregates", SWITCH, "no", words="whether to add DVA, VAX, RDV, FVA and "
                                                         "PDC"),), _FINE,
            ("exports", "DVA_FIN", "DVA_INT", "INTrexI1", "INTrexF", "INTrexI2", "RDV_FIN",
             "RDV_FIN2", "RDV_INT", "DDC_FIN", "DDC_INT", "MVA_FIN", "MVA_INT", "MDC", "OVA_FIN",
             "OVA_INT", "ODC", "DVA", "VAX", "RDV", "FVA", "PDC"), "exports",
            "gross exports in sixteen terms (Wang-Wei-Zhu 2013)", takes=("satellite",)),
    Measure("borin-mancini", "gvckit.measures.borin_mancini:borin_mancini",
            (Parameter("flow", ("exports", "imports"), "exports", words="what is decomposed"),
             Parameter("perspective", ("exporter", "world", "self"), "exporter",
                       words="the perimeter in which value added is counted once"),
             Parameter("approach", ("source", "sink"), "source",
                       words="counted the first or the last time it leaves"),
             Parameter("terms", SWITCH, "no", words="whether to add the single terms VAX1 … FVA4 "
                                                    "(exporter, source)")), _FINE,
            ("GEXP", "DC", "DVA", "VAX", "DAVAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC", "GVC",
             "GVCB", "GVCF", "GIMP", "VA", *(f"VAX{k}" for k in range(1, 5)), "REF1", "REF2",
             *(f"FVA{k}" for k in range(1, 5))), "DVA",
            "value added and double counting in exports or imports (Borin-Mancini)",
            (Case("flow", "imports", _IMPORTS), Case("perspective", "world", _TOTALS)),
            takes=("satellite", "partners", "sectors")),
    Measure("extraction", "gvckit.measures.extraction:extraction",
            (Parameter("exporters", words="which exporters; default: all"),), _EXTRACTED,
            ("exports", "GDP", "GDP_star", "DVA"), "DVA",
            "domestic value added as the GDP lost without the flow (Los-Timmer-de Vries 2016)",
            takes=("satellite",), alone="a solve of the whole system for each flow"),
    Measure("miroudot-ye", "gvckit.measures.extraction:miroudot_ye",
            (Parameter("perspective", ("exporter", "self", "world"), "exporter",
                       words="the perimeter in which value added is counted once"),
             Parameter("exporters", words="which exporters; default: all")), _EXTRACTED,
            ("GEXP", "DC", "DVA", "DDC", "FC", "FVA", "FDC"), "DVA",
            "value added and double counting by inverting without the flow (Miroudot-Ye 2021)",
            (Case("perspective", "world", {"country": ("country",)}),),
            takes=("satellite",), alone="a solve of the whole system for each flow"),
    Measure("value-added-origin", "gvckit.measures.origin:value_added_origin",
            (Parameter("use", tuple(_BY_USE), "exports", words="what holds the value added"),
             Parameter("content", ("all", "domestic", "foreign"), "all",
                       words="whether the origin is the seller of the flow"),
             Parameter("counted", ("content", "value-added"), "content",
                       words="each time value crosses, or once within all exports of the exporter "
                             "(use=exports)", only="use=exports"),
             Parameter("goods", ("all", "final", "intermediate"), "all", words="use=exports",
                       only="use=exports"),
             *_ONLY),
            _BY_USE["exports"] | _BY_USE["final"] | _BY_USE["output"], ("value",), "value",
            "whose value added exports, final demand or output hold, by any keys",
            tuple(Case("use", use, keys) for use, keys in _BY_USE.items()),
            takes=("satellite",), alone="a row for each pair of industries"),
    Measure("vs", "gvckit.measures.vertical:vs", (),
            _EXPORTER,
            ("exports", "VS_HIY", "VS_KWW", "VS1", "VS1_star"), "VS_HIY",
            "vertical specialisation", takes=("satellite",)),
    Measure("vax", "gvckit.measures.vertical:vax", (), _FLOW, ("exports", "VAX"), "VAX",
            "value added absorbed abroad (Johnson-Noguera 2012)", takes=("satellite",)),
    Measure("tiva", "gvckit.measures.tiva:tiva", (), _FLOW,
            ("EXGR", "EXGR_FNL", "EXGR_INT", "IMGR", "IMGR_FNL", "IMGR_INT", "BALGR", "EXGR_DVA",
             "EXGR_DDC", "EXGR_IDC", "EXGR_RIM", "EXGR_FVA", "DEXFVAP", "FEXDVAP", "FFD_DVA",
             "DFD_FVA", "BALVAFD", "DXD_DVA", "VA", "PROD", "FD_VA"), "EXGR_DVA",
            "indicators of the OECD's Trade in Value Added database", takes=("satellite",)),
)

MEASURES: Mapping[str, Measure] = {row.name: row for row in _ROWS}
"""Measure by name."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A measure with some of its parameters fixed, under a name of its own.

    Attributes
    ----------
    name
        Its name on the command line.
    measure
        Name of the measure.
    arguments
        The parameters that it fixes.
    level
        Its level where none is named; None takes the measure's.
    """

    name: str
    measure: str
    arguments: Mapping[str, str]
    level: str | None = None


_VARIANTS = (
    Variant("production-backward", "production", {"direction": "backward"}),
    Variant("lengths-backward", "lengths", {"direction": "backward"}),
    Variant("border-crossings-backward", "border-crossings", {"direction": "backward"}),
    Variant("apl-backward", "apl", {"direction": "backward"}),
    Variant("apl-pairs", "apl", {}, "country-pair"),
    Variant("position-ou-id", "position", {"definition": "ou-id"}),
    Variant("position-u-d", "position", {"definition": "u-d"}),
    Variant("position-koopman", "position", {"definition": "koopman"}),
    Variant("participation-trade", "participation", {"definition": "trade"}),
    Variant("participation-tripartite", "participation", {"definition": "tripartite"},
            "bilateral-sector"),
    Variant("participation-koopman", "participation", {"definition": "koopman"}),
    Variant("participation-output-cells", "participation", {"definition": "output_cells"}),
    Variant("upstreamness-raw", "upstreamness", {"inventories": "raw"}),
    Variant("borin-mancini-sink", "borin-mancini", {"approach": "sink"}),
    Variant("borin-mancini-self", "borin-mancini", {"perspective": "self"}),
    Variant("borin-mancini-self-bilateral", "borin-mancini", {"perspective": "self"}, "bilateral"),
    Variant("borin-mancini-self-sector", "borin-mancini", {"perspective": "self"}, "sector"),
    Variant("borin-mancini-world", "borin-mancini", {"perspective": "world"}),
    Variant("borin-mancini-world-sink", "borin-mancini",
            {"perspective": "world", "approach": "sink"}),
    Variant("borin-mancini-imports", "borin-mancini", {"flow": "imports"}, "sector"),
    Variant("borin-mancini-imports-origin", "borin-mancini", {"flow": "imports"},
            "bilateral-sector"),
    Variant("value-added-origin-countries", "value-added-origin", {"use": "exports"},
            "origin-exporter-importer"),
    Variant("value-added-origin-final", "value-added-origin", {"use": "final"},
            "origin-origin_sector-destination"),
    Variant("value-added-origin-output", "value-added-origin", {"use": "output"},
            "origin-producer-sector"),
)

VARIANTS: Mapping[str, Variant] = {row.name: row for row in _VARIANTS}
"""Variant by name: with the measures themselves, what ``all`` stands for."""


def measure(name: str) -> Measure:
    """Return the measure with this name; raise DataError with the nearest where there is none."""
    row = MEASURES.get(name) or MEASURES.get(name.replace("_", "-"))
    if row is None:
        raise DataError(unknown("measure", name, MEASURES))
    return row
