"""Disks that are full, read-only or gone in mid-run: a run stops and says so, loses nothing, and goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from tests.commands import completed
from tests.test_runs import ROOT, jpeg, rows, tree, write_spec

NOISY = "copies: 2\npipeline: [gauss_noise: {std: [0.2, 0.3]}]\noutput: {subsampling: '4:4:4'}\n"
COPIES = "copies: %d\ninclude_originals: true\npipeline: [horizontal_flip, color_jitter: {brightness: 0.2}]\n"


def command(spec: Path, source: Path, out: Path, jobs: int = 2) -> list[str]:
    return [sys.executable, "-m", "augcli", "run", str(spec), str(source), str(out), "-j", str(jobs)]


def call(arguments: list[str], code: int | None = None) -> subprocess.CompletedProcess[str]:
    if arguments[:3] == [sys.executable, "-m", "augcli"]:
        done = completed(*arguments[3:])
    else:
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert code in (None, done.returncode), done.stderr
    return done


def make_sources(root: Path, sizes: list[tuple[int, int]]) -> Path:
    for number, size in enumerate(sizes):
        path = root / "train" / f"class{number % 2}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, *size))
    return root


def images(out: Path) -> dict[str, str]:
    """What has a final name, besides the manifest and the record, with the hash of its content."""
    found = {name: digest for name, digest in tree(out).items() if not Path(name).name.startswith(".augcli-")}
    return {name: digest for name, digest in found.items() if "/" in name and not name.startswith(".augcli/")}


def assert_stopped(done: subprocess.CompletedProcess[str], where: Path) -> None:
    """A stopped run says at what place and how to go on."""
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith(str(where)), done.stderr
    assert done.stderr.endswith("then rerun to resume\n"), done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr  # and no traceback


def assert_whole(out: Path, wanted: dict[str, str]) -> None:
    """What a stopped run has left under final names is what an undisturbed one writes, and there is no manifest."""
    assert not (out / "manifest.csv").exists()
    assert images(out).items() <= wanted.items()
    for name in images(out):
        with PIL.Image.open(out / name) as image:
            image.load()  # raises where data is missing; OpenCV would not, but it must read the same size
        assert cv2.imdecode(np.fromfile(out / name, np.uint8), cv2.IMREAD_COLOR).shape[1::-1] == image.size


# A limit of file sizes is a full disk for one file at a time, and needs no rights.

SIZES = [0, 1, 100, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12_000, 16_000, 24_000, 32_000, 50_000, 70_000]
SIZES += [100_000, 150_000, 200_000]
LIMIT = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, 2 * (int(sys.argv[1]),)); "
# What Python compiles would be cut off at the limit, too, and kept.
LIMIT += "os.environ['PYTHONDONTWRITEBYTECODE'] = '1'; os.execv(sys.argv[2], sys.argv[2:])"


def limited(size: int, arguments: list[str]) -> list[str]:
    """The same command, but no file may grow beyond `size` bytes."""
    return [sys.executable, "-c", LIMIT, str(size), *arguments]


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A spec, sources whose copies have from two to 250 kilobytes, and an undisturbed run."""
    folder = tmp_path_factory.mktemp("noisy")
    source = make_sources(folder / "in", [(width, width * 3 // 4) for width in (40, 60, 90, 140, 200, 280, 400)])
    spec = write_spec(folder, NOISY)
    call(command(spec, source, folder / "out"), 0)
    return spec, source, folder / "out"


def test_the_limits_fall_between_the_sizes_of_the_files(noisy):
    sizes = [int(row["bytes"]) for row in rows(noisy[2])]
    assert min(sizes) < 4000
    assert max(sizes) > max(SIZES)


@pytest.mark.parametrize(
    "size", [pytest.param(size, marks=[pytest.mark.slow] * (number % 4 > 0)) for number, size in enumerate(SIZES)]
)
def test_a_run_that_reaches_a_limit_of_file_sizes_stops_and_goes_on(noisy, tmp_path, size):
    spec, source, wanted = noisy
    arguments = command(spec, source, tmp_path / "out")
    assert_stopped(call(limited(size, arguments)), tmp_path / "out")
    assert_whole(tmp_path / "out", tree(wanted))
    call(arguments, 0)
    assert tree(tmp_path / "out") == tree(wanted)
    assert not (tmp_path / "out/.augcli").exists()


@pytest.fixture(scope="module", params=[2, 8], ids=["few", "many"])
def photos(request, tmp_path_factory):
    """A spec, sources in at least eight chunks, and an undisturbed run, with few copies and with many."""
    folder = tmp_path_factory.mktemp("photos")
    source, spec = make_sources(folder / "in", [(320, 240)] * 32), write_spec(folder, COPIES % request.param)
    call(command(spec, source, folder / "out"), 0)
    return spec, source, folder / "out"


def test_when_only_the_manifest_is_too_large_nothing_is_made_twice(photos, tmp_path):
    spec, source, wanted = photos
    out = tmp_path / "out"
    arguments = command(spec, source, out)
    assert_stopped(call(limited((wanted / "manifest.csv").stat().st_size - 1, arguments)), out)
    assert_whole(out, tree(wanted))
    assert images(out) == images(wanted)
    assert call(arguments, 0).stderr.startswith("0 images written")
    assert tree(out) == tree(wanted)
    assert not (out / ".augcli").exists()


def test_a_run_whose_messages_cannot_be_written_either_says_so_by_its_exit_code(noisy, tmp_path):
    """As with `2> log` on the very disk that is full."""
    spec, source, _ = noisy
    with (tmp_path / "log").open("wb") as log:
        done = subprocess.run(limited(0, command(spec, source, tmp_path / "out")), cwd=ROOT, stderr=log)
    assert done.returncode == 3


# Small and read-only disks are mounted where only the command and its shell see them.

MOUNT = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'


@pytest.fixture(scope="module")
def mounting(tmp_path_factory):
    """Return what turns a shell script into a command with a small disk mounted below it."""
    if shutil.which("unshare") is None:
        pytest.skip("a disk of its own is mounted with `unshare`, which Linux has")
    folder = tmp_path_factory.mktemp("disk")
    for prefix in (["unshare", "-rm"], ["unshare", "-m"]):  # as a user who may do so, or as root who may not be one
        mounted = [*prefix, "sh", "-c", MOUNT, "sh"]
        if subprocess.run([*mounted, "size=64k", str(folder), "true"], capture_output=True).returncode == 0:
            return lambda options, disk, script, *given: [
                *[*mounted, options, str(disk), "sh", "-euc", script, "sh", str(disk)],
                *map(str, given),
            ]
    pytest.skip("mounting is allowed neither in a namespace of users nor in one of mounts")


GOES_ON = """
disk=$1 options=$2 seen=$3; shift 3
code=0; "$@" 2> "$seen/stopped" || code=$?; echo $code > "$seen/code"
cp -a "$disk" "$seen/full"
mount -o "remount,$options" "$disk"
"$@"
cp -a "$disk" "$seen/complete"
"""


@pytest.mark.parametrize(
    ("photos", "options", "roomy"),
    [(2, "size=64k", "size=64m"), (8, "size=64k", "size=64m"), (2, "nr_inodes=24", "nr_inodes=10k")],
    indirect=["photos"],
    ids=["few", "many", "names"],
)
def test_a_run_on_a_disk_that_is_full_stops_and_goes_on_when_there_is_room(mounting, photos, tmp_path, options, roomy):
    """Full of bytes, or of names."""
    spec, source, wanted = photos
    disk, seen = tmp_path / "disk", tmp_path / "seen"
    disk.mkdir()
    seen.mkdir()
    call(mounting(options, disk, GOES_ON, roomy, seen, *command(spec, source, disk / "out")), 0)
    code, said = int((seen / "code").read_text()), (seen / "stopped").read_text()
    assert_stopped(subprocess.CompletedProcess([], code, "", said), disk / "out")
    assert_whole(seen / "full/out", tree(wanted))
    assert 0 < len(images(seen / "full/out")) < len(images(wanted))
    assert tree(seen / "complete/out") == tree(wanted)
    assert not (seen / "complete/out/.augcli").exists()


READ_ONLY = """
disk=$1 before=$2 seen=$3; shift 3
if [ -d "$before" ]; then cp -a "$before" "$disk/out"; fi
mount -o remount,ro "$disk"
code=0; "$@" 2> "$seen/refused" || code=$?; echo $code > "$seen/code"
cp -a "$disk" "$seen/after"
"""


@pytest.mark.parametrize("state", ["not there", "empty", "stopped", "complete"])
def test_a_read_only_disk_is_refused_and_stays_as_it_was(mounting, noisy, tmp_path, state):
    spec, source, complete = noisy
    before, disk, seen = tmp_path / "before", tmp_path / "disk", tmp_path / "seen"
    disk.mkdir()
    seen.mkdir()
    if state == "empty":
        before.mkdir()
    elif state == "stopped":
        call(limited(20_000, command(spec, source, before)), 3)
    elif state == "complete":
        before = complete
    call(mounting("size=64m", disk, READ_ONLY, before, seen, *command(spec, source, disk / "out")), 0)
    assert (seen / "code").read_text() == "2\n"
    assert str(disk / "out") in (seen / "refused").read_text()
    assert "Traceback" not in (seen / "refused").read_text()
    assert (seen / "after/out").exists() == before.exists()
    if before.exists():
        assert tree(seen / "after/out") == tree(before)


# Folders that vanish, as those on a stick or in the network do.

MEANWHILE = """
import os, subprocess, sys
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or numpy starts threads, and no worker is forked from here
from augcli import cli
from augcli.engine import report
from augcli.plan import output_names
from augcli.storage import files

when, what = sys.argv.pop(1), sys.argv.pop(1)
moments = {"listed": (output_names, "items"), "image": (files, "write_whole"), "chunk": (report.Report, "done")}
owner, name = moments[when]
original = getattr(owner, name)


def watched(*given):
    global what
    result = original(*given)
    if what:
        now, what = what, ""
        subprocess.run(now, shell=True, check=True)
    return result


setattr(owner, name, watched)
cli.main()
"""
# a pool's workers write images where nothing can be put between
IMAGES = pytest.mark.parametrize("photos", [2], indirect=True, ids=["few"])


def meanwhile(when: str, what: str, arguments: list[str]) -> list[str]:
    """The same command, but when IN is listed, or the first image or chunk is done, another process does `what`."""
    return [sys.executable, "-c", MEANWHILE, when, what, *arguments[3:]]


@IMAGES
def test_an_out_that_is_removed_in_mid_run_is_not_made_again(photos, tmp_path):
    spec, source, wanted = photos
    out = tmp_path / "out"
    arguments = command(spec, source, out)
    # each worker removes it, while the other one may just write into a folder that was empty a moment ago
    removed = f"until rm -rf '{out}' 2> /dev/null; do :; done"
    assert_stopped(call(meanwhile("image", removed, arguments)), out)
    assert os.listdir(tmp_path) == []
    call(arguments, 0)
    assert tree(out) == tree(wanted)


def test_an_out_that_is_renamed_in_mid_run_is_not_made_again(photos, tmp_path):
    spec, source, wanted = photos
    out, moved = tmp_path / "out", tmp_path / "moved"
    arguments = command(spec, source, out)
    assert_stopped(call(meanwhile("chunk", f"mv '{out}' '{moved}'", arguments)), out)
    assert os.listdir(tmp_path) == ["moved"]
    assert_whole(moved, tree(wanted))
    call(arguments, 0)
    assert tree(out) == tree(wanted)
    call(command(spec, source, moved), 0)  # where it is now, it goes on just as well
    assert tree(moved) == tree(wanted)


def vanishing(source: Path, how: str) -> tuple[str, str]:
    """Commands that take IN away and bring it back; `emptied` is what a disk leaves that was mounted there."""
    empty = how == "emptied"
    return (
        f"mv '{source}' '{source}-gone'" + empty * f" && mkdir '{source}'",
        empty * f"rmdir '{source}' && " + f"mv '{source}-gone' '{source}'",
    )


WHEN = pytest.mark.parametrize(
    ("when", "photos"), [("image", 2), ("chunk", 2), ("chunk", 8)], indirect=["photos"], ids=["image", "few", "many"]
)


@WHEN
def test_an_in_that_vanishes_in_mid_run_costs_nothing_that_was_made(photos, tmp_path, when):
    spec, original, wanted = photos
    source, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(original, source)
    jobs = 1 if when == "image" else 2  # or each worker would take it away
    arguments, (away, back) = command(spec, source, out, jobs), vanishing(source, "renamed")
    assert_stopped(call(meanwhile(when, away, arguments)), source)
    assert_whole(out, tree(wanted))
    assert images(out)
    subprocess.run(back, shell=True, check=True)
    call(arguments, 0)
    assert tree(out) == tree(wanted)


@pytest.mark.parametrize(
    ("photos", "how"), [(2, "renamed"), (8, "emptied")], indirect=["photos"], ids=["few renamed", "many emptied"]
)
def test_an_in_that_vanishes_while_a_complete_out_is_looked_through_costs_nothing(photos, tmp_path, how):
    spec, original, wanted = photos
    source, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(original, source)
    shutil.copytree(wanted, out)
    arguments, (away, back) = command(spec, source, out), vanishing(source, how)
    assert_stopped(call(meanwhile("chunk", away, arguments)), source)
    assert images(out) == images(wanted)
    subprocess.run(back, shell=True, check=True)
    assert call(arguments, 0).stderr.startswith("0 images written")
    assert tree(out) == tree(wanted)


@IMAGES
@pytest.mark.parametrize("how", ["renamed", "emptied"])
def test_an_in_that_vanishes_when_it_has_just_been_listed_costs_nothing(photos, tmp_path, how):
    """The formats of the sources are not known then, and so the names of their copies."""
    spec, original, wanted = photos
    source, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(original, source)
    shutil.copytree(wanted, out)
    arguments, (away, _) = command(spec, source, out), vanishing(source, how)
    done = call(meanwhile("listed", away, arguments))
    assert done.returncode in (2, 3)
    assert done.stderr.startswith(str(source))
    assert images(out) == images(wanted)


def test_no_copy_stays_unmixed_because_its_partner_vanished_with_in(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    make_sources(source, [(80, 60)] * 16)
    spec = write_spec(tmp_path, "copies: 6\npipeline: [horizontal_flip, mixup: {alpha: 1}]\n")
    call(command(spec, source, tmp_path / "wanted"), 0)
    arguments, (away, back) = command(spec, source, out, jobs=1), vanishing(source, "renamed")
    assert_stopped(call(meanwhile("image", away, arguments)), source)
    assert_whole(out, tree(tmp_path / "wanted"))
    subprocess.run(back, shell=True, check=True)
    call(arguments, 0)
    assert tree(out) == tree(tmp_path / "wanted")
