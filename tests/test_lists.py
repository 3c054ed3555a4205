"""Lists of images: lines are found, and written for the copies."""

import pytest

from augcli.dataset.layouts.image_lists import kept_text, list_of_images, list_of_pairs
from augcli.dataset.listing import Listing
from augcli.dataset.sources import LabelFile, LabelSet, Source, packed, unpacked
from augcli.dataset.walk import Walk
from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown, format_of
from augcli.output.joining import Addition, join
from augcli.plan.joined_files import joined_files
from augcli.spec.loading import parse
from augcli.spec.sections import Labels

LISTS = format_of("lists")
SIZE = Size(4, 3)


@pytest.fixture
def tree(tmp_path):
    def make(data, path="ImageSets/Main/train.txt", images=("a", "b", "c")):
        for image in images:
            (tmp_path / f"{image}.jpg").parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / f"{image}.jpg").touch()
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
        return Walk(tmp_path, follow_links=False, out=None).tree()

    return make


def named_in(tree):
    def named(word):
        name = word.replace("\\", "/").rpartition("/")[2]
        return next(iter(tree.by_name.get(name) or tree.by_stem.get(name, ())), None)

    return named


def said(data, found, image):
    return [data[at : at + length] for at, length in unpacked(found.file(image).spans)]


def lines(said, about, path, objects=(), dropped=(), label_path="train.txt"):
    annotation = Annotation(SIZE, tuple(objects))
    annotation.dropped.update(dropped)
    about = {"newline": "\n", "ends": True, **about}
    (section,) = LISTS.records(annotation, said, about, Shown(path, label_path, SIZE), Labels())
    assert all(line.endswith(about["newline"]) for line in section) or not about["ends"]
    return tuple(line.rstrip("\r\n") for line in section)


CASES = {
    "stem": (b"a\nb\nz\n", "a_aug000"),
    "path": (b"data\\obj/a.jpg\ndata\\obj/b.jpg", "data\\obj/a_aug000.png"),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_line_gets_the_name_of_the_copy_in_the_form_of_its_own(tree, kind):
    data, expected = CASES[kind]
    tree = tree(data)
    found = list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree))
    assert found.set.about["line"] == kind
    assert lines(said(data, found, "a.jpg"), found.set.about, "JPEGImages/a_aug000.png") == (expected,)


def test_lines_that_name_no_image_are_told(tree):
    data = b"a\n\n  b  \nz\n"
    tree = tree(data)
    found = list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree))
    assert found.missing == ["z"]
    assert lines(said(data, found, "b.jpg"), found.set.about, "b_aug000.jpg") == ("b_aug000",)


def test_a_text_without_names_of_images_is_no_list(tree):
    tree = tree(b"This set\nwas made by\nsomebody\n")
    assert list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree)) is None


@pytest.mark.parametrize("data", [b"a\nb\n", b"a\r\nb\r\n", b"a\nb"])
def test_line_ends_are_those_of_the_source_and_no_line_is_empty(tree, tmp_path, data):
    tree = tree(data)
    found = list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree))
    template = LISTS.template(found.set)._replace(path="out.txt")
    records = []
    for image in ("a.jpg", "b.jpg"):
        here = said(data, found, image), found.set.about, Shown(image, "", SIZE), Labels()
        records.append(Addition(image, "out.txt", LISTS.records(Annotation(SIZE), *here)))
    join(tmp_path, tmp_path, [template], iter(records))
    assert (tmp_path / "out.txt").read_bytes() == data
    join(tmp_path, tmp_path, [template], iter(()))
    assert (tmp_path / "out.txt").read_bytes() == b""


def test_a_byte_order_mark_stands_before_the_first_line_and_not_in_a_name(tree):
    data = b"\xef\xbb\xbfa\nb\n"
    tree = tree(data)
    found = list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree))
    assert found.missing == []
    assert LISTS.template(found.set).head == "\ufeff"


def test_an_image_that_is_listed_twice_stays_so(tree):
    data = b"a\nb\na\n"
    tree = tree(data)
    found = list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree))
    assert lines(said(data, found, "a.jpg"), found.set.about, "a_aug001.jpg") == ("a_aug001", "a_aug001")


