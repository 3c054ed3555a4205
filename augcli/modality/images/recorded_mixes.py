"""What a manifest row tells of a mix: whose labels came into it, and by which way; no pixel is read."""

from __future__ import annotations

import json
from typing import Any

from augcli.dataset import reading
from augcli.image import pictures
from augcli.image.arrays import Size
from augcli.modality.images.labelled import Labeller, Mixed
from augcli.modality.images.mixes import Mix, fits_of, mixing_of, shares_of, size_at_mix
from augcli.output.manifest import Row, unescaped
from augcli.plan.output_names import Item
from augcli.plan.recipes import Fit, recorded
from augcli.problems import Unusable
from augcli.spec.spec import Spec


def recorded_mix(spec: Spec, root: str, item: Item, row: Row, size: Size, labeller: Labeller) -> Mix:
    """Return the recipe of a row for a source of that size, with the ways of all that is mixed in.

    Raises `Unusable` where that is no longer what it was.
    """
    params = json.loads(row.params)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, size)
    mixing = mixing_of(recipe)
    if mixing is None:
        return Mix(recipe)
    noted = [partner for entry in params for partner in entry.get("partners", ())]
    partners = zip(noted, fits_of(recipe, size), strict=True)
    others = [_partner(spec, root, item, partner, fit, labeller) for partner, fit in partners]
    return Mix(recipe, "", others, shares_of(mixing, size_at_mix(recipe, size)))


def _partner(spec: Spec, root: str, item: Item, noted: dict[str, Any], fit: Fit, labeller: Labeller) -> Mixed:
    path = unescaped(noted["source"])
    source = labeller.sources.get(path)
    if source is None or labeller.digest(source) != noted.get("labels_sha256", ""):
        raise Unusable(f"the labels of {path}, which is mixed in, are not those that it was made from")
    header = pictures.read_header(reading.read_source(root, path), spec.max_megapixels)
    recipe = recorded(spec, spec.steps_of(item.source.role), noted["params"], header.size, fit)
    return Mixed(source, header, recipe.ops)
