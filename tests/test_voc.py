"""Pascal VOC: found in any of its forms, read and written without a change to what stays."""

import math
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from augcli.dataset.layouts.voc import find
from augcli.dataset.sources import Hints
from augcli.dataset.walk import Walk
from augcli.image.arrays import Size
from augcli.labels.formats import Shown, format_of
from augcli.labels.xml_elements import document
from augcli.problems import Unusable
from augcli.spec.sections import Labels

VOC = format_of("voc")
SIZE = Size(100, 80)
SHOWN = Shown("JPEGImages/a_aug000.jpg", "Annotations/a_aug000.xml", SIZE)

BOX = "<bndbox><xmax>{2}</xmax><xmin>{0}</xmin><ymin>{1}</ymin><ymax>{3}</ymax></bndbox>"


def object_of(box=(11, 21, 30, 40), name="cat", rest=""):
    inside = BOX.format(*box) if box else ""
    return f"\n\t<object>\n\t\t<name>{name}</name>{rest}\n\t\t{inside}\n\t</object>"


def xml(*objects, head=""):
    return (
        f"{head}<annotation verified='yes'>\n\t<folder>V</folder>\n\t<filename>a.jpg</filename>\n\t<!-- <object> -->"
        "\n\t<size><width>100</width><height>80</height><depth>3</depth></size>"
        f"\n\t<segmented>0</segmented>{''.join(objects)}\n</annotation>\n"
    )


def read(text, about=None, shown=SHOWN, **settings):
    data = text if isinstance(text, bytes) else text.encode()
    return VOC.read([data], about or {"origin": 1}, shown, Labels(**settings))


def write(annotation, text, shown=SHOWN, about=None):
    data = text if isinstance(text, bytes) else text.encode()
    return VOC.write(annotation, [data], about or {"origin": 1}, shown, Labels())


def moved(one, **values):
    return replace(one, untouched=False, **values)


def boxes(written):
    tree = ElementTree.fromstring(written)
    tags = ("xmin", "ymin", "xmax", "ymax")
    return [tuple(found.findtext(f"bndbox/{tag}") for tag in tags) for found in tree.iter("object")]


def test_a_box_of_origin_1_includes_its_last_pixel():
    (one,) = read(xml(object_of())).objects
    assert one.box == (10, 20, 30, 40)
    assert (one.name, one.stays) == ("cat", False)


def test_a_set_with_a_coordinate_0_is_continuous():
    text = xml(object_of((0, 21, 30, 40)))
    assert read(text, {"origin": 0}).objects[0].box == (0, 21, 30, 40)
    assert read(text, {"origin": 0}, voc_origin=1).objects[0].box == (0, 20, 30, 40)
    assert read(text, {"origin": 1}, voc_origin=0).objects[0].box == (0, 21, 30, 40)


def test_one_pixel_is_a_box():
    assert read(xml(object_of((5, 5, 5, 9)))).objects[0].box == (4, 4, 5, 9)


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((7, 5, 6, 9), None),  # the corners the other way round
        (("nan", 5, 6, 9), "no number"),
        (("1e999", 5, 6, 9), "no number"),
        (("", 5, 6, 9), "no number"),
        ((150, 5, 160, 9), "outside the image"),
        ((-20, 5, 0, 9), "outside the image"),
        (None, "no box"),
    ],
)
def test_an_object_that_cannot_be_read_is_dropped_and_counted(box, reason):
    text = xml(object_of(box), object_of())
    annotation = read(text)
    assert annotation.dropped == ({reason: 1} if reason else {})
    assert len(boxes(write(annotation, text))) == (1 if reason else 2)


def test_zero_size_is_dropped_where_coordinates_are_continuous():
    assert read(xml(object_of((5, 5, 5, 9))), {"origin": 0}).dropped == {"zero size": 1}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["", "utf-8", "gbk", "utf-16"])
def test_what_has_not_moved_is_written_as_it_was_but_for_the_name(newline, encoding):
    head = f"<?xml version='1.0' encoding='{encoding}'?>" if encoding else ""
    rest = "<pose>猫 &amp; <![CDATA[<b>]]></pose><attributes a = '>'/>"
    text = xml(object_of((1.5, 2, " 3.25 ", "4e1"), rest=rest), object_of((5, 6, 7, 8)), head=head)
    data = text.replace("\n", newline).encode(encoding or "utf-8")
    expected = text.replace("\n", newline).replace("a.jpg", "a_aug000.jpg").encode(encoding or "utf-8")
    assert write(read(data), data) == expected


