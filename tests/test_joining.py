"""Files about many images that are joined whatever the files of IN hold: signs of no text, names that are no UTF-8."""

from __future__ import annotations

import json
import os

import pytest

PIPELINE = "layout: {}\npipeline: [horizontal_flip]\n"
BOX = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 20, 20], "area": 400, "iscrowd": 0}


def coco(name: str, note: str = "") -> str:
    record = {"id": 1, "file_name": name, "width": 64, "height": 48}
    text = json.dumps({"images": [record], "annotations": [BOX], "categories": [{"id": 1, "name": "cat"}]})
    return text.replace('"height"', f'"note": "{note}", "height"', 1)


@pytest.mark.parametrize("note", ["\0007-0\0", "\\udc007-0\\udc00", "\ue000"])
def test_no_text_of_a_record_stands_for_a_number(tmp_path, tree, photo, spec_file, augcli, note):
    tree(tmp_path / "in", {"images/a.png": photo((64, 48))})
    (tmp_path / "in/instances_train.json").write_text(coco("a.png", note), encoding="utf-8")
    ran = augcli("run", spec_file(PIPELINE.format("coco")), tmp_path / "in", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    written = (tmp_path / "out/instances_train.json").read_text(encoding="utf-8")
    assert f'"note": "{note}"' in written


def test_no_line_of_a_list_stands_for_a_number(tmp_path, tree, photo, spec_file, augcli):
    names = [f"a{number:02d}" for number in range(5)]
    files = {f"images/train/{name}.png": photo((64, 48)) for name in names}
    tree(tmp_path / "in", files)
    (tmp_path / "in/labels/train").mkdir(parents=True)
    for name in names:
        (tmp_path / f"in/labels/train/{name}.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    lines = [f"./{path}\n" for path in files] * 50  # what is looked at ends before the last
    lines[-1] = f"./images\0007-0\0/train/{names[-1]}.png\n"
    (tmp_path / "in/train.txt").write_text("".join(lines))
    ran = augcli("run", spec_file(PIPELINE.format("yolo")), tmp_path / "in", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    assert f"./images\0007-0\0/train/{names[-1]}_aug000.png\n" in (tmp_path / "out/train.txt").read_text()


@pytest.mark.parametrize(
    ("path", "said"), [(b"images/a\xff.png", "a\\udcff.png"), (b"images/a.png", "x\\ud800/../a.png")]
)
def test_a_name_that_is_no_utf_8_is_escaped_in_json(tmp_path, tree, photo, spec_file, augcli, path, said):
    tree(tmp_path / "in", {"images/made.png": photo((64, 48))})
    try:
        (tmp_path / "in/images/made.png").rename(tmp_path / "in" / os.fsdecode(path))
    except OSError:
        pytest.skip("a disk that takes no such name")
    (tmp_path / "in/instances_train.json").write_text(coco("NAME").replace("NAME", said), encoding="utf-8")
    ran = augcli("run", spec_file(PIPELINE.format("coco")), tmp_path / "in", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    text = (tmp_path / "out/instances_train.json").read_text(encoding="utf-8")
    assert json.loads(text)["images"][0]["file_name"] == json.loads(f'"{said}"').replace(".png", "_aug000.png")
