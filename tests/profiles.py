"""Colour profiles made from published numbers, for tests."""

from __future__ import annotations

import struct

import numpy as np

WHITE, PAPER = np.array([0.95047, 1.0, 1.08883]), np.array([0.9642, 1.0, 0.8249])  # D65, D50
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
CORNERS = {
    "srgb": [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)],
    "adobe": [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)],
    "p3": [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)],
    "prophoto": [(0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)],
}
GAMMA = {"srgb": 0.0, "adobe": 563 / 256, "p3": 0.0, "prophoto": 1.8}


def to_xyz(name: str) -> np.ndarray:
    """The matrix from linear red, green, blue to XYZ under D50."""
    white = PAPER if name == "prophoto" else WHITE
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in CORNERS[name]]).T
    adapted = np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ PAPER) / (BRADFORD @ white)) @ BRADFORD
    return adapted @ (columns * np.linalg.solve(columns, white))


def linear(levels: np.ndarray, gamma: float) -> np.ndarray:
    x = levels / 255
    return x**gamma if gamma else np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def srgb_levels(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def in_srgb(name: str, levels: np.ndarray) -> np.ndarray:
    """What levels of a space are in sRGB, by the definition."""
    return srgb_levels(linear(levels, GAMMA[name]) @ (np.linalg.inv(to_xyz("srgb")) @ to_xyz(name)).T)


def _xyz(numbers) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(number) * 65536) for number in numbers))


def _curve(gamma: float) -> bytes:
    if gamma:
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para\0\0\0\0\0\3\0\0" + struct.pack(">5i", *(round(number * 65536) for number in numbers))


def _file(space: bytes, kind: bytes, between: bytes, tags: dict[bytes, bytes]) -> bytes:
    name = b"a test\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"wtpt": _xyz(PAPER),
        **tags,
    }
    table, content, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(content), len(data))
        content += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI4s4s4s", start + len(content), 0x04200000, kind, space, between)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _xyz(PAPER)[8:]
    return head + bytes(128 - len(head)) + table + content


def rgb(name: str) -> bytes:
    matrix, curve = to_xyz(name), _curve(GAMMA[name])
    columns = {tag: _xyz(matrix[:, at]) for at, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _file(b"RGB ", b"mntr", b"XYZ ", columns | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey(gamma: float) -> bytes:
    return _file(b"GRAY", b"mntr", b"XYZ ", {b"kTRC": _curve(gamma)})


def cmyk() -> bytes:
    """Inks on paper, by a table of 5 steps each: a cyan that is rather green, a black that is not quite."""
    ink = np.linspace(0, 1, 5)
    c, m, y, k = np.meshgrid(ink, ink, ink, ink, indexing="ij")
    light = np.stack([(1 - 0.9 * c), (1 - 0.8 * m) * (1 - 0.2 * c), (1 - 0.95 * y) * (1 - 0.1 * m)], -1) ** 2
    light = light * (1 - 0.97 * k[..., None]) ** 2
    t = light @ to_xyz("srgb").T / PAPER
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)
    grid = np.rint(np.clip(lab * (2.55, 1, 1) + (0, 128, 128), 0, 255)).astype(np.uint8)
    unit = struct.pack(">9i", *(np.eye(3).ravel() * 65536).astype(int))
    table = (
        b"mft1\0\0\0\0" + bytes((4, 3, 5, 0)) + unit + bytes(range(256)) * 4 + grid.tobytes() + bytes(range(256)) * 3
    )
    return _file(b"CMYK", b"prtr", b"Lab ", {b"A2B0": table})
