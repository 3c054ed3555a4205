"""The contact sheet: sources beside their copies, with the applied values, in the pixels that a run writes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import PIL.Image
import PIL.PngImagePlugin

from augcli.commands.preview.choice import MADE_BY, MOST_COPIES, chosen
from augcli.commands.preview.contact_sheet import Cell, framed, laid_out, without_picture
from augcli.commands.preview.labels import Palette, labelled
from augcli.dataset.listing import Listing
from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source
from augcli.engine.bar import Bar
from augcli.image import pictures
from augcli.image.arrays import Numbers, Picture, Size
from augcli.image.ops import Scale
from augcli.image.transform import Nothing
from augcli.modality import Digests
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import Mixer
from augcli.modality.images.outputs import SourceMaker
from augcli.modality.images.sources import decode_as_spec_says
from augcli.plan import output_names
from augcli.plan.copies import copies_of
from augcli.plan.drawing import Recipes
from augcli.plan.output_names import Item
from augcli.problems import Unusable
from augcli.spec.pipeline import PipelineNode, leaves
from augcli.spec.spec import Spec


def is_ours(path: Path, made_by: str = MADE_BY) -> bool:
    """Tell whether a picture is a contact sheet of that command. Raises OSError, SyntaxError and ValueError."""
    with PIL.Image.open(path, formats=["PNG"]) as there:
        return bool(there.info.get("Software") == made_by)


def as_png(drawn: PIL.Image.Image, made_by: str = MADE_BY) -> bytes:
    """Return a contact sheet as a PNG that says what made it."""
    said = PIL.PngImagePlugin.PngInfo()
    said.add_text("Software", made_by)
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG", pnginfo=said)
    return buffer.getvalue()


def sheet(
    spec: Spec, root: Path, sources: list[Source], listing: Listing, rows: int, with_labels: bool
) -> PIL.Image.Image:
    """Draw the contact sheet of some of these sources, which are all of the augmented split."""
    wanted = set(chosen(sources, rows))
    items = [
        item
        for item in output_names.items(spec, root, sources, copies_of(spec, root, listing))
        if item.source in wanted
    ]
    labeller = Labeller(spec, str(root), listing.sets)
    mixer = Mixer(spec, str(root), sources, labeller) if spec.mixes else None
    palette = Palette() if with_labels else None
    total = sum(1 + min(item.copies, MOST_COPIES) for item in items)
    with Bar(total=total, unit="img", delay=1, disable=None, leave=False) as bar:  # on a terminal only

        def told(row: Iterator[Cell]) -> Iterator[Cell]:
            for cell in row:
                bar.update()
                yield cell

        return laid_out([list(told(cells(spec, root, item, labeller, mixer, palette))) for item in items])


def cells(
    spec: Spec, root: Path, item: Item, labeller: Labeller, mixer: Mixer | None, palette: Palette | None
) -> Iterator[Cell]:
    """Return the cells of a source and its copies, with labels drawn in the colours of a palette, if one is given."""
    try:
        data = read_source(str(root), item.source.path, item.source.member)
        header = pictures.read_header(data, spec.max_megapixels)
        original, _ = decode_as_spec_says(spec, data, header)
        cell = framed(original, item.source.path, [f"{header.size.width} x {header.size.height}"])
        own = [tracks.kept(spec.labels) for tracks in labeller.tracks(item.source, header)] if palette else []
        yield labelled(cell, own, palette) if palette else cell
        copies = [output for output in output_names.outputs(item, spec) if output.status == "augmented"][:MOST_COPIES]
        maker = SourceMaker(spec, item, data, labeller, mixer, Recipes(spec))
        for output, row, encoded in maker.make(copies, Digests("")):
            if encoded is None:
                yield without_picture(f"copy {output.copy}", ["left out: it has lost all objects"])
                continue
            lines = [caption(params) for params in json.loads(row.params)] or ["nothing applied"]
            if row.soft_label:
                lines.append(" + ".join(f"{share:.2g} {label}" for label, share in json.loads(row.soft_label).items()))
            if item.format == "npy":
                shown, said = stored_picture(encoded, spec, item.source.role, json.loads(row.params))
                lines.append(said)
            else:
                shown = pictures.decode(encoded, pictures.read_header(encoded, float("inf")))
            cell = framed(shown, f"copy {output.copy}, {row.width} x {row.height}", lines)
            yield labelled(cell, maker.labels(), palette) if palette else cell
    except Unusable as unusable:
        yield without_picture(item.source.path, [str(unusable)])


def caption(params: dict[str, Any]) -> str:
    """Say one applied step in a few words: `rotate degrees 12.31`."""
    return f"{params['step']} {values_of(params)}".rstrip()


def values_of(params: dict[str, Any]) -> str:
    """Say the values of one applied step: `degrees 12.31`."""
    untold = ("step", "seed", "order", "partners")
    values = [f"{key} {_short(value)}" for key, value in params.items() if key not in untold]
    values += [f"with {partner['source']}" for partner in params.get("partners", ())]
    order = params.get("order", ())
    if order:
        values = [text for name in order for text in values if text.startswith(name + " ")]
    return ", ".join(values)


def stored_picture(data: bytes, spec: Spec, role: str, params: list[dict[str, Any]]) -> tuple[Picture, str]:
    """Show an array that a run wrote of an image of a split; `params` tell which steps were applied to it.

    Raises `Unusable` where it is none.
    """
    applied = {entry["step"] for entry in params}
    steps = [step for step in leaves(spec.steps_of(role)) if step.name in applied]
    try:
        return as_picture(np.load(io.BytesIO(data), allow_pickle=False), steps)
    except (ValueError, EOFError, OSError):
        raise Unusable("not an array that augcli wrote") from None


def as_picture(numbers: Numbers, steps: Iterable[PipelineNode]) -> tuple[Picture, str]:
    """Show the numbers that value-range steps made as the picture that they were, and say what their range is."""
    said = f"numbers from {numbers.min():.3g} to {numbers.max():.3g}"
    for step in reversed([step for step in leaves(tuple(steps)) if step.transform.changes_range]):
        scaled = cast("Scale", step.transform.lower(Nothing(), Size(1, 1)))
        numbers = (numbers * np.array(scaled.std, np.float32) + np.array(scaled.mean, np.float32)) / (scaled.scale or 1)
    return Picture(np.clip(np.rint(numbers), 0, 255).astype(np.uint8)), said


def _short(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "(" + " ".join(_short(item) for item in value if item is not None) + ")"
    return f"{value + 0.0:.4g}" if isinstance(value, float) else str(value)  # -0 is 0
