"""The cases of blurs, noises, weather, holes and quality, which `cases` takes in.

What grows from a seed is grown by the same seed for the reference: places of drops and discs by the functions that
the kernels read them from, noise and holes by NumPy's generator. All else is the other library's.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from augcli.image import noise, sun_and_shadow, weather
from augcli.image.arrays import Image, Size, size_of
from tests.oracles.libraries import Reference, by_albumentations, by_pillow, to_bytes

SMALL = ("portrait", "landscape", "odd", "grey")
COLOURED = ("portrait", "landscape", "odd")
CREAM = (255, 220, 150)


def correlated(image: Image, kernel: np.ndarray, divisor: float = 1.0) -> Image:
    from scipy.ndimage import correlate

    return to_bytes(correlate(image.astype(np.float64), kernel[:, :, np.newaxis], mode="mirror") / divisor)


class Shifts:
    """Stands for a random.Random that draws these shifts."""

    def __init__(self, *shifts: float) -> None:
        self._shifts = iter(shifts)

    def uniform(self, low: float, high: float) -> float:
        return next(self._shifts)


def moved(kernel_size: int, degrees: float, direction: float, shift_x: float, shift_y: float) -> Reference:
    def reference(image: Image) -> Image:
        from tests.oracles.libraries import albumentations

        blurs = albumentations().augmentations.blur.functional
        reach = kernel_size // 2 / 2
        shifts = Shifts(shift_x / reach, shift_y / reach)
        kernel = blurs.create_motion_kernel(kernel_size, degrees, direction, True, shifts).astype(np.float64)
        return correlated(image, kernel, kernel.sum())

    return reference


def median(kernel_size: int) -> Reference:
    def reference(image: Image) -> Image:
        from scipy.ndimage import median_filter

        return median_filter(image, (kernel_size, kernel_size, 1), mode="nearest")

    return reference


def median_by_pillow(kernel_size: int) -> Reference:
    def filtered(image: Any) -> Any:
        import PIL.ImageFilter

        return image.filter(PIL.ImageFilter.MedianFilter(kernel_size))

    return by_pillow(filtered)


def boxed(kernel_size: int) -> Reference:
    return lambda image: correlated(image, np.ones((kernel_size, kernel_size)), kernel_size**2)


def sharpened(alpha: float, lightness: float) -> Reference:
    kernel = np.full((3, 3), -alpha)
    kernel[1, 1] = 1 - alpha + alpha * (8 + lightness)
    return lambda image: correlated(image, kernel)


def sharpened_by_albumentations(alpha: float, lightness: float) -> Reference:
    def made(library: Any, image: Image) -> Image:
        transform = library.Sharpen(alpha=(alpha, alpha), lightness=(lightness, lightness), p=1)
        return transform(image=image)["image"]

    return by_albumentations(made)


def grained(color_shift: float, intensity: float, seed: int) -> Reference:
    """The formula of Albumentations 1.3.1 in doubles, by the standard library's HLS."""

    def reference(image: Image) -> Image:
        generator = np.random.Generator(np.random.SFC64(seed))
        pixels = np.broadcast_to(image / 255, (*image.shape[:2], 3)).reshape(-1, 3)
        hls = np.array([colorsys.rgb_to_hls(*pixel) for pixel in pixels])
        specks = noise.poisson(255 * intensity * hls[:, 1].std(), len(hls), generator) / 255
        turns = generator.standard_normal(len(hls), np.float32) if image.shape[2] == 3 else np.zeros(len(hls))
        hls[:, 0] = (hls[:, 0] + color_shift * intensity * turns) % 1
        hls[:, 1] += specks * (1 - hls[:, 1])
        noisy = np.array([colorsys.hls_to_rgb(*pixel) for pixel in hls]).reshape(*image.shape[:2], 3)
        return to_bytes(255 * noisy)[:, :, : image.shape[2]]

    return reference


