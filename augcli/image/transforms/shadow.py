from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.sun_and_shadow import Polygon, shadow
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Count, Roi, Value, Whole, setting


class Shadows(NamedTuple):
    polygons: tuple[Polygon, ...]
    intensities: tuple[float, ...]


class Shadow(Transform[Shadows]):
    """Darken a few polygons, as shadows of what stands nearby.

    Same as Albumentations 2.0.8 `add_shadow` with the same corners, exactly.
    """

    example: ClassVar[Mapping[str, Any]] = {"count": [1, 3], "intensity": [0.3, 0.7]}

    roi: Roi = setting((0, 0.5, 1, 1), "Where the corners may lie.", within=(0, 1))
    count: Whole = setting((1, 2), "How many shadows there are.", within=(1, 100))
    corners: Count = setting(5, "How many corners each has; their sides may cross.", within=(3, 100))
    intensity: Value = setting(0.5, "How much darker it is there; 1 is black.", within=(0, 1))

    def sample(self, stream: Stream, size: Size) -> Shadows:
        ends = []
        for side, low, high in zip(size, self.roi[:2], self.roi[2:], strict=True):
            least = min(int(low * side), side - 1)
            ends.append((least, max(least, int(high * side) - 1)))
        count = stream.integer(self.count)
        polygons = tuple(
            tuple((stream.integer(*ends[0]), stream.integer(*ends[1])) for _ in range(self.corners))
            for _ in range(count)
        )
        return Shadows(polygons, tuple(stream.uniform(self.intensity) for _ in polygons))

    def lower(self, draw: Shadows, size: Size) -> Filter:
        return Filter(partial(shadow, polygons=draw.polygons, intensities=draw.intensities))
