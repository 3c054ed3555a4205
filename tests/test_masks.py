"""Masks: which image each belongs to, what their files hold, and what is outside them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from augcli.dataset.layouts import mask_values, masks
from augcli.dataset.layouts.tree import Tree
from augcli.dataset.sources import Hints, core_of
from augcli.dataset.walk import Walk
from augcli.image.arrays import Size
from augcli.image.pictures import label_images
from augcli.labels import formats
from augcli.labels.annotation import LabelImage
from augcli.labels.formats import Shown
from augcli.problems import Refused, Unusable
from augcli.spec.sections import Labels
from tests.test_layouts import lay

NO_HINTS = Hints()


def tree_of(root: Path) -> Tree:
    return Walk(root, follow_links=False, out=None).tree()


def found_in(root: Path, hints: Hints = NO_HINTS) -> dict[str, list[str]]:
    """Return the names of a copy's files: by that of the image, those of its masks."""
    found = masks.find(tree_of(root), hints)
    assert found is not None
    return {
        tagged(source.path, source.core): sorted(tagged(label.path, label.core) for label in source.labels)
        for source in found.sources
    }


def tagged(path: str, core: tuple[int, int] | None) -> str:
    before, core_text, after = core_of(path, core)
    return f"{before}{core_text}+{after}"


