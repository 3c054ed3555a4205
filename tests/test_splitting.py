"""Splits that a spec asks for: groups stay together, nobody moves, shares are kept, and nothing is augmented there."""

from collections import Counter, defaultdict
from pathlib import Path

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.output.manifest import read_rows
from augcli.plan.request import Options, look_into
from augcli.plan.splitting import split_up
from augcli.problems import Refused
from augcli.spec.loading import parse

NOWHERE = Path("nowhere")


def spec_of(split: str):
    return parse(f"pipeline: [rotate]\nsplit: {split}\n".encode(), "spec.yaml")


def roles(split: str, paths, root: Path = NOWHERE) -> dict[str, str]:
    """Return the split of each path."""
    sources = [Source(path, "", "train", path.partition("/")[0]) for path in sorted(paths)]
    found = split_up(spec_of(split), root, Listing(sources)).sources
    assert all(source.split == source.role and source.is_assigned for source in found)
    return {source.path: source.role for source in found}


PATHS = [
    f"{label}/p{patient:03d}_{shot}.jpg" for label in ("ill", "well") for patient in range(300) for shot in range(3)
]
BY_PATIENT = "{val: 0.15, test: 0.1, group_by: 'p(\\d+)_'}"


def test_shares_are_those_that_are_asked_for():
    found = Counter(roles("{val: 0.15, test: 0.1}", PATHS).values())
    # a binomial of 1800: four standard deviations
    assert abs(found["val"] / 1800 - 0.15) < 0.034
    assert abs(found["test"] / 1800 - 0.10) < 0.029


names = st.text("abcxyz0123456789-", min_size=1, max_size=6)


@given(
    photos=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40), names), min_size=3, max_size=80, unique=True),
    stratify=st.booleans(),
    seed=st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_a_group_never_straddles_splits(photos, stratify, seed):
    """Also one whose members are of several classes."""
    paths = {f"{label}/burst{group}_{name}.jpg" for label, group, name in photos}
    split = f"{{val: 0.2, test: 0.2, group_by: 'burst(\\d+)', stratify: {str(stratify).lower()}, seed: {seed}}}"
    splits_of = defaultdict(set)
    for path, role in roles(split, paths).items():
        splits_of[path.partition("burst")[2].partition("_")[0]].add(role)
    assert all(len(own) == 1 for own in splits_of.values())


@given(gone=st.sets(st.sampled_from(PATHS)), come=st.sets(names, max_size=20))
@settings(max_examples=50, deadline=None)
def test_what_comes_and_goes_moves_nobody(gone, come):
    before = roles(BY_PATIENT, PATHS)
    after = roles(BY_PATIENT, {*PATHS, *(f"new/{name}.jpg" for name in come)} - gone)
    assert all(before[path] == role for path, role in after.items() if path in before)


def test_with_stratify_each_class_has_its_share_and_few_groups_move():
    skewed = [f"many/{n}.jpg" for n in range(900)] + [f"few/{n}.jpg" for n in range(20)] + ["one/0.jpg"]
    split = "{val: 0.1, test: 0.2, stratify: true}"
    found = roles(split, skewed)
    counts = Counter((path.partition("/")[0], role) for path, role in found.items())
    assert counts == {
        ("many", "val"): 90,
        ("many", "test"): 180,
        ("many", "train"): 630,
        ("few", "val"): 2,
        ("few", "test"): 4,
        ("few", "train"): 14,
        ("one", "train"): 1,  # what is single is trained on
    }
    more = roles(split, [*skewed, "few/new.jpg"])
    moved = {path for path in found if found[path] != more[path]}
    assert len(moved) <= 2
    assert all(path.startswith("few/") for path in moved)


def test_a_share_of_a_small_class_is_one_group_at_least():
    found = roles("{val: 0.05, test: 0.05, stratify: true}", ["a/0.jpg", "a/1.jpg", "a/2.jpg", "b/0.jpg", "b/1.jpg"])
    counts = Counter((path[0], role) for path, role in found.items())
    assert counts == {("a", "val"): 1, ("a", "test"): 1, ("a", "train"): 1, ("b", "val"): 1, ("b", "train"): 1}


