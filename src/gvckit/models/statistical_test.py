"""What a test returns, and what every test on a panel model starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy.stats import chi2, f, norm

from gvckit.models.design import Design, build_design
from gvckit.models.model import Model, parse_model

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["StatisticalTest", "chi_squared", "fisher", "normal", "prepared"]


@dataclass(frozen=True, slots=True)
class StatisticalTest:
    """One test.

    Attributes
    ----------
    name
        Name of the test.
    statistic, p
        The statistic and its p value.
    distribution
        chi2, F or normal.
    df
        Degrees of freedom: one number, two for F, none for the normal distribution.
    null
        The hypothesis in words.
    convention
        Which variant of the test this is.
    """

    name: str
    statistic: float
    p: float
    distribution: str
    df: tuple[float, ...]
    null: str
    convention: str

    def __str__(self) -> str:
        df = f"({', '.join(f'{d:g}' for d in self.df)})" if self.df else ""
        return (f"{self.name}: {self.distribution}{df} = {self.statistic:.6g}, p = {self.p:.4g}; "
                f"null: {self.null} ({self.convention})")


def chi_squared(name: str, statistic: float, df: float, null: str, convention: str
                ) -> StatisticalTest:
    """Return a test whose statistic is chi-squared with ``df`` degrees of freedom."""
    return StatisticalTest(name, float(statistic), float(chi2.sf(statistic, df)), "chi2",
                           (float(df),), null, convention)


def fisher(name: str, statistic: float, df: tuple[float, float], null: str, convention: str
           ) -> StatisticalTest:
    """Return a test whose statistic is F with ``df`` degrees of freedom."""
    return StatisticalTest(name, float(statistic), float(f.sf(statistic, *df)), "F",
                           (float(df[0]), float(df[1])), null, convention)


def normal(name: str, statistic: float, null: str, convention: str, tail: str = "both"
           ) -> StatisticalTest:
    """Return a test whose statistic is standard normal; ``tail`` is both, lower or upper."""
    p = {"both": 2 * norm.sf(abs(statistic)), "upper": norm.sf(statistic),
         "lower": norm.cdf(statistic)}[tail]
    return StatisticalTest(name, float(statistic), float(p), "normal", (), null, convention)


def prepared(
    frame: pd.DataFrame | Design, model: Mapping[str, Any], unit: str | Sequence[str],
    time: str | None, name: str,
) -> tuple[Model, Design]:
    """Return the checked model and its design, which may be given in place of the panel.

    Raises
    ------
    SpecError, DataError, ModelError
        As :func:`gvckit.models.fit.fit`.
    """
    parsed = parse_model(model, name)
    if isinstance(frame, Design):
        return parsed, frame
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    return parsed, build_design(frame, parsed, unit=units, time=time, name=name)
