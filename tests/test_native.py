"""The compiled loops give the same bytes as their twins, which need no compiler."""

import numpy as np
import pytest
import scipy.ndimage

from augcli.image import blurs, colour, native
from augcli.image.arrays import Image, Matrix, Picture, Size
from augcli.image.matrices import rotation, scaling
from augcli.image.noise import gaussian_noise
from augcli.image.ops import Hue, Mix

SIZES = [(1, 1), (1, 7), (33, 41), (64, 16), (65, 63), (120, 161)]


@pytest.fixture(params=["all colours", "noise"])
def image(request):
    """Images on which every branch of the hue formula is taken."""
    if request.param == "noise":
        return np.random.default_rng(0).integers(0, 256, (211, 307, 3), dtype=np.uint8)
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    return np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, len(steps), 3)


def test_the_library_was_built_here():
    """A machine without a compiler may do without; the one that tests may not, or the twin is compared with itself."""
    assert native.library() is not None


def turned(image: Image, turns: float) -> Image:
    return Hue(turns).run(Picture(image)).image


@pytest.mark.parametrize("turns", [-0.5, -0.337, -1 / 6, -0.1, -0.001, 0, 1 / 6, 0.123, 1 / 3, 0.44, 0.5])
def test_hue_is_the_same_with_and_without_a_compiler(image, turns, monkeypatch):
    compiled = turned(image, turns)
    monkeypatch.setattr(native, "library", lambda: None)
    assert (turned(image, turns) == compiled).all()


def both(monkeypatch, function, *arguments):
    """Return what a function gives with the compiled library, and with its twin."""
    compiled = function(*arguments)
    with monkeypatch.context() as patch:
        patch.setattr(native, "library", lambda: None)
        return compiled, function(*arguments)


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("size", [*SIZES, (375, 500)])
@pytest.mark.parametrize("seed", range(6))
def test_programs_of_colours_are_the_same_with_and_without_a_compiler(size, seed, monkeypatch):
    rng = np.random.default_rng(seed)

    def stage():
        match rng.integers(4):
            case 0:
                return native.TableStage(noise(seed, 256, rng.choice([1, 3])))
            case 1:
                return colour.hue_stage(rng.uniform(-0.5, 0.5))
            case _:
                reach = 10 ** rng.uniform(-1, 2.5)
                by_pixel, constant = Matrix(*rng.uniform(-reach, reach, 9)), tuple(rng.uniform(-reach, reach, 3) * 100)
                return colour.mix_stage(noise(0, 1, 1, 3), by_pixel, colour.ZERO, constant, bool(rng.integers(2)))

    stages = [stage() for _ in range(rng.integers(1, 6))]
    compiled, plain = both(monkeypatch, native.colour, noise(seed, *size, 3), stages)
    assert (compiled == plain).all()


@pytest.mark.parametrize("reach", [0.3, 1.9, 2.1, 7, 60, 900])
def test_a_mix_is_its_exact_value_rounded_to_within_its_weights(reach):
    rng = np.random.default_rng(1)
    for _ in range(20):
        by_pixel, constant = Matrix(*rng.uniform(-reach, reach, 9)), tuple(rng.uniform(-50, 50, 3))
        image = noise(2, 40, 50, 3)
        exact = np.clip(image @ np.asarray(by_pixel).T + constant, 0, 255)
        mixed = Mix(by_pixel, constant=constant).run(Picture(image)).image
        # Half a level for rounding; three values times half of the last bit of a weight.
        assert abs(mixed - exact).max() <= 0.5 + 3 * 255 * max(1, *map(abs, by_pixel)) * 2**-15 + 1e-6


def motions(seed):
    """Matrices that turn, shear, squeeze, shift far away and look from aside, over the horizon too."""
    rng = np.random.default_rng(seed)
    motion = rotation(rng.uniform(-180, 180)) @ scaling(*rng.uniform(0.2, 2.5, 2))
    a, b, _, d, e, *_ = motion
    c, f = rng.uniform(-150, 150, 2)
    yield Matrix(a, b, c, d, e, f)
    yield Matrix(1, 0, round(c), 0, 1, round(f))
    yield Matrix(a, b, c, d, e, f, *rng.uniform(-0.002, 0.002, 2), 1)
    yield Matrix(a, b, c, d, e, f, *rng.uniform(-0.03, 0.03, 2), 1)
    yield Matrix(a, b, c * 1e7, d, e, f)


@pytest.mark.parametrize("border", native.BORDERS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 15), (2, 90), (16, 16), (65, 63), (120, 161), (233, 300)])
def test_warps_are_the_same_with_and_without_a_compiler(border, channels, shape, monkeypatch):
    image = noise(3, *shape, channels)
    for seed in range(6):
        for matrix in motions(seed):
            for size in (Size(1, 1), Size(7, 5), Size(61, 47), Size(shape[1], shape[0])):
                compiled, plain = both(monkeypatch, native.warp, image, matrix, size, border, (7, 130, 255))
                assert (compiled == plain).all(), (matrix, size)


