"""Tables that are packed with gzip: the same records as unpacked, read in any order, and packed to the same bytes."""

import gzip
import io
import os
import random

import pytest

from augcli.dataset.sources import Block
from augcli.dataset.tables import Wanted
from augcli.dataset.tables.opening import opened
from augcli.dataset.tables.packed import pack, read_place, stream
from augcli.problems import Refused, Unusable
from tests.test_text_tables import records_of

TABLES = {
    "train.csv": "text,label\n" + "".join(f'"a film, the {n}th of its kind",{n % 2}\n' for n in range(3000)),
    "train.jsonl": "".join(f'{{"text": "a film, the {n}th of its kind", "label": {n % 2}}}\n' for n in range(3000)),
    "train.conll": "".join(f"film O\nnumber O\n{n} B-NUMBER\n\n" for n in range(3000)),
}


def noise(length, seed=1):
    return random.Random(seed).randbytes(length)


@pytest.mark.parametrize("name", TABLES)
def test_a_packed_table_has_the_same_records(tmp_path, name):
    data = TABLES[name].encode()
    (tmp_path / name).write_bytes(data)
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(data[:50_000]) + gzip.compress(data[50_000:]))  # two members
    plain, packed = (opened(str(tmp_path), path, Wanted()) for path in (name, f"{name}.gz"))
    assert packed.head == plain.head
    assert records_of(packed) == records_of(plain)
    blocks = [*packed.blocks()]
    assert len(blocks) > 10
    random.Random(1).shuffle(blocks)
    for block in blocks:
        assert packed.read(block) == data[block.offset : block.offset + block.length]


def test_places_are_read_in_any_order_and_of_files_in_turn(tmp_path):
    data = [noise(300_000, seed) for seed in range(2)]
    for number, one in enumerate(data):
        (tmp_path / f"{number}.gz").write_bytes(gzip.compress(one))
    chance = random.Random(2)
    for _ in range(60):
        number, offset = chance.randrange(2), chance.randrange(300_000)
        length = chance.randrange(300_000 - offset)
        assert read_place(str(tmp_path), f"{number}.gz", offset, length) == data[number][offset : offset + length]


def test_a_file_that_was_put_in_the_place_of_another_is_read_anew(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one" * 9))
    assert read_place(str(tmp_path), "a.gz", 0, 3) == b"one"
    path.write_bytes(gzip.compress(b"two" * 9))
    os.utime(path, (1, 1))
    assert read_place(str(tmp_path), "a.gz", 3, 3) == b"two"
    with pytest.raises(Unusable, match="has changed since it was listed"):
        read_place(str(tmp_path), "a.gz", 20, 30)


def damaged(data):
    packed = gzip.compress(data)
    middle = len(packed) // 2
    return {
        "cut": packed[:-2000],
        "changed": packed[:middle] + bytes(255 - byte for byte in packed[middle : middle + 50]) + packed[middle + 50 :],
        "wrong sum": packed[:-8] + bytes(4) + packed[-4:],
        "no gzip": data,
        "something behind": packed + b"more",
    }


@pytest.mark.parametrize("how", damaged(b""))
def test_a_damaged_table_is_refused_in_one_line(tmp_path, how):
    content = "text\n" + "".join(f"{noise(40, n).hex()}\n" for n in range(4000))
    (tmp_path / "train.csv.gz").write_bytes(damaged(content.encode())[how])
    with pytest.raises(Refused) as refused:
        records_of(opened(str(tmp_path), "train.csv.gz", Wanted()))
    first, _, help = str(refused.value).replace(f"{tmp_path}/", "").partition("\n")
    assert first == "train.csv.gz: damaged: it cannot be unpacked"
    assert "copy or download it again" in help


def test_damage_that_comes_after_the_listing_fails_blocks_only(tmp_path):
    content = "".join(f'{{"text": "{noise(40, n).hex()}"}}\n' for n in range(4000)).encode()
    path = tmp_path / "train.jsonl.gz"
    path.write_bytes(gzip.compress(content))
    table = opened(str(tmp_path), path.name, Wanted())
    first, *_, last = table.blocks()
    path.write_bytes(damaged(content)["cut"])
    assert [*table.records(table.read(first), 1)]
    for _ in range(2):
        with pytest.raises(Unusable, match="damaged"):
            table.read(last)
    assert [*table.records(table.read(first), 1)]
    path.unlink()
    with pytest.raises(OSError, match="gone"):  # nothing else is in the folder: it is IN that is missing
        table.read(first)
    (tmp_path / "other").touch()
    with pytest.raises(Unusable, match="cannot be read"):
        table.read(Block(path.name, 0, 1, 1, 1))


def test_what_is_packed_has_the_same_bytes_at_any_time_and_under_any_name(tmp_path):
    parts = [noise(70_000, seed) for seed in range(3)]
    found = set()
    for name in ("a", "b"):
        with (tmp_path / name).open("wb") as file:
            pack(iter(parts), file)
        found.add((tmp_path / name).read_bytes())
    target = io.BytesIO()
    pack([b"".join(parts)], target)
    assert {target.getvalue()} == found
    assert target.getvalue()[:10] == b"\x1f\x8b\x08\x00" + bytes(5) + b"\xff"  # no name, no time, no system
    assert gzip.decompress(target.getvalue()) == b"".join(parts)
    (tmp_path / "a.gz").write_bytes(target.getvalue())
    with stream(str(tmp_path / "a.gz")) as file:
        assert file.read(100_000) + file.read(1 << 20) == b"".join(parts)
