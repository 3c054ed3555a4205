"""What is read from every kind of image file, and what stands in the files that are written."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from augcli.commands import run
from augcli.image import pictures
from augcli.image.arrays import Picture, Size
from augcli.problems import Unusable
from augcli.spec.loading import load
from augcli.storage import files

ORIENTATION = 0x0112
LOSSLESS = {
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
    "JPEG": {"quality": 100, "subsampling": "4:4:4"},
}
SUFFIX = {"PNG": ".png", "TIFF": ".tif", "WEBP": ".webp", "JPEG": ".jpg"}


def encoded(image: PIL.Image.Image | np.ndarray, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, PIL.Image.Image) else PIL.Image.fromarray(image)).save(buffer, format, **options)
    return buffer.getvalue()


def opened(data: bytes) -> PIL.Image.Image:
    image = PIL.Image.open(io.BytesIO(data))
    image.load()
    return image


def read(data: bytes) -> tuple[Picture, pictures.Header]:
    header = pictures.read_header(data, max_megapixels=100)
    return pictures.decode(data, header), header


def lying(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Return how a camera stores an upright image under an EXIF orientation, in the words of EXIF 2.3."""
    return {
        1: lambda a: a,  # row 0 is the top, column 0 the left side
        2: lambda a: a[:, ::-1],  # top, right
        3: lambda a: a[::-1, ::-1],  # bottom, right
        4: lambda a: a[::-1],  # bottom, left
        5: lambda a: a.transpose(1, 0, 2),  # row 0 is the left side, column 0 the top
        6: lambda a: a[:, ::-1].transpose(1, 0, 2),  # right, top
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),  # right, bottom
        8: lambda a: a[::-1].transpose(1, 0, 2),  # left, bottom
    }[orientation](upright)


def with_orientation(array: np.ndarray, format: str, orientation: int) -> bytes:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    return encoded(np.ascontiguousarray(array), format, exif=exif, **LOSSLESS[format])


def augmented(tmp_path: Path, tree, files: dict, text: str) -> tuple[Path, dict[str, dict[str, str]]]:
    """Run a spec over files; return OUT and the rows of its manifest by source."""
    tree(tmp_path / "in", files)
    (tmp_path / "spec.yaml").write_text(text)
    run.run(load(tmp_path / "spec.yaml"), tmp_path / "in", tmp_path / "out", run.Options(quiet=True))
    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return tmp_path / "out", {row["source"]: row for row in csv.DictReader(file)}


NOTHING = "pipeline: [{horizontal_flip: {p: 0}}]\n"
FLIP = "pipeline: [{horizontal_flip: {p: 1}}]\n"


