"""The Python API: the pixels and params that `run` writes, in any process, and nothing of the caller's changed."""

from __future__ import annotations

import csv
import enum
import json
import multiprocessing
import os
import pickle
import pydoc
import random
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import yaml

import augcli
from tests.commands import completed

ROOT = Path(__file__).parents[1]
MIX = "configs/guide/pytorch_mixup_or_cutmix.yaml"
SPEC = {"pipeline": ["horizontal_flip", {"rotate": {"degrees": 15}}]}
GREY = np.zeros((9, 9), np.uint8)


def pixels(path: Path) -> np.ndarray:
    with PIL.Image.open(path) as file:
        return np.asarray(file)


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """The sample photos as PNG files, those of val, too; one of them with transparency."""
    root = tmp_path_factory.mktemp("api") / "in"
    for path in (ROOT / "sample_data").glob("*/*/*"):
        with PIL.Image.open(path) as file:
            image = file.convert("L" if file.mode == "L" else "RGBA" if path.stem == "rocket" else "RGB")
        if image.mode == "RGBA":
            image.putalpha(PIL.Image.linear_gradient("L").resize(image.size))
        image.thumbnail((200, 200))
        made = root / path.relative_to(ROOT / "sample_data").with_suffix(".png")
        made.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(np.asarray(image)).save(made)  # its pixels alone
    return root


@pytest.fixture(scope="module", params=["configs/heavy.yaml", MIX])
def made(request, photos, tmp_path_factory):
    """A spec, and what a run of it has made: 130 copies."""
    spec = augcli.load(ROOT / request.param, copies=10)
    out = tmp_path_factory.mktemp("made") / "out"
    assert augcli.run(spec, photos, out).failed == 0
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "augmented"]
    assert len(rows) == 130
    return spec, out, random.Random(4).sample(rows, 100)


def test_an_augmenter_makes_the_pixels_params_and_labels_of_a_run(made, photos):
    spec, out, rows = made
    augment = augcli.Augmenter(spec, photos)
    for row in rows:
        array = pixels(photos / row["source"])
        given = array.copy()
        array.flags.writeable = False
        result = augment(array, key=row["source"], copy=int(row["copy"]))
        image, applied = result
        np.testing.assert_array_equal(image, pixels(out / row["file_name"]))
        assert applied == json.loads(row["params"])
        assert result.soft_label == json.loads(row["soft_label"] or "{}")
        np.testing.assert_array_equal(array, given)
        assert image.flags.writeable
        assert not np.may_share_memory(image, array)
    assert bool(result.soft_label) == ("mixup" in str(spec.resolved()))


def test_files_are_opened_as_a_run_opens_them(tmp_path):
    """Those of JPEG are decoded at a smaller scale where that is sure to be enough."""
    with PIL.Image.open(ROOT / "sample_data/train/space/astronaut.jpg") as file:
        (tmp_path / "in/a").mkdir(parents=True)
        file.resize((1600, 1400)).save(tmp_path / "in/a/1.jpg")
    spec = augcli.load({"pipeline": [{"resize": {"size": [90, 100]}}], "output": {"format": "png"}})
    augcli.run(spec, tmp_path / "in", tmp_path / "out")
    augment = augcli.Augmenter(spec, tmp_path / "in")
    written = pixels(tmp_path / "out/a/1_aug000.png")
    np.testing.assert_array_equal(augment.read("a/1.jpg").image, written)
    whole = augment(pixels(tmp_path / "in/a/1.jpg"), "a/1.jpg").image
    assert 0 < np.abs(whole.astype(int) - written).mean() < 2


def test_grey_with_transparency_is_read_as_rgba(tmp_path, photo, tree):
    grey = np.dstack([photo()[:, :, 0], photo()[:, :, 1]])
    augcli.run(SPEC, tree(tmp_path / "in", {"a/1.png": grey}), tmp_path / "out")
    with PIL.Image.open(tmp_path / "out/a/1_aug000.png") as written:
        assert written.mode == "LA"
        np.testing.assert_array_equal(
            augcli.Augmenter(SPEC, tmp_path / "in").read("a/1.png").image, written.convert("RGBA")
        )


