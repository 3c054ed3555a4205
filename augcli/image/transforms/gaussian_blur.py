from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.blurs import gaussian_blur
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Odd, Value, setting


class Kernel(NamedTuple):
    kernel_size: int
    sigma: float


class GaussianBlur(Transform[Kernel]):
    """Blur with a Gaussian.

    Same as torchvision `F.gaussian_blur` to one level.
    """

    kernel_size: Odd = setting(5, "Side of the kernel.", unit="px", within=(1, 255))
    sigma: Value = setting((0.1, 2.0), "Standard deviation.", unit="px", within=(0.01, 100))

    def sample(self, stream: Stream, size: Size) -> Kernel:
        low, high = (int(end) // 2 for end in self.kernel_size)
        return Kernel(2 * stream.integer(low, high) + 1, stream.uniform(self.sigma))

    def lower(self, draw: Kernel, size: Size) -> Filter:
        return Filter(partial(gaussian_blur, kernel_size=draw.kernel_size, sigma=draw.sigma), "mean")
