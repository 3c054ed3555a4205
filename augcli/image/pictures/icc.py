"""ICC profiles, built for files that describe their colours by a few numbers instead: chunks, boxes and tags."""

from __future__ import annotations

import struct
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Chromaticities: TypeAlias = tuple[tuple[float, float], ...]
"""Chromaticities x, y of white, red, green and blue."""

_D65, _D50_XYZ = (0.3127, 0.3290), (0.9642, 1.0, 0.8249)
_SRGB = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_ADOBE = (_D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_CORNERS: dict[int, Chromaticities] = {  # ITU-T H.273, table 2
    1: _SRGB,
    4: ((0.310, 0.316), (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_SRGB_CURVE = 0.0
_CURVES = {4: 2.2, 5: 2.8, 8: 1.0, **dict.fromkeys((1, 6, 13, 14, 15), _SRGB_CURVE)}
"""Exponents by the same standard, table 3. Television's is taken for sRGB's, as everyone shows it."""
_BRADFORD = np.array(((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)))


def by_code_points(primaries: int, transfer: int) -> bytes:
    """Return the profile for code points of ITU-T H.273; empty for unspecified ones and for those of high range."""
    if primaries not in _CORNERS or transfer not in _CURVES:
        return b""
    return _profile(_CORNERS[primaries], _CURVES[transfer])


def by_gamma(gamma: float, corners: list[float]) -> bytes:
    """Return the profile for a PNG file's gamma (0 if it has none) and corners (none: sRGB's); empty if impossible.

    A gamma of 1/2.2 stands for sRGB's curve, which files with sRGB's own numbers are told to have beside.
    """
    xy: Chromaticities = tuple(zip(corners[::2], corners[1::2], strict=True)) or _SRGB
    if any(y <= 0 for _, y in xy) or (gamma and not 0.1 <= gamma <= 10):
        return b""
    near = not gamma or abs(gamma / 0.45455 - 1) < 0.05
    try:
        return _profile(xy, _SRGB_CURVE if near else 1 / gamma)
    except (np.linalg.LinAlgError, struct.error):
        return b""


def adobe_rgb() -> bytes:
    """Return the profile of Adobe RGB, which many cameras name in EXIF alone."""
    return _profile(_ADOBE, 563 / 256)


def srgb_grey() -> bytes:
    """Return a profile of grey with sRGB's curve."""
    return _file(b"GRAY", {b"kTRC": _curve(_SRGB_CURVE)})


@cache
def _profile(corners: Chromaticities, gamma: float) -> bytes:
    xyz = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in corners])
    white, primaries = xyz[0], xyz[1:].T
    cone = np.diag(_BRADFORD @ _D50_XYZ / (_BRADFORD @ white))
    columns = np.linalg.inv(_BRADFORD) @ cone @ _BRADFORD @ primaries * np.linalg.solve(primaries, white)
    curve = _curve(gamma)
    tags = {tag: _xyz(columns[:, index]) for index, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _file(b"RGB ", {**tags, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def _curve(gamma: float) -> bytes:
    x = np.linspace(0, 1, 1024)
    y = x**gamma if gamma else np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return b"curv\0\0\0\0" + struct.pack(">I", len(y)) + np.rint(y * 65535).astype(">u2").tobytes()


def _xyz(numbers: tuple[float, ...] | npt.NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(number) * 65536) for number in numbers))


def _file(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Write an ICC profile of version 2 for a display."""
    name = b"made from the file's own tags\0"
    about = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": _xyz(_D50_XYZ),
    }
    table, content = b"", b""
    start, places = 132 + 12 * (len(about) + len(tags)), {}
    for tag, data in (about | tags).items():
        if data not in places:
            places[data] = start + len(content)
            content += data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", places[data], len(data))
    count = struct.pack(">I", len(about) + len(tags))
    header = struct.pack(">I4sI4s4s4s12s4s28s", start + len(content), b"", 0x02400000, b"mntr", space, b"XYZ ",
                         struct.pack(">6H", 2000, 1, 1, 0, 0, 0), b"acsp", b"")  # fmt: skip
    return header + _xyz(_D50_XYZ)[8:] + bytes(48) + count + table + content
