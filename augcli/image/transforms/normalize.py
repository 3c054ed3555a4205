from __future__ import annotations

from typing import ClassVar

from augcli.image.arrays import Size
from augcli.image.ops import Scale
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream
from augcli.settings import Number, PerChannel, setting


class Normalize(Transform[Nothing]):
    """Turn bytes into float32 numbers, minus a mean and over a deviation; last, and only into `.npy` files.

    Same as Albumentations `Normalize`, and as torchvision `ToTensor` and `Normalize`, to 1e-6. The defaults are those
    of ImageNet.
    """

    changes_range: ClassVar[bool] = True

    mean: PerChannel = setting((0.485, 0.456, 0.406), "What is taken away, of the full range.", within=(-1e6, 1e6))
    std: PerChannel = setting((0.229, 0.224, 0.225), "What is divided by, of the full range.", within=(1e-6, 1e6))
    max_pixel_value: Number = setting(255, "The full range.", within=(1e-6, 1e6))

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Scale:
        return Scale(1 / self.max_pixel_value, self.mean, self.std)
