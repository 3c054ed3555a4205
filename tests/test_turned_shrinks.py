"""A crop that is shrunk is antialiased behind a turn as it is without one: much as by Pillow, after the turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import scipy.ndimage

from augcli.image import native, ops
from augcli.image.arrays import Image, Matrix, Picture, Size, size_of
from augcli.image.fusion import fuse
from augcli.image.matrices import about_centre, rotation
from augcli.image.ops import EDGE, Warp
from augcli.image.transforms import find
from augcli.random_streams import Streams

PHOTOS = Path(__file__).parents[1] / "sample_data" / "train"


def shrunk(image: Image, degrees: float, box: tuple[int, int, int, int], target: Size, fusion: str) -> Image:
    """Turn, cut out a box and scale it to `target`, as rotate and random_resized_crop do."""
    size, part = size_of(image), Size(*box[2:])
    made = [
        Warp(about_centre(rotation(-degrees), size), size),
        Warp(Matrix(1, 0, box[0], 0, 1, box[1]), part, EDGE),
        find("resize")(size=(target.height, target.width)).lower(target, part),
    ]
    return ops.run(fuse(made, size, fusion), Picture(image)).image


def turned_by_pillow(image: Image, degrees: float, box: tuple[int, int, int, int], target: Size) -> np.ndarray:
    """Turn by SciPy's interpolation, then crop and scale by Pillow."""
    height, width = image.shape[:2]
    a, b, c, d, e, f, *_ = about_centre(rotation(-degrees), Size(width, height))
    rows, columns = np.indices((height, width)) + 0.5
    places = [d * columns + e * rows + f - 0.5, a * columns + b * rows + c - 0.5]
    planes = [scipy.ndimage.map_coordinates(plane, places, order=1) for plane in np.moveaxis(image, 2, 0)]
    left, top, wide, high = box
    turned = PIL.Image.fromarray(np.stack(planes, axis=2))
    scaled = turned.resize(target, PIL.Image.Resampling.BILINEAR, (left, top, left + wide, top + high))
    return np.asarray(scaled).astype(float)


@pytest.mark.parametrize("side", [1480, 1550, 1620])
def test_a_zone_plate_that_is_turned_and_cropped_leaves_no_rings(side):
    """Rings as fine as pixels can show; boxes of a third of the image."""
    y, x = np.mgrid[:2000, :3000]
    square = (x - 1500) ** 2 + (y - 1000) ** 2
    plate = (127.5 + 127.5 * np.cos(square * np.pi / 3000)).astype(np.uint8)[:, :, np.newaxis]
    box, target = (410, 75, side, round(side / 1.1)), Size(224, 224)
    step_by_step = shrunk(plate, 7, box, target, "off").astype(float)  # Pillow scales what was turned
    assert np.abs(shrunk(plate, 7, box, target, "full") - step_by_step).mean() < 3


@pytest.mark.parametrize("name", ["everyday/coffee.jpg", "texture/brick.jpg", "space/galaxies 1.jpg"])
@pytest.mark.parametrize("scale", [1.4, 1.7, 1.9, 2.3, 2.9, 4.2])
def test_photos_that_are_turned_and_shrunk_are_as_by_pillow(name, scale):
    with PIL.Image.open(PHOTOS / name) as photo:
        image = np.asarray(photo.convert("RGB"))
    height, width = image.shape[:2]
    box = (width // 6, height // 6, 2 * width // 3, 2 * height // 3)
    target = Size(int(box[2] / scale), int(box[3] / scale))
    made = shrunk(image, 7, box, target, "full")
    assert np.abs(made - turned_by_pillow(image, 7, box, target)).mean() < 1.0


def test_a_displacement_stays_behind_a_turned_shrink_that_is_filtered():
    size, small = Size(300, 240), Size(170, 136)
    turn = Warp(about_centre(rotation(9), size), size)
    resize = find("resize")(size=(136, 170)).lower(small, size)
    elastic = find("elastic")()
    waves = elastic.lower(elastic.sample(Streams(1, b"a", 0)("elastic"), small), small)
    assert [type(op).__name__ for op in fuse([turn, resize, waves], size, "full")] == ["Warp", "Remap"]


def test_what_promises_no_antialiasing_is_read_as_it_is():
    """An affine motion to 0.6 is one interpolation, as in torchvision and Keras."""
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    size = Size(120, 90)
    small = find("affine")(degrees=(20, 20), scale=(0.6, 0.6))
    op = small.lower(small.sample(Streams(1, b"a", 0)("affine"), size), size)
    rows, columns = np.indices((90, 120)) + 0.5
    a, b, c, d, e, f, *_ = op.matrix
    places = [d * columns + e * rows + f - 0.5, a * columns + b * rows + c - 0.5]
    plane = scipy.ndimage.map_coordinates(image[:, :, 0].astype(float), places, order=1, mode="grid-constant")
    assert np.abs(ops.run([op], Picture(image)).image[:, :, 0] - plane).max() <= 1


@pytest.mark.parametrize("channels", [1, 3])
def test_a_blur_may_be_another_down_than_along(channels, monkeypatch):
    image = np.random.default_rng(5).integers(0, 256, (37, 53, channels), dtype=np.uint8)
    down, along = [0.1, 0.2, 0.4, 0.2, 0.1], [0.0, 0.15, 0.7, 0.15, 0.0]
    exact = scipy.ndimage.convolve1d(image.astype(float), down, 0, mode="mirror")
    exact = scipy.ndimage.convolve1d(exact, along, 1, mode="mirror")
    compiled = native.blur(image, down, along)
    assert np.abs(compiled - exact).max() <= 0.55
    monkeypatch.setattr(native, "library", lambda: None)
    assert (native.blur(image, down, along) == compiled).all()
