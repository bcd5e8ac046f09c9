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


@pytest.mark.parametrize("name", ["cluster, G = 60", "wild, G = 10"])
def test_promised_coverage(benchmark, name):
    case = next(c for c in benchmark.CASES if c.name == name)
    share = benchmark.coverage(case, 200)
    low, high = binom.ppf(0.0005, 200, 0.93) / 200, binom.ppf(0.9995, 200, 0.97) / 200
    assert low <= share <= high


def test_the_shortfall_of_robust_errors_under_clustering_shows(benchmark):
    case = next(c for c in benchmark.CASES if c.name == "hc1 under clustering")
    assert benchmark.coverage(case, 200) < binom.ppf(0.01, 200, 0.95) / 200
