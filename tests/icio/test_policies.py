"""Each defect, each choice: what changes, and that the audit says so."""

from __future__ import annotations

import numpy as np
import pytest

from gvckit.errors import DataError
from gvckit.icio.leontief import Leontief
from gvckit.icio.policies import POLICIES, resolve
from gvckit.icio.table import IcioTable

Z = np.array([[4.0, 1, 2, 0], [1, 5, 0, 1], [0, 1, 3, 2], [1, 0, 1, 4]])
F = np.array([[6.0, 2, 1, 0], [3, 1, 2, 1], [1, 1, 5, 2], [0, 2, 7, 3]])
X = Z.sum(1) + F.sum(1)


def build(Z=Z, F=F, countries=("CHN", "USA"), **more):
    return IcioTable.from_arrays(Z, F, countries=countries, sectors=("a", "b"), year=2005,
                                 categories=("use", "stocks"), **more)


def refused(**more) -> str:
    with pytest.raises(DataError) as caught:
        build(**more)
    return str(caught.value)


def only(table, policy):
    found = [entry for entry in table.audit if entry.policy.startswith(policy)]
    assert len(found) == 1, [str(entry) for entry in table.audit]
    return found[0]


def test_every_policy_has_a_default_among_its_choices():
    for name, row in POLICIES.items():
        assert row.name == name
        assert row.default in row.choices if row.choices else isinstance(row.default, float)
    choices, problems = resolve({"output": "row-sums"}, {"output": "given", "rounding_unit": 2})
    assert not problems
    assert (choices["output"], choices["rounding_unit"]) == ("row-sums", 2)


def test_given_output_must_be_the_row_sum():
    wrong = X + np.array([0, 1, 0, 0])
    text = refused(X=wrong)
    assert text.startswith("CHN b 2005 = -1: row does not add up to output")
    assert "output: row-sums" in text
    table = build(X=wrong, policy={"output": "row-sums"})
    np.testing.assert_array_equal(table.X, X)
    entry = only(table, "output=row-sums")
    assert entry.where == ("CHN", "b")
    assert (entry.before, entry.after) == (X[1] + 1, X[1])
    kept = build(X=wrong, policy={"unbalanced": "keep"})
    assert kept.X[1] == X[1] + 1
    assert kept.imbalance == 1
    assert only(kept, "unbalanced=keep").where == ("CHN", "b")


def test_value_added_is_the_residual_unless_asked():
    given = X - Z.sum(0) - np.array([1, 0, 0, 0])
    table = build(VA=given)
    assert only(table, "value_added=residual").before == given[0]
    np.testing.assert_array_equal(table.VA, X - Z.sum(0))
    text = refused(VA=given, policy={"value_added": "given"})
    assert "CHN a 2005 = -1: purchases and given value added do not add up" in text
    kept = build(VA=given, policy={"value_added": "given", "unbalanced": "keep"})
    np.testing.assert_array_equal(kept.VA, given)
    assert kept.imbalance == 1


def without_output(remainder, purchases=0.0):
    """A table whose second row sums to ``remainder`` and buys ``purchases`` from the first."""
    z, f = Z.copy(), F.copy()
    z[1], f[1] = 0, 0
    z[:, 1] = 0
    z[0, 1] = purchases
    f[1, 1] = remainder - 2
    f[1, 2] = 2
    return z, f


def test_negative_output_within_the_rounding_unit_becomes_zero():
    z, f = without_output(-2)
    table = build(Z=z, F=f, policy={"rounding_unit": 2})
    entry = only(table, "rounding=zero")
    assert (entry.where, entry.before, entry.after) == (("CHN", "b"), -2, 0)
    assert "2 added to final demand of CHN stocks" in entry.action
    assert table.X[1] == 0
    assert table.F[1, 1] == -2
    assert "output is nothing but rounding" in refused(
        Z=z, F=f, policy={"rounding_unit": 2, "rounding": "error"})


