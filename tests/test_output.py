"""What a run may do to OUT: what it removes, what it takes for gone, which names and records it writes and reads."""

import csv
import errno
import json
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from augcli.commands import frozen, replay
from augcli.commands.plan import forecast
from augcli.commands.run import Options
from augcli.commands.run import run as run_command
from augcli.dataset.sources import Source
from augcli.engine import runner
from augcli.image import versions
from augcli.output import inventory, manifest, merging, previous_run, run_record, verification
from augcli.plan import output_names, partners
from augcli.problems import Refused
from augcli.spec.loading import parse
from augcli.storage import mounts
from augcli.storage.names import folded
from tests.conftest import written_at
from tests.test_runs import augcli, jpeg, tree

FLIP = "pipeline: [horizontal_flip]\n"
NAMES = [f"{label}/{number}.jpg" for label in ("cat", "dog") for number in range(6)]


def fill(folder: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg(number, 16, 12))


def run(work: Path, text: str = FLIP, copies: int = 4, source: str = "in", out: str = "out", **options: object) -> int:
    spec = parse(text.encode(), "spec.yaml", copies=copies)
    return run_command(spec, work / source, work / out, Options(**{"quiet": True, "jobs": 1, **options})).exit_code


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    work = tmp_path_factory.mktemp("output")
    fill(work / "in", NAMES)
    assert run(work) == 0
    return work


@pytest.fixture
def work(made, tmp_path):
    shutil.copytree(made, tmp_path / "work")
    return tmp_path / "work"


# --- what a run may remove


def other_images(source: Path) -> None:
    shutil.rmtree(source)
    fill(source, ["owl/a.jpg", "owl/b.jpg"])


def other_images_of_the_same_names(source: Path) -> None:
    for path in list(source.rglob("*.jpg")):
        path.rename(path.with_suffix(".png"))  # the content decides: its copies are JPEG files still


LOSSES = {
    "an emptied class": (
        lambda source: shutil.rmtree(source / "dog"),
        4,
        "24 of 48 files would be removed: their sources are not in IN",
    ),
    "two sources": (
        lambda source: [(source / f"cat/{n}.jpg").unlink() for n in (1, 2)],
        4,
        "8 of 48 files would be removed: their sources are not in IN",
    ),
    "fewer copies": (
        lambda source: None,
        2,
        "24 of 48 files would be removed: nothing asks for them any more (copies 4 -> 2)",
    ),
    "both": (
        lambda source: [(source / f"cat/{n}.jpg").unlink() for n in (1, 2)],
        3,
        "18 of 48 files would be removed: the sources of 8 are not in IN, nothing asks for the others any more "
        "(copies 4 -> 3)",
    ),
    "another IN": (
        other_images,
        4,
        "48 of 48 files would be removed: no source that they were made of is in IN",
    ),
    "another IN with the same names": (
        other_images_of_the_same_names,
        4,
        "all 48 files would be made anew: no source that they were made of is in IN",
    ),
}


@pytest.mark.parametrize(("change", "copies", "said"), LOSSES.values(), ids=LOSSES)
def test_what_would_remove_more_than_a_tenth_is_refused_and_changes_nothing(work, change, copies, said):
    change(work / "in")
    before = tree(work)
    for more in ({}, {"shard": "1/2"}):
        with pytest.raises(Refused) as refused:
            run(work, copies=copies, **more)
        assert refused.value.exit_code == 2
        assert str(refused.value).splitlines()[0] == f"{work / 'out'}: {said}"
        assert "--overwrite" in str(refused.value)
        assert tree(work) == before
        assert not (work / "out/.augcli").exists()


def test_overwrite_removes_and_remakes_nothing_else(work):
    shutil.rmtree(work / "in/dog")
    before = {path: written_at(path) for path in (work / "out").rglob("*.jpg")}
    assert run(work, copies=2, overwrite=True) == 0
    after = {path: written_at(path) for path in (work / "out").rglob("*.jpg")}
    assert len(after) == 12
    assert after.items() <= before.items()


def test_a_single_source_may_go_from_a_small_set_unasked(made, tmp_path):
    fill(tmp_path / "in", NAMES[:3])
    run(tmp_path)
    (tmp_path / "in" / NAMES[0]).unlink()
    assert run(tmp_path) == 0
    assert len(rows(tmp_path / "out")) == 8


