from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.blurs import motion_blur
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream, rounded
from augcli.settings import Limit, Odd, setting


class Motion(NamedTuple):
    kernel_size: int
    degrees: float
    direction: float
    shift_x: float
    shift_y: float


class MotionBlur(Transform[Motion]):
    """Blur along a straight line, as a moving camera does.

    The kernel is that of Albumentations' `MotionBlur`, exactly; the image that of SciPy's `correlate` with
    `mirror`, exactly.
    """

    example: ClassVar[Mapping[str, Any]] = {"kernel_size": [5, 15], "degrees": 30}

    kernel_size: Odd = setting((3, 7), "Side of the kernel.", unit="px", within=(1, 255))
    degrees: Limit = setting((0, 360), "Angle of the line, clockwise from the right.", unit="deg", within=(-360, 360))
    direction: Limit = setting(
        1, "Which half of the line counts: -1 that behind, 0 both, 1 that ahead.", within=(-1, 1)
    )
    shifted: bool = setting(True, "Move the line off the middle, by up to half of its reach.")

    def sample(self, stream: Stream, size: Size) -> Motion:
        low, high = (int(end) // 2 for end in self.kernel_size)
        radius = stream.integer(low, high)
        degrees, direction = stream.uniform(self.degrees), stream.uniform(self.direction)
        reach = radius / 2 if self.shifted else 0
        shift_x, shift_y = (rounded(stream.uniform((-reach, reach))) for _ in range(2))
        return Motion(2 * radius + 1, degrees, direction, shift_x, shift_y)

    def lower(self, draw: Motion, size: Size) -> Filter:
        return Filter(partial(motion_blur, **draw._asdict()), "mean")
