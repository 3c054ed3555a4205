"""Copies for each class and balanced classes: exact numbers, and what changes when sources come and go."""

import json
from collections import Counter
from pathlib import Path

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.output.manifest import read_rows
from augcli.plan.copies import copies_of
from augcli.problems import Refused
from augcli.spec.loading import parse

NOWHERE = Path("nowhere")


def spec_of(text: str):
    return parse(f"pipeline: [rotate]\n{text}\n".encode(), "spec.yaml")


def listing_of(sizes: dict[str, int]) -> Listing:
    paths = sorted(f"{label}/{number:05d}.jpg" for label, size in sizes.items() for number in range(size))
    return Listing([Source(path, "", "train", path.partition("/")[0]) for path in paths])


def numbers(text: str, listing: Listing) -> dict[str, int]:
    """Return how many copies each source gets, by its path."""
    copies = copies_of(spec_of(text), NOWHERE, listing)
    return {source.path: copies(source) for source in listing.sources}


def by_class(found: dict[str, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path, number in found.items():
        counts[path.partition("/")[0]] += number
    return counts


SKEWED = {"horse": 100, "cow": 40, "zebra": 7}


@pytest.mark.parametrize(
    ("text", "copies"),
    [
        ("copies: 4", {"horse": 400, "cow": 160, "zebra": 28}),
        ("copies: {default: 4, zebra: 20}", {"horse": 400, "cow": 160, "zebra": 140}),
        ("copies: {'*e*': 1, '*o*e': 2, '*o*': 5, default: 1}", {"horse": 200, "cow": 200, "zebra": 7}),
        ("copies: {'*o*': 2, horse: 3}", {"horse": 300, "cow": 80, "zebra": 7}),
        ("copies: 4\nbalance: {to: largest, at_most: 100}", {"horse": 400, "cow": 400, "zebra": 400}),
        ("copies: 4\nbalance: {to: largest}", {"horse": 400, "cow": 400, "zebra": 210}),
        ("copies: 4\nbalance: {to: median, at_most: 60}", {"horse": 160, "cow": 160, "zebra": 160}),
        ("balance: {to: 55}", {"horse": 100, "cow": 55, "zebra": 55}),
        # originals count, and a class that is large enough by them alone gets no copies
        ("balance: {to: 55}\ninclude_originals: true", {"horse": 0, "cow": 15, "zebra": 48}),
        ("copies: 2\nbalance: {to: largest}\ninclude_originals: true", {"horse": 200, "cow": 260, "zebra": 210}),
        ("copies: {horse: 0, default: 2}\ninclude_originals: true", {"horse": 0, "cow": 80, "zebra": 14}),
    ],
)
def test_a_class_gets_so_many_copies(text, copies):
    assert by_class(numbers(text, listing_of(SKEWED))) == copies


@given(
    sizes=st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 60), min_size=2),
    to=st.integers(1, 300),
    originals=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_every_source_is_kept_and_a_class_is_spread_evenly(sizes, to, originals):
    found = numbers(
        f"balance: {{to: {to}, at_most: 20}}\ninclude_originals: {str(originals).lower()}", listing_of(sizes)
    )
    for label, size in sizes.items():
        own = [number for path, number in found.items() if path.startswith(f"{label}/")]
        assert max(own) - min(own) <= 1
        assert min(own) >= 1 - originals
        images = sum(own) + size * originals
        assert images == min(max(to, size), size * (20 + originals))


def test_what_comes_into_a_class_changes_no_other():
    before = numbers("balance: {to: 500, at_most: 200}", listing_of(SKEWED))
    after = numbers("balance: {to: 500, at_most: 200}", listing_of({**SKEWED, "zebra": 9}))
    assert {path for path in before if before[path] != after[path]} <= {p for p in before if p.startswith("zebra")}
    assert by_class(after)["zebra"] == 500
    # and of the class itself every source keeps as many copies as before, or has fewer of them
    assert all(after[path] <= before[path] for path in before)


def test_sources_that_go_leave_the_copies_of_others_where_they_are():
    """To the largest class: one source less there, and at most so many copies less in each class."""
    before = numbers("copies: 3\nbalance: {to: largest, at_most: 100}", listing_of(SKEWED))
    after = numbers("copies: 3\nbalance: {to: largest, at_most: 100}", listing_of({**SKEWED, "horse": 99}))
    assert by_class(after) == {"horse": 297, "cow": 297, "zebra": 297}
    assert sum(before[path] != after[path] for path in after) <= 6


def test_each_split_is_balanced_by_itself_and_others_are_copied(tmp_path):
    sources = [
        Source(f"train/{label}/{n}.jpg", "train", "train", label) for label, k in (("a", 4), ("b", 2)) for n in range(k)
    ]
    sources += [Source(f"val/a/{n}.jpg", "val", "val", "a") for n in range(3)]
    copies = copies_of(spec_of("balance: {to: largest}"), NOWHERE, Listing(sources))
    assert Counter(copies(source) for source in sources if source.role == "train") == {1: 4, 2: 2}


def test_tables_take_one_number_of_copies():
    from augcli.dataset.sources import Block

    table = Listing([Source("a.csv#1", "", "train", "", place=Block("a.csv", 0, 10, 1, 2))])
    with pytest.raises(Refused, match="records of tables all get as many copies"):
        copies_of(spec_of("copies: {default: 2, x: 3}"), NOWHERE, table)


def image(path: Path, size=(32, 24)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.effect_noise(size, 50).convert("RGB").save(path)


def test_a_run_is_the_same_for_any_number_of_jobs_and_goes_on_when_sources_come(tmp_path, augcli):
    for number in range(8):
        image(tmp_path / f"in/many/{number}.png")
    for number in range(2):
        image(tmp_path / f"in/few/{number}.png")
    (tmp_path / "s.yaml").write_text("copies: 2\nbalance: {to: largest}\npipeline: [rotate]\n")
    for jobs in ("1", "2"):
        done = augcli("run", "s.yaml", "in", f"out{jobs}", "-j", jobs, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    rows = [*read_rows(tmp_path / "out1/manifest.csv")]
    assert Counter(row.label for row in rows) == {"many": 16, "few": 16}
    assert [*read_rows(tmp_path / "out2/manifest.csv")] == rows
    image(tmp_path / "in/few/2.png")
    before = {row.file_name: row.sha256 for row in rows}
    assert augcli("run", "s.yaml", "in", "out1", "--overwrite", cwd=tmp_path).returncode == 0
    after = {row.file_name: row.sha256 for row in read_rows(tmp_path / "out1/manifest.csv")}
    assert Counter(name.partition("/")[0] for name in after) == {"many": 16, "few": 16}
    assert all(before[name] == sha256 for name, sha256 in after.items() if name in before)
    assert {name for name in before if name not in after} <= {name for name in before if name.startswith("few/")}


def test_the_plan_shows_classes_before_and_after(tmp_path, augcli):
    for number in range(6):
        image(tmp_path / f"in/many/{number}.png")
    image(tmp_path / "in/few/0.png")
    (tmp_path / "s.yaml").write_text("copies: 2\nbalance: {to: largest, at_most: 8}\npipeline: [rotate]\n")
    done = augcli("plan", "s.yaml", "in", cwd=tmp_path)
    assert "all (augment): 7 -> 20\n  few: 1 -> 8\n  many: 6 -> 12\n" in done.stdout
    assert "few-sources" in done.stderr


# Sets with labels: the repeat factors of LVIS, written out again


def coco(folder: Path, shown: list[list[str]]) -> None:
    """Write a COCO set: which classes each image shows."""
    names = sorted({name for own in shown for name in own})
    images, objects = [], []
    for number, own in enumerate(shown):
        image(folder / f"train/{number:03d}.png")
        images.append({"id": number, "file_name": f"{number:03d}.png", "width": 32, "height": 24})
        objects += [
            {"id": len(objects) + at, "image_id": number, "category_id": names.index(name) + 1, "bbox": [2, 2, 20, 16]}
            | {"area": 320, "iscrowd": 0}
            for at, name in enumerate(own)
        ]
    about = {"images": images, "annotations": objects}
    about["categories"] = [{"id": at, "name": name} for at, name in enumerate(names, 1)]
    (folder / "annotations").mkdir()
    (folder / "annotations/instances_train.json").write_text(json.dumps(about))


def test_images_with_rare_objects_are_repeated_as_in_lvis(tmp_path, augcli):
    shown = [["car"]] * 12 + [["car", "bus"]] * 3 + [["tram"]]
    coco(tmp_path / "in", shown)
    (tmp_path / "s.yaml").write_text("copies: 2\nbalance: {to: largest}\npipeline: [horizontal_flip]\n")
    done = augcli("run", "s.yaml", "in", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = Counter(row.source for row in read_rows(tmp_path / "out/manifest.csv") if row.status == "augmented")
    for number, own in enumerate(shown):
        frequency = {"car": 15 / 16, "bus": 3 / 16, "tram": 1 / 16}
        factor = max(max(1, (frequency["car"] / frequency[name]) ** 0.5) for name in own)
        assert abs(made[f"train/{number:03d}.png"] - 2 * factor) < 1
    assert "copies by the rarest class of each image: 2 to" in augcli("plan", "s.yaml", "in", cwd=tmp_path).stdout


def test_an_image_with_objects_gets_the_largest_number_of_its_classes(tmp_path, augcli):
    shown = [["car"], ["car", "bus"], ["tram"], []]
    coco(tmp_path / "in", shown)
    (tmp_path / "s.yaml").write_text("copies: {default: 2, bus: 5, 'tr*': 1}\npipeline: [horizontal_flip]\n")
    assert augcli("run", "s.yaml", "in", "out", cwd=tmp_path).returncode == 0
    made = Counter(row.source for row in read_rows(tmp_path / "out/manifest.csv") if row.status == "augmented")
    assert [made[f"train/{number:03d}.png"] for number in range(4)] == [2, 5, 1, 2]


def test_sets_whose_labels_name_no_class_are_not_balanced(tmp_path, augcli):
    for number in range(2):
        image(tmp_path / f"in/images/train/{number}.png")
        (tmp_path / "in/masks/train").mkdir(parents=True, exist_ok=True)
        PIL.Image.new("L", (32, 24), number + 1).save(tmp_path / f"in/masks/train/{number}.png")
    (tmp_path / "s.yaml").write_text("balance: {to: largest}\nlayout: masks\npipeline: [horizontal_flip]\n")
    done = augcli("plan", "s.yaml", "in", cwd=tmp_path)
    assert (done.returncode, "no labelled object has a class, by which `balance` could go" in done.stderr) == (2, True)


# What a spec may not say


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("copies: {a: 0}", "a class without copies would be gone, as originals are not included"),
        ("copies: 0", "`0` copies would leave nothing"),
        ("copies: {}", "a mapping of copies names no class"),
        ("copies: {a: -1}", "out of bounds; 0 to 100000 is allowed"),
        ("copies: {a: 2.5}", "expected a whole number, got `2.5`"),
        ("copies: {a: 2}\nbalance: {to: largest}", "both say how many copies a class gets"),
        ("balance: {to: biggest}", 'expected `largest`, `median` or a number of images, got `"biggest"`'),
        ("balance: {at_most: 5}", "nothing is balanced, as `to` is left out"),
        ("balance: {too: 3}", "unknown setting `too`"),
    ],
)
def test_a_mistake_is_told(text, said):
    with pytest.raises(Refused) as refused:
        spec_of(text)
    assert said in str(refused.value.problems[0].what)
