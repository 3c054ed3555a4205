"""The samples of a tar shard: an image and what stands beside it, which share a name up to its first dot."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from augcli.dataset.containers import CUT_OFF
from augcli.dataset.containers.tar_shards import CUT, FILE, Head, Tar, plain_name
from augcli.dataset.file_kinds import HIDDEN, IMAGE_SUFFIXES, SYSTEM, SYSTEM_NAMES
from augcli.dataset.sources import packed_member

NOT_TOLD, FOLDER, JSON, CLS, COLUMN = range(5)
"""By what the class of an image is told; of several in one split the last counts."""

OUTSIDE = "members whose names lead out of their shard"
ASIDE = "shards with members that are not read"

_KEYS = ("label", "class", "cls")
"""What JSON beside an image may call its class."""
_READ = (".cls", ".json")
_MOST = 1 << 20
"""Bytes of what is read beside an image."""
_MAGIC, _MANY = 64, 8


class Image(NamedTuple):
    """An image in a shard: its path, its place, and what is said of its class, by what."""

    path: str
    member: int
    label: str | int | None
    told_by: int


@dataclass
class _Sample:
    images: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    """Images whose suffix is not all that follows the first dot, such as `.seg.png`."""
    label: str | int | None = None
    told_by: int = NOT_TOLD


class Notes:
    """What listing shards has left out, by which words classes are told, and the columns of images."""

    def __init__(self) -> None:
        self.left_out: dict[str, list[str]] = {}
        self.words: set[str] = set()
        self.columns: set[str] = set()

    def leave_out(self, reason: str, path: str) -> None:
        self.left_out.setdefault(reason, []).append(path)


def samples(tar: Tar, shard: str, notes: Notes) -> Iterator[Image]:
    """Give the images of a shard. Raises `NoTar` and OSError.

    What is behind a cut or damage is one image that cannot be read.
    """
    found: dict[str, _Sample] = {}
    aside: dict[str, None] = {}
    cut: Head | None = None
    for head in tar.heads():
        if head.kind == CUT:
            cut = head
            break
        name = plain_name(head.name)
        reason = head.kind if name else OUTSIDE
        parts = name.split("/")
        if reason == FILE and any(part.startswith(".") for part in parts):
            reason = HIDDEN
        if reason == FILE and any(part.lower() in SYSTEM_NAMES for part in parts):
            reason = SYSTEM
        if reason != FILE:
            notes.leave_out(reason, f"{shard}#{head.name}")
            continue
        base, dot, suffix = parts[-1].partition(".")
        key, suffix = "/".join((*parts[:-1], base)), (dot + suffix).lower()
        last = suffix[suffix.rfind(".") :]
        if last in IMAGE_SUFFIXES:
            sample = found.setdefault(key, _Sample())
            images = sample.images if suffix == last else sample.others
            images[name] = packed_member(head.offset, head.length, _format_number(tar.read(head.offset, _MAGIC)))
        elif not (suffix in _READ and _tells_class(tar, head, suffix, found.setdefault(key, _Sample()), notes)):
            aside[last] = None
    for sample in found.values():
        if sample.images:
            aside |= dict.fromkeys("." + os.path.basename(name).partition(".")[2].lower() for name in sample.others)
        for name, member in (sample.images or sample.others).items():
            yield Image(f"{shard}#{name}", member, sample.label, sample.told_by)
    for suffix in aside if len(aside) <= _MANY else (", ".join([*aside][:_MANY]) + "...",):
        notes.leave_out(f"{ASIDE} ({suffix or 'without a suffix'})", shard)
    if cut is not None:
        yield Image(f"{shard}#{plain_name(cut.name) or 'the rest'}", CUT_OFF, None, NOT_TOLD)


def _tells_class(tar: Tar, head: Head, suffix: str, sample: _Sample, notes: Notes) -> bool:
    """Note what a member beside an image says of its class; tell whether it says something."""
    if head.length > _MOST:
        return False
    if suffix == ".cls":
        text = os.fsdecode(tar.read(head.offset, head.length)).strip()
        known = bool(text) and text != "-1"
        sample.label, sample.told_by = _number(text) if known else None, CLS if known else NOT_TOLD
        return True
    label, word = _said(tar.read(head.offset, head.length))
    if label is None:
        return False
    if sample.told_by != CLS:
        sample.label, sample.told_by = label, JSON
    notes.words.add(word)
    return True


def _number(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _said(data: bytes) -> tuple[str | int | None, str]:
    """Return what JSON says of a class, and by which word."""
    if not any(b'"%s"' % word.encode() in data for word in _KEYS):
        return None, ""
    try:
        about = json.loads(data)
    except (ValueError, RecursionError):
        return None, ""
    for word in _KEYS if isinstance(about, dict) else ():
        label = about.get(word)
        if isinstance(label, (str, int)) and not isinstance(label, bool) and label not in ("", -1):
            return label, word
    return None, ""


def number_of(format: str | None) -> int:
    """Return the number of a format as it is packed; 0 where it is none that is read."""
    from augcli.image.pictures import FORMATS  # loads codecs

    return 0 if format is None else [str(one) for one in FORMATS].index(format) + 1


def _format_number(start: bytes) -> int:
    from augcli.image.pictures import format_of

    return number_of(format_of(start))
