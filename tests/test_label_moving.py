"""Labels on their way through ops: each rule by itself, against formulas that are written out again."""

from __future__ import annotations

from functools import partial

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.image import blending, displacement_fields, matrices
from augcli.image.arrays import Box, Matrix, Points, Size
from augcli.image.ops import Blend, Erase, Hue, Op, Parallel, Remap, Warp
from augcli.labels import clipping
from augcli.labels.annotation import Annotation, Bitmap, LabelImage, Object
from augcli.labels.covering import Cover
from augcli.labels.moving import Tracks
from augcli.labels.upright import turned
from augcli.settings import BLACK, Border
from augcli.spec.sections import Labels

SIZE = Size(120, 80)
FLIP = Warp(matrices.about_centre(matrices.scaling(-1, 1), SIZE), SIZE)
DOWN = Warp(matrices.about_centre(matrices.scaling(1, -1), SIZE), SIZE)
TURN = Warp(matrices.about_centre(matrices.rotation(20), SIZE), SIZE)
PAIRS = ((0, 1),)


def crop(left: int, top: int, width: int, height: int) -> Warp:
    return Warp(matrices.translation(left, top), Size(width, height))


def ring(*points: tuple[float, float]) -> Points:
    return np.array(points, np.float64)


def corners(left: float, top: float, right: float, bottom: float) -> Points:
    return ring((left, top), (right, top), (right, bottom), (left, bottom))


def after(one: Object | Annotation, *ops: Op, **given: object) -> Annotation:
    annotation = Annotation(SIZE, (one,)) if isinstance(one, Object) else one
    return Tracks(annotation).through(ops).kept(Labels(**given))


def only(annotation: Annotation) -> Object:
    (one,) = annotation.objects
    return one


LABELLED = Object(
    "thing",
    box=(10, 20, 50, 44),
    rings=(ring((10, 20), (50, 25), (42, 44)),),
    lines=(ring((12, 22), (30, 40)),),
    keypoints=ring((12.5, 21.5), (40.5, 30.5), (0, 0)),
    states=np.array([2, 1, 0], np.int8),
    pairs=PAIRS,
    corners=corners(10, 20, 50, 44),
)


def test_a_flip_is_exact():
    flipped = only(after(LABELLED, FLIP))
    assert flipped.box == (120 - 50, 20, 120 - 10, 44)
    assert (flipped.rings[0] == ring((110, 20), (70, 25), (78, 44))).all()
    assert (flipped.lines[0] == ring((108, 22), (90, 40))).all()
    # left and right change their slots; what is not labelled stays (0, 0)
    assert (flipped.keypoints == ring((79.5, 30.5), (107.5, 21.5), (0, 0))).all()
    assert flipped.states.tolist() == [1, 2, 0]
    assert (flipped.corners == ring((110, 20), (70, 20), (70, 44), (110, 44))).all()
    assert not flipped.untouched


@pytest.mark.parametrize("size", [SIZE, Size(81, 67)])
def test_two_flips_and_four_quarter_turns_leave_everything_where_it_was(size):
    quarters: list[Op] = []
    for _ in range(2):
        for here, there in ((size, Size(size.height, size.width)), (Size(size.height, size.width), size)):
            motion = matrices.translation(0, here.width) @ matrices.rotation(90)
            quarters.append(Warp(matrices.inverse(motion), there))
    flip = Warp(matrices.about_centre(matrices.scaling(-1, 1), size), size)
    image = LabelImage(np.random.default_rng(0).integers(0, 9, (size.height, size.width, 1), np.uint8), swap=((1, 2),))
    for way in ([flip, flip], quarters):
        found = after(Annotation(size, (LABELLED,), image), *way)
        assert found.size == size
        one = only(found)
        assert np.allclose(one.box, LABELLED.box, atol=1e-12)
        assert np.allclose(one.rings[0], LABELLED.rings[0], atol=1e-12)
        assert np.allclose(one.keypoints, LABELLED.keypoints, atol=1e-12)
        assert np.allclose(one.corners, LABELLED.corners, atol=1e-12)
        assert one.states.tolist() == [2, 1, 0]
        assert (found.image.values == image.values).all()


