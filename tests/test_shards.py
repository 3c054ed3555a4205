"""One run shared by several: any order, at once, interrupted, over what was there before; always the same tree."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from augcli.output.shards import Shard, shard_of, share
from augcli.problems import Refused
from tests.conftest import written_at
from tests.test_runs import ROOT, augcli, held, jpeg, small, tree, write_spec

MIXED = """
seed: 3
copies: 3
include_originals: true
pipeline:
  - random_resized_crop: {size: 48}
  - one_of: {p: 0.7, steps: [mixup, cutmix, mosaic]}
  - gauss_noise: {p: 0.5}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with photos, one of them broken, a spec that mixes them, and the result of a single run."""
    work = tmp_path_factory.mktemp("shards")
    for number in range(40):
        path = work / "in/train" / f"class{number % 3}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    (work / "in/train/class1/broken.jpg").write_bytes(jpeg(50)[:500])
    (work / "in/val/class0").mkdir(parents=True)
    (work / "in/val/class0/photo.jpg").write_bytes(jpeg(51))
    write_spec(work, MIXED)
    assert augcli("run", work / "spec.yaml", work / "in", work / "whole", check=False).returncode == 1
    return work


def shard(made: Path, out: Path, which: str, *more: object) -> subprocess.CompletedProcess[str]:
    return augcli("run", made / "spec.yaml", made / "in", out, "--shard", which, *more, check=False)


@pytest.mark.parametrize("order", [("3/3", "1/3", "2/3"), ("2/2", "1/2"), ("1/1",)])
def test_shards_in_any_order_make_the_tree_of_a_single_run(made, tmp_path, order):
    out = tmp_path / "out"
    for which in order:
        done = shard(made, out, which)
        assert done.returncode in (0, 1), done.stderr
        assert f"when all shards are done: augcli merge {out}" in done.stderr
        assert not (out / "manifest.csv").exists()
    joined = augcli("merge", out, check=False)
    assert joined.returncode == 1  # as a run that one source failed in
    assert joined.stderr == f"{out}: joined: 120 augmented, 1 copied, 1 failed, 40 original\n"
    assert tree(out) == tree(made / "whole")
    assert not (out / ".augcli").exists()


def test_shards_may_run_at_once(made, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "augcli", "run", str(made / "spec.yaml"), str(made / "in"), str(out), "-j", "1"]
    shards = [
        subprocess.Popen([*command, "--shard", f"{number}/4"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for number in (1, 2, 3, 4)
    ]
    for one in shards:
        _, errors = one.communicate()
        assert one.returncode in (0, 1), errors
    augcli("merge", out, check=False)
    assert tree(out) == tree(made / "whole")


def test_a_killed_shard_goes_on(made, tmp_path):
    out = tmp_path / "out"
    killed = held(10, out, made / "spec.yaml", made / "in", "--shard", "2/2")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    shard(made, out, "1/2")
    refused = augcli("merge", out, check=False)
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        f"{out}: shard 2/2 is not finished",
        f"  = help: run it: augcli run SPEC IN {out} --shard 2/2",
    ]
    shard(made, out, "2/2")
    augcli("merge", out, check=False)
    assert tree(out) == tree(made / "whole")


def test_merge_names_the_missing_shards_and_changes_nothing(made, tmp_path):
    out = tmp_path / "out"
    shard(made, out, "2/4")
    before = tree(out)
    done = augcli("merge", out, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{out}: shards 1/4, 3/4, 4/4 are not finished\n")
    assert tree(out) == before


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("versions", {"opencv": "4.14.0"}, "with other versions than the others: opencv"),
        ("plan", "of other images", "from another spec or other sources than the others"),
        ("spec_key", "another", "from another spec or other sources than the others"),
    ],
)
def test_merge_refuses_shards_that_do_not_belong_together(made, tmp_path, key, value, said):
    """As when the folders of several machines are copied into one."""
    out = tmp_path / "out"
    for which in ("1/2", "2/2"):
        shard(made, out, which)
    path = out / ".augcli/shard-2-of-2/done.json"
    record = json.loads(path.read_text())
    record[key] = {**record[key], **value} if isinstance(value, dict) else value
    path.write_text(json.dumps(record))
    done = augcli("merge", out, check=False)
    assert done.returncode == 2
    assert f"{out}: shard 2/2 was made {said}" in done.stderr
    assert not (out / "manifest.csv").exists()


def test_a_shard_of_other_versions_does_not_join(made, tmp_path):
    out = tmp_path / "out"
    shard(made, out, "1/2")
    path = out / ".augcli/run.json"
    record = json.loads(path.read_text())
    record["versions"]["opencv"] = "4.0"
    path.write_text(json.dumps(record))
    done = shard(made, out, "2/2")
    assert done.returncode == 2
    assert f"{out}: its other shards were made with other versions: opencv" in done.stderr
    # and with --overwrite it begins anew
    assert shard(made, out, "2/2", "--overwrite").returncode in (0, 1)
    shard(made, out, "1/2")
    augcli("merge", out, check=False)
    assert tree(out) == tree(made / "whole")


def test_shards_go_on_from_a_finished_set(made, tmp_path):
    """More copies, a source less, and a file that got lost, by shards over the result of a single run."""
    out, source = tmp_path / "out", tmp_path / "in"
    shutil.copytree(made / "in", source)
    shutil.copytree(made / "whole", out)
    (source / "train/class0/photo03.jpg").unlink()
    (out / "train/class2/photo02_aug001.jpg").unlink()
    stamps = {path: written_at(path) for path in out.rglob("*.jpg")}
    for which in ("2/2", "1/2"):
        augcli("run", made / "spec.yaml", source, out, "--copies", 4, "--shard", which, check=False)
    augcli("merge", out, check=False)
    augcli("run", made / "spec.yaml", source, tmp_path / "fresh", "--copies", 4, check=False)
    assert tree(out) == tree(tmp_path / "fresh")
    kept = sum(path.exists() and written_at(path) == inode for path, inode in stamps.items())
    assert kept > 100  # all but those of the source that is gone, and those that it was mixed into


def test_a_single_run_takes_over_from_shards_and_shards_from_a_run(made, tmp_path):
    out = tmp_path / "out"
    shard(made, out, "1/3")
    done = augcli("run", made / "spec.yaml", made / "in", out, check=False)
    assert "discarding 3 unfinished shards, reusing their files" in done.stderr
    assert "were there already" in done.stderr
    assert tree(out) == tree(made / "whole")
    begun = tmp_path / "begun"
    killed = held(40, begun, made / "spec.yaml", made / "in")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    for which in ("2/2", "1/2"):
        shard(made, begun, which)
    augcli("merge", begun, check=False)
    assert tree(begun) == tree(made / "whole")


def test_another_number_of_shards_begins_anew_and_keeps_what_is_made(made, tmp_path):
    out = tmp_path / "out"
    shard(made, out, "1/2")
    stamps = {path: written_at(path) for path in out.rglob("*.jpg")}
    given_up = f"{out}: discarding 2 unfinished shards, reusing their files\n"
    for which in ("3/3", "2/3", "1/3"):
        assert (given_up in shard(made, out, which).stderr) == (which == "3/3")
    augcli("merge", out, check=False)
    assert tree(out) == tree(made / "whole")
    assert {path: written_at(path) for path in stamps} == stamps


def test_the_same_shard_twice_and_a_run_among_shards_are_refused(made, tmp_path):
    out = tmp_path / "out"
    first = held(1, out, made / "spec.yaml", made / "in", "--copies", 4, "--shard", "1/2")
    try:
        twice = shard(made, out, "1/2", "--copies", 4)
        assert (twice.returncode, f"{out}: shard 1/2 is being made already" in twice.stderr) == (2, True)
        for more in (["--shard", "2/2"], ["--shard", "2/3", "--copies", 4]):
            done = augcli("run", made / "spec.yaml", made / "in", out, *more, check=False)
            assert done.returncode == 2
            assert "shards of another spec, number or input are being written to it" in done.stderr
        for busy in (["run", made / "spec.yaml", made / "in", out, "--copies", 4], ["merge", out]):
            done = augcli(*busy, check=False)
            assert (done.returncode, "another run is writing to it" in done.stderr) == (2, True)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()


def test_a_merge_tells_of_a_class_that_failed_in_all_shards_together(tmp_path):
    for name in ("in/a/1.jpg", "in/a/2.jpg", "in/b/1.jpg", "in/b/2.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"nothing" if "/a/" in name else jpeg(len(name)))
    write_spec(tmp_path, "pipeline: [rotate]\n")
    for shard in ("1/2", "2/2"):
        one = augcli("run", tmp_path / "spec.yaml", tmp_path / "in", tmp_path / "out", "--shard", shard, check=False)
        assert "failed-class" not in one.stderr  # one image of `a` is another shard's
    done = augcli("merge", tmp_path / "out", check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        f"warning[failed-class]: {tmp_path / 'out'}: class `a` is empty: all its 2 images failed;"
        " to ImageFolder and Keras `b` is 1 in `IN` and 0 in `OUT`",
    )


def test_a_merge_again_says_that_all_is_done(made, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(made / "whole", out)
    assert augcli("merge", out, check=False).returncode == 1
    assert tree(out) == tree(made / "whole")
    nothing = augcli("merge", tmp_path, check=False)
    assert nothing.returncode == 2
    assert "no shards in it that wait to be joined" in nothing.stderr


def test_every_source_belongs_to_one_shard():
    items = list(range(103))
    shares = [share(items, Shard(number, 7)) for number in range(1, 8)]
    assert sorted(item for one in shares for item in one) == items
    assert {len(one) for one in shares} == {14, 15}


@pytest.mark.parametrize(
    ("first", "last", "step", "expected"),
    [(1, 8, 1, ["1/8", "2/8", "8/8"]), (0, 7, 1, ["1/8", "2/8", "8/8"]), (10, 50, 10, ["1/5", "2/5", "5/5"])],
)
def test_slurm_arrays_count_from_one(first, last, step, expected):
    found = [
        shard_of(
            "slurm",
            {
                "SLURM_ARRAY_TASK_ID": str(task),
                "SLURM_ARRAY_TASK_MIN": str(first),
                "SLURM_ARRAY_TASK_MAX": str(last),
                "SLURM_ARRAY_TASK_STEP": str(step),
            },
        )
        for task in (first, first + step, last)
    ]
    assert list(map(str, found)) == expected


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", "slurm", "1/3/5"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(Refused, match="--shard"):
        shard_of(text, {})


def test_an_array_with_holes_is_refused():
    odd = {"SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "9"}
    for more in ({"SLURM_ARRAY_TASK_STEP": "2"}, {"SLURM_ARRAY_TASK_COUNT": "4"}):
        with pytest.raises(Refused, match="SLURM array has gaps"):
            shard_of("slurm", odd | more)


def test_merge_of_what_is_not_there_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for name, said in (("nowhere", "no such folder"), ("empty", "no shards in it that wait to be joined")):
        done = augcli("merge", tmp_path / name, check=False)
        assert (done.returncode, f"{tmp_path / name}: {said}" in done.stderr) == (2, True)
        assert not any(tmp_path.glob("*/*"))


def test_merge_refuses_a_shard_that_lost_parts(made, tmp_path):
    """As when not all of a folder was copied from another machine."""
    out = tmp_path / "out"
    for which in ("1/2", "2/2"):
        shard(made, out, which)
    lost = sorted((out / ".augcli/shard-2-of-2").glob("part-*"))[-1]
    lost.unlink()
    before = tree(out)
    done = augcli("merge", out, check=False)
    assert (done.returncode, tree(out)) == (2, before)
    assert done.stderr.splitlines() == [
        f"{out}: shard 2/2 has lost parts of what it wrote",
        f"  = help: run it again: augcli run SPEC IN {out} --shard 2/2",
    ]
    shard(made, out, "2/2")
    augcli("merge", out, check=False)
    assert tree(out) == tree(made / "whole")


def test_what_a_shard_of_another_spec_left_is_made_anew(made, tmp_path):
    """The state of shard 2 was copied from a machine that had another spec, with names that are the same."""
    out, other = tmp_path / "out", tmp_path / "other"
    shard(made, out, "1/2")
    shard(made, other, "2/2", "--seed", 99)
    (other / ".augcli/run.json").unlink()
    shutil.copytree(other, out, dirs_exist_ok=True)
    assert "from another spec" in augcli("merge", out, check=False).stderr
    shard(made, out, "2/2")
    augcli("merge", out, check=False)
    assert tree(out) == tree(made / "whole")


@pytest.mark.parametrize("flag", ["--frozen", "--dry-run"])
def test_what_looks_at_the_whole_takes_no_shard(made, tmp_path, flag):
    done = shard(made, tmp_path / "out", "1/2", flag)
    assert done.returncode == 2
    assert "--shard goes with neither --dry-run nor --frozen" in done.stderr


KILLED_AT_EACH_STEP = """
import os, shutil, sys
from pathlib import Path
from augcli import cli
from augcli.commands import frozen, replay, run
from augcli.output import shards