def test_the_path_goes_and_the_size_is_that_of_the_file():
    text = xml(object_of()).replace("<segmented>", "<path>/home/me/a.jpg</path>\n\t<segmented>")
    annotation = replace(read(text), size=Size(50, 40))
    written = write(annotation, text, SHOWN._replace(size=Size(50, 40)))
    assert b"path" not in written
    assert b"<size><width>50</width><height>40</height><depth>3</depth></size>" in written
    assert b"</size>\n\t<segmented>" in written


def test_a_moved_box_keeps_the_order_of_its_elements_and_whole_numbers():
    text = xml(object_of())
    annotation = read(text)
    (one,) = annotation.objects
    written = write(replace(annotation, objects=(moved(one, box=(70.4, 20.5, 90.6, 79.7)),)), text)
    assert b"<bndbox><xmax>91</xmax><xmin>71</xmin><ymin>22</ymin><ymax>80</ymax></bndbox>" in written


def test_flips_are_exact():
    """Of origin 1: xmin' = W + 1 - xmax, in 1 to W."""
    text = xml(object_of((1, 1, 100, 80)), object_of((11, 21, 30, 40)))
    annotation = read(text)
    flipped = [
        moved(one, box=(100 - one.box[2], one.box[1], 100 - one.box[0], one.box[3])) for one in annotation.objects
    ]
    expected = [("1", "1", "100", "80"), ("71", "21", "90", "40")]
    assert boxes(write(replace(annotation, objects=tuple(flipped)), text)) == expected


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((10.6, 0, 11.2, 1), ("11", "11")),  # thinner than a pixel, rounds to nothing
        ((99.6, 0, 100, 1), ("100", "100")),
        ((0, 0, 0.4, 1), ("1", "1")),
    ],
)
def test_a_box_has_at_least_one_pixel_inside_the_image(box, expected):
    text = xml(object_of())
    annotation = read(text)
    (x, _, right, _), *_ = boxes(write(replace(annotation, objects=(moved(annotation.objects[0], box=box),)), text))
    assert (x, right) == expected


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((45.70000076293945, 2, 3, 4), "11.250000"),
        (("1.5", 2, 3, 4), "11.25"),
        (("1.", 2, 3, 4), "11.25"),
        (("1.125", 2, 3, 4), "11.250"),
    ],
)
def test_a_box_with_decimals_keeps_them(box, expected):
    text = xml(object_of(box))
    annotation = read(text)
    one = moved(annotation.objects[0], box=(10.25, 0, 20, 30))
    assert boxes(write(replace(annotation, objects=(one,)), text))[0][0] == expected


def test_truncated_is_set_below_85_percent_where_it_is_said_and_never_taken_back():
    rest = "<truncated>{}</truncated>"
    text = xml(*[object_of(rest=rest.format(said)) for said in (0, 0, 1)], object_of())
    annotation = read(text)
    shares = (0.84, 0.85, 1, 0.2)
    objects = tuple(moved(one, share=share) for one, share in zip(annotation.objects, shares, strict=True))
    tree = ElementTree.fromstring(write(replace(annotation, objects=objects), text))
    assert [found.findtext("truncated") for found in tree.iter("object")] == ["1", "0", "1", None]


def test_what_is_difficult_stays():
    text = xml(object_of(rest="<difficult>1</difficult>"), object_of(rest="<difficult>0</difficult>"))
    assert [one.stays for one in read(text).objects] == [True, False]


def test_an_image_that_lost_all_is_a_file_without_objects():
    text = xml(object_of(), object_of())
    written = write(replace(read(text), objects=()), text)
    assert not ElementTree.fromstring(written).findall("object")
    assert written.endswith(b"\n\t<segmented>0</segmented>\n</annotation>\n")


@pytest.mark.parametrize("own", [1, 0])
def test_objects_of_other_images_stand_behind_the_own(own):
    text, other = xml(*[object_of()] * own), xml(object_of((1, 1, 9, 9), "犬"), object_of((2, 2, 8, 8), "dog"))
    annotation, partner = read(text), read(other)
    added = [moved(one, origin=1, box=(50, 50, 60, 60)) for one in partner.objects]
    written = write(replace(annotation, objects=(*annotation.objects, *added)), text)
    names = [found.findtext("name") for found in ElementTree.fromstring(written).iter("object")]
    assert names == ["cat"] * own + ["犬", "dog"]
    assert boxes(written)[-1] == ("51", "51", "60", "60")
    assert b"\n\t<object>\n\t\t<name>dog" in written