def digests(augment: augcli.Augmenter, keys: list[str]) -> list[bytes]:
    return [pickle.dumps([augment.read(key, 3).image, augment.read(key, 3).soft_label]) for key in keys]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_make_the_same(made, photos, method):
    spec, _, rows = made
    augment = augcli.Augmenter(spec, photos)
    keys = sorted({row["source"] for row in rows})[:6]
    wanted = digests(augment, keys)
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
        assert pool.submit(digests, augment, keys).result(120) == wanted
    assert digests(pickle.loads(pickle.dumps(augment)), keys) == wanted


def test_threads_make_the_same(photos):
    augment = augcli.Augmenter(ROOT / MIX, photos)
    keys = [path.relative_to(photos).as_posix() for path in sorted(photos.glob("train/*/*"))]
    wanted, found = digests(augment, keys), [[] for _ in range(4)]
    others = [threading.Thread(target=lambda kept=kept: kept.extend(digests(augment, keys))) for kept in found]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert found == [wanted] * 4


def test_what_channels_and_layout_an_array_has_is_kept_where_the_steps_keep_it(photo):
    image = photo((40, 30))
    turning = augcli.Augmenter({"pipeline": [{"rotate": {"degrees": [15, 15]}}]})
    colouring = augcli.Augmenter({"pipeline": [{"color_jitter": {"hue": 0.2, "saturation": 0.4}}]})
    for augment in (turning, colouring):
        wanted = augment(image, "a").image
        np.testing.assert_array_equal(augment(image[::-1].copy()[::-1], "a").image, wanted)
        np.testing.assert_array_equal(augment(np.asfortranarray(image), "a").image, wanted)
    grey = image[:, :, 1]
    assert turning(grey, "a").image.shape == (30, 40)
    assert turning(grey[:, :, np.newaxis], "a").image.shape == (30, 40, 1)
    assert turning(np.dstack([image, grey]), "a").image.shape == (30, 40, 4)
    fill = {"border": {"mode": "constant", "fill": [255, 0, 0]}}
    assert augcli.Augmenter({"pipeline": [{"rotate": {"degrees": [15, 15]}}], **fill})(grey, "a").image.ndim == 3
    jpeg = augcli.Augmenter({"pipeline": ["horizontal_flip"], "output": {"format": "jpeg"}})
    assert jpeg(np.dstack([image, grey]), "a").image.shape == (30, 40, 3)


def test_a_copy_in_which_no_step_is_applied_has_memory_of_its_own(photo):
    image = photo()
    copy, applied = augcli.Augmenter({"pipeline": [{"horizontal_flip": {"p": 0}}]})(image, "a")
    np.testing.assert_array_equal(copy, image)
    assert applied == []
    assert not np.may_share_memory(copy, image)


def test_an_array_of_numbers_is_what_an_npy_file_holds(tmp_path, photo, tree):
    spec = {"pipeline": ["horizontal_flip", {"normalize": {}}], "output": {"format": "npy"}, "copies": 2}
    augcli.run(spec, tree(tmp_path / "in", {"a/1.png": photo()}), tmp_path / "out")
    image = augcli.Augmenter(spec)(photo(), "a/1.png", 1).image
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image, np.load(tmp_path / "out/a/1_aug001.npy"))


def test_a_split_has_the_steps_that_the_spec_gives_it(tmp_path, photos):
    steps = [{"resize": {"size": [40, 50]}}]
    spec = augcli.load({**SPEC, "splits": {"val": steps, "test": "skip"}})
    augcli.run(spec, photos, tmp_path / "out")
    for augment in (augcli.Augmenter(spec, photos / "val"), augcli.Augmenter(spec, photos, split="val")):
        image = augment.read("val/texture/grass.png", copy=7).image
        np.testing.assert_array_equal(image[:, :, 0], pixels(tmp_path / "out/val/texture/grass.png"))
    copied = augcli.Augmenter(SPEC, split="val")
    assert copied(image, "a").applied == []
    with pytest.raises(augcli.Refused, match="`splits` of the spec skips test"):
        augcli.Augmenter(spec, split="test")


