"""Label images: PNG, TIFF or lossless WebP with ids, codes or measures; each pixel is a value and never mixed.

Mode, palette and bits of a value are those of the source. BMP, PNM and GIF become PNG.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from augcli.dataset.layouts.mask_values import Outside, outside_at
from augcli.image import pictures
from augcli.image.arrays import Size, size_of
from augcli.image.pictures import label_images
from augcli.labels.annotation import Annotation, LabelImage
from augcli.labels.formats import Shown
from augcli.labels.upright import is_of_stored, turned
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_OTHERS = {".tif": "tiff", ".tiff": "tiff", ".webp": "webp"}


class _Masks:
    """Reads and writes label images."""

    def suffix(self, path: str) -> str:
        suffix = os.path.splitext(path)[1]
        return pictures.suffix_for(_written(suffix), suffix)

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        upright = shown.size
        sizes = (upright, Size(upright.height, upright.width)) if shown.orientation > 4 else (upright,)
        values, stored = label_images.read_label_image(said[0], sizes)
        suffix = os.path.splitext(shown.label_path)[1]
        if stored.format != _written(suffix):
            raise Unusable(f"{stored.format.upper()} whose name ends in `{suffix}`; rename it to what it is")
        outside = _outside(outside_at(about, shown.label_path), values.shape[2], settings)
        most = max((value for pair in settings.swap for value in pair), default=0)
        stored = stored.with_colours(max(*outside, most) + 1)
        bits = f"{stored.bits} bit{'s' * (stored.bits > 1)}"
        if most > stored.largest:
            raise Unusable(f"the value {most} of `labels: {{swap}}` does not fit {bits}; take it out of `swap`")
        if max(outside) > stored.largest:
            what = f"the value {max(outside)} for what is outside does not fit {bits}"
            raise Unusable(f"{what}; set `labels: {{outside: 0}}`")
        image = LabelImage(values, outside, tuple(settings.swap), words=stored)
        annotation = Annotation(size_of(values), image=image)
        if is_of_stored(annotation.size, upright, shown.orientation):
            annotation = turned(annotation, shown.orientation)
            assert annotation.image is not None
            return replace(annotation, image=replace(annotation.image, untouched=False))
        return annotation

    def write(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> bytes:
        assert annotation.image is not None, "a mask stays one however it is moved"
        stored = annotation.image.words
        if annotation.image.untouched and said and pictures.format_of(said[0]) == stored.format:
            return said[0]
        return label_images.write_label_image(annotation.image.values, stored)


def _written(suffix: str) -> str:
    return _OTHERS.get(suffix.lower(), "png")


def _outside(decided: Outside, channels: int, settings: Labels) -> tuple[int, ...]:
    """Return what is outside an image, for each of its channels."""
    if settings.outside is not None and not decided.is_fixed:
        return (settings.outside,) * channels
    # a single mask may be of another mode than most of its kind
    return decided.value if len(decided.value) == channels else (decided.value[0],) * channels


FORMAT = _Masks()
