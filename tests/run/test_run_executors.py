"""Wherever steps run, the bytes are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from toyrun import ROOTS, array_steps, paper_steps, slow_steps

from gvckit.errors import DataError, GvckitError, SpecError, StoreError
from gvckit.run.engine import execute
from gvckit.run.executors import Processes, Serial, make_executor
from gvckit.run.memory import available_memory, fitting_workers, peak_memory
from gvckit.run.result import StepDefect
from gvckit.run.step import Step
from gvckit.run.store import Store

HERE = Path(__file__).resolve().parent


def run(steps, store, executor, targets=None):
    return execute(steps, targets, store, executor, roots=ROOTS)


def contents(store: Store) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (store.root / "objects").rglob("*") if p.is_file()}


def digests(result):
    return {name: record.output.digest for name, record in result.records.items()}


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("serial") / "store")
    return digests(run(array_steps(), store, None)), contents(store)


@pytest.fixture(scope="module")
def pool():
    executor = Processes(2)
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
        host="127.0.0.1", silence_logs=50, scheduler_kwargs={"dashboard": False},
    ) as cluster:
        yield cluster.scheduler_address


def test_processes_give_the_same_bytes(serial, pool, store):
    result = run(array_steps(), store, pool)
    assert result.ok
    assert (digests(result), contents(store)) == serial


def test_a_cluster_gives_the_same_bytes(serial, cluster, store):
    executor = make_executor(scheduler=cluster)
    try:
        result = run(array_steps(), store, executor)
        assert result.error() is None
        assert (digests(result), contents(store)) == serial
        failed = run([Step("told", "toypaper.faults:told"),
                      Step("odd", "toypaper.faults:unpicklable")], store, executor).failed
        assert type(failed["told"]) is DataError
        assert len(failed["told"].problems) == 2
        assert isinstance(failed["odd"], StepDefect)
    finally:
        executor.close()


def test_a_cluster_that_does_not_see_the_store_is_refused(cluster, store, monkeypatch):
    monkeypatch.setattr("gvckit.run.cluster._token", lambda path: "")
    executor = make_executor(scheduler=cluster)
    with pytest.raises(StoreError, match="do not see the store"):
        run(paper_steps(), store, executor)


def test_a_scheduler_that_does_not_answer_is_an_error_of_the_user(store, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("gvckit.run.cluster.CONNECT_SECONDS", 0.5)
    executor = make_executor(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(SpecError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        run(paper_steps(), store, executor)


def test_a_warm_run_starts_no_workers(store, pool):
    run(paper_steps(), store, None)
    executor = Processes(2)
    assert run(paper_steps(), store, executor).executed == ()
    assert executor._pool is None
    # Nor does it need the cluster.
    assert run(paper_steps(), store, make_executor(scheduler="tcp://nowhere:1")).ok


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_hash_seed_does_not_matter(serial, tmp_path, run_toy, seed):
    result = run_toy(tmp_path / "store", "arrays", PYTHONHASHSEED=seed)
    assert result["digests"] == serial[0]


def test_workers_use_one_thread(store, pool):
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    result = run([Step("threads", "toypaper.arrays:threads"),
                  Step("env", "toypaper.faults:environment", {"names": names})], store, pool)
    assert result.outputs["threads"] == [1]
    assert result.outputs["env"] == dict.fromkeys(names, "1")
    assert os.environ.get("BLIS_NUM_THREADS") != "1"


def test_errors_come_back_from_workers(store, pool):
    steps = [Step(name, f"toypaper.faults:{name}")
             for name in ("told", "own", "unpicklable", "leaves", "strange")]
    result = run(steps + paper_steps(), store, pool)
    kinds = {name: type(error) for name, error in result.failed.items()}
    assert kinds == {"told": DataError, "own": DataError, "unpicklable": StepDefect,
                     "leaves": StepDefect, "strange": StepDefect}
    assert {"report", "flags"} <= set(result.executed)


def test_a_killed_worker_is_told_and_the_rest_goes_on(store, tmp_path):
    executor = Processes(2)
    steps = [Step("dies", "toypaper.faults:dies"),
             Step("after", "toypaper.faults:doubles", inputs={"source": "dies"})]
    try:
        result = run([*slow_steps(tmp_path / "log", 2, 3), *steps], store, executor)
    finally:
        executor.close()
    error = result.failed["dies"]
    assert type(error) is GvckitError
    assert error.exit_code == 1
    assert "a worker was killed" in str(error)
    assert "dies" in str(error).partition("were running: ")[2]
    assert result.blocked["after"] == "dies"
    # At most the other step that was running is lost with it.
    assert len(result.failed) <= 2
    assert run(slow_steps(tmp_path / "log", 2, 3), store, None).ok


def test_a_script_without_a_guard_starts_no_second_run(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "print('once')\n"
        "from toyrun import ROOTS, paper_steps\n"
        "from gvckit.run.engine import execute\n"
        "from gvckit.run.executors import Processes\n"
        "from gvckit.run.store import Store\n"
        f"executor = Processes(2)\n"
        f"result = execute(paper_steps(), None, Store({str(tmp_path / 'store')!r}), executor,\n"
        "                 roots=ROOTS)\n"
        "executor.close()\n"
        "print(len(result.executed))\n")
    out = subprocess.run([sys.executable, str(script)], capture_output=True, text=True,
                         env=os.environ | {"PYTHONPATH": str(HERE)}, check=False)
    assert out.stdout.split() == ["once", "11"], out.stderr


def test_a_warm_run_imports_nothing_heavy(tmp_path, run_toy):
    run_toy(tmp_path / "store", "arrays")
    script = (
        "import sys\nfrom pathlib import Path\nfrom toyrun import *\n"
        "store = Store(sys.argv[1])\n"
        "r = execute(array_steps(), None, store, make_executor(2), Lines(sys.stderr),"
        " roots=ROOTS)\n"
        "from gvckit.run.explain import plan\nfrom gvckit.run.manifest import build_manifest\n"
        "from gvckit.run.publish import publish\n"
        "plan(array_steps(), None, store, roots=ROOTS); build_manifest(array_steps(), r)\n"
        "assert not r.executed\n"
        "print([m for m in ('numpy', 'pandas', 'dask', 'distributed', 'pyarrow', 'rich',"
        " 'threadpoolctl', 'pydantic') if m in sys.modules])\n")
    out = subprocess.run([sys.executable, "-c", script, str(tmp_path / "store")],
                         capture_output=True, text=True, check=True,
                         env=os.environ | {"PYTHONPATH": str(HERE)}).stdout
    assert out.strip() == "[]"


def test_no_more_workers_than_fit_into_the_memory():
    steps = [Step(f"s{i}", "m:f", memory=m << 30) for i, m in enumerate((1, 4, 2))]
    assert fitting_workers(4, steps, None) == (4, None)
    assert fitting_workers(3, steps, 100 << 30) == (3, None)
    workers, note = fitting_workers(3, steps, 9 << 30)
    assert workers == 2
    assert note == "2 of 3 workers fit: 's1' needs about 4.0 GiB, and 9.0 GiB are free"
    assert fitting_workers(3, steps, 1 << 30)[0] == 1
    assert fitting_workers(2, [], 1 << 30) == (2, None)


def test_the_memory_of_this_machine_is_known():
    assert available_memory() > 50 << 20
    assert peak_memory() > 10 << 20


def test_executors_for_the_command_line():
    assert isinstance(make_executor(), Serial)
    assert isinstance(make_executor(2), Processes)
    assert make_executor(5).slots == 5