def grained_moments(intensity: float) -> Reference:
    """Mean and standard deviation over many images without noise of the hue, with NumPy's own Poisson law."""

    def reference(image: Image) -> np.ndarray:
        import cv2

        generator = np.random.default_rng(3)
        hls = cv2.cvtColor(np.float32(image / 255), cv2.COLOR_RGB2HLS)
        noisy = []
        for _ in range(30):
            specks = generator.poisson(255 * hls[:, :, 1].std() * intensity, hls.shape[:2]) / 255
            lightness = np.float32(hls[:, :, 1] + specks * (1 - hls[:, :, 1]))
            speckled = cv2.merge([hls[:, :, 0], lightness, hls[:, :, 2]])
            noisy.append(to_bytes(255 * cv2.cvtColor(speckled, cv2.COLOR_HLS2RGB)))
        return np.array([np.mean(noisy), np.std(noisy)])

    return reference


def peppered(amount: float, salt: float, seed: int) -> Reference:
    def made(library: Any, image: Image) -> Image:
        height, width = image.shape[:2]
        count = math.floor(height * width * amount)
        places = np.random.Generator(np.random.SFC64(seed)).choice(height * width, count, replace=False)
        masks = np.zeros((2, height * width), bool)
        masks[0, places[: math.floor(count * salt)]] = masks[1, places[math.floor(count * salt) :]] = True
        return library.pixel.functional.apply_salt_and_pepper(image, *masks.reshape(2, height, width)).astype(np.uint8)

    return by_albumentations(made)


def peppered_moments(amount: float, salt: float) -> Reference:
    def reference(image: Image) -> np.ndarray:
        values, shares = np.array([image.mean(), 255, 0]), np.array([1 - amount, amount * salt, amount * (1 - salt)])
        mean = float(values @ shares)
        return np.array([mean, math.sqrt((values - mean) ** 2 @ shares)])

    return reference


def rained(drops: int, slant: float, length: int, width: int, blur: int, brightness: float, seed: int) -> Reference:
    def made(library: Any, image: Image) -> Image:
        starts = weather.raindrops(size_of(image), drops, length, seed)
        color = (200, 200, 200)
        return library.pixel.functional.add_rain(image, slant, length, width, color, blur, brightness, starts)

    return by_albumentations(made)


def misty(density: float, alpha: float, seed: int) -> Reference:
    def made(library: Any, image: Image) -> Image:
        x, y, radius = (places.tolist() for places in weather.wisps(size_of(image), density, seed))
        return library.pixel.functional.add_fog(image, density, alpha, list(zip(x, y, strict=True)), radius)

    return by_albumentations(made)


def flared(draw: Callable[[Size], tuple[Any, ...]], color: tuple[int, int, int] = (255, 255, 255)) -> Reference:
    def made(library: Any, image: Image) -> Image:
        x, y, angle, count, radius, seed = draw(size_of(image))
        circles = sun_and_shadow.reflections(size_of(image), (x, y), angle, count, color, seed)
        theirs = [(one.alpha, (one.x, one.y), one.radius, one.color) for one in circles]
        return library.pixel.functional.add_sun_flare_overlay(image, (x, y), radius, color, theirs)

    return by_albumentations(made)


def snowy(point: float, brightness: float) -> Reference:
    return by_albumentations(lambda library, image: library.pixel.functional.add_snow_bleach(image, point, brightness))


def shaded(draw: Callable[[Size], tuple[Any, ...]]) -> Reference:
    def made(library: Any, image: Image) -> Image:
        polygons, intensities = draw(size_of(image))
        vertices = [np.array(polygon, np.int32) for polygon in polygons]
        return library.pixel.functional.add_shadow(image, vertices, np.array(intensities))

    return by_albumentations(made)


def punched(holes: tuple[tuple[int, int, int, int], ...], fill: tuple[int, int, int]) -> Reference:
    corners = np.array([(x, y, x + width, y + height) for x, y, width, height in holes])
    return by_albumentations(lambda library, image: library.dropout.functional.cutout(image, corners, fill, None))


