"""Runs over sets with labels: what holds for images holds for files of labels, and for files about many images."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from augcli.image.arrays import Size
from augcli.labels.formats import Shown, coco
from augcli.labels.sides import pairs_of
from augcli.problems import Unusable
from augcli.spec.sections import Labels
from tests.labelled_sets import SETS

SPEC = """
copies: 3
pipeline:
  - horizontal_flip
  - rotate: {degrees: 15}
  - mosaic: {p: 0.3}
  - random_crop: {size: [90, 130]}
  - brightness_contrast
"""


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=SETS)
def made(request, tmp_path_factory, augcli):
    """A set, a spec, and the OUT of an undisturbed run, which is not to be changed."""
    folder = tmp_path_factory.mktemp(request.param)
    SETS[request.param](folder / "in")
    (folder / "spec.yaml").write_text(SPEC)
    ran = augcli("run", "spec.yaml", "in", "out", "-j", "1", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture
def run(made, augcli, tmp_path):
    """Give a command in the folder of a set, about an OUT that may be changed."""
    shutil.copytree(made / "out", tmp_path / "out")

    def call(*arguments, code=0):
        done = augcli(*arguments, cwd=made)
        assert done.returncode == code, done.stderr
        return done

    return call


def test_any_number_of_jobs_and_shards_gives_the_same_bytes(made, run, tmp_path):
    for jobs in ("2", "4"):
        run("run", "spec.yaml", "in", tmp_path / jobs, "-j", jobs, "-q")
        assert contents(tmp_path / jobs) == contents(made / "out")
    for shard in ("2/3", "3/3", "1/3"):
        run("run", "spec.yaml", "in", tmp_path / "shards", "--shard", shard, "-q")
    run("merge", tmp_path / "shards")
    assert contents(tmp_path / "shards") == contents(made / "out")


def test_every_file_is_in_the_manifest_and_verify_sees_one_that_changes(made, run, tmp_path):
    named = {row["file_name"] for row in rows_of(made / "out")}
    assert named == contents(made / "out").keys() - {"manifest.csv", "augcli.json"}
    run("verify", tmp_path / "out")
    labels = max((row for row in rows_of(made / "out") if row["status"] == "labels"), key=lambda row: row["source"])
    labels = labels["file_name"]  # of an image where there is one, else about many
    (tmp_path / "out" / labels).write_bytes(b"")
    assert f"changed: {labels}" in run("verify", tmp_path / "out", code=1).stdout


def test_a_finished_run_is_frozen_and_makes_nothing_when_it_is_given_again(made, run, tmp_path):
    run("run", "spec.yaml", "in", tmp_path / "out", "--frozen")
    again = run("run", "spec.yaml", "in", tmp_path / "out")
    assert "0 images written" in again.stderr
    assert contents(tmp_path / "out") == contents(made / "out")


def test_replay_makes_missing_files_of_labels_again(made, run, tmp_path):
    for row in rows_of(made / "out"):
        if row["status"] == "labels":
            (tmp_path / "out" / row["file_name"]).unlink()
    run("replay", tmp_path / "out", "--source", "in")
    assert contents(tmp_path / "out") == contents(made / "out")


def test_other_numbers_of_copies_add_and_remove_labels_too(made, run, tmp_path):
    run("run", "spec.yaml", "in", tmp_path / "out", "--copies", "4", "-q")
    run("run", "spec.yaml", "in", tmp_path / "fresh", "--copies", "4", "-q")
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")
    run("run", "spec.yaml", "in", tmp_path / "out", "--overwrite", "-q")
    assert contents(tmp_path / "out") == contents(made / "out")


def test_copied_splits_keep_the_bytes_of_images_and_labels(made):
    given, written = contents(made / "in"), contents(made / "out")
    copied = [row for row in rows_of(made / "out") if row["split"] == "val" and row["status"] in ("copied", "labels")]
    assert copied
    assert all(given[row["file_name"]] == written[row["file_name"]] for row in copied)


def test_a_copied_image_with_labels_that_cannot_be_used_fails(tmp_path, augcli):
    """Its labels are moved to how the image is read, which nobody can."""
    SETS["yolo"](tmp_path / "in")
    deep = PIL.Image.fromarray(np.full((120, 160), 40_000, np.uint16))
    deep.save(tmp_path / "in/images/val/p04.png")
    (tmp_path / "in/images/val/p04.jpg").unlink()
    (tmp_path / "spec.yaml").write_text("pipeline: [horizontal_flip]\n")
    ran = augcli("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert ran.returncode == 1
    assert "more than 8 bits" in ran.stderr
    failed = [row for row in rows_of(tmp_path / "out") if row["status"] == "failed"]
    assert [row["source"] for row in failed] == ["images/val/p04.png"]


def test_in_is_never_changed_and_labels_are_counted(made, run, tmp_path):
    before = contents(made / "in")
    run("run", "spec.yaml", "in", tmp_path / "again", "--summary-json", tmp_path / "summary.json", "-q")
    assert contents(made / "in") == before
    told, rows = json.loads((tmp_path / "summary.json").read_text()), rows_of(tmp_path / "again")
    assert told["objects"] == sum(int(row["objects"] or 0) for row in rows)
    reasons = Counter()
    for row in rows:
        reasons.update(json.loads(row["drop_reasons"] or "{}"))
        assert sum(json.loads(row["drop_reasons"] or "{}").values()) == int(row["dropped"] or 0)
    assert told["dropped"] == dict(reasons)


def test_masks_of_single_objects_are_not_mixed_with_those_of_other_images(tmp_path, tree, photo, spec_file, augcli):
    mask = (photo()[:, :, 0] > 128).astype("uint8") * 255
    files = {f"images/{name}.jpg": photo() for name in "ab"}
    files |= {f"masks/{name}_mask_{number}.png": mask for name in "ab" for number in range(2)}
    tree(tmp_path / "in", files)
    for steps, code in (("[mosaic]", 2), ("[horizontal_flip]", 0)):
        ran = augcli("run", spec_file(f"pipeline: {steps}\n"), "in", tmp_path / "out", cwd=tmp_path)
        assert ran.returncode == code, ran.stderr
        assert ("have no place for them" in ran.stderr) == (code == 2)
        assert (tmp_path / "out").exists() == (code == 0)


def test_a_copy_whose_objects_its_format_cannot_say_is_left_out_as_any_that_is_empty(
    tmp_path, tree, photo, spec_file, augcli
):
    tree(tmp_path / "in", {"images/a.jpg": photo((64, 64)), "labels/a.txt": b"0 0.5 0.5 0.9 0.9 0.05 0.05\n"})
    about = "train: images\nval: images\nnames: [x]\nkpt_shape: [1, 2]\nflip_idx: [0]\n"
    (tmp_path / "in/data.yaml").write_text(about)
    for on_empty, status in (("skip", "skipped"), ("keep", "augmented")):
        spec = spec_file(f"labels: {{on_empty: {on_empty}}}\npipeline: [center_crop: {{size: 40}}]\n")
        ran = augcli("run", spec, "in", on_empty, cwd=tmp_path)
        assert "1 dropped: 1 lost keypoint" in ran.stderr or on_empty == "skip", ran.stderr
        assert {row["status"] for row in rows_of(tmp_path / on_empty) if row["source"]} - {"labels"} == {status}


def test_a_mask_in_another_format_is_told(tmp_path, tree, photo, spec_file, augcli):
    mask = (photo()[:, :, 0] > 128).astype("uint8")
    files = {f"images/{name}.jpg": photo() for name in "ab"} | {f"masks/{name}.gif": mask for name in "ab"}
    ran = augcli("run", spec_file("pipeline: [horizontal_flip]\n"), tree(tmp_path / "in", files), tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    assert "converted: 2 gif" in ran.stderr
    rows = {row["file_name"]: row["converted"] for row in rows_of(tmp_path / "out") if row["status"] == "labels"}
    assert rows == {"masks/a_aug000.png": "gif", "masks/b_aug000.png": "gif"}


@pytest.mark.parametrize("layout", SETS)
@pytest.mark.parametrize("how", ["gone", "changed"])
def test_labels_follow_where_what_was_mixed_in_changes(layout, how, tmp_path, augcli):
    """Another partner, or other labels of the same: as in a run from nothing."""
    SETS[layout](tmp_path / "in", 8)
    (tmp_path / "spec.yaml").write_text("seed: 4\ncopies: 3\npipeline: [cutmix: {p: 1, alpha: 5}]\n")
    assert augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "in")
    SETS[layout](tmp_path / "in", 8, **{"without" if how == "gone" else "shifted": "p02"})
    for out in ("out", "fresh"):
        ran = augcli("run", "spec.yaml", "in", out, "--overwrite", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


@pytest.mark.parametrize("layout", ["coco", "yolo"])
def test_other_settings_of_labels_make_their_copies_anew(layout, tmp_path, augcli):
    """No step changes, and no pixel: still what is said of the objects does."""
    SETS[layout](tmp_path / "in", 8)
    spec = "copies: 3\npipeline: [{random_crop: {size: 60}}]\nlabels: {min_visible: %s}\n"
    for least, outs in ((0.1, ["out"]), (0.9, ["out", "fresh"])):
        (tmp_path / "spec.yaml").write_text(spec % least)
        for out in outs:
            ran = augcli("run", "spec.yaml", "in", out, "--overwrite", cwd=tmp_path)
            assert ran.returncode == 0, ran.stderr
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


@pytest.mark.parametrize("layout", ["coco", "yolo", "voc"])
def test_copies_without_objects_may_be_left_out_and_are_counted(layout, tmp_path, augcli):
    SETS[layout](tmp_path / "in", 8)
    text = "copies: 4\nlabels: {on_empty: skip, min_visible: 0.9}\npipeline: [random_crop: {size: 30}]\n"
    (tmp_path / "spec.yaml").write_text(text)
    ran = augcli("run", "spec.yaml", "in", "out", cwd=tmp_path)
    rows = [row for row in rows_of(tmp_path / "out") if row["status"] == "skipped"]
    assert len({(row["source"], row["copy"]) for row in rows}) == len(rows) > 0
    assert all(int(row["dropped"]) and row["objects"] == "0" and not row["file_name"] for row in rows)
    assert f"{len(rows)} images left out, as `on_empty: skip` says" in ran.stderr
    assert augcli("run", "spec.yaml", "in", "out", "--frozen", cwd=tmp_path).returncode == 0
    before = contents(tmp_path / "out")
    assert "0 images written" in augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).stderr
    assert contents(tmp_path / "out") == before
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("same", [True, False])
def test_a_mix_of_images_of_two_annotation_files_carries_labels_where_classes_are_the_same(
    same, tmp_path, tree, augcli
):
    names = ["cat", "dog"] if same else ["cat", "cow"]
    files = {f"images/{name}.png": np.full((40, 60, 3), 90, np.uint8) for name in "abcd"}
    tree(tmp_path / "in", files)
    for at, (pair, label) in enumerate(zip(("ab", "cd"), ("dog", names[1]), strict=True)):
        images = [{"id": n, "file_name": f"{name}.png", "width": 60, "height": 40} for n, name in enumerate(pair, 1)]
        boxes = [{"id": n, "image_id": n, "category_id": 2, "bbox": [0, 0, 60, 40]} for n in (1, 2)]
        whole = {
            "images": images,
            "annotations": boxes,
            "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": label}],
        }
        path = tmp_path / f"in/annotations/batch{at}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(whole))
    (tmp_path / "spec.yaml").write_text("pipeline: [mosaic: {p: 1, alpha: 30, fold: false}]\n")
    assert augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).returncode == 0
    for row in rows_of(tmp_path / "out"):
        if row["status"] == "augmented":
            lost = json.loads(row["drop_reasons"] or "{}").get("in another file", 0)
            assert (int(row["objects"]), lost) == ((4, 0) if same else (2, 2))


def test_originals_keep_the_words_of_joined_files(tmp_path, augcli):
    """Whatever they say: a box outside, no box, a size that is another, a photo that is stored sideways."""
    SETS["coco"](tmp_path / "in", 6)
    path = tmp_path / "in/annotations/instances_train.json"
    whole = json.loads(path.read_text())
    whole["images"][0] |= {"width": 120, "height": 160}
    odd = [{"bbox": [900, 900, 5, 5]}, {"bbox": None}, {"bbox": [1, 1, 0, 0], "segmentation": [[1]]}]
    whole["annotations"] += [{"id": 50 + n, "image_id": 100, "category_id": 1, **one} for n, one in enumerate(odd)]
    path.write_text(json.dumps(whole))
    (tmp_path / "spec.yaml").write_text("include_originals: true\npipeline: [horizontal_flip]\n")
    assert augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).returncode == 0
    made = json.loads((tmp_path / "out/annotations/instances_train.json").read_text())
    numbers = {image["file_name"]: image["id"] for image in made["images"]}
    for image in whole["images"]:
        now = next(one for one in made["images"] if one["file_name"] == image["file_name"])
        assert {**now, "id": image["id"]} == image
        before = [one for one in whole["annotations"] if one["image_id"] == image["id"]]
        after = [one for one in made["annotations"] if one["image_id"] == numbers[image["file_name"]]]
        assert [{**one, "id": 0, "image_id": 0} for one in after] == [{**one, "id": 0, "image_id": 0} for one in before]


def test_joined_files_have_no_object_of_a_category_that_they_do_not_list(tmp_path, augcli):
    """Neither of a copy nor of an original."""
    SETS["coco"](tmp_path / "in", 6)
    path = tmp_path / "in/annotations/instances_train.json"
    whole = json.loads(path.read_text())
    whole["annotations"].append({**whole["annotations"][0], "id": 50, "category_id": 999})
    path.write_text(json.dumps(whole))
    (tmp_path / "spec.yaml").write_text("include_originals: true\npipeline: [horizontal_flip]\n")
    checked = augcli("check", "spec.yaml", "in", cwd=tmp_path)
    assert "999" not in checked.stdout
    assert "warning[unusable-labels]" in checked.stderr
    assert "unknown class (1, in `images/train/p00.jpg`)" in checked.stderr
    assert augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).returncode == 0
    assert {json.loads(row["drop_reasons"] or "{}").get("unknown class") for row in rows_of(tmp_path / "out")} >= {1}
    made = json.loads((tmp_path / "out/annotations/instances_train.json").read_text())
    assert {one["category_id"] for one in made["annotations"]} == {one["id"] for one in made["categories"]}


def test_an_annotation_file_that_is_written_anew_during_a_run_is_noticed():
    """Its places are those of other images then."""
    shown = Shown("images/a.jpg", "annotations/x.json", Size(60, 40))
    image = {"id": 1, "file_name": "a.jpg", "width": 60, "height": 40}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}
    about = {"categories": {}}
    for changed in ({**image, "file_name": "b.jpg"}, {**image, "id": 2}):
        with pytest.raises(Unusable, match="has changed since it was listed"):
            coco.FORMAT.read([json.dumps(one).encode() for one in (changed, box)], about, shown, Labels())
    read = coco.FORMAT.read([json.dumps(one).encode() for one in (image, box)], about, shown, Labels())
    assert len(read.objects) == 1


@pytest.mark.parametrize("text", ["", "{}", "[1]", "\ufeff{"])
def test_what_is_called_as_coco_annotations_are_is_never_read_as_classes(
    text, tmp_path, tree, photo, spec_file, augcli
):
    root = tree(tmp_path / "in", {f"images/{name}.jpg": photo() for name in "abc"})
    (root / "annotations").mkdir()
    (root / "annotations/instances_train.json").write_text(text, encoding="utf-16" if "\ufeff" in text else "utf-8")
    ran = augcli("run", spec_file("pipeline: [horizontal_flip]\n"), root, tmp_path / "out")
    assert ran.returncode == 2
    assert "instances_train.json" in ran.stderr
    assert not (tmp_path / "out").exists()


def test_yolo_sets_whose_classes_differ_are_not_read_as_one(tmp_path, spec_file, augcli):
    for name in "pq":
        SETS["yolo"](tmp_path / "in" / name, 3)
    (tmp_path / "in/q/data.yaml").write_text("train: images/train\nval: images/val\nnames: [dog, cat]\n")
    ran = augcli("run", spec_file("pipeline: [horizontal_flip]\n"), tmp_path / "in", tmp_path / "out")
    assert ran.returncode == 2
    assert "`p/data.yaml` and `q/data.yaml` name different classes" in ran.stderr


def test_pairs_of_keypoints_that_are_not_there_are_no_pairs():
    for given in ([("left_eey", "right_eye")], [(0, 99)]):
        with pytest.raises(Unusable, match="`flip_pairs` has"):
            pairs_of(["left_eye", "right_eye"], 2, given)
    assert pairs_of(["left_eye", "right_eye"], 2, [(0, "right_eye")]) == ((0, 1),)
