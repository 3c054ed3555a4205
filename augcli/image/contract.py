"""What every transform promises, ours and those of other packages: how it is declared, and how it behaves."""

from __future__ import annotations

import inspect
import json
import pickle
import typing
from collections.abc import Iterator
from typing import Any

import numpy as np

from augcli.image import ops
from augcli.image.arrays import Picture, Size
from augcli.image.ops import Blend, Op, size_after
from augcli.image.package_steps import fault_of_op, in_a_line
from augcli.image.transform import Transform
from augcli.problems import Unusable
from augcli.random_streams import Streams
from augcli.settings import Setting, Settings, plain

SIZES = (Size(1, 1), Size(1, 40), Size(40, 1), Size(17, 11), Size(48, 36))


def fault_of(found: object) -> str | None:
    """Say why a class cannot be a transform as it is declared; None for one that can."""
    if not (isinstance(found, type) and issubclass(found, Transform)):
        return "is no subclass of Transform"
    if inspect.isabstract(found):
        return f"has no {' and no '.join(sorted(found.__abstractmethods__))}"
    if not found.__doc__:
        return "has no docstring, whose first line says what it does"
    if (said := _no_named_tuple(found)) is not None:
        return f"has a `sample` that does not say which NamedTuple it returns{said}"
    try:
        fields = found.fields
    except Exception as error:  # whatever the evaluation of an annotation may raise
        return f"has a setting whose type cannot be read ({in_a_line(error)})"
    strange = [key for key, field in fields.items() if not _is_declared(field)]
    return f"does not declare `{strange[0]}` with setting() and one of augcli's types" if strange else None


def _no_named_tuple(found: type[Transform[Any]]) -> str | None:
    """Return None for one whose draws are of a NamedTuple; otherwise what names the reason, if there is more to say."""
    try:
        draw: object = found.draw_type()
    except NameError as error:  # such as that of a class that is imported for type checkers alone
        return f" ({in_a_line(error)})"
    except Exception:  # whatever the evaluation of an annotation that is none may raise
        return ""
    return None if isinstance(draw, type) and issubclass(draw, tuple) and hasattr(draw, "_fields") else ""


def _is_declared(field: Setting) -> bool:
    kind = field.annotation
    typed = field.value_type is not None or kind is bool or (isinstance(kind, type) and issubclass(kind, Settings))
    if typing.get_origin(kind) is typing.Literal:
        typed = typed or all(isinstance(word, str) for word in typing.get_args(kind))
    return typed and bool(field.description)


def check_transform(transform: Transform[Any]) -> None:
    """Try a transform on small images, colour, grey and transparent ones. Raises AssertionError for a broken promise.

    This is for the tests of who writes one: try it with its defaults, and at both ends of each setting.
    """
    kind = type(transform)
    fault = fault_of(kind)
    assert fault is None, f"{kind.__name__} {fault}"
    assert pickle.loads(pickle.dumps(transform)) == transform, "it does not come back from a pickle as it was"
    written = json.loads(json.dumps(plain(transform)))
    assert kind(**written) == transform, "its settings, written down, do not make it again"
    for size in SIZES:
        try:
            draw = transform.sample(_stream(), size)
        except Unusable as unusable:
            _check_reason(str(unusable))
            continue
        assert draw == transform.sample(_stream(), size), "the same stream gives another draw"
        if draw is not None:
            again = transform.draw_from(json.loads(_written(transform.params(draw))))
            assert again == draw, f"{draw} comes back from JSON as {again}"
            assert type(again) is kind.draw_type(), f"its draw is no {kind.draw_type().__name__}"
            made = lowered(transform, draw, size)
            for op in made:
                assert (fault := fault_of_op(op)) is None, fault
            assert _pickled(made) == made, "its ops do not come back from a pickle as they were"
            assert lowered(transform, again, size) == made, "the same draw gives ops that are not equal"
            for picture in _pictures(size):
                _check_pixels(transform, draw, again, picture)


def _written(params: dict[str, Any]) -> str:
    for key, value in params.items():
        try:
            json.dumps(value)
        except TypeError as error:
            what = f"`{key}` of its draw is no plain number or word, {value!r}: make it one with int() or float()"
            raise AssertionError(what) from error
    return json.dumps(params)


def _pickled(made: tuple[Op, ...]) -> Any:
    try:
        data = pickle.dumps(made)
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        what = "its ops cannot be pickled, as with a lambda in a Filter: put the function at the top of a module"
        raise AssertionError(what) from error
    return pickle.loads(data)


def _check_reason(reason: str) -> None:
    assert reason == reason.strip(), "why it is unusable has spaces around it"
    assert reason, "it does not say why it is unusable"
    assert "\n" not in reason, "why it is unusable is more than a line"
    assert reason[0] == reason[0].lower(), "why it is unusable begins with a capital"


def _check_pixels(transform: Transform[Any], draw: Any, again: Any, picture: Picture) -> None:
    before = [None if plane is None else plane.copy() for plane in (picture.image, picture.alpha)]
    made = lowered(transform, draw, picture.size)
    result = run(made, picture)
    promised = picture.size
    for op in made:
        promised = size_after(op, promised)
    kind = np.float32 if transform.changes_range else np.uint8
    assert result.image.dtype == kind, f"it gives {result.image.dtype} instead of {np.dtype(kind)}"
    channels = result.image.shape[-1]
    assert result.image.shape == (promised.height, promised.width, channels), "its image is not of the promised size"
    assert channels in (picture.image.shape[2], 3), f"it makes {channels} channels"
    assert np.array_equal(picture.image, before[0]), "it writes to its input"  # type: ignore[arg-type]
    if picture.alpha is not None:
        assert result.alpha is not None, "it loses alpha"
        assert result.alpha.dtype == np.uint8, f"it gives alpha as {result.alpha.dtype}"
        assert result.alpha.shape == (*result.image.shape[:2], 1), "its alpha is not as large as its image"
        assert np.array_equal(picture.alpha, before[1]), "it writes to its input's alpha"  # type: ignore[arg-type]
    same = run(lowered(transform, again, picture.size), picture)
    assert same.image.tobytes() == result.image.tobytes(), "the same draw gives other pixels"


def lowered(transform: Transform[Any], draw: Any, size: Size) -> tuple[Op, ...]:
    """Return the ops of a draw, one or several."""
    found = transform.lower(draw, size)
    return found if isinstance(found, tuple) else (found,)


def run(made: tuple[Op, ...], picture: Picture) -> Picture:
    """Run ops; where others are mixed in, these are the picture itself upside down."""
    other = Picture(picture.image[::-1], None if picture.alpha is None else picture.alpha[::-1])
    return ops.run([op.with_others([other] * op.count) if isinstance(op, Blend) else op for op in made], picture)


def _stream() -> Any:
    return Streams(17, b"cat/a.jpg", 0)("step")


def _pictures(size: Size) -> Iterator[Picture]:
    """Make a transparent picture and a grey one, the same ones each time."""
    noise = np.random.default_rng(3).integers(0, 256, (size.height, size.width, 4), np.uint8)
    # averaged with a slope, as neighbours in photos are alike
    slope = np.linspace(0, 255, size.width).astype(np.uint8)[np.newaxis, :, np.newaxis]
    image = noise // 4 + slope // 4 * 3
    yield Picture(np.ascontiguousarray(image[:, :, :3]), np.ascontiguousarray(noise[:, :, 3:]))
    yield Picture(np.ascontiguousarray(image[:, :, :1]))
