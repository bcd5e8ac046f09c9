"""Proximity of products, or of countries: how often one comes with the other."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError
from gvckit.sophistication import space_kernels as kernels
from gvckit.sophistication.flows import check_choices, tidy
from gvckit.sophistication.presence import Floors, Present, present
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import basis_flows

__all__ = ["PROXIMITY", "phi_of", "proximity", "square"]

Floats = NDArray[np.float64]

PROXIMITY = {
    "conditional": "phi_pq = sum_c M_cp M_cq / max(k_p, k_q) (Hidalgo et al. 2007)",
    "correlation": "phi_pq = (1 + corr(RCA_p, RCA_q)) / 2",
}

def proximity(
    exports: pd.DataFrame, *, of: Literal["product", "country"] = "product",
    kind: Literal["conditional", "correlation"] = "conditional", rca_threshold: float = 1.0,
    pairs: bool = False, dva: str | pd.DataFrame | None = None,
    dvar: str | pd.DataFrame | None = None, na: str = "error", country: str = "country",
    product: str = "product", value: str = "value", time: str | None = None,
) -> pd.DataFrame:
    """Return how near products (or countries) are to one another.

    φ_pq = Σ_c M_cp M_cq / max(k_p, k_q), the smaller of the two conditional probabilities that a
    country with one product has the other (Hidalgo, Klinger, Barabási & Hausmann 2007); 1 on the
    diagonal.

    Parameters
    ----------
    of
        Of ``"product"`` or of ``"country"``: countries are near that have the same products.
    kind
        From joint presence (``"conditional"``) or from the correlation of RCA.
    pairs
        Whether to return pairs, one row each, as several periods need.
    exports, rca_threshold, dva, dvar, na, country, product, value, time
        As in :func:`gvckit.sophistication.complexity.complexity`.

    Returns
    -------
    A square frame of products (or countries); with ``pairs`` product (or country), partner[, time],
    proximity, for every ordered pair of different ones.

    Raises
    ------
    SpecError, DataError
        As :func:`gvckit.sophistication.complexity.complexity`; several periods without ``pairs``.
    """
    check_choices(of=(of, ("product", "country")), kind=(kind, PROXIMITY))
    exports, columns = long_frame(exports, country, product, value, time)
    flows, basis = basis_flows(exports, columns, dva=dva, dvar=dvar, na=na)
    if flows.periods > 1 and not pairs:
        raise SpecError(Problem(f"a square frame holds one period, the exports have "
                                f"{flows.periods}", allowed="pairs=True, or one period"))
    labels = flows.products if of == "product" else flows.countries
    problems: list[Problem] = []
    parts: list[tuple[int, NDArray[np.intp], Floats]] = []
    for t in range(flows.periods):
        here = present(flows, t, kind="rca", threshold=rca_threshold, floors=Floors(),
                       population=None)
        if isinstance(here, Problem):
            problems.append(here)
            continue
        side = here if of == "product" else Present(here.M.T, here.R.T, here.products,
                                                    here.countries, here.dropped)
        parts.append((t, side.products, phi_of(side, kind)))
    if problems:
        raise DataError(problems)
    if not pairs:
        return square(parts[0][2], labels[parts[0][1]], f"{PROXIMITY[kind]}; {basis}")
    apart = [np.nonzero(~np.eye(len(p), dtype=bool)) for _, p, _ in parts]
    keys = flows.over_time(
        {product if of == "product" else country: (np.concatenate(
            [p[a] for (_, p, _), (a, _) in zip(parts, apart, strict=True)]), labels),
         "partner": (np.concatenate(
             [p[b] for (_, p, _), (_, b) in zip(parts, apart, strict=True)]), labels)},
        np.repeat([t for t, *_ in parts], [len(a) for a, _ in apart]))
    return tidy(keys, {"proximity": np.concatenate(
        [phi[a] for (*_, phi), a in zip(parts, apart, strict=True)])},
        definition=f"{PROXIMITY[kind]}; {basis}", unit="none")


def phi_of(here: Present, kind: str) -> Floats:
    """Return the proximity of the products of a presence matrix, shape (P', P')."""
    return (kernels.proximity(here.M) if kind == "conditional"
            else kernels.correlation_proximity(here.R))


def square(phi: Floats, labels: pd.Index, definition: str) -> pd.DataFrame:
    """Return a square frame with its definition."""
    frame = pd.DataFrame(phi, index=labels, columns=labels, copy=False)
    frame.attrs = {"definition": definition, "unit": "none"}
    return frame
