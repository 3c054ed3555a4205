"""PNG files are written by a loop of our own, and plain ones are read without Pillow, as Pillow reads them."""

from __future__ import annotations

import io
import zlib

import cv2
import numpy as np
import PIL.Image
import pytest

from augcli.image import native, pictures
from augcli.image.arrays import Image, Picture, Size
from augcli.image.pictures import pngs
from augcli.problems import Unusable


def pixels(rng: np.random.Generator, shape: tuple[int, int, int]) -> Image:
    """Return what is smooth, noisy, flat, sparse or of few colours."""
    made = {
        0: lambda: np.cumsum(rng.integers(-3, 4, shape), axis=1) + 128,
        1: lambda: rng.integers(0, 256, shape),
        2: lambda: np.full(shape, rng.integers(256)),
        3: lambda: (2.0 ** rng.integers(0, 8, shape) * (rng.random(shape) < rng.random() ** 4)).astype(int),
        4: lambda: rng.integers(0, 256, shape) // rng.integers(2, 200) * 3,
    }[int(rng.integers(5))]().astype(np.uint8)
    made[shape[0] // 2 :, : shape[1] // 3] = 7
    return made


def read(png: bytes) -> Image | None:
    """Return the pixels of a plain file, read without Pillow."""
    found = pngs.plain(png)
    assert found is not None
    return pngs.plain_pixels(png, found)


def twin(monkeypatch, function, *arguments):
    """Return what a function gives without the compiled library."""
    with monkeypatch.context() as patch:
        patch.setattr(native, "library", lambda: None)
        return function(*arguments)


@pytest.mark.parametrize("seed", range(24))
def test_png_files_are_the_same_with_and_without_a_compiler(seed, monkeypatch):
    """Files of one band of rows and of several; runs that are longer than a match."""
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, [90, 6, 2, 200][seed % 4] + 1, 2))
    width *= int(rng.integers(1, 2000)) if seed % 4 in (1, 2) else 1
    image = pixels(rng, (height, width, int(rng.integers(1, 5))))
    written = native.packed_png(image)
    assert twin(monkeypatch, native.packed_png, image) == written


@pytest.mark.parametrize("seed", range(24))
def test_filters_of_rows_are_undone_as_pillow_does(seed):
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 90, 2))
    image = pixels(rng, (height, width, 1 + seed % 4))
    filtered = bytearray(zlib.decompress(native.packed_png(image)))
    assert (native.unpacked_png(bytes(filtered), Size(width, height), image.shape[2]) == image).all()
    filtered[:: width * image.shape[2] + 1] = rng.integers(0, 5, height, dtype=np.uint8).tobytes()
    head = pngs.encoded(image)[:33]
    file = head + pngs.chunk(b"IDAT", zlib.compress(filtered)) + pngs.chunk(b"IEND", b"")
    with PIL.Image.open(io.BytesIO(file)) as opened:
        assert (np.asarray(opened).reshape(image.shape) == read(file)).all()
    filtered[0] = 5
    assert native.unpacked_png(bytes(filtered), Size(width, height), image.shape[2]) is None


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_is_written_is_what_others_read(channels):
    image = pixels(np.random.default_rng(channels), (61, 53, channels))
    alpha = image[:, :, -1:] if channels % 2 == 0 else None
    picture = Picture(image if alpha is None else image[:, :, :-1], alpha)
    data = pictures.encode(picture, "png", 95, "4:2:0", False)
    with PIL.Image.open(io.BytesIO(data)) as opened:
        assert (np.asarray(opened).reshape(image.shape) == image).all()
    if channels in (1, 3):
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED).reshape(image.shape)
        assert (read[:, :, ::-1] == image).all()


def test_pixels_that_are_too_many_for_a_chunk_stand_in_several(monkeypatch):
    monkeypatch.setattr(pngs, "_LONGEST", 99)
    image = pixels(np.random.default_rng(0), (40, 30, 3))
    written = pngs.encoded(image)
    assert written.count(b"IDAT") > 3
    with PIL.Image.open(io.BytesIO(written)) as opened:
        assert (np.asarray(opened) == image).all()
    assert (read(written) == image).all()


def test_words_are_cut_where_few_bytes_are_rare():
    """Counts that grow as Fibonacci's numbers would take words of 20 bits; the format has 15, we have 12."""
    counts = [1, 1]
    while len(counts) < 20:
        counts.append(counts[-1] + counts[-2])
    values = np.repeat(np.arange(20, dtype=np.uint8)[::-1], counts)
    image = np.random.default_rng(0).permutation(values).reshape(1, -1, 1)
    assert zlib.decompress(native.packed_png(image)) == b"\0" + image.tobytes()  # no filter suits it
    assert (read(pngs.encoded(image)) == image).all()


