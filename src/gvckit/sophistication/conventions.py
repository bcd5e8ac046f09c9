"""How other tools state the complexity indices: sign, standardisation, iterations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gvckit.errors import Problem, SpecError
from gvckit.sophistication.flows import check_choices

__all__ = ["ATLAS_FLOORS", "CONVENTIONS", "Convention", "resolve"]

METHODS = ("eigenvalue", "reflections", "fitness")
STANDARDISE = ("own", "eci", "none")
SIGNS = ("diversity", "ubiquity")


@dataclass(frozen=True, slots=True)
class Convention:
    """How an index is stated.

    Attributes
    ----------
    sign
        ``"diversity"``: corr(ECI, diversity) > 0; ``"ubiquity"``: corr(PCI, ubiquity) < 0.
    standardise
        ``"own"``: ECI and PCI each to mean 0 and sd 1; ``"eci"``: PCI with the mean and sd of ECI,
        so that a country's ECI is the mean PCI of its products; ``"none"``: as computed.
    ddof
        1: the sd divides by n − 1; 0: by n.
    reflections, fitness
        Order of k_{c,n}, and number of iterations.
    """

    sign: str
    standardise: str
    ddof: int
    reflections: int
    fitness: int


CONVENTIONS: Mapping[str, Convention] = MappingProxyType({
    # R economiccomplexity counts the start as an iteration: its 20 are order 18 and 19 updates.
    "economiccomplexity": Convention("diversity", "own", 1, 18, 19),
    "ecomplexity": Convention("diversity", "eci", 0, 18, 19),
    "atlas": Convention("diversity", "eci", 1, 18, 19),
})

ATLAS_FLOORS: Mapping[str, float] = MappingProxyType(
    {"min_population": 1e6, "min_exports": 1e9})
"""Floors of the Atlas ranking, in persons and USD; not part of a convention, for exports come in
any unit."""


def resolve(
    method: str, convention: str, sign: str | None, ddof: int | None, standardise: str | None,
    iterations: int | None,
) -> tuple[Convention, int]:
    """Return the convention with what is stated otherwise, and the number of iterations.

    Raises
    ------
    SpecError
        With every option that is not known.
    """
    check_choices(method=(method, METHODS), convention=(convention, CONVENTIONS),
                  sign=(sign or "diversity", SIGNS),
                  standardise=(standardise or "own", STANDARDISE))
    preset = CONVENTIONS[convention]
    problems = []
    if ddof not in (None, 0, 1):
        problems.append(Problem(f"ddof is {ddof}", allowed="0 or 1"))
    steps = iterations if iterations is not None else (
        preset.fitness if method == "fitness" else preset.reflections)
    if not isinstance(steps, int) or steps < 1:
        problems.append(Problem(f"iterations is {steps!r}", allowed="a whole number from 1"))
    elif method == "reflections" and steps % 2:
        problems.append(Problem(f"reflections of order {steps} measure ubiquity, not diversity",
                                allowed="an even order"))
    if method == "eigenvalue" and iterations is not None:
        problems.append(Problem("the eigenvalue method has no iterations",
                                allowed="iterations with 'reflections' or 'fitness'"))
    if problems:
        raise SpecError(problems)
    # Fitness is a ratio to its mean: standardised only where somebody asks.
    default = "none" if method == "fitness" else preset.standardise
    return Convention(sign or preset.sign, standardise or default,
                      preset.ddof if ddof is None else ddof,
                      preset.reflections, preset.fitness), steps
