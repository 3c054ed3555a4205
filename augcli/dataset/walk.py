"""The walk through IN: each folder is read once, and what is left out is noted with its reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from augcli.dataset.file_kinds import (
    BROKEN_LINKS,
    HIDDEN,
    LINKS,
    LOOPS,
    NO_FILES,
    NOT_REGULAR,
    SYSTEM,
    SYSTEM_NAMES,
    UNREAD,
    kind_by_name,
)
from augcli.dataset.layouts.tree import Folder, Tree, join
from augcli.problems import Problem, Refused
from augcli.storage import places


class Walk:
    """Reads folders once each and counts what it leaves out."""

    def __init__(
        self, root: Path, follow_links: bool, out: Path | None, kind_of: Callable[[str], str] = kind_by_name
    ) -> None:
        """Walk through `root`; a link that is followed may not lead to `out`.

        `kind_of` is given the name of a file, and returns `image` for what is read, of whatever kind, else the reason
        why it is left out.
        """
        self.root = os.fspath(root)
        self.follow_links, self._kind_of = follow_links, kind_of
        self.out = "" if out is None else places.real(out)
        self._entries = places.entries_below(self.root)
        self.left_out: dict[str, list[str]] = {}
        """The paths that are left out, by reason."""
        self.linked: list[str] = []
        """Links to folders in the first two levels, which may be classes."""

    def tree(self) -> Tree:
        """Return all folders of IN that are not left out, a folder before those inside it."""
        pending, folders = [""], {}
        while pending:
            here = pending.pop()
            folders[here] = self._folder(here)
            pending += [join(here, name) for name in folders[here].folders]
        return Tree(self.root, folders)

    def _folder(self, path: str) -> Folder:
        """Return what is directly in a folder."""
        found = Folder([], [], [], 0)
        missed = 0
        full = os.path.join(self.root, path) if path else self.root
        try:
            for name, what in self._entries(path):
                kind = self._kind(name, what, path)
                if kind == "folder":
                    found.folders.append(name)
                elif kind == "image":
                    found.images.append(name)
                else:
                    self.left_out.setdefault(kind, []).append(join(path, name))
                    missed += kind.startswith(UNREAD)
                    if kind not in NO_FILES:
                        found.others.append(name)
        except OSError as error:
            raise Refused(Problem(f"{full}: cannot be read ({error.strerror})", "change its permissions")) from None
        return found._replace(missed=missed)

    def _kind(self, name: str, kind: str, folder: str) -> str:
        """Return `folder`, `image`, or the reason why what has a name in a folder is left out."""
        if name.startswith("."):
            return HIDDEN
        if name.lower() in SYSTEM_NAMES:
            return SYSTEM
        if kind == "link":
            path = os.path.join(self.root, folder, name)
            if not self.follow_links:
                if self._kind_of(name) != "image" and folder.count("/") == 0 and places.seems(path) == "folder":
                    self.linked.append(join(folder, name))
                return LINKS
            if self.out:
                self._refuse_out(path)
            if places.is_folder(path):
                return LOOPS if self._leads_back(path, folder) else "folder"
            kind = "file" if places.is_file(path) else "other" if places.status(path) else "nothing"
        if kind == "file":
            return self._kind_of(name)
        return {"folder": "folder", "other": NOT_REGULAR, "nothing": BROKEN_LINKS}[kind]

    def _leads_back(self, link: str, folder: str) -> bool:
        """Tell whether a link leads to one of the folders that it lies in, which would go on for ever."""
        parts = folder.split("/") if folder else []
        around = [os.path.join(self.root, *parts[:depth]) for depth in range(len(parts) + 1)]
        target = places.real(link)
        return any(_is_or_holds(target, places.real(folder)) for folder in around)

    def _refuse_out(self, link: str) -> None:
        """Refuse a link by which IN would hold OUT, even one that nothing stands behind yet."""
        target = places.real(link)
        is_around_in = _is_or_holds(target, places.real(self.root))  # not followed anyway
        if _is_or_holds(self.out, target) or (_is_or_holds(target, self.out) and not is_around_in):
            raise Refused(Problem(f"{link}: a link that leads to OUT", "remove it, or choose another OUT"))


def _is_or_holds(folder: str, path: str) -> bool:
    """Tell whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