@pytest.mark.parametrize(
    "ops",
    [
        [],
        [Hue(0.3)],
        [Warp(matrices.IDENTITY, SIZE)],
        [Parallel(((TURN,),), (0.5, 0.5))],
    ],
)
def test_what_moves_nothing_gives_back_the_labels_themselves(ops):
    annotation = Annotation(SIZE, (LABELLED,))
    assert Tracks(annotation).through(ops).kept(Labels()) is annotation
    assert annotation.untouched


def test_left_and_right_change_in_mirrored_pictures_alone():
    half = Warp(matrices.about_centre(matrices.rotation(180), SIZE), SIZE)
    seen = matrices.quad_to_quad(((0, 0), (120, 0), (120, 80), (0, 80)), ((8, 3), (118, 9), (110, 77), (4, 70)))
    bent = Remap(partial(displacement_fields.lens, SIZE, 0.1), SIZE)
    for way, is_mirrored in (
        ([FLIP], True),
        ([DOWN], True),
        ([half], False),
        ([FLIP, DOWN], False),
        ([TURN], False),
        ([Warp(FLIP.matrix @ seen, SIZE)], True),
        ([Warp(seen, SIZE)], False),
        ([FLIP, bent], True),
        ([Remap(bent.field, SIZE, matrix=DOWN.matrix)], True),
        ([bent], False),
    ):
        one = only(after(LABELLED, *way))
        assert one.states.tolist() == ([1, 2, 0] if is_mirrored else [2, 1, 0]), way


def test_keypoints_outside_are_not_labelled_any_more():
    points = ring((20, 20), (39.5, 30), (40, 30), (19.5, 30))
    one = Object("thing", (10, 10, 50, 50), keypoints=points, states=np.array([2, 1, 2, 2], np.int8))
    found = only(after(one, crop(20, 20, 20, 20)))
    assert (found.keypoints == ring((0, 0), (19.5, 10), (0, 0), (0, 0))).all()
    assert found.states.tolist() == [2, 1, 0, 0]
    alone = Object("thing", keypoints=points[:2], states=np.array([2, 2], np.int8))
    assert after(alone, crop(60, 20, 20, 20)).dropped == {"outside the image": 1}


@pytest.mark.parametrize("least", [0.5, 0.4999])
def test_a_share_that_is_just_enough_is_enough(least):
    for one in (
        Object("thing", (10, 10, 31, 31)),
        Object("thing", (10, 10, 31, 31), (corners(10, 10, 31, 31),)),
        Object("thing", corners=corners(10, 10, 31, 31)),
        Object("thing", (10, 10, 31, 31), bitmap=Bitmap(10, 10, np.ones((21, 21), bool))),
    ):
        cut = crop(10, 20, 60, 50) if one.bitmap else Warp(matrices.translation(10, 20.5), Size(60, 50))
        share = 11 / 21 if one.bitmap else 0.5
        found = only(after(one, cut, min_visible=least if not one.bitmap else share))
        assert found.share == pytest.approx(share, rel=1e-12)
        assert after(one, cut, min_visible=share + 0.001).dropped == {"too little visible": 1}


def test_shares_count_against_the_whole_however_many_cuts_there_are():
    one = Object("thing", (10, 10, 50, 50))
    assert only(after(one, crop(30, 0, 60, 80), crop(0, 30, 60, 40))).share == 0.25
    assert after(one, crop(30, 0, 60, 80), crop(0, 30, 60, 40), min_visible=0.3).dropped == {"too little visible": 1}
    # out of the canvas and back: what was cut does not come again, unless both are one motion
    away, back = Warp(matrices.translation(30, 0), SIZE), Warp(matrices.translation(-30, 0), SIZE)
    assert only(after(one, away, back)).box == (30, 10, 50, 50)
    assert (
        only(
            after(one, Warp(away.matrix @ TURN.matrix @ matrices.inverse(TURN.matrix) @ back.matrix, SIZE), FLIP)
        ).share
        == 1
    )


def test_what_reaches_beyond_the_picture_is_cut_there():
    one = Object("thing", (-20, 10, 20, 30))
    found = only(after(one, Warp(matrices.translation(-30, 0), SIZE)))
    assert (found.box, found.share) == ((30, 10, 50, 30), 0.5)


