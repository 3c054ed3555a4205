"""LabelMe: found, read and written without a change to what stays."""

import base64
import json
import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from augcli.dataset.layouts.labelme import find
from augcli.dataset.sources import Hints
from augcli.dataset.walk import Walk
from augcli.image.arrays import Matrix, Size
from augcli.image.ops import Warp
from augcli.labels.annotation import Bitmap
from augcli.labels.formats import Shown, format_of
from augcli.labels.moving import Tracks
from augcli.problems import Unusable
from augcli.spec.sections import Labels

LABELME = format_of("labelme")
SIZE = Size(100, 80)
SHOWN = Shown("train/a_aug000.jpg", "train/a_aug000.json", SIZE)
SQUARE = [[10.0, 20.0], [30.0, 20.0], [30.0, 40.0], [10.0, 40.0]]


def shape(kind="polygon", points=SQUARE, **more):
    return {"label": "cat", "points": points, "group_id": None, "shape_type": kind, "flags": {}, **more}


def text(*shapes, indent=2, **more):
    head = {"version": "5.5.0", "flags": {"ö": True}, "shapes": list(shapes), "imagePath": "a_aug000.jpg"}
    head |= {"imageData": None, "imageHeight": 80, "imageWidth": 100, **more}
    return json.dumps(head, indent=indent, ensure_ascii=False)


def read(said, shown=SHOWN):
    return LABELME.read([said.encode()], {}, shown, Labels())


def write(annotation, said, shown=SHOWN):
    return json.loads(LABELME.write(annotation, [said.encode()], {}, shown, Labels()))


def moved(annotation, *values):
    objects = zip(annotation.objects, values, strict=True)
    return replace(annotation, objects=tuple(replace(one, untouched=False, **new) for one, new in objects))


def mask(pixels):
    done, png = cv2.imencode(".png", pixels.astype(np.uint8))
    assert done
    return base64.b64encode(png.tobytes()).decode()


def pixels_of(written):
    return cv2.imdecode(np.frombuffer(base64.b64decode(written["mask"]), np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_what_has_not_moved_is_written_as_it_was(indent):
    said = text(shape(description="ä", more=1.50), shape("circle", [[5, 6], [7, 8]]), indent=indent)
    said = said.replace("1.5", "1.500").replace("5.5.0", "\\u0035.5.0")
    annotation = read(said)
    assert annotation.untouched
    assert LABELME.write(annotation, [said.encode()], {}, SHOWN, Labels()).decode() == said


def test_the_old_picture_goes_and_name_and_size_are_those_of_the_file():
    said = text(imageData="A" * 1000, imagePath="..\\x\\a.jpg")
    shown = SHOWN._replace(path="images/ä_aug000.jpg", size=Size(50, 40))
    written = write(read(said), said, shown)
    assert written["imageData"] is None
    assert written["imagePath"] == "../images/ä_aug000.jpg"
    assert (written["imageWidth"], written["imageHeight"]) == (50, 40)


def test_each_kind_of_shape_is_read_as_what_it_is():
    said = text(
        shape(),
        shape("rectangle", [[30, 20], [10, 40]]),
        shape("line", [[1, 2], [3, 4]]),
        shape("linestrip", [[1, 2], [3, 4], [5, 6]]),
        shape("point", [[1, 2]]),
        shape("points", [[1, 2], [3, 4]]),
        shape("polygon", [*SQUARE, SQUARE[0]]),
    )
    polygon, rectangle, line, strip, point, points, closed = read(said).objects
    assert np.array_equal(polygon.rings, [SQUARE])
    assert np.array_equal(closed.rings, [SQUARE])
    assert np.array_equal(rectangle.rings, [[[10, 20], [30, 20], [30, 40], [10, 40]]])
    assert [len(one.lines) for one in (line, strip, point, points)] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (shape(points=[]), "no coordinates"),
        (shape(points=[[1, 2], [3, 4]]), "not enough points"),
        (shape(points=[[1, 2], [3]]), "no coordinates"),
        (shape(points="no"), "no coordinates"),
        (shape(points=[[1, 2], [3, math.nan], [5, 6]]), "no number"),
        (shape(points=[[1, 2], [3, 10**400], [5, 6]]), "no coordinates"),
        (shape("rectangle", [[1, 2], [1, 9]]), "zero size"),
        (shape("circle", [[1, 2], [1, 2]]), "zero size"),
        (shape("cuboid"), "unknown kind of shape"),
        (shape("mask", [[0, 0], [1, 1]], mask="no"), "mask that cannot be read"),
        (shape("mask", [[0, 0], [1, 1]], mask=base64.b64encode(b"BM").decode()), "mask that cannot be read"),
        (shape("mask", [[0, 0], [1, 1]]), "mask that cannot be read"),
        (shape("mask", [[0, 0], [1, 1]], mask=mask(np.ones((1000, 1000)))), "mask that cannot be read"),
        (shape("mask", [[200, 0], [201, 1]], mask=mask(np.ones((2, 2)))), "outside the image"),
        ({"points": SQUARE}, "no label"),
        ("shape", "no label"),
    ],
)
def test_a_shape_that_cannot_be_read_is_dropped_and_counted(bad, reason):
    said = text(shape(), bad, shape())
    annotation = read(said)
    assert annotation.dropped == {reason: 1}
    assert len(write(annotation, said)["shapes"]) == 2


