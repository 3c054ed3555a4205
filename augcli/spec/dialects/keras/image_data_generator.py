"""`ImageDataGenerator`, which is one call for a whole pipeline."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable, register_into
from augcli.spec.dialects.keras.declaration import DATA_FORMAT, MODES
from augcli.spec.dialects.keras.layers import FLIPS
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import number
from augcli.spec.dialects.parameters.ranges import Span, factor, limit, pair
from augcli.spec.dialects.parameters.words import fixed, flag, ignored, not_offered, word
from augcli.spec.dialects.units import DEGREES, FACTOR, LEVELS, SHEAR, Bounds, pair_around_one

ENTRIES: Entries = {}
entry = register_into(ENTRIES)


def _shifts(given: Any) -> Span:
    """Read a shift: a share of the side below 1; whole pixels and lists are not offered."""
    if isinstance(given, (list, tuple)):
        raise Untranslatable("a list of shifts is not offered", "write 0.2 for -0.2 to 0.2 of the side")
    if isinstance(given, int) and not isinstance(given, bool) and given == 0:
        return [0, 0]
    span: Span = limit().read(given)
    if span[1] >= 1:
        raise Untranslatable(
            f"`{given}` is a shift in pixels, which is not offered", "write 0.2 for -0.2 to 0.2 of the side"
        )
    return span


_SHIFT = Parameter(_shifts, 0.0, words="a number v: -v to v; below 1, in shares of the side")
_STATISTICS = fixed(False, "leave it out; it needs the whole data set, or belongs to the training code")


@entry(
    "ImageDataGenerator",
    **dict.fromkeys(("featurewise_center", "samplewise_center", "featurewise_std_normalization"), _STATISTICS),
    **dict.fromkeys(("samplewise_std_normalization", "zca_whitening"), _STATISTICS),
    zca_epsilon=ignored(1e-6),
    rotation_range=limit(0, within=DEGREES).with_example(20),
    width_shift_range=_SHIFT,
    height_shift_range=_SHIFT,
    brightness_range=pair(None, within=FACTOR, around=pair_around_one),
    shear_range=limit(0.0, within=SHEAR),
    zoom_range=factor(0.0, within=Bounds(0.05, 20)).with_example(0.2),
    channel_shift_range=limit(0.0, within=LEVELS),
    fill_mode=word({word: mode for word, mode in MODES.items() if word != "mirror"}, "nearest"),
    cval=colour(0.0),
    horizontal_flip=flag(False),
    vertical_flip=flag(False),
    rescale=number(None),
    preprocessing_function=not_offered("leave it out: training code does it"),
    data_format=DATA_FORMAT,
    validation_split=fixed(0.0, "leave it out; splits are folders, or `splits` in the spec"),
    interpolation_order=word({0: "nearest", 1: "bilinear"}, 1, {3: "write 1"}),
    dtype=ignored(),
)
def _generator(call: Any) -> Steps:
    """One affine there: the steps for it stand together here, and are merged into one interpolation.

    Angles are counter-clockwise, shifts of the width go sideways, all turns about the middle, as documented.
    """
    warped = {"border": {"mode": call.fill_mode, "fill": call.cval}, "interpolation": call.interpolation_order}
    made: Steps = []
    # Its matrix leads from the result to the source, rotation outermost: so the source is turned first, zoomed last.
    if any(call.rotation_range):
        made.append({"rotate": {"degrees": call.rotation_range, **warped}})
    if any(call.width_shift_range) or any(call.height_shift_range):
        shift = {"x": call.width_shift_range, "y": call.height_shift_range}
        made.append({"translate": {"shift": shift, **warped}})
    if any(call.shear_range):
        made.append({"shear": {"degrees": {"x": call.shear_range, "y": 0}, "keep": "length", **warped}})
    if call.zoom_range != [1, 1]:
        made.append({"zoom": {"factor": dict.fromkeys("xy", call.zoom_range), "keep_ratio": False, **warped}})
    if any(call.channel_shift_range):
        made.append({"channel_shift": {"shift": call.channel_shift_range}})
    made += FLIPS["horizontal"] if call.horizontal_flip else []
    made += FLIPS["vertical"] if call.vertical_flip else []
    if call.brightness_range is not None:
        made.append({"brightness": {"factor": call.brightness_range}})
    if call.rescale:
        made.append({"rescale": {"scale": call.rescale}})
    return [{"sequence": {"steps": made}}] if made else []