def test_another_seed_splits_otherwise_and_that_of_the_draws_does_not():
    one, other = (roles(f"{{val: 0.5, seed: {seed}}}", PATHS) for seed in (0, 1))
    assert 0.4 < sum(one[path] == other[path] for path in PATHS) / len(PATHS) < 0.6


def test_groups_may_be_folders():
    paths = [f"{label}/film{film}/{n}.jpg" for label in "ab" for film in range(30) for n in range(5)]
    found = roles("{val: 0.3, group_by: 2}", [*paths, "a/alone.jpg"])
    films = {(path.split("/")[1], role) for path, role in found.items() if path != "a/alone.jpg"}
    assert len(films) == 30  # a film that is in two classes stays together, too
    assert set(found.values()) == {"train", "val"}


@pytest.mark.parametrize("rows", ["file_name,patient\n{}", "\ufefffile;x;patient\n{}", "site\tpath\tpatient\n{}"])
def test_groups_may_stand_in_a_column_of_a_file(tmp_path, rows):
    paths = [f"a/{n}.jpg" for n in range(60)]
    head = rows.partition("\n")[0].lstrip("\ufeff")
    mark = next(sign for sign in "\t;," if sign in head)
    names = head.split(mark)
    lines = []
    for n, path in enumerate(paths):
        row = dict.fromkeys(names, "-") | {"patient": f"p{n // 4}" + " " * (n % 2)}
        own = next(name for name in names if name in ("file_name", "file", "path"))
        row[own] = (path, f"{n}.jpg", f"a\\{n}.jpg")[n % 3]  # by path, by file name alone, with a backslash
        lines.append(mark.join(row[name] for name in names))
    (tmp_path / "who.csv").write_text(rows.format("\n".join(lines)), encoding="utf-8")
    found = roles("{val: 0.4, group_by: {csv: who.csv, column: patient}}", paths, tmp_path)
    assert all(len({found[path] for path in paths[start : start + 4]}) == 1 for start in range(0, 60, 4))
    assert len(set(found.values())) == 2


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ("{val: 0.1, group_by: {csv: gone.csv, column: x}}", "gone.csv: cannot be read as a CSV file of groups"),
        ("{val: 0.1, group_by: {csv: who.csv, column: patent}}", "who.csv: has no column `patent`"),
        ("{val: 0.1, group_by: {csv: one.csv, column: patient}}", "one.csv: no column tells which image a row is of"),
    ],
)
def test_a_file_of_groups_that_does_not_serve_is_refused(tmp_path, split, said):
    (tmp_path / "who.csv").write_text("file,patient\na/0.jpg,1\n")
    (tmp_path / "one.csv").write_text("patient\n1\n")
    with pytest.raises(Refused, match=said):
        roles(split, PATHS, tmp_path)


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.effect_noise((32, 24), 50).convert("RGB").save(path)


def test_a_set_that_the_spec_splits_is_the_one_that_folders_split(tmp_path, augcli):
    for label in ("cat", "dog"):
        for number in range(10):
            photo(tmp_path / f"in/{label}/{number}.png")
    spec = "copies: 2\nbalance: {to: 15}\npipeline: [rotate, horizontal_flip, mixup]\n"
    (tmp_path / "split.yaml").write_text(spec + "split: {val: 0.2, test: 0.1, stratify: true}\n")
    (tmp_path / "plain.yaml").write_text(spec)
    done = augcli("run", "split.yaml", "in", "out", "--summary-json", "s.json", cwd=tmp_path)
    assert (done.returncode, "note:" in done.stderr) == (0, False)
    rows = [*read_rows(tmp_path / "out/manifest.csv")]
    assert Counter(row.status for row in rows) == {"augmented": 30, "copied": 6}
    assert Counter((row.split, row.label) for row in rows if row.status == "copied") == {
        ("val", "cat"): 2,
        ("val", "dog"): 2,
        ("test", "cat"): 1,
        ("test", "dog"): 1,
    }
    for row in rows:
        path = tmp_path / "hand" / row.split / row.source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((tmp_path / "in" / row.source).read_bytes())
    assert augcli("run", "plain.yaml", "hand", "other", cwd=tmp_path).returncode == 0
    again = {row.file_name: row.sha256 for row in read_rows(tmp_path / "other/manifest.csv")}
    assert again == {row.file_name: row.sha256 for row in rows}
    for path in (tmp_path / "out/train").rglob("*_aug001*"):
        path.unlink()
    assert augcli("replay", "out", "in", cwd=tmp_path).returncode == 0
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0
    printed = augcli("plan", "split.yaml", "in", "--print-id", cwd=tmp_path).stdout.strip()
    assert f'"plan_id": "{printed}"' in (tmp_path / "s.json").read_text()


