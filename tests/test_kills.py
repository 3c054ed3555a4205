"""A few of the trials that `python -m tests.kill_trials 50` makes by the dozen, and pools that end badly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill_trials import KINDS, make_cases, trials
from tests.test_runs import ROOT, SAMPLES, small, tree, write_spec


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    if not Path("/proc/self/task").exists():
        pytest.skip("the processes of a run are found as Linux tells of them")
    return make_cases(tmp_path_factory.mktemp("cases"), slice(1))


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_killed_at_random_instants_goes_on_to_the_tree_of_an_undisturbed_one(cases, tmp_path, kind):
    for done in trials(kind, 1, 0, cases, tmp_path):  # `make trials` makes many, of more kinds of runs
        assert not done.faults, done.story


CRASHING, SLOW = b"\xff\xd8\xffcrashing", b"\xff\xd8\xffslow"
DYING = f"""
import os, signal
import augcli.image.pictures as pictures
from augcli.image.arrays import Size
real = pictures.read_header

def read_header(data, most):
    if data == {CRASHING!r}:
        os.abort()
    if data == {SLOW!r}:
        os.kill(os.getpid(), signal.SIGPROF)
    return real(data, most)

pictures.read_header = read_header
pictures.peek_into = lambda file, most: pictures.Header("jpeg", Size(96, 70), 1, "RGB", ())
"""


NO_WORKER_LIVES = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or numpy starts threads, and no worker is forked from here
from augcli import cli
from augcli.engine import worker

worker.start_worker = lambda run, job: os._exit(1)
cli.main()
"""


BESIDE_THREADS = """
import sys
from pathlib import Path
import cv2, numpy as np
from augcli.commands import run
from augcli.plan.request import Options
from augcli.spec import loading

cv2.setNumThreads(4)
cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.uint8), (31, 31), 5)
sys.exit(run.run(loading.load(Path("configs/light.yaml")), Path("sample_data"), Path(sys.argv[1]), Options()).exit_code)
"""


def test_a_small_run_beside_the_threads_of_a_library_ends(tmp_path):
    """A worker that is forked beside them would wait for ever for locks that nobody holds any more."""
    command = [sys.executable, "-c", BESIDE_THREADS, str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_command_line_forks_its_workers_itself(tmp_path):
    """It has started no threads until then, neither of OpenBLAS nor of tqdm."""
    command = [sys.executable, "-c", SAYS_WHEN_IT_FORKS, "run", "configs/light.yaml", str(SAMPLES), "-j", "2"]
    done = subprocess.run([*command, str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "forked\n" * 2), done.stderr


SAYS_WHEN_IT_FORKS = """
import os
from augcli.cli import main

real = os.fork

def fork():
    print("forked", flush=True)
    return real()

os.fork = fork
main()
"""


@pytest.mark.parametrize(("data", "reason"), [(CRASHING, "its worker crashed"), (SLOW, "takes far too long")])
def test_a_plan_names_what_kills_a_worker_and_touches_no_file(tmp_path, tmp_path_factory, data, reason):
    """Nor those of the current folder that are called as the parts of a run might be."""
    small(tmp_path / "in")
    (tmp_path / "in/cat/bad.jpg").write_bytes(data)
    site = tmp_path_factory.mktemp("site")  # Python may keep what it compiles beside it
    (site / "sitecustomize.py").write_text(DYING)
    write_spec(tmp_path, "pipeline: [horizontal_flip]\n")
    for name in (*"123456789", "-0000", "1-0000", "under-way", "part-000001"):
        (tmp_path / name).write_text("mine")
    before = tree(tmp_path)
    environment = {**os.environ, "PYTHONPATH": f"{site}:{ROOT}"}
    command = [sys.executable, "-m", "augcli", "plan", "spec.yaml", "in"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert f"would fail: a source, namely `cat/bad.jpg`: {reason}" in done.stdout
    assert tree(tmp_path) == before


@pytest.mark.parametrize("copies", [1, 12], ids=["few", "many"])
def test_a_run_whose_workers_all_die_gives_up(tmp_path, copies):
    """As where there is memory for none, or the package was replaced meanwhile; no source is to blame."""
    command = [sys.executable, "-c", NO_WORKER_LIVES, "run", "configs/light.yaml", str(SAMPLES), str(tmp_path / "out")]
    done = subprocess.run([*command, "--copies", str(copies)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 3
    assert "workers keep dying" in done.stderr
