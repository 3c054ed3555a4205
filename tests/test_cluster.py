"""Runs on a real Dask cluster on loopback: the tree of a run on one machine, whoever joins, leaves, differs or dies."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import buckets
from tests.clusters import ended, kill, loopback_cluster, lose_workers, started, wait_until
from tests.commands import ROOT, command
from tests.test_buckets import tree_of
from tests.test_runs import jpeg, rows, tree

SPEC = """
seed: 3
copies: 2
include_originals: true
pipeline:
  - rotate: {degrees: 20}
  - mixup: {p: 0.5}
"""
TARS = "output: {container: webdataset, shard_size: 9}\n"
SLOW = {"SLOW": "0.15"}


@pytest.fixture(scope="module")
def server():
    with buckets.server() as found:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with photos, two specs, and what runs on this machine make of them: `files` and `tars`."""
    work = tmp_path_factory.mktemp("made")
    for number in range(40):
        path = work / "in" / ("val" if number % 8 == 7 else "train") / f"class{number % 3}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    (work / "files.yaml").write_text(SPEC)
    (work / "tars.yaml").write_text(SPEC + TARS)
    for kind in ("files", "tars"):
        assert command("run", work / f"{kind}.yaml", work / "in", work / kind).code == 0
    return work


@pytest.fixture(scope="module")
def cluster(server, tmp_path_factory):
    """Two workers that live through all tests that do them no harm."""
    with loopback_cluster(tmp_path_factory.mktemp("cluster"), 2, **server.environment()) as found:
        yield found


def images(out: Path) -> int:
    return sum(1 for _ in out.rglob("*_aug*.jpg"))


def test_two_workers_write_the_tree_of_one_machine(made, cluster, tmp_path):
    done = command("run", made / "files.yaml", made / "in", tmp_path / "out", "--cluster", cluster.address)
    assert done.code == 0, done.said
    assert tree(tmp_path / "out") == tree(made / "files")
    assert cluster.seen(0) + cluster.seen(1)  # the second worker may have come when all was done
    wait_until(lambda: not cluster.processes())


@pytest.mark.slow
def test_what_is_there_is_planned_compared_and_made_again_on_a_cluster(made, cluster, tmp_path):
    out, on = tmp_path / "out", ("--cluster", cluster.address)
    shutil.copytree(made / "tars", out)
    request = (made / "tars.yaml", made / "in")
    again = command("run", *request, out, *on)
    assert (again.code, again.said.splitlines()[-1].startswith("0 images written")) == (0, True), again.said
    assert command("run", *request, out, "--frozen", *on).code == 0
    planned = command("plan", *request, *on)
    assert (planned.code, "with 2 jobs" in planned.printed) == (0, True), planned
    (out / "train-000001.tar").unlink()
    missing = command("verify", out, *on)
    assert (missing.code, missing.printed) == (1, "missing: train-000001.tar\n"), missing
    assert command("replay", out, made / "in", *on).code == 0
    assert tree(out) == tree(made / "tars")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["files", "tars"])
def test_buckets_and_folders_give_one_tree_on_a_cluster(made, server, cluster, tmp_path, kind):
    there = server.upload(made / "in", f"{server.bucket()}/in")
    for root, out in ((there, f"{server.bucket()}/out"), (there, tmp_path / "out")):
        given = (made / f"{kind}.yaml", root, out, "--cluster", cluster.address)
        done = command("run", *given, **server.environment())
        assert done.code == 0, done.said
        assert tree_of(server, out) == tree(made / kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["files", "tars"])
def test_shards_in_odd_order_made_here_and_on_a_cluster_give_one_tree(made, cluster, tmp_path, kind):
    for shard, on in (("2/3", ()), ("3/3", ("--cluster", cluster.address)), ("1/3", ())):
        done = command("run", made / f"{kind}.yaml", made / "in", tmp_path / "out", "--shard", shard, *on)
        assert done.code == 0, done.said
    assert command("merge", tmp_path / "out").code == 0
    assert tree(tmp_path / "out") == tree(made / kind)


