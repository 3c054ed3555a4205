"""The twin of png.c: the pixels of PNG files, filtered and deflated, in NumPy.

What it computes is said where it is called, in this package's `__init__`. Deflate is RFC 1951, filters are
those of the PNG specification.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Image

BAND = 65536
"""Bytes of rows that have a code of their own, or one row."""
_RUN = 5  # equal bytes that are a run, at least
_LONGEST = 258  # bytes of a match
_BITS = 12  # of a code word, at most
_END = 256
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_Numbers: TypeAlias = npt.NDArray[np.int64]
_Rows: TypeAlias = npt.NDArray[np.uint8]


def packed(pixels: Image) -> bytes:
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, width * channels)
    high = max(1, BAND // (rows.shape[1] + 1))
    check, blocks = 1, [_Bits([0x178], [16])]
    for top in range(0, height, high):
        above = rows[top - 1 : top] if top else np.zeros_like(rows[:1])
        band = _filtered(rows[top : top + high], above, channels).ravel()
        check = zlib.adler32(band.tobytes(), check)
        blocks.append(_block(band, top + high >= height))
    return _joined(blocks) + check.to_bytes(4, "big")


class _Bits(NamedTuple):
    """Numbers, each of which is written in so many bits, the lowest first."""

    values: Sequence[int] | _Numbers
    widths: Sequence[int] | _Numbers


def _joined(parts: Sequence[_Bits]) -> bytes:
    words = np.zeros(sum(int(np.sum(part.widths)) for part in parts) // 32 + 2, np.uint64)
    at = 0
    for part in parts:
        ends = at + np.cumsum(np.asarray(part.widths, np.int64))
        starts = ends - part.widths
        shifted = np.asarray(part.values, np.uint64) << (starts & 31).astype(np.uint64)
        # what begins in one word of 32 bits is joined, and reaches into the next one at most
        firsts = np.flatnonzero(np.diff(starts >> 5, prepend=-1))
        joined, places = np.bitwise_or.reduceat(shifted, firsts), starts[firsts] >> 5
        words[places] |= joined & np.uint64(0xFFFFFFFF)
        words[places + 1] |= joined >> np.uint64(32)
        at = int(ends[-1])
    return words.astype("<u4").tobytes()[: -(-at // 8)]


def _filtered(rows: _Rows, above: _Rows, pixel: int) -> _Rows:
    """Return rows behind the number of a filter each: of the first of those that leave the smallest bytes."""
    line = rows.astype(np.int16)
    up = np.concatenate([above, rows[:-1]]).astype(np.int16)
    left, corner = (np.pad(one[:, :-pixel], ((0, 0), (pixel, 0))) for one in (line, up))
    guesses = (0, left, up, (left + up) >> 1, _paeth(left, up, corner))
    ways = np.stack([line - guess for guess in guesses]).astype(np.uint8)
    best = np.minimum(ways, -ways).sum(axis=2, dtype=np.int64).argmin(axis=0)
    return np.concatenate([best[:, np.newaxis].astype(np.uint8), ways[best, np.arange(len(rows))]], axis=1)


def _paeth(left: npt.NDArray[np.int16], up: npt.NDArray[np.int16], corner: npt.NDArray[np.int16]) -> _Numbers:
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    other = np.where(by_up <= by_corner, up, corner)
    return np.where((by_left <= by_up) & (by_left <= by_corner), left, other)


def _block(band: _Rows, is_last: bool) -> _Bits:
    """Deflate bytes as one block."""
    tokens = np.concatenate([*_tokens(band), [_END]])
    symbols, extra, more = (column[tokens] for column in _classes())
    lengths = _lengths(np.bincount(symbols, minlength=286).tolist(), _BITS)
    while not lengths[-1]:
        del lengths[-1]
    words, widths = np.array(_words(lengths)), np.array(lengths)
    # behind a length, and the bits that belong to it, stands one bit for the distance, which is 1
    values = words[symbols] | more << widths[symbols]
    head = _code(lengths)
    return _Bits(
        np.concatenate([[int(is_last) | 2 << 1], head.values, values]),
        np.concatenate([[3], head.widths, widths[symbols] + extra + (tokens > _END)]),
    )


def _tokens(band: _Rows) -> Iterator[_Numbers]:
    """Return bytes as they are, but `_END` and the length of a match for what goes on with the byte before it."""
    starts = np.flatnonzero(np.concatenate([[True], band[1:] != band[:-1]]))
    lengths = np.diff(np.append(starts, len(band)))
    done = 0
    for start, length in zip(starts[lengths >= _RUN].tolist(), lengths[lengths >= _RUN].tolist(), strict=True):
        yield band[done : start + 1].astype(np.int64)
        whole, rest = divmod(length - 1, _LONGEST)
        yield np.array([_END + _LONGEST] * whole + ([_END + rest] if rest >= 3 else []), np.int64)
        done = start + length - (rest if rest < 3 else 0)
    yield band[done:].astype(np.int64)


@cache
def _classes() -> tuple[_Numbers, _Numbers, _Numbers]:
    """Return of each token its symbol, how many bits stand behind that, and those bits."""
    told = [(value, 0, 0) for value in range(_END + 3)]  # no match is of 1 or 2 bytes
    for rest in range(_LONGEST - 3):
        bits = max(0, rest.bit_length() - 3)
        told.append((257 + 4 * bits + (rest >> bits), bits, rest & ((1 << bits) - 1)))
    symbols, extra, more = np.array([*told, (285, 0, 0)]).T
    return symbols, extra, more


def _lengths(counts: Sequence[int], most: int) -> list[int]:
    """Return the lengths of symbols' code words, of `most` bits at most; 0 for what does not occur."""
    ordered = sorted((count, symbol) for symbol, count in enumerate(counts) if count)
    used = len(ordered)
    # Huffman: the two lightest of leaves and nodes become one, again and again; both queues are in order.
    weights, parents, leaf, node = [count for count, _ in ordered], [0] * (2 * used - 1), 0, used
    for made in range(used, 2 * used - 1):
        weights.append(0)
        for _ in range(2):
            if leaf < used and (node >= made or weights[leaf] <= weights[node]):
                lightest, leaf = leaf, leaf + 1
            else:
                lightest, node = node, node + 1
            weights[made] += weights[lightest]
            parents[lightest] = made
    depths, of_length = [0] * (2 * used - 1), [0] * (most + 1)
    for i in range(2 * used - 3, -1, -1):
        depths[i] = depths[parents[i]] + 1
        if i < used:
            of_length[min(depths[i], most)] += 1
    # Words that were cut are too many: one of them goes below a shorter word, until all have room.
    for _ in range(sum(number << (most - length) for length, number in enumerate(of_length)) - (1 << most)):
        shorter = max(length for length in range(1, most) if of_length[length])
        of_length[most] -= 1
        of_length[shorter] -= 1
        of_length[shorter + 1] += 2
    lengths = [0] * len(counts)
    for length, number in enumerate(of_length):
        for _ in range(number):
            lengths[ordered.pop()[1]] = length
    return lengths


