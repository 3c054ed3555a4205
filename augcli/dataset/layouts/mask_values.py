"""What lies outside the images of label images: one value for all of a kind, told from those that occur in them.

One image alone cannot tell: 255 may be missing from it. So some are looked at, spread over the set.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from augcli.dataset.layouts.mask_names import kind_of
from augcli.dataset.layouts.tree import Tree
from augcli.dataset.layouts.words import words, words_of
from augcli.dataset.sources import LabelSet
from augcli.problems import Unusable
from augcli.storage import files

_LOOKED_AT = 64
_MEGAPIXELS = 32
"""Of each kind no more are looked at than hold as many together."""

_IDS_THAT_NO_SET_HAS = range(240, 255)
_VOID_COLOURS = ((224, 224, 192), (0, 0, 0))
_MEASURES = words_of("depth depths disparity disparities disp matte mattes alpha edge edges contour contours trimap")
_KNOWN = {
    "labelids": ((0,), "0 is `unlabeled` in Cityscapes"),
    "labeltrainids": ((255,), "255 is ignored in Cityscapes"),
    "instanceids": ((0,), "0 is `unlabeled` in Cityscapes"),
    "instancetrainids": ((255,), "255 is ignored in Cityscapes"),
}


class Outside(NamedTuple):
    """What a constant border is in label images of a kind, and why.

    `is_sure` where it is no class, as far as values tell. `is_fixed` where no setting should say otherwise: ids of
    objects, measures, colours.
    """

    value: tuple[int, ...]
    why: str
    is_sure: bool = True
    is_fixed: bool = False


def outside_of(given: LabelSet) -> dict[str, Outside]:
    """Return what was decided for each kind of label images, from their `LabelSet`."""
    return {kind: _from_plain(said) for kind, said in given.about["kinds"].items()}


def outside_at(about: Mapping[str, Any], path: str) -> Outside:
    """Return what was decided for the label image of a path."""
    said = about.get("kinds", {}).get(kind_of(path))
    return Outside((0,), "nothing is known of it", is_sure=False) if said is None else _from_plain(said)


def _from_plain(said: Mapping[str, Any]) -> Outside:
    return Outside(tuple(said["outside"]), said["why"], said["is_sure"], said["is_fixed"])


def label_set(tree: Tree, paths: Iterable[str]) -> LabelSet:
    """Return what label images have in common, from a sample of each kind."""
    kinds = defaultdict(list)
    for path in paths:
        kinds[kind_of(path)].append(path)
    found = {kind: _decided(tree, kind, sorted(kinds[kind])) for kind in sorted(kinds)}
    about = {
        "kinds": {
            kind: {"outside": list(one.value), "why": one.why, "is_sure": one.is_sure, "is_fixed": one.is_fixed}
            for kind, one in found.items()
        }
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
    return LabelSet("masks", "", about, digest)


def spread(paths: Sequence[str]) -> Sequence[str]:
    """Return some of the paths, spread over all."""
    return paths[:: -(-len(paths) // _LOOKED_AT) or 1]


def _decided(tree: Tree, kind: str, paths: Sequence[str]) -> Outside:
    known = _KNOWN.get(re.split(r"[_/. -]", kind)[-1].lower())
    if known:
        return Outside(*known, is_fixed="instance" in kind.lower())
    modes: set[str] = set()
    values: set[tuple[int, ...]] = set()
    is_many, bits = False, 0
    for mode, depth, seen in _looked_at(tree, paths):
        modes.add(mode)
        bits = max(bits, depth)
        is_many |= seen is None
        values |= seen or frozenset()
    channels = {"RGB": 3, "RGBA": 4, "LA": 2}.get(max(modes, key=len, default=""), 1)
    if channels > 2 and "panoptic" in words(kind):
        return Outside((0,) * 3 + (255,) * (channels - 3), "0 is no segment", is_fixed=True)
    if channels > 2:
        return _of_colours(values, channels, is_many)
    ids = {value[0] for value in values}
    value, why, is_sure, is_fixed = of_ids(ids, bits, is_many or bool(_MEASURES & set(words(kind))))
    if channels == 2:
        return Outside((*value, 255 if {one[1] for one in values} == {255} else 0), why, is_sure, is_fixed)
    return Outside(value, why, is_sure, is_fixed)


def _looked_at(tree: Tree, paths: Sequence[str]) -> Iterator[tuple[str, int, frozenset[tuple[int, ...]] | None]]:
    from augcli.image.pictures.label_images import label_values  # codecs are loaded only where there are label images

    pixels = 0.0
    for path in spread(paths):
        try:
            found = label_values(files.read(os.path.join(tree.root, path)), _MEGAPIXELS)
        except Unusable:  # which its own row will tell
            continue
        yield found.mode, found.bits, found.values
        pixels += found.pixels
        if pixels > _MEGAPIXELS * 1e6:
            return


def of_ids(ids: set[int], bits: int, is_measure: bool) -> Outside:
    """Decide by the values of label images of one channel."""
    if bits > 8:
        return Outside((0,), f"values of {bits} bits are ids of objects or measures", is_fixed=True)
    if is_measure or ids & {*_IDS_THAT_NO_SET_HAS} or (ids <= {0, 127, 128, 255} and len(ids) > 2):
        return Outside((0,), "values are measures or mattes, not ids", is_fixed=True)
    if ids <= {0, 255} or ids <= {0, 1}:
        return Outside((0,), "0 is the background of masks with two values")
    if 255 in ids:
        return Outside((255,), "255 occurs beside other ids")
    return Outside((0,), "no value is known to be void", is_sure=False)


def _of_colours(values: set[tuple[int, ...]], channels: int, is_many: bool) -> Outside:
    """Decide by colours, with alpha or without."""
    colours = {value[:3] for value in values}
    alpha = () if channels == 3 else (255,) if all(value[3:] in ((), (255,)) for value in values) else (0,)
    if is_many:
        return Outside((0, 0, 0, *alpha), "colours are too many to be codes", is_fixed=True)
    if all(len(set(colour)) == 1 for colour in colours):  # grey that was saved as colour
        value, *rest = of_ids({colour[0] for colour in colours}, 8, is_measure=False)
        return Outside((*value * 3, *alpha), *rest)  # type: ignore[arg-type]
    for void in _VOID_COLOURS:
        if void in colours:
            return Outside((*void, *alpha), f"the colour {void} occurs", is_fixed=True)
    return Outside((0, 0, 0, *alpha), "no colour is known to be void", is_sure=False)