def gridded(ratio: float, wide: int, high: int, seed: int, offset: bool) -> Reference:
    def made(library: Any, image: Image) -> Image:
        functions = library.dropout.functional
        rows_columns = image.shape[0] // high, image.shape[1] // wide
        generator = np.random.Generator(np.random.SFC64(seed))
        holes = functions.generate_grid_holes(image.shape, rows_columns, ratio, offset, (0, 0), generator)
        return functions.cutout(image, holes, (9, 9, 9), None)

    return by_albumentations(made)


def recompressed(quality: int) -> Reference:
    def stored(image: Any) -> Any:
        import io

        import PIL.Image

        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return PIL.Image.open(file)

    return by_pillow(stored)


def shrunk(scale: float) -> Reference:
    """Average areas in doubles, round, and interpolate in doubles."""

    def overlaps(side: int, small: int) -> np.ndarray:
        edges = np.arange(small + 1) * side / small
        low, high = edges[:-1, np.newaxis], edges[1:, np.newaxis]
        pixel = np.arange(side)
        return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None) * small / side

    def weights(side: int, small: int) -> np.ndarray:
        places = (np.arange(side) + 0.5) * small / side - 0.5
        return np.array([np.interp(places, np.arange(small), row) for row in np.eye(small)]).T

    def reference(image: Image) -> Image:
        sides = [(side, max(1, round(side * scale))) for side in image.shape[:2]]
        small = to_bytes(np.einsum("ih,jw,hwc->ijc", *(overlaps(*one) for one in sides), image.astype(np.float64)))
        return to_bytes(np.einsum("hi,wj,ijc->hwc", *(weights(*one) for one in sides), small.astype(np.float64)))

    return reference


def thinned(scale: float) -> Reference:
    def resized(image: Any) -> Any:
        from PIL.Image import Resampling

        small = [max(1, round(side * scale)) for side in image.size]
        return image.resize(small, Resampling.NEAREST).resize(image.size, Resampling.NEAREST)

    return by_pillow(resized)


def equalized(clip_limit: float, tiles: int) -> Reference:
    def reference(image: Image) -> Image:
        from tests.oracles.libraries import albumentations

        made = albumentations().augmentations.pixel.functional.clahe(image, clip_limit, (tiles, tiles))
        return made.reshape(image.shape)

    return reference


def suns(size: Size) -> tuple[Any, ...]:
    return size.width // 3, size.height // 4, 0.1234, 7, 100, 21


def far_sun(size: Size) -> tuple[Any, ...]:
    return size.width - 1, 2, 0.6789, 9, 137, 22


