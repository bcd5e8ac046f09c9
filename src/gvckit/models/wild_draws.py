"""t statistics of wild bootstrap draws whose multipliers are given, for every estimator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from gvckit.models.design import Design
from gvckit.models.model import Model
from gvckit.models.wild import drawn_statistics
from gvckit.models.wild_fit import check_bootstrap, prepared
from gvckit.models.wild_iv import drawn_terms
from gvckit.models.wild_poisson import newton_steps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["drawn_tests"]


def drawn_tests(
    design: Design, model: Model, name: str, terms: Sequence[str],
    blocks: Callable[[], Iterator[NDArray[np.float64]]],
) -> dict[str, tuple[float, NDArray[np.float64]]]:
    """Return, by term, t and its draws (B,) with the null of zero imposed on it.

    Parameters
    ----------
    design, model
        As :func:`gvckit.models.wild_rows.bootstrap_rows` returns them.
    name, terms
        Of the model, and what is tested.
    blocks
        Makes the multipliers (b, G), the same each time, of the clusters of the variable with the
        fewest; a draw with a variance that is not positive is missing.

    Raises
    ------
    SpecError
        Terms that are not estimated.
    ModelError
        An estimator without bootstrap; a variance that is not positive.
    """
    check_bootstrap(model, name)
    if model.instruments:
        return drawn_terms(design, model, name, terms, blocks)
    if model.estimator == "ppml":
        steps = newton_steps(design, model, name, terms)
        return {term: drawn_statistics(s.regression, s.residuals, s.moved, design.clusters,
                                       s.factor, blocks()) for term, s in steps.items()}
    ready = prepared(design, model, name, terms)
    return {term: drawn_statistics(regression, ready.residuals, estimate, design.clusters,
                                   ready.factor, blocks())
            for term, (regression, estimate) in ready.coefficients.items()}