def test_the_folder_of_a_split_has_the_keys_of_the_set_that_it_belongs_to(tmp_path, photos):
    assert augcli.Augmenter(SPEC, photos / "train").read("train/texture/grass.png").image.size
    alone = shutil.copytree(photos / "train", tmp_path / "x/train")
    (tmp_path / "x/other").mkdir()
    shutil.copytree(photos / "val/texture", tmp_path / "x/other/texture")  # no split, so that x is none of splits
    assert augcli.Augmenter(SPEC, alone).read("texture/grass.png").image.size
    augcli.run(SPEC, photos, tmp_path / "out")
    with pytest.raises(augcli.Refused, match="this is itself an output of augcli"):
        augcli.Augmenter(SPEC, tmp_path / "out/train")


@pytest.mark.parametrize(
    ("image", "error", "said"),
    [
        ([[0]], TypeError, "an image is a NumPy array, not list"),
        (
            PIL.Image.new("P", (5, 5)),  # of which an array has the numbers of colours
            TypeError,
            "an image is a NumPy array, not Image: .read(key) opens a file as `run` does; of a photo that is open in "
            'Pillow take numpy.asarray(PIL.ImageOps.exif_transpose(image).convert("RGB"))',
        ),
        (np.zeros((5, 5, 3)), TypeError, "an image has values of uint8, 0 to 255, not of float64"),
        (
            np.zeros((3, 5, 6), np.uint8),
            ValueError,
            "an image is H x W, or H x W x 1, 3 or 4, not 3 x 5 x 6; channels come last",
        ),
        (np.zeros((0, 5), np.uint8), ValueError, "an image has at least one pixel"),
        (
            np.zeros((200, 200), np.uint8),
            augcli.Unusable,
            "200x200 is too large; `max_megapixels` is 0.01, a side 32766",
        ),
        (
            np.zeros((9, 9), np.uint8),
            augcli.Unusable,
            "9x9 is smaller than the crop of 32x32; set pad_if_needed, or resize before it",
        ),
    ],
)
def test_what_is_no_image_or_cannot_be_used_is_said(image, error, said):
    augment = augcli.Augmenter({"pipeline": [{"random_crop": {"size": 32}}], "max_megapixels": 0.01})
    with pytest.raises(error) as raised:
        augment(image, "a")
    assert str(raised.value) == said


def test_keys_and_numbers_that_are_none_are_said(photos):
    augment = augcli.Augmenter(SPEC, photos)
    with pytest.raises(ValueError, match=r"train/x.png: no image of train in "):
        augment.read("train/x.png")
    for key, said in (
        ("train/texture/gras.png", "; did you mean `train/texture/grass.png`?"),
        ("texture/grass.png", "; did you mean `train/texture/grass.png`?"),
        ("val/texture/grass.png", ', but of val: augcli.Augmenter(spec, root, split="val")'),
    ):
        for call in (augment.read, lambda key: augment(GREY, key)):
            with pytest.raises(ValueError, match="no image of train") as raised:
                call(key)
            assert str(raised.value) == f"{key}: no image of train in {photos}{said}"
    with pytest.raises(ValueError, match="the folder of the images is not known"):
        augcli.Augmenter(SPEC).read("a.png")
    with pytest.raises(augcli.Refused, match="the spec mixes other images in, and there are none"):
        augcli.Augmenter({"pipeline": ["mixup"]})


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: augcli.Augmenter(SPEC)(GREY, "a", -1), ValueError, "copy is -1; it is at least 0"),
        (lambda: augcli.Augmenter(SPEC)(GREY, "a", 1.0), TypeError, "copy is a whole number, not 1.0"),
        (
            lambda: augcli.Augmenter(SPEC)(GREY, 3),
            TypeError,
            "a key is text, the path of an image in IN with `/`, not 3",
        ),
        (
            lambda: augcli.Augmenter(SPEC, split="valid"),
            ValueError,
            "split is `valid`; `train`, `val` or `test` is allowed; did you mean `val`?",
        ),
        (lambda: augcli.run(SPEC, "in", "out", jobs=0), ValueError, "jobs is 0; it is at least 1"),
        (lambda: augcli.run(SPEC, "in", "out", jobs="2"), TypeError, "jobs is a whole number, not '2'"),
        (lambda: augcli.replay("out", "in", jobs=-1), ValueError, "jobs is -1; it is at least 1"),
        (lambda: augcli.load([]), TypeError, "a spec is a path or a mapping, {'pipeline': [...]}, not list"),
        (
            lambda: augcli.load("pipeline: [rotate]"),
            augcli.SpecError,
            "this is the text of a spec, not its path\n  = help: augcli.load(yaml.safe_load(text))",
        ),
    ],
)
def test_arguments_that_are_none_are_said(call, error, said):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == said