def test_1e999_is_no_number():
    said = text(shape()).replace("30.0", "1e999")
    assert read(said).dropped == {"no number": 1}


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"shapes": 1}', b'{"shapes": [}', b"\xff{}", b'{"shapes": ' + b"[" * 200_000, b"{}",
     b'{"shapes": [' + b"1" * 5000 + b"]}", b'{1: 2}', b'{"shapes": [] "a"}'],
)  # fmt: skip
def test_what_is_no_labelme_file_is_unusable(data):
    with pytest.raises(Unusable):
        LABELME.read([data], {}, SHOWN, Labels())


def test_points_are_written_with_the_white_space_of_the_source():
    said = text(shape())
    expected = said.replace("10.0", "70.0").replace("30.0", "90.3333")
    there = np.array([[70, 20], [90 + 1 / 3, 20], [90 + 1 / 3, 40], [70, 40]])
    annotation = moved(read(said), {"rings": (there,)})
    assert LABELME.write(annotation, [said.encode()], {}, SHOWN, Labels()).decode() == expected


def turned(points, degrees, scale=1.0, centre=(50, 40)):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (np.asarray(points) - centre) @ np.array([[cos, -sin], [sin, cos]]) * scale + centre


@pytest.mark.parametrize(
    ("degrees", "kind"), [(90, "rectangle"), (180, "rectangle"), (0, "rectangle"), (30, "polygon")]
)
def test_a_rectangle_stays_one_as_long_as_it_is_upright(degrees, kind):
    said = text(shape("rectangle", [[10, 20], [30, 40]]))
    annotation = read(said)
    (written,) = write(moved(annotation, {"rings": (turned(annotation.objects[0].rings[0], degrees),)}), said)["shapes"]
    assert written["shape_type"] == kind
    assert len(written["points"]) == (2 if kind == "rectangle" else 4)


def test_a_rectangle_of_four_points_keeps_them():
    said = text(shape("rectangle", SQUARE))
    annotation = read(said)
    (written,) = write(moved(annotation, {"rings": (np.array(SQUARE) + 5,)}), said)["shapes"]
    assert written["points"] == (np.array(SQUARE) + 5).tolist()


def test_a_circle_stays_one_as_long_as_it_is_round():
    said = text(shape("circle", [[30, 40], [33, 44]]))
    annotation = read(said)
    (ring,) = annotation.objects[0].rings
    assert np.allclose(np.linalg.norm(ring - (30, 40), axis=1), 5)
    (round_,) = write(moved(annotation, {"rings": (turned(ring, 30, 2, (30, 40)),)}), said)["shapes"]
    assert round_["shape_type"] == "circle"
    assert np.allclose(round_["points"][0], [30, 40], atol=1e-3)
    assert math.isclose(math.dist(*round_["points"]), 10, abs_tol=1e-3)
    (flat,) = write(moved(annotation, {"rings": (ring * (1, 2),)}), said)["shapes"]
    assert (flat["shape_type"], len(flat["points"])) == ("polygon", len(ring))


def test_a_turned_rectangle_stays_one_unless_it_is_sheared():
    said = text(shape("oriented_rectangle"), shape("rotation", direction=0.0))
    annotation = read(said)
    ring = turned(SQUARE, 30)
    first, second = write(moved(annotation, *[{"rings": (ring,)}] * 2), said)["shapes"]
    assert (first["shape_type"], second["shape_type"]) == ("oriented_rectangle", "rotation")
    x, y = ring[1] - ring[0]
    assert math.isclose(second["direction"], math.atan2(y, x) % (2 * math.pi))
    sheared = np.array(SQUARE) @ np.array([[1, 0], [0.5, 1]])
    (skew, _) = write(moved(annotation, *[{"rings": (sheared,)}] * 2), said)["shapes"]
    assert skew["shape_type"] == "polygon"


def test_parts_share_a_new_group_and_a_group_that_there_is_stays():
    said = text(shape(), shape(group_id=7))
    parts = np.array(SQUARE) - 5, np.array(SQUARE) + 5
    written = write(moved(read(said), {"rings": parts}, {"rings": parts}), said)["shapes"]
    assert [one["group_id"] for one in written] == [8, 8, 7, 7]


