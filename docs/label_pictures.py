"""Makes the pictures of docs/labels.md with the tool itself, from sample_coco: `make gallery`."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw

from augcli.commands.preview.contact_sheet import Cell, laid_out
from augcli.commands.preview.copies import cells
from augcli.commands.preview.labels import Palette
from augcli.dataset.listing import scan
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import Mixer
from augcli.plan import output_names
from augcli.spec.loading import parse

DOCS = Path(__file__).parent
PICTURES = DOCS / "labels"
SAMPLES = DOCS.parent / "sample_coco"
QUALITY = 65

Change = Callable[[dict[str, Any]], None]
"""Changes what a COCO file of the samples says."""


def as_they_are(said: dict[str, Any]) -> None:
    """Leave shapes and boxes."""


def boxes_alone(said: dict[str, Any]) -> None:
    """Take the shapes away."""
    for one in said["annotations"]:
        one["segmentation"] = []


FACE = {
    "left_eye": (194, 81),
    "right_eye": (158, 79),
    "nose": (177, 97),
    "left_mouth": (189, 110),
    "right_mouth": (160, 109),
}
"""Of the astronaut, whose right eye is at the left of the picture."""


def a_face(said: dict[str, Any]) -> None:
    """Label the face of the astronaut with keypoints, and nothing else."""
    said["categories"] = [{"id": 1, "name": "face", "keypoints": list(FACE), "skeleton": []}]
    points = [number for place in FACE.values() for number in (*place, 2)]
    box = {"bbox": [118, 12, 118, 134], "area": 118 * 134, "iscrowd": 0, "num_keypoints": len(FACE)}
    said["annotations"] = [{"id": 1, "image_id": 1, "category_id": 1, "keypoints": points, **box}]


def made(folder: Path, change: Change) -> Path:
    """Make a set of the samples with other labels."""
    root = Path(tempfile.mkdtemp(dir=folder))
    said: dict[str, Any] = {"images": [], "annotations": []}
    for split in ("train", "val"):
        shutil.copytree(SAMPLES / "images" / split, root / "images/train", dirs_exist_ok=True)
        of_split = json.loads((SAMPLES / f"annotations/instances_{split}.json").read_text(encoding="utf-8"))
        images, objects = len(said["images"]), len(said["annotations"])
        for one in of_split["images"]:
            said["images"].append({**one, "id": one["id"] + images})
        for one in of_split["annotations"]:
            said["annotations"].append({**one, "id": one["id"] + objects, "image_id": one["image_id"] + images})
        said["categories"] = of_split["categories"]
    change(said)
    (root / "annotations").mkdir()
    (root / "annotations/instances_train.json").write_text(json.dumps(said), encoding="utf-8")
    return root


def with_masks(folder: Path) -> Path:
    """Make a set of the samples whose labels are label images: a value for each class, and 255 between them."""
    root = Path(tempfile.mkdtemp(dir=folder))
    said = json.loads((SAMPLES / "annotations/instances_train.json").read_text(encoding="utf-8"))
    (root / "masks").mkdir()
    shutil.copytree(SAMPLES / "images/train", root / "images")
    for image in said["images"]:
        mask = PIL.Image.new("L", (image["width"], image["height"]))
        draw = PIL.ImageDraw.Draw(mask)
        for one in said["annotations"]:
            if one["image_id"] == image["id"]:
                ring = np.array(one["segmentation"][0]).reshape(-1, 2)
                draw.polygon([*map(tuple, ring)], fill=one["category_id"], outline=255, width=3)
        mask.save(root / "masks" / f"{Path(image['file_name']).stem}.png")
    return root


def drawn(root: Path, text: str, photo: str, palette: Palette) -> list[Cell]:
    """Return the cells of a photo and its copies."""
    spec = parse(text.encode(), "spec.yaml")
    listing = scan(root)
    labeller = Labeller(spec, str(root), listing.sets)
    mixer = Mixer(spec, str(root), listing.sources, labeller) if spec.mixes else None
    items = output_names.items(spec, root, listing.sources, lambda source: spec.copies)
    (item,) = [item for item in items if item.source.path.endswith(photo)]
    return list(cells(spec, root, item, labeller, mixer, palette))


TURN = "pipeline: [{rotate: {degrees: [25, 25]}}]\n"
CUT = "pipeline: [{affine: {translate: {x: [-0.45, -0.45], y: [0.215, 0.215]}}}]\n"


def pictures() -> Mapping[str, list[list[Cell]]]:
    """Return the rows of each picture by its name."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, palette = Path(temporary), Palette()
        shapes, boxes, face = made(folder, as_they_are), made(folder, boxes_alone), made(folder, a_face)
        masks = with_masks(folder)

        def copy(root: Path, text: str, photo: str, title: str) -> Cell:
            return drawn(root, text, photo, palette)[1]._replace(title=title, lines=[])

        def original(root: Path, photo: str, title: str = "the photo") -> Cell:
            return drawn(root, TURN, photo, palette)[0]._replace(title=title, lines=[])

        crop = "{random_resized_crop: {size: 300, scale: [0.4, 1]}}"
        sheet = f"seed: 3\ncopies: 3\npipeline: [horizontal_flip, rotate, {crop}]\n"
        flips = {
            "mirrored": "pipeline: [{horizontal_flip: {p: 1}}]\n",
            "upside down": "pipeline: [{vertical_flip: {p: 1}}]\n",
            "turned by half": "pipeline: [{rotate90: {times: [2, 2]}}]\n",
        }
        return {
            "copies": [drawn(shapes, sheet, "astronaut.jpg", palette)],
            "boxes": [
                [
                    original(shapes, "coffee.jpg"),
                    copy(shapes, TURN, "coffee.jpg", "around shapes"),
                    copy(boxes, TURN, "coffee.jpg", "of boxes alone"),
                    copy(boxes, TURN + "labels: {boxes: ellipse}\n", "coffee.jpg", "boxes: ellipse"),
                ]
            ],
            "cuts": [
                [
                    original(shapes, "astronaut.jpg"),
                    copy(shapes, CUT + "labels: {min_visible: 0}\n", "astronaut.jpg", "min_visible: 0"),
                    copy(shapes, CUT, "astronaut.jpg", "min_visible: 0.1"),
                ]
            ],
            "keypoints": [
                [
                    original(face, "astronaut.jpg"),
                    *(copy(face, text, "astronaut.jpg", title) for title, text in flips.items()),
                ]
            ],
            "masks": [
                [
                    original(masks, "coffee.jpg"),
                    copy(masks, TURN, "coffee.jpg", "turned"),
                    copy(masks, TURN + "border: {mode: reflect}\n", "coffee.jpg", "border: reflect"),
                ]
            ],
            "mixes": [
                [
                    copy(shapes, "seed: 4\npipeline: [cutmix]\n", "coffee.jpg", "cutmix"),
                    copy(shapes, "seed: 2\npipeline: [mosaic]\n", "coffee.jpg", "mosaic"),
                    copy(shapes, "seed: 6\npipeline: [mixup]\n", "coffee.jpg", "mixup"),
                    copy(shapes, "pipeline: [{coarse_dropout: {holes: 6}}]\n", "coffee.jpg", "coarse_dropout"),
                ]
            ],
        }


def encoded(rows: list[list[Cell]]) -> bytes:
    """Lay out a picture as JPEG."""
    buffer = io.BytesIO()
    laid_out(rows).save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, rows in pictures().items():
        (PICTURES / f"{name}.jpg").write_bytes(encoded(rows))


if __name__ == "__main__":
    main()
