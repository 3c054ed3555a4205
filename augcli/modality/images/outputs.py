"""The files of a source, made from its bytes: header, recipes, one decode for all of them, pixels, file, row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.image.pictures import Header
from augcli.image.transparency import layers
from augcli.modality.images.mixes import Mixer
from augcli.modality.images.sources import open_picture
from augcli.output.manifest import Row, params_text
from augcli.plan import recipes
from augcli.plan.output_names import Item, Output
from augcli.plan.recipes import Recipe
from augcli.plan.rows import row_of
from augcli.spec.spec import Spec
from augcli.storage import hashes


def make(
    spec: Spec, item: Item, planned: Sequence[Output], data: bytes, digest: str, mixer: Mixer | None = None
) -> Iterator[tuple[Output, Row, bytes]]:
    """Make files of one source from its bytes: each with its row and its own bytes. Decodes at most once.

    Raises `Unusable` before the first of them where a step cannot be applied.
    """
    header = None
    if any(output.is_made for output in planned):
        header = pictures.read_header(data, spec.max_megapixels)
    drawn = {
        output: recipes.recipe(spec, item.source, output.copy, header.size)
        for output in planned
        if header is not None and output.is_made
    }
    picture, converted = (None, "") if header is None else open_picture(spec, item, data, header)
    shared = None if picture is None else layers(picture)
    for output in planned:
        if output not in drawn:
            size = pictures.stored_size(data)
            yield output, row_of(item, output, size, source_sha256=digest, sha256=digest, bytes=len(data)), data
            continue
        assert picture is not None
        assert header is not None
        recipe, soft_label = mixed(mixer, item, output.copy, header.size, drawn[output])
        made = ops.run(recipe.ops, picture, shared)
        encoded = encode(spec, item, made, header, data)
        row = row_of(
            item,
            output,
            made.size,
            source_sha256=digest,
            sha256=hashes.sha256(encoded),
            bytes=len(encoded),
            converted=converted,
            params=params_text(recipe.params()),
            soft_label=soft_label,
        )
        yield output, row, encoded


def mixed(mixer: Mixer | None, item: Item, copy: int | None, size: Size, recipe: Recipe) -> tuple[Recipe, str]:
    """Return a recipe with its partners, and its soft label; as it is where nothing is mixed."""
    return (recipe, "") if mixer is None else mixer.complete(item, copy, size, recipe)


def encode(spec: Spec, item: Item, picture: Picture, header: Header, data: bytes) -> bytes:
    """Write a picture as a file in the format of its source's outputs; header and data are the source's."""
    output, quality = spec.output, spec.output.quality
    profile = pictures.kept_profile(header.profile, header.mode, spec.input.color_profiles)
    if quality == "keep":
        if item.format == header.format == "jpeg":
            return pictures.encode_like(picture, data, output.optimize, profile)
        quality = 95
    return pictures.encode(picture, item.format, quality, output.subsampling, output.optimize, profile)
