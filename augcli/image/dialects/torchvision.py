"""torchvision.transforms, and its v2: `RandomAffine` turns clockwise there, and nearest is a common default."""

from __future__ import annotations

from typing import Any

from augcli.image.dialects import Entries, Parameter, Steps, Unsuited, refuse, registering
from augcli.image.dialects.bounds import (
    AREA,
    DEGREES,
    FACTOR,
    HALF_TURNS,
    LEVELS_OF_NOISE,
    LIGHT,
    PIXELS,
    QUALITY,
    RATIO,
    SHARE,
    SHEARS,
    SHIFTS,
    SIGMA,
    Bounds,
    around_one,
    share_up_to,
    tidy,
)
from augcli.image.dialects.reading import (
    absent,
    choice,
    colour,
    factor,
    flag,
    like,
    limit,
    negated,
    number,
    numbers,
    only,
    pair,
    same,
    size,
    steps,
    unneeded,
    value,
    whole,
    whole_value,
    wholes,
    words,
)

ENTRIES: Entries = {}
entry = registering(ENTRIES, renamed={"resample": "interpolation", "fillcolor": "fill"})

_OTHERS = dict.fromkeys(("nearest-exact", "nearest_exact"), "write nearest") | dict.fromkeys(
    ("lanczos", "box", "hamming", 1, 4, 5), "write bilinear or bicubic"
)
_MIDDLE = absent("leave it out; turns are about the middle of the image")
_ANTIALIAS = only(True, "leave it out; what shrinks is always antialiased")
_DTYPE = words(dict.fromkeys(("float32", "float"), "float32") | {"uint8": "uint8"}, "float32")


def _interpolation(default: str) -> Parameter:
    known = {"nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic"}
    return words(known | {0: "nearest", 2: "bilinear", 3: "bicubic"}, default, _OTHERS)


def _padding_mode() -> Parameter:
    return choice("constant", "edge", "reflect", "symmetric", default="constant")


def _border(fill: Any, mode: str = "constant") -> dict[str, Any]:
    return {"mode": mode, "fill": 0 if fill is None else fill}


def _warped(call: Any) -> dict[str, Any]:
    return {"border": _border(call.fill), "interpolation": call.interpolation}


