"""What `check` and `run` warn of in a data set as a whole: classes, splits, sizes, doubles, and what is lost."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

from augcli import lint
from augcli.commands import run
from augcli.commands.notes import note_of_splits
from augcli.dataset.listing import scan
from augcli.engine.jobs import Done
from augcli.engine.report import Report
from augcli.engine.tasks.make import Made
from augcli.image import near_duplicates
from augcli.lint.folder import Images
from augcli.lint.images import IMAGE_RULES
from augcli.lint.naming import name_of
from augcli.lint.outputs import Outputs
from augcli.output import manifest, paths
from augcli.plan.request import Options, request_of
from augcli.problems import Problem
from augcli.spec.loading import parse
from augcli.spec.presets import preset_text
from augcli.spec.spec import Spec

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_data"


def spec(text: str = "pipeline: [rotate]") -> Spec:
    return parse(text.encode(), "spec.yaml")


def touched(folder: Path, *names: str) -> Path:
    """Make files that are no images, which rules that open none cannot know."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def said(root: Path, of: Spec, rule: str) -> list[tuple[str, str]]:
    """Return what one rule says of a folder's images: what, and the help."""
    images = Images(of, root, scan(root, of.layout))
    return texts([one for found in IMAGE_RULES if name_of(found) == rule for one in found(images)], root)


def texts(found: list[Problem], root: Path) -> list[tuple[str, str]]:
    return [tuple(text.replace(str(root), "in") for text in (one.what, one.help)) for one in found]


def warned_at_a_glance(root: Path, of: Spec, rule: str) -> list[tuple[str, str]]:
    found = lint.quick_warnings(of, root, scan(root, of.layout))
    return texts([one for one in found if one.rule == rule], root)


def test_images_of_one_name_in_several_shards_are_told(tmp_path):
    for shard, keys in (("a", "xy"), ("b", "xz")):
        (tmp_path / "in").mkdir(exist_ok=True)
        with tarfile.open(tmp_path / f"in/{shard}.tar", "w") as tar:
            for key in keys:
                tar.add(ROOT / "sample_data/train/everyday/cat.jpg", f"cat/{key}.jpg")
    assert warned_at_a_glance(tmp_path / "in", spec(), "repeated-keys") == [
        (
            "in: 1 image in shards with the name of another, namely `b.tar#cat/x.jpg`: "
            "their draws are the same, the noise too",
            "give all images keys of their own",
        )
    ]


def test_a_single_class_is_told(tmp_path):
    root = touched(tmp_path / "in", "train/photos/a.jpg", "train/photos/b.jpg", "val/photos/c.jpg")
    assert warned_at_a_glance(root, spec(), "single-class") == [
        (
            "in: all images that are trained on are of one class, `photos`",
            "give the folder that holds the class folders, or set `layout: flat` if there are no classes",
        )
    ]
    assert warned_at_a_glance(root, spec("pipeline: [rotate]\nlayout: flat"), "single-class") == []
    touched(root, "train/other/d.jpg")
    assert warned_at_a_glance(root, spec(), "single-class") == []


@pytest.mark.parametrize(
    ("train", "val", "what", "help"),
    [
        ("cat dog", "cat dog", None, None),
        (
            *("bird cat dog", "cat dog"),
            "`val` lacks `bird`; to ImageFolder and Keras `cat` is 1 in `train` and 0 in `val`",
            "give both the same class folders",
        ),
        ("cat dog zebra", "cat dog", "`val` lacks `zebra`", "give both the same class folders"),
        (
            *("cat dog", "ant cat dog"),
            "`val` has `ant`, which `train` has not; to ImageFolder and Keras `cat` is 0 in `train` and 1 in `val`",
            "give both the same class folders",
        ),
        (
            *("Cat Dog", "Dog cat"),
            "`val` writes `Cat` as `cat`; to ImageFolder and Keras `Dog` is 1 in `train` and 0 in `val`",
            "mv in/val/cat in/val/Cat",
        ),
        (
            *("1 2 10", "1 2"),
            "`val` lacks `10`; to ImageFolder and Keras `2` is 2 in `train` and 1 in `val`",
            "give both the same class folders",
        ),
    ],
)
def test_classes_that_differ_between_splits_are_told_with_their_numbers(tmp_path, train, val, what, help):
    names = [f"{split}/{label}/a.jpg" for split, of in (("train", train), ("val", val)) for label in of.split()]
    root = touched(tmp_path / "in", *names)
    expected = [] if what is None else [(f"in: {what}", help)]
    assert warned_at_a_glance(root, spec(), "class-sets") == expected
    assert warned_at_a_glance(root, spec("pipeline: [rotate]\nsplits: {val: skip}"), "class-sets") == []


