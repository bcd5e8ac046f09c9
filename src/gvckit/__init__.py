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
    "composite": "gvckit.indices.composite",
    "fit": "gvckit.models.fit",
    "curve": "gvckit.models.curve",
    "wild_bootstrap": "gvckit.models.wild_fit",
    "split_fit": "gvckit.models.split",
    "randomisation_test": "gvckit.models.randomise",
    "turning_point": "gvckit.models.quadratic",
    "marginal_effects": "gvckit.models.moderation",
    "johnson_neyman": "gvckit.models.moderation",
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
    "composite",
    "curve",
    "digital_inputs",
    "fit",
    "johnson_neyman",
    "lengths",
    "marginal_effects",
    "participation",
    "position",
    "production",
    "randomisation_test",
    "read_icio",
    "run",
    "sample_icio",
    "sample_world",
    "split_fit",
    "turning_point",
    "wild_bootstrap",
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
    from gvckit.icio.leontief import Leontief
    from gvckit.icio.table import IcioTable
    from gvckit.indices.composite import composite
    from gvckit.measures.accounts import accounts
    from gvckit.measures.digital_inputs import digital_inputs
    from gvckit.measures.lengths import lengths
    from gvckit.measures.participation import participation
    from gvckit.measures.position import position
    from gvckit.measures.production import production
    from gvckit.models.curve import curve
    from gvckit.models.fit import fit
    from gvckit.models.moderation import johnson_neyman, marginal_effects
    from gvckit.models.quadratic import turning_point
    from gvckit.models.randomise import randomisation_test
    from gvckit.models.result import Fit
    from gvckit.models.split import split_fit
    from gvckit.models.wild_fit import wild_bootstrap
    from gvckit.run.api import run
    from gvckit.sources.read_icio import read_icio
    from gvckit.sources.world import sample_icio
    from gvckit.sources.world_panel import sample_world
