"""The policies' tables, strengths and laws against torchvision's own, here and now."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size
from augcli.image.transforms._primitives import RANDOM, SIGNED, drawn, gentle_magnitude, magnitude, wide_magnitude
from augcli.image.transforms._sub_policies import SUB_POLICIES
from augcli.random_streams import Streams
from tests.oracles.libraries import torchvision
from tests.oracles.photos import photo

pytestmark = pytest.mark.oracle

SIZES = [Size(32, 32), Size(224, 224), Size(53, 37), Size(37, 53), Size(331, 662), Size(81, 27), Size(1, 1)]
SIZES += [Size(4032, 3024)]
WHOLE = ("TranslateX", "TranslateY", "Posterize")


@pytest.fixture(scope="module")
def theirs():
    torchvision()
    import torchvision.transforms.autoaugment as module

    return module


class Heads:
    """A stream whose coins give no sign."""

    def random(self):
        return 1.0


def assert_same_strengths(space, names, strength):
    """Compare all bins of a magnitude space: as they are, and as they are applied."""
    assert set(space) == set(names)
    for name, (bins, signed) in space.items():
        assert signed == (name in SIGNED)
        if bins.ndim == 0:
            assert strength(name, 1) is None
            continue
        for bin, their in enumerate(bins.tolist()):
            ours = strength(name, bin)
            # torch spaces them in float32
            assert ours == pytest.approx(their, rel=1e-6, abs=1e-4), (name, bin)
            applied = drawn(name, ours, Heads())[1]
            if name in WHOLE:  # float32 has 15.999999 for half of 32
                assert applied == int(their * (1 + 2e-7)), (name, bin)
            else:
                assert applied == pytest.approx(their, rel=1e-5, abs=1e-4), (name, bin)
            if name == "Solarize":  # a threshold of a whole number inverts that number, one of a hair more does not
                assert np.ceil(applied) == np.ceil(their), bin


@pytest.mark.parametrize("policy", ["imagenet", "cifar10", "svhn"])
def test_the_sub_policies_are_those_of_torchvision(theirs, policy):
    table = theirs.AutoAugment(theirs.AutoAugmentPolicy(policy)).policies
    assert [tuple(tuple(part) for part in pair) for pair in SUB_POLICIES[policy]] == table


@pytest.mark.parametrize("size", SIZES)
def test_auto_augment_has_the_strengths_of_torchvision(theirs, size):
    space = theirs.AutoAugment()._augmentation_space(10, size[::-1])
    names = {*RANDOM, "Invert"} - {"Identity"}
    assert_same_strengths(space, names, lambda name, at: magnitude(name, at, 10, size))


@pytest.mark.parametrize("bins", [2, 5, 9, 17, 21, 31, 101])
@pytest.mark.parametrize("size", SIZES)
def test_rand_augment_has_the_strengths_of_torchvision(theirs, size, bins):
    space = theirs.RandAugment()._augmentation_space(bins, size[::-1])
    assert_same_strengths(space, RANDOM, lambda name, at: magnitude(name, at, bins, size))


@pytest.mark.parametrize("bins", [2, 5, 9, 17, 21, 31, 101])
def test_trivial_augment_has_the_strengths_of_torchvision(theirs, bins):
    space = theirs.TrivialAugmentWide()._augmentation_space(bins)
    assert_same_strengths(space, RANDOM, lambda name, at: wide_magnitude(name, at, bins))


@pytest.mark.parametrize("all_ops", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_augmix_has_the_strengths_of_torchvision(theirs, size, all_ops):
    space = theirs.AugMix(all_ops=all_ops)._augmentation_space(10, size[::-1])
    left_out = {"Identity"} if all_ops else {"Identity", "Brightness", "Color", "Contrast", "Sharpness"}
    assert_same_strengths(space, {*RANDOM} - left_out, lambda name, at: gentle_magnitude(name, at, size))


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_boxes_of_cutmix_have_the_law_of_torchvision(alpha):
    torchvision()
    import torch
    import torchvision.transforms.v2 as v2

    torch.manual_seed(3)
    mixer, image = v2.CutMix(alpha=alpha, num_classes=2), torch.zeros((3, 37, 53))
    theirs = [mixer.make_params([image]) for _ in range(2000)]
    transform = transforms.find("cutmix")(alpha=alpha, fold=False)
    drawn = (transform.sample(Streams(7, b"a.png", copy)("cutmix"), Size(53, 37)) for copy in range(2000))
    ours = [draw for draw in drawn if draw is not None]  # an empty box is no mix
    theirs = [params for params in theirs if params["lam_adjusted"] < 1]
    boxes = np.array([params["box"] for params in theirs])
    for one, other in (
        ([draw.lam for draw in ours], [params["lam_adjusted"] for params in theirs]),
        ([draw.left for draw in ours], boxes[:, 0]),
        ([draw.top for draw in ours], boxes[:, 1]),
        ([draw.width for draw in ours], boxes[:, 2] - boxes[:, 0]),
        ([draw.height for draw in ours], boxes[:, 3] - boxes[:, 1]),
    ):
        assert stats.ks_2samp(one, other).pvalue > 1e-4


def test_the_share_of_cutmix_is_the_label_of_torchvision():
    transform, size = transforms.find("cutmix")(fold=False), Size(53, 37)
    for copy in range(200):
        draw = transform.sample(Streams(7, b"a.png", copy)("cutmix"), size)
        if draw is None:
            continue
        # the share is kept in 6 digits
        assert draw.lam == pytest.approx(1 - draw.width * draw.height / (53 * 37), abs=1e-6)
        assert sum(transform.shares(draw, size)) == pytest.approx(1, abs=1e-6)


def test_autocontrast_has_the_table_of_pillow_for_every_range():
    import PIL.Image
    import PIL.ImageOps

    transform = transforms.find("autocontrast")()
    op = transform.lower(transform.draw_type()(), Size(1, 1))
    for low in range(255):
        for high in range(low + 1, 256):
            values = np.arange(low, high + 1, dtype=np.uint8)[np.newaxis, :, np.newaxis]
            made = np.asarray(PIL.ImageOps.autocontrast(PIL.Image.fromarray(values[:, :, 0])))
            assert (ops.run([op], Picture(values)).image[:, :, 0] == made).all(), (low, high)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (9, 2), (3, 3), (1, 40)])
def test_sharpness_leaves_what_is_too_small_as_torchvision_does(shape):
    functional = torchvision()
    import torch

    image = np.ascontiguousarray(photo("odd")[: shape[0], : shape[1]])
    transform = transforms.find("sharpness")()
    made = ops.run([transform.lower(transform.draw_type()(2.5), Size(*shape[::-1]))], Picture(image)).image
    tensor = functional.adjust_sharpness(torch.from_numpy(image.transpose(2, 0, 1).copy()), 2.5)
    # the other one truncates
    assert np.abs(made.astype(int) - tensor.numpy().transpose(1, 2, 0)).max() <= 1


def test_grid_distortion_is_near_that_of_albumentations():
    """Theirs puts an inclusive row of places into each cell: half a pixel off at its start, half a step at its end."""
    import albumentations.augmentations.geometric.functional as functional

    x, y = (0.1234, -0.2345, 0.2987, -0.0567, 0.0123), (-0.2876, 0.1987, 0.0432, -0.1234, 0.2654)
    steps = functional.normalize_grid_distortion_steps(
        (60, 80), 5, [1 + share for share in (*x, 0.0)], [1 + share for share in (*y, 0.0)]
    )
    map_x, map_y = functional.generate_grid((60, 80), steps["steps_x"], steps["steps_y"], 5)
    transform = transforms.find("grid_distortion")()
    field = transform.lower(transform.draw_type()(x, y), Size(80, 60)).field()
    rows, columns = np.indices((60, 80))
    assert np.abs(field[:, :, 0] + columns - map_x).max() < (1 + max(steps["steps_x"])) / 2 + 1e-3
    assert np.abs(field[:, :, 1] + rows - map_y).max() < (1 + max(steps["steps_y"])) / 2 + 1e-3
