"""Steps of other packages: what their code raises, or returns wrongly, makes a source unusable, in one line.

Their functions get views that cannot be written to: decoded pictures are shared by all copies. Steps of ours pass
through as they are.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast, get_args

import numpy as np

from augcli.image.arrays import Layer, Matrix, Places, Size
from augcli.image.matrices import Bounds
from augcli.image.ops import Filter, Mix, Op, Remap, Table, Warp
from augcli.image.transform import Transform
from augcli.problems import Unusable
from augcli.random_streams import Stream, WouldDraw


def sampled(
    transform: Transform[Any],
    step: str,
    stream: Stream,
    size: Size,
    objects: Callable[[], Sequence[Bounds]] | None = None,
) -> Any:
    """Return the draw of a step of that name, None where there is nothing to do. Raises `Unusable`.

    `objects` gives the boxes around what is seen of labelled objects, where there are such.
    """
    package = transform.package()
    if not package:
        return _drawn(transform, stream, size, objects)
    with failing_as(_told(step, package)):
        draw = _drawn(transform, stream, size, objects)
        if draw is not None:
            json.dumps(transform.params(draw))  # as the manifest does
    return draw


def _drawn(
    transform: Transform[Any], stream: Stream, size: Size, objects: Callable[[], Sequence[Bounds]] | None
) -> Any:
    if objects is None or not transform.heeds_objects:
        return transform.sample(stream, size)
    return transform.sample_around(stream, size, objects())


def lowered(transform: Transform[Any], step: str, draw: Any, size: Size) -> tuple[Op, ...]:
    """Return the ops of a draw, one or several, which raise no more than `Unusable` when they run."""
    package = transform.package()
    if not package:
        return _several(transform.lower(draw, size))
    told = _told(step, package)
    with failing_as(told):
        found = _several(transform.lower(draw, size))
        for op in found:
            if fault := fault_of_op(op):
                raise Unusable(f"{told} failed: {fault}")
    return tuple(_guarded(op, told) for op in found)


def fault_of_op(op: object) -> str | None:
    """Say why what `lower` returned cannot be run; None where it can."""
    if not isinstance(op, get_args(Op)):
        return f"`lower` returned {_kind(op)}, which is no op"
    if isinstance(op, (Warp, Remap)) and not isinstance(op.size, Size):
        return f"the size of its {type(op).__name__} is {_kind(op.size)}, not a Size"
    if isinstance(op, (Warp, Mix)):
        matrix = op.matrix if isinstance(op, Warp) else op.by_pixel
        if not isinstance(matrix, Matrix):
            return f"the matrix of its {type(op).__name__} is {_kind(matrix)}, not a Matrix"
        if not all(map(math.isfinite, matrix)):
            return f"the matrix of its {type(op).__name__} has numbers that are not finite"
    if isinstance(op, Table):
        lut: object = op.lut
        if not isinstance(lut, np.ndarray) or lut.dtype != np.uint8 or lut.shape not in ((256, 1), (256, 3)):
            return f"the table of its Table is {_kind(lut)}, not (256, 1) or (256, 3) uint8"
    return None


@contextmanager
def failing_as(told: str) -> Iterator[None]:
    """Turn whatever another's code raises into `Unusable`, but for what says something to augcli itself."""
    try:
        yield
    except (Unusable, WouldDraw, MemoryError):
        raise
    except Exception as error:
        raise Unusable(f"{told} failed: {in_a_line(error)}") from error


_PATH = re.compile(r"(?<![\w.:/])(?:/[^\s/'\",:]+)+/(?=[^\s/'\",:])")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_LONGEST = 200


def in_a_line(error: BaseException) -> str:
    """Return an exception with the first line of its message, without the paths and addresses of this machine."""
    message = str(error).strip()
    if isinstance(error, OSError) and isinstance(error.filename, str):
        message = message.replace(error.filename, os.path.basename(error.filename))
    words = " ".join(message.partition("\n")[0].split())
    words = _ADDRESS.sub("0x...", _PATH.sub("", words))
    words = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _told(step: str, package: str) -> str:
    return f"step `{step}` of {package}"


def _several(found: Op | tuple[Op, ...]) -> tuple[Op, ...]:
    return found if isinstance(found, tuple) else (found,)


def _guarded(op: Op, told: str) -> Op:
    if isinstance(op, Filter):
        alpha = op.alpha and partial(_changed, op.alpha, told)
        return replace(op, function=partial(_changed, op.function, told), alpha=alpha)
    return replace(op, field=partial(_displaced, op.field, told, op.size)) if isinstance(op, Remap) else op


def _changed(function: Callable[[Layer], Layer], told: str, image: Layer) -> Layer:
    view = image.view()
    view.setflags(write=False)
    with failing_as(told):
        changed = function(view)
        if not _is_alike(changed, image):
            raise Unusable(f"{told} failed: `{_name(function)}` returned {_kind(changed)}, not {_kind(image)}")
    if changed.flags.writeable:
        return changed
    return image if changed is view else changed.copy()


def _is_alike(changed: object, image: Layer) -> bool:
    """Tell whether it is an image of the same size; grey may have become colour."""
    return (
        isinstance(changed, np.ndarray)
        and changed.dtype == image.dtype
        and changed.ndim == 3
        and changed.shape[:2] == image.shape[:2]
        and (changed.shape[2] == image.shape[2] or (changed.shape[2] == 3 and image.dtype == np.uint8))
    )


def _displaced(function: Callable[[], Places], told: str, size: Size) -> Places:
    with failing_as(told):
        field: object = function()
        shape = (size.height, size.width, 2)
        if not isinstance(field, np.ndarray) or field.shape != shape or field.dtype != np.float32:
            raise Unusable(f"{told} failed: `{_name(function)}` returned {_kind(field)}, not {shape} float32")
    return cast("Places", field)


def _name(function: Callable[..., Any]) -> str:
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype}"
    return "nothing" if value is None else f"a value of type {type(value).__name__}"
