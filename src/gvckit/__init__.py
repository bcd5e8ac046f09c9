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
    "digital_linkages": "gvckit.measures.digital_linkages",
    "digital_value_origin": "gvckit.measures.digital_linkages",
    "supplier_use": "gvckit.measures.digital_linkages",
    "digital_placebo": "gvckit.measures.digital_placebo",
    "supplier_draws": "gvckit.measures.digital_placebo",
    "prody": "gvckit.sophistication.prody",
    "expy": "gvckit.sophistication.prody",
    "complexity": "gvckit.sophistication.complexity",
    "product_space": "gvckit.sophistication.product_space",
    "advantage": "gvckit.sophistication.advantage",
    "quality": "gvckit.sophistication.quality",
    "diversification": "gvckit.sophistication.diversification",
    "proximity": "gvckit.sophistication.proximity",
    "similarity": "gvckit.sophistication.diversification",
    "technical_complexity": "gvckit.sophistication.technical",
    "sector_exports": "gvckit.sophistication.sectors",
    "product_shares": "gvckit.sophistication.sectors",
    "rca": "gvckit.sophistication.short",
    "eci": "gvckit.sophistication.short",
    "pci": "gvckit.sophistication.short",
    "fitness": "gvckit.sophistication.short",
    "density": "gvckit.sophistication.short",
    "upstreamness": "gvckit.measures.upstreamness",
    "border_crossings": "gvckit.measures.crossings",
    "apl": "gvckit.measures.apl",
    "final_shares": "gvckit.measures.final_shares",
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
    "audit_index": "gvckit.indices.audit",
    "variants": "gvckit.indices.variants",
    "agreement_commitments": "gvckit.indices.governance",
    "country_commitments": "gvckit.indices.governance",
    "pair_commitments": "gvckit.indices.governance",
    "bilateral_means": "gvckit.indices.barriers",
    "faced_abroad": "gvckit.indices.barriers",
    "regulatory_heterogeneity": "gvckit.indices.barriers",
    "trade_weights": "gvckit.indices.barriers",
    "index_uncertainty": "gvckit.models.index_uncertainty",
    "fit": "gvckit.models.fit",
    "curve": "gvckit.models.curve",
    "wild_bootstrap": "gvckit.models.wild_fit",
    "holm": "gvckit.models.multiple",
    "benjamini_hochberg": "gvckit.models.multiple",
    "romano_wolf": "gvckit.models.multiple",
    "romano_wolf_across": "gvckit.models.stepdown",
    "Hypotheses": "gvckit.models.stepdown",
    "split_fit": "gvckit.models.split",
    "randomisation_test": "gvckit.models.randomise",
    "placebo": "gvckit.models.placebo",
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
    "Hypotheses",
    "IcioTable",
    "Leontief",
    "ModelError",
    "ReplicationMismatch",
    "SpecError",
    "StoreError",
    "__version__",
    "accounts",
    "advantage",
    "aggregate_results",
    "aggregate_table",
    "agreement_commitments",
    "apl",
    "audit_index",
    "benjamini_hochberg",
    "bilateral_means",
    "border_crossings",
    "borin_mancini",
    "complexity",
    "composite",
    "country_commitments",
    "curve",
    "density",
    "digital_inputs",
    "digital_linkages",
    "digital_placebo",
    "digital_value_origin",
    "diversification",
    "eci",
    "expy",
    "extraction",
    "faced_abroad",
    "final_shares",
    "fit",
    "fitness",
    "holm",
    "index_uncertainty",
    "johnson_neyman",
    "kww",
    "lengths",
    "marginal_effects",
    "miroudot_ye",
    "pair_commitments",
    "participation",
    "pci",
    "placebo",
    "position",
    "product_shares",
    "product_space",
    "production",
    "prody",
    "proximity",
    "quality",
    "randomisation_test",
    "rca",
    "read_icio",
    "regulatory_heterogeneity",
    "romano_wolf",
    "romano_wolf_across",
    "run",
    "sample_icio",
    "sample_world",
    "sector_exports",
    "similarity",
    "split_fit",
    "supplier_draws",
    "supplier_use",
    "technical_complexity",
    "tiva",
    "trade_weights",
    "turning_point",
    "upstreamness",
    "value_added_origin",
    "variants",
    "vax",
    "vs",
    "wild_bootstrap",
    "wwz",
    "wwz_to_kww",
]


def __getattr__(name: str) -> Any:
    if name == "run":
        return importlib.import_module("gvckit.run")
    if name == "tests":
        return importlib.import_module("gvckit.models.tests")
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
    from gvckit.indices.audit import audit_index
    from gvckit.indices.barriers import (
        bilateral_means,
        faced_abroad,
        regulatory_heterogeneity,
        trade_weights,
    )
    from gvckit.indices.composite import composite
    from gvckit.indices.governance import (
        agreement_commitments,
        country_commitments,
        pair_commitments,
    )
    from gvckit.indices.variants import variants
    from gvckit.measures.accounts import accounts
    from gvckit.measures.aggregation import aggregate_results
    from gvckit.measures.apl import apl
    from gvckit.measures.borin_mancini import borin_mancini
    from gvckit.measures.crossings import border_crossings
    from gvckit.measures.digital_inputs import digital_inputs
    from gvckit.measures.digital_linkages import (
        digital_linkages,
        digital_value_origin,
        supplier_use,
    )
    from gvckit.measures.digital_placebo import digital_placebo, supplier_draws
    from gvckit.measures.extraction import extraction, miroudot_ye
    from gvckit.measures.final_shares import final_shares
    from gvckit.measures.kww import kww
    from gvckit.measures.lengths import lengths
    from gvckit.measures.origin import value_added_origin
    from gvckit.measures.participation import participation
    from gvckit.measures.position import position
    from gvckit.measures.production import production
    from gvckit.measures.tiva import tiva
    from gvckit.measures.upstreamness import upstreamness
    from gvckit.measures.vertical import vax, vs
    from gvckit.measures.wwz import wwz, wwz_to_kww
    from gvckit.models.curve import curve
    from gvckit.models.fit import fit
    from gvckit.models.index_uncertainty import index_uncertainty
    from gvckit.models.moderation import johnson_neyman, marginal_effects
    from gvckit.models.multiple import benjamini_hochberg, holm, romano_wolf
    from gvckit.models.placebo import placebo
    from gvckit.models.quadratic import turning_point
    from gvckit.models.randomise import randomisation_test
    from gvckit.models.result import Fit
    from gvckit.models.split import split_fit
    from gvckit.models.stepdown import Hypotheses, romano_wolf_across
    from gvckit.models.wild_fit import wild_bootstrap
    from gvckit.run.api import run
    from gvckit.sophistication.advantage import advantage
    from gvckit.sophistication.complexity import complexity
    from gvckit.sophistication.diversification import diversification, similarity
    from gvckit.sophistication.product_space import product_space
    from gvckit.sophistication.prody import expy, prody
    from gvckit.sophistication.proximity import proximity
    from gvckit.sophistication.quality import quality
    from gvckit.sophistication.sectors import product_shares, sector_exports
    from gvckit.sophistication.short import density, eci, fitness, pci, rca
    from gvckit.sophistication.technical import technical_complexity
    from gvckit.sources.read_icio import read_icio
    from gvckit.sources.world import sample_icio
    from gvckit.sources.world_panel import sample_world
