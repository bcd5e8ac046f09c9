"""Steps with the kinds of results that rooms return."""

import numpy as np
import pandas as pd
import threadpoolctl

from gvckit.run.bundle import Bundle


def matrix(inputs, files, params):
    rng = np.random.default_rng(params["seed"])
    return rng.random((params["n"], params["n"]))


def solve(inputs, files, params):
    """Return results of kernels whose bits depend on the number of threads."""
    a = inputs["matrix"]
    inverse = np.linalg.inv(np.eye(len(a)) - a / (2 * len(a)))
    frame = pd.DataFrame({
        "key": pd.Categorical([f"k{i % 3}" for i in range(len(a))], categories=["k2", "k0", "k1"]),
        "value": inverse.sum(axis=1)})
    frame.attrs = {"unit": "share"}
    return Bundle({"inverse": inverse, "frame": frame, "words": sorted({"a", "b", "c", "d"})})


def summarise(inputs, files, params):
    frames = [bundle["frame"] for bundle in inputs["bundles"]]
    frame = pd.concat(frames, keys=range(len(frames)), names=["i", "row"]).reset_index("i")
    return frame.groupby(["i", "key"], observed=True, as_index=False)["value"].sum()


def spoil(inputs, files, params):
    """Change its input in place, which must reach nobody else."""
    frame = inputs["bundle"]["frame"]
    frame["value"] = 0.0
    frame.attrs["unit"] = "spoilt"
    return frame


def threads(inputs, files, params):
    return sorted({pool["num_threads"] for pool in threadpoolctl.threadpool_info()})
