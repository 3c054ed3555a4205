"""Copies that a spec rejects: they are drawn again, the attempt is in key and manifest, and what stays bad is told."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import augcli as api
from augcli.image.arrays import Picture
from augcli.image.faults import clipped_share, is_blank, newly_clipped, same_pixels
from augcli.modality.images.gate import attempt_of
from augcli.output.manifest import read_rows
from augcli.problems import Refused
from augcli.spec.loading import parse


def photo(path: Path, size=(48, 36)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    seed = sum(path.name.encode())
    noise = np.random.default_rng(seed).integers(0, 60, (size[1], size[0]))
    channels = [60 + 120 * x + noise, 60 + 120 * y + noise, 100 + 0 * x + noise]
    PIL.Image.fromarray(np.clip(np.stack(channels, 2), 0, 255).astype(np.uint8)).save(path)


@pytest.fixture
def ran(tmp_path, augcli):
    """Run a spec over eight photos; return the rows."""
    for number in range(8):
        photo(tmp_path / f"in/a/{number}.png")

    def run(spec: str, *options: str, out: str = "out"):
        (tmp_path / "s.yaml").write_text(spec)
        done = augcli("run", "s.yaml", "in", out, *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done, [*read_rows(tmp_path / out / "manifest.csv")]

    return run


def pixels(tmp_path: Path, name: str) -> np.ndarray:
    with PIL.Image.open(tmp_path / name) as image:
        return np.asarray(image.convert("RGB"))


def test_no_copy_is_like_its_source_or_another_where_there_are_enough_to_choose_from(tmp_path, ran):
    """A mirror and quarter turns: eight pictures, one of them the source."""
    spec = "copies: 3\npipeline: [horizontal_flip, rotate90]\nreject: {identical: true}\n"
    _, rows = ran(spec)
    for number in range(8):
        own = [f"out/a/{number}_aug{copy:03d}.png" for copy in range(3)]
        noted = {row.file_name: row.notes for row in rows}
        told = [name for name in own if "identical" in noted[name[4:]]]
        shown = [pixels(tmp_path, name) for name in (f"in/a/{number}.png", *own) if name not in told]
        same = [(i, j) for i in range(len(shown)) for j in range(i) if np.array_equal(shown[i], shown[j])]
        assert same == []
    assert {row.notes for row in rows} > {"", "draw 2"}
    assert sum("identical" in row.notes for row in rows) <= 1  # five draws of eight pictures, up to three of them taken


def test_what_stays_bad_is_the_first_draw_and_is_told(tmp_path, ran):
    done, rows = ran("copies: 3\npipeline: [horizontal_flip: {p: 1}]\nreject: {identical: true}\n")
    assert [row.notes for row in rows] == ["", "identical", "identical"] * 8
    assert "identical: 16 images with the pixels of their source or another copy (column `notes` of" in done.stderr


def test_clipped_copies_are_drawn_again_and_their_sources_own_white_does_not_count(tmp_path, ran):
    spec = "copies: 6\npipeline: [brightness: {factor: [0.2, 3]}]\nreject: {clipped: 0.2}\n"
    _, rows = ran(spec)
    redrawn = [row for row in rows if row.notes.startswith("draw")]
    assert redrawn
    for row in rows:
        shown = pixels(tmp_path, f"out/{row.file_name}").astype(int)
        clipped = ((shown <= 1).all(axis=2) | (shown >= 254).all(axis=2)).mean()
        assert (clipped > 0.2) == ("clipped" in row.notes)
    _, plain = ran(spec.replace("reject: {clipped: 0.2}\n", ""), out="plain")
    first = {row.file_name: row for row in plain}
    for row in rows:
        assert (first[row.file_name].params == row.params) == (not row.notes.startswith("draw"))


def test_blank_copies_are_drawn_again(tmp_path, ran):
    _, rows = ran("copies: 8\npipeline: [brightness: {mode: add, delta: [-1, 0.4]}]\nreject: {blank: true}\n")
    assert any(row.notes == "draw 2" for row in rows)
    for row in rows:
        assert (pixels(tmp_path, f"out/{row.file_name}").std(axis=(0, 1)).max() < 2) == (row.notes == "blank")


def test_the_same_for_any_number_of_jobs_when_it_goes_on_and_in_python(tmp_path, ran, augcli):
    spec = "copies: 4\npipeline: [horizontal_flip, rotate90, brightness: {factor: [0.2, 3]}]\n"
    spec += "reject: {identical: true, clipped: 0.2, blank: true}\n"
    _, rows = ran(spec, "-j", "1")
    assert any(row.notes for row in rows)
    _, again = ran(spec, "-j", "2", out="other")
    assert again == rows
    for path in (tmp_path / "out/a").glob("*_aug00[13]*"):
        path.unlink()
    _, on = ran(spec)
    assert on == rows
    for path in (tmp_path / "out/a").glob("*_aug002*"):
        path.unlink()
    assert augcli("replay", "out", "in", cwd=tmp_path).returncode == 0
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0
    augment = api.Augmenter(tmp_path / "s.yaml")
    for row in rows[:8]:
        image, applied = augment(pixels(tmp_path, f"in/{row.source}"), key=row.source, copy=int(row.copy))
        assert np.array_equal(image, pixels(tmp_path, f"out/{row.file_name}"))
        assert applied == json.loads(row.params)


def test_what_others_become_does_not_decide_which_draw_a_copy_is(tmp_path, ran, augcli):
    """A run that goes on when others have changed makes what a fresh one makes."""
    for number in range(8):
        PIL.Image.new("RGB", (48, 36), (128, 128, 128)).save(tmp_path / f"in/a/{number}.png")
    spec = "seed: 3\ncopies: 6\nreject: {blank: true, identical: true}\n"
    spec += "pipeline: [{one_of: {steps: [{mixup: {alpha: 1}}, {gauss_noise: {std: 0.1}}, {gamma: {gamma: 1}}]}}]\n"
    _, rows = ran(spec)
    assert any(row.notes.startswith("draw") for row in rows)
    for number in (1, 2, 5):
        photo(tmp_path / f"in/a/{number}.png")
    _, on = ran(spec)
    _, fresh = ran(spec, out="fresh")
    assert on == fresh
    assert augcli("check", "s.yaml", "in", "--frozen", "out", cwd=tmp_path).returncode == 0


def test_a_copy_that_has_lost_all_objects_is_drawn_again(tmp_path, augcli):
    root = Path(__file__).parents[1] / "sample_coco"
    spec = "copies: 12\npipeline: [random_crop: {size: 60}]\n"
    for name, more in (("plain", ""), ("gated", "reject: {empty: true}\n")):
        (tmp_path / f"{name}.yaml").write_text(spec + more)
        assert augcli("run", f"{name}.yaml", root, name, cwd=tmp_path).returncode == 0

    def empty(name: str) -> Counter[str]:
        rows = read_rows(tmp_path / name / "manifest.csv")
        return Counter(row.notes for row in rows if row.status == "augmented" and row.objects == "0")

    assert empty("plain").total() > 2 * empty("gated").total()
    assert set(empty("gated")) <= {"empty"}
    assert augcli("verify", "gated", cwd=tmp_path).returncode == 0


# The measures, with NumPy's own words


@pytest.mark.parametrize("channels", [1, 3])
def test_measures_are_what_their_words_say(channels):
    random = np.random.default_rng(3)
    image = random.integers(0, 256, (20, 30, channels), np.uint8)
    image[:5], image[5:8] = 0, 255
    image[8, :4], image[9, :4] = 2, 253  # near, and not clipped
    expected = ((image <= 1).all(axis=2) | (image >= 254).all(axis=2)).mean()
    assert clipped_share(Picture(image)) == expected
    assert newly_clipped(0.75, 0.5) == 0.5
    assert newly_clipped(0.1, 0.2) == 0
    flat = np.full((20, 30, channels), 77, np.uint8)
    assert is_blank(Picture(flat))
    flat[10:, :, 0] = 90
    assert not is_blank(Picture(flat))
    clear = Picture(flat, np.zeros((20, 30, 1), np.uint8))
    assert is_blank(clear)
    assert same_pixels(Picture(image), Picture(image.copy()))
    assert not same_pixels(Picture(flat), clear)


def test_notes_tell_the_attempt():
    assert [attempt_of(notes) for notes in ("", "draw 3", "identical", "unsegmented draw 2")] == [0, 2, 0, 1]


def test_levels_of_arrays_are_not_judged():
    text = b"pipeline: [normalize]\noutput: {format: npy}\nreject: {blank: true}\n"
    with pytest.raises(Refused, match="`reject` compares levels of 0 to 255"):
        parse(text, "spec.yaml")
