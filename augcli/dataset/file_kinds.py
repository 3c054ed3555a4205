"""The kinds of files that are told apart by their names: images, and the reasons why others are left out."""

from __future__ import annotations

import os

from augcli.dataset.layouts.words import words_of

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".png", ".apng", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif")
) | frozenset((".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".j2c", ".jxl"))

_RAW_SUFFIXES = words_of(
    ".3fr .arw .cr2 .cr3 .crw .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 .rwl .sr2 .srf .srw"
    " .x3f"
)
_FILM_SUFFIXES = words_of(".3gp .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv")
_ARCHIVE_SUFFIXES = words_of(".7z .bz2 .gz .rar .tar .tgz .xz .zip")
ARCHIVES = "archives that are not unpacked"
_UNREAD_SUFFIXES = (
    (words_of(".svg .psd .exr"), "images in a format that is not read"),
    (_RAW_SUFFIXES, "raw photos that are not read"),
    (_FILM_SUFFIXES, "films"),
    (_ARCHIVE_SUFFIXES, ARCHIVES),
)
"""Files that are counted apart, so that nobody misses them unawares."""

_OF_ONE = (
    {
        "s that are": " that is",
        "images in": "image in",
        "images (": "image (",
        "films": "film",
        "links": "link",
    }
    | {
        "not regular files": "not a regular file",
        "folders and files": "folder or file",
        "shards with": "shard with",
        "tables with": "table with",
        "members whose names lead": "member whose name leads",
        "sparse files": "sparse file",
    }
    | {
        f"{kind}s {where}": f"{kind} {where}"
        for kind in ("text", "table")
        for where in ("beside", "outside", "without")
    }
)
"""How reasons that speak of many speak of one."""

LINKS = "links (not followed)"
BROKEN_LINKS = "broken links"
LOOPS = "links back to a folder around them"
NOT_REGULAR = "not regular files"
HIDDEN = "hidden"
SYSTEM = "system folders and files"
UNREAD = ("images in a format that is not read", "raw photos", LINKS, BROKEN_LINKS)
"""How the reasons begin that keep out what its owner takes for an image of the set."""

NO_FILES = frozenset((HIDDEN, SYSTEM, LINKS, BROKEN_LINKS, LOOPS, NOT_REGULAR))

SYSTEM_NAMES = frozenset(
    (
        *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@__thumb"),  # of network storages
        *("$recycle.bin", "recycler", "system volume information", "found.000"),  # of Windows
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),
        *("__macosx", "icon\r", "network trash folder", "temporary items"),  # of macOS; more of it is hidden
        *("lost+found", "__pycache__"),
    )
)
"""What systems put into anybody's folders, in small letters."""


def is_image(name: str) -> bool:
    """Tell whether a file of that name is taken for an image."""
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def kind_by_name(name: str) -> str:
    """Return `image`, or the reason why a regular file of that name is left out."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix in IMAGE_SUFFIXES:
        return "image"
    for suffixes, kind in _UNREAD_SUFFIXES:
        if suffix in suffixes:
            return f"{kind} ({suffix})"
    return "without an image suffix"


def how_many(number: int, reason: str) -> str:
    """Return `2 films (.mp4)`, `1 film (.mp4)`."""
    for many, one in _OF_ONE.items() if number == 1 else ():
        reason = reason.replace(many, one)
    return f"{number} {reason}"