# The files of a set, and the names of one image's copy and its masks
LAYOUTS = {
    "equal names": (["images/{a,b}.jpg", "masks/{a,b}.png"], "images/a+.jpg", ["masks/a+.png"]),
    "splits above": (["{train,val}/{images,masks}/{a,b}.png"], "val/images/a+.png", ["val/masks/a+.png"]),
    "splits below": (["{img_dir,ann_dir}/{train,val}/{a,b}.png"], "img_dir/val/a+.png", ["ann_dir/val/a+.png"]),
    "CamVid of SegNet": (["{train,val}{,annot}/{a,b}.png"], "train/a+.png", ["trainannot/a+.png"]),
    "CamVid": (
        ["701_StillsRaw_full/{a,b}.png", "LabeledApproved_full/{a,b}_L.png"],
        "701_StillsRaw_full/a+.png",
        ["LabeledApproved_full/a+_L.png"],
    ),
    "Carvana": (["train/{a,b}.jpg", "train_masks/{a,b}_mask.gif"], "train/a+.jpg", ["train_masks/a+_mask.gif"]),
    "before the name": (["images/{a,b}.jpg", "gt/gt_{a,b}.png"], "images/a+.jpg", ["gt/gt_a+.png"]),
    "side by side": (["x/{a,b}.jpg", "x/{a,b}_mask.png"], "x/a+.jpg", ["x/a+_mask.png"]),
    "satellites": (["train/{1,2}_sat.jpg", "train/{1,2}_mask.png"], "train/1+_sat.jpg", ["train/1+_mask.png"]),
    "ADE20K": (
        ["images/training/a/ADE_train_{1,2}.jpg", "images/training/a/ADE_train_{1,2}_{seg,parts_1}.png"],
        "images/training/a/ADE_train_1+.jpg",
        ["images/training/a/ADE_train_1+_parts_1.png", "images/training/a/ADE_train_1+_seg.png"],
    ),
    "Cityscapes": (
        ["leftImg8bit/val/ulm/{a,b}_leftImg8bit.png", "gtFine/val/ulm/{a,b}_gtFine_{labelIds,instanceIds,color}.png"],
        "leftImg8bit/val/ulm/a+_leftImg8bit.png",
        [f"gtFine/val/ulm/a+_gtFine_{kind}.png" for kind in ("color", "instanceIds", "labelIds")],
    ),
    "one for each object": (
        ["images/{a,b}.png", "masks/{a,b}_mask_{0,1}.png"],
        "images/a+.png",
        ["masks/a+_mask_0.png", "masks/a+_mask_1.png"],
    ),
    "numbered without a word": (
        ["images/{a,b}.png", "masks/{a,b}_{0,1}.png"],
        "images/a+.png",
        ["masks/a+_0.png", "masks/a+_1.png"],
    ),
    "a folder of masks for each image": (
        ["images/{a,b}.png", "masks/{a,b}/{x,y}.png"],
        "images/a+.png",
        ["masks/a+/x.png", "masks/a+/y.png"],
    ),
    "a folder for each image": (
        ["one/images/one.png", "one/masks/{x,y}.png", "two/images/two.png", "two/masks/z.png"],
        "one+/images/one.png",
        ["one+/masks/x.png", "one+/masks/y.png"],
    ),
    "all of the name is a word": (["c_{1,2}/{image,mask}.png"], "c_1+/image.png", ["c_1+/mask.png"]),
    "several kinds": (
        ["rgb/{a,b}.jpg", "depth/{a,b}.png", "semantic/{a,b}.png", "normals/{a,b}.png"],
        "rgb/a+.jpg",
        ["depth/a+.png", "semantic/a+.png"],
    ),
    "splits on one side": (
        ["images/train/{a,b}.jpg", "images/val/{c,d}.jpg", "masks/{a,b,c,d}.png"],
        "images/val/c+.jpg",
        ["masks/c+.png"],
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_masks_go_with_their_image_and_copies_are_tagged_where_names_agree(tmp_path, name):
    patterns, image, labels = LAYOUTS[name]
    assert found_in(lay(tmp_path / "in", *patterns))[image] == labels


def test_the_same_name_in_two_splits_is_two_pairs(tmp_path):
    found = masks.find(tree_of(lay(tmp_path / "in", "{images,masks}/{train,val}/{1,2}.png")), NO_HINTS)
    assert [(s.path, s.split, s.role, s.labels[0].path) for s in found.sources] == [
        (f"images/{split}/{number}.png", split, split, f"masks/{split}/{number}.png")
        for split in ("train", "val")
        for number in (1, 2)
    ]


def test_slots_match_between_images_and_are_empty_for_a_lone_mask(tmp_path):
    def slots(*patterns: str) -> list[list[str]]:
        root = lay(tmp_path / str(len(os.listdir(tmp_path))), *patterns)
        return [[label.slot for label in source.labels] for source in masks.find(tree_of(root), NO_HINTS).sources]

    assert slots("train{,annot}/{a,b}.png") == [[""], [""]]
    fine, coarse = "gtFine/train/u/a_gtFine_{color,labelIds}.png", "gtCoarse/train/u/b_gtCoarse_{color,labelIds}.png"
    photos = "leftImg8bit/train/u/{a,b}_leftImg8bit.png"
    assert slots(photos, fine, coarse) == [["color", "labelIds"]] * 2
    both = slots(photos, fine, coarse, "gtCoarse/train/u/a_gtCoarse_labelIds.png")
    assert both == [["gtCoarse_labelIds", "gtFine_color", "gtFine_labelIds"], ["gtCoarse_color", "gtCoarse_labelIds"]]
    one = slots("a/images/a.png", "a/masks/{x,y}.png", "b/images/b.png", "b/masks/z.png")
    assert one == [["masks#1", "masks#2"], ["masks#1"]]


def test_what_has_no_partner_is_told_and_left_out(tmp_path):
    patterns = ["images/{a,b,c}.jpg", "images/a.png", "masks/{a,b,z}.png", "masks/a_polygons.json"]
    found = masks.find(tree_of(lay(tmp_path / "in", *patterns)), NO_HINTS)
    assert [source.path for source in found.sources] == ["images/a.jpg", "images/b.jpg"]
    assert found.unpaired == {
        "images without a mask": ["images/c.jpg"],
        "masks without an image": ["masks/z.png"],
        "files of the same name as another but for the suffix": ["images/a.png"],
        "annotation files beside masks, which are not moved": ["masks/a_polygons.json"],
    }


def test_masks_of_another_split_belong_to_none(tmp_path):
    found = masks.find(
        tree_of(lay(tmp_path / "in", "images/{train,val}/{1,2}.png", "masks/{train,test}/{1,2}.png")), NO_HINTS
    )
    assert len(found.sources) == 2
    assert found.unpaired["masks without an image"] == ["masks/test/1.png", "masks/test/2.png"]


def test_hints_tell_sides_that_no_name_tells(tmp_path):
    root = lay(tmp_path / "in", "x/{a,b}.png", "y/{a,b}.png", "z/{a,b}.png")
    assert masks.find(tree_of(root), NO_HINTS) is None
    assert found_in(root, Hints("x", "z")) == {"x/a+.png": ["z/a+.png"], "x/b+.png": ["z/b+.png"]}


def test_a_set_whose_masks_are_jpeg_is_refused(tmp_path):
    root = lay(tmp_path / "in", "images/{a,b}.jpg", "masks/{a,b}.jpg")
    for name in ("a", "b"):
        PIL.Image.new("L", (8, 8)).save(root / f"masks/{name}.jpg")
    with pytest.raises(Refused, match=r"the masks are JPEG, such as `masks/a.jpg`"):
        masks.find(tree_of(root), NO_HINTS)


# Files


def file_of(image: PIL.Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def palette_image(ids: np.ndarray, colours: list[int]) -> PIL.Image.Image:
    image = PIL.Image.new("P", ids.shape[::-1])
    image.putpalette(colours)
    image.putdata(ids.ravel().tolist())
    return image


RANDOM = np.random.default_rng(13)
IDS = RANDOM.choice([0, 1, 2, 3], (13, 19))
VOC = [value for n in range(256) for value in (n, 255 - n, n // 2)]
FILES = {
    "ids": file_of(PIL.Image.fromarray(np.uint8(IDS * 40))),
    "two values in 1 bit": file_of(PIL.Image.fromarray(IDS > 1)),
    "palette": file_of(palette_image(np.where(IDS == 3, 255, IDS), VOC)),
    "palette of 2 bits": file_of(palette_image(IDS, VOC[:12]), bits=2, transparency=b"\xff\x80\0"),
    "palette of 4 bits": file_of(palette_image(IDS * 3, VOC[:36]), bits=4),
    "16 bits": file_of(PIL.Image.fromarray(np.uint16(IDS * 8001))),
    "codes": file_of(PIL.Image.fromarray(RANDOM.integers(0, 256, (13, 19, 3), np.uint8))),
    "codes with alpha": file_of(PIL.Image.fromarray(RANDOM.integers(0, 256, (13, 19, 4), np.uint8))),
    "grey with alpha": file_of(PIL.Image.fromarray(RANDOM.integers(0, 256, (13, 19, 2), np.uint8))),
    "TIFF": file_of(PIL.Image.fromarray(np.uint8(IDS)), "TIFF"),
    "TIFF with a palette": file_of(palette_image(IDS, VOC), "TIFF"),
    "TIFF of 1 bit": file_of(PIL.Image.fromarray(IDS > 1), "TIFF"),
    "TIFF of 16 bits": file_of(PIL.Image.fromarray(np.uint16(IDS * 8001)), "TIFF"),
    "TIFF of 32 bits": file_of(PIL.Image.fromarray(np.int32(IDS * 800100)), "TIFF"),
    "TIFF of real numbers": file_of(PIL.Image.fromarray(np.float32(IDS / 3)), "TIFF"),
    "WebP": file_of(
        PIL.Image.fromarray(RANDOM.integers(0, 256, (13, 19, 3), np.uint8)), "WEBP", lossless=True, exact=True
    ),
    "GIF": file_of(palette_image(IDS, VOC), "GIF"),
    "BMP": file_of(palette_image(IDS, VOC), "BMP"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_has_the_pixels_mode_palette_and_bits_of_its_source(name):
    data = FILES[name]
    values, stored = label_images.read_label_image(data, [Size(19, 13)])
    with PIL.Image.open(io.BytesIO(data)) as before:
        before.load()
        as_pillow = np.asarray(before)
    assert np.array_equal(values, as_pillow.reshape(values.shape))
    with PIL.Image.open(io.BytesIO(label_images.write_label_image(values, stored))) as after:
        after.load()
    assert after.format == ("PNG" if before.format in ("GIF", "BMP") else before.format)
    assert after.mode == before.mode
    assert np.array_equal(np.asarray(after), as_pillow)
    assert after.getpalette() == before.getpalette()
    assert after.info.get("transparency") == before.info.get("transparency")
    if before.format == "PNG":
        assert label_images.write_label_image(values, stored)[:33] == data[:33]  # size, bits, kind of colours


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_values_of_few_bits_are_those_of_the_file_and_not_their_grey(bits):
    ids = RANDOM.integers(0, 2**bits, (5, 7, 1), np.uint8)
    data = label_images.write_label_image(ids, label_images.Stored("png", "L", bits))
    with PIL.Image.open(io.BytesIO(data)) as seen:
        assert np.array_equal(np.asarray(seen.convert("L")), ids[:, :, 0] * (255 // (2**bits - 1)))
    values, stored = label_images.read_label_image(data, [Size(7, 5)])
    assert np.array_equal(values, ids)
    assert stored.bits == bits


@pytest.mark.parametrize("most", [1, 11, 255, 300, 65535])
def test_a_pnm_s_values_are_those_written_whatever_its_largest_is(most):
    ids = RANDOM.integers(0, most + 1, (5, 7))
    data = b"P2\n# by hand\n7 5\n%d\n" % most + " ".join(map(str, ids.ravel())).encode()
    assert np.array_equal(label_images.read_label_image(data, [Size(7, 5)])[0][:, :, 0], ids)


REFUSED_FILES = {
    "JPEG, which changes values": file_of(PIL.Image.new("L", (19, 13)), "JPEG"),
    "WebP, which changes values": file_of(PIL.Image.new("RGB", (19, 13)), "WEBP"),
    "13x19, but its image is 19x13": file_of(PIL.Image.new("L", (13, 19))),
    "damaged": FILES["ids"][:-40],
    "several pictures": file_of(
        PIL.Image.new("L", (19, 13)), "TIFF", save_all=True, append_images=[PIL.Image.new("L", (19, 13))]
    ),
    "the file is empty": b"",
    "a JSON text": b'{"a": 1}',
}


@pytest.mark.parametrize("reason", REFUSED_FILES)
def test_what_cannot_be_read_as_it_is_stored_is_refused(reason):
    with pytest.raises(Unusable, match=reason):
        label_images.read_label_image(REFUSED_FILES[reason], [Size(19, 13)])


def test_16_bits_in_each_of_several_channels_are_refused():
    from augcli.image.pictures import pngs

    head = (19).to_bytes(4, "big") + (13).to_bytes(4, "big") + bytes((16, 2, 0, 0, 0))
    data = FILES["codes"][:8] + pngs.chunk(b"IHDR", head) + FILES["codes"][33:]
    with pytest.raises(Unusable, match="16 bits in each of several channels"):
        label_images.read_label_image(data, [Size(19, 13)])


# What the format reads and writes

FORMAT = formats.format_of("masks")
SHOWN = Shown("a.jpg", "masks/a.png", Size(19, 13))


def about(outside: list[int], kind: str = "masks", is_sure: bool = True, is_fixed: bool = False) -> dict[str, object]:
    return {"kinds": {kind: {"outside": outside, "why": "", "is_sure": is_sure, "is_fixed": is_fixed}}}


def test_an_untouched_mask_keeps_its_file():
    annotation = FORMAT.read([FILES["palette"]], {}, SHOWN, Labels())
    assert FORMAT.write(annotation, [FILES["palette"]], {}, SHOWN, Labels()) == FILES["palette"]
    gif = FORMAT.read([FILES["GIF"]], {}, SHOWN._replace(label_path="masks/a.gif"), Labels())
    assert FORMAT.suffix("masks/a.gif") == ".png"
    assert FORMAT.write(gif, [FILES["GIF"]], {}, SHOWN, Labels()).startswith(b"\x89PNG")


def test_a_name_that_tells_another_format_than_the_file_is_refused():
    for path, name in (("masks/a.png", "TIFF"), ("masks/a.tif", "ids")):
        with pytest.raises(Unusable, match="rename it to what it is"):
            FORMAT.read([FILES[name]], {}, SHOWN._replace(label_path=path), Labels())


def test_what_is_outside_is_that_of_the_set_or_of_the_settings():
    def outside(name: str, known: dict[str, object], setting: int | None) -> tuple[int, ...]:
        image = FORMAT.read([FILES[name]], known, SHOWN, Labels(outside=setting)).image
        assert isinstance(image, LabelImage)
        return image.outside

    assert outside("ids", about([255]), None) == (255,)
    assert outside("ids", about([255]), 7) == (7,)
    assert outside("16 bits", about([0], is_fixed=True), 255) == (0,)
    assert outside("codes", about([0, 0, 0], is_fixed=True), 255) == (0, 0, 0)
    assert outside("codes", about([0, 0, 0]), 9) == (9, 9, 9)
    with pytest.raises(Unusable, match="the value 255 for what is outside does not fit 1 bit"):
        outside("two values in 1 bit", about([0]), 255)


def test_a_short_palette_gets_a_colour_for_what_is_outside():
    image = FORMAT.read([FILES["palette of 2 bits"]], about([9]), SHOWN, Labels()).image
    written = label_images.write_label_image(image.values, image.words)
    with PIL.Image.open(io.BytesIO(written)) as opened:
        assert opened.getpalette() == VOC[:12] + [0] * 18
        assert np.array_equal(np.asarray(opened), IDS)


OF_IDS = [
    ({0, 1, 2, 255}, 8, (255,), True),
    ({0, 255}, 8, (0,), True),
    ({0, 1}, 8, (0,), True),
    ({0}, 8, (0,), True),
    ({0, 128, 255}, 8, (0,), True),  # a trimap, not two classes and void
    ({*range(256)}, 8, (0,), True),  # a matte, or depth
    ({0, 3, 11}, 8, (0,), False),
    ({0, 24001, 255}, 16, (0,), True),
]


@pytest.mark.parametrize(("ids", "bits", "outside", "is_sure"), OF_IDS)
def test_values_tell_what_is_outside(ids, bits, outside, is_sure):
    found = mask_values.of_ids(ids, bits, is_measure=False)
    assert (found.value, found.is_sure) == (outside, is_sure)


def test_one_mask_of_a_set_may_lack_what_the_others_tell(tmp_path):
    root = lay(tmp_path / "in", "images/{a,b,c}.jpg", "{masks,codes_mask,depth}/{a,b,c}.png")
    for name, ids in {"a": [0, 1], "b": [1, 2], "c": [2, 255]}.items():
        image = PIL.Image.fromarray(np.uint8([ids] * 2))
        image.save(root / f"masks/{name}.png")
        palette_image(np.array([ids]), [224, 224, 192, *VOC[3:]]).convert("RGB").save(root / f"codes_mask/{name}.png")
        image.save(root / f"depth/{name}.png")
    (given,) = masks.find(tree_of(root), NO_HINTS).sets
    decided = mask_values.outside_of(given)
    assert decided["masks"] == mask_values.Outside((255,), "255 occurs beside other ids")
    assert decided["codes_mask"].value == (224, 224, 192)
    assert decided["depth"] == mask_values.Outside((0,), "values are measures or mattes, not ids", is_fixed=True)
    assert mask_values.outside_at(given.about, "masks/a_aug000.png") == decided["masks"]


# A run

MIRRORED_AND_PADDED = "pipeline: [horizontal_flip: {p: 1}, pad: {padding: 2, p: 1}]\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory, augcli, photo, tree):
    """Mirror a set with masks of all kinds and put 2 pixels around it."""
    folder = tmp_path_factory.mktemp("masks")
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    PIL.Image.fromarray(photo((19, 13))).save(turned, "JPEG", exif=exif)
    files = {f"images/{name}.png": photo((19, 13)) for name in ("a", "b", "odd")} | {"images/t.jpg": turned.getvalue()}
    palette = np.where(IDS == 3, 255, IDS)
    for name in ("a", "b", "t"):
        files[f"masks/{name}.png"] = file_of(palette_image(palette, VOC))
        files[f"depth/{name}.png"] = FILES["16 bits"]
        files[f"codes_mask/{name}.gif"] = FILES["GIF"]
    files["masks/odd.png"] = file_of(PIL.Image.new("L", (18, 13)))
    root = tree(folder / "in", files)
    (folder / "spec.yaml").write_text(MIRRORED_AND_PADDED + "labels: {swap: [[1, 2]]}\n")
    done = augcli("run", folder / "spec.yaml", root, folder / "out", "-j", "1")
    return folder / "out", done, palette


def pixels(path: Path) -> np.ndarray:
    with PIL.Image.open(path) as image:
        return np.asarray(image)


def test_masks_are_mirrored_with_their_image_and_padded_with_what_is_outside(run):
    out, _, palette = run
    sides = np.array([0, 2, 1, 255])[np.where(palette == 255, 3, palette)]  # 1 is the left one, 2 the right one
    assert np.array_equal(pixels(out / "masks/a_aug000.png"), np.pad(sides[:, ::-1], 2, constant_values=255))
    assert np.array_equal(pixels(out / "depth/a_aug000.png"), np.pad(IDS[:, ::-1] * 8001, 2))
    with PIL.Image.open(out / "masks/a_aug000.png") as image:
        assert (image.mode, image.getpalette()) == ("P", VOC)


def test_a_gif_becomes_a_png(run):
    out, _, _ = run
    assert sorted(path.name for path in (out / "codes_mask").iterdir()) == [f"{n}_aug000.png" for n in ("a", "b", "t")]


def test_a_mask_of_the_stored_picture_is_turned_with_it(run):
    out, _, palette = run
    upright = np.rot90(palette, -1)
    found = pixels(out / "masks/t_aug000.png")
    assert found.shape == pixels(out / "images/t_aug000.jpg").shape[:2] == (19 + 4, 13 + 4)
    assert np.array_equal(found == 255, np.pad(upright[:, ::-1] == 255, 2, constant_values=True))


def test_a_mask_of_another_size_fails_its_image_alone(run):
    out, done, _ = run
    assert done.returncode == 1
    assert "masks/odd.png: 18x13, but its image is 19x13" in (out / "manifest.csv").read_text()
    assert not (out / "masks/odd_aug000.png").exists()


def test_copies_whose_colours_alone_change_keep_the_bytes_of_their_masks(tmp_path, augcli, photo, tree):
    names = ["leftImg8bit/train/u/u_1_leftImg8bit.png", "gtFine/train/u/u_1_gtFine_color.png"]
    root = tree(tmp_path / "in", {names[0]: photo((19, 13)), names[1]: FILES["palette"]})
    (root / "train.txt").write_text(f"/data/{names[0]}\t/data/{names[1]}")
    (tmp_path / "spec.yaml").write_text("pipeline: [brightness: {factor: 1.5, p: 1}]\n")
    assert augcli("run", tmp_path / "spec.yaml", root, tmp_path / "out").returncode == 0
    copy = tmp_path / "out/gtFine/train/u/u_1_aug000_gtFine_color.png"
    assert copy.read_bytes() == FILES["palette"]
    pair = [f"/data/{name.replace('u_1', 'u_1_aug000')}" for name in names]
    assert (tmp_path / "out/train.txt").read_text() == "\t".join(pair)


def test_turned_masks_have_no_value_that_their_source_has_not(tmp_path, augcli, photo, tree):
    files = {f"train/{n}.png": photo((70, 50), n) for n in range(4)}
    ids = np.kron(RANDOM.choice([3, 9, 20, 77], (10, 14)), np.ones((5, 5))).astype(np.uint8)
    root = tree(tmp_path / "in", files | {f"trainannot/{n}.png": ids for n in range(4)})
    lines = "".join(f"/SegNet/in/train/{n}.png /SegNet/in/trainannot/{n}.png\n" for n in range(4))
    (root / "train.txt").write_text(lines)
    (tmp_path / "spec.yaml").write_text(
        "copies: 2\nlabels: {outside: 200}\npipeline: [rotate: {degrees: 40}, elastic, resize: {size: 40}]\n"
    )
    assert augcli("run", tmp_path / "spec.yaml", root, tmp_path / "out").returncode == 0
    found = [pixels(path) for path in sorted((tmp_path / "out/trainannot").iterdir())]
    assert len(found) == 8
    assert set(np.unique(found)) == {3, 9, 20, 77, 200}
    assert (tmp_path / "out/train.txt").read_text().splitlines() == [
        f"/SegNet/in/train/{n}_aug00{copy}.png /SegNet/in/trainannot/{n}_aug00{copy}.png"
        for n in range(4)
        for copy in range(2)
    ]


def test_a_folder_for_each_image_becomes_one_for_each_copy(tmp_path, augcli, photo, tree):
    mask = np.zeros((13, 19), np.uint8)
    root = tree(
        tmp_path / "in", {"one/images/one.png": photo((19, 13)), "one/masks/x.png": mask, "one/masks/y.png": mask}
    )
    (tmp_path / "spec.yaml").write_text(MIRRORED_AND_PADDED)
    assert augcli("run", tmp_path / "spec.yaml", root, tmp_path / "out").returncode == 0
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png")) == [
        f"one_aug000/{name}.png" for name in ("images/one", "masks/x", "masks/y")
    ]


@pytest.mark.parametrize("name", ["ids", "palette"])
def test_values_of_the_spec_that_do_not_fit_are_told(name):
    with pytest.raises(Unusable, match=r"the value 2000 of `labels: .swap.` does not fit"):
        FORMAT.read([FILES[name]], {}, SHOWN, Labels(swap=((1, 2000),)))
    with pytest.raises(Unusable, match="the value 300 for what is outside does not fit"):
        FORMAT.read([FILES[name]], {}, SHOWN, Labels(outside=300))
