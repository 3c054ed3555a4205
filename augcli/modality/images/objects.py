"""Objects of a source counted: what its files of labels say, and what the steps of some copies leave of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from augcli.image.ops import Blend
from augcli.labels.annotation import Annotation, Object
from augcli.modality.images.labelled import Labeller
from augcli.modality.objects import Objects
from augcli.plan import recipes
from augcli.plan.image_formats import header_of
from augcli.plan.output_names import Item, outputs
from augcli.problems import Unusable
from augcli.spec.spec import Spec


def counted(spec: Spec, root: str, labeller: Labeller, item: Item, copies: int) -> Objects:
    """Count the objects of a source, and what is left of them in up to so many copies; no picture is decoded."""
    source = item.source
    found = Objects(Counter([source.split]))
    try:
        header = header_of(root, source, spec.max_megapixels)
        tracks = labeller.tracks(source, header)
    except Unusable as unusable:
        found.failed[source.path] = str(unusable)
        return found
    read = [one.annotation for one in tracks]
    found.before.update((source.split, one.name) for one in _objects(read))
    found.planned.update((source.split, one.name) for one in _objects(read) for _ in range(item.copies))
    found.kinds.update(_kind(one) for one in _objects(read))
    found.kinds["label image"] += any(one.image is not None for one in read)
    for annotation in read:
        found.dropped.update(annotation.dropped)
        found.doubts.update(annotation.doubts)
        found.examples.update(dict.fromkeys([*annotation.dropped, *annotation.doubts], source.path))
    images = (output for output in outputs(item, spec) if output.is_made and output.label is None)
    for output in islice(images, copies):
        try:
            objects_of = labeller.objects(source, header)
            ops = recipes.recipe(spec, source, output.copy, header.size, objects_of, branch=output.branch).ops
        except Unusable:
            continue
        ops = [op for op in ops if not isinstance(op, Blend)]  # nothing is known of the others
        left = [one.through(ops).kept(spec.labels) for one in tracks]
        found.tried.update((source.split, one.name) for one in _objects(read))
        found.left.update((source.split, one.name) for one in _objects(left))
        found.small_before += sum(map(_is_small, _objects(read)))
        found.small_left += sum(map(_is_small, _objects(left)))
    return found


def _objects(annotations: Sequence[Annotation]) -> list[Object]:
    return [one for annotation in annotations for one in annotation.objects]


def _kind(one: Object) -> str:
    if one.rings or one.bitmap is not None:
        return "shape"
    return next((kind for kind in ("corners", "keypoints", "box") if getattr(one, kind) is not None), "lines")


def _is_small(one: Object) -> bool:
    if one.box is None:
        return False
    left, top, right, bottom = one.box
    return min(right - left, bottom - top) < Objects.small_side