def test_bitmaps_that_grow_and_are_cut_keep_their_share():
    one = Object("thing", (10, 10, 30, 30), bitmap=Bitmap(10, 10, np.ones((20, 20), bool)))
    found = only(after(one, Warp(matrices.box_to((20, 0, 60, 40), SIZE), SIZE)))
    assert (found.box, found.share) == ((0, 20, 20, 60), 0.5)


def test_what_is_too_small_is_dropped_unless_it_stays():
    one = Object("thing", (10, 10, 50, 50))
    cut = Warp(matrices.translation(10, 49.2), Size(60, 30))
    assert after(one, cut, min_visible=0).dropped == {"too small": 1}
    assert only(after(one, cut, min_visible=0, min_pixels=0.8)).share == pytest.approx(0.02)
    crowd = Object("thing", (10, 10, 50, 50), stays=True)
    assert only(after(crowd, cut)).box == pytest.approx((0, 0, 40, 0.8))
    assert after(crowd, crop(60, 60, 20, 20)).dropped == {"outside the image": 1}
    shrunk = Warp(matrices.scaling(100, 100), Size(2, 2))
    assert after(one, shrunk).dropped == {"too small": 1}


def test_boxes_are_tight_around_shapes_and_around_corners_otherwise():
    shape = ring((40, 40), (60, 30), (80, 40), (60, 50))
    turn = Warp(matrices.about_centre(matrices.rotation(30), SIZE), SIZE)
    cos, sin = np.cos(np.radians(30)), np.sin(np.radians(30))

    def moved(points: Points) -> Points:
        x, y = points[:, 0] - 60, points[:, 1] - 40  # reads by a turn to the left: is shown turned to the right
        return np.stack([60 + cos * x - sin * y, 40 + sin * x + cos * y], axis=1)

    tight, loose = moved(shape), moved(corners(40, 30, 80, 50))
    box = (40, 30, 80, 50)
    assert only(after(Object("thing", box, (shape,)), turn)).box == pytest.approx((*tight.min(0), *tight.max(0)))
    assert only(after(Object("thing", box), turn)).box == pytest.approx((*loose.min(0), *loose.max(0)))
    wide = (36, 30, 80, 50)  # on purpose: it says what is hidden, too
    far = moved(corners(*wide))
    assert only(after(Object("thing", wide, (shape,)), turn)).box == pytest.approx((*far.min(0), *far.max(0)))
    middle, reach = moved(ring((60, 40)))[0], (np.hypot(20 * cos, 10 * sin), np.hypot(20 * sin, 10 * cos))
    round_one = only(after(Object("thing", box), turn, boxes="ellipse")).box
    assert round_one == pytest.approx((*(middle - reach), *(middle + reach)), abs=0.03)  # 64 points of it


def halves(points: list[tuple[float, float]], box: tuple[float, float, float, float]) -> float:
    """Return the area that Sutherland and Hodgman's algorithm leaves of a polygon in a box."""
    for axis, bound, sign in ((0, box[0], 1), (1, box[1], 1), (0, box[2], -1), (1, box[3], -1)):
        kept = []
        for k, here in enumerate(points):
            before = points[k - 1]
            a, b = sign * (before[axis] - bound), sign * (here[axis] - bound)
            if (a < 0) != (b < 0):
                kept.append(tuple(p + (q - p) * a / (a - b) for p, q in zip(before, here, strict=True)))
            if b >= 0:
                kept.append(here)
        points = kept
    return shoelace(points)


def shoelace(points: object) -> float:
    rows = np.array(points, np.float64).reshape(-1, 2)
    following = np.roll(rows, -1, axis=0)
    return abs(float((rows[:, 0] * following[:, 1] - following[:, 0] * rows[:, 1]).sum())) / 2


