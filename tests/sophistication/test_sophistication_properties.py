"""What must hold for any trade: identities, invariances, brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gvckit.errors import DataError
from gvckit.sophistication import complexity_kernels as kernels
from gvckit.sophistication import space_kernels as space
from gvckit.sophistication.advantage_kernels import balassa, normalised, presence
from gvckit.sophistication.complexity import complexity
from gvckit.sophistication.diversification_kernels import herfindahl, margins, similarity, theil
from gvckit.sophistication.product_space import product_space
from gvckit.sophistication.prody_kernels import prody, prody_weights

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.tuples(st.integers(3, 12), st.integers(3, 15))


def random_exports(seed: int, size: tuple[int, int]) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.lognormal(0, 2, size) * (rng.random(size) < .7)
    x[np.arange(size[0]), rng.integers(0, size[1], size[0])] += 1.0
    x[rng.integers(0, size[0], size[1]), np.arange(size[1])] += 1.0
    return x


def random_presence(seed: int, size: tuple[int, int]) -> np.ndarray:
    return presence(random_exports(seed, size), 1.0)


def long(x: np.ndarray, country: list[str] | None = None,
         product: list[str] | None = None) -> pd.DataFrame:
    c, p = np.nonzero(x)
    country = country or [f"c{i:02d}" for i in range(len(x))]
    product = product or [f"p{i:02d}" for i in range(x.shape[1])]
    return pd.DataFrame({"country": [country[i] for i in c], "product": [product[i] for i in p],
                         "value": x[c, p]})


@given(SEEDS, SIZES)
def test_prody_weights_sum_to_one(seed: int, size: tuple[int, int]) -> None:
    x = random_exports(seed, size)
    np.testing.assert_allclose(prody_weights(x).sum(axis=0), 1, rtol=1e-13)
    income = np.random.default_rng(seed).uniform(500, 50000, size[0])
    levels = prody(x, income)
    assert (levels >= income.min() * (1 - 1e-12)).all()
    assert (levels <= income.max() * (1 + 1e-12)).all()


@given(SEEDS, SIZES)
def test_nrca_sums_to_zero_both_ways(seed: int, size: tuple[int, int]) -> None:
    nrca = normalised(random_exports(seed, size))
    np.testing.assert_allclose(nrca.sum(axis=0), 0, atol=1e-15 * size[0])
    np.testing.assert_allclose(nrca.sum(axis=1), 0, atol=1e-15 * size[1])


@given(SEEDS, SIZES)
def test_the_largest_eigenvalue_is_one_and_spectrum_solves_its_equation(
        seed: int, size: tuple[int, int]) -> None:
    M = random_presence(seed, size)
    M = M[M.sum(1) > 0][:, M[M.sum(1) > 0].sum(0) > 0]
    assume(min(M.shape) > 1)
    found = kernels.spectrum(M)
    assert found.values[0] == pytest.approx(1, abs=1e-12)
    assume(found.values[1] > 1e-6)
    averaging = (M / M.sum(1, keepdims=True)) @ (M / M.sum(0)).T
    np.testing.assert_allclose(averaging @ found.country, found.values[1] * found.country,
                               atol=1e-12)
    np.testing.assert_allclose((M @ found.product) / M.sum(1), found.country, atol=1e-12)


@settings(max_examples=50)
@given(SEEDS, st.tuples(st.integers(6, 10), st.integers(8, 20)), st.floats(1e-3, 1e6))
def test_eci_knows_neither_units_nor_the_order_of_products(
        seed: int, size: tuple[int, int], scale: float) -> None:
    x = random_exports(seed, size)
    # Not on the edge of presence, where a rounding would decide.
    assume(np.abs(balassa(x) - 1).min() > 1e-9)
    try:
        first = complexity(long(x))
    except DataError:
        assume(False)
    gap = first.country.attrs["eigenvalues"]
    assume(len(gap) < 3 or gap[1] - gap[2] > 1e-3)
    # On the edge of the sign rule rounding would decide too.
    assume(abs(np.corrcoef(first.country["index"], first.country["diversity"])[0, 1]) > 1e-6)
    order = np.random.default_rng(seed).permutation(size[1])
    shuffled = long(x[:, order] * scale, product=[f"p{i:02d}" for i in order])
    other = complexity(shuffled.sample(frac=1, random_state=seed % 2**31))
    np.testing.assert_allclose(other.country["index"], first.country["index"], atol=1e-8)
    np.testing.assert_allclose(other.product["index"], first.product["index"], atol=1e-8)


@given(SEEDS, SIZES, st.integers(0, 4))
def test_reflections_are_the_recursion(seed: int, size: tuple[int, int], half: int) -> None:
    M = random_presence(seed, size)
    M = M[M.sum(1) > 0][:, M[M.sum(1) > 0].sum(0) > 0]
    assume(M.size > 0)
    kc, kp = M.sum(1), M.sum(0)
    for _ in range(2 * half):
        kc, kp = M @ kp / M.sum(1), M.T @ kc / M.sum(0)
    after = M.T @ kc / M.sum(0)
    country, product = kernels.reflections(M, 2 * half)
    np.testing.assert_allclose(country, kc, rtol=1e-11)
    np.testing.assert_allclose(product, after, rtol=1e-11)


@given(SEEDS, SIZES, st.integers(1, 30))
def test_fitness_is_the_map_and_keeps_mean_one(
        seed: int, size: tuple[int, int], steps: int) -> None:
    M = random_presence(seed, size)
    M = M[M.sum(1) > 0][:, M[M.sum(1) > 0].sum(0) > 0]
    assume(M.size > 0)
    got = kernels.fitness(M, steps)
    F, Q = [1.0] * len(M), [1.0] * M.shape[1]
    for _ in range(steps):
        f = [sum(M[c, p] * Q[p] for p in range(M.shape[1])) for c in range(len(M))]
        q = [1 / sum(M[c, p] / F[c] for c in range(len(M))) for p in range(M.shape[1])]
        F, Q = [v / np.mean(f) for v in f], [v / np.mean(q) for v in q]
    np.testing.assert_allclose(got.country, F, rtol=1e-9)
    np.testing.assert_allclose(got.product, Q, rtol=1e-9)
    assert got.country.mean() == pytest.approx(1)


def test_fitness_outside_the_belly_goes_to_zero_but_ranks_stay() -> None:
    """Pugliese, Zaccaria & Pietronero: values vanish, ranks do not."""
    M = np.array([[1.0] * (6 - i) + [0.0] * i for i in range(6)])
    few, many = kernels.fitness(M, 10), kernels.fitness(M, 400)
    assert many.country.min() < few.country.min() / 10
    assert (np.argsort(-few.country) == np.argsort(-many.country)).all()
    assert many.moves == 0


@given(SEEDS, SIZES)
def test_proximity_is_the_smaller_conditional_probability(
        seed: int, size: tuple[int, int]) -> None:
    M = random_presence(seed, size)
    M = M[:, M.sum(0) > 0]
    assume(M.shape[1] > 0)
    phi = space.proximity(M)
    for p in range(M.shape[1]):
        for q in range(M.shape[1]):
            both = float((M[:, p] * M[:, q]).sum())
            assert phi[p, q] == min(both / M[:, p].sum(), both / M[:, q].sum())
    density = space.density(M, phi)
    assert (density >= 0).all()
    assert (density <= 1 + 1e-12).all()


def test_proximity_in_blocks_and_of_correlations() -> None:
    rng = np.random.default_rng(3)
    M = (rng.random((20, 3 * space.BLOCK // 2)) < .4).astype(float)
    M[0] = 1.0
    together, kp = M.T @ M, M.sum(0)
    np.testing.assert_array_equal(space.proximity(M),
                                  np.minimum(together / kp, together / kp[:, None]))
    R = rng.random((20, 6))
    np.testing.assert_allclose(space.correlation_proximity(R), (1 + np.corrcoef(R.T)) / 2)


@given(SEEDS, SIZES)
def test_theil_parts_and_margins_close(seed: int, size: tuple[int, int]) -> None:
    x = random_exports(seed, size)
    index = theil(x)
    np.testing.assert_allclose(index.between + index.within, index.total, atol=1e-12)
    assert (index.total <= np.log(size[1]) + 1e-12).all()
    for rest in (False, True):
        m = margins(x, rest=rest)
        known = ~np.isnan(m.intensive)
        np.testing.assert_allclose((m.extensive * m.intensive)[known], m.relative[known],
                                   rtol=1e-9)
        assert (m.extensive <= 1 + 1e-12).all()
    hhi, scaled = herfindahl(x / x.sum(1, keepdims=True))
    assert ((scaled > -1e-12) & (scaled < 1 + 1e-12) & (hhi >= 1 / size[1] - 1e-12)).all()


@given(hnp.arrays(float, (5, 7), elements=st.floats(.01, 100)))
def test_similarity_is_symmetric_and_one_for_proportional_baskets(x: np.ndarray) -> None:
    s = np.vstack([x, 3 * x[0]])
    s = s / s.sum(1, keepdims=True)
    alike = similarity(s)
    np.testing.assert_array_equal(alike, alike.T)
    assert alike[0, -1] == pytest.approx(1)
    assert ((alike >= 0) & (alike <= 1 + 1e-12)).all()
    distance = np.abs(s[:, None] - s[None]).sum(-1)
    np.testing.assert_allclose(alike, 1 - distance / 2, atol=1e-12)


@pytest.mark.parametrize("outlook", ["atlas", "ecomplexity"])
def test_outlook_by_loops(outlook: str) -> None:
    x = random_exports(5, (7, 9))
    M = presence(x, 1.0)
    assert (M.sum(0) > 0).all()
    assert (M.sum(1) > 0).all()
    got = product_space(long(x), outlook=outlook)
    convention = complexity(long(x), convention=outlook)
    pci = convention.product["index"].to_numpy()
    if outlook == "ecomplexity":
        raw = complexity(long(x), standardise="none")
        pci = raw.product["index"].to_numpy() / raw.country["index"].std(ddof=0)
    phi = space.proximity(M)
    gain, total = np.zeros_like(M), np.zeros(len(M))
    for c in range(len(M)):
        for p in range(M.shape[1]):
            density = sum(M[c, q] * phi[q, p] for q in range(9)) / phi[:, p].sum()
            if M[c, p]:
                continue
            total[c] += density * pci[p]
            gain[c, p] = sum(phi[p, q] / phi[:, q].sum() * (1 - M[c, q]) * pci[q]
                             for q in range(9))
            gain[c, p] -= density * pci[p] if outlook == "atlas" else 0.0
    if outlook == "ecomplexity":
        total = (total - total.mean()) / total.std()
    np.testing.assert_allclose(got.products["gain"], gain.ravel(), atol=1e-12)
    np.testing.assert_allclose(got.country["outlook"], total, atol=1e-12)
    assert got.proximity is not None
    np.testing.assert_array_equal(got.proximity, phi)
    np.testing.assert_allclose(got.products["distance"], 1 - got.products["density"])


def test_continuous_presence_is_the_eigenvector_of_rca() -> None:
    x = random_exports(11, (8, 12))
    R = balassa(x)
    averaging = (R / R.sum(1, keepdims=True)) @ (R / R.sum(0)).T
    values, vectors = np.linalg.eig(averaging)
    second = vectors[:, np.argsort(values.real)[-2]].real
    second = second * np.sign(np.corrcoef(second, R.sum(1))[0, 1])
    got = complexity(long(x), presence="continuous").country
    np.testing.assert_allclose(got["index"], (second - second.mean()) / second.std(ddof=1))
    np.testing.assert_allclose(got["diversity"], R.sum(1))


def test_periods_are_computed_on_their_own() -> None:
    years = [random_exports(s, (8, 12)) for s in (11, 12)]
    panel = pd.concat([long(x).assign(year=2000 + i) for i, x in enumerate(years)])
    got = complexity(panel.sample(frac=1, random_state=1), time="year")
    alone = [complexity(long(x)) for x in years]
    assert list(got.country.columns) == ["country", "year", "index", "diversity"]
    np.testing.assert_array_equal(got.country["index"],
                                  np.concatenate([a.country["index"] for a in alone]))
    wide = product_space(panel, time="year")
    assert wide.proximity is None
    np.testing.assert_allclose(wide.country["outlook"], np.concatenate(
        [product_space(long(x)).country["outlook"] for x in years]))