def test_a_byte_that_occurs_millions_of_times_in_a_row_has_the_shortest_word():
    """Every second one is zero, the others are one of two: one bit, and two or, as the end has a word, three."""
    image = np.zeros((1, 17_000_000, 1), np.uint8)
    image[0, 1::2, 0] = np.random.default_rng(0).choice(np.array([1, 3], np.uint8), 8_500_000)
    written = native.packed_png(image)
    assert zlib.decompress(written) == b"\0" + image.tobytes()
    assert len(written) < (1 / 2 + 2 / 4 + 3 / 4) / 8 * image.size + 1000


def as_by_pillow(image: Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(buffer, "PNG", **options)
    return buffer.getvalue()


def in_pieces(png: bytes, length: int) -> bytes:
    whole = next(content for _, kind, content in pngs.chunks(png) if kind == b"IDAT")
    pieces = [whole[start : start + length] for start in range(0, len(whole), length)]
    return png[:33] + b"".join(pngs.chunk(b"IDAT", piece) for piece in pieces) + pngs.chunk(b"IEND", b"")


def outcome(data: bytes) -> object:
    """Return everything that comes of a file."""
    try:
        header = pictures.read_header(data, 100)
        image, alpha, pitch = pictures.decode(data, header)
    except Unusable as problem:
        return str(problem)
    return header._replace(plain=None), image.shape, image.tobytes(), alpha is None or alpha.tobytes(), pitch


def changed(rng: np.random.Generator, png: bytes) -> bytes:
    """Change a byte, the length, a chunk whose checksum is right again, or what is deflated."""
    kind, at = rng.integers(4), int(rng.integers(len(png)))
    if kind == 0:
        return png[:at] + bytes((int(rng.integers(256)),)) + png[at + 1 :]
    if kind == 1:
        return png[:at] if rng.random() < 0.8 else png + png[at:]
    parts = [[name, content] for _, name, content in pngs.chunks(png)]
    if kind == 2:
        part = parts[int(rng.integers(len(parts)))]
        content = bytearray(part[1] + b"\0" * int(rng.integers(2)))
        if content:
            content[int(rng.integers(len(content)))] = int(rng.integers(256))
        part[1] = bytes(content)
        if rng.random() < 0.2:
            parts.reverse()
    else:
        rows = bytearray(zlib.decompress(b"".join(content for name, content in parts if name == b"IDAT")))
        rows[int(rng.integers(len(rows)))] = int(rng.integers(7))
        rows = rows[: len(rows) - int(rng.integers(-3, 3))] + b"\0" * int(rng.integers(3))
        deflated = zlib.compress(rows)
        end = int(rng.integers(3, 9)) if rng.random() < 0.2 else 0
        parts = [parts[0], [b"IDAT", deflated[: len(deflated) - end] + b"\1" * int(rng.integers(2))], parts[-1]]
    return png[:8] + b"".join(pngs.chunk(*part) for part in parts)


@pytest.mark.parametrize("seed", range(8))
def test_a_plain_file_is_read_as_by_pillow_whatever_is_done_to_it(seed, monkeypatch):
    """The same pixels, header and refusals; what is harmless is not refused, and all else is left to Pillow."""
    rng = np.random.default_rng(seed)
    image = pixels(rng, (int(rng.integers(1, 12)), int(rng.integers(1, 12)), 1 + seed % 4))
    whole = [
        as_by_pillow(image, compress_level=int(rng.integers(10))),
        as_by_pillow(image, dpi=(72, 72)),
        pngs.encoded(image),
        in_pieces(pngs.encoded(image), int(rng.integers(1, 30))),
        pngs.encoded(image)[:33] + pngs.chunk(b"sRGB", b"\0") + pngs.encoded(image)[33:],
        cv2.imencode(".png", image[:, :, :1])[1].tobytes(),
    ]
    assert all(read(data) is not None for data in whole)
    files = [*whole, *(changed(rng, data) for data in whole for _ in range(100))]
    found = [outcome(data) for data in files]
    monkeypatch.setattr(pngs, "plain", lambda png: None)
    for data, as_plain in zip(files, found, strict=True):
        assert outcome(data) == as_plain, data


@pytest.mark.parametrize(
    "unusual",
    [
        lambda rgb: as_by_pillow(rgb, pnginfo=words()),
        lambda rgb: encoded(PIL.Image.fromarray(rgb).quantize(8)),
        lambda rgb: encoded(PIL.Image.fromarray(rgb).convert("1")),
        lambda rgb: as_by_pillow(rgb, transparency=(1, 2, 3)),
        lambda rgb: as_by_pillow(rgb, exif=b"Exif\0\0II*\0\10\0\0\0\0\0"),
        lambda rgb: as_by_pillow(rgb) + b"\0",
    ],
)
def test_anything_unusual_is_left_to_pillow(unusual):
    assert pngs.plain(unusual(np.zeros((5, 6, 3), np.uint8))) is None


def words() -> object:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Title", "x")
    return info


def encoded(image: PIL.Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
