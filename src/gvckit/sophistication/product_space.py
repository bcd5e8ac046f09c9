"""The product space: proximity of products, density, distance and complexity outlook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError
from gvckit.sophistication import space_kernels as kernels
from gvckit.sophistication.complexity import Indices, indices_of
from gvckit.sophistication.conventions import resolve
from gvckit.sophistication.flows import Flows, check_choices, tidy
from gvckit.sophistication.presence import Floors, Present, connected, population_of, present
from gvckit.sophistication.proximity import PROXIMITY, phi_of, square
from gvckit.sophistication.sample import Income
from gvckit.sophistication.shapes import long_frame
from gvckit.sophistication.value_added import basis_flows

__all__ = ["ProductSpace", "product_space"]

Floats = NDArray[np.float64]

OUTLOOK = {
    "atlas": "index sum_p (1 - M_cp) density_cp PCI_p; gain "
             "sum_q phi_pq / sum_r phi_rq (1 - M_cq) PCI_q - density_cp PCI_p",
    "ecomplexity": "index sum_p (1 - M_cp) density_cp PCI_p, to mean 0 and sd 1; gain "
                   "sum_q phi_pq / sum_r phi_rq (1 - M_cq) PCI_q; PCI the eigenvector, the gain "
                   "divided by the sd of ECI (ddof 0)",
    "economiccomplexity": "index sum_p (1 - M_cp) density_cp PCI_p; gain as atlas's first term",
}


@dataclass(frozen=True)
class ProductSpace:
    """The product space of one or several periods, definitions in each frame's ``attrs``.

    Attributes
    ----------
    products
        Columns country, product[, time], presence, density, distance, gain.
    country
        Columns country[, time], outlook.
    proximity
        Square frame, products by products, of one period; None with several.
    """

    products: pd.DataFrame
    country: pd.DataFrame
    proximity: pd.DataFrame | None


def product_space(
    exports: pd.DataFrame, *, kind: Literal["conditional", "correlation"] = "conditional",
    rca_threshold: float = 1.0,
    outlook: Literal["atlas", "ecomplexity", "economiccomplexity"] = "atlas",
    method: Literal["eigenvalue", "reflections", "fitness"] = "eigenvalue",
    population: Income | None = None, min_population: float | None = None,
    min_exports: float | None = None, min_product_exports: float | None = None,
    disconnected: Literal["error", "largest"] = "error",
    dva: str | pd.DataFrame | None = None, dvar: str | pd.DataFrame | None = None,
    na: str = "error", country: str = "country", product: str = "product", value: str = "value",
    time: str | None = None,
) -> ProductSpace:
    """Return proximity, density, distance and complexity outlook.

    density_cp = Σ_q M_cq φ_qp / Σ_q φ_qp, distance = 1 − density; the outlook index of a country
    adds up density × PCI over the products that it lacks, the outlook gain of a product is what
    having it would open up (Hidalgo et al. 2007; Hausmann et al. 2014).

    Parameters
    ----------
    exports, rca_threshold, disconnected, dva, dvar, na
        As in :func:`gvckit.sophistication.complexity.complexity`.
    population, min_population, min_exports, min_product_exports
        Floors, as there.
    kind
        Proximity from joint presence (``"conditional"``) or from the correlation of RCA.
    outlook
        Whose outlook: the Atlas's, Python ``ecomplexity``'s or R ``economiccomplexity``'s.
    method
        Which product index the outlook weighs with; ``ecomplexity`` has only the eigenvector.
    country, product, value, time
        Names of the columns; with ``time`` None a column ``year``, where there is one, is the
        time, and there is one cross-section where there is none.

    Raises
    ------
    SpecError, DataError
        As :func:`gvckit.sophistication.complexity.complexity`.
    """
    check_choices(kind=(kind, PROXIMITY), outlook=(outlook, OUTLOOK),
                  disconnected=(disconnected, ("error", "largest")))
    if outlook == "ecomplexity" and method != "eigenvalue":
        raise SpecError(Problem("ecomplexity's outlook weighs with the eigenvector",
                                allowed="method='eigenvalue'"))
    stated, steps = resolve(method, outlook, None, None, None, None)
    exports, columns = long_frame(exports, country, product, value, time)
    flows, basis = basis_flows(exports, columns, dva=dva, dvar=dvar, na=na)
    floors = Floors(min_population, min_exports, min_product_exports)
    people = population_of(flows, population, min_population)
    problems: list[Problem] = []
    parts: list[dict[str, Any]] = []
    phi = None
    for t in range(flows.periods):
        here = present(flows, t, kind="rca", threshold=rca_threshold, floors=floors,
                       population=people)
        if isinstance(here, Present) and method == "eigenvalue":
            here = connected(flows, t, here, disconnected)
        if isinstance(here, Problem):
            problems.append(here)
            continue
        found = indices_of(here.M, method, stated, steps, flows.period_name(t) or None)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        phi = phi_of(here, kind)
        parts.append(_period(t, here, found, phi, outlook))
    if problems:
        raise DataError(problems)
    attrs = {"definition": f"{PROXIMITY[kind]}; density_cp = sum_q M_cq phi_qp / sum_q phi_qp; "
                           f"M = 1 where RCA >= {rca_threshold:g}; {basis}; outlook ({outlook}): "
                           f"{OUTLOOK[outlook]}; PCI by {method}",
             "unit": "none", "floors": floors.text(),
             "dropped": _dropped(flows, parts)}
    one = flows.periods == 1 and phi is not None
    return ProductSpace(
        _grid(flows, parts, attrs), _outlooks(flows, parts, attrs),
        square(phi, flows.products[parts[0]["products"]], PROXIMITY[kind])
        if one and phi is not None else None)


def _dropped(flows: Flows, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what was left out, by reason, of each period where there are several."""
    each = {flows.period_name(q["t"]): {k: v for k, v in q["dropped"].items() if v} for q in parts}
    return each if flows.times is not None else next(iter(each.values()))