def test_an_empty_element_takes_objects():
    partner = read(xml(object_of()))
    own = read("<annotation/>")
    added = replace(partner.objects[0], origin=1)
    assert len(boxes(write(replace(own, objects=(added,)), "<annotation/>"))) == 1


PARTS = "".join(
    f"\n\t\t<part><name>{name}</name>{BOX.format(*box)}</part>"
    for name, box in (
        ("head", (12, 22, 15, 25)),
        ("foot", (20, 30, 25, 39)),
    )
)


def test_parts_follow_with_boxes_of_their_own():
    text = xml(object_of(rest=PARTS))
    annotation = read(text)
    assert [one.name for one in annotation.objects] == ["cat", "head", "foot"]
    assert all(one.stays for one in read(xml(object_of(rest=PARTS + "<difficult>1</difficult>"))).objects)
    whole, head, _ = annotation.objects
    left = (moved(whole, box=(0, 0, 20, 20)), moved(head, box=(1, 2, 3, 4)))
    (found,) = ElementTree.fromstring(write(replace(annotation, objects=left), text)).iter("object")
    assert found.find("bndbox").findtext("xmax") == "20"
    assert [[child.text for child in part.find("bndbox")] for part in found.iter("part")] == [["3", "2", "3", "4"]]


def test_parts_go_with_their_object():
    text = xml(object_of(rest=PARTS))
    annotation = read(text)
    written = write(replace(annotation, objects=annotation.objects[1:]), text)
    assert not list(ElementTree.fromstring(written).iter("part"))


def test_the_turned_box_of_rolabelimg_is_four_corners():
    rest = "<robndbox><cx>50.0</cx><cy>40.0</cy><w>20.0</w><h>10.0</h><angle>{}</angle></robndbox>"
    text = xml(object_of(None, rest=rest.format(math.pi / 2)))
    annotation = read(text)
    (one,) = annotation.objects
    assert np.allclose(one.corners, [[55, 30], [55, 50], [45, 50], [45, 30]])
    larger = (one.corners - np.array([50, 40])) * 2 + np.array([10, 20])
    written = write(replace(annotation, objects=(moved(one, corners=larger),)), text)
    box = ElementTree.fromstring(written).find("object/robndbox")
    assert [child.text for child in box] == ["10.00", "20.00", "40.00", "20.00", "1.570796"]


def test_a_sheared_turned_box_is_written_as_the_smallest_rectangle_around_it():
    rest = "<robndbox><cx>50.0</cx><cy>40.0</cy><w>20.0</w><h>10.0</h><angle>0.0</angle></robndbox>"
    text = xml(object_of(None, rest=rest))
    annotation = read(text)
    corners = np.array([[10.0, 10], [30, 10], [34, 20], [14, 20]])
    written = write(replace(annotation, objects=(moved(annotation.objects[0], corners=corners),)), text)
    numbers = [float(child.text) for child in ElementTree.fromstring(written).find("object/robndbox")]
    assert numbers == [22, 15, 24, 10, 0]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "<x1>1.5</x1><y1>2.5</y1><x2>10.5</x2><y2>2.5</y2><x3>10.5</x3><y3>20.5</y3>",
            "<x1>1.00</x1><y1>2.00</y1><x2>9.00</x2><y2>2.00</y2><x3>9.00</x3><y3>9.00</y3><x4>1.00</x4><y4>9.00</y4>",
        ),
        (
            "<user>me</user><pt><x>1</x><y>2</y></pt><pt><x>10</x><y>2</y></pt><pt><x>10</x><y>20</y></pt>",
            "<user>me</user><pt><x>1</x><y>2</y></pt><pt><x>9</x><y>2</y></pt><pt><x>9</x><y>9</y></pt>"
            "<pt><x>1</x><y>9</y></pt>",
        ),
    ],
)
def test_polygons_are_written_with_as_many_points_as_they_have_now(said, expected):
    text = xml(object_of(None, rest=f"<polygon>{said}</polygon>"))
    annotation = read(text)
    (one,) = annotation.objects
    assert one.rings[0].shape == (3, 2)
    ring = np.array([[1.0, 2], [9, 2], [9, 9], [1, 9]])
    written = write(replace(annotation, objects=(moved(one, rings=(ring,)),)), text)
    assert f"<polygon>{expected}</polygon>".encode() in written


