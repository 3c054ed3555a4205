"""`preview --steps`: a row for each step, at both ends and the middle of its ranges, with what was applied."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from augcli.commands.preview import steps as preview_steps
from augcli.commands.preview.contact_sheet import CELL, GAP
from augcli.dataset.listing import scan
from augcli.image import transforms
from augcli.spec import loading, range_ends
from tests.labelled_sets import SETS


@pytest.fixture
def photos(tmp_path, tree, photo):
    files = {f"train/a/{n}.png": photo((64, 48), seed=n) for n in range(4)} | {"val/a/0.png": photo((64, 48))}
    return tree(tmp_path / "in", files)


@pytest.fixture
def rows(photos, spec_file, monkeypatch):
    """Return what a sheet is drawn from: for each row its cells, as title and lines."""

    def drawn(text: str) -> list[list[preview_steps.Cell]]:
        kept = []
        monkeypatch.setattr(preview_steps, "laid_out", lambda rows: kept.extend(rows))
        loaded = loading.load(spec_file(text))
        sources = [source for source in scan(photos).sources if source.role == "train"]
        preview_steps.sheet(loaded, photos, sources, [])
        return kept

    return drawn


def said(cell: preview_steps.Cell) -> str:
    return " ".join(line.strip() for line in cell.lines)


def pixels(cell: preview_steps.Cell) -> np.ndarray:
    assert cell.image is not None
    return np.asarray(cell.image)


def pictures_in(grid: np.ndarray) -> list[int]:
    """Return how many cells of each row of a sheet hold a picture, told by what is not paper at its middle line."""
    flat = (grid == 255).all(axis=2)
    lines = np.array(
        [[not flat[y, left : left + CELL].mean() > 0.5 for left in columns(grid)] for y in range(len(grid))]
    )
    tops = [y for y in range(1, len(lines)) if lines[y].any() and not lines[y - 1].any()]
    return [count for top in tops if (count := int(lines[top + 20].sum()))]  # not where a long caption fills a line


def columns(grid: np.ndarray) -> list[int]:
    return [GAP + column * (CELL + GAP) for column in range((grid.shape[1] - GAP) // (CELL + GAP))]


def test_the_command_draws_a_row_for_each_step_and_at_most_four_cells(augcli, photos, spec_file, tmp_path):
    text = "pipeline: [rotate, horizontal_flip, {one_of: {steps: [gamma, mixup, {sequence: {steps: [hue]}}]}}]"
    done = augcli("preview", spec_file(text), photos, tmp_path / "steps.png", "--steps")
    assert done.returncode == 0, done.stderr
    grid = np.asarray(PIL.Image.open(tmp_path / "steps.png").convert("RGB"))
    assert grid.shape[1] == GAP + 4 * (CELL + GAP)
    assert pictures_in(grid) == [4, 2, 4, 4, 4]
    assert done.stderr == f"{tmp_path / 'steps.png'}: {grid.shape[1]}x{grid.shape[0]}\n"
    again = augcli("preview", spec_file(text), photos, tmp_path / "steps.png", "--steps")
    assert again.returncode == 0, "a preview may be replaced"
    assert (grid == np.asarray(PIL.Image.open(tmp_path / "steps.png").convert("RGB"))).all()


def test_a_range_is_shown_at_its_ends_and_in_its_middle(rows):
    (row,) = rows("pipeline: [{rotate: {degrees: [-30, 10], p: 0.01}}]")
    assert [cell.title.partition(",")[0] for cell in row] == ["rotate", "low", "middle", "high"]
    assert [said(cell) for cell in row[1:]] == ["rotate degrees -30", "rotate degrees -10", "rotate degrees 10"]
    assert said(row[0]) == "train/a/0.png 64 x 48"


def test_a_middle_may_be_drawn(rows):
    (blur,) = rows("pipeline: [{median_blur: {kernel_size: [3, 9]}}]")
    assert [said(cell) for cell in blur[1:]] == [f"median_blur kernel_size {size}" for size in (3, 5, 9)]
    (bits,) = rows("pipeline: [{posterize: {bits: [3, 6]}}]")
    assert [said(cell) for cell in bits[1:]] == [f"posterize bits {count}" for count in (3, 4, 6)]


@pytest.mark.parametrize("name", transforms.names())
@pytest.mark.parametrize("end", range_ends.ENDS)
def test_narrowed_settings_are_settings(name, end):
    """What stands for a range is one value, which reading accepts, and lies inside it."""
    found = transforms.find(name)
    required = {key: 32 for key, field in found.fields.items() if field.is_required()}
    transform = found(**(required | dict(found.example)))
    for key, value in range_ends.values(transform, end).items():
        whole = getattr(transform, key)
        for narrow, wide in [(value.x, whole.x), (value.y, whole.y)] if hasattr(value, "x") else [(value, whole)]:
            assert narrow.low == narrow.high
            assert wide.low <= narrow.low <= wide.high
            if end != "middle":
                assert narrow.low == getattr(wide, end)
        written = {"x": list(value.x), "y": list(value.y)} if hasattr(value, "x") else [*map(number, value)]
        assert found(**(required | {key: written}))


def number(value: float) -> float:
    return int(value) if value == int(value) else value


def test_both_axes_and_every_range_of_a_step_move_together(rows):
    (row,) = rows("pipeline: [{affine: {translate: {x: 0.25, y: [0, 0.5]}, scale: [0.5, 1.5]}}]")
    wanted = ["x -16, y 0, scale 0.5", "x 0, y 12, scale 1", "x 16, y 24, scale 1.5"]
    assert [said(cell) for cell in row[1:]] == [
        f"affine degrees 0, {values}, shear_x 0, shear_y 0" for values in wanted
    ]


def test_the_rest_is_drawn_once_for_all_ends(rows):
    (row,) = rows("pipeline: [{salt_and_pepper: {amount: [0.01, 0.2], salt: 1}}]")
    low, middle, high = (pixels(cell) == 255 for cell in row[1:])
    assert low.sum() < middle.sum() < high.sum()
    (same,) = rows("pipeline: [{shadow: {intensity: [0.2, 0.8], count: 1}}]")
    assert len({said(cell).partition(", intensities")[0] for cell in same[1:]}) == 1


def test_where_ends_make_no_difference_there_are_three_draws(rows):
    crop, grid = rows("pipeline: [{random_crop: {size: 24}}, grid_distortion]")
    assert [cell.title.partition(",")[0] for cell in crop[1:]] == ["draw 1", "draw 2", "draw 3"]
    assert len({said(cell) for cell in crop[1:]}) == 3
    # All cells of a grid stretched alike are an even grid.
    assert grid[1].title.startswith("draw 1")
    assert any((pixels(cell) != pixels(grid[0])).any() for cell in grid[1:])


def test_ends_that_cannot_be_drawn_together_leave_one_range_free(rows):
    (row,) = rows("pipeline: [{random_erasing: {scale: [0.1, 0.5], ratio: [0.5, 4]}}]")
    assert [cell.title.rpartition(",")[0] for cell in row[1:]] == ["low", "middle", "high, any ratio"]
    assert all(said(cell).startswith("random_erasing left") for cell in row[1:])


def test_a_middle_that_does_nothing_says_so(rows):
    (row,) = rows("pipeline: [{color_jitter: {brightness: 0.2, hue: 0.1}}]")
    assert [said(cell) == "nothing applied" for cell in row[1:]] == [False, True, False]
    assert (pixels(row[2]) == pixels(row[0])).all()


def test_steps_in_containers_stand_in_reading_order(rows):
    found = rows(
        "pipeline:\n"
        "  - some_of: {n: 0, steps: [invert, {one_of: {steps: [{hue: {name: first}}, {hue: {name: second}}]}}]}\n"
        "  - {solarize: {p: 0}}\n"
    )
    assert [row[0].title for row in found] == ["invert", "first", "second", "solarize"]
    assert (pixels(found[0][1]) == 255 - pixels(found[0][0])).all()


def test_partners_of_a_mix_are_the_next_sources(rows, photos):
    mixup, mosaic = rows("pipeline: [{one_of: {steps: [{mixup: {alpha: 5}}, mosaic]}}]")
    first, second = (np.asarray(PIL.Image.open(photos / f"train/a/{n}.png")).astype(float) for n in (0, 1))
    lam = float(said(mixup[1]).removeprefix("mixup lam ").partition(",")[0])
    # shown larger by a factor of 3.5, each pixel as it is
    there = pixels(mixup[1])[84, 112].astype(float)
    near = (lam * first + (1 - lam) * second)[22:26, 30:34].reshape(-1, 3)
    assert np.abs(near - there).max(axis=1).min() <= 1.5
    assert all(cell.image is not None for cell in mosaic)


def test_partners_of_other_sizes_are_resized_and_few_sources_are_enough(augcli, tree, photo, spec_file, tmp_path):
    mosaic = spec_file("pipeline: [mosaic]")
    two = tree(tmp_path / "two", {"a/0.png": photo((64, 48)), "a/1.png": photo((33, 70), seed=1)[:, :, 0]})
    one = tree(tmp_path / "one", {"a/0.jpg": photo((64, 48))})
    for folder in (two, one):
        done = augcli("preview", mosaic, folder, tmp_path / "grid.png", "--steps")
        assert done.returncode == 0, done.stderr


def test_a_step_that_cannot_be_applied_says_why(rows):
    small, fine = rows("pipeline: [{random_crop: {size: 50}}, rotate]")
    assert len(small) == 2
    assert small[1].image is None
    assert said(small[1]).startswith("64x48 is smaller than the crop of 50x50; set pad_if_needed")
    assert len(fine) == 4


def test_numbers_are_turned_back_and_their_range_is_said(rows, photos):
    (row,) = rows("pipeline: [{rescale: {scale: 2, offset: 5}}]\noutput: {format: npy}")
    levels = np.asarray(PIL.Image.open(photos / "train/a/0.png"))
    low, high = 2.0 * levels.min() + 5, 2.0 * levels.max() + 5
    assert said(row[1]) == f"rescale numbers from {low:.3g} to {high:.3g}"
    assert (pixels(row[1]) == pixels(row[0])).all()


def test_a_crop_that_keeps_objects_is_shown_around_them(tmp_path, spec_file, monkeypatch):
    listing, kept = scan(SETS["yolo"](tmp_path / "set")), []
    monkeypatch.setattr(preview_steps, "laid_out", lambda rows: kept.extend(rows))
    loaded = loading.load(spec_file("pipeline: [{random_crop: {size: 24, keep: objects}}]"))
    preview_steps.sheet(loaded, tmp_path / "set", listing.sources, listing.sets)
    (row,) = kept
    assert len(row) == 4
    assert all((pixels(cell) > 100).any() for cell in row[1:])  # the objects are bright


def test_a_damaged_first_source_is_passed_over(augcli, photos, spec_file, rows, tmp_path):
    (photos / "train/a/0.png").write_bytes(b"\x89PNG\r\n\x1a\n, or so it says")
    (row,) = rows("pipeline: [rotate]")
    assert said(row[0]) == "train/a/1.png 64 x 48"
    for n in range(1, 4):
        (photos / f"train/a/{n}.png").unlink()
    (row,) = rows("pipeline: [rotate]")
    assert "the header of this PNG cannot be read" in said(row[0])
    done = augcli("preview", spec_file("pipeline: [rotate]"), photos, tmp_path / "grid.png", "--steps")
    assert done.returncode == 0


def test_a_pipeline_too_long_to_be_shown_is_refused(augcli, photos, spec_file, tmp_path):
    path = spec_file("pipeline: [" + ", ".join(f"{{hue: {{name: h{n}}}}}" for n in range(101)) + "]")
    done = augcli("preview", path, photos, tmp_path / "grid.png", "--steps")
    assert (done.returncode, done.stderr) == (
        2,
        "the pipeline has 101 steps; up to 100 are shown\n  = help: leave some out\n",
    )
    assert not (tmp_path / "grid.png").exists()


def test_folder_problems_are_those_of_preview(augcli, photos, spec_file, tmp_path):
    path = spec_file("pipeline: [rotate]")
    own = tmp_path / "mine.png"
    PIL.Image.new("RGB", (3, 3)).save(own)
    for folder, grid in [(tmp_path / "none", "grid.png"), (photos, "grid.jpg"), (photos, "in/grid.png"), (photos, own)]:
        plain = augcli("preview", path, folder, tmp_path / grid)
        steps = augcli("preview", path, folder, tmp_path / grid, "--steps")
        assert plain.returncode == 2
        assert (steps.returncode, steps.stderr) == (plain.returncode, plain.stderr)
    only_val = spec_file("pipeline: [rotate]\nsplits: {train: copy}")
    done = augcli("preview", only_val, photos, tmp_path / "grid.png", "--steps")
    assert done.returncode == 2
    assert "no split of it is augmented" in done.stderr
    assert not (tmp_path / "grid.png").exists()
