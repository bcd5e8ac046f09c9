"""The rules of :mod:`gvckit.indices.builders` on frames.

Each takes the frames of what it is built from (the value's name → a frame of its keys and the
value), the names under ``of``, the keys of the index and the parameters, and returns the keys and
the column ``value``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem, SpecError, listing, unknown
from gvckit.indices.barriers import (
    bilateral_means,
    faced_abroad,
    regulatory_heterogeneity,
    trade_weights,
)
from gvckit.indices.governance import (
    MEASURES,
    agreement_commitments,
    country_commitments,
    over_partners,
)

__all__ = ["agreements_in_force", "commitments_of_pairs", "faced_barrier", "pair_heterogeneity",
           "pair_mean", "partners"]

Frames = Mapping[str, pd.DataFrame]
By = Sequence[str]
Parameters = Mapping[str, Any]


def faced_barrier(frames: Frames, of: Sequence[str], by: By, given: Parameters) -> pd.DataFrame:
    """Return the destination-weighted barrier: :func:`~gvckit.indices.barriers.faced_abroad`."""
    name = str(given["weights"])
    weights = trade_weights(_keyed(frames[name], ("exporter", "importer", by[-1]), name), name,
                            given["years"], time=by[-1])
    barriers = _keyed(frames[of[0]], by, of[0]).dropna(subset=[of[0]])
    done = faced_abroad(barriers, of[0], weights, time=by[-1], least=given.get("least", 0.5))
    years = [int(y) for y in given["years"]]
    done.attrs["definition"] += f"; weights of {min(years)} to {max(years)}"
    return _value(done, by, "faced")


def pair_mean(frames: Frames, of: Sequence[str], by: By, given: Parameters) -> pd.DataFrame:
    """Return the bilateral mean: :func:`~gvckit.indices.barriers.bilateral_means`."""
    barriers = _keyed(frames[of[0]], ("country", by[-1]), of[0])
    return _value(bilateral_means(barriers, of[0], time=by[-1]), by, "mean")


def pair_heterogeneity(frames: Frames, of: Sequence[str], by: By, given: Parameters
                       ) -> pd.DataFrame:
    """Return :func:`~gvckit.indices.barriers.regulatory_heterogeneity`."""
    answers = _joined(frames, of, ("country", by[-1]))
    done = regulatory_heterogeneity(answers, of, weights=given.get("shares") or None,
                                    distance=given.get("distance", "differs"), time=by[-1])
    return _value(done, by, "heterogeneity")


def partners(frames: Frames, of: Sequence[str], by: By, given: Parameters) -> pd.DataFrame:
    """Return :func:`~gvckit.indices.governance.over_partners`."""
    pairs = _keyed(frames[of[0]], ("exporter", "importer", by[-1]), of[0])
    done = over_partners(pairs, of[0], how=given.get("how", "mean"), time=by[-1])
    return _value(done, by, of[0])


def commitments_of_pairs(frames: Frames, of: Sequence[str], by: By, given: Parameters
                         ) -> pd.DataFrame:
    """Return depth, scope or extent of pairs, or of countries gathered over their partners."""
    value = str(given.get("value", "depth"))
    if value not in MEASURES:
        raise SpecError(unknown("measure of commitments", value, MEASURES))
    pairs = _joined(frames, of, ("exporter", "importer", by[-1]))
    done = agreement_commitments(pairs, of, most=given.get("most", 1.0))
    words = f"{value} of commitments in {len(of)} items"
    if "country" in by:
        done = over_partners(done, value, how=given.get("how", "max"), time=by[-1])
        words = f"{done.attrs['definition']}: {words}"
    done.attrs = {"definition": words}
    return _value(done, by, value)


def agreements_in_force(frames: Frames, of: Sequence[str], by: By, given: Parameters
                        ) -> pd.DataFrame:
    """Return the number of agreements in force of each country and year.

    The frames have the keys country and agreement: the value ``of`` is the first year in force, the
    value ``until`` the year of withdrawal, the first without it.
    """
    spells = _keyed(frames[of[0]], ("country", "agreement"), of[0]).rename(
        columns={of[0]: "start"}).dropna(subset=["start"])
    if given.get("until"):
        name = str(given["until"])
        left = _keyed(frames[name], ("country", "agreement"), name)
        spells = spells.merge(left, on=["country", "agreement"], how="left", validate="one_to_one")
        spells["end"] = spells.pop(name) - 1.0
    agreements = pd.DataFrame({"agreement": sorted(set(spells["agreement"])), "count": 1.0})
    done = country_commitments(agreements, spells, [int(y) for y in given["years"]], value="count",
                               how="count").rename(columns={"year": by[-1]})
    done.attrs = {"definition": "number of agreements in force that the country is in"}
    return _value(done, by, "count")


def _joined(frames: Frames, of: Sequence[str], keys: Sequence[str]) -> pd.DataFrame:
    out = _keyed(frames[of[0]], keys, of[0])
    for name in of[1:]:
        out = out.merge(_keyed(frames[name], keys, name), on=list(keys), how="outer",
                        validate="one_to_one")
    return out


def _keyed(frame: pd.DataFrame, keys: Sequence[str], name: str) -> pd.DataFrame:
    lacking = [k for k in keys if k not in frame.columns]
    if lacking:
        raise DataError(Problem(f"{name!r} has no key {listing(lacking)}",
                                allowed=f"a value by {', '.join(keys)}"))
    return frame[[*keys, name]]


def _value(frame: pd.DataFrame, by: By, column: str) -> pd.DataFrame:
    out = frame[[*by, column]].rename(columns={column: "value"})
    if not np.isfinite(out["value"].to_numpy(dtype=np.float64)).any():
        raise DataError("no row of the index has a value")
    out.attrs = dict(frame.attrs)
    return out.reset_index(drop=True)