@settings(max_examples=150)
@given(
    radii=st.lists(st.floats(5, 40), min_size=3, max_size=30),
    box=st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(51, 100), st.integers(51, 100)),
)
def test_parts_that_are_cut_have_the_area_that_is_inside(radii, box):
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    star = 50 + np.array(radii)[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    parts = clipping.within(star, box)
    assert clipping.area(parts) == pytest.approx(halves([*map(tuple, star)], box), rel=1e-9, abs=1e-6)
    for part in parts:
        assert (part >= np.array(box[:2]) - 1e-9).all()
        assert (part <= np.array(box[2:]) + 1e-9).all()


@settings(max_examples=300)
@given(
    points=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12),
    box=st.tuples(st.integers(-9, 0), st.integers(-9, 0), st.integers(1, 9), st.integers(1, 9)),
)
def test_no_ring_is_too_degenerate_to_be_cut(points, box):
    shape = np.array(points, np.float64)
    parts = clipping.within(shape, box)
    assert all(len(part) >= 3 for part in parts)
    assert abs(sum(map(clipping.signed_area, parts))) == pytest.approx(halves(points, box), abs=1e-6)
    one = Object("thing", (-9, -9, 9, 9), (shape,))
    Tracks(Annotation(Size(9, 9), (one,))).through([TURN, Warp(matrices.scaling(2, 2), Size(5, 5))]).kept(Labels())


def test_a_cut_leaves_separate_parts_and_no_slivers():
    comb = ring(
        (0, 0),
        (60, 0),
        (60, 40),
        (50, 40),
        (50, 10),
        (30, 10),
        (30, 40),
        (20, 40),
        (20, 10),
        (0.04, 10),
        (0.04, 40),
        (0, 40),
    )
    found = only(after(Object("thing", (0, 0, 60, 40), (comb,)), crop(0, 20, 80, 40)))
    assert sorted(shoelace(part) for part in found.rings) == [200, 200]  # the last tooth is too thin
    assert len(after(Object("thing", (0, 0, 60, 40), (comb,)), crop(0, 0, 60, 80)).objects[0].rings) == 1


def test_rings_of_one_object_become_one_of_the_same_area():
    rings = [corners(0, 0, 10, 10), corners(20, 5, 25, 9), corners(3, 30, 8, 60)]
    joined = clipping.bridged(rings)
    assert shoelace(joined) == pytest.approx(100 + 20 + 150)
    assert {*map(tuple, joined)} == {tuple(point) for part in rings for point in part}
    assert clipping.bridged(rings[:1]) is rings[0]


def test_lines_and_marks_are_cut():
    line = Object("edge", lines=(ring((10, 10), (50, 10), (50, 60), (90, 60)),))
    found = only(after(line, crop(20, 0, 60, 40)))
    assert [part.tolist() for part in found.lines] == [[[0, 10], [30, 10], [30, 40]]]
    assert found.share == pytest.approx(60 / 130)
    found = only(after(line, crop(20, 30, 60, 50)))
    assert [part.tolist() for part in found.lines] == [[[30, 0], [30, 30], [60, 30]]]
    assert after(line, crop(60, 0, 40, 40)).dropped == {"outside the image": 1}
    mark = Object("spot", lines=(ring((30, 30)),))
    assert only(after(mark, FLIP)).lines[0].tolist() == [[90, 30]]
    assert after(mark, crop(40, 0, 40, 40)).dropped == {"outside the image": 1}


def test_what_lies_behind_the_horizon_is_cut_off_first():
    depth = Matrix(1, 0, 0, 0, 1, 0, 0.02, 0, 1)  # what an output pixel reads: never more than x = 50
    near = Object("near", (5, 10, 25, 40), keypoints=ring((10, 20)), states=np.array([2], np.int8))
    across = Object("across", (30, 10, 60, 40), keypoints=ring((35, 20), (80, 20)), states=np.array([2, 2], np.int8))
    # the middle of a picture of this size lies before the horizon
    found = Tracks(Annotation(Size(80, 80), (near, across))).through([Warp(depth, Size(200, 200))])
    boxes = found.bounds()
    assert boxes[0] == pytest.approx((5 / (1 - 0.1), 10 / (1 - 0.1), 50, 80))
    assert boxes[1][0] == pytest.approx(30 / (1 - 0.6))
    assert boxes[1][2] == 200
    kept = found.kept(Labels())
    assert kept.objects[1].states.tolist() == [2, 0]
    assert 0.1 < kept.objects[1].share < 1
    behind = Object("behind", (60, 10, 70, 40))
    assert Tracks(Annotation(Size(80, 80), (behind,))).through([Warp(depth, SIZE)]).kept(Labels()).dropped == {
        "outside the image": 1
    }


