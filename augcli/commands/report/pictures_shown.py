"""The contact sheets of a report: originals beside their copies, small, with labels drawn and what was applied."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import NamedTuple

import PIL.Image

from augcli.commands.applied import entries, role_in
from augcli.commands.preview.contact_sheet import scaled
from augcli.commands.preview.copies import stored_picture, values_of
from augcli.commands.preview.labels import Palette, drawn
from augcli.commands.report.choice import Family
from augcli.commands.report.stored import Seen, Store
from augcli.image import pictures
from augcli.image.arrays import Picture
from augcli.modality.images.sources import decode_as_spec_says
from augcli.output.manifest import Row
from augcli.problems import Unusable, printable
from augcli.spec.spec import Spec
from augcli.storage.hashes import sha256

EDGE, QUALITY, MOST_BYTES = 336, 76, 20_000
"""Of each picture that is shown, its longest side in pixels, and how many bytes it may have: `MOST_PICTURES` of them
are less than 5 MB as text.
"""


class Step(NamedTuple):
    """A step in a caption, and the values that it drew."""

    name: str
    values: str


class Shown(NamedTuple):
    """A picture of a page, or the reason why there is none."""

    title: str
    name: str
    size: str
    steps: list[Step]
    notes: list[str]
    image: str = ""
    """As a `data:` address."""
    width: int = 0
    height: int = 0
    reason: str = ""


class Pictures:
    """Makes the pictures of families, from OUT, or of originals from IN where that is given and OUT has none."""

    def __init__(self, spec: Spec, out: Store, originals: Store | None) -> None:
        self._spec, self._out, self._originals = spec, out, originals
        self._palette = Palette()

    def of(self, family: Family) -> list[Shown]:
        """Return the original, if there is one, and then what was made of it."""
        return [*self._original(family), *self._copies(family)]

    def _original(self, family: Family) -> Iterator[Shown]:
        own = family.original
        if own is not None:
            yield self._shown(Shown("original", printable(own.file_name), "", [], []), self._out, own.file_name)
        elif self._originals is not None:
            shown = Shown("original", printable(family.source), "", [], [])
            yield self._shown(shown, self._originals, family.source, family.made[0].source_sha256)

    def _copies(self, family: Family) -> Iterator[Shown]:
        titles = [_title(row) for row in family.made]
        for row, title in zip(family.made, titles, strict=True):
            name = printable(row.file_name)
            notes = [printable(row.notes)] if row.notes else []
            if row.soft_label:
                notes.append(printable(_shares(row.soft_label)))
            steps = _steps(row) if row.status != "transformed" or row.params else []
            own = title if titles.count(title) == 1 else name
            yield self._shown(Shown(own, name, "", steps, notes), self._out, row.file_name, made=row)

    def _shown(self, shown: Shown, store: Store, name: str, sha256_of: str = "", made: Row | None = None) -> Shown:
        try:
            seen = store.read(name)
            if sha256_of and sha256(seen.data) != sha256_of:
                shown.notes.append("has changed since it was augmented")
            image, size = self._drawn(seen, made, shown.notes)
        except Unusable as unusable:
            return shown._replace(reason=printable(str(unusable)))
        return shown._replace(image=_address(image), width=image.width, height=image.height, size=size)

    def _drawn(self, seen: Seen, made: Row | None, notes: list[str]) -> tuple[PIL.Image.Image, str]:
        if made is not None and made.file_name.endswith(".npy"):
            picture, said = stored_picture(seen.data, self._spec, role_in(made.split), entries(made.params))
            notes.append(said)
            return scaled(picture, EDGE).convert("RGB"), _size(picture)
        header = pictures.read_header(seen.data, float("inf"))
        picture, _ = decode_as_spec_says(self._spec, seen.data, header)
        image = scaled(picture, EDGE).convert("RGB")
        try:
            labels = seen.labels(header)
        except Unusable as unusable:
            notes.append(printable(f"labels: {unusable}"))
            labels = ()
        return drawn(image, labels, self._palette) if labels else image, _size(picture)


def _size(picture: Picture) -> str:
    return f"{picture.size.width} × {picture.size.height}"


def _title(row: Row) -> str:
    if row.status == "transformed":
        return "transformed"
    return f"{'view' if row.status == 'view' else 'copy'} {row.copy}"


def _shares(soft_label: str) -> str:
    try:
        return " + ".join(f"{share:.2g} {label}" for label, share in json.loads(soft_label).items())
    except (ValueError, TypeError, AttributeError, RecursionError):
        return "not what augcli wrote"


def _steps(row: Row) -> list[Step]:
    """Return what a row says of steps, in the words of a preview."""
    try:
        return [Step(printable(entry["step"]), printable(values_of(entry))) for entry in entries(row.params)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return [Step("not what augcli wrote", "")]


def _address(image: PIL.Image.Image) -> str:
    """Return a picture as text, smaller where it would be too much of it: noise cannot be packed."""
    data = _packed(image)
    while len(data) > MOST_BYTES:
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
        data = _packed(image)
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"


def _packed(image: PIL.Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY)
    return buffer.getvalue()
