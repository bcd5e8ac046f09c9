"""Audit a composite index, and render what the audit found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.indices.audit import audit_index
from gvckit.report.audit_tables import AUDIT_TABLES, Audited
from gvckit.report.request import dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.indices import assembled
from gvckit.run.tasks.written import written

_FRAMES = ("indicators", "correlations", "loadings", "reliability", "ranks", "variants",
           "leave_out", "variance", "sobol")


def audit(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> Bundle:
    """Return the frames of the audit of an index, and what its Sobol indices leave out."""
    frame, unit, time, over = assembled(inputs, params)
    done = audit_index(frame, params["tree"], unit=unit, time=time, over=over,
                       plan=params["plan"], seed=params["seed"], points=params["points"])
    return Bundle({**{name: getattr(done, name) for name in _FRAMES},
                   "left_out": list(done.sobol.attrs["left_out"]),
                   "excluded": list(done.excluded)})


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
           ) -> Bundle:
    """Return the files of one table of an audit."""
    found = inputs["audit"]
    audited = Audited(
        {name: found[name] for name in _FRAMES}, found["left_out"], params["index"],
        dictionary_from(params["dictionary"]), params["vary"], params["points"], params["unit"],
        params["time"], params["year"], params["title"], params["notes"])
    return written([AUDIT_TABLES[params["kind"]](audited, language, params["id"])
                    for language in params["languages"]])
