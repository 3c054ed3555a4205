"""Albumentations 2.0.8, and the parameters that its versions up to 1.3 had, with the meaning that they had there.

Hue is in half degrees, gamma in percent, a blur's limit one number for `3 to it`. What a default depends on the
version, it is today's. Parameters for masks, boxes and keypoints are known and say nothing about an image.
"""

from __future__ import annotations

import math
from typing import Any

from augcli.image.dialects import Entries, Parameter, Steps, Unsuited, refuse, registering
from augcli.image.dialects.bounds import (
    ADDED_TO_ONE,
    AREA,
    DEGREES,
    FACTOR,
    HALF_TURNS,
    LEVELS,
    LEVELS_OF_NOISE,
    LIGHT,
    PIXELS,
    QUALITY,
    RATIO,
    SHARE,
    SHARES,
    SHEARS,
    Bounds,
    share_up_to,
    tidy,
)
from augcli.image.dialects.reading import (
    Span,
    absent,
    choice,
    colour,
    factor,
    flag,
    like,
    limit,
    number,
    numbers,
    only,
    pair,
    per_axis,
    same,
    steps,
    times,
    unneeded,
    up_to,
    value,
    whole,
    whole_pair,
    whole_up_to,
    whole_value,
    wholes,
    words,
)
from augcli.problems import write, write_settings

ENTRIES: Entries = {}
entry = registering(ENTRIES, weighs=True, always_apply=flag(False))

_NO_INPAINTING = dict.fromkeys(("random_uniform", "inpaint_telea", "inpaint_ns"), "write random, or a colour")
_AREA = {3: "leave it out; what shrinks is averaged anyway", "inter_area": "leave it out; what shrinks is averaged"}
_OTHERS = _AREA | dict.fromkeys(
    (4, 5, 6, "inter_lanczos4", "inter_linear_exact", "inter_nearest_exact"), "write 1 or 2"
)


def _interpolation(default: int = 1) -> Parameter:
    known = {0: "nearest", 1: "bilinear", 2: "bicubic"}
    named = {"inter_nearest": "nearest", "inter_linear": "bilinear", "inter_cubic": "bicubic"}
    return words(known | named, default, _OTHERS)


def _border_mode(default: int | None) -> Parameter:
    known = {0: "constant", 1: "edge", 2: "symmetric", 3: "wrap", 4: "reflect"}
    named = {"border_constant": "constant", "border_replicate": "edge", "border_reflect": "symmetric"}
    named |= {"border_wrap": "wrap"}
    named |= dict.fromkeys(("border_reflect_101", "border_reflect101", "border_default"), "reflect")
    return words(known | named, default)


def _filled(help: str = "write random, or a colour") -> Parameter:
    read = colour(None, random="random").read

    def refused(value: Any) -> Any:
        if isinstance(value, str) and value in _NO_INPAINTING:
            raise Unsuited(f"`{value}` is not offered", help)
        return read(value)

    return Parameter(refused, None, words="a level 0 to 255, [red, green, blue] or random")


def _outside(interpolation: bool = True) -> dict[str, Parameter]:
    """The parameters of what is read outside the image, in their names of today and of old."""
    found = {"interpolation": _interpolation()} if interpolation else {}
    return found | {
        "border_mode": _border_mode(0),
        "fill": colour(0),
        "value": colour(None),
        **dict.fromkeys(("fill_mask", "mask_value", "mask_interpolation", "rotate_method"), unneeded()),
        "keypoint_remapping_method": unneeded(),
    }


def _border(call: Any, default: str = "constant") -> dict[str, Any]:
    if call.value is not None and "border_mode" not in call.given:
        raise Unsuited("did nothing without `border_mode: 0`", "write border_mode: 0 as well", "value")
    fill = call.fill if call.value is None else call.value
    known = call.border_mode if "border_mode" in call.given else None
    return {"mode": known or ("constant" if "fill" in call.given else default), "fill": fill}


def _renamed(call: Any, **names: str) -> None:
    """Take what was written under names of old for what they are called today."""
    for old, new in names.items():
        if old in call.given:
            setattr(call, new, getattr(call, old))
            call.given |= {new}


def _warped(call: Any, default: str = "constant") -> dict[str, Any]:
    return {"border": _border(call, default), "interpolation": call.interpolation}


def _range(call: Any, today: str, lower: str, upper: str) -> Span:
    """Return a range that has one name today, and had one for each end."""
    span: Span = getattr(call, today)
    ends = [getattr(call, lower), getattr(call, upper)]
    for name, end in zip((lower, upper), ends, strict=True):
        if today in call.given and end is not None:
            raise Unsuited("stands beside its own old name", f"leave it out; {today} says it", name)
    low, high = (default if end is None else end for end, default in zip(ends, span, strict=True))
    if low > high:
        name = lower if lower in call.given else upper
        help = write_settings(**{lower: high, upper: low})
        raise Unsuited(f"`{lower}` {low:g} is above `{upper}` {high:g}", help, name)
    return [low, high]


# Containers


