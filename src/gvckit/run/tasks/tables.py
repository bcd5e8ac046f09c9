"""Read one year of an inter-country input-output source, or of the sample world."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.icio.table import IcioTable
from gvckit.sources.catalogue import Source


def read(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
         ) -> IcioTable:
    """Return the table of ``params["year"]`` of the catalogue's row ``params["source"]``."""
    row = dict(params["source"])
    source = Source(**{**row, "patterns": tuple(row["patterns"]), "years": tuple(row["years"])})
    return source.load()(files.get("table"), year=params["year"], source=source,
                         policy=params.get("policy") or None)


def sample(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> IcioTable:
    """Return one year of a sample world of the size that the spec asks for."""
    from gvckit.sources.world import sample_icio

    return sample_icio(**params)