@pytest.mark.slow
def test_workers_killed_one_after_the_other_while_a_new_one_joins_change_nothing(made, tmp_path):
    out = tmp_path / "out"
    with loopback_cluster(tmp_path / "cluster", 2, **SLOW) as cluster:
        run = started("run", made / "files.yaml", made / "in", out, "--cluster", cluster.address)
        lose_workers(cluster, **SLOW)
        code, said = ended(run)
        assert code == 0, said
        assert tree(out) == tree(made / "files")
        wait_until(lambda: not cluster.processes())


@pytest.mark.slow
def test_tars_from_s3_to_s3_with_workers_killed_are_those_of_one_machine(made, server, tmp_path):
    there, out = server.upload(made / "in", f"{server.bucket()}/in"), f"{server.bucket()}/out"
    slow = {**SLOW, **server.environment()}
    with loopback_cluster(tmp_path / "cluster", 2, **slow) as cluster:
        given = (made / "tars.yaml", there, out, "--cluster", cluster.address)
        run = started("run", *given, **server.environment())
        lose_workers(cluster, **slow)
        code, said = ended(run)
    assert code == 0, said
    assert tree_of(server, out) == tree(made / "tars")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["files", "tars"])
def test_a_source_that_kills_workers_is_found_and_the_rest_is_written(made, tmp_path, kind):
    (tmp_path / "in").mkdir()
    shutil.copytree(made / "in", tmp_path / "in", dirs_exist_ok=True)
    (tmp_path / "in/train/class1/deadly.jpg").write_bytes(jpeg(999))
    deadly = {"DEADLY": hashlib.sha256(jpeg(999)).hexdigest()}
    with loopback_cluster(tmp_path / "cluster", 2, **deadly) as cluster:
        given = ("run", made / f"{kind}.yaml", tmp_path / "in")
        here = ended(started(*given, tmp_path / "here", **deadly, **cluster.environment("here")))
        there = ended(started(*given, tmp_path / "there", "--cluster", cluster.address))
        assert [worker.poll() for worker in cluster.workers] == [None, None]  # Dask's
        died = sum(len(cluster.seen(f"{number}-died")) for number in (0, 1))
    assert (here[0], there[0]) == (1, 1), there[1]
    assert "train/class1/deadly.jpg: its worker crashed" in there[1]
    assert died <= 6  # one is alone at last, and chunks that others had just then may have opened it to mix it in
    (failed,) = [row for row in rows(tmp_path / "there") if row["status"] == "failed"]
    assert failed["source"] == "train/class1/deadly.jpg"
    assert tree(tmp_path / "there") == tree(tmp_path / "here")


@pytest.mark.slow
def test_without_workers_or_scheduler_a_run_ends_in_time_and_goes_on_later(made, tmp_path):
    out = tmp_path / "out"
    given = ("run", made / "files.yaml", made / "in", out)
    with loopback_cluster(tmp_path / "cluster") as cluster:
        on = ("--cluster", cluster.address)
        done = command(*given, *on, "--wait-for-workers", "2")
        assert done.code == 3, done.said
        assert f"{cluster.address}: no worker for 2 seconds" in done.said
        assert not out.exists()
        cluster.start_worker(**SLOW)
        run = started(*given, *on)
        wait_until(lambda: images(out) >= 4)
        kill(cluster.scheduler)
        code, said = ended(run)
        assert (code, "the Dask scheduler is gone" in said, "rerun to resume" in said) == (3, True, True), said
        assert "Traceback" not in said
        cluster.start_scheduler()
        cluster.start_worker()
        done = command(*given, *on)
        assert done.code == 0, done.said
        assert tree(out) == tree(made / "files")


@pytest.mark.slow
def test_without_a_scheduler_nothing_is_written(made, tmp_path):
    out = tmp_path / "out"
    for address, said in (
        (f"tcp://127.0.0.1:{buckets.free_port()}", "no Dask scheduler answers there"),
        ("nowhere.json", "no address, and no scheduler file"),
        ("auto", "Dask's configuration names no scheduler"),
        ("tcp://", "not an address of a Dask scheduler"),
        ("smoke://127.0.0.1:1", "not an address of a Dask scheduler"),
    ):
        done = command("run", made / "files.yaml", made / "in", out, "--cluster", address)
        assert (done.code, said in done.said, "Traceback" in done.said) == (2, True, False), done.said
    assert not out.exists()


