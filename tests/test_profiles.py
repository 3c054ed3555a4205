"""What the numbers of a file mean: profiles of every kind in every format, brought to sRGB, kept or ignored."""

from __future__ import annotations

import csv
import io
import struct
import zlib

import numpy as np
import PIL.Image
import pytest
from PIL import ImageCms

from augcli.commands import run
from augcli.image import pictures
from augcli.problems import Refused, Unusable
from augcli.spec.loading import load
from tests import profiles

LOSSLESS = {
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True, "exact": True},
    "JPEG": {"quality": 100, "subsampling": "4:4:4"},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}
NOTHING = "pipeline: [{horizontal_flip: {p: 0}}]\n"


def encoded(image: PIL.Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **LOSSLESS.get(format, {}), **options)
    return buffer.getvalue()


def read(data: bytes, wanted: str = "convert"):
    header = pictures.read_header(data, 100)
    return pictures.decode(data, header, profiles=wanted), pictures.colour_conversion(
        header.profile, header.mode, wanted
    ).word


def by_image_cms(data: bytes, profile: bytes, mode: str) -> np.ndarray:
    """What Pillow makes of a file by the profile, relative colorimetric with black point compensation."""
    image = PIL.Image.open(io.BytesIO(data))
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if mode == "L":  # its short cut for grey is 9 levels off in the darks of a linear profile
        flags |= ImageCms.Flags.NOOPTIMIZE
    converted = ImageCms.profileToProfile(
        image if image.mode == mode else image.convert(mode),
        source,
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
        flags=flags,
    )
    return np.asarray(converted).astype(int)


def near(one: np.ndarray, other: np.ndarray) -> bool:
    difference = np.abs(one.astype(float) - other)
    return difference.mean() <= 1 and difference.max() <= 3  # what is promised


@pytest.fixture
def colours() -> np.ndarray:
    """Colours all over the cube, and greys."""
    x, y = np.meshgrid(np.linspace(0, 255, 48), np.linspace(0, 255, 40))
    cube = np.stack([x, y, (x * 3 + y * 2) % 256], axis=-1)
    cube[:8] = x[:8, :, None]
    return cube.astype(np.uint8)


def test_the_definition_of_the_spaces_says_what_image_cms_says(colours):
    """The oracle of the other tests is right: it is the formula, where sRGB has the colour."""
    for name in ("adobe", "p3", "prophoto"):
        by_formula = profiles.in_srgb(name, colours)
        found = by_image_cms(encoded(PIL.Image.fromarray(colours), "PNG"), profiles.rgb(name), "RGB")
        assert near(found, by_formula)


@pytest.mark.parametrize("format", LOSSLESS)
@pytest.mark.parametrize("name", ["adobe", "p3", "prophoto"])
def test_a_profile_is_converted_to_srgb_in_every_format(format, name, colours):
    profile = profiles.rgb(name)
    data = encoded(PIL.Image.fromarray(colours), format, icc_profile=profile)
    picture, word = read(data)
    assert word == "icc"
    assert near(picture.image, by_image_cms(data, profile, "RGB"))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("gamma", [1.0, 1.8])
