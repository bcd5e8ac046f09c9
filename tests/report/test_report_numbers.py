from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvckit.report.cells import Number
from gvckit.report.numbers import decimals_for, decimals_together, fixed, scientific, thousands

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


@pytest.mark.parametrize(("value", "decimals", "text"), [
    (0.13204, 3, "0.132"), (-0.2101, 3, "-0.210"), (12345.678, 2, "12345.68"), (-0.0, 3, "0.000"),
    (-0.0001, 3, "0.000"), (2.5, 0, "2"), (-0.4, 0, "0"),
])
def test_fixed_decimals_without_negative_zero(value: float, decimals: int, text: str) -> None:
    assert fixed(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [
    (12345, "12,345"), (999, "999"), (-1234567, "-1,234,567"), (0, "0")])
def test_thousands(value: float, text: str) -> None:
    assert thousands(value) == text


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0.000"),
    (0.132, "0.132"),
    (0.00041, "0.00041"),
    (-0.00041, "-0.00041"),
    (0.000041, "0.000041"),
    (0.0000041, "4.1e-6"),
    (3e-300, "3.0e-300"),
    (2.5e9, "2.5e9"),
    (999_999_999.0, "999999999.000"),
])
def test_a_number_that_is_not_zero_is_never_printed_as_zero(value: float, text: str) -> None:
    assert Number(value, decimals_for(value, 3)).digits == text


@given(FINITE, st.integers(0, 8))
def test_printing_stays_within_half_a_unit_of_the_last_digit(value: float, decimals: int) -> None:
    chosen = decimals_for(value, decimals)
    text = Number(value, chosen).digits
    if chosen is None:
        mantissa, power = scientific(value)
        unit = Decimal(1).scaleb(power - len(mantissa.partition(".")[2]))
    else:
        unit = Decimal(1).scaleb(-chosen)
    assert abs(Decimal(text) - Decimal(value)) <= unit / 2
    assert (float(text) == 0) == (value == 0)


@given(FINITE)
def test_thousands_only_add_commas(value: float) -> None:
    assert thousands(value, 2).replace(",", "") == fixed(value, 2)


def test_estimate_and_standard_error_share_their_decimals() -> None:
    assert decimals_together((0.13204, 0.00021), 3) == 5
    assert decimals_together((0.13204, 0.02), 3) == 3
    assert decimals_together((1e-9, 0.02), 3) is None


def test_a_cell_refuses_what_is_not_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        Number(math.nan)
