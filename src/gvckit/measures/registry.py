"""The measures by name: where each lives, what it takes, what it returns.

Nothing is imported here until a measure is asked for.  A new measure is one module and one row.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gvckit.errors import DataError, unknown

__all__ = ["MEASURES", "Measure", "Parameter", "measure"]


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
    """

    name: str
    allowed: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    words: str = ""


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
        Keys of each level; the first level is the default.
    columns
        Columns that it can return, keys apart.
    value
        The column taken where one is wanted and none is named.
    words
        What it measures.
    """

    name: str
    function: str
    parameters: tuple[Parameter, ...]
    keys: Mapping[str, tuple[str, ...]]
    columns: tuple[str, ...]
    value: str
    words: str

    def load(self) -> Callable[..., Any]:
        """Import and return the function."""
        module, name = self.function.split(":")
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return function


_PRODUCER: Mapping[str, tuple[str, ...]] = {
    "country-sector": ("country", "sector"), "country": ("country",), "world": (),
}
_EXPORTER: Mapping[str, tuple[str, ...]] = {**_PRODUCER, "sector": ("exporter", "sector")}
_FLOW: Mapping[str, tuple[str, ...]] = {
    **_EXPORTER, "bilateral-sector": ("exporter", "sector", "importer"),
    "bilateral": ("exporter", "importer"),
}
_COUNTRY: Mapping[str, tuple[str, ...]] = {"country": ("exporter",)}
_DIRECTION = Parameter("direction", ("forward", "backward"), "forward",
                       words="along sales (value added) or along purchases (final output)")
_IV = Parameter("iv", ("t3", "t3-returned", "vs1", "wwz-t345", "wwz-t45"),
                words="koopman only, and then required: which term is indirect value added")
_FV = Parameter("fv", ("fva", "fc", "wwz-fva"),
                words="koopman only, and then required: which term is foreign value added")

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
            "value added or final output by border crossings (Wang-Wei-Yu-Zhu 2017a)"),
    Measure("lengths", "gvckit.measures.lengths:lengths", (_DIRECTION,), _PRODUCER,
            ("PL", "PL_D", "PL_RT", "PL_GVC", "PL_GVC_S", "PL_GVC_C", "PL_GVC_S_dom",
             "PL_GVC_S_intl", "PL_GVC_C_dom", "PL_GVC_C_intl", "CB"), "PL_GVC",
            "production lengths (Wang-Wei-Yu-Zhu 2017b)"),
    Measure("position", "gvckit.measures.position:position",
            (Parameter("definition", ("wwyz", "koopman", "ou-id", "u-d"), "wwyz"), _IV, _FV,
             replace(_INVENTORIES, default=None), _INVENTORY), _PRODUCER,
            ("position", "forward", "backward", "iv", "fv", "exports"), "position",
            "position in global value chains"),
    Measure("participation", "gvckit.measures.participation:participation",
            (Parameter("definition", ("production", "trade", "tripartite", "koopman",
                                      "output_cells"), "production"), _IV, _FV),
            {**_PRODUCER, "sector": ("exporter", "sector"),
             "bilateral-sector": ("exporter", "sector", "importer"),
             "bilateral": ("exporter", "importer")},
            ("participation", "forward", "backward", "exports", "DAVAX", "PF", "PB", "TS",
             "output", "D", "RT", "MH_1", "MH_2"),
            "participation", "participation in global value chains"),
    Measure("digital-inputs", "gvckit.measures.digital_inputs:digital_inputs",
            (Parameter("sectors", required=True, words="sector names, or the name of a set"),
             Parameter("coefficient", ("direct", "complete"), "complete"),
             Parameter("origin", ("all", "domestic", "foreign"), "all")), _PRODUCER,
            ("coefficient", "share", "digital_va_share"), "coefficient",
            "reliance on inputs of digital sectors"),
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
            "average propagation lengths (Dietzenbacher-Romero-Bosma 2005)"),
    Measure("final-shares", "gvckit.measures.final_shares:final_shares",
            (Parameter("sectors", words="producers: sector names, or the name of a set"),),
            _PRODUCER, ("final_output", "own", "foreign", "own_share", "foreign_share"),
            "foreign_share", "own and foreign value added in final output (Timmer et al. 2014)"),
    Measure("digital-linkages", "gvckit.measures.digital_linkages:digital_linkages",
            (Parameter("sectors", required=True, words="sector names, or the name of a set"),),
            _PRODUCER, ("backward", "forward"), "backward",
            "hanging on digital suppliers and on digital users"),
    Measure("kww", "gvckit.measures.kww:kww", (), _COUNTRY,
            ("exports", *(f"T{k}" for k in range(1, 10))), "exports",
            "gross exports in nine terms (Koopman-Wang-Wei 2014)"),
    Measure("wwz", "gvckit.measures.wwz:wwz", (), _FLOW,
            ("exports", "DVA_FIN", "DVA_INT", "INTrexI1", "INTrexF", "INTrexI2", "RDV_FIN",
             "RDV_FIN2", "RDV_INT", "DDC_FIN", "DDC_INT", "MVA_FIN", "MVA_INT", "MDC", "OVA_FIN",
             "OVA_INT", "ODC"), "exports",
            "gross exports in sixteen terms (Wang-Wei-Zhu 2013)"),
    Measure("borin-mancini", "gvckit.measures.borin_mancini:borin_mancini",
            (Parameter("perspective", ("exporter", "world", "self"), "exporter",
                       words="the perimeter in which value added is counted once"),
             Parameter("approach", ("source", "sink"), "source",
                       words="counted the first or the last time it leaves")), _FLOW,
            ("GEXP", "DC", "DVA", "VAX", "DAVAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC", "GVC",
             "GVCB", "GVCF"), "DVA",
            "value added and double counting in exports (Borin-Mancini)"),
    Measure("vs", "gvckit.measures.vertical:vs", (),
            _EXPORTER,
            ("exports", "VS_HIY", "VS_KWW", "VS1", "VS1_star"), "VS_HIY",
            "vertical specialisation"),
    Measure("vax", "gvckit.measures.vertical:vax", (), _FLOW, ("exports", "VAX"), "VAX",
            "value added absorbed abroad (Johnson-Noguera 2012)"),
    Measure("tiva", "gvckit.measures.tiva:tiva", (), _FLOW,
            ("EXGR", "EXGR_FNL", "EXGR_INT", "IMGR", "IMGR_FNL", "IMGR_INT", "BALGR", "EXGR_DVA",
             "EXGR_DDC", "EXGR_IDC", "EXGR_RIM", "EXGR_FVA", "DEXFVAP", "FEXDVAP", "FFD_DVA",
             "DFD_FVA", "BALVAFD", "DXD_DVA", "VA", "PROD", "FD_VA"), "EXGR_DVA",
            "indicators of the OECD's Trade in Value Added database"),
)

MEASURES: Mapping[str, Measure] = {row.name: row for row in _ROWS}
"""Measure by name."""


def measure(name: str) -> Measure:
    """Return the measure with this name; raise DataError with the nearest where there is none."""
    row = MEASURES.get(name) or MEASURES.get(name.replace("_", "-"))
    if row is None:
        raise DataError(unknown("measure", name, MEASURES))
    return row
