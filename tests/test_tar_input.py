"""Tar shards as IN: an image in one becomes what it becomes as a file, and a shard that is damaged says where."""

import io
import json
import os
import tarfile

import numpy as np
import PIL.Image
import pytest

from augcli.api import Augmenter
from augcli.dataset.containers.tar_shards import opened
from augcli.dataset.listing import scan
from augcli.lint.quick import quick_warnings
from augcli.problems import Problem, Refused
from augcli.spec.loading import parse
from tests import buckets
from tests.commands import command
from tests.test_runs import augcli, jpeg, rows, write_spec


def png(seed, width=48, height=36):
    buffer = io.BytesIO()
    PIL.Image.open(io.BytesIO(jpeg(seed, width, height))).save(buffer, "PNG")
    return buffer.getvalue()


SPEC = """
copies: 2
include_originals: true
pipeline:
  - horizontal_flip
  - rotate: {degrees: 15}
  - one_of: {p: 0.8, steps: [mixup, cutmix: {partner: other_class}]}
"""
PHOTOS = {
    f"{split}/{label}/{number}.{suffix}": (jpeg if suffix == "jpg" else png)(seed, 40, 30)
    for seed, (split, label, number, suffix) in enumerate(
        (
            ("train", "cat", "0001", "jpg"),
            ("train", "cat", "0002", "png"),
            ("train", "dog", "0003", "jpg"),
            ("train", "dog", "0004", "jpg"),
            ("val", "cat", "0005", "jpg"),
            ("val", "dog", "0006", "jpg"),
        )
    )
}