def test_up_to_a_tenth_goes_unasked(tmp_path):
    fill(tmp_path / "in", [f"cat/{number}.jpg" for number in range(20)])
    run(tmp_path, copies=1)
    for number in (3, 4):
        (tmp_path / f"in/cat/{number}.jpg").unlink()
    assert run(tmp_path, copies=1) == 0
    (tmp_path / "in/cat/5.jpg").unlink()
    (tmp_path / "in/cat/6.jpg").unlink()
    with pytest.raises(Refused, match="2 of 18 files would be removed"):
        run(tmp_path, copies=1)


def test_names_that_were_planned_and_never_written_are_no_loss(work):
    """A run of another IN that was killed before its first file."""
    shutil.rmtree(work / "out")
    (work / "out/.augcli").mkdir(parents=True)
    lines = (inventory.existing_line(f"owl/{n}.jpg", [f"owl/{n}_aug000.jpg"]) for n in range(9))
    (work / "out/.augcli/planned.jsonl").write_text("".join(lines))
    assert run(work) == 0


def test_a_dry_run_refuses_as_the_run_would_and_the_gate_says_so(work, capsys):
    shutil.rmtree(work / "in/dog")
    spec = parse(("copies: 4\n" + FLIP).encode(), "spec.yaml")
    with pytest.raises(Refused, match="24 of 48 files would be removed"):
        forecast(spec, work / "in", work / "out", Options(quiet=True))
    forecast(spec, work / "in", work / "out", Options(quiet=True, overwrite=True))
    assert "files: 24 (24 there already, 0 to make, 24 to remove)" in capsys.readouterr().out
    assert frozen.check_frozen(spec, work / "in", work / "out", Options(quiet=True)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 25
    said = "refused without --overwrite: 24 of 48 files would be removed: their sources are not in IN"
    assert said in lines


def test_sources_that_cannot_be_read_when_a_run_is_planned_lose_no_files_unasked(work, monkeypatch):
    """As those of a folder in the network whose ticket has expired."""
    real = os.open

    def failing(path, *given, **named):
        if str(path).startswith(str(work / "in/dog")):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, *given, **named)

    before = tree(work)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", failing)
        with pytest.raises(Refused, match="24 of 48 files would be removed"):
            run(work)
    assert tree(work) == before


# --- errors of the disk that pass by


def failing_listing(monkeypatch, name: str, code: int, after: int = 0) -> None:
    """Let folders of that name fail to be listed, but for the first times."""
    real, left = os.scandir, [after]

    def scandir(path="."):
        if not isinstance(path, int) and os.path.basename(os.fspath(path)) == name:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(code, os.strerror(code), os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


def code_of(command: Callable[[], object]) -> int:
    try:
        command()
    except Refused as refused:
        return refused.exit_code
    return 0


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO])
def test_a_state_folder_that_cannot_be_listed_for_a_moment_costs_no_row(work, monkeypatch, code):
    """At each of the moments at which a run lists it."""
    wanted = tree(work / "out")
    (work / "out" / "cat/0_aug000.jpg").unlink()
    codes = []
    while 0 not in codes:
        assert len(codes) < 12
        with monkeypatch.context() as patched:
            failing_listing(patched, ".augcli", code, len(codes))
            codes.append(code_of(lambda: run(work)))
    assert 3 in codes
    assert set(codes) <= {0, 2, 3}
    assert run(work) == 0
    assert tree(work / "out") == wanted


def test_shards_whose_folder_cannot_be_listed_for_a_moment_are_not_joined(work, monkeypatch):
    wanted = tree(work / "out")
    for which in ("1/2", "2/2"):
        run(work, out="shared", shard=which)
    for after in range(2):  # who looks for lost parts lists it, and who joins them
        with monkeypatch.context() as patched:
            failing_listing(patched, "shard-2-of-2", errno.EACCES, after)
            with pytest.raises(OSError, match="Permission denied"):
                merging.merge(work / "shared")
    merging.merge(work / "shared")
    assert tree(work / "shared") == wanted