@entry(
    "Compose",
    transforms=steps(),
    **dict.fromkeys(("bbox_params", "keypoint_params", "additional_targets", "is_check_shapes"), unneeded()),
    **dict.fromkeys(("strict", "mask_interpolation", "save_applied_params"), unneeded()),
    seed=absent("leave it out, and write seed at the top of the spec"),
)
def _compose(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("Sequential", p=0.5, transforms=steps())
def _sequential(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("OneOf", p=0.5, transforms=steps())
def _one_of(call: Any) -> Steps:
    """One is chosen and applied; the `p` of each is its weight."""
    return [{"one_of": {"steps": call.transforms}}]


_REPLACE = only(False, "leave it out; a step is chosen at most once")


@entry("SomeOf", transforms=steps(), n=whole_value(1), replace=_REPLACE)
def _some_of(call: Any) -> Steps:
    """As today: all are chosen alike, and what is chosen is applied with its own `p`."""
    return [{"some_of": {"n": call.n, "steps": call.transforms}}]


@entry("RandomOrder", transforms=steps(), n=whole_value(1), replace=_REPLACE)
def _random_order(call: Any) -> Steps:
    return [{"some_of": {"n": call.n, "shuffle": True, "steps": call.transforms}}]


# Size

_SIDES = dict.fromkeys(("height", "width"), like(224, whole(within=PIXELS)))
_RESIZED = {
    "interpolation": _interpolation(),
    "mask_interpolation": unneeded(),
    "area_for_downscale": unneeded(),
}


@entry("Resize", **_SIDES, **_RESIZED)
def _resize(call: Any) -> Steps:
    """Shrinking is antialiased here."""
    return [{"resize": {"size": [call.height, call.width], "interpolation": call.interpolation}}]


_LONGEST = {
    "max_size": whole(1024, within=PIXELS),
    "max_size_hw": absent("leave it out; max_size is offered"),
    **_RESIZED,
}


@entry("SmallestMaxSize", **_LONGEST)
def _smallest(call: Any) -> Steps:
    """The longer side is rounded down here, and to nearest there. Shrinking is antialiased here."""
    return [{"resize": {"size": call.max_size, "interpolation": call.interpolation}}]


@entry("LongestMaxSize", **_LONGEST)
def _longest(call: Any) -> Steps:
    """The shorter side is rounded down here, and to nearest there. Shrinking is antialiased here."""
    most = 32766  # of a shorter side, so that only the cap on the longer one counts
    return [{"resize": {"size": most, "max_size": call.max_size, "interpolation": call.interpolation}}]


_CROPPED = {
    **_SIDES,
    "pad_if_needed": flag(False),
    "pad_position": only("center", "leave it out, or put pad before the crop"),
    **_outside(interpolation=False),
}


def _cropped(name: str, call: Any) -> Steps:
    settings = {"size": [call.height, call.width], "border": _border(call)}
    return [*([{"pad": settings}] if call.pad_if_needed else []), {name: settings}]


@entry("RandomCrop", **_CROPPED)
def _random_crop(call: Any) -> Steps:
    return _cropped("random_crop", call)


@entry("CenterCrop", **_CROPPED)
def _center_crop(call: Any) -> Steps:
    """An odd difference is halved to the even neighbour here, and down there: 1 px in one of two such cases."""
    return _cropped("center_crop", call)


@entry(
    "RandomResizedCrop",
    size=like([224, 224], wholes(2, default=None)),
    height=whole(None, within=PIXELS),
    width=whole(None, within=PIXELS),
    scale=pair([0.08, 1.0], within=AREA, around=share_up_to(1)),
    ratio=pair([3 / 4, 4 / 3], within=RATIO),
    **_RESIZED,
)
def _random_resized_crop(call: Any) -> Steps:
    """Shrinking is antialiased here."""
    size = call.size
    if size is None:
        if None in (call.height, call.width):
            raise Unsuited("neither `size` nor `height` and `width` are given", "write size: [224, 224]")
        size = [call.height, call.width]
    crop = {"size": size, "scale": call.scale, "ratio": call.ratio, "interpolation": call.interpolation}
    return [{"random_resized_crop": crop}]


_MODES = {"border_mode": _border_mode(0), "fill": colour(0), "fill_mask": unneeded()}


@entry("Pad", padding=wholes(1, 2, 4, default=0), **_MODES)
def _pad(call: Any) -> Steps:
    return [{"pad": {"padding": call.padding, "border": {"mode": call.border_mode, "fill": call.fill}}}]


@entry(
    "PadIfNeeded",
    min_height=whole(1024, within=PIXELS),
    min_width=whole(1024, within=PIXELS),
    pad_height_divisor=absent("leave it out, and write min_height: 256"),
    pad_width_divisor=absent("leave it out, and write min_width: 256"),
    position=choice("center", default="center"),
    **_outside(interpolation=False),
)
def _pad_if_needed(call: Any) -> Steps:
    return [{"pad": {"size": [call.min_height, call.min_width], "border": _border(call)}}]


# Geometry


@entry("HorizontalFlip", p=0.5)
def _horizontal_flip(call: Any) -> Steps:
    return [{"horizontal_flip": {}}]


@entry("VerticalFlip", p=0.5)
def _vertical_flip(call: Any) -> Steps:
    return [{"vertical_flip": {}}]


@entry("Flip", p=0.5)
def _flip(call: Any) -> Steps:
    return [{"one_of": {"steps": ["horizontal_flip", "vertical_flip", {"rotate90": {"times": 2}}]}}]


@entry("RandomRotate90")
def _rotate90(call: Any) -> Steps:
    return [{"rotate90": {"times": [0, 3]}}]


@entry("Transpose", p=0.5)
def _transpose(call: Any) -> Steps:
    return [{"rotate90": {"times": 1}}, {"vertical_flip": {"p": 1}}]


@entry("D4", "SquareSymmetry")
def _symmetry(call: Any) -> Steps:
    return [{"rotate90": {"times": [0, 3]}}, {"horizontal_flip": {"p": 0.5}}]


_SAME_CANVAS = only(False, "leave it out, or write rotate: {expand: true}")


@entry(
    "Rotate",
    p=0.5,
    limit=limit(90, within=DEGREES),
    **_outside(),
    crop_border=only(False, "leave it out, or crop after it"),
)
def _rotate(call: Any) -> Steps:
    return [{"rotate": {"degrees": call.limit, **_warped(call)}}]


@entry(
    "ShiftScaleRotate",
    p=0.5,
    shift_limit=limit(0.0625, within=SHARES),
    scale_limit=limit(0.1, within=ADDED_TO_ONE),
    rotate_limit=limit(45, within=DEGREES),
    shift_limit_x=limit(None, within=SHARES),
    shift_limit_y=limit(None, within=SHARES),
    **(_outside() | {"border_mode": _border_mode(4)}),
)
def _shift_scale_rotate(call: Any) -> Steps:
    """One scale for both sides, shifts between pixels and `reflect` as border, as documented and as up to 1.3; from 1.4
    on the library scales the sides apart.
    """
    x, y = call.shift_limit_x or call.shift_limit, call.shift_limit_y or call.shift_limit
    settings = {"shift": {"x": x, "y": y}, "degrees": call.rotate_limit}
    scale = [tidy(1 + end) for end in call.scale_limit]
    return [{"shift_scale_rotate": {**settings, "scale": scale, **_warped(call, "reflect")}}]


_TRANSLATED = absent("leave it out, and write translate_percent: 0.1, a share of the sides")


@entry(
    "Affine",
    p=0.5,
    scale=per_axis(value(within=Bounds(0.05, 20)), [1, 1]),
    translate_percent=per_axis(value(within=SHARES), None),
    translate_px=_TRANSLATED,
    rotate=value(0, within=DEGREES),
    shear=per_axis(value(within=SHEARS), 0),
    **_outside(),
    mode=_border_mode(None),
    cval=colour(None),
    cval_mask=unneeded(),
    fit_output=_SAME_CANVAS,
    keep_ratio=flag(False),
    balanced_scale=only(False, "leave it out, or put two Affine into OneOf"),
)
def _affine(call: Any) -> Steps:
    """Shifts are rounded to whole pixels here, and cut down to them there."""
    _renamed(call, mode="border_mode", cval="fill")
    shear = {axis: span or [0, 0] for axis, span in call.shear.items()}
    shift = {axis: span or [0, 0] for axis, span in (call.translate_percent or {"x": None, "y": None}).items()}
    scale = {axis: span or [1, 1] for axis, span in call.scale.items()}
    if any(shear["x"]) and any(shear["y"]):
        raise Unsuited("shears along both axes", "write {x: ...} or {y: ...}", "shear")
    alike = scale["x"] == scale["y"]
    if call.keep_ratio and not alike:
        raise Unsuited("`keep_ratio` scales both sides by one factor", "write one range for both", "scale")
    as_one = call.keep_ratio or (alike and scale["x"][0] == scale["x"][1])
    motion = {"degrees": call.rotate, "translate": shift, "shear": shear}
    scaled = {"scale": scale["x"]} | ({} if as_one else {"scale_y": scale["y"]})
    # Where both are at work the library shears what has been scaled and turned.
    last = {"shear_last": True} if any(shear["x"] + shear["y"]) and (any(call.rotate) or not as_one) else {}
    return [{"affine": {**motion, **scaled, **last, **_warped(call)}}]


@entry(
    "Perspective",
    p=0.5,
    scale=up_to(0, [0.05, 0.1], within=Bounds(0, 0.3, "shares of the side")),
    keep_size=only(True, "leave it out; the canvas keeps its size"),
    fit_output=only(False, "leave it out"),
    pad_mode=_border_mode(None),
    pad_val=colour(None),
    mask_pad_val=unneeded(),
    **_outside(),
)
def _perspective(call: Any) -> Steps:
    """As documented and up to 1.3; 2.0.8 cuts the image off the middle."""
    _renamed(call, pad_mode="border_mode", pad_val="fill")
    return [{"perspective": {"sampler": "zoom", "scale": call.scale, **_warped(call)}}]


def _nothing_affine() -> Parameter:
    def read(value: Any) -> None:
        if value != 0:
            raise Unsuited(
                f"`{value}` moved three corners by up to {value} px before the elastic part",
                "leave it out, and put an affine step before it",
            )

    return Parameter(read, None, words="0")


@entry(
    "ElasticTransform",
    p=0.5,
    alpha=number(1),
    sigma=number(50),
    alpha_affine=_nothing_affine(),
    **_outside(),
    approximate=unneeded(),
    same_dxdy=only(False, "leave it out"),
    noise_distribution=unneeded("gaussian"),
)
def _elastic(call: Any) -> Steps:
    """Uniform noise, as up to 1.3; its defaults move a pixel by 0.02 px, and by 1.3 only `alpha_affine` was visible."""
    return [{"elastic": {"alpha": call.alpha, "sigma": call.sigma, **_warped(call)}}]


@entry(
    "GridDistortion",
    p=0.5,
    num_steps=whole(5),
    distort_limit=limit(0.3, within=Bounds(-0.95, 0.95, "shares of a cell")),
    **_outside(),
    normalized=only(True, "leave it out; the whole image stays on the canvas"),
)
def _grid_distortion(call: Any) -> Steps:
    return [{"grid_distortion": {"steps": call.num_steps, "distortion": call.distort_limit, **_warped(call)}}]


# Colour


_ADDED = Bounds(-100, 99, "what is added to 1")


@entry(
    "RandomBrightnessContrast",
    p=0.5,
    brightness_limit=limit(0.2, within=LIGHT),
    contrast_limit=limit(0.2, within=_ADDED),
    brightness_by_max=flag(True),
    ensure_safe_range=only(False, "leave it out; what leaves 0 to 255 is clipped"),
)
def _brightness_contrast(call: Any) -> Steps:
    contrast = [tidy(max(0, 1 + end)) for end in call.contrast_limit]
    settings = {"brightness": call.brightness_limit, "contrast": contrast, "by_max": call.brightness_by_max}
    return [{"brightness_contrast": settings}]


@entry("RandomBrightness", p=0.5, limit=limit(0.2, within=LIGHT))
def _brightness(call: Any) -> Steps:
    return [{"brightness_contrast": {"brightness": call.limit, "contrast": [1, 1]}}]


@entry("RandomContrast", p=0.5, limit=limit(0.2, within=_ADDED))
def _contrast(call: Any) -> Steps:
    return [{"brightness_contrast": {"brightness": 0, "contrast": [tidy(max(0, 1 + end)) for end in call.limit]}}]


@entry(
    "HueSaturationValue",
    p=0.5,
    hue_shift_limit=limit(20, within=Bounds(-90, 90, "half degrees", "write 90 for all hues, 10 for 20 degrees")),
    sat_shift_limit=limit(30, within=LEVELS),
    val_shift_limit=limit(20, within=LEVELS),
)
def _hue_saturation_value(call: Any) -> Steps:
    """Hue counts half degrees there, turns here: 20 are 0.111. Grey stays grey, as today."""
    hue = [tidy(end / 180) for end in call.hue_shift_limit]
    settings = {"saturation": call.sat_shift_limit, "value": call.val_shift_limit}
    return [{"hue_saturation_value": {"hue": hue, **settings}}]


@entry("RGBShift", p=0.5, **dict.fromkeys([f"{band}_shift_limit" for band in "rgb"], limit(20, within=LEVELS)))
def _rgb_shift(call: Any) -> Steps:
    """In levels; 2.0.8 takes limits up to 1 as shares of 255."""
    return [{"rgb_shift": {"red": call.r_shift_limit, "green": call.g_shift_limit, "blue": call.b_shift_limit}}]


def _in_percent(parts: list[float]) -> str:
    shown = [100 * part for part in parts]
    return write(shown[0] if len(shown) == 1 else shown, note=" in percent")


_GAMMAS = Bounds(1, 10000, "percent", _in_percent)


@entry("RandomGamma", p=0.5, gamma_limit=up_to(1, [80, 120], within=_GAMMAS), eps=unneeded())
def _gamma(call: Any) -> Steps:
    """In percent there, the exponent itself here."""
    return [{"gamma": {"gamma": times(call.gamma_limit, 0.01)}}]


@entry(
    "ColorJitter",
    p=0.5,
    **dict.fromkeys(("brightness", "contrast", "saturation"), factor([0.8, 1.2], within=FACTOR)),
    hue=limit([-0.5, 0.5], within=HALF_TURNS, signed=False),
)
def _color_jitter(call: Any) -> Steps:
    settings = {name: getattr(call, name) for name in ("brightness", "contrast", "saturation", "hue")}
    return [{"color_jitter": settings}]


_METHOD = choice("weighted_average", default="weighted_average")


@entry("ToGray", p=0.5, num_output_channels=only(3, "leave it out; the channels stay"), method=_METHOD)
def _to_gray(call: Any) -> Steps:
    return [{"grayscale": {}}]


@entry("ChannelShuffle", p=0.5)
def _channel_shuffle(call: Any) -> Steps:
    return [{"channel_shuffle": {}}]


@entry(
    "CLAHE",
    p=0.5,
    clip_limit=up_to(1, 4.0, within=Bounds(0, 100)),
    tile_grid_size=same(2, [8, 8]),
)
def _clahe(call: Any) -> Steps:
    return [{"clahe": {"clip_limit": call.clip_limit, "tiles": call.tile_grid_size}}]


@entry(
    "Equalize",
    p=0.5,
    mode=choice("cv", "pil", default="cv"),
    by_channels=only(True, "leave it out; each channel is equalized"),
    mask=absent("leave it out"),
    mask_params=unneeded(),
)
def _equalize(call: Any) -> Steps:
    """Pillow's table; both of the library's differ from it, by 2 to 4 levels on average."""
    return [{"equalize": {}}]


@entry("InvertImg", p=0.5)
def _invert(call: Any) -> Steps:
    return [{"invert": {}}]


@entry("Posterize", p=0.5, num_bits=whole_value(4, within=Bounds(0, 8)))
def _posterize(call: Any) -> Steps:
    return [{"posterize": {"bits": call.num_bits}}]


_THRESHOLDS = Bounds(0, 256, "levels")


@entry(
    "Solarize",
    p=0.5,
    threshold_range=pair([0.5, 0.5], within=LEVELS_OF_NOISE),
    threshold=value(None, within=_THRESHOLDS),
)
def _solarize(call: Any) -> Steps:
    """`threshold_range` is a share of 255, the `threshold` of old in levels."""
    if call.threshold is not None:
        return [{"solarize": {"threshold": call.threshold}}]
    return [{"solarize": {"threshold": times(call.threshold_range, 255)}}]


@entry(
    "AutoContrast",
    p=0.5,
    cutoff=only(0, "leave it out; the darkest and the lightest value count"),
    ignore=absent("leave it out"),
    method=like("pil", choice("cdf", "pil", default="cdf")),
)
def _autocontrast(call: Any) -> Steps:
    if call.method == "cdf":
        raise Unsuited("`cdf` is not offered; it spreads values by their ranks", "write method: pil", "method")
    return [{"autocontrast": {}}]


# Blur, noise and quality


def _odd(span: Span) -> Span:
    """Take a kernel's limits as the library does: at least 3, even ones up to the next odd one."""
    low, high = (max(3, int(end) + (int(end) % 2 == 0)) for end in span)
    return [low, max(low, high)]


_BLUR = whole_up_to(3, [3, 7])


@entry(
    "MotionBlur",
    p=0.5,
    blur_limit=_BLUR,
    allow_shifted=flag(True),
    angle_range=pair([0, 360], within=DEGREES),
    direction_range=pair([-1, 1], within=Bounds(-1, 1)),
)
def _motion_blur(call: Any) -> Steps:
    settings = {"degrees": call.angle_range, "direction": call.direction_range, "shifted": call.allow_shifted}
    return [{"motion_blur": {"kernel_size": _odd(call.blur_limit), **settings}}]


@entry("MedianBlur", p=0.5, blur_limit=_BLUR)
def _median_blur(call: Any) -> Steps:
    return [{"median_blur": {"kernel_size": _odd(call.blur_limit)}}]


@entry("Blur", p=0.5, blur_limit=_BLUR)
def _blur(call: Any) -> Steps:
    return [{"box_blur": {"kernel_size": _odd(call.blur_limit)}}]


@entry(
    "GaussianBlur",
    p=0.5,
    blur_limit=whole_up_to(0, None, within=Bounds(0, 255, "pixels")),
    sigma_limit=up_to(0, None, within=Bounds(0, 100, "pixels")),
)
def _gaussian_blur(call: Any) -> Steps:
    """`blur_limit` alone means what it meant up to 1.3: an odd kernel from 3 on, its sigma by OpenCV's rule.

    Without it the kernel is large enough for the largest sigma.
    """
    blur, sigma = call.blur_limit or [0, 0], call.sigma_limit or [0, 0]
    if (any(sigma) and not any(blur)) or call.blur_limit is call.sigma_limit is None:
        sigma = call.sigma_limit or [0.5, 3.0]
        return [{"gaussian_blur": {"kernel_size": 2 * math.floor(3.5 * sigma[1]) + 1, "sigma": sigma}}]
    low, high = _odd(blur)
    if any(sigma):
        return [{"gaussian_blur": {"kernel_size": [low, high], "sigma": sigma}}]
    sizes = range(int(low), int(high) + 1, 2)
    blurs = [{"gaussian_blur": {"kernel_size": k, "sigma": tidy(0.3 * ((k - 1) / 2 - 1) + 0.8)}} for k in sizes]
    return blurs if len(blurs) == 1 else [{"one_of": {"steps": blurs}}]


@entry(
    "Sharpen",
    p=0.5,
    alpha=pair([0.2, 0.5], within=SHARE),
    lightness=pair([0.5, 1.0], within=Bounds(0, 10)),
    method=choice("kernel", default="kernel", others={"gaussian": "leave it out, or write sharpness"}),
    kernel_size=unneeded(5),
    sigma=unneeded(1.0),
)
def _sharpen(call: Any) -> Steps:
    return [{"sharpen": {"alpha": call.alpha, "lightness": call.lightness}}]


@entry(
    "GaussNoise",
    p=0.5,
    std_range=pair([0.2, 0.44], within=LEVELS_OF_NOISE),
    mean_range=pair([0, 0], within=LIGHT),
    var_limit=up_to(0, None, within=Bounds(0, 65025, "squared levels")),
    mean=value(None, within=LEVELS),
    per_channel=flag(True),
    noise_scale_factor=only(1, "leave it out; every pixel has noise of its own"),
)
def _gauss_noise(call: Any) -> Steps:
    """The `var_limit` of old is a variance in levels: [10, 50] is a deviation of 3.16 to 7.07 levels. The variance was
    uniform in its range, the deviation is here. The `mean` of old is in levels too.
    """
    for old, new in (("var_limit", "std_range"), ("mean", "mean_range")):
        if getattr(call, old) is not None and new in call.given:
            raise Unsuited("stands beside its new name", f"leave it out; {new} says it", old)
    std = call.std_range
    if call.var_limit is not None:
        std = [tidy(math.sqrt(max(0, variance)) / 255) for variance in call.var_limit]
    mean = call.mean_range if call.mean is None else times(call.mean, 1 / 255)
    return [{"gauss_noise": {"std": std, "mean": mean, "per_channel": call.per_channel}}]


@entry("ISONoise", p=0.5, color_shift=pair([0.01, 0.05], within=SHARE), intensity=pair([0.1, 0.5], within=Bounds(0, 2)))
def _iso_noise(call: Any) -> Steps:
    """The formula of 1.3; 2.0.8 has lost its scales."""
    return [{"iso_noise": {"color_shift": call.color_shift, "intensity": call.intensity}}]


@entry("SaltAndPepper", p=0.5, amount=pair([0.01, 0.06], within=SHARE), salt_vs_pepper=pair([0.4, 0.6], within=SHARE))
def _salt_and_pepper(call: Any) -> Steps:
    return [{"salt_and_pepper": {"amount": call.amount, "salt": call.salt_vs_pepper}}]


_JPEG = {0: "jpeg", "jpeg": "jpeg"}
_WEBP = "leave it out; webp is not offered"


@entry(
    "ImageCompression",
    p=0.5,
    compression_type=words(_JPEG, "jpeg", {1: _WEBP, "webp": _WEBP}),
    quality_range=whole_pair([99, 100], within=QUALITY),
    quality_lower=whole(None, within=QUALITY),
    quality_upper=whole(None, within=QUALITY),
)
@entry(
    "JpegCompression",
    p=0.5,
    quality_range=whole_pair([99, 100], within=QUALITY),
    quality_lower=whole(None, within=QUALITY),
    quality_upper=whole(None, within=QUALITY),
)
def _compression(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": _range(call, "quality_range", "quality_lower", "quality_upper")}}]


def _pair_of_interpolations(value: Any) -> str:
    pair = value if isinstance(value, dict) else {"downscale": value, "upscale": value}
    known = {
        0: "nearest",
        "inter_nearest": "nearest",
        1: "bilinear",
        "inter_linear": "bilinear",
        3: "area",
        "inter_area": "area",
    }
    down, up = (words(known).read(pair.get(way, 0)) for way in ("downscale", "upscale"))
    if (down, up) == ("nearest", "nearest"):
        return "nearest"
    if (down, up) == ("area", "bilinear"):
        return "bilinear"
    raise Unsuited(f"shrinking by {down} and growing by {up} is not offered", "write {downscale: 3, upscale: 1}")


_SMALLER = Bounds(0.01, 1)
_PAIR = Parameter(_pair_of_interpolations, None, words="0, 3 or {downscale: 3, upscale: 1}")


@entry(
    "Downscale",
    p=0.5,
    scale_range=pair([0.25, 0.25], within=_SMALLER),
    scale_min=number(None, within=_SMALLER),
    scale_max=number(None, within=_SMALLER),
    interpolation_pair=_PAIR,
    interpolation=_PAIR,
)
def _downscale(call: Any) -> Steps:
    scale = _range(call, "scale_range", "scale_min", "scale_max")
    interpolation = call.interpolation_pair or call.interpolation or "nearest"
    return [{"downscale": {"scale": scale, "interpolation": interpolation, "grid": "corner"}}]


# Weather


@entry(
    "RandomRain",
    p=0.5,
    slant_range=pair([-10, 10]),
    slant_lower=number(None),
    slant_upper=number(None),
    drop_length=whole(None),
    drop_width=whole(1),
    drop_color=colour([200, 200, 200]),
    blur_value=whole(7),
    brightness_coefficient=number(0.7, within=SHARE),
    rain_type=choice("default", "drizzle", "heavy", "torrential", default=None),
)
def _rain(call: Any) -> Steps:
    length = {} if call.drop_length is None else {"drop_length": call.drop_length}
    settings = {"drop_width": call.drop_width, "color": call.drop_color, "brightness": call.brightness_coefficient}
    slant = _range(call, "slant_range", "slant_lower", "slant_upper")
    kind = call.rain_type or "default"
    return [{"rain": {"kind": kind, "slant": slant, **length, **settings, "blur": call.blur_value}}]


@entry(
    "RandomFog",
    p=0.5,
    fog_coef_range=pair([0.3, 1], within=_SMALLER),
    fog_coef_lower=number(None),
    fog_coef_upper=number(None),
    alpha_coef=number(0.08, within=SHARE),
)
def _fog(call: Any) -> Steps:
    density = _range(call, "fog_coef_range", "fog_coef_lower", "fog_coef_upper")
    return [{"fog": {"density": density, "alpha": call.alpha_coef}}]


@entry(
    "RandomSunFlare",
    p=0.5,
    flare_roi=numbers(4, default=[0, 0, 1, 0.5]),
    angle_range=pair([0, 1], within=SHARE),
    angle_lower=number(None),
    angle_upper=number(None),
    num_flare_circles_range=whole_pair([6, 10], within=Bounds(1, 100)),
    num_flare_circles_lower=whole(None),
    num_flare_circles_upper=whole(None),
    src_radius=whole(400),
    src_color=colour([255, 255, 255]),
    method=choice("overlay", default="overlay", others={"physics_based": "leave it out"}),
)
def _sun_flare(call: Any) -> Steps:
    angle = _range(call, "angle_range", "angle_lower", "angle_upper")
    lower, upper = "num_flare_circles_lower", "num_flare_circles_upper"
    circles = _range(call, "num_flare_circles_range", lower, upper)
    settings = {"roi": call.flare_roi, "radius": call.src_radius, "color": call.src_color}
    return [{"sun_flare": {"angle": angle, "circles": circles, **settings}}]


@entry(
    "RandomSnow",
    p=0.5,
    snow_point_range=pair([0.1, 0.3], within=SHARE),
    snow_point_lower=number(None),
    snow_point_upper=number(None),
    brightness_coeff=number(2.5),
    method=choice("bleach", default="bleach", others={"texture": "leave it out"}),
)
def _snow(call: Any) -> Steps:
    point = _range(call, "snow_point_range", "snow_point_lower", "snow_point_upper")
    return [{"snow": {"point": point, "brightness": call.brightness_coeff}}]


@entry(
    "RandomShadow",
    p=0.5,
    shadow_roi=numbers(4, default=[0, 0.5, 1, 1]),
    num_shadows_limit=whole_pair([1, 2], within=Bounds(1, 100)),
    num_shadows_lower=whole(None),
    num_shadows_upper=whole(None),
    shadow_dimension=whole(5),
    shadow_intensity_range=pair([0.5, 0.5], within=SHARE),
)
def _shadow(call: Any) -> Steps:
    count = _range(call, "num_shadows_limit", "num_shadows_lower", "num_shadows_upper")
    settings = {"corners": call.shadow_dimension, "intensity": call.shadow_intensity_range}
    return [{"shadow": {"roi": call.shadow_roi, "count": count, **settings}}]


# Dropout

_HOLES = Bounds(0, 10000, "shares of the side below 1, else pixels")
_OLD_HOLES = ("max_holes", "max_height", "max_width", "min_holes", "min_height", "min_width")


@entry(
    "CoarseDropout",
    p=0.5,
    num_holes_range=whole_pair([1, 2], within=Bounds(1, 1000)),
    hole_height_range=pair([0.1, 0.2], within=_HOLES),
    hole_width_range=pair([0.1, 0.2], within=_HOLES),
    fill=_filled(),
    fill_mask=unneeded(),
    **dict.fromkeys(_OLD_HOLES, number(None)),
    fill_value=_filled(),
    mask_fill_value=unneeded(),
)
def _coarse_dropout(call: Any) -> Steps:
    """The names of old, `max_holes` and the like, had a least value of its own: left out it is the greatest, so that
    `max_holes: 8` is exactly 8. One of them given, those left out are 8 each.
    """
    today = ("num_holes_range", "hole_height_range", "hole_width_range")
    old = [name for name in _OLD_HOLES if name in call.given]
    spans: list[Span] = [getattr(call, name) for name in today]
    if old:
        for name in today:
            if name in call.given:
                raise Unsuited("stands beside names of old", f"leave {old[0]} out", name)
        spans = []
        for kind in ("holes", "height", "width"):
            high, low = getattr(call, f"max_{kind}"), getattr(call, f"min_{kind}")
            high = 8 if high is None else high
            spans.append([high if low is None else low, high])
    fill = call.fill if call.fill is not None else call.fill_value
    holes, height, width = spans
    settings = {"holes": holes, "height": height, "width": width, "fill": 0 if fill is None else fill}
    return [{"coarse_dropout": settings}]


@entry("Cutout", p=0.5, num_holes=whole(8), max_h_size=whole(8), max_w_size=whole(8), fill_value=_filled())
def _cutout(call: Any) -> Steps:
    """Boxes lie inside the image here; there their middles did."""
    settings = {"holes": call.num_holes, "height": call.max_h_size, "width": call.max_w_size}
    return [{"coarse_dropout": {**settings, "fill": call.fill_value or 0}}]


@entry(
    "GridDropout",
    p=0.5,
    ratio=number(0.5, within=SHARE),
    random_offset=flag(True),
    unit_size_range=whole_pair(None),
    unit_size_min=whole(None),
    unit_size_max=whole(None),
    holes_number_xy=absent("leave it out, and write unit_size_range: [32, 64]"),
    holes_number_x=absent("leave it out, and write unit_size_range: [32, 64]"),
    holes_number_y=absent("leave it out, and write unit_size_range: [32, 64]"),
    shift_xy=only([0, 0], "leave it out, or set random_offset: true"),
    shift_x=only(0, "leave it out, or set random_offset: true"),
    shift_y=only(0, "leave it out, or set random_offset: true"),
    fill=_filled(),
    fill_mask=unneeded(),
    fill_value=_filled(),
    mask_fill_value=unneeded(),
)
def _grid_dropout(call: Any) -> Steps:
    unit = call.unit_size_range
    if unit is None and None not in (call.unit_size_min, call.unit_size_max):
        unit = [call.unit_size_min, call.unit_size_max]
    fill = call.fill if call.fill is not None else call.fill_value
    settings = {"ratio": call.ratio, "random_offset": call.random_offset, "fill": 0 if fill is None else fill}
    return [{"grid_dropout": settings | ({} if unit is None else {"unit": unit})}]


@entry(
    "Erasing",
    p=0.5,
    scale=pair([0.02, 0.33], within=AREA, around=share_up_to(0.02)),
    ratio=pair([0.3, 3.3], within=RATIO),
    fill=_filled(),
    fill_mask=unneeded(),
)
def _erasing(call: Any) -> Steps:
    """The ratio is width / height there, height / width here."""
    ratio = [tidy(1 / end) for end in reversed(call.ratio)]
    settings = {"sampler": "fitted", "scale": call.scale, "ratio": ratio}
    return [{"random_erasing": {**settings, "fill": call.fill or 0}}]


# Value range


@entry(
    "Normalize",
    mean=numbers(1, 3, default=[0.485, 0.456, 0.406]),
    std=numbers(1, 3, default=[0.229, 0.224, 0.225]),
    max_pixel_value=number(255.0),
    normalization=choice(
        "standard",
        default="standard",
        others=dict.fromkeys(
            ("image", "image_per_channel", "min_max", "min_max_per_channel"), "leave it out: training code does it"
        ),
    ),
)
def _normalize(call: Any) -> Steps:
    mean, std = ([*parts] * 3 if len(parts) == 1 else parts for parts in (call.mean, call.std))
    return [{"normalize": {"mean": mean, "std": std, "max_pixel_value": call.max_pixel_value}}]


@entry("ToFloat", max_value=number(None))
def _to_float(call: Any) -> Steps:
    return [{"rescale": {"scale": 1 / (call.max_value or 255)}}]


@entry("ToTensorV2", transpose_mask=unneeded(False))
def _to_tensor(call: Any) -> Steps:
    """Changes the layout alone; nothing is done, and the layout stays height, width, channel."""
    return []


_NOTHING_LIKE_IT = "augcli has nothing like it"

for _name, _what, _help in (
    (
        "OpticalDistortion",
        "its lens has a term more, and another unit",
        "write optical_distortion: {distortion: 0.0375}, which bends a square as much as distort_limit: 0.05",
    ),
    ("NoOp", "does nothing", "leave it out; `one_of` does nothing in 1 - p of the cases"),
    ("RandomScale", "changes the size at random", "write zoom, on the same canvas"),
    ("SafeRotate", "shrinks the image into the canvas", "write rotate: {expand: true}, and resize after it"),
    ("OneOrOther", "is a choice of two", "write one_of: {steps: [horizontal_flip, rotate]}, with weight on each step"),
    ("RandomSizedCrop", "crops by a height in pixels", "write random_resized_crop: {size: 224, scale: [0.5, 1]}"),
    (
        "RandomCropFromBorders",
        "changes the size at random",
        "write random_crop: {size: 224} or random_resized_crop: {size: 224}",
    ),
    ("AtLeastOneBBoxRandomCrop", "crops by boxes, which are not read", "write random_crop: {size: 224}"),
    ("BBoxSafeRandomCrop", "crops by boxes, which are not read", "write random_resized_crop: {size: 224}"),
    ("RandomSizedBBoxSafeCrop", "crops by boxes, which are not read", "write random_resized_crop: {size: 224}"),
    ("CropNonEmptyMaskIfExists", "crops by masks, which are not read", "write random_crop: {size: 224}"),
    ("Crop", "crops at a fixed place", "write center_crop: {size: 224} or random_crop: {size: 224}"),
    ("CropAndPad", "crops or pads each side by a share", "write zoom, on the same canvas, or pad: {padding: 16}"),
    ("PixelDropout", "drops single pixels", "write salt_and_pepper: {amount: 0.01, salt: 0}, for black ones"),
    ("ChannelDropout", "drops a whole channel", "write channel_shuffle or rgb_shift"),
    ("FancyPCA", "shifts colours along their main axes", "write rgb_shift or color_jitter"),
    ("MultiplicativeNoise", "multiplies by noise", "write gauss_noise or iso_noise, or brightness for a single factor"),
    ("AdditiveNoise", "has laws of its own", "write gauss_noise or iso_noise"),
    ("ShotNoise", "has a law of its own", "write iso_noise"),
    ("Emboss", "has a kernel of its own", "write sharpen"),
    ("UnsharpMask", "has a kernel of its own", "write sharpen or sharpness"),
    ("RingingOvershoot", "has a kernel of its own", _NOTHING_LIKE_IT),
    ("ToSepia", "tints brown", f"{_NOTHING_LIKE_IT}; write grayscale or saturation: {{factor: [0, 0.5]}} for pale"),
    ("Defocus", "blurs by a disk", "write gaussian_blur"),
    ("AdvancedBlur", "blurs by a kernel of its own", "write gaussian_blur"),
    ("GlassBlur", "moves pixels about and blurs", "write elastic: {alpha: 60, sigma: 2} and gaussian_blur"),
    ("ZoomBlur", "blurs outwards from the middle", "write motion_blur"),
    ("Spatter", "paints drops on the lens", "write rain or coarse_dropout"),
    ("RandomGravel", "paints gravel", _NOTHING_LIKE_IT),
    ("Superpixels", "paints areas in one colour", "write downscale or posterize"),
    ("PiecewiseAffine", "moves a grid of points", "write grid_distortion or elastic"),
    ("ThinPlateSpline", "moves a grid of points", "write grid_distortion or elastic"),
    ("GridElasticDeform", "moves a grid of points", "write grid_distortion or elastic"),
    ("RandomGridShuffle", "swaps tiles of the image", _NOTHING_LIKE_IT),
    ("XYMasking", "masks stripes", "write coarse_dropout or grid_dropout"),
    ("MaskDropout", "drops by masks, which are not read", "write coarse_dropout"),
    ("RandomToneCurve", "bends the tones by a curve", "write gamma or brightness_contrast"),
    ("PlanckianJitter", "shifts the colour temperature", "write rgb_shift"),
    ("Illumination", "lights one side", "write shadow or brightness"),
    ("ChromaticAberration", "moves the channels apart", _NOTHING_LIKE_IT),
    ("MixUp", "mixes two images", "write mixup"),
    ("CutMix", "mixes two images", "write cutmix"),
    ("Mosaic", "puts four images together", "write mosaic"),
    ("ToRGB", "images are RGB anyway", "leave it out"),
    ("FromFloat", "images are bytes anyway", "leave it out"),
    ("Lambda", "a function cannot be written in a spec", "augcli show lists the transforms"),
):
    refuse(ENTRIES, _name, _what, _help)
