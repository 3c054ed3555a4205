"""A file made again from its manifest row and the bytes of its source, and of those that were mixed in."""

from __future__ import annotations

import json

from augcli.dataset import reading
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.modality.images.mixes import size_at_mix, with_partners
from augcli.modality.images.outputs import encode
from augcli.modality.images.sources import open_picture
from augcli.output.manifest import Row, unescaped
from augcli.plan.output_names import Item
from augcli.plan.recipes import recorded
from augcli.problems import Unusable
from augcli.spec.spec import Spec
from augcli.storage.hashes import sha256


def make_again(spec: Spec, root: str, item: Item, row: Row, data: bytes) -> bytes:
    """Return the bytes of the file that a row tells of, from those of its source. Raises `Unusable`."""
    if row.status in ("original", "copied"):
        return data
    format = pictures.format_of(data)
    wanted: str = spec.output.format
    item = item._replace(format=pictures.written_format(format or "", wanted))
    header = pictures.read_header(data, spec.max_megapixels)
    params = json.loads(row.params)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, header.size)
    noted = [partner for entry in params for partner in entry.get("partners", ())]
    if noted:
        size = size_at_mix(recipe, header.size)
        recipe = with_partners(recipe, [_partner(spec, root, item, partner, size) for partner in noted])
    picture, _ = open_picture(spec, item, data, header)
    return encode(spec, item, ops.run(recipe.ops, picture), header, data)


def _partner(spec: Spec, root: str, item: Item, noted: dict[str, object], size: Size) -> Picture:
    """Bring a source that was mixed in to what it was then. Raises `Unusable`."""
    path = unescaped(str(noted["source"]))
    data = reading.read_source(root, path)
    if sha256(data) != noted["sha256"]:
        raise Unusable(f"{path}, which is mixed in, is not the one that it was made from")
    header = pictures.read_header(data, spec.max_megapixels)
    params = noted["params"]
    assert isinstance(params, list)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, header.size, size)
    picture, _ = open_picture(spec, item, data, header)
    return ops.run(recipe.ops, picture)