def test_a_matrix_means_the_same_with_all_signs_turned():
    for matrix in (WARPS["perspective"], FLIP.matrix @ WARPS["perspective"]):
        one, two = (only(after(LABELLED, Warp(each, SIZE))) for each in (matrix, matrix.times(-1)))
        assert np.allclose(one.rings[0], two.rings[0])
        assert one.states.tolist() == two.states.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_points_go_where_the_field_shows_them(seed):
    field = displacement_fields.smooth_noise(SIZE, 50, 6, seed)
    points = np.random.default_rng(seed).uniform((5, 5), (115, 75), (200, 2))
    found, folds = displacement_fields.shown_at(field, points)
    inside = ((found > 0.5) & (found < np.array(SIZE) - 0.5)).all(axis=1)
    index = found - 0.5
    low = np.floor(index).astype(int).clip(0, (118, 78))
    part = index - low
    read = sum(
        field[low[:, 1] + down, low[:, 0] + right]
        * (part[:, :1] if right else 1 - part[:, :1])
        * (part[:, 1:] if down else 1 - part[:, 1:])
        for down in (0, 1)
        for right in (0, 1)
    )
    assert np.abs(found + read - points)[inside & ~folds].max() < 2e-3
    assert folds.mean() < 0.1


def test_an_oriented_box_that_is_bent_becomes_the_smallest_rectangle_around_it():
    field = partial(displacement_fields.smooth_noise, SIZE, 60, 6, 3)
    quad = ring((30, 20), (70, 30), (65, 50), (25, 40))
    found = only(after(Object("thing", corners=quad), Remap(field, SIZE))).corners
    sides = np.roll(found, -1, axis=0) - found
    assert np.abs((sides * np.roll(sides, -1, axis=0)).sum(axis=1)).max() < 1e-9  # right angles
    assert np.abs(found - quad).max() < 8  # in the order of the source


def test_an_oriented_box_that_sticks_out_keeps_its_corners_and_tells_what_is_seen():
    quad = ring((30, 20), (70, 30), (65, 50), (25, 40))
    found = only(after(Object("thing", corners=quad), crop(40, 0, 60, 70)))
    assert (found.corners == quad - (40, 0)).all()
    along, across = (found.seen_corners[k] - found.seen_corners[0] for k in (1, 3))
    assert along @ (quad[3] - quad[0]) / np.hypot(*along) == pytest.approx(
        (quad[1] - quad[0]) @ (quad[3] - quad[0]) / np.hypot(*(quad[1] - quad[0]))
    )
    assert along @ across == pytest.approx(0)
    assert np.hypot(*along) < np.hypot(*(quad[1] - quad[0]))
    assert only(after(Object("thing", corners=quad), FLIP)).seen_corners is None
    mirrored = only(after(Object("thing", corners=quad), FLIP, crop(0, 0, 80, 70)))
    for k in range(4):  # each side in the direction of its own
        side, whole = (
            np.roll(points, -k - 1, 0)[0] - points[k] for points in (mirrored.seen_corners, mirrored.corners)
        )
        assert side @ whole > 0


def test_what_is_painted_over_does_not_shrink_but_may_be_too_covered():
    one = Object("thing", (10, 10, 30, 30), keypoints=ring((15, 15), (25, 25)), states=np.array([2, 2], np.int8))
    erase = Erase((Box(0, 0, 20, 40), Box(10, 0, 10, 40)))  # half of it, and half of that twice
    found = only(after(one, erase, min_visible=0.5))
    assert (found.box, found.states.tolist(), found.untouched) == ((10, 10, 30, 30), [1, 2], False)
    assert after(one, erase, min_visible=0.51).dropped == {"covered": 1}
    assert only(after(one, erase, Warp(FLIP.matrix, SIZE), min_visible=0.5)).box == (90, 10, 110, 30)
    assert after(one, erase, Warp(FLIP.matrix, SIZE), min_visible=0.51).dropped == {"covered": 1}
    assert after(one, crop(10, 10, 15, 40), Erase((Box(0, 0, 10, 40),)), min_visible=0.3).dropped == {"covered": 1}
    beside = Annotation(SIZE, (one,))
    assert Tracks(beside).through([Erase((Box(60, 0, 20, 40),))]).kept(Labels()).untouched
    pixels = Object("thing", (10, 10, 30, 30), bitmap=Bitmap(10, 10, np.ones((20, 20), bool)))
    assert after(pixels, erase, min_visible=0.51).dropped == {"covered": 1}


