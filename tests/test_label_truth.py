"""Pixel truth: objects are painted as flat colours, moved as pixels, and measured; labels must say the same.

It needs no other library, covers fusion, cuts, tiles and every op, and cannot share a mistake with what moves labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from augcli.dataset.sources import Source
from augcli.image import ops
from augcli.image.arrays import Image, Picture, Points, Size
from augcli.image.ops import Blend, Op
from augcli.labels.annotation import Annotation, Bitmap, LabelImage, Object
from augcli.labels.moving import Tracks
from augcli.plan.recipes import partner_recipe, recipe
from augcli.spec import loading
from augcli.spec.spec import Labels, Spec

EVERYTHING = Labels(min_visible=0, min_pixels=0)
FINE = 8  # parts of a pixel's side that painting tells apart

# Each keeps most of the picture in sight and its scale within a half and two, so that there is something to measure.
AFFINE = (
    "horizontal_flip: {p: 1}",
    "vertical_flip: {p: 1}",
    "rotate90: {p: 1}",
    "rotate: {degrees: 40}",
    "rotate: {degrees: 30, expand: true}",
    "shear: {degrees: 20}",
    "affine: {degrees: 25, translate: 0.1, scale: [0.8, 1.3], shear: 10}",
    "shift_scale_rotate: {degrees: 30}",
    "translate: {shift: 0.2}",
    "zoom: {factor: 0.3}",
    "resize: {size: [190, 260]}",
    "resize: {size: 300}",
    "pad: {padding: [10, 20, 5, 0]}",
    "random_crop: {size: [150, 170], pad_if_needed: true}",
    "center_crop: {size: [160, 150]}",
    "random_resized_crop: {size: [200, 220], scale: [0.4, 1]}",
)
CURVED = (
    "perspective: {p: 1, distortion_scale: 0.3}",
    "perspective: {p: 1, sampler: zoom}",
    "elastic: {alpha: [20, 60]}",
    "grid_distortion: {}",
    "optical_distortion: {distortion: 0.3}",
)


@dataclass
class Scene:
    """A picture whose channels have an object each, and what labels say of them."""

    picture: Picture
    annotation: Annotation


def painted(ring: Points, size: Size) -> Image:
    """Return how much of each pixel lies inside a ring, 0 to 255."""
    fine = np.zeros((size.height * FINE, size.width * FINE), np.uint8)
    cv2.fillPoly(fine, [np.rint((ring * FINE - 0.5) * 16).astype(np.int32)], 255, shift=4)
    return cv2.resize(fine, size, interpolation=cv2.INTER_AREA)


def blob(rng: np.random.Generator, size: Size) -> Points:
    """Return a wavy shape without sharp corners, which pixels would not show."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = rng.uniform(16, 34) * (1 + 0.2 * np.sin(rng.integers(2, 4) * angles + rng.uniform(0, 6)))
    return place(rng, size) + np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)


def place(rng: np.random.Generator, size: Size) -> Points:
    return np.array([rng.uniform(50, size.width - 50), rng.uniform(50, size.height - 50)])


def rectangle(rng: np.random.Generator, size: Size, degrees: float) -> Points:
    wide, high = rng.integers(10, 36, 2) * 1.0
    turn = np.array(
        [[np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], [-np.sin(np.radians(degrees)), np.cos(np.radians(degrees))]]
    )
    middle = place(rng, size) if degrees else np.rint(place(rng, size))
    return middle + np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) @ turn


def scene(kind: str, rng: np.random.Generator, channels: tuple[int, ...] = (0, 1, 2)) -> Scene:
    """Make a picture with an object of a kind in each of some channels."""
    size = Size(int(rng.integers(200, 320)), int(rng.integers(180, 280)))
    image = np.zeros((size.height, size.width, 3), np.uint8)
    values = np.zeros((size.height, size.width, 1), np.uint8)
    objects = []
    for channel in channels:
        if kind == "box":
            ring = rectangle(rng, size, 0)
            objects.append(Object("thing", (*ring[0], *ring[2])))
        elif kind == "corners":
            ring = rectangle(rng, size, rng.uniform(-80, 80))
            objects.append(Object("thing", corners=ring))
        elif kind == "keypoints":
            middle = place(rng, size)
            ring = middle + np.array([(-3, -3), (3, -3), (3, 3), (-3, 3)])
            objects.append(Object("thing", keypoints=middle[np.newaxis], states=np.array([2], np.int8)))
        else:
            ring = blob(rng, size)
            box = (*ring.min(axis=0), *ring.max(axis=0))
            if kind == "polygon":
                objects.append(Object("thing", box, (ring,)))
        seen = painted(ring, size)
        if kind in ("bitmap", "image"):
            seen = np.where(seen > 127, np.uint8(255), np.uint8(0))
        if kind == "bitmap":
            rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
            part = seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0
            left, top, (high, wide) = int(columns[0]), int(rows[0]), part.shape
            bitmap = Bitmap(left, top, part)
            objects.append(Object("thing", (left, top, left + wide, top + high), bitmap=bitmap))
        if kind == "image":  # a bit for each, since they may overlap
            values[:, :, 0] |= np.where(seen > 0, np.uint8(1 << channel), np.uint8(0))
        image[:, :, channel] = seen
    labels = LabelImage(values) if kind == "image" else None
    return Scene(Picture(image), Annotation(size, tuple(objects), labels))


def spec_of(steps: list[str], fusion: str, interpolation: str) -> Spec:
    lines = []
    for step in steps:
        name, _, given = step.partition(": ")
        plain = name in ("horizontal_flip", "vertical_flip", "rotate90", "pad", "random_crop", "center_crop", "mosaic", "cutmix")
        lines.append(f"- {name}: {given}" if plain else f"- {name}: {given[:-1]}{', ' * (given != '{}')}interpolation: {interpolation}}}")
    text = f"fusion: {fusion}\npipeline:\n" + "".join(f"  {line}\n" for line in lines)
    return loading.parse(text.encode(), "spec.yaml")


@dataclass
class Seen:
    """What is made of a scene: its pixels, how much each of its channels may be of 255, and its labels."""

    image: Image
    annotation: Annotation
    tracks: Tracks


def made(kind: str, steps: list[str], fusion: str, interpolation: str, seed: int) -> Seen:
    rng = np.random.default_rng(seed)
    spec = spec_of(steps, fusion, interpolation)
    mixing = next((step.partition(":")[0] for step in steps if step.startswith(("mosaic", "cutmix"))), None)
    own = scene(kind, rng, (0,) if mixing else (0, 1, 2))
    source = Source(f"{seed}.png", "", "train", "")
    made = recipe(spec, source, 0, own.annotation.size).ops
    others: list[Tracks] = []
    if mixing:
        at = next((k for k, op in enumerate(made) if isinstance(op, Blend)), None)
        if at is not None:
            fit = own.annotation.size
            for op in made[:at]:
                fit = ops.size_after(op, fit)
            pictures = []
            for number in range(made[at].count):
                partner = scene(kind, rng, (number + 1,) if number < 2 else ())
                path = Source(f"{seed} {number}.png", "", "train", "")
                way = partner_recipe(spec, path, 0, partner.annotation.size, mixing, fit).ops
                pictures.append(ops.run(way, partner.picture))
                others.append(Tracks(partner.annotation).through(way))
            made[at] = replace(made[at], others=tuple(pictures))
    tracks = Tracks(own.annotation).through(made, others)
    return Seen(ops.run(made, own.picture).image, tracks.kept(EVERYTHING), tracks)
