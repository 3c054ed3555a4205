"""What others can put in the way: hostile images, names, specs and folders. Nothing hangs, dies or is lost."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
import unicodedata
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas
import PIL.Image
import pytest

from tests import commands
from tests.commands import Done

FLIP = "pipeline: [{horizontal_flip: {p: 1}}]\n"
NOTHING = "pipeline: [{horizontal_flip: {p: 0}}]\n"


@pytest.fixture(scope="module")
def run():
    """Run `augcli` in a process of its own, and measure it."""
    return commands.command


def encoded(image: PIL.Image.Image | np.ndarray, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, PIL.Image.Image) else PIL.Image.fromarray(image)).save(buffer, format, **options)
    return buffer.getvalue()


def pixels(path: Path) -> np.ndarray:
    with PIL.Image.open(path) as image:
        return np.asarray(image)


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder: files with their bytes, folders and others without."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


def on_disk(name: str) -> str:
    r"""Read a name of the manifest back: `\xE9` is a byte that is not UTF-8, a doubled backslash one."""
    return re.sub(r"\\(\\|x(..))", lambda found: chr(0xDC00 + int(found[2], 16)) if found[2] else "\\", name)


def left_out(said: str) -> list[str]:
    return [line.removeprefix("left out: ") for line in said.splitlines() if line.startswith("left out: ")]


# --- makers of files that no library would write


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, deflated: bytes, *before: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """Return a PNG with that header, these chunks and these compressed rows, which may be anything."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    end = chunk(b"IDAT", deflated) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + end


def zeros(length: int) -> bytes:
    """Return so many zero bytes compressed, in no time: a block that stands for itself, again and again."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    rest = deflate.compress(bytes(length % (1 << 20))) + deflate.flush()
    return b"\x78\x9c" + block * (length >> 20) + rest + struct.pack(">I", length % 65521 << 16 | 1)


def tiff(width: int, height: int, deflated: bytes, tile: int = 0, bits: int = 8) -> bytes:
    """Return an RGB TIFF of one compressed strip, or of one compressed square tile."""
    place = (
        {273: 0, 278: height, 279: len(deflated)} if not tile else {322: tile, 323: tile, 324: 0, 325: len(deflated)}
    )
    tags = {256: width, 257: height, 258: 0, 259: 8, 262: 2, 277: 3, **place}
    start = 8 + 2 + 12 * len(tags) + 4  # of the three numbers of bits, with the pixels behind them
    entries = [
        struct.pack("<HHII", tag, 3, 3, start)
        if tag == 258
        else struct.pack("<HHII", tag, 4, 1, start + 6 if tag in (273, 324) else value)
        for tag, value in sorted(tags.items())
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<3H", bits, bits, bits) + deflated


def vp8l(width: int, height: int) -> bytes:
    """Return the lossless WebP stream of an image of one colour: five codes of one symbol, no bit for any pixel."""
    fields = [(0x2F, 8), (width - 1, 14), (height - 1, 14), (0, 1), (0, 3), (0, 3)]
    for symbol in (100, 200, 50, 255):  # green, red, blue, alpha
        fields += [(0b101, 3), (symbol, 8)]
    fields += [(0b0001, 4)]
    bits = at = 0
    for value, length in fields:
        bits, at = bits | value << at, at + length
    return bits.to_bytes(-(-at // 8), "little") + bytes(8)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(d)) + d + bytes(len(d) % 2) for kind, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def film(width: int, height: int) -> bytes:
    """Return a WebP of two frames of one pixel on a canvas of that size."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    frame = bytes(12) + b"\x0a\0\0\0" + riff((b"VP8L", vp8l(1, 1)))[12:]
    return riff((b"VP8X", b"\2\0\0\0" + canvas), (b"ANIM", bytes(6)), (b"ANMF", frame), (b"ANMF", frame))


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 30 30\n%%EndComments\nshowpage\n%%EOF\n"
EPS_WITH_PREVIEW = b"\xc5\xd0\xd3\xc6" + struct.pack("<7I", 32, len(EPS), 0, 0, 0, 0, 0) + EPS


def spider() -> bytes:
    """Return an image in the format of SPIDER that begins as a TIFF does: whoever tries every format opens it."""
    fields = [0.0] * 26
    for at, value in {1: 8, 4: 1, 11: 8, 12: 27, 21: 108, 22: 4}.items():
        fields[at] = value
    return b"II*\0" + struct.pack(">26f", *fields)[4:] + bytes(8 * 8 * 4 + 200)


BMP = b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 20_000, 20_000, 1, 24, 0, 0, 0, 0, 0, 0)
JPEG_START = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
JPEG_FRAME = b"\xff\xc0\0\x0b\x08\xff\xff\xff\xff\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0"


# --- hostile files among a hundred good ones: acceptance figure 2

DRAWING = "a PostScript drawing, not pixels"
DEEP = "more than 8 bits per channel, which would be clipped; convert it to 8 bits first"
LARGE = "is too large; `max_megapixels` is 100, a side 32766"
NO_HEADER = "damaged, or of a rare kind: the header of this {} cannot be read"
NO_END = "damaged: this {} cannot be decoded to its end"

CONTROL = chunk(b"acTL", struct.pack(">II", 3, 0))
FRAME = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 8, 6, 0, 0, 1, 10, 0, 0))
SECOND = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 8, 6, 0, 0, 1, 10, 2, 1))
FIRST = np.arange(6)[:, np.newaxis, np.newaxis] + np.arange(24).reshape(8, 3)
DEFLATED = zlib.compress(b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in FIRST))

