"""Formats beside the common ones: told by content, read where there is a library, named where there is none."""

from __future__ import annotations

import io
import struct
import sys

import numpy as np
import PIL.Image
import pytest

from augcli.image import pictures
from augcli.image.arrays import Size
from augcli.image.pictures import headers, jxls
from augcli.problems import Unusable


@pytest.fixture
def ramp() -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 255, 48), np.linspace(0, 255, 32))
    return np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)


def encoded(image: np.ndarray | PIL.Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, PIL.Image.Image) else PIL.Image.fromarray(image)).save(buffer, format, **options)
    return buffer.getvalue()


def read(data: bytes):
    header = pictures.read_header(data, 100)
    return pictures.decode(data, header), header


def reason(data: bytes, max_megapixels: float = 100) -> str:
    with pytest.raises(Unusable) as unusable:
        pictures.decode(data, pictures.read_header(data, max_megapixels))
    assert len(str(unusable.value)) <= 120
    return str(unusable.value)


# --- what a file is called matters nowhere


@pytest.mark.parametrize(("format", "written"), [("AVIF", "jpeg"), ("JPEG2000", "jpeg"), ("GIF", "png")])
def test_what_pillow_reads_is_read(format, written, ramp):
    data = encoded(PIL.Image.fromarray(ramp).quantize(255) if format == "GIF" else ramp, format)
    picture, header = read(data)
    expected = np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB"))
    assert (picture.image == expected).all()
    assert pictures.stored_size(data) == header.size == Size(48, 32)
    assert pictures.written_format(header.format, "source") == written
    assert pictures.format_of(data[: pictures.MAGIC_LENGTH]) == header.format
    assert reason(data, 0.001) == "48x32 is too large; `max_megapixels` is 0.001, a side 32766"


def test_transparency_and_frames_of_a_gif_file_are_kept_and_told(ramp):
    palette = PIL.Image.fromarray(ramp).quantize(16)
    data = encoded(palette, "GIF", transparency=3)
    picture, header = read(data)
    assert header.converted == ("palette",)
    assert (picture.alpha[:, :, 0] == np.where(np.asarray(PIL.Image.open(io.BytesIO(data))) == 3, 0, 255)).all()
    frames = [PIL.Image.fromarray(np.roll(ramp, 9 * turn, axis=1)).quantize(64) for turn in range(3)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    picture, header = read(data)
    assert header.converted == ("palette", "first frame")
    assert abs(picture.image.astype(int) - np.asarray(frames[0].convert("RGB"))).max() == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_avif_comes_upright_once(orientation, ramp):
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    turned = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 1, 7: 1, 8: 3}[orientation]  # quarters, counter-clockwise, as stored
    stored = np.rot90(ramp, turned)
    stored = stored[:, ::-1] if orientation in (2, 4, 5, 7) else stored
    stored = np.ascontiguousarray(stored)
    data = encoded(stored, "AVIF", quality=100, subsampling="4:4:4", exif=exif)
    picture, header = read(data)
    assert picture.size == header.size == Size(48, 32)
    assert abs(picture.image.astype(int) - ramp).mean() < 2


DEEP = "more than 8 bits per channel, which would be clipped; convert it to 8 bits first"


def test_depth_is_read_from_the_boxes_of_other_formats(ramp):
    assert reason(encoded(ramp[:, :, 0].astype(np.uint16) * 257, "JPEG2000")) == DEEP
    data = bytearray(encoded(ramp, "AVIF"))
    data[data.index(b"av1C") + 6] |= 0x40
    at = data.index(b"pixi") + 9
    data[at : at + 3] = b"\x0a" * 3
    assert reason(bytes(data)) == DEEP
    colours = bytearray(encoded(ramp, "JPEG2000"))
    at = colours.index(b"\xff\x4f\xff\x51") + 42
    for component in range(3):
        colours[at + 3 * component] = 15
    assert reason(bytes(colours)) == DEEP


