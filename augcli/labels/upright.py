"""Labels of a stored picture brought to its upright form, where EXIF turns it."""

from __future__ import annotations

from collections import Counter

from augcli.image.arrays import Matrix, Size
from augcli.image.matrices import inverse
from augcli.image.ops import Warp
from augcli.labels.annotation import Annotation
from augcli.labels.moving import Tracks
from augcli.spec.sections import Labels

_ALL = Labels(min_visible=0, min_pixels=0)


def turned(annotation: Annotation, orientation: int) -> Annotation:
    """Return labels of a picture as stored, of `annotation.size`, as they are on the upright one."""
    if not 2 <= orientation <= 8:
        return annotation
    width, height = annotation.size
    motion = (
        Matrix(-1, 0, width, 0, 1, 0),
        Matrix(-1, 0, width, 0, -1, height),
        Matrix(1, 0, 0, 0, -1, height),
        Matrix(0, 1, 0, 1, 0, 0),
        Matrix(0, -1, height, 1, 0, 0),
        Matrix(0, -1, height, -1, 0, width),
        Matrix(0, 1, 0, -1, 0, width),
    )[orientation - 2]
    size = Size(height, width) if orientation > 4 else annotation.size
    return Tracks(annotation).through([Warp(inverse(motion), size)]).kept(_ALL)


def is_of_stored(stated: Size, upright: Size, orientation: int) -> bool:
    """Tell whether labels that state a size are of the stored picture: it is the stored and not the upright size."""
    return orientation > 4 and stated != upright and stated == Size(upright.height, upright.width)


def doubts_about(stated: Size | None, upright: Size, orientation: int) -> Counter[str]:
    """Return what is doubtful where labels state another size than the picture has; 0 by 0 states none."""
    is_other = stated not in (None, upright, Size(0, 0)) and not (stated and is_of_stored(stated, upright, orientation))
    return Counter({"another size is stated than the image has": 1} if is_other else {})