def _words(lengths: Sequence[int]) -> list[int]:
    """Turn lengths into code words, with their first bit lowest."""
    words, word = [0] * len(lengths), 0
    for length in range(1, max(lengths) + 1):
        for symbol in (symbol for symbol, its in enumerate(lengths) if its == length):
            words[symbol] = int(f"{word:0{length}b}"[::-1], 2)
            word += 1
        word <<= 1
    return words


def _code(lengths: Sequence[int]) -> _Bits:
    """Return the lengths of code words as they are written: those of symbols, and of the only distance, which is 1."""
    told, at, every = [], 0, [*lengths, 1]
    while at < len(every):
        value, most = every[at], 7 if every[at] else 138
        same = 1
        while at + same < len(every) and same < most and every[at + same] == value:
            same += 1
        if not value and same >= 3:
            told.append((17, 3, same - 3) if same < 11 else (18, 7, same - 11))
        elif value and same >= 4:
            told += [(value, 0, 0), (16, 2, same - 4)]
        else:
            told.append((value, 0, 0))
            same = 1
        at += same
    counts = [0] * len(_ORDER)
    for kind, *_ in told:
        counts[kind] += 1
    own = _lengths(counts, 7)
    words = _words(own)
    shown = [own[kind] for kind in _ORDER]
    while not shown[-1]:
        del shown[-1]
    values, widths = [len(lengths) - 257, 0, len(shown) - 4, *shown], [5, 5, 4, *(3 for _ in shown)]
    for kind, width, more in told:
        values.append(words[kind] | more << own[kind])
        widths.append(own[kind] + width)
    return _Bits(values, widths)