def test_a_very_wide_image_is_read_to_its_end():
    """Scaled about the middle, what rows and columns add to a place lies far outside on both sides."""
    ramp = np.repeat((np.arange(26000) // 102).astype(np.uint8)[np.newaxis, :, np.newaxis], 8, axis=0)
    wide = native.warp(np.repeat(ramp, 3, axis=2), Matrix(1.9, 0, -11700, 0, 1, 0), Size(26000, 8), "edge", (0, 0, 0))
    expected = np.interp(1.9 * np.arange(26000) - 11700, np.arange(26000), ramp[0, :, 0].astype(float))
    assert np.abs(wide[4, :, 0] - expected).max() <= 0.51


def test_a_warp_reads_a_view_where_it_lies():
    whole = noise(5, 90, 120, 3)
    view, matrix = whole[11:80, 20:101], Matrix(0.9, 0.2, 3, -0.2, 0.9, 9)
    for image in (view, whole[:, ::-1], whole[::-1], np.asfortranarray(whole)):
        expected = native.warp(image.copy(order="C"), matrix, Size(70, 70), "reflect", (0, 0, 0))
        assert (native.warp(image, matrix, Size(70, 70), "reflect", (0, 0, 0)) == expected).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 1), (6, 2, 3), (5, 31, 1), (64, 48, 3), (61, 47, 3)])
@pytest.mark.parametrize(("side", "sigma"), [(1, 1), (3, 0.01), (3, 0.8), (5, 2), (7, 0.3), (9, 30), (255, 60)])
def test_blurs_are_the_same_with_and_without_a_compiler_and_the_convolution_rounded(shape, side, sigma, monkeypatch):
    image = noise(7, *shape)
    compiled, plain = both(monkeypatch, blurs.gaussian_blur, image, side, sigma)
    assert (compiled == plain).all()
    assert (blurs.gaussian_blur(image[::-1], side, sigma) == compiled[::-1]).all()
    shares = np.exp(-0.5 * (np.arange(-(side // 2), side // 2 + 1) / sigma) ** 2)
    exact = image.astype(float)
    for axis in (0, 1):
        exact = scipy.ndimage.convolve1d(exact, shares / shares.sum(), axis, mode="mirror")
    # Half a level for rounding, and what 15 bits of a weight lose: a little per weight.
    assert abs(compiled - exact).max() <= 0.5 + 0.03 + 0.002 * side


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 7, 1), (64, 48, 3), (61, 47, 3)])
@pytest.mark.parametrize("block", [(1, 2), (2, 1), (2, 2), (3, 3), (5, 4), (1, 64), (9, 60), (2, 9000)])
def test_averages_of_blocks_are_exact(shape, block, monkeypatch):
    image, (wide, high) = noise(6, *shape), block
    compiled, plain = both(monkeypatch, native.average, image, wide, high)
    edge = np.pad(image, ((0, -shape[0] % high), (0, -shape[1] % wide), (0, 0)), mode="edge").astype(float)
    blocks = edge.reshape(edge.shape[0] // high, high, edge.shape[1] // wide, wide, shape[2])
    assert (compiled == np.floor(blocks.mean(axis=(1, 3)) + 0.5 + 1e-9)).all()
    assert (plain == compiled).all()


@pytest.mark.parametrize("size", [*SIZES, (375, 500)])
@pytest.mark.parametrize("channels", [1, 3])
def test_tables_are_looked_up_alike_with_and_without_a_compiler(size, channels, monkeypatch):
    rng = np.random.default_rng(4)
    image, lut = rng.integers(0, 256, (*size, channels), dtype=np.uint8), rng.integers(0, 256, (256, 1), dtype=np.uint8)
    compiled = colour.look_up(image, lut)
    assert (compiled == lut[image, 0]).all()
    monkeypatch.setattr(native, "library", lambda: None)
    assert (colour.look_up(image, lut) == compiled).all()


@pytest.mark.parametrize("std", [0.0, 0.4, 7.3, 60.0, 255.0])
@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 3), (70, 93, 1), (70, 93, 3), (260, 301, 1), (260, 301, 3)])
def test_noise_is_the_same_with_and_without_a_compiler(std, per_channel, shape, monkeypatch):
    image = noise(2, *shape)
    compiled = gaussian_noise(image, 1.3, std, per_channel, seed=99)
    monkeypatch.setattr(native, "library", lambda: None)
    assert (gaussian_noise(image, 1.3, std, per_channel, seed=99) == compiled).all()


def test_a_crop_that_is_a_view_is_not_misread():
    whole = np.random.default_rng(3).integers(0, 256, (90, 80, 3), dtype=np.uint8)
    view = whole[10:70, 5:60]
    assert (turned(view, 0.2) == turned(view.copy(), 0.2)).all()
    assert (gaussian_noise(view, 0, 9, True, 1) == gaussian_noise(view.copy(), 0, 9, True, 1)).all()


def test_the_address_of_an_array_is_where_its_bytes_begin():
    """Also of one that may not be written to, or that has gaps."""
    array = np.zeros((4, 5, 3), np.uint8)
    fixed = array.copy()
    fixed.flags.writeable = False
    for one in (array, fixed, array[1:, 2:], array[:0]):
        assert native.address_of(one) == one.ctypes.data
