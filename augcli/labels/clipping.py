"""Shapes cut by straight lines and rectangles: rings (N, 2) that close themselves, and open lines (N, 2).

Nothing here raises for a shape that is degenerate, touches itself or crosses itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Box, Points, Size
from augcli.image.matrices import Bounds
from augcli.random_streams import total

_MOST_COMPARED = 1000
"""Points of a ring between which the nearest to those of another are looked for."""
_FEW = 12
"""Points up to which plain numbers are faster than arrays."""
_NOTHING = 1e-9
"""Square pixels: what rounding leaves of nothing."""


def signed_area(ring: Points) -> float:
    """Return the area of a ring, positive if it runs clockwise as seen."""
    # as complex numbers, of which conj(p) q has the cross product of p and q as its imaginary part
    points = ring.view(np.complex128)[:, 0]
    points = points - points[0]
    return float(np.vdot(points[:-1], points[1:]).imag) / 2


def area(rings: Iterable[Points]) -> float:
    return total(abs(signed_area(ring)) for ring in rings)


def cut(ring: Points, beyond: npt.NDArray[np.float64]) -> list[Points]:
    """Return the parts of a ring on one side of a straight line: where `beyond`, linear in the place, is at least 0.

    `beyond` has its value at each of the points, which may have any number of coordinates. Parts that only the line
    joins come apart.
    """
    inside = beyond >= 0
    changes = (inside[1:] != inside[:-1]).nonzero()[0].tolist()
    if inside[-1] != inside[0]:
        changes.append(len(ring) - 1)
    if not changes:
        return [ring] if inside[0] else []
    if inside[changes[0]]:  # the first that is crossed leads in
        changes.append(changes.pop(0))
    crossings, chains = [], []
    for leads_in, leads_out in zip(changes[::2], changes[1::2], strict=True):
        start, end = _crossing(ring, beyond, leads_in), _crossing(ring, beyond, leads_out)
        first = (leads_in + 1) % len(ring)
        within = ring[first : leads_out + 1]
        if first > leads_out:
            within = np.concatenate([ring[first:], ring[: leads_out + 1]])
        chain = np.empty((len(within) + 2, ring.shape[1]))
        chain[0], chain[1:-1], chain[-1] = start, within, end
        crossings += [start, end]
        chains.append(chain)
    if len(chains) == 1:
        return chains
    return [np.concatenate([chains[k] for k in loop]) for loop in _loops(np.array(crossings))]


def _crossing(ring: Points, beyond: npt.NDArray[np.float64], before: int) -> list[float]:
    """Return where the edge behind the point `before` crosses the line."""
    after = before + 1 if before + 1 < len(ring) else 0
    far, near = float(beyond[before]), float(beyond[after])
    part = far / (far - near)
    return [one + (other - one) * part for one, other in zip(ring[before].tolist(), ring[after].tolist(), strict=True)]


def _loops(crossings: Points) -> list[list[int]]:
    """Join chains along the line that they begin and end on: chain k at crossings 2k and 2k + 1.

    Along the line inside and outside take turns; crossings at one place may stand in any order.
    """
    spread = crossings.max(axis=0) - crossings.min(axis=0)
    open_ones: list[int] = []
    follower: dict[int, int] = {}
    for crossing in np.argsort(crossings[:, int(spread.argmax())], kind="stable").tolist():
        if open_ones and (open_ones[-1] + crossing) % 2:
            other = open_ones.pop()
            end, start = (other, crossing) if other % 2 else (crossing, other)
            follower[end // 2] = start // 2
        else:
            open_ones.append(crossing)
    loops = []
    while follower:
        at, following = follower.popitem()
        loop = [at]
        while following != loop[0]:
            loop.append(following)
            following = follower.pop(following)
        loops.append(loop)
    return loops


def within(ring: Points, box: Bounds, around: Sequence[float] | None = None) -> list[Points]:
    """Return the parts of a ring inside a box; `around` is the box around it, where that is known."""
    left, top, right, bottom = box
    first_x, first_y, last_x, last_y = around or (*ring.min(axis=0).tolist(), *ring.max(axis=0).tolist())
    if first_x >= right or first_y >= bottom or last_x <= left or last_y <= top:
        return []
    if len(ring) <= _FEW:
        sides = [(0, left, 1)] if first_x < left else []
        sides += [(1, top, 1)] if first_y < top else []
        sides += [(0, right, -1)] if last_x > right else []
        sides += [(1, bottom, -1)] if last_y > bottom else []
        one = _within_at_once(ring, sides)
        if one is not None:
            return one
    parts = [ring]
    if first_x < left:
        parts = cut(ring, ring[:, 0] - left)
    if first_y < top:
        parts = [half for part in parts for half in cut(part, part[:, 1] - top)]
    if last_x > right:
        parts = [half for part in parts for half in cut(part, right - part[:, 0])]
    if last_y > bottom:
        parts = [half for part in parts for half in cut(part, bottom - part[:, 1])]
    if len(parts) < 2:
        return parts
    return [part for part in parts if abs(signed_area(part)) > _NOTHING]


def _within_at_once(ring: Points, sides: Sequence[tuple[int, float, int]]) -> list[Points] | None:
    """Return the part of a ring of few points within straight sides; None where one cuts it into several.

    A side is an axis, a place on it, and 1 or -1: what lies beyond it in that direction is within.
    """
    points: list[list[float]] = ring.tolist()
    for axis, bound, sign in sides:
        beyond = [sign * (point[axis] - bound) for point in points]
        if max(beyond) < 0:
            return []
        inside: list[list[float]] = []
        crossings = 0
        before, distance = points[-1], beyond[-1]
        for point, far in zip(points, beyond, strict=True):
            if (far >= 0) != (distance >= 0):
                crossings += 1
                part = distance / (distance - far)
                crossing = [one + (other - one) * part for one, other in zip(before, point, strict=True)]
                crossing[axis] = bound
                inside.append(crossing)
            if far >= 0:
                inside.append(point)
            before, distance = point, far
        if crossings > 2:
            return None
        points = inside
    made = np.array(points)
    return [made] if abs(signed_area(made)) > _NOTHING else []


def line_cut(line: Points, beyond: npt.NDArray[np.float64]) -> list[Points]:
    """Return the parts of an open line on one side of a straight line, as `cut`."""
    inside = beyond >= 0
    if inside.all():
        return [line]
    parts: list[list[Points]] = [[]]
    for at, (point, is_inside) in enumerate(zip(line, inside, strict=True)):
        if at and is_inside != inside[at - 1]:
            part = beyond[at - 1] / (beyond[at - 1] - beyond[at])
            parts[-1].append(line[at - 1] * (1 - part) + point * part)
            if not is_inside:
                parts.append([])
        if is_inside:
            parts[-1].append(point)
    return [np.array(part) for part in parts if len(part) > 1]


def line_within(line: Points, box: Bounds, around: Sequence[float] | None = None) -> list[Points]:
    """Return the parts of an open line inside a box; a mark, of one point, lies inside or not."""
    left, top, right, bottom = box
    if len(line) == 1:
        ((x, y),) = line.tolist()
        return [line] if left <= x < right and top <= y < bottom else []
    parts = [line]
    for axis, bound, sign in ((0, left, 1), (1, top, 1), (0, right, -1), (1, bottom, -1)):
        parts = [half for part in parts for half in line_cut(part, sign * (part[:, axis] - bound))]
    return parts


def length(line: Points) -> float:
    return float(np.hypot(*(line[1:] - line[:-1]).T).sum())


def uncovered(size: Size, boxes: Sequence[Box]) -> list[Bounds]:
    """Return what is left of a canvas beside boxes, as boxes that do not overlap."""
    rest: list[Bounds] = [(0.0, 0.0, float(size.width), float(size.height))]
    for left, top, width, height in boxes:
        right, bottom = left + width, top + height
        pieces: list[Bounds] = []
        for one in rest:
            a, b, c, d = one
            if right <= a or left >= c or bottom <= b or top >= d:
                pieces.append(one)
                continue
            above, below = max(b, top), min(d, bottom)
            pieces += [(a, b, c, above), (a, below, c, d), (a, above, left, below), (right, above, c, below)]
        rest = [(a, b, c, d) for a, b, c, d in pieces if a < c and b < d]
    return rest


def bridged(rings: Sequence[Points]) -> Points:
    """Join rings into one of the same area by bridges of no width, each between points that are near."""
    joined, *others = rings
    for ring in others:
        every, each = (-(-len(one) // _MOST_COMPARED) for one in (joined, ring))
        apart = np.square(joined[::every, np.newaxis] - ring[::each]).sum(axis=2)
        here, there = (int(place) for place in np.unravel_index(int(apart.argmin()), apart.shape))
        here, there = here * every, there * each
        joined = np.concatenate([joined[: here + 1], ring[there:], ring[: there + 1], joined[here:]])
    return joined


def hull(points: Points) -> Points:
    """Return the corners of the convex hull, counter-clockwise in coordinates (Andrew 1979)."""
    rows = sorted(set(map(tuple, points.tolist())))

    def chain(way: Iterable[tuple[float, ...]]) -> list[tuple[float, ...]]:
        found: list[tuple[float, ...]] = []
        for x, y in way:
            while len(found) > 1 and (
                (found[-1][0] - found[-2][0]) * (y - found[-2][1]) <= (found[-1][1] - found[-2][1]) * (x - found[-2][0])
            ):
                found.pop()
            found.append((x, y))
        return found[:-1]

    return np.array([*chain(rows), *chain(rows[::-1])] or rows)


def smallest_rectangle(points: Points) -> Points:
    """Return the corners (4, 2) of the rectangle of least area around points; it has a side on their hull."""
    corners = hull(points)
    best, least = corners[[0, 0, 0, 0]], np.inf
    for (x, y), (a, b) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if (long := np.hypot(a - x, b - y)) > 0:
            found = rectangle_around(corners, np.array([a - x, b - y]) / long)
            size = np.hypot(*(found[1] - found[0])) * np.hypot(*(found[2] - found[1]))
            if size < least:
                best, least = found, size
    return best


def rectangle_around(points: Points, along: Points) -> Points:
    """Return the corners (4, 2) of the rectangle around points whose first side has the direction of a unit vector.

    They run clockwise as seen.
    """
    across = np.array([-along[1], along[0]])
    axes = np.stack([along, across])
    low, high = (points @ axes.T).min(axis=0), (points @ axes.T).max(axis=0)
    corners: Points = np.array([low, (high[0], low[1]), high, (low[0], high[1])]) @ axes
    return corners
