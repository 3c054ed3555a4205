"""Tar shards as OUT: what is made, kept, made again and refused, whatever changes or dies, and who can read them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clusters import SITE, ended, started
from tests.commands import ROOT, command
from tests.conftest import written_at
from tests.kill_trials import KINDS, make_cases, trials
from tests.labelled_sets import SETS
from tests.test_runs import jpeg, rows, tree

SPEC = """
seed: 3
copies: %d
include_originals: true
pipeline:
  - rotate: {degrees: 20}
  - color_jitter: {brightness: 0.3}
output: {container: webdataset, shard_size: %s}
"""


def spec(folder: Path, copies: int = 2, size: int | str = 9) -> Path:
    path = folder / f"spec-{copies}-{hashlib.sha256(str(size).encode()).hexdigest()[:6]}.yaml"
    path.write_text(SPEC % (copies, size))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder with 14 photos as `in`, and `out`, which a run has made of them: five shards of three sources."""
    work = tmp_path_factory.mktemp("made")
    for number in range(14):
        path = work / "in" / f"class{number % 2}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    assert run(spec(work), work / "in", work / "out").code == 0
    return work


@pytest.fixture
def there(made, tmp_path) -> tuple[Path, Path]:
    """A copy of IN and of OUT that may be changed."""
    return shutil.copytree(made / "in", tmp_path / "in"), shutil.copytree(made / "out", tmp_path / "out")


def run(*given: object, **more: str):
    return command("run", *given, **more)


def stamps(out: Path) -> dict[str, tuple[int, int]]:
    return {path.name: written_at(path) for path in out.glob("*0*")}


