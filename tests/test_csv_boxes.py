"""Tables of boxes: which they are, which images they list, and rows that stay as they are written."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from augcli.dataset.layouts import csv_tables
from augcli.dataset.listing import scan
from augcli.dataset.sources import Hints, unpacked
from augcli.dataset.walk import Walk
from augcli.image.arrays import Size
from augcli.labels.formats import Shown
from augcli.labels.formats.csv_boxes import FORMAT
from augcli.output.joining import Addition, join
from augcli.problems import Unusable
from augcli.spec.sections import Labels

SIZE = Size(40, 20)
RETINANET = "images/a.jpg,1,2,30,12,cat\nimages/b.jpg,,,,,\nimages/a.jpg,5,6,7,8,dog\n"
TENSORFLOW = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,40,20,cat,1,2,30,12\nb.jpg,40,20,dog,5,6,7,8\n"


def lay(root: Path, table: str | bytes, name: str = "boxes.csv") -> Path:
    for image in ("images/a.jpg", "images/b.jpg"):
        (root / image).parent.mkdir(parents=True, exist_ok=True)
        (root / image).write_bytes(b"")
    (root / name).write_bytes(table if isinstance(table, bytes) else table.encode())
    return root


def found_in(root: Path):
    return csv_tables.find(Walk(root, False, None).tree(), Hints())


def rows_of(root: Path) -> dict[str, list[bytes]]:
    """Return what the table says of each image."""
    found = {}
    for source in found_in(root).sources:
        (label,) = source.labels
        data = (root / label.path).read_bytes()
        found[source.path] = [data[at : at + length] for at, length in unpacked(label.spans)]
    return found


def through(root: Path, change=lambda found: found, tag: str = "", size: Size = SIZE) -> bytes:
    """Return the table as it is written after a change of each image's labels."""
    (given,) = [one for one in found_in(root).sets if one.format == "csv_boxes"]
    additions = []
    for path, said in rows_of(root).items():
        found = change(FORMAT.read(said, given.about, Shown(path, given.path, size), Labels()))
        stem, _, suffix = path.rpartition(".")
        shown = Shown(f"{stem}{tag}.{suffix}", given.path, size)
        additions.append(Addition(path, given.path, FORMAT.records(found, said, given.about, shown, Labels())))
    out = root / "out"
    out.mkdir(exist_ok=True)
    join(out, out, [FORMAT.template(given)], iter(additions))
    return (out / given.path).read_bytes()


def moved(found, by: float = 0.0):
    boxes = [tuple(side + by for side in one.box) for one in found.objects]
    objects = [replace(one, box=box, untouched=False) for one, box in zip(found.objects, boxes, strict=True)]
    return replace(found, objects=tuple(objects))


