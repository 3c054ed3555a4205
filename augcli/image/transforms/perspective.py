from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import is_convex, quad_to_quad
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream, rounded
from augcli.settings import Border, Interpolation, Value, setting

FARTHEST = 0.32  # Albumentations wraps a corner's jitter here, so that corners never meet


class Quad(NamedTuple):
    corners: tuple[tuple[float, float], ...]


class Perspective(Transform[Quad]):
    """Look at the image from aside.

    `inward` moves the image's corners into it and shows border around (torchvision
    `F.perspective(bilinear, fill=None)` to one level). `zoom` picks an inner quadrangle and stretches it
    over the whole image (Albumentations `Perspective`, as documented and as in its version 1.3.1).
    Corners are recorded clockwise from the top left; where they meet or cross nothing is done.
    """

    default_p: ClassVar[float] = 0.5

    sampler: Literal["inward", "zoom"] = setting("inward", "Where the corners go.")
    distortion_scale: Value = setting(0.5, "For `inward`: reach of a corner, of half a side.", within=(0, 1))
    scale: Value = setting((0.05, 0.1), "For `zoom`: standard deviation of a corner, of a side.", within=(0, 0.3))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Quad | None:
        width, height = size
        moves: list[tuple[float, float]]
        if self.sampler == "inward":
            distortion = stream.uniform(self.distortion_scale)
            reach_x, reach_y = int(distortion * (width // 2)), int(distortion * (height // 2))
            moves = [(stream.integer(0, reach_x), stream.integer(0, reach_y)) for _ in range(4)]
            far = (width - 1, height - 1)  # torchvision counts corners as pixels
        else:
            std = stream.uniform(self.scale)
            jitters = [abs(stream.normal()) * std % FARTHEST for _ in range(8)]
            moves = [(rounded(jitters[i] * width), rounded(jitters[i + 1] * height)) for i in (0, 2, 4, 6)]
            far = (width, height)
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = moves
        quad = ((ax, ay), (far[0] - bx, by), (far[0] - cx, far[1] - cy), (dx, far[1] - dy))
        return Quad(quad) if is_convex(quad) else None

    def lower(self, draw: Quad, size: Size) -> Warp:
        right, bottom = (side - (self.sampler == "inward") for side in size)
        whole = ((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom))
        # Pixels of the quadrangle show the whole image, or the other way round.
        quads = (draw.corners, whole) if self.sampler == "inward" else (whole, draw.corners)
        return Warp(quad_to_quad(*quads), size, self.border, self.interpolation)
