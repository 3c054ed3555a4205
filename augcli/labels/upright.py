"""Labels of a stored picture brought to its upright form, where EXIF turns it."""

from __future__ import annotations

from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation


def turned(annotation: Annotation, orientation: int) -> Annotation:
    """Return labels of a picture as stored, of `annotation.size`, as they are on the upright one."""
    raise NotImplementedError


def is_of_stored(stated: Size, upright: Size, orientation: int) -> bool:
    """Tell whether labels that state a size are of the stored picture: it is the stored and not the upright size."""
    return orientation > 4 and stated != upright and stated == Size(upright.height, upright.width)
