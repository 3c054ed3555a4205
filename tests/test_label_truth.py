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
from augcli.image.ops import Blend
from augcli.labels.annotation import Annotation, Bitmap, LabelImage, Object
from augcli.labels.moving import Tracks
from augcli.plan.recipes import partner_recipe, recipe
from augcli.spec import loading
from augcli.spec.sections import Labels
from augcli.spec.spec import Spec

EVERYTHING = Labels(min_visible=0, min_pixels=0)
PATCH = np.array([(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)])  # keypoints, between which is painted
FINE = 16  # parts of a pixel's side that painting tells apart

# Each keeps most of the picture in sight and its scale within a half and two, so that there is something to measure.
STEPS = (
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
    left, top = np.floor(ring.min(axis=0)).astype(int)
    wide, high = np.ceil(ring.max(axis=0)).astype(int) - (left, top)
    fine = np.zeros((high * FINE, wide * FINE), np.uint8)
    cv2.fillPoly(fine, [np.rint(((ring - (left, top)) * FINE - 0.5) * 256).astype(np.int32)], 255, shift=8)
    image = np.zeros((size.height, size.width), np.uint8)
    image[top : top + high, left : left + wide] = cv2.resize(fine, (wide, high), interpolation=cv2.INTER_AREA)
    return image


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
        [
            [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))],
            [-np.sin(np.radians(degrees)), np.cos(np.radians(degrees))],
        ]
    )
    middle = place(rng, size) if degrees else np.rint(place(rng, size))
    return middle + np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) @ turn


def scene(kind: str, rng: np.random.Generator, size: Size, channels: tuple[int, ...]) -> Scene:
    """Make a picture with an object of a kind in each of some channels."""
    image = np.zeros((size.height, size.width, 3), np.uint8)
    values = np.zeros((size.height, size.width, 1), np.uint8)
    objects = []
    for channel in channels:
        if kind == "box":
            ring = rectangle(rng, size, 0)
            objects.append(Object(str(channel), (*ring[0], *ring[2])))
        elif kind == "corners":
            ring = rectangle(rng, size, rng.uniform(-80, 80))
            objects.append(Object(str(channel), corners=ring))
        elif kind == "keypoints":
            middle = place(rng, size)
            ring = middle + PATCH
            sides = (ring + np.roll(ring, -1, axis=0)) / 2
            points = np.concatenate([ring, sides, middle + 3 * PATCH])  # the others tell whether a cut comes near
            objects.append(Object(str(channel), keypoints=points, states=np.full(12, 2, np.int8)))
        else:
            ring = blob(rng, size)
            box = (*ring.min(axis=0), *ring.max(axis=0))
            if kind == "polygon":
                objects.append(Object(str(channel), box, (ring,)))
        seen = painted(ring, size)
        if kind in ("bitmap", "image"):
            seen = np.where(seen > 127, np.uint8(255), np.uint8(0))
        if kind == "bitmap":
            rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
            part = seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0
            left, top, (high, wide) = int(columns[0]), int(rows[0]), part.shape
            bitmap = Bitmap(left, top, part)
            objects.append(Object(str(channel), (left, top, left + wide, top + high), bitmap=bitmap))
        if kind == "image":  # a bit for each, since they may overlap
            values[:, :, 0] |= np.where(seen > 0, np.uint8(1 << channel), np.uint8(0))
        image[:, :, channel] = seen
    labels = LabelImage(values) if kind == "image" else None
    return Scene(Picture(image), Annotation(size, tuple(objects), labels))


def spec_of(steps: list[str], fusion: str, interpolation: str) -> Spec:
    lines = []
    for step in steps:
        name, _, given = step.partition(": ")
        plain = name in (
            "horizontal_flip",
            "vertical_flip",
            "rotate90",
            "pad",
            "random_crop",
            "center_crop",
            "mosaic",
            "cutmix",
        )
        lines.append(
            f"- {name}: {given}"
            if plain
            else f"- {name}: {given[:-1]}{', ' * (given != '{}')}interpolation: {interpolation}}}"
        )
    text = f"fusion: {fusion}\npipeline:\n" + "".join(f"  {line}\n" for line in lines)
    return loading.parse(text.encode(), "spec.yaml")


