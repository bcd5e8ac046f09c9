"""Intervals hold the true slope as often as theory promises: 200 draws, binomial bounds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from scipy.stats import binom


@pytest.fixture(scope="module")
def benchmark(repository: Path) -> ModuleType:
    import sys

    spec = importlib.util.spec_from_file_location("coverage_benchmark",
                                                  repository / "benchmarks/coverage.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


DRAWS = 200
LOW, HIGH = binom.ppf(0.0005, DRAWS, 0.93) / DRAWS, binom.ppf(0.9995, DRAWS, 0.97) / DRAWS
PROMISED = ["iid errors, iid", "cluster, G = 60", "cluster, G = 50, T = 30", "wild, G = 10"]


def test_every_promised_case_is_looked_at(benchmark):
    assert [case.name for case in benchmark.CASES if case.promised] == PROMISED


@pytest.mark.parametrize("name", PROMISED)
def test_promised_coverage(benchmark, name):
    case = next(c for c in benchmark.CASES if c.name == name)
    assert LOW <= benchmark.coverage(case, DRAWS) <= HIGH


@pytest.mark.parametrize("name", ["hc1 under clustering", "cluster, G = 10, uneven"])
def test_the_known_shortfall_shows(benchmark, name):
    case = next(c for c in benchmark.CASES if c.name == name)
    assert benchmark.coverage(case, DRAWS) < binom.ppf(0.01, DRAWS, 0.95) / DRAWS


def test_anderson_rubin_covers_where_instruments_are_weak_and_2sls_does_not(benchmark):
    shares, strength = benchmark.weak_instruments(DRAWS)
    assert 1.0 < strength < 3.0
    assert LOW <= shares["Anderson-Rubin, F ≈ 2"] <= HIGH
    assert shares["2SLS, F ≈ 2"] < binom.ppf(0.01, DRAWS, 0.95) / DRAWS
