"""What IN is: data sets with labels of their own, pairs and splits are seen and refused; honest class folders pass."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import PIL.Image
import pytest

from augcli.dataset.layouts import READERS, recognise
from augcli.dataset.listing import scan
from augcli.dataset.sources import Hints
from augcli.dataset.walk import Walk
from augcli.problems import Refused

COCO = json.dumps(
    {"images": [{"file_name": "0001.jpg", "id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4]}]}
)
LABELME = json.dumps({"shapes": [], "imagePath": "a.jpg", "imageData": None})
SUPERVISELY = json.dumps({"tags": [], "size": {"height": 4, "width": 4}, "objects": []})
VOC = "<annotation><object><name>dog</name></object></annotation>"
YOLO = "45 0.479492 0.688771 0.955609 0.5955\n"
KITTI = "Car 0.00 0 -1.57 599.41 156.40 629.75 189.25 2.85 2.63 12.34 0.47 1.49 69.44 -1.56\n"
DOTA = "imagesource:GoogleEarth\ngsd:0.1\n2753 2408 2861 2385 2888 2468 2805 2502 plane 0\n"


def lay(root: Path, *patterns: str, **content: str) -> Path:
    """Make empty files; braces and `#` (three numbers) stand for several, and a suffix for what is in such files."""
    for pattern in patterns:
        for name in several(pattern):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.get(path.suffix[1:], ""))
    return root


def several(pattern: str) -> list[str]:
    found = re.search(r"\{([^}]*)\}|#", pattern)
    if found is None:
        return [pattern]
    parts = found[1].split(",") if found[1] else ["0001", "0002", "0003"]
    return [name for part in parts for name in several(pattern[: found.start()] + part + pattern[found.end() :])]


LABELLED = {
    "YOLO": (["images/{train,val}/#.jpg", "labels/{train,val}/#.txt"], {"txt": YOLO}, "a YOLO data set"),
    "YOLO without a label for each": (["images/#.jpg", "labels/{0001,0003}.txt"], {"txt": YOLO}, "a YOLO data set"),
    "YOLO of Roboflow": (
        ["{train,valid,test}/images/a_#.rf.0.jpg", "{train,valid,test}/labels/a_#.rf.0.txt", "data.yaml"],
        {"txt": YOLO},
        "a YOLO data set: `test/labels/a_0001.rf.0.txt` has the name of `test/images/a_0001.rf.0.jpg` (9 of 9",
    ),
    "Darknet": (["obj/#.jpg", "obj/#.txt", "obj.names"], {"txt": YOLO}, "a YOLO data set"),
    "YOLO inside classes": (["{cat,dog}/#.jpg", "{cat,dog}/#.txt"], {"txt": YOLO}, "a YOLO data set"),
    "YOLO whose labels are gone": (["images/{train,val}/#.jpg", "d.yaml"], {"yaml": "train: x\nnames: [a]"}, "a YOLO"),
    "COCO": (["{train2017,val2017}/#.jpg", "annotations/instances_val2017.json"], {"json": COCO}, "a COCO data set"),
    "COCO of Roboflow": (["{train,valid}/#.jpg", "{train,valid}/_annotations.coco.json"], {"json": COCO}, "a COCO"),
    "VOC": (
        ["JPEGImages/#.jpg", "Annotations/#.xml", "Segmentation{Class,Object}/0001.png"],
        {"xml": VOC},
        "a Pascal VOC data set: `Annotations/0001.xml` has the name of `JPEGImages/0001.jpg` (3 of 3",
    ),
    "VOC without boxes": (["JPEGImages/#.jpg", "SegmentationClass/#.png"], {}, "a Pascal VOC data set"),
    "XML beside images": (["cat/#.jpg", "cat/#.xml"], {"xml": VOC}, "a Pascal VOC data set"),
    "KITTI": (
        ["{training,testing}/image_2/#.png", "training/label_2/#.txt"],
        {"txt": KITTI},
        "a KITTI data set: `training/label_2/0001.txt` has the name of `training/image_2/0001.png`",
    ),
    "DOTA": (["images/P#.png", "labelTxt/P#.txt"], {"txt": DOTA}, "a DOTA data set"),
    "LabelMe": (["photos/#.jpg", "photos/#.json"], {"json": LABELME}, "a LabelMe data set"),
    "Supervisely": (["{a,b}/img/#.jpeg", "{a,b}/ann/#.jpeg.json"], {"json": SUPERVISELY}, "a Supervisely data set"),
    "CVAT": (["images/#.PNG", "annotations.xml"], {"xml": '<annotations><image name="0001.PNG">'}, "a CVAT data set"),
    "captions": (["{cat,dog}/#.jpg", "{cat,dog}/#.txt"], {"txt": "a photo"}, "a data set with one .txt file per image"),
    "landmarks": (["faces/#.jpg", "faces/#.pts"], {"pts": "version: 1"}, "a data set with one .pts file per image"),
    "Open Images": (
        ["train/#.jpg", "boxes.csv"],
        {"csv": "ImageID,Source,LabelName\n000002b66c9c498e,xclick,/m/01g317\n"},
        "an Open Images data set",
    ),
    "Hugging Face": (
        ["{train,test}/#.png", "train/metadata.csv"],
        {"csv": "file_name,text\n0001.png,a\n0002.png,b"},
        "a Hug",
    ),
    "Hugging Face, JSON lines": (
        ["photos/#.png", "photos/metadata.jsonl"],
        {"jsonl": '{"file_name": "0001.png", "text": "a"}\n{"file_name": "0002.png", "text": "b"}\n'},
        "a Hugging Face data set with metadata: `photos/metadata.jsonl` has a row for `photos/0001.png`",
    ),
    "Hugging Face, one row": (
        ["train/cat/#.jpg", "train/metadata.csv"],
        {"csv": "file_name,label\ncat/0001.jpg,x"},
        "a H",
    ),
    "labels in a table": (
        ["all/#.jpg", "y.csv"],
        {"csv": "id;breed\n0001;pug\n0002;pug\n0003;lab"},
        "labels in a table",
    ),
    "labels in a list": (["all/#.jpg", "y.txt"], {"txt": "3\nbald\n0001.jpg 1\n0002.jpg -1"}, "labels in a table"),
    "boxes of classes": (
        ["{cat,dog}/#.jpg", "boxes.csv"],
        {"csv": "filename,class,xmin,ymin\ncat/0001.jpg,cat,1,2\ndog/0002.jpg,dog,3,4\n"},
        "labels in a table",
    ),
    "labels in a file": (
        ["all/#.jpg", "y.json"],
        {"json": '[{"image": "0001.jpg"}, {"image": "0002.jpg"}]'},
        "in one file",
    ),
    "masks": (
        ["images/#.jpg", "masks/#.png"],
        {},
        "a data set with masks: the 3 images of `masks` belong to the 3 of `images`",
    ),
    "masks in splits": (["{train,val}/image/#.png", "{train,val}/label/#.png"], {}, "a data set with masks"),
    "masks in classes": (["{COVID,Normal}/images/#.png", "{COVID,Normal}/masks/#.png"], {}, "a data set with masks"),
    "masks named after folders": (["train/#.jpg", "train_masks/#_mask.png", "test/#.jpg"], {}, "with masks"),
    "CamVid": (["{train,val,test}/#.png", "{train,val,test}annot/#.png"], {}, "a data set with masks"),
    "masks beside images": (
        ["{benign,normal}/a (#).png", "{benign,normal}/a (#)_mask.png"],
        {},
        "a data set with masks",
    ),
    "masks beside splits": (["{train2017,val2017}/#.jpg", "annotations/{train,val}2017/#.png"], {}, "with masks"),
    "depth": (["rgb/#.jpg", "depth/#.png", "normals/#.png"], {}, "a data set with masks"),
    "ADE20K": (["images/training/ADE_train_#.jpg", "annotations/training/ADE_train_#.png"], {}, "an ADE20K data set"),
    "Cityscapes": (
        ["leftImg8bit/train/aachen/a_#_leftImg8bit.png", "gtFine/train/aachen/a_#_gtFine_{color,labelIds}.png"],
        {},
        "a Cityscapes data set: the 6 images of `gtFine` belong to the 3 of `leftImg8bit`",
    ),
    "half of Cityscapes": (["{train,val}/{aachen,ulm}/a_#_leftImg8bit.png"], {}, "a Cityscapes data set"),
    "CycleGAN": (["{trainA,trainB,testA,testB}/#.jpg"], {}, "pairs of images"),
    "pix2pix": (["{A,B}/{x_9,y_71,z}.jpg"], {}, "pairs of images"),
    "DIV2K": (["DIV2K_{train,valid}_HR/#.png", "DIV2K_{train,valid}_LR_bicubic/X2/#x2.png"], {}, "pairs of images"),
}


@pytest.mark.parametrize("name", LABELLED)
def test_a_set_with_labels_of_its_own_is_read_as_one_or_refused_unless_the_layout_is_written(tmp_path, name):
    patterns, content, said = LABELLED[name]
    root = lay(tmp_path / "in", *patterns, **content)
    assert scan(root, "classes").sources  # which is always the way to insist
    found = recognise(Walk(root, False, None).tree())
    assert found is not None
    assert said in found.what
    if name == "YOLO whose labels are gone":
        with pytest.raises(Refused, match="no image has a label file"):
            scan(root)
        return
    if found.layout in READERS and name != "half of Cityscapes":
        listing = scan(root)
        assert listing.seen
        assert any(source.labels for source in listing.sources)
        return
    with pytest.raises(Refused) as refused:
        scan(root)
    (problem,) = refused.value.problems
    assert problem.what.startswith(f"{root}: looks like ")
    assert said in problem.what
    remedy = re.search(rf"; ({root}\S*)? ?(?:with )?`layout: (\w+)`", problem.help or "")
    assert remedy, problem.help
    assert scan(Path(remedy[1] or root), remedy[2]).sources


HONEST = {
    "running numbers": ["{cat,dog}/#.jpg"],
    "splits": ["{train,val}/{cat,dog}/#.jpg"],
    "notes": ["{cat,dog}/#.jpg", "{cat,dog}/README.txt", "{labels,classes}.txt", "data.yaml", "LICENSE"],
    "folders without images": ["{train,val}/{cat,dog}/#.jpg", "docs/{index.html,notes.txt}", "scripts/train.py"],
    "deeper folders": ["{cat,dog}/{summer,winter}/#.jpg"],
    "faces with masks": ["{train,test}/{with_mask,without_mask}/#.jpg"],
    "faces with masks or not": ["{mask,no_mask}/#.jpg"],
    "faces with masks or none": ["{Mask,No Mask,Incorrect Mask}/#.png"],
    "faces and masks": ["{face,face_mask}/#.png"],
    "things that begin like splits": ["{test_tube,training_shoes,validator,evaluation_kit}/#.jpg"],
    "two of them": ["{test_tube,training_shoes}/#.jpg"],
    "boards": ["{dev_board,eval_board,arduino}/#.jpg"],
    "letters": ["{A,B,C}/#.jpg"],
    "two letters": ["{A,B}/#.jpg"],
    "two small letters": ["{a,b}/{x_9,y_71,z}.jpg"],
    "digits": ["{train,test}/{0,1,2}/#.png"],
    "leaves": ["{Apple___healthy,Apple___Black_rot,Tomato_mosaic_virus}/#.jpg"],
    "parts of a page": ["{photo,label,text,drawing}/#.png"],
    "labels": ["{labels,annotations,stickers}/#.png"],
    "buses and images": ["{images,buses}/#.png"],
    "seg": ["{seg,noseg}/#.png"],
    "what one could pair": ["{real,fake}/#.png"],
    "quality": ["{blur,sharp}/#.png"],
    "a small mask": ["{cat,dog}/{1_mask_on,2,2_small}.png"],
    "a film beside": ["{cat,dog}/#.jpg", "cat/0001.mp4"],
    "export of a photo service": ["{cat,dog}/#.jpg", "{cat,dog}/#.jpg.json"],
    "classes in a table": ["{0,1}/{0,1,2}.png", "classes.csv"],
    "index": ["{cat,dog}/#.jpg", "index.tsv"],
    "numbers of classes": ["{cat,dog}/#.jpg", "numbers.jsonl"],
    "credits": ["{cat,dog}/#.jpg", "credits.md", "sums.txt"],
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_class_folders_pass(tmp_path, name):
    index = "".join(f"{label}/{number}.jpg\t{label}\n" for label in ("cat", "dog") for number in ("0001", "0002"))
    sums = "".join(f"{'5e' * 32}  {label}/0001.jpg\n" for label in ("cat", "dog"))
    content = {
        "json": '{"photoTakenTime": 1}',
        "csv": "id,name\n0,cat\n1,dog\n2,cow\n",
        "yaml": "names: [cat]\ntrain: x",
    }
    root = lay(tmp_path / "in", *HONEST[name], tsv=f"path\tlabel\n{index}", txt=sums, **content)
    images = {file for pattern in HONEST[name] for file in several(pattern) if file.endswith(("jpg", "png"))}
    assert {source.path for source in scan(root).sources} == images


def mask(size: tuple[int, int], mode: str) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("L", size).convert(mode).save(file, "png")
    return file.getvalue()


@pytest.mark.parametrize("mode", ["L", "P", "1"])
def test_masks_are_seen_by_what_they_are_where_no_name_tells(tmp_path, tree, photo, mode):
    sizes = {"a": (48, 36), "b": (40, 52), "c": (61, 44)}
    flat = {f"dog/{name}.png": mask(size, mode) for name, size in sizes.items()}
    root = tree(tmp_path / "in", {f"cat/{name}.jpg": photo(size) for name, size in sizes.items()} | flat)
    listing = scan(root)
    assert listing.seen.startswith("a data set with masks: 3 label images")
    assert {(one.path[:4], one.labels[0].path[:4]) for one in listing.sources} == {("cat/", "dog/")}
    other = tree(tmp_path / "other", {f"cat/{name}.jpg": photo((64, 64)) for name in sizes} | flat)
    assert len(scan(other).sources) == 6  # of other sizes: two classes that are numbered alike


def test_grey_photos_are_a_class_beside_colour_photos(tmp_path, tree, photo):
    grey = {f"grey/{seed}.png": photo(seed=seed)[:, :, 0] for seed in range(3)}
    root = tree(tmp_path / "in", grey | {f"colour/{seed}.png": photo(seed=seed) for seed in range(3)})
    assert len(scan(root).sources) == 6


# Splits that are not IN/train, IN/val, IN/test: what is said, and what to type
SPLITS = {
    "another word": (
        ["{training_set,test_set}/{cats,dogs}/#.jpg"],
        "IN: looks like splits: `test_set` and `training_set`",
        "rename them to train, val or test, as in mv IN/training_set IN/train,"
        " or set `layout: classes` if every folder is a class",
    ),
    "another word in front": (
        ["{seg_train,seg_test,seg_pred}/{sea,street}/#.jpg"],
        "IN: looks like splits: `seg_test` and `seg_train`",
        "rename them to train, val or test, as in mv IN/seg_train IN/train,"
        " or set `layout: classes` if every folder is a class",
    ),
    "in one word": (
        ["{trainset,testset}/{cats,dogs}/#.jpg"],
        "IN: looks like splits: `testset` and `trainset`",
        "rename them to train, val or test, as in mv IN/trainset IN/train,"
        " or set `layout: classes` if every folder is a class",
    ),
    "a year, no classes": (
        ["{train2017,val2017}/#.jpg"],
        "IN: looks like splits without class folders: images lie directly in `train2017` and `val2017`",
        "move the images into class folders, such as IN/train2017/cat, or give IN/train2017"
        " and set `layout: flat` in the spec (no labels), or set `layout: classes` if every folder is a class",
    ),
    "with the class": (
        ["{train,test}_{cat,dog}/#.jpg"],
        "IN: looks like splits: `test_cat`, `test_dog`, `train_cat` and 1 more",
        "make folders of them, as in mkdir IN/train; mv IN/train_cat IN/train/cat,"
        " or set `layout: classes` if every folder is a class",
    ),
    "one level too deep": (
        ["photos/{train,val}/{cat,dog}/#.jpg", "notes/a.txt"],
        "IN: looks like splits one level too deep: `photos` holds `train` and `val`",
        "give IN/photos, or set `layout: classes` if every folder is a class",
    ),
    "unpacked twice": (
        ["photos/photos/{cat,dog}/#.jpg"],
        "IN: looks like folders one level too deep: `photos/photos` holds `cat` and `dog`",
        "give IN/photos/photos, or set `layout: classes` if every folder is a class",
    ),
    "too deep inside a split": (
        ["{train,val}/photos/{cat,dog}/#.jpg"],
        "IN: looks like folders one level too deep: `train/photos` holds `cat` and `dog`",
        "move what is in IN/train/photos to IN/train, or set `layout: splits` if every folder in the splits is a class",
    ),
    "inside classes": (
        ["{cat,dog}/{test,train,extra}/#.jpg"],
        "IN: looks like splits inside other folders: `cat` holds `extra`, `test` and `train`",
        "move what is in IN/cat/train to IN/train/cat and so on, or give one of them, such as IN/cat,"
        " or set `layout: classes` if every folder is a class",
    ),
    "one without classes": (
        ["train/{n01,n02}/images/#.jpg", "val/images/#.jpg"],
        "IN: looks like splits without class folders: all images of `val` lie in `val/images`",
        "move them into class folders, such as IN/val/cat, or move IN/val out of IN,"
        " or set `layout: splits` if every folder in the splits is a class",
    ),
    "in lists": (
        ["images/{cat,dog}/#.jpg", "meta/{train,test,classes}.txt"],
        "IN: looks like class folders whose splits stand in lists, `meta/test.txt` and `meta/train.txt`",
        "move the images into train/ and test/ as the lists say, or give IN/images to train on all,"
        " or set `layout: classes` if every folder is a class",
    ),
}


@pytest.mark.parametrize("name", SPLITS)
def test_splits_in_other_words_or_places_are_refused_with_what_to_type(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    patterns, what, help = SPLITS[name]
    root = lay(Path("IN"), *patterns, txt="cat/0001\ncat/0002\ndog/0003\n")
    with pytest.raises(Refused) as refused:
        scan(root)
    (problem,) = refused.value.problems
    assert (problem.what, problem.help) == (what, help)
    for layout in re.findall(r"`layout: (\w+)` if", help):
        assert scan(root, layout).sources
    for given in re.findall(r"give (IN/\S+?)(?:,| to)", help):
        assert scan(Path(given)).sources
    for given in re.findall(r"give (IN/\S+) and set `layout: flat`", help):
        assert scan(Path(given), "flat").sources
    for old, new in re.findall(r"as in mv (\S+) ([^,\s]+)", help):
        Path(old).rename(new)
        for rest in root.iterdir():
            rest.rename(root / "test") if "test" in rest.name else None
        if name == "another word":
            assert {source.role for source in scan(root).sources} == {"train", "test"}


def test_a_split_that_is_written_has_the_role_that_its_name_tells(tmp_path):
    root = lay(tmp_path / "in", "{seg_train,test_set,my-val,extra,train_val}/cat/#.jpg")
    roles = {source.split: source.role for source in scan(root, "splits").sources}
    assert roles == {"seg_train": "train", "test_set": "test", "my-val": "val", "extra": "train", "train_val": "train"}


def test_folders_without_images_are_no_classes_beside_splits(tmp_path):
    root = lay(tmp_path / "in", "{train,val}/{cat,dog}/#.jpg", "ILSVRC2012_devkit_t12/data/readme.txt")
    assert {source.split for source in scan(root).sources} == {"train", "val"}


# What is left out


def test_what_systems_leave_in_folders_is_left_out_by_name(tmp_path):
    system = [
        "cat/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg",
        "@eaDir/cat/a.jpg",
        "$RECYCLE.BIN/S-1/a.jpg",
        "{lost+found,System Volume Information,@Recycle}/a.jpg",
        "__MACOSX/cat/a.jpg",
        "cat/{Thumbs.db,desktop.ini}",
    ]
    root = lay(tmp_path / "in", "{cat,dog}/#.jpg", *system)
    listing = scan(root)
    assert {source.label for source in listing.sources} == {"cat", "dog"}
    assert {reason: len(paths) for reason, paths in listing.left_out.items()} == {"system folders and files": 9}
    assert (listing.unread_images(), listing.empty_classes) == ({}, [])


def test_raw_photos_films_and_archives_are_named(tmp_path):
    root = lay(tmp_path / "in", "cat/#.jpg", "cat/{a.CR2,b.nef,c.MP4,d.zip,e.txt}", "bird/{a,b}.ARW", "notes/a.txt")
    listing = scan(root)
    assert {reason: len(paths) for reason, paths in listing.left_out.items()} == {
        "raw photos that are not read (.cr2)": 1,
        "raw photos that are not read (.nef)": 1,
        "raw photos that are not read (.arw)": 2,
        "films (.mp4)": 1,
        "archives that are not unpacked (.zip)": 1,
        "without an image suffix": 2,
    }
    assert sum(listing.unread_images().values()) == 4
    assert listing.empty_classes == ["bird", "notes"]


def test_a_class_of_links_is_told_and_how_to_read_it(tmp_path):
    lay(tmp_path / "store", "#.jpg")
    root = lay(tmp_path / "in", "dog/#.jpg")
    (root / "cat").mkdir()
    (root / "cat/a.jpg").symlink_to("../../store/0001.jpg")
    (root / "cow").symlink_to("../store")
    listing = scan(root)
    assert listing.unread_images() == {"links (not followed)": 2}
    assert listing.empty_classes == ["cat", "cow"]
    assert {source.label for source in scan(root, follow_links=True).sources} == {"cat", "cow", "dog"}
    for path in root.glob("dog/*.jpg"):
        path.unlink()
    with pytest.raises(Refused) as refused:
        scan(root)
    assert refused.value.problems[0].help == "add --follow-links to read what the links lead to"


def test_archives_alone_are_to_be_unpacked(tmp_path):
    with pytest.raises(Refused) as refused:
        scan(lay(tmp_path / "in", "train/{cat,dog}.zip"))
    assert refused.value.problems[0].what.endswith("no images in it; 2 archives that are not unpacked (.zip)")
    assert refused.value.problems[0].help == "unpack the archives first"


def test_check_and_run_refuse_the_same(tmp_path, spec_file, augcli):
    lay(tmp_path / "in", "photos/#.jpg", "photos/#.json", json=SUPERVISELY)
    spec = spec_file("pipeline: [horizontal_flip]\n")
    checked = augcli("check", spec, "in", cwd=tmp_path)
    ran = augcli("run", spec, "in", "out", cwd=tmp_path)
    assert (checked.returncode, ran.returncode) == (2, 2)
    assert ran.stderr == (
        "in: looks like a Supervisely data set: `photos/0001.json` has the name of `photos/0001.jpg`"
        " (3 of 3 images have such a file)\n"
        "  = help: such sets are not read yet;"
        " `layout: classes` in the spec takes every folder for a class all the same\n"
    )
    assert checked.stderr == ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("patterns", "content"),
    [
        (["images/0001.jpg", "labels/#.txt"], {"txt": YOLO}),
        (["images/train/{0001,0002}.jpg", "labels/train/{0001,0002,0003,0004,0005}.txt"], {"txt": YOLO}),
        (["JPEGImages/{0001,0002}.jpg", "Annotations/{0001,0002,0003,0004,0005}.xml"], {"xml": VOC}),
    ],
)
def test_some_images_of_a_set_with_all_of_its_labels_are_that_set(tmp_path, patterns, content):
    listing = scan(lay(tmp_path / "in", *patterns, **content))
    assert listing.seen
    assert all(source.labels for source in listing.sources)


@pytest.mark.parametrize("layout", ["yolo", "voc", "coco", "masks", "labelme", "dota", "csv"])
@pytest.mark.parametrize("hint", ["nowhere", "../x"])
def test_a_folder_of_labels_that_is_not_there_is_named(tmp_path, layout, hint):
    root = lay(tmp_path / "in", "images/#.jpg", "labels/#.txt", txt=YOLO)
    for hints in (Hints(images=hint), Hints(annotations=hint)):
        with pytest.raises(Refused, match="no such file or folder"):
            scan(root, layout, hints=hints)
    assert scan(root, "yolo", hints=Hints(annotations="labels/", images="images")).sources


@pytest.mark.parametrize("name", ["annotations/instances_train.json", "train/_annotations.coco.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", COCO.encode("utf-16"), f"[{COCO}]".encode()])
def test_what_is_called_like_coco_is_refused_by_name_where_it_cannot_be_read(tmp_path, name, content):
    lay(tmp_path, "{train,val}/{0001,0002}.jpg", name)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=re.escape(str(tmp_path / name))):
        scan(tmp_path)


def test_labels_that_are_not_there_can_be_named(tmp_path):
    lay(tmp_path, "images/{train,val}/#.jpg", "d.yaml", yaml="train: x\nnames: [a]")
    with pytest.raises(Refused) as refused:
        scan(tmp_path)
    assert "labels: {annotations: FOLDER}" in refused.value.problems[0].help