TABLES = {
    "RetinaNet": RETINANET,
    "TF style": TENSORFLOW,
    "another order": "filename,cell_type,xmin,xmax,ymin,ymax\na.jpg,WBC,26,31,7,9\nb.jpg,RBC,3,9,1,2\n",
    "further columns": "id,image_path,x1,y1,x2,y2,label,score\n7,images/a.jpg,1,2,3,4,cat,0.50\n8,b.jpg,1,2,3,4,,\n",
    "real numbers": "filename,xmin,ymin,xmax,ymax,class\na.jpg,1.50,2.0,3e0,4.25,cat\nb.jpg,1,2,3,4,dog\n",
    "tabs": TENSORFLOW.replace(",", "\t"),
    "semicolons": TENSORFLOW.replace(",", ";"),
    "CRLF": TENSORFLOW.replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + TENSORFLOW,
    "no last line end": TENSORFLOW[:-1],
    "quotes": 'filename,class,xmin,ymin,xmax,ymax\n"a.jpg","big, ""old""\ncat",1,2,3,4\nb.jpg,"dog","5",6,7,8\n',
    "spaces": "filename, class, xmin, ymin, xmax, ymax\na.jpg, cat, 1, 2, 3, 4\nb.jpg, dog, 1, 2, 3, 4\n",
    "absolute paths": "/content/images/a.jpg,1,2,30,12,cat\n/content/images/b.jpg,1,2,3,4,cat\n",
    "letters": "filename,class,xmin,ymin,xmax,ymax\na.jpg,größe,1,2,3,4\nb.jpg,日本,1,2,3,4\n",
    "an empty row of a table with a header": TENSORFLOW.replace("cat,1,2,30,12", ",,,,"),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_is_found_and_written_as_it_was(tmp_path, table):
    root = lay(tmp_path, table)
    assert scan(root).seen == "a data set with boxes in `boxes.csv`: 2 images"
    said = rows_of(root)
    assert {path: len(rows) for path, rows in said.items()}.keys() == {"images/a.jpg", "images/b.jpg"}
    again = through(root).decode()
    if "/content/" in table:
        assert again == table.replace("/content/", "")
    elif table is RETINANET:  # rows of one image come together
        assert sorted(again.splitlines()) == sorted(table.splitlines())
    else:
        assert again == table


NONE = {
    "classes": "image,label\na.jpg,cat\nb.jpg,dog\n",
    "shares of the size": "filename,class,xmin,ymin,xmax,ymax\na.jpg,cat,0.1,0.2,0.3,1\nb.jpg,cat,0,0,0.5,0.5\n",
    "two columns short": "filename,class,xmin,ymin\na.jpg,cat,1,2\nb.jpg,cat,1,2\n",
    "words": "images/a.jpg,one,two,three,four,cat\nimages/b.jpg,,,,,\n",
    "other images": TENSORFLOW.replace("a.jpg", "x.jpg").replace("b.jpg", "y.jpg"),
    "empty": "",
    "binary": b"\0\1\2",
}


@pytest.mark.parametrize("table", NONE.values(), ids=NONE)
def test_other_tables_are_none(tmp_path, table):
    assert found_in(lay(tmp_path, table)) is None


def test_rows_are_boxes_by_name(tmp_path):
    said = rows_of(lay(tmp_path, TABLES["another order"]))["images/a.jpg"]
    about = found_in(tmp_path).sets[0].about
    (one,) = FORMAT.read(said, about, Shown("a.jpg", "", SIZE), Labels()).objects
    assert (one.name, one.box) == ("WBC", (26, 7, 31, 9))


BOXES = {
    "-3,2,90,12": (0, 2, 40, 12),
    "40,2,50,12": "outside the image",
    "5,2,5,12": "zero size",
    "5,12,9,2": "zero size",
    "5,2,nan,12": "bad box",
    "5,2,1e999,12": "bad box",
    "5,2,x,12": "bad box",
    "5,2,,12": "bad box",
}


@pytest.mark.parametrize(("sides", "box"), BOXES.items())
def test_boxes_are_clipped_or_dropped_with_a_reason(tmp_path, sides, box):
    row = f"a.jpg,40,20,cat,{sides}"
    about = found_in(lay(tmp_path, TENSORFLOW)).sets[0].about
    found = FORMAT.read([row.encode(), b"a.jpg,40,20,cat,1,2,3,4"], about, Shown("a.jpg", "", SIZE), Labels())
    good = [] if isinstance(box, str) else [box]
    assert [one.box for one in found.objects] == [*good, (1, 2, 3, 4)]
    assert dict(found.dropped) == ({box: 1} if isinstance(box, str) else {})


def test_moved_boxes_are_whole_where_the_source_s_are(tmp_path):
    table = TABLES["real numbers"]
    assert through(lay(tmp_path, table), lambda found: moved(found, 0.4567), "_aug000").decode() == (
        "filename,xmin,ymin,xmax,ymax,class\na_aug000.jpg,1.96,2.46,3.46,4.71,cat\nb_aug000.jpg,1,2,3,4,dog\n"
    )


def test_whole_boxes_are_a_pixel_at_least_and_inside(tmp_path):
    def thin(found):
        boxes = [(39.6, 2.4, 40.0, 2.45)] * len(found.objects)
        return replace(
            found, objects=tuple(replace(o, box=b, untouched=False) for o, b in zip(found.objects, boxes, strict=True))
        )

    rows = through(lay(tmp_path, TENSORFLOW), thin).decode().splitlines()
    assert rows[1] == "a.jpg,40,20,cat,39,2,40,3"


def test_sizes_are_those_of_the_file_and_quotes_stay(tmp_path):
    table = 'filename,width,height,"class",xmin,ymin,xmax,ymax\n"a.jpg","40",20,"x,y",1,2,3,4\nb.jpg,40,20,z,1,2,3,4\n'
    again = through(lay(tmp_path, table), tag=", 2", size=Size(50, 60)).decode()
    assert again == table.replace('"a.jpg","40",20', '"a, 2.jpg","50",60').replace("b.jpg,40,20", '"b, 2.jpg",50,60')


def test_an_image_that_lost_all_boxes_keeps_its_row_where_the_table_has_such(tmp_path):
    def emptied(found):
        return replace(found, objects=())

    assert through(lay(tmp_path, RETINANET), emptied).decode() == "images/a.jpg,,,,,\nimages/b.jpg,,,,,\n"
    assert through(lay(tmp_path, TENSORFLOW), emptied).decode() == TENSORFLOW.splitlines(keepends=True)[0]
    with_empty = TABLES["an empty row of a table with a header"]
    assert through(lay(tmp_path, with_empty), emptied).decode().splitlines()[1:] == [
        "a.jpg,40,20,,,,,",
        "b.jpg,40,20,,,,,",
    ]


def test_tables_of_splits_give_the_splits(tmp_path):
    lay(tmp_path, TENSORFLOW.replace("b.jpg", "gone.jpg"), "train_labels.csv")
    lay(tmp_path, TENSORFLOW.replace("a.jpg", "b.jpg"), "test_labels.csv")
    lay(tmp_path, "cat,0\ndog,1\n", "classes.csv")
    found = found_in(tmp_path)
    assert [(one.path, one.split, one.role) for one in found.sources] == [
        ("images/a.jpg", "train", "train"),
        ("images/b.jpg", "test", "test"),
    ]
    assert [(one.format, one.path) for one in found.sets] == [
        ("csv_boxes", "test_labels.csv"),
        ("csv_boxes", "train_labels.csv"),
        ("lists", "classes.csv"),
    ]
    assert found.unpaired == {"images that are listed but not there": ["gone.jpg"]}


def test_a_copy_keeps_its_rows_and_other_images_rows_are_told(tmp_path):
    about = found_in(lay(tmp_path, TENSORFLOW)).sets[0].about
    rows = [b"a.jpg,640,480,cat,900,2,1,x", b"a.jpg,1,2,cat,1,2,3,4"]
    (lines,) = FORMAT.copied(rows, about, Shown("images/a.jpg", "", SIZE), "images/a.jpg")
    assert [line.rstrip("\n").encode() for line in lines] == rows
    with pytest.raises(Unusable, match="has changed since it was listed"):
        FORMAT.read(rows, about, Shown("images/b.jpg", "", SIZE), Labels())


def test_boxes_of_the_stored_picture_are_turned_and_other_sizes_doubtful(tmp_path):
    about = found_in(lay(tmp_path, TENSORFLOW)).sets[0].about
    row = b"a.jpg,20,40,cat,2,4,12,34"
    (one,) = FORMAT.read([row], about, Shown("a.jpg", "", SIZE, 6), Labels()).objects
    assert one.box == (6, 2, 36, 12)
    assert FORMAT.read([row], about, Shown("a.jpg", "", SIZE), Labels()).doubts.total() == 1


def test_short_rows_are_told(tmp_path):
    found = found_in(lay(tmp_path, TENSORFLOW + "a.jpg,40\n,40,20,cat,1,2,3,4\n\n"))
    assert found.unpaired == {"rows of a table with too few columns": ["boxes.csv"] * 2}


def test_a_run_mirrors_a_table(tmp_path, tree, photo, spec_file, augcli):
    table = "a.png,1,2,30,12,cat\nb.png,,,,,\na.png,5,6,7,8,dog\n"
    root = tree(tmp_path / "in", {"a.png": photo(), "b.png": photo(seed=1), "boxes.csv": table.encode()})
    done = augcli("run", spec_file("pipeline: [horizontal_flip: {p: 1}]\n"), root, "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO((tmp_path / "out/boxes.csv").read_text())))
    assert rows == [
        ["a_aug000.png", "18", "2", "47", "12", "cat"],
        ["a_aug000.png", "41", "6", "43", "8", "dog"],
        ["b_aug000.png", "", "", "", "", ""],
    ]