@entry("Compose", transforms=steps())
def _compose(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("RandomApply", p=0.5, transforms=steps())
def _apply(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("RandomChoice", transforms=steps(), p=absent("leave it out; weights stand in `one_of`, on its steps"))
def _choice(call: Any) -> Steps:
    return [{"one_of": {"steps": call.transforms}}]


@entry("RandomOrder", transforms=steps())
def _order(call: Any) -> Steps:
    return [{"random_order": {"steps": call.transforms}}]


@entry(
    "Resize",
    size=size(),
    interpolation=_interpolation("bilinear"),
    max_size=whole(None, within=PIXELS),
    antialias=_ANTIALIAS,
)
def _resize(call: Any) -> Steps:
    capped = {} if call.max_size is None else {"max_size": call.max_size}
    return [{"resize": {"size": call.size, "interpolation": call.interpolation, **capped}}]


@entry(
    "RandomCrop",
    size=size(),
    padding=wholes(1, 2, 4, default=None),
    pad_if_needed=flag(False),
    fill=colour(0),
    padding_mode=_padding_mode(),
)
def _random_crop(call: Any) -> Steps:
    crop = {"size": call.size, "pad_if_needed": call.pad_if_needed, "border": _border(call.fill, call.padding_mode)}
    return [{"random_crop": crop | ({} if call.padding is None else {"padding": call.padding})}]


@entry("CenterCrop", size=size())
def _center_crop(call: Any) -> Steps:
    return [{"center_crop": {"size": call.size, "border": _border(0)}}]


@entry(
    "RandomResizedCrop",
    size=size(),
    scale=pair([0.08, 1.0], within=AREA, around=share_up_to(1)),
    ratio=pair([3 / 4, 4 / 3], within=RATIO),
    interpolation=_interpolation("bilinear"),
    antialias=_ANTIALIAS,
)
def _random_resized_crop(call: Any) -> Steps:
    crop = {"size": call.size, "scale": call.scale, "ratio": call.ratio, "interpolation": call.interpolation}
    return [{"random_resized_crop": crop}]


@entry("RandomHorizontalFlip", p=0.5)
def _horizontal_flip(call: Any) -> Steps:
    return [{"horizontal_flip": {}}]


@entry("RandomVerticalFlip", p=0.5)
def _vertical_flip(call: Any) -> Steps:
    return [{"vertical_flip": {}}]


@entry(
    "RandomRotation",
    degrees=like(15, limit(within=DEGREES, signed=False)),
    interpolation=_interpolation("nearest"),
    expand=flag(False),
    center=_MIDDLE,
    fill=colour(0),
)
def _rotation(call: Any) -> Steps:
    return [{"rotate": {"degrees": call.degrees, "expand": call.expand, **_warped(call)}}]


@entry(
    "RandomAffine",
    degrees=like(15, limit(within=DEGREES, signed=False)),
    translate=numbers(2, default=None, within=SHIFTS),
    scale=pair(None, within=Bounds(0.05, 20), around=around_one),
    shear=numbers(1, 2, 4, default=None, within=SHEARS),
    interpolation=_interpolation("nearest"),
    fill=colour(0),
    center=_MIDDLE,
)
def _affine(call: Any) -> Steps:
    """The library turns clockwise; the sign is turned here."""
    x, y = call.translate or (0, 0)
    # One number and a pair are along x alone.
    shear = call.shear or [0]
    shear_x = [-shear[0], shear[0]] if len(shear) == 1 else shear[:2]
    shear_y = shear[2:] or [0, 0]
    return [
        {
            "affine": {
                "degrees": negated(call.degrees),
                "translate": {"x": [-x, x], "y": [-y, y]},
                "scale": call.scale or [1, 1],
                "shear": {"x": shear_x, "y": shear_y},
                **_warped(call),
            }
        }
    ]


@entry(
    "RandomPerspective",
    p=0.5,
    distortion_scale=number(0.5, within=SHARE),
    interpolation=_interpolation("bilinear"),
    fill=colour(0),
)
def _perspective(call: Any) -> Steps:
    return [{"perspective": {"sampler": "inward", "distortion_scale": call.distortion_scale, **_warped(call)}}]


@entry(
    "ColorJitter",
    **dict.fromkeys(("brightness", "contrast", "saturation"), factor(0, within=FACTOR)),
    hue=limit(0, within=HALF_TURNS, signed=False),
)
def _color_jitter(call: Any) -> Steps:
    settings = {name: getattr(call, name) for name in ("brightness", "contrast", "saturation", "hue")}
    return [{"color_jitter": settings}]


@entry("RandomGrayscale", p=0.1)
def _random_grayscale(call: Any) -> Steps:
    return [{"grayscale": {}}]


@entry("Grayscale", num_output_channels=whole(1))
def _grayscale(call: Any) -> Steps:
    """The number of channels stays, whatever `num_output_channels` says; all are equal."""
    return [{"grayscale": {}}]


@entry(
    "GaussianBlur",
    kernel_size=like(5, same(2)),
    sigma=value([0.1, 2.0], within=SIGMA),
)
def _gaussian_blur(call: Any) -> Steps:
    return [{"gaussian_blur": {"kernel_size": call.kernel_size, "sigma": call.sigma}}]


@entry(
    "GaussianNoise",
    mean=number(0.0, within=LIGHT),
    sigma=number(0.1, within=LEVELS_OF_NOISE),
    clip=only(True, "leave it out; bytes are clipped"),
)
def _noise(call: Any) -> Steps:
    return [{"gauss_noise": {"std": call.sigma, "mean": [call.mean, call.mean]}}]


@entry(
    "RandomErasing",
    p=0.5,
    scale=pair([0.02, 0.33], within=AREA, around=share_up_to(0.02)),
    ratio=pair([0.3, 3.3], within=RATIO),
    value=colour(0, random="random"),
    inplace=unneeded(False),
)
def _erasing(call: Any) -> Steps:
    """`random` is noise of bytes, 0 to 255, where the library means numbers that are normalised."""
    levels = [call.value] if isinstance(call.value, int) else call.value
    if call.value != "random" and any(levels) and max(levels) <= 1:
        help = f"write {255 * max(levels):g} for {max(levels)} of ToTensor"
        raise Unsuited(f"`{call.value}` may be a share or a level", help, "value")
    return [{"random_erasing": {"scale": call.scale, "ratio": call.ratio, "fill": call.value}}]


@entry("Pad", padding=like(4, wholes(1, 2, 4)), fill=colour(0), padding_mode=_padding_mode())
def _pad(call: Any) -> Steps:
    return [{"pad": {"padding": call.padding, "border": _border(call.fill, call.padding_mode)}}]


@entry(
    "ElasticTransform",
    alpha=same(2, 50.0),
    sigma=same(2, 5.0),
    interpolation=_interpolation("bilinear"),
    fill=colour(0),
)
def _elastic(call: Any) -> Steps:
    """`alpha` counts half pixels there. On images that are not square the library scales x by width / height more."""
    return [{"elastic": {"alpha": tidy(call.alpha / 2), "sigma": call.sigma, **_warped(call)}}]


@entry("RandomInvert", p=0.5)
def _invert(call: Any) -> Steps:
    return [{"invert": {}}]


@entry("RandomPosterize", p=0.5, bits=like(4, whole(within=Bounds(0, 8))))
def _posterize(call: Any) -> Steps:
    return [{"posterize": {"bits": call.bits}}]


@entry("RandomSolarize", p=0.5, threshold=like(128, number(within=Bounds(0, 256, "levels"))))
def _solarize(call: Any) -> Steps:
    if 0 < call.threshold <= 1:
        help = f"write {255 * call.threshold:g} for {call.threshold:g} of ToTensor"
        raise Unsuited(f"`{call.threshold:g}` may be a share or a level", help, "threshold")
    return [{"solarize": {"threshold": call.threshold}}]


@entry("RandomAdjustSharpness", p=0.5, sharpness_factor=like(2, number(within=FACTOR)))
def _sharpness(call: Any) -> Steps:
    return [{"sharpness": {"factor": [call.sharpness_factor] * 2}}]


@entry("RandomAutocontrast", p=0.5)
def _autocontrast(call: Any) -> Steps:
    return [{"autocontrast": {}}]


@entry("RandomEqualize", p=0.5)
def _equalize(call: Any) -> Steps:
    return [{"equalize": {}}]


@entry("RandomChannelPermutation")
def _permutation(call: Any) -> Steps:
    return [{"channel_shuffle": {}}]


@entry("JPEG", quality=like([50, 95], whole_value(within=QUALITY)))
def _jpeg(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": call.quality}}]


_POLICIES = words({name: name for name in ("imagenet", "cifar10", "svhn")}, "imagenet")


@entry("AutoAugment", policy=_POLICIES, interpolation=_interpolation("nearest"), fill=colour(None))
def _auto_augment(call: Any) -> Steps:
    return [{"auto_augment": {"policy": call.policy, **_warped(call)}}]


@entry(
    "RandAugment",
    num_ops=whole(2),
    magnitude=whole(9),
    num_magnitude_bins=whole(31),
    interpolation=_interpolation("nearest"),
    fill=colour(None),
)
def _rand_augment(call: Any) -> Steps:
    if not 0 <= call.magnitude < call.num_magnitude_bins:
        most = call.num_magnitude_bins - 1
        raise Unsuited(f"`{call.magnitude}` is out of bounds; 0 to {most} is allowed", None, "magnitude")
    settings = {name: getattr(call, name) for name in ("num_ops", "magnitude", "num_magnitude_bins")}
    return [{"rand_augment": {**settings, **_warped(call)}}]


@entry("TrivialAugmentWide", num_magnitude_bins=whole(31), interpolation=_interpolation("nearest"), fill=colour(None))
def _trivial_augment(call: Any) -> Steps:
    return [{"trivial_augment_wide": {"num_magnitude_bins": call.num_magnitude_bins, **_warped(call)}}]


@entry(
    "AugMix",
    severity=whole(3, within=Bounds(1, 10)),
    mixture_width=whole(3),
    chain_depth=whole(-1),
    alpha=number(1.0),
    all_ops=flag(True),
    interpolation=_interpolation("bilinear"),
    fill=colour(None),
)
def _augmix(call: Any) -> Steps:
    settings = {name: getattr(call, name) for name in ("severity", "mixture_width", "alpha", "all_ops")}
    settings["chain_depth"] = call.chain_depth if call.chain_depth > 0 else [1, 3]
    return [{"augmix": {**settings, **_warped(call)}}]


@entry("MixUp", alpha=number(1.0), num_classes=unneeded(), labels_getter=unneeded("default"))
def _mixup(call: Any) -> Steps:
    """Drawn for each copy, not for a batch. The greater share stays with the image in whose folder the file lies."""
    return [{"mixup": {"alpha": call.alpha}}]


@entry("CutMix", alpha=number(1.0), num_classes=unneeded(), labels_getter=unneeded("default"))
def _cutmix(call: Any) -> Steps:
    """Drawn for each copy, not for a batch. The greater share stays with the image in whose folder the file lies."""
    return [{"cutmix": {"alpha": call.alpha}}]


@entry("ToTensor")
def _to_tensor(call: Any) -> Steps:
    """The layout stays height, width, channel."""
    return [{"rescale": {"scale": 1 / 255}}]


@entry("ToImage", "PILToTensor", "ToPureTensor", "Identity")
def _nothing(call: Any) -> Steps:
    """Changes no value of a pixel; nothing is done."""
    return []


@entry("ToDtype", dtype=_DTYPE, scale=flag(False))
def _to_dtype(call: Any) -> Steps:
    return [{"rescale": {"scale": 1 / 255}}] if call.scale and call.dtype == "float32" else []


@entry("ConvertImageDtype", dtype=_DTYPE)
def _convert(call: Any) -> Steps:
    return [{"rescale": {"scale": 1 / 255}}] if call.dtype == "float32" else []


@entry(
    "Normalize",
    mean=like([0.485, 0.456, 0.406], numbers(3)),
    std=like([0.229, 0.224, 0.225], numbers(3)),
    inplace=unneeded(False),
)
def _normalize(call: Any) -> Steps:
    """Follows ToTensor: `mean` and `std` are of numbers from 0 to 1."""
    return [{"normalize": {"mean": call.mean, "std": call.std, "max_pixel_value": 1}}]


for _name, _what, _help in (
    ("FiveCrop", "makes five images of one", "write random_crop: {size: 224}, and set copies"),
    ("TenCrop", "makes ten images of one", "write random_crop: {size: 224} and horizontal_flip, and set copies"),
    ("Lambda", "a function cannot be written in a spec", "augcli show lists the transforms"),
    ("LinearTransformation", "needs a matrix of the whole data set", "leave it out: training code does it"),
    (
        "RandomZoomOut",
        "changes the size at random",
        "write zoom: {factor: {x: [1, 4], y: [1, 4]}, p: 0.5}, on the same canvas",
    ),
    ("RandomPhotometricDistort", "its order is its own", "write color_jitter and channel_shuffle"),
    (
        "RandomShortestSize",
        "changes the size at random",
        "write torchvision.Resize: {size: 224}, or zoom on the same canvas",
    ),
    ("RandomResize", "changes the size at random", "write torchvision.Resize: {size: 224}, or zoom on the same canvas"),
    (
        "ScaleJitter",
        "changes the size at random",
        "write zoom: {factor: {x: [0.5, 2], y: [0.5, 2]}}, on the same canvas",
    ),
    ("RandomIoUCrop", "crops by boxes, which are not read", "write random_resized_crop: {size: 224}"),
    ("RandomSizedCrop", "is another word for RandomResizedCrop", "write torchvision.RandomResizedCrop: {size: 224}"),
    ("Scale", "is another word for Resize", "write torchvision.Resize: {size: 224}"),
    ("ToPILImage", "makes no other picture", "leave it out"),
    ("RGB", "images are RGB anyway", "leave it out"),
    ("Mosaic", "is no transform of torchvision", "write mosaic"),
):
    refuse(ENTRIES, _name, _what, _help)
