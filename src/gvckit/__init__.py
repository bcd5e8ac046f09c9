"""gvckit: from inter-country input-output tables to referee-ready tables, out of one file.

Every public name is imported when it is first used, so that ``import gvckit`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "IcioTable": "gvckit.icio.table",
    "Leontief": "gvckit.icio.leontief",
    "read_icio": "gvckit.sources.read_icio",
    "sample_icio": "gvckit.sources.world",
    "sample_world": "gvckit.sources.world_panel",
    "accounts": "gvckit.measures.accounts",
    "production": "gvckit.measures.production",
    "lengths": "gvckit.measures.lengths",
    "position": "gvckit.measures.position",
    "participation": "gvckit.measures.participation",
    "digital_inputs": "gvckit.measures.digital_inputs",
    "wwz": "gvckit.measures.wwz",
    "wwz_to_kww": "gvckit.measures.wwz",
    "kww": "gvckit.measures.kww",
    "borin_mancini": "gvckit.measures.borin_mancini",
    "miroudot_ye": "gvckit.measures.extraction",
    "extraction": "gvckit.measures.extraction",
    "value_added_origin": "gvckit.measures.origin",
    "vs": "gvckit.measures.vertical",
    "vax": "gvckit.measures.vertical",
    "tiva": "gvckit.measures.tiva",
    "aggregate_results": "gvckit.measures.aggregation",
    "aggregate_table": "gvckit.icio.aggregate",
    "composite": "gvckit.indices.composite",
    "fit": "gvckit.models.fit",
    "Fit": "gvckit.models.result",
    "GvckitError": "gvckit.errors",
    "SpecError": "gvckit.errors",
    "DataError": "gvckit.errors",
    "ModelError": "gvckit.errors",
    "StoreError": "gvckit.errors",
    "ReplicationMismatch": "gvckit.errors",
}

__all__ = [
    "DataError",
    "Fit",
    "GvckitError",
    "IcioTable",
    "Leontief",
    "ModelError",
    "ReplicationMismatch",
    "SpecError",
    "StoreError",
    "__version__",
    "accounts",
    "aggregate_results",
    "aggregate_table",
    "borin_mancini",
    "composite",
    "digital_inputs",
    "extraction",
    "fit",
    "kww",
    "lengths",
    "miroudot_ye",
    "participation",
    "position",
    "production",
    "read_icio",
    "run",
    "sample_icio",
    "sample_world",
    "tiva",
    "value_added_origin",
    "vax",
    "vs",
    "wwz",
    "wwz_to_kww",
]


def __getattr__(name: str) -> Any:
    if name == "run":
        return importlib.import_module("gvckit.run")
    if name not in _HOME:
        raise AttributeError(f"module 'gvckit' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from gvckit.errors import (
        DataError,
        GvckitError,
        ModelError,
        ReplicationMismatch,
        SpecError,
        StoreError,
    )
    from gvckit.icio.aggregate import aggregate_table
    from gvckit.icio.leontief import Leontief
    from gvckit.icio.table import IcioTable
    from gvckit.indices.composite import composite
    from gvckit.measures.accounts import accounts
    from gvckit.measures.aggregation import aggregate_results
    from gvckit.measures.borin_mancini import borin_mancini
    from gvckit.measures.digital_inputs import digital_inputs
    from gvckit.measures.extraction import extraction, miroudot_ye
    from gvckit.measures.kww import kww
    from gvckit.measures.lengths import lengths
    from gvckit.measures.origin import value_added_origin
    from gvckit.measures.participation import participation
    from gvckit.measures.position import position
    from gvckit.measures.production import production
    from gvckit.measures.tiva import tiva
    from gvckit.measures.vertical import vax, vs
    from gvckit.measures.wwz import wwz, wwz_to_kww
    from gvckit.models.fit import fit
    from gvckit.models.result import Fit
    from gvckit.run.api import run
    from gvckit.sources.read_icio import read_icio
    from gvckit.sources.world import sample_icio
    from gvckit.sources.world_panel import sample_world
