"""Small-sample factors and degrees of freedom, by the convention of a package.

The factor multiplies the covariance of :mod:`gvckit.models.vcov`.  With n rows, k coefficients
(the intercept among them), fixed effects with L_q levels, q = 1 … Q, and G clusters, G the smaller
number where there are two clustering variables:

=========  =====================  ==============================  ====================  ==========
           iid                    hc1                             cluster               t
=========  =====================  ==============================  ====================  ==========
fixest     n/(n − K)              n/(n − K)                       G/(G−1)·(n−1)/(n−K*)  n−K; G−1
reghdfe    n/(n − K)              n/(n − K)                       G/(G−1)·(n−1)/(n−K*)  as above,
                                                                                        not > n−K*
plm        n/(n − K)              n/(n − k)                       1                     n−K
none       1                      1                               1                     n−K; G−1
=========  =====================  ==============================  ====================  ==========

``fixest``: K = k + Σ L_q − (Q − 1), the default of R fixest (``fixef.force_exact = FALSE``); K*
leaves out the levels of fixed effects that are nested in a clustering variable, all but one each.
``reghdfe``: K = k + Σ (L_q − M_q), M_q the redundant levels by connected components
(:class:`gvckit.models.fixed_effects.Absorbed`); in K* a nested fixed effect has no levels left and
one is added where there is any (``nested_adj``).  ``plm`` and ``none`` count K as ``reghdfe`` does.
``plm`` stands for the defaults of ``vcovHC`` (``type = "HC0"`` clustered, ``"HC1"`` with k slopes)
and ``summary``.
"""

from __future__ import annotations

from dataclasses import dataclass

from gvckit.models.fixed_effects import Absorbed

__all__ = ["Sample", "SmallSample", "fixest", "none", "plm", "reghdfe"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The counts that a small-sample factor may depend on.

    Attributes
    ----------
    kind
        Kind of standard error: iid, hc1 or cluster.
    n, k
        Rows; coefficients, the intercept among them.
    absorbed
        Parameters of the fixed effects.
    nested
        For each fixed effect, whether it is nested in a clustering variable.
    clusters
        Number of clusters of each clustering variable.
    """

    kind: str
    n: int
    k: int
    absorbed: Absorbed
    nested: tuple[bool, ...] = ()
    clusters: tuple[int, ...] = ()

    @property
    def clustered(self) -> bool:
        """Whether the standard errors are clustered."""
        return self.kind == "cluster"


@dataclass(frozen=True, slots=True)
class SmallSample:
    """A small-sample convention applied to a sample.

    Attributes
    ----------
    factor
        Factor on the covariance.
    parameters
        K of the factor (K* under clustering).
    full_parameters
        K with every fixed effect counted, for adjusted R² and the degrees of freedom of iid.
    dof
        Degrees of freedom of the t distribution.
    words
        The factor in words.
    """

    factor: float
    parameters: int
    full_parameters: int
    dof: int
    words: str


def fixest(sample: Sample) -> SmallSample:
    """Return the factor of R fixest 0.12 (``ssc()`` with its defaults)."""
    full = sample.k + sample.absorbed.simple
    spared = sum(levels - 1 for levels, nested in _nesting(sample) if nested)
    return _standard(sample, full, full - spared, "fixest", capped=False)


def reghdfe(sample: Sample) -> SmallSample:
    """Return the factor of reghdfe 6 (``dofadjustments(all)``)."""
    full = sample.k + sample.absorbed.pairwise
    counted = sum(
        levels - redundant
        for (levels, nested), redundant in zip(
            _nesting(sample), sample.absorbed.redundant, strict=True) if not nested)
    starred = sample.k + counted + int(any(sample.nested))
    return _standard(sample, full, starred if sample.clustered else full, "reghdfe", capped=True)


def plm(sample: Sample) -> SmallSample:
    """Return the factor of R plm: none under clustering, always n − K degrees of freedom."""
    full = sample.k + sample.absorbed.pairwise
    dof = sample.n - full
    if sample.clustered:
        return SmallSample(1.0, full, full, dof, "no small-sample factor (plm, type HC0)")
    if sample.kind == "hc1":
        return SmallSample(_ratio(sample.n, sample.n - sample.k), sample.k, full, dof,
                           "small-sample factor n/(n−k) with fixed effects not counted (plm)")
    return SmallSample(_ratio(sample.n, dof), full, full, dof,
                       "small-sample factor n/(n−K) with fixed effects counted (plm)")


def none(sample: Sample) -> SmallSample:
    """Return the factor 1."""
    full = sample.k + sample.absorbed.pairwise
    dof = min(sample.clusters) - 1 if sample.clustered else sample.n - full
    return SmallSample(1.0, full, full, dof, "no small-sample factor")


def _nesting(sample: Sample) -> list[tuple[int, bool]]:
    nested = sample.nested or (False,) * len(sample.absorbed.levels)
    return list(zip(sample.absorbed.levels, nested, strict=True))


def _standard(sample: Sample, full: int, starred: int, label: str, *, capped: bool) -> SmallSample:
    n = sample.n
    if not sample.clustered:
        counted = " with fixed effects counted" if sample.absorbed.levels else ""
        return SmallSample(_ratio(n, n - full), full, full, n - full,
                           f"small-sample factor n/(n−K){counted} ({label})")
    groups = min(sample.clusters)
    factor = _ratio(groups, groups - 1) * _ratio(n - 1, n - starred)
    dof = min(groups - 1, n - starred) if capped else groups - 1
    parts = ["small-sample factor G/(G−1)·(n−1)/(n−K)"]
    if len(sample.clusters) > 1:
        parts.append("G the smaller number of clusters")
    if any(sample.nested):
        parts.append("nested fixed effects not counted")
    words = parts[0] + (" with " + " and ".join(parts[1:]) if parts[1:] else "")
    return SmallSample(factor, starred, full, dof, f"{words} ({label})")


def _ratio(above: int, below: int) -> float:
    return above / below if below > 0 else float("inf")