def test_the_area_under_holes_is_that_of_the_pixels():
    rng = np.random.default_rng(1)
    holes = rng.random((40, 60)) < 0.3
    star = ring((10.3, 5.1), (30, 12.5), (55.7, 8.2), (40, 20), (50.5, 36.9), (28, 25), (5, 33))
    fine = 16
    x, y = np.meshgrid((np.arange(60 * fine) + 0.5) / fine, (np.arange(40 * fine) + 0.5) / fine)
    inside = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(star, np.roll(star, -1, axis=0), strict=True):
        inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    expected = (inside & np.repeat(np.repeat(holes, fine, 0), fine, 1)).sum() / fine**2
    assert Cover(holes).area([star]) == pytest.approx(expected, rel=0.003)  # of points that stand for areas
    assert Cover(holes).area([star[::-1]]) == Cover(holes).area([star])
    assert Cover(holes).area([corners(3, 4, 20, 30)]) == pytest.approx(holes[4:30, 3:20].sum())


def blend(*parts: Box, count: int = 1) -> Blend:
    return Blend(partial(blending.pasted, boxes=parts), count, parts)


def test_pasted_pictures_share_the_canvas():
    paste = Box(40, 20, 40, 40)
    own = (
        Object("free", (0, 0, 30, 30)),
        Object("beside", (5, 5, 35, 70), (corners(5, 5, 35, 70),)),  # crosses where strips meet, but not the paste
        Object("under", (45, 25, 75, 55)),
        Object("half", (20, 30, 60, 50), (corners(20, 30, 60, 50),), keypoints=ring((30, 40), (50, 40))),
        Object("around", (30, 10, 90, 70), (corners(30, 10, 90, 70),)),
    )
    other = (Object("in", (50, 30, 60, 40)), Object("out", (0, 0, 20, 20)), Object("both", (70, 30, 90, 50)))
    images = (LabelImage(np.full((80, 120, 1), value, np.uint8)) for value in (1, 2))
    one, two = (Tracks(Annotation(SIZE, objects, image)) for objects, image in zip((own, other), images, strict=True))
    found = one.through([blend(paste)], [two]).kept(Labels())
    names = {each.name: each for each in found.objects}
    assert [*names] == ["free", "beside", "half", "around", "in", "both"]
    assert found.dropped == {"under another picture": 1, "outside its part": 1}
    assert len(found.objects) + found.dropped.total() == len(own) + len(other)
    assert (names["free"].box, len(names["beside"].rings), names["beside"].share) == ((0, 0, 30, 30), 1, 1)
    assert (names["half"].box, names["half"].share) == ((20, 30, 40, 50), 0.5)
    assert names["half"].states.tolist() == [2, 0]
    assert sum(map(shoelace, names["around"].rings)) == 60 * 60 - 40 * 40
    assert (names["in"].origin, names["in"].untouched, names["free"].origin) == (1, False, 0)
    assert (names["both"].box, names["both"].share) == ((70, 30, 80, 50), 0.5)
    expected = np.ones((80, 120), np.uint8)
    expected[20:60, 40:80] = 2
    assert (found.image.values[:, :, 0] == expected).all()
    assert not found.untouched


def test_what_is_painted_over_in_a_picture_is_so_where_it_is_pasted():
    one = Tracks(Annotation(SIZE, (Object("own", (50, 30, 70, 50)),)))
    two = Tracks(Annotation(SIZE, (Object("in", (50, 30, 70, 50)),))).through([Erase((Box(50, 30, 20, 19),))])
    assert one.through([blend(Box(40, 20, 40, 40))], [two]).kept(Labels()).dropped == {
        "under another picture": 1,
        "covered": 1,
    }