def test_negative_output_beyond_the_rounding_unit_is_refused():
    z, f = without_output(-3)
    text = refused(Z=z, F=f, policy={"rounding_unit": 2})
    assert text.startswith("CHN b 2005 = -3: output is negative beyond the rounding unit of 2")
    assert "beyond the rounding unit of 0" in refused(Z=z, F=f)


def test_rounding_does_not_mend_a_row_that_does_not_add_up():
    z, f = without_output(3)
    given = z.sum(1) + f.sum(1)
    given[1] = -1
    text = refused(Z=z, F=f, X=given, policy={"rounding_unit": 2})
    assert "CHN b 2005 = 4: row does not add up to output" in text


@pytest.mark.parametrize("sign", [1, -1])
def test_the_last_bits_of_sales_that_cancel_are_no_output(sign):
    z, f = without_output(0)
    f[1] = [sign * x for x in (0.1, 0.2, -0.3, 0)]
    assert f[1].sum() != 0
    table = build(Z=z, F=f)
    assert table.X[1] == 0
    assert only(table, "rounding=zero").before == pytest.approx(sign * 5.55e-17, rel=0.01)


def test_purchases_without_output_move_to_final_use():
    z, f = without_output(0, purchases=5)
    table = build(Z=z, F=f)
    entry = only(table, "purchases_without_output=final-use")
    assert (entry.where, entry.before) == (("CHN", "b"), 5)
    assert table.Z[0, 1] == 0
    assert table.F[0, 1] == f[0, 1] + 5
    io = Leontief(table)
    np.testing.assert_allclose(io.solve(io.y), table.X, rtol=1e-13)
    kept = build(Z=z, F=f, policy={"purchases_without_output": "keep", "unbalanced": "keep"})
    assert (kept.Z[0, 1], kept.imbalance) == (5, 5)
    assert "CHN b 2005 = 5: buys inputs without any output" in refused(
        Z=z, F=f, policy={"purchases_without_output": "error"})


def test_sales_out_of_stocks_count_as_own_value_added():
    z, f = without_output(0)
    table = build(Z=z, F=f)
    assert only(table, "sales_without_output=own-value-added").before == 2
    io = Leontief(table)
    assert io.zero.tolist() == [False, True, False, False]
    assert io.v[1] == 1
    np.testing.assert_allclose(io.solve_t(io.v), 1, rtol=1e-13)
    assert "sells without any output" in refused(
        Z=z, F=f, policy={"sales_without_output": "error"})


def test_signs_are_kept_and_told():
    z, f = Z.copy(), F.copy()
    f[3, 0], z[2, 0] = -1, -0.5
    z[0, 3] += 12
    table = build(Z=z, F=f)
    assert only(table, "negative_final_demand=keep").before == -1
    assert only(table, "negative_intermediate=keep").before == -0.5
    assert only(table, "negative_value_added=keep").where == ("USA", "b")
    text = refused(Z=z, F=f, policy=dict.fromkeys(
        ("negative_final_demand", "negative_intermediate", "negative_value_added"), "error"))
    for part in ("USA b 2005 = -1: final demand is negative",
                 "USA a 2005 = -0.5: intermediate sales is negative",
                 "value added is negative"):
        assert part in text


def test_split_countries_are_merged_after_the_solution_unless_said_otherwise():
    table = build(countries=("CN1", "CN2"))
    assert table.whole == ("CHN", "CHN")
    assert [(entry.where, entry.after) for entry in table.audit] == [
        (("CN1", ""), "CHN"), (("CN2", ""), "CHN")]
    text = refused(countries=("CN1", "CN2"), policy={"split_countries": "error"})
    assert "splits countries into parts: CN1, CN2" in text
    table = build(countries=("CN1", "CN2"), policy={"split_countries": "separate"})
    assert table.whole == ("CN1", "CN2")
    assert [entry.where for entry in table.audit] == [("CN1", ""), ("CN2", "")]
    assert table.hash != build(countries=("CN1", "CN2")).hash
