from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Hue, Op
from augcli.image.transform import Transform
from augcli.image.transforms.brightness import scaled
from augcli.image.transforms.contrast import spread
from augcli.image.transforms.saturation import purified
from augcli.random_streams import Stream
from augcli.settings import Factor, Limit, setting


class Jitter(NamedTuple):
    order: tuple[str, ...]
    brightness: float | None
    contrast: float | None
    saturation: float | None
    hue: float | None


class ColorJitter(Transform[Jitter]):
    """Change brightness, contrast, saturation and hue, those that are set, in random order.

    Same as torchvision's `F.adjust_...` on floats in the recorded order, to one level for each of them, which
    a later factor above one enlarges.
    """

    example: ClassVar[Mapping[str, Any]] = {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1}

    brightness: Factor = setting(0, "What values are multiplied by.", within=(0, 100))
    contrast: Factor = setting(0, "Spread about the mean luma.", within=(0, 100))
    saturation: Factor = setting(0, "0 is grey, 1 the image itself.", within=(0, 100))
    hue: Limit = setting(0, "Part of the full circle.", within=(-0.5, 0.5))

    def sample(self, stream: Stream, size: Size) -> Jitter | None:
        neutral = {"brightness": 1, "contrast": 1, "saturation": 1, "hue": 0}
        drawn = {
            name: stream.uniform(bounds)
            for name, value in neutral.items()
            if (bounds := getattr(self, name)) != (value, value)
        }
        if not drawn:
            return None
        order = tuple(list(drawn)[index] for index in stream.order(len(drawn)))
        return Jitter(order, *(drawn.get(name) for name in neutral))

    def lower(self, draw: Jitter, size: Size) -> tuple[Op, ...]:
        meaning: dict[str, Callable[[float], Op]] = {
            "brightness": scaled,
            "contrast": spread,
            "saturation": purified,
            "hue": Hue,
        }
        return tuple(meaning[name](getattr(draw, name)) for name in draw.order)