def test_a_mosaic_leaves_each_picture_its_part():
    parts = Box(70, 0, 50, 50), Box(0, 50, 70, 30), Box(70, 50, 50, 30)
    pictures = [Tracks(Annotation(SIZE, (Object(str(k), (60, 40, 100, 70)),))) for k in range(4)]
    found = pictures[0].through([blend(*parts, count=3), FLIP], pictures[1:]).kept(Labels(min_visible=0))
    boxes = {one.name: one.box for one in found.objects}
    assert boxes == {
        "0": (50, 40, 60, 50),
        "1": (20, 40, 50, 50),
        "2": (50, 50, 60, 70),
        "3": (20, 50, 50, 70),
    }
    assert [one.origin for one in found.objects] == [0, 1, 2, 3]


def test_faded_pictures_have_the_labels_of_both_by_weight():
    images = [LabelImage(np.full((80, 120, 1), value, np.uint8)) for value in (1, 2)]
    one, two = (Tracks(Annotation(SIZE, (Object("thing", (1, 1, 9, 9)),), image)) for image in images)
    fade = Blend(partial(blending.weighted, lam=0.7))
    found = one.through([fade], [two], (0.7, 0.3)).kept(Labels())
    assert [(each.weight, each.origin) for each in found.objects] == [(0.7, 0), (0.3, 1)]
    assert found.image.values.max() == 1
    assert one.through([fade], [two], (0.3, 0.7)).kept(Labels()).image.values.min() == 2
    assert one.through([fade], [two], (0.95, 0.05)).kept(Labels()).dropped == {"too faint": 1}
    covered = one.through([Erase((Box(0, 0, 20, 20),)), fade], [two], (0.7, 0.3)).kept(Labels())
    assert covered.dropped == {"covered": 1}


def by_index(values: np.ndarray, op: Warp, outside: tuple[int, ...]) -> np.ndarray:
    """Return what is at the place where the middle of each pixel reads."""
    rows, columns = np.indices((op.size.height, op.size.width)) + 0.5
    x, y, depth = np.tensordot(np.asarray(op.matrix), np.stack([columns, rows, np.ones_like(rows)]), 1)
    j, i = np.floor(x / depth).astype(int), np.floor(y / depth).astype(int)
    high, wide = values.shape[:2]
    if op.border.mode == "constant":
        inside = (i >= 0) & (i < high) & (j >= 0) & (j < wide)
        read = values[i.clip(0, high - 1), j.clip(0, wide - 1)]
        return np.where(inside[:, :, np.newaxis], read, np.array(outside, values.dtype))
    mode = {"edge": "edge", "symmetric": "symmetric", "reflect": "reflect", "wrap": "wrap"}[op.border.mode]
    reach = 200
    rows, columns = (np.pad(np.arange(side), reach, mode=mode) for side in (high, wide))
    return values[rows[i + reach], columns[j + reach]]


WARPS = {
    "turn": TURN.matrix,
    "shrink": matrices.box_to((0, 0, *SIZE), Size(37, 23)),
    "grow": matrices.box_to((0, 0, 60, 40), SIZE),
    "crop": matrices.translation(13, -7),
    "flip": FLIP.matrix,
    "perspective": matrices.quad_to_quad(
        ((0, 0), (120, 0), (120, 80), (0, 80)), ((8, 3), (118, 9), (110, 77), (-14, 90))
    ),
}