def test_parts_that_vanish_during_a_run_are_missed(tmp_path, monkeypatch):
    fill(tmp_path / "in", NAMES)
    real = runner.run

    def vanishing(*given):
        real(*given)
        for part in (tmp_path / "out/.augcli").rglob("part-*"):
            part.unlink()

    for more in ({}, {"shard": "1/1"}):
        with monkeypatch.context() as patched:
            patched.setattr(runner, "run", vanishing)
            with pytest.raises(Refused, match="0 of the 48 rows that were written are there") as refused:
                run(tmp_path, **more)
        assert refused.value.exit_code == 3
        assert not (tmp_path / "out/manifest.csv").exists()
        assert not list((tmp_path / "out").rglob("done.json"))
    assert run(tmp_path) == 0
    assert len(rows(tmp_path / "out")) == 48


def test_a_merge_compares_its_rows_with_those_that_shards_reported(work):
    for which in ("1/2", "2/2"):
        run(work, out="shared", shard=which)
    part = next((work / "shared/.augcli/shard-1-of-2").glob("part-*"))
    head, *lines = part.read_text().splitlines(keepends=True)
    part.write_text(head + "".join(lines[1:]))  # its sources are all there still
    with pytest.raises(Refused, match="47 of 48 rows that its shards wrote are there") as refused:
        merging.merge(work / "shared")
    assert refused.value.exit_code == 3
    assert not (work / "shared/manifest.csv").exists()


@pytest.mark.parametrize("name", ["augcli.json", ".augcli/run.json", "manifest.csv", "cat", "cat/0_aug000.jpg"])
@pytest.mark.parametrize("code", [errno.EACCES, errno.ESTALE])
def test_what_cannot_be_looked_at_for_a_moment_is_not_taken_for_gone(work, monkeypatch, name, code):
    """Or OUT would be another's, another spec would go through, and files of others would be in nobody's way."""
    real = os.stat

    def failing(path, *given, **named):
        if os.fspath(path) == str(work / "out" / name):
            raise OSError(code, os.strerror(code), os.fspath(path))
        return real(path, *given, **named)

    if name == "cat/0_aug000.jpg":
        (work / "in/cat/9.jpg").write_bytes(jpeg(9, 16, 12))
        name = "cat/9_aug000.jpg"
    before = tree(work)
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", failing)
        with pytest.raises((Refused, OSError)):
            run(work, "seed: 9\n" + FLIP if "json" in name else FLIP)
    after = tree(work)
    assert {name: digest for name, digest in after.items() if ".augcli/" not in name} == before


def test_a_lock_that_fails_is_told_in_a_line_and_leaves_nothing(work, monkeypatch):
    for code in (errno.ENOLCK, errno.EOPNOTSUPP):

        def failing(file, kind, code=code):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr("fcntl.flock", failing)
        before = tree(work)
        for out in ("out", "new/deeper"):
            with pytest.raises(Refused) as refused:
                run(work, out=out)
            assert refused.value.exit_code == 2
            assert str(refused.value).startswith(f"{work / out}: files cannot be locked there (")
        assert tree(work) == before
        assert not (work / "new").exists()
        assert not (work / "out/.augcli").exists()


# --- whose folder it is


@pytest.mark.parametrize("brought", [[".augcli"], ["augcli.json"], ["augcli.json", "manifest.csv"]])
def test_our_own_files_alone_do_not_make_a_folder_ours(work, brought):
    mine = work / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    (work / "out/.augcli").mkdir()
    shutil.copy(work / "out/augcli.json", work / "out/.augcli/run.json")
    lines = (inventory.existing_line(name, [f"{name[:-4]}_aug000.jpg"]) for name in NAMES)
    (work / "out/.augcli/planned.jsonl").write_text("".join(lines))
    for name in brought:
        path = work / "out" / name
        shutil.copytree(path, mine / name) if path.is_dir() else shutil.copy(path, mine / name)
    before = {name: digest for name, digest in tree(mine).items() if not name.startswith(".augcli/")}
    with pytest.raises(Refused, match=r"it holds `thesis.txt`.*not made by augcli"):
        run(work, out="mine")
    assert {name: digest for name, digest in tree(mine).items() if not name.startswith(".augcli/")} == before


# --- names


def folds(name: str) -> tuple[str, str]:
    """What disks see: NTFS and FAT, HFS+, APFS and ext4, each in its own words."""
    return unicodedata.normalize("NFC", name).casefold(), unicodedata.normalize("NFD", name).upper()


