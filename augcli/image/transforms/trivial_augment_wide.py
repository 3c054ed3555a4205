from __future__ import annotations

from augcli.image.arrays import Size
from augcli.image.transform import BORDER, INTERPOLATION, Ops, Transform
from augcli.image.transforms._primitives import RANDOM, Chosen, all_lowered, drawn, wide_magnitude
from augcli.random_streams import Stream
from augcli.settings import Border, Count, Interpolation, setting


class TrivialAugmentWide(Transform[Chosen]):
    """Apply one of 14 operations with any strength, up to very strong (Müller and Hutter 2021).

    Operations and strengths are torchvision's `TrivialAugmentWide`, each the same to one level; there the
    default interpolation is nearest.
    """

    num_magnitude_bins: Count = setting(31, "How many strengths there are.", within=(2, 1001))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Chosen:
        name = RANDOM[stream.integer(0, len(RANDOM) - 1)]
        bin = stream.integer(0, self.num_magnitude_bins - 1)
        return Chosen((drawn(name, wide_magnitude(name, bin, self.num_magnitude_bins), stream),))

    def lower(self, draw: Chosen, size: Size) -> Ops:
        return all_lowered(draw.operations, size, self.border, self.interpolation)
