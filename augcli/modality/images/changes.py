"""Which files of an unchanged source no longer are what is asked for: of another spec, or mixed with others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from augcli.image import pictures
from augcli.modality.images.gate import attempt_of
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import Mixer
from augcli.output.manifest import Row
from augcli.plan import recipes
from augcli.plan.output_names import Item, Output
from augcli.problems import Unusable
from augcli.spec.spec import Spec


def outdated(
    spec: Spec,
    item: Item,
    data: bytes,
    rows: Mapping[Output, Row],
    made_by: Spec,
    mixer: Mixer | None,
    labeller: Labeller,
) -> Iterator[tuple[Output, str]]:
    """Return which files of a source no longer hold, and why. Their rows were made by the spec `made_by`."""
    try:
        header = pictures.read_header(data, spec.max_megapixels)
    except Unusable:  # to the present spec: who makes it will say why
        yield from dict.fromkeys(rows, "spec changed").items()
        return
    size, objects = header.size, labeller.objects(item.source, header)
    for output, row in rows.items():
        if made_by is not spec and not recipes.made_alike(made_by, spec, item, output, size, objects):
            yield output, "spec changed"
        elif mixer is not None and "augmented" in (output.status, output.of):
            recipe = recipes.recipe(spec, item.source, output.copy, size, objects, attempt_of(row.notes), output.branch)
            if not mixer.still_mixes(item, output.copy, size, recipe, row):
                yield output, "partner changed"
