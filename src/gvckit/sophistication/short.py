"""The names that users look for first, each a column of a measure that says more."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gvckit.errors import Problem, SpecError
from gvckit.sophistication.advantage import advantage
from gvckit.sophistication.complexity import Complexity, complexity
from gvckit.sophistication.product_space import product_space

__all__ = ["density", "eci", "fitness", "pci", "rca"]


def rca(exports: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Return RCA = (x_ci / C_c) / (I_i / W) (Balassa 1965): country, product[, time], rca.

    Options are those of :func:`gvckit.sophistication.advantage.advantage` without ``kind``.

    Raises
    ------
    SpecError, DataError
        As ``advantage``.
    """
    _not(options, "kind", "advantage(exports, kind)")
    return _renamed(advantage(exports, "balassa", **options), "advantage", "rca")


def eci(exports: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Return the economic complexity index of countries: country[, time], eci, diversity.

    The second eigenvector of D⁻¹ M U⁻¹ M' (Hausmann et al. 2014); options are those of
    :func:`gvckit.sophistication.complexity.complexity` without ``method``.

    Raises
    ------
    SpecError, DataError
        As ``complexity``.
    """
    _not(options, "method", "complexity(exports, method)")
    return _renamed(complexity(exports, **options).country, "index", "eci")


def pci(exports: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Return the product complexity index: product[, time], pci, ubiquity.

    The second eigenvector of U⁻¹ M' D⁻¹ M; options as :func:`eci`.

    Raises
    ------
    SpecError, DataError
        As ``complexity``.
    """
    _not(options, "method", "complexity(exports, method)")
    return _renamed(complexity(exports, **options).product, "index", "pci")


def fitness(exports: pd.DataFrame, **options: Any) -> Complexity:
    """Return fitness of countries and complexity of products (Tacchella et al. 2012), with ranks.

    F_c ← Σ_p M_cp Q_p and Q_p ← 1 / Σ_c M_cp / F_c, each divided by its mean, a fixed number of
    ``iterations`` (19) from ones; other options as
    :func:`gvckit.sophistication.complexity.complexity`.

    Raises
    ------
    SpecError, DataError
        As ``complexity``.
    """
    _not(options, "method", "complexity(exports, method)")
    return complexity(exports, "fitness", **options)


def density(exports: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Return density_cp = Σ_q M_cq φ_qp / Σ_q φ_qp: country, product[, time], density.

    How near a product is to what a country exports (Hidalgo et al. 2007).  Options are those of
    :func:`gvckit.sophistication.product_space.product_space`; density needs no index of
    complexity, so that a product space in parts is no fault here.

    Raises
    ------
    SpecError, DataError
        As ``product_space``.
    """
    _not(options, "method", "product_space(exports, method=…)")
    found = product_space(exports, method="fitness", **options).products
    found = found.drop(columns=["presence", "distance", "gain"])
    found.attrs["definition"] = found.attrs["definition"].split("; outlook")[0]
    return found


def _not(options: dict[str, Any], name: str, instead: str) -> None:
    if name in options:
        raise SpecError(Problem(f"no option {name!r} here", allowed=instead))


def _renamed(frame: pd.DataFrame, old: str, new: str) -> pd.DataFrame:
    attrs = dict(frame.attrs)
    frame = frame.rename(columns={old: new})
    frame.attrs = attrs
    return frame