def test_a_set_with_splits_or_with_labels_is_not_split(tmp_path):
    photo(tmp_path / "in/train/a/0.png")
    photo(tmp_path / "in/val/a/1.png")
    with pytest.raises(Refused, match="has splits already, `train` and `val`, and the spec asks for others"):
        look_into(spec_of("{val: 0.1}"), tmp_path / "in", None, Options())
    coco = Path(__file__).parents[1] / "sample_coco"
    with pytest.raises(Refused, match="has splits already"):
        look_into(spec_of("{val: 0.1}"), coco, None, Options())


def test_pitfalls_of_splits_are_told(tmp_path, augcli):
    for n in range(4):
        photo(tmp_path / f"in/cat/{'p1_' if n else ''}{n}.png")
        photo(tmp_path / f"in/dog/{n}.png")
    (tmp_path / "s.yaml").write_text("pipeline: [rotate]\nsplit: {val: 0.01, group_by: '(p1)_'}\n")
    said = augcli("check", "s.yaml", "in", cwd=tmp_path).stderr
    assert "warning[ungrouped]: in: `group_by` finds no group of 5 images, such as `cat/0.png`" in said
    assert "warning[empty-split]: in: none of the 8 images falls into `val`" in said
    (tmp_path / "s.yaml").write_text("pipeline: [rotate]\nsplit: {val: 0.5, group_by: 1}\n")
    assert "keeps each class together as a whole" in augcli("check", "s.yaml", "in", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ("{val: 0.6, test: 0.5}", "`val` and `test` take 1.1 of all"),
        ("{stratify: true}", "nothing is split, as neither `val` nor `test` has a share"),
        ("{val: 1}", "out of bounds; 0 to 0.9 is allowed"),
        ("{val: 0.1, group_by: '(a'}", "`(a` is no regular expression; see its character 1"),
        ("{train: 0.8, val: 0.1}", "unknown setting `train`"),
        ("{val: 0.1, group_by: '(a)(b)'}", "has 2 groups, and one may tell"),
        ("{val: 0.1, group_by: {file: a.csv}}", "expected a file and its column"),
        ("{val: 0.1, group_by: 0}", "out of bounds; 1 to 100 is allowed"),
        ("{vall: 0.1}", "unknown setting `vall`"),
    ],
)
def test_a_mistake_is_told(split, said):
    with pytest.raises(Refused) as refused:
        spec_of(split)
    assert any(said in problem.what for problem in refused.value.problems), refused.value


def test_pictures_that_another_share_moves_are_told_by_the_run(tmp_path, augcli):
    for label in ("cat", "dog"):
        for number in range(12):
            photo(tmp_path / f"in/{label}/{number}.png")
    text = "pipeline: [rotate]\nsplit: {val: 0.25, stratify: true}\n"
    (tmp_path / "s.yaml").write_text(text)
    assert augcli("run", "s.yaml", "in", "out", cwd=tmp_path).returncode == 0
    was = {row.source: row.split for row in read_rows(tmp_path / "out/manifest.csv")}
    (tmp_path / "s.yaml").write_text(text.replace("0.25", "0.4"))
    done = augcli("run", "s.yaml", "in", "out", "--overwrite", cwd=tmp_path)
    now = {row.source: row.split for row in read_rows(tmp_path / "out/manifest.csv")}
    moved = sum(was[path] != now[path] for path in was)
    assert moved
    assert f"warning[moved-between-splits]: out: {moved} images went from `train` to `val`" in done.stderr


def test_nothing_to_train_on_is_refused():
    with pytest.raises(Refused, match="nothing of 1 image is left to train on"):
        roles("{val: 0.9}", ["a/0.jpg"])
