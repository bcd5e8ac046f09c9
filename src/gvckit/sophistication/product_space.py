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
from gvckit.sophistication.flows import Columns, Flows, check_choices, read_flows, tidy
from gvckit.sophistication.presence import Floors, Present, present, split_problem

__all__ = ["ProductSpace", "product_space", "proximity"]

Floats = NDArray[np.float64]

PROXIMITY = {
    "conditional": "phi_pq = sum_c M_cp M_cq / max(k_p, k_q) (Hidalgo et al. 2007)",
    "correlation": "phi_pq = (1 + corr(RCA_p, RCA_q)) / 2",
}
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
        Square frame, products by products, of one cross-section; None with several periods.
    """

    products: pd.DataFrame
    country: pd.DataFrame
    proximity: pd.DataFrame | None


def proximity(
    exports: pd.DataFrame, *, of: Literal["product", "country"] = "product",
    kind: Literal["conditional", "correlation"] = "conditional", rca_threshold: float = 1.0,
    na: str = "error", country: str = "country", product: str = "product", value: str = "value",
) -> pd.DataFrame:
    """Return how near products (or countries) are to one another, a square frame.

    φ_pq is the smaller of the two conditional probabilities that a country with one product has
    the other; 1 on the diagonal.

    Raises
    ------
    SpecError, DataError
        As :func:`gvckit.sophistication.complexity.complexity`.
    """
    check_choices(of=(of, ("product", "country")), kind=(kind, PROXIMITY))
    flows, _ = read_flows(exports, Columns(country, product, value), na=na)
    here = _present(flows, 0, rca_threshold)
    if isinstance(here, Problem):
        raise DataError(here)
    side = here if of == "product" else Present(here.M.T, here.R.T, here.products, here.countries,
                                                here.dropped)
    labels = flows.products if of == "product" else flows.countries
    return _square(_phi(side, kind), labels[side.products], kind)


def product_space(
    exports: pd.DataFrame, *, kind: Literal["conditional", "correlation"] = "conditional",
    rca_threshold: float = 1.0,
    outlook: Literal["atlas", "ecomplexity", "economiccomplexity"] = "atlas",
    method: Literal["eigenvalue", "reflections", "fitness"] = "eigenvalue",
    na: str = "error", country: str = "country", product: str = "product", value: str = "value",
    time: str | None = None,
) -> ProductSpace:
    """Return proximity, density, distance and complexity outlook.

    density_cp = Σ_q M_cq φ_qp / Σ_q φ_qp, distance = 1 − density; the outlook index of a country
    adds up density × PCI over the products that it lacks, the outlook gain of a product is what
    having it would open up.

    Parameters
    ----------
    exports, rca_threshold, na
        As in :func:`gvckit.sophistication.complexity.complexity`.
    kind
        Proximity from joint presence (``"conditional"``) or from the correlation of RCA.
    outlook
        Whose outlook: the Atlas's, Python ``ecomplexity``'s or R ``economiccomplexity``'s.
    method
        Which product index the outlook weighs with; ``ecomplexity`` has only the eigenvector.
    country, product, value, time
        Names of the columns; ``time`` None for one cross-section.

    Raises
    ------
    SpecError, DataError
        As :func:`gvckit.sophistication.complexity.complexity`.
    """
    check_choices(kind=(kind, PROXIMITY), outlook=(outlook, OUTLOOK))
    if outlook == "ecomplexity" and method != "eigenvalue":
        raise SpecError(Problem("ecomplexity's outlook weighs with the eigenvector",
                                allowed="method='eigenvalue'"))
    stated, steps = resolve(method, outlook, None, None, None, None)
    flows, _ = read_flows(exports, Columns(country, product, value, time), na=na)
    problems: list[Problem] = []
    parts: list[dict[str, Any]] = []
    phi = None
    for t in range(flows.periods):
        here = _present(flows, t, rca_threshold)
        apart = (split_problem(flows, t, here)
                 if isinstance(here, Present) and method == "eigenvalue" else None)
        if isinstance(here, Problem) or apart is not None:
            problems.append(here if isinstance(here, Problem) else apart or Problem(""))
            continue
        found = indices_of(here.M, method, stated, steps, flows.period_name(t) or None)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        phi = _phi(here, kind)
        parts.append(_period(t, here, found, phi, outlook))
    if problems:
        raise DataError(problems)
    attrs = {"definition": f"{PROXIMITY[kind]}; density_cp = sum_q M_cq phi_qp / sum_q phi_qp; "
                           f"outlook ({outlook}): {OUTLOOK[outlook]}; M = 1 where RCA >= "
                           f"{rca_threshold:g}; PCI by {method}",
             "unit": "none"}
    one = flows.times is None and phi is not None
    return ProductSpace(
        _grid(flows, parts, attrs), _outlooks(flows, parts, attrs),
        _square(phi, flows.products[parts[0]["products"]], kind) if one and phi is not None
        else None)


def _present(flows: Flows, t: int, threshold: float) -> Present | Problem:
    return present(flows, t, kind="rca", threshold=threshold, floors=Floors(), population=None)


def _phi(here: Present, kind: str) -> Floats:
    return (kernels.proximity(here.M) if kind == "conditional"
            else kernels.correlation_proximity(here.R))


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
    return {"t": t, "countries": here.countries, "products": here.products, "M": M,
            "density": density, "gain": gain, "outlook": total}


def _square(phi: Floats, labels: pd.Index, kind: str) -> pd.DataFrame:
    frame = pd.DataFrame(phi, index=labels, columns=labels, copy=False)
    frame.attrs = {"definition": PROXIMITY[kind], "unit": "none"}
    return frame


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
