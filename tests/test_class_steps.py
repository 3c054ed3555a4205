"""Steps that are for some classes only: in folders, in labelled sets, in containers, in texts and in Python."""

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import augcli as api
from augcli.output.manifest import read_rows
from augcli.plan.choices import chosen
from augcli.random_streams import Streams
from augcli.spec.loading import parse

SPEC = """\
copies: 2
pipeline:
  - horizontal_flip: {p: 1, except: ["[0-9]"]}
  - vertical_flip: {p: 1, only: [cat, "w*"]}
  - one_of: {except: dog, steps: [invert: {only: [7]}, solarize: {except: 7}]}
"""
APPLIED = {
    "cat": ["horizontal_flip", "vertical_flip", "solarize"],
    "dog": ["horizontal_flip"],
    "7": ["invert"],
    "walrus": ["horizontal_flip", "vertical_flip", "solarize"],
}


def photo(path: Path, size=(32, 24)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.effect_noise(size, 50).convert("RGB").save(path)


def steps(row) -> list[str]:
    return [entry["step"] for entry in json.loads(row.params)]


@pytest.mark.parametrize("container", ["files", "webdataset"])
def test_a_step_goes_past_the_classes_that_it_is_not_for(tmp_path, augcli, container):
    for label in APPLIED:
        photo(tmp_path / f"in/{label}/0.png")
    (tmp_path / "s.yaml").write_text(f"{SPEC}output: {{container: {container}}}\n")
    assert augcli("run", "s.yaml", "in", "out", cwd=tmp_path).returncode == 0
    rows = [row for row in read_rows(tmp_path / "out/manifest.csv") if row.status == "augmented"]
    assert {row.label: steps(row) for row in rows} == APPLIED
    augment = api.Augmenter(tmp_path / "s.yaml")
    for row in rows[::2]:
        with PIL.Image.open(tmp_path / "in" / row.source) as image:
            _, applied = augment(np.asarray(image), key=row.source)
        assert applied == json.loads(row.params)


def test_an_image_with_objects_goes_past_a_step_that_one_of_them_is_not_for(tmp_path, augcli):
    root = Path(__file__).parents[1] / "sample_coco"
    spec = "pipeline: [horizontal_flip: {p: 1, except: cup}, vertical_flip: {p: 1, only: rocket}]\n"
    (tmp_path / "s.yaml").write_text(spec)
    assert augcli("run", "s.yaml", root, "out", cwd=tmp_path).returncode == 0
    told = json.loads((root / "annotations/instances_train.json").read_text())
    names = {one["id"]: one["name"] for one in told["categories"]}
    files = {one["id"]: one["file_name"] for one in told["images"]}
    classes: dict[str, set[str]] = {name: set() for name in files.values()}
    for one in told["annotations"]:
        classes[files[one["image_id"]]].add(names[one["category_id"]])
    seen = set()
    for row in read_rows(tmp_path / "out/manifest.csv"):
        if row.status == "augmented":
            own = classes[Path(row.source).name]
            expected = [["horizontal_flip"], []]["cup" in own] + [[], ["vertical_flip"]][own == {"rocket"}]
            assert steps(row) == expected
            seen.add(tuple(expected))
    assert len(seen) > 1


def test_texts_have_classes_too(tmp_path, augcli):
    (tmp_path / "in").mkdir()
    rows = [f"{label},{text}" for label in ("pos", "neg") for text in ("a good old film", "so it ends well today")]
    (tmp_path / "in/train.csv").write_text("\n".join(["label,text", *rows]) + "\n")
    (tmp_path / "s.yaml").write_text("pipeline: [random_swap: {only: neg}, punctuation_insertion: {except: [neg]}]\n")
    assert augcli("run", "s.yaml", "in", "out", cwd=tmp_path).returncode == 0
    found = {row.label: steps(row) for row in read_rows(tmp_path / "out/manifest.csv") if row.params}
    assert found == {"pos": ["punctuation_insertion"], "neg": ["random_swap"]}
    augment = api.TextAugmenter(tmp_path / "s.yaml")
    for label, expected in found.items():
        made = augment("a good old film", label=label)
        assert [entry["step"] for entry in made.applied] == expected
    assert [entry["step"] for entry in augment("a good old film").applied] == ["punctuation_insertion"]


def test_of_those_that_are_for_a_class_each_is_chosen_as_its_weight_says():
    """Those for other classes take no share."""
    (group,) = parse(
        b"pipeline: [one_of: {steps: [invert: {only: a}, hue: {weight: 3}, gamma, saturation: {except: b}]}]", "s.yaml"
    ).pipeline
    streams = (Streams(0, b"x", copy)("one_of") for copy in range(4000))
    counts = np.bincount([chosen(group, stream, lambda: ("b",))[0] for stream in streams], minlength=4)
    assert counts[0] == counts[3] == 0
    assert abs(counts[1] / 4000 - 0.75) < 4 * (0.75 * 0.25 / 4000) ** 0.5
    none = parse(b"pipeline: [some_of: {n: 2, steps: [invert: {only: a}, hue: {only: a}]}]", "s.yaml").pipeline[0]
    assert chosen(none, Streams(0, b"x", 0)("some_of"), lambda: ("b",)) == []


def test_a_file_is_decoded_smaller_only_where_every_class_is_shrunk(tmp_path, augcli):
    for label in ("cat", "dog"):
        photo(tmp_path / f"in/{label}/0.png", (1600, 1200))
        with PIL.Image.open(tmp_path / f"in/{label}/0.png") as image:
            image.save(tmp_path / f"in/{label}/0.jpg", quality=95)
        (tmp_path / f"in/{label}/0.png").unlink()
    made = {}
    for name, first in (("some", "resize: {size: 100, only: cat}"), ("none", "sequence: {p: 0, steps: [hue]}")):
        text = f"pipeline: [{first}, horizontal_flip: {{p: 1}}]\noutput: {{format: png}}\n"
        (tmp_path / "s.yaml").write_text(text)
        assert augcli("run", "s.yaml", "in", name, cwd=tmp_path).returncode == 0
        with PIL.Image.open(tmp_path / name / "dog/0_aug000.png") as image:
            made[name] = np.asarray(image)
    assert np.array_equal(made["some"], made["none"])
