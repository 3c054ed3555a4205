"""The compiled loops give the same bytes as their twins, which need no compiler."""

import numpy as np
import pytest

from augcli.image import colour, filters, native

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


@pytest.mark.parametrize("turns", [-0.5, -0.337, -1 / 6, -0.1, -0.001, 0, 1 / 6, 0.123, 1 / 3, 0.44, 0.5])
def test_hue_is_the_same_with_and_without_a_compiler(image, turns, monkeypatch):
    compiled = colour.turn_hue(image, turns)
    monkeypatch.setattr(native, "library", lambda: None)
    assert (colour.turn_hue(image, turns) == compiled).all()


@pytest.mark.parametrize("size", SIZES)
def test_hue_is_the_same_at_every_size(size, monkeypatch):
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    compiled = colour.turn_hue(image, 0.21)
    monkeypatch.setattr(native, "library", lambda: None)
    assert (colour.turn_hue(image, 0.21) == compiled).all()


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
@pytest.mark.parametrize("channels", [1, 3])
def test_noise_is_the_same_with_and_without_a_compiler(std, per_channel, channels, monkeypatch):
    image = np.random.default_rng(2).integers(0, 256, (70, 93, channels), dtype=np.uint8)
    compiled = filters.add_noise(image, 1.3, std, per_channel, seed=99)
    monkeypatch.setattr(native, "library", lambda: None)
    assert (filters.add_noise(image, 1.3, std, per_channel, seed=99) == compiled).all()


def test_a_crop_that_is_a_view_is_not_misread():
    whole = np.random.default_rng(3).integers(0, 256, (90, 80, 3), dtype=np.uint8)
    view = whole[10:70, 5:60]
    assert (colour.turn_hue(view, 0.2) == colour.turn_hue(view.copy(), 0.2)).all()
    assert (filters.add_noise(view, 0, 9, True, 1) == filters.add_noise(view.copy(), 0, 9, True, 1)).all()


def test_noise_of_a_large_image_is_not_cut_from_one_place():
    image = np.full((1500, 1500, 3), 128, np.uint8)
    noisy = filters.add_noise(image, 0, 20, True, 5).astype(float) - 128
    assert abs(noisy.mean()) < 0.1
    assert abs(noisy.std() / 20 - 1) < 0.03
    halves = noisy.ravel()[: noisy.size // 2 * 2].reshape(2, -1)
    assert abs(np.corrcoef(halves)[0, 1]) < 0.01