@pytest.mark.parametrize("way", WARPS)
@pytest.mark.parametrize("mode", ["constant", "edge", "symmetric", "reflect", "wrap"])
def test_a_label_image_has_what_is_at_the_middle_of_each_pixel(way, mode):
    values = (np.indices((80, 120)).sum(axis=0) // 9 % 7)[:, :, np.newaxis].astype(np.uint8)
    op = Warp(WARPS[way], Size(37, 23) if way == "shrink" else SIZE, Border(mode=mode))
    found = after(Annotation(SIZE, image=LabelImage(values, (255,))), op).image.values
    expected = by_index(values, op, (255,))
    assert found.shape == expected.shape
    assert (found != expected).mean() <= 0.005  # ties
    assert {*np.unique(found)} <= {*range(7), 255}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_label_image_keeps_its_values_whatever_they_are(dtype, channels):
    numbers = {"u": [0, 7, 200], "i": [-5, 24001, 2**31 - 1], "f": [-1.5, 0.1, 1e30]}[np.dtype(dtype).kind]
    values = (
        np.random.default_rng(0).choice(np.array(numbers, dtype), (10, 12, channels)).repeat(8, 0)[:80].repeat(10, 1)
    )
    outside = (9, 100, 250)[:channels]
    for op in (TURN, crop(-5, 7, 60, 90), FLIP, Remap(partial(displacement_fields.lens, SIZE, 0.2), SIZE)):
        found = after(Annotation(SIZE, image=LabelImage(values, outside)), op).image.values
        assert found.dtype == dtype
        colours = {tuple(row) for row in found.reshape(-1, channels)}
        assert colours <= {tuple(row) for row in values.reshape(-1, channels)} | {tuple(np.array(outside, dtype))}
        if isinstance(op, Warp):
            assert (found != by_index(values, op, outside)).any(axis=2).mean() <= 0.005


def test_a_mirrored_label_image_exchanges_values_of_left_and_right():
    values = np.random.default_rng(0).integers(0, 5, (80, 120, 1)).astype(np.uint16)
    found = after(Annotation(SIZE, image=LabelImage(values, swap=((1, 2),))), FLIP).image.values
    assert (found == np.array([0, 2, 1, 3, 4], np.uint16)[values[:, ::-1]]).all()
    assert (
        after(Annotation(SIZE, image=LabelImage(values, swap=((1, 2),))), crop(3, 4, 50, 50)).image.values
        == values[4:54, 3:53]
    ).all()


@pytest.mark.parametrize("way", WARPS)
def test_the_bitmap_of_an_object_has_the_pixels_of_a_label_image(way):
    x, y = np.meshgrid(np.arange(40), np.arange(30))
    pixels = np.hypot(x - 20, y - 15) < 15
    whole = np.zeros((80, 120, 1), np.uint8)
    whole[20:50, 25:65, 0] = pixels
    op = Warp(WARPS[way], Size(37, 23) if way == "shrink" else SIZE)
    one = Object("thing", (30, 21, 60, 50), bitmap=Bitmap(25, 20, pixels))
    found = after(Annotation(SIZE, (one,), LabelImage(whole)), op)
    canvas = np.zeros(found.image.values.shape[:2], bool)
    left, top, part = only(found).bitmap
    canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
    assert (canvas != (found.image.values[:, :, 0] > 0)).mean() <= 0.005  # ties
    columns, rows = np.flatnonzero(canvas.any(axis=0)), np.flatnonzero(canvas.any(axis=1))
    assert only(found).box == (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)


def test_what_is_seen_at_any_point_has_bounds():
    tracks = Tracks(Annotation(SIZE, (Object("thing", (10, 10, 30, 30)), Object("gone", (90, 60, 110, 70)))))
    assert tracks.bounds().tolist() == [[10, 10, 30, 30], [90, 60, 110, 70]]
    boxes = tracks.through([crop(20, 0, 50, 20)]).bounds()
    assert boxes[0].tolist() == [0, 10, 10, 20]
    assert np.isnan(boxes[1]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_labels_of_a_stored_picture_are_turned_upright(orientation):
    values = np.random.default_rng(0).integers(0, 255, (80, 120, 1)).astype(np.uint8)
    picture = PIL.Image.fromarray(values[:, :, 0])
    picture.getexif()[0x0112] = orientation
    upright = np.asarray(PIL.ImageOps.exif_transpose(picture))
    found = turned(Annotation(SIZE, (Object("thing", (10, 20, 30, 33)),), LabelImage(values)), orientation)
    assert found.size == Size(upright.shape[1], upright.shape[0])
    assert (found.image.values[:, :, 0] == upright).all()
    left, top, right, bottom = map(int, only(found).box)
    assert sorted(upright[top:bottom, left:right].ravel()) == sorted(values[20:33, 10:30].ravel())


def test_a_field_is_grown_once_for_pixels_and_labels():
    grown = []

    def field() -> np.ndarray:
        grown.append(1)
        return displacement_fields.lens(SIZE, 0.1)

    op = Remap(field, SIZE, BLACK)
    op.places()
    after(LABELLED, op)
    assert len(grown) == 1