def test_a_class_of_which_nothing_is_read_is_told(tmp_path):
    root = touched(tmp_path / "in", "cat/a.psd", "cat/b.psd", "dog/c.jpg", "dog/d.psd")
    (root / "yak").mkdir()
    os.symlink("c.jpg", root / "dog/link.jpg")
    assert warned_at_a_glance(root, spec(), "empty-class") == [
        (
            "in: class folder `cat` has no image that is read, but 2 images in a format that is not read (.psd); "
            "to ImageFolder and Keras `dog` is 1 in `IN` and 0 in `OUT`",
            "put images into it, or remove it",
        ),
        ("in: class folder `yak` is empty", "put images into it, or remove it"),
    ]
    assert warned_at_a_glance(root, spec(), "unread-images") == [
        (
            "in: 3 left out: images in a format that is not read (.psd), such as `cat/a.psd`",
            "convert them to JPEG or PNG",
        ),
        ("in: 1 left out: links (not followed), namely `dog/link.jpg`", "--follow-links reads them"),
    ]


def test_labels_that_a_mix_cannot_have_or_keep_are_told():
    (found,) = lint.warnings(spec("{pipeline: [cutmix], layout: flat}"))
    assert str(found) == (
        "warning[mix-without-labels]: `cutmix` mixes images without labels: soft_label stays empty, and only params "
        "tell of what\n  = help: put the images into class folders, or leave `cutmix` out"
    )
    (found,) = lint.warnings(spec("pipeline: [cutmix, rotate, random_resized_crop: {size: 64}]"))
    assert str(found) == (
        "warning[cut-after-mix]: `random_resized_crop` cuts what `cutmix` has mixed: the class of a file's folder may "
        "be left with the lesser share\n  = help: read soft_label in the manifest, or put `cutmix` last"
    )
    (found,) = lint.warnings(spec("pipeline: [one_of: {steps: [rotate, mosaic]}, random_erasing]"))
    assert "`random_erasing` covers what `mosaic` has mixed" in str(found)
    for sound in (
        "pipeline: [random_crop: {size: 9}, cutmix, rotate90, hue]",
        "pipeline: [mixup, random_crop: {size: 9}]",  # it is the same everywhere
        "pipeline: [cutmix: {fold: false}, random_crop: {size: 9}]",
        "{pipeline: [mixup], layout: flat, splits: {train: copy}}",
    ):
        assert lint.warnings(spec(sound)) == []


def sized(tree, photo, folder: Path, **splits: list[tuple[int, int]]) -> Path:
    files = {
        f"{split}/{label}/{number}.png": photo(size, seed=100 * number + 10 * len(split) + len(label))
        for split, sizes in splits.items()
        for label in ("cat", "bird")
        for number, size in enumerate(sizes)
    }
    return tree(folder, files)


def test_sizes_that_do_not_stack_are_told(tmp_path, tree, photo):
    mixed = sized(tree, photo, tmp_path / "in", train=[(40, 30), (30, 40), (40, 30)], val=[(40, 30), (32, 32)])
    assert said(mixed, spec(), "different-sizes") == [
        (
            "in: images of `train` come out in different sizes (40x30, 30x40); what stacks them into batches fails",
            "put `- random_resized_crop: {size: 224}` into the pipeline, as augcli init --size 224 has it",
        )
    ]
    assert said(mixed, spec(), "unlike-training") == []
    to = "pipeline: [random_resized_crop: {size: %s}]"
    (told,) = said(mixed, spec(to % "[21, 28]"), "unlike-training")
    assert told == (
        "in: `train` ends at 28x21, but `val` is copied in its own sizes (40x30, 32x32)",
        "write splits: {val: [{resize: {size: 32}}, {center_crop: {size: [21, 28]}}]}",
    )
    remedied = to % "[21, 28]" + "\n" + told[1].removeprefix("write ")
    assert lint.warnings(spec(remedied), mixed, scan(mixed)) == []
    (told,) = said(mixed, spec(to % 24 + "\nsplits: {val: [resize: {size: 24}]}"), "unlike-training")
    assert told[0] == "in: `train` ends at 24x24, but `val` comes out otherwise (32x24, 24x24)"
    (told,) = said(mixed, spec(to % 24 + "\ninclude_originals: true\nsplits: {val: skip}"), "different-sizes")
    assert told[1] == "write include_originals: false"
    assert said(mixed, spec(to % 24 + "\nsplits: {val: skip}"), "unlike-training") == []