def changed(before: dict[str, tuple[int, int]], out: Path) -> set[str]:
    after = stamps(out)
    return {name.partition(".")[0] for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def members(out: Path) -> Iterator[tuple[str, str, bytes]]:
    """Every file of every shard, with the shard's name."""
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as shard:
            for one in shard:
                yield path.name, one.name, shard.extractfile(one).read()


def inside(out: Path, suffix: str) -> dict[str, bytes]:
    return {name: data for _, name, data in members(out) if name.partition(".")[2] == suffix}


def test_shards_are_the_same_bytes_for_any_jobs_and_at_any_run(made, tmp_path):
    for number, jobs in enumerate((1, 2, 2)):
        assert run(spec(made), made / "in", tmp_path / f"{number}", "-j", jobs).code == 0
        assert tree(tmp_path / f"{number}") == tree(made / "out")


def test_shards_hold_the_images_and_rows_of_loose_files(made, tmp_path):
    loose = tmp_path / "loose.yaml"
    loose.write_text(spec(made).read_text().partition("output:")[0])
    assert run(loose, made / "in", tmp_path / "files").code == 0
    files = {name: digest for name, digest in tree(tmp_path / "files").items() if name.endswith(".jpg")}
    held = inside(made / "out", "jpg")
    assert {name: hashlib.sha256(data).hexdigest() for name, data in held.items()} == files
    rows_of = {row["sha256"]: row for row in rows(tmp_path / "files")}
    inner = [row for row in rows(made / "out") if "#" in row["file_name"]]
    assert [{**row, "file_name": ""} for row in inner] == [{**rows_of[row["sha256"]], "file_name": ""} for row in inner]
    assert (made / "out/classes.txt").read_text() == "class0\nclass1\n"
    for name, about in inside(made / "out", "json").items():
        told = json.loads(about)
        assert told["file_name"].endswith(f"#{name.removesuffix('.json')}.jpg")
        assert isinstance(told.get("params", []), list)
        assert inside(made / "out", "cls")[name.replace(".json", ".cls")] == told["label"][-1].encode()


def test_shards_are_read_by_the_tar_of_python_and_of_the_system(made, tmp_path):
    listed = [(shard, name) for shard, name, _ in members(made / "out")]
    assert len(listed) == 3 * 3 * 14
    suffixes = [name.rpartition(".")[2] for _, name in listed]
    assert suffixes == ["cls", "jpg", "json"] * 42
    for shard in sorted((made / "out").glob("*.tar")):
        done = subprocess.run(["tar", "-xvf", shard, "-C", tmp_path], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert done.stdout.split() == [name for of, name in listed if of == shard.name]
        with tarfile.open(shard) as read:
            for one in read:
                assert (one.mtime, one.uid, one.gid, one.uname, one.mode, one.isreg()) == (0, 0, 0, "", 0o644, True)
    assert len(list(tmp_path.rglob("*.jpg"))) == 42


def test_a_second_run_makes_and_writes_nothing(made, there):
    before = stamps(there[1])
    done = run(spec(made), *there)
    assert (done.code, "0 images written" in done.said, "42 were there already" in done.said) == (0, True, True)
    assert changed(before, there[1]) == set()


def test_a_changed_source_remakes_its_shard_and_its_images_alone(made, there, tmp_path):
    root, out = there
    (root / "class0/photo04.jpg").write_bytes(jpeg(104))
    before = stamps(out)
    done = run(spec(made), root, out, "--verbose")
    assert done.code == 0, done.said
    assert changed(before, out) == {"000000"}  # class0: 00 02 04, 06 08 10, 12 and class1: 01 03 ...
    assert "000000.tar: 6 kept, 1 source made (source changed)" in done.said
    assert "3 images written" in done.said
    assert run(spec(made), root, tmp_path / "fresh").code == 0
    assert tree(out) == tree(tmp_path / "fresh")


def test_a_source_that_is_removed_or_added_moves_only_what_lies_behind_it(made, there, tmp_path):
    root, out = there
    (root / "class1/photo13.jpg").unlink()  # the last
    (root / "class1/photo12.jpg").write_bytes(jpeg(112))
    before = stamps(out)
    assert run(spec(made), root, out).code == 0
    assert changed(before, out) == {"000004"}
    assert run(spec(made), root, tmp_path / "fresh").code == 0
    assert tree(out) == tree(tmp_path / "fresh")


@pytest.mark.parametrize(("before", "after"), [(4, 6), (6, 4)])
def test_copies_grow_and_shrink_and_what_holds_is_taken_over(made, tmp_path, before, after):
    out = tmp_path / "out"
    size = "1000"
    assert run(spec(made, before, size), made / "in", out).code == 0
    done = run(spec(made, after, size), made / "in", out, *["--overwrite"] * (after < before))
    assert done.code == 0, done.said
    assert f"{14 * max(0, after - before)} images written" in done.said
    assert run(spec(made, after, size), made / "in", tmp_path / "fresh").code == 0
    assert tree(out) == tree(tmp_path / "fresh")


@pytest.mark.parametrize("lost", ["000001.tar", "000001.csv", "classes.txt"])
def test_a_file_that_is_missing_is_made_again(made, there, lost):
    (there[1] / lost).unlink()
    assert run(spec(made), *there).code == 0
    assert tree(there[1]) == tree(made / "out")


def test_a_shard_that_was_changed_is_found_and_made_again(made, there):
    root, out = there
    shard = out / "000002.tar"
    data = bytearray(shard.read_bytes())
    data[1000] ^= 1
    shard.write_bytes(data)
    (out / "foreign.txt").write_text("mine")
    (out / "000003.tar").unlink()
    found = command("verify", out)
    told = found.printed.splitlines()
    assert (found.code, told[-3:]) == (1, ["changed: 000002.tar", "missing: 000003.tar", "extra: foreign.txt"]), told
    done = command("replay", out, root, "000002.tar")
    assert (done.code, "000002.tar" in done.said, "--overwrite replaces it" in done.said) == (1, True, True), done.said
    assert command("replay", out, root, "--overwrite").code == 0
    (out / "foreign.txt").unlink()
    assert command("verify", out).code == 0
    assert tree(out) == tree(made / "out")


def test_one_sample_is_made_again(made, there, tmp_path):
    root, out = there
    name = next(row["file_name"] for row in rows(out) if row["copy"] == "1")
    shard, _, member = name.partition("#")
    done = command("replay", out, root, name, "--to", tmp_path / "one")
    assert done.code == 0, done.said
    with tarfile.open(out / shard) as read:
        assert (tmp_path / "one" / member).read_bytes() == read.extractfile(member).read()
    done = command("replay", out, root, name)
    assert done.code == 0, done.said
    (root / member.replace("_aug001", "")).write_bytes(jpeg(77))
    done = command("replay", out, root, name)
    assert (done.code, "is not the one that it was made from" in done.said) == (1, True), done.said


def test_sources_that_fail_are_rows_and_the_rest_of_their_shard_is_whole(made, there, tmp_path):
    root, out = there[0], tmp_path / "fresh"
    (root / "class0/photo02.jpg").write_bytes(b"none")
    (root / "class1/photo05.jpg").write_bytes(jpeg(5)[:300])
    done = run(spec(made), root, out)
    assert done.code == 1
    assert "class0/photo02.jpg: " in done.said
    failed = [row["source"] for row in rows(out) if row["status"] == "failed"]
    assert failed == ["class0/photo02.jpg", "class1/photo05.jpg"]
    assert len(inside(out, "jpg")) == 3 * 12
    before = stamps(out)
    again = run(spec(made), root, out)
    assert (again.code, "0 images written" in again.said, changed(before, out)) == (1, True, set()), again.said
    shutil.copytree(made / "in", root, dirs_exist_ok=True)
    assert run(spec(made), root, out).code == 0
    assert tree(out) == tree(made / "out")


def test_a_source_that_kills_its_worker_is_found_in_its_shard(made, there, tmp_path):
    root, out = there[0], tmp_path / "fresh"
    (root / "class0/photo02.jpg").write_bytes(jpeg(999))
    (tmp_path / "sitecustomize.py").write_text(SITE)
    deadly = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "SEEN": str(tmp_path / "seen")}
    deadly["DEADLY"] = hashlib.sha256(jpeg(999)).hexdigest()
    code, said = ended(started("run", spec(made), root, out, **deadly))
    assert (code, "class0/photo02.jpg: its worker crashed" in said) == (1, True), said
    assert [row["source"] for row in rows(out) if row["status"] == "failed"] == ["class0/photo02.jpg"]
    whole = tree(made / "out")
    assert {name for name, digest in tree(out).items() if whole[name] != digest} == {
        "000000.tar",
        "000000.csv",
        "manifest.csv",
        "augcli.json",
    }
    assert len(inside(out, "jpg")) == 3 * 13


DYING = """
import os, signal
from augcli import cli
from augcli.engine import packing

real = packing.write_packed

def write_packed(path, packed):
    if path.name == "000002.csv":
        os.killpg(0, signal.SIGKILL)
    real(path, packed)

packing.write_packed = write_packed
cli.main()
"""


def test_a_run_that_dies_between_a_shard_and_its_rows_goes_on(made, tmp_path):
    out = tmp_path / "out"
    given = [sys.executable, "-c", DYING, "run", *map(str, (spec(made), made / "in", out)), "-j", "1"]
    died = subprocess.run(given, cwd=ROOT, capture_output=True, start_new_session=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (out / "000002.tar").is_file()
    assert not (out / "000002.csv").exists()
    done = run(spec(made), made / "in", out)
    assert (done.code, "18 were there already" in done.said) == (0, True), done.said
    assert tree(out) == tree(made / "out")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_killed_at_random_instants_goes_on_to_the_shards_of_an_undisturbed_one(tmp_path, kind):
    for done in trials(kind, 2, 0, make_cases(tmp_path, slice(-1, None)), tmp_path):
        assert not done.faults, done.story


def test_another_spec_needs_overwrite_and_then_makes_all(made, there, tmp_path):
    root, out = there
    other = tmp_path / "other.yaml"
    other.write_text(spec(made).read_text().replace("seed: 3", "seed: 4"))
    refused = run(other, root, out)
    assert (refused.code, tree(out)) == (2, tree(made / "out")), refused.said
    done = run(other, root, out, "--overwrite")
    assert (done.code, "42 images written" in done.said) == (0, True), done.said
    assert run(other, root, tmp_path / "fresh").code == 0
    assert tree(out) == tree(tmp_path / "fresh")


@pytest.mark.parametrize("kind", ["files", pytest.param("parquet", marks=pytest.mark.slow)])
def test_a_switch_of_container_leaves_nothing_of_the_former(made, there, tmp_path, kind):
    root, out = there
    other = tmp_path / "other.yaml"
    other.write_text(spec(made).read_text().replace("container: webdataset, shard_size: 9", f"container: {kind}"))
    assert run(other, root, tmp_path / "fresh").code == 0
    refused = run(other, root, out)
    assert (refused.code, tree(out)) == (2, tree(made / "out")), refused.said
    for container, whole in ((other, tmp_path / "fresh"), (spec(made), made / "out")):
        done = run(container, root, out, "--overwrite")
        assert done.code == 0, done.said
        assert tree(out) == tree(whole)


def test_a_foreign_file_in_the_place_of_a_shard_is_refused(made, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "000001.tar").write_bytes(b"mine")
    refused = run(spec(made), made / "in", out, "--overwrite")
    assert (refused.code, "000001.tar" in refused.said) == (2, True), refused.said
    assert tree(out) == {"000001.tar": hashlib.sha256(b"mine").hexdigest()}


def test_rows_may_stay_beside_their_shards(made, tmp_path):
    parts, out = spec(made, 2, "9, manifest: parts"), tmp_path / "out"
    assert run(parts, made / "in", out).code == 0
    assert [row["status"] for row in rows(out)] == ["classes", *["shard", "rows"] * 5]
    mine, whole = tree(out), tree(made / "out")
    assert {name: digest for name, digest in mine.items() if name.endswith(".tar")} == {
        name: digest for name, digest in whole.items() if name.endswith(".tar")
    }
    again = run(parts, made / "in", out)
    assert (again.code, "42 were there already" in again.said) == (0, True), again.said
    assert command("verify", out).code == 0
    (out / "000001.tar").unlink()
    assert command("verify", out).printed.splitlines() == ["missing: 000001.tar"]
    assert command("replay", out, made / "in").code == 0
    assert tree(out) == mine


def test_shuffled_sources_stay_in_their_order_when_one_is_added(made, there, tmp_path):
    root, shuffled = there[0], spec(made, 2, "9, shuffle: true")

    def order(out: Path) -> list[str]:
        assert run(shuffled, root, out).code == 0
        return [row["source"] for row in rows(out) if row["status"] == "original"]

    before = order(tmp_path / "before")
    assert before != sorted(before)
    assert sorted(before) == sorted(row["source"] for row in rows(made / "out") if row["status"] == "original")
    (root / "class1/another.jpg").write_bytes(jpeg(50))
    after = order(tmp_path / "after")
    assert [source for source in after if source != "class1/another.jpg"] == before
    digests = [inside(out, "jpg") for out in (tmp_path / "before", made / "out")]
    assert digests[0] == digests[1]


def test_shards_are_cut_by_bytes_where_that_is_asked(made, tmp_path):
    text = spec(made).read_text().replace("shard_size: 9", "shard_bytes: 20000")
    (tmp_path / "spec.yaml").write_text(text)
    out = tmp_path / "out"
    assert run(tmp_path / "spec.yaml", made / "in", out).code == 0
    sizes: dict[str, list[int]] = {}
    for row in rows(out):
        if row["status"] == "original":
            sizes.setdefault(row["file_name"].partition("#")[0], []).append(3 * int(row["bytes"]))
    assert len(sizes) > 3
    assert all(sum(found) <= 20000 or len(found) == 1 for found in sizes.values())
    assert inside(out, "jpg") == inside(made / "out", "jpg")
    assert run(tmp_path / "spec.yaml", made / "in", out).said.startswith("0 images written")


@pytest.mark.parametrize(
    "kind", ["coco", "cityscapes", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("yolo", "voc", "masks"))]
)
def test_labels_of_each_kind_are_inside_as_they_are_beside_loose_images(tmp_path, kind):
    root = SETS[kind](tmp_path / "in", 8)
    loose, tars = tmp_path / "loose.yaml", tmp_path / "tars.yaml"
    loose.write_text("seed: 3\ncopies: 2\npipeline: [horizontal_flip, rotate: {degrees: 10}]\n")
    tars.write_text(loose.read_text() + "output: {container: webdataset, shard_size: 6}\n")
    for text, out in ((loose, "files"), (tars, "tars")):
        done = run(text, root, tmp_path / out)
        assert done.code == 0, done.said
    files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    own = [path for path in files if path.suffix in (".jpg", ".png", ".xml") or "labels" in path.parts]
    beside = sorted(path.read_bytes() for path in own)
    held = [(name.rpartition(".")[2], data) for _, name, data in members(tmp_path / "tars")]
    told = {name: json.loads(data) for name, data in inside(tmp_path / "tars", "json").items()}
    assert sorted(data for suffix, data in held if suffix not in ("json", "cls")) == beside
    if kind == "coco":
        counts: dict[str, int] = {}
        for path in (tmp_path / "files").rglob("instances_*.json"):
            whole = json.loads(path.read_text())
            names = {image["id"]: os.path.basename(image["file_name"]) for image in whole["images"]}
            kinds = {one["id"]: one["name"] for one in whole["categories"]}
            for one in whole["annotations"]:
                key = next(key for key in told if os.path.basename(key).startswith(names[one["image_id"]][:-4] + "."))
                place = counts[key] = counts.get(key, -1) + 1
                found = told[key]["objects"][place]
                assert found["class"] == kinds[one["category_id"]]
                assert found["box"] == pytest.approx(one["bbox"], abs=0.02)  # files of COCO have two decimals
        assert {key: len(one["objects"]) for key, one in told.items()} == {key: counts.get(key, -1) + 1 for key in told}
    shutil.copytree(tmp_path / "tars", tmp_path / "again")
    sorted((tmp_path / "again").glob("*.tar"))[0].unlink()
    assert command("replay", tmp_path / "again", root).code == 0
    assert tree(tmp_path / "again") == tree(tmp_path / "tars")
    assert "\n0 images written" in run(tars, root, tmp_path / "tars").said


def test_long_dotted_foreign_and_clashing_names_have_keys_of_their_own(made, tmp_path):
    folder = os.fsencode(tmp_path) + b"/in/cat.v1/"
    os.makedirs(folder)
    long = [b"x" * 244 + b".jpg", b"y" * 243 + b"1.jpg", b"y" * 243 + b"2.jpg", "ü".encode() * 120 + b".jpg"]
    for number, name in enumerate([*long, b"a.b.c.jpg", b"a_b_c.jpg", b"a.jpg.jpg", b"caf\xe9.jpg"]):
        with open(folder + name, "wb") as file:
            file.write(jpeg(number))
    out = tmp_path / "out"
    done = run(spec(made), tmp_path / "in", out)
    assert done.code == 0, done.said
    found = [name for _, name, _ in members(out)]
    assert len(set(found)) == len(found) == 8 * 3 * 3
    assert all(name.removeprefix("cat_v1/").partition(".")[2] in ("jpg", "json", "cls") for name in found), found
    assert sum(name.startswith("cat_v1/") for name in found) == 4 * 3 * 3  # the others have a hash of their path
    listed = subprocess.run(["tar", "-tf", *out.glob("000000.tar")], capture_output=True, check=True)
    assert listed.stderr == b""
    before = stamps(out)
    again = run(spec(made), tmp_path / "in", out)
    assert ("\n0 images written" in again.said, changed(before, out)) == (True, set()), again.said
    assert command("verify", out).code == 0
    whole = tree(out)
    (out / "000000.tar").unlink()
    done = command("replay", out, tmp_path / "in")
    assert done.code == 0, done.said
    assert tree(out) == whole
