"""Which standard errors and which distribution are behind the intervals of a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.models.inference import FEW_CLUSTERS
from gvckit.models.multiverse import Cells
from gvckit.models.specifications import Specification

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["errors_behind"]

_OWN = ("fama-macbeth", "mean-group", "cce-pooled")
"""Estimators whose standard errors are not those that ``se`` asks for."""


def errors_behind(specs: Sequence[Specification], cells: Cells) -> list[dict[str, Any]]:
    """Return the kinds of standard error of the specifications with an interval.

    One entry a kind, in order of first appearance, as JSON values: ``kind`` and ``by`` (or
    ``estimator`` where that decides), ``count`` of specifications, ``dof`` (smallest, largest) of
    their t distribution, empty where it is the normal one, ``clusters`` (the same, empty where
    errors are not clustered) and how many specifications have ``few`` of them.
    """
    members: dict[tuple[str, tuple[str, ...], str, bool], list[int]] = {}
    for number in np.flatnonzero(np.isfinite(cells.se)).tolist():
        model = specs[number].model
        own = model.estimator if model.estimator in _OWN else ""
        kind, by = ("", ()) if own else (model.se.kind, model.se.by)
        normal = bool(np.isinf(cells.dof[number]))
        members.setdefault((kind, by, own, normal), []).append(number)
    found = []
    for (kind, by, own, normal), numbers in members.items():
        clusters = cells.clusters[numbers]
        known = clusters[clusters > 0]
        found.append({
            "kind": kind, "by": list(by), "estimator": own, "count": len(numbers),
            "dof": [] if normal else _ends(cells.dof[numbers]),
            "clusters": [int(c) for c in _ends(known)],
            "few": int((known < FEW_CLUSTERS).sum())})
    return found


def _ends(values: NDArray[Any]) -> list[float]:
    return [float(values.min()), float(values.max())] if len(values) else []