def two_shadows(size: Size) -> tuple[Any, ...]:
    w, h = size
    one = ((1, h // 2), (w - 2, h // 2 + 2), (w // 2, h - 1), (3, h - 3), (w // 3, h // 3))
    return (one, ((0, 0), (w - 1, 3), (w // 2, h - 2))), (0.5, 0.3217)


def add(case: Callable[..., None]) -> None:
    """Add the cases by the function that `cases` adds its own with."""
    from tests.oracles.cases import EXACT, FORMULA, STATISTICS, Tolerance

    weathered = Tolerance(2, "the other one rounds after each of many blends")
    twice = Tolerance(2, "float sums and weights of 11 bits against doubles: one level for either resize")

    for motion in (
        (7, 33.3, 0.25, 0.6123, -1.1234),
        (3, 90.0, 0.0, 0.0, 0.0),
        (11, 200.5, -0.7, 2.0123, 1.3217),
        (15, 123.4, 1.0, -2.5, 0.1),
    ):
        case(f"motion_blur {motion[0]} wide", EXACT, moved(*motion), motion, photos=(*SMALL, "flat"))
    for k in (3, 5, 7, 11):
        case(f"median_blur {k} wide", EXACT, median(k), (k,), photos=SMALL)
    case("median_blur by Pillow", EXACT, median_by_pillow(5), (5,), photos=SMALL)
    for k in (3, 7, 15):
        case(f"box_blur {k} wide", EXACT, boxed(k), (k,), photos=SMALL)
    for strength in ((0.3217, 0.8123), (0.5, 1.0), (1.0, 0.5)):
        case(f"sharpen by {strength[0]}", EXACT, sharpened_by_albumentations(*strength), strength, photos=COLOURED)
        case(f"sharpen by {strength[0]} by SciPy", FORMULA, sharpened(*strength), strength, photos=SMALL)
    for grain in ((0.03, 0.3, 5), (0.05, 0.5, 6), (0.2, 1.0, 7)):
        case(f"iso_noise of {grain[1]}", FORMULA, grained(*grain), grain, photos=SMALL)
    moments = grained_moments(0.3)
    case("iso_noise moments", STATISTICS, moments, (0.0, 0.3, 9), photos=("large",), region="statistics")
    for grains in ((0.05, 0.4567, 5), (0.3, 0.6, 6)):
        case(f"salt_and_pepper of {grains[0]}", EXACT, peppered(*grains), grains, photos=SMALL)
        moments = peppered_moments(*grains[:2])
        label = f"salt_and_pepper moments of {grains[0]}"
        case(label, STATISTICS, moments, grains, photos=("flat",), region="statistics")
    for shower in ((20, 4.3217, 7, 1, 7, 0.7, 5), (48, -6.789, 5, 2, 3, 0.9, 6), (9, 0.0, 12, 1, 1, 0.8123, 7)):
        case(f"rain of {shower[0]} drops", weathered, rained(*shower), shower, photos=SMALL)
    for mist in ((0.3217, 0.08, 5), (0.6, 0.08, 6), (1.0, 0.1, 7)):
        case(f"fog of {mist[0]}", weathered, misty(*mist), mist, photos=(*SMALL, "large"))
    for draw in (suns, far_sun):
        case(f"sun_flare of {draw.__name__}", weathered, flared(draw), draw, photos=SMALL)
    case("sun_flare of a colour", weathered, flared(suns, CREAM), suns, photos=COLOURED, color=CREAM)
    for cover in ((0.1234, 2.5), (0.3, 1.7), (0.9, 4.0)):
        case(f"snow at {cover[0]}", EXACT, snowy(*cover), cover, photos=SMALL)
    case("shadow", EXACT, shaded(two_shadows), two_shadows, photos=SMALL)
    holes = ((9, 2, 13, 11), (3, 8, 17, 9), (0, 20, 5, 3))
    for fill, photos in (((0, 0, 0), SMALL), ((9, 77, 203), COLOURED)):
        case(f"coarse_dropout of {fill[2]}", EXACT, punched(holes, fill), (holes, None), photos=photos, fill=fill)
    for grid in ((0.5, 6, 5, 5), (0.8123, 7, 9, 6), (0.0, 3, 2, 7), (1.0, 10, 4, 8)):
        for offset in (True, False):
            case(
                f"grid_dropout of {grid[0]}{'' if offset else ', aligned'}",
                EXACT,
                gridded(*grid, offset),
                grid,
                photos=SMALL,
                fill=9,
                random_offset=offset,
            )
    for quality in (1, 10, 50, 75, 95, 100):
        case(f"jpeg_compression {quality}", EXACT, recompressed(quality), (quality,), photos=SMALL)
    for scale in (0.25, 0.3789, 0.5, 0.8123):
        case(f"downscale to {scale}", twice, shrunk(scale), (scale,), photos=SMALL)
    for scale, photos in ((0.4087, ("odd", "grey")), (0.4712, ("landscape", "odd", "grey")), (0.5567, ("odd", "grey"))):
        # of which no place lies between two pixels
        label = f"downscale to {scale}, nearest"
        case(label, EXACT, thinned(scale), (scale,), photos=photos, interpolation="nearest")
    for limit, tiles in ((1.2345, 8), (4.0, 8), (3.0, 3)):
        case(f"clahe {tiles} tiles, at {limit}", EXACT, equalized(limit, tiles), (limit,), photos=SMALL, tiles=tiles)
