"""Labels drawn on the pictures of a contact sheet, behind the scaling to its cells, so that lines stay sharp.

A class has one colour on a whole sheet, and almost always on every other. Lines have a dark rim: they are seen on
photos of any colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFilter

from augcli.commands.preview.contact_sheet import Cell, drawable, font
from augcli.image.arrays import Points
from augcli.labels.annotation import Annotation, Bitmap, LabelImage, Object

Colour: TypeAlias = tuple[int, int, int]

COLOURS: tuple[Colour, ...] = (
    *((86, 180, 233), (230, 159, 0), (0, 158, 115), (240, 228, 66), (213, 94, 0), (204, 121, 167), (0, 114, 178)),
    *((170, 220, 250), (250, 210, 120), (120, 220, 190), (250, 245, 170), (245, 160, 100), (235, 190, 215)),
    (120, 180, 225),
)
"""Those of Okabe and Ito but for black, which most who are colour-blind tell apart; then the same, paler."""
LEFT, RIGHT, MIDDLE = COLOURS[1], COLOURS[0], (255, 255, 255)
"""Of keypoints: the first and the second of a pair, and those without another side."""
RIM: Colour = (20, 20, 20)
IGNORED = 255
"""The value of a label image that mostly stands for no class; it is white."""
FILL, OVERLAY = 70, 130  # alpha
WIDTH, DOT, FAR, LONGEST = 2, 3, 4000, 40
LARGE = 50 * 50
"""Pixels of a cell from which on there is room for dots of full size."""


class Palette:
    """Hands out colours: that of a class's name, or the next one that is free."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def of(self, name: str) -> Colour:
        first = sha256(name.encode("utf-8", "surrogatepass")).digest()[0]
        places = [(first + step) % len(COLOURS) for step in range(len(COLOURS))]
        at = next((at for at in places if self._names.get(at, name) == name), places[0])
        self._names.setdefault(at, name)
        return COLOURS[at]


def labelled(cell: Cell, annotations: Sequence[Annotation], palette: Palette) -> Cell:
    """Return a cell with labels drawn on its picture, if it has one."""
    return cell if cell.image is None else cell._replace(image=drawn(cell.image, annotations, palette))


def drawn(picture: PIL.Image.Image, annotations: Sequence[Annotation], palette: Palette) -> PIL.Image.Image:
    """Draw labels on a picture that is scaled already; annotations know the size that it has by itself."""
    image = picture.convert("RGB")
    placed = [_Placed(one, _scale(image, annotation)) for annotation in annotations for one in annotation.objects]
    placed.sort(key=lambda one: -one.area)  # what is small lies above
    for annotation in annotations:
        if annotation.image is not None:
            _lay_over(image, annotation.image)
    for one in placed:
        _fill(image, one, palette.of(one.object.name))
    draw = PIL.ImageDraw.Draw(image)
    for one in placed:
        _outline(draw, one, palette.of(one.object.name))
    for one in placed:
        _dots(draw, one)
    _names(draw, placed, palette)
    return image