HOSTILE: dict[str, tuple[bytes, str]] = {
    "eps.jpg": (EPS, DRAWING),
    "eps-with-a-preview.jpg": (EPS_WITH_PREVIEW, DRAWING),
    "spider.tif": (spider(), NO_HEADER.format("TIFF")),
    "57-bytes.png": (png(10_000, 10_000, b""), NO_END.format("PNG")),
    "57-bytes-over.png": (png(65_535, 16_384, b""), f"65535x16384 {LARGE}"),
    "over.webp": (film(16_383, 16_383), f"16383x16383 {LARGE}"),
    "over.tif": (tiff(20_000, 20_000, zeros(1000)), f"20000x20000 {LARGE}"),
    "over.ppm": (b"P6\n20000 20000\n255\n", f"20000x20000 {LARGE}"),
    "over.bmp": (BMP, f"20000x20000 {LARGE}"),
    "over.jpg": (JPEG_START + JPEG_FRAME, f"65535x65535 {LARGE}"),
    "no-canvas.webp": (
        riff((b"VP8X", bytes(4) + b"\x0f\x27\0" * 2), (b"VP8L", vp8l(1, 1))),
        NO_HEADER.format("WebP"),
    ),
    "grey-of-16-bits.png": (png(8, 6, zeros(17 * 6), depth=16, colour=0), DEEP),
    "colour-of-16-bits.png": (png(8, 6, zeros(49 * 6), depth=16, colour=2), DEEP),
    "grey-alpha-of-16-bits.png": (png(8, 6, zeros(33 * 6), depth=16, colour=4), DEEP),
    "alpha-of-16-bits.png": (png(8, 6, zeros(65 * 6), depth=16, colour=6), DEEP),
    "colour-of-16-bits.tif": (tiff(8, 6, zeros(48 * 6), bits=16), DEEP),
    "1023.ppm": (b"P6\n8 6\n1023\n" + bytes(8 * 6 * 6), DEEP),
    "256.pgm": (b"P5\n8 6\n256\n" + bytes(8 * 6 * 2), DEEP),
}

FILMS = {
    "no-frames.png": (chunk(b"acTL", bytes(8)), FRAME),
    "two-billion-frames.png": (chunk(b"acTL", b"\x7f" + b"\xff" * 7), FRAME),
    "four-billion-frames.png": (chunk(b"acTL", b"\xff" * 8), FRAME),
    "no-frame-but-the-first.png": (CONTROL, FRAME),
    "control-behind-a-frame.png": (FRAME, CONTROL),
    "a-second-frame-without-pixels.png": (CONTROL, FRAME, SECOND, chunk(b"fdAT", b"\0\0\0\2")),
}
"""PNG animations that are not what they say; their first frames are whole."""


@pytest.fixture(scope="module")
def crowd(run, tmp_path_factory, tree):
    """Run a pool over a hundred good files and all hostile ones; return the folder and what came of it."""
    work = tmp_path_factory.mktemp("crowd")
    rng = np.random.default_rng(0)
    good = {f"cat/good{number:03d}.png": rng.integers(0, 256, (6, 8, 3), np.uint8) for number in range(100)}
    hostile = {f"cat/{name}": data for name, (data, _) in HOSTILE.items()}
    films = {f"cat/{name}": png(8, 6, DEFLATED, *before) for name, before in FILMS.items()}
    tree(work / "in", {**good, **hostile, **films})
    tree(work, {"bin/gs": f"#!/bin/sh\necho called >> {work}/ghostscript\n".encode()})
    (work / "bin/gs").chmod(0o755)
    (work / "spec.yaml").write_text(FLIP + "copies: 2\n")
    path = f"{work / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return work, run("run", "spec.yaml", "in", "out", "-j", 2, cwd=work, PATH=path)


def test_every_good_file_among_hostile_ones_is_written(crowd):
    work, done = crowd
    assert (done.code, done.printed, "Traceback" in done.said) == (1, "", False), done.said
    for number in range(100):
        original = pixels(work / f"in/cat/good{number:03d}.png")
        for copy in range(2):
            assert (pixels(work / f"out/cat/good{number:03d}_aug{copy:03d}.png") == original[:, ::-1]).all()
    written = {row["file_name"] for row in rows_of(work / "out") if row["status"] == "augmented"}
    assert len(written) == 2 * (100 + len(FILMS))
    found = {name for name, data in contents(work / "out").items() if data is not None}
    assert found == written | {"manifest.csv", "augcli.json"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_listed_once_with_its_reason(crowd, name):
    work, done = crowd
    reason = HOSTILE[name][1]
    assert [line for line in done.said.splitlines() if f"cat/{name}:" in line] == [f"cat/{name}: {reason}"]
    (row,) = [row for row in rows_of(work / "out") if row["source"] == f"cat/{name}"]
    assert (row["status"], row["error"], row["file_name"]) == ("failed", reason, "")


@pytest.mark.parametrize("name", FILMS)
def test_of_a_png_that_lies_about_its_frames_the_first_is_read(crowd, name):
    work, _ = crowd
    assert (pixels(work / "out/cat" / name.replace(".png", "_aug000.png")) == FIRST[:, ::-1]).all()


def test_nobody_calls_ghostscript(crowd):
    work, _ = crowd
    assert not (work / "ghostscript").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="workers are measured by way of prctl")
def test_hostile_files_take_a_worker_less_than_a_gigabyte(crowd):
    _, done = crowd
    assert done.megabytes < 1000


