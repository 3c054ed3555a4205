"""JPEG files of the compiled encoder have the bytes of OpenCV's, its twin."""

import cv2
import numpy as np
import PIL.Image
import pytest

from augcli.image import native
from augcli.image.arrays import Image, Picture
from augcli.image.pictures import encode
from tests.test_native import noise

pytestmark = pytest.mark.skipif(
    "AVX2" not in cv2.getCPUFeaturesLine().replace("*", "").split(),
    reason="the encoder is for processors with AVX2; OpenCV encodes elsewhere",
)
SAMPLINGS = ("4:2:0", "4:2:2", "4:4:4")


def by_opencv(image: Image, quality: int, subsampling: str) -> bytes:
    factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{subsampling.replace(':', '')}")
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
    bgr = image if image.shape[2] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, options)[1].tobytes()


def assert_same(image: Image, quality: int) -> None:
    for subsampling in SAMPLINGS if image.shape[2] == 3 else SAMPLINGS[:1]:
        encoded = native.encode_jpeg(image, quality, subsampling)
        assert encoded == by_opencv(image, quality, subsampling), (image.shape, quality, subsampling)


@pytest.mark.parametrize("channels", [1, 3])
def test_files_of_any_size_are_those_of_opencv(channels):
    rng = np.random.default_rng(channels)
    sides = [*range(1, 35), 47, 48, 49, 63, 64, 65, 127]
    for height in sides:
        for width in rng.choice(sides, 6):
            corners = rng.integers(0, 256, (3, 3, channels), dtype=np.uint8)
            smooth = cv2.resize(corners, (int(width), height)).reshape(height, width, channels)
            assert_same(smooth, int(rng.integers(1, 101)))
            assert_same(noise(height, height, width, channels), int(rng.integers(1, 101)))


@pytest.mark.parametrize("channels", [1, 3])
def test_files_of_any_quality_are_those_of_opencv(channels):
    for quality in range(1, 101):
        assert_same(noise(quality, 40, 56, channels), quality)
        assert_same(noise(quality, 33, 70, channels) // 128 * 255, quality)
        assert_same(np.full((20, 40, channels), quality % 2 * 255, np.uint8), quality)


def test_the_largest_coefficients_are_those_of_opencv():
    """Black and white where one cosine is negative and positive, in blocks of luma and in those of chroma."""
    angles = np.outer(np.arange(8), 2 * np.arange(8) + 1) * np.pi / 16
    for down in np.cos(angles):
        for along in np.cos(angles):
            signs = np.outer(down, along)[:, :, np.newaxis]
            for block in (signs > 0, signs < 0):
                grey = np.tile(block, (4, 4, 1)).repeat(2, axis=0).repeat(2, axis=1)
                colour = np.concatenate([grey, ~grey, grey], axis=2) * np.uint8(255)
                for quality in (60, 100):
                    assert_same(np.tile(block, (4, 5, 1)) * np.uint8(255), quality)
                    assert_same(colour, quality)
                    assert_same(np.roll(colour, 1, axis=2), quality)


def test_files_of_photos_are_those_of_opencv(pytestconfig):
    for path in sorted((pytestconfig.rootpath / "sample_data" / "train").rglob("*.jpg")):
        image = np.asarray(PIL.Image.open(path).convert("RGB"))
        for quality in (50, 75, 95):
            assert_same(image, quality)
            assert_same(image[:, :, :1], quality)


def test_rows_may_lie_anywhere():
    whole = noise(0, 70, 90, 3)
    for view in (whole[5:60, 7:50], whole[::-1], whole[:, ::-1], whole[::2], whole.transpose(1, 0, 2)):
        assert_same(view, 90)


def test_what_opencv_refuses_is_not_encoded():
    assert native.encode_jpeg(np.zeros((1, 65501, 1), np.uint8), 95, "4:2:0") is None
    assert_same(np.zeros((1, 65500, 1), np.uint8), 95)
    assert_same(noise(1, 65500, 1, 3), 95)


def test_without_a_compiler_files_are_the_same(monkeypatch):
    picture = Picture(noise(3, 50, 60, 3))
    encoded = encode(picture, "jpeg", 90, "4:2:0", False)
    monkeypatch.setattr(native, "library", lambda: None)
    assert encode(picture, "jpeg", 90, "4:2:0", False) == encoded