def _period(
    t: int, here: Present, found: Indices, phi: Floats, outlook: str,
) -> dict[str, Any]:
    M = here.M
    density = kernels.density(M, phi)
    index = found.raw_product if outlook == "ecomplexity" else found.product
    total = ((1.0 - M) * density) @ index
    gain = kernels.outlook_gain(M, phi, index)
    if outlook == "ecomplexity":
        gain /= found.raw_country.std()
        total = (total - total.mean()) / total.std()
    elif outlook == "atlas":
        gain -= (1.0 - M) * density * index
    return {"t": t, "dropped": here.dropped, "countries": here.countries,
            "products": here.products, "M": M, "density": density, "gain": gain,
            "outlook": total}


def _grid(flows: Flows, parts: list[dict[str, Any]], attrs: dict[str, Any]) -> pd.DataFrame:
    names = flows.columns
    c = np.concatenate([np.repeat(q["countries"], len(q["products"])) for q in parts])
    p = np.concatenate([np.tile(q["products"], len(q["countries"])) for q in parts])
    t = np.repeat([q["t"] for q in parts], [q["M"].size for q in parts])
    keys = flows.over_time({names.country: (c, flows.countries),
                            names.product: (p, flows.products)}, t)
    stack = {name: np.concatenate([q[name].ravel() for q in parts])
             for name in ("M", "density", "gain")}
    return tidy(keys, {"presence": stack["M"].astype(np.int8), "density": stack["density"],
                       "distance": 1.0 - stack["density"], "gain": stack["gain"]}, **attrs)


def _outlooks(flows: Flows, parts: list[dict[str, Any]], attrs: dict[str, Any]) -> pd.DataFrame:
    names = flows.columns
    t = np.repeat([q["t"] for q in parts], [len(q["countries"]) for q in parts])
    keys = flows.over_time(
        {names.country: (np.concatenate([q["countries"] for q in parts]), flows.countries)}, t)
    return tidy(keys, {"outlook": np.concatenate([q["outlook"] for q in parts])}, **attrs)