def test_grey_with_a_profile_stays_grey_and_becomes_srgbs(format, gamma):
    grey = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    data = encoded(PIL.Image.fromarray(grey), format, icc_profile=profiles.grey(gamma))
    picture, word = read(data)
    assert word == "icc"
    assert picture.image.shape == (16, 256, 1)
    assert near(picture.image, by_image_cms(data, profiles.grey(gamma), "L")[:, :, :1])
    assert near(picture.image[0, :, 0], profiles.srgb_levels(profiles.linear(np.arange(256), gamma)))


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile(format, colours):
    ink = np.concatenate([colours, colours[::-1, :, :1] // 2], axis=2)
    data = encoded(PIL.Image.fromarray(ink, "CMYK"), format, icc_profile=profiles.cmyk())
    picture, word = read(data)
    assert word == "icc"
    assert near(picture.image, by_image_cms(data, profiles.cmyk(), "CMYK"))
    naive, word = read(data, "ignore")
    assert word == ""
    assert np.abs(naive.image.astype(int) - picture.image).mean() > 5


def test_alpha_and_palettes_go_through_a_profile(colours):
    profile = profiles.rgb("p3")
    alpha = np.arange(colours[:, :, :1].size, dtype=np.uint8).reshape(*colours.shape[:2], 1)
    data = encoded(PIL.Image.fromarray(np.concatenate([colours, alpha], axis=2)), "PNG", icc_profile=profile)
    picture, _ = read(data)
    assert (picture.alpha == alpha).all()
    assert near(picture.image, by_image_cms(data, profile, "RGB"))
    data = encoded(PIL.Image.fromarray(colours).quantize(64), "PNG", icc_profile=profile)
    assert near(read(data)[0].image, by_image_cms(data, profile, "RGB"))


@pytest.mark.parametrize("format", LOSSLESS)
def test_profiles_of_srgb_change_nothing_and_are_not_told(format, colours):
    plain = encoded(PIL.Image.fromarray(colours), format)
    for profile in (profiles.rgb("srgb"), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        picture, word = read(encoded(PIL.Image.fromarray(colours), format, icc_profile=profile))
        assert word == ""
        assert (picture.image == read(plain)[0].image).all()
    grey = PIL.Image.fromarray(colours[:, :, 0])
    if format in ("PNG", "TIFF"):  # as is common: grey with a profile for colours
        picture, word = read(encoded(grey, format, icc_profile=profiles.rgb("srgb")))
        assert (picture.image[:, :, 0] == colours[:, :, 0]).all()
        assert word == ""


def test_a_profile_in_several_segments_is_put_together(colours):
    profile = profiles.rgb("p3") + bytes(150_000)
    data = encoded(PIL.Image.fromarray(colours), "JPEG", icc_profile=profile)
    assert data.count(b"ICC_PROFILE\0") == 3
    assert pictures.read_header(data, 100).profile == profile
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    data = encoded(PIL.Image.fromarray(colours), "JPEG", icc_profile=profile, exif=exif)
    assert pictures.read_header(data, 100).profile == profile


@pytest.mark.parametrize(
    "profile",
    [b"x", b"\0" * 200, profiles.rgb("p3")[:300], profiles.cmyk(), profiles.rgb("p3").replace(b"RGB ", b"Lab ")],
)
def test_a_broken_or_foreign_profile_is_none_and_told(profile, colours):
    for format in ("JPEG", "PNG", "TIFF", "WEBP"):
        picture, word = read(encoded(PIL.Image.fromarray(colours), format, icc_profile=profile))
        assert word == "bad icc"
        assert (picture.image == read(encoded(PIL.Image.fromarray(colours), format))[0].image).all()


# --- said in other words


def png_with(colours: np.ndarray, **chunks: bytes) -> bytes:
    data = encoded(PIL.Image.fromarray(colours), "PNG")
    added = [
        struct.pack(">I", len(content))
        + kind.encode()
        + content
        + struct.pack(">I", zlib.crc32(kind.encode() + content))
        for kind, content in chunks.items()
    ]
    return data[:33] + b"".join(added) + data[33:]


def test_chunks_of_a_png_file_say_what_its_numbers_are(colours):
    picture, word = read(png_with(colours, cICP=bytes((12, 13, 0, 1))))
    assert word == "icc"
    assert near(picture.image, profiles.in_srgb("p3", colours))
    picture, word = read(png_with(colours, gAMA=struct.pack(">I", 100000)))
    assert word == "icc"
    assert near(picture.image, profiles.srgb_levels(colours / 255))
    corners = [number for xy in [(0.3127, 0.3290), *profiles.CORNERS["adobe"]] for number in xy]
    chunk = struct.pack(">8I", *(round(number * 100000) for number in corners))
    picture, word = read(png_with(colours, gAMA=struct.pack(">I", round(256 / 563 * 100000)), cHRM=chunk))
    assert word == "icc"
    # its gamma is that which stands for sRGB's curve
    light = profiles.linear(colours, 0) @ (np.linalg.inv(profiles.to_xyz("srgb")) @ profiles.to_xyz("adobe")).T
    assert near(picture.image, profiles.srgb_levels(light))


def test_chunks_that_say_srgb_change_nothing(colours):
    for chunks in (
        {"sRGB": b"\0", "gAMA": struct.pack(">I", 100000)},  # the former counts
        {"gAMA": struct.pack(">I", 45455)},
        {"cICP": bytes((1, 13, 0, 1)), "gAMA": struct.pack(">I", 100000)},
        {"cHRM": struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)},
        {"cHRM": bytes(32)},
        {"gAMA": bytes(4)},
    ):
        picture, word = read(png_with(colours, **chunks))
        assert (picture.image == colours).all()
        assert word == ""


def test_a_camera_that_tells_of_adobe_rgb_in_exif_alone_is_believed(colours):
    exif = PIL.Image.Exif()
    exif[0x8769] = {0xA001: 0xFFFF, 0xA005: {1: "R03"}}
    data = encoded(PIL.Image.fromarray(colours), "JPEG", exif=exif)
    picture, word = read(data)
    assert word == "icc"
    assert near(picture.image, profiles.in_srgb("adobe", np.asarray(PIL.Image.open(io.BytesIO(data)))))


def test_a_bmp_file_of_the_fifth_version_may_hold_a_profile(colours):
    profile, rows = profiles.rgb("p3"), colours[::-1, :, ::-1]
    height, width = colours.shape[:2]
    info = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, rows.size, 0, 0, 0, 0) + bytes(16) + b"DEBM"
    info += bytes(48) + struct.pack("<IIII", 4, 124 + rows.size, len(profile), 0)
    data = b"BM" + struct.pack("<IHHI", 138 + rows.size, 0, 0, 138) + info + rows.tobytes() + profile
    picture, word = read(data)
    assert word == "icc"
    assert near(picture.image, profiles.in_srgb("p3", colours))


def test_boxes_of_avif_and_jpeg_2000_say_what_their_numbers_are(colours):
    data = encoded(PIL.Image.fromarray(colours), "AVIF")
    at = data.index(b"colrnclx") + 8
    picture, word = read(data[:at] + struct.pack(">HH", 12, 13) + data[at + 4 :])
    assert word == "icc"
    assert near(picture.image, profiles.in_srgb("p3", np.asarray(PIL.Image.open(io.BytesIO(data)))))
    data = encoded(PIL.Image.fromarray(colours), "JPEG2000")
    at, profile = data.index(b"colr"), profiles.rgb("p3")
    inner = data.index(b"jp2h")
    old = int.from_bytes(data[at - 4 : at], "big")
    colr = b"colr\2\0\0" + profile
    grown = int.from_bytes(data[inner - 4 : inner], "big") + 4 + len(colr) - old
    data = (
        data[: inner - 4] + struct.pack(">I", grown) + data[inner : at - 4]
        + struct.pack(">I", 4 + len(colr)) + colr + data[at - 4 + old :]
    )  # fmt: skip
    picture, word = read(data)
    assert word == "icc"
    assert near(picture.image, profiles.in_srgb("p3", colours))


# --- as the spec says


def made(tmp_path, tree, files: dict[str, bytes], text: str):
    """Run a spec over files; return each output and its row by source."""
    tree(tmp_path / "in", files)
    (tmp_path / "spec.yaml").write_text(text)
    run.run(load(tmp_path / "spec.yaml"), tmp_path / "in", tmp_path / "out", run.Options(quiet=True))
    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["source"]: (row, (tmp_path / "out" / row["file_name"]).read_bytes()) for row in csv.DictReader(file)
        }


