"""Sources in little memory: packed, they are what they were, and those of a large set take few bytes each."""

import os
import tracemalloc
from pathlib import Path

from augcli.dataset.layouts.tree import Folder, Tree
from augcli.dataset.listing import in_classes
from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import Block, LabelFile, Source, packed_member
from augcli.plan import output_names
from augcli.spec.loading import parse

SPEC = parse(b"pipeline: [horizontal_flip]\noutput: {format: jpeg}\n", "spec.yaml")


def test_packed_sources_come_out_as_they_went_in():
    sources = [
        Source("a.jpg", "", "train", ""),
        Source("train/cat/\udce9.jpg", "train", "train", "cat"),
        Source("train/cat/deep/ü.png", "train", "train", "cat", (LabelFile("yolo", "x.txt"),), (0, 1)),
        Source("t.tar#cat/a.jpg", "", "train", "cat", place=packed_member(1 << 50, 77, 3)),
        Source("t.tar#cat/b.jpg", "", "train", "cat", place=-1),
        Source("t.csv#000000000001", "", "train", "", place=Block("t.csv", 0, 10, 1, 2)),
    ]
    packed = PackedSources(sources)
    assert [*packed] == sources
    assert (packed[-1], packed[1:3], len(packed)) == (sources[-1], sources[1:3], 6)


def tree_of(classes: int, photos: int) -> Tree:
    names = [f"{number:05d}.jpg" for number in range(photos)]
    folders = {f"class{number:03d}": Folder([], names, [], 0) for number in range(classes)}
    return Tree("nowhere", {"": Folder([*folders], [], [], 0), **folders})


def test_sources_of_a_walk_stand_in_the_order_of_their_bytes():
    inside = {"a": Folder(["b", "b-c"], ["b.jpg", "c.jpg"], [], 0), "a-a": Folder([], ["z.jpg"], [], 0)}
    deep = {"a/b": Folder([], ["x.jpg"], [], 0), "a/b-c": Folder([], ["x.jpg"], [], 0)}
    tree = Tree("nowhere", {"": Folder(["a", "a-a"], [], [], 0), **inside, **deep})
    found = [source.path for source in in_classes(tree, "", "train")]
    assert found == ["a-a/z.jpg", "a/b-c/x.jpg", "a/b.jpg", "a/b/x.jpg", "a/c.jpg"]
    assert found == sorted(found, key=os.fsencode)


def test_a_planned_source_takes_at_most_60_bytes():
    tree = tree_of(20, 1000)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        items = output_names.items(SPEC, Path("nowhere"), PackedSources(in_classes(tree, "", "train")))
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(items) == 20_000
    assert taken < 60 * len(items)
    assert items[1].stem == "class000/00001"
    assert [item.stem for item in items[1::10_000]] == ["class000/00001", "class010/00001"]