BOMBS: dict[str, tuple[bytes, str]] = {
    "a-tile.tif": (
        tiff(100, 100, zeros(6000 * 6000 * 3), tile=6000),
        "its tiles of 6000x6000 are too large; `max_megapixels` is 10, a side 32766",
    ),
    "a-film.webp": (
        film(3000, 3000),
        "3000x3000 is too large for several frames; a quarter of `max_megapixels` is the most",
    ),
    "a-hole.jpg": (JPEG_START, "a file of more than 512 MB, which no image and no text needs"),  # grown below
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_asks_for_more_than_its_image_holds_is_refused_in_little_memory(run, tmp_path, tree, name):
    """A tile of 108 MB in an image of 100 x 100, four canvases for two frames of one pixel, a file with a hole."""
    data, reason = BOMBS[name]
    tree(tmp_path / "in/cat", {name: data})
    if name == "a-hole.jpg":
        os.truncate(tmp_path / "in/cat" / name, 2 << 30)  # takes no room on the disk
    (tmp_path / "spec.yaml").write_text("max_megapixels: 10\npipeline: [{random_crop: {size: 16}}]\n")
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 1
    assert f"cat/{name}: {reason}" in done.said.splitlines()
    assert done.megabytes < 150


# --- legal images as large as the cap allows, in files of 40 bytes to 300 kB


def test_the_largest_legal_images_are_read_in_less_than_a_gigabyte(run, tmp_path, tree):
    black = zeros(10_000 * 30_001)
    turned = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHHI", 0x0112, 3, 1, 6, 0, 0)
    files = {
        "cat/colour.png": png(10_000, 10_000, black, chunk(b"eXIf", turned)),
        "cat/palette.png": png(10_000, 10_000, black, chunk(b"PLTE", b"\0\x80\xff" * 2), colour=3),
        "cat/strip.tif": tiff(10_000, 10_000, black),
        "cat/still.webp": riff((b"VP8L", vp8l(16_383, 6_100))),
    }
    assert max(map(len, files.values())) < 320_000
    tree(tmp_path / "in", files)
    (tmp_path / "spec.yaml").write_text("pipeline: [{random_crop: {size: 16}}]\noutput: {format: png}\n")
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 0, done.said
    rows = rows_of(tmp_path / "out")
    assert [row["converted"] for row in rows] == ["exif", "palette", "", ""]
    made = {row["source"]: pixels(tmp_path / "out" / row["file_name"])[0, 0] for row in rows}
    assert {name: colour.tolist() for name, colour in made.items()} == {
        "cat/colour.png": [0, 0, 0],
        "cat/palette.png": [0, 0x80, 0xFF],
        "cat/strip.tif": [0, 0, 0],
        "cat/still.webp": [200, 100, 50],
    }
    assert done.megabytes < 1000


def test_a_large_image_is_laid_over_the_fill_colour_in_little_memory(run, tmp_path, tree):
    tree(tmp_path / "in", {"cat/alpha.png": png(4000, 3000, zeros(3000 * 16_001), colour=6)})
    text = "pipeline: [{center_crop: {size: 16}}]\noutput: {format: jpeg}\nborder: {fill: [9, 9, 200]}\n"
    (tmp_path / "spec.yaml").write_text(text)
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 0, done.said
    assert abs(pixels(tmp_path / "out/cat/alpha_aug000.jpg")[8, 8].astype(int) - [9, 9, 200]).max() < 4  # of JPEG
    # Of 12 megapixels 48 MB as they are read, 48 as they are kept, 36 without alpha, 80 for a band of them as
    # numbers, and what an idle process takes, under 100. All as numbers at once would be 144 MB several times.
    assert done.megabytes < 350


def test_a_large_image_that_is_read_in_pieces_loses_no_row(run, tmp_path, tree):
    """A little over four megapixels, of which pieces of whole rows leave a rest."""
    grey = np.random.default_rng(0).integers(0, 256, (2500, 1), np.uint8).repeat(2000, axis=1)
    whole = np.stack([grey, grey, 255 - grey, grey], axis=2)
    images = {"alpha.png": whole, "colour.tif": whole[:, :, :3], "grey.bmp": grey, "still.webp": whole}
    options = {"alpha.png": {"compress_level": 1}, "still.webp": {"lossless": True, "exact": True, "quality": 0}}
    formats = {".png": "PNG", ".tif": "TIFF", ".bmp": "BMP", ".webp": "WEBP"}
    for name, image in images.items():
        tree(tmp_path / "in/cat", {name: encoded(image, formats[Path(name).suffix], **options.get(name, {}))})
    (tmp_path / "spec.yaml").write_text("pipeline: [{vertical_flip: {p: 1}}]\noutput: {format: tiff}\n")
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 0, done.said
    for name, image in images.items():
        made = pixels(tmp_path / "out/cat" / f"{Path(name).stem}_aug000.tif")
        assert (made == image[::-1]).all(), name


# --- orientation: acceptance figure 7

LOSSLESS = {"png": {}, "tif": {}, "webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": "4:4:4"}}
FORMATS = {"png": "PNG", "tif": "TIFF", "webp": "WEBP", "jpg": "JPEG"}
FIRST_ROW_AND_COLUMN = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (-1, 1), 7: (-1, -1), 8: (1, -1)}


