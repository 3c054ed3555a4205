"""What stands in a bucket under a name: an object, or a folder where names of objects go on behind it."""

from __future__ import annotations

import os
import stat
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from augcli.problems import Unreachable
from augcli.storage.addresses import Place
from augcli.storage.bucket import overlap
from augcli.storage.bucket.listing import anything_below, below, directly_in
from augcli.storage.bucket.store import address, client, is_writable, key_to_write, obstore, told
from augcli.storage.names import byte_order

_LARGEST_COPY = 4 << 30  # what a bucket copies by itself is a little more


def status(path: Place, follow: bool = True) -> os.stat_result | None:
    """Return what kind of thing has a name, and its size, None where nothing has it. Raises OSError."""
    about = head(path)
    if about is not None:
        return about
    return _status(stat.S_IFDIR) if anything_below(path) or not address(path).key else None


def head(path: Place) -> os.stat_result | None:
    """Return the status of an object, None where there is none of that name. Raises OSError."""
    bucket, key = address(path)
    if not key or not is_writable(path):
        return None
    known = overlap.known_size(path)
    if known is not None:
        return _status(stat.S_IFREG, known) if known >= 0 else None
    try:
        with told(path):
            return _status(stat.S_IFREG, obstore().head(client(bucket), key)["size"])
    except FileNotFoundError:
        return None
    except Unreachable:
        anything_below(path)  # which is told the reason: what a HEAD is answered has no text
        raise


def _status(kind: int, size: int = 0) -> os.stat_result:
    return os.stat_result((kind, 0, 0, 1, 0, 0, size, 0, 0, 0))


def is_file(path: Place) -> bool:
    return head(path) is not None


def seems(path: Place) -> str:
    """Return `folder` or `file` for what a name leads to, else nothing. Raises OSError: a bucket has no dead links."""
    found = status(path)
    if found is None:
        return ""
    return "folder" if stat.S_ISDIR(found.st_mode) else "file"


def names(folder: Place) -> list[str]:
    return [name for name, _ in entries(folder)]


def entries(folder: Place) -> list[tuple[str, str]]:
    folders, objects = directly_in(folder)
    found = dict.fromkeys(objects, "file") | dict.fromkeys(folders, "folder")
    return sorted(found.items(), key=lambda entry: byte_order(entry[0]))


def entries_below(top: Place) -> Callable[[str], list[tuple[str, str]]]:
    """Return what gives the entries of each folder below a place, which is listed once; each may be asked for once."""
    objects: dict[str, list[str]] = {}
    folders: dict[str, set[str]] = {"": set()}
    for name, _ in below(top):
        folder, _, last = name.rpartition("/")
        if folder not in objects:
            objects[folder] = []
            _add_folder(folders, folder)
        objects[folder].append(last)

    def take(folder: str) -> list[tuple[str, str]]:
        inside = folders.pop(folder, set())
        found = [(name, "file") for name in objects.pop(folder, ()) if name not in inside]
        found += [(name, "folder") for name in inside]
        return sorted(found, key=lambda entry: byte_order(entry[0]))

    return take


def _add_folder(folders: dict[str, set[str]], folder: str) -> None:
    """Add a folder to the one that it lies in, and that to the next."""
    while folder not in folders:
        folders[folder] = set()
        above, _, name = folder.rpartition("/")
        _add_folder(folders, above)
        folders[above].add(name)


def files_below(top: Place, but: str) -> Iterator[str]:
    """Return the relative names of all objects below a place, but for those in the folder `but` of it."""
    return (name for name, _ in below(top) if not name.startswith(f"{but}/"))


def statuses(top: Place) -> Callable[[str], os.stat_result | None]:
    """Return what tells the status of any number of relative names below a place, which is listed once for all.

    Of each name a hash of 64 bits is kept, and the size.
    """
    listed: list[array[int]] = []

    def look_up(name: str) -> os.stat_result | None:
        if not listed:
            listed.extend(_sizes_by_hash(top))
        hashes, sizes = listed
        at = bisect_left(hashes, wanted := _hash(name))
        return _status(stat.S_IFREG, sizes[at]) if at < len(hashes) and hashes[at] == wanted else None

    return look_up


def _sizes_by_hash(top: Place) -> tuple[array[int], array[int]]:
    """Return the hashes of all names below a place, sorted, and the sizes that belong to them."""
    hashes, sizes = array("Q"), array("Q")
    for name, size in below(top):
        hashes.append(_hash(name))
        sizes.append(size)
    order = sorted(range(len(hashes)), key=hashes.__getitem__)
    return array("Q", map(hashes.__getitem__, order)), array("Q", map(sizes.__getitem__, order))


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(byte_order(name), digest_size=8).digest())


def size(path: Place) -> int:
    found = head(path)
    if found is None:
        raise FileNotFoundError(2, os.strerror(2), os.fspath(path))
    return found.st_size


def free(folder: Place) -> int:
    return sys.maxsize


def real(path: Place) -> str:
    bucket, key = address(path)
    return f"{bucket}/{key}".rstrip("/")


def behind_link(top: Place, name: str) -> bool:
    return False


def stop_if_gone(root: Place) -> None:
    """Raise OSError where there is nothing in IN any more, or the bucket cannot be used."""
    if not anything_below(root):
        raise FileNotFoundError(2, "gone: there is no object below it", os.fspath(root))


def missing_folders(path: Place) -> list[Any]:
    return [] if anything_below(path) else [path]


def make_folder(path: Place) -> None:
    """Do nothing: a folder is there with what it holds."""


def rename(path: Place, name: Place) -> None:
    """Copy an object to another name of its bucket, whole, then remove it under the first one."""
    (bucket, key), target = address(path), key_to_write(name)
    store = client(bucket)
    with told(path):
        if obstore().head(store, key)["size"] <= _LARGEST_COPY:
            obstore().copy(store, key, target.key)
        else:
            obstore().put(store, target.key, obstore().get(store, key))
    remove(path)


def remove(path: Place) -> None:
    """Remove an object, if it is there."""
    if is_writable(path):
        overlap.forget(path)
        remove_all([path])


def remove_all(paths: list[Place]) -> None:
    """Remove objects of one bucket, as far as they are there, many at once."""
    if not paths:
        return
    try:
        with told(paths[0]):
            obstore().delete(client(address(paths[0]).bucket), [address(path).key for path in paths])
    except FileNotFoundError:  # which not every cloud says
        for path in paths if len(paths) > 1 else ():
            remove_all([path])


def remove_if_empty(folder: Place) -> bool:
    """Tell that a folder goes with the last object in it."""
    return True


def remove_with_all(folder: Place) -> None:
    """Remove all objects below a place."""
    found: list[Place] = []
    for name, _ in below(folder):
        found.append(os.path.join(folder, name))
        if len(found) == 1000:
            remove_all(found)
            found = []
    remove_all(found)