def test_of_parts_of_a_polygon_the_largest_comes_first():
    text = xml(object_of(None, rest="<polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>2</y2><x3>9</x3><y3>9</y3></polygon>"))
    annotation = read(text)
    rings = [np.array([[0.0, 0], [side, 0], [side, side]]) for side in (2, 7)]
    written = write(replace(annotation, objects=(moved(annotation.objects[0], rings=tuple(rings)),)), text)
    assert [one.findtext("x2") for one in ElementTree.fromstring(written).iter("polygon")] == ["7", "2"]


def test_labels_of_the_stored_picture_are_turned_with_it():
    """EXIF 6: what is stored 80 wide and 100 high is shown turned clockwise."""
    stored = xml(object_of((1, 1, 10, 20))).replace(">100<", ">80<", 1).replace(">80</height>", ">100</height>")
    annotation = read(stored, shown=SHOWN._replace(orientation=6))
    assert annotation.size == SIZE
    assert annotation.objects[0].box == (80, 0, 100, 10)
    assert read(xml(object_of((1, 1, 10, 20))), shown=SHOWN._replace(orientation=6)).objects[0].box == (0, 0, 10, 20)


def test_a_polygon_that_cannot_be_read_leaves_the_box():
    annotation = read(xml(object_of(rest="<polygon><x1>1</x1><y1>2</y1></polygon>")))
    assert annotation.objects[0].rings == ()
    assert annotation.dropped == {"polygon that cannot be read": 1}


def test_the_point_of_a_person_is_the_middle_of_its_pixel():
    text = xml(object_of(rest="\n\t\t<point><x>12</x><y>23</y></point>"))
    annotation = read(text)
    (one,) = annotation.objects
    assert one.keypoints.tolist() == [[11.5, 22.5]]
    here = moved(one, keypoints=np.array([[88.5, 22.5]]))
    assert b"<point><x>89</x><y>23</y></point>" in write(replace(annotation, objects=(here,)), text)
    lost = moved(one, states=np.array([0], np.int8))
    assert b"point" not in write(replace(annotation, objects=(lost,)), text)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<annotation><object>",
        b"<annotations/>",
        b"<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><annotation>&c;</annotation>",
        b"<annotation>&c;</annotation>",
        b"<annotation>" * 100_000,
        b"<annotation>\xff</annotation>",
        b"<?xml version='1.0' encoding='zip'?><annotation/>",
        b"<?xml version='1.0' encoding='utf-16'?><annotation/>",
    ],
)
def test_what_is_no_voc_file_is_unusable(data):
    with pytest.raises(Unusable):
        read(data)


def test_words_of_files_cannot_leave_their_element():
    shown = SHOWN._replace(path="JPEGImages/a<b>&\x01.jpg")
    assert ElementTree.fromstring(write(read(xml()), xml(), shown)).findtext("filename") == "a<b>&?.jpg"


def test_a_document_is_read_once_for_all_its_copies():
    text = xml(object_of()).encode()
    document.cache_clear()
    for _ in range(3):
        write(read(text), text)
    assert document.cache_info().misses == 1


@pytest.fixture
def tree(tmp_path):
    def make(**files):
        for path, data in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data if isinstance(data, bytes) else data.encode())
        return Walk(tmp_path, follow_links=False, out=None).tree()

    return make


def devkit(year="VOC2012", names=("a", "b", "c")):
    top = f"VOCdevkit/{year}"
    files = {f"{top}/JPEGImages/{name}.jpg": b"" for name in names}
    return top, files | {f"{top}/Annotations/{name}.xml": xml(object_of()) for name in names}


