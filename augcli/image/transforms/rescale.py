from __future__ import annotations

from typing import ClassVar

from augcli.image.arrays import Size
from augcli.image.ops import Scale
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream
from augcli.settings import Number, setting


class Rescale(Transform[Nothing]):
    """Turn bytes into float32 numbers, multiplied by a scale and shifted; last, and only into `.npy` files.

    Same as Keras `Rescaling` and torchvision `ToTensor` (1/255) to 1e-6; the layout stays height, width, channel.
    """

    changes_range: ClassVar[bool] = True

    scale: Number = setting(1 / 255, "What values are multiplied by.", within=(-1e6, 1e6))
    offset: Number = setting(0, "What is added then.", within=(-1e6, 1e6))

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Scale:
        return Scale(self.scale, (-self.offset,) * 3)