def pack(path, members, format=tarfile.USTAR_FORMAT, mode="w"):
    """Write a tar file of pairs of a name, or a TarInfo, and bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode, format=format) as packed:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return path


def by_folder(root):
    for split in ("train", "val"):
        inside = [(f"./{path.partition('/')[2]}", data) for path, data in PHOTOS.items() if path.startswith(split)]
        pack(root / f"{split}-000000.tar", inside, tarfile.PAX_FORMAT)


def in_one(root):
    pack(root / "all.tar", PHOTOS.items(), tarfile.GNU_FORMAT)


def by_cls(root):
    for at, (path, data) in enumerate(PHOTOS.items()):
        split, label, name = path.split("/")
        key = name.partition(".")[0]
        pack(
            root / split / f"{at}.tar",
            [(f"{key}.cls", b"01"[label == "dog" :][:1]), (name, data), (f"{key}.txt", b"a")],
        )
    (root / "classes.txt").write_text("cat\ndog\n")


def by_json(root):
    for split in ("train", "val"):
        members = []
        for path, data in PHOTOS.items():
            _, label, name = path.split("/")
            told = json.dumps({"label": label, "caption": "a photo"}).encode()
            members += [(name, data), (f"{name.partition('.')[0]}.json", told)] if path.startswith(split) else []
        pack(root / f"imagenet-{split}-{{000}}.tar", members)


def loose(root):
    for path, data in PHOTOS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory):
    """What a run makes of the same images as files."""
    work = tmp_path_factory.mktemp("loose")
    loose(work / "in")
    augcli("run", write_spec(work, SPEC), work / "in", work / "out")
    return work / "out"


def files_of(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.???") if path.suffix != ".csv"}


def params_of(out):
    """What was applied, but for the paths of what was mixed in."""

    def without_paths(params):
        return [{**one, "partners": [{**p, "source": ""} for p in one.get("partners", ())]} for one in params]

    return {row["file_name"]: without_paths(json.loads(row["params"] or "[]")) for row in rows(out)}


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (by_folder, "read as 2 tar shards, classes from the folders in them"),
        (in_one, "read as 1 tar shard, classes from the folders in them"),
        (by_cls, "read as 6 tar shards, classes from `.cls`"),
        (by_json, "read as 2 tar shards, classes from `.json` (`label`)"),
    ],
)
def test_images_in_shards_become_what_they_become_as_files(tmp_path, wanted, made, said):
    made(tmp_path / "in")
    done = augcli("run", write_spec(tmp_path, SPEC), tmp_path / "in", tmp_path / "out", "-j", 2)
    assert said in done.stderr
    assert files_of(tmp_path / "out") == files_of(wanted)
    assert params_of(tmp_path / "out") == params_of(wanted)


@pytest.fixture(scope="module")
def run_of_shards(tmp_path_factory):
    work = tmp_path_factory.mktemp("shards")
    by_folder(work / "in")
    augcli("run", write_spec(work, SPEC), work / "in", work / "out")
    return work


def test_all_commands_read_shards(run_of_shards, wanted):
    work, spec = run_of_shards, run_of_shards / "spec.yaml"
    assert rows(work / "out")[0]["source"] == "train-000000.tar#cat/0001.jpg"
    again = augcli("run", spec, work / "in", work / "out")
    assert again.stderr.splitlines()[-1].startswith("0 images written")
    assert augcli("run", "--frozen", spec, work / "in", work / "out").returncode == 0
    gone = [
        work / "out" / name for name in ("train/cat/0001_aug000.jpg", "train/dog/0003_aug001.jpg", "val/dog/0006.jpg")
    ]
    for path in gone:
        path.unlink()
    replayed = augcli("replay", work / "out", work / "in")  # from paths alone
    assert replayed.stderr == f"3 files of {work / 'out'} made again\n"
    assert files_of(work / "out") == files_of(wanted)
    planned = augcli("plan", spec, work / "in")
    assert "files: 14" in planned.stdout
    assert "would fail" not in planned.stdout
    assert len(augcli("plan", "--print-id", spec, work / "in").stdout) == 33
    checked = augcli("check", spec, work / "in")
    assert "  cat: 2 -> 6\n  dog: 2 -> 6" in checked.stdout
    assert "cannot be used" not in checked.stderr
    for options in ((), ("--steps",)):
        assert augcli("preview", *options, spec, work / "in", work / "sheet.png").returncode == 0


def test_the_api_gives_the_pixels_of_an_image_in_a_shard(run_of_shards, tmp_path):
    loose(tmp_path / "in")
    given, files = (Augmenter(run_of_shards / "spec.yaml", root) for root in (run_of_shards / "in", tmp_path / "in"))
    for copy in range(3):
        one, other = given.read("train-000000.tar#dog/0004.jpg", copy), files.read("train/dog/0004.jpg", copy)
        assert np.array_equal(one.image, other.image)


def test_a_changed_image_of_a_shard_is_made_again_and_no_other(tmp_path):
    spec = write_spec(tmp_path, "pipeline: [horizontal_flip]")
    members = {f"cat/{n}.jpg": jpeg(n) for n in range(3)}
    pack(tmp_path / "in/0.tar", members.items())
    augcli("run", spec, tmp_path / "in", tmp_path / "out")
    pack(tmp_path / "in/0.tar", {**members, "cat/1.jpg": jpeg(9, 60, 50)}.items())
    done = augcli("run", "-v", spec, tmp_path / "in", tmp_path / "out")
    assert "0.tar#cat/1.jpg: 1 made (source changed)" in done.stderr
    assert "1 image written" in done.stderr


def listed(root, layout="auto"):
    listing = scan(root, layout)
    return {source.path: (source.split, source.label, source.name) for source in listing.sources}, listing


def refusal(root, layout="auto"):
    with pytest.raises(Refused) as refused:
        scan(root, layout)
    return str(refused.value)


def test_a_shard_that_is_cut_off_gives_what_is_whole_and_one_failed_row(tmp_path):
    members = [(f"cat/{n}.jpg", jpeg(n)) for n in range(4)]
    whole = pack(tmp_path / "in/0.tar", members)
    pack(tmp_path / "in/1.tar", [("cat/a.jpg", jpeg(7))])
    with tarfile.open(whole) as packed:
        ends = [one.offset_data + one.size for one in packed]
    os.truncate(whole, ends[3] - 10)
    done = augcli(
        "run", write_spec(tmp_path, "pipeline: [horizontal_flip]"), tmp_path / "in", tmp_path / "out", check=False
    )
    assert done.returncode == 1
    assert "0.tar#cat/3.jpg: its shard is damaged or cut off here; copy or download it again" in done.stderr
    assert [row["status"] for row in rows(tmp_path / "out")] == ["augmented"] * 3 + ["failed", "augmented"]
    assert "cat/3.jpg" in augcli("check", tmp_path / "spec.yaml", tmp_path / "in").stderr
    os.truncate(whole, -(-ends[2] // 512) * 512 + 100)  # in the middle of a head
    assert "0.tar#the rest" in listed(tmp_path / "in")[0]


def test_damage_in_the_middle_of_a_shard_ends_it_there(tmp_path):
    path = pack(tmp_path / "0.tar", [(f"cat/{n}.jpg", jpeg(n)) for n in range(3)])
    with tarfile.open(path) as packed:
        second = [one.offset for one in packed][1]
    data = bytearray(path.read_bytes())
    data[second + 20] ^= 255
    path.write_bytes(data)
    assert [*listed(tmp_path)[0]] == ["0.tar#cat/0.jpg", "0.tar#the rest"]


def test_what_is_no_tar_file_is_named(tmp_path):
    pack(tmp_path / "0.tar", [("cat/a.jpg", jpeg(1))])
    (tmp_path / "1.tar").write_bytes(b"<html>not found</html>" * 100)
    assert refusal(tmp_path) == (
        f"{tmp_path}/1.tar: no tar file\n  = help: download or copy it again, or move it out of IN"
    )
    (tmp_path / "1.tar").write_bytes(b"")
    assert f"{tmp_path}/1.tar: an empty file, no tar file" in refusal(tmp_path)
    pack(tmp_path / "1.tar", [("cat/b.jpg", jpeg(2))], mode="w:gz")
    assert "1.tar: compressed, and places in it cannot be read\n  = help: unpack it with gunzip first" in refusal(
        tmp_path
    )
    (tmp_path / "1.tar").rename(tmp_path / "1.tar.gz")
    assert f"{tmp_path}: 1 compressed tar file, namely `1.tar.gz`" in refusal(tmp_path)
    (tmp_path / "1.tar.gz").rename(tmp_path / "1#.tar")
    assert "the path of a shard has a `#`" in refusal(tmp_path)


def test_loose_images_beside_shards_are_refused_until_one_of_both_is_meant(tmp_path):
    pack(tmp_path / "0.tar", [("cat/a.jpg", jpeg(1))])
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog/b.jpg").write_bytes(jpeg(2))
    assert "image files, such as `dog/b.jpg`, and shards that hold images, such as `0.tar`" in refusal(tmp_path)
    assert [*listed(tmp_path, "webdataset")[0]] == ["0.tar#cat/a.jpg"]
    assert [*listed(tmp_path, "classes")[0]] == ["dog/b.jpg"]
    pack(tmp_path / "0.tar", [("notes.md", b"no image")])
    assert [*listed(tmp_path)[0]] == ["dog/b.jpg"]


def test_what_img2dataset_leaves_beside_its_shards_is_told(tmp_path):
    members = [("000000000.jpg", jpeg(1)), ("000000000.json", b'{"url": "http://a/b", "key": "000000000"}')]
    pack(tmp_path / "00000.tar", [*members, ("000000000.txt", b"a caption")])
    (tmp_path / "00000_stats.json").write_text("{}")
    (tmp_path / "00000.parquet").write_bytes(b"PAR1")
    found, listing = listed(tmp_path)
    assert found == {"00000.tar#000000000.jpg": ("", "", "000000000.jpg")}
    assert listing.shards == "1 tar shard, without classes"
    assert listing.left_out == {
        "without an image suffix": ["00000.parquet", "00000_stats.json"],
        "shards with members that are not read (.json)": ["00000.tar"],
        "shards with members that are not read (.txt)": ["00000.tar"],
    }


def test_hostile_members_are_left_out_and_told(tmp_path):
    def of_type(name, type, target=""):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = type, target
        return info

    long = "deep/" * 40 + "x" * 90
    sparse = tarfile.TarInfo("sparse.jpg")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s.jpg"}
    members = [
        ("../out.jpg", jpeg(1)),
        ("/etc/a.jpg", jpeg(1)),
        ("cat/../../b.jpg", jpeg(1)),
        (of_type("link.jpg", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (of_type("hard.jpg", tarfile.LNKTYPE, "cat/ok.jpg"), b""),
        (of_type("pipe.jpg", tarfile.FIFOTYPE), b""),
        (of_type("disk.jpg", tarfile.BLKTYPE), b""),
        (of_type("cat", tarfile.DIRTYPE), b""),
        (sparse, jpeg(1)),
        ("cat/._ok.jpg", b"of macOS"),
        ("__MACOSX/cat/ok.jpg", b"of macOS"),
        ("cat//./ok.jpg", jpeg(2)),
        (f"cat/{long}.jpg", jpeg(3)),
        ("cat/\udce9 #1.jpg", jpeg(4)),
    ]
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        pack(tmp_path / "0.tar", members, format)
        found, listing = listed(tmp_path)
        held = [f"0.tar#cat/{long}.jpg", "0.tar#cat/ok.jpg", "0.tar#cat/\udce9 #1.jpg"]
        left = {reason: len(paths) for reason, paths in listing.left_out.items()}
        expected = {"members whose names lead out of their shard": 3, "links (not followed)": 2}
        expected |= {"not regular files": 2, "hidden": 1, "system folders and files": 1}
        if format == tarfile.PAX_FORMAT:
            expected["sparse files in shards"] = 1
        else:
            held.append("0.tar#sparse.jpg")  # which GNU's format says in another way
        assert sorted(found, key=os.fsencode) == sorted(held, key=os.fsencode)
        assert left == expected


def test_heads_are_those_that_python_finds(tmp_path):
    """Names, places and lengths, of the old format too, with numbers that do not fit into octal digits."""
    names = ["a.jpg", "b" * 100 + ".jpg", "d/" * 70 + "e.jpg", "ü.jpg", "f" * 300]
    for format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        fits = [name for name in names if len(name) < 250 or format != tarfile.USTAR_FORMAT]
        fits = [name for name in fits if len(name) != 104 or format != tarfile.USTAR_FORMAT]
        path = pack(tmp_path / "x.tar", [(name, name.encode() * 99) for name in fits], format)
        with tarfile.open(path) as packed:
            expected = [(one.name, one.offset_data, one.size) for one in packed]
        with opened(str(path)) as packed:
            assert [one[:3] for one in packed.heads()] == expected


def test_a_size_beyond_octal_digits_is_read_and_a_wild_one_ends_the_list(tmp_path):
    info = tarfile.TarInfo("cat/a.jpg")
    info.size = 9 << 30
    head = info.tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "0.tar").write_bytes(head + jpeg(1))
    assert listed(tmp_path)[0] == {"0.tar#cat/a.jpg": ("", "", "cat/a.jpg")}  # cut off
    head = bytearray(head)
    head[124:136] = b"\xff" * 12  # less than nothing
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + 8 * 32 + sum(head[156:]))
    whole = tarfile.TarInfo("cat/b.jpg")
    whole.size = 512
    (tmp_path / "0.tar").write_bytes(whole.tobuf(tarfile.GNU_FORMAT) + bytes(512) + head)
    assert [*listed(tmp_path)[0]] == ["0.tar#cat/b.jpg", "0.tar#the rest"]


def test_samples_are_images_with_what_shares_their_key(tmp_path):
    members = [
        ("a.jpg", jpeg(1)),
        ("a.seg.png", png(2)),
        ("a.cls", b"7"),
        ("b.left.jpg", jpeg(3)),
        ("b.cls", b"no/t\n"),
    ]
    pack(tmp_path / "0.tar", [*members, ("c.PNG", png(4)), ("c.cls", b"-1")])
    found, listing = listed(tmp_path)
    assert found == {
        "0.tar#a.jpg": ("", "7", "7/a.jpg"),
        "0.tar#b.left.jpg": ("", "no_t", "no_t/b.left.jpg"),
        "0.tar#c.PNG": ("", "", "c.PNG"),
    }
    assert listing.left_out == {"shards with members that are not read (.seg.png)": ["0.tar"]}
    (tmp_path / "classes.txt").write_text("only one\n")
    done = augcli(
        "run", write_spec(tmp_path, "pipeline: [horizontal_flip]"), tmp_path, tmp_path.with_name("out"), check=False
    )
    assert "0.tar#a.jpg: its class is a number that `classes.txt` has no line for" in done.stderr
    assert "0.tar#c.PNG: it has no class, and others of its split have one" in done.stderr


def test_splits_and_classes_that_are_not_clear_are_refused(tmp_path):
    pack(tmp_path / "train-0.tar", [("cat/a.jpg", jpeg(1))])
    pack(tmp_path / "more.tar", [("cat/b.jpg", jpeg(2))])
    assert "`train-0.tar` is called after a split, `more.tar` is not" in refusal(tmp_path)
    (tmp_path / "train-0.tar").unlink()
    pack(tmp_path / "more.tar", [("set/cat/b.jpg", jpeg(2)), ("set/dog/b.jpg", jpeg(3))])
    assert "in the shards, all class folders lie in `set`: `cat` and `dog`" in refusal(tmp_path)
    assert {label for _, label, _ in listed(tmp_path, "webdataset")[0].values()} == {"set"}
    pack(tmp_path / "more.tar", [("train/cat/b.jpg", jpeg(2)), ("dog/b.jpg", jpeg(3))])
    assert "in the shards `train` looks like a split, `dog` does not" in refusal(tmp_path)
    pack(tmp_path / "more.tar", [("b.jpg", jpeg(2)), ("b.cls", b"a/b"), ("c.jpg", jpeg(3)), ("c.cls", b"a_b")])
    assert "the classes `a_b` and `a/b` would have one folder, `a_b`" in refusal(tmp_path)
    pack(tmp_path / "more.tar", [("b.txt", b"no image")])
    assert "no images in it" in refusal(tmp_path)
    assert "no images in its shards; 1 shards without images" not in refusal(tmp_path, "webdataset")


def test_numbers_of_cls_members_are_no_characters_unless_a_list_says_so(tmp_path):
    by_cls(tmp_path)

    def told() -> list[Problem]:
        spec = parse(b"pipeline: [horizontal_flip]", "spec.yaml")
        return [one for one in quick_warnings(spec, tmp_path, scan(tmp_path)) if one.rule == "mirrored-text"]

    (tmp_path / "classes.txt").write_text("2\n3\n")
    assert "`2` and `3`" in told()[0].what
    (tmp_path / "classes.txt").unlink()
    assert not told()
    assert scan(tmp_path).shards == "6 tar shards, classes from `.cls`, numbers that no `classes.txt` names"


def test_a_shard_that_is_replaced_during_the_run_stops_it(tmp_path):
    """As far as the end of the run: what was read by then may be of the other file."""
    from augcli.plan.request import Options, request_of
    from augcli.spec.loading import load

    path = pack(tmp_path / "in/0.tar", [("cat/a.jpg", jpeg(1))])
    request = request_of(load(write_spec(tmp_path, "pipeline: [horizontal_flip]")), tmp_path / "in", None, Options())
    request.refuse_changed_tables()
    pack(tmp_path / "in/1.tar", [("cat/a.jpg", jpeg(2, 60, 40))]).rename(path)
    with pytest.raises(Refused, match=r"0.tar: was changed while it was read") as refused:
        request.refuse_changed_tables()
    assert refused.value.exit_code == 3


def test_shards_in_a_bucket_become_what_they_become_on_the_disk(tmp_path, wanted):
    by_folder(tmp_path / "in")
    spec = write_spec(tmp_path, SPEC)
    with buckets.server() as server:
        place = server.upload(tmp_path / "in", f"{server.bucket()}/in")
        done = command("run", spec, place, tmp_path / "out", **server.environment())
        assert done.code == 0, done.said
        again = command("replay", "--overwrite", tmp_path / "out", place, **server.environment())
        assert (again.code, again.said) == (0, f"0 files of {tmp_path / 'out'} made again; 14 as before\n")
        data = server.get(f"{place}/val-000000.tar")
        server.put(f"{place}/val-000000.tar", data[: len(PHOTOS["val/cat/0005.jpg"]) + 1700])
        cut = command("check", spec, place, **server.environment())
        assert "val-000000.tar#dog/0006.jpg`: its shard is damaged or cut off here" in cut.said
    assert files_of(tmp_path / "out") == files_of(wanted)