class _Placed(NamedTuple):
    """An object and how much larger the picture is drawn than it is."""

    object: Object
    scale: Points

    def points(self, points: Points) -> list[tuple[float, float]]:
        """Return points in pixels of the cell, near enough to be drawn."""
        moved = np.clip(points * self.scale, -FAR, FAR)
        return [(float(x), float(y)) for x, y in moved]

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """left, top, right, bottom in pixels of the cell of what is there to be named; None for nothing."""
        one = self.object
        if one.box is not None:
            corners = np.array(one.box).reshape(2, 2)
        elif one.bitmap is not None:
            height, width = one.bitmap.pixels.shape
            left, top = one.bitmap.left, one.bitmap.top
            corners = np.array([[left, top], [left + width, top + height]])
        else:
            seen = () if one.keypoints is None or one.states is None else (one.keypoints[one.states > 0],)
            groups = [*one.rings, *one.lines, *(() if one.corners is None else (one.corners,)), *seen]
            together = np.concatenate(groups) if groups else np.empty((0, 2))
            if not len(together):
                return None
            corners = np.array([together.min(axis=0), together.max(axis=0)])
        return (*self.points(corners)[0], *self.points(corners)[1])

    @property
    def area(self) -> float:
        bounds = self.bounds
        return 0.0 if bounds is None else (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _scale(image: PIL.Image.Image, annotation: Annotation) -> Points:
    return np.array(image.size, np.float64) / annotation.size


# Shapes


def _fill(image: PIL.Image.Image, one: _Placed, colour: Colour) -> None:
    """Fill the parts of a shape lightly; one of pixels gets its outline, too."""
    if not one.object.rings and one.object.bitmap is None:
        return
    inside = PIL.Image.new("L", image.size)
    draw = PIL.ImageDraw.Draw(inside)
    for ring in one.object.rings:
        draw.polygon(one.points(ring), fill=FILL)
    if one.object.bitmap is not None:
        mask = PIL.Image.fromarray(_of_bitmap(one.object.bitmap, image.size, one.scale))
        rim = np.asarray(mask) & ~np.asarray(mask.filter(PIL.ImageFilter.MinFilter(2 * WIDTH + 1)))
        inside.paste(FILL, mask=mask)
        inside.paste(255, mask=PIL.Image.fromarray(rim))
    image.paste(colour, mask=inside)


def _of_bitmap(bitmap: Bitmap, size: tuple[int, int], scale: Points) -> npt.NDArray[np.uint8]:
    """Return where a shape of pixels is in a cell, 255 or 0."""
    height, width = bitmap.pixels.shape
    x, y = (places - first for places, first in zip(_read(size, scale), (bitmap.left, bitmap.top), strict=True))
    found = bitmap.pixels[np.ix_(np.clip(y, 0, height - 1), np.clip(x, 0, width - 1))]
    found = found & ((y >= 0) & (y < height))[:, np.newaxis] & ((x >= 0) & (x < width))
    return np.where(found, np.uint8(255), np.uint8(0))


def _read(size: tuple[int, int], scale: Points) -> Iterator[npt.NDArray[np.intp]]:
    """Return for each column, then for each row of a cell which one of the picture its middle lies in."""
    for length, factor in zip(size, scale, strict=True):
        yield np.floor((np.arange(length) + 0.5) / factor).astype(np.intp)


def _outline(draw: PIL.ImageDraw.ImageDraw, one: _Placed, colour: Colour) -> None:
    """Draw the lines of an object: of its shape, its oriented box, its box."""
    shape = one.object
    closed = [*shape.rings, *(() if shape.corners is None else (shape.corners,))]
    paths = [one.points(np.concatenate([ring, ring[:1]])) for ring in closed]
    paths += [one.points(line) for line in shape.lines]
    for ink, width in ((RIM, WIDTH + 2), (colour, WIDTH)):
        for path in paths:
            if len(path) == 1:  # a mark
                _dot(draw, path[0], ink, DOT + width - WIDTH)
            else:
                draw.line(path, fill=ink, width=width, joint="curve")
        if shape.box is not None:
            _frame(draw, one.points(np.array(shape.box).reshape(2, 2)), ink, width)
    if shape.corners is not None:  # which corner is the first says where its front is
        _dot(draw, one.points(shape.corners[:1])[0], colour, DOT)


def _frame(draw: PIL.ImageDraw.ImageDraw, corners: Sequence[tuple[float, float]], ink: Colour, width: int) -> None:
    """Draw a box within its bounds and those of the picture; a wider one reaches out by half of what it is wider."""
    (left, top), (right, bottom) = corners
    columns, rows = draw.im.size
    x, y = (round(min(max(place, 0), last - WIDTH)) for place, last in ((left, columns), (top, rows)))
    u, v = round(min(max(right, x + WIDTH), columns)) - 1, round(min(max(bottom, y + WIDTH), rows)) - 1
    out = (width - WIDTH) // 2
    draw.rectangle((x - out, y - out, u + out, v + out), outline=ink, width=width)


# Keypoints


def _dots(draw: PIL.ImageDraw.ImageDraw, one: _Placed) -> None:
    """Draw keypoints, those that are hidden hollow: the sides of a pair in two colours."""
    points, states = one.object.keypoints, one.object.states
    if points is None or states is None:
        return
    radius = DOT if one.area > LARGE else DOT - 1
    sides = {slot: side for pair in one.object.pairs for slot, side in zip(pair, (LEFT, RIGHT), strict=True)}
    for slot, (place, state) in enumerate(zip(one.points(points), states, strict=True)):
        if state:
            _dot(draw, place, RIM, radius + 1)
            _dot(draw, place, sides.get(slot, MIDDLE), radius)
            if state == 1:
                _dot(draw, place, RIM, radius - 2)


def _dot(draw: PIL.ImageDraw.ImageDraw, place: tuple[float, float], colour: Colour, radius: int) -> None:
    x, y = (round(along - 0.5) for along in place)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


# Label images


def _lay_over(image: PIL.Image.Image, labels: LabelImage) -> None:
    """Lay the colours of a label image over a picture: a colour for each value, nothing for 0."""
    height, width = labels.values.shape[:2]
    scale = np.array(image.size, np.float64) / (width, height)
    x, y = _read(image.size, scale)
    values = labels.values[np.ix_(np.minimum(y, height - 1), np.minimum(x, width - 1))]
    if values.shape[2] >= 3 and values.dtype == np.uint8:  # codes that are colours
        colours, seen = np.ascontiguousarray(values[:, :, :3]), values[:, :, :3].any(axis=2)
    else:
        known, places = np.unique(values[:, :, 0], return_inverse=True)
        inks = [MIDDLE if value == IGNORED else COLOURS[int(value) % len(COLOURS)] for value in known]
        table = np.array(inks, np.uint8)
        colours, seen = table[places.reshape(values.shape[:2])], values[:, :, 0] != 0
    image.paste(PIL.Image.fromarray(colours), mask=PIL.Image.fromarray((seen * OVERLAY).astype(np.uint8)))


# Names


def _names(draw: PIL.ImageDraw.ImageDraw, placed: Iterable[_Placed], palette: Palette) -> None:
    """Write the names of classes beside what they name, as long as there is room: one that would cover another is left.

    The largest come first.
    """
    width, height = draw.im.size
    taken: list[tuple[float, float, float, float]] = []
    for one in placed:
        bounds, name = one.bounds, drawable(one.object.name[:LONGEST])
        if bounds is None or not name:
            continue
        left, top, right, bottom = font().getbbox(name)
        x = min(max(bounds[0], 0), max(0, width - (right - left) - 4))
        y = bounds[1] - (bottom - top) - 4
        y = min(y if y >= 0 else max(bounds[1], 0), height - (bottom - top) - 4)
        x, y = round(x), round(y)
        place = (x, y, x + right - left + 3, y + bottom - top + 3)
        if any(_overlap(place, other) for other in taken):
            continue
        taken.append(place)
        colour = palette.of(one.object.name)
        draw.rectangle(place, fill=colour)
        ink = RIM if _lightness(colour) > 110 else (255, 255, 255)
        draw.text((x + 2 - left, y + 2 - top), name, fill=ink, font=font())


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _lightness(colour: Any) -> float:
    red, green, blue = colour
    return float(0.299 * red + 0.587 * green + 0.114 * blue)
