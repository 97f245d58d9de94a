# SPDX-License-Identifier: Apache-2.0
"""Runs of the program over ranks, for tests and tools."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import kill_runs  # noqa: E402  pylint: disable=wrong-import-position

TIMES = kill_runs.TIMES | {"exchange_seconds", "wait"}
OF_TIMES = {"seconds.npy", "cpu_seconds.npy", "wait.npy"}
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMPI_MCA_hwloc_base_binding_policy": "none"}

CONFIG = kill_runs.STREAM.partition("[train]")[0] + """[train]
updates = 24
batch = 160
report_every = 8
test_every = 12
test_steps = 50
checkpoint_every = 10
"""


class InAFolder(unittest.TestCase):
    """Tests that share a folder, in which that experiment is."""
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.config = cls.folder / "stream.toml"
        cls.config.write_text(CONFIG)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()


def launch(ranks, words):
    """The words that start a program over so many ranks, which may be more than there are processors."""
    return ["mpirun", "-np", str(ranks), "--oversubscribe", "--mca", "mpi_yield_when_idle", "1", *words]


def run(words, code=0, timeout=120):
    """Runs to the end; the result, whose exit code is looked at."""
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == code, f"exit {done.returncode}: {' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done


def without_times(record):
    if isinstance(record, list):
        return [without_times(each) for each in record]
    if not isinstance(record, dict):
        return record
    return {key: without_times(value) for key, value in record.items() if key not in TIMES}


def arrays(path):
    """The bytes of each array of a checkpoint, those of times left out."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.split("/")[-1] not in OF_TIMES}


def results(folder):
    """All that a run has written and that may not depend on who computed it."""
    metrics = [without_times(json.loads(line)) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    checkpoints = {path.name: arrays(path) for path in (folder / "checkpoint").glob("*.npz")}
    return {"parameters": (folder / "params.npz").read_bytes(), "metrics": metrics, "checkpoints": checkpoints,
            "summary": without_times(json.loads((folder / "summary.json").read_text()))}


def stop(launcher):
    """As srun does: mpirun itself leaves ranks only a second."""
    for rank in ranks_of(launcher):
        try:
            os.kill(rank, signal.SIGTERM)
        except ProcessLookupError:
            pass


def ranks_of(launcher):
    """The processes that mpirun has started, by rank. What it has forked is none until it becomes the program: mpirun
    itself waits for that."""
    found = []
    try:
        for child in pathlib.Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split():
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() != "mpirun":
                found.append(int(child))
    except FileNotFoundError:  # it has ended meanwhile
        pass
    return found
