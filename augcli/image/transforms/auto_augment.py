from __future__ import annotations

from typing import Literal

from augcli.image.arrays import Size
from augcli.image.transform import BORDER, INTERPOLATION, Ops, Transform
from augcli.image.transforms._primitives import Chosen, all_lowered, drawn, magnitude
from augcli.image.transforms._sub_policies import SUB_POLICIES
from augcli.random_streams import Stream
from augcli.settings import Border, Interpolation, setting


class AutoAugment(Transform[Chosen]):
    """Apply one of 25 pairs of operations that were found by search for a data set (Cubuk et al. 2018).

    Each operation of a pair has a probability and a strength of its own. Tables and meanings are torchvision's
    `AutoAugment`, each operation the same to one level; there the default interpolation is nearest.
    """

    policy: Literal["imagenet", "cifar10", "svhn"] = setting("imagenet", "The data set it was found for.")
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Chosen | None:
        pairs = SUB_POLICIES[self.policy]
        chosen = []
        for name, p, bin in pairs[stream.integer(0, len(pairs) - 1)]:
            strength = None if bin is None else magnitude(name, bin, 10, size)
            if stream.happens(p):
                chosen.append(drawn(name, strength, stream))
        return Chosen(tuple(chosen)) if chosen else None

    def lower(self, draw: Chosen, size: Size) -> Ops:
        return all_lowered(draw.operations, size, self.border, self.interpolation)
