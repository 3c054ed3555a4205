"""Which way is which, told by single bright pixels, and draws that change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size, size_of
from augcli.image.fusion import fuse

SIZE = Size(41, 21)
NOISE = np.random.default_rng(3).integers(0, 256, (21, 41, 3), dtype=np.uint8)
NOISE.flat[:256] = range(256)


def applied(name, draw, image, fusion="off", **settings):
    """Apply a draw; where others are mixed in, these are the image upside down."""
    transform = transforms.find(name)(**settings)
    lowered = transform.lower(transform.draw_type()(*draw), size_of(image))
    steps = fuse(lowered if isinstance(lowered, tuple) else (lowered,), size_of(image), fusion)
    other = Picture(255 - image[::-1])
    steps = [op.with_others([other] * op.count) if isinstance(op, ops.Blend) else op for op in steps]
    return ops.run(steps, Picture(image)).image


def moved(name, draw, x, y, **settings):
    """Return where the middle of a bright pixel in column x and row y of a 41x21 image goes, in columns and rows."""
    image = np.zeros((SIZE.height, SIZE.width, 1), np.uint8)
    image[y, x] = 255
    made = applied(name, draw, image, **settings)[:, :, 0].astype(float)
    assert made.any(), "the pixel left the image"
    rows, columns = np.indices(made.shape)
    return (columns * made).sum() / made.sum(), (rows * made).sum() / made.sum()


# The middle of the image is column 20, row 10. Interpolation spreads a pixel: its centre of mass is found to half a px.
@pytest.mark.parametrize(
    ("name", "draw", "settings", "start", "end"),
    [
        pytest.param("horizontal_flip", (), {}, (25, 7), (15, 7), id="a mirror exchanges right and left"),
        pytest.param("vertical_flip", (), {}, (25, 7), (25, 13), id="a vertical flip exchanges top and bottom"),
        pytest.param("rotate90", (1,), {}, (25, 10), (10, 15), id="one quarter turn moves right to top"),
        pytest.param("rotate90", (3,), {}, (25, 10), (10, 25), id="three quarter turns move right to bottom"),
        pytest.param("rotate", (90.0,), {}, (25, 10), (20, 5), id="rotate by +90 moves right to top"),
        pytest.param("rotate", (-90.0,), {}, (25, 10), (20, 15), id="rotate by -90 moves right to bottom"),
        pytest.param("rotate", (36.87,), {}, (30, 10), (28, 4), id="rotate by +36.87 moves right up"),
        pytest.param("rotate", (90.0,), {"expand": True}, (25, 10), (10, 15), id="an expanded turn moves right to top"),
        pytest.param("affine", (36.87, 0, 0, 1, 0, 0), {}, (30, 10), (28, 4), id="affine by +36.87 moves right up"),
        pytest.param("affine", (0, 6, 0, 1, 0, 0), {}, (25, 7), (31, 7), id="translate x moves right"),
        pytest.param("affine", (0, 0, 6, 1, 0, 0), {}, (25, 7), (25, 13), id="translate y moves down"),
        pytest.param("affine", (0, 0, 0, 1.5, 0, 0), {}, (26, 8), (29, 7), id="scale above 1 moves outwards"),
        pytest.param("affine", (0, 0, 0, 1, 45, 0), {}, (20, 4), (26, 4), id="shear x by +45 moves the top right"),
        pytest.param("affine", (0, 0, 0, 1, 45, 0), {}, (20, 16), (14, 16), id="shear x by +45 moves the bottom left"),
        pytest.param("affine", (0, 0, 0, 1, 0, 45), {}, (14, 10), (14, 16), id="shear y by +45 moves the left down"),
        pytest.param("affine", (0, 0, 0, 1, 0, 45), {}, (26, 10), (26, 4), id="shear y by +45 moves the right up"),
        pytest.param("affine", (90, 6, 0, 1, 0, 0), {}, (25, 10), (26, 5), id="translation comes after the turn"),
        pytest.param("center_crop", (10, 5, 21, 11), {"size": 1}, (25, 7), (15, 2), id="crops count from top left"),
        pytest.param("random_crop", (-3, 5, 41, 11), {"size": 1}, (25, 7), (28, 2), id="a negative left pads the left"),
        pytest.param("resize", (81, 41), {"size": 1}, (25, 7), (50, 14), id="resize keeps places"),
        pytest.param(
            "random_resized_crop", (20, 0, 20, 10), {"size": (20, 40)}, (25, 7), (10.5, 14.5), id="crop, then resize"
        ),
        pytest.param(
            "perspective",
            (((8, 4), (40, 0), (40, 20), (0, 20)),),
            {},
            (0, 0),
            (8, 4),
            id="inward moves the top left in",
        ),
        pytest.param(
            "perspective", (((0, 0), (40, 0), (34, 17), (0, 20)),), {}, (39, 19), (33, 16), id="and the bottom right"
        ),
        pytest.param(
            "perspective",
            (((10, 5), (41, 5), (41, 21), (10, 21)),),
            {"sampler": "zoom"},
            (11, 6),
            (1.5, 1.5),
            id="zoom moves an inner corner out",
        ),
        pytest.param("translate", (6 / 41, 0.0), {}, (25, 7), (31, 7), id="a positive shift moves right"),
        pytest.param("translate", (0.0, 6 / 21), {}, (25, 7), (25, 13), id="and down"),
        pytest.param("translate", (2.5 / 41, -3.5 / 21), {}, (25, 7), (27.5, 3.5), id="between pixels too"),
        pytest.param("zoom", (2 / 3, 2 / 3), {}, (26, 8), (29, 7), id="a zoom factor below 1 moves outwards"),
        pytest.param("zoom", (1.5, 1.5), {}, (29, 4), (26, 6), id="a zoom factor above 1 moves inwards"),
        pytest.param(
            "zoom", (0.5, 1.0), {"keep_ratio": False}, (26, 8), (32, 8), id="the first factor is that along x"
        ),
        pytest.param("shear", (45, 0), {}, (20, 4), (26, 4), id="shear by +45 along x moves the top right"),
        pytest.param("shear", (45, 0), {}, (20, 16), (14, 16), id="and the bottom left"),
        pytest.param("shear", (0, 45), {}, (14, 10), (14, 16), id="shear by +45 along y moves the left down"),
        pytest.param("shear", (0, 45), {}, (26, 10), (26, 4), id="and the right up"),
        # What is read is x - sin(30) y and cos(30) y: row 5 below the middle comes from 4.33 below, 2.5 to the left.
        pytest.param(
            "shear", (30, 0), {"keep": "length"}, (20, 14), (22.3, 14.6), id="a shear that keeps lengths is Keras'"
        ),
        pytest.param(
            "shift_scale_rotate", (90.0, 1.0, 0.0, 0.0), {}, (25, 10), (20, 5), id="an angle of +90 moves right to top"
        ),
        pytest.param(
            "shift_scale_rotate", (0.0, 1.5, 0.0, 0.0), {}, (26, 8), (29, 7), id="a scale above 1 moves outwards"
        ),
        pytest.param(
            "shift_scale_rotate",
            (90.0, 1.0, 6 / 41, 3 / 21),
            {},
            (25, 10),
            (26, 8),
            id="the shift comes after the turn",
        ),
        pytest.param("pad", (-4, -3, 49, 30), {}, (25, 7), (29, 10), id="padding moves right and down"),
        *(
            pytest.param("rand_augment", (((name, magnitude),),), {}, start, end, id=words)
            for name, magnitude, start, end, words in (
                # about the top left corner, the middle of row 9 is 9.5 below it
                ("ShearX", 0.4, (25, 9), (21.2, 9), "a policy's positive slope along x moves what is lower left"),
                ("ShearX", -0.4, (25, 9), (28.8, 9), "a negative one moves it right"),
                ("ShearY", 0.3, (19, 15), (19, 9.15), "a policy's positive slope along y moves what is right up"),
                ("ShearY", -0.3, (19, 5), (19, 10.85), "a negative one moves it down"),
                ("TranslateX", 6, (25, 7), (31, 7), "a policy's positive translation moves right"),
                ("TranslateY", 6, (25, 7), (25, 13), "and down"),
                ("Rotate", 90.0, (25, 10), (20, 5), "a policy turns counter-clockwise"),
            )
        ),
        # The cell 0 reads twice its share, cell 1 none: the left half shows the whole image.
        pytest.param("grid_distortion", ((0.9, -0.9), (0.0, 0.0)), {}, (19, 7), (9.8, 7), id="a wide cell shows more"),
        pytest.param("optical_distortion", (0.5,), {}, (36, 10), (33.6, 10), id="a barrel draws the sides in"),
        pytest.param("optical_distortion", (-0.2,), {}, (31, 10), (32, 10), id="a pincushion pulls them out"),
    ],
)
def test_a_bright_pixel_goes_where_it_should(name, draw, settings, start, end):
    assert moved(name, draw, *start, **settings) == pytest.approx(end, abs=0.75 if name == "perspective" else 0.5)


def test_erasing_paints_columns_from_left_and_rows_from_top():
    erased = applied("random_erasing", (30, 4, 5, 9, None), np.full_like(NOISE, 200))
    rows, columns = np.nonzero(erased[:, :, 0] == 0)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (30, 34, 4, 12)


def test_a_third_of_a_turn_makes_red_green_and_back_blue():
    red = np.zeros((2, 3, 3), np.uint8)
    red[:, :, 0] = 240
    assert applied("hue", (1 / 3,), red)[0, 0].tolist() == [0, 240, 0]
    assert applied("hue", (-1 / 3,), red)[0, 0].tolist() == [0, 0, 240]


@pytest.mark.parametrize(
    ("name", "draw", "settings", "brighter"),
    [
        ("brightness", (1.3, None), {}, True),
        ("brightness", (None, -0.1), {"mode": "add"}, False),
        ("gamma", (0.7,), {}, True),
        ("gamma", (1.4,), {}, False),
    ],
)
def test_brightness_above_1_and_gamma_below_1_brighten(name, draw, settings, brighter):
    assert (applied(name, draw, NOISE, **settings).mean() > NOISE.mean()) == brighter


def test_contrast_and_saturation_above_1_spread_and_below_1_gather():
    assert applied("contrast", (0.5,), NOISE).std() < NOISE.std() < applied("contrast", (1.5,), NOISE).std()
    paler, stronger = (applied("saturation", (f,), NOISE // 2 + 64) for f in (0.5, 1.3))
    assert np.ptp(paler, axis=2).mean() < np.ptp(NOISE // 2, axis=2).mean() < np.ptp(stronger, axis=2).mean()


NEUTRAL = [
    ("resize", (41, 21), {"size": 1}),
    ("resize", (41, 21), {"size": 1, "interpolation": "bicubic"}),
    ("center_crop", (0, 0, 41, 21), {"size": 1}),
    ("random_crop", (0, 0, 41, 21), {"size": 1}),
    ("random_resized_crop", (0, 0, 41, 21), {"size": (21, 41)}),
    ("rotate90", (0,), {}),
    ("rotate", (0.0,), {}),
    ("rotate", (0.0,), {"expand": True}),
    ("rotate", (360.0,), {"interpolation": "bicubic"}),
    ("affine", (0.0, 0, 0, 1.0, 0.0, 0.0), {}),
    ("perspective", (((0, 0), (40, 0), (40, 20), (0, 20)),), {}),
    ("perspective", (((0.0, 0.0), (41.0, 0.0), (41.0, 21.0), (0.0, 21.0)),), {"sampler": "zoom"}),
    ("brightness", (1.0, None), {}),
    ("brightness", (None, 0.0), {"mode": "add"}),
    *(("contrast", (1.0,), {"pivot": pivot}) for pivot in ("gray", "channel", "zero")),
    *(("saturation", (1.0,), {"space": space}) for space in ("blend", "hsv")),
    ("hue", (0.0,), {}),
    ("color_jitter", (("hue", "contrast", "brightness", "saturation"), 1.0, 1.0, 1.0, 0.0), {}),
    ("gamma", (1.0,), {}),
    ("gaussian_blur", (1, 1.5), {}),
    ("gauss_noise", (0.0, 0.0, 5), {}),
    ("translate", (0.0, 0.0), {}),
    ("zoom", (1.0, 1.0), {}),
    *(("shear", (0.0, 0.0), {"keep": keep}) for keep in ("height", "length")),
    ("shift_scale_rotate", (0.0, 1.0, 0.0, 0.0), {}),
    ("elastic", (0.0, 6.0, 5), {}),
    ("optical_distortion", (0.0,), {}),
    ("grid_distortion", ((0.0,) * 5, (0.0,) * 5), {}),
    ("grid_distortion", ((0.2,) * 3, (-0.1,) * 3), {}),
    ("pad", (0, 0, 41, 21), {}),
    *(("brightness_contrast", (1.0, 0.0), {"by_max": by_max}) for by_max in (True, False)),
    ("hue_saturation_value", (0.0, 0.0, 0.0), {}),
    ("rgb_shift", (0.0, 0.0, 0.0), {}),
    ("channel_shift", (0.0,), {}),
    ("posterize", (8,), {}),
    ("solarize", (256.0,), {}),
    ("autocontrast", (), {}),  # of an image that has black and white
    ("sharpness", (1.0,), {}),
    ("channel_shuffle", ((0, 1, 2),), {}),
    *((name, ((("Identity", None),),), {}) for name in ("rand_augment", "trivial_augment_wide")),
    ("auto_augment", ((),), {}),
    *(
        ("rand_augment", (((name, magnitude),),), {})
        for name, magnitude in (
            *((name, 0.0) for name in ("ShearX", "ShearY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness")),
            *((name, 0) for name in ("TranslateX", "TranslateY")),
            *(("Posterize", 8), ("Solarize", 256.0)),
        )
    ),
    ("augmix", ((1.0, 0.0, 0.0), ((("Invert", None),), (("Posterize", 0),))), {}),
    ("augmix", ((0.4, 0.6), ((("Identity", None),),)), {}),
    ("mixup", (1.0,), {}),
    ("cutmix", (1.0, 7, 3, 0, 9), {}),
    ("mosaic", (41, 21), {}),
    ("motion_blur", (1, 30.0, 0.3, 0.0, 0.0), {}),
    *((name, (1,), {}) for name in ("median_blur", "box_blur")),
    ("sharpen", (0.0, 0.7), {}),
    ("iso_noise", (0.0, 0.0, 5), {}),
    ("salt_and_pepper", (0.0, 0.5, 5), {}),
    ("rain", (0, 3.0, 5, 1, 7, 1.0, 5), {}),
    ("shadow", ((), ()), {}),
    ("coarse_dropout", ((), None), {}),
    ("downscale", (1.0,), {}),
]
NEVER_NEUTRAL = {
    *("horizontal_flip", "vertical_flip", "grayscale", "random_erasing", "invert", "equalize", "clahe"),
    *("fog", "sun_flare", "snow", "grid_dropout", "jpeg_compression", "rescale", "normalize", "whole_mosaic"),
}
"""Fog blurs whatever its wisps, a cell of a grid has a hole of a pixel at least, and snow goes through HLS in bytes, as
that of Albumentations does."""


def test_every_transform_has_a_neutral_draw_or_cannot_have_one():
    assert {name for name, *_ in NEUTRAL} | NEVER_NEUTRAL == set(transforms.names())


@pytest.mark.parametrize("fusion", ["off", "exact", "full"])
@pytest.mark.parametrize(("name", "draw", "settings"), NEUTRAL)
def test_a_neutral_draw_gives_the_same_bytes(name, draw, settings, fusion):
    for image in (NOISE, NOISE[:, :, :1]):
        assert np.array_equal(applied(name, draw, image, fusion, **settings), image)


@pytest.mark.parametrize(
    ("name", "there", "back"),
    [
        ("horizontal_flip", (), ()),
        ("vertical_flip", (), ()),
        *(("rotate90", (k,), (4 - k,)) for k in (1, 2, 3)),
        ("rotate", (180.0,), (180.0,)),
        ("hue", (0.5,), (-0.5,)),
        ("hue", (1 / 3,), (-1 / 3,)),
        ("invert", (), ()),
        ("solarize", (0.0,), (0.0,)),
        ("channel_shuffle", ((1, 2, 0),), ((2, 0, 1),)),
    ],
)
def test_there_and_back_gives_the_same_bytes(name, there, back):
    assert np.array_equal(applied(name, back, applied(name, there, NOISE)), NOISE)


def test_shifting_there_and_back_keeps_what_stayed_inside():
    there = applied("affine", (0.0, 5, -4, 1.0, 0.0, 0.0), NOISE)
    assert np.array_equal(applied("affine", (0.0, -5, 4, 1.0, 0.0, 0.0), there)[4:, :-5], NOISE[4:, :-5])


def test_grayscale_leaves_grey_alone_and_makes_channels_equal():
    assert np.array_equal(applied("grayscale", (), NOISE[:, :, :1]), NOISE[:, :, :1])
    assert np.ptp(applied("grayscale", (), NOISE), axis=2).max() == 0


def test_shares_of_a_side_that_are_whole_pixels_shift_there_and_back():
    there = applied("translate", (5 / 41, -4 / 21), NOISE)
    assert np.array_equal(there[:-4, 5:], NOISE[4:, :-5])
    assert np.array_equal(applied("translate", (-5 / 41, 4 / 21), there)[4:, :-5], NOISE[4:, :-5])


def test_shifts_of_red_green_and_blue_go_to_their_channels():
    grey = np.full((3, 4, 1), 100, np.uint8)
    assert applied("rgb_shift", (10.0, -20.0, 30.0), grey)[0, 0].tolist() == [110, 80, 130]


def test_an_order_of_channels_says_which_one_each_shows():
    assert np.array_equal(applied("channel_shuffle", ((1, 2, 0),), NOISE), NOISE[:, :, [1, 2, 0]])


def test_the_share_of_a_mix_is_that_of_the_image_itself():
    white = np.full((9, 9, 3), 255, np.uint8)  # the other one is black
    assert (applied("mixup", (0.8,), white) == 204).all()
    boxed = applied("cutmix", (0.9, 2, 3, 4, 1), white)
    rows, columns = np.nonzero(boxed[:, :, 0] == 0)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (2, 5, 3, 3)
    joined = applied("mosaic", (6, 4), white)
    assert (joined[:4, :6] == 255).all()
    assert joined.sum() == 255 * 3 * 24


def test_more_sharpness_spreads_and_less_gathers():
    assert applied("sharpness", (0.3,), NOISE).std() < NOISE.std() < applied("sharpness", (2.0,), NOISE).std()