@pytest.mark.slow
def test_a_scheduler_is_found_by_its_file_and_by_dasks_own_configuration(made, cluster, tmp_path):
    given = ("run", made / "files.yaml", made / "in")
    assert command(*given, tmp_path / "file", "--cluster", cluster.scheduler_file).code == 0
    assert command(*given, tmp_path / "auto", "--cluster", "auto", DASK_SCHEDULER_ADDRESS=cluster.address).code == 0
    assert tree(tmp_path / "file") == tree(tmp_path / "auto") == tree(made / "files")


@pytest.mark.slow
def test_each_worker_that_joins_gets_work(made, tmp_path):
    out = tmp_path / "out"
    slow = {"SLOW": "0.4"}
    with loopback_cluster(tmp_path / "cluster", 1, **slow) as cluster:
        cluster.hold.touch()  # or all might be done before the others have started
        run = started("run", made / "files.yaml", made / "in", out, "--cluster", cluster.address)
        wait_until(lambda: cluster.seen(0))
        for _ in range(3):
            cluster.start_worker(**slow)
        wait_until(lambda: all(map(cluster.registered, range(1, 4))))
        cluster.hold.unlink()
        code, said = ended(run)
        assert code == 0, said
        assert all(cluster.seen(number) for number in range(4))
        assert tree(out) == tree(made / "files")


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [True, False])
def test_a_killed_driver_leaves_no_process_and_its_run_goes_on(made, tmp_path, at_once):
    out = tmp_path / "out"
    with loopback_cluster(tmp_path / "cluster", 2, **SLOW) as cluster:
        given = ("run", made / "files.yaml", made / "in", out, "--cluster", cluster.address)
        run = started(*given)
        wait_until(lambda: images(out) >= 6)
        kill(run)
        run.communicate()
        assert cluster.processes()
        if not at_once:
            wait_until(lambda: not cluster.processes())
            assert images(out) < 80
        done = command(*given)
        assert done.code == 0, done.said
        assert tree(out) == tree(made / "files")
        wait_until(lambda: not cluster.processes())


@pytest.mark.slow
def test_an_interrupt_ends_all_processes_and_the_run_goes_on(made, tmp_path):
    out = tmp_path / "out"
    with loopback_cluster(tmp_path / "cluster", 2, **SLOW) as cluster:
        given = ("run", made / "files.yaml", made / "in", out, "--cluster", cluster.address)
        run = started(*given)
        wait_until(lambda: images(out) >= 6)
        run.send_signal(signal.SIGINT)
        code, said = ended(run, 60)
        assert code == 130, said
        assert "Traceback" not in said
        wait_until(lambda: not cluster.processes())
        assert [worker.poll() for worker in cluster.workers] == [None, None]
        assert command(*given).code == 0
        assert tree(out) == tree(made / "files")


@pytest.mark.slow
def test_a_worker_with_two_threads_has_two_processes_and_is_told(made, tmp_path):
    with loopback_cluster(tmp_path / "cluster") as cluster:
        cluster.start_worker(threads=2)
        cluster.hold.touch()
        run = started("run", made / "files.yaml", made / "in", tmp_path / "out", "--cluster", cluster.address)
        wait_until(lambda: len(set(cluster.seen(0))) == 2)
        cluster.hold.unlink()
        code, said = ended(run)
        assert (code, "2 threads, each of which gets a process of its own" in said) == (0, True), said
        assert tree(tmp_path / "out") == tree(made / "files")


@pytest.mark.slow
def test_a_worker_with_another_pillow_is_named_and_gets_nothing(made, tmp_path):
    given = ("run", made / "files.yaml", made / "in", tmp_path / "out", "--cluster")
    with loopback_cluster(tmp_path / "cluster") as cluster:
        cluster.start_worker(OTHER_PILLOW="9.0.0")
        done = command(*given, cluster.address)
        assert done.code == 2, done.said
        assert "is not used: other versions than here: pillow " in done.said
        assert "none of its 1 worker can be used" in done.said
        assert not (tmp_path / "out").exists()
        cluster.start_worker()
        wait_until(lambda: cluster.registered(1))
        done = command(*given, cluster.address)
        assert (done.code, "is not used: other versions than here" in done.said) == (0, True), done.said
        assert cluster.seen(0) == []
        assert tree(tmp_path / "out") == tree(made / "files")


