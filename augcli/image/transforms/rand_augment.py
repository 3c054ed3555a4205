from __future__ import annotations

from augcli.image.arrays import Size
from augcli.image.transform import BORDER, INTERPOLATION, Ops, Transform
from augcli.image.transforms._primitives import RANDOM, Chosen, all_lowered, drawn, magnitude
from augcli.random_streams import Stream
from augcli.settings import Border, Count, Interpolation, setting
from augcli.settings.value_types import Wrong


class RandAugment(Transform[Chosen]):
    """Apply some of 14 operations, any of them and again, all with one strength (Cubuk et al. 2019).

    Operations and strengths are torchvision's `RandAugment`, each the same to one level; there the
    default interpolation is nearest.
    """

    num_ops: Count = setting(2, "How many operations are applied.", within=(1, 100))
    magnitude: Count = setting(9, "Their strength, from 0.", within=(0, 1000))
    num_magnitude_bins: Count = setting(31, "How many strengths there are.", within=(2, 1001))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def _refuse_mismatches(self) -> None:
        if self.magnitude >= self.num_magnitude_bins:
            what = f"`magnitude` {self.magnitude} of {self.num_magnitude_bins} bins: 0 to {self.num_magnitude_bins - 1}"
            raise Wrong(what, f"write magnitude: {self.num_magnitude_bins - 1}, or more num_magnitude_bins")

    def sample(self, stream: Stream, size: Size) -> Chosen:
        names = [RANDOM[stream.integer(0, len(RANDOM) - 1)] for _ in range(self.num_ops)]
        return Chosen(
            tuple(drawn(name, magnitude(name, self.magnitude, self.num_magnitude_bins, size), stream) for name in names)
        )

    def lower(self, draw: Chosen, size: Size) -> Ops:
        return all_lowered(draw.operations, size, self.border, self.interpolation)