def test_an_augmenter_says_in_short_what_it_has(photos):
    assert repr(augcli.Augmenter(SPEC, photos)) == f"<Augmenter: split train, 13 images of {photos}>"
    assert repr(augcli.Augmenter(SPEC, split="val")) == "<Augmenter: split val>"


# --- specs


def test_a_mapping_is_the_spec_that_its_text_is():
    for path in (ROOT / "configs").rglob("*.yaml"):
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert augcli.load(given, seed=3).resolved() == augcli.load(path, seed=3).resolved()
    loaded = augcli.load(given)
    assert augcli.load(loaded) is loaded
    assert augcli.load(loaded, copies=7).copies == 7
    numbers = {"pipeline": [{"rotate": {"degrees": (np.float64(-3.5), np.int64(4))}}]}
    assert augcli.load(numbers).resolved()["pipeline"][0]["rotate"]["degrees"] == [-3.5, 4]


def test_every_problem_of_a_spec_comes_with_its_place(tmp_path):
    text = "pipeline:\n  - rotat: {degrees: 15}\n  - affine: {shear: a}\n"
    (tmp_path / "spec.yaml").write_text(text, encoding="utf-8")
    for given, name in ((tmp_path / "spec.yaml", str(tmp_path / "spec.yaml")), (yaml.safe_load(text), "spec")):
        with pytest.raises(augcli.SpecError) as raised:
            augcli.load(given)
        first, second = raised.value.problems
        assert (first.what, first.help, first.where.line) == ("unknown transform `rotat`", "did you mean `rotate`?", 2)
        assert (second.where.file, second.where.line) == (name, 3)
        assert str(raised.value).startswith(f"{name}:2:")
        assert f"\n{name}:3:" in str(raised.value)
        again = pickle.loads(pickle.dumps(raised.value))
        assert (type(again), again.problems) == (augcli.SpecError, raised.value.problems)


def test_what_no_spec_holds_is_named():
    endless: dict = {"pipeline": []}
    endless["pipeline"].append(endless)
    for given, said in (
        ({"pipeline": [{"rotate": {"degrees": {1}}}]}, "`pipeline[0].rotate.degrees` holds a Python object (set)"),
        ({1: 2}, "`spec` holds a Python object (dict)"),
        (endless, "the spec is nested too deeply"),
        ({"pipeline": [{"rotate": {"degrees": float("nan")}}]}, "`.nan` is not a number that can be used"),
        ("none.yaml", "none.yaml: no such file"),
    ):
        with pytest.raises(augcli.SpecError) as raised:
            augcli.load(given)
        assert said in str(raised.value)