def test_the_devkit_is_found_with_masks_lists_and_splits(tree):
    top, files = devkit()
    found = find(
        tree(
            **files,
            **{
                f"{top}/SegmentationClass/a.png": b"",
                f"{top}/SegmentationObject/a.png": b"",
                f"{top}/SegmentationClassVisualization/a.jpg": b"",
                f"{top}/ImageSets/Main/train.txt": "a\n",
                f"{top}/ImageSets/Main/trainval.txt": "a\nb\n",
                f"{top}/ImageSets/Main/val.txt": "b\nz\n",
                f"{top}/ImageSets/Main/cat_train.txt": "a  1\n",
                f"{top}/ImageSets/Segmentation/val.txt": "a\n",
            },
        ),
        Hints(),
    )
    assert [(source.split, source.role) for source in found.sources] == [
        ("train", "train"),
        ("val", "val"),
        ("", "train"),
    ]
    slots = [file.slot.removeprefix(f"{top}/") for file in found.sources[0].labels]
    assert slots == [
        "Annotations",
        "SegmentationClass",
        "SegmentationObject",
        "ImageSets/Main/train.txt",
        "ImageSets/Main/trainval.txt",
        "ImageSets/Main/cat_train.txt",
        "ImageSets/Segmentation/val.txt",
    ]
    assert found.unpaired == {"names in lists without an image": [f"{top}/ImageSets/Main/val.txt: z"]}


def test_two_years_with_images_of_one_name_stay_apart(tree):
    (_, first), (_, second) = devkit("VOC2007"), devkit("VOC2012")
    found = find(tree(**first, **second, **{"VOCdevkit/VOC2007/ImageSets/Main/test.txt": "a\n"}), Hints())
    for source in found.sources:
        assert source.labels[0].path == source.path.replace("JPEGImages", "Annotations").replace(".jpg", ".xml")
    assert [source.path for source in found.sources if source.role == "test"] == ["VOCdevkit/VOC2007/JPEGImages/a.jpg"]


def test_files_side_by_side_in_splits_are_found(tree):
    names = {"train/a": xml(object_of()), "valid/a": xml(object_of((0, 1, 2, 3)))}
    files = {f"{name}.xml": text for name, text in names.items()} | {f"{name}.jpg": b"" for name in names}
    found = find(tree(**files), Hints())
    assert [(source.path, source.role, source.labels[0].path) for source in found.sources] == [
        ("train/a.jpg", "train", "train/a.xml"),
        ("valid/a.jpg", "val", "valid/a.xml"),
    ]
    assert found.sets[0].about == {"origin": 0}  # one 0 anywhere


@pytest.mark.parametrize("zero", ["0", "0.0", " 0 ", "-0.00"])
def test_one_coordinate_0_makes_the_set_continuous(tree, zero):
    assert find(tree(**{"a.jpg": b"", "a.xml": xml(object_of((zero, 5, 6, 7)))}), Hints()).sets[0].about == {
        "origin": 0
    }


@pytest.mark.parametrize("number", ["10", "0.5", "100"])
def test_other_numbers_with_a_0_do_not(tree, number):
    text = xml(object_of((number, 5, 6, 7)))
    assert find(tree(**{"a.jpg": b"", "a.xml": text}), Hints()).sets[0].about == {"origin": 1}


def test_the_file_name_decides_between_images_of_one_stem_and_finds_others(tree):
    files = {"a.png": b"", "a.jpg": b"", "b.jpg": b"", "x/b.xml": xml(), "a.xml": xml(), "lost.xml": xml()}
    files["odd.xml"] = xml().replace("a.jpg", "C:\\me\\b.jpg")
    found = find(tree(**files), Hints())
    assert {source.path: source.labels[0].path for source in found.sources} == {"a.jpg": "a.xml", "b.jpg": "odd.xml"}
    assert found.unpaired == {
        "label files of an image that has another": ["lost.xml", "x/b.xml"],
        "images without a label file": ["a.png"],
    }


def test_damaged_files_beside_good_ones_are_labels_all_the_same(tree):
    files = {f"{name}.jpg": b"" for name in "ab"} | {"a.xml": b"", "b.xml": xml()}
    assert len(find(tree(**files), Hints()).sources) == 2


def test_xml_of_another_kind_is_none(tree):
    assert find(tree(**{"a.jpg": b"", "annotations.xml": "<annotations><image/></annotations>"}), Hints()) is None


def test_hints_tell_which_folders_count(tree):
    files = {"new/a.xml": xml(), "old/a.xml": xml(), "raw/a.jpg": b"", "thumbs/a.jpg": b""}
    found = find(tree(**files), Hints("raw", "new"))
    assert [(source.path, source.labels[0].path) for source in found.sources] == [("raw/a.jpg", "new/a.xml")]
