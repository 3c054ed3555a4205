"""A file made again from its manifest row and the bytes of its source, and of those that were mixed in."""

from __future__ import annotations

import json
from collections.abc import Sequence

from augcli.dataset import reading
from augcli.image import ops, pictures
from augcli.image.arrays import Picture
from augcli.labels.annotation import Annotation
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import fits_of, with_partners
from augcli.modality.images.outputs import SourceMaker, encode
from augcli.modality.images.recorded_mixes import recorded_mix
from augcli.modality.images.sources import open_picture
from augcli.output.manifest import Row, unescaped
from augcli.plan.drawing import Recipes
from augcli.plan.output_names import LABELS, Item, outputs
from augcli.plan.recipes import Fit, recorded
from augcli.problems import Unusable
from augcli.spec.spec import Spec
from augcli.storage.hashes import sha256


def make_again(spec: Spec, root: str, item: Item, row: Row, data: bytes, labeller: Labeller) -> bytes:
    """Return the bytes of the file that a row tells of, from those of its source. Raises `Unusable`."""
    if row.status in ("original", "copied"):
        return data
    if row.status == LABELS:
        return _labels_again(spec, root, item, row, data, labeller)
    format = pictures.format_of(data)
    wanted: str = spec.output.format
    item = item._replace(format=pictures.written_format(format or "", wanted))
    header = pictures.read_header(data, spec.max_megapixels)
    params = json.loads(row.params)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, header.size)
    noted = [partner for entry in params for partner in entry.get("partners", ())]
    if noted:
        partners = zip(noted, fits_of(recipe, header.size), strict=True)
        recipe = with_partners(recipe, [_partner(spec, root, item, partner, fit) for partner, fit in partners])
    picture, _ = open_picture(spec, item, data, header)
    return encode(spec, item, ops.run(recipe.ops, picture), header, data)


def _labels_again(spec: Spec, root: str, item: Item, row: Row, data: bytes, labeller: Labeller) -> bytes:
    """Return the file of labels that a row tells of. Raises `Unusable`."""
    item = item._replace(copies=int(row.copy or 0) + 1)  # whatever other sources there are now
    planned = {output.file_name: output for output in outputs(item, spec)}
    if row.file_name not in planned:
        raise Unusable("is not planned any more")
    output = planned[row.file_name]
    assert output.label is not None
    if not output.is_made:
        (said,) = labeller.said(item.source)[output.label]
        return said
    made = SourceMaker(spec, item, data, labeller, None, Recipes(spec))
    mix = recorded_mix(spec, root, item, row, made.header.size, labeller)
    return made.labelled(mix, output.copy).files[output.label]


def labels_of(spec: Spec, root: str, item: Item, row: Row, data: bytes, labeller: Labeller) -> Sequence[Annotation]:
    """Return what labels say of the image that a row tells of. Raises `Unusable`."""
    made = SourceMaker(spec, item, data, labeller, None, Recipes(spec))
    if row.status in ("original", "copied"):
        return [tracks.annotation for tracks in labeller.tracks(item.source, made.header)]
    mix = recorded_mix(spec, root, item, row, made.header.size, labeller)
    return made.labelled(mix, int(row.copy) if row.copy else None).labels


def _partner(spec: Spec, root: str, item: Item, noted: dict[str, object], fit: Fit) -> Picture:
    """Bring a source that was mixed in to what it was then. Raises `Unusable`."""
    path = unescaped(str(noted["source"]))
    data = reading.read_source(root, path)
    if sha256(data) != noted["sha256"]:
        raise Unusable(f"{path}, which is mixed in, is not the one that it was made from")
    header = pictures.read_header(data, spec.max_megapixels)
    params = noted["params"]
    assert isinstance(params, list)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, header.size, fit)
    picture, _ = open_picture(spec, item, data, header)
    return ops.run(recipe.ops, picture)