# --- orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", LOSSLESS)
def test_every_exif_orientation_comes_upright_and_of_the_right_size(format, orientation, photo):
    upright = photo((40, 24))
    picture, header = read(with_orientation(lying(upright, orientation), format, orientation))
    assert header.size == picture.size == Size(40, 24)
    assert ("exif" in header.converted) == (orientation != 1)
    # JPEG at its best quality is off by a few levels; the seven wrong orientations by dozens.
    assert abs(picture.image.astype(int) - upright).max() <= (6 if format == "JPEG" else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_upright_in_a_greyscale_jpeg(orientation, photo):
    upright = photo((40, 24))[:, :, :1]
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    stored = np.ascontiguousarray(lying(upright, orientation)[:, :, 0])
    picture, header = read(encoded(stored, "JPEG", quality=100, exif=exif))
    assert header.size == picture.size == Size(40, 24)
    assert picture.image.shape == (24, 40, 1)
    assert abs(picture.image.astype(int) - upright).max() <= 3  # the JPEG's own loss


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_does_not_exist_is_ignored(orientation, photo):
    picture, header = read(with_orientation(photo((40, 24)), "PNG", orientation))
    assert (picture.image == photo((40, 24))).all()
    assert header.converted == ()


@pytest.mark.parametrize("format", LOSSLESS)
def test_what_is_written_is_upright_and_says_nothing_of_orientation(format, tmp_path, tree, photo):
    upright = photo((160, 96))
    name = "cat/a" + SUFFIX[format]
    out, rows = augmented(tmp_path, tree, {name: with_orientation(lying(upright, 6), format, 6)}, NOTHING)
    row = rows[name]
    assert (row["width"], row["height"], row["converted"]) == ("160", "96", "exif")
    with PIL.Image.open(out / row["file_name"]) as image:
        assert image.size == (160, 96)
        assert ORIENTATION not in image.getexif() or image.getexif()[ORIENTATION] == 1
        # WebP and JPEG are written with loss; the seven wrong orientations are off by dozens.
        assert abs(np.asarray(image.convert("RGB")).astype(int) - upright).mean() < 4


# --- modes


@pytest.mark.parametrize("format", LOSSLESS)
def test_greyscale_stays_greyscale(format, tmp_path, tree, photo):
    name = "cat/a" + SUFFIX[format]
    grey = photo((40, 24))[:, :, 0]
    out, rows = augmented(tmp_path, tree, {name: encoded(grey, format, **LOSSLESS[format])}, FLIP)
    with PIL.Image.open(out / rows[name]["file_name"]) as image:
        written = np.asarray(image)
        if format != "WEBP":  # WebP knows no greyscale
            assert image.mode == "L"
            assert rows[name]["converted"] == ""
    planes = written if written.ndim == 3 else written[:, :, np.newaxis]
    assert abs(planes.astype(int) - grey[:, ::-1, np.newaxis]).max() <= (0 if format in ("PNG", "TIFF") else 12)


def test_a_palette_becomes_rgb(photo, tmp_path, tree):
    image = PIL.Image.fromarray(photo()).quantize(16)
    out, rows = augmented(tmp_path, tree, {"cat/a.png": encoded(image, "PNG")}, NOTHING)
    assert rows["cat/a.png"]["converted"] == "palette"
    with PIL.Image.open(out / "cat/a_aug000.png") as written:
        assert written.mode == "RGB"
        assert (np.asarray(written) == np.asarray(image.convert("RGB"))).all()


def transparent_palette(photo) -> tuple[bytes, np.ndarray]:
    """Return a palette PNG of which one colour is transparent, and its pixels as RGBA."""
    image = PIL.Image.fromarray(photo()).quantize(8)
    data = encoded(image, "PNG", transparency=3)
    pixels = np.asarray(opened(data).convert("RGBA"))
    assert 0 < (pixels[:, :, 3] == 0).mean() < 1
    return data, pixels


def test_transparency_of_a_palette_is_kept_as_alpha(photo, tmp_path, tree):
    data, pixels = transparent_palette(photo)
    out, rows = augmented(tmp_path, tree, {"cat/a.png": data}, NOTHING)
    assert rows["cat/a.png"]["converted"] == "palette"
    with PIL.Image.open(out / "cat/a_aug000.png") as written:
        assert written.mode == "RGBA"
        assert (np.asarray(written) == pixels).all()


def test_transparency_is_laid_over_the_fill_colour_in_a_jpeg(photo, tmp_path, tree):
    data, pixels = transparent_palette(photo)
    text = NOTHING + "border: {fill: [200, 100, 50]}\noutput: {format: jpeg, quality: 100, subsampling: '4:4:4'}\n"
    out, rows = augmented(tmp_path, tree, {"cat/a.png": data}, text)
    assert rows["cat/a.png"]["converted"] == "palette alpha"
    expected = np.where(pixels[:, :, 3:] == 0, [200, 100, 50], pixels[:, :, :3])
    with PIL.Image.open(out / "cat/a_aug000.jpg") as written:
        # Edges between flat colours ring even at quality 100; the mean tells a wrong background.
        assert abs(np.asarray(written).astype(int) - expected).mean() < 1


def test_half_transparent_pixels_are_mixed_with_the_fill_colour():
    image = Picture(np.full((2, 2, 3), 100, np.uint8), np.array([[0, 51], [204, 255]], np.uint8)[:, :, np.newaxis])
    flat = pictures.flatten(image, (200, 0, 100)).image
    assert flat[:, :, 0].tolist() == [[200, 180], [120, 100]]
    assert flat[:, :, 1].tolist() == [[0, 20], [80, 100]]
    assert flat[:, :, 2].tolist() == [[100, 100], [100, 100]]


def test_grey_with_alpha_stays_grey_with_alpha(photo, tmp_path, tree):
    pixels = photo()[:, :, :2]
    planes = [PIL.Image.fromarray(np.ascontiguousarray(pixels[:, :, channel])) for channel in (0, 1)]
    la = encoded(PIL.Image.merge("LA", planes), "PNG")
    out, rows = augmented(tmp_path, tree, {"cat/a.png": la}, FLIP)
    assert rows["cat/a.png"]["converted"] == ""
    with PIL.Image.open(out / "cat/a_aug000.png") as written:
        assert written.mode == "LA"
        assert (np.asarray(written) == pixels[:, ::-1]).all()


def test_alpha_survives_colour_and_moves_with_geometry(photo, tmp_path, tree):
    pixels = np.concatenate([photo(), photo(seed=1)[:, :, :1]], axis=2)
    text = "pipeline: [{brightness: {factor: [0.5, 0.5]}}, {vertical_flip: {p: 1}}]\n"
    for suffix in (".png", ".tif", ".webp"):
        name = f"cat/{suffix[1:]}{suffix}"
        options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
        data = encoded(PIL.Image.fromarray(pixels), {".png": "PNG", ".tif": "TIFF", ".webp": "WEBP"}[suffix], **options)
        tree(tmp_path / "in", {name: data})
    out, rows = augmented(tmp_path, tree, {}, text)
    for row in rows.values():
        with PIL.Image.open(out / row["file_name"]) as written:
            assert written.mode == "RGBA"
            array = np.asarray(written)
        assert (array[:, :, 3] == pixels[::-1, :, 3]).all()  # WebP keeps alpha without loss, too
        if not row["file_name"].endswith("webp"):
            assert (array[:, :, :3] == pixels[::-1, :, :3] // 2).all()


def test_cmyk_becomes_rgb(photo, tmp_path, tree):
    image = PIL.Image.fromarray(photo((160, 120))).convert("CMYK")
    files = {"cat/a.jpg": encoded(image, "JPEG", quality=100), "cat/b.tif": encoded(image, "TIFF")}
    out, rows = augmented(tmp_path, tree, files, NOTHING)
    for name, row in rows.items():
        assert row["converted"] == "cmyk"
        with PIL.Image.open(out / row["file_name"]) as written:
            assert written.mode == "RGB"
            # CMYK without a black part, as Pillow makes it, loses nothing; JPEG loses twice.
            limit = 4 if name.endswith("jpg") else 0
            assert abs(np.asarray(written).astype(int) - photo((160, 120))).mean() <= limit


def test_bilevel_becomes_greyscale(tmp_path, tree):
    spots = (np.indices((24, 40)).sum(axis=0) % 3 == 0).astype(np.uint8) * 255
    image = PIL.Image.fromarray(spots).convert("1", dither=PIL.Image.Dither.NONE)
    out, rows = augmented(
        tmp_path, tree, {"cat/a.png": encoded(image, "PNG"), "cat/b.tif": encoded(image, "TIFF")}, FLIP
    )
    for row in rows.values():
        assert row["converted"] == "bilevel"
        with PIL.Image.open(out / row["file_name"]) as written:
            assert written.mode == "L"
            assert (np.asarray(written) == spots[:, ::-1]).all()


def test_of_several_frames_the_first_is_read(photo, tmp_path, tree):
    frames = [PIL.Image.fromarray(photo((160, 120), seed)) for seed in range(3)]
    files = {
        "cat/a.png": encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "cat/b.tif": encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
        "cat/c.webp": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True),
    }
    out, rows = augmented(tmp_path, tree, files, NOTHING)
    for row in rows.values():
        assert row["converted"] == "first frame"
        with PIL.Image.open(out / row["file_name"]) as written:
            # WebP is written with loss.
            assert abs(np.asarray(written).astype(int) - photo((160, 120), 0)).mean() <= (
                3 if "webp" in row["source"] else 0
            )


@pytest.mark.parametrize("bits", ["I;16", "I", "F"])
def test_deep_images_are_refused_and_never_clipped(bits):
    array = np.arange(600, dtype={"I;16": np.uint16, "I": np.int32, "F": np.float32}[bits]).reshape(20, 30)
    with pytest.raises(Unusable) as unusable:
        pictures.read_header(encoded(array, "TIFF"), max_megapixels=100)
    assert str(unusable.value) == "more than 8 bits per channel, which would be clipped; convert it to 8 bits first"


def test_the_cap_on_megapixels_is_a_setting_and_counts_from_the_header(photo):
    data = encoded(photo((100, 50)), "PNG")
    assert pictures.read_header(data, max_megapixels=0.005).size == Size(100, 50)
    with pytest.raises(Unusable) as unusable:
        pictures.read_header(data, max_megapixels=0.00499)
    assert str(unusable.value) == "100x50 is too large; `max_megapixels` is 0.00499, a side 32766"


# --- what is written


def test_copied_splits_and_originals_keep_their_bytes(photo, tmp_path, tree):
    odd = with_orientation(photo(), "JPEG", 6) + b"a trailer"
    deep = encoded(photo()[:, :, 0].astype(np.uint16) * 257, "PNG")
    files = {
        "train/cat/a.jpg": odd,
        "val/cat/b.jpg": odd,
        "val/cat/deep.png": deep,
        "Testing/cat/c.bmp": encoded(photo(), "BMP"),
    }
    out, rows = augmented(tmp_path, tree, files, FLIP + "include_originals: true\n")
    for name, data in files.items():
        assert (out / name).read_bytes() == data
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        made = [(row["file_name"], row["copy"], row["status"]) for row in csv.DictReader(file)]
    assert made == [
        ("Testing/cat/c.bmp", "", "copied"),
        ("train/cat/a.jpg", "", "original"),
        ("train/cat/a_aug000.jpg", "0", "augmented"),
        ("val/cat/b.jpg", "", "copied"),
        ("val/cat/deep.png", "", "copied"),
    ]
    assert rows["val/cat/b.jpg"]["sha256"] == rows["val/cat/b.jpg"]["source_sha256"]
    assert rows["val/cat/b.jpg"]["params"] == ""


def jpeg_written(tmp_path: Path, tree, photo, output: str) -> bytes:
    files = {"cat/a.png": photo((160, 120))}
    out, _ = augmented(tmp_path, tree, files, NOTHING + f"output: {{format: jpeg, {output}}}\n")
    return (out / "cat/a_aug000.jpg").read_bytes()


@pytest.mark.parametrize("optimize", ["false", "true"])
def test_jpeg_quality_decides_the_tables(optimize, tmp_path, tree, photo):
    for quality in (30, 95):
        data = jpeg_written(tmp_path / str(quality), tree, photo, f"quality: {quality}, optimize: {optimize}")
        expected = opened(encoded(photo((160, 120)), "JPEG", quality=quality)).quantization
        assert opened(data).quantization == expected


def psnr(data: bytes, image: np.ndarray) -> float:
    error = np.asarray(opened(data)).astype(float) - image
    return 10 * np.log10(255**2 / (error**2).mean())


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0", "grey"])
def test_jpeg_is_as_good_as_pillows_at_the_same_quality(subsampling, photo):
    noise = np.random.default_rng(3).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    detailed = np.asarray(PIL.Image.fromarray(noise).resize((200, 150), PIL.Image.Resampling.BICUBIC))
    for image in (detailed, photo((200, 150))):
        image = image[:, :, :1] if subsampling == "grey" else image
        options = {} if subsampling == "grey" else {"subsampling": subsampling}
        for quality in (75, 90, 95):
            ours = pictures.encode(Picture(image), "jpeg", quality, options.get("subsampling", "4:2:0"), False)
            planes = image[:, :, 0] if subsampling == "grey" else image
            pillows = encoded(planes, "JPEG", quality=quality, **options)
            # What is promised; the fast DCT is up to 1.4 dB worse on smooth photos.
            assert abs(psnr(ours, planes) - psnr(pillows, planes)) < 0.05


@pytest.mark.parametrize("optimize", ["false", "true"])
@pytest.mark.parametrize(("subsampling", "factors"), [("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2))])
def test_jpeg_subsampling_stands_in_the_frame(subsampling, factors, optimize, tmp_path, tree, photo):
    data = jpeg_written(tmp_path, tree, photo, f"subsampling: '{subsampling}', optimize: {optimize}")
    # Pillow's `layer`: (id, horizontal factor, vertical factor, table) of each component.
    assert [layer[1:3] for layer in opened(data).layer] == [factors, (1, 1), (1, 1)]


def test_jpeg_optimize_gives_nearly_the_same_pixels_in_fewer_bytes(tmp_path, tree, photo):
    plain = jpeg_written(tmp_path / "plain", tree, photo, "optimize: false")
    small = jpeg_written(tmp_path / "small", tree, photo, "optimize: true")
    assert len(small) < len(plain)
    difference = np.asarray(opened(plain)).astype(int) - np.asarray(opened(small))
    # Two encoders of one quality: coefficients at the edge of a step round either way.
    assert abs(difference).mean() < 1


def test_webp_quality_has_effect(tmp_path, tree, photo):
    sizes = []
    for quality in (10, 95):
        text = NOTHING + f"output: {{format: webp, quality: {quality}}}\n"
        out, _ = augmented(tmp_path / str(quality), tree, {"cat/a.png": photo((160, 120))}, text)
        sizes.append((out / "cat/a_aug000.webp").stat().st_size)
    assert sizes[0] < sizes[1] / 2


@pytest.mark.parametrize(("format", "suffix"), [("jpeg", "jpg"), ("png", "png"), ("webp", "webp"), ("tiff", "tif")])
def test_every_output_decodes_in_pillow_and_in_opencv(format, suffix, tmp_path, tree, photo):
    alpha = np.concatenate([photo(), photo(seed=1)[:, :, :1]], axis=2)
    files = {
        "cat/rgb.png": photo(),
        "cat/grey.png": photo()[:, :, 0],
        "cat/alpha.png": alpha,
        "cat/dot.png": photo((1, 1)),
    }
    out, rows = augmented(tmp_path, tree, files, FLIP + f"output: {{format: {format}}}\n")
    for row in rows.values():
        assert row["file_name"].endswith("_aug000." + suffix)
        data = (out / row["file_name"]).read_bytes()
        image = opened(data)
        assert image.format == format.upper()
        assert image.size == (int(row["width"]), int(row["height"]))
        by_opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        if image.mode in ("L", "RGB"):
            # Two decoders of one lossy file differ by rounding and by how they enlarge the chroma.
            assert abs(np.asarray(image.convert("RGB")).astype(int) - by_opencv).max() <= (
                0 if format in ("png", "tiff") else 8
            )
        else:
            assert by_opencv.shape[:2] == image.size[::-1]


@pytest.mark.parametrize("format", ["png", "tiff"])
def test_a_lossless_output_holds_exactly_the_pixels(format, tmp_path, tree, photo):
    out, rows = augmented(tmp_path, tree, {"cat/a.png": photo()}, FLIP + f"output: {{format: {format}}}\n")
    with PIL.Image.open(out / rows["cat/a.png"]["file_name"]) as written:
        assert (np.asarray(written) == photo()[:, ::-1]).all()


# --- whole or not at all


def test_write_whole_makes_folders_and_replaces_a_file(tmp_path):
    path = tmp_path / "new" / "er" / "a.jpg"
    files.write_whole(str(tmp_path), "new/er/a.jpg", b"one")
    files.write_whole(str(tmp_path), "new/er/a.jpg", b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["a.jpg"]


@pytest.mark.parametrize("call", ["open", "mkdir"])
def test_write_whole_makes_folders_again_that_others_remove_while_they_are_empty(tmp_path, monkeypatch, call):
    """As a worker does for each copy of a source that fails: before the file is made, or a folder below."""
    real, removed = getattr(os, call), []

    def late(path, *given):
        if "/new" in str(path) and len(removed) < 64:
            with contextlib.suppress(OSError):
                os.rmdir(tmp_path / "new/er")
            with contextlib.suppress(OSError):
                os.rmdir(tmp_path / "new")
                removed.append(path)
        return real(path, *given)

    monkeypatch.setattr(os, call, late)
    files.write_whole(str(tmp_path), "new/er/a.jpg", b"one")
    assert (len(removed), (tmp_path / "new/er/a.jpg").read_bytes()) == (64, b"one")


def test_write_whole_leaves_nothing_where_a_folder_stands_in_the_way(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(OSError, match="directory"):
        files.write_whole(str(tmp_path), "a.jpg", b"one")
    assert os.listdir(tmp_path) == ["a.jpg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into every folder")
def test_write_whole_leaves_nothing_in_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        files.write_whole(str(tmp_path), "a.jpg", b"one")
    tmp_path.chmod(0o700)
    assert os.listdir(tmp_path) == []


LIMITED = """
import resource, sys
sys.dont_write_bytecode = True  # what is compiled would be cut off, too, and kept
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
"""
WRITE = """
from augcli.storage.files import write_whole
try:
    write_whole(*sys.argv[1].rsplit("/", 1), bytes(int(sys.argv[2])))
except OSError as error:
    print(error.strerror)
"""
RUN = "from augcli.cli import main; main()"


def test_write_whole_leaves_nothing_behind_when_the_file_grows_too_large(tmp_path):
    path = tmp_path / "a.jpg"
    command = [sys.executable, "-c", LIMITED + WRITE, "1000", str(path)]
    assert subprocess.run([*command, "1000"], capture_output=True, text=True, check=True).stdout == ""
    before = path.read_bytes()
    done = subprocess.run([*command, "1001"], capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert os.listdir(tmp_path) == ["a.jpg"]
    assert path.read_bytes() == before == bytes(1000)


def test_a_run_that_cannot_write_stops_with_3_and_goes_on_when_it_can(tmp_path, tree, photo, augcli):
    tree(tmp_path / "in", {f"cat/{n}.png": photo((16, 12), n) for n in range(3)} | {"cat/large.bmp": photo((400, 300))})
    (tmp_path / "spec.yaml").write_text(FLIP + "output: {format: tiff}\n")
    command = [sys.executable, "-c", LIMITED + RUN, "20000", "run", "spec.yaml", "in", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-2:] == [
        "out/cat/large_aug000.tif: file too large",
        "  = help: free space or fix it, then rerun to resume",
    ]
    assert all(opened(path.read_bytes()) for path in (tmp_path / "out" / "cat").iterdir())
    assert not (tmp_path / "out" / "manifest.csv").exists()

    assert augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).returncode == 0
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0
    assert sorted(os.listdir(tmp_path / "out" / "cat")) == [
        "0_aug000.tif",
        "1_aug000.tif",
        "2_aug000.tif",
        "large_aug000.tif",
    ]


@pytest.mark.parametrize("behind_the_frame", [False, True])
def test_an_orientation_is_found_wherever_the_header_holds_it(behind_the_frame):
    """Where the usual place has none, the file's plain header is read in a shorter way."""
    buffer = io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    image = PIL.Image.fromarray(np.random.default_rng(1).integers(0, 256, (30, 50, 3), dtype=np.uint8))
    image.save(buffer, "JPEG")
    plain = buffer.getvalue()
    assert pictures.read_header(plain, 1).orientation == 1
    segment = b"\xff\xe1" + (len(exif.tobytes()) + 2).to_bytes(2, "big") + exif.tobytes()
    place = plain.index(b"\xff\xda") if behind_the_frame else 20  # before the pixels, or behind JFIF's segment
    header = pictures.read_header(plain[:place] + segment + plain[place:], 1)
    assert (header.orientation, header.size) == (6, Size(30, 50))


def test_a_png_whose_header_does_not_come_first_is_refused(photo):
    """Pillow reads it, but the depth is not where it is looked for: 16 bits would be clipped."""
    deep = encoded(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000, "PNG")
    chunk = struct.pack(">I", 4) + b"gAMA" + struct.pack(">I", 45455)
    first = deep[:8] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + deep[8:]
    with pytest.raises(Unusable, match="the header of this PNG does not come first"):
        pictures.read_header(first, 100)


def test_the_background_stands_behind_transparency_where_the_output_has_none(photo, tmp_path, tree):
    pixels = np.dstack([photo(), np.zeros_like(photo()[:, :, :1])])
    for border, output, expected in (("", "", 0), ("border: {fill: 90}\n", "", 90), ("", ", background: 255", 255)):
        text = NOTHING + border + f"output: {{format: jpeg{output}}}\n"
        made, rows = augmented(tmp_path / str(expected), tree, {"cat/a.png": pixels}, text)
        with PIL.Image.open(made / rows["cat/a.png"]["file_name"]) as written:
            assert abs(np.asarray(written).astype(int) - expected).max() <= 1


def test_quality_keep_writes_jpeg_as_its_source_is(photo, tmp_path, tree):
    image = PIL.Image.fromarray(photo((160, 120)))
    files = {
        "cat/poor.jpg": encoded(image, "JPEG", quality=40, subsampling="4:2:0"),
        "cat/rich.jpg": encoded(image, "JPEG", quality=98, subsampling="4:4:4"),
        "cat/grey.jpg": encoded(image.convert("L"), "JPEG", quality=60),
        "cat/other.png": encoded(image, "PNG"),
    }
    out, rows = augmented(tmp_path, tree, files, FLIP + "output: {quality: keep}\n")
    for name, source in files.items():
        written = opened((out / rows[name]["file_name"]).read_bytes())
        if name.endswith("jpg"):
            assert written.quantization == opened(source).quantization
            assert [part[1:3] for part in written.layer] == [part[1:3] for part in opened(source).layer]
            assert 0.8 < int(rows[name]["bytes"]) / len(source) < 1.25
        assert abs(np.asarray(written).astype(int) - np.asarray(opened(source))[:, ::-1]).mean() < 3
    made = pictures.encode_like(Picture(photo()), encoded(image.convert("L"), "JPEG", quality=60), False)
    assert opened(made).mode == "RGB"  # colours that came to grey
    made = pictures.encode_like(Picture(photo()), encoded(image.convert("CMYK"), "JPEG", quality=60), False)
    assert opened(made).size == (48, 36)