def test_profiles_are_converted_kept_or_ignored(tmp_path, tree, colours):
    names = {"JPEG": "cat/a.jpg", "PNG": "cat/b.png", "WEBP": "cat/c.webp", "TIFF": "cat/d.tif"}
    image, profile = PIL.Image.fromarray(colours), profiles.rgb("p3")
    files = {name: encoded(image, format, icc_profile=profile) for format, name in names.items()}
    files["dog/cmyk.jpg"] = encoded(image.convert("CMYK"), "JPEG", icc_profile=profiles.cmyk())
    files["dog/grey.png"] = encoded(image.convert("L"), "PNG", icc_profile=profiles.grey(1.0))
    for wanted in ("convert", "keep", "ignore"):
        text = NOTHING + f"input: {{color_profiles: {wanted}}}\noutput: {{quality: 100}}\n"
        for name, (row, data) in made(tmp_path / wanted, tree, files, text).items():
            is_cmyk, written = "cmyk" in name, PIL.Image.open(io.BytesIO(data))
            told = wanted == "convert" or (wanted == "keep" and is_cmyk)
            assert ("icc" in row["converted"].split()) == told
            own = profiles.grey(1.0) if "grey" in name else profile
            assert written.info.get("icc_profile") == (own if wanted == "keep" and not is_cmyk else None)
            if name == "cat/b.png":
                assert near(np.asarray(written), profiles.in_srgb("p3", colours) if told else colours)


def test_a_profile_that_jpeg_has_no_room_for_is_told(colours):
    picture = pictures.decode(*with_header(colours))
    profile = profiles.rgb("p3")
    room = 255 * (65533 - 14)  # segments are numbered by a byte; each begins with a name and two numbers
    largest = pictures.encode(picture, "jpeg", 95, "4:2:0", False, profile + bytes(room - len(profile)))
    assert len(PIL.Image.open(io.BytesIO(largest)).info["icc_profile"]) == room
    with pytest.raises(Unusable, match=r"its colour profile of 16[.]7 MB is larger than JPEG files can have"):
        pictures.encode(picture, "jpeg", 95, "4:2:0", False, profile + bytes(room + 1 - len(profile)))


def test_numbers_of_different_profiles_are_not_mixed(tmp_path):
    (tmp_path / "spec.yaml").write_text("pipeline: [{mixup: {}}]\ninput: {color_profiles: keep}\n")
    with pytest.raises(Refused) as refused:
        load(tmp_path / "spec.yaml")
    (problem,) = refused.value.problems
    assert problem.what == "`mixup` would mix numbers of different profiles, which `color_profiles: keep` keeps"
    assert problem.help == "write input: {color_profiles: convert}"


def test_an_array_keeps_no_profile(tmp_path):
    (tmp_path / "spec.yaml").write_text("pipeline: [rotate]\ninput: {color_profiles: keep}\noutput: {format: npy}\n")
    with pytest.raises(Refused, match="an array holds no profile"):
        load(tmp_path / "spec.yaml")


def test_what_is_kept_comes_out_the_same_when_it_is_read_again(colours):
    for format in ("jpeg", "png", "webp", "tiff"):
        data = pictures.encode(pictures.decode(*with_header(colours)), format, 100, "4:4:4", False, profiles.rgb("p3"))
        assert pictures.read_header(data, 100).profile == profiles.rgb("p3")


def with_header(colours: np.ndarray):
    data = encoded(PIL.Image.fromarray(colours), "PNG")
    return data, pictures.read_header(data, 100)