CLASHING = {
    "folders": ["Cat/a.jpg", "cat/a.jpg", "CAT/b.jpg", "cat/B.jpg"],
    "folders deep down": ["x/Day/a.jpg", "x/day/a.jpg", "X/day/a.jpg"],
    "sharp s": ["straße/ß.jpg", "strasse/ss.jpg", "STRASSE/SS.jpg"],
    "dotless i": ["kız/ı.jpg", "kiz/i.jpg", "KIZ/I.jpg", "kiz/\u0130.jpg"],
    "Unicode forms": ["caf\u00e9/\u212b.jpg", "cafe\u0301/\u00c5.jpg", "CAFE\u0301/a\u030a.jpg"],
    "ligatures and sigmas": ["\ufb01n/\u03c3.jpg", "fin/\u03c2.jpg", "FIN/\u03a3.jpg", "fin/\u017f.jpg", "fin/s.jpg"],
    "a folder like an output": ["cat/a.jpg", "CAT/A_AUG000.JPG/b.jpg"],
    "names like ours": ["cat/a.png", "cat/a.jpg", "cat/A_aug000.jpg", "Cat/a_aug000_aug001.jpg"],
}


@pytest.mark.parametrize("names", CLASHING.values(), ids=CLASHING)
def test_no_two_planned_names_are_one_to_any_disk(names):
    sources = [Source(name, "", "train", name.split("/")[0]) for name in sorted(names, key=os.fsencode)]
    spec = parse(f"include_originals: true\ncopies: 2\noutput: {{format: jpeg}}\n{FLIP}".encode(), "spec.yaml")
    items = list(output_names.items(spec, Path("nowhere"), sources))
    planned = [output.file_name for item in items for output in output_names.outputs(item, spec)]
    for fold in range(2):
        seen = {folds(name)[fold] for name in planned}
        assert len(seen) == len(planned) == 3 * len(names)
        folders = {fold_of[: fold_of.rindex("/")] for fold_of in seen}
        assert not seen & folders


def test_a_name_with_a_hash_of_another_never_meets_it():
    """The hash of `a.png` is in the name of a third source, behind which a copy's number stands."""
    first = [Source(name, "", "train", "cat") for name in ("cat/a.jpg", "cat/a.png")]
    spec = parse(f"include_originals: true\noutput: {{format: jpeg}}\n{FLIP}".encode(), "spec.yaml")
    hashed = list(output_names.items(spec, Path("nowhere"), first))[1].stem
    sources = [*first, Source(f"{hashed}_aug000.jpg", "", "train", "cat")]
    planned = [
        o.file_name
        for item in output_names.items(spec, Path("nowhere"), sources)
        for o in output_names.outputs(item, spec)
    ]
    assert len(set(planned)) == len(planned) == 6


def changes(character: str) -> bool:
    return character.upper() != character or character.casefold() != character or unicodedata.decomposition(character)


def test_characters_that_are_one_to_some_disk_fold_to_one():
    for fold in range(2):
        groups: dict[str, set[str]] = {}
        for character in filter(changes, map(chr, (*range(0xD800), *range(0xE000, 0x1F000)))):
            name = f"x{character}y"
            groups.setdefault(folds(name)[fold], set()).add(folded(name))
        assert [group for group in groups.values() if len(group) > 1] == []


@pytest.mark.parametrize("name", ["Manifest.CSV", "AUGCLI.json"])
def test_a_class_called_like_a_file_of_out_in_capitals_is_refused(tmp_path, name):
    fill(tmp_path / "in", [f"{name}/a.jpg", "cat/a.jpg"])
    with pytest.raises(Refused, match="OUT has a file of that name"):
        run(tmp_path)


def test_a_class_folder_whose_case_changes_goes_on(work):
    wanted = work / "fresh"
    (work / "in/dog").rename(work / "in/Dog")
    assert run(work) == 0
    run(work, out="fresh")
    assert tree(work / "out") == tree(wanted)


def test_a_file_that_has_the_new_name_already_because_the_disk_takes_both_for_one_is_ours(work):
    """A hard link stands for what such a disk shows under either name."""
    (work / "in/dog").rename(work / "in/Dog")
    (work / "out/Dog").mkdir()
    for path in (work / "out/dog").iterdir():
        os.link(path, work / "out/Dog" / path.name)
    assert run(work) == 0
    (work / "in/Dog").rename(work / "in/DOG")
    (work / "out/DOG").mkdir()
    (work / "out/DOG/0_aug000.jpg").write_text("mine")
    with pytest.raises(Refused, match="in the way"):
        run(work)


