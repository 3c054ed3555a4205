"""Two-image steps: partners, pixels, soft labels, and that they are the same however a run goes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from augcli.dataset.listing import scan
from augcli.dataset.sources import Source
from augcli.image.arrays import Box, Size
from augcli.image.label_shares import remaining_shares
from augcli.image.matrices import translation
from augcli.image.ops import Blend, Parallel, Warp
from augcli.modality import Digests
from augcli.modality.images import outputs
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import Mixer
from augcli.plan import output_names
from augcli.plan.drawing import Recipes
from augcli.plan.partners import Ring
from augcli.problems import Refused
from augcli.spec import loading
from tests import labelled_sets
from tests.conftest import written_at

ROOT = Path(__file__).parents[1]
PIPELINE = """seed: 5
copies: 3
pipeline:
  - horizontal_flip
  - {step}
output: {{format: png}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def mixing(folder: Path, step: str, **more: str) -> Path:
    return written(folder, PIPELINE.format(step=step) + "".join(f"{key}: {value}\n" for key, value in more.items()))


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mix_of(row: dict[str, str]) -> dict:
    return next((entry for entry in json.loads(row["params"]) if "partners" in entry), {})


def pixels(path: Path) -> np.ndarray:
    with PIL.Image.open(path) as file:
        return np.asarray(file.convert("RGB")).astype(int)


@pytest.fixture
def photos(tmp_path, tree, photo):
    """Eight photos of three classes, of one size."""
    names = ["cat/a", "cat/b", "cat/c", "dog/a", "dog/b", "dog/c", "owl/a", "owl/b"]
    return tree(tmp_path / "in", {f"{name}.png": photo((64, 48), seed) for seed, name in enumerate(names)})


def flipped(root: Path, source: str, params: list[dict]) -> np.ndarray:
    """Make what the steps before the mix made of a source."""
    image = pixels(root / source)
    assert params in ([], [{"step": "horizontal_flip"}])
    return image[:, ::-1] if params else image


def test_mixup_is_the_weighted_sum_of_the_two_sources_that_the_manifest_names(tmp_path, photos, augcli):
    assert augcli("run", mixing(tmp_path, "mixup: {alpha: 1}"), photos, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        mix = mix_of(row)
        (partner,) = mix["partners"]
        assert hashlib.sha256((photos / partner["source"]).read_bytes()).hexdigest() == partner["sha256"]
        one = flipped(photos, row["source"], json.loads(row["params"])[:-1])
        other = flipped(photos, partner["source"], partner["params"])
        made = pixels(tmp_path / "out" / row["file_name"])
        # float32 against float64: a tie may be rounded the other way
        assert np.abs(made - (mix["lam"] * one + (1 - mix["lam"]) * other)).max() <= 0.5 + 1e-3
        assert mix["lam"] >= 0.5
        labels = [row["label"], partner["source"].split("/")[0]]
        expected: Counter[str] = Counter()
        for label, share in zip(labels, (mix["lam"], 1 - mix["lam"]), strict=True):
            expected[label] += share
        assert json.loads(row["soft_label"]) == pytest.approx(dict(expected), abs=1e-6)
        assert row["file_name"].startswith(row["label"] + "/")


def test_cutmix_is_the_image_with_the_box_of_the_other(tmp_path, photos, augcli):
    assert augcli("run", mixing(tmp_path, "cutmix"), photos, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        mix = mix_of(row)
        (partner,) = mix["partners"]
        expected = flipped(photos, row["source"], json.loads(row["params"])[:-1]).copy()
        other = flipped(photos, partner["source"], partner["params"])
        x, y, right, bottom = mix["left"], mix["top"], mix["left"] + mix["width"], mix["top"] + mix["height"]
        expected[y:bottom, x:right] = other[y:bottom, x:right]
        assert (pixels(tmp_path / "out" / row["file_name"]) == expected).all()
        assert mix["lam"] == pytest.approx(1 - mix["width"] * mix["height"] / (64 * 48), abs=1e-6)
        assert mix["lam"] >= 0.5


def test_a_mosaic_has_four_parts_and_their_areas_in_its_label(tmp_path, photos, augcli):
    assert augcli("run", mixing(tmp_path, "mosaic"), photos, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        mix = mix_of(row)
        x, y = mix["x"], mix["y"]
        expected = flipped(photos, row["source"], json.loads(row["params"])[:-1]).copy()
        others = [flipped(photos, partner["source"], partner["params"]) for partner in mix["partners"]]
        for (rows_, columns), other in zip([np.s_[:y, x:], np.s_[y:, :x], np.s_[y:, x:]], others, strict=True):
            expected[rows_, columns] = other[rows_, columns]
        assert (pixels(tmp_path / "out" / row["file_name"]) == expected).all()
        assert len({row["source"], *(partner["source"] for partner in mix["partners"])}) == 4
        areas = [x * y, (64 - x) * y, x * (48 - y), (64 - x) * (48 - y)]
        label: Counter[str] = Counter()
        for source, area in zip([row["source"], *(p["source"] for p in mix["partners"])], areas, strict=True):
            label[source.split("/")[0]] += area / (64 * 48)
        label = +label  # parts of no area are not in it
        assert json.loads(row["soft_label"]) == pytest.approx(dict(label), abs=1e-5)
        assert json.loads(row["soft_label"])[row["label"]] >= 0.5


def tiled(images: list[np.ndarray], side: int, x: int, y: int, grey: int) -> np.ndarray:
    """A mosaic as Ultralytics describes it: on a canvas of 2 sides the corners of four whole images meet at (x, y)."""
    canvas = np.full((2 * side, 2 * side, 3), grey, np.uint8)
    for image, is_left, is_top in zip(images, (1, 0, 1, 0), (1, 1, 0, 0), strict=True):
        height, width = image.shape[:2]
        left, top = x - width * is_left, y - height * is_top
        right, bottom = min(left + width, 2 * side), min(top + height, 2 * side)
        from_x, from_y = max(0, -left), max(0, -top)
        canvas[top + from_y : bottom, left + from_x : right] = image[from_y : bottom - top, from_x : right - left]
    return canvas


def test_a_mosaic_of_whole_tiles_has_their_corners_at_the_cross(tmp_path, tree, photo, augcli):
    sizes = (64, 48), (30, 64), (64, 20), (50, 64), (64, 64)
    root = tree(tmp_path / "in", {f"c/{at}.png": photo(size, at) for at, size in enumerate(sizes)})
    path = mixing(tmp_path, "whole_mosaic: {fold: false, border: {fill: 114}}")
    assert augcli("run", path, root, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        mix = mix_of(row)
        sources = [(row["source"], json.loads(row["params"])[:-1])]
        sources += [(partner["source"], partner["params"]) for partner in mix["partners"]]
        images = [flipped(root, source, params) for source, params in sources]
        side = max(images[0].shape[:2])
        assert side // 2 <= min(mix["x"], mix["y"])
        assert max(mix["x"], mix["y"]) < 2 * side - side // 2
        expected = tiled(images, side, mix["x"], mix["y"], 114)
        assert (pixels(tmp_path / "out" / row["file_name"]) == expected).all()
    lost = tmp_path / "out" / row["file_name"]
    lost.unlink()
    assert augcli("replay", tmp_path / "out", root).returncode == 0
    assert (pixels(lost) == expected).all()


def test_a_partner_comes_as_its_own_copy_of_the_same_number(tmp_path, photos, augcli):
    path = written(tmp_path, "copies: 3\npipeline: [rotate: {degrees: 40}, cutmix: {p: 1}]\n")
    assert augcli("run", path, photos, tmp_path / "out").returncode == 0
    made = rows(tmp_path / "out")
    turned = {(row["source"], row["copy"]): json.loads(row["params"])[0] for row in made}
    for row in made:
        (partner,) = mix_of(row)["partners"]
        assert partner["params"] == [turned[partner["source"], row["copy"]]]


def test_a_mix_is_made_anew_where_only_its_partner_comes_out_differently(tmp_path, photos, augcli):
    def tree_of(degrees: int, out: str) -> dict[str, bytes]:
        path = written(
            tmp_path, f"copies: 4\npipeline: [rotate: {{degrees: {degrees}, p: 0.5}}, mixup: {{alpha: 1}}]\n"
        )
        assert augcli("run", path, photos, tmp_path / out, "--overwrite").returncode == 0
        made = [path for path in (tmp_path / out).rglob("*.*") if path.is_file()]
        return {str(path.relative_to(tmp_path / out)): path.read_bytes() for path in made}

    tree_of(15, "changed")
    assert tree_of(40, "changed") == tree_of(40, "fresh")


def test_without_folding_the_other_may_be_the_heavier_one(tmp_path, photos, augcli):
    path = mixing(tmp_path, "mixup: {alpha: 1, fold: false, partner: other_class}", seed="1")
    path.write_text(path.read_text().replace("seed: 5\n", "").replace("copies: 3", "copies: 10"))
    assert augcli("run", path, photos, tmp_path / "out").returncode == 0
    shares = [json.loads(row["soft_label"])[row["label"]] for row in rows(tmp_path / "out")]
    assert min(shares) < 0.4
    assert max(shares) > 0.6


COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.fixture(scope="module")
def flat_colours(tmp_path_factory, tree):
    """Pictures of one colour, which is their class: the share of a class is the share of its colour."""
    sizes = (64, 64), (120, 90), (37, 91)
    files = {
        f"{name}/{number}.png": np.full((height, width, 3), colour, np.uint8)
        for name, colour in COLOURS.items()
        for number, (width, height) in enumerate(sizes)
    }
    return tree(tmp_path_factory.mktemp("flat"), files)


@pytest.mark.parametrize("mix", ["cutmix", "cutmix: {fold: false}", "mosaic", "mixup: {alpha: 1}"])
@pytest.mark.parametrize(
    ("later", "border", "fusion"),
    [
        (["random_resized_crop: {size: 48, scale: [0.2, 0.5]}", "horizontal_flip"], "constant", "full"),
        (["random_crop: {size: 30}", "random_erasing: {p: 1}"], "reflect", "full"),
        (["rotate: {degrees: 180, expand: true}", "center_crop: {size: 50}"], "constant", "exact"),
        (["affine: {translate: {x: 0.4, y: 0.3}, scale: [0.6, 1.5]}", "elastic"], "edge", "full"),
        (["perspective: {scale: 0.3}", "coarse_dropout: {height: 0.5, width: 0.4}"], "wrap", "off"),
        (["shift_scale_rotate", "grid_dropout: {ratio: 0.7}", "zoom"], "symmetric", "off"),
        (["pad: {padding: 9}", "optical_distortion", "resize: {size: [20, 70]}"], "reflect", "full"),
        (
            ["resize: {size: [150, 200]}", "rotate: {degrees: 30}", "random_resized_crop: {size: 130}"],
            "constant",
            "off",
        ),
        (["gaussian_blur: {kernel_size: 9, sigma: [3, 3]}", "shift_scale_rotate"], "edge", "exact"),
        (["rotate90", "grid_distortion", "shear: {degrees: {x: 30, y: 10}}"], "constant", "off"),
    ],
)
def test_a_soft_label_has_the_shares_of_what_is_left_behind_all_later_steps(flat_colours, mix, later, border, fusion):
    steps = "".join(f"  - {step}\n" for step in ["horizontal_flip", mix, *later])
    text = f"copies: 2\npipeline:\n{steps}border: {{mode: {border}}}\noutput: {{format: png}}\nfusion: {fusion}\n"
    loaded, sources = loading.parse(text.encode(), "spec"), scan(flat_colours).sources
    mixer = Mixer(loaded, str(flat_colours), sources, Labeller(loaded, str(flat_colours), ()))
    mixed = 0
    for item in output_names.items(loaded, flat_colours, sources):
        data = (flat_colours / item.source.path).read_bytes()
        maker = outputs.SourceMaker(loaded, item, data, Labeller(loaded, str(flat_colours), ()), mixer, Recipes(loaded))
        for _, row, encoded in maker.make(output_names.outputs(item, loaded), Digests("")):
            with PIL.Image.open(io.BytesIO(encoded)) as file:
                seen = np.asarray(file.convert("RGB")).sum(axis=(0, 1), dtype=float)
            if row.soft_label and seen.any():
                label = json.loads(row.soft_label)
                counted = dict(zip(COLOURS, seen / seen.sum(), strict=True))
                assert {name: label.get(name, 0) for name in COLOURS} == pytest.approx(counted, abs=0.01)
                assert sum(label.values()) == pytest.approx(1, abs=1e-5)
                mixed += 1
    assert mixed > 9


def test_shares_behind_a_mix_of_versions_are_those_of_all_versions_together():
    """Of 10 columns the last four are another's; the version moves eight of them out to the left."""
    blend, size = Blend(lambda pictures: pictures[0], parts=(Box(6, 0, 4, 5),)), Size(10, 5)
    version = Parallel(((Warp(translation(8, 0), size),),), (0.75, 0.25))
    own, other = 0.75 * 6, 0.75 * 4 + 0.25 * 2
    assert remaining_shares((0.6, 0.4), blend, size, [version]) == pytest.approx((own / 8, other / 8), abs=0.002)
    assert remaining_shares((0.6, 0.4), blend, size, []) == (0.6, 0.4)


@pytest.mark.parametrize(("partner", "same"), [("same_class", True), ("other_class", False)])
def test_partners_are_of_the_class_that_was_asked_for(tmp_path, photos, augcli, partner, same):
    path = mixing(tmp_path, f"mixup: {{alpha: 1, partner: {partner}}}")
    assert augcli("run", path, photos, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        (other,) = mix_of(row)["partners"]
        assert other["source"] != row["source"]
        assert (other["source"].split("/")[0] == row["label"]) == same


def test_who_is_alone_in_its_class_is_not_mixed(tmp_path, tree, photo, augcli):
    root = tree(tmp_path / "in", {"cat/a.png": photo(seed=1), "dog/a.png": photo(seed=2), "dog/b.png": photo(seed=3)})
    path = mixing(tmp_path, "mixup: {alpha: 1, partner: same_class}")
    assert augcli("run", path, root, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        assert bool(mix_of(row)) == (row["label"] == "dog")
        assert bool(row["soft_label"]) == (row["label"] == "dog")


def test_a_partner_of_another_size_is_brought_to_size(tmp_path, tree, photo, augcli):
    root = tree(tmp_path / "in", {"cat/a.png": photo((64, 48), 1), "dog/b.png": photo((90, 200), 2)})
    assert augcli("run", mixing(tmp_path, "mixup: {alpha: 1}"), root, tmp_path / "out").returncode == 0
    row = rows(tmp_path / "out")[0]
    mix = mix_of(row)
    (partner,) = mix["partners"]
    with PIL.Image.open(root / partner["source"]) as file:
        fitted = file.resize((64, 48), PIL.Image.Resampling.BILINEAR)
    other = np.asarray(fitted).astype(int)[:, :: -1 if partner["params"] else 1]
    one = flipped(root, row["source"], json.loads(row["params"])[:-1])
    # Pillow's result is a level off a flip of the other order; then half a level of rounding
    made = pixels(tmp_path / "out" / row["file_name"])
    assert np.abs(made - (mix["lam"] * one + (1 - mix["lam"]) * other)).max() <= 1.5


def tree_hash(out: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(out.rglob("*")):
        if path.is_file():
            digest.update(os.fsencode(path.relative_to(out)) + b"\0" + path.read_bytes())
    return digest.hexdigest()


def test_any_number_of_workers_gives_the_same_tree(tmp_path, photos, augcli):
    path = mixing(tmp_path, "one_of: {steps: [mixup, cutmix, mosaic]}")
    path.write_text(path.read_text().replace("copies: 3", "copies: 15"))
    hashes = set()
    for jobs in (1, 2, 3):
        assert augcli("run", path, photos, tmp_path / f"out{jobs}", "-j", jobs).returncode == 0
        hashes.add(tree_hash(tmp_path / f"out{jobs}"))
    assert len(hashes) == 1
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out1").rglob("*.png")}
    again = augcli("run", path, photos, tmp_path / "out1")
    assert "0 images written" in again.stderr
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "out1").rglob("*.png")} == before


def test_an_undecodable_partner_passes_to_the_next(tmp_path, photos, augcli):
    path = mixing(tmp_path, "mixup: {alpha: 1}")
    assert augcli("run", path, photos, tmp_path / "before").returncode == 0
    broken = mix_of(rows(tmp_path / "before")[0])["partners"][0]["source"]
    (photos / broken).write_bytes(b"\x89PNG\r\n\x1a\n broken")
    assert augcli("run", path, photos, tmp_path / "after").returncode == 1
    for row in rows(tmp_path / "after"):
        if row["status"] == "augmented":
            assert mix_of(row)["partners"][0]["source"] != broken


def test_going_on_remakes_exactly_what_a_changed_partner_is_in(tmp_path, photos, photo, augcli):
    path = mixing(tmp_path, "mixup: {alpha: 1}")
    out = tmp_path / "out"
    assert augcli("run", path, photos, out).returncode == 0
    before = rows(out)
    stamps = {row["file_name"]: written_at(out / row["file_name"]) for row in before}
    changed = mix_of(before[0])["partners"][0]["source"]
    PIL.Image.fromarray(photo((64, 48), 99)).save(photos / changed)
    assert augcli("run", path, photos, out).returncode == 0
    concerned = {
        row["file_name"]
        for row in before
        if row["source"] == changed or mix_of(row)["partners"][0]["source"] == changed
    }
    assert {name for name, stamp in stamps.items() if written_at(out / name) != stamp} == concerned
    assert 0 < len(concerned) < len(before)
    fresh = tmp_path / "fresh"
    assert augcli("run", path, photos, fresh).returncode == 0
    assert tree_hash(fresh) == tree_hash(out)


def test_a_new_source_changes_the_images_that_it_is_mixed_into_and_no_other(tmp_path, photos, photo, augcli):
    path = mixing(tmp_path, "cutmix")
    out = tmp_path / "out"
    assert augcli("run", path, photos, out).returncode == 0
    before = {row["file_name"]: row["sha256"] for row in rows(out)}
    PIL.Image.fromarray(photo((64, 48), 99)).save(photos / "owl" / "new.png")
    assert augcli("run", path, photos, out).returncode == 0
    fresh = tmp_path / "fresh"
    assert augcli("run", path, photos, fresh).returncode == 0
    assert tree_hash(fresh) == tree_hash(out)
    for row in rows(out):
        if row["file_name"] in before and row["sha256"] != before[row["file_name"]]:
            assert mix_of(row)["partners"][0]["source"] == "owl/new.png"


def sources(count: int) -> list[Source]:
    return [Source(f"class{n % 7}/{n:05d}.jpg", "", "train", f"class{n % 7}") for n in range(count)]


def first(ring: Ring, source: Source, place: int, which: str = "any") -> str:
    return next(ring.candidates(source, which, place)).path


def test_one_more_source_among_many_changes_few_partners():
    few, more = Ring(sources(300)), Ring(sources(301))
    places = [int(hashlib.sha256(str(n).encode()).hexdigest()[:16], 16) for n in range(3000)]
    changed = 0
    for n, place in enumerate(places):
        one, other = (first(ring, sources(300)[n % 300], place) for ring in (few, more))
        if one != other:
            changed += 1
            assert other == "class6/00300.jpg"
    assert 0 < changed < 3 * 3000 / 301


def test_every_source_is_somebody_s_partner():
    ring = Ring(sources(50))
    place = (int(hashlib.sha256(str(n).encode()).hexdigest()[:16], 16) for n in range(20_000))
    counts = Counter(first(ring, sources(50)[0], one) for one in place)
    assert len(counts) == 49
    # eight points a source: arcs differ, and none is many times the mean
    assert max(counts.values()) < 4 * 20_000 / 49


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("[sequence: {steps: [mixup]}]", "`mixup` is too deep"),
        ("[mixup, cutmix]", "only one mixing step per pipeline"),
        ("[random_order: {steps: [hue, cutmix]}]", "`cutmix` is too deep"),
    ],
)
def test_where_a_mix_cannot_stand_the_spec_says_so(tmp_path, pipeline, message):
    with pytest.raises(Refused, match=message):
        loading.load(written(tmp_path, f"pipeline: {pipeline}\n"))


def test_a_split_of_fixed_steps_takes_no_mix(tmp_path):
    with pytest.raises(Refused, match="draw nothing at random"):
        loading.load(written(tmp_path, "pipeline: [hue]\nsplits: {val: [mixup: {alpha: 0}]}\n"))


def test_a_share_of_one_is_no_mix(tmp_path, photos, augcli):
    path = mixing(tmp_path, "mixup: {alpha: 0}")
    assert augcli("run", path, photos, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        assert "mixup" not in row["params"]
        assert row["soft_label"] == ""


def test_without_a_partner_the_steps_around_a_mix_become_one(tmp_path, tree, photo, augcli):
    """As the manifest says, and as a pipeline without the mix gives."""
    root = tree(tmp_path / "in", {"cat/a.png": photo((90, 70))})
    for name, steps in {
        "with": "[rotate, {mixup: {alpha: 1}}, {affine: {degrees: 20}}]",
        "without": "[rotate, {affine: {degrees: 20}}]",
    }.items():
        path = written(tmp_path, f"pipeline: {steps}\n")
        assert augcli("run", path, root, tmp_path / name).returncode == 0
    one, other = (rows(tmp_path / name)[0] for name in ("with", "without"))
    assert (one["sha256"], one["params"]) == (other["sha256"], other["params"])


def test_transparent_colours_do_not_darken_a_mix(tmp_path, tree, augcli):
    opaque = np.full((20, 30, 4), (200, 100, 50, 255), np.uint8)
    root = tree(tmp_path / "in", {"cat/a.png": opaque, "dog/b.png": np.zeros((20, 30, 4), np.uint8)})
    assert augcli("run", mixing(tmp_path, "mixup: {alpha: 1}"), root, tmp_path / "out").returncode == 0
    for row in rows(tmp_path / "out"):
        if row["label"] == "cat":
            with PIL.Image.open(tmp_path / "out" / row["file_name"]) as file:
                red, green, blue, alpha = np.asarray(file)[5, 5]
            assert (red, green, blue) == (200, 100, 50)
            assert alpha == round(255 * mix_of(row)["lam"])


def test_another_layout_means_other_classes_and_other_partners(tmp_path, tree, photo, augcli):
    root = tree(tmp_path / "in", {f"{split}/{n}/x.png": photo(seed=n) for split in ("train", "val") for n in (1, 2)})
    out = tmp_path / "out"
    for layout in ("classes", "splits"):
        path = mixing(tmp_path, "mixup: {alpha: 1}", layout=layout)
        assert augcli("run", "--overwrite", path, root, out).returncode == 0
    assert augcli("run", path, root, tmp_path / "fresh").returncode == 0
    assert (out / "manifest.csv").read_bytes() == (tmp_path / "fresh/manifest.csv").read_bytes()


DYING = """
import os, simplejpeg, PIL.Image

open_ = PIL.Image.open

def dying(file, *rest, **more):
    if hasattr(file, "getvalue") and file.getvalue().endswith(b"deadly"):
        os._exit(9)
    return open_(file, *rest, **more)

PIL.Image.open = dying
"""
"""Every process that finds this ends at once where it would decode a certain file."""


def test_a_partner_that_kills_its_worker_is_blamed_itself(tmp_path, tree, photo):
    """Its own outputs fail; who would have been mixed with it gets the next."""
    root = tree(tmp_path / "in", {f"{'cat' if n % 2 else 'dog'}/{n:02d}.png": photo((40, 30), n) for n in range(40)})
    with (root / "cat/07.png").open("ab") as file:
        file.write(b"deadly")
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(DYING, encoding="utf-8")
    path = mixing(tmp_path, "mixup: {alpha: 1}")
    done = subprocess.run(
        [sys.executable, "-m", "augcli", "run", path, root, tmp_path / "out", "-j", "2"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])},
    )
    assert done.returncode == 1, done.stderr
    made = rows(tmp_path / "out")
    assert [row["source"] for row in made if row["status"] == "failed"] == ["cat/07.png"]
    assert sum(row["status"] == "augmented" for row in made) == 39 * 3
    assert not any("cat/07.png" in row["params"] for row in made)


def test_val_is_never_mixed_into_train(tmp_path, tree, photo, augcli):
    files = {f"{split}/cat/{n}.png": photo(seed=n) for split in ("train", "val") for n in range(4)}
    root = tree(tmp_path / "in", files)
    assert augcli("run", mixing(tmp_path, "mixup: {alpha: 1}"), root, tmp_path / "out").returncode == 0
    mixed = [row for row in rows(tmp_path / "out") if row["status"] == "augmented"]
    assert len(mixed) == 12
    assert all(mix_of(row)["partners"][0]["source"].startswith("train/") for row in mixed)


def test_numbers_are_written_as_float32_arrays(tmp_path, tree, photo, augcli):
    image = photo((30, 20), 3)
    root = tree(tmp_path / "in", {"train/cat/a.png": image, "val/cat/b.png": image[:, :, 0]})
    steps = "[{normalize: {mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3]}}]"
    path = written(tmp_path, f"pipeline: {steps}\nsplits: {{val: {steps}}}\noutput: {{format: npy}}\n")
    assert augcli("run", path, root, tmp_path / "out").returncode == 0
    made = np.load(tmp_path / "out/train/cat/a_aug000.npy")
    assert made.dtype == np.float32
    expected = (image / 255 - [0.4, 0.5, 0.6]) / [0.2, 0.25, 0.3]
    assert np.abs(made - expected).max() < 1e-6
    grey = np.load(tmp_path / "out/val/cat/b.npy")
    assert grey.shape == (20, 30, 3)
    assert augcli("verify", tmp_path / "out").returncode == 0
    shutil.rmtree(tmp_path / "out/val")
    assert augcli("preview", path, root, tmp_path / "p.png").returncode == 0
    with PIL.Image.open(tmp_path / "p.png") as file:
        assert file.width > 400


def test_labels_of_a_training_of_ultralytics_are_where_the_pixels_are(tmp_path, augcli):
    labelled_sets.yolo(tmp_path / "in", 8)
    call = "ultralytics.augment: {imgsz: 128, scale: 0.4, hsv_h: 0, hsv_s: 0, hsv_v: 0, flipud: 0.5}"
    text = f"copies: 6\noutput: {{format: png}}\nlabels: {{min_visible: 0, min_pixels: 0}}\npipeline: [{{{call}}}]\n"
    ran = augcli("run", written(tmp_path, text), tmp_path / "in", tmp_path / "out", "-j", 1, "-q")
    assert ran.returncode == 0, ran.stderr
    seen = 0
    for path in (tmp_path / "out/images/train").glob("*.png"):
        image = pixels(path).mean(axis=2)
        outside = np.ones(image.shape, bool)
        labels = (tmp_path / "out/labels/train" / path.name).with_suffix(".txt")
        for kind, *box in np.loadtxt(labels, ndmin=2) if labels.exists() and labels.stat().st_size else ():
            x, y, width, height = np.array(box) * 128
            left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
            outside[max(0, int(top) - 1) : int(bottom) + 2, max(0, int(left) - 1) : int(right) + 2] = False
            inner = image[math.ceil(top) + 1 : int(bottom) - 1, math.ceil(left) + 1 : int(right) - 1]
            if inner.size > 30:
                assert np.median(inner) == pytest.approx(120 + 60 * kind, abs=6)
                seen += 1
        assert (image[outside] < 122).all()  # dark, grey border, or a box of the darkest class
    assert seen > 60