def test_lists_of_stems_take_one_label_file_for_all_images_that_they_name(tree):
    tree = tree(b"a\nb\nx/c\n")
    found = list_of_images(tree, "ImageSets/Main/train.txt", named_in(tree))
    assert found.file("a.jpg") is found.file("b.jpg")
    assert found.file("a.jpg").is_shared
    assert lines(said(b"a\nb\nx/c\n", found, "c.jpg"), found.set.about, "c_aug000.jpg") == ("x/c_aug000",)


def test_a_class_list_says_what_the_copy_still_shows(tree):
    data = b"a  1\nb -1\nc  0\n"
    tree = tree(data, "ImageSets/Main/cat_train.txt")
    found = list_of_images(tree, "ImageSets/Main/cat_train.txt", named_in(tree))
    assert (found.set.about["line"], found.set.about["class"]) == ("class", "cat")
    here = said(data, found, "a.jpg"), found.set.about, "a_aug000.jpg"
    cat, hidden, dog = Object("cat"), Object("cat", stays=True), Object("dog")
    assert lines(*here, [dog, hidden, cat]) == ("a_aug000  1",)
    assert lines(*here, [hidden]) == ("a_aug000  0",)
    assert lines(*here, [dog]) == ("a_aug000 -1",)


def test_the_number_of_an_object_holds_as_long_as_all_are_there(tree):
    data = b"a 2  1\nb 1 -1\n"
    tree = tree(data, "ImageSets/Action/jumping_train.txt")
    found = list_of_images(tree, "ImageSets/Action/jumping_train.txt", named_in(tree))
    here = said(data, found, "a.jpg"), found.set.about, "a_aug000.jpg"
    assert lines(*here, [Object("man"), Object("man")]) == ("a_aug000 2  1",)
    assert lines(*here, [Object("man")], ["outside the image"]) == ()
    assert lines(*here, []) == ()
    assert lines(*here, [Object("man"), Object("man", origin=1)]) == ()


def test_a_relative_path_is_written_from_where_the_list_lies():
    about = {"line": "relative"}
    written = lines([b"/home/me/set/images/a.jpg"], about, "images/a_aug000.jpg", label_path="lists/train.txt")
    assert written == ("./../images/a_aug000.jpg",)


@pytest.mark.parametrize(
    ("data", "image", "written", "expected"),
    [
        (b"/S/train/a.jpg /S/annot/a.jpg\n", "a.jpg", "a_aug000.jpg", "/S/train/a_aug000.jpg /S/annot/a_aug000.png"),
        (b"x/a.jpg,y/a_L.gif\n", "a.jpg", "a_aug000.webp", "x/a_aug000.webp,y/a_aug000_L.png"),
        (b"x/a_im.jpg y/a_L.gif 7\n", "a_im.jpg", "a_aug000_im.jpg", "x/a_aug000_im.jpg y/a_aug000_L.png 7"),
        (b"x/a.jpg y/a_L.gif", "a.jpg", "a.jpg", "x/a.jpg y/a_L.gif"),
    ],
)
def test_the_mask_of_a_pair_gets_the_tag_of_its_image(tree, data, image, written, expected):
    tree = tree(data, images=("a", "a_im"))

    def named(word):
        return word.split("/")[-1]

    found = list_of_pairs(tree, "ImageSets/Main/train.txt", named, lambda path: len(path) - 1)
    assert found.set.about["line"] == "pair"
    assert lines(said(data, found, image), found.set.about, written) == (expected,)


def test_a_list_that_leads_back_to_its_images_is_written_anew_though_all_of_them_are_copied(tmp_path):
    spec = parse(b"splits: {train: copy}\npipeline: [hue]\n", "spec.yaml")
    for kind in ("stem", "relative"):
        given = LabelSet("lists", "train.txt", {"line": kind, "newline": "\n", "ends": True}, "")
        label = LabelFile("lists", "train.txt", "train.txt", packed([(0, 0)]))
        (template,) = joined_files(spec, tmp_path, Listing([Source("a.jpg", "", "train", "", (label,))], sets=[given]))
        assert template.copy_of == ("" if kind == "relative" else "train.txt")


def test_names_of_classes_go_along_as_they_are(tree, tmp_path):
    tree = tree(b"cat\r\ndog", "class_names.txt")
    kept = kept_text(tree, "class_names.txt")
    assert LISTS.template(kept).head == "cat\r\ndog"
    assert isinstance(kept, LabelSet)