# --- records of other versions


def edit(path: Path, **changes: object) -> None:
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, **changes}))


def test_a_record_of_a_newer_version_is_refused_by_name(work):
    edit(work / "out/augcli.json", format=run_record.FORMAT + 1)
    before = tree(work)
    for overwrite in (False, True):
        with pytest.raises(Refused, match=r"augcli\.json: made by a newer augcli"):
            run(work, overwrite=overwrite)
    with pytest.raises(Refused, match="made by a newer augcli"):
        previous_run.finished_record(work / "out")
    assert tree(work) == before


def test_a_setting_that_is_new_is_no_difference_where_it_has_its_default(work):
    """The record of a version that had neither `output.optimize` nor a step's setting."""
    record = json.loads((work / "out/augcli.json").read_text())
    del record["spec"]["output"]["optimize"], record["spec"]["max_megapixels"]
    edit(work / "out/augcli.json", spec=record["spec"], spec_key="as it was then")
    stamps = {path: path.stat().st_mtime_ns for path in (work / "out").rglob("*.jpg")}
    assert run(work) == 0
    assert {path: path.stat().st_mtime_ns for path in (work / "out").rglob("*.jpg")} == stamps
    with pytest.raises(Refused, match=r"made by another spec: output\.optimize false -> true"):
        run(work, "output: {optimize: true}\n" + FLIP)


def test_the_version_of_the_package_makes_nothing_anew_and_that_of_the_bytes_all(work, capsys):
    stamps = {path: path.stat().st_mtime_ns for path in (work / "out").rglob("*.jpg")}
    edit(work / "out/augcli.json", augcli="0.0.1")
    run(work)
    assert {path: path.stat().st_mtime_ns for path in (work / "out").rglob("*.jpg")} == stamps
    record = json.loads((work / "out/augcli.json").read_text())
    edit(work / "out/augcli.json", versions={**record["versions"], "bytes": versions.BYTES - 1, "opencv": "4.0"})
    run(work, quiet=False, verbose=True)
    said = capsys.readouterr().err.splitlines()
    changes = [line for line in said if "all is made again, as it was made with other versions: bytes " in line]
    assert len(changes) == 1
    assert 'opencv "4.0" -> ' in changes[0]
    assert "cat/0.jpg: 4 made (other versions)" in said


def test_a_record_without_a_format_is_one_of_the_first_bytes(work):
    record = json.loads((work / "out/augcli.json").read_text())
    del record["format"]
    record["versions"] = {"augcli": "0.1.0", **{k: v for k, v in record["versions"].items() if k != "bytes"}}
    (work / "out/augcli.json").write_text(json.dumps(record))
    read = run_record.read_record(work / "out/augcli.json")
    assert run_record.differences(read["versions"], versions.versions()) == [f"bytes 1 -> {versions.BYTES}"]


def test_a_cpu_with_or_without_avx_512_is_of_one_family():
    assert versions.family("SSE3 *AVX *AVX2 *AVX512-SKX") == versions.family("SSE3 *AVX *AVX2 *AVX512-SKX?")
    assert versions.family("SSE3 *AVX *AVX2") != versions.family("SSE3 *AVX *AVX2?")