def lying(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Return how an upright image is stored under an EXIF orientation, in the words of EXIF 2.3.

    Row 0 of what is stored is the image's 1: top, 2: top, 3: bottom, 4: bottom, 5: left, 6: right, 7: right, 8: left,
    column 0 its 1: left, 2: right, 3: right, 4: left, 5: top, 6: top, 7: bottom, 8: bottom.
    """
    ahead = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
    down, across = ahead[orientation]
    seen = upright[::down, ::across]
    return np.ascontiguousarray(seen.swapaxes(0, 1) if orientation >= 5 else seen)


def xmp(orientation: int) -> bytes:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    about = f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">{about}</rdf:RDF></x:xmpmeta>'.encode()


@pytest.fixture(scope="module")
def turned(run, tmp_path_factory, tree, photo):
    """Run one folder of images in all orientations and formats; return the folder and the upright image."""
    work = tmp_path_factory.mktemp("turned")
    upright = photo((40, 24))
    files: dict[str, bytes] = {}
    for orientation in range(1, 9):
        stored = lying(upright, orientation)
        exif = PIL.Image.Exif()
        exif[0x0112] = orientation
        for suffix, format in FORMATS.items():
            files[f"cat/{orientation}.{suffix}"] = encoded(stored, format, exif=exif, **LOSSLESS[suffix])
        plain = encoded(stored, "PNG")
        at_the_end = chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + plain[-12:]
        files[f"cat/{orientation}-behind-the-pixels.png"] = plain[:-12] + at_the_end
        files[f"cat/{orientation}-in-xmp.jpg"] = encoded(stored, "JPEG", xmp=xmp(orientation), **LOSSLESS["jpg"])
        files[f"cat/{orientation}-in-xmp.webp"] = encoded(stored, "WEBP", xmp=xmp(orientation), **LOSSLESS["webp"])
    tree(work / "in", files)
    (work / "spec.yaml").write_text(NOTHING + "output: {format: png}\n")
    done = run("run", "spec.yaml", "in", "out", cwd=work)
    assert done.code == 0, done.said
    return work, upright


@pytest.mark.parametrize(
    "kind", [".png", ".tif", ".webp", ".jpg", "-behind-the-pixels.png", "-in-xmp.jpg", "-in-xmp.webp"]
)
def test_every_orientation_comes_out_upright_and_of_the_right_size(turned, kind):
    work, upright = turned
    rows = {row["source"]: row for row in rows_of(work / "out")}
    for orientation in range(1, 9):
        row = rows[f"cat/{orientation}{kind}"]
        assert (row["width"], row["height"]) == ("40", "24")
        assert ("exif" in row["converted"]) == (orientation != 1)
        made = pixels(work / "out" / row["file_name"])
        # JPEG at its best quality is off by a few levels; the seven wrong orientations by dozens.
        assert abs(made.astype(int) - upright).max() <= (6 if "jpg" in kind else 0), orientation


# --- names


def test_names_that_are_not_utf_8_go_through_the_whole_job(run, tmp_path, photo):
    top = os.path.join(os.fsencode(tmp_path), b"\xefn")
    for number, folder in enumerate([b"train/caf\xe9", b"train/\xff\xfe", b"train/caf\xc3\xa9", b"val/caf\xe9"]):
        os.makedirs(os.path.join(top, folder))
        for image in range(8):
            path = Path(os.fsdecode(os.path.join(top, folder, b"\xa0%d\x80.png" % image)))
            path.write_bytes(encoded(photo((12, 9), 10 * number + image), "PNG"))
    source, spec, out = (os.fsdecode(name) for name in (b"\xefn", b"sp\xe9c.yaml", b"\xf6ut"))
    (tmp_path / spec).write_text("copies: 6\ninclude_originals: true\npipeline: [horizontal_flip, mixup]\n")

    def go(*flags: object) -> str:
        done = run("run", spec, source, out, "-j", 2, *flags, cwd=tmp_path)
        assert done.code == 0, done.said
        return done.said

    assert "\n176 images written to \\xF6ut" in go()
    rows = rows_of(tmp_path / out)
    table = pandas.read_csv(tmp_path / out / "manifest.csv", dtype=str, keep_default_na=False)
    assert table.to_dict("records") == rows
    assert len(rows) == 3 * 8 * 7 + 8
    labels, sources = {row["label"] for row in rows}, {row["source"] for row in rows}
    assert labels == {"caf\\xE9", "\\xFF\\xFE", "café"}
    assert all((tmp_path / source / on_disk(name)).is_file() for name in sources)
    mixed = [row for row in rows if row["soft_label"]]
    assert mixed
    for row in mixed:
        assert set(json.loads(row["soft_label"])) <= labels
        partners = [one["source"] for step in json.loads(row["params"]) for one in step.get("partners", ())]
        assert partners
        assert set(partners) <= sources
    for row in rows:
        assert (tmp_path / out / on_disk(row["file_name"])).stat().st_size == int(row["bytes"])
    assert run("verify", out, cwd=tmp_path).code == 0

    (tmp_path / out / on_disk(rows[-1]["file_name"])).unlink()
    missing = run("verify", out, cwd=tmp_path)
    assert (missing.code, missing.printed) == (1, f"missing: {rows[-1]['file_name']}\n")
    again = go()
    assert "\n1 image written" in again
    assert "; 175 were there already" in again
    assert "96 removed that are no longer asked for" in go("--copies", 2, "--overwrite")
    assert len(rows_of(tmp_path / out)) == 3 * 8 * 3 + 8
    for command in (["check", spec, source], ["preview", spec, source, os.fsdecode(b"gr\xefd.png")]):
        done = run(*command, cwd=tmp_path)
        assert (done.code, "Traceback" in done.said) == (0, False), done.said


def test_file_names_that_would_be_misread_are_refused(augcli, tmp_path, tree, photo):
    """Where the locale makes Python read names as ASCII, what is drawn would hang on the locale."""
    tree(tmp_path / "in", {"cat/a.png": photo()})
    (tmp_path / "spec.yaml").write_text(FLIP)
    ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = augcli("run", "spec.yaml", "in", "out", cwd=tmp_path, env=ascii)
    assert done.returncode == 2
    assert done.stderr == "file names are not read as UTF-8 here\n  = help: set PYTHONUTF8=1\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("character", "setting", "longest"),
    [
        ("n", "", "_aug000.png"),
        ("n", "include_originals: true\n", "_aug000.png"),
        ("n", "output: {format: webp}\n", "_aug000.webp"),
        ("日", "", "_aug000.png"),
    ],
)
def test_an_output_may_have_255_bytes_and_no_more(run, tmp_path, tree, photo, character, setting, longest):
    def filled(length: int) -> str:
        left, size = length - len(longest), len(character.encode())
        return "a" * (left % size) + character * (left // size) + ".png"

    fits, too_long = filled(255), filled(256)
    tree(tmp_path / "in", {f"cat/{name}": photo((2, 2)) for name in (fits, too_long)})
    (tmp_path / "spec.yaml").write_text(FLIP + setting)
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 1
    reason = "the name is too long: its outputs would need 256 of 255 bytes"
    assert f"cat/{too_long}: {reason}" in done.said.splitlines()
    errors = {(row["source"], row["error"]) for row in rows_of(tmp_path / "out")}
    assert errors == {(f"cat/{too_long}", reason), (f"cat/{fits}", "")}


def test_a_path_that_is_too_long_only_in_out_is_a_failed_source(run, tmp_path, tree, photo):
    tree(tmp_path / "in", {"cat/a.png": photo((2, 2))})
    folder = os.open(tmp_path / "in/cat", os.O_RDONLY)
    for _ in range(16):
        os.mkdir("d" * 250, dir_fd=folder)
        folder, above = os.open("d" * 250, os.O_RDONLY, dir_fd=folder), folder
        os.close(above)
    file = os.open("deep.png", os.O_WRONLY | os.O_CREAT, dir_fd=folder)
    os.write(file, encoded(photo((2, 2)), "PNG"))
    os.close(file)
    os.close(folder)
    (tmp_path / "spec.yaml").write_text(FLIP)
    done = run("run", "spec.yaml", "in", "o" * 250, cwd=tmp_path)
    assert done.code == 1, done.said
    assert "/deep.png: the path of its outputs is too long for this system\n" in done.said
    assert [row["status"] for row in rows_of(tmp_path / ("o" * 250))] == ["augmented", "failed"]


def test_sources_whose_names_collide_keep_each_its_own_image(run, tmp_path, tree, photo):
    """By suffix, by case, by Unicode form, and by being called like an output."""
    names = ["a.png", "a.bmp", "A.png", "a.PNG", "caf\u00e9.png", "cafe\u0301.png", "CAFÉ.png", "ß.png", "ss.png"]
    names += ["a_aug000.png", "\u212bm.png", "\u00c5m.png"]
    images = {name: photo((12, 9), seed) for seed, name in enumerate(names)}
    tree(tmp_path / "in/cat", {name: encoded(image, "PNG") for name, image in images.items()})
    (tmp_path / "spec.yaml").write_text(NOTHING + "include_originals: true\n")
    assert run("run", "spec.yaml", "in", "out", cwd=tmp_path).code == 0
    rows = rows_of(tmp_path / "out")
    seen = {unicodedata.normalize("NFC", row["file_name"]).casefold() for row in rows}
    assert len(seen) == len(rows) == 2 * len(names)
    for row in rows:
        made = pixels(tmp_path / "out" / row["file_name"])
        assert (made == images[row["source"].removeprefix("cat/")]).all(), row["source"]


@pytest.mark.parametrize("name", ["manifest.csv", "augcli.json"])
def test_a_class_called_like_a_file_of_out_is_refused(run, tmp_path, tree, photo, name):
    tree(tmp_path / "in", {f"{name}/a.png": photo(), "cat/b.png": photo()})
    (tmp_path / "spec.yaml").write_text(FLIP)
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 2
    assert done.said == f"in/{name}: OUT has a file of that name\n  = help: rename the folder\n"
    assert not (tmp_path / "out").exists()


def test_no_name_can_drive_a_terminal(run, tmp_path, tree, photo):
    """Whatever is named: spec, folders, classes, files good and bad, left out, foreign, missing; in every command."""
    evil = "\x1b]0;owned\x07\x9b2J\x7f\u202e\r\n"
    spec, source, out = f"spec{evil}.yaml", f"in{evil}", f"out{evil}"
    tree(tmp_path / source, {f"train/cat{evil}/a{evil}.png": photo(), f"train/cat{evil}/bad{evil}.png": b""})
    tree(tmp_path / source, {f"val/dog{evil}/a{evil}.png": photo(), f"val/dog{evil}/b{evil}.png": photo()})
    (tmp_path / source / f"val/empty{evil}").mkdir()
    tree(tmp_path, {f"loose/a{evil}.png": photo(), f"both/other{evil}/a.png": photo(), "both/train/cat/a.png": photo()})
    tree(tmp_path, {f"foreign/thesis{evil}": b"x", f"bad{evil}.yaml": FLIP.replace("flip", "flop").encode()})
    (tmp_path / spec).write_text(FLIP)
    texts = []

    def see(*arguments: str, code: int) -> None:
        done = run(*arguments, cwd=tmp_path)
        assert done.code == code, done.said
        texts.append(done.printed + done.said)

    see("run", spec, source, out, code=1)
    (victim,) = (tmp_path / out).glob("train/*/*.png")
    victim.rename(victim.with_name(f"extra{evil}.png"))
    see("verify", out, code=1)
    see("verify", f"nowhere{evil}", code=2)
    see("check", spec, source, code=0)
    see("check", f"bad{evil}.yaml", code=2)
    see("check", f"nowhere{evil}.yaml", code=2)
    see("preview", spec, source, f"grid{evil}.png", code=0)
    see("preview", spec, source, f"grid{evil}.gif", code=2)
    see("show", f"rotate{evil}", code=2)
    see(f"command{evil}", code=2)
    see("run", spec, source, source, code=2)
    see("run", spec, f"nowhere{evil}", "out", code=2)
    see("run", spec, "loose", "out", code=2)
    see("run", spec, "both", "out", code=2)
    see("run", spec, source, "foreign", code=2)
    for text in texts:
        assert [character for character in text if not character.isprintable() and character != "\n"] == [], text
    shown = "\\x1b]0;owned\\x07\\x9b2J\\x7f\\u202e\\r\\n"
    assert f"train/cat{shown}/bad{shown}.png: the file is empty\n" in texts[0]
    assert texts[1].splitlines()[:2] == [
        f"missing: train/cat{shown}/a{shown}_aug000.png",
        f"extra: train/cat{shown}/extra{shown}.png",
    ]


# --- what lies in folders


def test_a_module_in_the_current_folder_is_not_executed(tmp_path, tree, photo):
    """Neither by the command nor by the process that workers are forked from, nor by the workers."""
    standard = ("signal", "selectors", "struct", "threading", "socket", "random", "csv", "yaml", "json", "queue")
    others = ("numpy", "cv2", "PIL", "joblib", "click", "simplejpeg", "tqdm", "augcli", "sitecustomize")
    trap = b"open('executed-' + __name__, 'a').close()\nraise SystemExit(__name__)\n"
    tree(tmp_path / "work", {f"{name}.py": trap for name in standard + others})
    tree(tmp_path / "work/in", {f"cat/{number}.png": photo((8, 6), number) for number in range(60)})
    (tmp_path / "work/spec.yaml").write_text(FLIP + "copies: 2\n")
    # What pip installs as the command: Python then looks for modules where that file lies, not where the user is.
    tree(tmp_path / "bin", {"augcli": b"from augcli.cli import main\n\nmain()\n"})
    command = [sys.executable, str(tmp_path / "bin/augcli"), "run", "spec.yaml", "in", "out", "-j", "2"]
    done = subprocess.run(command, cwd=tmp_path / "work", capture_output=True, text=True, timeout=120)
    assert [path.name for path in (tmp_path / "work").glob("executed-*")] == []
    assert done.returncode == 0, done.stderr
    assert len(rows_of(tmp_path / "work/out")) == 120


def test_what_is_no_regular_file_is_not_read_but_counted_with_its_reason(run, tmp_path, tree, photo, monkeypatch):
    cat = tree(tmp_path / "in", {"cat/a.png": photo(), "cat/.hidden.png": photo(), ".dog/b.png": photo()}) / "cat"
    os.mkfifo(cat / "pipe.png")
    monkeypatch.chdir(cat)  # the path of a socket may have 100 bytes only
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket.jpg")
    links = {"zero.png": "/dev/zero", "itself.png": "itself.png", "one.png": "other.png", "other.png": "one.png"}
    links |= {"here": ".", "there": "../cat", "round": "../round", "../round": "cat/round"}
    for name, target in links.items():
        (cat / name).symlink_to(target)
    (cat / "notes.txt").write_text("x")
    (cat / "drawing.svg").write_bytes(b"<svg")
    special = 2
    try:
        os.mknod(cat / "device.png", 0o020600, os.makedev(1, 5))  # another /dev/zero
        special += 1
    except OSError:
        pass  # only root may
    (tmp_path / "spec.yaml").write_text(FLIP)
    done = run("run", "spec.yaml", "in", "out", cwd=tmp_path)
    assert done.code == 0, done.said
    assert left_out(done.said) == [
        "2 hidden",
        "1 image in a format that is not read (.svg)",
        "8 links (not followed)",
        f"{special} not regular files",
        "1 without an image suffix",
    ]
    done = run("run", "spec.yaml", "in", "out", "--follow-links", cwd=tmp_path)
    assert done.code == 0, done.said
    assert left_out(done.said) == [
        "5 broken links",
        "2 hidden",
        "1 image in a format that is not read (.svg)",
        "2 links back to a folder around them",
        f"{special + 1} not regular files",
        "1 without an image suffix",
    ]
    assert [row["source"] for row in rows_of(tmp_path / "out")] == ["cat/a.png"]
    for command in (["check", "spec.yaml", "in"], ["preview", "spec.yaml", "in", "grid.png"]):
        assert run(*command, "--follow-links", cwd=tmp_path).code == 0


SWAPPED = """
import os
from augcli.plan import request
from augcli.cli import main
real = request.scan
def scan(*given):
    listing = real(*given)
    for name in ("pipe", "folder", "gone", "endless"):
        os.unlink(f"in/cat/{name}.png")
    os.mkfifo("in/cat/pipe.png")
    os.mkdir("in/cat/folder.png")
    os.symlink("/dev/zero", "in/cat/endless.png")
    return listing
request.scan = scan
main()
"""


def test_what_is_no_file_any_more_since_it_was_listed_is_not_waited_for(tmp_path, tree, photo):
    names = ("pipe", "folder", "gone", "endless", "good")
    tree(tmp_path / "in", {f"cat/{name}.png": photo() for name in names})
    (tmp_path / "spec.yaml").write_text(FLIP)
    command = [sys.executable, "-c", SWAPPED, "run", "spec.yaml", "in", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    assert {row["source"]: row["error"] for row in rows_of(tmp_path / "out")} == {
        "cat/pipe.png": "not a regular file",
        "cat/folder.png": "not a regular file",
        "cat/gone.png": "cannot be read (no such file or directory)",
        "cat/endless.png": "not a regular file",
        "cat/good.png": "",
    }


# --- IN and OUT that hold each other, OUT that is another's


@pytest.mark.parametrize(
    ("link", "to"),
    [("in/loop", "../out"), ("in/cat/deep", "../../out/cat"), ("in/cat/a.jpg", "../../out/cat/a_aug000.jpg")],
)
def test_a_followed_link_from_in_to_out_is_refused_from_the_first_run_on(run, tmp_path, tree, photo, link, to):
    """Or each run would take the files of the one before for originals."""
    tree(tmp_path / "in", {"cat/b.png": photo()})
    (tmp_path / link).symlink_to(to)
    (tmp_path / "spec.yaml").write_text(FLIP)
    before = contents(tmp_path)
    done = run("run", "spec.yaml", "in", "out", "--follow-links", cwd=tmp_path)
    assert done.code == 2
    assert done.said == f"{link}: a link that leads to OUT\n  = help: remove it, or choose another OUT\n"
    assert contents(tmp_path) == before


def test_a_followed_link_to_a_folder_around_in_brings_no_image_twice(run, tmp_path, tree, photo):
    tree(tmp_path / "data/in", {"cat/a.png": photo()})
    (tmp_path / "data/in/up").symlink_to("../..")
    (tmp_path / "spec.yaml").write_text(FLIP)
    for _ in range(2):
        done = run("run", "../spec.yaml", "in", "out", "--follow-links", cwd=tmp_path / "data")
        assert done.code == 0, done.said
        assert left_out(done.said) == ["1 link back to a folder around them"]
        assert [row["source"] for row in rows_of(tmp_path / "data/out")] == ["cat/a.png"]


@pytest.mark.parametrize("out", ["dangling", "dangling/deeper", "in/../in/cat/new", "./in//", "around/in/cat"])
def test_an_out_in_in_is_refused_however_it_is_written(run, tmp_path, tree, photo, out):
    tree(tmp_path / "in", {"cat/a.png": photo()})
    (tmp_path / "dangling").symlink_to("in/new")
    (tmp_path / "around").symlink_to(".")
    (tmp_path / "spec.yaml").write_text(FLIP)
    before = contents(tmp_path / "in")
    done = run("run", "spec.yaml", "in", out, "--overwrite", cwd=tmp_path)
    assert done.code == 2
    assert re.fullmatch(r".*: (OUT lies inside IN \(in\)|IN and OUT are the same folder)", done.said.split("\n")[0])
    assert contents(tmp_path / "in") == before


HELD = """
import sys
from augcli.engine import runner
from augcli.cli import main
real = runner.run
def run(*arguments):
    print("ready", flush=True)
    sys.stdin.readline()
    real(*arguments)
runner.run = run
main()
"""


def test_a_second_run_into_one_out_is_refused_and_leaves_the_first_alone(run, tmp_path, tree, photo):
    tree(tmp_path / "in", {f"cat/{number}.png": photo((8, 6), number) for number in range(3)})
    (tmp_path / "spec.yaml").write_text(FLIP)
    command = [sys.executable, "-c", HELD, "run", "spec.yaml", "in", "out"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as first:
        assert first.stdout.readline() == "ready\n"
        before = contents(tmp_path)
        for flags in ([], ["--overwrite"], ["--seed", 5, "--overwrite"]):
            done = run("run", "spec.yaml", "in", "out", *flags, cwd=tmp_path)
            assert done.code == 2
            assert done.said.splitlines() == [
                "out: another run is writing to it",
                "  = help: wait until it is done, or choose another OUT",
            ]
            assert contents(tmp_path) == before
        _, said = first.communicate("go on\n", timeout=120)
    assert (first.returncode, "\n3 images written" in said) == (0, True), said
    assert run("verify", "out", cwd=tmp_path).code == 0


def test_foreign_files_in_out_are_never_touched(run, tmp_path, tree, photo):
    tree(tmp_path / "in", {"cat/a.png": photo(), "dog/b.png": photo(seed=1)})
    (tmp_path / "spec.yaml").write_text(FLIP + "copies: 2\n")
    assert run("run", "spec.yaml", "in", "out", cwd=tmp_path).code == 0
    mine = {"cat/a_aug002.png": b"mine", "dog/notes.txt": b"mine", "dog/.hidden": b"mine", "own/b_aug000.png": b"mine"}
    tree(tmp_path / "out", mine)
    (tmp_path / "in/dog/b.png").unlink()
    (tmp_path / "other.yaml").write_text("pipeline: [vertical_flip]\n")
    for arguments in (["spec.yaml"], ["spec.yaml", "--copies", 1, "--overwrite"], ["other.yaml", "--overwrite"]):
        done = run("run", arguments[0], "in", "out", *arguments[1:], cwd=tmp_path)
        assert done.code == 0, done.said
        assert {name: (tmp_path / "out" / name).read_bytes() for name in mine} == mine
    assert {row["source"] for row in rows_of(tmp_path / "out")} == {"cat/a.png"}
    assert not (tmp_path / "out/dog/b_aug000.png").exists()


@pytest.fixture
def made(run, tmp_path, tree, photo):
    """Make an OUT of two sources; return the folder to work in."""
    tree(tmp_path / "in", {"cat/a.png": photo(), "dog/b.png": photo(seed=1)})
    (tmp_path / "spec.yaml").write_text(FLIP)
    assert run("run", "spec.yaml", "in", "out", cwd=tmp_path).code == 0
    return tmp_path


@pytest.mark.parametrize("name", ["../victim.txt", "cat/../../victim.txt", "{}/victim.txt", "cat/a\0.png"])
def test_a_manifest_cannot_make_a_run_delete_what_lies_outside_out(run, made, name):
    (made / "victim.txt").write_text("years of work")
    manifest = made / "out/manifest.csv"
    lines = manifest.read_text().splitlines(keepends=True)
    row = lines[-1].replace("dog/b_aug000.png", name.format(made)).replace("dog/b.png", "dog/gone.png")
    assert row != lines[-1]
    manifest.write_text("".join([*lines, row]))
    for command in (["run", "spec.yaml", "in", "out"], ["verify", "out"]):
        done = run(*command, cwd=made)
        assert (made / "victim.txt").read_text() == "years of work"
        assert done.code == 2
        assert done.said.splitlines()[0] == "out/manifest.csv: not a manifest that augcli wrote (line 4)"


def test_a_part_of_an_unfinished_run_cannot_either(run, made):
    (made / "victim.txt").write_text("years of work")
    row = (made / "out/manifest.csv").read_text().splitlines(keepends=True)[-1]
    row = row.replace("dog/b_aug000.png", "../victim.txt").replace("dog/b.png", "dog/gone.png")
    (made / "out/.augcli").mkdir()
    (made / "out/.augcli/part-000001").write_text('{"augmented": 1}\n' + row)
    done = run("run", "spec.yaml", "in", "out", cwd=made)
    assert (made / "victim.txt").read_text() == "years of work"
    assert done.code == 2
    assert re.match(r"out/\.augcli/\S+: not what augcli wrote\n", done.said)


def test_what_lies_behind_a_link_in_out_is_not_removed(run, made):
    """A class that was moved to another disk, say, and a source that is gone from it."""
    (made / "out/dog").rename(made / "elsewhere")
    (made / "out/dog").symlink_to("../elsewhere")
    (made / "in/dog/b.png").unlink()
    done = run("run", "spec.yaml", "in", "out", cwd=made)
    assert done.code == 0, done.said
    assert os.listdir(made / "elsewhere") == ["b_aug000.png"]


DAMAGES = {
    "augcli.json that is nested deeply": ("augcli.json", "[" * 200_000),
    "augcli.json with another spec than any": ("augcli.json", '{"spec_key": 1, "spec": []}'),
    "augcli.json with nothing for a spec": ("augcli.json", '{"spec_key": 1, "spec": null}'),
    "a number that only looks like one": ("manifest.csv", "²"),
    "a number that is too long": ("manifest.csv", "9" * 5000),
    "planned names that break off": (".augcli/planned.jsonl", '["cat/a.png", ["cat/a_aug0'),
    "known names of another kind": (".augcli/former.jsonl", "3\n"),
    "a part of something else": (".augcli/part-000001", "{}\nx,y\n"),
}


@pytest.mark.parametrize(("name", "text"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_out_is_told_in_a_line_and_not_in_a_traceback(run, made, name, text):
    path = made / "out" / name
    path.parent.mkdir(exist_ok=True)
    if name == "manifest.csv":
        text = re.sub(r",48,36,\d+,", f",48,36,{text},", path.read_text())
    path.write_text(text)
    for command in (["run", "spec.yaml", "in", "out"], ["verify", "out"]):
        done = run(*command, cwd=made)
        assert "Traceback" not in done.said, done.said
        assert "please report" not in done.said, done.said
        assert done.code in (0, 2)
        assert done.code == 0 or len(done.said.splitlines()) <= 2


@pytest.mark.parametrize(("name", "code"), [("augcli.json", 2), ("manifest.csv", 2), (".augcli/run.json", 0)])
@pytest.mark.parametrize("flags", [[], ["--overwrite"]], ids=["", "overwrite"])
def test_a_pipe_in_out_is_not_waited_for(run, made, name, code, flags):
    (made / "out" / name).unlink(missing_ok=True)
    (made / "out" / name).parent.mkdir(exist_ok=True)
    os.mkfifo(made / "out" / name)
    assert run("run", "spec.yaml", "in", "out", *flags, cwd=made).code == code


def test_a_pipe_where_the_preview_should_go_is_not_waited_for(run, made):
    os.mkfifo(made / "grid.png")
    done = run("preview", "spec.yaml", "in", "grid.png", cwd=made)
    assert done.code == 2
    assert done.said.startswith("grid.png: already exists and is not a preview\n")


# --- specs: acceptance figure 6

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 6)}]}}\n" for n in range(1, 9))
DEEP_SPEC = [(1, "nested deeper than 16 levels")]

SPECS: dict[str, tuple[str | bytes, list[tuple[int, str]]]] = {
    "a tag that calls a program": (
        'seed: !!python/object/apply:os.system ["touch called"]\npipeline: [hue]\n',
        [(1, "python/object/apply:os.system")],
    ),
    "a tag of an object": ("pipeline: [hue]\nseed: !!python/name:os.getcwd ''\n", [(2, "python/name:os.getcwd")]),
    "a binary": ("seed: !!binary aGVsbG8=\npipeline: [hue]\n", [(1, "binary")]),
    "an alias": ("seed: &one 1\ncopies: *one\npipeline: [hue]\n", [(1, "&one"), (2, "*one")]),
    "a merge key": ("output: {<<: {quality: 9}}\npipeline: [hue]\n", [(1, "merge keys")]),
    "a billion laughs": (LAUGHS, []),
    "a merge bomb": (MERGES, []),
    "deep lists": ("pipeline: " + "[" * 20_000 + "]" * 20_000, DEEP_SPEC),
    "deep mappings": ("pipeline: " + "{a: " * 8_000 + "}" * 8_000, DEEP_SPEC),
    "deep blocks": ("\n".join(" " * depth + "a:" for depth in range(300)), [(17, "nested deeper than 16 levels")]),
    "two deep containers": (f"pipeline: [{'[' * 30}{']' * 30}, {'[' * 30}{']' * 30}]\n", DEEP_SPEC),
    "70 kilobytes": (FLIP + "#" * 70_000, [(0, "a spec has at most 65536")]),
    "3 gigabytes": (b"", [(0, "a spec has at most 65536")]),  # made below
    "nothing": ("", [(0, "the spec is empty")]),
    "a comment alone": ("# pipeline\n", [(0, "the spec is empty")]),
    "two keys that stand twice": (
        "seed: 1\npipeline: [rotate: {degrees: 1, degrees: 2}]\nseed: 2\n",
        [(2, "`degrees` stands twice"), (3, "`seed` stands twice")],
    ),
    "numbers in another notation": (
        "seed: 1e3\ncopies: 010\nmax_megapixels: 1:30\npipeline: [hue]\n",
        [(1, "`1e3`"), (2, "`010`"), (3, "`1:30`")],
    ),
    "words that may mean true or false": (
        "include_originals: no\noutput: {optimize: Yes}\npipeline: [hue: {name: NO}]\n",
        [(1, "`no` is a word to some"), (2, "`Yes` is a word to some"), (3, "`NO` is a word to some")],
    ),
    "no numbers at all": (
        "max_megapixels: .nan\npipeline:\n  - rotate: {degrees: [-.inf, .INF]}\n  - gamma: {gamma: 1.0e999}\n",
        [(1, "`.nan`"), (3, "`-.inf`"), (3, "`.INF`"), (4, "`1.0e999`")],
    ),
    "60,000 digits": ("pipeline: [hue]\nseed: " + "9" * 60_000 + "\n", [(2, "is too large a number")]),
    "two documents": ("pipeline: [hue]\n---\npipeline: [hue]\n", [(2, "a second document")]),
    "a control character": ("pipeline: [hue]\0\n", [(1, "a control character")]),
    "no UTF-8": (b"# caf\xe9\npipeline: [hue]\n", [(0, "not UTF-8 text (line 1)")]),
    "a list that does not end": ("pipeline: [hue, gamma\n", [(1, "not YAML")]),
    "a tab": ("pipeline:\n\t- hue\n", [(2, "not YAML")]),
    "a list": ("- hue\n", [(1, "a spec is a mapping")]),
    "a word": ("hue\n", [(1, "a spec is a mapping")]),
    "a key that is a list": ("? [a, b]\n: 1\npipeline: [hue]\n", [(1, "a key must be a word")]),
    "4,600 different mistakes": ("pipeline:\n" + "".join(f" - rotat{n}\n" for n in range(4600)), []),
    "15,000 times no": ("pipeline: [" + "no, " * 15_000 + "]\n", []),
}
"""Each with the line of every mistake and a word of what is said; none for specs with more than can be listed here."""


@pytest.fixture(scope="module")
def checked(run, tmp_path_factory) -> dict[str, Done]:
    """Check every hostile spec."""
    work = tmp_path_factory.mktemp("specs")
    found = {}
    for number, (name, (text, _)) in enumerate(SPECS.items()):
        folder = work / str(number)
        folder.mkdir()
        (folder / "spec.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        if name == "3 gigabytes":
            os.truncate(folder / "spec.yaml", 3 << 30)  # takes no room on the disk
        found[name] = run("check", "spec.yaml", cwd=folder)
        assert os.listdir(folder) == ["spec.yaml"], "something was executed"
    return found


def places(said: str) -> Iterable[tuple[int, str]]:
    """Return the line and the text of each problem; line 0 for those of the whole file."""
    for text in said.splitlines():
        if found := re.match(r"spec\.yaml(?::(\d+):\d+)?: (.*)", text):
            yield int(found[1] or 0), found[2]


@pytest.mark.parametrize("name", SPECS)
def test_a_hostile_spec_is_refused_with_one_problem_per_mistake(checked, name):
    done, wanted = checked[name], SPECS[name][1]
    assert (done.code, done.printed, "Traceback" in done.said) == (2, "", False), done.said[-2000:]
    assert done.seconds < 1  # of the processor, so that a busy machine changes little
    assert done.megabytes < 200
    found = list(places(done.said))
    if wanted:
        assert [line for line, _ in found] == [line for line, _ in wanted], found
        assert all(word in text for (_, text), (_, word) in zip(found, wanted, strict=True)), found
    else:
        assert 1 < len(found) <= 101  # the last tells that the rest was not looked at
        assert len(done.said) < 100_000