def test_what_is_no_image_is_called_what_it_is():
    for data, words in {
        b"\n<!DOCTYPE html><html>404</html>": "a web page, not an image",
        b'\xef\xbb\xbf<HTML lang="en">': "a web page, not an image",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>": "an SVG drawing or other XML, not pixels",
        b"version https://git-lfs.github.com/spec/v1\n": "a pointer of Git LFS; `git lfs pull` fetches the image",
        b"%PDF-1.7": "a PDF document, not an image",
        b"PK\3\4rest": "an archive, not an image; unpack it first",
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41": "a film, not an image",
        b'{"error": "not found"}': "a JSON text, not an image",
        b"8BPS\0\1": "a Photoshop document, which is not read; export it as PNG",
    }.items():
        assert reason(data) == words


# --- plugins


@pytest.mark.parametrize(
    ("start", "plugin", "words"),
    [
        (
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            "pillow_heif",
            "HEIC, which needs a plugin: pip install 'augcli[heic]'",
        ),
        (
            b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
            "pillow_heif",
            "HEIC, which needs a plugin: pip install 'augcli[heic]'",
        ),
        (b"\xff\x0a\x08\x08", "pillow_jxl", "JPEG XL, which needs a plugin: pip install 'augcli[jxl]'"),
    ],
)
def test_a_plugin_that_is_missing_is_named_with_the_extra_that_brings_it(start, plugin, words, monkeypatch):
    monkeypatch.setitem(sys.modules, plugin, None)
    assert reason(start + bytes(100)) == words


def test_heic_is_read_with_its_plugin(ramp):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    lying = np.ascontiguousarray(np.rot90(ramp))
    picture, header = read(encoded(lying, "HEIF", quality=100, exif=exif.tobytes()))
    assert picture.size == header.size == Size(48, 32)
    assert abs(picture.image.astype(int) - ramp).mean() < 4
    deep = heif.from_bytes("RGB;16", (48, 32), (ramp.astype(np.uint16) * 257).tobytes())
    buffer = io.BytesIO()
    deep.save(buffer)
    assert reason(buffer.getvalue()) == DEEP


def test_jpeg_xl_is_read_with_its_plugin(ramp):
    pytest.importorskip("pillow_jxl")
    picture, header = read(encoded(ramp, "JXL", lossless=True))
    assert (picture.image == ramp).all()
    assert pictures.stored_size(encoded(ramp, "JXL")) == header.size
    assert reason(encoded(ramp[:, :, 0].astype(np.uint16) * 257, "JXL", lossless=True)) == DEEP


def test_jpeg_xl_is_upright_already_where_its_plugin_does_not_tell_of_a_jpeg_file_inside():
    assert not headers._is_turned_by_exif(PIL.Image.new("L", (1, 1)), "jxl")


def bits(*fields: tuple[int, int]) -> bytes:
    """Write numbers of so many bits, the lowest bit first."""
    number = at = 0
    for value, count in fields:
        number |= value << at
        at += count
    return b"\xff\x0a" + number.to_bytes(40, "little")


def test_the_header_of_jpeg_xl_is_read_without_the_plugin():
    small = jxls.header(bits((1, 1), (31, 5), (5, 3), (1, 1)))
    assert small == (Size(455, 256), 8, False)  # 16 to 9
    wide = bits((0, 1), (2, 2), (12999, 18), (0, 3), (1, 2), (7999, 13), (0, 1), (0, 1), (0, 1), (1, 2))
    assert jxls.header(wide) == (Size(8000, 13000), 10, False)
    boxed = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl \0\0\0\0jxlc" + wide
    assert jxls.header(boxed).size == Size(8000, 13000)
    turned = bits((1, 1), (3, 5), (0, 3), (7, 5), (0, 1), (1, 1), (5, 3), (0, 3), (0, 1), (3, 2), (15, 6))
    assert jxls.header(turned) == (Size(32, 64), 16, False)
    assert reason(wide, 100) == "8000x13000 is too large; `max_megapixels` is 100, a side 32766"
    with pytest.raises(Unusable):
        jxls.header(b"\xff\x0a\0")


# --- bands