@pytest.mark.parametrize(
    ("pipeline", "differ"),
    [
        ("[rotate, horizontal_flip]", False),
        ("[rotate: {expand: true}]", True),
        ("[one_of: {p: 0.3, steps: [rotate, resize: {size: 20}]}]", True),
        ("[resize: {size: 20}]", False),
        ("[rotate90]", True),
        ("[pad: {padding: 3}, cutmix]", False),
    ],
)
def test_the_size_that_a_pipeline_makes_is_asked_of_it(tmp_path, tree, photo, pipeline, differ):
    root = sized(tree, photo, tmp_path / "in", train=[(40, 30)] * 8)
    assert bool(said(root, spec(f"copies: 4\npipeline: {pipeline}"), "different-sizes")) is differ


def test_files_that_are_copied_turned_count_as_loaders_see_them(tmp_path, photo):
    for split, orientation in (("train", 1), ("val", 6)):
        exif = PIL.Image.Exif()
        exif[0x0112] = orientation
        (tmp_path / "in" / split / "cat").mkdir(parents=True)
        PIL.Image.fromarray(photo((40, 30), seed=orientation)).save(tmp_path / f"in/{split}/cat/a.jpg", exif=exif)
    assert said(tmp_path / "in", spec(), "unlike-training") == []


@pytest.mark.parametrize("preset", ["light", "medium", "heavy"])
def test_a_preset_of_one_size_gives_sets_that_stack(preset, tmp_path):
    loaded = spec(preset_text(preset, 64))
    assert lint.warnings(loaded, SAMPLES, scan(SAMPLES)) == []
    plain = spec(preset_text(preset))
    assert said(SAMPLES, plain, "different-sizes")
    assert [step.name for step in plain.pipeline] == [
        step.name for step in loaded.pipeline if step.name != "random_resized_crop"
    ]
    if preset == "medium":
        assert run.run(loaded, SAMPLES, tmp_path / "out", Options(quiet=True)).exit_code == 0
        for split in ("train", "val"):
            paths = list((tmp_path / "out" / split).glob("*/*"))
            batch = np.stack([np.asarray(PIL.Image.open(path).convert("RGB")) for path in paths])
            assert batch.shape == (len(paths), 64, 64, 3)


def test_every_preset_of_a_size_is_as_well_explained_as_the_preset():
    for preset in ("light", "medium", "heavy", "validation"):
        text = preset_text(preset, 4096)
        assert all(len(line) <= 120 for line in text.splitlines())
        assert spec(text).treatment("val") == spec(text).treatment("test") != "copy"
    assert preset_text("validation", 224) == preset_text("validation")