def hiding(folder: Path) -> tuple[str, ...]:
    """Return the command within which a folder is empty."""
    within = ("unshare", "-rm", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(folder))
    if shutil.which("unshare") is None or subprocess.run([*within, "true"], capture_output=True).returncode:
        pytest.skip("no folder can be hidden from a process here")
    return within


@pytest.mark.slow
def test_a_worker_that_does_not_see_in_or_out_is_named_and_gets_nothing(made, tmp_path):
    (tmp_path / "common").mkdir()
    given = ("run", made / "files.yaml", made / "in", tmp_path / "common/out", "--wait-for-workers", "20", "--cluster")
    with loopback_cluster(tmp_path / "cluster") as cluster:
        blind = cluster.start_worker(within=hiding(made / "in"))
        done = command(*given, cluster.address)
        assert (done.code, f"is not used: it does not see {made / 'in'}" in done.said) == (2, True), done.said
        assert not (tmp_path / "common/out").exists()
        kill(blind)
        cluster.start_worker(within=hiding(tmp_path / "common"))
        wait_until(lambda: cluster.registered(1))
        done = command(*given, cluster.address)
        assert (done.code, "is not used: it does not see " in done.said) == (3, True), done.said
        cluster.start_worker()
        wait_until(lambda: cluster.registered(2))
        done = command(*given, cluster.address)
        assert (done.code, f"it does not see {tmp_path / 'common/out'}" in done.said) == (0, True), done.said
        assert cluster.seen(0) == cluster.seen(1) == []
        assert tree(tmp_path / "common/out") == tree(made / "files")


EXTRAS = ("dask", "distributed", "obstore", "pyarrow")
BARE = f"""
import importlib.metadata, sys

real = importlib.metadata.distribution

def distribution(name):
    if name in {EXTRAS}:
        raise importlib.metadata.PackageNotFoundError(name)
    return real(name)

importlib.metadata.distribution = distribution

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
"""What Python reads when it starts, with which no extra is installed."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Run `augcli` where no extra is installed."""
    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(BARE)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "augcli", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": f"{site}:{ROOT}"}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    return run


def test_a_base_install_makes_files_and_tar_shards(made, bare, tmp_path):
    for kind in ("files", "tars"):
        done = bare("run", made / f"{kind}.yaml", made / "in", tmp_path / kind)
        assert done.returncode == 0, done.stderr
        assert tree(tmp_path / kind) == tree(made / kind)


def test_what_a_base_install_lacks_is_told_with_the_command_that_installs_it(made, bare, tmp_path):
    (tmp_path / "parquet.yaml").write_text(SPEC + "output: {container: parquet}\n")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/train.parquet").write_bytes(b"PAR1")
    files, root, out = made / "files.yaml", made / "in", tmp_path / "out"
    for extra, *given in (
        ("cluster", files, root, out, "--cluster", "tcp://127.0.0.1:8786"),
        ("cloud", files, "s3://bucket/in", out),
        ("cloud", files, root, "s3://bucket/out"),
        ("parquet", tmp_path / "parquet.yaml", root, out),
        ("parquet", files, tmp_path / "tables", out),
    ):
        done = bare("run", *given)
        assert done.returncode == 2, done.stderr
        assert f'pip install "augcli[{extra}]"' in done.stderr
        assert "Traceback" not in done.stderr
    assert not out.exists()


LOADED = f"""
import sys
from augcli import cli
try:
    cli.main()
finally:
    print(sorted(set(sys.modules) & set({EXTRAS})))
"""


def test_a_plain_run_imports_no_extra_that_is_installed(made, tmp_path):
    given = ("run", made / "tars.yaml", made / "in", tmp_path / "out")
    done = subprocess.run([sys.executable, "-c", LOADED, *map(str, given)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


@pytest.mark.slow
def test_clusters_and_buckets_need_no_network_but_loopback(tmp_path):
    within = ("unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "-")
    if shutil.which("unshare") is None or subprocess.run([*within, "true"], capture_output=True).returncode:
        pytest.skip("no process can be cut off from the network here")
    tests = [f"tests/test_cluster.py::{name}" for name in ALONE]
    command = [*within, sys.executable, "-m", "pytest", "-q", "-m", "", "--basetemp", tmp_path / "alone", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout


ALONE = (
    "test_two_workers_write_the_tree_of_one_machine",
    "test_buckets_and_folders_give_one_tree_on_a_cluster[tars]",
)