def test_what_a_call_replaces_is_exact_and_has_no_place_in_the_file(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("pipeline: [rotate]\nseed: 1\ncopies: 3\n", encoding="utf-8")
    with pytest.raises(augcli.SpecError) as raised:
        augcli.load(path, seed=2**63, copies=0)
    assert str(raised.value).splitlines() == [
        "`seed`: `9223372036854775808` is out of bounds; 0 to 9223372036854775807 is allowed",
        "`copies`: `0` copies would leave nothing",
        "  = help: write splits: {train: copy} for a set without copies",
    ]
    assert augcli.load(path, seed=2**63 - 1).seed == 2**63 - 1


# --- commands


def test_commands_return_what_came_of_them_and_print_nothing(tmp_path, photos, capfd):
    source = shutil.copytree(photos / "train", tmp_path / "in")
    (source / "notes.txt").write_text("x")
    (source / "texture/bad.png").write_bytes(b"")
    spec = {**SPEC, "copies": 2, "splits": {"val": "copy"}}
    summary = augcli.run(spec, source, tmp_path / "out", jobs=1)
    assert (summary.exit_code, summary.made, summary.kept, summary.failed) == (1, 26, 0, 1)
    assert summary.failures == (augcli.Failure("texture/bad.png", "the file is empty"),)
    assert summary.left_out == {"without an image suffix": 1}
    told = tmp_path / "told.json"
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    command = ["run", tmp_path / "spec.yaml", source, tmp_path / "other", "-q", "--summary-json", told]
    completed(*command)
    wanted = json.loads(told.read_text())
    assert {name for name in wanted if hasattr(summary, name)} == set(wanted)
    assert summary.as_json() == told.read_text()
    lines: list[str] = []
    assert augcli.run(spec, source, tmp_path / "out", tell=lines.append).kept == 26
    said = completed("run", tmp_path / "spec.yaml", source, tmp_path / "out").stderr.splitlines()
    assert [re.sub(r"in [\d.]+ s", "", line) for line in "\n".join(lines).splitlines()] == [
        re.sub(r"in [\d.]+ s", "", line) for line in said
    ]
    assert lines[0] == "left out: 1 without an image suffix"
    assert augcli.verify(tmp_path / "out") == []
    lost = tmp_path / "out/texture/grass_aug001.png"
    lost.unlink()
    (tmp_path / "out/texture/grass_aug000.png").unlink()
    assert augcli.verify(tmp_path / "out", quick=True)[1] == ("missing", "texture/grass_aug001.png")
    again = augcli.replay(tmp_path / "out", source, lost)
    assert (again.exit_code, again.made, again.kept) == (0, 1, 0)
    assert augcli.replay(tmp_path / "out", source).made == 1
    assert augcli.verify(tmp_path / "out") == []
    assert "unusable-images" in [warning.rule for warning in augcli.check(spec, source)]
    assert augcli.check(spec) == []
    with pytest.raises(augcli.Refused, match="no such folder") as refused:
        augcli.run(spec, tmp_path / "none", tmp_path / "out")
    assert refused.value.exit_code == 2
    assert capfd.readouterr() == ("", "")


# --- the caller's process


def test_importing_augcli_loads_nothing_and_names_everything():
    code = "import sys; before = set(sys.modules); import augcli; print(sorted(set(sys.modules) - before), dir(augcli))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == f"['augcli'] {sorted(augcli.__all__)}\n"
    for name in set(augcli.__all__) - {"torch"}:
        assert getattr(augcli, name) is not None
    with pytest.raises(AttributeError, match="module 'augcli' has no attribute 'nothing'"):
        _ = augcli.nothing


@pytest.mark.skipif(bool(find_spec("torch")), reason="it is installed")
def test_without_pytorch_its_dataset_alone_is_missing():
    with pytest.raises(AttributeError, match=r"augcli\.torch needs PyTorch: pip install torch"):
        _ = augcli.torch
    assert "class Augmenter" in pydoc.render_doc(augcli, renderer=pydoc.plaintext)


USING = """
import signal
import augcli
from PIL import ImageFile
_, root, out = sys.argv
spec = {"pipeline": ["horizontal_flip", {"resize": {"size": 40}}], "input": {"truncated": "accept"}}
signal.setitimer(signal.ITIMER_PROF, 900)
ImageFile.LOAD_TRUNCATED_IMAGES = True
def state_of_all():
    handlers = [str(signal.getsignal(number)) for number in signal.valid_signals()]
    return [*state(), handlers, signal.getitimer(signal.ITIMER_PROF)[0] > 800, ImageFile.LOAD_TRUNCATED_IMAGES]
before = state_of_all()
during = []
def use():
    augment = augcli.Augmenter(spec, root)
    during.append(state_of_all())
    augment.read("train/texture/grass.png"), augment.read("train/texture/cut.jpg"), augment.read("train/texture/x.tif")
    try:
        augment.read("train/texture/bad.tif")  # libtiff says so, too
    except augcli.Unusable:
        during.append(state_of_all())
    augcli.run(spec, root, out), augcli.check(spec, root), augcli.verify(out), augcli.replay(out, root)
import threading
use()
other = threading.Thread(target=use)
other.start()
other.join()
assert len(during) == 4, "the thread has failed"
print(json.dumps([before, *during, state_of_all()]))
"""


def test_using_augcli_changes_nothing_of_a_process_in_any_thread(tmp_path, photos):
    from tests.test_machine import STATE

    root = shutil.copytree(photos, tmp_path / "in")
    cut = (ROOT / "sample_data/train/texture/grass.jpg").read_bytes()[:9000]
    (root / "train/texture/cut.jpg").write_bytes(cut)
    PIL.Image.fromarray(pixels(root / "train/texture/grass.png")).save(
        root / "train/texture/x.tif", compression="tiff_adobe_deflate"
    )
    whole = (root / "train/texture/x.tif").read_bytes()
    (root / "train/texture/bad.tif").write_bytes(whole[:20] + bytes(2000) + whole[2020:])
    code = STATE[: STATE.index("import click")] + USING
    command = [sys.executable, "-c", code, str(root), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    before, *after = json.loads(done.stdout)
    assert after == [before] * 5


SNIPPET = """
import numpy as np
import augcli

spec: augcli.Spec = augcli.load({"pipeline": ["horizontal_flip"]}, seed=3)
summary: augcli.Summary = augcli.run(spec, "in", "out", jobs=2)
lost: list[str] = [failure.source for failure in summary.failures]
warnings: list[augcli.Problem] = augcli.check("spec.yaml", "in")
augment = augcli.Augmenter(spec, "in")
image, applied = augment(np.zeros((9, 9, 3), np.uint8), key="a.png", copy=2)
steps: list[dict[str, object]] = [{**one} for one in applied]
share: float = augment.read("a.png").soft_label["cat"]
kinds: list[str] = [difference.kind for difference in augcli.verify("out")]
again: int = augcli.replay("out", "in", files=["a.png"]).made
dataset = augcli.torch.AugmentedFolder("in/train", spec)
dataset.set_epoch(1)
names: list[str] = dataset.classes
try:
    augcli.load("x")
except augcli.SpecError as error:
    print(error.problems[0].where)
reveal_type(image)
augcli.nothing
summary.made = 3
"""


@pytest.mark.slow
def test_a_user_s_code_is_checked_by_mypy(tmp_path):
    path = tmp_path / "snippet.py"
    path.write_text(SNIPPET, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--cache-dir", tmp_path, path]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(ROOT)})
    said = [line.partition("snippet.py:")[2] for line in done.stdout.splitlines() if "snippet.py:" in line]
    last = SNIPPET.count("\n")
    assert said == [
        f'{last - 2}: note: Revealed type is "numpy.ndarray[tuple[Any, ...], numpy.dtype[Any]]"',
        f'{last - 1}: error: Module has no attribute "nothing"  [attr-defined]',
        f'{last}: error: Property "made" defined in "Summary" is read-only  [misc]',
    ]


def test_text_of_a_subclass_of_str_is_text():
    class Step(enum.StrEnum):
        FLIP = "horizontal_flip"

    assert augcli.load({"pipeline": [Step.FLIP, {np.str_("rotate"): {np.str_("degrees"): 5}}]}) == augcli.load(
        {"pipeline": ["horizontal_flip", {"rotate": {"degrees": 5}}]}
    )