def encoded(image: PIL.Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


PHOTOS = sorted(path for path in SAMPLES.glob("*/*/*") if path.name != "cat face.png")
AGAIN = {
    "png": ("PNG", 1, {}),
    "jpeg": ("JPEG", 1, {"quality": 30}),
    "webp": ("WEBP", 1, {"quality": 60}),
    "half": ("JPEG", 2, {"quality": 85}),
    "third": ("PNG", 3, {}),
    "icon": ("BMP", 4, {}),
}


@pytest.mark.parametrize("again", AGAIN)
def test_a_picture_is_known_when_it_is_stored_again_and_no_other_is_taken_for_it(again):
    """Among real photos, two of one texture and three of one telescope."""
    format, shrunk, options = AGAIN[again]
    data = [path.read_bytes() for path in PHOTOS]
    for path in PHOTOS:
        image = PIL.ImageOps.exif_transpose(PIL.Image.open(path))
        data.append(encoded(image.resize((image.width // shrunk, image.height // shrunk)), format, **options))
    thumbnails = [near_duplicates.thumbnail(one, 100) for one in data]
    count = len(PHOTOS)
    pairs = sorted(near_duplicates.candidates(thumbnails, [number < count for number in range(2 * count)]))
    assert pairs == [(number, number + count) for number in range(count)]
    assert all(near_duplicates.alikeness(data[one], data[other], 100) for one, other in pairs)


def a_moment_later(image: PIL.Image.Image) -> PIL.Image.Image:
    """Turn a photo by a degree, move it by a hundredth, and make it a little brighter, with noise."""
    moved = image.rotate(1, PIL.Image.Resampling.BILINEAR, translate=(image.width // 100, -image.height // 100))
    inside = np.asarray(moved.crop((10, 10, image.width - 10, image.height - 10)), np.float64)
    noise = np.random.default_rng(0).normal(0, 4, inside.shape)
    return PIL.Image.fromarray(np.clip(1.03 * inside + noise, 0, 255).astype(np.uint8))


CHANGED = {
    "cropped": lambda image: image.crop((0, 0, image.width * 19 // 20, image.height * 19 // 20)),
    "brighter": lambda image: image.point(lambda level: min(255, level * 1.1)),
    "a moment later": a_moment_later,
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_picture_is_known_when_it_is_cropped_brighter_or_taken_a_moment_later(change):
    """But for bricks and gravel, which have no coarse parts that the hash is made of."""
    photos = [path for path in PHOTOS if path.parent.name != "texture"]
    images = [PIL.ImageOps.exif_transpose(PIL.Image.open(path)).convert("RGB") for path in photos]
    data = [encoded(image, "PNG") for image in [*images, *map(CHANGED[change], images)]]
    thumbnails = [near_duplicates.thumbnail(one, 100) for one in data]
    count = len(photos)
    pairs = near_duplicates.candidates(thumbnails, [number < count for number in range(2 * count)])
    found = [pair for pair in pairs if near_duplicates.alikeness(*(data[one] for one in pair), 100) == "nearly"]
    assert all(other == one + count for one, other in found), "no other is taken for it"
    assert len(found) >= count - 1


def test_small_pictures_of_little_contrast_are_not_all_the_same(photo):
    rng = np.random.default_rng(0)
    icons = [PIL.Image.fromarray(rng.integers(120, 124, (28, 28), np.uint8)) for _ in range(2)]
    assert not near_duplicates.alikeness(*(encoded(icon, "PNG") for icon in icons), 100)
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 12:15] = 255
    moved = np.roll(digit, 3, axis=1)
    assert not near_duplicates.alikeness(*(encoded(PIL.Image.fromarray(one), "PNG") for one in (digit, moved)), 100)
    black = np.zeros((28, 28, 4), np.uint8)
    cut = [np.where(np.arange(4) == 3, (one > 0)[..., None] * 255, black).astype(np.uint8) for one in (digit, moved)]
    assert not near_duplicates.alikeness(*(encoded(PIL.Image.fromarray(one), "PNG") for one in cut), 100)


def test_pictures_in_two_splits_or_under_two_labels_are_told(tmp_path, tree):
    first, second, third, other = (PIL.Image.open(path).convert("RGB") for path in PHOTOS[-4:])
    root = tree(
        tmp_path / "in",
        {
            "train/cat/a.png": encoded(first, "PNG"),
            "train/cat/b.jpg": encoded(second, "JPEG", quality=90),
            "train/dog/c.jpg": encoded(third, "JPEG", quality=90),
            "train/dog/damaged.jpg": encoded(third, "JPEG", quality=90)[:-3000],
            "val/cat/d.jpg": encoded(other, "JPEG", quality=90),
            "val/dog/empty.jpg": b"",
        },
    )
    assert said(root, spec(), "leaks") == said(root, spec(), "two-labels") == []
    (root / "val/cat/again.webp").write_bytes(encoded(first.resize((first.width // 2, first.height // 2)), "WEBP"))
    (root / "train/dog/again.jpg").write_bytes((root / "train/cat/b.jpg").read_bytes())
    assert said(root, spec(), "leaks") == [
        (
            "in: an image that is trained on stands in another split as well: `val/cat/again.webp` is nearly "
            "`train/cat/a.png`; what is measured there is memory",
            "remove them from one of the splits",
        )
    ]
    assert said(root, spec(), "two-labels") == [
        (
            "in: an image of `train` stands under two labels: `train/dog/again.jpg` is `train/cat/b.jpg`",
            "remove one of each two",
        )
    ]
    (root / "val/cat/again.webp").unlink()
    (root / "val/cat/again.bmp").write_bytes(encoded(first, "BMP"))
    ((what, _),) = said(root, spec(), "leaks")
    assert "`val/cat/again.bmp` has the pixels of `train/cat/a.png`" in what
    for number in range(3):
        (root / f"val/dog/{number}.png").write_bytes(encoded(third, "PNG"))
    (told,) = said(root, spec(), "leaks")
    assert told[0].startswith("in: 4 images of train stand in another split as well: `val/cat/again.bmp`")
    assert told[0].endswith("and 1 more; what is measured there is memory")


def test_what_reading_changes_is_told(tmp_path, tree, photo):
    frames = [PIL.Image.fromarray(photo(seed=number)) for number in range(3)]
    clear = PIL.Image.fromarray(photo(seed=4))
    clear.putalpha(128)
    root = tree(
        tmp_path / "in",
        {
            "a/moves.webp": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
            "a/pages.tif": encoded(frames[1], "TIFF", save_all=True, append_images=frames[:1]),
            "b/clear.png": encoded(clear, "PNG"),
            "b/inks.jpg": encoded(frames[2].convert("CMYK"), "JPEG"),
            "b/palette.png": encoded(PIL.Image.fromarray(photo(seed=5)).quantize(16), "PNG"),  # loses nothing
        },
    )
    inks = (
        "in: an image is CMYK and becomes RGB, namely `b/inks.jpg`",
        "convert them to RGB beforehand if their colours matter",
    )
    moves = (
        "in: 2 images have several frames or pages, and only the first of each is read, such as `a/moves.webp`",
        "save the frames that matter as images of their own",
    )
    clear = (
        "in: an image is transparent, and its copies will not be: a colour is laid behind it, namely `b/clear.png`",
        "write output: {format: png}",
    )
    assert said(root, spec(), "converted") == [moves, inks]
    assert said(root, spec("pipeline: [rotate]\noutput: {format: jpeg}"), "converted") == [moves, clear, inks]
    assert said(root, spec("pipeline: [rotate]\nsplits: {train: copy}"), "converted") == []


def test_what_reading_changes_is_counted_word_by_word():
    row = manifest.Row(*[""] * len(manifest.Row._fields))._replace(converted="cmyk bad icc first frame icc exif")
    assert manifest.conversions(row) == ["cmyk", "bad icc", "first frame", "icc", "exif"]


def test_profiles_that_cannot_be_used_are_told(tmp_path, tree, photo):
    broken = encoded(PIL.Image.fromarray(photo()), "JPEG", icc_profile=b"no profile" * 20)
    root = tree(tmp_path / "in", {"a/x.jpg": broken, "b/y.png": photo(seed=1)})
    ((what, _),) = said(root, spec(), "converted")
    assert what == (
        "in: an image has a colour profile that is broken or for another kind of picture, and is read as if it had"
        " none, namely `a/x.jpg`"
    )


def test_files_that_a_run_could_not_use_are_told_before_it(tmp_path, tree, photo):
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
    root = tree(tmp_path / "in", {"train/cat/a.heic": heic, "train/cat/b.heic": heic, "val/cat/a.png": photo()})
    tree(root, {"train/dog/a.png": photo(), "train/dog/page.jpg": b"<!DOCTYPE html><html></html>"})
    phones = (
        "in: 2 images cannot be used, such as `train/cat/a.heic`: HEIC, which needs a plugin:"
        " pip install 'augcli[heic]'; of class `train/cat` nothing is left",
        "fix or replace them, or move them away; a run makes `failed` rows of them",
    )
    page = (
        "in: an image cannot be used, namely `train/dog/page.jpg`: a web page, not an image",
        "fix or replace it, or move it away; a run makes `failed` rows of it",
    )
    assert said(root, spec(), "unusable-images") == [phones, page]
    assert said(root, spec("pipeline: [rotate]\nsplits: {train: skip, val: augment}"), "unusable-images") == []
    deep = encoded(PIL.Image.fromarray(np.full((6, 8), 50_000, np.uint16)), "PNG")
    copied = tree(
        tmp_path / "copied", {"train/cat/a.png": photo(), "val/cat/deep.png": deep, "val/cat/page.jpg": b"no"}
    )
    (found,) = said(copied, spec(), "unusable-images")
    assert "`val/cat/page.jpg`" in found[0]
    assert len(said(copied, spec("pipeline: [rotate]\nsplits: {val: augment}"), "unusable-images")) == 2
    tree(root, {"train/dog/b.png": photo((1100, 1000)), "train/dog/c.png": photo((1200, 1000))})
    large = said(root, spec("{pipeline: [rotate], max_megapixels: 1}"), "unusable-images")
    assert [what.partition(" cannot")[0] for what, _ in large] == ["in: 2 images", "in: 2 images", "in: an image"]


def test_a_run_tells_counts_and_warns_even_if_quiet(tmp_path, tree, photo, capsys):
    frames = [PIL.Image.fromarray(photo(seed=number)) for number in range(2)]
    root = tree(
        tmp_path / "in",
        {
            "cat/a.webp": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
            "cat/b.png": encoded(frames[0].quantize(8), "PNG"),
            "dog/c.psd": b"",
            "dog/d.png": encoded(frames[1], "PNG", icc_profile=b"none"),
            ".hidden": b"",
        },
    )
    out, loaded = tmp_path / "out", spec("{copies: 2, pipeline: [rotate]}")
    assert run.run(loaded, root, out, Options(digests=True, summary_json=tmp_path / "s.json")).exit_code == 0
    told = capsys.readouterr().err.splitlines()
    assert told[:3] == [
        "left out: 1 hidden",
        "left out: 1 image in a format that is not read (.psd)",
        f"warning[unread-images]: {root}: 1 left out: images in a format that is not read (.psd), namely `dog/c.psd`",
    ]
    assert told[-2:] == [
        f"converted: 2 bad icc, 2 first frame, 2 palette (column `converted` of {out}/manifest.csv)",
        f"note: {root} has no splits: a random split of {out} would put copies of one image on both sides; write "
        "split: {val: 0.1} into the spec",
    ]
    summary = json.loads((tmp_path / "s.json").read_text())
    assert summary["converted"] == {"bad icc": 2, "first frame": 2, "palette": 2}
    assert summary["left_out"] == {"hidden": 1, "images in a format that is not read (.psd)": 1}
    assert [text[:22] for text in summary["warnings"]] == ["warning[unread-images]"]
    assert (
        run.run(loaded, root, out, Options(quiet=True)).exit_code == 0
    )  # nothing is to be made; what is there was converted
    assert [line[:22] for line in capsys.readouterr().err.splitlines()] == [
        "warning[unread-images]",
        "  = help: convert them",
    ]


def test_a_folder_of_out_that_cannot_be_listed_is_told_and_fails_no_finished_run(tmp_path, tree, photo, monkeypatch):
    def files_below(out):
        raise PermissionError(13, "Permission denied", str(out / "stray"))

    root, out = tree(tmp_path / "in", {"cat/a.png": photo(), "dog/b.png": photo(seed=1)}), tmp_path / "out"
    made = Outputs(request_of(spec(), root, out, Options()), [], out, 2)
    monkeypatch.setattr(paths, "files_below", files_below)
    (found,) = texts(lint.output_warnings(made), root)
    assert f"{out / 'stray'}: cannot be listed (Permission denied)" in found[0]


def test_what_a_run_leaves_behind_is_told_at_its_end(tmp_path, tree, photo, capsys):
    root = tree(
        tmp_path / "in",
        {
            "train/cat/a.png": b"",
            "train/cat/b.png": b"no image",
            "train/dog/c.png": photo(),
            "val/cat/d.png": photo(seed=1),
            "val/dog/e.png": photo(seed=2),
        },
    )
    out = tmp_path / "out"
    assert (
        run.run(spec(), root, out, Options(quiet=True, digests=True, summary_json=tmp_path / "s.json")).exit_code == 1
    )
    assert (
        f"warning[failed-class]: {out}: class `cat` of `train` is empty: all its 2 images failed; to ImageFolder and "
        "Keras `dog` is 1 in `IN` and 0 in `OUT`"
    ) in capsys.readouterr().err
    for name in ("train/dog/mine.JPG", "train/new/deeper/x.webp", "train/dog/notes.txt", "train/x.png", "y.png"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(b"")
    run.run(spec(), root, out, Options(quiet=True, digests=True, summary_json=tmp_path / "s.json"))
    strays = [text for text in json.loads((tmp_path / "s.json").read_text())["warnings"] if "stray-images" in text]
    assert strays == [
        f"warning[stray-images]: {out}: 2 images lie in it that no source has, such as `train/dog/mine.JPG`; "
        f"ImageFolder trains on them\n  = help: move them away; augcli verify {out} lists them all"
    ]


def test_sets_that_need_no_note_of_splits(tmp_path):
    flat, split = touched(tmp_path / "a", "cat/a.jpg"), touched(tmp_path / "b", "train/cat/a.jpg")
    several = spec("{copies: 2, pipeline: [rotate]}")
    assert note_of_splits(several, scan(flat), flat)
    assert note_of_splits(spec("{include_originals: true, pipeline: [rotate]}"), scan(flat), flat)
    assert not note_of_splits(spec(), scan(flat), flat)  # one copy has no sibling
    assert not note_of_splits(several, scan(split), split)


def test_a_log_gets_a_line_a_minute(capsys):
    now = [0.0]
    done = Done(1, Made(50, 50, 0, [], {}, [], 0, Counter()), 0.0, 0, {})
    with Report(1000, quiet=False, fail_fast=False, clock=lambda: now[0]) as report:
        for seconds in (30, 59, 61, 62, 100, 121, 180):
            now[0] = seconds
            report.done(done)
    assert capsys.readouterr().err.splitlines() == [
        "150 of 1000 images, 2 a second, about 6 minutes left",
        "300 of 1000 images, 2 a second, about 5 minutes left",
    ]
    with Report(1000, quiet=True, fail_fast=False, clock=lambda: now[0]) as report:
        now[0] += 1000
        report.done(done)
    assert capsys.readouterr().err == ""


def test_the_summary_of_one_is_not_that_of_many():
    now = [0.0]
    report = Report(2, quiet=True, fail_fast=False, clock=lambda: now[0])
    report.count(Done(1, Made(2, 1, 1, [], {}, [], 0, Counter()), 0.0, 0, {}))
    report.removed, report.converted, now[0] = ["x"], Counter(cmyk=1), 2.0
    assert report.summary("out", is_shard=False) == (
        "1 image written to out in 2.0 s, 0 images/s; 1 was there already (sizes compared; verify reads them); "
        "1 removed that is no longer asked for\n"
        "converted: 1 cmyk (column `converted` of out/manifest.csv)"
    )


def test_a_photo_that_is_cut_off_is_told_before_the_run_and_a_warning_may_be_allowed(tmp_path, tree, photo, augcli):
    root = tree(tmp_path / "in", {"cat/a.jpg": photo((200, 150)), "dog/b.jpg": photo((200, 150), seed=1)})
    data = (root / "cat/a.jpg").read_bytes()
    (root / "cat/a.jpg").write_bytes(data[: len(data) // 2])
    (tmp_path / "s.yaml").write_text("pipeline: [random_resized_crop: {size: 64}]\n")
    done = augcli("check", "s.yaml", "in", "--strict", cwd=tmp_path)
    assert done.returncode == 1
    assert "warning[unusable-images]: in: an image cannot be used, namely `cat/a.jpg`" in done.stderr
    allowed = augcli("check", "s.yaml", "in", "--strict", "--allow", "unusable-images, mirrored-text", cwd=tmp_path)
    assert (allowed.returncode, "warning" in allowed.stderr) == (0, False)
    wrong = augcli("check", "s.yaml", "--allow", "unusable-image", cwd=tmp_path)
    assert (wrong.returncode, "did you mean `unusable-images`?" in wrong.stderr) == (2, True)
    (tmp_path / "s.yaml").write_text("pipeline: [random_resized_crop: {size: 64}]\ninput: {truncated: accept}\n")
    assert augcli("check", "s.yaml", "in", "--strict", cwd=tmp_path).returncode == 0


def test_a_class_that_is_gone_from_both_is_told_at_the_end_of_the_run(tmp_path, tree, photo, augcli):
    tree(tmp_path / "in", {f"{label}/{n}.png": photo(seed=n) for label in ("ant", "bee") for n in range(3)})
    (tmp_path / "s.yaml").write_text("pipeline: [rotate]\n")
    assert augcli("run", "s.yaml", "in", "out", cwd=tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "in/ant")
    (tmp_path / "in/bee/0.png").unlink()
    done = augcli("run", "s.yaml", "in", "out", "--overwrite", cwd=tmp_path)
    assert "warning[gone-class]: out: all 3 files of `ant` were removed: IN has no such class any more" in done.stderr
