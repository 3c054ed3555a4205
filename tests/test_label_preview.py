"""Labels in previews: what is drawn where, and in which colour, on pictures that are scaled to a cell."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from augcli.commands.preview.contact_sheet import Cell, framed
from augcli.commands.preview.labels import COLOURS, FILL, LEFT, OVERLAY, RIGHT, RIM, Palette, drawn, labelled
from augcli.image.arrays import Picture, Size
from augcli.labels.annotation import Annotation, Bitmap, LabelImage, Object

GREY = (100, 110, 120)


def cell(width: int = 200, height: int = 100) -> PIL.Image.Image:
    return PIL.Image.new("RGB", (width, height), GREY)


def with_one(one: Object) -> np.ndarray:
    """Draw one object of a picture of 400x200 on a cell of half that size."""
    return np.asarray(drawn(cell(), [Annotation(Size(400, 200), (one,))], Palette()))


def blend(colour: tuple[int, ...], alpha: int) -> np.ndarray:
    return (np.array(colour) * alpha + np.array(GREY) * (255 - alpha)) / 255


def where(shown: np.ndarray, colour: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of all pixels of a colour, the last two exclusive."""
    rows, columns = np.nonzero((shown == colour).all(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_a_box_is_drawn_with_two_pixels_where_it_is_in_the_scaled_picture():
    shown = with_one(Object("", box=(100.0, 60.0, 300.0, 160.0)))
    colour = Palette().of("")
    assert where(shown, colour) == pytest.approx((50, 30, 150, 80))
    row = shown[55]
    assert sum((row[x] == colour).all() for x in range(40, 60)) == 2
    assert (shown[55, 100] == GREY).all()


def test_a_box_around_the_whole_picture_is_seen_on_all_sides():
    shown = with_one(Object("", box=(0.0, 0.0, 400.0, 200.0)))
    colour = Palette().of("")
    for side in (shown[:3, 100], shown[-3:, 100], shown[50, :3], shown[50, -3:]):
        assert any((pixel == colour).all() for pixel in side)


def test_a_shape_has_a_light_fill_and_an_outline():
    ring = np.array([[100.0, 40.0], [300.0, 40.0], [300.0, 160.0], [100.0, 160.0]])
    shown = with_one(Object("", rings=(ring,)))
    colour = Palette().of("")
    # The name is empty, so that nothing is written.
    assert shown[50, 100] == pytest.approx(blend(colour, FILL), abs=1)
    assert (shown[50, 20] == GREY).all()
    assert where(shown, colour) == pytest.approx((50, 20, 150, 80), abs=2)  # the line's width and its joints


def test_a_shape_of_pixels_is_drawn_in_its_place():
    pixels = np.ones((80, 120), bool)
    pixels[:40, :60] = False
    shown = with_one(Object("", bitmap=Bitmap(200, 40, pixels)))
    colour = Palette().of("")
    assert where(shown, colour) == (100, 20, 160, 60)
    assert (shown[30, 115] == GREY).all()
    assert shown[50, 145] == pytest.approx(blend(colour, FILL), abs=1)


def test_a_small_cell_shows_the_pixels_in_the_middle_of_its_own():
    one = Object("", bitmap=Bitmap(2, 2, np.ones((1, 1), bool)))
    shown = np.asarray(drawn(cell(100, 50), [Annotation(Size(400, 200), (one,))], Palette()))
    assert where(shown, Palette().of("")) == (0, 0, 1, 1)


def test_the_sides_of_keypoints_have_their_colours_and_hidden_ones_are_hollow():
    points = np.array([[100.0, 50.0], [200.0, 50.0], [300.0, 150.0], [40.0, 150.0]])
    states = np.array([2, 2, 1, 0], np.int8)
    one = Object("", keypoints=points, states=states, pairs=((0, 1), (2, 3)))
    shown = with_one(one)
    assert (shown[25, 50] == LEFT).all()
    assert (shown[25, 100] == RIGHT).all()
    assert (shown[75, 150] == RIM).all()
    assert (shown[75, 148] == LEFT).all()
    assert (shown[70:80, 15:25] == GREY).all()


def test_an_oriented_box_is_drawn_along_its_corners():
    corners = np.array([[100.0, 100.0], [200.0, 20.0], [300.0, 100.0], [200.0, 180.0]])
    shown = with_one(Object("", corners=corners))
    assert where(shown, Palette().of("")) == pytest.approx((50, 10, 150, 90), abs=4)
    assert (shown[50, 100] == GREY).all()


def test_a_label_image_is_laid_over_and_its_zero_is_clear():
    values = np.zeros((200, 400, 1), np.uint16)
    values[:, 200:] = 24003
    shown = np.asarray(drawn(cell(), [Annotation(Size(400, 200), (), LabelImage(values))], Palette()))
    assert (shown[:, :100] == GREY).all()
    assert shown[50, 150] == pytest.approx(blend(COLOURS[24003 % len(COLOURS)], OVERLAY), abs=1)


def test_codes_that_are_colours_are_laid_over_as_they_are():
    values = np.zeros((200, 400, 3), np.uint8)
    values[100:] = (128, 64, 0)
    shown = np.asarray(drawn(cell(), [Annotation(Size(400, 200), (), LabelImage(values))], Palette()))
    assert (shown[:50] == GREY).all()
    assert shown[75, 100] == pytest.approx(blend((128, 64, 0), OVERLAY), abs=1)


def test_a_class_has_one_colour_and_no_two_have_the_same_as_long_as_there_are_some():
    palette = Palette()
    names = [f"class {number}" for number in range(len(COLOURS))]
    colours = [palette.of(name) for name in names]
    assert len(set(colours)) == len(COLOURS)
    assert [palette.of(name) for name in names] == colours
    assert palette.of("one more") in COLOURS
    assert Palette().of("class 3") == Palette().of("class 3")


def test_a_name_stands_at_its_object_and_none_covers_another():
    boxes = [(0.0, 0.0, 200.0, 200.0), (2.0, 2.0, 100.0, 100.0)]
    large, small = (Object(name, box=box) for name, box in zip(("large", "small"), boxes, strict=True))
    palette = Palette()
    both = np.asarray(drawn(cell(), [Annotation(Size(200, 100), (small, large))], palette))
    alone = np.asarray(drawn(cell(), [Annotation(Size(200, 100), (large,))], palette))
    assert (both[3:14, 4:30] == alone[3:14, 4:30]).all()  # the larger one's name
    assert (alone[3:14, 4:30] == palette.of("large")).all(axis=2).any()


def test_what_no_picture_holds_is_drawn_as_far_as_it_goes():
    far = Object("\x1b[2J😀" * 1000, box=(-1e12, -1e12, 1e12, 1e12), rings=(np.array([[0, 0], [1e15, 0], [0, 1e15]]),))
    empty = Object("nothing", keypoints=np.zeros((3, 2)), states=np.zeros(3, np.int8))
    picture = cell()
    shown = drawn(picture, [Annotation(Size(400, 200), (far, empty, Object("not even that")))], Palette())
    assert shown.size == (200, 100)
    assert (np.asarray(picture) == GREY).all()


def test_the_cells_of_a_sheet_are_labelled_behind_their_scaling():
    image = np.full((600, 1200, 3), GREY, np.uint8)
    found = labelled(
        framed(Picture(image), "a.jpg", ["1200 x 600"]),
        [Annotation(Size(1200, 600), (Object("", box=(300.0, 150.0, 900.0, 450.0)),))],
        Palette(),
    )
    assert found.title == "a.jpg"
    assert where(np.asarray(found.image), Palette().of("")) == pytest.approx((56, 28, 168, 84))
    nothing = Cell(None, "b.jpg", ["cannot be read"])
    assert labelled(nothing, [], Palette()) == nothing