def tiff(image: np.ndarray, photometric: int, extra: tuple[int, ...] | None, planar: bool = False) -> bytes:
    """Write a TIFF file of bytes by hand."""
    height, width, bands = image.shape
    planes = np.moveaxis(image, -1, 0) if planar else image
    tags: list[tuple[int, str, tuple[int, ...]]] = [
        (256, "H", (width,)), (257, "H", (height,)), (258, "H", (8,) * bands), (259, "H", (1,)),
        (262, "H", (photometric,)), (273, "I", ()), (277, "H", (bands,)), (278, "H", (height,)),
        (279, "I", (width * height,) * bands if planar else (image.size,)), (284, "H", (2 if planar else 1,)),
    ]  # fmt: skip
    if extra is not None:
        tags.append((338, "H", extra))
    count = bands if planar else 1
    start = 8 + 2 + 12 * len(tags) + 4
    behind = start + sum(len(v) * struct.calcsize(k) for _, k, v in tags) + 4 * count
    entries, values = b"", b""
    for tag, kind, numbers in tags:
        if tag == 273:
            numbers = tuple(behind + width * height * plane for plane in range(count))
        data = struct.pack(f"<{len(numbers)}{kind}", *numbers)
        entries += struct.pack("<HHI", tag, 3 if kind == "H" else 4, len(numbers))
        entries += data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", start + len(values))
        values += data if len(data) > 4 else b""
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + values
    return head + bytes(behind - len(head)) + planes.tobytes()


def bands(ramp: np.ndarray, count: int) -> np.ndarray:
    return np.stack([np.roll(ramp[:, :, 0], 7 * band, axis=1) for band in range(count)], axis=-1)


@pytest.mark.parametrize(
    ("count", "photometric", "extra", "planar"),
    [
        (4, 2, None, False),
        (4, 2, (0,), False),
        (5, 2, (0, 0), False),
        (5, 2, (2, 0), False),
        (4, 2, (0,), True),
        (2, 1, (0,), False),
        (3, 1, (0, 0), False),
        (4, 1, (0, 0, 0), False),
        (8, 1, (0,) * 7, True),
        (3, 1, None, False),
        (5, 5, (0,), False),
    ],
)
def test_bands_that_are_no_colours_are_counted_and_refused(count, photometric, extra, planar, ramp):
    words = f"{count} bands, which are neither grey nor colours with alpha; save the 1 or 3 that are wanted"
    assert reason(tiff(bands(ramp, count), photometric, extra, planar)) == f"{words} as a file of their own"


def test_bands_of_jpeg_2000_are_refused_where_none_is_alpha(ramp):
    four = encoded(np.dstack([ramp, ramp[:, :, :1]]), "JPEG2000")
    assert read(four)[0].alpha is not None
    words = (
        "4 bands, which are neither grey nor colours with alpha; save the 1 or 3 that are wanted as a file of their own"
    )
    assert reason(four.replace(b"cdef", b"free")) == words


def test_real_alpha_of_a_tiff_file_is_read(ramp):
    alpha = np.clip(ramp[:, :, :1].astype(int) + 40, 0, 255).astype(np.uint8)
    picture, _ = read(tiff(np.dstack([ramp, alpha]), 2, (2,)))
    assert (picture.image == ramp).all()
    assert (picture.alpha == alpha).all()
    picture, _ = read(tiff(ramp, 2, None, planar=True))
    assert (picture.image == ramp).all()


def test_alpha_that_colours_were_multiplied_by_is_divided_out(ramp):
    alpha = np.clip(ramp[:, :, :1].astype(int) + 40, 0, 255).astype(np.uint8)
    for photometric, image in ((2, ramp), (1, ramp[:, :, :1])):
        multiplied = np.rint(image * (alpha / 255)).astype(np.uint8)
        picture, _ = read(tiff(np.dstack([multiplied, alpha]), photometric, (1,)))
        assert (picture.alpha == alpha).all()
        # half a level in the file is half a level divided by alpha's share here, and rounding down
        assert (abs(picture.image.astype(int) - image) <= 0.5 * 255 / alpha + 1).all()