@dataclass
class Seen:
    """What has become of scenes: the pixels, and the labels; `channels` says whose each object is."""

    image: Image
    annotation: Annotation
    tracks: Tracks
    channels: tuple[int, ...]


def made(kind: str, steps: list[str], fusion: str, seed: int) -> Seen:
    """Bring a scene, and those that a step mixes in, through steps: pixels and labels."""
    rng = np.random.default_rng(seed)
    # pixels that are never mixed are moved as their pictures' nearest ones are
    spec = spec_of(steps, fusion, "nearest" if kind in ("bitmap", "image") else "bilinear")
    mixing = next((step.partition(":")[0] for step in steps if step.startswith(MIXES)), None)
    size = Size(int(rng.integers(200, 320)), int(rng.integers(180, 280)))
    own = scene(kind, rng, size, (0,) if mixing else (0, 1, 2))
    fit, found, channels = size, recipe(spec, source(seed), 0, size).ops, [0, 1, 2]
    others: list[Tracks] = []
    for at, op in enumerate(found):
        if isinstance(op, Blend):
            assert mixing is not None
            partners = [scene(kind, rng, size, ((1,), (2,), ())[number]) for number in range(op.count)]
            ways = [partner_recipe(spec, source(seed, number), 0, size, mixing, fit).ops for number in range(op.count)]
            pairs = list(zip(partners, ways, strict=True))
            found[at] = replace(op, others=tuple(ops.run(way, one.picture) for one, way in pairs))
            others = [Tracks(one.annotation).through(way) for one, way in pairs]
            channels = [0, 1, 2][: op.count + 1]
        fit = ops.size_after(op, fit)
    if mixing and not others:
        channels = [0]
    tracks = Tracks(own.annotation).through(found, others)
    return Seen(ops.run(found, own.picture).image, tracks.kept(EVERYTHING), tracks, tuple(channels))


def source(seed: int, number: int = -1) -> Source:
    return Source(f"{seed} {number}.png", "", "train", "")


def far_side(values: Image, axis: int) -> tuple[float, float] | None:
    """Return between what places a shape ends to the right (axis 0) or below: where it is half seen, and hardly.

    A straight edge is found to a fraction of a pixel: by how much the pixels around it are seen.
    """
    profile = values.max(axis=axis).astype(float)
    half, hardly = np.flatnonzero(profile > 127), np.flatnonzero(profile > 12)
    if not len(half):
        return None
    start = max(0, half[-1] - 3)
    exact = start + profile[start : half[-1] + 4].sum() / 255
    return exact, max(exact, hardly[-1] + 1.0)


def sides_off(values: Image, box: tuple[float, ...]) -> float | None:
    """Return by how many pixels a box is off what is seen, at the worst of its sides; None where that is too little."""
    height, width = values.shape
    left, top, right, bottom = box
    flipped = values[::-1, ::-1]
    worst = 0.0
    for plane, axis, said in (
        (values, 0, right),
        (values, 1, bottom),
        (flipped, 0, width - left),
        (flipped, 1, height - top),
    ):
        ends = far_side(plane, axis)
        if ends is None:
            return None
        worst = max(worst, ends[0] - said, said - ends[1])
    return worst


def middle_of(values: Image) -> Points:
    weights = values.astype(float)
    columns, rows = np.arange(values.shape[1]) + 0.5, np.arange(values.shape[0]) + 0.5
    return np.array([weights.sum(axis=0) @ columns, weights.sum(axis=1) @ rows]) / weights.sum()


def centroid(ring: Points) -> Points:
    following = np.roll(ring, -1, axis=0)
    cross = ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]
    return ((ring + following) * cross[:, np.newaxis]).sum(axis=0) / (3 * cross.sum())


def canvas_of(bitmap: Bitmap, size: Size) -> Image:
    canvas = np.zeros((size.height, size.width), np.uint8)
    high, wide = bitmap.pixels.shape
    canvas[bitmap.top : bitmap.top + high, bitmap.left : bitmap.left + wide][bitmap.pixels] = 255
    return canvas