def columns(out: Path, change) -> None:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    with (out / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(map(change, table))


@pytest.mark.parametrize(
    "change",
    [lambda row: [*row, "more"], lambda row: row[:8] + row[9:], lambda row: row[::-1]],
    ids=["more", "less", "order"],
)
def test_a_manifest_is_read_by_the_names_of_its_columns(work, change):
    wanted = tree(work / "out")
    columns(work / "out", change)
    assert verification.differences(work / "out") == (48, [])
    stamps = {path: path.stat().st_mtime_ns for path in (work / "out").rglob("*.jpg")}
    assert run(work) == 0
    assert {path: path.stat().st_mtime_ns for path in (work / "out").rglob("*.jpg")} == stamps
    assert tree(work / "out") == wanted


def test_a_manifest_without_a_column_that_is_needed_is_refused(work):
    columns(work / "out", lambda row: row[1:])
    with pytest.raises(Refused, match="not a manifest that augcli wrote"):
        run(work)


# --- what is told


def test_verify_names_what_mends_each_kind_of_difference(work):
    victim = work / "out/cat/0_aug000.jpg"
    for damage, flag in (
        (lambda: victim.write_bytes(bytes(victim.stat().st_size)), " --overwrite"),
        (victim.unlink, ""),
    ):
        damage()
        again = "makes them again; IN: the originals that they were made of"
        said = verification.remedies(work / "out", verification.differences(work / "out")[1])
        assert said == [f"augcli replay {work / 'out'} IN{flag} {again}"]
        replay.replay(work / "out", work / "in", (), bool(flag), False, Options(quiet=True))
        assert verification.differences(work / "out") == (48, [])
    (work / "out/cat/mine.jpg").write_bytes(b"mine")
    said = augcli("verify", work / "out", check=False).stderr
    assert said.endswith("  = help: move away what is extra, or training will read it\n")


def test_a_run_says_how_it_knew_what_was_there_already(work, capsys):
    run(work, quiet=False, overwrite=True)
    assert "48 were there already (sizes compared; verify reads them)" in capsys.readouterr().err


MOUNTS = r"""22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /data rw - nfs4 server:/data rw,vers=4.2,local_lock=none
31 22 0:41 / /data/old rw - nfs server:/old rw,nolock,local_lock=all
32 22 0:42 / /far\040away rw - fuse.sshfs me@there: rw
33 22 0:43 / /share rw - cifs //server/share rw,nobrl
34 22 0:44 / /share/deeper rw - cifs //server/share rw
"""


def test_disks_whose_locks_other_machines_do_not_see_are_known_from_the_mounts(tmp_path):
    (tmp_path / "mounts").write_text(MOUNTS)
    seen = {
        place: mounts.without_common_locks(Path(place), tmp_path / "mounts")
        for place in ("/home/me", "/data/x", "/data/old/x", "/data/older", "/far away/x", "/share/x", "/share/deeper/x")
    }
    assert seen == {
        "/home/me": "",
        "/data/x": "",
        "/data/old/x": "nfs",
        "/data/older": "",
        "/far away/x": "fuse.sshfs",
        "/share/x": "cifs",
        "/share/deeper/x": "",
    }
    assert mounts.without_common_locks(tmp_path, tmp_path / "nowhere") == ""


def test_more_sources_than_can_be_mixed_are_refused(tmp_path, monkeypatch):
    fill(tmp_path / "in", NAMES[:3])
    monkeypatch.setattr(partners, "MOST_SOURCES", 2)
    with pytest.raises(Refused, match="3 sources; at most 2 can be mixed"):
        run(tmp_path, "pipeline: [mixup]\n")
    assert run(tmp_path) == 0


def test_a_ring_holds_as_many_sources_as_it_can_tell_apart():
    assert partners.MOST_SOURCES == 1 << partners._INDEX_BITS


@pytest.mark.parametrize("column", manifest.Row._fields)
@pytest.mark.parametrize("odd", ["a,b", 'say "b"', "a\\b", "a\nb", "a\x85b", "é", "\u2028", "a b.png", ""])
def test_a_line_of_the_manifest_says_a_row_whatever_is_in_it(column, odd):
    """Lines that are joined as a whole are those that are made field by field."""
    row = manifest.Row("a_aug000.jpg", "a.jpg", *[""] * 13)._replace(params='[{"step": "hue"}]')
    row = row._replace(**{column: odd})
    names = [manifest.escaped(name) for name in row[:4]]
    assert manifest.csv_line(row) == manifest.line((*names, *row[4:]))
    assert manifest.as_row(manifest.csv_line(row)[:-1]) == row


def test_a_folder_in_a_new_out_is_in_the_way_of_a_file_of_its_name(tmp_path):
    (tmp_path / "in/cat").mkdir(parents=True)
    (tmp_path / "in/cat/a.jpg").write_bytes(jpeg(1))
    (tmp_path / "out/.augcli").mkdir(parents=True)
    (tmp_path / "out/cat/a_aug000.jpg").mkdir(parents=True)
    with pytest.raises(Refused, match="in the way, and not made by augcli"):
        run_command(parse(b"pipeline: [horizontal_flip]", "a"), tmp_path / "in", tmp_path / "out", Options(jobs=1))