work = Path(sys.argv[1])
steps = ("unlink", "rmdir", "mkdir", "replace")


def call(*arguments, left=None):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if left is not None:
        run = os.getpid()

        def counting(real):
            def counted(*given, **named):
                nonlocal left
                left -= os.getpid() == run
                if left < 0:
                    os._exit(9)
                return real(*given, **named)
            return counted

        for name in steps:
            setattr(os, name, counting(getattr(os, name)))
    sys.stdout = sys.stderr = open(work / "said", "a")
    code = cli.exit_code_of(lambda: cli.augcli.main([*map(str, arguments)], "augcli", standalone_mode=False))
    os._exit(code)


def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


asked = ["run", work / "spec.yaml", work / "in"]
new = ["--copies", 3]
wholes = {}
for name, more in (("before", []), ("after", new)):
    assert call(*asked, work / name, *more) == 0
    wholes[name] = tree(work / name)
for which in ("1/2", "2/2"):
    assert call(*asked, work / "done", "--shard", which) == 0
killed = 0
while True:
    out = work / "out"
    shutil.copytree(work / "done", out)
    code = call(*asked, out, *new, "--shard", "2/2", left=killed)
    if code != 9:
        break
    killed += 1
    if call("merge", out) == 0:  # nothing has been begun yet
        assert tree(out) == wholes["before"], killed
    elif killed % 3 == 0:
        for which in ("1/2", "2/2"):
            assert call(*asked, out, *new, "--shard", which) == 0, killed
        assert call("merge", out) == 0, killed
        assert tree(out) == wholes["after"], killed
    shutil.rmtree(out)
print(code, killed)
"""


def test_a_shard_that_is_killed_at_any_step_leaves_nothing_that_merges_to_a_wrong_tree(tmp_path):
    """Two finished shards, and then one that asks for more copies and is killed before each change of a file name."""
    small(tmp_path / "in")
    write_spec(tmp_path, "copies: 2\npipeline: [horizontal_flip, {rotate: {degrees: 9}}]\n")
    command = [sys.executable, "-c", KILLED_AT_EACH_STEP, str(tmp_path)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    code, killed = map(int, done.stdout.split())
    assert (code, killed > 15) == (0, True)