def measured(kind: str, seen: Seen, is_bent: bool) -> Iterator[tuple[float | None, float | None]]:
    """Return how far the label of each object is from its pixels: its sides, and its middle where it is whole."""
    size, boxes = seen.annotation.size, seen.tracks.bounds()
    kept = {one.name: one for one in seen.annotation.objects}
    for number, channel in enumerate(seen.channels):
        values = seen.image[:, :, channel]
        if kind == "image":
            assert seen.annotation.image is not None
            said = (seen.annotation.image.values[:, :, 0] >> channel & 1) * np.uint8(255)
            columns, rows = np.flatnonzero(said.any(axis=0)), np.flatnonzero(said.any(axis=1))
            if len(rows) and (values > 127).sum() > 50:
                box = (columns[0], rows[0], columns[-1] + 1.0, rows[-1] + 1.0)
                yield sides_off(values, box), float(np.abs(middle_of(said) - middle_of(values)).max())
            else:
                assert (values > 127).sum() <= 60
            continue
        if kind != "keypoints" and np.isnan(boxes[number]).any():
            assert values.sum() < 2 * 255  # hardly anything of what has no label is to be seen
            continue
        one = kept.get(str(channel))
        if kind == "keypoints":
            if one is not None and one.states is not None and one.states.all():
                assert one.keypoints is not None
                yield None, float(np.abs(centroid(one.keypoints[:4]) - middle_of(values)).max())
            continue
        assert one is not None
        left, top, right, bottom = boxes[number].tolist()
        if min(right - left, bottom - top) < 8:
            continue  # too few pixels to tell where it ends
        off, middle = sides_off(values, (left, top, right, bottom)), None
        if one.box is not None:
            assert one.box == (left, top, right, bottom)
        if one.share == 1:
            if one.bitmap is not None:
                middle = middle_of(canvas_of(one.bitmap, size))
            elif one.rings or (one.corners is not None and not is_bent):  # which are rectangles around what is bent
                middle = centroid(one.rings[0] if one.rings else one.corners)
        yield off, None if middle is None else float(np.abs(middle - middle_of(values)).max())


def check(kind: str, fusion: str, mix: str, seeds: range) -> int:
    """Check random pipelines; return how many objects were measured."""
    count = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        steps = [STEPS[k] for k in rng.choice(len(STEPS), rng.integers(1, 5), replace=False)]
        if mix:
            # what brings partners to size mixes pixels, which bitmaps do not
            place = 0 if kind in ("bitmap", "image") else int(rng.integers(0, len(steps) + 1))
            steps.insert(place, f"{mix}: {{p: 1}}")
        seen = made(kind, steps, fusion, seed)
        is_bent = any(step.startswith(BENDS) for step in steps)
        for off, middle in measured(kind, seen, is_bent):
            assert off is None or off <= SIDES, (seed, steps, off)
            is_rough = kind == "bitmap" or (kind == "keypoints" and (is_bent or fusion != "full"))
            assert middle is None or middle <= (ROUGH if is_rough else MIDDLE), (seed, steps, middle)
            count += 1
    return count


SIDES = 1.0
"""Pixels: half a pixel of what is painted, and what is lost of the tips of corners."""
MIDDLE = 0.1
"""Pixels: what painting in sixteenths of a pixel and rounding to bytes add up to, over the pixels of a shape."""
ROUGH = 0.3
"""Pixels: of bitmaps a row that reads exactly between two pixels may be taken either way; a patch around
keypoints that is bent has no straight sides any more, and its few pixels are rounded by every step."""
KINDS = ("box", "polygon", "bitmap", "image", "keypoints", "corners")
MIXES = ("mosaic", "cutmix")
BENDS = ("elastic", "grid", "optical")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fusion", ["off", "exact", "full"])
def test_labels_fit_the_pixels(kind, fusion):
    assert check(kind, fusion, "", range(8)) > 12


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mix", MIXES)
def test_labels_of_mixed_pictures_fit_the_pixels(kind, mix):
    assert check(kind, "full", mix, range(8)) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fusion", ["off", "exact", "full"])
def test_labels_fit_the_pixels_of_many_more(kind, fusion):
    assert check(kind, fusion, "", range(100, 220)) > 280


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("fusion", ["off", "full"])
def test_labels_of_many_more_mixed_pictures_fit_the_pixels(kind, mix, fusion):
    assert check(kind, fusion, mix, range(100, 160)) > 40
