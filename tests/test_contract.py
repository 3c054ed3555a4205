"""What every transform promises, tried on each that is found; a new file in `transforms` is tried by being there."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from augcli import settings
from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size
from augcli.image.contract import check_transform, lowered, run
from augcli.image.ops import Blend, Filter, Parallel, Remap, Warp
from augcli.image.transform import Transform
from augcli.random_streams import Certain, Stream, Streams, WouldDraw
from augcli.settings import Border, Setting
from augcli.settings.fixed_values import COLOUR, COUNT, FILL, NUMBER, NUMBERS, PADDING, REGION, SIZE
from augcli.settings.groups import Invalid
from augcli.settings.ranges import AXES, FACTOR, FACTORS, ODD, WHOLE
from augcli.settings.values import PerAxis

NAMES = transforms.names()
REQUIRED = {"size": 24}
TOGETHER = {
    ("rand_augment", "magnitude"): {"num_magnitude_bins": 1001},
    ("rand_augment", "num_magnitude_bins"): {"magnitude": 0},
}
"""What must be set beside a setting that is tried at its limits."""
SIZES = [Size(1, 1), Size(1, 40), Size(40, 1), Size(17, 11)]


def made(name: str, **given: Any) -> Transform[Any]:
    """Make a transform with defaults, with what is required, and with what is given."""
    found = transforms.find(name)
    needed = {key: REQUIRED[key] for key, field in found.fields.items() if field.is_required()}
    together = next((TOGETHER[name, key] for key in given if (name, key) in TOGETHER), {})
    return found(**{**needed, **together, **given})


def stream(copy: int = 0) -> Stream:
    return Streams(17, b"cat/a.jpg", copy)("step")


def applied(transform: Transform[Any], picture: Picture, copy: int = 0) -> Picture | None:
    """Apply one draw; None where the transform drew that nothing is to be done."""
    draw = transform.sample(stream(copy), picture.size)
    return None if draw is None else run(lowered(transform, draw, picture.size), picture)


def variants(name: str) -> Iterator[tuple[str, Any]]:
    """Return each setting of a transform with both ends of what it may be, and with each of its choices."""
    for key, field in transforms.find(name).fields.items():
        if field.annotation is Border:
            for mode in typing.get_args(Border.fields["mode"].annotation):
                yield key, {"mode": mode, "fill": [10, 20, 30]}
        elif field.annotation is bool:
            yield from ((key, value) for value in (False, True))
        elif typing.get_origin(field.annotation) is typing.Literal:
            yield from ((key, value) for value in typing.get_args(field.annotation))
        else:
            yield from ((key, value) for value in ends(field))


def ends(field: Setting) -> list[Any]:
    """Return the least and the greatest that a setting with limits can be."""
    found, (low, high) = field.value_type, field.within
    if found is COLOUR:
        return [0, 255, [255, 0, 128]]
    if found is FILL:
        return [0, 255, [255, 0, 128], "random"]
    if found is NUMBERS:
        return [low, high, [low, 0.5, high]]
    if found is REGION:
        return [[low, low, high, high], [low] * 4, [high] * 4]
    if not np.isfinite([low, high]).all():
        low, high = field.default
    if found in (ODD, WHOLE, COUNT, PADDING):
        low, high = int(low), int(high)
    if found in (COUNT, NUMBER):
        return [low, high]
    if found is PADDING:  # on all sides they would be gigabytes
        return [low, [high, 0, 0, 0], [0, 0, 0, 3]]
    if found is SIZE:  # both sides at their most would be gigabytes
        return [int(low), [int(low), int(high)], [int(high), int(low)]]
    pairs = [[low, low], [high, high], [low, high]]
    return [{"x": pair, "y": pair} for pair in pairs] if found in (AXES, FACTORS) else pairs


def beyond(field: Setting) -> list[Any]:
    """Return values of a setting just outside its limits."""
    found, (low, high) = field.value_type, field.within
    if found in (COLOUR, FILL):
        return [-1, 256, [0, 0, 256], [0, -1, 0]]
    if found is None or not np.isfinite([low, high]).all():
        return []
    if found is NUMBERS:
        return [low - 1, high + 1, [low, high + 1, high]]
    if found is REGION:
        return [[low - 0.001, low, high, high], [low, low - 0.001, high, high], [low, low, high + 0.001, high]]
    if found in (ODD, WHOLE, COUNT, PADDING, SIZE):
        under, over = int(low) - 2, int(high) + 2
        singles: list[Any] = [under, over]
        return singles if found is COUNT else [*singles, [under, int(high)], [int(low), over]]
    under, over = low - 0.001 * (high - low), high + 0.001 * (high - low)
    if found is NUMBER:
        return [under, over]
    pairs: list[Any] = [[under, high], [low, over], [under, under], [over, over]]
    if found in (AXES, FACTORS):
        return [over + 1, *({axis: pair} for pair in pairs for axis in ("x", "y"))]
    return [over * 2, *pairs] if found is FACTOR else [over, *pairs]


COLOURING = {"rgb_shift", "rescale", "normalize"}
"""What makes three channels of one: different shifts for each, and arrays for training."""

ALL_VARIANTS = [(name, key, value) for name in NAMES for key, value in variants(name)]


def coloured(photo: Any, size: Size, alpha: bool = False) -> Picture:
    return Picture(photo(size, seed=3), photo(size, seed=4)[:, :, :1].copy() if alpha else None)


def grey(photo: Any, size: Size) -> Picture:
    return Picture(np.ascontiguousarray(photo(size, seed=3)[:, :, :1]))


@pytest.mark.parametrize("name", NAMES)
def test_its_file_its_name_and_its_words_are_in_order(name):
    found = transforms.find(name)
    assert found.name() == name
    assert inspect.getdoc(found).partition("\n")[0].endswith(".")
    assert 0 <= found.default_p <= 1
    for key, field in found.fields.items():
        assert field.description, f"{key} has no help"
        assert field.description.endswith("."), f"the help of {key} is no sentence"
        assert "\n" not in field.description


@pytest.mark.parametrize("name", NAMES)
def test_the_same_key_gives_the_same_draw_and_the_same_bytes(name, photo):
    transform, picture = made(name), coloured(photo, Size(48, 36))
    for copy in range(5):
        draw = transform.sample(stream(copy), picture.size)
        assert draw == transform.sample(stream(copy), picture.size)
        assert draw == made(name).sample(stream(copy), picture.size)
        first, second = applied(transform, picture, copy), applied(made(name), picture, copy)
        assert (first is None) == (second is None)
        if first is not None:
            assert first.image.tobytes() == second.image.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_another_copy_draws_other_values_where_there_is_chance(name):
    transform = made(name)
    draws = [transform.sample(stream(copy), Size(480, 360)) for copy in range(20)]
    try:
        transform.sample(Certain(), Size(480, 360))
    except WouldDraw:
        assert len(set(draws)) > 1
    else:
        assert len(set(draws)) == 1


@pytest.mark.parametrize(
    ("name", "given"), [*((name, {}) for name in NAMES), *((n, {k: v}) for n, k, v in ALL_VARIANTS)]
)
def test_it_keeps_its_promises_at_its_limits(name, given):
    check_transform(made(name, **given))


BORDERED = [name for name in NAMES if {"border", "interpolation"} <= {*transforms.find(name).fields}]


@pytest.mark.parametrize("interpolation", typing.get_args(settings.Interpolation))
@pytest.mark.parametrize("mode", typing.get_args(Border.fields["mode"].annotation))
@pytest.mark.parametrize("name", BORDERED)
def test_a_side_of_one_pixel_has_every_border(name, mode, interpolation, photo):
    """OpenCV never came back from one of them."""
    transform = made(name, border={"mode": mode}, interpolation=interpolation)
    for size in (Size(1, 1), Size(1, 7), Size(7, 1)):
        result = applied(transform, coloured(photo, size))
        assert result is None or result.image.dtype == np.uint8


BLURRING = {"box_blur", "downscale", "gaussian_blur", "median_blur", "motion_blur", "sharpen", "sharpness"}
"""What blurs or sharpens outlines, too."""


def flat(made: Iterable[ops.Op]) -> Iterator[ops.Op]:
    for op in made:
        yield from (inner for chain in op.chains for inner in flat(chain)) if isinstance(op, Parallel) else (op,)


@pytest.mark.parametrize("name", NAMES)
def test_colour_leaves_alpha_alone(name, photo):
    picture = coloured(photo, Size(48, 36), alpha=True)
    transform = made(name)
    draw = transform.sample(stream(), picture.size)
    if draw is None:
        return
    made_of_it = lowered(transform, draw, picture.size)
    blurs = any(isinstance(op, Filter) and (op.reads == "mean" or op.alpha) for op in flat(made_of_it))
    if len(made_of_it) == 1 and isinstance(made_of_it[0], Filter):
        assert blurs == (name in BLURRING)
    if not blurs and not any(isinstance(op, (Warp, Remap, Blend)) for op in flat(made_of_it)):
        assert (run(made_of_it, picture).alpha == picture.alpha).all()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("rotate", {"degrees": [30, 30]}),
        ("horizontal_flip", {}),
        ("center_crop", {"size": 10}),
        ("resize", {"size": 9}),
    ],
)
def test_alpha_moves_with_the_colours(name, given, photo):
    plane = np.ascontiguousarray(photo(Size(48, 36), seed=5)[:, :, :1])
    moved = applied(made(name, **given), Picture(np.full_like(plane, 90), plane))
    # What geometry does to a plane as a colour, it does to it as alpha; two roundings may differ, and OpenCV 4 rounds
    # places of planes of floats to 1/32 pixel.
    levels = 1 if cv2.__version__.startswith("5") else 5
    assert abs(moved.alpha.astype(int) - applied(made(name, **given), Picture(plane)).image).max() <= levels
    assert (moved.image[moved.alpha > 0] == 90).all()


@pytest.mark.parametrize("name", sorted({*NAMES} - COLOURING))
def test_greyscale_stays_one_channel(name, photo):
    for copy in range(5):
        result = applied(made(name), grey(photo, Size(48, 36)), copy)
        assert result is None or result.image.shape[2] == 1


CROSSES = {
    ("salt_and_pepper", 0),  # salt is white
    ("salt_and_pepper", 255),  # pepper is black
    ("fog", 0),  # wisps are white, one over the other
    ("sun_flare", 0),  # the middle of the sun is white
    *((name, level) for name in ("invert", "auto_augment") for level in (0, 255)),
    *((name, 255) for name in ("solarize", "rand_augment", "trivial_augment_wide", "augmix")),  # solarize inverts white
    ("normalize", 255),  # is 2.6
    ("rescale", 255),  # is 1
    ("shadow", 255),  # where two shadows overlap a quarter is left
}
"""What crosses the middle by design: the transform, and the level that it starts from."""


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("name", NAMES)
def test_with_defaults_black_stays_dark_and_white_stays_light(name, level):
    fields = transforms.find(name).fields
    same = {"border": {"fill": level}} if "border" in fields else {"fill": level} if "fill" in fields else {}
    transform = made(name, **same)
    for copy in range(20):
        picture = Picture(np.full((36, 48, 3), level, np.uint8))
        result = applied(transform, picture, copy)
        if result is not None and (name, level) not in CROSSES:
            # The defaults are mild: a value on the other side of the middle has wrapped around.
            assert (abs(result.image.astype(int) - level) < 128).all()


@pytest.mark.parametrize(
    ("name", "given", "before", "after"),
    [
        ("brightness", {"factor": [2, 2]}, (255, 255, 255), (255, 255, 255)),
        ("brightness", {"factor": [100, 100]}, (255, 3, 0), (255, 255, 0)),
        ("brightness", {"mode": "add", "delta": [1, 1]}, (255, 1, 0), (255, 255, 255)),
        ("brightness", {"mode": "add", "delta": [-1, -1]}, (255, 1, 0), (0, 0, 0)),
        ("contrast", {"factor": [100, 100], "pivot": "zero"}, (255, 3, 0), (255, 255, 0)),
        ("contrast", {"factor": [100, 100], "pivot": "gray"}, (255, 128, 0), (255, 0, 0)),  # the luma is 151.4
        ("saturation", {"factor": [100, 100]}, (255, 128, 0), (255, 0, 0)),
        ("saturation", {"factor": [100, 100], "space": "hsv"}, (255, 200, 128), (255, 145, 0)),  # 255 - 55 * 255 / 127
        ("saturation", {"factor": [100, 100]}, (255, 255, 255), (255, 255, 255)),
        ("gamma", {"gamma": [0.01, 0.01]}, (255, 0, 255), (255, 0, 255)),
        ("gamma", {"gamma": [100, 100]}, (255, 0, 255), (255, 0, 255)),
        ("hue", {"turns": [0.5, 0.5]}, (255, 0, 0), (0, 255, 255)),
        ("hue", {"turns": [0.5, 0.5]}, (255, 255, 255), (255, 255, 255)),
        ("gauss_noise", {"mean": [1, 1], "std": 0}, (255, 1, 0), (255, 255, 255)),
        ("gauss_noise", {"mean": [-1, -1], "std": 0}, (255, 1, 0), (0, 0, 0)),
        ("gaussian_blur", {"kernel_size": 255, "sigma": 100}, (255, 255, 0), (255, 255, 0)),
        ("grayscale", {}, (255, 255, 255), (255, 255, 255)),
        ("grayscale", {}, (0, 0, 0), (0, 0, 0)),
        ("rotate", {"border": {"fill": 255}, "interpolation": "bicubic"}, (255, 255, 255), (255, 255, 255)),
        ("resize", {"size": 100, "interpolation": "bicubic"}, (255, 0, 255), (255, 0, 255)),
    ],
)
def test_values_stop_at_the_ends_instead_of_wrapping_around(name, given, before, after):
    picture = Picture(np.full((36, 48, 3), before, np.uint8))
    result = applied(made(name, **given), picture)
    assert np.unique(result.image.reshape(-1, 3), axis=0).tolist() == [list(after)]


@pytest.mark.parametrize("name", ["rotate", "resize", "perspective", "affine"])
def test_bicubic_overshoot_is_clipped(name):
    given = {"rotate": {"degrees": [7, 7]}, "resize": {"size": 55}, "affine": {"degrees": [7, 7]}}.get(name, {})
    edge = np.zeros((36, 48, 1), np.uint8)
    edge[:, 24:] = 255
    result = applied(made(name, interpolation="bicubic", **given), Picture(edge))
    near = applied(made(name, interpolation="bilinear", **given), Picture(edge))
    # Cubic overshoot is at most 0.15 of a step for a straight edge; a value that wrapped is off by nearly 255.
    assert abs(result.image.astype(int) - near.image.astype(int)).max() < 128


LIMITED = [
    (name, key, value)
    for name in NAMES
    for key, field in transforms.find(name).fields.items()
    for value in (beyond(field) if field.value_type is not None else [])
]


@pytest.mark.parametrize(("name", "key", "value"), LIMITED)
def test_a_setting_refuses_what_is_beyond_its_limits(name, key, value):
    with pytest.raises(Invalid) as refused:
        made(name, **{key: value})
    (fault,) = refused.value.faults
    assert fault.path == (key,)
    assert re.search(r"is out of bounds; .* is allowed$|is a spread about 1, and .* is below", fault.what)


def test_every_setting_that_is_a_number_declares_its_limits():
    for name in NAMES:
        for key, field in transforms.find(name).fields.items():
            if field.value_type not in (None, FILL, COLOUR):
                assert np.isfinite(field.within).all(), f"{name}.{key}"


def test_two_axes_written_as_one_number_are_the_same_limit_twice():
    shift = made("affine", translate=0.2).translate
    assert shift == PerAxis((-0.2, 0.2), (-0.2, 0.2))


def some_ops(name: str, copy: int) -> tuple[Any, tuple[ops.Op, ...]]:
    """Return a draw of a transform and its ops; none where the transform drew that nothing is to be done."""
    transform, size = made(name, **transforms.find(name).example), Size(60, 40)
    draw = transform.sample(stream(copy), size)
    return draw, () if draw is None else lowered(transform, draw, size)


@pytest.mark.parametrize("name", NAMES)
def test_its_ops_are_equal_where_its_draws_are(name):
    drawn = [some_ops(name, copy) for copy in range(3)]
    for copy, (draw, made_of_it) in enumerate(drawn):
        assert some_ops(name, copy)[1] == made_of_it
        for other, made_of_other in drawn:
            assert (made_of_it == made_of_other) == (draw == other)
