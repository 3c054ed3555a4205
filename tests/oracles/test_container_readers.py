"""Containers of OUT are read by the libraries that people train with, as the files of the same spec are."""

import io
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

from tests import labelled_sets
from tests.oracles import libraries

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.oracle,
    # webdataset leaves its shards open
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

SPEC = """
seed: 3
copies: 2
include_originals: true
output: {container: CONTAINER}
pipeline: [random_resized_crop: {size: [40, 50]}, horizontal_flip, gauss_noise]
"""
SUFFIXES = ("jpg", "png", "webp")
SHARDS = {"webdataset": "{container: webdataset, shard_size: 12}", "parquet": "{container: parquet, shard_size: 12}"}


def run(folder, spec, source, name):
    path = folder / f"{name}.yaml"
    path.write_text(spec, encoding="utf-8")
    command = [sys.executable, "-m", "augcli", "run", path, source, folder / name, "-q"]
    subprocess.run(command, check=True, cwd=ROOT)
    return folder / name


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the OUTs of one spec over sample_data, by container."""
    folder = tmp_path_factory.mktemp("containers")
    specs = {"files": SPEC.replace("{container: CONTAINER}", "{}")}
    specs |= {name: SPEC.replace("{container: CONTAINER}", output) for name, output in SHARDS.items()}
    return {name: run(folder, spec, "sample_data", name) for name, spec in specs.items()}


@pytest.fixture(scope="module")
def files(made):
    """Return class and bytes of the loose files of train, by what their keys in containers are."""
    found = {}
    for path in (made["files"] / "train").rglob("*.*"):
        key = path.relative_to(made["files"] / "train").with_suffix("").as_posix().replace(".", "_")
        found[key] = path.parent.name, path.read_bytes()
    assert len(found) == 39
    return found


def pixels(data, upright=False):
    with PIL.Image.open(io.BytesIO(data)) as image:
        return np.asarray((PIL.ImageOps.exif_transpose(image) if upright else image).convert("RGB"))


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    datasets.disable_progress_bars()
    return datasets


def shards(out, split="train"):
    return sorted(str(path) for path in out.glob(f"{split}-*") if path.suffix in (".tar", ".parquet"))


def classes_of(out):
    return (out / "classes.txt").read_text(encoding="utf-8").splitlines()


def test_webdataset_reads_tar_shards(made, files):
    import webdataset

    out = made["webdataset"]
    samples = list(webdataset.WebDataset(shards(out), shardshuffle=False).decode("rgb8"))
    assert sorted(sample["__key__"] for sample in samples) == sorted(files)
    for sample in samples:
        label, data = files[sample["__key__"]]
        (image,) = (sample[suffix] for suffix in SUFFIXES if suffix in sample)
        assert np.array_equal(image, pixels(data))
        assert classes_of(out)[sample["cls"]] == sample["json"]["label"] == label
        assert sample["json"]["source"].startswith(f"train/{label}/")


def test_webdataset_hands_images_and_classes_to_torch(made):
    import torch
    import webdataset

    rows = webdataset.WebDataset(shards(made["webdataset"]), shardshuffle=False).decode("torchrgb8")
    rows = rows.to_tuple(";".join(SUFFIXES), "cls", "json").select(lambda row: row[2]["status"] == "augmented")
    found = Counter()
    for image, number, about in torch.utils.data.DataLoader(rows, batch_size=None, num_workers=2):
        assert tuple(image.shape) == (3, about["height"], about["width"]) == (3, 40, 50)
        found[number] += 1
    assert found == {0: 10, 1: 8, 2: 8}


def test_datasets_reads_tar_shards(tmp_path, datasets):
    """It takes what the first samples have for the columns of all, so images must be of one format."""
    spec = SPEC.replace("include_originals: true\n", "").replace("{container: CONTAINER}", "{format: jpeg, OUTPUT}")
    loose = run(tmp_path, spec.replace("OUTPUT", "container: files"), "sample_data", "files")
    out = run(tmp_path, spec.replace("OUTPUT", "container: webdataset, shard_size: 7"), "sample_data", "webdataset")
    paths = {split: shards(out, split) for split in ("train", "val")}
    found = datasets.load_dataset("webdataset", data_files=paths)
    assert {split: len(rows) for split, rows in found.items()} == {"train": 26, "val": 4}
    for row in found["train"]:
        label = row["json"]["label"]
        assert classes_of(out)[row["cls"]] == label
        data = (loose / f"train/{row['__key__']}.jpg").read_bytes()
        assert row["__key__"].startswith(f"{label}/")
        assert np.array_equal(row["jpg"].convert("RGB"), pixels(data))


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_parquet_with_its_images_and_classes(made, files, datasets, streaming):
    out = made["parquet"]
    paths = {split: shards(out, split) for split in ("train", "val")}
    found = datasets.load_dataset("parquet", data_files=paths, streaming=streaming)
    train = found["train"]
    assert train.features["image"] == datasets.Image()
    assert train.features["label"] == datasets.ClassLabel(names=classes_of(out))
    assert len(list(found["val"])) == 4
    paths = [row["image"]["path"] for row in train.cast_column("image", datasets.Image(decode=False))]
    assert sorted(path.partition(".")[0] for path in paths) == sorted(files)
    for row, path in zip(train, paths, strict=True):
        label, data = files[path.partition(".")[0]]
        assert np.array_equal(row["image"].convert("RGB"), pixels(data, upright=True))
        assert train.features["label"].int2str(row["label"]) == label
        assert row["source"].startswith(f"train/{label}/")
        assert (row["copy"] is None) == ("_aug" not in path)


def test_torchvision_decodes_what_stands_in_containers(made, files):
    libraries.torchvision()
    import pyarrow.parquet
    from torchvision.transforms.functional import pil_to_tensor

    table = pyarrow.parquet.read_table(shards(made["parquet"])[0], columns=["image"])
    for value in table.column("image").to_pylist():
        _, data = files[value["path"].partition(".")[0]]
        with PIL.Image.open(io.BytesIO(value["bytes"])) as image:
            assert np.array_equal(pil_to_tensor(image.convert("RGB")).permute(1, 2, 0).numpy(), pixels(data))


def test_soft_labels_are_shares_of_the_classes_in_their_order(tmp_path, datasets):
    spec = "seed: 1\ncopies: 3\noutput: {container: parquet}\npipeline: [resize: {size: [40, 50]}, mixup: {p: 1}]\n"
    out = run(tmp_path, spec, "sample_data", "out")
    train = datasets.load_dataset("parquet", data_files=sorted(map(str, out.glob("train-*.parquet"))), split="train")
    told = [row["soft_label"] for row in train if row["soft_label"]]
    assert 30 < len(told) <= len(train) == 39  # a draw may mix in nothing that could be seen
    assert np.allclose(np.sum(told, axis=1), 1)
    assert any(0 < share < 1 for shares in told for share in shares)
    assert all(row["soft_label"][row["label"]] > 0 for row in train if row["soft_label"])


LABELLED = "copies: 2\noutput: {container: CONTAINER}\npipeline: [horizontal_flip, rotate]\nlabels: {outside: 0}\n"


def labelled(tmp_path, datasets, build):
    """Return the loose files of a set with labels and the rows of its Parquet, each by the key of its image."""
    source = build(tmp_path / "in")
    loose, out = (run(tmp_path, LABELLED.replace("CONTAINER", kind), source, kind) for kind in ("files", "parquet"))
    rows = datasets.load_dataset("parquet", data_files=shards(out), split="train")
    paths = [row["image"]["path"] for row in rows.cast_column("image", datasets.Image(decode=False))]
    return loose, {path.partition(".")[0]: row for path, row in zip(paths, rows, strict=True)}, rows.features


def test_boxes_come_with_their_images(tmp_path, datasets):
    loose, rows, features = labelled(tmp_path, datasets, labelled_sets.coco)
    names = features["objects"]["category"].feature.names
    told = json.loads((loose / "annotations/instances_train.json").read_text(encoding="utf-8"))
    classes = {one["id"]: one["name"] for one in told["categories"]}
    found = {one["id"]: (Path(one["file_name"]).stem, []) for one in told["images"]}
    for one in told["annotations"]:
        found[one["image_id"]][1].append((classes[one["category_id"]], *one["bbox"]))
    assert len(found) == len(rows) == 20
    assert sum(len(boxes) for _, boxes in found.values()) > 20
    for name, boxes in found.values():
        objects = rows[next(key for key in rows if key.endswith(name))]["objects"]
        assert [names[number] for number in objects["category"]] == [label for label, *_ in boxes]
        assert np.allclose(np.ravel(objects["bbox"]), np.ravel([box for _, *box in boxes]), atol=0.011)


def test_masks_come_with_their_images(tmp_path, datasets):
    loose, rows, _ = labelled(tmp_path, datasets, labelled_sets.masks)
    paths = sorted((loose / "masks/train").iterdir())
    assert len(paths) == len(rows) == 20
    for path in paths:
        (mask,) = rows[next(key for key in rows if key.endswith(path.stem))]["masks"]
        with PIL.Image.open(path) as image:
            assert image.mode == mask.mode
            assert np.array_equal(image, mask)


def test_the_lines_of_the_page_read_both(made, datasets, monkeypatch, capsys):
    page = (ROOT / "docs/containers.md").read_text(encoding="utf-8")
    by_webdataset, by_datasets = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    for kind, code in (("webdataset", by_webdataset), ("parquet", by_datasets)):
        monkeypatch.chdir(made[kind].parent)
        known: dict = {}
        exec(code.replace("out/", f"{kind}/"), known)
        assert len(list(known["train"])) == 39
    assert "['everyday', 'space', 'texture']" in capsys.readouterr().out