def test_a_line_that_is_cut_is_several():
    said = text(shape("line", [[0, 0], [9, 9]]))
    lines = np.array([[0.0, 0], [2, 2]]), np.array([[4.0, 4], [5, 5], [9, 9]])
    written = write(moved(read(said), {"lines": lines}), said)["shapes"]
    assert [(one["shape_type"], len(one["points"]), one["group_id"]) for one in written] == [
        ("line", 2, 0),
        ("linestrip", 3, 0),
    ]


def test_groups_of_other_images_get_numbers_that_are_free():
    said, other = text(shape(group_id=1)), text(shape(group_id=1), shape(group_id=1), shape(), indent=None)
    own = read(said)
    added = [replace(one, origin=1) for one in read(other).objects]
    written = write(replace(own, objects=(*own.objects, *added)), said)["shapes"]
    assert [one["group_id"] for one in written] == [1, 2, 2, None]


def test_old_shapes_without_kind_and_group_get_what_they_need():
    said = text({"label": "cat", "points": SQUARE})
    parts = np.array(SQUARE) - 5, np.array(SQUARE) + 5
    written = write(moved(read(said), {"rings": parts}), said)["shapes"]
    assert [(one["shape_type"], one["group_id"]) for one in written] == [("polygon", 0)] * 2


def test_a_mask_is_its_pixels_from_the_first_point_on():
    pixels = np.array([[0, 1, 1], [0, 1, 0]])
    said = text(shape("mask", [[10.4, 20.0], [12.4, 21.0]], mask=mask(pixels)))
    annotation = read(said)
    (one,) = annotation.objects
    assert (one.bitmap.left, one.bitmap.top) == (10, 20)
    assert np.array_equal(one.bitmap.pixels, pixels)
    (written,) = write(moved(annotation, {"bitmap": Bitmap(5, 6, pixels.T.astype(bool))}), said)["shapes"]
    assert written["points"] == [[5, 6], [6, 8]]
    assert np.array_equal(pixels_of(written), pixels.T)


def test_a_mask_is_cut_to_the_image():
    said = text(shape("mask", [[-1, -1], [1, 1]], mask=mask(np.eye(3))))
    bitmap = read(said).objects[0].bitmap
    assert (bitmap.left, bitmap.top, bitmap.pixels.tolist()) == (0, 0, [[True, False], [False, True]])


def test_an_image_that_lost_all_has_an_empty_list():
    said = text(shape(), shape())
    assert write(replace(read(said), objects=()), said)["shapes"] == []


def test_marks_and_straight_lines_are_never_too_small():
    said = text(shape("point", [[50, 40]]), shape("line", [[5, 10], [5, 30]]), shape("point", [[95, 40]]))
    ten_to_the_right = Warp(Matrix(1, 0, -10, 0, 1, 0), SIZE)
    left = Tracks(read(said)).through([ten_to_the_right]).kept(Labels())
    written = write(left, said)["shapes"]
    assert [(one["shape_type"], one["points"]) for one in written] == [
        ("point", [[60, 40]]),
        ("line", [[15, 10], [15, 30]]),
    ]
    assert left.dropped == {"outside the image": 1}


@pytest.fixture
def tree(tmp_path):
    def make(**files):
        for path, data in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data if isinstance(data, bytes) else data.encode())
        return Walk(tmp_path, follow_links=False, out=None).tree()

    return make


def test_files_are_found_beside_their_images_or_where_they_say(tree):
    files = {
        "train/a.jpg": b"",
        "train/a.json": text(imagePath="wrong.json"),
        "val/b.png": b"",
        "val/b.jpg": b"",
        "val/b.json": text(imagePath="b.png"),
        "annotations/1.json": text(imagePath="..\\\\images\\\\c.jpg").replace("\\\\\\\\", "\\\\"),
        "images/c.jpg": b"",
        "images/d.jpg": b"",
        "annotations/d.json": text(imagePath="/home/me/e.jpg"),
        "annotations/lost.json": text(imagePath="f.jpg"),
        "train/damaged.json": b"{",
        "train/damaged.jpg": b"",
        "train/other.json": b"{}",
        "labels.txt": "cat\n",
    }
    found = find(tree(**files), Hints())
    assert {source.path: (source.labels[0].path, source.role) for source in found.sources} == {
        "train/a.jpg": ("train/a.json", "train"),
        "train/damaged.jpg": ("train/damaged.json", "train"),
        "val/b.png": ("val/b.json", "val"),
        "images/c.jpg": ("annotations/1.json", "train"),
        "images/d.jpg": ("annotations/d.json", "train"),
    }
    assert found.unpaired == {
        "label files without an image": ["annotations/lost.json"],
        "images without a label file": ["val/b.jpg"],
    }
    assert [one.path for one in found.sets] == ["labels.txt"]


def test_other_json_is_none(tree):
    assert find(tree(**{"a.jpg": b"", "a.json": '{"objects": []}'}), Hints()) is None
