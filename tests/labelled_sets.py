"""Small sets with labels, one of each layout: bright rectangles on dark noise, and labels that say where they are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL.Image

SIZE = (160, 120)
CLASSES = ("cat", "dog", "emu")


class Thing(NamedTuple):
    """A rectangle of whole pixels: left, top, right, bottom; `kind` counts classes from 0."""

    kind: int
    left: int
    top: int
    right: int
    bottom: int


def pictures(
    count: int, seed: int = 0, without: str = "", shifted: str = ""
) -> Iterator[tuple[str, str, np.ndarray, list[Thing]]]:
    """Give images with a split, a name, the pixels, and what is on them; every sixth shows nothing.

    The one that is `shifted` says so at another place than where it is, and one is left out.
    """
    draw = np.random.default_rng(seed)
    for number in range(count):
        split = "val" if number % 5 == 4 else "train"
        pixels = draw.integers(0, 60, (SIZE[1], SIZE[0], 3), np.uint8)
        things = []
        for at in range(0 if number % 6 == 5 else 1 + number % 3):
            left, top = 4 + 50 * at + int(draw.integers(0, 10)), int(draw.integers(4, 60))
            thing = Thing((number + at) % 3, left, top, left + int(draw.integers(12, 38)), top + 20 + number % 30)
            things.append(thing)
            pixels[thing.top : thing.bottom, thing.left : thing.right] = 120 + 60 * thing.kind
        name = f"p{number:02d}"
        if name == shifted:
            things = [thing._replace(top=thing.top + 9, bottom=thing.bottom + 9) for thing in things]
        if name != without:
            yield split, name, pixels, things


def jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def write(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def yolo(root: Path, count: int = 12, **odd: str) -> Path:
    width, height = SIZE
    for split, name, pixels, things in pictures(count, **odd):
        write(root / f"images/{split}/{name}.jpg", jpeg(pixels))
        rows = [
            f"{t.kind} {(t.left + t.right) / 2 / width:.6f} {(t.top + t.bottom) / 2 / height:.6f}"
            f" {(t.right - t.left) / width:.6f} {(t.bottom - t.top) / height:.6f}\n"
            for t in things
        ]
        if rows or split == "val":
            write(root / f"labels/{split}/{name}.txt", "".join(rows))
    write(
        root / "data.yaml", f"path: /somewhere\ntrain: images/train\nval: images/val\nnames: [{', '.join(CLASSES)}]\n"
    )
    return root


def coco(root: Path, count: int = 12, **odd: str) -> Path:
    """With a polygon for every other object."""
    categories = [{"id": 7 * at + 1, "name": name, "supercategory": "animal"} for at, name in enumerate(CLASSES)]
    files: dict[str, dict[str, list[dict[str, object]]]] = {}
    for split, name, pixels, things in pictures(count, **odd):
        write(root / f"images/{split}/{name}.jpg", jpeg(pixels))
        whole = files.setdefault(split, {"images": [], "annotations": []})
        number = 100 + len(whole["images"])
        size = {"width": SIZE[0], "height": SIZE[1]}
        whole["images"].append({"id": number, "file_name": f"{name}.jpg", **size, "license": 3})
        for at, t in enumerate(things):
            width, height = t.right - t.left, t.bottom - t.top
            corners = [t.left, t.top, t.right, t.top, t.right, t.bottom, t.left, t.bottom]
            shape = {"segmentation": [corners]} if at % 2 else {}
            about = {"id": len(whole["annotations"]), "image_id": number, "category_id": 7 * t.kind + 1, "note": "é"}
            box = {"bbox": [t.left, t.top, width, height], "area": width * height, "iscrowd": 0}
            whole["annotations"].append(about | box | shape)
    for split, whole in files.items():
        text = json.dumps(
            {"info": {"year": 2026}, "licenses": [], **whole, "categories": categories}, ensure_ascii=False
        )
        write(root / f"annotations/instances_{split}.json", text)
    return root


def voc(root: Path, count: int = 12, **odd: str) -> Path:
    lists: dict[str, list[str]] = {}
    for split, name, pixels, things in pictures(count, **odd):
        write(root / f"JPEGImages/{name}.jpg", jpeg(pixels))
        lists.setdefault(split, []).append(name)
        objects = "".join(
            f"  <object>\n    <name>{CLASSES[t.kind]}</name>\n    <truncated>0</truncated>\n"
            f"    <difficult>0</difficult>\n    <bndbox><xmin>{t.left + 1}</xmin><ymin>{t.top + 1}</ymin>"
            f"<xmax>{t.right}</xmax><ymax>{t.bottom}</ymax></bndbox>\n  </object>\n"
            for t in things
        )
        size = f"<size><width>{SIZE[0]}</width><height>{SIZE[1]}</height><depth>3</depth></size>"
        text = f"<annotation>\n  <filename>{name}.jpg</filename>\n  {size}\n{objects}</annotation>\n"
        write(root / f"Annotations/{name}.xml", text)
    for split, names in lists.items():
        write(root / f"ImageSets/Main/{split}.txt", "".join(f"{name}\n" for name in names))
    return root


def masks(root: Path, count: int = 12, **odd: str) -> Path:
    palette = [0, 0, 0, 220, 30, 30, 30, 220, 30, 30, 30, 220]
    for split, name, pixels, things in pictures(count, **odd):
        write(root / f"images/{split}/{name}.jpg", jpeg(pixels))
        ids = np.zeros((SIZE[1], SIZE[0]), np.uint8)
        for t in things:
            ids[t.top : t.bottom, t.left : t.right] = t.kind + 1
        image, buffer = PIL.Image.fromarray(ids), io.BytesIO()
        image.putpalette(palette)
        image.save(buffer, "PNG")
        write(root / f"masks/{split}/{name}.png", buffer.getvalue())
    return root


def cityscapes(root: Path, count: int = 12, **odd: str) -> Path:
    """With two label images for each image, one of 16 bits, and a list of pairs."""
    lists: dict[str, str] = {}
    for split, name, pixels, things in pictures(count, **odd):
        names = [f"leftImg8bit/{split}/ulm/{name}_leftImg8bit.jpg", f"gtFine/{split}/ulm/{name}_gtFine_labelIds.png"]
        lists[split] = lists.get(split, "") + f"/data/{names[0]} /data/{names[1]}\n"
        write(root / names[0], jpeg(pixels))
        ids = np.zeros((SIZE[1], SIZE[0]), np.uint16)
        for at, t in enumerate(things):
            ids[t.top : t.bottom, t.left : t.right] = (t.kind + 1) * 1000 + at
        for path, values in ((names[1], np.uint8(ids // 1000)), (names[1].replace("label", "instance"), ids)):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            PIL.Image.fromarray(values).save(root / path)
    for split, text in lists.items():
        write(root / f"{split}.txt", text)
    return root


SETS: dict[str, Callable[..., Path]] = {
    "yolo": yolo,
    "coco": coco,
    "voc": voc,
    "masks": masks,
    "cityscapes": cityscapes,
}
"""Makers of sets by layout, each given the folder to fill and the number of images."""
